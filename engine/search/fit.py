"""Fit to budget: a recipe within limits that loses as little as can be."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.budget import (
    METHODS,
    Costs,
    CurvePoint,
    FitBudget,
    Fitted,
    Quantity,
    Reached,
    Settings,
    Solver,
    Target,
    WalkStep,
)
from engine.correction import Correction, correction_from
from engine.cost import CostTable
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import NetworkInfo
from engine.jobs.job import Job
from engine.methods.waiting import wait_for
from engine.opened import Recent
from engine.prediction import layer_bytes, most_held, predicted_metrics
from engine.recipe.model import Recipe
from engine.recipe.resolve import Plan, resolve
from engine.registry import LayerTable
from engine.search.fit_latency import LayerTimes
from engine.search.fit_options import Options
from engine.search.fit_problem import Limits, Problem, Solution
from engine.search.fit_recipe import Base, base_of, prior_of, recipe_of
from engine.search.fit_solve import least, nearest, solve
from engine.search.fit_walk import Stop, walk
from engine.search.savings import SETTINGS

_WITHIN = 1 + 1e-9
_PROBLEMS = Recent(2)
"""For a slider: targets change, and what they choose from stays."""
_WALKS = Recent(2)
_ALL = Limits({0: 0.0})
_TIGHTENED = 4
"""Times that are tried where the plan takes more than the units do."""
_LOSSY = (Quantity.LOSS, Quantity.ACCURACY)


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
    fitting = _Fit.of(info, cost, request, job, latency)
    found, walked, seconds = fitting.solution()
    plan = fitting.plan(found)
    targets = fitting.targets(plan, found)
    choices = fitting.problem.choices(found)
    return Fitted(
        choices=_settings(choices),
        recipe=plan.recipe,
        predicted=fitting.costs(found, plan),
        original=fitting.original,
        total=cost.total(choices, fitting.correction),
        targets=targets,
        impossible=tuple(one for one in targets if not one.met),
        curve=fitting.curve(request.points),
        walk=walked,
        solver=request.solver,
        gap=found.gap,
        seconds=time.monotonic() - began,
        solver_seconds=seconds,
        table=cost,
        notes=fitting.notes(found, walked),
        correction=fitting.correction,
    )


@dataclass
class _Fit:
    """What the answer is made of."""

    info: NetworkInfo
    cost: CostTable
    request: FitBudget
    job: Job
    base: Base
    correction: Correction
    problem: Problem
    latency: LayerTimes | None

    @classmethod
    def of(
        cls,
        info: NetworkInfo,
        cost: CostTable,
        request: FitBudget,
        job: Job,
        latency: LayerTimes | None,
    ) -> _Fit:
        methods = _methods(request, cost)
        table = LayerTable(info.layers, info.groups)
        base = base_of(request.recipe, table, methods)
        correction = correction_from(request.finished, prior_of(base))
        locks = frozenset(request.locks)
        held = _held(info, request.targets)
        options = Options(base, cost, methods, locks, correction, latency, job, held)
        key = (id(info), id(cost), methods, request.recipe, locks, correction, latency, held)
        # with what has an id, so that the id stays its own
        made = _PROBLEMS.get(key, lambda: (info, cost, options.problem()))
        return cls(info, cost, request, job, base, correction, made[-1], latency)

    # What there is ----------------------------------------------------------------------------

    @cached_property
    def original(self) -> Costs:
        """The network as it is."""
        return Costs(
            size_bytes=float(self.info.size_bytes),
            weight_bytes=float(layer_bytes(self.info.layers)),
            macs=math.nan if self.info.macs is None else float(self.info.macs),
            latency_ms=math.nan if self.latency is None else self.latency.total_ms,
            activation_bytes=float(self.info.activation_bytes or math.nan),
            loss=0.0,
            loss_low=0.0,
            loss_high=0.0,
            accuracy_drop=0.0,
        )

    @cached_property
    def _other(self) -> tuple[float, float, float]:
        """Bytes, MACs and milliseconds besides the layers', whatever is chosen."""
        plan = resolve(Recipe(), self.base.table)
        metrics = predicted_metrics(plan, self.info, self.request.format)
        layers = self.base.table.layers
        macs = (self.info.macs or 0) - sum(layer.macs or 0 for layer in layers)
        size_bytes = float((metrics.size_bytes or 0) - layer_bytes(layers))
        return size_bytes, float(macs), 0.0 if self.latency is None else self.latency.other_ms

    # Solving ----------------------------------------------------------------------------------

    def limits(self, targets: Sequence[Target]) -> Limits:
        """Targets as limits on what the units use, and on the loss.

        Raises:
            EngineError: The original's value is not known.
        """
        use: dict[int, float] = {}
        loss = math.inf
        for target in targets:
            wanted = self._wanted(target)
            match target.quantity:
                case Quantity.SIZE:
                    place, wanted = 0, wanted - self._other[0]
                case Quantity.WEIGHTS:
                    place = 0
                case Quantity.MACS:
                    place, wanted = 1, wanted - self._other[1]
                case Quantity.MEMORY:
                    place, wanted = 3, 0.0
                case Quantity.LATENCY:
                    place, wanted = 2, wanted - self._other[2]
                case _:
                    loss = min(loss, self._loss_of(target))
                    continue
            use[place] = min(use.get(place, math.inf), wanted)
        return Limits(use, None if math.isinf(loss) else loss)

    def _loss_of(self, target: Target) -> float:
        if target.quantity is Quantity.LOSS:
            return target.limit
        return self.correction.loss_of_drop(target.limit)

    def _wanted(self, target: Target) -> float:
        original = self.original.of(target.quantity)
        if math.isnan(original):
            raise EngineError(
                f"The original's {target.quantity.value} is not known, so it cannot be limited",
                hint="Leave this target out.",
            )
        return target.of(original)

    def solution(self) -> tuple[Solution, tuple[WalkStep, ...], float]:
        """The best within the targets, else the nearest; the walk's steps; seconds."""
        began = time.monotonic()
        limits = asked = self.limits(self.request.targets)
        for _ in range(_TIGHTENED):
            self.job.checkpoint("Solving")
            found, steps = self._once(limits)
            more = self._more(found)
            use = self.problem.totals(found)[1]
            short = {q: by for q, by in more.items() if asked.use[q] < use[q] + by}
            if not short:
                break
            tighter = {q: limits.use[q] - by for q, by in short.items()}
            limits = replace(limits, use={**limits.use, **tighter})
        return found, steps, time.monotonic() - began

    def _once(self, limits: Limits) -> tuple[Solution, tuple[WalkStep, ...]]:
        if self.request.solver is Solver.GREEDY:
            stops = list(walk(self.problem, limits, self.job))
            if not self._missed(stops[-1], limits):
                steps = tuple(stop.step for stop in stops if stop.step is not None)
                return stops[-1].solution, steps
        return self._solved(limits), ()

    def _more(self, found: Solution) -> dict[int, float]:
        """Place of a limit → what the plan takes more than the units together.

        Norms are counted as merged into the layers before them, which only quantizing does.
        """
        layers = self.plan(found).result.layers
        real = (float(layer_bytes(layers)), float(sum(layer.macs or 0 for layer in layers)))
        _, use = self.problem.totals(found)
        limited = self.limits(self.request.targets).use
        return {q: real[q] - use[q] for q in (0, 1) if q in limited and real[q] > use[q]}

    def _missed(self, stop: Stop, limits: Limits) -> bool:
        """Whether the walk ended before it was there."""
        return any(stop.use[q] > most * _WITHIN for q, most in limits.use.items())

    def _solved(self, limits: Limits) -> Solution:
        small, places = self._reduced(limits)
        hard = replace(limits, loss=None) if limits.use else limits
        found = wait_for(lambda: solve(small, hard) or nearest(small, hard), self.job)
        if found is None:  # out of time, which the walk never is
            found = list(walk(self.problem, limits, self.job))[-1].solution
            return replace(found, gap=math.inf)
        options = tuple(at[option] for at, option in zip(places, found.options, strict=True))
        return replace(found, options=options)

    def _reduced(self, limits: Limits) -> tuple[Problem, list[list[int]]]:
        """Without options that are worse in all that counts; and which ones are left."""
        counted = sorted(limits.use) or [0]
        units, places = [], []
        for unit in self.problem.units:
            kept = unit.not_worse(counted)
            units.append(unit.only(kept))
            places.append(kept)
        return replace(self.problem, units=tuple(units)), places

    # Telling ----------------------------------------------------------------------------------

    def plan(self, solution: Solution) -> Plan:
        """The recipe so far with these choices, resolved."""
        chosen = self.problem.choices(solution)
        chosen.pop("channel", None)
        states = zip(self.problem.groups, solution.states, strict=True)
        ratios = {g.id: g.ratios[state] for g, state in states if g.ratios[state] > 0}
        recipe = recipe_of(self.base, {**chosen, **({"channel": ratios} if ratios else {})})
        return resolve(recipe, self.base.table)

    def costs(self, solution: Solution, plan: Plan | None = None) -> Costs:
        """What a solution comes to; in shapes what its plan says, where it is given."""
        loss, use = self.problem.totals(solution)
        size, macs, peak = float(use[0]), float(use[1]), math.nan
        if plan is not None:
            known = predicted_metrics(plan, self.info, self.request.format).activation_bytes
            peak = math.nan if known is None else float(known)
            size = float(layer_bytes(plan.result.layers))
            macs = float(sum(layer.macs or 0 for layer in plan.result.layers))
        total = self.cost.total(self.problem.choices(solution), self.correction)
        scale = loss / total.loss if total.loss > 0 else 1.0
        return Costs(
            size_bytes=size + self._other[0],
            weight_bytes=size,
            macs=math.nan if self.info.macs is None else macs + self._other[1],
            latency_ms=float(use[2]) + self._other[2],
            activation_bytes=peak,
            loss=loss,
            loss_low=total.loss_low * scale,
            loss_high=total.loss_high * scale,
            accuracy_drop=self.correction.accuracy_drop(loss),
        )

    def targets(self, plan: Plan, found: Solution) -> tuple[Reached, ...]:
        """Each target beside what is reached; what cannot be met with how near it can come."""
        costs = self.costs(found, plan)
        told = []
        for target in self.request.targets:
            wanted, reached = self._wanted(target), costs.of(target.quantity)
            one = Reached(target, wanted, reached, reached <= wanted * _WITHIN)
            told.append(one if one.met else self._impossible(one))
        return tuple(told)

    def _impossible(self, one: Reached) -> Reached:
        """How near a target can come: alone, and where that would do, together with the others."""
        self.job.checkpoint("Looking for what is possible")
        alone = self._least(one.target, ())
        others = [target for target in self.request.targets if target is not one.target]
        together = self._least(one.target, others)
        can = alone <= one.wanted * _WITHIN
        value = together if can and not math.isnan(together) else alone
        return replace(one, nearest=value, alone=can)

    def _least(self, target: Target, others: Sequence[Target]) -> float:
        """The least of a quantity within other targets; NaN: they exclude each other."""
        limits = self.limits(others)
        if target.quantity in _LOSSY:
            small, _ = self._reduced(limits)
            found = solve(small, replace(limits, loss=None))
            if found is None:
                return math.nan
            loss, _ = small.totals(found)
            lossy = target.quantity is Quantity.LOSS
            return loss if lossy else self.correction.accuracy_drop(loss)
        if target.quantity is Quantity.MEMORY:
            return self._least_memory()
        place = next(iter(self.limits([target]).use))
        small, _ = self._reduced(replace(limits, use={**limits.use, place: math.inf}))
        value = least(small, place, limits)
        other = dict(
            zip((Quantity.SIZE, Quantity.MACS, Quantity.LATENCY), self._other, strict=True)
        )
        return value + other.get(target.quantity, 0.0)

    def _least_memory(self) -> float:
        """Where all groups keep as few channels as they may."""
        shares = {group.id: group.ratios[-1] for group in self.problem.groups}
        recipe = recipe_of(self.base, {"channel": shares} if shares else {})
        plan = resolve(recipe, self.base.table)
        peak = predicted_metrics(plan, self.info, self.request.format).activation_bytes
        return math.nan if peak is None else float(peak)

    def curve(self, points: int) -> tuple[CurvePoint, ...]:
        """Size against loss on the greedy walk to the smallest there is, largest first."""
        if points < 1:
            return ()
        stops = _WALKS.get(
            id(self.problem), lambda: (self.problem, list(walk(self.problem, _ALL, self.job)))
        )[1]
        return tuple(
            CurvePoint(self.costs(stop.solution), _settings(self.problem.choices(stop.solution)))
            for stop in _spread(stops, points)
        )

    def notes(self, found: Solution, walked: Sequence[WalkStep]) -> tuple[str, ...]:
        """What there is to say besides."""
        notes = []
        if self.request.solver is Solver.GREEDY and not walked:
            notes.append("The greedy walk found no way there; the exact solver stands in for it.")
        if math.isinf(found.gap):
            notes.append("The solver ran out of time; the greedy walk stands in for it.")
        lost = [method for method in self.request.methods if method == "weight"]
        if lost:
            notes.append(
                "Zeros among weights make no file smaller and no runtime faster here, so that the "
                "method weight is not mixed in."
            )
        return tuple(notes)


