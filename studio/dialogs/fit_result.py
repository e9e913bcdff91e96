"""What a fit would give: numbers beside each other, the settings layer by layer, and the steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from engine.budget import Costs, Quantity, Settings, WalkStep, format_quantity
from engine.correction import Finished
from engine.registry import REGISTRY
from engine.units import UNKNOWN, format_factor, format_percent, format_points
from studio.dialogs.fit_targets import quantity_tip, quantity_title
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.style.sheet import set_property
from studio.views.layer_paint import tabular
from studio.widgets.written import number_text
from studio.words import word

_SHOWN = (
    Quantity.SIZE,
    Quantity.MACS,
    Quantity.LATENCY,
    Quantity.MEMORY,
    Quantity.ACCURACY,
    Quantity.LOSS,
)
_LOSSES = (Quantity.ACCURACY, Quantity.LOSS)


class Numbers(QWidget):
    """A line for each quantity: the original, the recipe now, and with the fit.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sizes = metrics(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(sizes.wide)
        grid.setVerticalSpacing(sizes.hair)
        heads = (self.tr("Original"), self.tr("Now"), self.tr("Fitted"), "")
        right = Qt.AlignmentFlag.AlignRight
        for column, text in enumerate(heads, start=1):
            head = QLabel(text, self)
            set_property(head, "tone", "secondary")
            grid.addWidget(head, 0, column, right)
        self.cells: dict[tuple[Quantity, int], QLabel] = {}
        for row, quantity in enumerate(_SHOWN, start=1):
            title = QLabel(quantity_title(quantity), self)
            title.setToolTip(quantity_tip(quantity))
            grid.addWidget(title, row, 0)
            for column in range(4):
                cell = QLabel(UNKNOWN if column < 3 else "", self)
                font = tabular(self.font())
                font.setBold(column == 2)
                cell.setFont(font)
                set_property(cell, "tone", "" if column == 2 else "secondary")
                self.cells[quantity, column] = cell
                grid.addWidget(cell, row, column + 1, right)
        grid.setColumnStretch(0, 1)

    def show_costs(
        self, original: Costs, now: Costs, fitted: Costs | None, run: Finished | None = None
    ) -> None:
        """Show these; what is predicted has its `~`.

        Args:
            original: The network as it is.
            now: With the recipe as it is.
            fitted: With the fit; None: nothing is known.
            run: What was measured of it; None: it was not run.
        """
        for quantity in _SHOWN:
            lossy = quantity in _LOSSES
            values = (
                math.nan if lossy else original.of(quantity),
                now.of(quantity),
                math.nan if fitted is None else fitted.of(quantity),
            )
            for column, value in enumerate(values):
                text = _written(quantity, value)
                guess = column > 0 and math.isfinite(value)
                self.cells[quantity, column].setText(f"~{text}" if guess else text)
            self._show_beside(quantity, values[0], fitted, run)

    def _show_beside(
        self, quantity: Quantity, original: float, fitted: Costs | None, run: Finished | None
    ) -> None:
        """What was measured, where something was; else how many times less, or an interval."""
        cell = self.cells[quantity, 3]
        value = math.nan
        if run is not None and quantity in _LOSSES:
            value = run.loss if quantity is Quantity.LOSS else run.accuracy_drop
        text, tip = _beside(quantity, original, fitted), ""
        if run is not None and math.isfinite(value):
            shown = number_text(value) if quantity is Quantity.LOSS else format_points(value)
            text = self.tr("{value} measured").format(value=shown.lstrip("+"))
            tip = self.tr("On {count} validation samples").format(count=f"{run.samples:,}")
        cell.setText(text)
        cell.setToolTip(tip)
        set_property(cell, "tone", "" if tip else "secondary")


def _beside(quantity: Quantity, original: float, fitted: Costs | None) -> str:
    """How many times less; of the loss its interval."""
    if fitted is None:
        return ""
    if quantity is Quantity.LOSS:
        ends = (fitted.loss_low, fitted.loss_high)
        if not all(math.isfinite(end) for end in ends):
            return ""
        text = QCoreApplication.translate("Fit", "{low}…{high}")
        return text.format(low=number_text(ends[0], 2), high=number_text(ends[1], 2))
    value = fitted.of(quantity)
    if quantity is Quantity.ACCURACY or not value or not math.isfinite(original / value):
        return ""
    return f"~{format_factor(original / value)}"


class SettingsTable(QTreeWidget):
    """The setting of each layer, a column for each method.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, self.tr("Settings of the layers"))

    def show_settings(self, layers: Sequence[str], settings: Settings, locked: set[str]) -> None:
        """Show these; layers that keep their form are dim."""
        methods = tuple(settings)
        self.clear()
        titles = [method_title(name) for name in methods]
        self.setColumnCount(1 + len(methods))
        self.setHeaderLabels([self.tr("Layer"), *titles])
        chosen = colors_of(self)
        for layer in layers:
            cells = [settings[m].get(layer) for m in methods]
            words = [
                "" if value is None else setting_text(m, value)
                for m, value in zip(methods, cells, strict=True)
            ]
            item = QTreeWidgetItem(self, [layer, *words])
            item.setToolTip(0, layer)
            for column in range(1, len(words) + 1):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
            if layer in locked:
                item.setToolTip(0, self.tr("{layer}: keeps what it has").format(layer=layer))
            if layer in locked or not any(words):
                item.setForeground(0, color(chosen.disabled))
        _fit_columns(self)


class StepsTable(QTreeWidget):
    """The greedy walk, step by step: what each gave and cost.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, self.tr("Steps"))
        heads = (self.tr("Layer"), self.tr("Setting"), self.tr("Saves"), self.tr("Costs"))
        self.setHeaderLabels(list(heads))

    def show_walk(self, walk: Sequence[WalkStep]) -> None:
        """Show these, in their order."""
        self.clear()
        for step in walk:
            after = [
                self.tr("{method} {setting}").format(
                    method=method_title(name), setting=setting_text(name, value)
                )
                for name, value in step.after.items()
                if step.before.get(name) != value
            ]
            layer = step.layers[0]
            if len(step.layers) > 1:
                text = self.tr("{layer} and {count} more")
                layer = text.format(layer=layer, count=len(step.layers) - 1)
            saved = format_quantity(step.quantity, step.saved)
            item = QTreeWidgetItem(
                self, [layer, ", ".join(after), f"~{saved}", f"~{number_text(step.loss, 2)}"]
            )
            item.setToolTip(0, "\n".join(step.layers))
            for column in (2, 3):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
        _fit_columns(self)


