"""The layer table: what it shows of plain states, and which wishes mouse and keys become."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeySequence, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QToolTip
from pytestqt.qtbot import QtBot

from engine.cost import CostTable, Entry, Grid
from engine.errors import EngineError
from engine.info import (
    ChannelGroup,
    Format,
    Histogram,
    LayerInfo,
    LayerKind,
    LayerLatency,
    NetworkInfo,
    Profile,
    Verdict,
)
from engine.jobs.requests import ModelSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.selectors import rows
from studio.store import Store
from studio.style.theme import Scheme, apply
from studio.views.layer_columns import Column, bits_offered, field_of, sort_key, text_of
from studio.views.layer_filter import Filter
from studio.views.layer_menu import LayerMenu, ValueDialog
from studio.views.layer_model import LayerModel, runs
from studio.views.layer_table import LayerTable
from studio.views.layer_tips import tip
from studio.views.layer_typing import BitsTyping

SENT = "dispatched"


def conv(name: str, channels: int, before: int, position: int) -> LayerInfo:
    count = channels * before * 9
    return LayerInfo(
        name,
        LayerKind.CONV2D,
        (channels, before, 3, 3),
        "float32",
        count,
        4 * count,
        macs=count * 64,
        output_shape=(channels, 8, 8),
        position=position,
        group=name,
        histogram=Histogram(-1.0, 1.0, tuple(range(32)), sampled=True),
    )


def network(count: int = 6) -> NetworkInfo:
    """`stem`, `block.0.conv` …, of which the last two share a channel group, and `head`."""
    layers = [conv("stem", 16, 3, 0)]
    layers += [conv(f"block.{i}.conv", 16, 16, i + 1) for i in range(count)]
    head = LayerInfo(
        "head", LayerKind.LINEAR, (10, 16), "float32", 160, 640, 160, position=count + 1,
        verdict=Verdict(prunable=False, reason="Its outputs are the network's."),
    )  # fmt: skip
    names = [layer.name for layer in layers]
    alone = names[:-2]
    groups = [
        ChannelGroup(name, (name,), 16, consumers=(following,))
        for name, following in pairwise(names)
        if name in alone
    ]
    groups.append(ChannelGroup(names[-2], tuple(names[-2:]), 16, consumers=("head",)))
    layers.append(head)
    size = sum(layer.size_bytes for layer in layers)
    macs = sum(layer.macs or 0 for layer in layers)
    return NetworkInfo(
        "net", Format.ONNX, (), (), tuple(layers), tuple(groups), size // 4, size, macs=macs
    )


PRUNED = Recipe((make_step("channel", ratio=0.3, criterion="magnitude"),))


def opened(recipe: Recipe | None = None, count: int = 6) -> Store:
    store = Store()
    store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    store.dispatch(m.Opened(network(count)))
    if recipe is not None:
        store.dispatch(m.EditRecipe("", recipe))
    return store


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Store], LayerTable]:
    def show(store: Store) -> LayerTable:
        table = LayerTable(store)
        qtbot.addWidget(table)
        table.resize(1600, 400)
        table.show()
        with qtbot.waitActive(table):
            table.activateWindow()
        table.tree.setFocus()
        return table

    return show


def wishes(store: Store) -> list[m.Message]:
    sent: list[m.Message] = []
    store.dispatched.connect(sent.append)
    return sent


def cell_rect(table: LayerTable, name: str, column: Column) -> QPoint:
    return table.tree.visualRect(table.model.index_of(name, column)).center()


def slider_at(table: LayerTable, name: str, share: float, column: Column = Column.PRUNE) -> QPoint:
    cell = table.tree.visualRect(table.model.index_of(name, column))
    track = table.tree.rows.track(cell)
    return QPoint(round(track.left() + share * track.width()), round(track.center().y()))


def go_to(table: LayerTable, name: str, column: Column) -> None:
    table.tree.setCurrentIndex(table.model.index_of(name, column))


def names_shown(table: LayerTable) -> list[str]:
    model = table.model
    return [model.data(model.index(row, 0)) for row in range(model.rowCount())]


# What it shows ---------------------------------------------------------------------------------


def test_empty_states_say_what_goes_on(shown: Callable[[Store], LayerTable]) -> None:
    store = Store()
    table = shown(store)
    assert "No model" in table.empty.text.text()
    store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    assert table.empty.text.text() == "Reading the model…"
    store.dispatch(m.OpenFailed(EngineError("net.onnx is truncated.", hint="Copy it again.")))
    assert table.empty.text.text() == "net.onnx is truncated."
    assert table.empty.hint.text() == "Copy it again."
    assert table.pages.currentWidget() is table.empty


def test_a_listing_shows_sizes_at_once_and_settings_follow(
    shown: Callable[[Store], LayerTable],
) -> None:
    store = Store()
    table = shown(store)
    store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    store.dispatch(m.Listed(network()))
    assert table.pages.currentWidget() is table.tree
    index = table.model.index_of("stem", Column.SIZE)
    assert table.model.data(index) == "1.73 KB"
    prune = table.model.index_of("stem", Column.PRUNE)
    assert not table.model.flags(prune) & Qt.ItemFlag.ItemIsEditable
    store.dispatch(m.Opened(network()))
    assert table.model.flags(prune) & Qt.ItemFlag.ItemIsEditable
    assert table.bar.count.text() == "8 layers"


def test_cells_say_where_their_values_come_from() -> None:
    store = opened(PRUNED)
    store.dispatch(m.SetFacet(Facet.PRUNE, ("block.0.conv",), 0.5))
    store.dispatch(m.SetFacet(Facet.PRUNE, ("block.1.conv",), None))
    table = {row.layer.name: row for row in rows(store.state)}
    assert text_of(table["stem"], Column.PRUNE) == "30 %"
    assert "From step 1" in tip(table["stem"], Column.PRUNE)
    assert text_of(table["block.0.conv"], Column.PRUNE) == "• 50 %"
    assert "Rule 1 of step 1 (Channel pruning) says so." in tip(table["block.0.conv"], Column.PRUNE)
    assert "Left out by rule 2" in tip(table["block.1.conv"], Column.PRUNE)
    assert text_of(table["head"], Column.PRUNE) == ""
    assert tip(table["head"], Column.PRUNE) == table["head"].cells[Facet.PRUNE].reason != ""
    assert text_of(table["stem"], Column.SIZE).startswith("~")
    assert text_of(table["head"], Column.NAME) == "head"


def test_time_and_sensitivity_arrive_later(shown: Callable[[Store], LayerTable]) -> None:
    store = opened()
    table = shown(store)
    share = table.model.index_of("stem", Column.LATENCY)
    assert table.model.data(share) == ""
    times = (LayerLatency("stem", 1.5, 0.75), LayerLatency("head", 0.5, 0.25))
    store.dispatch(m.Profiled(Profile(2.0, 0.1, 1, 1, 100, times, "ORT", "CPU")))
    assert table.model.data(share) == "75.0 %"
    grid = Grid("uniform", (8, 4, 2))
    losses = [Entry("stem", "uniform", bits, loss=2.0**-bits) for bits in grid.settings]
    cost = CostTable.empty(["stem"], [grid]).with_entries(losses)
    store.dispatch(m.CostKnown(cost))
    assert table.model.losses == (2.0**-8, 0.25)


def test_rows_paint_in_light_and_dark(shown: Callable[[Store], LayerTable]) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = apply(app, Scheme.LIGHT)
    store = opened(PRUNED)
    store.dispatch(m.Lock(("stem",), locked=True))
    table = shown(store)
    table.resize(1600, 500)
    light = table.tree.viewport().grab().toImage()
    try:
        theme.set_scheme(Scheme.DARK)
        dark = table.tree.viewport().grab().toImage()
    finally:
        theme.set_scheme(Scheme.LIGHT)
    corner = QPoint(light.width() - 4, light.height() - 4)
    assert light.pixelColor(corner).lightness() > 200 > 60 > dark.pixelColor(corner).lightness()
    row = table.tree.visualRect(table.model.index_of("block.0.conv", Column.HISTOGRAM))
    inks = {light.pixel(x, row.bottom() - 5) for x in range(row.left(), row.right())}
    assert len(inks) > 1  # the histogram was drawn


def test_names_stay_when_the_rest_scrolls(shown: Callable[[Store], LayerTable]) -> None:
    table = shown(opened(PRUNED))
    table.resize(500, 300)
    tree = table.tree
    name = table.model.index_of("stem", Column.NAME)
    before = tree.visualRect(name)
    tree.horizontalScrollBar().setValue(200)
    assert tree.visualRect(name) == before
    assert tree.indexAt(before.center()).column() == Column.NAME
    assert tree.corner.isVisible()
    go_to(table, "stem", Column.KIND)
    tree.scrollTo(tree.currentIndex())
    assert tree.visualRect(tree.currentIndex()).left() >= tree.name_width()


# Filter, sorting, blocks -----------------------------------------------------------------------


def test_filters() -> None:
    store = opened(PRUNED)
    store.dispatch(m.SetFacet(Facet.PRUNE, ("block.0.conv",), None))
    store.dispatch(m.Lock(("stem",), locked=True))
    table = rows(store.state)

    def chosen(wanted: Filter) -> list[str]:
        return [row.layer.name for row in wanted.chosen(table)]

    assert chosen(Filter("block 1")) == ["block.1.conv"]
    assert chosen(Filter("linear")) == ["head"]
    assert chosen(Filter("block.*")) == [f"block.{i}.conv" for i in range(6)]
    assert chosen(Filter(kinds=frozenset({LayerKind.LINEAR}))) == ["head"]
    assert "block.0.conv" not in chosen(Filter(changed=True))
    assert "stem" in chosen(Filter(changed=True))
    assert chosen(Filter(locked=True)) == ["stem"]
    assert chosen(Filter("HEAD", unsupported=True)) == ["head"]


def test_the_filter_line(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    table = shown(opened(PRUNED))
    qtbot.keyClick(table.tree, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert table.focusWidget() is table.bar.text
    qtbot.keyClicks(table.bar.text, "conv")
    assert table.bar.count.text() == "7 of 8 layers"  # stem too: it is a conv2d
    qtbot.keyClicks(table.bar.text, "xyz")
    assert table.pages.currentWidget() is table.empty
    qtbot.mouseClick(table.empty.button, Qt.MouseButton.LeftButton)
    assert table.pages.currentWidget() is table.tree
    assert table.bar.text.text() == ""
    table.bar.locked.click()
    assert table.model.shown == 0
    qtbot.keyClick(table.bar.text, Qt.Key.Key_Escape)
    assert table.model.shown == 8


def test_sorting_and_back(shown: Callable[[Store], LayerTable]) -> None:
    table = shown(opened())
    header = table.tree.header()
    header.setSortIndicator(Column.NAME, Qt.SortOrder.DescendingOrder)
    assert names_shown(table)[0] == "stem"
    header.setSortIndicator(Column.SIZE, Qt.SortOrder.AscendingOrder)
    assert names_shown(table)[:2] == ["head", "stem"]
    header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    assert names_shown(table) == [layer.name for layer in network().layers]


def test_numbers_in_names_are_numbers() -> None:
    layers = rows(opened(count=12).state)
    in_order = sorted(layers, key=sort_key(Column.NAME))
    found = [row.layer.name for row in in_order if row.block]
    assert found == [f"block.{i}.conv" for i in range(12)]


def test_rows_do_not_move_while_they_are_edited(shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    table.tree.header().setSortIndicator(Column.PRUNE, Qt.SortOrder.AscendingOrder)
    before = names_shown(table)
    store.dispatch(m.SetFacet(Facet.PRUNE, (before[1],), 0.9))
    assert names_shown(table) == before
    shown_now = table.model.data(table.model.index_of(before[1], Column.PRUNE))
    assert shown_now == "• 90 %"


def test_blocks_have_sums_and_stay_closed(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened(PRUNED)
    table = shown(store)
    table.bar.group.setChecked(True)
    assert names_shown(table) == ["stem", *(f"block.{i}" for i in range(6)), "head"]
    parent = table.model.index(1, 0)
    assert table.model.rowCount(parent) == 1
    assert table.model.data(table.model.index(1, Column.PARAMETERS)) == "2.30 k"
    assert table.tree.isExpanded(parent)
    table.tree.setExpanded(parent, False)
    table.bar.text.setText("block")
    assert not table.tree.isExpanded(table.model.index(0, 0))
    assert table.tree.isExpanded(table.model.index(1, 0))
    sent = wishes(store)
    place = table.tree.visualRect(table.model.index(1, Column.KIND)).center()
    qtbot.mouseClick(table.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert sent == [m.Select(("block.1.conv",), "")]


def test_columns_are_chosen_and_remembered(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    table = shown(opened())
    menu = table.bar.columns.menu()
    menu.aboutToShow.emit()
    by_column = {action.data(): action for action in menu.actions()}
    assert not by_column[int(Column.NAME)].isEnabled()
    by_column[int(Column.PARAMETERS)].setChecked(True)
    by_column[int(Column.KIND)].setChecked(False)
    header = table.tree.header()
    header.moveSection(header.visualIndex(Column.KIND), 4)
    table.tree.header().resizeSection(Column.SIZE, 211)
    table.tree.header().setSortIndicator(Column.SIZE, Qt.SortOrder.DescendingOrder)
    table.bar.group.setChecked(True)
    saved = table.save_layout()

    other = shown(opened())
    assert other.restore_layout(saved)
    assert other.tree.isColumnHidden(Column.KIND)
    assert not other.tree.isColumnHidden(Column.PARAMETERS)
    assert other.tree.columnWidth(Column.SIZE) == 211
    assert other.tree.header().visualIndex(Column.KIND) == 4
    assert other.model.grouped
    assert names_shown(other)[0].startswith("block")
    assert other.save_layout() == saved
    other.tree.reset_columns()
    assert not other.tree.isColumnHidden(Column.KIND)


@pytest.mark.parametrize("saved", [b"", b"{}", b"[1]", b'{"version": 99}', b"\xff"])
def test_a_strange_layout_is_not_taken(saved: bytes, shown: Callable[[Store], LayerTable]) -> None:
    table = shown(opened())
    before = table.save_layout()
    assert not table.restore_layout(saved)
    assert table.save_layout() == before


# Selection -------------------------------------------------------------------------------------


def test_selection_goes_both_ways(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    view = table.tree.viewport()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=cell_rect(table, "stem", Column.KIND))
    assert (store.state.selection, store.state.current) == (("stem",), "stem")
    qtbot.mouseClick(
        view,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ControlModifier,
        cell_rect(table, "block.1.conv", Column.KIND),
    )
    assert store.state.selection == ("stem", "block.1.conv")
    assert store.state.current == "block.1.conv"
    store.dispatch(m.Select(("head", "block.4.conv"), "head"))
    assert set(table.tree.selected()) == {"head", "block.4.conv"}
    assert table.model.row_at(table.tree.currentIndex()).layer.name == "head"
    assert table.tree.rows.shown.lit == {"head", "block.4.conv", "block.5.conv"}


def test_the_selection_outlives_filter_and_sort(shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    store.dispatch(m.Select(("stem", "head")))
    sent = wishes(store)
    table.bar.text.setText("head")
    assert table.tree.selected() == ("head",)
    table.bar.text.clear()
    table.tree.header().setSortIndicator(Column.SIZE, Qt.SortOrder.AscendingOrder)
    assert set(table.tree.selected()) == {"stem", "head"}
    assert sent == []


def test_a_group_lights_up_under_the_pointer(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    table = shown(opened(PRUNED))
    view = table.tree.viewport()
    qtbot.mouseMove(view, cell_rect(table, "block.4.conv", Column.GROUP))
    assert table.tree.rows.shown.hovered == {"block.4.conv", "block.5.conv"}
    qtbot.mouseMove(view, cell_rect(table, "block.4.conv", Column.KIND))
    assert table.tree.rows.shown.hovered == frozenset()


# Editing ---------------------------------------------------------------------------------------


def test_a_drag_changes_the_selection_live(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened(PRUNED)
    table = shown(store)
    store.dispatch(m.Select(("stem", "block.0.conv", "head")))
    sent = wishes(store)
    view = table.tree.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=slider_at(table, "stem", 0.3))
    qtbot.mouseMove(view, slider_at(table, "stem", 0.5))
    qtbot.mouseMove(view, slider_at(table, "stem", 0.7))
    live = [one for one in sent if isinstance(one, m.SetFacet)]
    assert live
    assert all(not one.final for one in live)
    assert live[-1].layers == ("stem", "block.0.conv")  # not the head: it cannot be pruned
    assert live[-1].value == pytest.approx(0.7, abs=0.021)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=slider_at(table, "stem", 0.7))
    assert sent[-1] == m.SetFacet(Facet.PRUNE, ("stem", "block.0.conv"), live[-1].value)
    assert len(store.state.history.edits) == 3  # the empty recipe, the step, the drag
    assert store.state.selection == ("stem", "block.0.conv", "head")


def test_a_press_on_a_slider_only_selects(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened(PRUNED)
    table = shown(store)
    before = store.state.recipe
    place = slider_at(table, "block.2.conv", 0.9)
    qtbot.mouseClick(table.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert store.state.recipe is before
    assert store.state.selection == ("block.2.conv",)


def test_escape_takes_a_drag_back(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    before = store.state.recipe
    view = table.tree.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=slider_at(table, "stem", 0.3))
    qtbot.mouseMove(view, slider_at(table, "stem", 0.8))
    assert store.state.recipe != before
    qtbot.keyClick(table.tree, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=slider_at(table, "stem", 0.8))
    assert store.state.recipe == before


def test_frozen_cells_cannot_be_dragged_and_locked_ones_can(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    """A lock binds the solver and the slider for all layers, not the hand on the layer itself."""
    store = opened(PRUNED)
    store.dispatch(m.Lock(("stem", "head"), locked=True))
    table = shown(store)
    sent = wishes(store)
    view = table.tree.viewport()
    for name in ("stem", "head"):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=slider_at(table, name, 0.3))
        qtbot.mouseMove(view, slider_at(table, name, 0.8))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=slider_at(table, name, 0.8))
    edits = [one for one in sent if not isinstance(one, m.Select)]
    assert {one.layers for one in edits if isinstance(one, m.SetFacet)} == {("stem",)}
    stem = rows(store.state)[0]
    assert stem.cells[Facet.PRUNE].own
    assert "only you change its settings" in tip(stem, Column.NAME)
    store.dispatch(m.SetGlobal(Facet.PRUNE, 0.1))
    assert rows(store.state)[0].cells[Facet.PRUNE] == stem.cells[Facet.PRUNE]


def test_typing_opens_an_editor(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    go_to(table, "stem", Column.PRUNE)
    qtbot.keyClicks(table.tree, "4")
    editor = table.tree.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "500")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.property("state") == "error"  # 4500 %
    editor.selectAll()
    qtbot.keyClicks(editor, "45")
    assert editor.property("state") == ""
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert editor.text() == "46 %"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(store.state.recipe.steps[0].rules))
    assert store.state.recipe.steps[0].rules[-1].params["ratio"] == 0.46


def test_typing_goes_on_after_a_refused_number(
    qtbot: QtBot, qtlog: Any, shown: Callable[[Store], LayerTable]
) -> None:
    table = shown(opened(PRUNED))
    go_to(table, "stem", Column.PRUNE)
    qtbot.keyClicks(table.tree, "1")
    editor = table.tree.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "50")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.property("state") == "error"
    qtbot.keyClicks(table.tree, "4")
    qtbot.keyClick(table.tree, Qt.Key.Key_Return)
    assert table.tree.findChild(QLineEdit) is editor
    assert (editor.text(), editor.property("state")) == ("4", "")
    assert not [one for one in qtlog.records if "editing failed" in one.message]


def test_digits_are_bits(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened()
    table = shown(store)
    store.dispatch(m.Select(("stem", "head"), "stem"))
    table.tree.selectionModel().setCurrentIndex(
        table.model.index_of("stem", Column.WEIGHT_BITS),
        table.tree.selectionModel().SelectionFlag.NoUpdate,
    )
    qtbot.keyClick(table.tree, Qt.Key.Key_4)
    cells = {row.layer.name: row.cells[Facet.WEIGHT_BITS].value for row in rows(store.state)}
    assert (cells["stem"], cells["head"], cells["block.0.conv"]) == (4, 4, None)
    table.tree.settle()
    qtbot.keyClick(table.tree, Qt.Key.Key_1)
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value == 4


@pytest.mark.parametrize("bits", ["16", "8"])
def test_digits_typed_together_are_one_number(
    bits: str, qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened()
    table = shown(store)
    go_to(table, "stem", Column.WEIGHT_BITS)
    sent = wishes(store)
    qtbot.keyClicks(table.tree, bits)
    qtbot.keyClick(table.tree, Qt.Key.Key_Return)  # no editor opens: it ends the number
    assert table.tree.findChild(QComboBox) is None
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value == int(bits)
    assert [one.value for one in sent if isinstance(one, m.SetFacet) and one.final] == [int(bits)]
    store.dispatch(m.Undo())  # all of it is one edit
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value is None


@pytest.mark.parametrize("typed", ["99", "44", "32", "12", "1"])
def test_bits_that_are_not_offered_say_so(
    typed: str, qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened()
    table = shown(store)
    go_to(table, "stem", Column.WEIGHT_BITS)
    qtbot.keyClicks(table.tree, "8")
    table.tree.settle()
    qtbot.keyClicks(table.tree, typed)
    table.tree.settle()
    assert "7, 8, 16" in QToolTip.text()
    assert "bits are not offered" in QToolTip.text()
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value == 8


def test_a_pause_begins_another_number(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened()
    table = shown(store)
    go_to(table, "stem", Column.WEIGHT_BITS)
    typing = table.tree.findChild(BitsTyping)
    assert typing is not None
    typing.findChild(QTimer).setInterval(20)
    qtbot.keyClicks(table.tree, "4")
    qtbot.waitUntil(lambda: not typing.is_open)
    qtbot.keyClicks(table.tree, "2")
    table.tree.settle()
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value == 2


def test_the_bits_that_are_offered_are_those_that_can_be_set() -> None:
    uniform = {facet: field_of(facet, "uniform") for facet in Facet}
    assert bits_offered(uniform[Facet.WEIGHT_BITS]) == (2, 3, 4, 5, 6, 7, 8, 16)
    assert bits_offered(uniform[Facet.ACTIVATION_BITS]) == (4, 5, 6, 7, 8, 16)


def test_bits_have_a_list(qtbot: QtBot, qtlog: Any, shown: Callable[[Store], LayerTable]) -> None:
    store = opened()
    table = shown(store)
    go_to(table, "stem", Column.WEIGHT_BITS)
    qtbot.keyClick(table.tree, Qt.Key.Key_Return)
    choice = table.tree.viewport().findChild(QComboBox)
    assert choice is not None
    qtbot.waitUntil(lambda: choice.view().isVisible())
    choice.view().setCurrentIndex(choice.model().index(choice.findText("6"), 0))
    with qtbot.waitSignal(choice.destroyed):
        qtbot.keyClick(choice.view(), Qt.Key.Key_Return)
    assert rows(store.state)[0].cells[Facet.WEIGHT_BITS].value == 6
    assert not [one for one in qtlog.records if "does not belong" in one.message]


def test_an_open_list_goes_with_its_rows(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened()
    table = shown(store)
    go_to(table, "stem", Column.WEIGHT_BITS)
    qtbot.keyClick(table.tree, Qt.Key.Key_Return)
    choice = table.tree.viewport().findChild(QComboBox)
    assert choice is not None
    qtbot.waitUntil(lambda: choice.view().isVisible())
    with qtbot.waitSignal(choice.destroyed):
        store.dispatch(m.Opened(network(3)))  # Qt warns of an editor that is not the table's
    assert not table.tree.is_busy
    assert store.state.recipe.steps == ()


def test_keys_lock_reset_leave_out_and_step(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened(PRUNED)
    table = shown(store)
    go_to(table, "stem", Column.PRUNE)

    def cell() -> float | int | None:
        return rows(store.state)[0].cells[Facet.PRUNE].value

    qtbot.keyClick(table.tree, Qt.Key.Key_Plus)
    qtbot.keyClick(table.tree, Qt.Key.Key_Plus)
    assert cell() == pytest.approx(0.32)
    table.tree.settle()
    assert len(store.state.history.edits) == 3  # both steps are one edit
    qtbot.keyClick(table.tree, Qt.Key.Key_Space)
    assert cell() is None
    qtbot.keyClick(table.tree, Qt.Key.Key_Space)
    assert cell() == 0.3
    qtbot.keyClick(table.tree, Qt.Key.Key_Minus)
    table.tree.settle()
    qtbot.keyClick(table.tree, Qt.Key.Key_Delete)
    assert store.state.recipe.steps[0].rules == ()
    qtbot.keyClick(table.tree, Qt.Key.Key_L)
    assert store.state.locks == {"stem"}
    qtbot.keyClick(table.tree, Qt.Key.Key_L)
    assert store.state.locks == frozenset()


def test_arrows_go_from_cell_to_cell(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    table = shown(opened(PRUNED))
    go_to(table, "stem", Column.LATENCY)
    qtbot.keyClick(table.tree, Qt.Key.Key_Right)
    assert table.tree.currentIndex().column() == Column.SHAPE  # losses are not shown
    qtbot.keyClick(table.tree, Qt.Key.Key_Down)
    assert table.model.row_at(table.tree.currentIndex()).layer.name == "block.0.conv"
    assert table.tree.currentIndex().column() == Column.SHAPE
    qtbot.keyClick(table.tree, Qt.Key.Key_F2)
    assert table.tree.currentIndex().column() == Column.PRUNE
    assert table.tree.findChild(QLineEdit) is not None


def test_the_wheel_needs_ctrl(shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    place = QPointF(slider_at(table, "stem", 0.3))

    def turn(keys: Qt.KeyboardModifier) -> None:
        event = QWheelEvent(
            place,
            table.tree.viewport().mapToGlobal(place),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            keys,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(table.tree.viewport(), event)

    turn(Qt.KeyboardModifier.NoModifier)
    assert rows(store.state)[0].cells[Facet.PRUNE].value == 0.3
    turn(Qt.KeyboardModifier.ControlModifier)
    assert rows(store.state)[0].cells[Facet.PRUNE].value == pytest.approx(0.31)


# Menu, global strip, CSV -----------------------------------------------------------------------


def make_menu(table: LayerTable, store: Store, facet: Facet | None) -> LayerMenu:
    names = set(table.tree.selected())
    chosen = [row for row in rows(store.state) if row.layer.name in names]
    return LayerMenu(table.tree, store.state, chosen, facet)


def test_the_menu(shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    store.dispatch(m.Select(("block.4.conv",)))
    sent = wishes(store)
    menu = make_menu(table, store, Facet.PRUNE)
    actions = {action.text(): action for action in menu.actions() if action.text()}
    for text in ("Leave out", "Lock", "Apply to similar", "Select the channel group"):
        assert actions[text].isEnabled(), text
        actions[text].trigger()
    assert sent == [
        m.SetFacet(Facet.PRUNE, ("block.4.conv",), None),
        m.Lock(("block.4.conv",), locked=True),
        m.ApplyToSimilar("block.4.conv"),
        m.Select(("block.4.conv", "block.5.conv"), "block.4.conv"),
    ]


def test_set_for_selection(qtbot: QtBot, shown: Callable[[Store], LayerTable]) -> None:
    store = opened(PRUNED)
    table = shown(store)
    store.dispatch(m.Select(("stem", "head")))
    menu = make_menu(table, store, Facet.WEIGHT_BITS)
    menu.set_values()
    dialog = table.tree.findChild(ValueDialog)
    assert dialog is not None
    assert dialog.count.text() == "For 2 layers"
    assert dialog.answer == (Facet.WEIGHT_BITS, 8)
    dialog.facet.setCurrentIndex(0)
    assert dialog.count.text() == "For one layer"  # the head cannot be pruned
    dialog.facet.setCurrentIndex(1)
    dialog.accept()
    cells = {row.layer.name: row.cells[Facet.WEIGHT_BITS].value for row in rows(store.state)}
    assert cells["stem"] == cells["head"] == 8


def test_the_global_strip_leaves_overrides_alone(
    qtbot: QtBot, shown: Callable[[Store], LayerTable]
) -> None:
    store = opened(PRUNED)
    store.dispatch(m.SetFacet(Facet.PRUNE, ("stem",), 0.1))
    store.dispatch(m.Lock(("block.0.conv",), locked=True))
    table = shown(store)
    strip = table.strip
    assert strip.note.text() == "Keeps 1 with their own setting and 1 locked"
    number = strip.findChild(QLineEdit)
    assert number is not None
    assert number.text() == "30 %"
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "60")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    cells = {row.layer.name: row.cells[Facet.PRUNE].value for row in rows(store.state)}
    assert (cells["stem"], cells["block.0.conv"], cells["block.1.conv"]) == (0.1, 0.3, 0.6)
    strip.facet.setCurrentIndex(1)
    assert isinstance(strip.editor, QComboBox)
    at = strip.editor.findData(4)
    strip.editor.setCurrentIndex(at)
    strip.editor.activated.emit(at)
    cells = {row.layer.name: row.cells[Facet.WEIGHT_BITS].value for row in rows(store.state)}
    assert cells["stem"] == 4


def test_the_global_strip_takes_all_layers_in(shown: Callable[[Store], LayerTable]) -> None:
    store = opened()
    store.dispatch(m.Lock(("block.0.conv",), locked=True))
    store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, ("stem",), 4))  # leaves all others out
    table = shown(store)
    strip = table.strip
    strip.facet.setCurrentIndex(1)
    assert strip.note.text() == "Keeps 1 with their own setting and 1 locked"
    assert isinstance(strip.editor, QComboBox)
    assert strip.editor.currentData() is None
    at = strip.editor.findData(6)
    strip.editor.setCurrentIndex(at)
    strip.editor.activated.emit(at)
    cells = {row.layer.name: row.cells[Facet.WEIGHT_BITS].value for row in rows(store.state)}
    assert cells == {
        **dict.fromkeys(cells, 6),
        "stem": 4,
        "block.0.conv": None,
    }


def test_csv(qtbot: QtBot, shown: Callable[[Store], LayerTable], tmp_path: Path) -> None:
    store = opened(PRUNED)
    table = shown(store)
    store.dispatch(m.Select(("stem",)))
    qtbot.keySequence(table.tree, QKeySequence(QKeySequence.StandardKey.Copy))
    copied = list(csv.DictReader(io.StringIO(QApplication.clipboard().text())))
    assert [row["name"] for row in copied] == ["stem"]
    assert copied[0]["prune"] == "0.3"
    assert int(copied[0]["predicted_size_bytes"]) < int(copied[0]["size_bytes"])
    table.write_csv(str(tmp_path / "layers.csv"))
    text = (tmp_path / "layers.csv").read_text("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == 8
    table.write_csv(str(tmp_path / "nowhere" / "layers.csv"))
    assert "cannot be written" in store.state.notices[-1].text


def test_the_model_keeps_qts_promises(qtmodeltester: object) -> None:
    model = LayerModel()
    model.set_rows(rows(opened(PRUNED).state))
    qtmodeltester.check(model)  # type: ignore[attr-defined]  # pytest-qt's fixture is untyped
    model.set_grouped(True)
    qtmodeltester.check(model)  # type: ignore[attr-defined]  # pytest-qt's fixture is untyped


def test_runs() -> None:
    assert runs([3, 1, 2, 7]) == [(1, 3), (7, 7)]
    assert runs([]) == []
