"""Editors of the layer table's cells, made when a cell is edited and gone afterwards."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QToolTip, QWidget

from engine.units import UNKNOWN
from studio.document.cells import Cell
from studio.forms import numbers
from studio.forms.schema import Field
from studio.style.sheet import set_property
from studio.views.layer_columns import FACETS, Column, bits_offered, field_of, is_ratio
from studio.views.layer_model import LayerModel

Index = QModelIndex | QPersistentModelIndex
NOTHING = object()
"""The editor holds no value that could be taken."""


def make_editor(parent: QWidget, model: LayerModel, index: Index) -> QWidget | None:
    """The editor for a cell; None where there is nothing to edit."""
    row = model.row_at(index)
    facet = FACETS.get(Column(index.column()))
    if row is None or facet is None:
        return None
    cell = row.cells[facet]
    field = field_of(facet, cell.method)
    if field is None:
        return None
    return NumberLine(field, cell, parent) if is_ratio(field) else BitsList(field, cell, parent)


class NumberLine(QLineEdit):
    """A number typed in place."""

    def __init__(self, field: Field, cell: Cell, parent: QWidget) -> None:
        super().__init__(parent)
        self._field = field
        self._before = numbers.show(field, cell.value)
        self.setText(self._before)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFrame(False)
        self.selectAll()
        self.textChanged.connect(self._calm)

    def value(self) -> Any:
        """The number; `NOTHING` where it cannot be taken, or is as it was."""
        if self.text().strip() in ("", self._before):
            return NOTHING
        try:
            return numbers.read(self._field, self.text())
        except numbers.NotANumber:
            return NOTHING

    def accepts(self) -> bool:
        """Whether the text can be taken; else it is marked, and a word says why."""
        try:
            if self.text().strip():
                numbers.read(self._field, self.text())
        except numbers.NotANumber as error:
            set_property(self, "state", "error")
            self.setToolTip(str(error))
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), str(error), self)
            return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the number by a step."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
            event.accept()  # Enter and letters are not for the table as well
            return
        try:
            start = numbers.read(self._field, self.text()) if self.text().strip() else None
        except numbers.NotANumber:
            return
        self.setText(numbers.show(self._field, numbers.stepped(self._field, start, steps)))
        self._calm()

    def _calm(self) -> None:
        set_property(self, "state", "")
        self.setToolTip("")


class BitsList(QComboBox):
    """Numbers of bits, to choose from."""

    left = Signal()
    """The list was closed; nothing more comes."""

    def __init__(self, field: Field, cell: Cell, parent: QWidget) -> None:
        super().__init__(parent)
        self._values: list[int | None] = [None, *bits_offered(field)]
        if cell.value is not None and round(cell.value) not in self._values:
            self._values.append(round(cell.value))
        self._before = None if cell.value is None else round(cell.value)
        for value in self._values:
            text = self.tr("Leave as they are") if value is None else f"{value}"
            self.addItem(UNKNOWN if value is None else text)
            self.setItemData(self.count() - 1, text, Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(self._values.index(self._before))
        self.setFrame(False)
        self._taken = False
        self._gone = False
        self.activated.connect(self._take)
        QTimer.singleShot(0, self, self.showPopup)

    def value(self) -> Any:
        """The number of bits, None to leave the layer alone; `NOTHING` where it is as it was."""
        value = self._values[self.currentIndex()]
        return value if self._taken and value != self._before else NOTHING

    def hidePopup(self) -> None:
        """The list alone is the editor: when it goes, all goes."""
        super().hidePopup()
        QTimer.singleShot(0, self, self._leave)

    def _take(self) -> None:
        self._taken = True
        self._leave()

    def _leave(self) -> None:
        """Once, and not after the table has taken the editor away."""
        if self.isVisible() and not self._gone:
            self._gone = True
            self.left.emit()
