"""Which layers the table shows: words, kinds, and four quick questions."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from engine.info import LayerKind
from studio.document.selectors import LayerRow
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.layer_columns import kind_words
from studio.widgets.elided import Elided


@dataclass(frozen=True, slots=True)
class Filter:
    """A question to a row; several are asked together.

    Attributes:
        text: Words that all occur in name, kind or block; with `*` or `?` a glob for the name.
        kinds: Any of these; empty: all.
        changed: The recipe does something to it.
        locked: The user has locked it.
        unsupported: Something cannot be done to it.
    """

    text: str = ""
    kinds: frozenset[LayerKind] = frozenset()
    changed: bool = False
    locked: bool = False
    unsupported: bool = False

    def __bool__(self) -> bool:
        """Whether it may keep anything out."""
        return self != _ALL

    def chosen(self, rows: Iterable[LayerRow]) -> list[LayerRow]:
        """The rows that pass, in their order."""
        words = self.text.casefold().split()
        return [row for row in rows if self._passes(row, words)]

    def _passes(self, row: LayerRow, words: list[str]) -> bool:
        if self.kinds and row.layer.kind not in self.kinds:
            return False
        if self.changed and not row.is_changed:
            return False
        if self.locked and not row.locked:
            return False
        if self.unsupported and not is_unsupported(row):
            return False
        name = row.layer.name.casefold()
        kind = row.layer.kind.value
        return all(_matches(one, name) or one in kind for one in words)


_ALL = Filter()


def is_unsupported(row: LayerRow) -> bool:
    """Whether something cannot be done to a layer."""
    return bool(row.reason) or any(cell.reason for cell in row.cells.values())


def _matches(pattern: str, name: str) -> bool:
    if "*" in pattern or "?" in pattern:
        return fnmatch.fnmatchcase(name, pattern)
    return pattern in name


class FilterBar(QWidget):
    """The line above the table: filter, grouping, columns."""

    edited = Signal(object)
    """The filter in force."""
    grouping = Signal(bool)
    """Rows are to stand in their blocks."""
    leave = Signal()
    """The user wants to go on in the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter()
        self._kinds: tuple[LayerKind, ...] = ()
        self.text = QLineEdit(self)
        self.text.setPlaceholderText(self.tr("Filter by name or kind"))
        self.text.setToolTip(
            self.tr("Words that occur in the name or kind, or a pattern such as layer3.*")
        )
        self.text.setAccessibleName(self.tr("Filter layers"))
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(metrics(self).chars(12))
        self.text.textChanged.connect(self._text_changed)
        self.kinds = self._button("", self.tr("Kinds of layers to show"))
        self.kinds.setText(self.tr("Kind ▾"))
        set_property(self.kinds, "role", "icon")
        self.kinds.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.kinds.setMenu(QMenu(self.kinds))
        self.kinds.menu().triggered.connect(self._kind_changed)
        self.changed = self._toggle(self.tr("Changed"), self.tr("Layers that the recipe changes"))
        self.locked = self._toggle(self.tr("Locked"), self.tr("Layers that are locked"))
        self.unsupported = self._toggle(
            self.tr("Unsupported"), self.tr("Layers to which something cannot be done")
        )
        self.count = Elided(parent=self)
        self.count.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.count.setMinimumWidth(1)  # the first to go where there is little room
        set_property(self.count, "tone", "secondary")
        self.group = self._button("group", self.tr("Group by block"))
        set_icon(self.group, "graph")
        self.group.setCheckable(True)
        self.group.toggled.connect(self.grouping)
        self.columns = self._button("columns", self.tr("Choose columns"))
        set_icon(self.columns, "columns")
        self.columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        set_property(self.columns, "role", "icon")
        self._lay_out()

    def _lay_out(self) -> None:
        sizes = metrics(self)
        line = QHBoxLayout(self)
        line.setContentsMargins(sizes.gap, sizes.small, sizes.gap, sizes.small)
        line.setSpacing(sizes.small)
        line.addWidget(self.text, 1)
        for button in (self.kinds, self.changed, self.locked, self.unsupported):
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(self.count)
        line.addWidget(self.group)
        line.addWidget(self.columns)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _toggle(self, text: str, tip: str) -> QToolButton:
        button = self._button("", tip)
        button.setText(text)
        button.setCheckable(True)
        button.toggled.connect(self._toggled)
        return button

    @property
    def filter(self) -> Filter:
        """What is asked now."""
        return self._filter

    def set_kinds(self, kinds: tuple[LayerKind, ...]) -> None:
        """Offer these kinds."""
        if kinds == self._kinds:
            return
        self._kinds = kinds
        menu = self.kinds.menu()
        menu.clear()
        for kind in kinds:
            action = menu.addAction(kind_words(kind))
            action.setCheckable(True)
            action.setData(kind)
            action.setChecked(kind in self._filter.kinds)
        self._take(replace(self._filter, kinds=self._filter.kinds & frozenset(kinds)))

    def set_count(self, shown: int, total: int) -> None:
        """Say how many layers there are."""
        text = self.tr("{shown} of {total} layers") if shown < total else self.tr("{total} layers")
        self.count.setText(text.format(shown=shown, total=total))
        self.count.setVisible(total > 0)

    def clear(self) -> None:
        """Show everything."""
        for button in (self.changed, self.locked, self.unsupported):
            button.setChecked(False)
        for action in self.kinds.menu().actions():
            action.setChecked(False)
        self.text.clear()
        self._take(Filter())

    def _text_changed(self, text: str) -> None:
        self._take(replace(self._filter, text=text.strip()))

    def _toggled(self) -> None:
        self._take(
            replace(
                self._filter,
                changed=self.changed.isChecked(),
                locked=self.locked.isChecked(),
                unsupported=self.unsupported.isChecked(),
            )
        )

    def _kind_changed(self, action: QAction) -> None:
        del action
        chosen = [one.data() for one in self.kinds.menu().actions() if one.isChecked()]
        self._take(replace(self._filter, kinds=frozenset(map(LayerKind, chosen))))

    def _take(self, wanted: Filter) -> None:
        if wanted == self._filter:
            return
        self._filter = wanted
        self.kinds.setText(
            self.tr("Kind: {count} ▾").format(count=len(wanted.kinds))
            if wanted.kinds
            else self.tr("Kind ▾")
        )
        self.edited.emit(wanted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape clears, Down goes on to the table."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self._filter:
            self.clear()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Escape):
            self.leave.emit()
        else:
            super().keyPressEvent(event)
