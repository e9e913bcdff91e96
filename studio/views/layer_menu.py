"""What can be done to the selected layers: the context menu, and setting a value for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from studio.document.facets import Facet
from studio.document.messages import ApplyToSimilar, Lock, Select, SetFacet
from studio.document.selectors import LayerRow, similar
from studio.document.state import DocumentState
from studio.forms.editors import RatioEditor
from studio.forms.schema import Field
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.views.layer_columns import bits_offered, field_of, is_ratio
from studio.views.layer_tree import LayerTree

translate = QCoreApplication.translate


def facet_words(facet: Facet) -> str:
    """A facet in words, as in "Set pruning"."""
    return {
        Facet.PRUNE: translate("Layers", "Pruning"),
        Facet.WEIGHT_BITS: translate("Layers", "Weight bits"),
        Facet.ACTIVATION_BITS: translate("Layers", "Activation bits"),
        Facet.RANK: translate("Layers", "Rank (share of bytes)"),
    }[facet]


class ValueDialog(QDialog):
    """Asks for one setting for several layers."""

    def __init__(
        self,
        fields: dict[Facet, tuple[Field, int, float | int | None]],
        chosen: Facet | None,
        parent: QWidget | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            fields: Facet → what it sets, for how many layers, and what the first of them has.
            chosen: The facet to begin with.
            parent: Owner.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Set for selection"))
        self._facets = list(fields)
        self._values: dict[Facet, Any] = {}
        self.facet = QComboBox(self)
        self.facet.setAccessibleName(self.tr("Setting"))
        self.pages = QStackedWidget(self)
        self.count = QLabel(self)
        self._counts = {facet: count for facet, (_, count, _) in fields.items()}
        for facet, (field, _, value) in fields.items():
            self.facet.addItem(facet_words(facet))
            self.pages.addWidget(self._editor(facet, field, value))
        self.facet.currentIndexChanged.connect(self._turn)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Set"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(self.tr("Setting"), self.facet)
        form.addRow(self.tr("Value"), self.pages)
        form.addRow("", self.count)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(metrics(self).chars(52))
        self.facet.setCurrentIndex(self._facets.index(chosen) if chosen in self._facets else 0)
        self._turn(self.facet.currentIndex())

    @property
    def answer(self) -> tuple[Facet, float | int | None]:
        """What is to be set, and to what."""
        facet = self._facets[self.facet.currentIndex()]
        return facet, self._values[facet]

    def _editor(self, facet: Facet, field: Field, value: float | int | None) -> QWidget:
        if is_ratio(field):
            slider = RatioEditor(field, self)
            start = value if value is not None else (0.3 if facet is Facet.PRUNE else 0.5)
            slider.set_value(start)
            slider.name(facet_words(facet), "")
            slider.edited.connect(lambda new, _final: self._values.update({facet: new}))
            self._values[facet] = start
            return slider
        choice = QComboBox(self)
        offered: list[int | None] = [*bits_offered(field), None]
        for bits in offered:
            text = self.tr("Leave as they are") if bits is None else self.tr("{bits} bits")
            choice.addItem(text.format(bits=bits), bits)
        start = 8 if value is None else round(value)
        choice.setCurrentIndex(max(choice.findData(start), 0))
        choice.setAccessibleName(facet_words(facet))
        choice.currentIndexChanged.connect(
            lambda at: self._values.update({facet: choice.itemData(at)})
        )
        self._values[facet] = choice.currentData()
        return choice

    def _turn(self, at: int) -> None:
        self.pages.setCurrentIndex(at)
        count = self._counts[self._facets[at]]
        text = self.tr("For one layer") if count == 1 else self.tr("For {count} layers")
        self.count.setText(text.format(count=count))


def settable(rows: list[LayerRow]) -> dict[Facet, tuple[Field, int, float | int | None]]:
    """What can be set for some of these rows: facet → field, how many, the first one's value."""
    found = {}
    for facet in Facet:
        able = [row for row in rows if row.cells[facet].editable]
        field = field_of(facet, able[0].cells[facet].method) if able else None
        if field is not None:
            found[facet] = (field, len(able), able[0].cells[facet].value)
    return found


