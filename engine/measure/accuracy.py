"""Accuracy of a classifier, counted batch by batch: nothing but counts and one row per sample stay.

Works on scores `[N, C]`, on dense scores `[N, C, H, W]` (segmentation) and `[N, T, C]` (one class
per token), and on one score per sample `[N]`, `[N, 1]` (two classes). Scores may be logits or
probabilities: what they are is seen from all of them together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from engine.errors import DataError

Array = NDArray[Any]
CONFUSION_CLASSES = 1024
"""A confusion matrix is kept up to this many classes."""
_CHUNK = 1 << 20
"""Values that are converted to float64 at a time."""
_SUM_TOLERANCE = 1e-3
_SMALLEST = float(np.finfo(np.float32).tiny)
_TOP = 5


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """One row per sample, for comparing two networks over the same samples.

    Attributes:
        indices: Of the samples in the data set, `[N]` int64.
        predicted: Class with the highest score, -1 where a score is not finite; `[N]` int32. For
            dense outputs empty.
        confidence: Its probability, or for dense outputs the share of positions that are right;
            `[N]` float32.
        correct: Whether it is the label; `[N]` bool; empty where there are no labels.
        labels: The labels, `[N]` int32; empty where there are none.
    """

    indices: NDArray[np.int64]
    predicted: NDArray[np.int32]
    confidence: NDArray[np.float32]
    correct: NDArray[np.bool_]
    labels: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """How well the network's classes match the labels.

    Attributes:
        samples: Rows of the data, whatever the number of positions in each.
        positions: Labels that were counted: samples, or pixels or tokens of dense outputs.
        top1: Share of positions whose highest score is the label's.
        top5: Share whose label is among the five highest; None with five classes or fewer.
        interval: 95 % interval of `top1`: Wilson's, or Student's over samples for dense outputs,
            whose positions are not independent.
        loss: Mean cross-entropy in nats over positions with finite scores; NaN without any.
        per_class: Share of each class's positions that are right; None for a class without any.
        mean_iou: Mean intersection over union of the classes that occur; None if not dense.
        confusion: Counts `[true class, predicted class]`; None above `CONFUSION_CLASSES`.
        nonfinite: Positions with a score that is NaN or infinite; they count as wrong.
        predictions: One row per sample.
    """

    samples: int
    positions: int
    top1: float
    top5: float | None
    interval: tuple[float, float]
    loss: float
    per_class: tuple[float | None, ...]
    mean_iou: float | None
    confusion: NDArray[np.int64] | None
    nonfinite: int
    predictions: Predictions


def wilson_interval(hits: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a share that was measured as `hits / trials` (Wilson 1927); (0, 1) of none."""
    if trials == 0:
        return (0.0, 1.0)
    interval = stats.binomtest(hits, trials).proportion_ci(confidence, method="wilson")
    return (float(interval.low), float(interval.high))


