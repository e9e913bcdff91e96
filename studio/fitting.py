"""The dialog of fit to budget over a session: what is asked of the solver, and what comes back."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from engine.budget import METHODS, Costs, FitBudget, Fitted, Quantity
from engine.errors import EngineError
from engine.info import Metrics
from engine.jobs.events import Lane
from engine.recipe.history import History
from engine.recipe.resolve import examine
from studio.awaited import Extra
from studio.dialogs.fit import FitDialog, Situation, known_networks
from studio.dialogs.fit_result import Round
from studio.dialogs.fit_targets import costs_of
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.forecast import (
    accuracy_drop,
    finished,
    forecast,
    is_finished,
    known_losses,
)
from studio.document.selectors import layer_table, predicted, rows
from studio.document.state import DocumentState, Purpose, Wanted
from studio.document.trial import Forecast
from studio.dropped import Dropped
from studio.session import Session
from studio.views.sensitivity_source import estimating
from studio.words import trial_name, word

_FITTABLE = ("channel", "data_aware_svd", "uniform", "weight")
"""Methods that the dialog offers, where the cost table knows them."""
_POINTS = 24
_AGAIN_MS = 1000
"""After the table has changed: measurements come several times a second."""


class Fitting(QObject):
    """One fit, from the dialog to the recipe.

    Args:
        session: That asks the engine.
        window: Over which the dialog is shown; owner.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._store = session.store
        self._job = 0
        self._open = True
        self._asked: Wanted | None = None
        self._answered: Wanted | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AGAIN_MS)
        state = self._store.state
        self.dialog = FitDialog(situation_of(state), state.budget, parent=window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.asked.connect(self._ask)
        self.dialog.estimate_wanted.connect(self._estimate)
        self.dialog.accepted.connect(self._use)
        self.dialog.finished.connect(self._end)
        self._later.timeout.connect(self._again)
        self._store.changed.connect(self._on_changed)
        self.dialog.open()
        self.dialog.ask()

    @Slot(object)
    def _ask(self, wanted: Wanted) -> None:
        """Ask the solver, in place of what it was asked before."""
        state = self._store.state
        self._store.dispatch(m.AskBudget(wanted))
        if not self._can_ask(state):
            return
        assert state.model.source is not None  # it can ask
        request = FitBudget(
            state.model.source,
            wanted.targets,
            state.data.source,
            state.cost,
            wanted.methods,
            state.recipe,
            tuple(sorted(state.locks | (overrides(state) if wanted.keep_own else frozenset()))),
            wanted.solver,
            finished(state),
            _POINTS,
        )
        self._drop()
        if wanted != self._answered:  # else the answer that is shown is good until the next one
            self.dialog.show_waiting(self.tr("Looking for the best settings…"), None)
        self._asked = wanted
        self._job = self._session.submit(
            request, Purpose.FIT, self._done, self._failed, Extra(lane=Lane.LOOK)
        )

    @Slot()
    def _again(self) -> None:
        """Ask once more: costs, trials or the recipe are others now."""
        self.dialog.set_situation(situation_of(self._store.state))
        self.dialog.ask()

    def _can_ask(self, state: DocumentState) -> bool:
        """Whether costs are known; else the dialog says what it waits for."""
        if known_losses(state.cost):
            return True
        running = estimating(state)
        if running is not None:
            text = self.tr("Costs are being estimated: {stage}")
            self.dialog.show_waiting(text.format(stage=word(running.text)), running.fraction)
        elif state.data.source is None or state.data.error is not None:
            text = self.tr("What settings cost is learned from data. Open a data set first.")
            self.dialog.show_waiting(text, 0.0)
        else:
            text = self.tr("It is not known yet what settings cost.")
            self.dialog.show_waiting(text, None, can_estimate=True)
        return False

    def _done(self, fitted: Fitted) -> None:
        if self._open:
            self._job = 0
            self._answered = self._asked
            self.dialog.show_fitted(with_latency(fitted, self._store.state))

    def _failed(self, error: EngineError) -> None:
        if self._open and not isinstance(error, Dropped):
            self._job = 0
            self.dialog.show_error(error)

    def _drop(self) -> None:
        if self._job:
            self._store.dispatch(m.CancelJob(self._job))
            self._job = 0

    @Slot()
    def _estimate(self) -> None:
        self._store.dispatch(m.EstimateCosts())

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.model.source != new.model.source or new.info is None:
            self.dialog.reject()
            return
        parts = ("cost", "trials", "resolution", "locks", "profile")
        if any(getattr(old, one) is not getattr(new, one) for one in parts):
            if not self._later.isActive():
                self._later.start()
        elif old.jobs is not new.jobs and not known_losses(new.cost):
            self._can_ask(new)

    @Slot()
    def _use(self) -> None:
        fitted = self.dialog.fitted
        if fitted is not None:
            self._store.dispatch(m.UseFit(fitted.recipe))
            if self.dialog.runs:
                self._store.dispatch(m.Apply())

    @Slot()
    def _end(self) -> None:
        self._open = False
        self._later.stop()
        self._store.changed.disconnect(self._on_changed)
        self._drop()
        self.deleteLater()


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


def situation_of(state: DocumentState) -> Situation:
    """What the dialog has to know."""
    expected = forecast(state)
    now = now_costs(predicted(state), expected)
    label = QCoreApplication.translate("Fit", "The recipe now")
    trials = [
        (trial_name(one.id, one.name), one.measured.size_bytes, one.kl)
        for one in state.trials
        if not one.deleted
    ]
    known = [] if state.cost is None else [grid.method for grid in state.cost.grids]
    names = [name for name in _FITTABLE if name in known or not known]
    return Situation(
        _costs(state.original),
        now,
        () if state.cost is None else state.cost.layers,
        tuple((name, name in METHODS) for name in names),
        state.locks,
        overrides(state),
        known_networks(trials, now if any(s.enabled for s in state.recipe.steps) else None, label),
        rounds(state),
    )


def rounds(state: DocumentState) -> tuple[Round, ...]:
    """Runs by which predictions are corrected, oldest first."""
    found = []
    for one in state.trials:
        expected, drop = one.forecast, accuracy_drop(one)
        if not is_finished(one) or expected is None:
            continue
        name = trial_name(one.id, one.name)
        size = math.nan if one.measured.size_bytes is None else float(one.measured.size_bytes)
        if one.kl is not None:
            found.append(Round(name, size, expected.loss, one.kl))
        elif drop is not None:
            guess = expected.accuracy_drop
            found.append(Round(name, size, guess, drop, Quantity.ACCURACY))
    return tuple(found)


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
