"""Fit to budget as numbers: units with options, channel groups that tie them together.

A unit is a layer (with those that share its weights, and the norms that fold into it). What it uses
depends on its own settings and on how many channels stay in the groups that it makes or reads, so
that its options stand for one combination of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.budget import Quantity
from engine.correction import Correction, Parts
from engine.cost import Floats
from engine.frozen import FrozenMap

USES = (Quantity.WEIGHTS, Quantity.MACS, Quantity.LATENCY, Quantity.MEMORY)
"""What options use, in the order of their last axis.

All add up over the units. Of memory that is what a unit holds beyond the target, so that the sum is
within 0 where no unit holds more.
"""

CHANNEL = "channel"
"""The method that removes channels of groups."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """A channel group whose number of channels is chosen.

    Attributes:
        id: Of the group.
        members: Rows of the cost table that stand for it.
        ratios: Of each state, rising; the first is 0 unless the group is locked.
        loss: `[states]`.
        plain: `[states]`: the same before it is corrected; None: it is not.
    """

    id: str
    members: tuple[str, ...]
    ratios: tuple[float, ...]
    loss: Floats
    plain: Floats | None = None

    def corrected(self, correction: Correction) -> Channels:
        """With the factors of a correction."""
        plain = self.loss if self.plain is None else self.plain
        factor = correction.factor(CHANNEL) * correction.own_factor(CHANNEL, self.members[0])
        return replace(self, loss=factor * plain, plain=plain)


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
        parts: Method → `[options]`: its part of the loss before it is corrected.
    """

    name: str
    layers: tuple[str, ...]
    groups: tuple[int, ...]
    states: Ints
    settings: tuple[FrozenMap[float], ...]
    loss: Floats
    use: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict)

    def corrected(self, correction: Correction) -> Unit:
        """With the factors of a correction."""
        loss = np.zeros(len(self.settings))
        for method, part in self.parts.items():
            factor = correction.factor(method) * correction.own_factor(method, self.layers[0])
            loss = loss + factor * part
        return replace(self, loss=loss)

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
            {method: part[at] for method, part in self.parts.items()},
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

    @property
    def rows(self) -> dict[str, tuple[str, ...]]:
        """Method → rows that may be given a setting of it; groups by their first."""
        found = {CHANNEL: [group.members[0] for group in self.groups]}
        for unit in self.units:
            for method in unit.parts:
                found.setdefault(method, []).append(unit.layers[0])
        return {method: tuple(rows) for method, rows in found.items()}

    def corrected(self, correction: Correction) -> Problem:
        """With the factors of a correction."""
        units = tuple(unit.corrected(correction) for unit in self.units)
        groups = tuple(group.corrected(correction) for group in self.groups)
        return Problem(units, groups, self.fixed)

    def totals(self, solution: Solution) -> tuple[float, Floats]:
        """Loss, and `[4]` what is used."""
        loss = sum(float(g.loss[s]) for g, s in zip(self.groups, solution.states, strict=True))
        use = self.fixed.copy()
        for unit, place in zip(self.units, solution.options, strict=True):
            loss += float(unit.loss[place])
            use = use + unit.use[place]
        return loss, use

    def parts(self, solution: Solution) -> Parts:
        """Method → row → its part of the loss, before it is corrected; groups by their first."""
        found: dict[str, dict[str, float]] = {}
        for group, state in zip(self.groups, solution.states, strict=True):
            if group.ratios[state] > 0:
                plain = group.loss if group.plain is None else group.plain
                found.setdefault(CHANNEL, {})[group.members[0]] = float(plain[state])
        for unit, place in zip(self.units, solution.options, strict=True):
            for method in unit.settings[place]:
                found.setdefault(method, {})[unit.layers[0]] = float(unit.parts[method][place])
        return FrozenMap({method: FrozenMap(losses) for method, losses in found.items()})

    def choices(self, solution: Solution) -> dict[str, dict[str, float]]:
        """Method → layer → setting; groups by their weighted members."""
        found: dict[str, dict[str, float]] = {}
        for group, state in zip(self.groups, solution.states, strict=True):
            if group.ratios[state] > 0:
                members = dict.fromkeys(group.members, group.ratios[state])
                found.setdefault(CHANNEL, {}).update(members)
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
