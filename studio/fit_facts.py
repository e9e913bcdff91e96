"""What the dialog of fit to budget has to know, from the document."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from engine.budget import METHODS, Costs, Fitted, Quantity
from engine.info import Metrics
from engine.recipe.history import History
from engine.recipe.resolve import examine
from studio.dialogs.fit_result import Round
from studio.dialogs.fit_situation import Situation, known_networks
from studio.dialogs.fit_targets import costs_of
from studio.document.facets import Facet
from studio.document.forecast import accuracy_drop, forecast, is_finished
from studio.document.learned import Learned
from studio.document.selectors import layer_table, predicted, rows
from studio.document.state import DocumentState
from studio.document.trial import Forecast
from studio.words import trial_name

FITTABLE = ("channel", "data_aware_svd", "spatial", "uniform", "weight")
"""Methods that the dialog offers, where the cost table knows them."""


def with_latency(fitted: Fitted, state: DocumentState) -> Fitted:
    """With the time that the window predicts, where the solver had no reason to look at it."""
    table = layer_table(state)
    if math.isfinite(fitted.predicted.latency_ms) or table is None or state.profile is None:
        return fitted
    after = replace(
        state, resolution=examine(fitted.recipe, table), history=History.of(fitted.recipe)
    )
    latency_ms = predicted(after).latency_ms
    if latency_ms is None:
        return fitted
    return replace(fitted, predicted=replace(fitted.predicted, latency_ms=latency_ms))


def time_share(fitted: Fitted) -> float | None:
    """Part of the original's time that a fit is predicted to take; None: it timed no layers."""
    share = fitted.predicted.latency_ms / (fitted.original.latency_ms or math.nan)
    return share if math.isfinite(share) else None


def situation_of(state: DocumentState) -> Situation:
    """What the dialog has to know."""
    expected = forecast(state)
    now = now_costs(predicted(state), expected)
    label = QCoreApplication.translate("Fit", "The recipe now")
    measured: list[tuple[str, float | None, float | None]] = [
        (trial_name(one.id, one.name), one.measured.size_bytes, one.kl)
        for one in state.trials
        if not one.deleted
    ]
    measured += [
        (run_name(number), one.size_bytes, one.finished.loss)
        for number, one in enumerate(state.learned, start=1)
    ]
    known = [] if state.cost is None else [grid.method for grid in state.cost.grids]
    names = [name for name in FITTABLE if name in known or not known]
    return Situation(
        _costs(state.original),
        now,
        () if state.cost is None else state.cost.layers,
        tuple((name, name in METHODS) for name in names),
        state.locks,
        overrides(state),
        known_networks(
            measured, now if any(s.enabled for s in state.recipe.steps) else None, label
        ),
        rounds(state),
    )


def reason_not_to_learn(state: DocumentState) -> str:
    """Why no recipe can be run to learn from; empty: it can."""
    translate = QCoreApplication.translate
    if state.info is None or not state.info.runnable:
        return translate("Fit", "This network cannot be run here.")
    if state.data.source is None:
        return translate("Fit", "Runs are measured on data. Open a data set first.")
    if state.data.error is not None:
        return translate("Fit", "Runs are measured on data, and this data cannot be used.")
    return ""


def pace(state: DocumentState) -> float | None:
    """Seconds that a run takes, as far as earlier ones of this network tell."""
    times = sorted(one.seconds for one in state.learned if one.seconds > 0)
    if times:
        return times[len(times) // 2]
    trials = [one.seconds for one in state.trials if is_finished(one) and one.seconds > 0]
    return trials[-1] if trials else None


def run_name(number: int) -> str:
    """What a run of a fit is called."""
    return QCoreApplication.translate("Fit", "Learning run {number}").format(number=number)


def rounds(state: DocumentState) -> tuple[Round, ...]:
    """Runs by which predictions are corrected, oldest first."""
    found = [_learned(number, one) for number, one in enumerate(state.learned, start=1)]
    for one in state.trials:
        expected, drop = one.forecast, accuracy_drop(one)
        if not is_finished(one) or expected is None:
            continue
        name = trial_name(one.id, one.name)
        size = math.nan if one.measured.size_bytes is None else float(one.measured.size_bytes)
        if one.kl is not None:
            found.append(
                Round(name, size, expected.loss, one.kl, key=one.recipe.key, at=one.created)
            )
        elif drop is not None:
            guess = expected.accuracy_drop
            found.append(
                Round(name, size, guess, drop, Quantity.ACCURACY, one.recipe.key, one.created)
            )
    return tuple(sorted(found, key=lambda one: one.at))


def _learned(number: int, run: Learned) -> Round:
    """A run of a fit, whose size is predicted."""
    return Round(
        run_name(number),
        run.size_bytes,
        run.expected,
        run.finished.loss,
        key=run.recipe_key,
        at=run.created,
        written=False,
    )


def _costs(numbers: Metrics) -> Costs:
    return costs_of(
        {
            Quantity.SIZE: numbers.size_bytes,
            Quantity.MACS: numbers.macs,
            Quantity.LATENCY: numbers.latency_ms,
            Quantity.MEMORY: numbers.activation_bytes,
        }
    )


def now_costs(numbers: Metrics, expected: Forecast | None) -> Costs:
    """The recipe as it is, predicted."""
    found = _costs(numbers)
    if expected is None or expected.others:
        return found
    return replace(
        found,
        loss=expected.loss,
        loss_low=expected.low,
        loss_high=expected.high,
        accuracy_drop=expected.accuracy_drop,
    )


def overrides(state: DocumentState) -> frozenset[str]:
    """Layers with a setting of their own that the user gave them, not the solver."""
    own = _own(state)
    table = layer_table(state)
    if state.fitted is None or table is None or not own:
        return frozenset(own)
    before = _own(replace(state, resolution=examine(state.fitted, table), history=_only(state)))
    return frozenset(name for name, cells in own.items() if before.get(name) != cells)


def _own(state: DocumentState) -> dict[str, tuple[object, ...]]:
    """Layer → its settings, of those that a rule names."""
    found: dict[str, tuple[object, ...]] = {}
    for row in rows(state):
        cells = tuple(row.cells[facet] for facet in Facet)
        if any(cell.own for cell in cells):
            found[row.layer.name] = tuple((one.value, one.skipped) for one in cells)
    return found


def _only(state: DocumentState) -> History:
    """A history in which the solver's recipe is in force."""
    assert state.fitted is not None  # the caller has looked
    return History.of(state.fitted)
