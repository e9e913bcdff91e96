"""All that the engine thread ever runs: a request in, a frozen result out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine import preprocessing_file
from engine.budget import METHODS, FitBudget, Fitted
from engine.compress.compression import compress
from engine.compress.fitting import fit_budget
from engine.cost import Estimated
from engine.costs_measured import MeasureCosts, Measured, check_measuring
from engine.data.batches import batches
from engine.data.dataset import DataSet
from engine.data.fit import require_fit
from engine.data.roles import Subset, roles
from engine.data.sources import open_data
from engine.data.synthetic import synthetic
from engine.errors import DataError, EngineError
from engine.info import (
    AccuracySource,
    Evaluation,
    Exported,
    Format,
    NetworkInfo,
    Profile,
)
from engine.jobs.job import Job
from engine.jobs.looks import (
    ActivationLook,
    ChannelLook,
    DataLook,
    FiguresLook,
    GraphLook,
    ImportsLook,
    ListModel,
    QuantizationLook,
    SampleLook,
    SpectrumLook,
    VersusLook,
    WeightLook,
)
from engine.jobs.requests import (
    Compress,
    DataSource,
    Estimate,
    Evaluate,
    ExportOnnx,
    Inspect,
    MeasureLatency,
    Request,
    WarmUp,
)
from engine.layer_table import LayerTable
from engine.looks.activations import look_at_activations
from engine.looks.channels import look_at_channels
from engine.looks.figures import look_at_figures
from engine.looks.files import look_at_imports, look_at_listing
from engine.looks.graph import look_at_graph
from engine.looks.material import calibration_samples
from engine.looks.rounding import look_at_rounding
from engine.looks.samples import look_at_data, look_at_samples
from engine.looks.spectrum import look_at_spectrum
from engine.looks.validation import validation_samples
from engine.looks.versus import look_at_answers
from engine.looks.warm_up import warm_up
from engine.looks.weights import look_at_weights
from engine.measure.compare import compare
from engine.measure.evaluate import Asked, evaluate
from engine.measure.latency import measure_latency
from engine.measure.samples import index_limits
from engine.models import as_onnx, open_sizes, ready
from engine.network.network import Network
from engine.opened import open_model
from engine.search.measurement import Samples, measure, told_if_empty
from engine.search.sensitivity import estimate, samples_wanted
from engine.writers.onnx_float import write_onnx

TOLERANCE = 1e-4
"""Largest difference from ONNX Runtime, as a part of an output's largest value, without a word."""


def handle(request: Request, job: Job) -> Any:
    """Run a request.

    Raises:
        EngineError: It failed for a reason that the user can do something about.
        Cancelled: By the job.
    """
    handler = _HANDLERS.get(type(request))
    if handler is None:
        raise TypeError(f"no handler for {type(request).__name__}")
    return handler(request, job)


def inspect(request: Inspect, job: Job) -> NetworkInfo:
    """Open a model and describe its layers and channel groups."""
    model = open_model(request.model, job)
    job.checkpoint("Looking for channel groups")
    info = model.info
    if not request.histograms:
        layers = tuple(replace(layer, histogram=None) for layer in info.layers)
        info = replace(info, layers=layers)
    network = model.opened.network
    if network is None or not request.compare or network.format is not Format.ONNX:
        return info
    path = request.model.path
    told = model.fact("compared", lambda: _compared(network, path, job))
    return replace(info, warnings=info.warnings + told)


def _compared(network: Network, path: str, job: Job) -> tuple[str, ...]:
    """Whether ONNX Runtime gives the same answers as the network that was read."""
    try:
        difference = compare(network, path, job)
    except EngineError as error:
        return (f"It could not be compared with ONNX Runtime: {error.one_line()}",)
    if difference.max_relative <= TOLERANCE:
        return ()
    return (
        f"Its outputs differ from ONNX Runtime's by up to {difference.max_relative:.1e} of the "
        "largest value; measure on the exported file.",
    )


def profile(request: MeasureLatency, job: Job) -> Profile:
    """Time a model in ONNX Runtime; other formats are written as float ONNX first."""
    source = request.model
    with as_onnx(source, job) as (path, inputs):
        return measure_latency(
            path,
            job,
            batch=request.batch,
            threads=request.threads or None,
            min_time_s=request.seconds,
            sizes=open_sizes(inputs, source),
        )


