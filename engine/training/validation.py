"""What the best state is chosen by: samples that are not trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.training.loader import Samples, Source, taken
from engine.training.objective import Objective
from engine.training.student import Student

CACHED_BYTES = 256 << 20
"""Of prepared validation samples that are kept between two looks."""
BATCH = 250


class Score(NamedTuple):
    """Of a state on the validation samples.

    Attributes:
        loss: Mean of the training's objective, without augmentation.
        accuracy: Share of right answers; None without labels or for values.
        samples: How many were looked at.
    """

    loss: float
    accuracy: float | None
    samples: int

    def better_than(self, other: Score) -> bool:
        """More right answers; with as many, or where none are counted, a smaller loss."""
        if not math.isfinite(self.loss):
            return False
        if not math.isfinite(other.loss):
            return True
        mine, its = self.accuracy or 0.0, other.accuracy or 0.0
        return mine > its or (mine == its and self.loss < other.loss)


class _Answered(NamedTuple):
    samples: Samples
    answers: list[Tensor]


class Validation:
    """Validation samples, read once where they fit into memory.

    Args:
        source: What is read.
        batch: Samples at once; a fixed batch is filled up with samples that do not count.
        job: Looked at while reading and running.
        fixed: Every batch must have its full size.
    """

    def __init__(self, source: Source, batch: int, job: Job, *, fixed: bool) -> None:
        self._source = source
        self._batch = batch if fixed else min(BATCH, max(batch, 32))
        self._job = job
        self._fixed = fixed
        self._kept: list[_Answered] | None = None

    def score(self, student: Student, objective: Objective, step: int) -> Score:
        """Of the student as it is, which is in evaluation mode."""
        total, right, answered, samples = 0.0, 0, 0, 0
        with torch.inference_mode():
            for batch in self._batches(objective):
                self._job.checkpoint(f"Validating after step {step}")
                count = len(batch.samples)
                outputs = student(self._filled(batch.samples).inputs)
                outputs = tuple(output[:count] for output in outputs)
                labels = batch.samples.labels
                labels = None if labels is None else labels.to(outputs[0].device)
                loss, rows = objective.loss(outputs, labels, batch.answers)
                total += float(loss) * count
                samples += count
                if labels is not None and objective.labels is not None:
                    hits, of = objective.head.hits(rows, labels)
                    right, answered = right + hits, answered + of
        mean = total / samples if samples else math.nan
        return Score(mean, right / answered if answered else None, samples)

    def _filled(self, samples: Samples) -> Samples:
        if not self._fixed or len(samples) == self._batch:
            return samples
        return taken(samples, torch.arange(self._batch) % len(samples))

    def _batches(self, objective: Objective) -> Iterator[_Answered]:
        """Batches with the teachers' answers, which stay the same from look to look."""
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[_Answered] | None = []
        size = 0
        for samples in self._source.read(self._source.subset.indices, self._batch, self._job):
            filled = self._filled(samples)
            rows = len(samples) / len(filled)
            answers = [a[: round(len(a) * rows)] for a in objective.answers(filled)]
            batch = _Answered(samples, answers)
            size += sum(x.numel() * x.element_size() for x in (*samples.inputs, *answers))
            kept = None if kept is None or size > CACHED_BYTES else [*kept, batch]
            yield batch
        self._kept = kept
