"""The view of sensitivity over plain cost tables."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.cost import CostTable, Entry, Grid
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document.messages import CostKnown, EditRecipe, Select
from studio.document.selectors import rows
from studio.document.state import Facet
from studio.views.sensitivity import SensitivityView
from tests.helpers.documents import network, store_with

NAMES = tuple(layer.name for layer in network().layers)
GRIDS = (Grid("uniform", (8.0, 4.0, 2.0)), Grid("channel", (0.25, 0.5), 0.0))


def table() -> CostTable:
    entries = [
        Entry(
            name,
            grid.method,
            setting,
            loss=10.0 ** (place - 4) * (row + 1),
            loss_low=10.0 ** (place - 4) * (row + 1) / 2,
            loss_high=10.0 ** (place - 4) * (row + 1) * 2,
            accuracy_drop=0.01 * place,
            measured=row == 0,
        )
        for row, name in enumerate(NAMES)
        for grid in GRIDS
        for place, setting in enumerate(grid.settings)
        if name != "head" or grid.method == "uniform"
    ]
    return CostTable.empty(NAMES, GRIDS).with_entries(entries)


@pytest.fixture
def store(qapp):
    return store_with(Recipe())


@pytest.fixture
def view(qtbot, store):
    store.dispatch(CostKnown(table()))
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.resize(500, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_without_a_table_it_says_what_is_missing(qtbot, store):
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.show()
    assert view.empty.isVisible()
    assert view.empty.title
    store.dispatch(CostKnown(table()))
    assert not view.empty.isVisible()
    store.dispatch(CostKnown(None))
    assert view.empty.isVisible()


def test_all_methods_stand_beside_each_other(view):
    cells = view.map.cells
    assert cells.rows == NAMES
    assert cells.columns == ("8", "4", "2", "25 %", "50 %")
    assert [count for _, count in cells.groups] == [3, 2]
    assert cells.measured[0].all()
    assert not cells.measured[1].any()
    text = view.map.cell_text(0, 3)
    assert text == f"{NAMES[0]}, Channel pruning: Pruning ratio 25 %: loss 0.0001, measured"
    assert view.map.cell_text(6, 4).endswith("not known")


def test_one_method_alone(view):
    view.method.setCurrentIndex(view.method.findData("channel"))
    assert view.map.cells.columns == ("25 %", "50 %")
    view.quantity.setCurrentIndex(1)
    assert view.map.cells.values[0].tolist() == [0.0, 0.01]
    assert view.map.cell_text(0, 1).endswith("accuracy lost 1.00 pt, measured")


def test_the_selection_is_shared(view, store):
    store.dispatch(Select((NAMES[2], NAMES[4]), NAMES[2]))
    assert view.map._chosen == {2, 4}
    assert [one.label for one in view.curves._curves] == [NAMES[2], NAMES[4]]
    view.map.cell_chosen.emit(3, 1)
    assert store.state.selection == (NAMES[3],)
    assert [one.label for one in view.curves._curves] == [NAMES[3]]
    assert len(view.curves._curves[0].low) == 3


def test_the_curves_follow_the_cursor_to_another_method(view):
    QTest.keyClick(view.map, Qt.Key.Key_Down)
    assert view.curves._curves[0].settings.tolist() == [8.0, 4.0, 2.0]
    for _ in range(3):
        QTest.keyClick(view.map, Qt.Key.Key_Right)
    assert view.curves._curves[0].settings.tolist() == [0.25, 0.5]


def test_one_switch_for_both_scales(view):
    view.log.setChecked(False)
    assert not view.map.log
    assert not view.curves.log
    view.curves.set_log(True)
    assert view.map.log


def cell(store, row, facet):
    return rows(store.state)[row].cells[facet].value


def test_the_setting_under_the_cursor_can_be_used(view, store):
    assert not view.use.isEnabled()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(view.map, key)
    assert view.map.at == (1, 1)
    assert NAMES[1] in view.use.words
    view.use.click()
    assert cell(store, 1, Facet.WEIGHT_BITS) == 4
    assert cell(store, 2, Facet.WEIGHT_BITS) is None
    view.map._press(2, 4)
    view.use.click()
    assert cell(store, 2, Facet.PRUNE) == 0.5


def test_a_setting_of_another_method_than_the_recipes_is_not_offered(view, store):
    store.dispatch(EditRecipe("", Recipe((make_step("weight", sparsity=0.5),))))
    view.map._press(2, 4)
    assert not view.use.isEnabled()


def test_a_new_table_keeps_the_method(view, store):
    view.method.setCurrentIndex(view.method.findData("channel"))
    store.dispatch(CostKnown(table().with_entries([Entry(NAMES[1], "channel", 0.5, loss=3.0)])))
    assert view.method.currentData() == "channel"
    assert view.map.cells.values[1, 1] == 3.0
