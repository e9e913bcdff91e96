"""What was run of each change: sums over samples, from which losses and their intervals follow."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.cost import Floats
from engine.search.design import Design

Key = tuple[str, str, float]
"""First row, method and setting of a change."""

LEAST = 96
"""Samples before a loss is believed."""
_Z = 1.959963984540054
_WIDEST = 5.0
"""Of an interval to either side, in logarithms."""
_WORST = 1e6
"""Loss of answers that are no finite numbers."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A mean over samples.

    Attributes:
        loss: As all samples would give it, about.
        low: Lower end of its 95 % interval for other data like these samples.
        high: Upper end.
        drop: Share of samples that are wrong and were right, less the opposite; NaN: no labels.
        reach: How far, as a part of the loss, all samples may give another one; 0 if all were run.
    """

    loss: float
    low: float
    high: float
    drop: float
    reach: float


@dataclass(slots=True)
class Sum:
    """Of the losses of one change over the first samples of an order, `[strata]` each.

    Attributes:
        count: How many samples.
        total: Of the losses.
        squares: Of their squares.
        drops: Of samples that are wrong and were right, less the opposite.
    """

    count: int
    total: Floats
    squares: Floats
    drops: Floats


class Sums:
    """The sums of all changes.

    Args:
        design: The order of the samples.
        labeled: Whether there are labels.
    """

    def __init__(self, design: Design, *, labeled: bool) -> None:
        self.design = design
        self.samples = len(design.order)
        self.least = min(LEAST, self.samples)
        self._strata = len(design.sizes)
        self._labeled = labeled
        self._sums: dict[Key, Sum] = {}

    def count(self, key: Key) -> int:
        """How many samples were run of a change."""
        found = self._sums.get(key)
        return 0 if found is None else found.count

    def add(self, key: Key, losses: Floats, drops: Floats | None) -> None:
        """The next samples of a change.

        Args:
            key: Its name.
            losses: `[n]`.
            drops: `[n]`: 1 for a sample that is wrong and was right, -1 for the opposite.
        """
        if key not in self._sums:
            self._sums[key] = Sum(0, *np.zeros((3, self._strata)))
        found = self._sums[key]
        losses = np.where(np.isfinite(losses), losses, _WORST)
        strata = self.design.strata[found.count : found.count + len(losses)]
        found.count += len(losses)
        found.total += np.bincount(strata, losses, self._strata)
        found.squares += np.bincount(strata, np.square(losses), self._strata)
        if drops is not None:
            found.drops += np.bincount(strata, drops, self._strata)

    def is_known(self, key: Key) -> bool:
        """Whether a change has a loss."""
        return 0 < self.least <= self.count(key)

    def is_done(self, key: Key, precision: float) -> bool:
        """Whether no more samples are needed."""
        if self.count(key) >= self.samples:
            return True
        return precision > 0 and self.is_known(key) and self.loss(key).reach <= precision

    def loss(self, key: Key) -> Loss:
        """What is known of a change that has a loss."""
        found, sizes, shares = self._sums[key], self.design.sizes, self.design.shares
        counts = self.design.counts(found.count)
        n = np.maximum(counts, 1)
        means, seconds = found.total / n, found.squares / n
        loss = float(shares @ means)
        spread = np.maximum(seconds - means**2, 0) * n / np.maximum(n - 1, 1)
        spread = np.where((counts < 2) & (counts < sizes), seconds, spread)
        sampled = float((shares**2 * (1 - counts / sizes) * spread / n).sum())
        other = max(float(shares @ seconds) - loss**2, 0.0) / self.samples
        drop = float(shares @ (found.drops / n)) if self._labeled else math.nan
        if loss <= 0:
            return Loss(0.0, 0.0, 0.0, drop, 0.0)
        factor = math.exp(min(_Z * math.sqrt(sampled + other) / loss, _WIDEST))
        return Loss(loss, loss / factor, loss * factor, drop, _Z * math.sqrt(sampled) / loss)

    # To go on later --------------------------------------------------------------------------

    def to_bytes(self, fingerprint: str) -> bytes:
        """The sums as an `.npz` archive, without pickles; `fingerprint`: of what they are of."""
        head = json.dumps({"fingerprint": fingerprint, "keys": list(self._sums)}).encode()
        known = list(self._sums.values())
        sums = [(one.total, one.squares, one.drops) for one in known]
        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            allow_pickle=False,
            head=np.frombuffer(head, np.uint8),
            order=self.design.order.astype(np.int32),
            strata=self.design.strata.astype(np.int16),
            counts=np.array([one.count for one in known], np.int32),
            sums=np.array(sums, np.float64).reshape(len(known), 3, self._strata),
        )
        return stream.getvalue()


def sums_from(content: bytes, fingerprint: str, samples: int, *, labeled: bool) -> Sums | None:
    """Sums from what `to_bytes` gave; None if they are of something else, or cannot be read."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            order = arrays["order"].astype(np.int64)
            strata = arrays["strata"].astype(np.int64)
            counts: NDArray[np.int64] = arrays["counts"].astype(np.int64)
            values: Floats = arrays["sums"].astype(np.float64)
        if head["fingerprint"] != fingerprint or len(order) != samples:
            return None
        keys = [(str(row), str(method), float(setting)) for row, method, setting in head["keys"]]
        result = Sums(Design(order, strata), labeled=labeled)
        if not result.design.is_whole or values.shape != (len(keys), 3, result._strata):
            return None
        if counts.shape != (len(keys),) or not np.isfinite(values).all():
            return None
        if len(keys) and not 0 <= counts.min() <= counts.max() <= samples:
            return None
    except Exception:  # noqa: BLE001 - zip, zlib, json, numpy: whatever it is, it is not ours
        return None
    for key, count, rows in zip(keys, counts.tolist(), values, strict=True):
        result._sums[key] = Sum(count, *rows)
    return result
