"""What the recipe is expected to lose: its settings in the cost table, corrected by trials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.correction import Correction, Finished
from engine.cost import CostTable, Total
from engine.factors import activation_bits, correction_from, prior_of
from engine.frozen import FrozenMap
from engine.info import NetworkInfo
from engine.layer_table import LayerTable
from engine.parameters import Params
from engine.recipe.model import Recipe
from engine.recipe.plan import Plan
from engine.recipe.resolve import examine
from engine.registry import REGISTRY, Kind, Method
from studio.document.learned import as_of, fixed_by_bits
from studio.document.memory import remembered
from studio.document.sensitivity import LOSS
from studio.document.state import DocumentState
from studio.document.trial import Forecast, Trial

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


@remembered("trials", "learned", "cost", "model.info")
def finished(state: DocumentState) -> tuple[Finished, ...]:
    """Trials and runs of fits of which is known what they are expected to lose and what they lost.

    They are compared with what the table says of their settings now: it is what the factors are
    applied to, and it may have been measured since they were run.
    """
    fixed = fixed_by_bits(state.learned)
    trials = (
        _finished(one, _expected(one, _plan_of(one.recipe, state.info), state.cost), fixed)
        for one in state.trials
        if is_finished(one)
    )
    return (*trials, *(as_of(one, state.cost) for one in state.learned))


def _plan_of(recipe: Recipe, info: NetworkInfo | None) -> Plan | None:
    """What a trial's recipe does to the network, worked out once for each."""
    if info is None:
        return None
    key = id(recipe), id(info)
    if key not in _plans:
        if len(_plans) >= _KEPT:
            _plans.clear()
        plan = examine(recipe, LayerTable(info.layers, info.groups)).plan
        _plans[key] = recipe, info, plan  # which keeps the two, and so their ids
    return _plans[key][2]


_KEPT = 200
_plans: dict[tuple[int, int], tuple[Recipe, NetworkInfo, Plan]] = {}


def _expected(trial: Trial, plan: Plan | None, table: CostTable | None) -> Finished:
    """Loss of a trial's settings by a table, row by row; as it was stored where that lacks any."""
    assert trial.forecast is not None  # it is finished
    stored = Finished(trial.forecast.by_method)
    if plan is None or table is None:
        return stored
    found = table.total(choices_in(plan, table))
    if found.unknown or found.by_method.keys() != stored.predicted.keys():
        return stored
    return Finished(found.by_method, parts=found.parts)


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


def _finished(trial: Trial, expected: Finished, fixed: Mapping[int, float]) -> Finished:
    drop, bits = accuracy_drop(trial), activation_bits(trial.recipe)
    return replace(
        expected,
        loss=math.nan if trial.kl is None else trial.kl,
        accuracy_drop=math.nan if drop is None else drop,
        samples=trial.measured.samples or 0,
        fixed=0.0 if bits is None else fixed.get(bits, 0.0),
    )


@remembered("trials", "learned", "cost", "model.info")
def _corrections(state: DocumentState) -> dict[FrozenMap[float], Correction]:
    """Factors before any trial → those after the trials there are; no slider changes them."""
    del state
    return {}


@remembered("trials", "learned", "cost", "model.info", "resolution")
def correction(state: DocumentState) -> Correction:
    """By which predictions of the recipe are brought to what trials and runs of fits measured."""
    known, prior = _corrections(state), prior_of(state.recipe)
    if prior not in known:
        known[prior] = correction_from(finished(state), prior)
    found = known[prior]
    if not found.fixed:
        return found
    bits = activation_bits(state.recipe)
    fixed = 0.0 if bits is None else fixed_by_bits(state.learned).get(bits, 0.0)
    return replace(found, fixed=fixed)


@remembered("resolution", "cost", "trials", "learned")
def total(state: DocumentState) -> Total | None:
    """What the recipe comes to by the cost table; None where that tells of no loss."""
    if state.cost is None or state.resolution is None or not known_losses(state.cost):
        return None
    return state.cost.total(choices(state), correction(state))


