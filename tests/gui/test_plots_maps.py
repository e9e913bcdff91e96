"""Heat map, sensitivity curves, the scatter of trials, live curves of a training."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest

from studio.style.palette import DARK, palette_of
from studio.widgets.plots.curves import IN_COLOR, Curve, CurvesPlot
from studio.widgets.plots.headings import headings
from studio.widgets.plots.heatmap import Cells, HeatMap
from studio.widgets.plots.legend import Mark
from studio.widgets.plots.live import ACCURACY, RATE, LivePlot, Series
from studio.widgets.plots.scatter import AxesScatter, Quantity, ScatterPlot, Spot, frontier
from studio.widgets.plots.tracks import thin
from studio.widgets.written import number_text

BUTTON = Qt.MouseButton.LeftButton


def shown(qtbot, widget, size=(520, 320)):
    qtbot.addWidget(widget)
    widget.resize(*size)
    widget.show()
    qtbot.waitExposed(widget)
    QGuiApplication.processEvents()
    return widget


def cells(rows=4, groups=()):
    values = 10.0 ** -np.arange(rows * 3, dtype=float).reshape(rows, 3)
    measured = np.zeros((rows, 3), bool)
    measured[0] = True
    values[1, 1] = np.nan
    names = tuple(f"layer{row}" for row in range(rows))
    return Cells(names, ("8", "4", "2"), values, measured, groups)


@pytest.fixture
def heat(qtbot):
    heat = shown(qtbot, HeatMap("Sensitivity", "Loss", number_text))
    heat.set_cells(cells(groups=(("Bits", 3),)))
    QGuiApplication.processEvents()
    return heat


def cell_center(heat, row, column):
    first = heat.area.verticalScrollBar().value()
    y = heat.area.head_height + (row - first) * heat.area.row_height
    return heat.area.cell_rect(column, y).center().toPoint()


# Heat map


METHODS = (
    ("Channel pruning: Pruning ratio", 8),
    ("Weight pruning: Sparsity", 5),
    ("Uniform quantization: Weight bits", 6),
    ("Singular values: Size", 6),
)


@pytest.mark.parametrize("width", [430, 700, 1800])
def test_each_method_can_be_read_over_its_columns(qtbot, width):
    count = sum(number for _, number in METHODS)
    values = np.ones((20, count))
    names = tuple(f"block.{row}.conv" for row in range(20))
    settings = tuple(f"{one} %" for one in range(count))
    heat = shown(qtbot, HeatMap("Sensitivity", "Loss", number_text), (width, 330))
    heat.set_cells(Cells(names, settings, values, values > 0, METHODS))
    found = heat.headings()
    for one, (title, _) in zip(found, METHODS, strict=True):
        assert one.text.startswith(title.partition(":")[0])
    assert (len({one.line for one in found}) == 1) == (width == 1800)
    for first, second in pairwise(sorted(found, key=lambda one: (one.line, one.left))):
        assert first.line != second.line or first.left + first.width <= second.left
    lines = max(one.line for one in found) + 2
    assert heat.area.head_height >= lines * heat.fontMetrics().height()
    corner = cell_center(heat, 0, 0)
    assert heat.area.cell_at(corner.x(), corner.y()) == (0, 0)


def test_a_line_to_columns_crosses_no_title(qtbot):
    heat = shown(qtbot, HeatMap("Sensitivity", "Loss", number_text))
    spans = [(100.0, 140.0), (140.0, 160.0), (160.0, 400.0), (400.0, 420.0)]
    titles = ["A method", "Another method", "Third", "Fourth method"]
    found = headings(titles, spans, 800.0, QFontMetricsF(heat.font()))
    for at, one in enumerate(found):
        below = [other for other in found[:at] if other.line > one.line]
        assert all(other.left + other.width < one.left for other in below)
    assert found[3].line == 0  # there is room again


def test_a_click_chooses_a_cell(heat, qtbot):
    port = heat.area.viewport()
    with qtbot.waitSignal(heat.cell_chosen) as told:
        QTest.mouseClick(port, BUTTON, pos=cell_center(heat, 2, 1))
    assert told.args == [2, 1]
    with qtbot.assertNotEmitted(heat.cell_chosen):
        QTest.mouseClick(port, BUTTON, pos=QPoint(2, 2))


def test_keys_choose_cells(heat):
    told = []
    heat.cell_chosen.connect(lambda *at: told.append(at))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Up):
        QTest.keyClick(heat, key)
    assert told == [(0, 0), (1, 0), (1, 1), (3, 1), (2, 1)]


def test_cells_in_words(heat):
    assert heat.cell_text(0, 1) == "layer0, Bits 4: Loss 0.1, measured"
    assert heat.cell_text(2, 0) == "layer2, Bits 8: Loss ~1·10⁻⁶, estimated"
    assert heat.cell_text(1, 1) == "layer1, Bits 4: not known"
    QTest.mouseMove(heat.area.viewport(), cell_center(heat, 0, 1))
    assert heat.read_out.text() == heat.cell_text(0, 1)
    assert heat.area.viewport().toolTip() == heat.cell_text(0, 1)


def test_estimated_cells_are_hatched_measured_ones_solid_unknown_ones_empty(heat):
    image = heat.area.viewport().grab().toImage()

    def inks(row, column):
        center = cell_center(heat, row, column)
        return {
            image.pixelColor(center.x() + dx, center.y() + dy).name()
            for dx in range(-6, 7)
            for dy in range(-6, 7)
        }

    assert inks(0, 0) == {heat.color_of(0, 0).name()}
    assert len(inks(2, 0)) > 1
    assert inks(1, 1) == {QColor(heat.colors.base).name()}
    assert heat.color_of(1, 1) is None


def test_a_larger_loss_stands_out_more(heat):
    assert heat.color_of(0, 0).lightness() < heat.color_of(1, 0).lightness()
    heat.setPalette(palette_of(DARK))
    assert heat.color_of(0, 0).lightness() > heat.color_of(1, 0).lightness()


def test_the_logarithm_tells_small_losses_apart(heat):
    assert heat.color_of(0, 1) != heat.color_of(0, 2)
    heat.set_log(False)
    assert heat.color_of(1, 0) == heat.color_of(2, 0)


def test_a_double_click_activates_a_cell(heat, qtbot):
    port = heat.area.viewport()
    with qtbot.waitSignal(heat.cell_activated) as told:
        QTest.mouseDClick(port, BUTTON, pos=cell_center(heat, 2, 1))
    assert told.args == [2, 1]
    with qtbot.waitSignal(heat.cell_activated) as told:
        QTest.keyClick(heat, Qt.Key.Key_Return)
    assert told.args == [2, 1]


def test_the_menu_is_of_the_cell_under_the_pointer(heat):
    offered = []
    heat.offered = lambda: offered.append(heat.at) or []
    center = heat.mapFromGlobal(heat.area.viewport().mapToGlobal(cell_center(heat, 3, 2)))
    reason = QContextMenuEvent.Reason.Mouse
    QGuiApplication.sendEvent(heat, QContextMenuEvent(reason, center, heat.mapToGlobal(center)))
    assert offered == [(3, 2)]


def test_tooltips_tell_more(heat):
    heat.details = lambda row, column: f"more of {row} and {column}"
    heat.area.hovered.emit(0, 1)
    assert heat.area.viewport().toolTip() == f"{heat.cell_text(0, 1)}\nmore of 0 and 1"
    assert heat.read_out.text() == heat.cell_text(0, 1)


def test_the_cursor_is_put_on_a_cell(heat, qtbot):
    heat.set_cells(cells(500))
    with qtbot.assertNotEmitted(heat.cell_chosen):
        heat.set_cursor(400, 2)
    first = heat.area.verticalScrollBar().value()
    assert first <= 400 < first + heat.area.rows_in_view()
    assert heat.at == (400, 2)


def test_five_hundred_layers_scroll(heat):
    heat.set_cells(cells(500))
    bar = heat.area.verticalScrollBar()
    assert bar.maximum() > 450
    heat.set_chosen_rows(frozenset({400}))
    assert bar.value() <= 400 < bar.value() + heat.area.rows_in_view()
    QTest.keyClick(heat, Qt.Key.Key_End)
    assert heat.at == (0, 0)  # the first key only shows the cursor
    QTest.keyClick(heat, Qt.Key.Key_End)
    assert heat.at == (499, 0)
    assert bar.value() == bar.maximum()
    assert heat.picture_size().height() > 500 * heat.area.row_height


def test_selected_rows_are_framed(heat):
    before = heat.area.viewport().grab().toImage()
    heat.set_chosen_rows(frozenset({1}))
    after = heat.area.viewport().grab().toImage()
    left = heat.area.cell_rect(0, 0).left() - 3
    y = cell_center(heat, 1, 0).y()
    assert before.pixelColor(int(left), y) != after.pixelColor(int(left), y)


def test_the_whole_map_is_saved(heat, tmp_path):
    for ending in ("png", "svg", "csv"):
        heat.save(tmp_path / f"map.{ending}")
    lines = (tmp_path / "map.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Layer,Setting,Loss,Measured"
    assert lines[1] == "layer0,Bits 8,1,1"
    assert len(lines) == 12
    assert "layer3" in (tmp_path / "map.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("fill", [np.nan, 0.0, 1.0])
def test_maps_without_a_scale_are_painted(heat, fill):
    values = np.full((2, 2), fill)
    heat.set_cells(Cells(("a", "b"), ("1", "2"), values, np.ones((2, 2), bool)))
    heat.area.viewport().grab()
    assert heat.empty_text == ""


def test_a_map_without_rows_says_so(heat):
    heat.set_cells(Cells((), (), np.empty((0, 0)), np.empty((0, 0), bool)))
    assert heat.empty_text


# Curves


def curve(label, factor=1.0, band=False):
    settings = np.array([8.0, 4.0, 2.0])
    losses = np.array([1e-4, 1e-2, 1.0]) * factor
    measured = np.array([True, True, False])
    ends = (losses / 2, losses * 2) if band else ()
    return Curve(label, settings, losses, measured, *ends)


@pytest.fixture
def curves(qtbot):
    plot = shown(qtbot, CurvesPlot("Sensitivity curves"))
    plot.set_texts("Bits", "Loss", "{:g}".format)
    return plot


def test_curves_read_the_nearest_value(curves):
    curves.set_curves([curve("a", band=True), curve("b", 100.0)])
    assert curves.describe(4.2, 0.2)[0] == "b at 4: 1, measured"
    assert curves.describe(4.2, -2.2)[0] == "a at 4: 0.01 (from 0.005 to 0.02), measured"
    assert curves.describe(2.0, 2.2)[0] == "b at 2: ~100, estimated"
    assert curves.box.xInverted()
    assert len(list(curves.table().rows())) == 6


def test_many_curves_are_one_gray_item(curves):
    curves.set_curves([curve(str(index), index + 1) for index in range(IN_COLOR + 30)])
    assert len(curves._lines) == IN_COLOR
    assert np.isnan(curves._others.getData()[1]).sum() == 30
    assert curves.legend.keys[-1].text == "30 more layers"


def test_no_curve_is_an_empty_text(curves):
    curves.set_curves([curve("a")])
    assert curves.empty_text == ""
    curves.set_curves([])
    assert curves.empty_text


def test_losses_on_a_linear_axis_begin_at_zero(curves):
    curves.set_curves([curve("a")])
    with_log = curves.home.bottom
    curves.set_log(False)
    assert with_log < -3
    assert -0.1 < curves.home.bottom < 0


def test_a_curve_of_estimates_has_dashes_in_the_legend(curves):
    guessed = Curve("a", np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.zeros(2, bool))
    curves.set_curves([guessed, curve("b")])
    assert [key.mark for key in curves.legend.keys] == [Mark.DASHES, Mark.LINE]


# Scatter

SIZE = Quantity("size", "Size", "{:g} KB".format)
TOP1 = Quantity("top1", "Top-1", "{:.0%}".format, lower_is_better=False)
TIME = Quantity("time", "Latency", "{:g} ms".format)
SPOTS = (
    Spot(0, "Original", (100.0, 0.9, 2.0), original=True),
    Spot(1, "Trial 1", (50.0, 0.88, 1.0)),
    Spot(2, "Trial 2", (60.0, 0.85, math.nan)),
    Spot(3, "Trial 3", (20.0, 0.7, 0.5), measured=False),
)


@pytest.fixture
def scatter(qtbot):
    plot = shown(qtbot, ScatterPlot("Trials"))
    plot.set_spots(SPOTS, (0, SIZE), (1, TOP1))
    QGuiApplication.processEvents()
    return plot


def pixel(plot, x, y):
    return plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def test_the_frontier_of_the_best():
    xs, ys = np.array([1.0, 2.0, 3.0, 2.0]), np.array([0.5, 0.9, 0.8, 0.7])
    assert frontier(xs, ys, left=True, down=False) == [0, 1]
    assert frontier(xs, ys, left=True, down=True) == [0]
    assert frontier(xs, ys, left=False, down=False) == [1, 2]


def test_hollow_where_predicted_solid_where_measured(scatter):
    brushes = {spot.pos().x(): spot.brush().color().name() for spot in scatter._points.points()}
    assert brushes[20.0] == QColor(scatter.colors.base).name()
    assert brushes[50.0] == QColor(scatter.colors.measured).name()
    assert brushes[100.0] == QColor(scatter.colors.original).name()
    assert scatter._front.getData()[0].tolist() == [50.0, 100.0, 100.0]


def test_a_click_selects_with_ctrl_more(scatter):
    told = []
    scatter.selected.connect(told.append)
    port = scatter.view.viewport()
    QTest.mouseClick(port, BUTTON, pos=pixel(scatter, 50.0, 0.88))
    QTest.qWait(20)
    ctrl = Qt.KeyboardModifier.ControlModifier
    QTest.mouseClick(port, BUTTON, ctrl, pixel(scatter, 60.0, 0.85))
    QTest.qWait(20)
    QTest.mouseClick(port, BUTTON, ctrl, pixel(scatter, 50.0, 0.88))
    assert told == [(1,), (1, 2), (2,)]
    assert len(scatter._rings.points()) == 1


def test_a_rectangle_selects_what_lies_in_it(scatter, qtbot):
    port = scatter.view.viewport()
    start, end = pixel(scatter, 40.0, 0.91), pixel(scatter, 70.0, 0.8)
    QTest.mousePress(port, BUTTON, pos=start)
    for part in (0.4, 0.8, 1.0):
        QTest.mouseMove(port, start + (end - start) * part)
        QTest.qWait(20)
    with qtbot.waitSignal(scatter.selected) as told:
        QTest.mouseRelease(port, BUTTON, pos=end)
    assert told.args == [(1, 2)]
    assert not scatter.is_zoomed


def test_keys_go_from_point_to_point(scatter, qtbot):
    told = []
    scatter.selected.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Left):
        QTest.keyClick(scatter, key)
    assert told == [(3,), (1,), (3,)]
    with qtbot.waitSignal(scatter.activated) as activated:
        QTest.keyClick(scatter, Qt.Key.Key_Return)
    assert activated.args == [3]


def test_points_in_words(scatter):
    assert scatter.describe(50.0, 0.88)[0] == "Trial 1: Size 50 KB, Top-1 88%, measured"
    assert scatter.describe(20.0, 0.7)[0] == "Trial 3: Size ~20 KB, Top-1 ~70%, predicted"
    assert scatter.describe(80.0, 0.75)[0] == ""


def test_axes_are_chosen(qtbot):
    both = AxesScatter("Trials", (SIZE, TOP1, TIME), ("size", "top1"))
    shown(qtbot, both)
    both.set_spots(SPOTS)
    assert len(list(both.plot.table().rows())) == 4
    with qtbot.waitSignal(both.axes_changed) as told:
        both.across.setCurrentIndex(2)
    assert told.args == ["time", "top1"]
    assert len(list(both.plot.table().rows())) == 3  # one has no latency
    assert both.plot.bottom_axis.labelText == "Latency"
    both.set_spots([])
    assert both.plot.empty_text


# Live

CURVES = (
    Series("loss", "Training loss"),
    Series("validation accuracy", "Validation accuracy", ACCURACY),
    Series("learning rate", "Learning rate", RATE),
)


@pytest.fixture
def live(qtbot):
    return shown(qtbot, LivePlot("Training", CURVES), (700, 260))


def test_points_are_added_to_those_there_are(live):
    assert live.empty_text
    live.extend([("loss", step, 1.0 / (step + 1)) for step in range(300)])
    live.extend([("loss", 300, 0.5), ("validation accuracy", 300, 0.9)])
    live.draw()
    assert live.empty_text == ""
    assert live.count("loss") == 301
    assert live._panels[0].curves["loss"].getData()[0][-1] == 300
    assert live.home.right == 300
    assert live.read_out.text() == "Training loss 0.5 · Validation accuracy 90.00 %"
    assert live._panels[ACCURACY].box.isVisible()
    assert not live._panels[RATE].box.isVisible()
    live.clear()
    assert live.empty_text
    assert live.count("loss") == 0


def test_what_nobody_sees_is_drawn_when_it_is_shown(live, qtbot):
    live.hide()
    live.extend([("loss", step, 1.0) for step in range(10)])
    with qtbot.waitSignal(live._timer.timeout):
        pass
    assert not live._panels[0].curves
    live.show()
    assert len(live._panels[0].curves["loss"].getData()[0]) == 10


def test_the_view_follows_unless_it_is_zoomed(live):
    live.extend([("loss", step, 1.0) for step in range(10)])
    live.draw()
    assert live.extent.right == pytest.approx(9)
    live.extend([("loss", 20, 1.0)])
    live.draw()
    assert live.extent.right == pytest.approx(20)
    live.zoom(0.5)
    right = live.extent.right
    live.extend([("loss", 40, 1.0)])
    live.draw()
    assert live.extent.right == pytest.approx(right)
    live.reset_view()
    assert live.extent.right == pytest.approx(40)


def test_axes_stand_still_while_the_curves_fill_them(live):
    live.extend([("loss", step, 1.0 - step / 100) for step in range(52)])
    live.draw()
    before = live.extent
    live.extend([("loss", step, 1.02) for step in range(52, 55)])  # in the room above
    live.draw()
    assert live.extent == before
    assert live.extent.right == 55
    live.extend([("loss", 56, 3.0)])
    live.draw()
    assert live.extent.top > 3.0
    assert live.extent.right == 60
    live.clear()
    live.extend([("loss", step, 0.1 + step / 1000) for step in range(10)])
    live.draw()
    assert live.extent.top < 0.12  # the old curve is forgotten


def test_the_best_state_is_marked(live):
    live.extend([("loss", step, 1.0) for step in range(10)])
    live.set_best(4)
    live.draw()
    assert live._panels[0].best.isVisible()
    assert live._panels[0].best.value() == 4
    assert live.legend.keys[-1].text == "Best so far"
    live.set_best(None)
    live.draw()
    assert not live._panels[0].best.isVisible()


def test_the_next_training_begins_where_the_last_ended(live):
    live.extend([("loss", step, 1.0) for step in range(11)])
    live.extend([("loss", step, 2.0) for step in range(5)])
    live.set_best(3)
    live.draw()
    xs, ys = live._panels[0].curves["loss"].getData()
    assert np.isnan(ys).sum() == 1  # they are not joined
    assert xs[-1] == 14
    assert live._panels[0].seams.getData()[0].tolist() == [10, 10]
    assert live._panels[0].best.value() == 13


def test_ten_thousand_points_are_thinned_for_drawing(live):
    rng = np.random.default_rng(0)
    values = rng.normal(size=10_000)
    values[7_000] = 50.0
    live.extend([("loss", step, float(value)) for step, value in enumerate(values)])
    live.draw()
    xs, ys = live._panels[0].curves["loss"].getData()
    assert len(xs) < 2_500
    assert ys.max() == 50.0
    assert live.count("loss") == 10_000


def test_thinning_keeps_both_extremes_of_each_column():
    xs = np.arange(1000.0)
    ys = np.sin(xs)
    ys[123], ys[877] = 9.0, -9.0
    kept_x, kept_y = thin(xs, ys, 50)
    assert len(kept_x) <= 102
    assert (np.diff(kept_x) > 0).all()
    assert {9.0, -9.0} <= set(kept_y)
    assert (kept_x[0], kept_x[-1]) == (0.0, 999.0)


def test_the_pointer_reads_all_curves(live, qtbot):
    live.extend([("loss", 0, 1.0), ("loss", 10, 0.5), ("validation accuracy", 10, 0.9)])
    live.draw()
    qtbot.waitUntil(lambda: live.box.width() > 100)
    at = live.view.mapFromScene(live.box.mapViewToScene(QPointF(9.0, 0.7)))
    QTest.mouseMove(live.view.viewport(), at)
    QTest.qWait(30)
    assert live.read_out.text() == "Step 10 · Training loss 0.5 · Validation accuracy 90.00 %"


def test_boxes_stand_beside_each_other_where_there_is_room(live, qtbot):
    live.extend([("loss", 0, 1.0), ("loss", 1, 1.0), ("validation accuracy", 1, 0.9)])
    live.draw()
    loss, accuracy = live._panels[0].box, live._panels[ACCURACY].box

    def beside():
        return accuracy.sceneBoundingRect().left() > loss.sceneBoundingRect().right() > 100

    def below():
        return accuracy.sceneBoundingRect().center().y() > loss.sceneBoundingRect().bottom() > 100

    qtbot.waitUntil(beside)
    assert not below()
    live.resize(400, 500)
    qtbot.waitUntil(below)
    assert not beside()


def test_numbers_that_are_none_break_nothing(live):
    live.extend([("loss", 0, math.nan), ("loss", 1, math.inf), ("odd", 1, -1.0)])
    live.set_log(True)
    assert live.count("loss") == 2
