"""What a fit tells besides its choices: targets beside what is reached, the curve, notes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.budget import CurvePoint, Quantity, Reached, Settings, Solver, Target, WalkStep
from engine.frozen import FrozenMap
from engine.opened import Recent
from engine.prediction import predicted_metrics
from engine.recipe.plan import Plan
from engine.recipe.resolve import resolve
from engine.search.fit_case import WITHIN, Case
from engine.search.fit_problem import Limits, Solution
from engine.search.fit_recipe import recipe_of
from engine.search.fit_solve import least, solve
from engine.search.fit_walk import Stop, walk

_WALKS = Recent(2)
_ALL = Limits({0: 0.0})
_LOSSY = (Quantity.LOSS, Quantity.ACCURACY)


def targets(case: Case, plan: Plan, found: Solution) -> tuple[Reached, ...]:
    """Each target beside what is reached; what cannot be met with how near it can come."""
    costs = case.costs(found, plan)
    told = []
    for target in case.request.targets:
        wanted, reached = case.wanted(target), costs.of(target.quantity)
        one = Reached(target, wanted, reached, reached <= wanted * WITHIN)
        told.append(one if one.met else _impossible(case, one))
    return tuple(told)


def _impossible(case: Case, one: Reached) -> Reached:
    """How near a target can come: alone, and where that would do, together with the others."""
    case.job.checkpoint("Looking for what is possible")
    alone = _least(case, one.target, ())
    others = [target for target in case.request.targets if target is not one.target]
    together = _least(case, one.target, others)
    can = alone <= one.wanted * WITHIN
    value = together if can and not math.isnan(together) else alone
    return replace(one, nearest=value, alone=can)


def _least(case: Case, target: Target, others: Sequence[Target]) -> float:
    """The least of a quantity within other targets; NaN: they exclude each other."""
    limits = case.limits(others)
    if target.quantity in _LOSSY:
        small, _ = case.reduced(limits)
        found = solve(small, replace(limits, loss=None))
        if found is None:
            return math.nan
        loss, _ = small.totals(found)
        lossy = target.quantity is Quantity.LOSS
        return loss if lossy else case.correction.accuracy_drop(loss)
    if target.quantity is Quantity.MEMORY:
        return _least_memory(case)
    place = next(iter(case.limits([target]).use))
    small, _ = case.reduced(replace(limits, use={**limits.use, place: math.inf}))
    value = least(small, place, limits)
    other = dict(zip((Quantity.SIZE, Quantity.MACS, Quantity.LATENCY), case.other, strict=True))
    return value + other.get(target.quantity, 0.0)


def _least_memory(case: Case) -> float:
    """Where all groups keep as few channels as they may."""
    shares = {group.id: group.ratios[-1] for group in case.problem.groups}
    recipe = recipe_of(case.base, {"channel": shares} if shares else {})
    plan = resolve(recipe, case.base.table)
    peak = predicted_metrics(plan, case.info, case.request.format).activation_bytes
    return math.nan if peak is None else float(peak)


def curve(case: Case, points: int) -> tuple[CurvePoint, ...]:
    """Size against loss on the greedy walk to the smallest there is, largest first."""
    if points < 1:
        return ()
    stops = _WALKS.get(
        id(case.problem), lambda: (case.problem, list(walk(case.problem, _ALL, case.job)))
    )[1]
    return tuple(
        CurvePoint(case.costs(stop.solution), settings_of(case.problem.choices(stop.solution)))
        for stop in _spread(stops, points)
    )


def notes(case: Case, found: Solution, walked: Sequence[WalkStep]) -> tuple[str, ...]:
    """What there is to say besides."""
    notes = []
    if case.request.solver is Solver.GREEDY and not walked:
        notes.append("The greedy walk found no way there; the exact solver stands in for it.")
    if math.isinf(found.gap):
        notes.append("The solver ran out of time; the greedy walk stands in for it.")
    lost = [method for method in case.request.methods if method == "weight"]
    if lost:
        notes.append(
            "Zeros among weights make no file smaller and no runtime faster here, so that the "
            "method weight is not mixed in."
        )
    return tuple(notes)


def settings_of(choices: Mapping[str, Mapping[str, float]]) -> Settings:
    """Choices as data."""
    return FrozenMap({method: FrozenMap(dict(chosen)) for method, chosen in choices.items()})


def _spread(stops: Sequence[Stop], points: int) -> Iterator[Stop]:
    """Stops evenly spread over the logarithm of the size, each size once."""
    sizes = np.log([max(float(stop.use[0]), 1.0) for stop in stops])
    taken = -1
    for wanted in np.linspace(sizes[0], sizes[-1], points):
        place = int(np.abs(sizes - wanted).argmin())
        if place > taken:
            taken = place
            yield stops[place]