def measure_accuracy(request: Evaluate, job: Job) -> Evaluation:
    """Measure against labels, or against a reference where there are none."""
    model, inputs, outputs = ready(request.model, job, sized=request.data is None)
    reference = None
    if request.reference is not None:
        reference, *_ = ready(request.reference, job)
    data = request.data or DataSource(())
    found = preprocessing_file.find(request.model.path, data.paths, data.preprocessing)
    settings = found.preprocessing
    notes: tuple[str, ...] = ()
    if request.data is None:
        if reference is None:
            raise DataError(
                "There is neither data nor a reference to evaluate against",
                hint="Name a data set with --data, or an original with --reference.",
            )
        dataset = synthetic(inputs, settings, request.seed, index_limits(model))
    else:
        dataset = open_data(request.data, settings, job)
        fit = require_fit(dataset, settings, inputs, outputs)
        settings, notes = fit.preprocessing, fit.notes
    subset, more = _subset(dataset, request)
    stream = batches(subset, settings, request.batch, job, inputs=inputs)
    result = evaluate(
        model,
        stream,
        job,
        reference=reference,
        asked=Asked(
            task=settings.task,
            total=len(subset),
            class_names=dataset.class_names or settings.labels,
            synthetic=dataset.synthetic,
        ),
    ).evaluation
    if len(outputs) > 1 and result.source is AccuracySource.LABELS:
        more += (f"The labels were compared with the first of {len(outputs)} outputs.",)
    noted = (*result.notes, *dataset.describe().notes, *notes, *more)
    return replace(result, notes=tuple(dict.fromkeys(noted)))


def _subset(dataset: DataSet, request: Evaluate) -> tuple[Subset, tuple[str, ...]]:
    """The samples to evaluate, and what there is to say about the choice."""
    notes: tuple[str, ...] = ()
    name = request.split
    whole = len(dataset.splits) == 1
    if (name == "auto" and whole) or name == "all":
        if not whole:
            raise DataError(
                f"{dataset.name} has the splits {', '.join(dataset.splits)}, not one piece",
                hint="Name one of them.",
            )
        split = dataset.first
        subset = Subset(dataset, split, np.arange(len(split)))
        if not dataset.synthetic:
            notes = ("The data comes in one piece: all of it was evaluated.",)
    elif name in ("auto", "evaluation"):
        parts = roles(dataset, request.seed)
        subset, notes = parts.evaluation, parts.notes if whole else ()
    elif name in dataset.splits:
        split = dataset.splits[name]
        subset = Subset(dataset, split, np.arange(len(split)))
    else:
        raise DataError(
            f"{dataset.name} has no split called {name}",
            hint=f"It has {', '.join(dataset.splits)}.",
        )
    return (subset.sample(request.limit, request.seed) if request.limit else subset), notes


def export_onnx(request: ExportOnnx, job: Job) -> Exported:
    """Write a model as float ONNX, checked, with its preprocessing beside it."""
    network = open_model(request.model, job).network
    written = write_onnx(network, request.path, job)
    found = preprocessing_file.find(request.model.path)
    if found.path is not None:
        preprocessing_file.save(found.preprocessing, Path(request.path).with_suffix(".json"))
    return Exported(str(written.path), written.size_bytes, written.difference.max_relative)


def estimate_costs(request: Estimate, job: Job) -> Estimated:
    """Fill a cost table: with data losses too."""
    model = open_model(request.model, job)
    network = model.network
    job.checkpoint("Looking for channel groups")
    table = LayerTable(model.info.layers, model.info.groups)
    samples = None
    if request.data is not None:
        count = samples_wanted(network)
        samples = calibration_samples(model, request.data, count, 0, job).samples
    return estimate(network, table, samples, request.methods, job)


def measure_costs(request: MeasureCosts, job: Job) -> Measured:
    """Replace costs by measured ones; what is not given is estimated first."""
    began = time.monotonic()
    check_measuring(request)
    model = open_model(request.model, job)
    job.checkpoint("Looking for channel groups")
    table = LayerTable(model.info.layers, model.info.groups)
    count = samples_wanted(model.network)
    calibration = calibration_samples(model, request.data, count, 0, job).samples
    if request.table is None:
        found = estimate(model.network, table, calibration, request.methods, job)
        request = replace(request, table=found.table)
    samples, notes = validation_samples(model, request.data, request.samples, request.seed, job)
    result = measure(model.network, table, request, Samples(calibration, samples, notes), job)
    result = told_if_empty(result, result.seconds)
    return replace(result, seconds=time.monotonic() - began)


def fit_to_budget(request: FitBudget, job: Job) -> Fitted:
    """Choose settings within targets; costs that are not given are estimated first."""
    cost = request.table
    if cost is None:
        wanted = request.methods or METHODS
        cost = estimate_costs(Estimate(request.model, request.data, wanted), job).table
    return fit_budget(request, cost, job)


_HANDLERS: dict[type, Callable[[Any, Job], Any]] = {
    Inspect: inspect,
    MeasureLatency: profile,
    Evaluate: measure_accuracy,
    ExportOnnx: export_onnx,
    Compress: compress,
    Estimate: estimate_costs,
    MeasureCosts: measure_costs,
    FitBudget: fit_to_budget,
    WarmUp: warm_up,
    ListModel: look_at_listing,
    WeightLook: look_at_weights,
    ChannelLook: look_at_channels,
    SpectrumLook: look_at_spectrum,
    FiguresLook: look_at_figures,
    QuantizationLook: look_at_rounding,
    ActivationLook: look_at_activations,
    DataLook: look_at_data,
    SampleLook: look_at_samples,
    ImportsLook: look_at_imports,
    GraphLook: look_at_graph,
    VersusLook: look_at_answers,
}
