"""From a model, data and a recipe to a smaller file that was written, loaded again and measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs
import torch

from engine import preprocessing_file
from engine.compress.answers import answers_of, keep_answers
from engine.compress.material import Material, find_material
from engine.compress.measuring import (
    Curves,
    StepMetrics,
    described,
    evaluation_of,
    latencies_or_note,
    metrics_of,
    recorded_evaluation,
    slower_note,
    versions,
    with_agreement,
)
from engine.data.roles import Subset
from engine.errors import EngineError
from engine.info import Compressed, Evaluation, NetworkInfo, Target
from engine.jobs.job import Job
from engine.jobs.requests import Compress, ModelSource
from engine.measure.predict import Model
from engine.measure.recorded import Replay
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.methods.context import Context
from engine.models import runs_as_it_is
from engine.network.network import Network
from engine.opened import open_model
from engine.pipeline import Stage, StageCache, run, table_of
from engine.prediction import predicted_metrics
from engine.recipe import files
from engine.recipe.plan import Plan
from engine.trials import Answers
from engine.writers.atomic import check_writable
from engine.writers.onnx_float import Written
from engine.writers.report import write_report
from engine.writers.write import FORMATS, write

CACHE = StageCache()
"""Of this process: editing the last step of a recipe runs only that step again."""


@dataclass(frozen=True, slots=True)
class _Aim:
    """Where to write, and in which form."""

    path: Path
    format: str
    target: Target
    device: str


def compress(request: Compress, job: Job) -> Compressed:
    """Run a recipe, write the result, check it and measure it.

    When the job is asked to stop, the steps that were finished are written.

    Raises:
        EngineError: Anything the user can do something about; an older file is then as it was.
        Cancelled: By the job.
    """
    began = time.monotonic()
    aim = _aim(request)
    name = request.recipe_name
    file = files.read_text(request.recipe, name, as_json=name.lower().endswith(".json"))
    model = open_model(request.model, job)
    network, opened = model.network, model.opened
    plan = file.resolve(table_of(network))
    with _threads(request.threads):
        before = described(network, opened.info.name, opened.info.size_bytes)
        material = find_material(request, network, plan.needs, plan.recipe.seed, job)
        material.notes[:0] = opened.warnings
        result = _Compression(request, aim, plan, material, job).run(before)
        result = replace(result, seconds=time.monotonic() - began)
    if request.report:
        report = write_report(result, Path(request.report), job)
        result = replace(result, report=str(report))
    return result


def _aim(request: Compress) -> _Aim:
    """What is asked for, as far as it can be had.

    Raises:
        EngineError: There is no such format or device, or the file cannot be written.
    """
    path = Path(request.path)
    form = request.format or path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        endings = ", ".join(f".{one}" for one in FORMATS)
        raise EngineError(
            f"{path.name} does not say which format to write",
            hint=f"End it in {endings}, or name a format with --format.",
        )
    check_writable(path)
    for other in (request.report, request.predictions):
        if other:
            check_writable(Path(other))
    return _Aim(path, form, Target(request.target), _device(request.device))


def _device(name: str) -> str:
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name not in there:
        raise EngineError(f"There is no device called {name}", hint="Take cpu, cuda or mps.")
    if not there[name]:
        raise EngineError(
            f"This machine has no {name} device that PyTorch can use", hint="Take --device cpu."
        )
    return name


@contextmanager
def _threads(wanted: int) -> Iterator[None]:
    """PyTorch's threads for as long as this lasts; 0: all cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(wanted or _cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Compression:
    def __init__(
        self, request: Compress, aim: _Aim, plan: Plan, material: Material, job: Job
    ) -> None:
        self.request = request
        self.aim = aim
        self.plan = plan
        self.material = material
        self.job = Curves(job)

    def run(self, before: NetworkInfo) -> Compressed:
        """Everything but the report."""
        stages = self._steps()
        final = stages[-1].network if stages else self.material.network
        notes = self.material.notes
        missing = sum(step.enabled for step in self.plan.recipe.steps) - len(stages)
        if missing:
            notes.append(f"Stopped early: the last {missing} steps of the recipe were not run.")
        written = self._write(final)
        subset = self.material.evaluation(self.request.limit)
        first, second, answers = self._evaluations(written, final, subset)
        answered, told = keep_answers(answers, self.request.predictions)
        as_file = written.path if self.aim.format == "onnx" else None
        old, new, note = latencies_or_note(self.request.model, as_file, final, self.job)
        slower = slower_note(old, new)
        after = described(final, before.name, written.size_bytes)
        return Compressed(
            file=str(written.path),
            format=self.aim.format,
            target=written.target.value,
            recipe=files.to_yaml(self.plan.recipe),
            predicted=predicted_metrics(self.plan, before, self.aim.format),
            measured=metrics_of(after, second, new),
            original=metrics_of(before, first, old),
            verified=True,
            max_relative_difference=written.difference.max_relative,
            steps=tuple(stage.result for stage in stages),
            before=before,
            after=after,
            evaluation=second,
            original_evaluation=first,
            profile=new,
            original_profile=old,
            notes=tuple(
                dict.fromkeys([*notes, *written.notes, *filter(None, (note, slower)), *told])
            ),
            curves=tuple(self.job.points),
            versions=versions(),
            predictions=answered,
        )

    def _steps(self) -> tuple[Stage, ...]:
        material = self.material
        context = Context(
            job=self.job,
            original=material.network,
            calibration=material.calibration(self.job) if self.plan.recipe.steps else None,
            training=material.training,
            device=self.aim.device,
            folder=str(Path(platformdirs.user_cache_dir("espalier")) / "training"),
            load=self._load,
        )
        return run(
            material.network,
            self.plan.recipe,
            context,
            cache=CACHE,
            key=self._key(),
            measure=StepMetrics.of(material, self.job),
        )

    def _load(self, path: str) -> Network:
        source = ModelSource(path, trusted=self.request.model.trusted)
        return open_model(source, self.job).network

    def _key(self) -> str:
        """What the results of steps depend on besides the recipe."""
        data = () if self.request.data is None else self.request.data.paths
        stats = [(path, Path(path).stat()) for path in (self.request.model.path, *data)]
        facts = [(path, stat.st_mtime_ns, stat.st_size) for path, stat in stats]
        rest = (self.request.model, self.request.data, self.material.preprocessing)
        return repr((facts, rest, self.aim.device, torch.get_num_threads()))

    def _write(self, network: Network) -> Written:
        aim = self.aim
        samples = self.material.held_out(self.job)
        written = write(
            network, aim.path, self.job, format=aim.format, target=aim.target, samples=samples
        )
        if self.material.has_file:
            preprocessing_file.save(self.material.preprocessing, aim.path.with_suffix(".json"))
        return written

    def _evaluations(
        self, written: Written, final: Network, subset: Subset
    ) -> tuple[Evaluation, Evaluation, Answers | None]:
        """Of the original and of the written file, and what both say to each sample."""
        material, job = self.material, self.job
        source = self.request.model
        original: Model = source.path if runs_as_it_is(source) else material.network
        result: Model = written.path if self.aim.format == "onnx" else final
        classes = subset.dataset.class_names or material.preprocessing.labels
        if material.is_labeled:
            # the same for every recipe
            key = ("evaluation", self._key(), self.request.limit, material.seed)
            first, recorded = open_model(source, job).fact(
                key, lambda: recorded_evaluation(original, material, subset, job)
            )
            kept = None if recorded.batches is None else Replay(recorded)
            second = evaluation_of(result, material, subset, job, kept)
            answers = answers_of(subset, first.predictions, second.predictions, classes)
            return first.evaluation, with_agreement(second, first), answers
        both = evaluation_of(result, material, subset, job, original)
        found = both.evaluation
        itself = None if found.top1 is None else 1.0  # it is the measure of all
        before = replace(found, top1=itself, interval=None, per_class=())
        return before, found, answers_of(subset, both.reference, both.predictions, classes)