def student_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of the mean of shares that are independent of each other, within 0…1."""
    if values.size < 2:
        return (0.0, 1.0)
    half = float(stats.t.ppf(0.975, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size))
    mean = float(values.mean())
    return (max(0.0, mean - half), min(1.0, mean + half))


def class_rows(scores: Array, shape: tuple[int, ...] | None = None) -> Iterator[Array]:
    """Scores as rows `[positions, C]`: one array per sample for dense outputs, else one in all.

    Args:
        scores: `[N, C]`, `[N, C, ...]` or `[N, ..., C]`.
        shape: Of the labels, which says where the class axis is (see `class_axis`).
    """
    if scores.ndim == 2:
        yield scores
        return
    axis = class_axis(scores.shape, shape)
    for sample in scores:
        yield np.moveaxis(sample, axis - 1, -1).reshape(-1, scores.shape[axis])


def class_axis(scores: tuple[int, ...], labels: tuple[int, ...] | None) -> int:
    """The axis of the classes: 1, as PyTorch has it, unless only the last one fits the labels.

    Without labels, three axes are taken for `[N, T, C]`: one class per token.

    Raises:
        DataError: Neither fits.
    """
    if labels is None:
        return 2 if len(scores) == 3 else 1
    if (scores[0], *scores[2:]) == labels:
        return 1
    if scores[:-1] == labels:
        return len(scores) - 1
    raise DataError(
        f"Labels of shape {list(labels)} do not fit an output of shape {list(scores)}",
        hint="A classifier wants one label per row of its output; a dense one, one per position.",
    )


def are_probabilities(rows: NDArray[np.float64]) -> bool:
    """Whether every finite row could be a probability distribution."""
    rows = rows[np.isfinite(rows).all(axis=1)]
    inside = bool((rows >= 0).all() and (rows <= 1).all())
    return inside and bool((np.abs(rows.sum(axis=1) - 1) <= _SUM_TOLERANCE).all())


class ClassificationMeter:
    """Counts batches of scores and labels; `result()` gives the accuracy so far.

    Args:
        ignore_label: A label that is left out, as 255 often is in segmentation.
    """

    def __init__(self, ignore_label: int | None = None) -> None:
        self._ignore = ignore_label
        self._counts: list[_Counts] = []
        self._dense = False
        self._rows: list[tuple[Array, ...]] = []
        self._samples = 0
        self._shares: list[float] = []
        self._logits = False

    def add(self, scores: Array, labels: Array, indices: Array | None = None) -> None:
        """Count one batch.

        Args:
            scores: `[N, C]`, `[N, C, ...]`, `[N, ..., C]`, `[N, 1]` or `[N]`.
            labels: Class numbers `[N]`, or `[N, ...]` for dense scores.
            indices: Of the samples, `[N]`; counted on from the last ones where not given.

        Raises:
            DataError: Shapes or labels that do not fit.
        """
        if len(scores) == 0:
            return
        scores, labels = _as_classes(scores, labels)
        _check_whole(labels)
        if indices is None:
            indices = np.arange(self._samples, self._samples + len(scores))
        if scores.shape[1] == 1 and scores.ndim == 2:
            self._add_binary(scores[:, 0], labels, indices)
        else:
            self._add(scores, labels, indices)
        self._samples += len(scores)

    def _add(self, scores: Array, labels: Array, indices: Array) -> None:
        classes = scores.shape[class_axis(scores.shape, labels.shape)]
        counts = self._counts_for(classes, forms=1)[0]
        self._dense = scores.ndim > 2
        flat = labels if self._dense else labels[None]
        for rows, wanted in zip(class_rows(scores, labels.shape), flat, strict=True):
            keep = wanted.reshape(-1) != self._ignore
            hits_before, seen_before = counts.hits(), counts.positions
            predicted, confidence = counts.add(rows[keep], wanted.reshape(-1)[keep])
            if self._dense:
                seen = counts.positions - seen_before
                self._shares.append((counts.hits() - hits_before) / seen if seen else math.nan)
            else:
                everything = (indices[keep], predicted, confidence, wanted[keep])
                self._rows.append(everything)
        if self._dense:
            self._rows.append((indices,))

    def _add_binary(self, scores: Array, labels: Array, indices: Array) -> None:
        """Count one score per sample both ways: which one holds is known only at the end."""
        score = scores.astype(np.float64)
        self._logits = self._logits or bool(((score < 0) | (score > 1)).any())
        keep = labels != self._ignore
        as_logits = np.stack([np.zeros_like(score), score], axis=1)[keep]
        as_probabilities = np.clip(np.stack([1 - score, score], axis=1)[keep], 0, 1)
        logits, probabilities = self._counts_for(2, forms=2)
        self._rows.append(
            (
                indices[keep],
                *logits.add(as_logits, labels[keep]),
                labels[keep],
                *probabilities.add(as_probabilities, labels[keep]),
            )
        )

    def _counts_for(self, classes: int, forms: int) -> list[_Counts]:
        if not self._counts:
            self._counts = [_Counts(classes) for _ in range(forms)]
        if len(self._counts) != forms or self._counts[0].classes != classes:
            raise DataError("The number of classes differs from one batch to the next")
        return self._counts

    def result(self) -> Classification:
        """Everything counted so far.

        Raises:
            DataError: Nothing was counted.
        """
        if not self._counts or self._counts[0].positions == 0:
            raise DataError("There is not one labelled sample to measure the accuracy on")
        second = len(self._counts) == 2 and not self._logits
        counts = self._counts[1 if second else 0]
        hits = counts.hits()
        shares = np.array([s for s in self._shares if not math.isnan(s)], np.float64)
        spread = student_interval(shares) if self._dense else None
        return Classification(
            samples=self._samples,
            positions=counts.positions,
            top1=hits / counts.positions,
            top5=counts.within_top / counts.positions if counts.classes > _TOP else None,
            interval=spread or wilson_interval(hits, counts.positions),
            loss=counts.loss(),
            per_class=tuple(counts.per_class()),
            mean_iou=counts.mean_iou() if self._dense else None,
            confusion=counts.confusion_matrix(),
            nonfinite=counts.nonfinite,
            predictions=self._predictions(second=second),
        )

    def _predictions(self, *, second: bool) -> Predictions:
        indices = np.concatenate([r[0] for r in self._rows]).astype(np.int64)
        if self._dense:
            return Predictions(
                indices,
                np.empty(0, np.int32),
                np.array(self._shares, np.float32),
                np.empty(0, np.bool_),
            )
        first = 4 if second else 1
        predicted = np.concatenate([r[first] for r in self._rows]).astype(np.int32)
        confidence = np.concatenate([r[first + 1] for r in self._rows]).astype(np.float32)
        labels = np.concatenate([r[3] for r in self._rows])
        correct = predicted == labels
        return Predictions(indices, predicted, confidence, correct, labels.astype(np.int32))


class _Counts:
    """Running counts for one form of scores."""

    def __init__(self, classes: int) -> None:
        self.classes = classes
        self.positions = 0
        self.within_top = 0
        self.nonfinite = 0
        self._finite = 0
        self._right = np.zeros(classes, np.int64)
        self._true = np.zeros(classes, np.int64)
        self._predicted = np.zeros(classes, np.int64)
        small = classes <= CONFUSION_CLASSES
        self._confusion = np.zeros(classes * classes, np.int64) if small else None
        self._loss_as_logits = 0.0
        self._loss_as_probabilities = 0.0
        self._all_probabilities = True

    def add(self, rows: Array, labels: Array) -> tuple[Array, Array]:
        """Count rows `[P, C]` with labels `[P]`; predicted classes and their probabilities."""
        labels = labels.astype(np.int64)
        _check_range(labels, self.classes)
        step = max(1, _CHUNK // self.classes)
        predicted, confidence = [np.empty(0, np.int32)], [np.empty(0, np.float32)]
        for start in range(0, len(rows), step):
            some = rows[start : start + step].astype(np.float64)
            classes, probability = self._add(some, labels[start : start + step])
            predicted.append(classes.astype(np.int32))
            confidence.append(probability.astype(np.float32))
        return np.concatenate(predicted), np.concatenate(confidence)

    def _add(self, rows: NDArray[np.float64], labels: NDArray[np.int64]) -> tuple[Array, Array]:
        at = np.arange(len(rows))
        finite = np.asarray(np.isfinite(rows).all(axis=1))
        safe = np.where(finite[:, None], rows, 0.0)
        own = safe[at, labels][:, None]
        earlier = np.arange(self.classes)[None] < labels[:, None]
        # Equal scores rank by class number, as argmax has it: constant scores are not all right.
        rank = (safe > own).sum(axis=1) + ((safe == own) & earlier).sum(axis=1)
        predicted = np.where(finite, safe.argmax(axis=1), -1)
        self._true += np.bincount(labels, minlength=self.classes)
        self._right += np.bincount(labels[finite & (rank == 0)], minlength=self.classes)
        self._predicted += np.bincount(predicted[finite], minlength=self.classes)
        if self._confusion is not None:
            cells = labels[finite] * self.classes + predicted[finite]
            self._confusion += np.bincount(cells, minlength=self.classes**2)
        self.within_top += int((finite & (rank < _TOP)).sum())
        self.positions += len(rows)
        self._finite += int(finite.sum())
        self.nonfinite += int((~finite).sum())
        return predicted, self._add_loss(safe, labels, finite, predicted)

    def _add_loss(
        self,
        rows: NDArray[np.float64],
        labels: NDArray[np.int64],
        finite: Array,
        predicted: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Add the cross-entropy under both forms; the predicted classes' probabilities."""
        at = np.arange(len(rows))
        self._all_probabilities = self._all_probabilities and are_probabilities(rows[finite])
        own = np.clip(rows[at, labels], _SMALLEST, None)
        self._loss_as_probabilities -= float(np.log(own)[finite].sum())
        log = special.log_softmax(rows, axis=1)
        self._loss_as_logits -= float(log[at, labels][finite].sum())
        top = np.maximum(predicted, 0)
        probability = rows[at, top] if self._all_probabilities else np.exp(log[at, top])
        return np.where(finite, probability, np.nan)

    def hits(self) -> int:
        return int(self._right.sum())

    def loss(self) -> float:
        if self._finite == 0:
            return math.nan
        total = self._loss_as_probabilities if self._all_probabilities else self._loss_as_logits
        return total / self._finite

    def per_class(self) -> Iterator[float | None]:
        for right, true in zip(self._right, self._true, strict=True):
            yield int(right) / int(true) if true else None

    def mean_iou(self) -> float:
        union = self._true + self._predicted - self._right
        return float((self._right[union > 0] / union[union > 0]).mean())

    def confusion_matrix(self) -> NDArray[np.int64] | None:
        if self._confusion is None:
            return None
        matrix = self._confusion.reshape(self.classes, self.classes).copy()
        matrix.setflags(write=False)
        return matrix


