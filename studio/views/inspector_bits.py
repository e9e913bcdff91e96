"""Quantization: the error against the bits, and the grid of values over the histogram."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QSpinBox, QSplitter, QWidget

from engine.details import QuantizationDetail, WeightDetail
from engine.frozen import FrozenMap, freeze
from engine.jobs.looks import QuantizationLook, WeightLook
from engine.jobs.requests import Request
from studio.document.facets import Facet
from studio.document.messages import SetFacet
from studio.document.state import DocumentState
from studio.store import Store
from studio.views.inspector_look import LookTab
from studio.views.inspector_state import current_row, targets, uniform_settings, weight_bits
from studio.widgets.plots.bits import BitsPlot, ErrorCurve
from studio.widgets.plots.histogram import Bins, HistogramPlot, ValueGrid, merged
from studio.widgets.written import number_text
from studio.words import word


class BitsTab(LookTab):
    """What rounding does to the inspected layer; a click sets its bits.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, parent)
        self.channel = QSpinBox(self)
        self.channel.setToolTip(self.tr("The output channel whose grid of values is shown"))
        label = QLabel(self.tr("&Grid of channel:"), self)
        label.setBuddy(self.channel)
        self.error = BitsPlot(self)
        self.grid = HistogramPlot(self.tr("Weights and their grid"), self.tr("Weight"), self)
        self.grid.set_log(True)
        self._facts = self.plain_label()
        self._detail: QuantizationDetail | None = None
        self.row.addWidget(label)
        self.row.addWidget(self.channel)
        self.finish_row()
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.error)
        splitter.addWidget(self.grid)
        splitter.setChildrenCollapsible(False)
        self.column.addWidget(splitter, 1)
        self.column.addWidget(self._facts)
        self.channel.valueChanged.connect(self._another)
        self.error.bits_changed.connect(self._chose)

    @Slot()
    def _another(self) -> None:
        self.refresh()

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """Errors with the recipe's settings, and the weights to lay the grid over."""
        source = state.model.source
        if source is None:
            return ()
        settings = freeze(uniform_settings(state, state.current))
        assert isinstance(settings, FrozenMap)
        channel = min(self.channel.value(), _channels(state) - 1)
        rounding = QuantizationLook(source, state.current, settings, channel)
        return (rounding, WeightLook(source, state.current))

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show errors and grid, or why the layer is left alone."""
        detail: QuantizationDetail = answers[0]
        weights: WeightDetail = answers[1]
        self._detail = detail
        if detail.reason:
            self.tell(self.tr("Not quantized"), word(detail.reason))
            return
        self.channel.setRange(0, max(weights.channels - 1, 0))
        curve = ErrorCurve("", np.asarray(detail.errors, np.float64))
        row = current_row(state)
        bits = None if row is None else weight_bits(row)
        title = self.tr("Squared error")
        self.error.set_curves(detail.bits, [curve], bits, title=title)
        self._show_grid(detail, weights)

    def _show_grid(self, detail: QuantizationDetail, weights: WeightDetail) -> None:
        shown = weights.histogram
        low, high, counts = shown.low, shown.high, np.asarray(shown.counts, np.int64)
        places = np.flatnonzero(weights.shown == detail.channel)
        if len(places) and weights.ends[1] > weights.ends[0]:
            (low, high), counts = weights.ends, weights.counts[places[0]]
        self.grid.set_bins([merged(Bins(low, high, counts))])
        half = detail.step / 2
        levels = detail.levels
        grid = ValueGrid(levels[0] - half, levels[-1] + half, levels) if len(levels) else None
        self.grid.set_grid(grid)

    def settle(self, state: DocumentState) -> None:
        """Which bits the recipe gives."""
        row, detail = current_row(state), self._detail
        if row is None or detail is None or detail.reason:
            return
        cell = row.cells[Facet.WEIGHT_BITS]
        self.error.set_editable(editable=not cell.reason, reason=word(cell.reason))
        bits = weight_bits(row)
        self.error.set_bits(bits)
        self.grid.setVisible(bits is not None and bool(len(detail.levels)))
        self._facts.setText(self._words(state, detail, bits))

    def _words(self, state: DocumentState, detail: QuantizationDetail, bits: int | None) -> str:
        found = []
        noise = detail.signal_to_noise_db
        if bits is not None and bits == detail.chosen and noise is not None:
            text = self.tr("Signal to noise {ratio} dB, steps of {step} in channel {channel}.")
            values = {"step": number_text(detail.step), "channel": detail.channel}
            found.append(text.format(ratio=number_text(noise), **values))
        if detail.sampled:
            found.append(self.tr("The errors are those of a sample of the weights."))
        if len(targets(state)) > 1:
            text = self.tr("A click sets all {count} selected layers.")
            found.append(text.format(count=len(targets(state))))
        return " ".join(found)

    @Slot(int)
    def _chose(self, bits: int) -> None:
        if self.fresh:
            self.store.dispatch(SetFacet(Facet.WEIGHT_BITS, targets(self.store.state), bits))


def _channels(state: DocumentState) -> int:
    """Output channels of the inspected layer, as far as its shape tells."""
    row = current_row(state)
    return max(row.layer.shape[0], 1) if row is not None and row.layer.shape else 1
