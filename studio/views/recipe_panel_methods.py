"""Choosing a method: all of them by family, each with what it does and what it promises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.registry import REGISTRY, Kind, Method
from studio.dialogs.palette import match
from studio.forms.recipe_words import kind_words, method_tip, tag_words
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.style.theme import scaled_font
from studio.words import word

_WIDTH = 64
_HEIGHT = 22
"""Of the picker: characters, rows."""
_ITEM = Qt.ItemDataRole.UserRole + 1
_TEXT_LINES = 2

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class _Item:
    """A method, or (without one) the head of a family."""

    kind: Kind
    method: Method | None = None


class _Model(QAbstractListModel):
    def __init__(self, methods: Iterable[Method], parent: QObject) -> None:
        super().__init__(parent)
        self._methods = tuple(methods)
        self._items: list[_Item] = []
        self.find("")

    def find(self, query: str) -> None:
        """Show the methods that fit, below the heads of their families."""
        self.beginResetModel()
        self._items = []
        for method in self._methods:
            texts = (word(method.title), method.name, kind_words(method.kind))
            if not any(match(query, text) for text in texts):
                continue
            if not self._items or self._items[-1].kind is not method.kind:
                self._items.append(_Item(method.kind))
            self._items.append(_Item(method.kind, method))
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        item = self._items[index.row()]
        if role == _ITEM:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return word(item.method.title) if item.method else kind_words(item.kind)
        if role == Qt.ItemDataRole.AccessibleDescriptionRole and item.method:
            return word(item.method.summary)
        if role == Qt.ItemDataRole.ToolTipRole and item.method:
            return method_tip(item.method)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self._items[index.row()].method is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    """Title and tags on a line, the summary below on two."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option
        distances = metrics()
        if index.data(_ITEM).method is None:
            return QSize(distances.chars(20), round(distances.line * 1.7))
        return QSize(distances.chars(20), round(distances.line * (1.7 + _TEXT_LINES)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item: _Item = index.data(_ITEM)
        distances, chosen = metrics(), colors_of()
        painter.save()
        area: QRect = option.rect
        inner = area.adjusted(distances.wide, distances.small, -distances.wide, -distances.small)
        if item.method is None:
            painter.setFont(scaled_font(option.font, 0.92, bold=True))
            painter.setPen(color(chosen.secondary))
            low = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
            painter.drawText(inner, low, kind_words(item.kind))
        else:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(area, color(chosen.selection))
            self._paint_method(painter, option.font, inner, item.method)
        painter.restore()

    def _paint_method(self, painter: QPainter, font: QFont, area: QRect, method: Method) -> None:
        distances, chosen = metrics(), colors_of()
        painter.setFont(scaled_font(font, 1.0, bold=True))
        painter.setPen(color(chosen.text))
        title = word(method.title)
        painter.drawText(area, Qt.AlignmentFlag.AlignTop, title)
        left = area.left() + painter.fontMetrics().horizontalAdvance(title) + distances.gap
        small = scaled_font(font, 0.85)
        painter.setFont(small)
        for tag in method.tags:
            text = tag_words(tag)
            width = painter.fontMetrics().horizontalAdvance(text) + 2 * distances.small
            chip = QRectF(left, area.top(), width, distances.line)
            if chip.right() > area.right():
                break
            painter.setPen(color(chosen.border))
            painter.setBrush(color(chosen.raised))
            painter.drawRoundedRect(chip, distances.radius, distances.radius)
            painter.setPen(color(chosen.secondary))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
            left += width + distances.small
        below = area.adjusted(0, round(distances.line * 1.15), 0, 0)
        painter.setFont(font)
        painter.setPen(color(chosen.secondary))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
        painter.drawText(below, int(flags), _shortened(painter, word(method.summary), below))


def _shortened(painter: QPainter, text: str, area: QRect) -> str:
    """As many words as fit on the lines there are."""
    flags = int(Qt.TextFlag.TextWordWrap)
    room = painter.fontMetrics().lineSpacing() * _TEXT_LINES + 2
    tall = QRect(0, 0, area.width(), 10_000)
    if painter.fontMetrics().boundingRect(tall, flags, text).height() <= room:
        return text
    words = text.split(" ")
    while words:
        words.pop()
        shorter = " ".join(words) + "…"
        if painter.fontMetrics().boundingRect(tall, flags, shorter).height() <= room:
            return shorter
    return ""


class MethodPicker(QDialog):
    """A list of methods to choose one from; typing narrows it down.

    Args:
        parent: The window it is for.
        kinds: Families to show; default: all.
    """

    chosen = Signal(str)
    """Name of the method; the picker is closed by then."""

    def __init__(self, parent: QWidget | None = None, kinds: Iterable[Kind] = ()) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("tone", "popup")
        self.setWindowTitle(self.tr("Choose a method"))
        wanted = frozenset(kinds)
        methods = (one for one in REGISTRY.steps() if not wanted or one.kind in wanted)
        ordered = sorted(methods, key=lambda one: _ORDER.index(one.kind))
        self._model = _Model(ordered, self)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("Find a method"))
        self.line.setAccessibleName(self.tr("Find a method"))
        self.line.textChanged.connect(self._find)
        self.line.installEventFilter(self)
        self.list = QListView(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("Methods"))
        self.list.clicked.connect(self._take)
        distances = metrics(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[distances.gap] * 4)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self.resize(distances.chars(_WIDTH), distances.row * _HEIGHT)
        self._find("")

    def open_below(self, widget: QWidget) -> None:
        """Show it below a button, on the screen."""
        at = widget.mapToGlobal(QPoint(0, widget.height()))
        screen = widget.screen().availableGeometry()
        self.resize(min(self.width(), screen.width()), min(self.height(), screen.height()))
        x = min(max(at.x(), screen.left()), screen.right() - self.width())
        y = min(max(at.y(), screen.top()), screen.bottom() - self.height())
        self.move(x, y)
        self.show()
        self.line.setFocus()

    def shown(self) -> list[str]:
        """Names of the methods that are shown."""
        rows = range(self._model.rowCount())
        items = (self._model.index(row).data(_ITEM) for row in rows)
        return [item.method.name for item in items if item.method is not None]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in the list work while one types."""
        if (
            watched is self.line
            and isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
        ):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _find(self, query: str) -> None:
        self._model.find(query)
        self._move(1)

    def _move(self, step: int) -> None:
        count = self._model.rowCount()
        here = self.list.currentIndex().row()
        for _ in range(count):
            here = (here + step) % count
            index = self._model.index(here)
            if index.flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentIndex(index)
                if here <= 1:  # with the family's head
                    self.list.scrollToTop()
                return

    def _take(self, index: QModelIndex) -> None:
        item = index.data(_ITEM) if index.isValid() else None
        if item is None or item.method is None:
            return
        self.accept()
        self.chosen.emit(item.method.name)


_ORDER = (
    Kind.PRUNING,
    Kind.LOW_RANK,
    Kind.COMPACT,
    Kind.SHARING,
    Kind.QUANTIZATION,
    Kind.RECOVERY,
    Kind.DISTILLATION,
)
"""Families, in the order of a usual recipe."""
