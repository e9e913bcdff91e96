"""The rows of a form: a title, an editor, a button that takes the value back, and what is wrong.

`Rows` shows the fields of one model; a nested model is a `Rows` inside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from studio.forms import hints
from studio.forms.editors import ChoiceEditor, FileEditor, RangeEditor, RatioEditor, Toggle
from studio.forms.lines import DataEditor, NumberEditor, NumbersEditor, TextEditor
from studio.forms.schema import Field, Shape
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.words import word

translate = QCoreApplication.translate

_TITLE, _EDITOR, _RESET = range(3)
_PART = 4
"""Lines of the grid that a row has: editor, origin, problem, room."""
_SHARE = 0.42
"""Of the width that titles may take."""


class Row:
    """One field: its widgets, and how it stands.

    Args:
        field: What it edits.
        rows: Where its widgets are put, and which tells what is wished.
    """

    def __init__(self, field: Field, rows: Rows) -> None:
        self.field = field
        self.editor = make_editor(field, rows)
        self.overridden = False
        self.counts = True
        self.problem = ""
        self._shown = True
        self._own_problem = ""
        self._origin = ""
        self._rows = rows
        self.title: QLabel | None = None
        self._button: QToolButton | None = None
        self._wrong: QLabel | None = None
        self._from: QLabel | None = None
        self._grid: QGridLayout | None = None
        self._line = 0
        self.editor.edited.connect(self._tell)
        self.editor.rejected.connect(self._reject)
        self._name()

    def place(self, grid: QGridLayout, line: int) -> None:
        """Put title and editor into a grid."""
        self._grid, self._line = grid, line * _PART
        if self.field.shape in _WIDE:
            grid.addWidget(self.editor, self._line, _TITLE, 1, 2)
            return
        self.title = QLabel(word(self.field.title), self._rows)
        self.title.setWordWrap(True)
        self.title.setToolTip(self.editor.toolTip())
        self.title.setBuddy(self.editor)
        grid.addWidget(self.title, self._line, _TITLE)
        grid.addWidget(self.editor, self._line, _EDITOR)

    def set_overridden(self, overridden: bool, tip: str) -> None:
        """Say whether the value can be taken back, and what to."""
        self.overridden = overridden
        if overridden and self._button is None and self._grid is not None:
            self._button = self._make_button(self._grid)
        if self._button is not None:
            self._button.setToolTip(tip)
            self._button.setVisible(overridden and self._shown)

    def set_problem(self, text: str) -> None:
        """Show what is wrong with the value that is in force; empty: nothing."""
        if text != self.problem:
            self.problem = text
            self._show_problem()

    def set_origin(self, text: str) -> None:
        """Say below the editor where the value comes from; empty: nowhere else."""
        if text == self._origin:
            return
        self._origin = text
        if self._from is None and self._grid is not None:
            self._from = self._add_line("secondary", 1)
        if self._from is not None:
            self._from.setText(text)
            self._from.setVisible(bool(text) and self.is_shown())

    def is_shown(self) -> bool:
        """Whether it has anything to say."""
        return self.counts or self.overridden or bool(self.problem or self._own_problem)

    def update_shown(self) -> None:
        """Show or hide all of its widgets."""
        shown = self.is_shown()
        if shown is self._shown:
            return
        self._shown = shown
        self.editor.setVisible(shown)
        if self.title is not None:
            self.title.setVisible(shown)
        if self._button is not None:
            self._button.setVisible(shown and self.overridden)
        if self._from is not None:
            self._from.setVisible(shown and bool(self._origin))

    @property
    def button(self) -> QToolButton | None:
        """Takes the value back; None while there was nothing to take back."""
        return self._button

    @property
    def told(self) -> str:
        """What is said to be wrong."""
        return self._own_problem or self.problem

    def _tell(self, value: Any, final: bool) -> None:
        self._rows.edited.emit(self.field.name, value, final)

    def _reject(self, text: str) -> None:
        if text != self._own_problem:
            self._own_problem = text
            self._show_problem()

    def _show_problem(self) -> None:
        text = self.told
        if text and self._wrong is None and self._grid is not None:
            self._wrong = self._add_line("error", 2)
        if self._wrong is not None:
            self._wrong.setText(text[:1].upper() + text[1:])
            self._wrong.setVisible(bool(text))
        line = getattr(self.editor, "number", None) or getattr(self.editor, "line", self.editor)
        set_property(line, "state", "error" if text else "")
        self.update_shown()

    def _make_button(self, grid: QGridLayout) -> QToolButton:
        made = QToolButton(self._rows)
        name = translate("Row", "Take back {field}").format(field=word(self.field.title))
        made.setAccessibleName(name)
        made.clicked.connect(self._take_back)
        set_icon(made, "reset", "secondary")
        grid.addWidget(made, self._line, _RESET, Qt.AlignmentFlag.AlignTop)
        return made

    def _take_back(self) -> None:
        self._reject("")
        self._rows.reset.emit(self.field.name)

    def _add_line(self, tone: str, below: int) -> QLabel:
        made = QLabel(self._rows)
        made.setProperty("tone", tone)
        made.setWordWrap(True)
        assert self._grid is not None
        self._grid.addWidget(made, self._line + below, _TITLE, 1, 3)
        return made

    def _name(self) -> None:
        title, description = word(self.field.title), word(self.field.description)
        self.editor.setToolTip(description)
        if hasattr(self.editor, "name"):
            self.editor.name(title, description)
        else:
            self.editor.setAccessibleName(title)
            self.editor.setAccessibleDescription(description)


class Rows(QWidget):
    """The fields of one model, one below the other.

    Args:
        fields: What to show.
        parent: Owner.
    """

    edited = Signal(str, object, bool)
    reset = Signal(str)

    def __init__(self, fields: tuple[Field, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, Row] = {}
        self._title_width = 0
        distances = metrics(self)
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(distances.gap)
        grid.setVerticalSpacing(distances.hair)
        grid.setColumnStretch(_EDITOR, 1)
        grid.setColumnMinimumWidth(_RESET, distances.icon + 2 * distances.hair)
        for line, field in enumerate(fields):
            row = Row(field, self)
            row.place(grid, line)
            grid.setRowMinimumHeight(line * _PART + _PART - 1, distances.hair)
            self.rows[field.name] = row

    def set_values(
        self,
        values: Mapping[str, Any],
        mixed: Collection[str] = (),
        around: Mapping[str, Any] | None = None,
    ) -> None:
        """Show values; what is missing is shown as the default.

        Args:
            values: Field → plain value.
            mixed: Fields that have several values.
            around: Values that decide which fields count, if not `values` themselves.
        """
        deciders = values if around is None else around
        for name, row in self.rows.items():
            if hasattr(row.editor, "set_around"):
                row.editor.set_around(deciders)
            if name in mixed:
                row.editor.set_mixed()
            else:
                row.editor.set_value(values.get(name, row.field.default))
            row.counts = _counts(row.field, deciders, mixed)
            row.update_shown()

    def set_title_width(self, width: int) -> None:
        """How wide the column of titles is, as long as it takes no more than its share."""
        self._title_width = width
        self._fit_titles()

    def widest_title(self) -> int:
        """How wide the column of titles would like to be."""
        measure = self.fontMetrics().horizontalAdvance
        titles = (row.title for row in self.rows.values())
        widest = max((measure(one.text()) for one in titles if one is not None), default=0)
        return widest + metrics(self).small

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Titles take no more than their share."""
        super().resizeEvent(event)
        self._fit_titles()

    def _fit_titles(self) -> None:
        widest = round(self.width() * _SHARE)
        self._grid.setColumnMinimumWidth(_TITLE, min(widest, self._title_width))
        for row in self.rows.values():
            if row.title is not None:
                row.title.setMaximumWidth(widest)


