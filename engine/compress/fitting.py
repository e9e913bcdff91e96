"""Fit to budget, with all that it takes: times of layers, and trials that correct predictions."""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from engine.budget import FitBudget, Fitted, Quantity
from engine.compress.compression import compress
from engine.compress.material import Material, find_material
from engine.compress.measuring import evaluation_of
from engine.correction import Finished
from engine.cost import CostTable
from engine.data.roles import Subset
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Compressed, Evaluation
from engine.jobs.job import Job
from engine.jobs.requests import Compress
from engine.layer_table import LayerTable
from engine.measure.latency import measure_latency
from engine.methods.context import Context
from engine.models import as_onnx, open_sizes
from engine.opened import OpenModel, open_model
from engine.pipeline import StageCache, run
from engine.recipe.edit import make_step
from engine.recipe.files import to_yaml
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from engine.registry import Needs
from engine.search.fit import fit
from engine.search.fit_latency import LayerTimes, times_of

TRIAL_SAMPLES = 1000
"""Validation samples on which a round's recipe is measured."""
_TIMED_S = 2.0
_CLEARLY = 0.8
"""Part of a measured loss that another recipe must be predicted to have, to be preferred."""
_INTEGERS = Recipe((make_step("uniform", weight_bits=8, activation_bits=8),))


def fit_budget(request: FitBudget, cost: CostTable, job: Job) -> Fitted:
    """Solve; with more than one round also run what was found, measure, and solve again.

    Args:
        request: What is asked for.
        cost: What settings cost, as far as it is known.
        job: For progress. When it is asked to stop, the rounds that were finished count.

    Raises:
        EngineError: See `engine.search.fit.fit`; several rounds need data.
        Cancelled: By the job.
    """
    began = time.monotonic()
    model = open_model(request.model, job)
    latency = None
    if any(target.quantity is Quantity.LATENCY for target in request.targets):
        integers = "uniform" in (request.methods or ("uniform",))
        key = ("layer_times", request.data, integers)  # a slider asks again and again
        latency = model.fact(key, lambda: _times(request, model, job))
    finished = list(request.finished)
    fitted = fit(model.info, cost, request, job, latency)
    trials = _Trials(request, model, job)
    for _ in range(request.rounds - 1):
        if job.stopping:
            break
        finished.append(trials.run(fitted))
        if latency is not None and fitted.recipe.steps:
            latency = _calibrated(request, fitted, latency, job)
        again = replace(request, finished=tuple(finished))
        fitted = better(fitted, fit(model.info, cost, again, job, latency), finished[-1], cost)
    return replace(fitted, finished=tuple(finished), seconds=time.monotonic() - began)


def better(before: Fitted, after: Fitted, trial: Finished, cost: CostTable) -> Fitted:
    """What was measured, unless what corrected predictions prefer promises to be clearly better.

    The least of many predictions is one that is too low as well, which a measurement is not.
    """
    timed = any(one.target.quantity is Quantity.LATENCY for one in after.targets)
    lossy = any(one.target.quantity in (Quantity.LOSS, Quantity.ACCURACY) for one in after.targets)
    worth = not after.predicted.loss >= _CLEARLY * trial.loss
    if timed or lossy or worth or not before.met:
        return after
    correction = after.correction
    loss, low, high = correction.loss(before.by_method)
    drop = correction.accuracy_drop(loss)
    found = replace(before.predicted, loss=loss, loss_low=low, loss_high=high, accuracy_drop=drop)
    total = cost.total(before.choices, correction)
    return replace(before, predicted=found, total=total, correction=correction)


