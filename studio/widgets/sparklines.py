"""Small pictures for table cells, drawn with a painter: no widget, no plotting library.

They know the visual grammar (original: gray, predicted: hatched or dashed, measured: solid) but no
palette: colors come from the caller, so that a delegate can give those of a selected row. What
does not fit the values (an empty histogram, a curve without a finite point) is not drawn at all.
"""

from __future__ import annotations

import enum
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPolygonF

_DOT = 2.0
"""Radius of the point that marks the setting in force, in device-independent pixels."""

_MIN_BAR = 1.0
"""A fraction above zero is never invisible."""


class Source(enum.Enum):
    """Where a number comes from, which decides how it is drawn."""

    ORIGINAL = "original"
    PREDICTED = "predicted"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Inks:
    """The colors of one small picture.

    Attributes:
        mark: What is drawn: bars, line, point.
        faint: What it stands on: base line, the empty part of a bar.
    """

    mark: QColor
    faint: QColor


@dataclass(frozen=True, slots=True)
class CurveStyle:
    """How a small curve is drawn.

    Attributes:
        measured: Of each point, or of all.
        y_range: Lowest and highest value, to compare rows; by default the curve's own.
        log: Heights are logarithms; values of zero and below lie at the bottom.
        at: The setting in force, marked by a point on the curve.
    """

    measured: Sequence[bool] | bool = True
    y_range: tuple[float, float] | None = None
    log: bool = False
    at: float | None = None


