"""What goes into a layer and what comes out of it, on a few calibration samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, fx

from engine.details import Activation, ActivationDetail, ValueRange
from engine.info import Histogram
from engine.jobs.job import Job
from engine.jobs.looks import ActivationLook
from engine.looks.material import calibration_samples, samples_for
from engine.methods.quantization.activation_ranges import activation_grid, squared_error
from engine.methods.quantization.settings import ActivationRange
from engine.network.leaves import Use
from engine.opened import OpenModel, open_model
from engine.statistics.calibration import Calibration
from engine.statistics.ranges import Accumulator, Distribution
from engine.statistics.run import Walker

Sides = tuple[Distribution | None, Distribution | None]
PERCENTS = (0.1, 1.0, 50.0, 99.0, 99.9)
BINS = 256
_WORK = 1e10
"""MACs of the passes."""
_NEVER = "The network never calls this layer on these samples."
_FREE = "It stands free in the graph: nothing goes in, and what comes out is always the same."


def look_at_activations(request: ActivationLook, job: Job) -> ActivationDetail:
    """Answer an `ActivationLook`."""
    model = open_model(request.model, job)
    use = model.use(request.layer)
    if use.module is None:
        return ActivationDetail(request.layer, reason=_FREE)
    most = min(max(request.samples, 1), 512)
    count = samples_for(model.network, most, _WORK)
    looked = calibration_samples(model, request.data, count, 0, job)
    bits = min(max(request.bits, 2), 16)
    key = ("values", request.layer, looked.key)
    sides = model.fact(key, lambda: _collected(model, use, looked.samples, job))
    incoming, outgoing = model.fact(
        (*key, bits, request.percentile), lambda: _both(sides, bits, request.percentile, job)
    )
    return ActivationDetail(
        request.layer,
        incoming,
        outgoing,
        samples=len(looked.samples),
        bits=bits,
        synthetic=looked.synthetic,
        reason="" if incoming or outgoing else _NEVER,
    )


class _Enough(Exception):
    """The rest of the network need not run."""


def _collected(model: OpenModel, use: Use, samples: Calibration, job: Job) -> Sides:
    """The values of a layer's inputs and outputs, at all of its calls."""
    before, after = Accumulator(), Accumulator()
    last = use.nodes[-1].name

    def look(node: fx.Node, args: tuple[Any, ...], result: Any) -> None:
        for found, value in ((before, args[0] if args else None), (after, result)):
            tensor = _first(value)
            if tensor is not None and tensor.is_floating_point():
                found.add(tensor)
        if node.name == last:
            raise _Enough

    walker = Walker(model.network.module, look, {node.name for node in use.nodes}, job)
    total = -(-len(samples) // samples.batch)
    with torch.inference_mode():
        for number, inputs in enumerate(samples.batches()):
            job.checkpoint("Looking at activations", number, total)
            try:
                walker.run(*inputs)
            except _Enough:
                walker.env.clear()
    job.checkpoint("Looking at activations", total, total)
    return before.result(), after.result()


def _first(value: Any) -> Tensor | None:
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    return value if isinstance(value, Tensor) else None


def _both(
    sides: Sides, bits: int, percentile: float, job: Job
) -> tuple[Activation | None, Activation | None]:
    incoming, outgoing = (
        None if found is None else _activation(found, bits, percentile, job) for found in sides
    )
    return incoming, outgoing


def _activation(found: Distribution, bits: int, percentile: float, job: Job) -> Activation:
    total = int(found.counts.sum()) + found.zeros
    ranges = []
    for method in ActivationRange:
        job.checkpoint("Choosing ranges")
        ranges.append(_range(found, method, bits, percentile))
    return Activation(
        histogram=_histogram(found),
        low=found.low,
        high=found.high,
        percentiles=tuple(zip(PERCENTS, _percentiles(found), strict=True)),
        zeros=found.zeros / total if total else 0.0,
        ranges=tuple(ranges),
    )


def _histogram(found: Distribution) -> Histogram:
    """At most `BINS` bins, each of equally many of those that were counted."""
    if not len(found.counts):
        return Histogram(0.0, 0.0, (0,) * BINS, sampled=False, nonfinite=found.nonfinite)
    each = -(-len(found.counts) // BINS)
    filled = np.pad(found.counts, (0, -len(found.counts) % each))
    counts = filled.reshape(-1, each).sum(axis=1)
    low = found.first * found.width
    high = low + len(filled) * found.width
    return Histogram(low, high, tuple(counts.tolist()), sampled=True, nonfinite=found.nonfinite)


def _percentiles(found: Distribution) -> list[float]:
    """Values that so many percent do not exceed; zeros count."""
    edges = (found.first + np.arange(len(found.counts) + 1)) * found.width
    below = np.concatenate([[0], np.cumsum(found.counts)]).astype(np.float64)
    below[edges >= 0] += found.zeros
    total = found.counts.sum() + found.zeros
    values = np.interp(np.array(PERCENTS) / 100 * total, below, edges)
    return [float(value) for value in np.clip(values, found.low, found.high)]


def _range(
    found: Distribution, method: ActivationRange, bits: int, percentile: float
) -> ValueRange:
    grid = activation_grid(found, method, bits, percentile)
    low = -grid.zero_point * grid.scale
    high = (grid.quant_max - grid.zero_point) * grid.scale
    centers = found.centers()
    whole = float((found.counts * centers * centers).sum())
    error = squared_error(found, bits)(low, high) / whole if whole > 0 else 0.0
    return ValueRange(method.value, low, high, error)