class LayerMenu(QMenu):
    """The context menu of the selected layers."""

    def __init__(
        self,
        tree: LayerTree,
        state: DocumentState,
        rows: list[LayerRow],
        facet: Facet | None,
    ) -> None:
        """Make the menu.

        Args:
            tree: Whose wishes these are.
            state: As it is now.
            rows: The layers that are meant; at least one.
            facet: Of the column under the pointer.
        """
        super().__init__(tree)
        self._tree = tree
        self._state = state
        self._rows = rows
        self._names = tuple(row.layer.name for row in rows)
        self._facet = facet
        self._fill()

    def _fill(self) -> None:
        first = self._rows[0]
        able = settable(self._rows)
        self._item(self.tr("Set for selection…"), "settings", self.set_values, on=bool(able))
        reset = self.tr("Reset to the step's setting")
        self._item(reset, "reset", self.reset_cells, "Del", on=self._state.resolution is not None)
        self._item(self.tr("Leave out"), "hide", self.leave_out, on=self._left() != ())
        others = [name for name in similar(self._state, first.layer.name) if name != self._names[0]]
        self._item(
            self.tr("Apply to similar"),
            "duplicate",
            self.apply_to_similar,
            on=len(self._rows) == 1 and bool(others) and self._state.resolution is not None,
        )
        self.addSeparator()
        if all(row.locked for row in self._rows):
            self._item(self.tr("Unlock"), "unlock", self.unlock, "L")
        else:
            self._item(self.tr("Lock"), "lock", self.lock, "L")
        self.addSeparator()
        grouped = any(row.group is not None and len(row.group.layers) > 1 for row in self._rows)
        self._item(self.tr("Select the channel group"), "group", self.select_group, on=grouped)
        self._item(self.tr("Select similar"), "layers", self.select_similar, on=bool(others))
        self.addSeparator()
        self._item(self.tr("Copy as CSV"), "copy", self._tree.copy, QKeySequence.StandardKey.Copy)
        self._item(self.tr("Save as CSV…"), "save", self._tree.csv_wanted.emit)

    def _item(
        self,
        text: str,
        icon: str,
        act: Callable[[], object],
        keys: Any = None,
        *,
        on: bool = True,
    ) -> None:
        action = self.addAction(text)
        set_icon(action, icon)
        action.setEnabled(on)
        if keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda: act())

    def set_values(self) -> None:
        """Ask for a value, and set it."""
        dialog = ValueDialog(settable(self._rows), self._facet, self._tree)
        dialog.accepted.connect(lambda: self._take(dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take(self, dialog: ValueDialog) -> None:
        facet, value = dialog.answer
        names = self._tree.editable(self._names, facet)
        self._tree.wish.emit(SetFacet(facet, names, value))

    def reset_cells(self) -> None:
        """Take back what was set by name."""
        cell = self._rows[0].cells[self._facet] if self._facet is not None else None
        self._tree.reset_cells(self._names, cell)

    def _left(self) -> tuple[tuple[Facet, tuple[str, ...]], ...]:
        """Facets, and the layers that something is done to."""
        facets = (self._facet,) if self._facet is not None else tuple(Facet)
        found = []
        for facet in facets:
            busy = frozenset(
                row.layer.name for row in self._rows if row.cells[facet].value is not None
            )
            names = tuple(n for n in self._tree.editable(self._names, facet) if n in busy)
            if names:
                found.append((facet, names))
        return tuple(found)

    def leave_out(self) -> None:
        """Do nothing to these layers."""
        for facet, names in self._left():
            self._tree.wish.emit(SetFacet(facet, names, None))

    def apply_to_similar(self) -> None:
        """Give this layer's settings to those of its kind and shape."""
        self._tree.wish.emit(ApplyToSimilar(self._names[0]))

    def lock(self) -> None:
        """Lock them."""
        self._tree.wish.emit(Lock(self._names, locked=True))

    def unlock(self) -> None:
        """Unlock them."""
        self._tree.wish.emit(Lock(self._names, locked=False))

    def select_group(self) -> None:
        """Select all whose channels go together with theirs."""
        names = [name for row in self._rows if row.group for name in row.group.layers]
        self._tree.wish.emit(Select(tuple(dict.fromkeys(names)), self._names[0]))

    def select_similar(self) -> None:
        """Select all of their kind and shape."""
        names = [name for one in self._names for name in similar(self._state, one)]
        self._tree.wish.emit(Select(tuple(dict.fromkeys(names)), self._names[0]))


def show_menu(menu: LayerMenu, at: QPoint) -> None:
    """Open a menu that goes away when it is closed."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
