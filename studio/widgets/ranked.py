"""A short list of what is most, with a bar for each, and buckets of what is alike.

Predicted bars are hatched, measured ones solid. A click, or Enter, chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from studio.style.metrics import metrics
from studio.style.palette import color, colors_of

_LINE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ranking.

    Attributes:
        name: What it is about; its end is what tells it from others.
        value: The number for people, with `~` where it is predicted.
        share: Length of the bar, 0…1.
        measured: The bar is solid; else hatched.
        tip: More about it.
    """

    name: str
    value: str
    share: float
    measured: bool = False
    tip: str = ""


class RankedList(QListWidget):
    """Lines with bars, as many as there are; it never scrolls by itself.

    Args:
        name: What a screen reader calls it.
        parent: Owner.
    """

    chosen = Signal(int)
    """Place of the line that was clicked or entered."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setItemDelegate(_Bars(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.itemClicked.connect(self._choose)
        self.itemActivated.connect(self._choose)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these, the first on top."""
        self.clear()
        for line in lines:
            item = QListWidgetItem(line.name, self)
            item.setData(_LINE, line)
            item.setToolTip(line.tip)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{line.name}: {line.value}")
        self.updateGeometry()

    def lines(self) -> tuple[Line, ...]:
        """What it shows."""
        return tuple(self.item(place).data(_LINE) for place in range(self.count()))

    def mark(self, place: int) -> None:
        """Mark a line as the chosen one, and tell nobody; -1: none."""
        self.clearSelection()
        if 0 <= place < self.count():
            self.item(place).setSelected(True)

    def sizeHint(self) -> QSize:
        """All lines."""
        height = metrics(self).row * max(self.count(), 1) + 2 * self.frameWidth()
        return QSize(metrics(self).chars(20), height)

    def minimumSizeHint(self) -> QSize:
        """All lines, in any width."""
        return QSize(0, self.sizeHint().height())

    def _choose(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.row(item))


class _Bars(QStyledItemDelegate):
    """A name, a number, and a bar behind them."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """As high as a row of a table."""
        del option, index
        return QSize(0, metrics(self._list).row)

    @property
    def _list(self) -> RankedList:
        parent = self.parent()
        assert isinstance(parent, RankedList)  # it made this
        return parent

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Qt's."""
        line = index.data(_LINE)
        chosen, sizes = colors_of(self._list), metrics(self._list)
        rect: QRect = option.rect
        state = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, color(chosen.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, color(chosen.hover))
        bar = QRectF(rect).adjusted(sizes.small, 3, -sizes.small, -3)
        bar.setWidth(max(bar.width() * min(max(line.share, 0.0), 1.0), 2.0))
        paint_bar_behind(painter, bar, chosen.measured, measured=line.measured)
        room = rect.adjusted(2 * sizes.small, 0, -2 * sizes.small, 0)
        words = QFontMetrics(self._list.font())
        painter.setPen(color(chosen.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | middle, line.value)
        room.setRight(room.right() - words.horizontalAdvance(line.value) - sizes.gap)
        name = words.elidedText(line.name, Qt.TextElideMode.ElideLeft, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | middle, name)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(color(chosen.accent), 1))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()


def paint_bar_behind(painter: QPainter, bar: QRectF, ink: str, *, measured: bool) -> None:
    """A bar that words can stand on: solid and faint, or hatched."""
    if measured:
        painter.fillRect(bar, color(ink, 0.32))
        return
    painter.fillRect(bar, color(ink, 0.08))
    painter.fillRect(bar, QBrush(color(ink, 0.4), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QPen(color(ink, 0.5), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))


class Buckets(QWidget):
    """Buttons in a row: a title over a count, each with a color of its own.

    Args:
        titles: One for each button.
        parent: Owner.
    """

    chosen = Signal(int)
    """Place of the button that was pressed."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(metrics(self).hair)
        self.buttons = [_Bucket(title, self) for title in titles]
        for place, button in enumerate(self.buttons):
            row.addWidget(button, 1)
            button.clicked.connect(lambda _=False, at=place: self.chosen.emit(at))

    def set_bucket(self, place: int, count: int, ink: QColor | None, tip: str) -> None:
        """How many there are in one, its color, and what it means."""
        button = self.buttons[place]
        button.count, button.ink = count, ink
        button.setEnabled(count > 0)
        button.setToolTip(tip)
        button.setAccessibleName(f"{button.text()}: {count}")
        button.setAccessibleDescription(tip)
        button.update()

    def mark(self, place: int) -> None:
        """Show one as chosen; -1: none."""
        for at, button in enumerate(self.buttons):
            if button.is_chosen != (at == place):
                button.is_chosen = at == place
                button.update()


class _Bucket(QAbstractButton):
    """One bucket."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self.count = 0
        self.is_chosen = False
        self.ink: QColor | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Two lines and the colored edge."""
        sizes, words = metrics(self), QFontMetrics(self.font())
        width = max(words.horizontalAdvance(self.text()), words.horizontalAdvance("000"))
        return QSize(width + 2 * sizes.small, 2 * words.height() + 3 * sizes.small)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        del event
        chosen, sizes = colors_of(self), metrics(self)
        painter = QPainter(self)
        rect = self.rect().adjusted(0, 0, -1, -1)
        ground = chosen.selection if self.is_chosen else chosen.base
        if self.isEnabled() and not self.is_chosen:
            ground = chosen.pressed if self.isDown() else ground
            ground = chosen.hover if self.underMouse() and not self.isDown() else ground
        painter.fillRect(rect, color(ground))
        edge = QRect(rect.left(), rect.bottom() - sizes.small, rect.width() + 1, sizes.small + 1)
        if self.ink is not None and self.count:
            painter.fillRect(edge, self.ink)
        painter.setPen(QPen(color(chosen.accent if self.hasFocus() else chosen.border), 1))
        painter.drawRect(rect)
        lines = rect.adjusted(0, sizes.small // 2, 0, -sizes.small)
        top, bottom = QRect(lines), QRect(lines)
        top.setHeight(lines.height() // 2)
        bottom.setTop(top.bottom())
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.ButtonText))
        painter.drawText(top, Qt.AlignmentFlag.AlignCenter, self.text())
        font = painter.font()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(bottom, Qt.AlignmentFlag.AlignCenter, str(self.count))
        painter.end()
