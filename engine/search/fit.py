"""Fit to budget: a recipe within limits that loses as little as can be."""

from __future__ import annotations

import math
import time
from dataclasses import replace

from engine.budget import FitBudget, Fitted, Quantity, Solver, WalkStep
from engine.cost import CostTable
from engine.info import NetworkInfo
from engine.jobs.job import Job
from engine.methods.waiting import wait_for
from engine.prediction import layer_bytes
from engine.search.fit_case import WITHIN, Case
from engine.search.fit_latency import LayerTimes
from engine.search.fit_problem import Limits, Solution
from engine.search.fit_solve import nearest, solve
from engine.search.fit_told import curve, notes, settings_of, targets
from engine.search.fit_walk import Stop, walk

_TIGHTENED = 4
"""Times that are tried where the plan takes more than the units do."""


def fit(
    info: NetworkInfo,
    cost: CostTable,
    request: FitBudget,
    job: Job,
    latency: LayerTimes | None = None,
) -> Fitted:
    """Choose a setting for each layer.

    Args:
        info: The network; `request.model` is not opened here.
        cost: Predicted losses of its layers.
        request: What is asked for.
        job: For progress.
        latency: Times of layers; needed where a target is for it.

    Raises:
        EngineError: There are no targets, a method cannot be mixed, or no loss is known.
        InvalidRecipe: The recipe so far does not fit the network.
    """
    began = time.monotonic()
    timed = any(target.quantity is Quantity.LATENCY for target in request.targets)
    mixed = not (timed and latency is not None and latency.integers)
    for integers in (False,) if mixed else (True, False):
        case = Case.of(info, cost, request, job, latency, integers=integers)
        found, walked, seconds = _solution(case)
        plan = case.plan(found)
        met = targets(case, plan, found)
        if all(one.met for one in met):
            break
    choices = case.problem.choices(found)
    return Fitted(
        choices=settings_of(choices),
        recipe=plan.recipe,
        predicted=case.costs(found, plan),
        original=case.original,
        total=cost.total(choices, case.correction),
        targets=met,
        impossible=tuple(one for one in met if not one.met),
        curve=curve(case, request.points),
        walk=walked,
        solver=request.solver,
        gap=found.gap,
        seconds=time.monotonic() - began,
        solver_seconds=seconds,
        table=cost,
        notes=notes(case, found, walked),
        correction=case.correction,
        parts=case.problem.parts(found),
    )


def _solution(case: Case) -> tuple[Solution, tuple[WalkStep, ...], float]:
    """The best within the targets, else the nearest; the walk's steps; seconds."""
    began = time.monotonic()
    limits = asked = case.limits(case.request.targets)
    for _ in range(_TIGHTENED):
        case.job.checkpoint("Solving")
        found, steps = _once(case, limits)
        more = _more(case, found)
        use = case.problem.totals(found)[1]
        short = {q: by for q, by in more.items() if asked.use[q] < use[q] + by}
        if not short:
            break
        tighter = {q: limits.use[q] - by for q, by in short.items()}
        limits = replace(limits, use={**limits.use, **tighter})
    return found, steps, time.monotonic() - began


def _once(case: Case, limits: Limits) -> tuple[Solution, tuple[WalkStep, ...]]:
    if case.request.solver is Solver.GREEDY:
        stops = list(walk(case.problem, limits, case.job))
        if not _missed(stops[-1], limits):
            steps = tuple(stop.step for stop in stops if stop.step is not None)
            return stops[-1].solution, steps
    return _solved(case, limits), ()


def _more(case: Case, found: Solution) -> dict[int, float]:
    """Place of a limit → what the plan takes more than the units together.

    Norms are counted as merged into the layers before them, which only quantizing does.
    """
    layers = case.plan(found).result.layers
    real = (float(layer_bytes(layers)), float(sum(layer.macs or 0 for layer in layers)))
    _, use = case.problem.totals(found)
    limited = case.limits(case.request.targets).use
    return {q: real[q] - use[q] for q in (0, 1) if q in limited and real[q] > use[q]}


def _missed(stop: Stop, limits: Limits) -> bool:
    """Whether the walk ended before it was there."""
    return any(stop.use[q] > most * WITHIN for q, most in limits.use.items())


def _solved(case: Case, limits: Limits) -> Solution:
    small, places = case.reduced(limits)
    hard = replace(limits, loss=None) if limits.use else limits
    found = wait_for(lambda: solve(small, hard) or nearest(small, hard), case.job)
    if found is None:  # out of time, which the walk never is
        found = list(walk(case.problem, limits, case.job))[-1].solution
        return replace(found, gap=math.inf)
    options = tuple(at[option] for at, option in zip(places, found.options, strict=True))
    return replace(found, options=options)
