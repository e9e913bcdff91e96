"""The command palette: every command, found by a few of its letters.

It knows commands as plain records only; what they do is for whoever listens to `chosen`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.style.metrics import metrics
from studio.style.palette import color, colors_of

_WIDTH = 62
"""Characters of the palette's width."""
_ROWS = 12
_FOUND = Qt.ItemDataRole.UserRole + 1
_START, _NEXT, _LATE = 8, 5, 1
"""Worth of a letter: at the start of a word, right after the one before, anywhere else."""

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the palette shows it.

    Attributes:
        id: What `chosen` tells.
        text: Its words, without mnemonic signs.
        shortcut: As text.
        enabled: Whether it can be chosen now.
        group: The menu it is in.
    """

    id: str
    text: str
    shortcut: str = ""
    enabled: bool = True
    group: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A command that fits what was typed.

    Attributes:
        command: Which one.
        worth: More fits better.
        at: Places of the letters that fit, in `label`.
        label: The group and the words.
    """

    command: Command
    worth: int
    at: tuple[int, ...]
    label: str


def match(query: str, text: str) -> tuple[int, tuple[int, ...]] | None:
    """How well letters fit a text in their order, and where; None if they do not.

    Letters at the start of words and letters in a row are worth more. Blanks of the query count
    for nothing.
    """
    letters = [one for one in _folded(query) if not one.isspace()]
    folded = _folded(text)
    best: dict[int, tuple[int, tuple[int, ...]]] = {-1: (0, ())}
    for letter in letters:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        for place, one in enumerate(folded):
            if one != letter:
                continue
            before = [
                (worth + _worth(folded, last, place), at)
                for last, (worth, at) in best.items()
                if last < place
            ]
            if before:
                worth, at = max(before, key=lambda pair: pair[0])
                following[place] = (worth, (*at, place))
        best = following
    if not best:
        return None
    return max(best.values(), key=lambda pair: (pair[0], [-place for place in pair[1]]))


def _folded(text: str) -> str:
    """Without case, letter by letter, so that places stay where they are (ß does not become ss)."""
    return "".join(low if len(low := one.casefold()) == 1 else one for one in text)


def _worth(text: str, last: int, place: int) -> int:
    if place == 0 or not text[place - 1].isalnum():
        return _START
    return _NEXT if last == place - 1 else _LATE


def find(query: str, commands: Sequence[Command], recent: Sequence[str] = ()) -> list[Found]:
    """The commands that fit, best first; without a query all of them, the recent ones first."""
    found = []
    for command in commands:
        fits = match(query, command.text)
        label, shift = command.text, 0
        if command.group:
            label, shift = f"{command.group}: {command.text}", len(command.group) + 2
        if fits is None and command.group:
            fits, shift = match(query, label), 0
        if fits is not None:
            at = tuple(place + shift for place in fits[1])
            found.append(Found(command, fits[0], at, label))
    ranks = {name: rank for rank, name in enumerate(recent)}

    def order(one: Found) -> tuple[bool, int, int, int]:
        rank = ranks.get(one.command.id, len(ranks))
        return (not one.command.enabled, -one.worth, rank, len(one.label) if query else 0)

    return sorted(found, key=order)


