"""Numbers of networks and files before, during and after a compression."""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.compress.material import Material, forward_batch
from engine.data.batches import batches
from engine.data.roles import Subset
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Evaluation, Metrics, NetworkInfo, Profile, Target
from engine.jobs.job import Job
from engine.jobs.requests import ModelSource
from engine.measure.evaluate import Asked, Evaluated, evaluate
from engine.measure.latency import measure_latency
from engine.measure.predict import Model, Predictor, predictor
from engine.measure.recorded import Recorder
from engine.measure.runtime import processor_name, runtime_name, torch_name
from engine.models import as_onnx, open_sizes
from engine.network.groups import channel_groups
from engine.network.layers import describe
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.prediction import layer_bytes
from engine.writers.write import write

STEP_WORK = 4e11
"""MACs that the accuracy after each step may take: 2,000 samples of a small network."""
STEP_SAMPLES = (100, 2000)
TIMING_S = 0.7
_TURNS = 2


def evaluation_of(
    model: Model | Predictor,
    material: Material,
    subset: Subset,
    job: Job,
    reference: Model | Predictor | None = None,
) -> Evaluated:
    """Accuracy against labels, or agreement with a reference; and each sample's answer."""
    network = material.network
    size = forward_batch(network)
    stream = batches(subset, material.preprocessing, size, job, inputs=network.inputs)
    asked = Asked(
        task=material.preprocessing.task,
        total=len(subset),
        class_names=subset.dataset.class_names or material.preprocessing.labels,
        synthetic=subset.dataset.synthetic,
    )
    return evaluate(model, stream, job, reference=reference, asked=asked)


def recorded_evaluation(
    model: Model, material: Material, subset: Subset, job: Job
) -> tuple[Evaluated, Recorder]:
    """An evaluation, and all outputs, which others are compared with."""
    recorder = Recorder(predictor(model))
    return evaluation_of(recorder, material, subset, job), recorder


@dataclass(frozen=True, slots=True, eq=False)
class StepMetrics:
    """Measures a network in memory after a step, on as many samples as are quickly run."""

    material: Material
    subset: Subset
    job: Job

    @staticmethod
    def of(material: Material, job: Job) -> StepMetrics:
        """With evaluation samples in a number that suits the network."""
        low, high = STEP_SAMPLES
        macs = network_macs(material.network.module) or 1
        count = int(min(max(STEP_WORK / macs, low), high))
        return StepMetrics(material, material.evaluation().sample(count, material.seed), job)

    def __call__(self, network: Network) -> Metrics:
        """Sizes and accuracy."""
        info = describe(network, name="", size_bytes=0)
        reference = None if self.material.is_labeled else self.material.network
        found = evaluation_of(network, self.material, self.subset, self.job, reference).evaluation
        return replace(metrics_of(info, found, None), size_bytes=layer_bytes(info.layers))


class Curves:
    """A job that also keeps the numbers that are reported, for the report."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.points: list[tuple[str, int, float]] = []

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """As the job's."""
        self._job.checkpoint(text, done, total)

    def metric(self, name: str, step: int, value: float) -> None:
        """Keep it and pass it on."""
        self.points.append((name, step, value))
        self._job.metric(name, step, value)

    def partial(self, value: Any) -> None:
        """As the job's."""
        self._job.partial(value)

    @property
    def stopping(self) -> bool:
        """As the job's."""
        return self._job.stopping


def described(network: Network, name: str, size_bytes: int) -> NetworkInfo:
    """Everything about a network for tables and the report."""
    groups = channel_groups(network).groups
    return describe(network, name=name, size_bytes=size_bytes, groups=groups, histograms=True)


def metrics_of(info: NetworkInfo, found: Evaluation, profile: Profile | None) -> Metrics:
    """The numbers of one form of the network."""
    return Metrics(
        size_bytes=info.size_bytes,
        parameters=info.parameters,
        macs=info.macs,
        activation_bytes=info.activation_bytes,
        latency_ms=None if profile is None else profile.latency_ms,
        top1=found.top1,
        source=found.source,
        samples=found.samples,
        interval=found.interval,
    )


def with_agreement(found: Evaluated, original: Evaluated) -> Evaluation:
    """The evaluation, with the share of samples that get the original's class where that is known.

    Both have run over the same samples.
    """
    mine, other = found.predictions, original.predictions
    if mine is None or other is None or not len(mine.predicted):
        return found.evaluation
    if not np.array_equal(mine.indices, other.indices):
        return found.evaluation
    agreement = float((mine.predicted == other.predicted).mean())
    return replace(found.evaluation, agreement=agreement)


def latencies(
    source: ModelSource, written: Path | None, network: Network, job: Job
) -> tuple[Profile, Profile]:
    """Of the original and of the result, measured in turns; the faster of each.

    Args:
        source: The original.
        written: The result where it is an ONNX file; None: `network` is written as one for this.
        network: The result.
        job: For progress.

    Raises:
        EngineError: One of them cannot be run in ONNX Runtime.
    """
    sizes = open_sizes(network.inputs, source)
    times: tuple[list[Profile], list[Profile]] = ([], [])
    with as_onnx(source, job) as (original, _), _as_file(written, network, job) as new:
        for _ in range(_TURNS):
            for found, path in zip(times, (original, new), strict=True):
                found.append(measure_latency(path, job, min_time_s=TIMING_S, sizes=sizes))
    old, fresh = (min(found, key=lambda profile: profile.latency_ms) for found in times)
    return old, fresh


@contextmanager
def _as_file(written: Path | None, network: Network, job: Job) -> Iterator[Path]:
    if written is not None:
        yield written
        return
    with tempfile.TemporaryDirectory(prefix="espalier-") as folder:
        path = Path(folder) / "network.onnx"
        write(network, path, job, format="onnx", target=Target.AUTO)
        yield path


def latencies_or_note(
    source: ModelSource, written: Path | None, network: Network, job: Job
) -> tuple[Profile | None, Profile | None, str]:
    """Like `latencies`; where they cannot be had, a sentence that says why."""
    try:
        return *latencies(source, written, network, job), ""
    except EngineError as error:
        return None, None, f"Latency could not be measured: {error.one_line()}"


def slower_note(old: Profile | None, new: Profile | None) -> str:
    """A sentence where the result is slower than the original beyond both spreads; else empty."""
    if old is None or new is None:
        return ""
    margin = old.latency_spread_ms + new.latency_spread_ms
    if new.latency_ms <= old.latency_ms + margin:
        return ""
    return (
        "The result is slower than the original on this machine: in small layers, and where only "
        "weights are integers, converting costs more than integers save."
    )


def versions() -> FrozenMap[str]:
    """What made the numbers."""
    return FrozenMap(
        {
            "Espalier": importlib.metadata.version("espalier"),
            "Python": platform.python_version(),
            "PyTorch": torch_name().removeprefix("PyTorch "),
            "ONNX Runtime": runtime_name().removeprefix("ONNX Runtime "),
            "Processor": processor_name(),
            "Threads": str(torch.get_num_threads()),
        }
    )
