"""Runs of a fit over a session: asked for once, kept one by one, with or without the dialog."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from engine.budget import FitBudget, Fitted
from engine.errors import EngineError
from studio.awaited import Extra
from studio.document import messages as m
from studio.document.learned import Best, Question, learned_from, measured
from studio.document.state import DocumentState, JobState, JobStatus, Purpose, Severity
from studio.dropped import Dropped
from studio.widgets.written import number_text
from studio.words import word

if TYPE_CHECKING:
    from studio.session import Session

_NEARLY = 0.95
"""Part of a run that is taken as done at most before it has ended."""


def question_of(request: FitBudget) -> Question:
    """What tells an answer of several runs from answers to something else."""
    return Question(
        request.targets,
        request.methods,
        request.solver.value,
        request.recipe.key,
        tuple(sorted(request.locks)),
    )


@dataclass
class _Asked:
    """What was asked for, and how far it is.

    Attributes:
        request: To the engine.
        job: Its number.
        before: The best that earlier runs have found for the same question.
        ended: Runs that have.
        since: When the run that is under way began; as `time.monotonic`.
        took: Seconds of those that have ended.
    """

    request: FitBudget
    job: int
    before: Best | None
    ended: int
    since: float
    took: float = 0.0

    @property
    def runs(self) -> int:
        return self.request.rounds - 1


class Learning(QObject):
    """Asks for runs and puts what each of them teaches into the document.

    Args:
        session: Whose engine and store are used; owner.
    """

    ran = Signal()
    """One more run has ended."""
    ended = Signal(object)
    """No more runs come: the `EngineError` that ended them, or None."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._asked: _Asked | None = None
        session.store.changed.connect(self._on_changed)
        self.watched = False
        """A dialog shows how it stands; else the end of it is told."""

    @property
    def is_running(self) -> bool:
        """Whether runs are under way, or wait for their turn."""
        return self._asked is not None

    @property
    def job(self) -> JobState | None:
        """As the document has it."""
        return None if self._asked is None else self._session.state.job(self._asked.job)

    def begin(self, request: FitBudget) -> None:
        """Ask for runs: one less than the rounds of the request, which has a table and data."""
        best = self._session.state.best
        same = best is not None and best.question == question_of(request)
        asked = _Asked(request, 0, best if same else None, 0, time.monotonic())
        self._asked = asked
        again = self._session.costs.step_back()

        def take(fitted: Fitted) -> None:
            self._take(asked, fitted)

        def done(fitted: Fitted) -> None:
            self._take(asked, fitted)
            self._end(asked, None)
            again()

        def failed(error: EngineError) -> None:
            self._end(asked, None if isinstance(error, Dropped) else error)
            again()

        asked.job = self._session.submit(request, Purpose.LEARN, done, failed, Extra(partly=take))

    def stop(self) -> None:
        """End after the run that is under way."""
        if self._asked is not None:
            self._session.store.dispatch(m.StopJob(self._asked.job))

    def cancel(self) -> None:
        """End at once; what earlier runs have shown is kept."""
        if self._asked is not None:
            self._session.store.dispatch(m.CancelJob(self._asked.job))

    def progress(self, pace: float | None) -> tuple[float | None, float | None]:
        """Part of the work that is done, 0…1, and seconds that are left; None: nobody knows.

        Args:
            pace: Seconds that a run took earlier; None: nobody knows.
        """
        asked, job = self._asked, self.job
        if asked is None or job is None or job.status is JobStatus.WAITING:
            return None, None
        each = asked.took / asked.ended if asked.ended else pace
        if not each:
            return asked.ended / asked.runs or None, None
        under_way = min((time.monotonic() - asked.since) / each, _NEARLY)
        last = asked.ended + 1 if job.status is JobStatus.STOPPING else asked.runs
        left = max(last - asked.ended - under_way, 0.0)
        return (asked.ended + under_way) / asked.runs, left * each

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        """What the job waited for is no part of its first run."""
        asked = self._asked
        if asked is None or old.jobs is new.jobs:
            return
        before, after = old.job(asked.job), new.job(asked.job)
        if before is None or after is None or before.status is after.status:
            return
        if before.status is JobStatus.WAITING:
            asked.since = time.monotonic()

    def _take(self, asked: _Asked, fitted: Fitted) -> None:
        """Keep the runs that have ended since the last time."""
        state, request = self._session.state, asked.request
        here = (state.model.source, state.data.source) == (request.model, request.data)
        runs = fitted.tried[asked.ended :]
        if not fitted.tried or not here:
            return
        assert request.table is not None  # see `begin`
        now = time.monotonic()
        each = (now - asked.since) / max(len(runs), 1)
        created = datetime.now(UTC).isoformat(timespec="milliseconds")
        learned = tuple(learned_from(run, request.table, each, created) for run in runs)
        if runs:
            asked.took += now - asked.since
            asked.since, asked.ended = now, len(fitted.tried)
        best = Best(question_of(request), fitted)
        if asked.before is not None:
            best = asked.before.with_more(fitted)
        self._session.store.dispatch(m.FitLearned(learned, best))
        self.ran.emit()

    def _end(self, asked: _Asked, error: EngineError | None) -> None:
        if self._asked is not asked:
            return
        self._asked = None
        self.ended.emit(error)
        if self.watched:
            return
        if error is not None:
            self._session.tell(error.message, error.hint, Severity.ERROR, "view.jobs")
        elif asked.ended:
            self._tell(self._session.state, asked.ended)

    def _tell(self, state: DocumentState, count: int) -> None:
        """What came of runs whose dialog was closed."""
        translate = QCoreApplication.translate
        run = None if state.best is None else measured(state.best.fitted)
        text = translate("Session", "Fit to budget has learned from {count} runs.")
        if run is not None:
            text = translate(
                "Session", "Fit to budget has learned from {count} runs; the best lost {loss}."
            )
        loss = "" if run is None else number_text(run.finished.loss)
        hint = translate("Session", "Open it to see what was found, and to use it.")
        self._session.tell(text.format(count=count, loss=loss), hint, action="fit")


def waiting_words(state: DocumentState, job: JobState, text: str) -> str:
    """What a job of the work lane is at, or what it waits for.

    Args:
        state: With the other jobs.
        job: The job.
        text: What it is at, in the user's language.
    """
    if job.status is not JobStatus.WAITING:
        return text
    running = state.working
    translate = QCoreApplication.translate
    if running is None:
        return translate("Fit", "It is about to begin.")
    return translate("Fit", "It begins when this has ended: {job}").format(job=word(running.label))
