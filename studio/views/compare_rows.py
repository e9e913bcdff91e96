"""Plain rows in a table that sorts, copies itself as CSV, and draws bars behind numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from studio.style.metrics import metrics
from studio.style.palette import color, colors_of

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_NOWHERE = QModelIndex()
_BAR = Role.UserRole
_TONE = Role.UserRole + 1
_ENOUGH = 9
"""Digits that every column has room for, if its texts are as long."""
_LOOKED_AT = 60
"""Rows whose texts say how wide a column has to be."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: Shown.
        key: Sorted by; None: below all others. The text where it is left out.
        tip: Tooltip.
        tone: Which of `Colors` the text has; empty: the usual.
        bar: 0…1, drawn behind the text; None: no bar.
        ink: Which of `Colors` the bar has.
    """

    text: str
    key: Any = ""
    tip: str = ""
    tone: str = ""
    bar: float | None = None
    ink: str = "measured"


Row = tuple[str, tuple[Cell, ...]]
"""Id and cells."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column.

    Attributes:
        title: Its name.
        characters: Its width.
        right: Whether it holds numbers.
    """

    title: str
    characters: int
    right: bool = False


class _Rows(QAbstractTableModel):
    def __init__(self, heads: Sequence[Head], parent: QObject) -> None:
        super().__init__(parent)
        self.heads = list(heads)
        self.rows: list[tuple[Cell, ...]] = []
        self.ids: list[str] = []
        self._given: tuple[Row, ...] = ()
        self._order: tuple[int, bool] | None = None

    def set_heads(self, heads: Sequence[Head]) -> None:
        self.beginResetModel()
        self.heads = list(heads)
        self.endResetModel()

    def set_rows(self, rows: Sequence[Row]) -> None:
        self._given = tuple(rows)
        self._rebuild()

    def set_title(self, column: int, title: str) -> None:
        old = self.heads[column]
        self.heads[column] = Head(title, old.characters, old.right)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, column, column)

    def _rebuild(self) -> None:
        self.beginResetModel()
        found = list(self._given)
        if self._order is not None:
            column, down = self._order
            known = [row for row in found if _key(row[1][column]) is not None]
            known.sort(key=lambda row: _key(row[1][column]), reverse=down)
            found = known + [row for row in found if _key(row[1][column]) is None]
        self.ids = [name for name, _cells in found]
        self.rows = [cells for _name, cells in found]
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.heads):
            return None
        head = self.heads[section]
        if role in (Role.DisplayRole, Role.ToolTipRole):
            return head.title
        return _side(right=head.right) if role == Role.TextAlignmentRole else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self.rows[index.row()][index.column()]
        if role == Role.DisplayRole:
            return cell.text
        if role == Role.ToolTipRole:
            return cell.tip or None
        if role == Role.TextAlignmentRole:
            return _side(right=self.heads[index.column()].right)
        if role == Role.ForegroundRole and cell.tone:
            return QColor(getattr(colors_of(), cell.tone))
        if role == _BAR and cell.bar is not None:
            return cell.bar
        return cell.ink if role == _TONE else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        given = column < 0 or column >= len(self.heads)
        self._order = None if given else (column, order is Qt.SortOrder.DescendingOrder)
        self._rebuild()


class RowsTable(QTreeView):
    """The table; the last column takes what room there is."""

    chosen = Signal(str)
    """The user went to a row; its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows((), self)
        self._quiet = False
        self._moved = False
        self.setModel(self._rows)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setItemDelegate(_Painter(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        copy = QAction(self.tr("Copy as CSV"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.header().setStretchLastSection(True)
        self.header().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.header().sectionResized.connect(self._section_moved)
        self.selectionModel().currentChanged.connect(self._went)

    def set_heads(self, name: str, heads: Sequence[Head]) -> None:
        """Say what the table is called and what columns it has."""
        self.setAccessibleName(name)
        self._rows.set_heads(heads)
        self._fit()

    def allow_sorting(self) -> None:
        """Let a click on a title sort; before the first, rows stand as they were given."""
        self.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show other rows: id and cells of each."""
        self._quiet = True
        self._rows.set_rows(rows)
        self._quiet = False
        self._fit()

    def remark(self, text: str) -> Row:
        """A row that says why there are no others."""
        blank = [Cell("")] * (len(self._rows.heads) - 1)
        return "", (Cell(text, tip=text, tone="secondary"), *blank)

    def set_title(self, column: int, title: str) -> None:
        """Call a column otherwise."""
        self._rows.set_title(column, title)
        self._fit()

    def go_to(self, name: str) -> None:
        """Mark a row by its id, and tell nobody."""
        self._quiet = True
        if name in self._rows.ids:
            index = self._rows.index(self._rows.ids.index(name), 0)
            self.setCurrentIndex(index)
            self.scrollTo(index)
        else:
            self.clearSelection()
        self._quiet = False

    @property
    def cells(self) -> list[tuple[Cell, ...]]:
        """What is shown, in that order."""
        return self._rows.rows

    def csv(self) -> str:
        """Titles and texts."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(head.title for head in self._rows.heads)
        writer.writerows([cell.text for cell in row] for row in self._rows.rows)
        return buffer.getvalue()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns share the room, until the user has moved one."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        heads = self._rows.heads
        if self._moved or not heads:
            return
        wished = [metrics(self).chars(head.characters) for head in heads]
        least = [self._least(column) for column in range(len(heads))]
        room = max(self.viewport().width(), sum(least))  # with less the table scrolls
        scale = room / sum(wished)
        widths = [max(width * scale, need) for width, need in zip(wished, least, strict=True)]
        over = sum(widths) - room
        spare = [width - need for width, need in zip(widths, least, strict=True)]
        if over > 0 and sum(spare) > 0:  # those that have more than they need give it
            share = min(over / sum(spare), 1.0)
            widths = [width - share * one for width, one in zip(widths, spare, strict=True)]
        self._quiet = True
        for column, width in enumerate(widths):
            self.header().resizeSection(column, int(width))
        self._quiet = False

    def _least(self, column: int) -> float:
        """What a column needs so that its title and short texts are not cut."""
        head = self._rows.heads[column]
        sizes = metrics(self)
        measure = self.fontMetrics().horizontalAdvance
        texts = (row[column].text for row in self._rows.rows[:_LOOKED_AT])
        words = max((measure(text) for text in texts), default=0)
        enough = min(sizes.chars(_ENOUGH), sizes.chars(head.characters))
        return float(min(max(measure(head.title), words) + 2 * sizes.gap, enough))

    def _section_moved(self, *_sizes: int) -> None:
        """The user pulls at a column; the last one also changes by itself."""
        self._moved |= bool(QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.csv())

    def _went(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self.chosen.emit(self._rows.ids[index.row()])


class _Painter(QStyledItemDelegate):
    """Draws the bar, then the text over it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        size = super().sizeHint(option, index)
        return size.expandedTo(QSize(0, metrics(option.widget).row))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        bar = index.data(_BAR)
        if bar is not None:
            area: QRect = option.rect.adjusted(2, 4, -2, -4)
            width = round(area.width() * min(max(float(bar), 0.0), 1.0))
            ink = getattr(colors_of(option.widget), str(index.data(_TONE)))
            painter.fillRect(QRect(area.left(), area.top(), width, area.height()), color(ink, 0.32))
        tone = index.data(Role.ForegroundRole)
        if tone is not None:  # the tone also on the ground of a selected row
            option.palette.setColor(QPalette.ColorRole.HighlightedText, tone)
        super().paint(painter, option, index)


def _key(cell: Cell) -> Any:
    return cell.text.lower() if cell.key == "" else cell.key


def _side(*, right: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
