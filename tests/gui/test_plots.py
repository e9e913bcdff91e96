"""The plots as such: values in, signals out, words under the pointer, what the menu does."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest

from studio.style.palette import DARK, LIGHT, palette_of
from studio.widgets.plots.axes import Axis, ShareAxis
from studio.widgets.plots.base import logarithms
from studio.widgets.plots.bits import BitsPlot, ErrorCurve
from studio.widgets.plots.histogram import Bins, HistogramPlot, ValueGrid, merged
from studio.widgets.plots.scores import ScoresPlot
from studio.widgets.plots.spectrum import SpectrumPlot
from studio.widgets.written import number_text

COUNTS = np.array([1, 4, 10, 4, 1])


def shown(qtbot, widget, size=(420, 300)):
    qtbot.addWidget(widget)
    widget.resize(*size)
    widget.show()
    qtbot.waitExposed(widget)
    QGuiApplication.processEvents()
    return widget


def point(plot, x, y=None):
    """Pixel of the canvas for a position in the plot's units."""
    bottom, top = plot.box.viewRange()[1]
    y = (bottom + top) / 2 if y is None else y
    return plot.view.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def drag(plot, start, end):
    """Press, move in steps, release."""
    port = plot.view.viewport()
    QTest.mouseMove(port, start)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for part in (0.3, 0.6, 1.0):
        QTest.mouseMove(port, start + (end - start) * part)
        QTest.qWait(20)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)
    QGuiApplication.processEvents()


def turn_wheel(port, at, delta):
    place, none = QPointF(at), QPoint()
    event = QWheelEvent(
        place, QPointF(port.mapToGlobal(at)), none, QPoint(0, delta), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QGuiApplication.sendEvent(port, event)


@pytest.fixture
def histogram(qtbot):
    plot = shown(qtbot, HistogramPlot("Weights", "Weight"))
    plot.set_bins([Bins(-1.0, 1.0, COUNTS)])
    QGuiApplication.processEvents()
    return plot


@pytest.fixture
def scores(qtbot):
    plot = shown(qtbot, ScoresPlot())
    plot.set_scores(np.array([5.0, 1.0, 4.0, 2.0, 3.0, 6.0, 8.0, 7.0, 10.0, 9.0]), 0.3)
    QGuiApplication.processEvents()
    return plot


@pytest.fixture
def spectrum(qtbot):
    plot = shown(qtbot, SpectrumPlot())
    plot.set_spectrum(np.array([8.0, 4.0, 2.0, 1.0, 0.5]), 2, break_even=3)
    QGuiApplication.processEvents()
    return plot


@pytest.fixture
def bits(qtbot):
    plot = shown(qtbot, BitsPlot())
    known = [2, 3, 4, 6, 8]
    curve = ErrorCurve("Per channel", np.array([0.2, 0.05, 0.01, 1e-3, 1e-4]))
    plot.set_curves(known, [curve], 4, title="Relative error")
    QGuiApplication.processEvents()
    return plot


# Axes


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0342, "0.0342"), (-2.5, "−2.5"), (1.234e-7, "1.23·10⁻⁷"), (math.nan, "–")],
)
def test_numbers_in_words(value, text):
    assert number_text(value) == text


def test_ticks_of_decades(qapp):
    axis = Axis("left")
    axis.decades = True
    ticks = [at for _, some in axis.tickValues(-7.5, 0.5, 300) for at in some]
    assert ticks
    assert all(float(at).is_integer() for at in ticks)
    assert axis.tickStrings([-6.0, -3.0, 0.0], 1.0, 3.0) == ["10⁻⁶", "10⁻³", "10⁰"]
    assert axis.tickStrings([-2.0, 0.0, 2.0], 1.0, 2.0) == ["0.01", "1", "100"]
    inside = [at for _, some in axis.tickValues(0.0, 1.0, 300) for at in some]
    assert axis.tickStrings(inside, 1.0, 1.0) == ["1", "10", "2", "5"]