def paint_histogram(
    painter: QPainter, rect: QRectF, counts: Sequence[float], colors: Inks, *, log: bool = False
) -> None:
    """Draw counts as one filled outline; of bins that share a pixel the highest counts.

    Args:
        painter: Left as it was.
        rect: Where.
        counts: Of equal bins, from the lowest value to the highest.
        colors: `mark` fills, `faint` is the base line.
        log: Heights are logarithms, so that rare values are seen.
    """
    highest = max(counts, default=0)
    if highest <= 0 or rect.width() < 2 or rect.height() < 2:
        return
    columns = _binned(counts, max(min(len(counts), int(rect.width())), 1))
    top = math.log1p(highest) if log else highest
    width = rect.width() / len(columns)
    outline = QPolygonF([rect.bottomLeft()])
    for index, count in enumerate(columns):
        share = (math.log1p(count) if log else count) / top
        y = rect.bottom() - share * (rect.height() - 1)
        outline.append(QPointF(rect.left() + index * width, y))
        outline.append(QPointF(rect.left() + (index + 1) * width, y))
    outline.append(rect.bottomRight())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colors.mark)
    painter.drawPolygon(outline)
    painter.setPen(QPen(colors.faint, 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    painter.restore()


def paint_curve(
    painter: QPainter,
    rect: QRectF,
    xs: Sequence[float],
    ys: Sequence[float],
    colors: Inks,
    style: CurveStyle = CurveStyle(),
) -> None:
    """Draw a curve: solid between measured points, dashed where an end is estimated.

    Args:
        painter: Left as it was.
        rect: Where.
        xs: Rising or falling; the first is drawn at the left.
        ys: Same length; a value that is not finite breaks the line.
        colors: `mark` draws, `faint` is the base line.
        style: What is measured, the range, the setting in force.
    """
    span = _span(ys, style.y_range, log=style.log)
    if span is None or len(xs) < 1 or rect.width() < 4 or rect.height() < 4:
        return
    inner = rect.adjusted(_DOT, _DOT, -_DOT, -_DOT)
    points = _placed(inner, xs, ys, span, log=style.log)
    measured = style.measured
    solid = [measured] * len(points) if isinstance(measured, bool) else list(measured)
    strong, guessed = QPainterPath(), QPainterPath()
    for index in range(1, len(points)):
        left, right = points[index - 1], points[index]
        if left is None or right is None:
            continue
        path = strong if solid[index - 1] and solid[index] else guessed
        if path.currentPosition() != left or path.isEmpty():
            path.moveTo(left)
        path.lineTo(right)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colors.faint, 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    painter.setPen(QPen(colors.mark, 1.4))
    painter.drawPath(strong)
    pen = QPen(colors.mark, 1.2)
    pen.setDashPattern([2.5, 2.0])
    painter.setPen(pen)
    painter.drawPath(guessed)
    if (dot := _point_at(points, xs, style.at)) is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.mark)
        painter.drawEllipse(dot, _DOT, _DOT)
    painter.restore()


def paint_bar(
    painter: QPainter,
    rect: QRectF,
    fraction: float,
    colors: Inks,
    *,
    source: Source = Source.MEASURED,
    original: float | None = None,
) -> None:
    """Draw a horizontal bar: solid when measured, outlined and hatched when predicted.

    Args:
        painter: Left as it was.
        rect: Where.
        fraction: 0…1 of the width; what is not finite is not drawn.
        colors: `mark` fills, `faint` is what the original took.
        source: How it is drawn.
        original: Fraction that the layer took at first, drawn behind.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    if original is not None and math.isfinite(original):
        painter.setBrush(colors.faint)
        painter.drawRoundedRect(_part(rect, original), 1.5, 1.5)
    if math.isfinite(fraction) and fraction > 0:
        bar = _part(rect, fraction)
        if source is Source.PREDICTED:
            painter.setPen(QPen(colors.mark, 1))
            painter.setBrush(QBrush(colors.mark, Qt.BrushStyle.BDiagPattern))
            bar = bar.adjusted(0.5, 0.5, -0.5, -0.5) if bar.width() > 2 else bar
        else:
            painter.setBrush(colors.faint if source is Source.ORIGINAL else colors.mark)
        painter.drawRoundedRect(bar, 1.5, 1.5)
    painter.restore()


def _part(rect: QRectF, fraction: float) -> QRectF:
    share = min(max(fraction, 0.0), 1.0)
    width = max(share * rect.width(), _MIN_BAR if share else 0.0)
    return QRectF(rect.left(), rect.top(), width, rect.height())


def _binned(counts: Sequence[float], columns: int) -> list[float]:
    """The highest count in each of so many columns."""
    edges = [index * len(counts) // columns for index in range(columns + 1)]
    return [max(counts[a:b]) for a, b in itertools.pairwise(edges)]


def _height(value: float, *, log: bool) -> float:
    if not log:
        return value
    return math.log10(value) if value > 0 else -math.inf


def _span(
    ys: Sequence[float], y_range: tuple[float, float] | None, *, log: bool
) -> tuple[float, float] | None:
    """Lowest and highest height; None where there is nothing to draw."""
    given = ys if y_range is None else y_range
    heights = [h for h in (_height(float(y), log=log) for y in given) if math.isfinite(h)]
    if not heights or not any(math.isfinite(y) for y in ys):
        return None
    low, high = min(heights), max(heights)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _placed(
    rect: QRectF,
    xs: Sequence[float],
    ys: Sequence[float],
    span: tuple[float, float],
    *,
    log: bool,
) -> list[QPointF | None]:
    """Where each point lies; None for one that does not exist."""
    width = (xs[-1] - xs[0]) or 1.0
    points: list[QPointF | None] = []
    for x, y in zip(xs, ys, strict=True):
        if not math.isfinite(y):
            points.append(None)
            continue
        share = (max(_height(float(y), log=log), span[0]) - span[0]) / (span[1] - span[0])
        across = rect.left() + (x - xs[0]) / width * rect.width()
        points.append(QPointF(across, rect.bottom() - min(share, 1.0) * rect.height()))
    return points


def _point_at(
    points: Sequence[QPointF | None], xs: Sequence[float], at: float | None
) -> QPointF | None:
    """The point of the curve above a setting: on it, or between its neighbors."""
    if at is None or not math.isfinite(at):
        return None
    for index, x in enumerate(xs):
        if x == at:
            return points[index]
    for index in range(1, len(xs)):
        low, high = xs[index - 1], xs[index]
        left, right = points[index - 1], points[index]
        if min(low, high) < at < max(low, high) and left is not None and right is not None:
            return left + (right - left) * ((at - low) / (high - low))
    return None
