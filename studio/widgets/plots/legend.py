"""A legend in a line above the plot, which wraps and never lies on the data."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetricsF,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QGraphicsSceneResizeEvent, QStyleOptionGraphicsItem, QWidget

from studio.style.palette import color


class Mark(enum.Enum):
    """What stands before a word of the legend."""

    LINE = "line"
    DASHES = "dashes"
    DOT = "dot"
    RING = "ring"
    BLOCK = "block"
    HATCH = "hatch"


@dataclass(frozen=True, slots=True)
class Key:
    """One entry.

    Attributes:
        text: What is explained.
        ink: Its color, `#rrggbb`.
        mark: Its form.
    """

    text: str
    ink: str
    mark: Mark = Mark.LINE


class Legend(pg.GraphicsWidget):  # type: ignore[misc]  # pyqtgraph is untyped
    """The entries in a row; as many rows as the width asks for."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[Key, ...] = ()
        self._ink = "#000000"
        self._font = QFont()
        self.setFixedHeight(0)

    @property
    def keys(self) -> tuple[Key, ...]:
        """What it explains."""
        return self._keys

    def set_keys(self, keys: Sequence[Key], ink: str, font: QFont) -> None:
        """Explain these."""
        self._keys = tuple(keys)
        self.recolor(ink, font)

    def recolor(self, ink: str, font: QFont) -> None:
        """Take the window's ink and font."""
        self._ink, self._font = ink, QFont(font)
        self._fit()
        self.update()

    def resizeEvent(self, event: QGraphicsSceneResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows = self._placed()[-1][1] + 1 if self._keys else 0
        height = rows * self._line() + (4 if rows else 0)
        if height != self.minimumHeight():
            self.setFixedHeight(height)

    def _line(self) -> float:
        return QFontMetricsF(self._font).height() + 2

    def _placed(self) -> list[tuple[float, int]]:
        """Left edge and row of each entry."""
        measure = QFontMetricsF(self._font)
        x, row, places = 0.0, 0, []
        for key in self._keys:
            width = self._swatch() + measure.horizontalAdvance(key.text) + measure.height()
            if x and x + width > self.size().width():
                x, row = 0.0, row + 1
            places.append((x, row))
            x += width
        return places

    def _swatch(self) -> float:
        return self._line() * 1.5

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw marks and words."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        measure = QFontMetricsF(self._font)
        for key, (x, row) in zip(self._keys, self._placed(), strict=True):
            top = row * self._line()
            _draw_mark(painter, key, QRectF(x, top, self._swatch(), self._line()))
            painter.setPen(color(self._ink))
            room = self.size().width() - x - self._swatch()
            text = measure.elidedText(key.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(x + self._swatch(), top + measure.ascent() + 1), text)


def _draw_mark(painter: QPainter, key: Key, area: QRectF) -> None:
    ink = color(key.ink)
    area = area.adjusted(0, 0, -area.height() * 0.35, 0)
    middle, radius = area.center(), area.height() * 0.24
    painter.setPen(QPen(ink, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if key.mark in (Mark.LINE, Mark.DASHES):
        if key.mark is Mark.DASHES:
            dashes = QPen(ink, 1.6)
            dashes.setDashPattern([2.5, 2.0])
            painter.setPen(dashes)
        painter.drawLine(QPointF(area.left(), middle.y()), QPointF(area.right(), middle.y()))
    elif key.mark in (Mark.DOT, Mark.RING):
        if key.mark is Mark.DOT:
            painter.setBrush(ink)
        painter.drawEllipse(middle, radius, radius)
    else:
        style = Qt.BrushStyle.BDiagPattern if key.mark is Mark.HATCH else Qt.BrushStyle.SolidPattern
        painter.setBrush(QBrush(ink, style))
        painter.drawRect(area.adjusted(0, area.height() * 0.22, 0, -area.height() * 0.22))
