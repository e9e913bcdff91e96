"""Learning from runs: how many are wished for, and how those that are under way can be ended."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from engine.units import format_duration
from studio.dialogs.frame import wrapped
from studio.style.metrics import metrics
from studio.widgets.wrapping import Wrapping

FEWEST, MOST = 1, 50
USUAL = 7


class LearnForm(QWidget):
    """A button that asks for runs, how many, and how long they take.

    Args:
        runs: How many to begin with.
        parent: Owner.
    """

    wished = Signal(int)
    """So many runs."""

    def __init__(self, runs: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sizes = metrics(self)
        self._pace: float | None = None
        self.button = QPushButton(self.tr("&Improve by runs"), self)
        self.button.setAutoDefault(False)
        self.count = QSpinBox(self)
        self.count.setRange(FEWEST, MOST)
        self.count.setValue(runs)
        self.count.setAccessibleName(self.tr("Runs"))
        self.count.setToolTip(self.tr("How many recipes are tried, one after another"))
        self.times = QLabel(self.tr("runs"), self)
        self.about = wrapped("", self, "secondary")
        line = QHBoxLayout()
        line.setSpacing(sizes.gap)
        line.addWidget(self.button)
        line.addWidget(self.count)
        line.addWidget(self.times)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(sizes.small)
        column.addLayout(line)
        column.addWidget(self.about)
        self.button.clicked.connect(self._wish)
        self.count.valueChanged.connect(self._say)
        self._say()
        self.set_state("", ready=False)

    def set_state(self, reason: str, *, ready: bool) -> None:
        """Whether runs can be asked for.

        Args:
            reason: Why never; empty: there is none.
            ready: What is asked for makes sense.
        """
        self.button.setEnabled(ready and not reason)
        self.button.setToolTip(
            reason
            or self.tr(
                "Each run applies the recipe, measures its loss on validation data, and corrects "
                "the predictions layer by layer; the next one tries what is better by then. The "
                "best that was measured is taken."
            )
        )
        self.button.setAccessibleDescription(reason)

    def set_pace(self, seconds: float | None) -> None:
        """How long a run takes; None: nobody knows."""
        self._pace = seconds
        self._say()

    @Slot()
    def _wish(self) -> None:
        self.wished.emit(self.count.value())

    @Slot()
    def _say(self) -> None:
        text = self.tr("Recipes are tried and measured on validation data.")
        if self._pace is not None:
            text = self.tr("About {time} a run, {whole} in all.")
            whole = self._pace * self.count.value()
            text = text.format(time=format_duration(self._pace), whole=format_duration(whole))
        self.about.setText(text)


class RunsRow(Wrapping):
    """Ends runs that are under way: after the one that runs now, or at once.

    Args:
        parent: Owner.
    """

    stop_wished = Signal()
    cancel_wished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(metrics(parent).gap, parent)
        self.stop = QPushButton(self.tr("&Stop after this run"), self)
        self.stop.setToolTip(self.tr("Takes the best of the runs that have ended by then"))
        self.drop = QPushButton(self.tr("Stop at &once"), self)
        self.drop.setToolTip(
            self.tr("Drops the run that is under way; what earlier ones have shown is kept")
        )
        for button in (self.stop, self.drop):
            button.setAutoDefault(False)
        self.set_items((self.stop, self.drop))
        self.stop.clicked.connect(self.stop_wished)
        self.drop.clicked.connect(self.cancel_wished)

    def set_ending(self, *, ending: bool) -> None:
        """Whether a stop was heard, or there is no run yet that it could keep."""
        self.stop.setEnabled(not ending)
