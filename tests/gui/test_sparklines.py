"""The small pictures of table cells, looked at pixel by pixel."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from studio.widgets.sparklines import (
    CurveStyle,
    Inks,
    Source,
    paint_bar,
    paint_curve,
    paint_histogram,
)

INKS = Inks(QColor("#0000ff"), QColor("#c0c0c0"))
RECT = QRectF(10, 10, 80, 20)

pytestmark = pytest.mark.usefixtures("qapp")


def drawn(paint, *args, **kwargs):
    image = QImage(100, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    paint(painter, RECT, *args, **kwargs)
    painter.end()
    return image


def blue(image, area=RECT):
    """Pixels that are mostly of the mark's color."""
    rect = area.toRect()
    return {
        (x, y)
        for x in range(rect.left(), rect.right() + 1)
        for y in range(rect.top(), rect.bottom() + 1)
        if image.pixelColor(x, y).blue() - image.pixelColor(x, y).red() > 90
    }


def anything(image):
    return {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y) != QColor(Qt.GlobalColor.white)
    }


def test_the_highest_bin_is_the_highest_column():
    image = drawn(paint_histogram, [1, 2, 8, 2], INKS)
    heights = [sum(x == at for x, _ in blue(image)) for at in (20, 40, 60, 80)]
    assert heights[2] == max(heights) >= 18
    assert heights[0] < heights[1] < heights[2]


def test_a_rare_value_is_seen_on_a_log_scale():
    counts = [5, 0, 0, 10_000]
    flat, log = drawn(paint_histogram, counts, INKS), drawn(paint_histogram, counts, INKS, log=True)
    left = QRectF(10, 10, 15, 18)
    assert not blue(flat, left)
    assert blue(log, left)


def test_a_narrow_peak_among_many_bins_is_not_lost():
    counts = [0] * 5000
    counts[2500] = 7
    assert blue(drawn(paint_histogram, counts, INKS))


@pytest.mark.parametrize("counts", [[], [0, 0, 0]])
def test_an_empty_histogram_is_not_drawn(counts):
    assert not anything(drawn(paint_histogram, counts, INKS))


def test_estimated_parts_of_a_curve_are_dashed():
    xs, ys = [8, 6, 4, 2], [1.0, 1.0, 1.0, 1.0]
    solid = blue(drawn(paint_curve, xs, ys, INKS))
    dashed = blue(drawn(paint_curve, xs, ys, INKS, CurveStyle(measured=False)))
    half = blue(drawn(paint_curve, xs, ys, INKS, CurveStyle(measured=[True, True, False, False])))
    assert 0 < len(dashed) < len(half) < len(solid)


def test_a_gap_stays_a_gap():
    image = drawn(paint_curve, [0, 1, 2, 3, 4], [1, 1, math.nan, 1, 1], INKS)
    assert not {x for x, _ in blue(image)} & set(range(38, 62))
    assert blue(image, QRectF(12, 10, 15, 20))
    assert blue(image, QRectF(75, 10, 12, 20))


def test_the_setting_in_force_is_marked_between_points_too():
    ys = [0.0, 0.0, 0.0]
    plain = blue(drawn(paint_curve, [8, 4, 2], ys, INKS))
    marked = blue(drawn(paint_curve, [8, 4, 2], ys, INKS, CurveStyle(at=6))) - plain
    middle = 12 + 76 / 3
    assert marked
    assert all(abs(x - middle) < 4 for x, _ in marked)


def test_rows_with_one_range_can_be_compared():
    style = CurveStyle(y_range=(0.0, 10.0))
    low = blue(drawn(paint_curve, [0, 1], [1, 1], INKS, style))
    high = blue(drawn(paint_curve, [0, 1], [9, 9], INKS, style))
    assert min(y for _, y in low) > max(y for _, y in high)


def test_values_at_zero_lie_at_the_bottom_of_a_log_scale():
    image = drawn(paint_curve, [0, 1, 2], [0.0, 1e-3, 1.0], INKS, CurveStyle(log=True))
    columns = dict(sorted(blue(image)))
    assert columns[min(columns)] > columns[max(columns)]


@pytest.mark.parametrize("ys", [[], [math.nan, math.inf]])
def test_a_curve_without_a_value_is_not_drawn(ys):
    assert not anything(drawn(paint_curve, list(range(len(ys))), ys, INKS))


def test_a_predicted_bar_is_hatched_and_a_measured_one_solid():
    measured = blue(drawn(paint_bar, 0.5, INKS))
    predicted = blue(drawn(paint_bar, 0.5, INKS, source=Source.PREDICTED))
    assert len(measured) > 700
    assert 0 < len(predicted) < len(measured) / 1.5
    assert max(x for x, _ in measured) < 52
    assert not blue(drawn(paint_bar, 0.5, INKS, source=Source.ORIGINAL))


@pytest.mark.parametrize(("fraction", "seen"), [(1e-6, True), (0.0, False), (math.nan, False)])
def test_a_tiny_share_is_seen_and_nothing_is_not(fraction, seen):
    assert bool(anything(drawn(paint_bar, fraction, INKS))) is seen


def test_what_the_original_took_stands_behind():
    image = drawn(paint_bar, 0.25, INKS, original=1.0)
    assert image.pixelColor(80, 20) == INKS.faint
    assert image.pixelColor(20, 20) == INKS.mark
