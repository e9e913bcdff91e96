"""What the cost table says at a glance: who hurts most, who is alike, where bytes are cheap."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.cost import QUANTITIES, CostTable, Floats, Grid
from engine.details import WeightFigures

LOSS, LOW, HIGH, DROP, SIZE, MACS, LATENCY = range(len(QUANTITIES))
"""Places on the table's last axis."""
TOP = 0.05
"""Part of the layers that are the top bucket."""
_LEAST_LOSS = 1e-7
"""Losses below this are rounding: bytes that cost less are equally cheap."""


class Bucket(enum.IntEnum):
    """How much a setting hurts a layer, among all layers."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    TOP = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What one setting costs a layer (or the channel group that it stands for).

    Attributes:
        layers: The layer; all members of a channel group.
        loss: Predicted or measured.
        low: Lower end of its interval; NaN: not known.
        high: Upper end.
        measured: Which of the two.
    """

    layers: tuple[str, ...]
    loss: float
    low: float = math.nan
    high: float = math.nan
    measured: bool = False


@dataclass(frozen=True, slots=True)
class Bargain:
    """The setting that saves a layer most bytes for the loss it adds.

    Attributes:
        layers: As in `Standing`.
        method: The method's name.
        setting: On its axis.
        saved_bytes: Beyond what the recipe saves already.
        loss: That is added.
        measured: Whether it was measured.
    """

    layers: tuple[str, ...]
    method: str
    setting: float
    saved_bytes: float
    loss: float
    measured: bool

    @property
    def bytes_per_loss(self) -> float:
        """How cheap it is."""
        return self.saved_bytes / max(self.loss, _LEAST_LOSS)


def column_of(table: CostTable, method: str, setting: float) -> int:
    """Place of a setting among the table's columns.

    Raises:
        KeyError: There is none.
    """
    start = 0
    for grid in table.grids:
        if grid.method == method and setting in grid.settings:
            return start + grid.settings.index(setting)
        start += len(grid.settings)
    raise KeyError((method, setting))


