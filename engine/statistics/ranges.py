"""One pass over calibration data: how the values of chosen nodes are distributed."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, fx

from engine.jobs.job import Job
from engine.statistics.calibration import Calibration
from engine.statistics.run import Walker

BINS = 4096
"""Most bins of a histogram; it has at least half as many once the range has settled."""
SAMPLED = 1 << 16
"""Values of one batch that are put into a histogram; lowest and highest are those of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """What values a node took.

    Attributes:
        low: The lowest finite value.
        high: The highest.
        width: Of a bin, a power of two.
        first: Number of the first bin; bin i holds values from `i * width` to `(i + 1) * width`.
        counts: int64, of the values that were looked at, from bin `first` on.
        nonfinite: Values that were NaN or infinite; they are in no bin.
        zeros: Values that were exactly 0; they are counted here and not in a bin.
    """

    low: float
    high: float
    width: float
    first: int
    counts: NDArray[np.int64]
    nonfinite: int = 0
    zeros: int = 0

    def centers(self) -> NDArray[np.float64]:
        """The middle of each bin."""
        middle = self.first + np.arange(len(self.counts), dtype=np.float64) + 0.5
        return np.asarray(middle * self.width, dtype=np.float64)


class Accumulator:
    """A histogram that grows with what it sees: bins double their width where there are too many.

    Bins begin at multiples of a power of two, so that zero always lies between two bins and the
    result does not depend on which values came first.
    """

    def __init__(self) -> None:
        self.low, self.high = math.inf, -math.inf
        self.nonfinite = self.zeros = 0
        self._exponent: int | None = None
        self._first = 0
        self._counts = np.zeros(0, dtype=np.int64)

    def add(self, values: Tensor) -> None:
        """Count values of any shape."""
        flat = values.detach().flatten()
        if not flat.numel():
            return
        low, high = (float(end) for end in torch.aminmax(flat))
        if not (math.isfinite(low) and math.isfinite(high)):
            finite = torch.isfinite(flat)
            self.nonfinite += int((~finite).sum())
            self.add(flat[finite])
            return
        self.low, self.high = min(self.low, low), max(self.high, high)
        sample = flat[:: -(-flat.numel() // SAMPLED)].double()
        filled = sample[sample != 0]
        self.zeros += sample.numel() - filled.numel()
        if self.low < self.high or self.low:
            self._settle()
        if filled.numel():
            self._count(filled)

    def result(self) -> Distribution | None:
        """What was found; None where no finite value was seen."""
        if self.low > self.high:
            return None
        width = 2.0 ** (self._exponent or 0)
        return Distribution(
            self.low, self.high, width, self._first, self._counts, self.nonfinite, self.zeros
        )

    def _settle(self) -> None:
        """Choose the width for the range so far; merge bins where it has grown."""
        span = max(self.high, 0.0) - min(self.low, 0.0)
        wanted = max(math.ceil(math.log2(span / (BINS - 2))), -1000)
        if self._exponent is None:
            self._exponent = wanted
        while self._exponent < wanted:
            self._exponent += 1
            self._merge()

    def _merge(self) -> None:
        """Two bins become one; pairs begin at even numbers."""
        counts = self._counts
        if self._first % 2:
            counts = np.concatenate([[0], counts])
        if len(counts) % 2:
            counts = np.concatenate([counts, [0]])
        self._first = (self._first - self._first % 2) // 2
        self._counts = counts.reshape(-1, 2).sum(axis=1).astype(np.int64)

    def _count(self, filled: Tensor) -> None:
        assert self._exponent is not None
        bins = torch.floor(filled * 2.0**-self._exponent).long()
        first = int(bins.min())
        new = torch.bincount(bins - first).cpu().numpy()
        if not len(self._counts):
            self._first, self._counts = first, new
            return
        start = min(self._first, first)
        stop = max(self._first + len(self._counts), first + len(new))
        counts = np.zeros(stop - start, dtype=np.int64)
        counts[self._first - start :][: len(self._counts)] += self._counts
        counts[first - start :][: len(new)] += new
        self._first, self._counts = start, counts


def distributions(
    module: fx.GraphModule, names: Collection[str], calibration: Calibration, job: Job
) -> dict[str, Distribution]:
    """Distributions of what nodes give, over all calibration samples.

    Bounded in memory by one batch and `BINS` counts for each node.

    Args:
        module: In evaluation mode.
        names: Names of nodes that give one tensor.
        calibration: What to run.
        job: For progress.

    Returns:
        Node → its values; those that gave no finite value are left out.
    """
    found = {name: Accumulator() for name in names}

    def look(node: fx.Node, _args: tuple[Any, ...], result: Any) -> None:
        found[node.name].add(result)

    walker = Walker(module, look, names, job)
    total = -(-len(calibration) // calibration.batch)
    with torch.inference_mode():
        for number, inputs in enumerate(calibration.batches()):
            job.checkpoint("Looking at activations", number, total)
            walker.run(*inputs)
    job.checkpoint("Looking at activations", total, total)
    results = {name: one.result() for name, one in found.items()}
    return {name: one for name, one in results.items() if one is not None}
