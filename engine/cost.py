"""The cost table: what each setting of each layer costs in accuracy, and what it saves.

Layers × (method, setting) → predicted loss with an interval, accuracy loss, bytes, MACs, latency.
Estimates come first and are replaced by measurements. Plain numpy, so that a slider is answered on
the spot and a solver can be run on it.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError

Floats = NDArray[np.float64]

QUANTITIES = ("loss", "loss_low", "loss_high", "accuracy_drop", "size_bytes", "macs", "latency_ms")
"""What an entry tells, in the order of the table's last axis."""

_LOSSES = slice(0, 4)
_SAVINGS = slice(4, 7)
_MAX_ENTRIES = 4_000_000
_MAX_FILE = 512 << 20


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
        loss: Sum of the predicted losses.
        loss_low: Lower end of its interval; layers are taken as independent.
        loss_high: Upper end.
        accuracy_drop: Sum over the layers.
        size_bytes: Of all layers, those without a choice at their original value.
        macs: Likewise.
        latency_ms: Likewise.
        measured: Share of the choices that rest on measured entries alone, 0…1.
        unknown: Choices that the table has no loss for; they count as nothing.
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


Choices = Mapping[str, Mapping[str, float]]
"""Method → layer → setting."""


@dataclass(frozen=True, eq=False)
class CostTable:
    """Immutable; filling it gives another table.

    Attributes:
        layers: Rows: what can have a setting, each once.
        grids: The methods and their settings; together, in order, the columns.
        baseline: `[layers, 3]`: bytes, MACs and latency of each row as it is; NaN: not known.
        values: `[layers, columns, 7]` in the order of `QUANTITIES`; NaN: not known.
        measured: Of the shape of `values`: what was measured rather than estimated.
    """

    layers: tuple[str, ...]
    grids: tuple[Grid, ...]
    baseline: Floats
    values: Floats
    measured: NDArray[np.bool_]

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
        values, measured = self._fits[method].at(settings)
        cell = dict(zip(QUANTITIES, values[row].tolist(), strict=True))
        return Entry(layer, method, setting, **cell, measured=bool(measured[row]))

    def total(self, choices: Choices) -> Total:
        """What a whole set of choices costs: losses add up, savings of one layer multiply.

        Raises:
            KeyError: A choice is for a layer or method that the table does not have.
        """
        losses = np.zeros((len(self.layers), 4))
        savings = self.baseline.copy()
        unknown: list[tuple[str, str]] = []
        count = measured_count = 0
        for method, by_layer in choices.items():
            settings = np.full(len(self.layers), np.nan)
            for layer, setting in by_layer.items():
                settings[self._rows[layer]] = setting
            chosen = ~np.isnan(settings)
            values, measured = self._fits[method].at(settings)
            blank = chosen & np.isnan(values[:, 0])
            unknown += [(self.layers[row], method) for row in np.flatnonzero(blank)]
            bounds = np.isnan(values[:, 1:3])
            values[:, 1:3] = np.where(bounds, values[:, :1], values[:, 1:3])
            losses[chosen] += np.nan_to_num(values[chosen, _LOSSES])
            with np.errstate(divide="ignore", invalid="ignore"):  # a layer without MACs
                factor = values[:, _SAVINGS] / self.baseline
            savings *= np.where(np.isfinite(factor) & chosen[:, None], factor, 1.0)
            count += int(chosen.sum())
            measured_count += int((measured & chosen).sum())
        loss, drop = losses[:, 0].sum(), losses[:, 3].sum()
        below = math.sqrt(((losses[:, 0] - losses[:, 1]) ** 2).sum())
        above = math.sqrt(((losses[:, 2] - losses[:, 0]) ** 2).sum())
        size_bytes, macs, latency_ms = (_sum_known(savings[:, i]) for i in range(3))
        return Total(
            float(loss),
            float(max(loss - below, 0.0)),
            float(loss + above),
            float(drop),
            size_bytes,
            macs,
            latency_ms,
            measured_count / count if count else 0.0,
            tuple(unknown),
        )

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {layer: row for row, layer in enumerate(self.layers)}

    @cached_property
    def _columns(self) -> dict[tuple[str, float], int]:
        names = ((grid.method, float(s)) for grid in self.grids for s in grid.settings)
        return {name: column for column, name in enumerate(names)}

    @cached_property
    def _fits(self) -> dict[str, _Fit]:
        fits: dict[str, _Fit] = {}
        start = 0
        for grid in self.grids:
            columns = slice(start, start + len(grid.settings))
            fits[grid.method] = _Fit.of(
                grid, self.values[:, columns], self.measured[:, columns], self.baseline
            )
            start = columns.stop
        return fits

    def to_bytes(self) -> bytes:
        """The table as an `.npz` archive, without pickles."""
        header = {
            "version": 1,
            "layers": self.layers,
            "grids": [[a.method, a.settings, a.identity] for a in self.grids],
        }
        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            allow_pickle=False,
            header=np.frombuffer(json.dumps(header).encode(), np.uint8),
            baseline=self.baseline,
            values=self.values,
            measured=self.measured,
        )
        return stream.getvalue()


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


