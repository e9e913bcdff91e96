"""Runs that a fit made to learn from: what they taught, which is kept when they are over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.budget import Fitted, Quantity, Settings, Target, Tried
from engine.correction import Finished, Parts
from engine.cost import CostTable
from engine.factors import activation_bits
from engine.frozen import FrozenMap

KEPT = 30
"""Runs that are remembered, the newest."""
_LEARNED = (Quantity.LATENCY, Quantity.LOSS, Quantity.ACCURACY)
"""Limits that runs teach how to keep to: what learned from more of them is better."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A run of a fit.

    Attributes:
        finished: What the settings were predicted to lose, as the solver saw it, and what they
            lost.
        choices: Method → layer → setting.
        told: Method → row → loss of its setting, as the cost table had it then.
        expected: Loss that was predicted of it, corrected by the runs before it.
        size_bytes: Of the file, predicted.
        recipe_key: Of the recipe that was run.
        activation_bits: That it rounded activations to; None: it did not.
        seconds: How long it took.
        created: When it ended, as ISO 8601 with the zone.
    """

    finished: Finished
    choices: Settings = FrozenMap()
    told: Parts = FrozenMap()
    expected: float = math.nan
    size_bytes: float = math.nan
    recipe_key: str = ""
    activation_bits: int | None = None
    seconds: float = 0.0
    created: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer of several runs is the answer to.

    Attributes:
        targets: That were to be kept to.
        methods: That were mixed.
        solver: Which.
        recipe_key: Of the recipe that it started from.
        locks: Layers that kept what they had.
    """

    targets: tuple[Target, ...]
    methods: tuple[str, ...]
    solver: str
    recipe_key: str
    locks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """The best recipe that several runs have found.

    Attributes:
        question: What was asked.
        fitted: The answer, with all runs that were made for it.
    """

    question: Question
    fitted: Fitted

    def with_more(self, fitted: Fitted) -> Best:
        """With an answer to the same question, which comes of further runs.

        What was measured to lose least stands; an answer that was not measured has learned from all
        of them, and was preferred for it.
        """
        tried = (*self.fitted.tried, *fitted.tried)
        before, after = measured(self.fitted), measured(fitted)
        worse = (
            not any(one.quantity in _LEARNED for one in self.question.targets)
            and before is not None
            and after is not None
            and (self.fitted.met, -before.finished.loss) > (fitted.met, -after.finished.loss)
        )
        found = fitted
        if worse:
            found = replace(self.fitted, correction=fitted.correction, finished=fitted.finished)
        return replace(self, fitted=replace(found, tried=tried))


def measured(fitted: Fitted) -> Tried | None:
    """The run of the very recipe that was found; None: it was not run."""
    runs = [one for one in fitted.tried if one.recipe == fitted.recipe]
    return next((one for one in runs if math.isfinite(one.finished.loss)), None)


def learned_from(run: Tried, table: CostTable, seconds: float, created: str) -> Learned:
    """What is kept of a run.

    Args:
        run: As the engine tells it.
        table: Costs that the fit was asked with.
        seconds: How long it took.
        created: When it ended.
    """
    return Learned(
        run.finished,
        run.choices,
        table.total(run.choices).parts,
        run.predicted.loss,
        run.predicted.size_bytes,
        run.recipe.key,
        activation_bits(run.recipe),
        seconds,
        created,
    )


def as_of(run: Learned, table: CostTable | None) -> Finished:
    """A run beside what the table says of its settings now.

    Factors are applied to the table, so what has been measured since then must not count twice.
    """
    if table is None or not run.told:
        return run.finished
    rows = frozenset(table.layers)
    methods = {grid.method for grid in table.grids}
    if not methods >= run.choices.keys() or any(
        not rows >= one.keys() for one in run.told.values()
    ):
        return run.finished
    now = table.total(run.choices)
    if now.unknown:
        return run.finished
    parts = {
        method: FrozenMap(
            {row: loss * _ratio(now.parts, run.told, method, row) for row, loss in losses.items()}
        )
        for method, losses in run.finished.parts.items()
    }
    found = Finished.of_parts(FrozenMap(parts))
    return replace(run.finished, predicted=found.predicted, parts=found.parts)


def _ratio(now: Parts, then: Parts, method: str, row: str) -> float:
    """How many times what it was a loss is by now."""
    new = now.get(method, FrozenMap()).get(row, 0.0)
    old = then.get(method, FrozenMap()).get(row, 0.0)
    return new / old if old > 0 and new > 0 else 1.0


def fixed_by_bits(runs: Sequence[Learned]) -> Mapping[int, float]:
    """Activation bits → what rounding to them loses by itself, where runs have measured it."""
    found: dict[int, list[float]] = {}
    for one in runs:
        if one.activation_bits is not None and one.finished.fixed > 0:
            found.setdefault(one.activation_bits, []).append(one.finished.fixed)
    return {bits: sum(losses) / len(losses) for bits, losses in found.items()}
