"""What a fit is made of: what there is to choose from, limits, and what choices come to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from engine.budget import METHODS, Costs, FitBudget, Quantity, Target
from engine.correction import Correction
from engine.cost import CostTable
from engine.errors import EngineError
from engine.factors import Search, correction_from, prior_of
from engine.info import NetworkInfo
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.opened import Recent
from engine.prediction import layer_bytes, most_held, predicted_metrics
from engine.recipe.model import Recipe
from engine.recipe.plan import Plan
from engine.recipe.resolve import resolve
from engine.search.fit_latency import LayerTimes
from engine.search.fit_options import Options
from engine.search.fit_problem import Limits, Problem, Solution
from engine.search.fit_recipe import Base, base_of, recipe_of
from engine.search.savings import SETTINGS

WITHIN = 1 + 1e-9
"""Times a limit that still counts as within it."""
_CHOICES = Recent(2)
"""For a slider and for rounds: targets and factors change, and what they choose from stays."""
_PROBLEMS = Recent(2)
"""The same with factors."""


@dataclass
class Case:
    """A network, a request, and what there is to choose from.

    Attributes:
        info: The network.
        cost: Predicted losses of its layers.
        request: What is asked for.
        job: For progress.
        base: What the choices start from.
        correction: Of predicted losses.
        problem: The choices.
        latency: Times of layers; None: not known.
        integers: All layers have 8 bits that can.
    """

    info: NetworkInfo
    cost: CostTable
    request: FitBudget
    job: Job
    base: Base
    correction: Correction
    problem: Problem
    latency: LayerTimes | None
    integers: bool = False

    @classmethod
    def of(
        cls,
        info: NetworkInfo,
        cost: CostTable,
        request: FitBudget,
        job: Job,
        latency: LayerTimes | None,
        *,
        integers: bool = False,
    ) -> Case:
        """See `engine.search.fit.fit`."""
        methods = _methods(request, cost)
        table = LayerTable(info.layers, info.groups)
        base = base_of(request.recipe, table, methods, timed=latency is not None)
        locks = frozenset(request.locks)
        held = _held(info, request.targets)
        options = Options(base, cost, methods, locks, latency, job, held, integers)
        key = (id(info), id(cost), methods, request.recipe, locks, latency, held, integers)
        # with what has an id, so that the id stays its own
        plain: Problem = _CHOICES.get(key, lambda: (info, cost, options.problem()))[-1]
        search = None if request.draw is None else Search(plain.rows, request.draw)
        correction = correction_from(
            request.finished, prior_of(base.recipe, shifts=base.shifts), search
        )
        problem: Problem = _PROBLEMS.get(
            (id(plain), correction), lambda: (plain, plain.corrected(correction))
        )[-1]
        return cls(info, cost, request, job, base, correction, problem, latency, integers)

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
    def other(self) -> tuple[float, float, float]:
        """Bytes, MACs and milliseconds besides the layers', whatever is chosen."""
        plan = resolve(Recipe(), self.base.table)
        metrics = predicted_metrics(plan, self.info, self.request.format)
        layers = self.base.table.layers
        macs = (self.info.macs or 0) - sum(layer.macs or 0 for layer in layers)
        size_bytes = float((metrics.size_bytes or 0) - layer_bytes(layers))
        return (
            size_bytes,
            float(macs),
            0.0 if self.latency is None else self.latency.other(integers=self.integers),
        )

    def limits(self, targets: Sequence[Target]) -> Limits:
        """Targets as limits on what the units use, and on the loss.

        Raises:
            EngineError: The original's value is not known.
        """
        use: dict[int, float] = {}
        loss = math.inf
        for target in targets:
            wanted = self.wanted(target)
            match target.quantity:
                case Quantity.SIZE:
                    place, wanted = 0, wanted - self.other[0]
                case Quantity.WEIGHTS:
                    place = 0
                case Quantity.MACS:
                    place, wanted = 1, wanted - self.other[1]
                case Quantity.MEMORY:
                    place, wanted = 3, 0.0
                case Quantity.LATENCY:
                    place, wanted = 2, wanted - self.other[2]
                case _:
                    loss = min(loss, self._loss_of(target))
                    continue
            use[place] = min(use.get(place, math.inf), wanted)
        return Limits(use, None if math.isinf(loss) else loss)

    def _loss_of(self, target: Target) -> float:
        limit = target.limit
        if target.quantity is Quantity.ACCURACY:
            limit = self.correction.loss_of_drop(limit)
        return max(limit - self.correction.fixed, 0.0)

    def wanted(self, target: Target) -> float:
        """A target's limit in its own unit.

        Raises:
            EngineError: The original's value is not known.
        """
        original = self.original.of(target.quantity)
        if math.isnan(original):
            raise EngineError(
                f"The original's {target.quantity.value} is not known, so it cannot be limited",
                hint="Leave this target out.",
            )
        return target.of(original)

    def reduced(self, limits: Limits) -> tuple[Problem, list[list[int]]]:
        """Without options that are worse in all that counts; and which ones are left."""
        counted = sorted(limits.use) or [0]
        units, places = [], []
        for unit in self.problem.units:
            kept = unit.not_worse(counted)
            units.append(unit.only(kept))
            places.append(kept)
        return replace(self.problem, units=tuple(units)), places

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
        choices = self.problem.choices(solution)
        loss, use = self.problem.totals(solution)
        loss += self.correction.fixed_of(choices)
        size, macs, peak = float(use[0]), float(use[1]), math.nan
        if plan is not None:
            known = predicted_metrics(plan, self.info, self.request.format).activation_bytes
            peak = math.nan if known is None else float(known)
            size = float(layer_bytes(plan.result.layers))
            macs = float(sum(layer.macs or 0 for layer in plan.result.layers))
        total = self.cost.total(choices, self.correction)
        scale = loss / total.loss if total.loss > 0 else 1.0
        return Costs(
            size_bytes=size + self.other[0],
            weight_bytes=size,
            macs=math.nan if self.info.macs is None else macs + self.other[1],
            latency_ms=float(use[2]) + self.other[2],
            activation_bytes=peak,
            loss=loss,
            loss_low=total.loss_low * scale,
            loss_high=total.loss_high * scale,
            accuracy_drop=self.correction.accuracy_drop(loss),
        )


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