def middle_setting(grid: Grid) -> float:
    """The setting by which layers are compared unless another one is chosen."""
    return grid.settings[len(grid.settings) // 2]


def members_of(table: CostTable, method: str) -> list[list[int]]:
    """Rows that have one setting of a method: channel groups, else each by itself."""
    groups = next((one for one in table.groups if one.method == method), None)
    if groups is None:
        return [[row] for row in range(len(table.layers))]
    places = {name: row for row, name in enumerate(table.layers)}
    return [[places[name] for name in members] for members in groups.members]


def standings(table: CostTable, method: str, setting: float) -> tuple[Standing, ...]:
    """Layers by what a setting costs them, those that are hurt most first.

    Raises:
        KeyError: The table has no such setting.
    """
    column = column_of(table, method, setting)
    values, measured = table.values[:, column], table.measured[:, column, LOSS]
    found = []
    for rows in members_of(table, method):
        known = [row for row in rows if math.isfinite(values[row, LOSS])]
        if not known:
            continue
        row = max(known, key=lambda at: float(values[at, LOSS]))
        loss, low, high = (float(values[row, place]) for place in (LOSS, LOW, HIGH))
        names = tuple(table.layers[at] for at in rows)
        found.append(Standing(names, loss, low, high, bool(measured[row])))
    return tuple(sorted(found, key=lambda one: -one.loss))


def buckets(ranking: tuple[Standing, ...]) -> Mapping[Bucket, tuple[Standing, ...]]:
    """The top 5 % (one at least), and the others in thirds, by rank.

    Args:
        ranking: Those that are hurt most first.
    """
    top = math.ceil(TOP * len(ranking))
    thirds = [top + round((len(ranking) - top) * part / 3) for part in range(4)]
    return {
        Bucket.TOP: ranking[:top],
        Bucket.HIGH: ranking[thirds[0] : thirds[1]],
        Bucket.MEDIUM: ranking[thirds[1] : thirds[2]],
        Bucket.LOW: ranking[thirds[2] :],
    }


def bargains(
    table: CostTable,
    choices: Mapping[str, Mapping[str, float]],
    methods: tuple[str, ...] = (),
) -> tuple[Bargain, ...]:
    """For each layer the next setting that saves most bytes for the loss it adds, best first.

    Args:
        table: Costs.
        choices: Method → layer → setting that the recipe has already.
        methods: Those that are looked at; empty: all of the table.
    """
    best: dict[tuple[str, ...], Bargain] = {}
    start = 0
    for grid in table.grids:
        part = slice(start, start + len(grid.settings))
        start = part.stop
        if methods and grid.method not in methods:
            continue
        sizes, losses = _sizes(table, grid, part), table.values[:, part, LOSS]
        now_bytes, now_loss = _now(table, grid, sizes, losses, choices.get(grid.method, {}))
        saved, added = now_bytes[:, None] - sizes, losses - now_loss[:, None]
        with np.errstate(invalid="ignore"):
            worth = np.where(saved > 0, saved / np.maximum(added, _LEAST_LOSS), np.nan)
        for rows in members_of(table, grid.method):
            some = worth[rows]
            if not np.isfinite(some).any():
                continue
            row = rows[int(np.nanargmax(some) // len(grid.settings))]
            at = int(np.nanargmax(worth[row]))
            one = Bargain(
                tuple(table.layers[member] for member in rows),
                grid.method,
                grid.settings[at],
                float(saved[row, at]),
                max(float(added[row, at]), 0.0),
                bool(table.measured[row, part.start + at, LOSS]),
            )
            if one.layers not in best or one.bytes_per_loss > best[one.layers].bytes_per_loss:
                best[one.layers] = one
    return tuple(sorted(best.values(), key=lambda one: -one.bytes_per_loss))


def _sizes(table: CostTable, grid: Grid, part: slice) -> Floats:
    """`[layers, settings]`: bytes of a row; for a group's member, of all that the group touches."""
    sizes: Floats = table.values[:, part, SIZE]
    groups = next((one for one in table.groups if one.method == grid.method), None)
    if groups is None:
        return sizes
    sizes = np.full_like(sizes, np.nan)
    places = {name: row for row, name in enumerate(table.layers)}
    before = table.baseline[groups.pairs[:, 1], 0]
    after = before[:, None] * groups.shares[:, :, 0]
    for place, members in enumerate(groups.members):
        mine = groups.pairs[:, 0] == place
        saved = (before[mine, None] - after[mine]).sum(axis=0)
        for name in members:
            sizes[places[name]] = table.baseline[places[name], 0] - saved
    return sizes


def _now(
    table: CostTable, grid: Grid, sizes: Floats, losses: Floats, chosen: Mapping[str, float]
) -> tuple[Floats, Floats]:
    """Bytes and loss that each row has with this method's setting in force.

    Between settings of the table straight lines do: it is only a ranking.
    """
    now_bytes, now_loss = table.baseline[:, 0].copy(), np.zeros(len(table.layers))
    places = {name: row for row, name in enumerate(table.layers)}
    order = np.argsort(grid.settings)
    axis = np.asarray(grid.settings, np.float64)[order]
    for name, setting in chosen.items():
        row = places.get(name)
        if row is None or setting == grid.identity:
            continue
        size_bytes = float(np.interp(setting, axis, sizes[row, order]))
        loss = float(np.interp(setting, axis, losses[row, order]))
        now_bytes[row] = size_bytes if math.isfinite(size_bytes) else now_bytes[row]
        now_loss[row] = loss if math.isfinite(loss) else 0.0
    return now_bytes, now_loss


def table_of_figures(figures: WeightFigures, sizes: CostTable | None) -> CostTable:
    """What settings take from the weights alone, in the form of a cost table.

    Its losses are shares of the weights' energy: not what they cost in accuracy.

    Args:
        figures: Of all layers.
        sizes: A table of what settings save, if there is one of the same layers and settings.
    """
    grids = tuple(Grid(method, settings) for method, settings in figures.settings)
    empty = CostTable.empty(figures.layers, grids)
    values = empty.values.copy()
    baseline = empty.baseline
    if sizes is not None and sizes.layers == figures.layers:
        baseline = sizes.baseline
        known = {name: at for at, name in enumerate(_names(sizes.grids))}
        for column, name in enumerate(_names(grids)):
            if name in known:
                values[:, column, SIZE:] = sizes.values[:, known[name], SIZE:]
    values[:, :, LOSS] = figures.errors
    return replace(empty, baseline=baseline, values=values)


def with_measured(estimated: CostTable, known: CostTable | None) -> CostTable:
    """A new estimate with what has been measured of the same layers and settings already."""
    if known is None or (known.layers, known.grids) != (estimated.layers, estimated.grids):
        return estimated
    values = np.where(known.measured, known.values, estimated.values)
    return replace(estimated, values=values, measured=estimated.measured | known.measured)


def _names(grids: Sequence[Grid]) -> list[tuple[str, float]]:
    """Method and setting of each column."""
    return [(grid.method, setting) for grid in grids for setting in grid.settings]
