"""Training: live curves of the job that trains, how long it takes, and how to end it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.jobs.events import Lane, Point
from engine.units import format_duration, format_percent
from studio.document.messages import CancelJob, PauseJob, StopJob
from studio.document.state import DocumentState, JobState, JobStatus
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.widgets.elided import Elided
from studio.widgets.empty import EmptyState
from studio.widgets.following import Following
from studio.widgets.plots.live import ACCURACY, RATE, LivePlot, Series
from studio.widgets.written import number_text
from studio.words import word

LOSS, VALIDATION_LOSS = "loss", "validation loss"
VALIDATION_ACCURACY, LEARNING_RATE = "validation accuracy", "learning rate"
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Best:
    """The best state so far. `accuracy`: None where none is counted."""

    step: int
    accuracy: float | None
    loss: float

    @property
    def rank(self) -> tuple[float, float]:
        """Higher is better."""
        return (self.accuracy or 0.0, -self.loss)


class TrainingView(Following):
    """Curves of the newest job that reported any.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._number: int | None = None
        self._taken = 0
        self._best: Best | None = None
        self._accuracy = (-1, 0.0)
        self._last_step = -1
        self._title = Elided("", parent=self)
        self._state = Elided("", parent=self)
        self._state.setProperty("tone", "secondary")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.pause = self._button("pause", self.tr("Pause"))
        self.stop = self._button("stop", self.tr("Stop and keep the best"))
        self.cancel = self._button("cancel", self.tr("Cancel"))
        self.cancel.setToolTip(self.tr("Drop the run: nothing of it is kept"))
        self.plot = LivePlot(self.tr("Training curves"), self._series(), self)
        self.empty = EmptyState(
            "train",
            self.tr("No training has run"),
            self.tr(
                "A recipe with a step that trains (fine-tuning, distillation, quantization-aware "
                "training) shows its curves here while it runs."
            ),
            self,
        )
        self._page = QWidget(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page)
        self._arrange()
        self.pause.clicked.connect(self._pause)
        self.stop.clicked.connect(self._stop)
        self.cancel.clicked.connect(self._cancel)
        self.follow(store, self._on_changed)
        self._show(store.state)

    def _series(self) -> Iterable[Series]:
        return (
            Series(LOSS, self.tr("Training loss")),
            Series(VALIDATION_LOSS, self.tr("Validation loss")),
            Series(VALIDATION_ACCURACY, self.tr("Validation accuracy"), ACCURACY),
            Series(LEARNING_RATE, self.tr("Learning rate"), RATE),
            Series("rounding_loss", self.tr("Rounding loss")),
        )

    def _button(self, icon: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        set_icon(button, icon)
        return button

    def _arrange(self) -> None:
        distances = metrics(self)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._state)
        self.bar.setFixedWidth(distances.chars(14))
        row = QHBoxLayout()
        row.setSpacing(distances.gap)
        row.addLayout(words, 1)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        for button in (self.pause, self.stop, self.cancel):
            row.addWidget(button)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(*[distances.gap] * 4)
        column.setSpacing(distances.small)
        column.addLayout(row)
        column.addWidget(self.plot, 1)

    # State

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.jobs is not new.jobs:
            self._show(new)

    @property
    def job(self) -> JobState | None:
        """The job whose curves are shown."""
        return None if self._number is None else self.store.state.job(self._number)

    def _show(self, state: DocumentState) -> None:
        job = _newest(state)
        if job is None:
            if self._number is not None and state.job(self._number) is None:
                self._number = None
                self.plot.clear()
            self._stack.setCurrentWidget(self.empty if self._number is None else self._page)
            return
        if job.number != self._number:
            self._number, self._taken = job.number, 0
            self._best, self._last_step, self._accuracy = None, -1, (-1, 0.0)
            self.plot.clear()
        self._stack.setCurrentWidget(self._page)
        for chunk in job.chunks[self._taken :]:
            self._take(chunk)
        self._taken = len(job.chunks)
        self._show_head(job)

    def _take(self, points: tuple[Point, ...]) -> None:
        self.plot.extend(points)
        for point in points:
            if point.name == VALIDATION_ACCURACY:
                self._accuracy = (point.step, point.value)
            elif point.name == VALIDATION_LOSS:
                self._judge(point.step, point.value)
        self.plot.set_best(None if self._best is None else self._best.step)

    def _judge(self, step: int, loss: float) -> None:
        """As the engine does: more right answers; with as many, or without, a smaller loss."""
        if step < self._last_step:
            self._best = None  # another training
        self._last_step = step
        accuracy = self._accuracy[1] if self._accuracy[0] == step else None
        found = Best(step, accuracy, loss)
        if math.isfinite(loss) and (self._best is None or found.rank > self._best.rank):
            self._best = found

    # Head

    def _show_head(self, job: JobState) -> None:
        self._title.setText(word(job.label))
        self._state.setText(self._words(job))
        running = job.status in (JobStatus.RUNNING, JobStatus.PAUSED)
        paused = job.status is JobStatus.PAUSED
        self.pause.setEnabled(running)
        self.pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
        set_icon(self.pause, "apply" if paused else "pause")
        self.stop.setEnabled(running)
        self.cancel.setEnabled(not job.status.is_over and job.status is not JobStatus.STOPPING)
        fraction = job.fraction
        self.bar.setVisible(not job.status.is_over)
        self.bar.setRange(0, 0 if fraction is None else _THOUSAND)
        if fraction is not None:
            self.bar.setValue(round(_THOUSAND * fraction))

    def _words(self, job: JobState) -> str:
        status = {
            JobStatus.PAUSED: self.tr("Paused"),
            JobStatus.STOPPING: self.tr("Stopping…"),
            JobStatus.FINISHED: self.tr("Finished"),
            JobStatus.STOPPED: self.tr("Stopped"),
            JobStatus.FAILED: self.tr("Failed: see the job list"),
            JobStatus.CRASHED: self.tr("Failed: see the job list"),
        }.get(job.status, word(job.text))
        parts = [status] if status else []
        if job.remaining_s is not None and not job.status.is_over:
            text = self.tr("~{time} left")
            parts.append(text.format(time=format_duration(job.remaining_s)))
        if self._best is not None and self._best.accuracy is not None:
            text = self.tr("best accuracy {value} at step {step}")
            shown = format_percent(self._best.accuracy)
            parts.append(text.format(value=shown, step=self._best.step))
        elif self._best is not None:
            text = self.tr("lowest validation loss {value} at step {step}")
            parts.append(text.format(value=number_text(self._best.loss), step=self._best.step))
        return " · ".join(parts)

    # Wishes

    @Slot()
    def _pause(self) -> None:
        job = self.job
        if job is not None:
            self.store.dispatch(PauseJob(job.number, job.status is not JobStatus.PAUSED))

    @Slot()
    def _stop(self) -> None:
        if self._number is not None:
            self.store.dispatch(StopJob(self._number))

    @Slot()
    def _cancel(self) -> None:
        if self._number is not None:
            self.store.dispatch(CancelJob(self._number))


def _newest(state: DocumentState) -> JobState | None:
    """The running job that trains; else the newest that did."""
    trained = [job for job in state.jobs if job.lane is Lane.WORK and job.chunks]
    running = [job for job in trained if not job.status.is_over]
    found = running or trained
    return found[-1] if found else None
