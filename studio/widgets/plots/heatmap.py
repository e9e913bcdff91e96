"""Layers × settings as a map of colors, with its scale; painted, so that 500 layers scroll.

What was measured is solid, what is estimated is hatched, what is not known is empty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QBrush,
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QPainter,
    QPen,
)
from PySide6.QtWidgets import QWidget

from studio.style.metrics import metrics
from studio.style.palette import color
from studio.widgets.plots.color_scale import ColorScale, is_dark
from studio.widgets.plots.export import Table
from studio.widgets.plots.frame import Picture
from studio.widgets.plots.headings import Heading, headings
from studio.widgets.plots.map_area import MapArea

_NO_CELL = (-1, -1)
_SAVED_ROWS = 2000
"""Rows of a saved picture at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What a heat map shows.

    Attributes:
        rows: Names of the rows.
        columns: Names of the columns.
        values: `[rows, columns]`; NaN: not known.
        measured: Of the same shape.
        groups: Columns that belong together: title and how many, in order.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: NDArray[np.float64]
    measured: NDArray[np.bool_]
    groups: tuple[tuple[str, int], ...] = ()


class HeatMap(Picture):
    """A map with row names on the left, column names on top and its scale on the right.

    Args:
        name: What a screen reader calls it.
        quantity: What the colors stand for, with its unit.
        text: Writes a value for people.
        parent: As in Qt.

    Attributes:
        details: What the tooltip of a cell says besides; None: nothing.
        offered: What can be done with the cell that has the cursor, for the menu.
    """

    cell_chosen = Signal(int, int)
    """Row and column."""
    cell_activated = Signal(int, int)
    """It was double-clicked, or Enter was pressed on it."""

    def __init__(
        self, name: str, quantity: str, text: Callable[[float], str], parent: QWidget | None = None
    ) -> None:
        self._quantity, self._text = quantity, text
        self._cells = Cells((), (), np.empty((0, 0)), np.empty((0, 0), np.bool_))
        self._log = True
        self._scale = ColorScale()
        self.details: Callable[[int, int], str] | None = None
        self.offered: Callable[[], list[QAction]] | None = None
        self._chosen: frozenset[int] = frozenset()
        self._at = _NO_CELL
        self.area = MapArea(self)
        super().__init__(name, self.area, parent)
        self.area.hovered.connect(self._hover)
        self.area.pressed.connect(self._press)
        self.area.activated.connect(self._activate)
        self.setMinimumHeight(metrics(self).line * 8)

    # Values

    @property
    def cells(self) -> Cells:
        """What is shown."""
        return self._cells

    @property
    def at(self) -> tuple[int, int]:
        """The cell with the cursor; (-1, -1): none."""
        return self._at

    def set_cells(self, cells: Cells) -> None:
        """Show these; the cursor and the scroll position stay where they can."""
        self._cells = cells
        if not cells.rows or not cells.columns:
            self.set_empty(self.tr("There is nothing to show for these layers."))
        else:
            self.set_empty("")
        if self._at[0] >= len(cells.rows) or self._at[1] >= len(cells.columns):
            self._at = _NO_CELL
        self._rescale()
        self.rest(self._summary())
        self.area.fit()

    def set_quantity(self, quantity: str) -> None:
        """What the colors stand for, from the next cells on."""
        self._quantity = quantity

    def set_cursor(self, row: int, column: int) -> None:
        """Put the cursor on a cell, in view, and tell nobody."""
        self._at = (row, column)
        self.area.show_row(row)
        self.area.viewport().update()
        self.say(self.cell_text(row, column))

    @property
    def scale(self) -> ColorScale:
        """Which value has which color."""
        return self._scale

    def set_log(self, log: bool) -> None:
        """Let colors follow the logarithm."""
        self._log = log
        self.set_cells(self._cells)

    @property
    def log(self) -> bool:
        """Whether colors follow the logarithm."""
        return self._log

    def set_chosen_rows(self, rows: frozenset[int]) -> None:
        """Rows that are selected; the first is scrolled into view if none of them is in it."""
        if rows != self._chosen:
            self._chosen = rows
            self.area.reveal(rows)
            self.area.viewport().update()

    def table(self) -> Table:
        """One line for each cell that is known."""
        rows, columns = np.nonzero(np.isfinite(self._cells.values))
        if not len(rows):
            return Table()
        titles = (self.tr("Layer"), self.tr("Setting"), self._quantity, self.tr("Measured"))
        names = [self._cells.rows[row] for row in rows]
        settings = [self.column_name(int(column)) for column in columns]
        values = self._cells.values[rows, columns]
        return Table(titles, (names, settings, values, self._cells.measured[rows, columns]))

    def column_name(self, column: int) -> str:
        """A column with the title of its group."""
        start = 0
        for title, count in self._cells.groups:
            if start <= column < start + count:
                return f"{title} {self._cells.columns[column]}"
            start += count
        return self._cells.columns[column]

    def _summary(self) -> str:
        known = np.isfinite(self._cells.values)
        if not known.any():
            return ""
        share = self._cells.measured[known].mean()
        text = self.tr("{measured} of {count} values measured, the others estimated")
        if share == 1.0:
            text = self.tr("All {count} values measured")
        elif share == 0.0:
            text = self.tr("All {count} values estimated")
        return text.format(measured=int(self._cells.measured[known].sum()), count=int(known.sum()))

    def _rescale(self) -> None:
        dark = is_dark(self.colors.base)
        self._scale = ColorScale.over(self._cells.values, log=self._log, dark=dark)

    # Painting (called by the area)

    def paint_cells(self, painter: QPainter, first: int, last: int, top: float) -> None:
        """Rows `first` to `last` (excluded), from `top` downward, names included."""
        area, chosen = self.area, self.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        if last > first:
            self._paint_colors(painter, first, last, top)
        for row in range(first, last):
            y = top + (row - first) * area.row_height
            if row in self._chosen:
                band = QRectF(0, y, area.names_width, area.row_height)
                painter.fillRect(band, color(chosen.selection))
            painter.setPen(color(chosen.text if row in self._chosen else chosen.secondary))
            area.paint_name(painter, self._cells.rows[row], y)
        self._paint_frames(painter, first, last, top)

    def _paint_colors(self, painter: QPainter, first: int, last: int, top: float) -> None:
        """All cells as one image, gaps and hatches over it."""
        area, columns = self.area, len(self._cells.columns)
        pixels = self._scale.pixels(self._cells.values[first:last])
        image = QImage(
            pixels.tobytes(), columns, last - first, 4 * columns, QImage.Format.Format_RGBA8888
        )
        lefts = [area.cell_rect(column, top).left() for column in range(columns)]
        right = area.cell_rect(columns - 1, top).right()
        height = area.row_height
        for column, left in enumerate(lefts):
            cell = area.cell_rect(column, top)
            strip = QRectF(left, top, cell.width() - 1, (last - first) * height)
            painter.drawImage(strip, image, QRectF(column, 0, 1, last - first))
        painter.setPen(color(self.colors.base))
        painter.drawLines(
            [
                QLineF(lefts[0], top + (at + 1) * height - 1, right, top + (at + 1) * height - 1)
                for at in range(last - first)
            ]
        )
        guessed = np.argwhere(
            ~self._cells.measured[first:last] & np.isfinite(self._cells.values[first:last])
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(color(self.colors.base, 0.55), Qt.BrushStyle.BDiagPattern))
        rects = [area.cell_rect(int(at), top + int(row) * height) for row, at in guessed]
        painter.drawRects([rect.adjusted(0, 0, -1, -1) for rect in rects])

    def color_of(self, row: int, column: int) -> QColor | None:
        """The color of a cell; None for one that is not known."""
        return self._scale.color_of(float(self._cells.values[row, column]))

    def _paint_frames(self, painter: QPainter, first: int, last: int, top: float) -> None:
        """Around the selected rows and the cell with the cursor."""
        area = self.area
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row in self._chosen:
            if first <= row < last:
                y = top + (row - first) * area.row_height
                left, right = area.cell_rect(0, y), area.cell_rect(len(self._cells.columns) - 1, y)
                painter.setPen(QPen(color(self.colors.accent), 1.5))
                painter.drawRect(left.united(right).adjusted(0, 0, -1, -1))
        row, column = self._at
        if first <= row < last:
            rect = area.cell_rect(column, top + (row - first) * area.row_height)
            painter.setPen(QPen(color(self.colors.base), 3))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
            painter.setPen(QPen(color(self.colors.text), 1.5))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def paint_head(self, painter: QPainter) -> None:
        """Column names and the titles of their groups."""
        area, cells = self.area, self._cells
        painter.setPen(color(self.colors.secondary))
        measure = QFontMetricsF(self.font())
        self._paint_headings(painter, measure)
        widest = max((measure.horizontalAdvance(name) for name in cells.columns), default=0)
        every = max(math.ceil((widest + 4) / area.cell_rect(0, 0).width()), 1)
        end = float("-inf")
        for column in self._named_columns(every):
            rect = area.cell_rect(column, area.head_height - measure.height() - 2)
            half = measure.horizontalAdvance(cells.columns[column]) / 2
            if rect.center().x() - half < end:
                continue  # the last name of a narrow group reaches here
            end = rect.center().x() + half + 4
            wide = rect.adjusted(-widest, 0, widest, 0)
            wide.setHeight(measure.height())
            painter.drawText(wide, Qt.AlignmentFlag.AlignCenter, cells.columns[column])

    def headings(self) -> list[Heading]:
        """Where the titles of the groups stand."""
        spans, start = [], 0
        for _, count in self._cells.groups:
            first, last = (self.area.cell_rect(at, 0) for at in (start, start + count - 1))
            spans.append((first.left(), last.right()))
            start += count
        titles = [title for title, _ in self._cells.groups]
        right = float(self.area.viewport().width())
        return headings(titles, spans, right, QFontMetricsF(self.font()))

    def _paint_headings(self, painter: QPainter, measure: QFontMetricsF) -> None:
        """Titles, and from each a line to the first of its columns."""
        height, start = measure.height(), 0
        found = self.headings()
        painter.setPen(color(self.colors.strong_border))
        for one, (_, count) in zip(found, self._cells.groups, strict=True):
            left = self.area.cell_rect(start, 0).left() - 1
            if start:
                top = QPointF(left, one.line * height)
                painter.drawLine(top, QPointF(left, self.area.head_height))
            start += count
        painter.setPen(color(self.colors.secondary))
        for one in found:
            one.paint(painter, height, color(self.colors.base))

    def _named_columns(self, every: int) -> list[int]:
        """Columns whose names fit beside each other, counted anew in each group."""
        named, start = [], 0
        for _, count in self._cells.groups or (("", len(self._cells.columns)),):
            named += list(range(start, start + count, every))
            start += count
        return named

    def paint_scale(self, painter: QPainter, rect: QRectF) -> None:
        """The scale of the colors."""
        bar = QRectF(rect.left(), rect.top() + 4, metrics(self).line * 0.8, rect.height() - 8)
        self._scale.paint(painter, bar, color(self.colors.secondary), self._text)

    # Pointer and keys

    def cell_text(self, row: int, column: int) -> str:
        """A cell in words."""
        value = float(self._cells.values[row, column])
        values = {
            "row": self._cells.rows[row],
            "column": self.column_name(column),
            "value": self._text(value),
            "quantity": self._quantity,
        }
        if not math.isfinite(value):
            return self.tr("{row}, {column}: not known").format(**values)
        if self._cells.measured[row, column]:
            text = self.tr("{row}, {column}: {quantity} {value}, measured")
        else:
            text = self.tr("{row}, {column}: {quantity} ~{value}, estimated")
        return text.format(**values)

    def _hover(self, row: int, column: int) -> None:
        text = self.cell_text(row, column) if (row, column) != _NO_CELL else ""
        self.say(text)
        more = self.details(row, column) if text and self.details is not None else ""
        self.area.viewport().setToolTip(f"{text}\n{more}" if more else text)

    def _activate(self, row: int, column: int) -> None:
        self._press(row, column)
        self.cell_activated.emit(row, column)

    def _press(self, row: int, column: int) -> None:
        self._at = (row, column)
        self.area.viewport().update()
        self.setAccessibleDescription(self.cell_text(row, column))
        self.say(self.cell_text(row, column))
        self.cell_chosen.emit(row, column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the cursor and choose, Enter activates; 0 resets the zoom."""
        rows, columns = len(self._cells.rows), len(self._cells.columns)
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_0:
            self.area.reset_zoom()
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at != _NO_CELL:
            self.cell_activated.emit(*self._at)
            return
        page = self.area.rows_in_view()
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_PageUp: (-page, 0),
            Qt.Key.Key_PageDown: (page, 0),
            Qt.Key.Key_Home: (-rows, 0),
            Qt.Key.Key_End: (rows, 0),
        }
        if key not in moves or not rows or not columns:
            super().keyPressEvent(event)
            return
        down, across = moves[key]
        start = (0, 0) if self._at == _NO_CELL else (self._at[0] + down, self._at[1] + across)
        row, column = min(max(start[0], 0), rows - 1), min(max(start[1], 0), columns - 1)
        if (row, column) != self._at:
            self.area.show_row(row)
            self._press(row, column)

    # Frame

    def extra_actions(self) -> list[QAction]:
        """What can be done with the cell that has the cursor."""
        return [] if self.offered is None else self.offered()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show the menu; upon the mouse, that of the cell under the pointer."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            port = self.area.viewport()
            at = port.mapFrom(self, event.pos())
            cell = self.area.cell_at(at.x(), at.y())
            if cell not in (_NO_CELL, self._at):
                self._press(*cell)
        super().contextMenuEvent(event)

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        if hasattr(self, "_at"):
            self._rescale()
            self.area.fit()

    def picture_size(self) -> QSize:
        """All rows, not only those in view."""
        rows = min(len(self._cells.rows), _SAVED_ROWS)
        area = self.area
        height = area.head_height + rows * area.row_height + metrics(self).line
        return QSize(max(self.canvas.width(), 480), max(round(height), 160))

    def render_picture(self, painter: QPainter, rect: QRect) -> None:
        """Paint all rows."""
        painter.fillRect(rect, color(self.colors.base))
        painter.setFont(self.font())
        rows = min(len(self._cells.rows), _SAVED_ROWS)
        self.area.paint_all(painter, QRectF(rect), 0, rows)
