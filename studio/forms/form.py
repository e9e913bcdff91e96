"""A form made from a method's parameters: nothing in it is written for one method."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel
from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.forms import hints, numbers
from studio.forms.rows import Row, Rows
from studio.forms.schema import Field, Shape, fields_of
from studio.style.metrics import metrics
from studio.widgets.collapsible import Collapsible
from studio.words import word

translate = QCoreApplication.translate


class Form(QWidget):
    """Editors for the parameters of a model.

    Values are plain, as recipes have them: text for a choice, 0…1 for a ratio, lists and dicts for
    nested models. The form keeps no values of its own: it shows what it is given and says what is
    wished.

    Args:
        params: The model.
        parent: Owner.
    """

    changed = Signal(str, object, bool)
    """A field is to have a value; False: a drag goes on."""
    reset = Signal(str)
    """A field is to have what it has without."""

    def __init__(self, params: type[BaseModel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = {one.name: one for one in fields_of(params)}
        self._values: dict[str, Any] = {}
        self._base: Mapping[str, Any] = {}
        self._overridden: frozenset[str] = frozenset()
        self._mixed: frozenset[str] = frozenset()
        self._problems: dict[str, str] = {}
        self._origins: dict[str, str] = {}
        self._first = self._make_rows(tuple(f for f in self._fields.values() if f.common))
        self._rest: Rows | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics(self).small)
        layout.addWidget(self._first)
        self._first.set_title_width(self._first.widest_title())
        self._folded = tuple(f for f in self._fields.values() if not f.common)
        self._more: Collapsible | None = None
        if self._folded:
            self._more = Collapsible(self.tr("More settings"), self._make_rest, self)
            layout.addWidget(self._more)

    @property
    def more(self) -> Collapsible | None:
        """What holds the less common fields; None where there are none."""
        return self._more

    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order that they are shown in."""
        return tuple(self._fields.values())

    def row(self, name: str) -> Row | None:
        """The row of a field, if it was made already."""
        return self._rows().get(name)

    def set_values(
        self,
        values: Mapping[str, Any],
        overridden: Collection[str] = (),
        mixed: Collection[str] = (),
        base: Mapping[str, Any] | None = None,
    ) -> None:
        """Show values.

        Args:
            values: Field → plain value; what is missing is shown as the base, or the default.
            overridden: Fields that can be taken back.
            mixed: Fields that have several values.
            base: What fields have once they are taken back; default: the model's defaults.
        """
        self._base = {**{n: f.default for n, f in self._fields.items()}, **(base or {})}
        self._values = {**self._base, **values}
        self._overridden = frozenset(overridden)
        self._mixed = frozenset(mixed)
        self._show(self._first)
        if self._rest is not None:
            self._show(self._rest)
        self._count()

    def set_problem(self, field: str, text: str) -> None:
        """Show what is wrong with a field (empty: nothing); unfolds what holds it."""
        self._problems[field] = text
        if text and self._more is not None and any(f.name == field for f in self._folded):
            self._more.set_open(True)
        row = self.row(field)
        if row is not None:
            row.set_problem(text)

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong, field by field; other fields are right."""
        for name in self._fields:
            self.set_problem(name, problems.get(name, ""))

    def set_origins(self, origins: Mapping[str, str]) -> None:
        """Say of fields where their values come from."""
        self._origins = dict(origins)
        for name, row in self._rows().items():
            row.set_origin(self._origins.get(name, ""))

    def focus_field(self, name: str) -> None:
        """Go to a field's editor, unfolding what holds it."""
        if self._more is not None and any(f.name == name for f in self._folded):
            self._more.set_open(True)
        row = self.row(name)
        if row is not None:
            row.editor.setFocus()

    def _rows(self) -> dict[str, Row]:
        return {**self._first.rows, **(self._rest.rows if self._rest is not None else {})}

    def _make_rows(self, fields: tuple[Field, ...]) -> Rows:
        made = Rows(fields, self)
        made.edited.connect(self.changed)
        made.reset.connect(self.reset)
        return made

    def _make_rest(self) -> QWidget:
        self._rest = self._make_rows(self._folded)
        self._show(self._rest)
        width = max(self._first.widest_title(), self._rest.widest_title())
        self._first.set_title_width(width)
        self._rest.set_title_width(width)
        return self._rest

    def _show(self, rows: Rows) -> None:
        for name, row in rows.rows.items():
            row.set_overridden(name in self._overridden, self._tip(name))
            row.set_problem(self._problems.get(name, ""))
            row.set_origin(self._origins.get(name, ""))
        rows.set_values(self._values, self._mixed)

    def _tip(self, name: str) -> str:
        text = shown(self._fields[name], self._base.get(name))
        if not text:
            return self.tr("Back to what it was without this setting")
        return self.tr("Back to {value}").format(value=text)

    def _count(self) -> None:
        if self._more is None:
            return
        count = sum(one.name in self._overridden for one in self._folded)
        title = self.tr("More settings")
        if count:
            title = self.tr("More settings ({count} changed)").format(count=count)
        self._more.set_title(title)


def shown(field: Field, value: Any) -> str:
    """A value in words; empty for nested ones."""
    if value is None:
        return word(hints.when_empty(field.path))
    if field.shape in (Shape.INTEGER, Shape.NUMBER, Shape.RATIO):
        return numbers.show(field, value)
    if field.shape is Shape.CHOICE:
        return next((word(one.label) for one in field.choices if one.value == value), str(value))
    if field.shape is Shape.BOOLEAN:
        return translate("Form", "Yes") if value else translate("Form", "No")
    return value if isinstance(value, str) and value else ""