@remembered("resolution", "cost", "trials", "learned")
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


def foreseen(state: DocumentState) -> Forecast | None:
    """What the recipe is expected to lose; of one that was run, as it was foretold.

    Its own run corrects predictions, so that afterwards they would seem to have known it.
    """
    runs = [one for one in state.trials if one.forecast is not None and not one.deleted]
    mine = [one for one in runs if one.recipe == state.recipe]
    if mine:
        return min(mine, key=lambda one: one.id).forecast
    return forecast(state)


def expected_top1(state: DocumentState, before: float | None) -> float | None:
    """The accuracy that the recipe is expected to have, 0…1; None: nothing tells it.

    Args:
        state: With the recipe.
        before: The original's, on the samples that it is to be compared on.
    """
    expected = foreseen(state) if any(one.enabled for one in state.recipe.steps) else None
    if expected is None or before is None or expected.others or expected.unknown:
        return None
    if not math.isfinite(expected.accuracy_drop):
        return None
    return min(max(before - expected.accuracy_drop, 0.0), 1.0)


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


@remembered("resolution", "cost", "trials", "learned")
def layer_losses(state: DocumentState) -> Mapping[str, tuple[float, bool]]:
    """Layer → loss of its settings, and whether all of it was measured."""
    table = state.cost
    if table is None or not known_losses(table):
        return {}
    factors = correction(state)
    found: dict[str, tuple[float, bool]] = {}
    for method, by_layer in choices(state).items():
        factor = factors.factor(method)
        own = factors.own.get(method)
        owners = _owners(table, method) if own else {}
        for name, (loss, measured) in table.losses(method, by_layer).items():
            if not math.isfinite(loss):
                continue
            mine = own.get(owners.get(name, name), 1.0) if own else 1.0
            before, solid = found.get(name, (0.0, True))
            found[name] = (before + factor * mine * loss, solid and measured)
    return found


def _owners(table: CostTable, method: str) -> dict[str, str]:
    """Member of a channel group → the first of its rows, to which a factor of its own belongs."""
    found: dict[str, str] = {}
    for groups in table.groups:
        if groups.method == method:
            for members in groups.members:
                for name in members:
                    found.setdefault(name, members[0])
    return found


def setting_of(params: Params, method: Method) -> float | None:
    """The setting that parameters stand for on the axis of a method; None: none of it."""
    axis, fields = method.axis, type(params).model_fields
    if axis is None:
        return None
    value = getattr(params, axis.field)
    if value is None or value == axis.identity:
        return None
    # a ratio is that of each group only where it is one of channels, and the same for all
    for field, each in (("rank_by", axis.field), *_EACH):
        if field in fields and str(getattr(params, field)) != each:
            return None
    return float(value)


_EACH = (("target", "channels"), ("allocation", "uniform"))


def choices_in(plan: Plan, table: CostTable) -> dict[str, dict[str, float]]:
    """Method → row of the table → setting, of a plan's active assignments.

    Parts that an earlier step will have made count for the layer that they were.
    """
    rows = frozenset(table.layers)
    found: dict[str, dict[str, float]] = {}
    methods = {grid.method: REGISTRY.step(grid.method) for grid in table.grids}
    settings: dict[int, float | None] = {}  # layers of one rule share their parameters
    for one in plan:
        method = methods.get(one.method)
        if method is None:
            continue
        key = id(one.params)
        if key not in settings:
            settings[key] = setting_of(one.params, method)
        setting = settings[key]
        if setting is None:
            continue
        mine = found.setdefault(one.method, {})
        for layer in one.layers:
            name = layer if layer in rows else _row_of(layer, rows)
            if name:
                mine[name] = setting
    return found


def _row_of(name: str, rows: frozenset[str]) -> str:
    """The row that a layer, or a part of it, belongs to; empty: none."""
    while name and name not in rows:
        name = name.rpartition(".")[0]
    return name
