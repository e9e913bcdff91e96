"""What a network's first output means: classes, yes or no, values; and the losses on it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it
from torch import Tensor

from engine.errors import DataError
from engine.preprocessing import Task

_SUM_TOLERANCE = 1e-3


class Form(enum.StrEnum):
    """What the numbers of an output are."""

    CLASSES = "classes"
    """One score per class along an axis."""
    CHOICES = "choices"
    """One score each for independent yes-or-no questions; a single one for two classes."""
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Head:
    """How an output is read.

    Attributes:
        form: What its numbers are.
        axis: Of the classes.
        probabilities: Scores went through softmax or sigmoid already.
    """

    form: Form
    axis: int = 1
    probabilities: bool = False

    def rows(self, output: Tensor) -> Tensor:
        """Unnormalized log-probabilities `[positions, classes]`, or values `[N, values]`.

        A yes-or-no score z becomes the row (0, z).
        """
        if self.form is Form.VALUES:
            return output.flatten(1) if output.dim() > 1 else output[:, None]
        if self.form is Form.CHOICES:
            score = output.reshape(-1)
            if self.probabilities:
                score = torch.logit(score, eps=1e-6)
            return torch.stack([torch.zeros_like(score), score], dim=1)
        scores = output.movedim(self.axis, -1).flatten(0, -2)
        if self.probabilities:
            scores = scores.clamp_min(torch.finfo(scores.dtype).tiny).log()
        return scores

    def label_loss(self, rows: Tensor, labels: Tensor, smoothing: float = 0.0) -> Tensor:
        """Mean cross-entropy in nats, or mean squared error of values."""
        if self.form is Form.VALUES:
            return F.mse_loss(rows, labels.reshape(rows.shape).to(rows.dtype))
        if labels.is_floating_point():  # of several yes-or-no questions, perhaps soft
            yes = labels.reshape(-1).to(rows.dtype).clamp(0, 1)
            log = F.log_softmax(rows, dim=1)
            yes = yes * (1 - smoothing) + smoothing / 2
            return -((1 - yes) * log[:, 0] + yes * log[:, 1]).mean()
        return F.cross_entropy(rows, labels.reshape(-1).long(), label_smoothing=smoothing)

    def hits(self, rows: Tensor, labels: Tensor) -> tuple[int, int]:
        """How many answers are right, of how many; nothing of values."""
        if self.form is Form.VALUES:
            return 0, 0
        wanted = labels.reshape(-1)
        wanted = (wanted > 0.5).long() if wanted.is_floating_point() else wanted.long()
        return int((rows.argmax(dim=1) == wanted).sum()), wanted.numel()


def distance(head: Head, rows: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """How far a student's answers are from its teacher's.

    For classes T² · KL(teacher ‖ student) at temperature T (Hinton et al. 2015, arXiv:1503.02531,
    sec. 2), in nats per position; for values the mean squared error.

    Args:
        head: Of the student.
        rows: Of the student, from `Head.rows`.
        teacher: Likewise, of the same shape.
        temperature: T.
    """
    if head.form is Form.VALUES:
        return F.mse_loss(rows, teacher)
    return (
        F.kl_div(
            F.log_softmax(rows / temperature, dim=1),
            F.log_softmax(teacher / temperature, dim=1),
            reduction="batchmean",
            log_target=True,
        )
        * temperature**2
    )


def find_head(output: Tensor, labels: Tensor | None, task: Task | None) -> Head:
    """Understand a network's first output from an example.

    Args:
        output: Of one batch.
        labels: Of the same samples, where there are any.
        task: What data or preprocessing say that the network is for.

    Raises:
        DataError: The labels do not go with the output.
    """
    if labels is None:
        return _unlabeled(output, task)
    if labels.is_floating_point():
        if labels.numel() != output.numel():
            raise _unfit(output, labels)
        if task is Task.MULTILABEL:
            return Head(Form.CHOICES, probabilities=_within_unit(output))
        return Head(Form.VALUES)
    if output.numel() == len(output) and labels.numel() == len(output):
        return Head(Form.CHOICES, probabilities=_within_unit(output))
    head = Head(Form.CLASSES, _class_axis(output, labels))
    return Head(Form.CLASSES, head.axis, probabilities=_are_probabilities(head.rows(output)))


def check_labels(head: Head, output: Sequence[int], labels: Tensor) -> None:
    """Class numbers are ones that the output has.

    Raises:
        DataError: They are not.
    """
    if head.form is Form.VALUES or labels.is_floating_point() or not labels.numel():
        return
    classes = 2 if head.form is Form.CHOICES else output[head.axis]
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise DataError(
            f"The data has a label {low if low < 0 else high}, and the network has {classes} "
            f"classes, numbered from 0 to {classes - 1}",
            hint="Set first_label in the preprocessing, or mend the labels.",
        )


def _unlabeled(output: Tensor, task: Task | None) -> Head:
    if task is Task.MULTILABEL:
        return Head(Form.CHOICES, probabilities=_within_unit(output))
    classes = task in (Task.CLASSIFICATION, Task.SEGMENTATION, Task.LANGUAGE)
    if output.dim() < 2 or output.shape[1] < 2 or not (classes or (not task and output.dim() == 2)):
        return Head(Form.VALUES)
    axis = 2 if output.dim() == 3 else 1
    head = Head(Form.CLASSES, axis)
    return Head(Form.CLASSES, axis, probabilities=_are_probabilities(head.rows(output)))


def _class_axis(output: Tensor, labels: Tensor) -> int:
    shape = tuple(output.shape)
    if (shape[0], *shape[2:]) == tuple(labels.shape):
        return 1
    if shape[:-1] == tuple(labels.shape):
        return len(shape) - 1
    raise _unfit(output, labels)


def _unfit(output: Tensor, labels: Tensor) -> DataError:
    return DataError(
        f"Labels of shape {list(labels.shape)} do not fit an output of shape {list(output.shape)}",
        hint="Give labels that go with the network's first output, or learn from the original "
        "network alone with the method soft_targets.",
    )


def _within_unit(scores: Tensor) -> bool:
    return bool(((scores >= 0) & (scores <= 1)).all())


def _are_probabilities(rows: Tensor) -> bool:
    sums = rows.sum(dim=1)
    return _within_unit(rows) and bool(((sums - 1).abs() <= _SUM_TOLERANCE).all())
