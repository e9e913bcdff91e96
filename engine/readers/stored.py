"""Tensors as they lie in a file: described at once, and read in samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from engine.info import Histogram

BINS = 64
SAMPLE = 1 << 16
"""Values that a sampled histogram looks at."""
BLOCK = 1 << 12
"""Values of one contiguous sample: few pages are touched, whatever the tensor's size."""

_EXTRA: dict[str, np.dtype[Any]] = {
    name: np.dtype(getattr(ml_dtypes, name))
    for name in ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
}
_ALIASES = {"half": "float16", "float": "float32", "double": "float64", "long": "int64"}


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor in a file.

    Attributes:
        dtype: numpy's name.
        shape: As stored.
        identity: Equal for tensors that share their values.
        path: The file its values are in, contiguous; None where they cannot be read in place.
        offset: Of the first value's byte in that file.
        load: Gives the values where they are not plain bytes of a file.
        strides: In values, where the tensor does not lie row by row.
        stored_bytes: Where it is not the number of values times their size (packed types).
    """

    dtype: str
    shape: tuple[int, ...]
    identity: str
    path: Path | None = None
    offset: int = 0
    load: Callable[[], np.ndarray[Any, Any]] | None = None
    strides: tuple[int, ...] | None = None
    stored_bytes: int | None = None

    @property
    def values(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def extent(self) -> int:
        """Number of values from the first to the last, gaps included."""
        if self.strides is None or not self.values:
            return self.values
        return 1 + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))

    @property
    def size_bytes(self) -> int:
        """Bytes of all values."""
        if self.stored_bytes is not None:
            return self.stored_bytes
        kind = dtype_of(self.dtype)
        return self.values * (kind.itemsize if kind is not None else 1)

    def histogram(self) -> Histogram | None:
        """A sampled histogram; reads only the sample's pages."""
        kind = dtype_of(self.dtype)
        if kind is None or not self.values or kind.kind == "c":
            return None
        if self.load is not None:
            return histogram(sample(self.load().reshape(-1)), sampled=self.values > SAMPLE)
        if self.path is None:
            return None
        whole = np.memmap(self.path, kind, "r", offset=self.offset, shape=(self.extent,))
        return histogram(sample(whole), sampled=self.extent > SAMPLE)


def dtype_of(name: str) -> np.dtype[Any] | None:
    """The numpy type of that name, those of `ml_dtypes` and torch's other names included."""
    name = _ALIASES.get(name, name)
    if name in _EXTRA:
        return _EXTRA[name]
    try:
        kind = np.dtype(name)
    except TypeError:
        return None
    return kind if kind.kind in "fiubc" else None


def sample(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Contiguous blocks, evenly spread over a flat array, `SAMPLE` values in all."""
    if values.size <= SAMPLE:
        return np.asarray(values)
    starts = np.linspace(0, values.size - BLOCK, SAMPLE // BLOCK).astype(np.int64)
    return np.concatenate([np.asarray(values[s : s + BLOCK]) for s in starts.tolist()])


def histogram(values: np.ndarray[Any, Any], *, sampled: bool) -> Histogram:
    """Count values in equal bins; NaN and infinity are counted apart."""
    flat = values.reshape(-1).astype(np.float64 if values.dtype.itemsize > 4 else np.float32)
    finite = flat[np.isfinite(flat)]
    if not finite.size:
        return Histogram(0.0, 0.0, (0,) * BINS, sampled, int(flat.size))
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        counts = [0] * BINS
        counts[BINS // 2] = int(finite.size)
    else:
        wide = finite.astype(np.float64)
        if not np.isfinite(high - low):
            wide, low, high = wide / 2, low / 2, high / 2
        part = (wide - low) / (high - low)
        where = np.minimum((part * BINS).astype(np.int64), BINS - 1)
        counts = np.bincount(where, minlength=BINS).tolist()
    ends = float(finite.min()), float(finite.max())
    return Histogram(*ends, tuple(counts), sampled, int(flat.size - finite.size))
