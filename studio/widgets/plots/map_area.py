"""The scrolled area of a heat map: where cells lie, and what is under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from studio.style.palette import color

if TYPE_CHECKING:
    from studio.widgets.plots.heatmap import HeatMap

_NAMES_PART = 0.34
"""Part of the width that row names may take."""
_SCALE_CHARS = 9
_NARROW_CHARS = 44
"""Characters that a map must be wide for to have its scale beside it."""
_ZOOMS = (0.35, 4.0)
"""Smallest and largest row, as a part of the usual one."""


class MapArea(QAbstractScrollArea):
    """Rows of equal height; the wheel scrolls, with Ctrl it changes their height.

    Args:
        map_: Paints what is in view.
    """

    hovered = Signal(int, int)
    """Cell under the pointer; (-1, -1): none."""
    pressed = Signal(int, int)
    activated = Signal(int, int)

    def __init__(self, map_: HeatMap) -> None:
        super().__init__()
        self._map = map_
        self._zoom = 1.0
        self.names_width = 0.0
        """Width of the row names."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    # Geometry

    @property
    def _measure(self) -> QFontMetricsF:
        return QFontMetricsF(self._map.font())

    @property
    def row_height(self) -> float:
        """Height of a row."""
        return max(round(self._measure.height() * 1.35 * self._zoom), 4)

    @property
    def head_height(self) -> float:
        """Height of the column names."""
        lines = max((one.line + 1 for one in self._map.headings()), default=0) + 1
        return self._measure.height() * lines + 4

    @property
    def _width(self) -> float:
        return float(self.viewport().width())

    @property
    def scale_width(self) -> float:
        """Width of the scale on the right; 0 where cells need the room."""
        if self._width < self._measure.averageCharWidth() * _NARROW_CHARS:
            return 0.0
        return self._measure.averageCharWidth() * (_SCALE_CHARS + 3)

    def cell_rect(self, column: int, y: float) -> QRectF:
        """A cell of a row that begins at `y`."""
        columns = max(len(self._map.cells.columns), 1)
        room = self._width - self.names_width - self.scale_width - 8
        width = max(room / columns, 3.0)
        left = round(self.names_width + column * width)
        right = round(self.names_width + (column + 1) * width)
        return QRectF(left, y, right - left, self.row_height)

    def rows_in_view(self) -> int:
        """How many rows fit."""
        return max(int((self.viewport().height() - self.head_height) / self.row_height), 1)

    def fit(self) -> None:
        """Set the scroll bar for the rows there are, and paint anew."""
        rows = len(self._map.cells.rows)
        longest = max((len(name) for name in self._map.cells.rows), default=0)
        wanted = self._measure.averageCharWidth() * (longest + 2)
        self.names_width = min(wanted, self._width * _NAMES_PART)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(rows - self.rows_in_view(), 0))
        bar.setPageStep(self.rows_in_view())
        bar.setSingleStep(1)
        self.viewport().update()

    # Scrolling

    def show_row(self, row: int) -> None:
        """Scroll until a row is in view."""
        bar = self.verticalScrollBar()
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + self.rows_in_view():
            bar.setValue(row - self.rows_in_view() + 1)

    def reveal(self, rows: frozenset[int]) -> None:
        """Scroll to the first of these rows, if none of them is in view."""
        first = self.verticalScrollBar().value()
        if rows and not any(first <= row < first + self.rows_in_view() for row in rows):
            self.show_row(min(rows))

    def reset_zoom(self) -> None:
        """Rows of the usual height."""
        self._zoom = 1.0
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl change the height of the rows."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = 1.15 ** (event.angleDelta().y() / 120)
            self._zoom = min(max(self._zoom * factor, _ZOOMS[0]), _ZOOMS[1])
            self.fit()
            event.accept()
        else:
            super().wheelEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Rows are painted where they are."""
        del dx, dy
        self.viewport().update()

    # Pointer

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """The cell at a position; (-1, -1): none."""
        cells = self._map.cells
        row = int((y - self.head_height) // self.row_height) + self.verticalScrollBar().value()
        if y < self.head_height or not 0 <= row < len(cells.rows):
            return (-1, -1)
        for column in range(len(cells.columns)):
            rect = self.cell_rect(column, 0)
            if rect.left() <= x < rect.right():
                return (row, column)
        return (-1, -1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out what is under the pointer."""
        at = event.position()
        self.hovered.emit(*self.cell_at(at.x(), at.y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        super().leaveEvent(event)
        self.hovered.emit(-1, -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell."""
        at = event.position()
        row, column = self.cell_at(at.x(), at.y())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self.pressed.emit(row, column)
        event.ignore()  # the frame takes the focus

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate a cell; beside the cells, give rows their usual height again."""
        at = event.position()
        cell = self.cell_at(at.x(), at.y())
        if cell == (-1, -1):
            self.reset_zoom()
        else:
            self.activated.emit(*cell)
        event.accept()

    # Painting

    def paint_name(self, painter: QPainter, name: str, y: float) -> None:
        """A row's name; its end tells rows apart, so the beginning is left out."""
        measure = self._measure
        if self.row_height < measure.height() * 0.8:
            return
        room = QRectF(4, y, self.names_width - 8, self.row_height)
        text = measure.elidedText(name, Qt.TextElideMode.ElideLeft, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def paint_all(self, painter: QPainter, rect: QRectF, first: int, last: int) -> None:
        """Head, rows and scale."""
        self._map.paint_head(painter)
        painter.save()
        painter.setClipRect(rect.adjusted(0, self.head_height, 0, 0))
        self._map.paint_cells(painter, first, last, self.head_height)
        painter.restore()
        height = min(rect.height() - self.head_height, self._measure.height() * 12)
        left = self._width - self.scale_width
        if self.scale_width:
            self._map.paint_scale(painter, QRectF(left, self.head_height, self.scale_width, height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is in view."""
        painter = QPainter(self.viewport())
        painter.setFont(self._map.font())
        rect = QRectF(self.viewport().rect())
        painter.fillRect(rect, color(self._map.colors.base))
        first = self.verticalScrollBar().value()
        last = min(first + self.rows_in_view() + 2, len(self._map.cells.rows))
        self.paint_all(painter, rect, first, last)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer rows fit."""
        super().resizeEvent(event)
        self.fit()
