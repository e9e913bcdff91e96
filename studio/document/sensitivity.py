"""What the cost table says at a glance: who hurts most, who is alike, where bytes are cheap."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.cost import QUANTITIES, CostTable, Floats, Grid
from engine.info import NetworkInfo

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


def members_of(table: CostTable, info: NetworkInfo | None, method: str) -> dict[str, int]:
    """Layer → number of what it shares a setting with; layers of one number go together.

    Channel groups have one setting and one loss, so that they count once.
    """
    numbers = {name: place for place, name in enumerate(table.layers)}
    if info is None or method != "channel":
        return numbers
    for group in info.groups:
        rows = [name for name in group.layers if name in numbers]
        for name in rows[1:]:
            numbers[name] = numbers[rows[0]]
    return numbers


def standings(
    table: CostTable, method: str, setting: float, info: NetworkInfo | None = None
) -> tuple[Standing, ...]:
    """Layers by what a setting costs them, those that are hurt most first.

    Raises:
        KeyError: The table has no such setting.
    """
    column = column_of(table, method, setting)
    values, measured = table.values[:, column], table.measured[:, column, LOSS]
    together: dict[int, list[int]] = {}
    for row, number in enumerate(members_of(table, info, method).values()):
        if math.isfinite(values[row, LOSS]):
            together.setdefault(number, []).append(row)
    found = []
    for rows in together.values():
        row = max(rows, key=lambda at: float(values[at, LOSS]))
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
    info: NetworkInfo | None = None,
    methods: tuple[str, ...] = (),
) -> tuple[Bargain, ...]:
    """For each layer the next setting that saves most bytes for the loss it adds, best first.

    Args:
        table: Costs.
        choices: Method → layer → setting that the recipe has already.
        info: Tells channel groups.
        methods: Those that are looked at; empty: all of the table.
    """
    best: dict[tuple[str, int], Bargain] = {}
    start = 0
    for grid in table.grids:
        part = slice(start, start + len(grid.settings))
        start = part.stop
        if methods and grid.method not in methods:
            continue
        values = table.values[:, part]
        now_bytes, now_loss = _now(table, grid, values, choices.get(grid.method, {}))
        saved = now_bytes[:, None] - values[:, :, SIZE]
        added = values[:, :, LOSS] - now_loss[:, None]
        with np.errstate(invalid="ignore"):
            worth = np.where(saved > 0, saved / np.maximum(added, _LEAST_LOSS), np.nan)
        numbers = members_of(table, info, grid.method)
        fellows: dict[int, list[str]] = {}
        for name, number in numbers.items():
            fellows.setdefault(number, []).append(name)
        for row, at in _best(worth):
            name = table.layers[row]
            key = (grid.method if grid.method == "channel" else "", numbers[name])
            one = Bargain(
                tuple(fellows[numbers[name]]),
                grid.method,
                grid.settings[at],
                float(saved[row, at]),
                max(float(added[row, at]), 0.0),
                bool(table.measured[row, part.start + at, LOSS]),
            )
            if key not in best or one.bytes_per_loss > best[key].bytes_per_loss:
                best[key] = one
    return tuple(sorted(best.values(), key=lambda one: -one.bytes_per_loss))


def _best(worth: Floats) -> list[tuple[int, int]]:
    """Row and place of the highest value of each row that has one."""
    known = np.flatnonzero(np.isfinite(worth).any(axis=1))
    return [(int(row), int(np.nanargmax(worth[row]))) for row in known]


def _now(
    table: CostTable, grid: Grid, values: Floats, chosen: Mapping[str, float]
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
        size_bytes = float(np.interp(setting, axis, values[row, order, SIZE]))
        loss = float(np.interp(setting, axis, values[row, order, LOSS]))
        now_bytes[row] = size_bytes if math.isfinite(size_bytes) else now_bytes[row]
        now_loss[row] = loss if math.isfinite(loss) else 0.0
    return now_bytes, now_loss
