"""Sensitivity: what each setting of each layer costs, as a map and as curves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.cost import QUANTITIES, CostTable, Grid
from engine.registry import REGISTRY
from engine.units import format_percent, format_points
from studio.document.messages import EstimateCosts, Select, SetFacet
from studio.document.selectors import facet_step, lit
from studio.document.state import FACET_KINDS, DocumentState, Facet, Opening, Purpose
from studio.store import Store
from studio.style.metrics import metrics
from studio.widgets.plots.axes import number_text
from studio.widgets.plots.curves import Curve, CurvesPlot
from studio.widgets.plots.heatmap import Cells, HeatMap
from studio.widgets.plots.message import Message
from studio.words import word

_LOSS, _LOW, _HIGH, _DROP = (
    QUANTITIES.index(name) for name in ("loss", "loss_low", "loss_high", "accuracy_drop")
)
_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
_FACETS = (Facet.PRUNE, Facet.RANK, Facet.WEIGHT_BITS)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the map."""

    method: str
    setting: float


class SensitivityView(QWidget):
    """Heat map of all layers, curves of the selected ones, over the cost table that there is.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._columns: tuple[_Column, ...] = ()
        self._table: CostTable | None = None
        self.method, self.quantity = QComboBox(self), QComboBox(self)
        self.quantity.addItem(self.tr("Predicted loss"), _LOSS)
        self.quantity.addItem(self.tr("Accuracy lost"), _DROP)
        self.log = QCheckBox(self.tr("&Log"), self)
        self.log.setToolTip(self.tr("Logarithmic colors and losses"))
        self.log.setChecked(True)
        self.map = HeatMap(self.tr("Sensitivity map"), self.tr("loss"), self._value_text, self)
        self.curves = CurvesPlot(self.tr("Sensitivity curves"), self)
        self.use = QPushButton(self)
        self.empty = Message(parent=self)
        self._page = QWidget(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.empty)
        self._arrange()
        self.method.currentIndexChanged.connect(self._redraw)
        self.quantity.currentIndexChanged.connect(self._redraw)
        self.log.toggled.connect(self._rescale)
        self.curves.log_changed.connect(self.log.setChecked)
        self.map.cell_chosen.connect(self._chose)
        self.use.clicked.connect(self._use)
        self.empty.pressed.connect(self._estimate)
        store.changed.connect(self._on_changed)
        self._take_table(store.state)

    def _arrange(self) -> None:
        distances = metrics(self)
        rows = QGridLayout()
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
            rows.addWidget(label, number, 0)
            rows.addWidget(combo, number, 1)
        rows.addWidget(self.log, 1, 2)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.map)
        splitter.addWidget(self.curves)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(*[distances.gap] * 4)
        column.setSpacing(distances.small)
        column.addLayout(rows)
        column.addWidget(splitter, 1)
        column.addWidget(self.use)

    # State

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.cost is not new.cost:
            self._take_table(new)
        elif old.selection is not new.selection or old.model is not new.model:
            self._show_selection(new)
        if old.jobs is not new.jobs or old.model is not new.model or old.data is not new.data:
            self._say_what_is_missing(new)
        if old.resolution is not new.resolution or old.step != new.step:
            self._show_use()

    def _take_table(self, state: DocumentState) -> None:
        table = state.cost
        known = table is not None and bool(np.isfinite(table.values[..., _LOSS]).any())
        self._stack.setCurrentWidget(self._page if known else self.empty)
        self._table = table if known else None
        if self._table is None:
            self._say_what_is_missing(state)
            return
        chosen = self.method.currentData()
        self.method.blockSignals(True)
        self.method.clear()
        if len(self._table.grids) > 1:
            self.method.addItem(self.tr("All methods"), "")
        for grid in self._table.grids:
            self.method.addItem(_method_title(grid.method), grid.method)
        self.method.setCurrentIndex(max(self.method.findData(chosen), 0))
        self.method.blockSignals(False)
        self._redraw()

    def _say_what_is_missing(self, state: DocumentState) -> None:
        """Why there is no map, how far the estimate is, and the button that begins one."""
        if self._table is not None:
            return
        running = next(
            (job for job in state.jobs if job.purpose is Purpose.COSTS and not job.status.is_over),
            None,
        )
        if running is not None:
            text = self.tr("It looks at what the network computes on samples of the data.")
            if running.fraction is not None:
                text = self.tr("{stage}: {share}").format(
                    stage=word(running.text), share=format_percent(running.fraction, 0)
                )
            self.empty.say(self.tr("Estimating what settings cost…"), text)
            return
        told = self.tr(
            "An estimate predicts from one pass over the calibration data what each setting of "
            "each layer costs in accuracy."
        )
        ready = state.model.opening is Opening.READY and state.info is not None
        if state.data.source is None:
            told = self.tr("What settings cost is learned from data. Open a data set first.")
        usable = ready and state.data.source is not None and state.data.error is None
        buttons = (("estimate", self.tr("&Estimate now")),) if usable else ()
        self.empty.say(self.tr("No costs are known yet"), told, buttons)

    @Slot(str)
    def _estimate(self, _name: str) -> None:
        self.store.dispatch(EstimateCosts())

    @property
    def _which(self) -> int:
        return int(self.quantity.currentData())

    @Slot()
    def _redraw(self) -> None:
        table = self._table
        if table is None:
            return
        wanted = self.method.currentData()
        grids = [grid for grid in table.grids if wanted in ("", grid.method)]
        self._columns = tuple(_Column(g.method, s) for g in grids for s in g.settings)
        starts = np.cumsum([0, *(len(grid.settings) for grid in table.grids)])
        places = np.concatenate(
            [np.arange(a, b) for g, a, b in zip(table.grids, starts, starts[1:], strict=False)
             if g in grids]
        )  # fmt: skip
        values = table.values[:, places, self._which]
        self.map.set_cells(
            Cells(
                table.layers,
                tuple(_short(grid, setting) for grid in grids for setting in grid.settings),
                values,
                table.measured[:, places, self._which],
                tuple((_heading(grid), len(grid.settings)) for grid in grids),
            )
        )
        self._show_selection(self.store.state)

    def _show_selection(self, state: DocumentState) -> None:
        table = self._table
        if table is None:
            return
        rows = {name: row for row, name in enumerate(table.layers)}
        chosen = [rows[name] for name in state.selection if name in rows]
        related = frozenset(rows[name] for name in lit(state) if name in rows)
        self.map.set_chosen_rows(frozenset(chosen) or related)
        grid = self._grid()
        if grid is not None:
            text = partial(_short, grid)
            self.curves.set_texts(_heading(grid), self.quantity.currentText(), text)
            self.curves.set_curves([self._curve(row, grid) for row in chosen or sorted(related)])
        self._show_use()

    def _grid(self) -> Grid | None:
        """The method of the curves: the chosen one, the cursor's, or the first."""
        if self._table is None:
            return None
        name = self.method.currentData()
        if not name and self.map.at[1] >= 0:
            name = self._columns[self.map.at[1]].method
        grids = self._table.grids
        return next((grid for grid in grids if grid.method == name), grids[0])

    def _curve(self, row: int, grid: Grid) -> Curve:
        assert self._table is not None
        start = 0
        for one in self._table.grids:
            if one is grid:
                break
            start += len(one.settings)
        part = slice(start, start + len(grid.settings))
        values, measured = self._table.values[row, part], self._table.measured[row, part]
        bounds = (values[:, _LOW], values[:, _HIGH]) if self._which == _LOSS else ()
        if bounds and not all(np.isfinite(bound).any() for bound in bounds):
            bounds = ()
        settings = np.asarray(grid.settings, np.float64)
        losses, known = values[:, self._which], measured[:, self._which]
        return Curve(self._table.layers[row], settings, losses, known, *bounds)

    def _value_text(self, value: float) -> str:
        if not math.isfinite(value):
            return number_text(value)
        return format_points(value) if self._which == _DROP else number_text(value)

    @Slot(bool)
    def _rescale(self, log: bool) -> None:
        self.map.set_log(log)
        self.curves.set_log(log)

    # Wishes

    @Slot(int, int)
    def _chose(self, row: int, _column: int) -> None:
        if self._table is None:
            return
        name = self._table.layers[row]
        if self.store.state.selection == (name,):
            self._show_selection(self.store.state)
        else:
            self.store.dispatch(Select((name,), name))

    def _wish(self) -> SetFacet | None:
        """The setting under the cursor, as the recipe would have it."""
        row, column = self.map.at
        if self._table is None or row < 0 or column >= len(self._columns):
            return None
        chosen, state = self._columns[column], self.store.state
        method = REGISTRY.step(chosen.method)
        facet = next(
            (one for one in _FACETS if method is not None and method.kind in FACET_KINDS[one]), None
        )
        if facet is None or state.resolution is None:
            return None
        step = facet_step(state, facet)
        if step is not None and state.recipe.steps[step].method != chosen.method:
            return None
        whole = chosen.setting.is_integer() and facet is Facet.WEIGHT_BITS
        value = int(chosen.setting) if whole else chosen.setting
        return SetFacet(facet, (self._table.layers[row],), value)

    def _show_use(self) -> None:
        wish = self._wish()
        self.use.setEnabled(wish is not None)
        text = self.tr("Use the setting under the cursor")
        row, column = self.map.at
        if wish is not None and self._table is not None:
            text = self.tr("&Use {setting} for {layer}").format(
                setting=self.map.column_name(column), layer=self._table.layers[row]
            )
        self.use.setText(text)

    @Slot()
    def _use(self) -> None:
        wish = self._wish()
        if wish is not None:
            self.store.dispatch(wish)


def _method_title(name: str) -> str:
    method = REGISTRY.step(name)
    return word(method.title) if method is not None else name


def _is_share(grid: Grid) -> bool:
    return max(abs(setting) for setting in grid.settings) <= 1


def _short(grid: Grid, setting: float) -> str:
    return format_percent(setting, 0) if _is_share(grid) else f"{setting:g}"


def _heading(grid: Grid) -> str:
    """The method, and what its settings are."""
    method = REGISTRY.step(grid.method)
    if method is None or method.axis is None:
        return _method_title(grid.method)
    field = method.params.model_fields[method.axis.field]
    return f"{word(method.title)}: {word(field.title or method.axis.field)}"
