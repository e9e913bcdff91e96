"""Histogram of weights or activations: one, several over each other, or one for each channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.units import format_count, format_percent
from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, Plot, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.written import number_text

_FLOOR = 0.5
"""Height of nothing on a logarithmic axis of counts."""
_RUG = 0.05
"""Part of the height that the marks of a value grid take."""
_SETTLE_MS = 150
"""A zoom is told of when it has rested for so long."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Counts in equal bins between two values.

    Attributes:
        low: Lower edge of the first bin.
        high: Upper edge of the last.
        counts: `[bins]`, or `[channels, bins]` for one histogram each.
        label: What they are of, for the legend.
        sampled: A part of the values was counted.
        channels: `[channels]`, their numbers; by default from 0 on.
    """

    low: float
    high: float
    counts: NDArray[np.integer] | Floats
    label: str = ""
    sampled: bool = False
    channels: NDArray[np.integer] | None = None

    def channel(self, row: int) -> int:
        """The number of the channel in a row of `counts`."""
        return row if self.channels is None else int(self.channels[row])

    @property
    def edges(self) -> Floats:
        """`[bins + 1]`."""
        return np.linspace(self.low, self.high, self.counts.shape[-1] + 1)


def merged(bins: Bins, least: int = 6) -> Bins:
    """With fewer bins, where there are few values: `least` in each on average, at least 16 bins."""
    count, total = bins.counts.shape[-1], float(np.sum(bins.counts))
    factor = 1
    while (
        count % (2 * factor) == 0
        and count // (2 * factor) >= 16
        and (total < least * count / factor)
    ):
        factor *= 2
    if factor == 1:
        return bins
    shape = (*bins.counts.shape[:-1], count // factor, factor)
    return replace(bins, counts=bins.counts.reshape(shape).sum(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class ValueGrid:
    """The values that quantization leaves, over the histogram.

    Attributes:
        levels: `[levels]`, rising; none: only the range is shown.
        low: What lies below is clipped.
        high: What lies above is clipped.
    """

    low: float
    high: float
    levels: Floats = field(default_factory=lambda: np.empty(0))


class HistogramPlot(Plot):
    """A histogram on a linear or logarithmic axis, with the value grid of a quantization.

    Args:
        name: What a screen reader calls it.
        quantity: Title of the value axis.
        parent: As in Qt.
    """

    range_settled = Signal(float, float)
    """Lowest and highest value in view, after a zoom came to rest."""
    log_changed = Signal(bool)

    def __init__(self, name: str, quantity: str, parent: QWidget | None = None) -> None:
        self._quantity = quantity
        self._bins: tuple[Bins, ...] = ()
        self._detail: Bins | None = None
        self._grid: ValueGrid | None = None
        self._log = False
        self._curves: list[pg.PlotCurveItem] = []
        self._image = pg.ImageItem(axisOrder="row-major")
        self._rug = pg.PlotCurveItem(connect="pairs", antialias=False)
        self._bounds = [pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)]
        self._clipped = [pg.LinearRegionItem(movable=False), pg.LinearRegionItem(movable=False)]
        super().__init__(name, parent)
        for item in (self._image, self._rug, *self._bounds, *self._clipped):
            self.box.addItem(item, ignoreBounds=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._settled)
        self.zoomed.connect(self._timer.start)
        self.box.sigRangeChanged.connect(self._draw_rug)
        self._draw()

    # Values

    @property
    def log(self) -> bool:
        """Whether counts stand on a logarithmic axis."""
        return self._log

    def set_log(self, log: bool) -> None:  # a slot of a switch
        """Let counts stand on a logarithmic axis, so that rare values are seen."""
        if log != self._log:
            self._log = log
            self._draw()
            self.log_changed.emit(log)

    def set_bins(self, bins: Sequence[Bins]) -> None:
        """Show one histogram, or several as shares of their sums; none: the empty text stays."""
        self._bins = tuple(one for one in bins if one.counts.size and one.high > one.low)
        self._detail = None
        self._draw()

    @property
    def bins(self) -> tuple[Bins, ...]:
        """What is shown, without the finer bins of a zoom."""
        return self._bins

    def set_detail(self, detail: Bins | None) -> None:
        """Finer bins for what is in view, in place of the one histogram; the zoom stays."""
        if len(self._bins) == 1 and not self._by_channel and detail is not self._detail:
            self._detail = detail
            self._draw()

    @property
    def _drawn(self) -> tuple[Bins, ...]:
        return self._bins if self._detail is None else (self._detail,)

    def set_grid(self, grid: ValueGrid | None) -> None:
        """Show the values that a quantization leaves, and what it clips."""
        self._grid = grid
        self._draw()

    @property
    def _by_channel(self) -> bool:
        return len(self._bins) == 1 and self._bins[0].counts.ndim == 2

    def table(self) -> Table:
        """Edges and counts."""
        if not self._bins:
            return Table()
        edges = self._bins[0].edges
        titles = [self.tr("From"), self.tr("To")]
        columns = [edges[:-1], edges[1:]]
        if self._by_channel:
            for at, row in enumerate(self._bins[0].counts):
                number = self._bins[0].channel(at)
                titles.append(self.tr("Channel {number}").format(number=number))
                columns.append(row)
            return Table(tuple(titles), tuple(columns))
        if len(self._bins) == 1:
            counts = self.tr("Count")
            return Table((*titles, counts), (*columns, self._bins[0].counts))
        many = [self._long(one) for one in self._bins]
        parts = tuple(np.concatenate(part) for part in list(zip(*many, strict=True))[:3])
        labels = [one.label for one in self._bins for _ in range(one.counts.size)]
        return Table((*titles, self.tr("Count"), self.tr("Of")), (*parts, labels))

    @staticmethod
    def _long(bins: Bins) -> tuple[Floats, Floats, Floats]:
        return bins.edges[:-1], bins.edges[1:], np.asarray(bins.counts, np.float64)

    # Drawing

    def _heights(self, bins: Bins) -> Floats:
        counts = np.asarray(bins.counts, np.float64)
        if len(self._bins) > 1:
            counts = counts / max(counts.sum(), 1)
        return logarithms(counts, self._floor) if self._log else counts

    @property
    def _floor(self) -> float:
        if len(self._bins) <= 1:
            return _FLOOR
        return _FLOOR / max(float(np.sum(one.counts)) for one in self._bins)

    def _draw(self) -> None:
        if not hasattr(self, "_timer"):
            return
        for curve in self._curves:
            self.box.removeItem(curve)
        self._curves = []
        self._image.setVisible(self._by_channel)
        for item in (*self._bounds, *self._clipped, self._rug):
            item.setVisible(self._grid is not None and bool(self._bins))
        if not self._bins:
            return
        self.set_empty("")
        if self._by_channel:
            self._draw_channels(self._bins[0])
        else:
            self._draw_curves()
        self._draw_grid()
        self.rest(self._summary())

    def _summary(self) -> str:
        if len(self._bins) > 1:
            return ""
        total = format_count(float(np.sum(self._bins[0].counts)))
        if self._bins[0].sampled:
            return self.tr("A sample of {count} values").format(count=total)
        return self.tr("{count} values").format(count=total)

    def _draw_curves(self) -> None:
        chosen = self.colors
        top, keys = 0.0 if not self._log else -np.inf, []
        base = float(np.log10(self._floor)) if self._log else 0.0
        for index, one in enumerate(self._drawn):
            ink = chosen.measured if len(self._bins) == 1 else _ink(chosen.series, index)
            heights = self._heights(one)
            alpha = 0.55 if len(self._bins) == 1 else 0.12
            curve = pg.PlotCurveItem(
                one.edges,
                heights,
                stepMode="center",
                fillLevel=base,
                brush=color(ink, alpha),
                pen=pen(ink, 1.2),
            )
            self.box.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
            top = max(top, float(heights.max()))
            keys.append(Key(one.label, ink, Mark.BLOCK))
        self.set_keys((keys if len(keys) > 1 else []) + self._grid_keys())
        self.left_axis.decades, self.left_axis.whole = self._log, False
        share = len(self._bins) > 1
        self.left_axis.text = _percent if share and not self._log else None
        left = self.tr("Share of values per bin") if share else self.tr("Values per bin")
        self.set_titles(self._quantity, left)
        height = max(top - base, 1e-9)
        home = self._extent(base - height * 0.02, base + height * 1.06)
        self.set_home(home, keep_zoom=self._detail is not None)
        if self._detail is not None:
            self.box.setYRange(home.bottom, home.top, padding=0)

    def _draw_channels(self, bins: Bins) -> None:
        counts = np.asarray(bins.counts, np.float64)
        shown = np.log1p(counts) if self._log else counts
        highest = shown.max(axis=1, keepdims=True)
        shown = np.divide(shown, highest, out=np.zeros_like(shown), where=highest > 0)
        self._image.setImage(
            shown, levels=(0.0, 1.0), lut=_ramp(self.colors.base, self.colors.measured)
        )
        channels = len(counts)
        self._image.setRect(QRectF(bins.low, -0.5, bins.high - bins.low, channels))
        self.left_axis.decades, self.left_axis.whole = False, True
        self.left_axis.text = self._channel_text
        self.set_titles(self._quantity, self.tr("Channel"))
        self.set_keys(self._grid_keys())
        self.set_home(self._extent(-0.5, channels - 0.5))

    def _channel_text(self, position: float) -> str:
        row = round(position)
        known = self._bins and 0 <= row < len(self._bins[0].counts)
        return str(self._bins[0].channel(row)) if known else ""

    def _extent(self, bottom: float, top: float) -> Extent:
        low = min(one.low for one in self._bins)
        high = max(one.high for one in self._bins)
        margin = (high - low) * 0.02
        return Extent(low - margin, high + margin, bottom, top)

    def _grid_keys(self) -> list[Key]:
        if self._grid is None:
            return []
        keys = [Key(self.tr("Range of the quantization"), self.colors.running, Mark.DASHES)]
        if len(self._grid.levels):
            text = self.tr("Its grid of {count} values").format(count=len(self._grid.levels))
            keys.append(Key(text, self.colors.running, Mark.LINE))
        return keys

    def _draw_grid(self) -> None:
        if self._grid is None:
            return
        chosen = self.colors
        low, high = self._grid.low, self._grid.high
        far = max(abs(self.home.left), abs(self.home.right), abs(low), abs(high)) * 10 + 1
        for line, at in zip(self._bounds, (low, high), strict=True):
            line.setValue(at)
            line.setPen(pen(chosen.running, 1.5, dashed=True))
        for region, span in zip(self._clipped, ((-far, low), (high, far)), strict=True):
            region.setRegion(span)
            region.setBrush(color(chosen.running, 0.10))
            for line in region.lines:
                line.setPen(pen(chosen.running, 1, alpha=0.0))
        self._rug.setPen(pen(chosen.running, 1))
        self._draw_rug()

    def _draw_rug(self, *_: object) -> None:
        if self._grid is None or not len(self._grid.levels) or not self._bins:
            self._rug.setData([], [])
            return
        bottom, top = self.box.viewRange()[1]
        at = np.repeat(self._grid.levels, 2)
        ends = np.tile([bottom, bottom + (top - bottom) * _RUG], len(self._grid.levels))
        self._rug.setData(at, ends)

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """Which bin, how many values."""
        bins = self._drawn[0] if self._bins else None
        if bins is None or not bins.low <= x <= bins.high:
            return "", None
        count = bins.counts.shape[-1]
        index = min(int((x - bins.low) / (bins.high - bins.low) * count), count - 1)
        edges = bins.edges
        low, high = number_text(edges[index]), number_text(edges[index + 1])
        if self._by_channel:
            at = min(max(round(y), 0), len(bins.counts) - 1)
            channel, row = bins.channel(at), bins.counts[at]
            text = self.tr("Channel {channel}: {count} of {total} values from {low} to {high}")
            values = {"channel": channel, "count": int(row[index]), "total": int(row.sum())}
            return text.format(low=low, high=high, **values), None
        if len(self._bins) > 1:
            parts = [self.tr("At {value}").format(value=number_text(x))]
            parts += [self._share_at(one, x) for one in self._bins if one.low <= x <= one.high]
            return " · ".join(parts), x
        total = max(float(np.sum(self._bins[0].counts)), 1.0)
        text = self.tr("{count} values ({share}) from {low} to {high}")
        share = format_percent(float(bins.counts[index]) / total)
        middle = float(edges[index] + edges[index + 1]) / 2
        return (
            text.format(count=f"{int(bins.counts[index]):,}", share=share, low=low, high=high),
            middle,
        )

    @staticmethod
    def _share_at(bins: Bins, x: float) -> str:
        count = bins.counts.shape[-1]
        index = min(int((x - bins.low) / (bins.high - bins.low) * count), count - 1)
        share = float(bins.counts[index]) / max(float(np.sum(bins.counts)), 1.0)
        return f"{bins.label} {format_percent(share)}"

    def _settled(self) -> None:
        self.range_settled.emit(self.extent.left, self.extent.right)

    # Qt

    def extra_actions(self) -> list[QAction]:
        """Logarithmic counts."""
        action = QAction(self.tr("Logarithmic counts"))
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self.set_log)
        return [*super().extra_actions(), action]

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        self._draw()


def _percent(ratio: float) -> str:
    return format_percent(ratio, 1)


def _ink(series: tuple[str, ...], index: int) -> str:
    return series[index % len(series)]


def _ramp(ground: str, ink: str) -> NDArray[np.uint8]:
    """From the ground to the ink, `[256, 3]`; faint values stay visible."""
    ends = [np.array(list(bytes.fromhex(name[1:])), np.float64) for name in (ground, ink)]
    share = np.linspace(0, 1, 256)[:, None] ** 0.7
    return np.asarray((ends[0] * (1 - share) + ends[1] * share).round(), np.uint8)