def _as_classes(scores: Array, labels: Array) -> tuple[Array, Array]:
    """Scores with a class axis, and labels without a trailing axis of one."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.ndim == 1:
        scores = scores[:, None]
    if scores.ndim == 2 and labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if scores.ndim == 2 and labels.shape != scores.shape[:1]:
        raise DataError(
            f"Labels of shape {list(labels.shape)} do not fit an output of shape "
            f"{list(scores.shape)}",
            hint="A classifier wants one class number per row of its output.",
        )
    return scores, labels


def _check_whole(labels: Array) -> None:
    """Raise unless the labels are whole numbers, whatever their type."""
    if np.issubdtype(labels.dtype, np.integer) or labels.dtype == np.bool_:
        return
    if not np.issubdtype(labels.dtype, np.floating) or not (labels == np.floor(labels)).all():
        raise DataError(
            "The labels are not class numbers",
            hint='Set "task": "regression" for a network that predicts numbers.',
        )


def _check_range(labels: NDArray[np.int64], classes: int) -> None:
    """Raise unless every label is one of the network's classes."""
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        outside = int(labels.min() if labels.min() < 0 else labels.max())
        raise DataError(
            f"The label {outside} does not fit a network with {classes} classes "
            f"(0 to {classes - 1})",
            hint="Check that the data belongs to this network, and that its labels count from 0.",
        )