def test_whole_ticks_never_stand_between_numbers(qapp):
    axis = Axis("bottom")
    axis.whole = True
    for high in (1.5, 3.0, 40.0):
        assert all(
            float(at).is_integer() for _, some in axis.tickValues(0.0, high, 400) for at in some
        )


def test_a_share_axis_spans_another_ones_heights(qapp):
    axis = ShareAxis("right")
    axis.text = "{:.2f}".format
    axis.set_span(-4.0, 2.0)
    places = [at for _, some in axis.tickValues(-4.0, 2.0, 300) for at in some]
    assert min(places) >= -4.0
    assert max(places) <= 2.0
    assert axis.tickStrings([-4.0, -1.0, 2.0], 1.0, 1.0) == ["0.00", "0.50", "1.00"]


def test_logarithms_leave_out_what_has_none():
    assert np.isnan(logarithms([0.0, -1.0])).all()
    assert logarithms([0.0, 100.0], 1e-2).tolist() == [-2.0, 2.0]
    assert np.isnan(logarithms([np.nan], 1e-2)).all()


def test_the_program_keeps_its_own_hook_for_exceptions():
    owner = getattr(sys.excepthook, "__self__", None)
    assert type(owner).__module__ != "pyqtgraph.exceptionHandling"


# What all plots do


def test_a_plot_says_why_it_is_empty(qtbot):
    plot = shown(qtbot, HistogramPlot("Weights", "Weight"))
    assert plot.empty_text
    plot.set_bins([Bins(0.0, 1.0, COUNTS)])
    assert plot.empty_text == ""
    plot.set_empty("This layer has no weights.")
    assert plot.empty_text == "This layer has no weights."


def test_the_pointer_reads_out_values(histogram):
    port = histogram.view.viewport()
    QTest.mouseMove(port, point(histogram, 0.0))
    QTest.qWait(30)
    assert histogram.read_out.text() == "10 values (50.00 %) from −0.2 to 0.2"
    assert histogram.cross.isVisible()
    QTest.mouseMove(port, QPoint(2, 2))
    QTest.qWait(30)
    assert histogram.read_out.text() == "20 values"
    assert not histogram.cross.isVisible()


def test_wheel_zooms_double_click_shows_all(histogram, qtbot):
    whole = histogram.extent
    at = point(histogram, 0.0)
    port = histogram.view.viewport()
    with qtbot.waitSignal(histogram.range_settled) as told:
        turn_wheel(port, at, 240)
    assert 0.5 < (told.args[1] - told.args[0]) / (whole.right - whole.left) < 0.75
    assert histogram.is_zoomed
    turn_wheel(port, at, -1200)
    assert not histogram.is_zoomed  # there is nothing beyond the whole
    turn_wheel(port, at, 240)
    QTest.mouseClick(port, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(port, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at)
    QGuiApplication.processEvents()
    assert histogram.extent.left == pytest.approx(whole.left)
    assert not histogram.is_zoomed


def test_keys_zoom_and_reset(histogram):
    QTest.keyClick(histogram, Qt.Key.Key_Plus)
    assert histogram.is_zoomed
    QTest.keyClick(histogram, Qt.Key.Key_0)
    assert not histogram.is_zoomed


def test_new_values_of_the_same_extent_keep_the_zoom(histogram):
    histogram.zoom(0.5)
    histogram.set_bins([Bins(-1.0, 1.0, COUNTS)])
    assert histogram.is_zoomed
    histogram.set_bins([Bins(-2.0, 2.0, COUNTS)])
    assert not histogram.is_zoomed


def test_colors_follow_the_window(histogram):
    def ground():
        return histogram.view.grab().toImage().pixelColor(3, 3)

    histogram.setPalette(palette_of(LIGHT))
    QGuiApplication.processEvents()
    assert ground() == QColor(LIGHT.base)
    histogram.setPalette(palette_of(DARK))
    QGuiApplication.processEvents()
    assert ground() == QColor(DARK.base)


def test_the_menu_copies_and_saves(histogram, qtbot, tmp_path):
    menu = histogram.menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    wanted = ["Copy as picture", "Save as PNG…", "Save as SVG…", "Copy values", "Save as CSV…"]
    assert texts[-5:] == wanted
    menu.close()
    menu.deleteLater()
    histogram.copy_values()
    text = QGuiApplication.clipboard().text()
    assert text.splitlines()[0] == "From\tTo\tCount"
    assert text.splitlines()[3].endswith("\t10")
    histogram.copy_picture()
    assert QGuiApplication.clipboard().image().width() == 2 * histogram.canvas.width()
    for ending in ("png", "svg", "csv"):
        with qtbot.waitSignal(histogram.saved):
            histogram.save(tmp_path / f"plot.{ending}")
    picture = QImage(str(tmp_path / "plot.png"))
    inks = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 7)
        for y in range(40, 400, 5)
    }
    assert len(inks) > 3
    assert "Weight" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert (tmp_path / "plot.csv").read_text(encoding="utf-8-sig").splitlines()[1] == "-1,-0.6,1"


