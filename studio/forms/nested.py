"""Editors of models within models: one, one of several, or a list of them.

What they emit is the whole nested value, with only those parts in it that differ from the default,
so that a recipe stays short.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.forms.rows import Rows
from studio.forms.schema import Field, Variant
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.words import word


def _title(text: str, parent: QWidget) -> QLabel:
    made = QLabel(text, parent)
    made.setProperty("tone", "secondary")
    return made


def _column(owner: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(metrics(owner).hair)
    return layout


def _is_default(field: Field, value: Any) -> bool:
    if isinstance(value, Mapping) and isinstance(field.default, Mapping):
        return all(field.default.get(name) == one for name, one in value.items())
    return bool(value == field.default)


class GroupEditor(QWidget):
    """The parts of a nested model, indented below its title."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = {one.name: one for one in field.fields}
        self._value: dict[str, Any] = {}
        self._around: Mapping[str, Any] = {}
        self.inner = Rows(field.fields, self)
        self.inner.edited.connect(self._changed)
        layout = _column(self)
        if not all(one.fields for one in field.fields):  # else each has a title of its own
            layout.addWidget(_title(word(field.title), self))
            layout.setSpacing(metrics(self).small)
            self.inner.setContentsMargins(metrics(self).wide, 0, 0, 0)
        layout.addWidget(self.inner)

    def set_around(self, values: Mapping[str, Any]) -> None:
        """The values beside this one, which decide what counts; `set_value` follows."""
        self._around = values

    def set_value(self, value: Any) -> None:
        """Show the parts."""
        self._value = dict(value or {})
        self.inner.set_values(self._value, around=self._around)

    def set_mixed(self) -> None:
        """Say that there are several values."""
        self._value = {}
        self.inner.set_values({}, frozenset(self._fields), self._around)

    def _changed(self, name: str, value: Any, final: bool) -> None:
        kept = {**self._value, name: value}
        field = self._fields[name]
        self._value = {
            other: one
            for other, one in kept.items()
            if other != name or not _is_default(field, value)
        }
        self.inner.set_values(self._value, around=self._around)
        self.edited.emit(dict(self._value), final)


