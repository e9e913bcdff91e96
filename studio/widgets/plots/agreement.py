"""Predicted against measured: points about a diagonal, within a factor of two or not."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.scatter import Quantity, ScatterPlot, Spot

FACTOR = 2.0
"""Predictions within this factor of what was measured are good ones."""
_MARGIN = 0.08


@dataclass(frozen=True, slots=True)
class Pair:
    """What was predicted of a trial, and what it came to.

    Attributes:
        id: The caller's.
        label: Its name.
        predicted: Before it was run.
        measured: Of what it wrote.
        low: Lower end of the prediction's interval; NaN: none.
        high: Upper end.
        note: More about it for the read-out.
    """

    id: int
    label: str
    predicted: float
    measured: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""


class AgreementPlot(ScatterPlot):
    """Trials by what was predicted and what was measured, on equal logarithmic axes.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._pairs: tuple[Pair, ...] = ()
        self._title = ""
        self._text: Callable[[float], str] = str
        self._diagonal = pg.PlotCurveItem(antialias=True)
        self._band_edges = [pg.PlotCurveItem(pen=None) for _ in range(2)]
        self._band = pg.FillBetweenItem(*self._band_edges)
        self._bars = pg.PlotCurveItem(antialias=True, connect="pairs")
        super().__init__(name, parent)
        for item in (self._band, *self._band_edges, self._diagonal, self._bars):
            item.setZValue(-5)
            self.box.addItem(item, ignoreBounds=True)
        self.left_axis.decades = self.bottom_axis.decades = True

    def set_pairs(self, pairs: Sequence[Pair], title: str, text: Callable[[float], str]) -> None:
        """Show these; those of which one number is not above zero are left out.

        Args:
            pairs: Trials.
            title: Of the quantity, with its unit.
            text: Writes a value.
        """
        self._pairs = tuple(one for one in pairs if one.predicted > 0 and one.measured > 0)
        self._title, self._text = title, text
        across = Quantity("predicted", self.tr("Predicted"), self._at)
        up = Quantity("measured", self.tr("Measured"), self._at)
        spots = [
            Spot(
                one.id,
                one.label,
                (math.log10(one.predicted), math.log10(one.measured)),
                note=one.note,
            )
            for one in self._pairs
        ]
        self.set_spots(spots, (0, across), (1, up))
        if self._pairs:
            self._axes_titles()

    def _at(self, position: float) -> str:
        return self._text(10.0**position)

    def within(self) -> tuple[int, int]:
        """How many predictions are within the factor, and how many there are."""
        good = [one for one in self._pairs if _factor(one) <= FACTOR + 1e-9]
        return len(good), len(self._pairs)

    def table(self) -> Table:
        """One line for each trial."""
        if not self._pairs:
            return Table()
        titles = (
            self.tr("Trial"),
            self.tr("{quantity}, predicted").format(quantity=self._title),
            self.tr("{quantity}, measured").format(quantity=self._title),
        )
        columns = ("label", "predicted", "measured")
        return Table(titles, tuple([getattr(one, n) for one in self._pairs] for n in columns))

    # Drawing

    def _axes_titles(self) -> None:
        self.left_axis.text = self.bottom_axis.text = self._text
        self.set_titles(
            self.tr("{quantity}, predicted").format(quantity=self._title),
            self.tr("{quantity}, measured").format(quantity=self._title),
        )
        low, high = self._span
        self.set_home(Extent(low, high, low, high))

    @property
    def _span(self) -> tuple[float, float]:
        values = np.concatenate([self._xs, self._ys])
        low, high = float(values.min()), float(values.max())
        reach = math.log10(FACTOR)
        margin = max((high - low) * _MARGIN, reach * 1.2)
        return low - margin, high + margin

    def _draw(self) -> None:
        super()._draw()
        if self._spots:
            self._axes_titles()

    def _draw_front(self) -> None:
        """The diagonal, the band about it, and the intervals."""
        ends = np.array(self._span)
        reach = math.log10(FACTOR)
        self._diagonal.setData(ends, ends)
        self._diagonal.setPen(pen(self.colors.secondary, 1, dashed=True))
        for edge, off in zip(self._band_edges, (-reach, reach), strict=True):
            edge.setData(ends, ends + off)
        self._band.setBrush(color(self.colors.good, 0.14))
        self._draw_bars()

    def _draw_bars(self) -> None:
        known = [one for one in self._pairs if math.isfinite(one.low) and math.isfinite(one.high)]
        ends: Floats = np.array([end for one in known for end in (one.low, one.high)], np.float64)
        heights = np.repeat(np.array([one.measured for one in known], np.float64), 2)
        floor = 10.0 ** self._span[0]
        self._bars.setData(logarithms(ends, floor), logarithms(heights, floor))
        self._bars.setPen(pen(self.colors.measured, 1.2, alpha=0.6))

    def _set_keys(self) -> None:
        chosen = self.colors
        keys = [
            Key(self.tr("Trials"), chosen.measured, Mark.DOT),
            Key(self.tr("Within a factor of two"), chosen.good, Mark.BLOCK),
        ]
        if any(math.isfinite(one.low) for one in self._pairs):
            keys.append(Key(self.tr("Interval of the prediction"), chosen.measured, Mark.LINE))
        self.set_keys(keys)

    # Pointer

    def _words(self, index: int) -> str:
        one = self._pairs[index]
        text = self.tr("{name}: ~{predicted} predicted, {measured} measured ({factor} times)")
        words = text.format(
            name=one.label,
            predicted=self._text(one.predicted),
            measured=self._text(one.measured),
            factor=f"{one.measured / one.predicted:.2g}",
        )
        return f"{words} · {one.note}" if one.note else words


def _factor(one: Pair) -> float:
    return max(one.predicted / one.measured, one.measured / one.predicted)