def table_from(content: bytes) -> CostTable:
    """A table from what `to_bytes` gave.

    Raises:
        EngineError: It is something else, or of a newer version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MAX_FILE:
                raise ValueError("too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header["version"] != 1:
                raise EngineError(
                    "The cost table was written by a newer version.", hint="Update Espalier."
                )
            grids = [Grid(str(m), tuple(map(float, s)), i) for m, s, i in header["grids"]]
            empty = CostTable.empty([str(name) for name in header["layers"]], grids)
            return replace(
                empty,
                baseline=_like(arrays["baseline"], empty.baseline),
                values=_like(arrays["values"], empty.values),
                measured=_like(arrays["measured"], empty.measured),
            )
    except EngineError:
        raise
    except Exception as error:  # zip, zlib, json and numpy each have their own for broken files
        raise EngineError(
            "The cost table cannot be read.", hint="Delete it; it is then worked out again."
        ) from error


@dataclass(frozen=True, slots=True)
class _Fit:
    """One method's columns, made monotone: milder first.

    Attributes:
        positions: `[settings]`, rising: the setting, or its negative for a falling axis.
        sign: 1 for a rising axis, -1 for a falling one.
        values: `[layers, settings, 7]`.
        measured: `[layers, settings]`: whether the loss was measured.
    """

    positions: Floats
    sign: float
    values: Floats
    measured: NDArray[np.bool_]

    @classmethod
    def of(cls, grid: Grid, values: Floats, measured: NDArray[np.bool_], baseline: Floats) -> _Fit:
        positions = np.asarray(grid.settings, np.float64)
        sign = -1.0 if len(positions) > 1 and positions[1] < positions[0] else 1.0
        identity = grid.identity
        if identity is not None and identity not in grid.settings:
            if sign * (positions[0] - identity) < 0:
                raise ValueError(f"{grid.method}: nothing is milder than changing nothing")
            positions = np.concatenate([[identity], positions])
            start = np.zeros((len(values), 1, len(QUANTITIES)))
            start[:, 0, _SAVINGS] = baseline
            values = np.concatenate([start, values], axis=1)
            measured = np.concatenate([np.ones_like(start, np.bool_), measured], axis=1)
        rising = values.copy()
        rising[..., _SAVINGS] *= -1  # what is saved grows as what is left falls
        weights = np.where(measured, _MEASURED_WEIGHT, 1.0)
        tidy = (np.diff(rising, axis=1) >= 0).all(axis=1)  # no NaN either
        for row, quantity in np.argwhere(~tidy):
            line = _monotone(rising[row, :, quantity], weights[row, :, quantity])
            rising[row, :, quantity] = _filled(sign * positions, line)
        rising[..., _SAVINGS] *= -1
        return cls(sign * positions, sign, rising, measured[..., 0])

    def at(self, settings: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Values `[layers, 7]` at one setting for each layer (NaN: none), and which are measured.

        Beyond the ends of the axis the value at the end holds.
        """
        rows = np.arange(len(settings))
        at = np.clip(self.sign * settings, self.positions[0], self.positions[-1])
        right = np.clip(np.searchsorted(self.positions, at), 1, max(len(self.positions) - 1, 1))
        right = np.minimum(right, len(self.positions) - 1)
        left = np.maximum(right - 1, 0)
        width = self.positions[right] - self.positions[left]
        share = np.where(width > 0, (at - self.positions[left]) / np.where(width > 0, width, 1), 0)
        a, b = self.values[rows, left], self.values[rows, right]
        result = _between(a, b, share[:, None])
        only_left, only_right = share == 0, share == 1
        measured = (self.measured[rows, left] | only_right) & (
            self.measured[rows, right] | only_left
        )
        return result, measured & ~np.isnan(settings)


_MEASURED_WEIGHT = 100.0
"""How much more a measured entry counts than an estimate where they disagree on the order."""


def _between(a: Floats, b: Floats, share: Floats) -> Floats:
    """Interpolate, losses geometrically: they fall by a factor for each bit.

    Where an end is 0 the loss is linear too. An end that the share is at counts alone.
    """
    linear = np.where(share == 0, a, np.where(share == 1, b, a + (b - a) * share))
    with np.errstate(divide="ignore", invalid="ignore"):
        geometric = np.exp(np.log(a) * (1 - share) + np.log(b) * share)
    losses = np.zeros(a.shape, np.bool_)
    losses[:, :3] = True
    inside = (share > 0) & (share < 1)
    return np.where(losses & inside & (a > 0) & (b > 0), geometric, linear)


def _filled(positions: Floats, line: Floats) -> Floats:
    """With the gaps between known settings closed; beyond the known ones NaN stays."""
    known = ~np.isnan(line)
    if known.all() or not known.any():
        return line
    return np.interp(positions, positions[known], line[known], left=np.nan, right=np.nan)


def _monotone(values: Floats, weights: Floats) -> Floats:
    """The nearest rising sequence (weighted least squares, pool adjacent violators); NaN stays.

    Barlow et al. 1972, *Statistical Inference under Order Restrictions*, sec. 1.2.
    """
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2 or (np.diff(values[known]) >= 0).all():
        return values
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values[known].tolist(), weights[known].tolist(), strict=True):
        mean, total, length = value, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, mass, count = blocks.pop()
            mean = (before * mass + mean * total) / (mass + total)
            total, length = total + mass, length + count
        blocks.append((mean, total, length))
    result = values.copy()
    result[known] = np.repeat([b[0] for b in blocks], [b[2] for b in blocks])
    return result


def _sum_known(values: Floats) -> float:
    """The sum; NaN if nothing is known."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else math.nan


def _like(array: NDArray[Any], model: NDArray[Any]) -> NDArray[Any]:
    if array.shape != model.shape or array.dtype != model.dtype:
        raise ValueError(f"{array.dtype}{array.shape} where {model.dtype}{model.shape} belongs")
    return array
