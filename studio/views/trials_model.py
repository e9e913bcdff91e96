"""Trials as an item model: a flat list, sorted, or the tree of which came from which."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon

from engine.info import Metrics
from engine.units import UNKNOWN
from studio.style.icons import icon
from studio.style.palette import colors_of
from studio.views.trials_words import (
    ORIGINAL,
    Line,
    accuracy_tip,
    accuracy_words,
    created_words,
    number_words,
    recipe_words,
    source_words,
    time_words,
)
from studio.words import word

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
Role = Qt.ItemDataRole


class Column(enum.IntEnum):
    """What the table shows."""

    NAME = 0
    ACCURACY = 1
    SIZE = 2
    MACS = 3
    LATENCY = 4
    TIME = 5
    RECIPE = 6
    REMARK = 7


_NUMBERS = {
    Column.SIZE: ("size_bytes", "bytes"),
    Column.MACS: ("macs", "count"),
    Column.LATENCY: ("latency_ms", "ms"),
}
_RIGHT = frozenset({Column.ACCURACY, Column.TIME, *_NUMBERS})


class TrialModel(QAbstractItemModel):
    """The original first, then what is pinned, then the others.

    Rows are rebuilt as a whole: there are as many as a user has made runs.
    """

    renamed = Signal(int, str)
    """The user gave a trial another name."""
    remarked = Signal(int, str)
    """The user wrote a remark."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Line, ...] = ()
        self._by_id: dict[int, Line] = {}
        self._children: dict[int | None, list[int]] = {}
        self._parents: dict[int, int | None] = {}
        self._original = Metrics()
        self._as_tree = False
        self._sort = (Column.NAME, Qt.SortOrder.AscendingOrder)

    # Content

    def set_lines(self, shown: Sequence[Line]) -> None:
        """Show other trials."""
        self._lines = tuple(shown)
        self._by_id = {line.id: line for line in self._lines}
        original = self._by_id.get(ORIGINAL)
        self._original = Metrics() if original is None else original.metrics
        self._rebuild()

    def set_tree(self, wanted: bool) -> None:
        """Show which trial came from which."""
        if wanted is not self._as_tree:
            self._as_tree = wanted
            self._rebuild()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All of them, in the order that is shown."""
        found: list[Line] = []

        def visit(parent: int | None) -> None:
            for number in self._children.get(parent, ()):
                found.append(self._by_id[number])
                visit(number)

        visit(None)
        return tuple(found)

    def line(self, index: Index) -> Line:
        """The trial of an index."""
        return self._by_id[int(index.internalId())]

    def index_of(self, number: int) -> QModelIndex:
        """Where a trial is; invalid if it is not there."""
        if number not in self._parents:
            return QModelIndex()
        row = self._children[self._parents[number]].index(number)
        return self.createIndex(row, 0, number)

    def _rebuild(self) -> None:
        self.beginResetModel()
        self._children, self._parents = {}, {}
        for line in self._sorted():
            parent = self._parent_of(line) if self._as_tree else None
            self._parents[line.id] = parent
            self._children.setdefault(parent, []).append(line.id)
        self.endResetModel()

    def _parent_of(self, line: Line) -> int | None:
        """The nearest one that a trial came from and that is still there."""
        if line.trial is None:
            return None
        number = line.trial.parent
        if number is not None and number in self._by_id and number != line.id:
            return number
        return ORIGINAL if ORIGINAL in self._by_id else None

    def _sorted(self) -> list[Line]:
        column, order = self._sort
        down = order is Qt.SortOrder.DescendingOrder
        keys = {line.id: sort_key(line, column) for line in self._lines}
        known = [line for line in self._lines if keys[line.id] is not None]
        known.sort(key=lambda line: keys[line.id], reverse=down)
        unknown = [line for line in self._lines if keys[line.id] is None]
        result = [*known, *unknown]  # what is not known stands below, whatever the order
        result.sort(key=_rank)
        return result

    # Qt's side

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """The index of a row."""
        numbers = self._children.get(self._number(parent), [])
        if not 0 <= row < len(numbers) or not 0 <= column < len(Column):
            return QModelIndex()
        return self.createIndex(row, column, numbers[row])

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override] # QObject has a parent() too
        """The trial that it came from."""
        if not index.isValid():
            return QModelIndex()
        above = self._parents.get(int(index.internalId()))
        return QModelIndex() if above is None else self.index_of(above)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many came from a trial."""
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._children.get(self._number(parent), ()))

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """How many columns there are."""
        return len(Column)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names and remarks of trials can be edited."""
        flags = super().flags(index)
        editable = index.isValid() and index.column() in (Column.NAME, Column.REMARK)
        if editable and self.line(index).trial is not None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """A column's title."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Role.DisplayRole:
            return self._title(Column(section))
        if role == Role.TextAlignmentRole:
            return _alignment(Column(section))
        if role == Role.ToolTipRole:
            return self.tr("Click to sort; the original and pinned trials stay on top.")
        return None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """What a cell shows."""
        if not index.isValid():
            return None
        answer = _ANSWERS.get(Role(role)) if role < Role.UserRole else None
        return None if answer is None else answer(self, self.line(index), Column(index.column()))

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Take a new name or remark; the wish goes out, and the state comes back."""
        if not index.isValid() or role != Role.EditRole:
            return False
        line, text = self.line(index), str(value).strip()
        if line.trial is None:
            return False
        if index.column() == Column.NAME and text and text != line.name:
            self.renamed.emit(line.id, text)
        elif index.column() == Column.REMARK and text != line.trial.remark:
            self.remarked.emit(line.id, text)
        return False

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        self._sort = (Column(max(column, 0)), order)
        self._rebuild()

    # Cells

    def _title(self, column: Column) -> str:
        return (
            self.tr("Trial"),
            self.tr("Accuracy"),
            self.tr("Size"),
            self.tr("MACs"),
            self.tr("Latency"),
            self.tr("Time"),
            self.tr("Recipe"),
            self.tr("Note"),
        )[column]

    def _text(self, line: Line, column: Column) -> str:
        trial = line.trial
        if column in _NUMBERS:
            field, form = _NUMBERS[column]
            original = None if trial is None else getattr(self._original, field)
            value, guess = getattr(line.metrics, field), getattr(line.predicted, field)
            return number_words(value, guess, form, original)
        if column is Column.ACCURACY:
            return accuracy_words(line.metrics)
        if column is Column.NAME:
            return line.name
        if trial is None:
            return "" if column is not Column.TIME else UNKNOWN
        if column is Column.TIME:
            return time_words(trial.seconds)
        return recipe_words(trial.recipe) if column is Column.RECIPE else trial.remark

    def _edited(self, line: Line, column: Column) -> str:
        return self._text(line, column)

    def _tip(self, line: Line, column: Column) -> str:
        trial = line.trial
        if column is Column.ACCURACY:
            return accuracy_tip(line.metrics)
        if column in _NUMBERS:
            return self._number_tip(line, column)
        if trial is None:
            return self.tr("The network as it was opened.")
        if column is Column.RECIPE:
            return recipe_words(trial.recipe).replace(" → ", "\n→ ")
        if column is Column.REMARK and trial.remark:
            return trial.remark
        parts = [created_words(trial.created)]
        if line.is_base:
            parts.append(self.tr("The recipe in force was made from it."))
        if trial.stopped:
            parts.append(self.tr("The run was ended early."))
        parts.extend(word(note) for note in trial.notes)
        return "\n".join(part for part in parts if part)

    def _number_tip(self, line: Line, column: Column) -> str:
        field, form = _NUMBERS[column]
        value, guess = getattr(line.metrics, field), getattr(line.predicted, field)
        if value is None:
            return self.tr("Predicted; it was not measured.") if guess is not None else ""
        if guess is None:
            return self.tr("Measured.")
        template = self.tr("Measured; {guess} was predicted before the run.")
        return template.format(guess=number_words(None, guess, form))

    def _icon(self, line: Line, column: Column) -> QIcon | None:
        if column is Column.NAME and line.trial is not None and line.trial.pinned:
            return icon("pin", "accent")
        return None

    def _font(self, line: Line, column: Column) -> QFont | None:
        if column is Column.NAME and line.is_base:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
        return None

    def _ink(self, line: Line, column: Column) -> QColor | None:
        chosen = colors_of()
        if line.trial is None:
            return QColor(chosen.original)
        unmeasured = column in _NUMBERS and getattr(line.metrics, _NUMBERS[column][0]) is None
        if unmeasured or column in (Column.TIME, Column.RECIPE, Column.REMARK):
            return QColor(chosen.secondary)
        return None

    def _aligned(self, line: Line, column: Column) -> Qt.AlignmentFlag:
        return _alignment(column)

    def _spoken(self, line: Line, column: Column) -> str:
        """For screen readers: the number with its title."""
        source = source_words(line.metrics.source) if column is Column.ACCURACY else ""
        return " ".join(
            part for part in (self._title(column), self._text(line, column), source) if part
        )

    def _number(self, index: Index) -> int | None:
        return int(index.internalId()) if index.isValid() else None


def sort_key(line: Line, column: Column) -> Any:
    """What a column is sorted by; None: not known."""
    trial = line.trial
    if column in _NUMBERS:
        field = _NUMBERS[column][0]
        value = getattr(line.metrics, field)
        return value if value is not None else getattr(line.predicted, field)
    if column is Column.ACCURACY:
        return line.metrics.top1
    if column is Column.NAME:
        return line.id  # by age: names are mostly numbered
    if trial is None:
        return None
    if column is Column.TIME:
        return trial.seconds if math.isfinite(trial.seconds) else None
    return recipe_words(trial.recipe) if column is Column.RECIPE else (trial.remark.lower() or None)


def _rank(line: Line) -> int:
    if line.trial is None:
        return 0
    return 1 if line.trial.pinned else 2


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


_Answer = Callable[[TrialModel, Line, Column], Any]
_ANSWERS: dict[Role, _Answer] = {
    Role.DisplayRole: TrialModel._text,
    Role.EditRole: TrialModel._edited,
    Role.ToolTipRole: TrialModel._tip,
    Role.DecorationRole: TrialModel._icon,
    Role.FontRole: TrialModel._font,
    Role.ForegroundRole: TrialModel._ink,
    Role.TextAlignmentRole: TrialModel._aligned,
    Role.AccessibleTextRole: TrialModel._spoken,
}
