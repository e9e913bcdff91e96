"""Histograms of weights: a sample at once, the exact one later; numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.info import Histogram

BINS = 64
SAMPLE = 0.01
_SMALL = 1 << 16
"""Arrays up to this size are always counted in full."""
_BLOCKS = 32
_CHUNK = 1 << 20
_SIXTEEN_BITS = {"float16", "bfloat16"}

Array = np.ndarray[Any, np.dtype[Any]]


def histogram(
    values: Array, bins: int = BINS, *, sample: float | None = SAMPLE, dtype: str = ""
) -> Histogram:
    """Count values in equal bins between the smallest and the largest finite one.

    Args:
        values: Numbers of any type and shape, a memory map too.
        bins: How many bins.
        sample: Share to look at, in contiguous blocks spread evenly (a memory map reads only
            those pages); None: everything. Small arrays are always counted in full.
        dtype: What the bits mean where numpy has no type for it: `bfloat16` in `uint16`.

    Returns:
        With `low == high == 0` and empty bins where no value is finite.
    """
    flat = values.reshape(-1)
    name = dtype or flat.dtype.name
    blocks, sampled = _blocks(flat, sample)
    if name in _SIXTEEN_BITS:
        return _by_pattern(blocks, bins, name, sampled)
    return _by_value(blocks, bins, sampled)


def _blocks(flat: Array, sample: float | None) -> tuple[list[Array], bool]:
    """The parts of the array to look at, and whether they are less than all of it."""
    size = flat.size
    wanted = size if sample is None else max(_SMALL, int(size * sample))
    if wanted >= size:
        return [flat[start : start + _CHUNK] for start in range(0, size, _CHUNK)], False
    length = wanted // _BLOCKS
    starts = np.linspace(0, size - length, _BLOCKS).astype(np.int64)
    return [flat[start : start + length] for start in starts], True


def _by_pattern(blocks: list[Array], bins: int, name: str, sampled: bool) -> Histogram:
    """Sixteen-bit floats: count each bit pattern, then sort 65,536 patterns into bins."""
    counts = np.zeros(1 << 16, dtype=np.int64)
    for block in blocks:
        counts += np.bincount(np.ascontiguousarray(block).view(np.uint16), minlength=1 << 16)
    patterns = np.arange(1 << 16, dtype=np.uint16)
    with np.errstate(invalid="ignore"):  # some patterns are signaling NaNs
        if name == "float16":
            numbers = patterns.view(np.float16).astype(np.float64)
        else:
            numbers = (patterns.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    finite = np.isfinite(numbers)
    used = finite & (counts > 0)
    nonfinite = int(counts[~finite].sum())
    if not used.any():
        return _empty(bins, sampled, nonfinite)
    low, high = _widened(float(numbers[used].min()), float(numbers[used].max()))
    places = _places(numbers[used], low, high, bins)
    binned = np.bincount(places, weights=counts[used], minlength=bins)
    return _result(low, high, binned, sampled, nonfinite)


def _by_value(blocks: list[Array], bins: int, sampled: bool) -> Histogram:
    """All other types: one pass for the range, one to count."""
    low, high, nonfinite = np.inf, -np.inf, 0
    for block in _numbers(blocks):
        finite = block if _is_finite(block) else block[np.isfinite(block)]
        nonfinite += block.size - finite.size
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    if low > high:
        return _empty(bins, sampled, nonfinite)
    low, high = _widened(low, high)
    counts = np.zeros(bins, dtype=np.int64)
    for block in _numbers(blocks):
        finite = block if nonfinite == 0 else block[np.isfinite(block)]
        counts += np.bincount(_places(finite, low, high, bins), minlength=bins)
    return _result(low, high, counts, sampled, nonfinite)


def _numbers(blocks: list[Array]) -> Iterator[Array]:
    """Blocks as floats: exact types numpy does not calculate with become float32."""
    for block in blocks:
        if block.dtype.kind == "c":
            yield np.abs(block)
        elif block.dtype.name in ("float32", "float64"):
            yield block
        else:
            wide = block.dtype.kind in "iu" and block.dtype.itemsize > 2
            yield block.astype(np.float64 if wide else np.float32)


def _is_finite(block: Array) -> bool:
    """Whether all values are finite; the sum tells nearly always, at a fraction of the cost."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(block.sum())) or bool(np.isfinite(block).all())


def _places(values: Array, low: float, high: float, bins: int) -> Array:
    """Number of the bin of each value; the largest value belongs to the last bin."""
    # halves, because the range of float64 itself overflows
    above = values.astype(np.float64) * 0.5 - low * 0.5
    places = (above * (bins / (high * 0.5 - low * 0.5))).astype(np.int32)
    return np.clip(places, 0, bins - 1, out=places)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range that has a width, also for constant weights."""
    span = high / 2 - low / 2
    if span > 1e-30 * max(1.0, abs(low)):
        return low, high
    margin = max(0.5, abs(low) * 1e-3)
    return low - margin, high + margin


def _empty(bins: int, sampled: bool, nonfinite: int) -> Histogram:
    return Histogram(0.0, 0.0, (0,) * bins, sampled, nonfinite)


def _result(low: float, high: float, counts: Array, sampled: bool, nonfinite: int) -> Histogram:
    return Histogram(low, high, tuple(int(c) for c in counts), sampled, nonfinite)
