"""Replacing estimates by measurements: how long, how far, and how to end it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from engine.units import format_duration
from studio.document.state import DocumentState, JobStatus, Opening
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.sensitivity_source import measuring
from studio.widgets.elided import Elided
from studio.words import word

TIMES_S = (30.0, 120.0, 300.0, 900.0, 0.0)
"""How long one can measure; 0: until every entry is certain."""
USUAL_S = 120.0


class MeasureBar(QWidget):
    """A button with a choice of times; while it measures, how far it is.

    Args:
        parent: Owner.
    """

    wanted = Signal(float, bool)
    """Seconds (0: until every entry is done), and whether of the selected layers alone."""
    stop_wanted = Signal()
    """End now and keep what is measured."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds = USUAL_S
        self.button = QToolButton(self)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        set_property(self.button, "role", "framed")
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setMenu(self._make_menu())
        self.button.clicked.connect(self._measure)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of measuring"))
        self.bar.setMaximumHeight(metrics(self).gap)
        self.text = Elided(parent=self)
        self.left = QLabel(self)
        self.left.setToolTip(self.tr("What is left, at the pace so far"))
        self.stop = QToolButton(self)
        tip = self.tr("Stop measuring and keep what is there")
        self.stop.setToolTip(tip)
        self.stop.setAccessibleName(tip)
        set_icon(self.stop, "stop")
        self.stop.clicked.connect(self.stop_wanted)
        idle, busy = QWidget(self), QWidget(self)
        first, second = QHBoxLayout(idle), QHBoxLayout(busy)
        for row in (first, second):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(metrics(self).small)
        first.addWidget(self.button)
        second.addWidget(self.bar, 1)
        second.addWidget(self.left)
        second.addWidget(self.text, 1)
        second.addWidget(self.stop)
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(idle)
        self._pages.addWidget(busy)
        self._idle, self._busy = idle, busy
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name_button()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        self.times: dict[float, QAction] = {}
        for seconds in TIMES_S:
            action = QAction(self._time_words(seconds), menu)
            action.setCheckable(True)
            action.setChecked(seconds == self._seconds)
            action.triggered.connect(lambda _=False, s=seconds: self._take_time(s))
            group.addAction(action)
            menu.addAction(action)
            self.times[seconds] = action
        menu.addSeparator()
        self.selected = QAction(self.tr("Only the selected layers"), menu)
        self.selected.setCheckable(True)
        menu.addAction(self.selected)
        return menu

    def _time_words(self, seconds: float) -> str:
        if not seconds:
            return self.tr("Until every entry is certain")
        if seconds < 60:
            return self.tr("For {count} seconds").format(count=round(seconds))
        return self.tr("For {count} minutes").format(count=round(seconds / 60))

    @property
    def seconds(self) -> float:
        """The time that is chosen; 0: until every entry is done."""
        return self._seconds

    def show_state(self, state: DocumentState) -> None:
        """How far a measurement is; else whether one can begin."""
        job = measuring(state)
        if job is not None:
            waits = job.status is JobStatus.WAITING
            text = self.tr("Waiting for the engine") if waits else word(job.text)
            if job.status is JobStatus.STOPPING:
                text = self.tr("Ending…")
            self.set_running(text, job.fraction, job.remaining_s)
            return
        usable = state.model.opening is Opening.READY and state.data.error is None
        usable = usable and state.data.source is not None
        tip = self.tr("Replaces estimates by measurements, the least certain ones first")
        if not usable:
            tip = self.tr("Measuring needs data. Open a data set first.")
        self.set_idle(enabled=usable, tip=tip)

    def set_idle(self, *, enabled: bool, tip: str = "") -> None:
        """Nothing is measured now.

        Args:
            enabled: Measuring can begin.
            tip: Why not, or what it does.
        """
        self._pages.setCurrentWidget(self._idle)
        self.button.setEnabled(enabled)
        self.button.setToolTip(tip)
        self._name_button()

    def set_running(self, text: str, fraction: float | None, left_s: float | None) -> None:
        """How far it is; None: nobody knows."""
        self._pages.setCurrentWidget(self._busy)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * fraction))
        self.left.setText("" if left_s is None else f"~{format_duration(left_s)}")
        self.text.setText(text)

    @property
    def running(self) -> bool:
        """Whether it shows that something is measured."""
        return self._pages.currentWidget() is self._busy

    def _name_button(self) -> None:
        seconds = self._seconds
        if not seconds:
            text = self.tr("&Measure all")
        elif seconds < 60:
            text = self.tr("&Measure {count} s").format(count=round(seconds))
        else:
            text = self.tr("&Measure {count} min").format(count=round(seconds / 60))
        self.button.setText(text)
        self.button.setAccessibleName(text.replace("&", ""))

    def _take_time(self, seconds: float) -> None:
        self._seconds = seconds
        self._name_button()
        self._measure()

    @Slot()
    def _measure(self) -> None:
        if self.button.isEnabled():
            self.wanted.emit(self._seconds, self.selected.isChecked())
