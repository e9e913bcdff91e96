"""How good a network's answers are: against labels, else against a reference network."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.errors import DataError, EngineError
from engine.frozen import FrozenMap
from engine.info import AccuracySource, Evaluation
from engine.jobs.job import Job
from engine.measure.accuracy import Classification, ClassificationMeter, Predictions, class_axis
from engine.measure.agreement import Agreement, AgreementMeter
from engine.measure.answers import AnswerMeter
from engine.measure.predict import Model, Predictor, arrays_of, predictor
from engine.measure.regression import Regression, RegressionMeter
from engine.measure.runtime import Array
from engine.network.network import Network
from engine.preprocessing import Task


class BatchLike(Protocol):
    """What one batch of data gives: arrays `[N, ...]`, labels or None, places in the data set."""

    @property
    def inputs(self) -> Any:
        """One array, or several in the order of the network's inputs, or by name."""

    @property
    def labels(self) -> Array | None:
        """`[N]`, `[N, ...]`, or None."""

    @property
    def indices(self) -> Array | None:
        """`[N]`, or None to count them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an evaluation.

    Attributes:
        task: What the answers are; None as the labels say: whole numbers are classes.
        total: Samples to expect, for the progress; 0 where not known.
        class_names: Of the classes, in order.
        synthetic: The samples are made up, which the result's source then says.
        output: Index of the output that holds the answer.
        ignore_label: A label that is left out (255 in many segmentation sets).
        threads: For ONNX Runtime; None takes all cores but one.
    """

    task: Task | None = None
    total: int = 0
    class_names: tuple[str, ...] = ()
    synthetic: bool = False
    output: int = 0
    ignore_label: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """An evaluation, and each sample's answer for comparing with another network's.

    Attributes:
        evaluation: The numbers.
        predictions: Of the network; None where it does not give one class per sample.
        reference: Of the reference, where it stood in for labels.
    """

    evaluation: Evaluation
    predictions: Predictions | None
    reference: Predictions | None = None


def evaluate(
    model: Model | Predictor,
    batches: Iterable[BatchLike],
    job: Job,
    *,
    reference: Model | Predictor | None = None,
    asked: Asked | None = None,
) -> Evaluated:
    """Run a network over data and measure its answers; nothing but counts is kept.

    Args:
        model: A network in memory (run by PyTorch), the path of an ONNX file, or what runs one.
        batches: The data, once.
        job: For progress and cancelling.
        reference: Measure agreement with this one too; needed where there are no labels.
        asked: What is asked; by default what the labels and outputs suggest.

    Raises:
        DataError: No samples; neither labels nor a reference; labels that do not fit.
        EngineError: A network does not load or run.
        Cancelled: By the job.
    """
    asked = asked or Asked()
    run = _runner(model, asked.threads)
    other = _runner(reference, asked.threads) if reference is not None else None
    meters = _Meters(asked, run, other)
    done = 0
    job.checkpoint("Evaluating", 0, asked.total)
    for batch in batches:
        done += meters.add(batch, job)
        job.checkpoint("Evaluating", done, max(asked.total, done))
    return meters.result()


def _runner(model: Model | Predictor, threads: int | None) -> Predictor:
    return predictor(model, threads) if isinstance(model, Network | str | Path) else model


