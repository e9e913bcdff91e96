"""What the recipe is expected to lose: its settings in the cost table, corrected by trials."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from engine.correction import Correction, Finished, correction_from
from engine.cost import CostTable, Total
from engine.recipe.resolve import Assignment, Plan
from engine.registry import REGISTRY, Kind, Method
from studio.document.selectors import remembered
from studio.document.sensitivity import LOSS
from studio.document.state import DocumentState, Forecast, Trial

_LOSSY = frozenset({Kind.PRUNING, Kind.QUANTIZATION, Kind.SHARING, Kind.LOW_RANK, Kind.COMPACT})
"""Kinds of steps that change what the network computes and do not learn it again."""


def known_losses(table: CostTable | None) -> bool:
    """Whether a table tells of any loss."""
    return table is not None and bool(np.isfinite(table.values[..., LOSS]).any())


@remembered("resolution", "cost")
def choices(state: DocumentState) -> Mapping[str, Mapping[str, float]]:
    """Method → layer → setting that the recipe has, of those that the cost table knows."""
    if state.cost is None or state.resolution is None:
        return {}
    return choices_in(state.resolution.plan, state.cost)


@remembered("trials")
def finished(state: DocumentState) -> tuple[Finished, ...]:
    """Trials of which is known what they were expected to lose and what they lost."""
    return tuple(_finished(one) for one in state.trials if is_finished(one))


def is_finished(trial: Trial) -> bool:
    """Whether predictions can learn from a trial.

    Not from one that was stopped, or whose recipe did what no table tells of: trained, say.
    """
    expected = trial.forecast
    if expected is None or expected.others or expected.unknown or trial.deleted or trial.stopped:
        return False
    return trial.kl is not None or accuracy_drop(trial) is not None


def accuracy_drop(trial: Trial) -> float | None:
    """Share of samples that a trial lost; None: not measured."""
    before, after = trial.original.top1, trial.measured.top1
    return None if before is None or after is None else before - after


def _finished(trial: Trial) -> Finished:
    assert trial.forecast is not None  # the caller has looked
    drop = accuracy_drop(trial)
    return Finished(
        trial.forecast.by_method,
        math.nan if trial.kl is None else trial.kl,
        math.nan if drop is None else drop,
        trial.measured.samples or 0,
    )


@remembered("trials")
def correction(state: DocumentState) -> Correction:
    """By which predictions are brought to what trials measured."""
    return correction_from(finished(state))


@remembered("resolution", "cost", "trials")
def total(state: DocumentState) -> Total | None:
    """What the recipe comes to by the cost table; None where that tells of no loss."""
    if state.cost is None or state.resolution is None or not known_losses(state.cost):
        return None
    return state.cost.total(choices(state), correction(state))


@remembered("resolution", "cost", "trials")
def forecast(state: DocumentState) -> Forecast | None:
    """What the recipe is expected to lose; None: nothing is known."""
    found = total(state)
    if found is None or state.resolution is None:
        return None
    others = other_steps(state.resolution.plan, choices(state))
    return Forecast(
        found.by_method,
        found.loss,
        found.loss_low,
        found.loss_high,
        found.accuracy_drop,
        found.measured,
        len(found.unknown),
        others,
    )


def other_steps(plan: Plan, known: Mapping[str, Mapping[str, float]]) -> int:
    """How many steps do something that the cost table tells nothing of."""
    found = set()
    for one in plan:
        method = REGISTRY.step(one.method)
        if method is None or not plan.recipe.steps[one.step].enabled:
            continue
        lossy = method.kind in _LOSSY
        if method.kind in (Kind.DISTILLATION, Kind.RECOVERY) or (lossy and one.method not in known):
            found.add(one.step)
    return len(found)


@remembered("resolution", "cost", "trials")
def layer_losses(state: DocumentState) -> Mapping[str, tuple[float, bool]]:
    """Layer → loss of its settings, and whether all of it was measured."""
    table = state.cost
    if table is None or not known_losses(table):
        return {}
    factors = correction(state)
    found: dict[str, tuple[float, bool]] = {}
    for method, by_layer in choices(state).items():
        factor = factors.factor(method)
        for name, (loss, measured) in table.losses(method, by_layer).items():
            if not math.isfinite(loss):
                continue
            before, solid = found.get(name, (0.0, True))
            found[name] = (before + factor * loss, solid and measured)
    return found


def setting_of(one: Assignment, method: Method) -> float | None:
    """An assignment's setting on the axis of its method; None: it is not on it."""
    if method.axis is None:
        return None
    value = getattr(one.params, method.axis.field, None)
    if value is None or value == method.axis.identity or not isinstance(value, (int, float)):
        return None
    by = getattr(one.params, "rank_by", method.axis.field)
    if str(by) != method.axis.field:
        return None
    # a ratio is that of each group only where it is one of channels, and the same for all
    of, over = getattr(one.params, "target", ""), getattr(one.params, "allocation", "")
    each = str(of) in ("", "channels") and str(over) in ("", "uniform")
    return float(value) if each else None


def choices_in(plan: Plan, table: CostTable) -> dict[str, dict[str, float]]:
    """Method → row of the table → setting, of a plan's active assignments.

    Parts that an earlier step will have made count for the layer that they were.
    """
    rows = frozenset(table.layers)
    known = {grid.method for grid in table.grids}
    found: dict[str, dict[str, float]] = {}
    for one in plan:
        method = REGISTRY.step(one.method)
        if method is None or one.method not in known or not plan.recipe.steps[one.step].enabled:
            continue
        setting = setting_of(one, method)
        if setting is None:
            continue
        names = {name for layer in one.layers if (name := _row_of(layer, rows))}
        found.setdefault(one.method, {}).update(dict.fromkeys(sorted(names), setting))
    return found


def _row_of(name: str, rows: frozenset[str]) -> str:
    """The row that a layer, or a part of it, belongs to; empty: none."""
    while name and name not in rows:
        name = name.rpartition(".")[0]
    return name
