"""A few samples of a data set: what they are, and what the network says to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from engine import preprocessing_file
from engine.data.batches import prepare as prepare_samples
from engine.data.dataset import DataSet, Samples
from engine.data.fit import check_fit
from engine.data.roles import Subset, roles
from engine.data_info import Fit
from engine.details import DataPreview, Sample, SampleDetail
from engine.errors import DataError, EngineError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.jobs.looks import DataLook, SampleLook
from engine.looks.material import batch_for, open_data_set
from engine.looks.pictures import described, prepared_pictures, stored_pictures
from engine.measure.answers import AnswerMeter
from engine.measure.predict import Predictor, predictor
from engine.methods.waiting import wait_for
from engine.models import per_sample, runs_as_it_is
from engine.opened import OpenModel, open_model
from engine.preprocessing import Task, questions

MOST = 256
"""Samples in one answer."""
_DRAWN = 16
"""Times as many samples are drawn as are shown, to find some of each class."""
_VALUES = 8
"""Numbers that are shown of an answer that is no class."""

Array = NDArray[Any]
Numbers = NDArray[np.int64]


def look_at_data(request: DataLook, job: Job) -> DataPreview:
    """Answer a `DataLook`."""
    data = request.data
    path = None if request.model is None else request.model.path
    found = preprocessing_file.find(path, data.paths, data.preprocessing)
    given = request.preprocessing or found.preprocessing
    dataset = open_data_set(data, given, job)
    model, reason = _model(request, job)
    inputs, outputs = _ends(model)
    job.checkpoint("Comparing data and network")
    fit = wait_for(lambda: check_fit(dataset, given, inputs, outputs), job)
    subset = _part(dataset, request.split, request.seed)
    chosen = _of_each_class(subset, min(max(request.count, 0), MOST), request.seed)
    reader = _Reader(dataset, fit, Subset(dataset, subset.split, chosen))
    samples = reader.samples(job)
    if model is not None and fit.ok and samples:
        samples, reason = _with_answers(samples, reader, model, inputs, job)
    elif model is not None:
        reason = "" if fit.ok else fit.message
    return DataPreview(
        info=dataset.describe(),
        fit=fit,
        source="" if found.path is None else str(found.path),
        given=given,
        missing=questions(fit.preprocessing),
        split=subset.split.name,
        samples=tuple(samples),
        reason=reason,
    )


def look_at_samples(request: SampleLook, job: Job) -> SampleDetail:
    """Answer a `SampleLook`."""
    data = request.data
    path = None if request.model is None else request.model.path
    given = preprocessing_file.find(path, data.paths, data.preprocessing).preprocessing
    dataset = open_data_set(data, given, job)
    subset = _part(dataset, request.split, 0)
    indices = np.array(request.indices[:MOST], np.int64)
    if indices.size and not 0 <= indices.min() <= indices.max() < len(subset.split):
        raise DataError(
            f"{dataset.name} has {len(subset.split)} samples in {subset.split.name}, and no "
            f"number {int(indices.max())}",
            hint="The data has changed since: run the trial again.",
        )
    fit = Fit(ok=True, message="", preprocessing=given)
    reader = _Reader(dataset, fit, Subset(dataset, subset.split, indices))
    return SampleDetail(subset.split.name, tuple(reader.samples(job)))


def _model(request: DataLook, job: Job) -> tuple[OpenModel | None, str]:
    """The network, or why there are no predictions; data is worth a look without one."""
    if request.model is None:
        return None, "No network is open."
    try:
        return open_model(request.model, job), ""
    except EngineError as error:
        return None, error.one_line()


def _ends(model: OpenModel | None) -> tuple[tuple[TensorInfo, ...], tuple[TensorInfo, ...]]:
    """Inputs and outputs, batch axis included."""
    if model is None:
        return (), ()
    network = model.opened.network
    if network is not None:
        return network.inputs, network.outputs
    info = model.opened.info
    return per_sample(info.inputs, model.source), per_sample(info.outputs, model.source)


def _part(dataset: DataSet, split: str, seed: int) -> Subset:
    """The samples of a split; `auto`: those that accuracy is measured on."""
    if split == "auto":
        return roles(dataset, seed).evaluation
    if split not in dataset.splits:
        raise DataError(
            f"{dataset.name} has no split called {split}",
            hint=f"It has {', '.join(dataset.splits)}.",
        )
    part = dataset.splits[split]
    return Subset(dataset, part, np.arange(len(part)))


def _of_each_class(subset: Subset, count: int, seed: int) -> Numbers:
    """Some samples, drawn by the seed, classes in turn where they are known."""
    drawn = subset.sample(count * _DRAWN, seed)
    labels = drawn.labels
    if labels is None or labels.ndim != 1 or labels.dtype.kind != "i":
        return np.sort(subset.sample(count, seed).indices)
    order = np.random.default_rng(seed).permutation(len(drawn))
    turn = np.empty(len(drawn), np.int64)
    seen: dict[int, int] = {}
    for at in order:
        label = int(labels[at])
        turn[at] = seen[label] = seen.get(label, -1) + 1
    best = np.lexsort((labels, turn))[:count]
    chosen: Numbers = drawn.indices[best[np.argsort(labels[best], kind="stable")]]
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class _Reader:
    """Reads samples, for people and for the network."""

    dataset: DataSet
    fit: Fit
    subset: Subset

    def samples(self, job: Job) -> list[Sample]:
        """As stored, in the order of the subset; those that cannot be read are left out."""
        if not len(self.subset):
            return []
        job.checkpoint("Reading samples", 0, len(self.subset))
        self.subset.split.ready(job)
        read = wait_for(lambda: self.subset.split.read(self.subset.indices), job)
        if not len(read.indices):
            return []
        split, given = self.subset.split, self.fit.preprocessing
        pictures = stored_pictures(read.inputs, split, given)
        texts = described(read.inputs, split)
        job.checkpoint("Reading samples", len(self.subset), len(self.subset))
        return [
            self._labeled(
                Sample(int(index), picture, "" if picture is not None else text), read, at
            )
            for at, (index, picture, text) in enumerate(
                zip(read.indices, pictures, texts, strict=True)
            )
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return self.dataset.class_names or self.fit.preprocessing.labels

    def _labeled(self, sample: Sample, read: Samples, at: int) -> Sample:
        if read.labels is None:
            return sample
        label = np.asarray(read.labels[at])
        if label.ndim == 0 and label.dtype.kind == "i":
            number = int(label) - self.fit.preprocessing.first_label
            return replace(sample, label=number, label_name=name_of(number, self.names))
        if label.size <= _VALUES:
            return replace(sample, label_name=_values(label))
        return sample

    def prepared(self, inputs: tuple[TensorInfo, ...]) -> tuple[Numbers, dict[str, Array]]:
        """What the network gets, with the samples' numbers."""
        given = self.fit.preprocessing
        read = self.subset.split.read(self.subset.indices, given)
        if not len(read.indices):
            return read.indices, {}
        made = prepare_samples(self.dataset, self.subset.split, read, given, inputs)
        return read.indices, made


