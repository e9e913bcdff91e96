"""The graph drawn by ourselves: places, selection both ways, colors, keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from engine.details import GraphDetail, GraphPoint
from studio.widgets.graph.layout import lay_out
from studio.widgets.graph.native_view import NativeView

BLOCK = GraphDetail(
    (
        GraphPoint("x"),
        GraphPoint("conv2d", "a"),
        GraphPoint("relu"),
        GraphPoint("conv2d", "b.long.name", (8, 4, 4)),
        GraphPoint("conv2d", "c"),
        GraphPoint("add"),
        GraphPoint("linear", "head"),
    ),
    ((0, 1), (1, 2), (2, 3), (2, 4), (3, 5), (4, 5), (1, 5), (5, 6)),
)


@pytest.fixture
def view(qtbot):
    made = NativeView()
    qtbot.addWidget(made)
    made.resize(500, 600)
    made.show()
    made.show_graph(BLOCK)
    return made


def click(qtbot, view, layer, keys=Qt.KeyboardModifier.NoModifier):
    place = view.where(layer).toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, place)


def item(view, layer):
    return next(one for one in view._items if one.point.layer == layer)


def test_rows_follow_the_edges_and_nothing_overlaps():
    layout = lay_out([50.0] * 7, BLOCK.edges, 10.0)
    assert layout.rows == (0, 1, 2, 3, 3, 4, 5)
    assert abs(layout.centers[3] - layout.centers[4]) >= 60
    long = BLOCK.edges.index((1, 5))
    assert [row for row, _ in layout.ways[long]] == [2, 3]  # it goes around what is between
    through = layout.ways[long][1][1]
    assert all(abs(through - layout.centers[node]) >= 35 for node in (3, 4))


def test_what_follows_one_after_the_other_stands_on_one_line():
    edges = [(0, 1), (1, 2), (2, 3)]
    layout = lay_out([10.0, 80.0, 20.0, 40.0], edges, 10.0)
    assert len({round(center, 3) for center in layout.centers}) == 1


def test_crossings_are_undone():
    edges = [(0, 2), (1, 3), (2, 5), (3, 4)]  # drawn in order of numbers, the last two cross
    layout = lay_out([10.0] * 6, edges, 10.0)
    first = layout.centers[2] < layout.centers[3]
    assert (layout.centers[5] < layout.centers[4]) is first


def test_an_edge_back_does_no_harm():
    assert lay_out([1.0, 1.0], [(0, 1), (1, 0)], 1.0).rows == (0, 1)
    assert lay_out([], [], 1.0).rows == ()


def test_constants_stand_above_what_reads_them():
    edges = [(0, 1), (1, 2), (3, 4), (2, 4)]
    assert lay_out([1.0] * 5, edges, 1.0).rows == (0, 1, 2, 2, 3)


def test_a_click_picks_and_an_operator_does_not(qtbot, view):
    with qtbot.waitSignal(view.picked) as picked:
        click(qtbot, view, "c")
    assert picked.args == [("c",)]
    assert item(view, "c").marked
    with qtbot.assertNotEmitted(view.picked):
        place = view.mapFromScene(view._items[2].pos())
        qtbot.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
    assert item(view, "c").marked


def test_ctrl_adds_and_takes_away_and_the_ground_lets_go(qtbot, view):
    click(qtbot, view, "a")
    with qtbot.waitSignal(view.picked) as picked:
        click(qtbot, view, "c", Qt.KeyboardModifier.ControlModifier)
    assert picked.args == [("a", "c")]
    with qtbot.waitSignal(view.picked) as picked:
        click(qtbot, view, "a", Qt.KeyboardModifier.ControlModifier)
    assert picked.args == [("c",)]
    with qtbot.waitSignal(view.picked) as picked:
        qtbot.mouseClick(
            view.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(3, 3),
        )
    assert picked.args == [()]


def test_selecting_from_outside_marks_and_tells_nobody(qtbot, view):
    with qtbot.assertNotEmitted(view.picked):
        view.select(["b.long.name", "head", "unknown"])
    assert [one.point.layer for one in view._items if one.marked] == ["b.long.name", "head"]
    view.select([])
    assert not any(one.marked for one in view._items)


def test_the_keyboard_goes_along_the_edges(qtbot, view):
    seen = []
    view.picked.connect(seen.append)
    left, right = sorted(("b.long.name", "c"), key=lambda name: item(view, name).x())
    for key in ("Down", "Down", "Right", "Left", "Down", "Up", "Escape"):
        qtbot.keyClick(view, getattr(Qt.Key, f"Key_{key}"))
    assert seen[0] == ("a",)
    assert seen[-3:-1] == [("head",), seen[-2]]
    assert seen[-1] == ()
    assert (right,) in seen
    assert (left,) in seen


def test_zoom_by_keys_and_wheel(qtbot, view):
    before = view.transform().m11()
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.transform().m11() > before
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.transform().m11() == 1
    place = view.rect().center()
    event = QWheelEvent(
        place.toPointF(),
        view.mapToGlobal(place).toPointF(),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)
    assert view.transform().m11() < 1
    for _ in range(60):
        view.zoom("out")
    assert view.transform().m11() > 0.02


def test_colors_stay_when_the_graph_or_the_palette_changes(view):
    view.set_colors({"a": "#ffea46"})
    assert item(view, "a").fill == QColor("#ffea46")
    assert item(view, "c").fill != QColor("#ffea46")
    palette = view.palette()
    palette.setColor(palette.ColorRole.Window, QColor("#101010"))
    view.setPalette(palette)
    assert view.backgroundBrush().color().lightness() < 60
    view.show_graph(BLOCK)
    assert item(view, "a").fill == QColor("#ffea46")
    view.set_colors({})
    assert item(view, "a").fill == item(view, "c").fill


def test_what_is_drawn_is_in_the_picture(view):
    image = view.grab().toImage()
    node = view.where("head").toPoint()
    assert image.pixelColor(node - QPoint(0, 10)) == item(view, "head").fill
