"""The line at the bottom: what runs, with its end in sight; the selection; whether all is saved."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStatusBar,
    QToolButton,
    QWidget,
)

from engine.units import format_bytes, format_count, format_duration, format_percent
from studio.document.state import DocumentState, JobState, JobStatus, Opening
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.widgets.elided import Elided
from studio.words import word


class StatusLine(QStatusBar):
    """Follows a store.

    Args:
        store: What it tells of.
        parent: The window.
    """

    commanded = Signal(str)
    """A button was pressed: `pause`, `stop`, `cancel` or `view.jobs`."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._left = Elided(parent=self)
        self._job = Elided(parent=self)
        self._job.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar(self)
        self._bar.setFixedWidth(metrics(self).chars(22))
        self._bar.setTextVisible(False)  # no color is read on both halves of it
        self._bar.setAccessibleName(self.tr("Progress of the running job"))
        self._eta = QLabel(self)
        self._eta.setMinimumWidth(metrics(self).chars(14))
        self._waiting = QLabel(self)
        self._buttons = {
            "pause": self._button("pause", self.tr("Pause or go on")),
            "stop": self._button("stop", self.tr("Stop and keep the best so far")),
            "cancel": self._button("cancel", self.tr("Cancel")),
        }
        self._running = QWidget(self)  # one to show and hide: each makes the window arrange itself
        line = QHBoxLayout(self._running)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._job, 1)
        for widget in (self._bar, self._eta, *self._buttons.values(), self._waiting):
            line.addWidget(widget)
        self.addWidget(self._left, 1)
        self.addPermanentWidget(self._running, 1)
        store.changed.connect(self._on_changed)
        self._show(store.state)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        set_icon(button, name)
        button.clicked.connect(lambda: self.commanded.emit(name))
        return button

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        parts = ("jobs", "model", "selection", "engine_ready")
        if any(getattr(old, part) is not getattr(new, part) for part in parts):
            self._show(new)

    def _show(self, state: DocumentState) -> None:
        self._left.setText(self._words(state))
        job = state.working
        running = job is not None
        self._running.setVisible(running)
        waiting = sum(one.status is JobStatus.WAITING for one in state.jobs)
        self._waiting.setText(
            self.tr("{count} waiting").format(count=waiting) if waiting and running else ""
        )
        if job is not None:
            self._show_job(job)

    def _show_job(self, job: JobState) -> None:
        text = word(job.text) or word(job.label)
        if job.status is JobStatus.PAUSED:
            text = self.tr("Paused: {what}").format(what=text)
        elif job.status is JobStatus.STOPPING:
            text = self.tr("Ending: {what}").format(what=text)
        self._job.setText(text)
        fraction, left = job.fraction, job.remaining_s
        self._bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self._bar.setValue(round(1000 * fraction))
        share = "" if fraction is None else format_percent(fraction, 0)
        self._eta.setText(share if left is None else f"{share} · ~{format_duration(left)}")
        self._eta.setToolTip(self.tr("What is left of this stage, at the pace so far"))

    def _words(self, state: DocumentState) -> str:
        info = state.info
        if state.model.opening is Opening.READING:
            return self.tr("Reading the model…")
        if state.model.opening is Opening.FAILED and state.model.error is not None:
            return word(state.model.error.one_line())
        if info is None:
            return "" if state.engine_ready else self.tr("Starting the engine…")
        chosen = set(state.selection)
        if len(chosen) > 1:
            layers = [layer for layer in info.layers if layer.name in chosen]
            return self.tr("{count} layers selected · {bytes} · {macs} MACs").format(
                count=len(layers),
                bytes=format_bytes(sum(layer.size_bytes for layer in layers)),
                macs=format_count(sum(layer.macs or 0 for layer in layers)),
            )
        return self.tr("{count} layers · {parameters} parameters · {bytes} · {macs} MACs").format(
            count=len(info.layers),
            parameters=format_count(info.parameters),
            bytes=format_bytes(info.size_bytes),
            macs=format_count(info.macs),
        )
