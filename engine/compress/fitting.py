"""Fit to budget, with all that it takes: times of layers, and trials that correct predictions."""

from __future__ import annotations

import math
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.budget import FitBudget, Fitted, Quantity, Tried
from engine.compress.compression import compress
from engine.compress.fit_trials import Trials
from engine.correction import Draw, Finished
from engine.cost import CostTable
from engine.info import Compressed
from engine.jobs.job import Job
from engine.jobs.requests import Compress
from engine.measure.latency import measure_latency
from engine.models import as_onnx, open_sizes
from engine.opened import OpenModel, open_model
from engine.recipe.edit import make_step
from engine.recipe.files import to_yaml
from engine.recipe.model import Recipe
from engine.search.fit import fit
from engine.search.fit_latency import LayerTimes, times_of

_TIMED_S = 2.0
_DARING = (0.5, 0.5, 1.0, 1.0, 2.0, 4.0)
"""With which corrections are drawn, one after another, for something that was not tried yet."""
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
    rounds = _Rounds(request, cost, Trials(request, model, job), job, latency)
    return replace(rounds.run(), seconds=time.monotonic() - began)


@dataclass
class _Rounds:
    """Runs what is found, learns from it, and finds again.

    Attributes:
        request: What is asked for.
        cost: What settings cost.
        trials: Runs recipes.
        job: For progress.
        latency: Times of layers, as they are known by now.
        tried: What was run, with what it lost.
        shares: Of the original's time, what each of them took in a real file; NaN: not timed.
    """

    request: FitBudget
    cost: CostTable
    trials: Trials
    job: Job
    latency: LayerTimes | None
    tried: list[tuple[Fitted, Finished]] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def run(self) -> Fitted:
        """All rounds; those that were finished where the job is asked to stop."""
        fitted = self._fitted()
        trying: Fitted | None = fitted
        for number in range(1, self.request.rounds):
            if self.job.stopping or trying is None:
                break
            told = self._told
            self.tried.append((trying, self.trials.run(trying, told)))
            self.shares.append(self._timed(trying, told))
            fitted = trying = self._fitted()
            if any(fitted.recipe == one.recipe for one, _ in self.tried):
                trying = self._new() if number + 1 < self.request.rounds else None
            self.job.partial(self._answer(fitted))
        if not self.tried:
            return fitted
        return self._answer(fitted)

    def _timed(self, fitted: Fitted, job: Job) -> float:
        """Share of the original's time that a real file takes; later answers reckon with it."""
        if self.latency is None or not fitted.recipe.steps:
            return math.nan
        made = _exported(self.request, fitted.recipe, job)
        old, new = made.original_profile, made.profile
        if old is None or new is None or not old.latency_ms > 0:
            return math.nan
        share = new.latency_ms / old.latency_ms
        self.latency = self.latency.calibrated(fitted.predicted.latency_ms, share)
        return share

    def _answer(self, last: Fitted) -> Fitted:
        """The best so far, with all that was run."""
        tried = (Tried(one.recipe, one.choices, one.predicted, trial) for one, trial in self.tried)
        return replace(self._best(last), finished=self._finished, tried=tuple(tried))

    @property
    def _told(self) -> Job:
        """Tells which run it is in, or about to begin."""
        runs = self.request.rounds - 1
        return _Told(self.job, min(len(self.tried) + 1, runs), runs) if runs else self.job

    @property
    def _finished(self) -> tuple[Finished, ...]:
        return (*self.request.finished, *(trial for _, trial in self.tried))

    def _fitted(self, draw: Draw | None = None) -> Fitted:
        model, request = self.trials.model, self.request
        asked = replace(request, finished=self._finished, draw=draw)
        return fit(model.info, self.cost, asked, self._told, self.latency)

    def _new(self) -> Fitted | None:
        """Something that was not tried yet; what was tells nothing when it is run again."""
        known = [one.recipe for one, _ in self.tried]
        for number, daring in enumerate(_DARING):
            self._told.checkpoint("Looking for what was not tried yet")
            seed = self.request.seed + len(self.tried) * len(_DARING) + number
            found = self._fitted(Draw(seed, daring))
            if found.recipe not in known and found.met:
                return found
        return None

    def _best(self, last: Fitted) -> Fitted:
        """What lost least when it was measured; the last unless it is no better than that."""
        if any(one.target.quantity in (Quantity.LOSS, Quantity.ACCURACY) for one in last.targets):
            return last  # what is limited was not known before
        found = [
            _as_timed(one, share) for (one, _), share in zip(self.tried, self.shares, strict=True)
        ]
        trials = (trial for _, trial in self.tried)
        met = [
            (one, trial)
            for one, trial in zip(found, trials, strict=True)
            if one.met and math.isfinite(trial.loss)
        ]
        if not met:
            return last
        best, trial = min(met, key=lambda one: one[1].loss)
        return better(best, last, trial, self.cost)


def _as_timed(fitted: Fitted, share: float) -> Fitted:
    """With the time that its file took in place of what was predicted."""
    if math.isnan(share):
        return fitted
    latency_ms = share * fitted.original.latency_ms
    targets = tuple(
        replace(one, reached=latency_ms, met=latency_ms <= one.wanted)
        if one.target.quantity is Quantity.LATENCY
        else one
        for one in fitted.targets
    )
    return replace(
        fitted,
        predicted=replace(fitted.predicted, latency_ms=latency_ms),
        targets=targets,
        impossible=tuple(one for one in targets if not one.met),
    )


def better(before: Fitted, after: Fitted, trial: Finished, cost: CostTable) -> Fitted:
    """What was measured, unless what corrected predictions prefer promises to be clearly better.

    The least of many predictions is one that is too low as well, which a measurement is not.
    """
    if not after.predicted.loss >= _CLEARLY * trial.loss:
        return after
    correction = after.correction
    loss, low, high = correction.loss(correction.own_losses(before.parts))
    drop = correction.accuracy_drop(loss)
    found = replace(before.predicted, loss=loss, loss_low=low, loss_high=high, accuracy_drop=drop)
    total = cost.total(before.choices, correction)
    return replace(before, predicted=found, total=total, correction=correction)


@dataclass(frozen=True, slots=True)
class _Told:
    """A job that tells which of several runs it is in."""

    job: Job
    number: int
    total: int

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """As the job's; progress counts the runs that are done."""
        del done, total
        if text:
            text = f"Run {self.number} of {self.total}: {text}"
        self.job.checkpoint(text, self.number - 1, self.total)

    def metric(self, name: str, step: int, value: float) -> None:
        """As the job's."""
        self.job.metric(name, step, value)

    def partial(self, value: Any) -> None:
        """As the job's."""
        self.job.partial(value)

    @property
    def stopping(self) -> bool:
        """As the job's."""
        return self.job.stopping


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


def _exported(request: FitBudget, recipe: Recipe, job: Job) -> Compressed:
    """A recipe as a file that was timed, in turns with the original."""
    with tempfile.TemporaryDirectory(prefix="espalier-") as folder:
        file = str(Path(folder) / "fitted.onnx")
        text = to_yaml(recipe)
        asked = Compress(request.model, text, file, request.data, limit=64, original=False)
        return compress(asked, job)
