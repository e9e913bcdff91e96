"""Curves of which a part is measured and a part is estimated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

from studio.style.palette import color
from studio.widgets.plots.base import Floats, pen

_SIZE = 7
"""Of a point, in pixels."""


class Dots(pg.ScatterPlotItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """Points that leave clicks to the box behind them."""

    def mouseClickEvent(self, ev: Any) -> None:
        """Not for the points: pyqtgraph's name and form."""
        ev.ignore()


class SourcedLine:
    """A curve: solid with full points where measured, dashed with hollow points where estimated.

    Args:
        box: Where it is drawn.
        symbol: pyqtgraph's letter for the form of its points.
    """

    def __init__(self, box: Any, symbol: str = "o") -> None:
        self._box = box
        self._solid = pg.PlotCurveItem(antialias=True)
        self._dashed = pg.PlotCurveItem(antialias=True)
        self._points = Dots(symbol=symbol, size=_SIZE, pxMode=True)
        self._points.setZValue(5)
        for item in self._items:
            box.addItem(item, ignoreBounds=True)

    @property
    def _items(self) -> tuple[Any, ...]:
        return (self._solid, self._dashed, self._points)

    def remove(self) -> None:
        """Take it out of the box."""
        for item in self._items:
            self._box.removeItem(item)

    def set_values(self, xs: Floats, ys: Floats, measured: NDArray[np.bool_]) -> None:
        """Draw it; what is NaN breaks it."""
        known = np.isfinite(ys)
        xs, ys, measured = xs[known], ys[known], measured[known]
        next_to = np.flatnonzero(known)
        joined = np.append(np.diff(next_to) == 1, False)
        both = np.append(measured[:-1] & measured[1:], False)[: len(xs)]
        joined = joined[: len(xs)]
        self._solid.setData(xs, ys, connect=(joined & both).astype(np.int32))
        self._dashed.setData(xs, ys, connect=(joined & ~both).astype(np.int32))
        self._points.setData(xs, ys)
        self._measured = measured

    def set_ink(self, ink: str, ground: str, width: float = 1.8) -> None:
        """Color it; `ground` fills hollow points."""
        self._solid.setPen(pen(ink, width))
        self._dashed.setPen(pen(ink, width * 0.8, dashed=True))
        if len(self._measured):
            full, hollow = pg.mkBrush(color(ink)), pg.mkBrush(color(ground))
            self._points.setPen(pen(ink, 1.4))
            self._points.setBrush([full if one else hollow for one in self._measured])
