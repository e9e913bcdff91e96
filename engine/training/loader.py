"""Training samples batch by batch: an order that follows from seed and step alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.data.batches import Array, Batch, batches
from engine.data.roles import Subset
from engine.errors import DataError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.preprocessing import Preprocessing
from engine.training.seeds import Purpose, seed_of

CACHED_BYTES = 1 << 30
"""Of prepared samples whose reading takes long (pictures, texts) that are kept in memory."""
_READ_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What one step sees.

    Attributes:
        inputs: In the network's order, `[N, ...]` each, on the CPU.
        labels: `[N, ...]`; None where there are none.
    """

    inputs: tuple[Tensor, ...]
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.inputs[0])


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Samples and how they become what a network reads."""

    subset: Subset
    preprocessing: Preprocessing
    inputs: tuple[TensorInfo, ...]

    def read(self, indices: Array, size: int, job: Job) -> Iterator[Samples]:
        """Prepared batches of the given samples, in that order."""
        part = Subset(self.subset.dataset, self.subset.split, indices)
        made = batches(part, self.preprocessing, size, job, inputs=self.inputs)
        with closing(made):  # type: ignore[type-var]  # a generator, which can be closed
            for batch in made:
                yield self._samples(batch)

    def _samples(self, batch: Batch) -> Samples:
        names = [info.name for info in self.inputs]
        known = all(name in batch.inputs for name in names) and bool(names)
        arrays = [batch.inputs[n] for n in names] if known else list(batch.inputs.values())
        labels = None if batch.labels is None else torch.from_numpy(_owned(batch.labels))
        return Samples(tuple(torch.from_numpy(_owned(array)) for array in arrays), labels)


class Loader:
    """Endless batches of training samples, each epoch in another order.

    Args:
        source: What is read.
        batch: Samples per step; what is left over at the end of an epoch waits for another.
        seed: Draws the order.
        job: Looked at while reading.
        steps: How many there will be: samples are kept in memory only if they come again.
        fixed: Every batch must have its full size, whatever there is.
    """

    def __init__(
        self, source: Source, batch: int, seed: int, job: Job, steps: int, *, fixed: bool = False
    ) -> None:
        count = len(source.subset)
        if not count:
            raise DataError(
                "There are no samples to train on: all of them serve calibration, validation and "
                "evaluation",
                hint="Give more data.",
            )
        self._source = source
        self._seed = seed
        self._job = job
        self._fixed = fixed
        self.batch = batch if fixed else min(batch, count)
        self._kept = self._read_all() if self._worth_keeping(steps) else None
        self._count = len(self._kept) if self._kept is not None else count
        if not fixed:
            self.batch = min(batch, self._count)
        self.per_epoch = max(1, self._count // self.batch)

    def _worth_keeping(self, steps: int) -> bool:
        split = self._source.subset.split
        form = self._source.subset.dataset.form
        dear = split.decodes or split.dtype in ("", "text") or form == "python"
        count = len(self._source.subset)
        return dear and steps * self.batch > count and self._bytes() <= CACHED_BYTES

    def _bytes(self) -> int:
        """Of all prepared samples, by the first."""
        first = self._source.subset.indices[:1]
        for samples in self._source.read(first, 1, self._job):
            one = sum(x.numel() * x.element_size() for x in samples.inputs)
            return one * len(self._source.subset)
        return CACHED_BYTES + 1

    def _read_all(self) -> Samples:
        parts: list[Samples] = []
        indices = self._source.subset.indices
        for samples in self._source.read(indices, _READ_AT_ONCE, self._job):
            parts.append(samples)
            done = min(len(parts) * _READ_AT_ONCE, len(indices))
            self._job.checkpoint("Reading the training samples", done, len(indices))
        return joined(parts)

    def batches(self, start: int) -> Iterator[Samples]:
        """Batches from a step on, without end: the same at each step wherever it started."""
        epoch, skipped = divmod(start, self.per_epoch)
        while True:
            order = self._order(epoch)[skipped * self.batch :]
            if self._kept is None:
                indices = self._source.subset.indices[order]
                yield from self._full(self._source.read(indices, self.batch, self._job))
            else:
                for at in range(0, len(order), self.batch):
                    yield taken(self._kept, torch.from_numpy(order[at : at + self.batch]))
            epoch, skipped = epoch + 1, 0

    def _full(self, read: Iterator[Samples]) -> Iterator[Samples]:
        """Fill up batches from which damaged samples are missing, where the size is fixed."""
        for samples in read:  # closed with the loop that asks for batches
            missing = self.batch - len(samples)
            if missing and self._fixed:
                yield taken(samples, torch.arange(self.batch) % len(samples))
            else:
                yield samples

    def _order(self, epoch: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        random = np.random.default_rng(seed_of(self._seed, Purpose.ORDER, epoch))
        order = random.permutation(self._count)
        wanted = self.per_epoch * self.batch
        return np.resize(order, wanted)


def taken(samples: Samples, rows: Tensor) -> Samples:
    """Some of the samples, in the order of `rows`."""
    labels = None if samples.labels is None else samples.labels[rows]
    return Samples(tuple(x[rows] for x in samples.inputs), labels)


def joined(parts: Sequence[Samples]) -> Samples:
    """Batches as one; their samples have one shape."""
    labels = [part.labels for part in parts if part.labels is not None]
    return Samples(
        tuple(torch.cat(column) for column in zip(*(p.inputs for p in parts), strict=True)),
        torch.cat(labels) if len(labels) == len(parts) else None,
    )


def fixed_batch(inputs: Sequence[TensorInfo]) -> int | None:
    """The batch size that a network's file insists on, if it does."""
    sizes = {info.shape[0] for info in inputs if info.shape}
    size = next(iter(sizes), None)
    return size if len(sizes) == 1 and isinstance(size, int) and size > 0 else None


def steps_of(steps: int | None, epochs: float, per_epoch: int) -> int:
    """How many steps a training has."""
    return steps if steps is not None else max(1, math.ceil(epochs * per_epoch - 1e-9))


def _owned(array: Array) -> Array:
    """PyTorch warns about memory that it could write to and should not."""
    return array if array.flags.writeable else array.copy()