class _Meters:
    """The meters that fit the data, chosen at the first batch."""

    def __init__(self, asked: Asked, run: Predictor, other: Predictor | None) -> None:
        self._asked = asked
        self._run = run
        self._other = other
        self._classes: ClassificationMeter | None = None
        self._numbers: RegressionMeter | None = None
        self._agreement: list[AgreementMeter] = []
        self._answers = (AnswerMeter(), AnswerMeter())
        self._labelled: bool | None = None
        self._are_shares: bool | None = None

    def add(self, batch: BatchLike, job: Job) -> int:
        """Run and count one batch; its number of samples."""
        arrays = arrays_of(batch.inputs, [info.name for info in self._run.inputs])
        outputs = self._run(arrays, job)
        theirs = self._of_reference(arrays, job)
        if self._asked.output >= len(outputs):
            raise DataError(
                f"The network has {len(outputs)} outputs, no number {self._asked.output + 1}"
            )
        self._check_labels(batch.labels)
        if batch.labels is not None and self._asked.task is Task.DETECTION:
            raise DataError(
                "The accuracy of a network that detects objects is not measured",
                hint="Leave the labels out, and compare it with the original network.",
            )
        answer = outputs[self._asked.output]
        if batch.labels is not None:
            self._add_labels(answer, np.asarray(batch.labels), batch.indices)
        if theirs is not None:
            self._add_reference(outputs, theirs)
            if batch.labels is None:
                self._add_answers(answer, theirs[self._asked.output], batch.indices)
        return len(arrays[0])

    def _add_answers(self, answer: Array, other: Array, indices: Array | None) -> None:
        """Keep what both say to each sample."""
        classes = self._asked.task is not Task.REGRESSION
        if classes and AnswerMeter.fits(answer) and AnswerMeter.fits(other):
            for meter, scores in zip(self._answers, (answer, other), strict=True):
                meter.add(scores, indices)

    def _of_reference(self, arrays: list[Array], job: Job) -> list[Array] | None:
        if self._other is None:
            return None
        try:
            return self._other(arrays, job)
        except EngineError as error:
            raise DataError(
                f"The reference does not run on the same data: {error.message}",
                hint="Compare networks that answer the same question.",
            ) from error

    def _check_labels(self, labels: Array | None) -> None:
        labelled = labels is not None
        if not labelled and self._other is None:
            raise DataError(
                "The data has no labels, and there is no network to compare with",
                hint="Name the label column, or give the original network as reference.",
            )
        if self._labelled is not None and labelled != self._labelled:
            raise DataError("Some of the samples have labels, others have none")
        self._labelled = labelled

    def _add_labels(self, answer: Array, labels: Array, indices: Array | None) -> None:
        if self._classes is None and self._numbers is None:
            if self._is_regression(labels):
                self._numbers = RegressionMeter()
            else:
                self._classes = ClassificationMeter(self._asked.ignore_label)
        if self._asked.task is Task.MULTILABEL:
            answer, labels = self._as_yes_or_no(answer, labels)
        if self._numbers is not None:
            self._numbers.add(answer, labels)
        elif self._classes is not None:
            self._classes.add(answer, labels, indices)

    def _as_yes_or_no(self, answer: Array, labels: Array) -> tuple[Array, Array]:
        """Each of several labels as a question of its own: scores `[N, 2, L]`, labels `[N, L]`."""
        if answer.shape != labels.shape:
            raise DataError(
                f"Labels of shape {list(labels.shape)} do not fit an output of shape "
                f"{list(answer.shape)}",
                hint="A multi-label network wants a 0 or 1 for each of its outputs.",
            )
        score = answer.astype(np.float64)
        if self._are_shares is None:
            self._are_shares = bool(((score >= 0) & (score <= 1)).all())
        no = 1 - score if self._are_shares else np.zeros_like(score)
        return np.stack([no, score], axis=1), labels

    def _is_regression(self, labels: Array) -> bool:
        if self._asked.task in (None, Task.OTHER):
            return labels.dtype.kind == "f"
        return self._asked.task is Task.REGRESSION

    def _add_reference(self, outputs: list[Array], theirs: list[Array]) -> None:
        if len(outputs) != len(theirs):
            raise DataError(
                f"The network has {len(outputs)} outputs, the reference {len(theirs)}",
                hint="Compare networks that answer the same question.",
            )
        if not self._agreement:
            self._agreement = [AgreementMeter() for _ in outputs]
        at = self._asked.output
        classes = self._numbers is None and self._asked.task is not Task.REGRESSION
        pairs = zip(self._agreement, outputs, theirs, strict=True)
        for index, (meter, ours, other) in enumerate(pairs):
            meter.add(ours, other, classes=classes and index == at)
        if not self._labelled and not (classes and _has_classes(theirs[at])):
            self._numbers = self._numbers or RegressionMeter()
            self._numbers.add(outputs[at], theirs[at])

    def result(self) -> Evaluated:
        """The evaluation of everything counted."""
        if self._labelled is None:
            raise DataError("There is not one sample to evaluate")
        classes = self._classes.result() if self._classes is not None else None
        numbers = self._numbers.result() if self._numbers is not None else None
        agreements = [meter.result() for meter in self._agreement]
        agreement = agreements[self._asked.output] if agreements else None
        evaluation = _evaluation(
            classes, numbers, agreement, source=self._source(), runtime=self._run.runtime
        )
        evaluation = dataclasses.replace(
            evaluation,
            labels=self._asked.class_names,
            max_abs_difference=max((a.max_abs_difference for a in agreements), default=None),
        )
        if classes is not None:
            return Evaluated(evaluation, classes.predictions)
        ours, theirs = (meter.result() for meter in self._answers)
        return Evaluated(evaluation, ours, theirs)

    def _source(self) -> AccuracySource:
        if self._labelled:
            return AccuracySource.LABELS
        if self._asked.synthetic:
            return AccuracySource.SYNTHETIC
        return AccuracySource.AGREEMENT


def _evaluation(
    classes: Classification | None,
    numbers: Regression | None,
    agreement: Agreement | None,
    *,
    source: AccuracySource,
    runtime: str,
) -> Evaluation:
    common = Evaluation(
        samples=0,
        source=source,
        runtime=runtime,
        agreement=agreement.agreement if agreement else None,
        kl=agreement.kl if agreement else None,
    )
    if classes is not None:
        return dataclasses.replace(
            common,
            samples=classes.samples,
            top1=classes.top1,
            top5=classes.top5,
            loss=None if math.isnan(classes.loss) else classes.loss,
            interval=classes.interval,
            per_class=classes.per_class,
            confusion=_as_tuples(classes.confusion),
            mean_iou=classes.mean_iou,
            nonfinite=classes.nonfinite,
        )
    if numbers is not None:
        return dataclasses.replace(
            common,
            samples=numbers.samples,
            loss=numbers.mse,
            errors=_errors(numbers),
            nonfinite=numbers.nonfinite,
        )
    if agreement is None:
        raise DataError("There is not one sample to evaluate")
    return dataclasses.replace(
        common,
        samples=agreement.samples,
        top1=agreement.agreement,
        interval=agreement.interval,
        nonfinite=agreement.nonfinite,
    )


def _errors(numbers: Regression) -> FrozenMap[float]:
    named = {
        "mse": numbers.mse,
        "mae": numbers.mae,
        "psnr_db": numbers.psnr_db,
        "snr_db": numbers.snr_db,
        "r2": numbers.r2,
    }
    return FrozenMap({name: value for name, value in named.items() if value is not None})


def _as_tuples(confusion: Array | None) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in confusion.tolist()) if confusion is not None else ()


def _has_classes(output: Array) -> bool:
    """Whether an output can be scores of classes: numbers with a class axis of more than one."""
    if output.ndim < 2 or output.dtype.kind != "f":
        return False
    return bool(output.shape[class_axis(output.shape, None)] > 1)
