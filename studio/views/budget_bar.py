"""The budget bar: what the network weighs and how good it is, before, as predicted, as measured."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QSizePolicy, QToolButton, QWidget

from engine.info import AccuracySource, Metrics
from engine.units import (
    format_bytes,
    format_count,
    format_factor,
    format_ms,
    format_percent,
    format_points,
)
from studio.document.forecast import expected_top1, foreseen
from studio.document.selectors import predicted
from studio.document.state import DocumentState
from studio.document.trial import UNMEASURED, Trial
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.budget_gauge import ARROW, Gauge, Reading
from studio.widgets.written import number_text
from studio.words import trial_name


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The three forms of the network, and the run that the measured ones are of."""

    original: Metrics = UNMEASURED
    predicted: Metrics = UNMEASURED
    measured: Metrics = UNMEASURED
    beside: Metrics = UNMEASURED
    """The original, measured in the same run."""
    trial: Trial | None = None
    latency_tip: str = ""
    changed: bool = False


_LEAST_FIRST = ("parameters", "activation_bytes", "macs", "latency_ms", "top1", "size_bytes")
"""What is folded away first where there is no room."""


class BudgetBar(QWidget):
    """Size, parameters, MACs, accuracy, latency, activation memory; one gauge each."""

    commanded = Signal(str)
    """Id of a command that a button stands for."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        order = ("size_bytes", "parameters", "macs", "top1", "latency_ms", "activation_bytes")
        self.gauges = {name: Gauge(self) for name in order}
        self.more = QToolButton(self)
        self.more.setToolTip(self.tr("More numbers"))
        self.more.setAccessibleName(self.tr("More numbers"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        set_property(self.more, "role", "icon")
        set_icon(self.more, "more")
        self.fit = QToolButton(self)
        text = self.tr("Fit to budget…")
        self.fit.setToolTip(text)
        self.fit.setAccessibleName(text)
        set_property(self.fit, "role", "icon")
        set_icon(self.fit, "fit")
        self.fit.clicked.connect(lambda: self.commanded.emit("fit"))
        menu = QMenu(self.more)
        menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(menu)
        sizes = metrics(self)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(sizes.wide, sizes.small, sizes.wide, sizes.small)
        self._line.setSpacing(2 * sizes.wide)
        for gauge in self.gauges.values():
            self._line.addWidget(gauge, 1)
        self._line.addWidget(self.more, 0)
        self._line.addWidget(self.fit, 0)
        self._line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it folds
        self.more.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        store.changed.connect(self._changed)
        self._show(store.state)

    def _changed(self, old: DocumentState, new: DocumentState) -> None:
        parts = (
            *("model", "original", "evaluation", "profile", "resolution", "trials", "history"),
            *("cost", "learned"),
        )
        if any(getattr(old, part) is not getattr(new, part) for part in parts):
            self._show(new)

    def _show(self, state: DocumentState) -> None:
        numbers = _numbers(state)
        self.setEnabled(state.info is not None)
        self._show_amounts(numbers)
        self.gauges["top1"].show_reading(self._accuracy(state, numbers))
        self._fold()

    def _show_amounts(self, numbers: _Numbers) -> None:
        """The readings that are amounts: less is better, and the bar is of the original."""
        known = {
            "size_bytes": (self.tr("Size"), format_bytes),
            "parameters": (self.tr("Parameters"), format_count),
            "macs": (self.tr("MACs"), format_count),
            "latency_ms": (self.tr("Latency"), format_ms),
            "activation_bytes": (self.tr("Activation memory"), format_bytes),
        }
        for name, (title, write) in known.items():
            before: float | None = getattr(numbers.original, name)
            guess: float | None = getattr(numbers.predicted, name) if numbers.changed else None
            found: float | None = getattr(numbers.measured, name)
            beside: float | None = getattr(numbers.beside, name)
            start = beside if name == "latency_ms" and found and beside else before
            if name == "latency_ms" and guess and before and start:
                guess *= start / before  # it was predicted from the time of another measurement
            most = max((one for one in (start, guess, found) if one), default=None)
            now = found if found is not None else guess
            factor = start / now if start and now else None
            change = "" if factor is None else format_factor(factor)
            reading = Reading(
                title,
                original=write(start),
                predicted="" if guess is None else f"~{write(guess)}",
                measured="" if found is None else write(found),
                change=f"~{change}" if change and found is None else change,
                original_share=_share(start, most),
                predicted_share=_share(guess, most),
                measured_share=_share(found, most),
                tip=self._tip(name, title, numbers, (start, guess, found), write),
            )
            self.gauges[name].show_reading(reading)

    def _tip(
        self,
        name: str,
        title: str,
        numbers: _Numbers,
        values: tuple[float | None, float | None, float | None],
        write: Callable[[float | None], str],
    ) -> str:
        """Where each number of an amount is from."""
        before, guess, found = values
        lines = [title]
        if before is None and name == "latency_ms":
            lines.append(self.tr("Not measured yet."))
        elif before is not None:
            text = {
                "size_bytes": self.tr("{value}: the file as it was opened"),
                "latency_ms": self.tr("{value}: the original, measured"),
                "activation_bytes": self.tr(
                    "{value}: the original's largest sum of live values, for a batch of one"
                ),
                "macs": self.tr("{value}: the original's multiply-accumulates for one sample"),
            }.get(name, self.tr("{value}: the original"))
            lines.append(text.format(value=write(before)))
        if name == "latency_ms" and numbers.latency_tip:
            lines.append(numbers.latency_tip)
        if guess is not None:
            text = self.tr("~{value}: predicted from the recipe and the layers' shapes")
            if name == "activation_bytes":
                text = self.tr(
                    "~{value}: the original's peak in proportion to the layer whose input and "
                    "output are largest"
                )
            if name == "latency_ms":
                text = self.tr(
                    "~{value}: each layer's measured time in proportion to its MACs; what "
                    "integers gain is not in it"
                )
            lines.append(text.format(value=write(guess)))
        if found is not None and numbers.trial is not None:
            text = self.tr("{value}: measured on the file that {trial} wrote")
            lines.append(
                text.format(
                    value=write(found), trial=trial_name(numbers.trial.id, numbers.trial.name)
                )
            )
        elif numbers.changed:
            lines.append(self.tr("This recipe has not been run yet."))
        return "\n".join(lines)

    def _accuracy(self, state: DocumentState, numbers: _Numbers) -> Reading:
        """The reading of the accuracy: its source and number of samples are always there."""
        found = numbers.measured
        before = numbers.beside if numbers.beside.top1 is not None else numbers.original
        best = found if found.top1 is not None else before
        guess = expected_top1(state, before.top1)
        title = self.tr("Top-1")
        change = None
        if found.top1 is not None and before.top1 is not None:
            change = found.top1 - before.top1
        elif guess is not None and before.top1 is not None:
            change = guess - before.top1
        lines = [title]
        if before.top1 is not None:
            lines.append(self.tr("The original: {value}").format(value=self._measured(before)))
        if guess is not None:
            lines.append(self._guessed(state, guess))
        if found.top1 is not None and numbers.trial is not None:
            text = self.tr("{trial}: {value}")
            lines.append(
                text.format(
                    trial=trial_name(numbers.trial.id, numbers.trial.name),
                    value=self._measured(found),
                )
            )
        if before.top1 is None and found.top1 is None:
            lines.append(
                self.tr("Not measured yet.")
                if state.data.source is not None
                else self.tr("Open data to measure how good the answers are.")
            )
        sign = "~" if found.top1 is None else ""
        return Reading(
            title,
            note=self._note(best),
            original=format_percent(before.top1),
            predicted="" if guess is None else f"~{format_percent(guess, 1)}",
            measured="" if found.top1 is None else format_percent(found.top1),
            change="" if change is None else sign + format_points(change),
            original_share=before.top1,
            predicted_share=guess,
            measured_share=found.top1,
            tip="\n".join(lines),
        )

    def _guessed(self, state: DocumentState, guess: float) -> str:
        """Where a predicted accuracy is from."""
        expected = foreseen(state)
        assert expected is not None  # there is a guess
        text = self.tr("~{value}: predicted from what each setting costs, a loss of ~{loss}")
        if math.isfinite(expected.low) and math.isfinite(expected.high):
            text = self.tr(
                "~{value}: predicted from what each setting costs, a loss of ~{loss} "
                "({low} to {high})"
            )
        return text.format(
            value=format_percent(guess, 1),
            loss=number_text(expected.loss, 2),
            low=number_text(expected.low, 2),
            high=number_text(expected.high, 2),
        )

    def _note(self, numbers: Metrics) -> str:
        """Source and samples, in short."""
        if numbers.top1 is None or numbers.source is None:
            return ""
        text = {
            AccuracySource.LABELS: self.tr("labels · {samples} · ±{width}"),
            AccuracySource.AGREEMENT: self.tr("agreement · {samples} · ±{width}"),
            AccuracySource.SYNTHETIC: self.tr("synthetic · {samples} · ±{width}"),
        }[numbers.source]
        low, high = numbers.interval or (math.nan, math.nan)
        width = format_points((high - low) / 2, 1).removeprefix("+")
        return text.format(samples=f"{numbers.samples or 0:,}", width=width)

    def _measured(self, numbers: Metrics) -> str:
        """An accuracy in full: value, interval, samples, source."""
        low, high = numbers.interval or (None, None)
        text = {
            None: self.tr("{value} ({low} to {high}), {samples} samples"),
            AccuracySource.LABELS: self.tr(
                "{value} ({low} to {high}) of {samples} samples have the label's class"
            ),
            AccuracySource.AGREEMENT: self.tr(
                "{value} ({low} to {high}) of {samples} samples have the original's class"
            ),
            AccuracySource.SYNTHETIC: self.tr(
                "{value} ({low} to {high}) of {samples} synthetic samples have the original's class"
            ),
        }[numbers.source]
        return text.format(
            value=format_percent(numbers.top1),
            low=format_percent(low),
            high=format_percent(high),
            samples=f"{numbers.samples or 0:,}",
        )

    # Room ------------------------------------------------------------------------------------

    def minimumSizeHint(self) -> QSize:
        """The most important number alone."""
        least = self.gauges["size_bytes"].sizeHint()
        wide = metrics(self).wide
        buttons = self.more.sizeHint().width() + self.fit.sizeHint().width()
        return QSize(least.width() + 6 * wide + buttons, self._height())

    def sizeHint(self) -> QSize:
        """Room for all gauges."""
        width = sum(gauge.sizeHint().width() for gauge in self.gauges.values())
        width += self.fit.sizeHint().width()
        return QSize(width + 14 * metrics(self).wide, self._height())

    def _height(self) -> int:
        margins = self._line.contentsMargins()
        gauge = self.gauges["size_bytes"].sizeHint().height()
        return gauge + margins.top() + margins.bottom()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold what does not fit."""
        super().resizeEvent(event)
        self._fold()

    @property
    def folded(self) -> tuple[str, ...]:
        """Numbers that there is no room for."""
        return tuple(name for name, gauge in self.gauges.items() if gauge.isHidden())

    def _fold(self) -> None:
        margins = self._line.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        room -= self.fit.sizeHint().width() + self._line.spacing()
        gap = self._line.spacing()
        needed = {name: gauge.sizeHint().width() + gap for name, gauge in self.gauges.items()}
        shown = list(_LEAST_FIRST)
        button = self.more.sizeHint().width() + gap
        while len(shown) > 1:
            taken = sum(needed[name] for name in shown) - gap
            if taken + (button if len(shown) < len(needed) else 0) <= room:
                break
            shown.pop(0)
        for name, gauge in self.gauges.items():
            if gauge.isHidden() == (name in shown):
                gauge.setVisible(name in shown)
        if self.more.isHidden() == (len(shown) < len(needed)):
            self.more.setVisible(len(shown) < len(needed))

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for name in self.folded:
            reading = self.gauges[name].reading
            text = self.tr("{title}: {values}")
            values = ARROW.join(reading.values)
            action = menu.addAction(text.format(title=reading.title, values=values))
            action.setToolTip(reading.tip)
        menu.setToolTipsVisible(True)


def _numbers(state: DocumentState) -> _Numbers:
    """The numbers in force; measured ones only of a run of just this recipe."""
    changed = any(step.enabled for step in state.recipe.steps)
    recipe = state.recipe
    runs = (one for one in reversed(state.trials) if not one.deleted and one.recipe == recipe)
    trial = next(runs, None) if changed else None
    latency_tip = ""
    if state.profile is not None:
        found = state.profile
        latency_tip = f"{found.runtime} · {found.processor} · {found.threads} × {found.runs}"
    return _Numbers(
        state.original,
        predicted(state),
        UNMEASURED if trial is None else trial.measured,
        UNMEASURED if trial is None else trial.original,
        trial,
        latency_tip,
        changed,
    )


def _share(value: float | None, most: float | None) -> float | None:
    return value / most if value is not None and most else None
