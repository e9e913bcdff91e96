"""The strip under the layer table: one setting for all layers that have none of their own."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QWidget

from engine.registry import REGISTRY
from studio.document.facets import FACET_METHODS, Facet, facet_step
from studio.document.messages import SetGlobal
from studio.document.selectors import LayerRow, rows
from studio.document.state import DocumentState
from studio.forms.editors import RatioEditor
from studio.forms.schema import Field
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.layer_columns import bits_offered, field_of, is_ratio
from studio.views.layer_menu import facet_words
from studio.widgets.elided import Elided


class GlobalStrip(QWidget):
    """Facet and value; leaves overrides and locked layers alone, and says how many there are."""

    wish = Signal(object)
    """A message for the store."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field: Field | None = None
        self._editor: RatioEditor | QComboBox | None = None
        self.facet = QComboBox(self)
        for one in Facet:
            self.facet.addItem(facet_words(one), one)
        self.facet.setAccessibleName(self.tr("Setting for all layers"))
        self.facet.currentIndexChanged.connect(self._chosen)
        self.title = QLabel(self.tr("All layers"), self)
        self.pages = QStackedWidget(self)
        self.note = Elided(parent=self)
        set_property(self.note, "tone", "secondary")
        sizes = metrics(self)
        self.pages.setMaximumWidth(sizes.chars(46))
        self.pages.setMinimumWidth(sizes.chars(24))
        line = QHBoxLayout(self)
        line.setContentsMargins(sizes.gap, sizes.small, sizes.gap, sizes.small)
        line.setSpacing(sizes.gap)
        line.addWidget(self.title)
        line.addWidget(self.facet)
        line.addWidget(self.pages, 3)
        line.addWidget(self.note, 2)
        self._state: DocumentState | None = None

    @property
    def chosen(self) -> Facet:
        """What it sets."""
        return Facet(self.facet.currentData())

    @property
    def editor(self) -> RatioEditor | QComboBox | None:
        """What holds the value; None where no method has it."""
        return self._editor

    def show_state(self, state: DocumentState) -> None:
        """Show what the step has, and what is left alone."""
        self._state = state
        facet = self.chosen
        step = facet_step(state, facet)
        method = FACET_METHODS[facet] if step is None else state.recipe.steps[step].method
        field = field_of(facet, method)
        if field is not self._field or self._editor is None:
            self._field = field
            self._make_editor(field)
        self._show_value(self._value(state, facet, step))
        self.setEnabled(state.resolution is not None and field is not None)
        self.note.setText(self._note(rows(state), facet))

    def _value(self, state: DocumentState, facet: Facet, step: int | None) -> Any:
        """What the step itself says; None without one."""
        if step is None or self._field is None:
            return None
        chosen = state.recipe.steps[step]
        method = REGISTRY.step(chosen.method)
        if method is None or not chosen.enabled:
            return None
        if any(set(rule.layers) == {"*"} and rule.skip for rule in chosen.rules):
            return None
        return chosen.params.get(self._field.name, self._field.default)

    def _make_editor(self, field: Field | None) -> None:
        old = self.pages.currentWidget()
        if old is not None:
            self.pages.removeWidget(old)
            old.deleteLater()
        self._editor = None
        if field is None:
            return
        if is_ratio(field):
            slider = RatioEditor(field, self)
            slider.name(facet_words(self.chosen), self.tr("For all layers without their own"))
            slider.edited.connect(self._edited)
            self._editor = slider
        else:
            choice = QComboBox(self)
            choice.addItem(self.tr("As they are"), None)
            for bits in bits_offered(field):
                choice.addItem(self.tr("{bits} bits").format(bits=bits), bits)
            choice.setAccessibleName(facet_words(self.chosen))
            choice.activated.connect(self._picked)
            self._editor = choice
        self.pages.addWidget(self._editor)
        self.pages.setCurrentWidget(self._editor)

    def _show_value(self, value: Any) -> None:
        if isinstance(self._editor, RatioEditor):
            none = 0.0 if self.chosen is Facet.PRUNE else 1.0
            self._editor.set_value(none if value is None else value)
        elif self._editor is not None:
            with QSignalBlocker(self._editor):
                self._editor.setCurrentIndex(max(self._editor.findData(value), 0))

    def _note(self, table: tuple[LayerRow, ...], facet: Facet) -> str:
        """How many layers the slider does not move."""
        own = sum(row.cells[facet].own and not row.locked for row in table)
        locked = sum(row.locked and row.cells[facet].editable for row in table)
        if own and locked:
            text = self.tr("Keeps {own} with their own setting and {locked} locked")
        elif own:
            text = self.tr("Keeps {own} with their own setting")
        elif locked:
            text = self.tr("Keeps {locked} locked")
        else:
            text = ""
        return text.format(own=own, locked=locked)

    def _chosen(self) -> None:
        self._editor = None
        if self._state is not None:
            self.show_state(self._state)

    def _edited(self, value: object, final: bool) -> None:
        if isinstance(value, (int, float)):
            self.wish.emit(SetGlobal(self.chosen, value, final))

    def _picked(self) -> None:
        assert isinstance(self._editor, QComboBox)  # only it is connected
        bits = self._editor.currentData()
        if isinstance(bits, int):
            self.wish.emit(SetGlobal(self.chosen, bits))
        elif self._state is not None:
            self.show_state(self._state)
