"""Divides what is to be removed among channel groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.methods.pruning.channel import Allocation, ChannelParams, Target, macs_share
from engine.methods.pruning.channel_shapes import Shapes, check_reachable
from engine.methods.pruning.channel_study import Study

_STEPS = 32
"""A group goes from all of its units to none in at most about so many steps."""


def allocate(
    shapes: Shapes,
    chosen: Mapping[str, ChannelParams],
    plan: Mapping[str, int],
    known: Mapping[str, Study],
) -> dict[str, int]:
    """Units kept of each group, where the data decides.

    The steps with the lowest loss for each unit come first; under `sensitivity` with a share of the
    MACs, those with the lowest loss for each MAC that they save of what kernels compute.

    Args:
        shapes: Before.
        chosen: Settings of each group.
        plan: Units kept if all groups with one target lose the same share.
        known: Losses of each group.

    Raises:
        RecipeError: The MACs' target cannot be reached.
    """
    kept = dict(plan)
    pools: dict[tuple[object, ...], list[str]] = {}
    for name, params in chosen.items():
        if params.allocation is not Allocation.UNIFORM:
            key = (params.allocation, params.target, params.ratio)
            pools.setdefault(key, []).append(name)
    for names in pools.values():
        params = chosen[names[0]]
        greedy = _Greedy(shapes, names, kept, known, by_macs=_by_macs(params))
        if params.target is Target.MACS:
            share, _ = macs_share(chosen)
            check_reachable(shapes, {**kept, **greedy.least()}, share)
            kept |= greedy.until(shapes.total_macs({}) * (1 - share), shapes.total_macs)
        else:
            goal = round(sum(greedy.counts.values()) * (1 - params.ratio), 9)
            kept |= greedy.until(goal, _Sum(names))
    return kept


def _by_macs(params: ChannelParams) -> bool:
    """Whether a step's price is its loss for each MAC it saves, not for each unit."""
    return params.allocation is Allocation.SENSITIVITY and params.target is Target.MACS


@dataclass(frozen=True, slots=True)
class _Sum:
    """How many units some groups keep."""

    names: Sequence[str]

    def __call__(self, kept: Mapping[str, int]) -> int:
        return sum(kept[name] for name in self.names)


class _Greedy:
    """Takes the cheapest step again and again, from all units of each group on."""

    def __init__(
        self,
        shapes: Shapes,
        names: Sequence[str],
        kept: Mapping[str, int],
        known: Mapping[str, Study],
        *,
        by_macs: bool,
    ) -> None:
        groups = {group.id: group for group in shapes.table.groups}
        self.shapes = shapes
        self.names = list(names)
        self.counts = {name: groups[name].channels for name in names}
        self.others = {name: n for name, n in kept.items() if name not in self.counts}
        self.by_macs = by_macs
        self.ladders = {
            name: _ladder(self.counts[name], groups[name].unit, shapes, name) for name in names
        }
        self.curves = {
            name: _curve(self.ladders[name], self.counts[name], known[name].losses)
            for name in names
        }
        layers = {name: set(shapes.touched.get(name, ())) for name in names}
        self.near = {
            name: [other for other in names if other == name or layers[other] & layers[name]]
            for name in names
        }

    def least(self) -> dict[str, int]:
        """The fewest units that may stay of each group."""
        return {name: ladder[-1] for name, ladder in self.ladders.items()}

    def until(self, goal: float, amount: Callable[[Mapping[str, int]], float]) -> dict[str, int]:
        """Step until an amount is down to the goal, or nothing is left to remove."""
        place = dict.fromkeys(self.names, 0)
        now = {**self.others, **self.counts}
        steps = {name: self._step(name, 0, now) for name in self.names}
        while amount(now) > goal:
            name = min(steps, key=lambda one: (steps[one].price, self.names.index(one)))
            if steps[name].price == np.inf:
                break
            place[name] = steps[name].place
            now[name] = self.ladders[name][place[name]]
            for other in self.near[name]:
                steps[other] = self._step(other, place[other], now)
        self._give_back(place, now, goal, amount)
        return {name: now[name] for name in self.names}

    def _give_back(
        self,
        place: dict[str, int],
        now: dict[str, int],
        goal: float,
        amount: Callable[[Mapping[str, int]], float],
    ) -> None:
        """Take back what the last steps removed beyond the goal, the dearest first."""
        while True:
            gains = {}
            for name in self.names:
                ladder, curve, at = self.ladders[name], self.curves[name], place[name]
                if at and amount({**now, name: ladder[at - 1]}) <= goal:
                    gains[name] = curve[at] - curve[at - 1]
            if not gains:
                return
            name = max(gains, key=lambda one: gains[one])
            place[name] -= 1
            now[name] = self.ladders[name][place[name]]

    def _step(self, name: str, place: int, now: Mapping[str, int]) -> _Step:
        """The step down a group's ladder with the least loss for what it saves.

        It may leave out rungs: what the first of them save alone may be no more than a part of what
        kernels compute at once.
        """
        ladder, curve = self.ladders[name], self.curves[name]
        best = _Step(float("inf"), place)
        touched = self.shapes.touched.get(name, ()) if self.by_macs else ()
        before = sum(self.shapes.work(layer, now) for layer in touched)
        for to in range(place + 1, len(ladder)):
            loss = curve[to] - curve[place]
            if self.by_macs:
                after = {**now, name: ladder[to]}
                saved = before - sum(self.shapes.work(layer, after) for layer in touched)
            else:
                saved = ladder[place] - ladder[to]
            price = loss / max(saved, 1)
            if price < best.price:
                best = _Step(price, to)
        return best


@dataclass(frozen=True, slots=True)
class _Step:
    """A step down a ladder: loss for each unit of what it saves, and where it leads."""

    price: float
    place: int


def _ladder(count: int, width: int, shapes: Shapes, name: str) -> list[int]:
    """Numbers of units that a group may have, from all of them downwards."""
    rounding = shapes.roundings[name]
    steps = min(_STEPS, count)
    wanted = [count * (steps - i) / steps for i in range(1, steps + 1)]
    found = dict.fromkeys([count, *(rounding.allowed(count, width, w) for w in wanted)])
    return sorted(found, reverse=True)


def _curve(
    ladder: Sequence[int], count: int, losses: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> list[float]:
    """Losses at each rung."""
    return [0.0] + [float(losses[count - rung - 1]) for rung in ladder[1:]]