def test_an_empty_plot_offers_nothing_to_save(qtbot):
    plot = shown(qtbot, ScoresPlot())
    menu = plot.menu()
    common = [action for action in menu.actions() if action.text()][-5:]
    assert not any(action.isEnabled() for action in common)
    menu.deleteLater()


def test_a_file_that_cannot_be_written_is_told(histogram, tmp_path):
    for ending in ("png", "svg", "csv"):
        histogram.say("")
        histogram.save(tmp_path / "nowhere" / f"plot.{ending}")
        assert "could not be written" in histogram.read_out.text()


def test_the_menu_key_opens_the_menu(histogram, qtbot):
    at = QPoint(50, 50)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, histogram.mapToGlobal(at))
    QGuiApplication.sendEvent(histogram, event)
    menu = QGuiApplication.instance().activePopupWidget()
    assert menu is not None
    menu.close()
    QGuiApplication.processEvents()


# Histogram


def test_a_logarithmic_axis_shows_rare_values(histogram):
    histogram.set_bins([Bins(0.0, 1.0, np.array([1, 0, 100_000]))])
    flat = histogram.home.top
    histogram.set_log(True)
    assert flat > 100_000
    assert 5 < histogram.home.top < 6
    heights = histogram._curves[0].getData()[1]
    assert heights[0] == pytest.approx(0.0)
    assert heights[1] == pytest.approx(math.log10(0.5))


def test_several_histograms_are_compared_as_shares(histogram):
    small, large = Bins(-1, 1, COUNTS, "a"), Bins(-2, 2, COUNTS * 1000, "b")
    histogram.set_bins([small, large])
    assert [key.text for key in histogram.legend.keys] == ["a", "b"]
    assert histogram.home.left < -2
    assert [curve.getData()[1].max() for curve in histogram._curves] == [0.5, 0.5]
    assert "a 50.00 % · b 50.00 %" in histogram.describe(0.0, 0.0)[0]
    assert len(list(histogram.table().rows())) == 10


def test_one_row_for_each_channel(histogram):
    counts = np.array([[1, 2], [0, 4], [3, 0]])
    histogram.set_bins([Bins(0.0, 1.0, counts, channels=np.array([0, 10, 20]))])
    assert histogram._image.image.shape == (3, 2)
    assert histogram.describe(0.7, 1.2)[0] == "Channel 10: 4 of 4 values from 0.5 to 1"
    assert histogram.left_axis.tickStrings([1.0], 1.0, 1.0) == ["10"]
    assert histogram.table().titles[-1] == "Channel 20"