def _held(info: NetworkInfo, targets: Sequence[Target]) -> float:
    """Bytes that a layer may hold, so that the peak of activations is as targets want it."""
    wanted = [t for t in targets if t.quantity is Quantity.MEMORY]
    if not wanted or not info.activation_bytes:
        return math.inf
    return (
        most_held(info.layers)
        * min(t.of(info.activation_bytes) for t in wanted)
        / (info.activation_bytes)
    )


def _methods(request: FitBudget, cost: CostTable) -> tuple[str, ...]:
    """The methods that are mixed.

    Raises:
        EngineError: Nothing is asked for, or something that there are no costs for.
    """
    if not request.targets:
        raise EngineError("There is nothing to fit to", hint="Give a target, such as --size 25%.")
    known = {grid.method for grid in cost.grids}
    wanted = request.methods or tuple(name for name in METHODS if name in known)
    for name in wanted:
        if name not in SETTINGS:
            raise EngineError(
                f"The method {name} cannot be mixed", hint=f"Choose among {', '.join(METHODS)}."
            )
        if name not in known:
            raise EngineError(
                f"The cost table has nothing of the method {name}", hint="Estimate costs again."
            )
    return tuple(name for name in wanted if name != "weight")


def _settings(choices: Mapping[str, Mapping[str, float]]) -> Settings:
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
