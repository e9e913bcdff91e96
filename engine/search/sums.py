"""What was run of each change: sums over samples, from which losses and their intervals follow."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass

import numpy as np

from engine.cost import Floats

Key = tuple[str, str, float]
"""First row, method and setting of a change."""

LEAST = 128
"""Samples before an interval is believed: rare samples make most of a small loss."""
_Z = 1.959963984540054
_WIDEST = 5.0
"""Of an interval to either side, in logarithms."""
_WORST = 1e6
"""Loss of answers that are no finite numbers."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A mean over samples.

    Attributes:
        loss: The mean.
        low: Lower end of its 95 % interval.
        high: Upper end.
        drop: Share of samples that are wrong and were right, less the opposite; NaN: no labels.
    """

    loss: float
    low: float
    high: float
    drop: float


@dataclass(slots=True)
class Sum:
    """Of the losses of one change over the first samples of a fixed order."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    drops: float = 0.0

    def add(self, losses: Floats, drops: Floats | None) -> None:
        """The next samples.

        Args:
            losses: `[n]`.
            drops: `[n]`: 1 for a sample that is wrong and was right, -1 for the opposite.
        """
        losses = np.where(np.isfinite(losses), losses, _WORST)
        self.count += len(losses)
        self.total += float(losses.sum())
        self.squares += float(np.square(losses).sum())
        if drops is not None:
            self.drops += float(drops.sum())

    @property
    def spread(self) -> float:
        """Standard deviation over samples, as a part of the mean; 0 where all losses are 0."""
        if self.count < 2 or self.total <= 0:
            return 0.0
        mean = self.total / self.count
        variance = max(self.squares / self.count - mean**2, 0.0) * self.count / (self.count - 1)
        return math.sqrt(variance) / mean


class Sums:
    """The sums of all changes.

    Args:
        samples: How many there are in all.
        labeled: Whether there are labels.
    """

    def __init__(self, samples: int, *, labeled: bool) -> None:
        self.samples = samples
        self.least = min(LEAST, samples)
        self._labeled = labeled
        self._sums: dict[Key, Sum] = {}

    def of(self, key: Key) -> Sum:
        """Of a change; empty at first."""
        return self._sums.setdefault(key, Sum())

    def is_known(self, key: Key) -> bool:
        """Whether a change has a loss."""
        return self.of(key).count >= self.least

    def is_done(self, key: Key, precision: float) -> bool:
        """Whether no more samples are needed."""
        if self.of(key).count >= self.samples:
            return True
        return precision > 0 and self.is_known(key) and self.reach(key) <= precision

    def reach(self, key: Key) -> float:
        """Half the width of a change's interval, as a part of its loss."""
        found = self.of(key)
        if not found.count:
            return math.inf
        return _Z * found.spread / math.sqrt(found.count)

    def loss(self, key: Key) -> Loss:
        """What is known of a change that has a loss."""
        found = self.of(key)
        mean = found.total / found.count
        factor = math.exp(min(self.reach(key), _WIDEST))
        drop = found.drops / found.count if self._labeled else math.nan
        return Loss(mean, mean / factor, mean * factor, drop)

    # To go on later --------------------------------------------------------------------------

    def to_bytes(self, fingerprint: str) -> bytes:
        """The sums as an `.npz` archive, without pickles; `fingerprint`: of what they are of."""
        known = {key: one for key, one in self._sums.items() if one.count}
        head = json.dumps({"fingerprint": fingerprint, "keys": list(known)}).encode()
        rows = [(one.count, one.total, one.squares, one.drops) for one in known.values()]
        stream = io.BytesIO()
        np.savez_compressed(
            stream,
            allow_pickle=False,
            head=np.frombuffer(head, np.uint8),
            sums=np.array(rows, np.float64).reshape(len(rows), 4),
        )
        return stream.getvalue()

    def take(self, content: bytes, fingerprint: str) -> bool:
        """Take over what `to_bytes` gave.

        Returns:
            False if it is of other samples or of another network, or cannot be read.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                head = json.loads(arrays["head"].tobytes())
                rows = np.asarray(arrays["sums"], np.float64)
            if head["fingerprint"] != fingerprint:
                return False
            keys = [(str(row), str(method), float(s)) for row, method, s in head["keys"]]
            if rows.shape != (len(keys), 4) or not np.isfinite(rows).all():
                return False
        except Exception:  # noqa: BLE001 - zip, zlib, json, numpy: whatever it is, it is not ours
            return False
        if len(rows) and not 0 <= rows[:, 0].min() <= rows[:, 0].max() <= self.samples:
            return False
        for key, (count, *rest) in zip(keys, rows.tolist(), strict=True):
            self._sums[key] = Sum(int(count), *rest)
        return True