def _counts(field: Field, values: Mapping[str, Any], mixed: Collection[str]) -> bool:
    """Whether a parameter has an effect beside these."""
    condition = hints.counts_when(field.path, values)
    if condition is None:
        return True
    decider, wanted = condition
    return decider in mixed or values[decider] in wanted


def make_editor(field: Field, parent: QWidget) -> Any:
    """The editor for a field's shape."""
    from studio.forms.nested import GroupEditor, ListEditor, VariantEditor

    nested = {
        Shape.GROUP: GroupEditor,
        Shape.VARIANT: VariantEditor,
        Shape.LIST: ListEditor,
    }
    return {**_EDITORS, **nested}[field.shape](field, parent)


_EDITORS: Mapping[Shape, type[QWidget]] = {
    Shape.BOOLEAN: Toggle,
    Shape.INTEGER: NumberEditor,
    Shape.NUMBER: NumberEditor,
    Shape.RATIO: RatioEditor,
    Shape.CHOICE: ChoiceEditor,
    Shape.TEXT: TextEditor,
    Shape.FILE: FileEditor,
    Shape.RANGE: RangeEditor,
    Shape.NUMBERS: NumbersEditor,
    Shape.DATA: DataEditor,
}
_WIDE = frozenset({Shape.BOOLEAN, Shape.GROUP, Shape.VARIANT, Shape.LIST})
"""Shapes whose editor shows its title itself."""
