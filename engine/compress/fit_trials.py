"""Runs recipes that a fit found, and measures on validation data what they lose."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.budget import FitBudget, Fitted
from engine.compress.material import Material, find_material
from engine.compress.measuring import evaluation_of, recorded_evaluation
from engine.correction import Finished
from engine.data.roles import Subset
from engine.errors import EngineError
from engine.factors import activation_bits
from engine.info import Evaluation
from engine.jobs.job import Job
from engine.jobs.requests import Compress
from engine.layer_table import LayerTable
from engine.measure.evaluate import Evaluated
from engine.measure.recorded import Recorder, Replay
from engine.methods.context import Context
from engine.opened import OpenModel
from engine.pipeline import StageCache, run
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from engine.registry import Needs

TRIAL_SAMPLES = 2000
"""Validation samples on which a recipe is measured."""


@dataclass
class Trials:
    """Runs recipes and measures them on validation data.

    Attributes:
        request: What is asked for.
        model: The network.
        job: For progress.
        cache: Stages that recipes share.
    """

    request: FitBudget
    model: OpenModel
    job: Job
    cache: StageCache = field(default_factory=StageCache)
    _fixed: dict[int, float] = field(default_factory=dict)

    def run(self, fitted: Fitted, job: Job) -> Finished:
        """What a fitted recipe really loses.

        Raises:
            EngineError: There is no data, or the recipe cannot be run.
            Cancelled: By the job.
        """
        self.job = job
        network, recipe = self.model.network, fitted.recipe
        if not any(step.enabled for step in recipe.steps):
            return Finished.of_parts(fitted.parts)
        material = self._material
        context = Context(
            job=self.job,
            original=network,
            calibration=material.calibration(self.job),
            training=material.training,
        )
        found = self._evaluated(recipe, context)
        fixed = self._of_activations(recipe, context)
        before = self._before[0].evaluation if self._subset.split.labelled else None
        return finished_of(Finished.of_parts(fitted.parts), found, before, fixed)

    def _of_activations(self, recipe: Recipe, context: Context) -> float:
        """What a recipe's rounding of activations loses alone."""
        bits = activation_bits(recipe)
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
        _, recorder = self._before
        reference = original if recorder.batches is None else Replay(recorder)
        found = evaluation_of(network, self._material, self._subset, self.job, reference)
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
    def _before(self) -> tuple[Evaluated, Recorder]:
        """The original on the same samples, and all that it answered."""
        return recorded_evaluation(self.model.network, self._material, self._subset, self.job)


def finished_of(
    expected: Finished, after: Evaluation, before: Evaluation | None, fixed: float = 0.0
) -> Finished:
    """A trial's prediction beside what it measured."""
    drop = math.nan
    if before is not None and before.top1 is not None and after.top1 is not None:
        drop = before.top1 - after.top1
    loss = math.nan if after.kl is None else after.kl
    return replace(expected, loss=loss, accuracy_drop=drop, samples=after.samples, fixed=fixed)
