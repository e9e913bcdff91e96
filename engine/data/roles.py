"""Who sees which samples: calibration, training, validation, evaluation.

Each sample draws a number from the seed and from what identifies it (its path, or its index), so
that the division is the same on every machine and adding samples moves none between roles.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.dataset import DataSet, Split

Array = np.ndarray[Any, Any]
CALIBRATION = 512
VALIDATION_SHARE = 0.1
MOST_VALIDATION = 5000
EVALUATION_SAMPLE = 2000
DIVISION = (0.6, 0.1, 0.3)
"""Training, validation and evaluation, where the data comes in one piece."""


@dataclass(frozen=True, slots=True, eq=False)
class Subset:
    """Some samples of one split.

    Attributes:
        dataset: What the split belongs to.
        split: Where the samples are.
        indices: int64, ascending, each once.
    """

    dataset: DataSet
    split: Split
    indices: Array

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def labels(self) -> Array | None:
        """Of these samples, where they are known without reading them."""
        return None if self.split.labels is None else self.split.labels[self.indices]

    def sample(self, count: int, seed: int) -> Subset:
        """Some of them, drawn by the seed; all, in order, where there are no more than `count`."""
        if len(self) <= count:
            return self
        drawn = _draws(self.split, seed, "sample")[self.indices]
        chosen = np.sort(self.indices[np.argsort(drawn, kind="stable")[:count]])
        return Subset(self.dataset, self.split, chosen)


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Subsets that share no sample.

    Attributes:
        calibration: 512 of the training data, as many of each class as can be.
        training: The rest of it.
        validation: Chooses checkpoints; serves sensitivity, fit and search.
        evaluation: For reporting alone.
        notes: How the data was divided, where it did not come so; one sentence each.
    """

    calibration: Subset
    training: Subset
    validation: Subset
    evaluation: Subset
    notes: tuple[str, ...] = ()
    seed: int = 0

    def evaluation_sample(self, count: int = EVALUATION_SAMPLE) -> Subset:
        """The part of the evaluation data that is used while tuning."""
        return self.evaluation.sample(count, self.seed)


def roles(dataset: DataSet, seed: int = 0) -> Roles:
    """Divide a data set. The same data and seed give the same division."""
    splits = dataset.splits
    train = splits.get("train")
    held = splits.get("validation")
    test = splits.get("test")
    if train is None and held is not None and test is not None:
        train, held = held, None
    if train is not None and test is None and held is not None:
        # what is called "validation" is the only hold-out, and reporting needs one
        test, held = held, None
    if train is None or test is None:
        return _divided(dataset, dataset.first, seed)
    notes = []
    if test is splits.get("validation"):
        notes.append("There is no test split: the validation split is used for evaluation.")
    pool = np.arange(len(train))
    if held is not None:
        count = min(len(held), MOST_VALIDATION)
        validation = Subset(dataset, held, _lowest(held, np.arange(len(held)), count, seed))
    else:
        count = min(round(len(train) * VALIDATION_SHARE), MOST_VALIDATION)
        validation = Subset(dataset, train, _lowest(train, pool, count, seed))
        pool = np.setdiff1d(pool, validation.indices, assume_unique=True)
        notes.append(f"{count} samples of the training split are kept for validation.")
    calibration, training = _calibration(dataset, train, pool, seed)
    evaluation = Subset(dataset, test, np.arange(len(test)))
    return Roles(calibration, training, validation, evaluation, tuple(notes), seed)


def _divided(dataset: DataSet, split: Split, seed: int) -> Roles:
    """60/10/30 of data that comes in one piece."""
    drawn = _draws(split, seed, "role") / np.float64(1 << 64)
    parts = np.digitize(drawn, np.cumsum(DIVISION)[:2])
    _leave_none_empty(parts, drawn)
    pool, validation, evaluation = (np.flatnonzero(parts == part) for part in range(3))
    calibration, training = _calibration(dataset, split, pool, seed)
    note = (
        f"The data has one split: {len(pool)} samples are for training, "
        f"{len(validation)} for validation, {len(evaluation)} for evaluation."
    )
    return Roles(
        calibration,
        training,
        Subset(dataset, split, validation),
        Subset(dataset, split, evaluation),
        (note,),
        seed,
    )


def _leave_none_empty(parts: Array, drawn: Array) -> None:
    """A handful of samples may all draw the same part: evaluation comes first, then training."""
    for part in (2, 0, 1):
        counts = np.bincount(parts, minlength=3)
        if not counts[part] and counts.max() > 1:
            members = np.flatnonzero(parts == counts.argmax())
            parts[members[np.argmax(drawn[members])]] = part


def _calibration(dataset: DataSet, split: Split, pool: Array, seed: int) -> tuple[Subset, Subset]:
    """512 of the pool, classes in turn, but never more than half of it; and the rest."""
    count = min(CALIBRATION, (len(pool) + 1) // 2)
    drawn = _draws(split, seed, "calibration")[pool]
    turn = np.zeros(len(pool), np.int64)
    labels = split.labels
    if labels is not None and labels.ndim == 1 and labels.dtype.kind == "i":
        turn = _turns(labels[pool], drawn)
    chosen = np.sort(pool[np.lexsort((drawn, turn))[:count]])
    rest = np.setdiff1d(pool, chosen, assume_unique=True)
    return Subset(dataset, split, chosen), Subset(dataset, split, rest)


def _turns(labels: Array, drawn: Array) -> Array:
    """For each sample how many of its class have drawn less."""
    order = np.lexsort((drawn, labels))
    starts = np.flatnonzero(np.diff(labels[order], prepend=labels[order[:1]] - 1))
    sizes = np.diff(np.append(starts, len(order)))
    turn = np.empty(len(labels), np.int64)
    turn[order] = np.arange(len(order)) - np.repeat(starts, sizes)
    return turn


def _lowest(split: Split, pool: Array, count: int, seed: int) -> Array:
    drawn = _draws(split, seed, "role")[pool]
    return np.sort(pool[np.argsort(drawn, kind="stable")[:count]])


def _draws(split: Split, seed: int, purpose: str) -> Array:
    """A uint64 for each sample: splitmix64 (Steele et al. 2014) of its key and the seed."""
    text = f"{seed}/{purpose}".encode()
    start = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
    with np.errstate(over="ignore"):
        mixed = split.keys() * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        done: Array = mixed ^ (mixed >> np.uint64(31))
    return done
