"""What is asked of a fit: limits, methods, solver, and from how many runs it learns."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.budget import Solver
from studio.dialogs.fit_learn import LearnForm
from studio.dialogs.fit_result import method_title
from studio.dialogs.fit_situation import Situation
from studio.dialogs.fit_targets import TargetForm
from studio.dialogs.frame import wrapped
from studio.document.state import Wanted
from studio.style.metrics import metrics
from studio.style.sheet import set_property


class FitForm(QWidget):
    """The left side of the dialog.

    Args:
        situation: Of the network.
        wanted: What is asked for to begin with.
        runs: From how many runs it learns, to begin with.
        parent: Owner.
    """

    changed = Signal()
    """Something else is asked for."""

    def __init__(self, situation: Situation, wanted: Wanted, runs: int, parent: QWidget) -> None:
        super().__init__(parent)
        sizes = metrics(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, sizes.small, 0)
        column.setSpacing(sizes.gap)
        self.form = TargetForm(situation.original, situation.now, wanted.targets, self)
        self.form.changed.connect(self._change)
        column.addWidget(self._title(self.tr("At most")))
        column.addWidget(self.form)
        column.addWidget(self._title(self.tr("By means of")))
        self.methods: dict[str, QCheckBox] = {}
        column.addLayout(self._make_methods(situation, wanted))
        self.no_method = wrapped(self.tr("Choose one method at least."), self, "error")
        self.no_method.hide()
        column.addWidget(self.no_method)
        column.addWidget(self._title(self.tr("How")))
        self._make_solver(wanted, column)
        column.addWidget(self._title(self.tr("Learn from runs")))
        self.learn = LearnForm(runs, self)
        column.addWidget(self.learn)
        column.addStretch(1)

    def _title(self, text: str) -> QLabel:
        label = QLabel(text, self)
        set_property(label, "tone", "title")
        return label

    def _make_methods(self, situation: Situation, wanted: Wanted) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(metrics(self).hair)
        for place, (name, usual) in enumerate(situation.methods):
            box = QCheckBox(method_title(name), self)
            box.setChecked(name in wanted.methods if wanted.methods else usual)
            box.toggled.connect(self._change)
            grid.addWidget(box, place, 0)
            self.methods[name] = box
        return grid

    def _make_solver(self, wanted: Wanted, column: QVBoxLayout) -> None:
        self.exact = QRadioButton(self.tr("&Exactly: the least loss there is"), self)
        self.greedy = QRadioButton(self.tr("&Step by step, each step explained"), self)
        self.exact.setToolTip(self.tr("An integer program over all layers and settings"))
        self.greedy.setToolTip(self.tr("Always the step that costs least for what it saves"))
        group = QButtonGroup(self)
        for button, solver in ((self.exact, Solver.EXACT), (self.greedy, Solver.GREEDY)):
            group.addButton(button)
            button.setChecked(wanted.solver is solver)
            column.addWidget(button)
        group.buttonClicked.connect(self._change)
        self.keep = QCheckBox(self)
        self.keep.setChecked(wanted.keep_own)
        self.keep.toggled.connect(self._change)
        column.addWidget(self.keep)
        self.kept = wrapped("", self, "secondary")
        column.addWidget(self.kept)

    @Slot()
    def _change(self, *_: object) -> None:
        self.no_method.setVisible(not any(box.isChecked() for box in self.methods.values()))
        self.changed.emit()

    @property
    def wanted(self) -> Wanted | None:
        """What is asked for; None while a field makes no sense."""
        targets = self.form.targets
        methods = tuple(name for name, box in self.methods.items() if box.isChecked())
        if targets is None or not methods:
            return None
        solver = Solver.EXACT if self.exact.isChecked() else Solver.GREEDY
        return Wanted(targets, methods, solver, self.keep.isChecked())

    def show_situation(self, situation: Situation) -> None:
        """Say what is kept, and what corrects the predictions."""
        count = len(situation.own - situation.locked)
        self.keep.setVisible(count > 0)
        self.keep.setText(self.tr("Keep settings of single layers ({count})").format(count=count))
        parts = []
        if situation.locked:
            text = self.tr("Locked layers that keep what they have: {count}")
            parts.append(text.format(count=len(situation.locked)))
        if situation.rounds:
            text = self.tr("Finished runs that correct the predictions: {count}")
            parts.append(text.format(count=len(situation.rounds)))
        self.kept.setText("\n".join(parts))
        self.kept.setVisible(bool(parts))