def name_of(number: int, names: tuple[str, ...]) -> str:
    """What a class is called; its number where it has no name."""
    return names[number] if 0 <= number < len(names) else str(number)


def _values(values: Array) -> str:
    return ", ".join(f"{value:.4g}" for value in values.reshape(-1).tolist())


def _with_answers(
    samples: list[Sample],
    reader: _Reader,
    model: OpenModel,
    inputs: tuple[TensorInfo, ...],
    job: Job,
) -> tuple[list[Sample], str]:
    """The samples with what the network says to them; or why it says nothing."""
    try:
        run = _predictor(model)
        if run is None:
            return samples, model.opened.reason
        indices, arrays = wait_for(lambda: reader.prepared(inputs), job)
        scores = _scores(run, arrays, batch_for(model.opened.network), job)
    except EngineError as error:
        return samples, error.one_line()
    given = reader.fit.preprocessing
    pictures = dict(zip(indices.tolist(), prepared_pictures(arrays, given), strict=True))
    answers = _answers(scores, given.task or reader.dataset.task, reader.names)
    by_index = dict(zip(indices.tolist(), answers, strict=True))
    found = [
        replace(one, prepared=pictures.get(one.index), **by_index.get(one.index, {}))
        for one in samples
    ]
    told = any(one.predicted_name for one in found)
    return found, "" if told else "What this network answers is neither a class nor a number."


def _predictor(model: OpenModel) -> Predictor | None:
    network = model.opened.network
    if network is not None:
        return model.fact("predictor", lambda: predictor(network))
    if runs_as_it_is(model.source):
        return model.fact("predictor", lambda: predictor(model.source.path))
    return None


def _scores(run: Predictor, arrays: dict[str, Array], batch: int, job: Job) -> Array:
    """The first output for all samples."""
    columns = [arrays[info.name] for info in run.inputs if info.name in arrays]
    columns = columns if len(columns) == len(run.inputs) else list(arrays.values())
    total = len(columns[0])
    parts = []
    for start in range(0, total, batch):
        job.checkpoint("Asking the network", start, total)
        some = [column[start : start + batch] for column in columns]
        parts.append(wait_for(lambda some=some: run(some)[0], job))  # type: ignore[misc]  # the default binds the loop's value
    return np.concatenate(parts)


def _answers(scores: Array, task: Task | None, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """For each sample the fields of `Sample` that say what was predicted."""
    if task is not Task.REGRESSION and AnswerMeter.fits(scores):
        meter = AnswerMeter()
        meter.add(scores)
        found = meter.result()
        assert found is not None
        return [
            {
                "predicted": int(number),
                "predicted_name": name_of(int(number), names),
                "probability": float(sure),
            }
            if number >= 0
            else {"predicted_name": "NaN"}
            for number, sure in zip(found.predicted, found.confidence, strict=True)
        ]
    values = scores.reshape(len(scores), -1)
    if values.shape[1] == 1 and task not in (Task.REGRESSION, None, Task.OTHER):
        return [_yes_or_no(float(value), values, names) for value in values[:, 0]]
    if 0 < values.shape[1] <= _VALUES:
        return [{"predicted_name": _values(row)} for row in values]
    return [{} for _ in values]


def _yes_or_no(value: float, values: Array, names: tuple[str, ...]) -> dict[str, Any]:
    """One score per sample: a probability where none of them is outside 0…1, else a logit."""
    if not np.isfinite(value):
        return {"predicted_name": "NaN"}
    inside = bool(((values >= 0) & (values <= 1)).all())
    yes = value if inside else float(special.expit(value))
    number = int(yes > 0.5)
    return {
        "predicted": number,
        "predicted_name": name_of(number, names),
        "probability": yes if number else 1 - yes,
    }
