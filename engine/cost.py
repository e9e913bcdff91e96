"""The cost table: what each setting of each layer costs in accuracy, and what it saves.

Layers × (method, setting) → predicted loss with an interval, accuracy loss, bytes, MACs, latency.
Estimates come first and are replaced by measurements. Plain numpy, so that a slider is answered on
the spot and a solver can be run on it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.correction import Correction, Part, Parts, expected_loss
from engine.curves import Curves
from engine.frozen import FrozenMap

Floats = NDArray[np.float64]

QUANTITIES = ("loss", "loss_low", "loss_high", "accuracy_drop", "size_bytes", "macs", "latency_ms")
"""What an entry tells, in the order of the table's last axis."""

_SAVINGS = slice(4, 7)
_FALLING = np.array([False] * 4 + [True] * 3)
"""What is saved grows as what is left falls."""
_GEOMETRIC = np.array([True] * 3 + [False] * 4)
_MAX_ENTRIES = 4_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """The settings of one method, mildest first.

    Attributes:
        method: Its name.
        settings: Strictly rising or strictly falling (bits).
        identity: The setting that changes nothing, if there is one.
    """

    method: str
    settings: tuple[float, ...]
    identity: float | None = None

    def __post_init__(self) -> None:
        steps = np.diff(np.asarray(self.settings, np.float64))
        if not self.settings or not np.isfinite(self.settings).all():
            raise ValueError(f"{self.method}: settings must be numbers")
        if not ((steps > 0).all() or (steps < 0).all()):
            raise ValueError(f"{self.method}: settings must rise or fall")

    def with_identity(
        self, values: NDArray[Any], identity: NDArray[Any]
    ) -> tuple[tuple[float, ...], NDArray[Any]]:
        """Settings and values `[rows, settings, …]`, begun by the setting that changes nothing.

        Raises:
            ValueError: Another setting is milder.
        """
        none = self.identity
        if none is None or none in self.settings:
            return self.settings, values
        falls = len(self.settings) > 1 and self.settings[1] < self.settings[0]
        if (self.settings[0] > none) if falls else (self.settings[0] < none):
            raise ValueError(f"{self.method}: nothing is milder than changing nothing")
        return (none, *self.settings), np.concatenate([identity, values], axis=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One cell of the table. NaN: not known.

    Attributes:
        layer: Layer, or id of the channel group, that has the setting.
        method: The method's name.
        setting: On the method's axis.
        loss: Predicted loss: mean KL divergence of the network's outputs, in nats.
        loss_low: Lower end of its interval.
        loss_high: Upper end.
        accuracy_drop: Share of samples lost, 0…1; may be negative.
        size_bytes: Of the layer with this setting.
        macs: Likewise.
        latency_ms: Likewise.
        measured: On data; else estimated.
    """

    layer: str
    method: str
    setting: float
    loss: float = math.nan
    loss_low: float = math.nan
    loss_high: float = math.nan
    accuracy_drop: float = math.nan
    size_bytes: float = math.nan
    macs: float = math.nan
    latency_ms: float = math.nan
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """What a whole set of choices costs.

    Attributes:
        loss: Sum of the predicted losses, corrected by what finished trials measured.
        loss_low: Lower end of its interval.
        loss_high: Upper end.
        accuracy_drop: Sum over the choices where all are known, else what such a loss costs.
        size_bytes: Of all layers, those without a choice at their original value.
        macs: Likewise.
        latency_ms: Likewise.
        measured: Share of the choices that rest on measured entries alone, 0…1.
        unknown: Choices that the table has no loss for; they count as nothing.
        by_method: Method → sum of its losses as the table has them.
        parts: Method → row → its loss as the table has it: what `Finished` is made of.
    """

    loss: float
    loss_low: float
    loss_high: float
    accuracy_drop: float
    size_bytes: float
    macs: float
    latency_ms: float
    measured: float = 0.0
    unknown: tuple[tuple[str, str], ...] = ()
    by_method: FrozenMap[float] = FrozenMap()
    parts: Parts = FrozenMap()


Choices = Mapping[str, Mapping[str, float]]
"""Method → layer → setting. Any weighted member, or the id, stands for a channel group."""


@dataclass(frozen=True, eq=False)
class Groups:
    """What channel groups do to the rows of a table, for a method whose settings are for groups.

    A group's loss is one, however many members it has; it makes its members smaller, and also the
    layers that read them, which may belong to another group.

    Attributes:
        method: The method's name.
        ids: Of the groups.
        members: Of each group, the rows that are members.
        pairs: `[pairs, 2]`: group and row that it makes smaller, as places.
        shares: `[pairs, settings, 3]`: bytes, MACs and latency of that row where the group has
            the method's settings and nothing else changes, as shares of the row as it is.
    """

    method: str
    ids: tuple[str, ...]
    members: tuple[tuple[str, ...], ...]
    pairs: NDArray[np.int64]
    shares: Floats

    @cached_property
    def places(self) -> dict[str, tuple[int, ...]]:
        """Id, or name of a member → places of its groups."""
        found: dict[str, list[int]] = {}
        for place, (name, members) in enumerate(zip(self.ids, self.members, strict=True)):
            for key in dict.fromkeys((name, *members)):
                found.setdefault(key, []).append(place)
        ids = {name: (place,) for place, name in enumerate(self.ids)}
        return {key: tuple(places) for key, places in found.items()} | ids


_AS_PREDICTED = Correction()


@dataclass(frozen=True, eq=False)
class CostTable:
    """Immutable; filling it gives another table.

    Attributes:
        layers: Rows: what can have a setting, each once.
        grids: The methods and their settings; together, in order, the columns.
        baseline: `[layers, 3]`: bytes, MACs and latency of each row as it is; NaN: not known.
        values: `[layers, columns, 7]` in the order of `QUANTITIES`; NaN: not known.
        measured: Of the shape of `values`: what was measured rather than estimated.
        groups: What channel groups do, for each method whose settings are for groups.
    """

    layers: tuple[str, ...]
    grids: tuple[Grid, ...]
    baseline: Floats
    values: Floats
    measured: NDArray[np.bool_]
    groups: tuple[Groups, ...] = ()

    @classmethod
    def empty(
        cls, layers: Sequence[str], grids: Sequence[Grid], baseline: Floats | None = None
    ) -> CostTable:
        """A table in which nothing is known but, perhaps, the layers as they are.

        Raises:
            ValueError: A layer or a method stands twice, or the table would be too large.
        """
        columns = sum(len(grid.settings) for grid in grids)
        if len(set(layers)) != len(layers) or len({a.method for a in grids}) != len(grids):
            raise ValueError("Layers and methods stand once each")
        if len(layers) * columns > _MAX_ENTRIES:
            raise ValueError(f"A table of {len(layers)} × {columns} is too large")
        shape = (len(layers), columns, len(QUANTITIES))
        if baseline is None:
            baseline = np.full((len(layers), 3), np.nan)
        return cls(
            tuple(layers),
            tuple(grids),
            np.array(baseline, np.float64).reshape(len(layers), 3),
            np.full(shape, np.nan),
            np.zeros(shape, np.bool_),
        )

    def with_entries(self, entries: Iterable[Entry]) -> CostTable:
        """Fill in entries. An estimate leaves what was measured; NaN leaves what was known.

        Raises:
            KeyError: The table has no such layer, method or setting.
        """
        values, measured = self.values.copy(), self.measured.copy()
        for entry in entries:
            row = self._rows[entry.layer]
            column = self._columns[entry.method, float(entry.setting)]
            new = np.array([getattr(entry, name) for name in QUANTITIES], np.float64)
            known = ~np.isnan(new)
            if not entry.measured:
                known &= ~measured[row, column]
            values[row, column, known] = new[known]
            measured[row, column, known] = entry.measured
        return replace(self, values=values, measured=measured)

    def entry(self, layer: str, method: str, setting: float) -> Entry:
        """A cell as it was filled in.

        Raises:
            KeyError: The table has no such layer, method or setting.
        """
        row, column = self._rows[layer], self._columns[method, float(setting)]
        cell = dict(zip(QUANTITIES, self.values[row, column].tolist(), strict=True))
        return Entry(layer, method, setting, **cell, measured=bool(self.measured[row, column, 0]))

    def predict(self, layer: str, method: str, setting: float) -> Entry:
        """Any setting, also between those of the table: monotone along the axis.

        Raises:
            KeyError: The table has no such layer or method.
        """
        row = self._rows[layer]
        settings = np.full(len(self.layers), np.nan)
        settings[row] = setting
        values, measured = self._at(method, settings)
        cell = dict(zip(QUANTITIES, values[row].tolist(), strict=True))
        return Entry(layer, method, setting, **cell, measured=bool(measured[row]))

    def total(self, choices: Choices, correction: Correction = _AS_PREDICTED) -> Total:
        """What a whole set of choices costs: losses add up, savings of one layer multiply.

        Raises:
            KeyError: A choice is for a layer or method that the table does not have.
        """
        factors = np.ones((len(self.layers), 3))
        parts = [self._chosen(method, chosen, factors) for method, chosen in choices.items()]
        loss, low, high = expected_loss(parts, correction)
        drop = sum(one.drop for one in parts)
        count = sum(one.count for one in parts)
        size_bytes, macs, latency_ms = (
            _sum_known(self.baseline[:, place] * factors[:, place]) for place in range(3)
        )
        return Total(
            loss,
            low,
            high,
            correction.accuracy_drop(loss) if math.isnan(drop) else drop,
            size_bytes,
            macs,
            latency_ms,
            sum(one.measured for one in parts) / count if count else 0.0,
            tuple((layer, one.method) for one in parts for layer in one.unknown),
            FrozenMap({one.method: one.loss for one in parts}),
            FrozenMap({one.method: one.losses for one in parts}),
        )

    def losses(self, method: str, chosen: Mapping[str, float]) -> dict[str, tuple[float, bool]]:
        """Row → loss of its setting (NaN: not known), and whether it rests on measured entries.

        Raises:
            KeyError: The table has no such layer or method.
        """
        settings = np.full(len(self.layers), np.nan)
        for layer, setting in chosen.items():
            settings[self._rows[layer]] = setting
        values, measured = self._at(method, settings)
        rows = [self._rows[layer] for layer in chosen]
        return {self.layers[row]: (float(values[row, 0]), bool(measured[row])) for row in rows}

    def _chosen(self, method: str, chosen: Mapping[str, float], factors: Floats) -> Part:
        """What one method's choices cost; multiplies `factors` by what they leave."""
        settings = np.full(len(self.layers), np.nan)
        groups = self._grouped.get(method)
        if groups is None:
            for layer, setting in chosen.items():
                settings[self._rows[layer]] = setting
            values, measured = self._at(method, settings)
            with np.errstate(divide="ignore", invalid="ignore"):  # a layer without MACs
                left = values[:, _SAVINGS] / self.baseline
        else:
            by_group = np.full(len(groups.ids), np.nan)
            for name, setting in chosen.items():
                for place in self._places(groups, name):
                    by_group[place] = setting
            for members, setting in zip(groups.members, by_group.tolist(), strict=True):
                if not math.isnan(setting):  # the group's loss, once
                    settings[self._rows[members[0]]] = setting
            values, measured = self._at(method, settings)
            left = np.ones_like(factors)
            shares, *_ = self._shares[method].at(by_group[groups.pairs[:, 0]])
            known = np.isfinite(shares)
            np.multiply.at(left, groups.pairs[:, 1], np.where(known, shares, 1.0))
        factors *= np.where(np.isfinite(left), left, 1.0)
        return Part.of(method, self.layers, values[~np.isnan(settings), :4], measured, settings)

    def _places(self, groups: Groups, name: str) -> tuple[int, ...]:
        """Of the groups that a name stands for; none for a row that is in no group that can go.

        Raises:
            KeyError: There is no such row.
        """
        if name not in groups.places:
            if name not in self._rows:
                raise KeyError(name)
            return ()
        return groups.places[name]

    def _at(self, method: str, settings: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Values `[layers, 7]` at one setting for each layer, and which are measured."""
        curves, known = self._curves[method]
        values, left, share = curves.at(settings)
        rows = np.arange(len(settings))
        right = np.minimum(left + 1, known.shape[1] - 1)
        measured = (known[rows, left] | (share == 1)) & (known[rows, right] | (share == 0))
        return values, measured & ~np.isnan(settings)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {layer: row for row, layer in enumerate(self.layers)}

    @cached_property
    def _columns(self) -> dict[tuple[str, float], int]:
        names = ((grid.method, float(s)) for grid in self.grids for s in grid.settings)
        return {name: column for column, name in enumerate(names)}

    @cached_property
    def _grouped(self) -> dict[str, Groups]:
        return {groups.method: groups for groups in self.groups}

    @cached_property
    def _curves(self) -> dict[str, tuple[Curves, NDArray[np.bool_]]]:
        """Method → its columns, made monotone, and `[layers, settings]`: which were measured."""
        found = {}
        start = 0
        for grid in self.grids:
            columns = slice(start, start + len(grid.settings))
            values, measured = self.values[:, columns], self.measured[:, columns]
            identity = np.zeros((len(self.layers), 1, len(QUANTITIES)))
            identity[:, 0, _SAVINGS] = self.baseline
            settings, values = grid.with_identity(values, identity)
            _, measured = grid.with_identity(measured, np.ones_like(identity, np.bool_))
            curves = Curves.of(settings, values, measured, _FALLING, _GEOMETRIC)
            found[grid.method] = (curves, measured[..., 0])
            start = columns.stop
        return found

    @cached_property
    def _shares(self) -> dict[str, Curves]:
        """Method → what its groups leave of each row."""
        grids = {grid.method: grid for grid in self.grids}
        found = {}
        for groups in self.groups:
            one = np.ones((len(groups.pairs), 1, 3))
            settings, shares = grids[groups.method].with_identity(groups.shares, one)
            estimated = np.zeros(shares.shape, np.bool_)
            falling, geometric = np.ones(3, np.bool_), np.zeros(3, np.bool_)
            found[groups.method] = Curves.of(settings, shares, estimated, falling, geometric)
        return found


@dataclass(frozen=True, eq=False)
class Estimated:
    """What an estimate found.

    Attributes:
        table: The costs.
        seconds: How long it took.
        forward_passes: Its processor time in forward passes of the network over the samples; 0
            without data.
        samples: Calibration samples that were looked at; 0: there is no data.
    """

    table: CostTable
    seconds: float
    forward_passes: float = 0.0
    samples: int = 0


def _sum_known(values: Floats) -> float:
    """The sum; NaN if nothing is known."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else math.nan
