"""How far a network in memory and an ONNX file are from each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.errors import EngineError
from engine.info import TensorInfo
from engine.jobs.job import Job
from engine.measure.agreement import relative
from engine.measure.predict import Predictor, TorchPredictor, predictor
from engine.measure.runtime import Array
from engine.measure.samples import index_limits, make_inputs
from engine.network.network import Network
from engine.network.signature import example_sizes

BATCHES = (1, 3)


@dataclass(frozen=True, slots=True)
class Difference:
    """The largest difference over all outputs and batches.

    Attributes:
        max_abs: Of a value; infinite where one of the two is not finite and the other is.
        max_relative: The same, as a part of that output's largest absolute value.
        batches: Batch sizes that were run.
    """

    max_abs: float
    max_relative: float
    batches: tuple[int, ...]


def compare(
    network: Network,
    path: str | Path,
    job: Job,
    *,
    batches: Sequence[int] = BATCHES,
    seed: int = 0,
) -> Difference:
    """Run a network in PyTorch and a file in ONNX Runtime on the same made-up inputs.

    Args:
        network: In memory; not changed.
        path: The ONNX file that it was read from, or written to.
        job: For progress and cancelling.
        batches: Batch sizes; a network whose batch is fixed runs with that alone.
        seed: Of the inputs.

    Raises:
        EngineError: One of them does not run, or they have different inputs or outputs.
        Cancelled: By the job.
    """
    return compare_predictors(
        TorchPredictor(network),
        predictor(path),
        job,
        limits={**index_limits(path), **index_limits(network)},
        sizes=example_sizes(network.module),
        batches=batches,
        seed=seed,
    )


def compare_predictors(  # noqa: PLR0913 - two forms, and how to run them
    first: Predictor,
    second: Predictor,
    job: Job,
    *,
    limits: dict[str, int],
    sizes: Mapping[str, int] | None = None,
    batches: Sequence[int] = BATCHES,
    seed: int = 0,
) -> Difference:
    """Run two forms of one network on the same inputs (see `compare`)."""
    fixed = {info.shape[0] for form in (first, second) for info in form.inputs if info.shape}
    firsts = {size for size in fixed if isinstance(size, int)}
    chosen = tuple(firsts) if len(firsts) == 1 else tuple(batches)
    max_abs = max_relative = 0.0
    for done, batch in enumerate(chosen):
        job.checkpoint("Comparing with ONNX Runtime", done, len(chosen))
        # The file's input shapes may leave open what the network's say, and the other way round.
        arrays = make_inputs(
            _tighter(first, second), batch, limits=limits, sizes=sizes, seed=seed + done
        )
        ours, theirs = first(arrays, job), second(arrays, job)
        if len(ours) != len(theirs):
            raise EngineError(f"The two forms have {len(ours)} and {len(theirs)} outputs")
        for a, b in zip(ours, theirs, strict=True):
            difference, largest = _difference(a, b)
            max_abs = max(max_abs, difference)
            max_relative = max(max_relative, relative(difference, largest))
    job.checkpoint("Comparing with ONNX Runtime", len(chosen), len(chosen))
    return Difference(max_abs, max_relative, chosen)


def _tighter(first: Predictor, second: Predictor) -> list[TensorInfo]:
    if len(first.inputs) != len(second.inputs):
        raise EngineError(f"The two forms have {len(first.inputs)} and {len(second.inputs)} inputs")
    infos = []
    for a, b in zip(first.inputs, second.inputs, strict=True):
        if len(a.shape) != len(b.shape):
            raise EngineError(
                f"The input {a.name!r} has shape {list(a.shape)} in one form, "
                f"{list(b.shape)} in the other"
            )
        pairs = zip(a.shape, b.shape, strict=True)
        shape = tuple(y if isinstance(y, int) and not isinstance(x, int) else x for x, y in pairs)
        infos.append(TensorInfo(a.name, shape, a.dtype))
    return infos


def _difference(a: Array, b: Array) -> tuple[float, float]:
    """Largest absolute difference, and the largest absolute value of the second."""
    if a.shape != b.shape:
        raise EngineError(
            f"An output has shape {list(a.shape)} in one form, {list(b.shape)} in the other"
        )
    if a.size == 0:
        return 0.0, 0.0
    x, y = a.astype(np.float64), b.astype(np.float64)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    finite = np.isfinite(x) & np.isfinite(y)
    if not (same | finite).all():
        return math.inf, 1.0
    if not finite.any():
        return 0.0, 0.0
    return float(np.abs(x[finite] - y[finite]).max()), float(np.abs(y[finite]).max())
