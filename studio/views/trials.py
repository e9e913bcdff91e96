"""Trials: a plot of what each costs and is worth, and a table or tree to name, keep and go back to.

The choice is the document's: two chosen trials are what the comparison shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.document.forecast import is_finished
from studio.document.messages import ChangeTrial, ChooseTrials, RestoreTrial
from studio.document.state import DocumentState
from studio.document.trial import Trial
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.views.trials_agreement import Agreement
from studio.views.trials_model import Column, TrialModel
from studio.views.trials_plot import TrialsPlot
from studio.views.trials_table import TrialsTable
from studio.views.trials_words import ORIGINAL, Line, as_csv_rows, lines
from studio.widgets.empty import EmptyState
from studio.widgets.following import Following
from studio.widgets.notice import NoticeBar
from studio.words import trial_name

_UNDO = "undo"


class TrialsView(Following):
    """All trials of the network that is open."""

    commanded = Signal(str)
    """A command of the window: its id."""
    compare_wanted = Signal()
    """The two chosen trials are to be compared: the panel that does so should come to the front."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._lines: tuple[Line, ...] = ()
        self._last_deleted: tuple[int, ...] = ()
        self.model = TrialModel(self)
        self.table = TrialsTable(self.model, self)
        self.plot = TrialsPlot(self)
        self.agreement = Agreement(self)
        self.notice = NoticeBar(self)
        self.empty = EmptyState(
            "trials",
            self.tr("No trials yet"),
            self.tr("Each run of the recipe becomes a trial with its measured numbers."),
            self,
        )
        self._make_actions()
        self._arrange()
        self._connect()
        self._show(None, store.state)

    # Parts

    def _make_actions(self) -> None:
        self.restore = self._action(
            self.tr("Back to this recipe"),
            self.tr("Put the recipe of this trial in force; undo takes it back"),
            "history",
            self._restore,
        )
        self.compare = self._action(
            self.tr("Compare"), self.tr("Compare the two chosen trials"), "compare", self._compare
        )
        self.fit = self._action(
            self.tr("Fit again…"),
            self.tr("Fit to budget, with predictions corrected by what was measured"),
            "fit",
            self._fit_again,
        )
        self.rename = self._action(
            self.tr("Rename"), self.tr("Give the trial another name"), "rename", self._rename, "F2"
        )
        self.pin = self._action(
            self.tr("Pin"), self.tr("Keep the trial on top"), "pin", self._pin, "Ctrl+Shift+P"
        )
        self.pin.setCheckable(True)
        self.note = self._action(
            self.tr("Write a note"), self.tr("Write a note on the trial"), "info", self._note, "F4"
        )
        self.delete = self._action(
            self.tr("Delete"), self.tr("Delete the trial; it can be undone"), "delete", self._delete
        )
        self.delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self.copy = self._action(
            self.tr("Copy as CSV"), self.tr("Copy all trials as CSV"), "copy", self._copy
        )
        self.copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.tree = QAction(self.tr("As a tree"), self)
        self.tree.setToolTip(self.tr("Show which trial came from which"))
        self.tree.setCheckable(True)
        set_icon(self.tree, "graph")
        for action in (
            self.restore,
            self.compare,
            self.fit,
            self.rename,
            self.pin,
            self.note,
            self.delete,
            self.copy,
        ):
            self.table.addAction(action)

    def _action(
        self, text: str, tip: str, icon: str, then: Callable[[], None], keys: str = ""
    ) -> QAction:
        action = QAction(text, self)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        action.triggered.connect(then)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        set_icon(action, icon)
        return action

    def _arrange(self) -> None:
        bar = self._toolbar()
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.notice)
        column.addWidget(self.table, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.plot, self.tr("Cost and worth"))
        self.tabs.addTab(self.agreement, self.tr("Predicted and measured"))
        self.splitter.addWidget(self.tabs)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.table)

    def _toolbar(self) -> QToolBar:
        """What can be done to trials; what has no room waits behind an arrow."""
        bar = QToolBar(self.tr("Trials"), self)
        side = metrics(self).icon
        bar.setIconSize(QSize(side, side))
        groups = (
            (self.restore, self.compare, self.fit),
            (self.rename, self.pin, self.note, self.delete),
        )
        for actions in groups:
            bar.addActions(actions)
        spring = QWidget(bar)
        spring.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(spring)
        bar.addActions((self.tree, self.copy))
        for action in bar.actions():
            button = bar.widgetForAction(action)
            if not isinstance(button, QToolButton):
                continue
            button.setAccessibleName(action.text())
            if action in groups[0]:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return bar

    def _connect(self) -> None:
        self.follow(self._store, self._show)
        self.table.chosen.connect(self._chosen_in_table)
        self.table.doubleClicked.connect(self._double_clicked)
        self.model.modelReset.connect(self._after_reset)
        self.model.renamed.connect(self._renamed)
        self.model.remarked.connect(self._remarked)
        self.plot.plot.selected.connect(self._choose)
        self.plot.plot.activated.connect(self._restore_id)
        self.agreement.plot.selected.connect(self._choose)
        self.agreement.plot.activated.connect(self._restore_id)
        self.tree.toggled.connect(self.table.show_tree)
        self.notice.pressed.connect(self._notice_pressed)
        self.notice.dismissed.connect(self.notice.clear)

    # The state

    def _show(self, old: DocumentState | None, new: DocumentState) -> None:
        """Show what differs."""
        parts = ("trials", "original", "base", "model")
        if old is None or any(getattr(old, one) is not getattr(new, one) for one in parts):
            self._lines = lines(new)
            self.pages.setCurrentIndex(1 if len(self._lines) > 1 else 0)
            self.model.set_lines(self._lines)
            self.plot.set_lines(self._lines)
            self.agreement.set_trials(new.trials)
            self.plot.plot.set_selected(new.chosen)
            self.agreement.plot.set_selected(new.chosen)
        if old is None or old.chosen != new.chosen:
            self.plot.plot.set_selected(new.chosen)
            self.agreement.plot.set_selected(new.chosen)
            self.table.mark(new.chosen)
        if old is not None and old.model.source is not new.model.source:
            self.notice.clear()
        self._enable(new)

    def _enable(self, state: DocumentState) -> None:
        one = self._one(state)
        self.restore.setEnabled(one is not None)
        for action in (self.rename, self.pin, self.note):
            action.setEnabled(one is not None)
        self.delete.setEnabled(any(state.chosen))
        self.compare.setEnabled(len(state.chosen) == 2)
        self.fit.setEnabled(any(is_finished(trial) for trial in state.trials))
        self.pin.setChecked(one is not None and one.pinned)

    def _one(self, state: DocumentState) -> Trial | None:
        """The trial that is chosen, if it is one alone."""
        return state.trial(state.chosen[0]) if len(state.chosen) == 1 else None

    def _after_reset(self) -> None:
        self.table.expandAll()
        self.table.mark(self._store.state.chosen)

    # The user

    def _chosen_in_table(self, ids: tuple[int, ...]) -> None:
        """What was chosen before stays in front, so that a comparison keeps its order."""
        kept = [one for one in self._store.state.chosen if one in ids]
        self._choose(tuple(kept + [one for one in ids if one not in kept]))

    def _choose(self, ids: tuple[int, ...]) -> None:
        self._store.dispatch(ChooseTrials(tuple(ids)))

    def _double_clicked(self, index: QModelIndex) -> None:
        if index.column() == Column.REMARK:
            self.table.edit(index)
        else:
            self._restore_id(self.model.line(index).id)

    def _restore(self) -> None:
        one = self._one(self._store.state)
        if one is not None:
            self._restore_id(one.id)

    def _restore_id(self, number: int) -> None:
        if number != ORIGINAL:
            self._store.dispatch(RestoreTrial(number))

    def _compare(self) -> None:
        if len(self._store.state.chosen) == 2:
            self.compare_wanted.emit()

    def _fit_again(self) -> None:
        self.commanded.emit("fit")

    def _rename(self) -> None:
        self._edit(Column.NAME)

    def _note(self) -> None:
        self._edit(Column.REMARK)

    def _edit(self, column: Column) -> None:
        one = self._one(self._store.state)
        if one is not None:
            self.table.edit_cell(one.id, column)

    def _renamed(self, number: int, name: str) -> None:
        self._store.dispatch(ChangeTrial(number, (("name", name),)))

    def _remarked(self, number: int, text: str) -> None:
        self._store.dispatch(ChangeTrial(number, (("remark", text),)))

    def _pin(self) -> None:
        one = self._one(self._store.state)
        if one is not None:
            self._store.dispatch(ChangeTrial(one.id, (("pinned", not one.pinned),)))

    def _delete(self) -> None:
        chosen = [one for one in self._store.state.chosen if one != ORIGINAL]
        names = [
            trial_name(trial.id, trial.name)
            for one in chosen
            if (trial := self._store.state.trial(one))
        ]
        if not chosen:
            return
        for number in chosen:
            self._store.dispatch(ChangeTrial(number, (("deleted", True),)))
        if len(names) == 1:
            text = self.tr("{name} was deleted.").format(name=names[0])
        else:
            text = self.tr("{count} trials were deleted.").format(count=len(names))
        self._last_deleted = tuple(chosen)
        hint = self.tr("Its file goes when the project is closed.")
        self.notice.tell(text, hint, buttons=[(_UNDO, self.tr("Undo"))])

    def _notice_pressed(self, button: str) -> None:
        if button == _UNDO:
            for number in self._last_deleted:
                self._store.dispatch(ChangeTrial(number, (("deleted", False),)))
            self._choose(self._last_deleted)
        self.notice.clear()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.csv())

    def csv(self) -> str:
        """All trials in the order that is shown, with plain numbers."""
        titles, found = as_csv_rows(self.model.lines)
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(titles)
        writer.writerows(found)
        return buffer.getvalue()