class _Model(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._found: list[Found] = []

    def show(self, found: list[Found]) -> None:
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        found = self._found[index.row()]
        if role == _FOUND:
            return found
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return found.label
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not self._found[index.row()].command.enabled:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    """Words with the letters that fit in bold, and the shortcut at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        distances = metrics()
        return QSize(distances.chars(20), distances.row)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        found = index.data(_FOUND)
        distances, chosen = metrics(), colors_of()
        painter.save()
        area: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, color(chosen.selection))
        inner = area.adjusted(distances.wide, 0, -distances.wide, 0)
        enabled = found.command.enabled
        painter.setPen(color(chosen.secondary if enabled else chosen.disabled))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, right, found.command.shortcut)
        room = painter.fontMetrics().horizontalAdvance(found.command.shortcut) + distances.wide
        painter.setPen(color(chosen.text if enabled else chosen.disabled))
        _draw_marked(painter, inner.adjusted(0, 0, -room, 0), found)
        painter.restore()


def _draw_marked(painter: QPainter, area: QRect, found: Found) -> None:
    """Draw the label, letters that fit in bold, as far as there is room."""
    plain = QFont(painter.font())
    bold = QFont(plain)
    bold.setBold(True)
    at, x = set(found.at), area.left()
    start = 0
    label = found.label
    while start < len(label):
        end = start
        while end < len(label) and (end in at) == (start in at):
            end += 1
        painter.setFont(bold if start in at else plain)
        run = label[start:end]
        left = QRect(x, area.top(), max(0, area.right() - x), area.height())
        shown = painter.fontMetrics().elidedText(run, Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, shown)
        x += painter.fontMetrics().horizontalAdvance(run)
        start = end
    painter.setFont(plain)


class CommandPalette(QDialog):
    """A line to type in, and the commands that fit below it.

    Args:
        commands: All there are.
        recent: Ids of those used lately, the last one first.
        parent: The window it is for.
    """

    chosen = Signal(str)
    """Id of the command that was chosen; the palette is closed by then."""

    def __init__(
        self,
        commands: Sequence[Command],
        recent: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(self.tr("Commands"))
        self.setProperty("tone", "popup")
        self._commands = tuple(commands)
        self._recent = tuple(recent)
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(self.tr("Type a command"))
        self.line.setAccessibleName(self.tr("Command"))
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._find)
        self.line.installEventFilter(self)
        self._model = _Model(self)
        self.list = QListView(self)
        self.list.setModel(self._model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(self.tr("Commands that fit"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._take)
        self._none = QLabel(self.tr("No command fits"), self)
        self._none.setProperty("tone", "secondary")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        distances = metrics(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[distances.gap] * 4)
        layout.setSpacing(distances.gap)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._none, 1)
        self.resize(distances.chars(_WIDTH), distances.row * (_ROWS + 2))
        self._find("")

    def open_over(self, window: QWidget) -> None:
        """Show it in the upper middle of a window."""
        area = window.rect()
        self.resize(min(self.width(), area.width()), min(self.height(), area.height()))
        corner = window.mapToGlobal(area.topLeft())
        down = min(metrics(self).row * 3, max(0, area.height() - self.height()))
        self.move(corner.x() + (area.width() - self.width()) // 2, corner.y() + down)
        self.show()
        self.line.setFocus()

    def shown(self) -> list[str]:
        """Ids of the commands that fit, in their order."""
        rows = range(self._model.rowCount())
        return [self._model.index(row).data(_FOUND).command.id for row in rows]

    def current(self) -> str:
        """Id of the command that Enter would choose; empty: none."""
        index = self.list.currentIndex()
        return str(index.data(_FOUND).command.id) if index.isValid() else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in the list work while one types."""
        if watched is self.line and isinstance(event, QKeyEvent):
            pressed = event.type() is QEvent.Type.KeyPress
            steps = _STEPS.get(Qt.Key(event.key())) if pressed else None
            if steps is not None:
                self._move(steps)
                return True
            if pressed and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._take(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _find(self, query: str) -> None:
        self._model.show(find(query, self._commands, self._recent))
        empty = self._model.rowCount() == 0
        self.list.setVisible(not empty)
        self._none.setVisible(empty)
        first = self._model.index(0)
        if not empty and first.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentIndex(first)

    def _move(self, steps: int) -> None:
        rows = [row for row in range(self._model.rowCount()) if self._is_enabled(row)]
        if not rows:
            return
        here = self.list.currentIndex().row()
        place = rows.index(here) if here in rows else (-1 if steps > 0 else 0)
        if abs(steps) == 1:
            place = (place + steps) % len(rows)
        else:
            place = min(max(place + steps, 0), len(rows) - 1)
        self.list.setCurrentIndex(self._model.index(rows[place]))

    def _is_enabled(self, row: int) -> bool:
        return bool(self._model.index(row).flags() & Qt.ItemFlag.ItemIsEnabled)

    def _take(self, index: QModelIndex) -> None:
        if not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        name = index.data(_FOUND).command.id
        self.accept()
        self.chosen.emit(name)


_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _ROWS,
    Qt.Key.Key_PageUp: -_ROWS,
}
