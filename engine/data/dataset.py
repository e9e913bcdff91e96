"""A data set in memory: splits that are read by index, whatever they are stored as."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engine.data.failures import bad, listed, printable
from engine.data_info import DataInfo, SplitInfo
from engine.errors import DataError
from engine.jobs.job import Job
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]
Raw = Array | list[Array] | list[str] | dict[str, Array]
"""Samples as stored: one array `[n, ...]`, arrays of differing shapes, texts, or arrays by input
name."""


class Samples(NamedTuple):
    """What was read: fewer than were asked for where some cannot be read.

    `labels` is int64 `[n]` for classes, float32 for values, None where there are none.
    """

    inputs: Raw
    labels: Array | None
    indices: Array


class Split(ABC):
    """One part of a data set.

    Attributes:
        name: `train`, `validation`, `test`, or `all`.
        labelled: Samples come with labels.
        labels: Of all samples, where they are known without reading the samples.
        sample_shape: Of a stored sample; None where they differ.
        dtype: numpy's name, or `text`.
        prepared: Values are as the network wants them, so that preprocessing leaves them alone.
        decodes: Reading brings images to size and channel order: uint8 `[H, W, C]`.
        workers: Threads that reading makes good use of.
        chunk: Samples that are read in one go between two looks at the job; None: a whole batch.
    """

    labelled: bool = False
    labels: Array | None = None
    sample_shape: tuple[int, ...] | None = None
    dtype: str = ""
    prepared: bool = False
    decodes: bool = False
    workers: int = 1
    chunk: int | None = None

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Read samples in the order of `indices`.

        Args:
            indices: `[n]` integers.
            preprocessing: Images are brought to its size and channel order while they are
                decoded, so that large ones are never in memory together; None: as stored.
        """

    def keys(self) -> Array:
        """What identifies each sample for good: uint64 `[len]`. Unless overridden its index."""
        return np.arange(len(self), dtype=np.uint64)

    def ready(self, job: Job) -> None:
        """Do the long work that comes before the first read, where there is any."""
        job.checkpoint()


@dataclass
class Skipped:
    """Counts samples that cannot be read, and gives up when there are too many of them.

    A damaged sample is left out of its batch and counted. More than eight, once they are also
    more than one in twenty of those read so far, fail the job.
    """

    read: int = 0
    names: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def good(self, count: int) -> None:
        """Samples that could be read."""
        with self._lock:
            self.read += count

    def leave_out(self, name: str, reason: str) -> None:
        """One that could not.

        Raises:
            DataError: There are too many.
        """
        with self._lock:
            if name in self._seen:
                return
            self._seen.add(name)
            self.names.append(f"{printable(name)} {reason}")
            too_many = len(self.names) > 8 and len(self.names) * 20 > self.read
        if too_many:
            raise bad(
                name,
                f"{reason.rstrip('.')}, and {len(self.names) - 1} more samples cannot be read.",
                "Mend or remove them.",
            )


@dataclass(eq=False)
class DataSet:
    """Data that has been opened.

    Attributes:
        name: Of the file or folder.
        form: `images`, `arrays`, `table`, `text`, `python` or `synthetic`.
        splits: By name, in the order train, validation, test; or `all` alone.
        class_names: In the order of the label numbers; empty without classes.
        task: What the labels are for, as far as they tell.
        notes: What was assumed or left out, one sentence each.
        label_problem: Why its class names do not go with the preprocessing's; else empty.
        synthetic: Noise that stands in for data.
        fingerprint: Differs when the data does; for caches.
        tokenize: Texts, longest → token numbers by kind; for text.
    """

    name: str
    form: str
    splits: Mapping[str, Split]
    class_names: tuple[str, ...] = ()
    task: Task | None = None
    notes: tuple[str, ...] = ()
    label_problem: str = ""
    synthetic: bool = False
    fingerprint: str = ""
    tokenize: Callable[..., dict[str, Array]] | None = None
    skipped: Skipped = field(default_factory=Skipped)

    @property
    def first(self) -> Split:
        """The training split, or what there is in its place."""
        return next(iter(self.splits.values()))

    @property
    def smallest(self) -> Split:
        """The split that is quickest to look into."""
        return min(self.splits.values(), key=len)

    def describe(self) -> DataInfo:
        """What the outside is told."""
        first = self.first
        notes = self.notes
        if self.skipped.names:
            notes += (f"Left out: {listed(self.skipped.names, 3)}",)
        return DataInfo(
            name=self.name,
            form=self.form,
            splits=tuple(SplitInfo(s.name, len(s), s.labelled) for s in self.splits.values()),
            sample_shape=first.sample_shape,
            dtype=first.dtype,
            classes=self.class_names,
            synthetic=self.synthetic,
            notes=notes,
            skipped=len(self.skipped.names),
        )


SPLIT_ORDER = ("train", "validation", "test", "all")
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "eval": "test",
    "evaluation": "test",
}
"""How splits are called in files → how they are called here."""


def ordered(splits: Mapping[str, Split], place: str) -> dict[str, Split]:
    """Splits in their order, without empty ones.

    Raises:
        DataError: Nothing is left.
    """
    kept = {name: splits[name] for name in SPLIT_ORDER if name in splits and len(splits[name])}
    if not kept:
        raise DataError(f"{place} holds no samples.", where=place)
    return kept
