"""What the map shows: of which method, which quantity, on which scale."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from engine.cost import CostTable
from studio.style.metrics import metrics
from studio.views.sensitivity_words import Shown, method_title, quantities

_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class Choosers(QWidget):
    """Two choices and a switch, in two lines.

    Args:
        parent: Owner.
    """

    changed = Signal()
    """Another method or quantity is wanted."""
    log_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quantities = quantities()
        self.method, self.quantity = QComboBox(self), QComboBox(self)
        self.log = QCheckBox(self.tr("&Log"), self)
        self.log.setToolTip(self.tr("Logarithmic colors and losses"))
        self.log.setChecked(True)
        distances = metrics(self)
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(distances.gap)
        rows.setVerticalSpacing(distances.small)
        rows.setColumnStretch(1, 1)
        for number, (words, combo) in enumerate(
            ((self.tr("&Method:"), self.method), (self.tr("&Show:"), self.quantity))
        ):
            label = QLabel(words, self)
            label.setBuddy(combo)
            combo.setSizeAdjustPolicy(_SHORT)
            combo.setMinimumContentsLength(8)
            combo.currentIndexChanged.connect(self.changed)
            rows.addWidget(label, number, 0)
            rows.addWidget(combo, number, 1)
        rows.addWidget(self.log, 1, 2)
        self.log.toggled.connect(self.log_changed)

    @property
    def wanted(self) -> str:
        """Name of the method; empty: all of them."""
        return str(self.method.currentData() or "")

    @property
    def shown(self) -> Shown:
        """The quantity."""
        name = self.quantity.currentData()
        return next((one for one in self._quantities if one.name == name), self._quantities[0])

    @property
    def title(self) -> str:
        """What the quantity is called."""
        return self.quantity.currentText()

    def fill(self, table: CostTable, *, weights_alone: bool) -> None:
        """Offer what a table tells of; what was chosen stays where it can."""
        methods = [(method_title(grid.method), grid.method) for grid in table.grids]
        if len(methods) > 1:
            methods.insert(0, (self.tr("All methods"), ""))
        first = self.tr("Weights changed") if weights_alone else self._quantities[0].title
        known = [one for one in self._quantities if np.isfinite(one.values(table)).any()]
        _refill(self.method, methods)
        _refill(
            self.quantity,
            [(first if one.name == "loss" else one.title, one.name) for one in known],
        )


def _refill(combo: QComboBox, wanted: list[tuple[str, str]]) -> None:
    """Offer these, and tell nobody."""
    shown = [(combo.itemText(at), combo.itemData(at)) for at in range(combo.count())]
    if shown == wanted:
        return
    chosen = combo.currentData()
    combo.blockSignals(True)
    combo.clear()
    for title, name in wanted:
        combo.addItem(title, name)
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
    combo.blockSignals(False)
