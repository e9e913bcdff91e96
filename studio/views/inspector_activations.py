"""Activations: what goes into the layer and comes out of it, and how far a grid would reach."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from engine.details import Activation, ActivationDetail
from engine.jobs.looks import ActivationLook
from engine.jobs.requests import Request
from engine.methods.quantization.settings import ActivationRange, UniformParams
from engine.units import format_percent
from studio.document.state import DocumentState
from studio.forms.schema import fields_of
from studio.store import Store
from studio.views.inspector_look import OPEN_DATA, LookTab
from studio.views.inspector_state import uniform_settings
from studio.widgets.notice import NoticeBar
from studio.widgets.plots.histogram import Bins, HistogramPlot, ValueGrid, merged
from studio.widgets.written import number_text
from studio.words import word

_BITS = 8
"""Of the ranges, where the recipe does not quantize activations."""


class ActivationsTab(LookTab):
    """Histogram of the values that a layer reads or makes, on calibration samples.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, parent)
        self.side, self.range = QComboBox(self), QComboBox(self)
        self.side.addItem(self.tr("Output"), "output")
        self.side.addItem(self.tr("Input"), "input")
        self.range.setSizeAdjustPolicy(_SHORT)
        self.range.setMinimumContentsLength(9)
        self.side.setAccessibleName(self.tr("Side of the layer"))
        self.range.addItem(self.tr("None"), "")
        for one in ActivationRange:
            self.range.addItem(_range_title(one.value), one.value)
        label = QLabel(self.tr("&Range:"), self)
        label.setBuddy(self.range)
        self.log = QCheckBox(self.tr("&Log"), self)
        self.log.setToolTip(self.tr("Logarithmic counts: rare values are seen"))
        self.plot = HistogramPlot(self.tr("Histogram of activations"), self.tr("Activation"), self)
        self.notice = NoticeBar(self)
        self.notice.close_button.hide()
        self._facts = self.plain_label()
        self._detail: ActivationDetail | None = None
        for widget in (self.side, label, self.range, self.log):
            self.row.addWidget(widget)
        self.finish_row()
        self.column.addWidget(self.notice)
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self._facts)
        self.log.toggled.connect(self.plot.set_log)
        self.plot.log_changed.connect(self.log.setChecked)
        self.side.currentIndexChanged.connect(self._show)
        self.range.currentIndexChanged.connect(self._show)
        self.notice.pressed.connect(self.commanded)

    def reason(self, state: DocumentState) -> tuple[str, str]:
        """A network that cannot be run has none."""
        if state.info is not None and not state.info.runnable:
            return self.tr("No activations"), self.tr("This network cannot be run.")
        return "", ""

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """On the data there is, with the bits of the recipe."""
        source = state.model.source
        if source is None:
            return ()
        settings = uniform_settings(state, state.current)
        bits = settings.get("activation_bits") or _BITS
        percentile = settings.get("percentile", 99.99)
        data = state.data.source if state.data.error is None else None
        return (ActivationLook(source, state.current, data, bits, percentile),)

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show the histogram, or say why there is none."""
        del state
        detail: ActivationDetail = answers[0]
        self._detail = detail
        if detail.reason:
            self.tell(self.tr("No activations"), word(detail.reason))
            return
        self.side.setEnabled(detail.input is not None and detail.output is not None)
        if detail.synthetic:
            self.notice.tell(
                self.tr("Noise stands in for data."),
                self.tr("Real samples give other values."),
                "warning",
                ((OPEN_DATA, self.tr("Open data…")),),
            )
            self.notice.close_button.hide()
        else:
            self.notice.clear()
        self._show()

    @property
    def _shown(self) -> Activation | None:
        if self._detail is None:
            return None
        found = self._detail.input, self._detail.output
        wanted, other = found if self.side.currentData() == "input" else found[::-1]
        return wanted or other

    @Slot()
    def _show(self) -> None:
        shown = self._shown
        if shown is None or self._detail is None:
            return
        counts = np.asarray(shown.histogram.counts, np.int64)
        bins = Bins(shown.histogram.low, shown.histogram.high, counts)
        self.plot.set_bins([merged(bins)])
        if not self.plot.bins:
            self.plot.set_empty(self.tr("All values are the same."))
        chosen = self.range.currentData()
        found = next((one for one in shown.ranges if one.method == chosen), None)
        self.plot.set_grid(None if found is None else ValueGrid(found.low, found.high))
        self._facts.setText(self._words(shown))

    def _words(self, shown: Activation) -> str:
        assert self._detail is not None
        parts = [
            self.tr("{samples} samples, values from {low} to {high}, {zeros} zeros.").format(
                samples=self._detail.samples,
                low=number_text(shown.low),
                high=number_text(shown.high),
                zeros=format_percent(shown.zeros),
            )
        ]
        text = self.tr("{range}: {low} to {high}, error {error} at {bits} bits")
        parts += [
            text.format(
                range=_range_title(one.method),
                low=number_text(one.low),
                high=number_text(one.high),
                error=format_percent(one.error, 3),
                bits=self._detail.bits,
            )
            for one in shown.ranges
        ]
        return "\n".join(parts)


_SHORT = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


def _range_title(method: str) -> str:
    field = next(one for one in fields_of(UniformParams) if one.name == "activation_range")
    labels = {one.value: one.label for one in field.choices}
    return word(labels.get(method, method))