@dataclass
class _Trials:
    """Runs recipes and measures them on validation data."""

    request: FitBudget
    model: OpenModel
    job: Job
    cache: StageCache = field(default_factory=StageCache)
    _fixed: dict[int, float] = field(default_factory=dict)

    def run(self, fitted: Fitted) -> Finished:
        """What a fitted recipe really loses."""
        network, recipe = self.model.network, fitted.recipe
        if not any(step.enabled for step in recipe.steps):
            return Finished(fitted.by_method)
        material = self._material
        context = Context(
            job=self.job,
            original=network,
            calibration=material.calibration(self.job),
            training=material.training,
        )
        found = self._evaluated(recipe, context)
        fixed = self._of_activations(recipe, context)
        return replace(finished_of(fitted.by_method, found, self._before), fixed=fixed)

    def _of_activations(self, recipe: Recipe, context: Context) -> float:
        """What a recipe's rounding of activations loses alone."""
        bits = _activation_bits(recipe)
        if bits is None:
            return 0.0
        if bits not in self._fixed:
            step = make_step("uniform", weight_bits=None, activation_bits=bits)
            self._fixed[bits] = self._evaluated(Recipe((step,)), context).kl or 0.0
        return self._fixed[bits]

    def _evaluated(self, recipe: Recipe, context: Context) -> Evaluation:
        """A recipe on validation samples."""
        original = self.model.network
        network = run(original, recipe, context, cache=self.cache)[-1].network
        found = evaluation_of(network, self._material, self._subset, self.job, original)
        return found.evaluation

    @cached_property
    def _material(self) -> Material:
        """The data by role.

        Raises:
            EngineError: There is none.
        """
        if self.request.data is None:
            raise EngineError(
                "More rounds need data to measure on", hint="Give it with --data, or ask for one."
            )
        request = Compress(self.request.model, "", "", self.request.data)
        network = self.model.network
        table = LayerTable(self.model.info.layers, self.model.info.groups)
        needs = resolve(self.request.recipe, table).needs | Needs.CALIBRATION
        return find_material(request, network, needs, self.request.seed, self.job)

    @cached_property
    def _subset(self) -> Subset:
        parts = self._material.roles
        assert parts is not None
        return parts.validation.sample(TRIAL_SAMPLES, self.request.seed)

    @cached_property
    def _before(self) -> Evaluation | None:
        """The original on the same samples, where they have labels."""
        if not self._subset.split.labelled:
            return None
        found = evaluation_of(self.model.network, self._material, self._subset, self.job)
        return found.evaluation


def _activation_bits(recipe: Recipe) -> int | None:
    """Bits that a recipe rounds activations to; None: it does not."""
    for step in recipe.steps:
        if step.method == "uniform" and step.enabled:
            bits = step.params.get("activation_bits", 8)
            return bits if isinstance(bits, int) else None
    return None


def finished_of(
    predicted: FrozenMap[float], after: Evaluation, before: Evaluation | None
) -> Finished:
    """A trial's prediction beside what it measured."""
    drop = math.nan
    if before is not None and before.top1 is not None and after.top1 is not None:
        drop = before.top1 - after.top1
    loss = math.nan if after.kl is None else after.kl
    return Finished(predicted, loss, drop, after.samples)


def _times(request: FitBudget, model: OpenModel, job: Job) -> LayerTimes:
    """Times of the layers as they are, and in a real file with 8 bits throughout."""
    if "uniform" in (request.methods or ("uniform",)):
        made = _exported(request, _INTEGERS, job)
        if made.original_profile is not None and made.profile is not None:  # in turns
            return times_of(made.original_profile.layers, made.profile.layers, model.info.layers)
    with as_onnx(request.model, job) as (path, inputs):
        sizes = open_sizes(inputs, request.model)
        floats = measure_latency(path, job, min_time_s=_TIMED_S, sizes=sizes).layers
    return times_of(floats, (), model.info.layers)


def _calibrated(request: FitBudget, fitted: Fitted, latency: LayerTimes, job: Job) -> LayerTimes:
    """Times as a real file of what was found says that they are."""
    made = _exported(request, fitted.recipe, job)
    old, new = made.original_profile, made.profile
    if old is None or new is None or not old.latency_ms > 0:
        return latency
    return latency.calibrated(fitted.predicted.latency_ms, new.latency_ms / old.latency_ms)


def _exported(request: FitBudget, recipe: Recipe, job: Job) -> Compressed:
    """A recipe as a file that was timed, in turns with the original."""
    with tempfile.TemporaryDirectory(prefix="espalier-") as folder:
        file = str(Path(folder) / "fitted.onnx")
        text = to_yaml(recipe)
        asked = Compress(request.model, text, file, request.data, limit=64, original=False)
        return compress(asked, job)