def test_the_value_grid_lies_over_the_histogram(histogram):
    histogram.set_grid(ValueGrid(-0.5, 0.5, np.linspace(-0.5, 0.5, 4)))
    assert [line.value() for line in histogram._bounds] == [-0.5, 0.5]
    assert len(histogram._rug.getData()[0]) == 8
    assert len(histogram.legend.keys) == 2
    histogram.set_grid(None)
    assert not histogram._bounds[0].isVisible()
    assert not histogram.legend.keys


def test_few_values_have_few_bins():
    few = merged(Bins(0.0, 1.0, np.ones(256, int) * np.array([1, 0] * 128)))
    assert few.counts.shape == (16,)
    assert few.counts.sum() == 128
    many = Bins(0.0, 1.0, np.full(256, 100))
    assert merged(many) is many
    odd = Bins(0.0, 1.0, np.ones(27, int))
    assert merged(odd) is odd


# Scores


def test_the_lowest_scores_are_removed(scores):
    assert scores.at == 3
    rows = list(scores.table().rows())
    assert rows[0] == ("1", "1", "0")
    assert rows[3] == ("4", "3", "1") or rows[3][2] == "1"
    assert scores.describe(1.0, 0.0)[0] == "Channel 1: score 1, 1 of 10, removed"
    assert scores.describe(10.0, 0.0)[0] == "Channel 8: score 10, 10 of 10, kept"


def test_dragging_the_threshold_sets_the_ratio(scores):
    told = []
    scores.ratio_changed.connect(lambda ratio, final: told.append((round(ratio, 3), final)))
    drag(scores, point(scores, 3.5), point(scores, 6.5))
    assert told[-1] == (0.6, True)
    assert [final for _, final in told[:-1]] == [False] * (len(told) - 1)
    assert len(told) >= 2
    assert scores.read_out.text() == "60.0 % removed (6 of 10)"


def test_arrow_keys_are_one_edit_until_they_are_let_go(scores):
    told = []
    scores.ratio_changed.connect(lambda ratio, final: told.append((round(ratio, 3), final)))
    QTest.keyPress(scores, Qt.Key.Key_Right)
    QTest.keyPress(scores, Qt.Key.Key_Right)
    scores.set_ratio(0.0)  # an echo that comes late does not pull the line back
    assert scores.at == 5
    QTest.keyRelease(scores, Qt.Key.Key_Right)
    assert told == [(0.4, False), (0.5, False), (0.5, True)]
    QTest.keyClick(scores, Qt.Key.Key_Home)
    assert told[-1] == (0.0, True)
    QTest.keyClick(scores, Qt.Key.Key_End)
    assert told[-1] == (0.9, True)  # one channel stays


def test_what_is_frozen_does_not_move_and_says_why(scores):
    told = []
    scores.ratio_changed.connect(lambda *args: told.append(args))
    scores.set_editable(editable=False, reason="The output hangs on these channels.")
    drag(scores, point(scores, 3.5), point(scores, 6.5))
    QTest.keyClick(scores, Qt.Key.Key_Right)
    assert told == []
    assert scores.at == 3
    assert scores.read_out.text() == "The output hangs on these channels."
    assert scores.toolTip() == "The output hangs on these channels."


def test_scores_from_outside_tell_nobody(scores, qtbot):
    with qtbot.assertNotEmitted(scores.ratio_changed):
        scores.set_ratio(0.7)
        scores.set_scores(np.arange(4.0), 0.5)
    assert scores.at == 2


@pytest.mark.parametrize("values", [[0.0, 0.0], [-3.0, -1.0, 2.0], [1.0]])
def test_odd_scores_are_drawn_on_both_axes(scores, values):
    scores.set_scores(np.array(values), 0.5)
    scores.set_log(True)
    assert math.isfinite(scores.home.bottom)
    assert scores.home.top > scores.home.bottom


# Spectrum


def test_energy_and_rank_in_words(spectrum):
    assert spectrum.describe(1.0, 0.0)[0] == (
        "Rank 1 of 5: singular value 8, 75.07 % of the energy"
    )
    assert spectrum.line_text(2) == "Rank 2: 93.84 % of the energy"
    assert spectrum._even.isVisible()
    assert spectrum._even.value() == 3.5
    assert spectrum.legend.keys[-1].text == "Smaller up to rank 3"
    assert [row[0] for row in spectrum.table().rows()] == ["1", "2", "3", "4", "5"]


