"""Trials: the table, the tree, the plot, and what the user can do to one."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.frozen import FrozenMap
from studio.document import messages as m
from studio.document.state import DocumentState
from studio.document.trial import Forecast
from studio.store import Store
from studio.views.trials import TrialsView
from studio.views.trials_model import Column, TrialModel
from studio.views.trials_words import accuracy_words, lines, number_words, recipe_words
from tests.gui.trial_states import MIXED, ORIGINAL, Heard, measured, opened, trial

TRIALS = (
    trial(1),
    trial(2, parent=1),
    trial(3, MIXED, parent=1, remark="better"),
    trial(4, parent=2),
)


@pytest.fixture
def store():
    return Store(opened(*TRIALS, base=3))


@pytest.fixture
def view(qtbot, store):
    made = TrialsView(store)
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    return made


def names(view):
    return [line.name for line in view.model.lines]


def text(view, number, column):
    return view.model.index_of(number).siblingAtColumn(column).data()


def click(qtbot, view, number, keys=Qt.KeyboardModifier.NoModifier):
    area = view.table.visualRect(view.model.index_of(number).siblingAtColumn(Column.SIZE))
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, keys, area.center())


def test_it_is_empty_until_there_is_a_trial(qtbot):
    store = Store(DocumentState())
    view = TrialsView(store)
    qtbot.addWidget(view)
    assert view.pages.currentWidget() is view.empty
    store.dispatch(m.Loaded(opened(trial(1))))
    assert view.pages.currentWidget() is view.splitter


def test_measured_numbers_with_source_samples_and_what_is_left(view):
    assert text(view, 2, Column.ACCURACY) == "88.00 % (labels, 500)"
    assert text(view, 2, Column.SIZE) == "16.0 KB (40 %)"
    assert text(view, 2, Column.LATENCY) == "0.900 ms (45 %)"
    assert text(view, 2, Column.TIME) == "24 s"
    assert text(view, 3, Column.RECIPE) == "Channel pruning 50 % → Uniform quantization 4–8/8 bits"
    assert text(view, 3, Column.REMARK) == "better"
    assert text(view, 0, Column.SIZE) == "40.0 KB"
    tip = view.model.index_of(2).siblingAtColumn(Column.ACCURACY).data(Qt.ItemDataRole.ToolTipRole)
    assert "500 samples" in tip
    assert "86.00 %" in tip


def test_what_was_not_measured_is_marked_as_predicted(store, view):
    one = replace(trial(5), measured=replace(measured(1, 1, None, None), size_bytes=None))
    store.dispatch(m.TrialDone(one, None))
    assert text(view, 5, Column.SIZE) == "~6.00 KB (15 %)"
    assert text(view, 5, Column.ACCURACY) == "–"
    assert number_words(None, None, "ms") == "–"
    assert accuracy_words(replace(ORIGINAL, samples=None)) == "91.00 % (labels)"


def test_sorting_keeps_the_original_and_pinned_ones_on_top(store, view):
    view.table.sortByColumn(Column.SIZE, Qt.SortOrder.AscendingOrder)
    assert names(view) == ["Original", "Trial 4", "Trial 3", "Trial 2", "Trial 1"]
    store.dispatch(m.ChangeTrial(2, (("pinned", True),)))
    assert names(view) == ["Original", "Trial 2", "Trial 4", "Trial 3", "Trial 1"]
    view.table.sortByColumn(Column.ACCURACY, Qt.SortOrder.DescendingOrder)
    assert names(view) == ["Original", "Trial 2", "Trial 1", "Trial 3", "Trial 4"]
    view.table.sortByColumn(Column.REMARK, Qt.SortOrder.DescendingOrder)
    assert names(view)[:3] == ["Original", "Trial 2", "Trial 3"]  # without a note: below


def test_the_tree_shows_which_came_from_which(store, view):
    view.tree.setChecked(True)
    model = view.model
    assert model.rowCount() == 1
    root = model.index_of(0)
    assert [model.line(model.index(row, 0, root)).id for row in range(model.rowCount(root))] == [1]
    assert model.parent(model.index_of(4)) == model.index_of(2)
    store.dispatch(m.ChangeTrial(2, (("deleted", True),)))
    assert model.parent(model.index_of(4)) == root  # its own is gone
    assert view.table.isExpanded(model.index_of(1))
    view.tree.setChecked(False)
    assert model.rowCount() == 4


def test_another_round_can_be_asked_for_where_trials_are(store, view):
    wishes = []
    view.commanded.connect(wishes.append)
    assert not view.fit.isEnabled()  # nothing was predicted of these
    told = replace(trial(5), forecast=Forecast(loss=0.1, by_method=FrozenMap({"uniform": 0.1})))
    store.dispatch(m.TrialDone(replace(told, kl=0.2), None))
    assert view.fit.isEnabled()
    view.fit.trigger()
    view.fit.trigger()
    assert wishes == ["fit", "fit"]


def test_the_model_is_sound(qtmodeltester, store):
    model = TrialModel()
    model.set_lines(lines(store.state))
    qtmodeltester.check(model)
    model.set_tree(True)
    qtmodeltester.check(model)


def test_the_choice_goes_both_ways_and_reaches_the_plot(qtbot, store, view):
    click(qtbot, view, 2)
    assert store.state.chosen == (2,)
    click(qtbot, view, 4, Qt.KeyboardModifier.ControlModifier)
    assert store.state.chosen == (2, 4)
    assert view.plot.plot._ids == (2, 4)
    store.dispatch(m.ChooseTrials((3, 0)))
    chosen = {view.model.line(one).id for one in view.table.selectionModel().selectedRows()}
    assert chosen == {0, 3}
    view.plot.plot.selected.emit((1,))
    assert store.state.chosen == (1,)
    with qtbot.assertNotEmitted(store.dispatched):
        store.changed.emit(store.state, store.state)


def test_going_back_by_button_double_click_and_key(qtbot, store, view):
    heard = Heard(store)
    store.dispatch(m.ChooseTrials((2,)))
    view.restore.trigger()
    assert store.state.recipe is TRIALS[1].recipe
    assert store.state.base == 2
    area = view.table.visualRect(view.model.index_of(3).siblingAtColumn(Column.SIZE))
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    qtbot.mouseDClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert store.state.recipe is MIXED
    assert text(view, 3, Column.NAME) == "Trial 3"
    assert view.model.index_of(3).data(Qt.ItemDataRole.FontRole) is not None
    view.plot.plot.activated.emit(1)
    assert heard.of(m.RestoreTrial)[-1] == m.RestoreTrial(1)
    store.dispatch(m.ChooseTrials((0,)))
    assert not view.restore.isEnabled()


def edit(qtbot, view, words):
    editor = next(one for one in view.table.findChildren(QLineEdit) if one.isVisible())
    editor.setText(words)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_rename_and_note_in_place(qtbot, store, view):
    store.dispatch(m.ChooseTrials((2,)))
    view.rename.trigger()
    edit(qtbot, view, "  Best  ")
    assert store.state.trial(2).name == "Best"
    assert text(view, 2, Column.NAME) == "Best"
    view.note.trigger()
    edit(qtbot, view, "try 6 bits")
    assert store.state.trial(2).remark == "try 6 bits"
    view.rename.trigger()
    edit(qtbot, view, "   ")
    assert store.state.trial(2).name == "Best"  # a name is not taken away
    assert not view.model.flags(view.model.index_of(0)) & Qt.ItemFlag.ItemIsEditable


def test_pin_shows_what_is_so(store, view):
    store.dispatch(m.ChooseTrials((2,)))
    view.pin.trigger()
    assert store.state.trial(2).pinned
    assert view.pin.isChecked()
    view.pin.trigger()
    assert not store.state.trial(2).pinned


def test_delete_can_be_undone(qtbot, store, view):
    store.dispatch(m.ChooseTrials((2, 0, 3)))
    view.delete.trigger()
    assert names(view) == ["Original", "Trial 1", "Trial 4"]
    assert view.notice.text == "2 trials were deleted."
    view.notice.button("undo").click()
    assert names(view)[1:] == ["Trial 1", "Trial 2", "Trial 3", "Trial 4"]
    assert store.state.chosen == (2, 3)
    store.dispatch(m.ChooseTrials((0,)))
    assert not view.delete.isEnabled()


def test_two_can_be_compared(qtbot, store, view):
    store.dispatch(m.ChooseTrials((2,)))
    assert not view.compare.isEnabled()
    store.dispatch(m.ChooseTrials((2, 3)))
    with qtbot.waitSignal(view.compare_wanted):
        view.compare.trigger()


def test_csv_has_plain_numbers(view):
    view.copy.trigger()
    copied = list(csv.DictReader(io.StringIO(QApplication.clipboard().text())))
    assert [row["name"] for row in copied] == names(view)
    row = copied[2]
    assert row["size_bytes"] == "16000"
    assert float(row["top1"]) == pytest.approx(0.88)
    assert row["source"] == "labels"
    assert row["parent"] == "1"
    assert row["recipe"] == recipe_words(TRIALS[1].recipe)


def test_axes_can_be_chosen(view):
    view.plot.across.setCurrentIndex(view.plot.across.findData("latency"))
    table = view.plot.plot.table()
    assert table.titles[1] == "Latency"
    assert [round(value, 3) for value in table.columns[1]] == [2.0, 1.8, 0.9, 0.6, 0.45]


def test_a_thousand_trials_are_shown_and_sorted_soon(qtbot):
    many = tuple(
        replace(trial(1), id=number, parent=number - 1 or None) for number in range(1, 1001)
    )
    view = TrialsView(Store(opened(*many[:1])))
    qtbot.addWidget(view)
    view.model.set_lines(lines(opened(*many)))
    view.table.sortByColumn(Column.LATENCY, Qt.SortOrder.DescendingOrder)
    assert len(view.model.lines) == 1001
