"""Weights: one histogram, one for each channel, or those of several layers over each other."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from engine.details import WeightDetail
from engine.info import Histogram
from engine.jobs.looks import WeightLook
from engine.jobs.requests import Request
from engine.units import format_count, format_percent
from studio.document.looks import look_for
from studio.document.messages import Ask
from studio.document.state import DocumentState
from studio.store import Store
from studio.views.inspector_look import LookTab
from studio.views.inspector_state import MOST_OVERLAID
from studio.widgets.plots.histogram import Bins, HistogramPlot, merged
from studio.widgets.written import number_text

_NARROW = 0.98
"""Part of the whole below which finer bins are worth asking for."""


class WeightsTab(LookTab):
    """Histogram of the weights, on two axes, by channel, finer where it is zoomed.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, parent)
        self.log = QCheckBox(self.tr("&Logarithmic"), self)
        self.by_channel = QCheckBox(self.tr("By &channel"), self)
        self.plot = HistogramPlot(self.tr("Histogram of weights"), self.tr("Weight"), self)
        self._facts = self.plain_label()
        self._details: tuple[WeightDetail, ...] = ()
        self._window: tuple[float, float] | None = None
        self.row.addWidget(self.log)
        self.row.addWidget(self.by_channel)
        self.finish_row()
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self._facts)
        self.log.toggled.connect(self.plot.set_log)
        self.plot.log_changed.connect(self.log.setChecked)
        self.by_channel.toggled.connect(self._show)
        self.plot.range_settled.connect(self._zoomed)

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """The inspected layer's weights, or those of the selection."""
        source = state.model.source
        if source is None:
            return ()
        return tuple(WeightLook(source, name) for name in _overlaid(state))

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show the histograms."""
        self._details = tuple(one for one in answers if isinstance(one, WeightDetail))
        self._window = None
        several = len(self._details) > 1
        self.by_channel.setEnabled(not several and bool(len(self._details[0].shown)))
        self._facts.setText(self._several(state) if several else self._words(self._details[0]))
        self._show()

    @Slot()
    def _show(self) -> None:
        if not self._details:
            return
        first = self._details[0]
        if len(self._details) > 1:
            self.plot.set_bins([_bins(one.histogram, one.layer) for one in self._details])
        elif self.by_channel.isChecked() and self.by_channel.isEnabled():
            self.plot.set_bins([Bins(*first.ends, first.counts, channels=first.shown)])
        else:
            self.plot.set_bins([_bins(first.histogram, first.layer)])
        if not self.plot.bins:
            self.plot.set_empty(self.tr("All weights have the same value."))

    def settle(self, state: DocumentState) -> None:
        """Put finer bins in once they have come."""
        request = self._fine(state)
        look = None if request is None else look_for(state, request)
        if look is not None and isinstance(look.result, WeightDetail):
            self.plot.set_detail(_bins(look.result.histogram, look.result.layer))

    @Slot(float, float)
    def _zoomed(self, low: float, high: float) -> None:
        """Finer bins for what is in view."""
        if len(self._details) != 1 or self.by_channel.isChecked() or not self.fresh:
            return
        whole = self._details[0].histogram
        low, high = max(low, whole.low), min(high, whole.high)
        if high - low >= _NARROW * (whole.high - whole.low) or high <= low:
            self._window = None
            self.plot.set_detail(None)
            return
        self._window = (low, high)
        request = self._fine(self.store.state)
        if request is not None and look_for(self.store.state, request) is None:
            self.store.dispatch(Ask(request))
        self.settle(self.store.state)

    def _fine(self, state: DocumentState) -> WeightLook | None:
        if self._window is None or state.model.source is None:
            return None
        return WeightLook(state.model.source, self._details[0].layer, self._window)

    def _words(self, detail: WeightDetail) -> str:
        text = self.tr(
            "{count} weights from {low} to {high}, mean {mean}, standard deviation {deviation}, "
            "{zeros} zeros"
        )
        count = 1
        for size in detail.shape:
            count *= size
        return text.format(
            count=format_count(count),
            low=number_text(detail.minimum),
            high=number_text(detail.maximum),
            mean=number_text(detail.mean),
            deviation=number_text(detail.std),
            zeros=format_percent(detail.zeros),
        )

    def _several(self, state: DocumentState) -> str:
        count = len(state.selection)
        if count <= MOST_OVERLAID:
            return self.tr("Each layer's bins as shares of its weights.")
        text = self.tr("The first {shown} of {count} selected layers.")
        return text.format(shown=MOST_OVERLAID, count=count)


def _overlaid(state: DocumentState) -> tuple[str, ...]:
    if state.current not in state.selection:
        return (state.current,)
    return state.selection[:MOST_OVERLAID]


def _bins(histogram: Histogram, label: str) -> Bins:
    counts = np.asarray(histogram.counts, np.int64)
    return merged(Bins(histogram.low, histogram.high, counts, label, histogram.sampled))
