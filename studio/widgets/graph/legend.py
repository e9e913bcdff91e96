"""What the colors of a graph mean: a scale from little to much, or words with a color each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.style.metrics import metrics
from studio.style.palette import colors_of


class ColorLegend(QWidget):
    """One line; empty, it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ends = ("", "")
        self._scale: tuple[str, ...] = ()
        self._swatches: tuple[tuple[str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_scale(self, low: str, high: str, colors: Sequence[str]) -> None:
        """Show a scale: the words at its ends, and colors from low to high."""
        self._ends, self._scale, self._swatches = (low, high), tuple(colors), ()
        self._changed(f"{low} – {high}")

    def set_swatches(self, swatches: Sequence[tuple[str, str]]) -> None:
        """Show colors with a word each; nothing: hide."""
        self._ends, self._scale, self._swatches = ("", ""), (), tuple(swatches)
        self._changed(", ".join(text for _color, text in swatches))

    @property
    def words(self) -> str:
        """What it says."""
        return self.accessibleName() if not self.isHidden() else ""

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        room = metrics(self)
        measure = self.fontMetrics().horizontalAdvance
        if self._scale:
            width = sum(measure(end) for end in self._ends) + self._bar() + 2 * room.small
        else:
            each = room.icon + room.small + room.gap
            width = sum(measure(text) + each for _color, text in self._swatches)
        edges = self.contentsMargins()
        return QSize(width + edges.left() + edges.right(), room.line + edges.top() + edges.bottom())

    def minimumSizeHint(self) -> QSize:
        """Words may be cut off at the end where there is no room."""
        return QSize(metrics(self).chars(8), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Take another font's sizes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = self.contentsRect()
        painter.translate(inside.topLeft())
        chosen = colors_of(self)
        if self._scale:
            self._paint_scale(painter, chosen.secondary, chosen.border)
        else:
            self._paint_swatches(painter, chosen.secondary, chosen.border)
        painter.end()

    def _bar(self) -> int:
        return metrics(self).chars(9)

    def _paint_scale(self, painter: QPainter, ink: str, rim: str) -> None:
        room = metrics(self)
        measure = self.fontMetrics().horizontalAdvance
        at = 0.0
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(ink))
        painter.drawText(
            QRectF(at, 0, measure(self._ends[0]), self.contentsRect().height()),
            middle,
            self._ends[0],
        )
        at += measure(self._ends[0]) + room.small
        height = room.line * 0.6
        bar = QRectF(at, (self.contentsRect().height() - height) / 2, self._bar(), height)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        last = max(len(self._scale) - 1, 1)
        for number, color in enumerate(self._scale):
            gradient.setColorAt(number / last, QColor(color))
        painter.setBrush(gradient)
        painter.setPen(QPen(QColor(rim), 1))
        painter.drawRoundedRect(bar, 2, 2)
        at = bar.right() + room.small
        painter.setPen(QColor(ink))
        painter.drawText(
            QRectF(at, 0, self.contentsRect().width() - at, self.contentsRect().height()),
            middle,
            self._ends[1],
        )

    def _paint_swatches(self, painter: QPainter, ink: str, rim: str) -> None:
        room = metrics(self)
        side = room.line * 0.65
        at = 0.0
        for color, text in self._swatches:
            painter.setBrush(QColor(color))
            painter.setPen(QPen(QColor(rim), 1))
            painter.drawRoundedRect(
                QRectF(at, (self.contentsRect().height() - side) / 2, side, side), 2, 2
            )
            at += room.icon + room.small
            width = self.fontMetrics().horizontalAdvance(text)
            painter.setPen(QColor(ink))
            painter.drawText(
                QRectF(at, 0, width + 1, self.contentsRect().height()),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )
            at += width + room.gap

    def _changed(self, words: str) -> None:
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.setVisible(bool(words))
        self.updateGeometry()
        self.update()
