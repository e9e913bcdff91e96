"""Fit to budget: targets in, a recipe out, with all that it would give before it is used."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.budget import Costs, CurvePoint, Fitted, Quantity
from engine.errors import EngineError
from engine.units import format_duration
from studio.dialogs.fit_form import FitForm
from studio.dialogs.fit_learn import USUAL, LearnForm, RunsRow
from studio.dialogs.fit_result import (
    Numbers,
    RoundsTable,
    SettingsTable,
    StepsTable,
)
from studio.dialogs.fit_situation import Situation
from studio.dialogs.fit_targets import TargetForm
from studio.dialogs.fit_words import verdict
from studio.dialogs.frame import Dialog, wrapped
from studio.document.learned import measured
from studio.document.state import Wanted
from studio.style.sheet import set_property
from studio.widgets.plots.pareto import Offer, ParetoPlot
from studio.words import word

_OF_THE_CURVE = (Quantity.SIZE, Quantity.LOSS, Quantity.ACCURACY)
"""Limits on these alone lead to a point of the curve of size against loss."""


class FitDialog(Dialog):
    """Every change asks the solver again; *Use this recipe* accepts.

    Args:
        situation: Of the network.
        wanted: What is asked for to begin with.
        runs: From how many runs it learns if it is told to, to begin with.
        parent: Owner.
    """

    asked = Signal(object)
    """A `Wanted`: ask the solver."""
    estimate_wanted = Signal()
    """Costs are to be estimated first."""
    runs_wished = Signal(object, int)
    """A `Wanted`, and from how many runs to learn."""

    def __init__(
        self,
        situation: Situation,
        wanted: Wanted | None = None,
        runs: int = USUAL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", 128, parent)
        self.setWindowTitle(self.tr("Fit to budget"))
        self._situation = situation
        self._fitted: Fitted | None = None
        self._ready = False
        self._learning = False
        self._reason = ""
        self._asked: Wanted | None = None
        self._answered: Wanted | None = None
        self._runs = False
        self._curve: tuple[CurvePoint, ...] = ()
        wanted = wanted or Wanted()
        body = QHBoxLayout()
        body.setSpacing(self.sizes.wide)
        self.fields = FitForm(situation, wanted, runs, self)
        self.form, self.methods, self.learn = self._take_fields()
        body.addWidget(self._make_area(), 2)
        body.addLayout(self._make_result(), 3)
        self.column.addLayout(body, 1)
        self._make_row()
        self.set_situation(situation)

    # Form ------------------------------------------------------------------------------------

    def _take_fields(self) -> tuple[TargetForm, dict[str, QCheckBox], LearnForm]:
        """What is asked for, by what means, and from how many runs."""
        fields = self.fields
        fields.changed.connect(self._ask)
        fields.form.touched.connect(self._show_use)
        fields.learn.wished.connect(self._wish_runs)
        return fields.form, fields.methods, fields.learn

    def _make_area(self) -> QScrollArea:
        """Small screens have less room than the form wants."""
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.fields)
        area.setMinimumWidth(self.fields.sizeHint().width() + self.sizes.wide)
        return area

    # Result ----------------------------------------------------------------------------------

    def _make_result(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self.sizes.gap)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.plot = ParetoPlot(self.tr("Size against loss"), self)
        self.plot.setMinimumHeight(self.sizes.line * 9)
        self.plot.set_empty(self.tr("The curve appears with the first answer."))
        self.plot.chosen.connect(self._chose)
        self.settings = SettingsTable(self)
        self.steps = StepsTable(self)
        self.rounds = RoundsTable(self)
        self.tabs.addTab(self.plot, self.tr("Curve"))
        self.tabs.addTab(self.settings, self.tr("Layers"))
        self.tabs.addTab(self.steps, self.tr("Steps"))
        self.tabs.addTab(self.rounds, self.tr("Runs"))
        self.numbers = Numbers(self)
        self.status = wrapped("", self, "secondary")
        self.status.setMinimumHeight(self.sizes.line * 2)
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(self.sizes.small)
        keep = self.progress.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keep)
        self.progress.hide()
        column.addWidget(self.tabs, 1)
        column.addWidget(self.numbers)
        self.runs_row = RunsRow(self)
        self.runs_row.hide()
        column.addWidget(self.progress)
        column.addWidget(self.status)
        column.addWidget(self.runs_row)
        return column

    def _make_row(self) -> None:
        self.estimate = self.button(self.tr("Estimate the costs now"))
        self.estimate.hide()
        self.buttons.insertStretch(0, 1)
        self.cancel = self.button(self.tr("Cancel"))
        self.run = self.button(self.tr("Use and &run"))
        self.run.setToolTip(
            self.tr("Measures what it really loses: the next fit learns from the difference")
        )
        self.use = self.button(self.tr("&Use this recipe"), "primary")
        self.use.setDefault(True)
        self.use.setToolTip(self.tr("Replaces the recipe; undo takes it back"))
        self._enable(False)
        self.estimate.clicked.connect(self.estimate_wanted)
        self.run.clicked.connect(self._use_and_run)
        self.cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self.accept)

    # What is known ---------------------------------------------------------------------------

    def set_situation(self, situation: Situation) -> None:
        """Show other numbers of the network and the recipe."""
        self._situation = situation
        self.form.set_known(situation.original, situation.now)
        self.plot.set_known(situation.known)
        self.fields.show_situation(situation)
        self._show_rounds()
        self.tabs.setTabVisible(self.tabs.indexOf(self.rounds), bool(situation.rounds))
        self._show_fitted_numbers()

    @property
    def wanted(self) -> Wanted | None:
        """What is asked for; None while a field makes no sense."""
        return self.fields.wanted

    @property
    def runs(self) -> bool:
        """Whether the recipe is to be run at once."""
        return self._runs

    @Slot()
    def _use_and_run(self) -> None:
        self._runs = True
        self.accept()

    def _enable(self, ready: bool) -> None:
        """Whether there is an answer that can be used."""
        self._ready = ready
        self._show_use()

    @Slot()
    def _show_use(self) -> None:
        """An answer can be used only while the form asks for just what it is the answer to."""
        wanted = self.wanted
        usable = self._ready and wanted is not None and wanted == self._answered
        usable = usable and not self._learning
        self.use.setEnabled(usable)
        self.run.setEnabled(usable)
        ready = wanted is not None and bool(wanted.targets) and self._fitted is not None
        self.learn.set_state(self._reason, ready=ready and not self._learning)

    @property
    def fitted(self) -> Fitted | None:
        """The answer that is shown."""
        return self._fitted

    @Slot()
    def _ask(self, *_: object) -> None:
        wanted = self.wanted
        if wanted is None:
            self._enable(False)
            return
        if not wanted.targets:
            self.show_waiting(self.tr("Mark one limit at least."), None)
            self.progress.hide()
            return
        self._asked = wanted
        self._show_use()
        self.asked.emit(wanted)

    def ask(self) -> None:
        """Ask the solver for what the form says."""
        self._ask()

    # Answers ---------------------------------------------------------------------------------

    def show_waiting(
        self, text: str, fraction: float | None, *, can_estimate: bool = False
    ) -> None:
        """What the answer waits for; a fraction of None: nobody knows how long."""
        self._say(text, "secondary")
        self.progress.setVisible(not can_estimate)
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        self.estimate.setVisible(can_estimate)
        self._enable(False)

    def show_fitted(self, fitted: Fitted) -> None:
        """Show an answer."""
        self._fitted = fitted
        self._answered = self._asked or self.wanted
        self.progress.hide()
        self.estimate.hide()
        self.form.show_reached(fitted.targets)
        self._show_curve(fitted)
        self._show_fitted_numbers()
        self._show_rounds()
        held = set(self._situation.locked)
        if self.fields.keep.isChecked():
            held |= self._situation.own
        self.settings.show_settings(self._situation.layers, fitted.choices, held)
        self.steps.show_walk(fitted.walk)
        self.tabs.setTabVisible(self.tabs.indexOf(self.steps), bool(fitted.walk))
        self._enable(True)
        self.use.setText(self.tr("&Use this recipe") if fitted.met else self.tr("&Use the nearest"))
        if not self._learning:
            self._say(*verdict(fitted))

    def show_error(self, error: EngineError) -> None:
        """Why there is no answer."""
        self.progress.hide()
        self._enable(False)
        self._say(f"{word(error.message)} {word(error.hint)}".strip(), "error")

    # Runs ------------------------------------------------------------------------------------

    def set_reason_not_to_learn(self, reason: str) -> None:
        """Why runs cannot be asked for; empty: they can."""
        self._reason = reason
        self._show_use()

    @Slot(int)
    def _wish_runs(self, count: int) -> None:
        wanted = self.wanted
        if wanted is not None:
            self._asked = wanted
            self.runs_wished.emit(wanted, count)

    def begin_runs(self) -> None:
        """Runs are under way: until they end nothing else is asked for."""
        self._set_learning(learning=True)
        self.estimate.hide()

    def show_runs(
        self, text: str, fraction: float | None, left_s: float | None, *, ending: bool
    ) -> None:
        """How far they are; what is None nobody knows.

        Args:
            text: What they are at.
            fraction: Part of the work that is done, 0…1.
            left_s: Seconds to the end.
            ending: They end after the one that is under way.
        """
        if ending:
            text = self.tr("Ending: {what}").format(what=text)
        if left_s is not None:
            told = self.tr("{what}\nAbout {time} left.")
            text = told.format(what=text, time=format_duration(left_s))
        self._say(text, "secondary")
        self.progress.show()
        self.progress.setRange(0, 0 if fraction is None else 1000)
        self.progress.setValue(0 if fraction is None else round(1000 * fraction))
        self.runs_row.set_ending(ending=ending)

    def end_runs(self) -> None:
        """No more come."""
        self._set_learning(learning=False)
        self.progress.hide()
        self._say("", "secondary")

    def tell_error(self, error: EngineError) -> None:
        """Why there are no more runs; the answer that there is can still be used."""
        self._say(f"{word(error.message)} {word(error.hint)}".strip(), "error")
        self._show_use()

    def _set_learning(self, *, learning: bool) -> None:
        self._learning = learning
        self.fields.setEnabled(not learning)
        self.plot.setEnabled(not learning)
        self.runs_row.setVisible(learning)
        self.cancel.setText(self.tr("Close, let it run") if learning else self.tr("Cancel"))
        self._show_use()

    def _say(self, text: str, tone: str) -> None:
        self.status.setText(text)
        set_property(self.status, "tone", tone)

    def _show_numbers(self, fitted: Costs | None) -> None:
        situation = self._situation
        self.numbers.show_costs(situation.original, situation.now, fitted)

    def _show_fitted_numbers(self) -> None:
        """Of the answer, with what was measured of it."""
        if self._fitted is None:
            self._show_numbers(None)
            return
        situation, run = self._situation, measured(self._fitted)
        self.numbers.show_costs(
            situation.original,
            situation.now,
            self._fitted.predicted,
            None if run is None else run.finished,
        )

    def _show_rounds(self) -> None:
        run = None if self._fitted is None else measured(self._fitted)
        self.rounds.show_rounds(self._situation.rounds, "" if run is None else run.recipe.key)

    def _show_curve(self, fitted: Fitted) -> None:
        if self.plot.moving:
            return  # the answer to an earlier place of the line: the next one follows
        points = sorted(fitted.curve, key=lambda point: point.costs.size_bytes)
        here = CurvePoint(fitted.predicted, fitted.choices)
        points = [p for p in points if p.costs.size_bytes != here.costs.size_bytes]
        self._curve = tuple(sorted([*points, here], key=lambda p: p.costs.size_bytes))
        at = next(place for place, one in enumerate(self._curve) if one is here)
        aside = any(one.target.quantity not in _OF_THE_CURVE for one in fitted.targets)
        offers = [_offer(one.costs, aside=aside and one is here) for one in self._curve]
        self.plot.set_offers(offers, at)
        size = [one for one in fitted.targets if one.target.quantity is Quantity.SIZE]
        self.plot.set_limit(size[0].wanted if size else math.nan)

    @Slot(int, bool)
    def _chose(self, at: int, final: bool) -> None:
        """The user went to a point of the curve: that size is asked for."""
        costs = self._curve[at].costs
        self._show_numbers(costs)
        if final:
            self.form.set_limit(Quantity.SIZE, costs.size_bytes, relative=False)

    def sizeHint(self) -> QSize:
        """Wide, and not higher than a small screen."""
        return QSize(self._width, max(super().sizeHint().height(), self.sizes.line * 30))


def _offer(costs: Costs, *, aside: bool) -> Offer:
    return Offer(
        costs.size_bytes, costs.loss, costs.loss_low, costs.loss_high, costs.accuracy_drop, aside
    )