@dataclass(frozen=True, slots=True)
class Round:
    """A run by which predictions are corrected.

    Attributes:
        name: Of the trial.
        size_bytes: Of its file.
        predicted: What it was expected to lose.
        measured: What it lost.
        quantity: Loss, or accuracy where no loss was measured.
        key: Of the recipe that was run.
        at: When it ended, as ISO 8601.
        written: It was written to a file, whose size was measured.
    """

    name: str
    size_bytes: float
    predicted: float
    measured: float
    quantity: Quantity = Quantity.LOSS
    key: str = ""
    at: str = ""
    written: bool = True


class RoundsTable(QTreeWidget):
    """Earlier runs: what was predicted of them beside what was measured.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _prepare(self, self.tr("Earlier runs"))
        heads = (
            *(self.tr("Run"), self.tr("Size"), self.tr("Predicted")),
            *(self.tr("Measured"), self.tr("Ratio")),
        )
        self.setHeaderLabels(list(heads))
        self.headerItem().setToolTip(4, self.tr("Measured ÷ predicted"))

    def show_rounds(self, rounds: Sequence[Round], chosen: str = "") -> None:
        """Show these, the newest first; bold the runs of the recipe with the key `chosen`."""
        self.clear()
        bold = QFont(self.font())
        bold.setBold(True)
        for one in reversed(rounds):
            factor = one.measured / one.predicted if one.predicted else math.nan
            size = format_quantity(Quantity.SIZE, one.size_bytes)
            here = bool(one.key) and one.key == chosen
            words = (
                self.tr("{run}: this one").format(run=one.name) if here else one.name,
                size if one.written or size == UNKNOWN else f"~{size}",
                f"~{_lost(one.quantity, one.predicted)}",
                _lost(one.quantity, one.measured),
                format_factor(factor) if math.isfinite(factor) and factor >= 0 else UNKNOWN,
            )
            item = QTreeWidgetItem(self, list(words))
            for column in range(1, len(words)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
            if here:
                for column in range(len(words)):
                    item.setFont(column, bold)
                item.setToolTip(0, self.tr("The recipe that is shown is the one of this run"))
        _fit_columns(self)


def _written(quantity: Quantity, value: float) -> str:
    """A loss as everywhere in the window."""
    return number_text(value) if quantity is Quantity.LOSS else format_quantity(quantity, value)


def _lost(quantity: Quantity, value: float) -> str:
    return number_text(value, 2) if quantity is Quantity.LOSS else format_quantity(quantity, value)


def _prepare(tree: QTreeWidget, name: str) -> None:
    tree.setAccessibleName(name)
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setAllColumnsShowFocus(True)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    tree.header().setStretchLastSection(False)


def _fit_columns(tree: QTreeWidget) -> None:
    header = tree.header()
    for column in range(tree.columnCount()):
        mode = QHeaderView.ResizeMode
        header.setSectionResizeMode(column, mode.Interactive if column else mode.Stretch)
        if column:
            words = tree.fontMetrics().horizontalAdvance(tree.headerItem().text(column))
            width = metrics(tree).wide
            shown = tree.sizeHintForColumn(column) + width
            tree.setColumnWidth(column, max(words + 2 * width, shown))


def method_title(name: str) -> str:
    """A method for people."""
    method = REGISTRY.step(name)
    return word(method.title) if method is not None else name


def setting_text(method: str, value: float) -> str:
    """A setting on the axis of a method: shares in percent, else the number."""
    found = REGISTRY.step(method)
    axis = None if found is None else found.axis
    if axis is not None and max(abs(float(one)) for one in axis.settings) <= 1:
        return format_percent(value, 0)
    return f"{value:g}"