def test_dragging_sets_the_rank(spectrum):
    told = []
    spectrum.rank_changed.connect(lambda rank, final: told.append((rank, final)))
    drag(spectrum, point(spectrum, 2.0), point(spectrum, 4.1))
    assert told[-1] == (4, True)
    assert (4, False) in told
    QTest.keyClick(spectrum, Qt.Key.Key_Left)
    assert told[-2:] == [(3, False), (3, True)]


def test_no_rank_is_the_full_one(spectrum):
    spectrum.set_rank(None)
    assert spectrum.at == 5
    assert spectrum.line_text(5) == "Full rank 5"


def test_the_energy_ends_at_the_top_of_the_right_axis(spectrum):
    _, heights = spectrum._curve.getData()
    assert spectrum.right_axis.tickStrings([heights[-1]], 1.0, 1.0) == ["100 %"]
    spectrum.set_log(False)
    _, heights = spectrum._curve.getData()
    assert heights[-1] == pytest.approx(8.0)


def test_singular_values_of_zero_have_a_place(spectrum):
    spectrum.set_spectrum(np.array([1.0, 0.0]), None)
    assert math.isfinite(spectrum.home.bottom)
    spectrum.set_spectrum(np.zeros(3), None)
    assert math.isfinite(spectrum.home.bottom)
    spectrum.set_spectrum(None, None)
    assert spectrum.empty_text


# Bits


def test_a_click_chooses_the_nearest_bits(bits):
    told = []
    bits.bits_changed.connect(told.append)
    QTest.mouseClick(bits.view.viewport(), Qt.MouseButton.LeftButton, pos=point(bits, 5.8))
    QTest.qWait(20)
    assert told == [6]
    assert bits.line_text(bits.at) == "6 bits: error 0.001"
    QTest.mouseClick(bits.view.viewport(), Qt.MouseButton.LeftButton, pos=point(bits, 6.1))
    assert told == [6]


def test_bits_can_be_dragged_and_stepped(bits):
    told = []
    bits.bits_changed.connect(told.append)
    drag(bits, point(bits, 4.0), point(bits, 2.2))
    assert told == [2]
    QTest.keyClick(bits, Qt.Key.Key_Right)
    assert told == [2, 3]


def test_without_bits_there_is_no_line(bits):
    bits.set_bits(None)
    assert not bits.line.isVisible()
    assert "Not quantized" in bits.read_out.text()
    told = []
    bits.bits_changed.connect(told.append)
    QTest.mouseClick(bits.view.viewport(), Qt.MouseButton.LeftButton, pos=point(bits, 8.0))
    QTest.qWait(20)
    assert told == [8]
    assert bits.line.isVisible()


def test_estimated_errors_are_hollow(bits):
    measured = np.array([True, True, False])
    curve = ErrorCurve("", np.array([0.1, 0.01, 0.001]), measured)
    bits.set_curves([2, 4, 8], [curve], 4, title="Error")
    line = bits._lines[0]
    brushes = [spot.brush().color().name() for spot in line._points.points()]
    assert brushes[0] == brushes[1] != brushes[2]
    assert line._solid.opts["connect"].tolist() == [1, 0, 0]
    assert line._dashed.opts["connect"].tolist() == [0, 1, 0]


def test_errors_of_zero_and_unknown_ones_break_the_curve(bits):
    bits.set_curves([2, 4, 8], [ErrorCurve("", np.array([0.1, np.nan, 0.0]))], 4, title="Error")
    assert bits.describe(4.0, 0.0)[0] == "4 bits · –"
    bits.set_curves([2], [ErrorCurve("", np.array([np.nan]))], 2, title="Error")
    assert bits.empty_text
