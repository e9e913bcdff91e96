"""Fit to budget as numbers: units with options, channel groups that tie them together.

A unit is a layer (with those that share its weights, and the norms that fold into it). What it uses
depends on its own settings and on how many channels stay in the groups that it makes or reads, so
that its options stand for one combination of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.budget import Quantity
from engine.cost import Floats
from engine.frozen import FrozenMap

USES = (Quantity.WEIGHTS, Quantity.MACS, Quantity.LATENCY, Quantity.MEMORY)
"""What options use, in the order of their last axis.

All add up over the units. Of memory that is what a unit holds beyond the target, so that the sum is
within 0 where no unit holds more.
"""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """A channel group whose number of channels is chosen.

    Attributes:
        id: Of the group.
        members: Rows of the cost table that stand for it.
        ratios: Of each state, rising; the first is 0 unless the group is locked.
        loss: `[states]`.
    """

    id: str
    members: tuple[str, ...]
    ratios: tuple[float, ...]
    loss: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What has one choice of settings.

    Attributes:
        name: Of the layer that has them.
        layers: Rows of the cost table that the settings are for; none: it has no settings.
        groups: Places of the groups that change it.
        states: `[options, groups]`: the state of each of them that an option is for.
        settings: Of each option: method → setting.
        loss: `[options]`, without that of the groups.
        use: `[options, 4]` in the order of `USES`.
    """

    name: str
    layers: tuple[str, ...]
    groups: tuple[int, ...]
    states: Ints
    settings: tuple[FrozenMap[float], ...]
    loss: Floats
    use: Floats

    def not_worse(self, quantities: Sequence[int]) -> list[int]:
        """Places of the options that no other one for the same states beats in all that counts."""
        values = np.column_stack([self.loss, self.use[:, list(quantities)]])
        by_state: dict[tuple[int, ...], list[int]] = {}
        for place, state in enumerate(self.states.tolist()):
            by_state.setdefault(tuple(state), []).append(place)
        return sorted(place for places in by_state.values() for place in _best(places, values))

    def only(self, places: Sequence[int]) -> Unit:
        """With some of its options."""
        at = np.asarray(places, np.int64)
        return Unit(
            self.name,
            self.layers,
            self.groups,
            self.states[at],
            tuple(self.settings[place] for place in places),
            self.loss[at],
            self.use[at],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """All units and groups.

    Attributes:
        units: Each with options for every combination of its groups' states.
        groups: Their states.
        fixed: `[4]`: what is used besides, whatever is chosen; NaN: not known.
    """

    units: tuple[Unit, ...]
    groups: tuple[Channels, ...]
    fixed: Floats

    def totals(self, solution: Solution) -> tuple[float, Floats]:
        """Loss, and `[4]` what is used."""
        loss = sum(float(g.loss[s]) for g, s in zip(self.groups, solution.states, strict=True))
        use = self.fixed.copy()
        for unit, place in zip(self.units, solution.options, strict=True):
            loss += float(unit.loss[place])
            use = use + unit.use[place]
        return loss, use

    def choices(self, solution: Solution) -> dict[str, dict[str, float]]:
        """Method → layer → setting; groups by their weighted members."""
        found: dict[str, dict[str, float]] = {}
        for group, state in zip(self.groups, solution.states, strict=True):
            if group.ratios[state] > 0:
                members = dict.fromkeys(group.members, group.ratios[state])
                found.setdefault("channel", {}).update(members)
        for unit, place in zip(self.units, solution.options, strict=True):
            for method, setting in unit.settings[place].items():
                found.setdefault(method, {}).update(dict.fromkeys(unit.layers, setting))
        return found


@dataclass(frozen=True, slots=True)
class Solution:
    """What was chosen.

    Attributes:
        options: Place of an option of each unit.
        states: Place of a state of each group.
        gap: Share by which a better one might be better.
    """

    options: tuple[int, ...]
    states: tuple[int, ...]
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is to be kept to.

    Attributes:
        use: Place in `USES` → at most so much.
        loss: At most so much, in all; None: as little as can be.
    """

    use: Mapping[int, float]
    loss: float | None = None


def _best(places: Sequence[int], values: Floats) -> list[int]:
    """Those of some options that no other one beats; of equals the first."""
    order = sorted(places, key=lambda place: tuple(values[place].tolist()))
    kept: list[int] = []
    for place in order:
        if not any((values[other] <= values[place]).all() for other in kept):
            kept.append(place)
    return kept
