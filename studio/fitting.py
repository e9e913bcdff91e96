"""The dialog of fit to budget over a session: what is asked of the solver, and what comes back."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

from engine.budget import FitBudget, Fitted, Quantity
from engine.errors import EngineError
from engine.jobs.events import Lane
from studio.awaited import Extra
from studio.dialogs.fit import FitDialog
from studio.document import messages as m
from studio.document.forecast import finished, known_losses
from studio.document.state import DocumentState, JobStatus, Purpose, Wanted
from studio.dropped import Dropped
from studio.fit_facts import (
    overrides,
    pace,
    reason_not_to_learn,
    situation_of,
    time_share,
    with_latency,
)
from studio.fit_learning import question_of, waiting_words
from studio.session import Session
from studio.views.sensitivity_source import estimating
from studio.words import word

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
        self._learning = session.learning
        self._learning.watched = True
        self._job = 0
        self._open = True
        self._asked: Wanted | None = None
        self._answered: Wanted | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AGAIN_MS)
        state = self._store.state
        runs = session.settings.fit_runs
        self.dialog = FitDialog(situation_of(state), state.budget, runs, parent=window)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._say_pace(state)
        self._connect()
        self.dialog.open()
        if self._learning.is_running:
            self.dialog.begin_runs()
            self._show_best()
            self._say_runs(state)
        else:
            self.dialog.ask()

    def _connect(self) -> None:
        dialog = self.dialog
        dialog.asked.connect(self._ask)
        dialog.estimate_wanted.connect(self._estimate)
        dialog.runs_wished.connect(self._learn)
        dialog.runs_row.stop_wished.connect(self._learning.stop)
        dialog.runs_row.cancel_wished.connect(self._learning.cancel)
        dialog.accepted.connect(self._use)
        dialog.finished.connect(self._end)
        self._learning.ran.connect(self._ran)
        self._learning.ended.connect(self._learned)
        self._later.timeout.connect(self._again)
        self._store.changed.connect(self._on_changed)

    # The solver -------------------------------------------------------------------------------

    @Slot(object)
    def _ask(self, wanted: Wanted) -> None:
        """Ask the solver, in place of what it was asked before."""
        state = self._store.state
        self._store.dispatch(m.AskBudget(wanted))
        if self._learning.is_running or not self._can_ask(state):
            return
        request = self._request(wanted)
        self._drop()
        self._asked = wanted
        best = state.best
        if best is not None and best.question == question_of(request):
            self._done(best.fitted)  # several runs have found it: a solver alone knows no better
            return
        if wanted != self._answered:  # else the answer that is shown is good until the next one
            self.dialog.show_waiting(self.tr("Looking for the best settings…"), None)
        if _has_to_time(request) and _times_of(request) not in self._session.timed:
            self._ask_with_times(request)
            return
        self._job = self._session.submit(
            request, Purpose.FIT, self._done, self._failed, Extra(lane=Lane.LOOK)
        )

    def _request(self, wanted: Wanted) -> FitBudget:
        state = self._store.state
        assert state.model.source is not None  # it can ask
        return FitBudget(
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

    def _ask_with_times(self, request: FitBudget) -> None:
        """The layers are timed first, in a real file: work, during which nothing else may run."""
        again = self._session.costs.step_back()

        def done(fitted: Fitted) -> None:
            self._session.timed.add(_times_of(request))
            self._done(fitted)
            again()

        def failed(error: EngineError) -> None:
            self._failed(error)
            again()

        self._job = self._session.submit(request, Purpose.FIT, done, failed)
        self._say_timing(self._store.state)

    @Slot()
    def _again(self) -> None:
        """Ask once more: costs, trials or the recipe are others now."""
        state = self._store.state
        self.dialog.set_situation(situation_of(state))
        self._say_pace(state)
        if not self._learning.is_running:
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

    def _say_timing(self, state: DocumentState) -> None:
        """How far the timing is that a target for the latency asks for."""
        job = state.job(self._job)
        if job is None or job.purpose is not Purpose.FIT or job.status.is_over:
            return
        text = self.tr("For this, layers are timed in real files, once: {stage}")
        told = waiting_words(state, job, text.format(stage=word(job.text)))
        self.dialog.show_waiting(told, None)

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

    # Runs -------------------------------------------------------------------------------------

    @Slot(object, int)
    def _learn(self, wanted: Wanted, runs: int) -> None:
        """Ask for runs of what the form says."""
        self._session.settings.fit_runs = runs
        if not self._can_ask(self._store.state):
            return
        request = replace(self._request(wanted), rounds=runs + 1)
        self._drop()
        self._asked = wanted
        self.dialog.begin_runs()
        self._learning.begin(request)
        self._say_runs(self._store.state)

    @Slot()
    def _ran(self) -> None:
        """One more run has ended: show it, and the best so far."""
        state = self._store.state
        self.dialog.set_situation(situation_of(state))
        self._say_pace(state)
        self._show_best()
        self._say_runs(state)
        wanted = self.dialog.wanted
        if wanted is not None:  # a run has timed what a limit on the latency asks for
            self._session.timed.add(_times_of(self._request(wanted)))

    def _show_best(self) -> None:
        best = self._store.state.best
        wanted = self.dialog.wanted
        if best is None or wanted is None:
            return
        if best.question == question_of(self._request(wanted)):
            self._asked = wanted
            self._done(best.fitted)

    @Slot(object)
    def _learned(self, error: EngineError | None) -> None:
        """No more runs come."""
        self._later.stop()
        self.dialog.end_runs()
        if error is None:
            self._again()
        else:
            self.dialog.tell_error(error)

    def _say_runs(self, state: DocumentState) -> None:
        """How far the runs are, and how long the rest takes."""
        job = self._learning.job
        if job is None or job.status.is_over:
            return
        fraction, left = self._learning.progress(pace(state))
        text = waiting_words(state, job, word(job.text))
        self.dialog.show_runs(text, fraction, left, ending=job.status is JobStatus.STOPPING)

    def _say_pace(self, state: DocumentState) -> None:
        self.dialog.learn.set_pace(pace(state))
        self.dialog.set_reason_not_to_learn(reason_not_to_learn(state))

    # The document -----------------------------------------------------------------------------

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.model.source != new.model.source or new.info is None:
            self.dialog.reject()
            return
        if old.jobs is not new.jobs:
            self._say_jobs(new)
        if old.data is not new.data:
            self._say_pace(new)
        parts = ("cost", "trials", "learned", "resolution", "locks", "profile")
        if any(getattr(old, one) is not getattr(new, one) for one in parts):
            if not self._later.isActive():
                self._later.start()
        elif old.jobs is not new.jobs and not known_losses(new.cost):
            self._can_ask(new)

    def _say_jobs(self, state: DocumentState) -> None:
        if self._learning.is_running:
            self._say_runs(state)
        elif self._job:
            self._say_timing(state)

    @Slot()
    def _use(self) -> None:
        fitted = self.dialog.fitted
        if fitted is not None:
            self._store.dispatch(m.UseFit(fitted.recipe, time_share(fitted)))
            if self.dialog.runs:
                self._store.dispatch(m.Apply())

    @Slot()
    def _end(self) -> None:
        self._open = False
        self._learning.watched = False
        self._later.stop()
        self._store.changed.disconnect(self._on_changed)
        self._learning.ran.disconnect(self._ran)
        self._learning.ended.disconnect(self._learned)
        self._drop()
        self.deleteLater()


def _has_to_time(request: FitBudget) -> bool:
    """Whether it takes times of layers to answer."""
    return any(target.quantity is Quantity.LATENCY for target in request.targets)


def _times_of(request: FitBudget) -> object:
    """What times depend on."""
    return request.model, request.data, "uniform" in (request.methods or ("uniform",))