class VariantEditor(QWidget):
    """One of several nested models: which one, and its parts."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._choice = QComboBox(self)
        self._choice.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._choice.setAccessibleName(word(field.title))
        self._choice.addItems([word(variant.label) for variant in field.variants])
        self._choice.activated.connect(self._choose)
        self.setFocusProxy(self._choice)
        self._part: _Part | None = None
        layout = _column(self)
        layout.addWidget(_title(word(field.title), self))
        layout.addWidget(self._choice)

    def set_value(self, value: Any) -> None:
        """Show a nested model."""
        variant = _variant_of(self._field, value)
        self._choice.setCurrentIndex(self._field.variants.index(variant) if variant else -1)
        self._show(variant, dict(value or {}))

    def set_mixed(self) -> None:
        """Say that there are several."""
        self._choice.setPlaceholderText(self.tr("Several values"))
        self._choice.setCurrentIndex(-1)
        self._show(None, {})

    def _choose(self, index: int) -> None:
        variant = self._field.variants[index]
        value = {variant.tag: variant.name}
        self._show(variant, value)
        self.edited.emit(value, True)

    def _show(self, variant: Variant | None, value: dict[str, Any]) -> None:
        layout = self.layout()
        assert layout is not None
        if self._part is not None and self._part.variant is not variant:
            layout.removeWidget(self._part)
            self._part.deleteLater()
            self._part = None
        if variant is not None and self._part is None:
            self._part = _Part(variant, self)
            self._part.edited.connect(self.edited)
            layout.addWidget(self._part)
        if self._part is not None:
            self._part.set_value(value)


class _Part(QWidget):
    """The parts of one variant."""

    edited = Signal(object, bool)

    def __init__(self, variant: Variant, parent: QWidget) -> None:
        super().__init__(parent)
        self.variant = variant
        self._value: dict[str, Any] = {}
        self.rows = Rows(variant.fields, self)
        self.rows.edited.connect(self._changed)
        _column(self).addWidget(self.rows)

    def set_value(self, value: Mapping[str, Any]) -> None:
        self._value = dict(value)
        self.rows.set_values(self._value)

    def _changed(self, name: str, value: Any, final: bool) -> None:
        self._value[name] = value
        self.edited.emit(dict(self._value), final)


class _Item(QFrame):
    """One model of a list, with its name and a button that takes it out."""

    edited = Signal(int, object, bool)
    removed = Signal(int)

    def __init__(self, variant: Variant, index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._index = index
        self.variant = variant
        self.setProperty("tone", "card")
        self.part = _Part(variant, self)
        self.part.edited.connect(self._tell)
        title = QLabel(word(variant.label), self)
        title.setProperty("tone", "title")
        self.button = QToolButton(self)
        text = self.tr("Remove {name}").format(name=word(variant.label))
        self.button.setToolTip(text)
        self.button.setAccessibleName(text)
        self.button.clicked.connect(self._remove)
        set_icon(self.button, "remove", "secondary")
        header = QHBoxLayout()
        header.addWidget(title, 1)
        header.addWidget(self.button)
        distances = metrics(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[distances.gap] * 4)
        layout.setSpacing(distances.small)
        layout.addLayout(header)
        layout.addWidget(self.part)

    def _tell(self, value: Any, final: bool) -> None:
        self.edited.emit(self._index, value, final)

    def _remove(self) -> None:
        self.removed.emit(self._index)


class ListEditor(QWidget):
    """Any number of nested models, each on a card; one is added from a menu."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = field
        self._value: list[dict[str, Any]] = []
        self.items: list[_Item] = []
        self._note = _title("", self)
        self.add_button = QPushButton(self.tr("Add…"), self)
        self.add_button.setAccessibleName(self.tr("Add to {field}").format(field=word(field.title)))
        set_icon(self.add_button, "add")
        menu = QMenu(self.add_button)
        for number, variant in enumerate(field.variants):
            menu.addAction(word(variant.label)).setData(number)
        menu.triggered.connect(self._add)
        self.add_button.setMenu(menu)
        self.setFocusProxy(self.add_button)
        header = QHBoxLayout()
        header.addWidget(_title(word(field.title), self), 1)
        header.addWidget(self.add_button)
        self._layout = _column(self)
        self._layout.setSpacing(metrics(self).small)
        self._layout.addLayout(header)
        self._layout.addWidget(self._note)

    def name(self, title: str, description: str) -> None:
        """Tell the name to assistive programs; what an empty list means is said in it."""
        self.setAccessibleName(title)
        self.setAccessibleDescription(description)

    def set_value(self, value: Any) -> None:
        """Show the models; cards stay where their kind stays."""
        self._value = [dict(one) for one in value or ()]
        wanted = [_variant_of(self._field, one) for one in self._value]
        if wanted != [item.variant for item in self.items]:
            self._rebuild([one for one in wanted if one is not None])
        for item, one in zip(self.items, self._value, strict=False):
            item.part.set_value(one)
        self._note.setText(self.tr("None"))
        self._note.setVisible(not self._value)
        full = self._field.most is not None and len(self._value) >= self._field.most
        self.add_button.setEnabled(not full)

    def set_mixed(self) -> None:
        """Say that there are several lists."""
        self._value = []
        self._rebuild([])
        self._note.setText(self.tr("Several values"))
        self._note.show()

    def _rebuild(self, variants: list[Variant]) -> None:
        for item in self.items:
            self._layout.removeWidget(item)
            item.hide()
            item.deleteLater()
        self.items = [_Item(variant, index, self) for index, variant in enumerate(variants)]
        for item in self.items:
            item.edited.connect(self._changed)
            item.removed.connect(self._remove)
            self._layout.addWidget(item)

    def _add(self, action: Any) -> None:
        variant = self._field.variants[int(action.data())]
        added = {variant.tag: variant.name} if variant.tag else {}
        self._emit([*self._value, added], final=True)

    def _remove(self, index: int) -> None:
        self._emit(self._value[:index] + self._value[index + 1 :], final=True)

    def _changed(self, index: int, value: Any, final: bool) -> None:
        self._emit([*self._value[:index], value, *self._value[index + 1 :]], final=final)

    def _emit(self, value: list[dict[str, Any]], *, final: bool) -> None:
        self.set_value(value)
        self.edited.emit([dict(one) for one in value], final)


def _variant_of(field: Field, value: Any) -> Variant | None:
    """The variant that a plain value is."""
    for variant in field.variants:
        if not variant.tag or (value or {}).get(variant.tag) == variant.name:
            return variant
    return None
