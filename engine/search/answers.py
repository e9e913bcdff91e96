"""The original's answers, and how far from them those of a changed network are."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.cost import Floats
from engine.errors import EngineError
from engine.jobs.job import Job
from engine.search.tails import Tails
from engine.statistics.calibration import Calibration

_KEPT_BYTES = 256 << 20
"""Of the original's answers that are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The original's answers to some samples.

    Attributes:
        answers: First output; for classes logarithms of their probabilities, float64 `[n, C]`.
        right: Whether they are the labels, `[n]`; None without labels.
        labels: `[n]`.
        power: Mean square of outputs that are no classes, over all samples; 0 for classes.
    """

    answers: Tensor
    right: Tensor | None
    labels: Tensor | None
    power: float

    def compare(self, new: Tensor) -> tuple[Floats, Floats | None]:
        """Loss of each sample, and whether it is wrong where it was right."""
        if self.power:
            losses = 0.5 * (new.double() - self.answers).square().flatten(1).sum(1) / self.power
            return losses.numpy(), None
        logs = torch.log_softmax(new.double(), 1)
        losses = (self.answers.exp() * (self.answers - logs)).sum(1).clamp(min=0)
        if self.right is None or self.labels is None:
            return losses.numpy(), None
        right = new.argmax(1) == self.labels
        return losses.numpy(), (self.right.double() - right.double()).numpy()


class Answers:
    """The original's answers to all samples: kept if they are small, else worked out again.

    Args:
        tails: Runs the original.
        samples: All of them.
        size: How many are run together.
        job: For progress.

    Raises:
        EngineError: Answers are not finite.
    """

    def __init__(self, tails: Tails, samples: Calibration, size: int, job: Job) -> None:
        self._tails = tails
        self._samples = samples
        self.uncertainty: NDArray[np.float64] | None = None
        """1 - Σ p² of each answer; None for outputs that are no classes."""
        self.seconds = 0.0
        """Processor time of a forward pass over all samples."""
        kept: list[Tensor] = []
        unsure: list[Tensor] = []
        squares = 0.0
        began = time.process_time()
        for number, batch in enumerate(samples.batches(size)):
            answers = _finite(tails.answers(batch).double())
            if answers.dim() == 2 and answers.shape[1] > 1:
                answers = torch.log_softmax(answers, 1)
                unsure.append(1 - answers.exp().square().sum(1))
            else:
                squares += float(answers.square().sum())
            if answers.nbytes // max(len(answers), 1) * len(samples) <= _KEPT_BYTES:
                kept.append(answers)
            done = min((number + 1) * size, len(samples))
            job.checkpoint("Running the original", done, len(samples))
        self.seconds = max(time.process_time() - began, 1e-9)
        self.power = 0.0 if unsure else max(squares / len(samples), 1e-30)
        self._kept = torch.cat(kept) if kept else None
        self.right: Tensor | None = None
        if unsure:
            self.uncertainty = torch.cat(unsure).numpy()
            self.right = None if self._kept is None else _right(self._kept, samples.labels)

    def arrange(self, samples: Calibration, order: Tensor) -> None:
        """Take the samples in another order: `samples` are in it already."""
        self._samples = samples
        self._kept = None if self._kept is None else self._kept[order]
        self.right = None if self.right is None else self.right[order]

    def of(self, start: int, end: int) -> Reference:
        """Of some samples in their order."""
        if self._kept is not None:
            answers = self._kept[start:end]
        else:
            batch = tuple(tensor[start:end] for tensor in self._samples.inputs)
            answers = self._tails.answers(batch).double()
            if not self.power:
                answers = torch.log_softmax(answers, 1)
        if self.right is None or self._samples.labels is None:
            return Reference(answers, None, None, self.power)
        return Reference(
            answers, self.right[start:end], self._samples.labels[start:end], self.power
        )


def _finite(answers: Tensor) -> Tensor:
    if not bool(answers.isfinite().all()):
        raise EngineError(
            "The network's own answers are not all finite numbers, so that nothing can be "
            "compared with them",
            hint="Look for layers with NaN or infinite weights, or check the data.",
        )
    return answers


def _right(logs: Tensor, labels: Tensor | None) -> Tensor | None:
    """Whether answers are the labels, where those are classes."""
    if labels is None or labels.dim() != 1 or labels.is_floating_point():
        return None
    if not bool(((labels >= 0) & (labels < logs.shape[1])).all()):
        return None
    return logs.argmax(1) == labels
