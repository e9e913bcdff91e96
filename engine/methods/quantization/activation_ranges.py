"""Where the grid of an activation begins and ends, from the distribution of its values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from engine.methods.quantization.settings import ActivationRange
from engine.statistics.ranges import Distribution
from engine.surgery.quantizers import Grid

Values = NDArray[np.float64]
_SHARES = 64
"""Ranges that a search tries in one round."""
_ROUNDS = 3
_SMALLEST = 0.02
_KL_BINS = 2048


def activation_grid(
    found: Distribution, method: ActivationRange, bits: int, percentile: float = 99.99
) -> Grid:
    """The grid for an activation.

    Args:
        found: Values on calibration data.
        method: How the range is chosen.
        bits: Of the integers.
        percentile: Percent of the values that fit at either end, for that method.
    """
    low, high = min(found.low, 0.0), max(found.high, 0.0)
    if low < high and len(found.counts):
        match method:
            case ActivationRange.PERCENTILE:
                low, high = _percentile(found, percentile / 100)
            case ActivationRange.MSE:
                low, high = _least_error(found, bits)
            case ActivationRange.ENTROPY:
                low, high = _least_divergence(found, bits)
            case ActivationRange.MINMAX:
                pass
    return grid_of(low, high, bits)


def grid_of(low: float, high: float, bits: int) -> Grid:
    """A grid from `low` to `high` or a little farther, on which zero is a point.

    A range of nothing but zero gets the scale 1.
    """
    low, high = min(low, 0.0), max(high, 0.0)
    top = (1 << bits) - 1
    scale = float(np.float32((high - low) / top))
    if not scale > np.finfo(np.float32).tiny:
        return Grid(1.0, 0, bits)
    return Grid(scale, int(np.clip(np.rint(-low / scale), 0, top)), bits)


def _percentile(found: Distribution, share: float) -> tuple[float, float]:
    """What leaves out `1 - share` of the values at either end; zeros count as values."""
    edges = (found.first + np.arange(len(found.counts) + 1)) * found.width
    total = found.counts.sum() + found.zeros
    below = np.concatenate([[0], np.cumsum(found.counts)]).astype(np.float64)
    below[edges >= 0] += found.zeros  # those right of zero have all zeros to their left
    low = np.interp((1 - share) * total, below, edges)
    high = np.interp(share * total, below, edges)
    return max(float(low), found.low), min(float(high), found.high)


def squared_error(found: Distribution, bits: int) -> Callable[[float, float], float]:
    """The sum of squared errors of rounding the values seen, for a range."""
    centers, counts = found.centers(), found.counts.astype(np.float64)
    centers, counts = centers[counts > 0], counts[counts > 0]

    def error(low: float, high: float) -> float:
        grid = grid_of(low, high, bits)
        integers = np.clip(np.rint(centers / grid.scale) + grid.zero_point, 0, grid.quant_max)
        off = (integers - grid.zero_point) * grid.scale - centers
        return float((counts * off * off).sum())

    return error


def _least_error(found: Distribution, bits: int) -> tuple[float, float]:
    """The range with the least squared error: both ends are moved in turns, ever more finely."""
    error = squared_error(found, bits)
    low, high = min(found.low, 0.0), max(found.high, 0.0)
    best, step = error(low, high), 1.0
    least_low, most_high = low, high
    for _ in range(_ROUNDS):
        for end in (1, 0):
            full = (least_low, most_high)[end]
            at = (low, high)[end]
            for share in _shares(at / full if full else 1.0, step):
                tried = (low, full * share) if end else (full * share, high)
                now = error(*tried)
                if now < best:
                    best, (low, high) = now, tried
        step /= 8
    return low, high


def _shares(middle: float, step: float) -> Iterator[float]:
    count = _SHARES if step == 1.0 else _SHARES // 4
    for share in np.linspace(middle - step, middle + step, count):
        if _SMALLEST <= share <= 1:
            yield float(share)


def _least_divergence(found: Distribution, bits: int) -> tuple[float, float]:
    """The range whose rounded values are distributed most like the values themselves.

    Both ends shrink together; the measure is the KL divergence between the histogram with what is
    clipped added to its ends, and the one that the grid leaves of it (Migacz 2017, *8-bit inference
    with TensorRT*).
    """
    low, high = min(found.low, 0.0), max(found.high, 0.0)
    centers, counts = found.centers(), found.counts.astype(np.float64)
    levels = 1 << bits
    if levels >= len(counts):
        return low, high
    best, chosen = np.inf, (low, high)
    for share in np.linspace(0.1, 1.0, _SHARES * 2):
        divergence = _divergence(centers, counts, (low * share, high * share), levels)
        if divergence < best:
            best, chosen = divergence, (low * share, high * share)
    return chosen


def _divergence(centers: Values, counts: Values, ends: tuple[float, float], levels: int) -> float:
    inside = (centers >= ends[0]) & (centers <= ends[1])
    if inside.sum() < 2 or not counts[inside].any():
        return float(np.inf)
    kept, at = counts[inside], centers[inside]
    reference = kept.copy()
    reference[0] += counts[centers < ends[0]].sum()
    reference[-1] += counts[centers > ends[1]].sum()
    place = np.minimum((at - ends[0]) / (ends[1] - ends[0]) * levels, levels - 1).astype(np.int64)
    mass = np.bincount(place, kept, levels)
    filled = np.bincount(place, kept > 0, levels)
    coarse = np.where(kept > 0, mass[place] / np.maximum(filled[place], 1), 0.0)
    p, q = reference / reference.sum(), coarse / coarse.sum()
    shown = p > 0
    floor = 1e-4 / len(p)
    return float((p[shown] * np.log(p[shown] / np.maximum(q[shown], floor))).sum())
