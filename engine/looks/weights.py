"""How a layer's weights are distributed: every one of them is counted, in parts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.details import WeightDetail
from engine.info import Histogram, LayerInfo
from engine.jobs.job import Job
from engine.jobs.looks import WeightLook
from engine.network.encoding import as_matrix
from engine.network.leaves import TRANSPOSED, Use
from engine.opened import open_model

BINS = 256
CHANNEL_BINS = 64
MOST_SHOWN = 1024
"""Channels with a histogram of their own."""
MOST_LISTED = 1 << 16
"""Channels with a norm of their own."""
_BLOCK = 1 << 19
"""Values between two looks at the job."""

Values = NDArray[np.float32]


def look_at_weights(request: WeightLook, job: Job) -> WeightDetail:
    """Answer a `WeightLook`."""
    model = open_model(request.model, job)
    if model.opened.network is None:
        return _listed(model.row(request.layer))
    use = model.use(request.layer)
    key = ("weights", request.layer, request.window)
    return model.fact(key, lambda: weight_detail(use, request.window, job))


def _listed(row: LayerInfo) -> WeightDetail:
    """What the file's directory told of a layer, where there is no network."""
    found = row.histogram or Histogram(0.0, 0.0, (0,) * CHANNEL_BINS, sampled=True)
    known = any(found.counts)
    return WeightDetail(
        layer=row.name,
        shape=row.shape,
        dtype=row.dtype,
        histogram=found,
        minimum=found.low if known else math.nan,
        maximum=found.high if known else math.nan,
        zeros=math.nan,
        ends=(found.low, found.high),
    )


def weight_matrix(use: Use) -> Tensor:
    """A layer's weight as `[C_out, K]`; of an embedding one row for each word."""
    weight = use.weight.detach().cpu()
    if weight.dim() < 2:
        return weight.reshape(-1, 1)
    return as_matrix(weight, 1 if use.kind in TRANSPOSED else 0)


def weight_detail(use: Use, window: tuple[float, float] | None, job: Job) -> WeightDetail:
    """Count the weights of a layer; `window` as in `WeightLook`."""
    matrix = weight_matrix(use)
    facts = _Facts.of(matrix, job)
    ends = facts.ends if window is None else _widened(*sorted(window))
    counts, by_channel = _counted(matrix, ends, facts, job)
    number = facts.finite
    mean = facts.total / number if number else math.nan
    variance = facts.squares / number - mean * mean if number else math.nan
    return WeightDetail(
        layer=use.name,
        shape=tuple(use.weight.shape),
        dtype=str(use.weight.dtype).removeprefix("torch."),
        histogram=Histogram(
            *ends, tuple(counts.tolist()), sampled=False, nonfinite=matrix.numel() - number
        ),
        minimum=facts.low if number else math.nan,
        maximum=facts.high if number else math.nan,
        mean=mean,
        std=math.sqrt(max(variance, 0.0)) if number else math.nan,
        zeros=facts.zeros / max(matrix.numel(), 1),
        channels=len(matrix),
        listed=facts.listed,
        absmax=facts.absmax[facts.listed],
        norms=facts.norms[facts.listed],
        shown=facts.shown,
        counts=by_channel,
        ends=ends,
    )


@dataclass(slots=True, eq=False)
class _Facts:
    """What the first pass finds."""

    absmax: NDArray[np.float64]
    norms: NDArray[np.float64]
    listed: NDArray[np.int64]
    shown: NDArray[np.int64]
    low: float = math.inf
    high: float = -math.inf
    total: float = 0.0
    squares: float = 0.0
    zeros: int = 0
    finite: int = 0

    @property
    def ends(self) -> tuple[float, float]:
        """Of bins that hold all values."""
        return _widened(self.low, self.high) if self.finite else (0.0, 0.0)

    @staticmethod
    def of(matrix: Tensor, job: Job) -> _Facts:
        rows = len(matrix)
        facts = _Facts(
            np.zeros(rows), np.zeros(rows), _spread(rows, MOST_LISTED), _spread(rows, MOST_SHOWN)
        )
        for first, block in _blocks(matrix, "Reading weights", job):
            values, last = block, first + len(block)
            bad = ~np.isfinite(block)
            if bad.any():
                values = np.where(bad, np.float32(0), block)
                facts.finite -= int(bad.sum())
                facts.zeros -= int(bad.sum())
            facts.finite += block.size
            good = values if values is block else block[~bad]
            if good.size:
                facts.low = min(facts.low, float(good.min()))
                facts.high = max(facts.high, float(good.max()))
            squares = np.einsum("ij,ij->i", values, values, dtype=np.float64)
            facts.absmax[first:last] = np.abs(values).max(axis=1, initial=0.0)
            facts.norms[first:last] = np.sqrt(squares)
            facts.squares += float(squares.sum())
            facts.total += float(values.sum(dtype=np.float64))
            facts.zeros += values.size - int(np.count_nonzero(values))
        return facts


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """All of the first `count` numbers, or `most` of them evenly."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    return np.linspace(0, count - 1, most).astype(np.int64)


def _blocks(matrix: Tensor, text: str, job: Job) -> Iterator[tuple[int, Values]]:
    """Rows in parts, as float32, each with the number of its first row."""
    height, width = matrix.shape
    step = max(1, _BLOCK // max(width, 1))
    for first in range(0, height, step):
        job.checkpoint(text, first, height)
        part = matrix[first : first + step]
        if part.is_complex():
            part = part.abs()
        with np.errstate(over="ignore"):
            yield first, part.to(torch.float32).numpy()
    job.checkpoint(text, height, height)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range that has a width, also for constant weights."""
    if high / 2 - low / 2 > 1e-30 * max(1.0, abs(low)):
        return low, high
    margin = max(0.5, abs(low) * 1e-3)
    return low - margin, high + margin


def _counted(
    matrix: Tensor, ends: tuple[float, float], facts: _Facts, job: Job
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts `[BINS]` of all rows, and `[shown, CHANNEL_BINS]` of some."""
    counts = np.zeros(BINS, np.int64)
    by_channel = np.zeros((len(facts.shown), CHANNEL_BINS), np.int64)
    row_of = np.full(len(matrix), -1, np.int64)
    row_of[facts.shown] = np.arange(len(facts.shown))
    low, high = ends
    if not high > low:
        return counts, by_channel
    for first, block in _blocks(matrix, "Counting weights", job):
        places = _places(block, low, high)
        inside = places >= 0
        counts += np.bincount(places[inside], minlength=BINS)
        rows = row_of[first : first + len(block)]
        cells = rows[:, None] * CHANNEL_BINS + places // (BINS // CHANNEL_BINS)
        cells = cells[inside & (rows >= 0)[:, None]]
        by_channel += np.bincount(cells, minlength=by_channel.size).reshape(by_channel.shape)
    return counts, by_channel


def _places(block: Values, low: float, high: float) -> NDArray[Any]:
    """Number of the bin of each value, -1 outside; the highest value belongs to the last bin."""
    half = high * 0.5 - low * 0.5  # the range of float64 itself overflows
    with np.errstate(invalid="ignore", over="ignore"):
        at = (block.astype(np.float64) * 0.5 - low * 0.5) * (BINS / half)
        outside = ~((block >= np.float32(low)) & (block <= np.float32(high)))
        at[outside] = -1.0
    places: NDArray[Any] = np.minimum(at, BINS - 1).astype(np.int16)
    return places
