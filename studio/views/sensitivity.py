"""Sensitivity: what each setting of each layer costs, as a map, as curves and at a glance."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.cost import CostTable, Grid
from engine.units import format_percent
from studio.document.forecast import choices
from studio.document.messages import (
    CancelJob,
    EstimateCosts,
    MeasureCosts,
    Select,
    SetFacet,
    StopJob,
)
from studio.document.selectors import lit
from studio.document.state import DocumentState, JobStatus
from studio.store import Store
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.sensitivity_cells import Column, cells_of, columns_of, curve_of, wish_of
from studio.views.sensitivity_choosers import Choosers
from studio.views.sensitivity_measure import MeasureBar
from studio.views.sensitivity_ranking import Ranking
from studio.views.sensitivity_source import (
    MapSource,
    estimating,
    figures_wish,
    measuring,
    missing_words,
    saved_words,
    source_of,
    source_tip,
    source_words,
)
from studio.views.sensitivity_words import (
    cell_words,
    heading,
    short_setting,
)
from studio.widgets.elided import Elided, ElidedButton
from studio.widgets.plots.curves import CurvesPlot
from studio.widgets.plots.heatmap import HeatMap
from studio.widgets.plots.message import Message
from studio.words import unmarked, word

_SETTLE_MS = 120
"""After the last change of the recipe: a slider does not rank all layers anew at each step."""


class SensitivityView(QWidget):
    """Heat map of all layers, curves of the selected ones, over the cost table that there is.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    commanded = Signal(str)
    """Id of a command that a button stands for."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._columns: tuple[Column, ...] = ()
        self._source: MapSource | None = None
        self.choosers = Choosers(self)
        self.method, self.quantity = self.choosers.method, self.choosers.quantity
        self.log = self.choosers.log
        self.about = Elided(parent=self)
        set_property(self.about, "tone", "secondary")
        self.map = HeatMap(self.tr("Sensitivity map"), self.tr("loss"), self._value_text, self)
        self.map.details = self._details
        self.map.offered = self._offered
        self.curves = CurvesPlot(self.tr("Sensitivity curves"), self)
        self.ranking = Ranking(self)
        self.use = ElidedButton(self)
        self.measure = MeasureBar(self)
        self.fit = QPushButton(self.tr("&Fit to budget…"), self)
        self.empty = Message(parent=self)
        self._page = QWidget(self)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._page)
        self._stack.addWidget(self.empty)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._arrange()
        self._connect()
        self._take(store.state)

    # Parts

    def _arrange(self) -> None:
        distances = metrics(self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.curves, self.tr("Curves"))
        self.tabs.addTab(self.ranking, self.tr("Ranking"))
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.map)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        splitter.setChildrenCollapsible(False)
        splitter.setSizes([540, 460])
        last = QHBoxLayout()
        last.setSpacing(distances.small)
        last.addWidget(self.measure, 3)
        last.addWidget(self.fit, 2)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(*[distances.gap] * 4)
        column.setSpacing(distances.small)
        column.addWidget(self.choosers)
        column.addWidget(self.about)
        column.addWidget(splitter, 1)
        column.addWidget(self.use)
        column.addLayout(last)

    def _connect(self) -> None:
        self.choosers.changed.connect(self._redraw)
        self.choosers.log_changed.connect(self._rescale)
        self.curves.log_changed.connect(self.log.setChecked)
        self.map.cell_chosen.connect(self._chose)
        self.map.cell_activated.connect(self._use_cell)
        self.use.clicked.connect(self._use)
        self.fit.clicked.connect(lambda: self.commanded.emit("fit"))
        self.measure.wanted.connect(self._measure)
        self.measure.stop_wanted.connect(self._stop)
        self.ranking.layers_chosen.connect(self._select)
        self.ranking.setting_chosen.connect(self._go_to)
        self.tabs.currentChanged.connect(self._rank)
        self.empty.pressed.connect(self._estimate)
        self._settle.timeout.connect(self._rank)
        self.store.changed.connect(self._on_changed)

    # State

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.cost is not new.cost or old.looks is not new.looks or old.model is not new.model:
            self._take(new)
        elif old.selection is not new.selection:
            self._show_selection(new)
        if any(getattr(old, one) is not getattr(new, one) for one in ("jobs", "model", "data")):
            self._say_what_is_missing(new)
            self.measure.show_state(new)
        if old.resolution is not new.resolution or old.step != new.step:
            self._show_use()
            self._settle.start()

    def _take(self, state: DocumentState) -> None:
        """Take what is known: the cost table, else what the weights alone tell."""
        wish = figures_wish(state)
        if wish is not None:
            self.store.dispatch(wish)
        source = source_of(state)
        old, self._source = self._source, source
        if old is not None and source.table is old.table:
            if source.table is None:
                self._say_what_is_missing(state)
            return
        self._stack.setCurrentWidget(self._page if source.table is not None else self.empty)
        if source.table is None:
            self._say_what_is_missing(state)
            return
        self.choosers.fill(source.table, weights_alone=source.weights_alone)
        self._redraw()
        self.measure.show_state(state)

    @property
    def _table(self) -> CostTable | None:
        return None if self._source is None else self._source.table

    @property
    def _weights_alone(self) -> bool:
        return self._source is not None and self._source.weights_alone

    def _say_what_is_missing(self, state: DocumentState) -> None:
        """Where the numbers are from, how far an estimate is; or why there are none."""
        self.about.setText(source_words(state, self._source or MapSource()))
        self.about.set_tip(source_tip(weights_alone=self._weights_alone))
        if self._table is not None:
            return
        running = estimating(state)
        if running is not None:
            text = self.tr("It looks at what the network computes on samples of the data.")
            if running.fraction is not None:
                text = self.tr("{stage}: {share}").format(
                    stage=word(running.text), share=format_percent(running.fraction, 0)
                )
            self.empty.say(self.tr("Estimating what settings cost…"), text)
            return
        told, usable = missing_words(state)
        buttons = (("estimate", self.tr("&Estimate now")),) if usable else ()
        self.empty.say(self.tr("No costs are known yet"), told, buttons)

    # Map

    @Slot()
    def _redraw(self) -> None:
        table = self._table
        if table is None:
            return
        self._columns = columns_of(table, self.choosers.wanted)
        title = self.choosers.title
        self.map.set_quantity(title[:1].lower() + title[1:])
        self.map.set_cells(cells_of(table, self._columns, self.choosers.shown))
        if self._weights_alone:
            self.map.rest("")
        self._say_what_is_missing(self.store.state)
        self._show_selection(self.store.state)
        self._rank()

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
            text = partial(short_setting, grid)
            self.curves.set_texts(heading(grid), self.choosers.title, text)
            rows_shown = chosen or sorted(related)
            curves = [curve_of(table, row, grid, self.choosers.shown) for row in rows_shown]
            self.curves.set_curves(curves)
        self.ranking.mark(state.selection)
        self._show_use()

    def _grid(self) -> Grid | None:
        """The method of the curves: the chosen one, the cursor's, or the first."""
        table = self._table
        if table is None:
            return None
        name = self.choosers.wanted
        if not name and 0 <= self.map.at[1] < len(self._columns):
            name = self._columns[self.map.at[1]].grid.method
        return next((grid for grid in table.grids if grid.method == name), table.grids[0])

    def _value_text(self, value: float) -> str:
        return self.choosers.shown.text(value)

    def _details(self, row: int, column: int) -> str:
        table = self._table
        if table is None or column >= len(self._columns):
            return ""
        return cell_words(table, row, self._columns[column].place)

    @Slot(bool)
    def _rescale(self, log: bool) -> None:
        self.map.set_log(log)
        self.curves.set_log(log)

    @Slot()
    def _rank(self) -> None:
        """Buckets and lists, while they are seen."""
        self._settle.stop()
        table, grid = self._table, self._grid()
        if table is None or grid is None or self.tabs.currentWidget() is not self.ranking:
            return
        at = self.map.at[1]
        setting = None
        if 0 <= at < len(self._columns) and self._columns[at].grid is grid:
            setting = self._columns[at].setting
        self.ranking.show_losses(table, grid, setting, self.map.scale)
        methods = () if not self.choosers.wanted else (grid.method,)
        self.ranking.show_bargains(table, choices(self.store.state), methods)
        self.ranking.mark(self.store.state.selection)

    def changeEvent(self, event: QEvent) -> None:
        """Buckets have the map's colors."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_settle"):
            self._settle.start()

    # Wishes

    @Slot(str)
    def _estimate(self, _name: str) -> None:
        self.store.dispatch(EstimateCosts())

    @Slot(float, bool)
    def _measure(self, seconds: float, only_selected: bool) -> None:
        method = self.choosers.wanted
        layers = self.store.state.selection if only_selected else ()
        self.store.dispatch(MeasureCosts(seconds, (method,) if method else (), layers))

    @Slot()
    def _stop(self) -> None:
        job = measuring(self.store.state)
        if job is not None:
            waits = job.status is JobStatus.WAITING
            self.store.dispatch(CancelJob(job.number) if waits else StopJob(job.number))

    @Slot(tuple)
    def _select(self, layers: tuple[str, ...]) -> None:
        self.store.dispatch(Select(layers, layers[0] if layers else ""))

    @Slot(str, str, float)
    def _go_to(self, layer: str, method: str, setting: float) -> None:
        """Put the cursor on a cell."""
        table = self._table
        places = [
            at
            for at, one in enumerate(self._columns)
            if one.grid.method == method and one.setting == setting
        ]
        if table is not None and places and layer in table.layers:
            self.map.set_cursor(table.layers.index(layer), places[0])
            self._show_selection(self.store.state)

    @Slot(int, int)
    def _chose(self, row: int, _column: int) -> None:
        if self._table is None:
            return
        name = self._table.layers[row]
        if self.store.state.selection == (name,):
            self._show_selection(self.store.state)
        else:
            self.store.dispatch(Select((name,), name))
        self._rank()

    def _wish(self) -> SetFacet | None:
        """The setting under the cursor, as the recipe would have it."""
        row, column = self.map.at
        table = self._table
        if table is None or row < 0 or column >= len(self._columns):
            return None
        if not math.isfinite(self.map.cells.values[row, column]):
            return None
        return wish_of(self.store.state, table.layers[row], self._columns[column])

    def _use_words(self) -> str:
        row, column = self.map.at
        assert self._table is not None  # there is a wish
        return self.tr("&Use {setting} for {layer}").format(
            setting=self.map.column_name(column), layer=self._table.layers[row]
        )

    def _show_use(self) -> None:
        wish = self._wish()
        self.use.setEnabled(wish is not None)
        text = self.tr("Use the setting under the cursor") if wish is None else self._use_words()
        self.use.set_words(text)
        tip = self.tr("A double click on the cell does the same")
        self.use.setToolTip(f"{unmarked(text)}\n{tip}" if wish is not None else tip)

    def _offered(self) -> list[QAction]:
        """What the map's menu offers for the cell under the cursor."""
        found = []
        if self._wish() is not None:
            use = QAction(self._use_words())
            use.triggered.connect(self._use)
            found.append(use)
        if self._table is not None and not self._weights_alone:
            save = QAction(self.tr("Save all costs as CSV…"))
            save.triggered.connect(self._ask_where)
            found.append(save)
        return found

    @Slot()
    def _ask_where(self) -> None:
        filters = self.tr("Table (*.csv)")
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save"), "costs.csv", filters)
        if path:
            self.save_costs(Path(path))

    def save_costs(self, path: Path) -> None:
        """Write the whole cost table, as the command line does; a failure is read out."""
        if self._table is None:
            return
        self.map.say(saved_words(self._table, path))

    @Slot(int, int)
    def _use_cell(self, _row: int, _column: int) -> None:
        self._use()

    @Slot()
    def _use(self) -> None:
        wish = self._wish()
        if wish is not None:
            self.store.dispatch(wish)
