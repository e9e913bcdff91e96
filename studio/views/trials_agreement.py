"""Predicted against measured over all trials, of a quantity that can be chosen."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.units import format_bytes, format_count, format_ms, format_percent
from studio.document.forecast import accuracy_drop
from studio.document.trial import Trial
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.trials_words import recipe_words
from studio.widgets.elided import Elided
from studio.widgets.plots.agreement import AgreementPlot, Pair
from studio.widgets.written import number_text
from studio.words import trial_name


@dataclass(frozen=True, slots=True)
class _Kind:
    """A quantity that is predicted and measured."""

    name: str
    title: str
    text: Callable[[float], str]


class Agreement(QWidget):
    """The plot, with the choice of its quantity and a line that sums it up.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trials: tuple[Trial, ...] = ()
        self._kinds = (
            _Kind("loss", self.tr("Loss"), lambda value: number_text(value, 2)),
            _Kind("drop", self.tr("Accuracy lost"), lambda value: format_percent(value, 2)),
            _Kind("size", self.tr("Size"), format_bytes),
            _Kind("macs", self.tr("MACs"), format_count),
            _Kind("latency", self.tr("Latency"), format_ms),
        )
        self.plot = AgreementPlot(self.tr("Predicted against measured"), self)
        self.quantity = QComboBox(self)
        for one in self._kinds:
            self.quantity.addItem(one.title, one.name)
        label = QLabel(self.tr("&Quantity:"), self)
        label.setBuddy(self.quantity)
        self.verdict = Elided(parent=self)
        set_property(self.verdict, "tone", "secondary")
        sizes = metrics(self)
        row = QHBoxLayout()
        row.setContentsMargins(sizes.gap, sizes.hair, sizes.gap, 0)
        row.setSpacing(sizes.gap)
        row.addWidget(label)
        row.addWidget(self.quantity)
        row.addWidget(self.verdict, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        self.quantity.currentIndexChanged.connect(self._show)

    def set_trials(self, trials: Sequence[Trial]) -> None:
        """Show these; the first quantity that any of them has both numbers of is chosen."""
        self._trials = tuple(one for one in trials if not one.deleted)
        if not self._pairs(self.quantity.currentData()):
            for place, one in enumerate(self._kinds):
                if self._pairs(one.name):
                    self.quantity.setCurrentIndex(place)
                    break
        self._show()

    @Slot()
    def _show(self) -> None:
        kind = self._kinds[self.quantity.currentIndex()]
        self.plot.set_pairs(self._pairs(kind.name), kind.title, kind.text)
        good, count = self.plot.within()
        text = self.tr("{good} of {count} within a factor of two").format(good=good, count=count)
        self.verdict.setText(text if count else "")

    def _pairs(self, name: str) -> list[Pair]:
        found = []
        for trial in self._trials:
            predicted, measured, low, high = _numbers(trial, name)
            if predicted is None or measured is None:
                continue
            if not (predicted > 0 and measured > 0):
                continue
            note = recipe_words(trial.recipe)
            if name in ("loss", "drop") and trial.forecast and trial.forecast.others:
                note = self.tr("with steps that no cost is known of") + f" · {note}"
            found.append(
                Pair(
                    trial.id, trial_name(trial.id, trial.name), predicted, measured, low, high, note
                )
            )
        return found


def _numbers(trial: Trial, name: str) -> tuple[float | None, float | None, float, float]:
    """Predicted, measured, and the ends of the prediction's interval."""
    none = math.nan
    if name == "loss":
        expected = trial.forecast
        if expected is None:
            return None, None, none, none
        return expected.loss, trial.kl, expected.low, expected.high
    if name == "drop":
        guess = None if trial.forecast is None else trial.forecast.accuracy_drop
        return guess, accuracy_drop(trial), none, none
    field = {"size": "size_bytes", "macs": "macs", "latency": "latency_ms"}[name]
    return getattr(trial.predicted, field), getattr(trial.measured, field), none, none
