"""Calibration data, ready to run: a few hundred prepared samples, held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Prepared samples.

    Attributes:
        inputs: One tensor `[N, ...]` for each input of the network, in its order; on the CPU.
        labels: `[N]` int64 class numbers (or what the data set has); None where there are none.
        batch: How many samples a forward pass takes at once, chosen for memory.
    """

    inputs: tuple[Tensor, ...]
    labels: Tensor | None = None
    batch: int = 64

    def __len__(self) -> int:
        return len(self.inputs[0])

    def batches(self, size: int = 0) -> Iterator[tuple[Tensor, ...]]:
        """The inputs in order, `size` samples at a time (by default `batch`)."""
        size = size or self.batch
        for start in range(0, len(self), size):
            yield tuple(tensor[start : start + size] for tensor in self.inputs)

    def first(self, count: int) -> Calibration:
        """The first samples."""
        labels = None if self.labels is None else self.labels[:count]
        return Calibration(tuple(tensor[:count] for tensor in self.inputs), labels, self.batch)
