"""What can be had: size against loss, with a line on the point that is chosen.

All of it is predicted, so it is dashed and hollow; what was measured of trials stands in it solid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from engine.units import format_bytes, format_points
from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.handle import LinePlot
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.lines import Dots
from studio.widgets.written import number_text

_POINT = 8
_CHOSEN = 13
_HEAD = 0.4
"""Powers of ten above the highest loss that bands are shown in."""
_DECADES = 6.0
"""Losses further below the highest are drawn at the bottom."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A point of the curve.

    Attributes:
        size_bytes: Of the file.
        loss: Predicted.
        low: Lower end of its interval; NaN: not known.
        high: Upper end.
        accuracy_drop: Share of samples lost; NaN: not known.
        aside: It keeps to something besides the size, so that it is no point of the curve.
    """

    size_bytes: float
    loss: float
    low: float = math.nan
    high: float = math.nan
    accuracy_drop: float = math.nan
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A network that there is already.

    Attributes:
        label: Its name.
        size_bytes: Of its file.
        loss: Measured, or predicted.
        measured: Which of them.
    """

    label: str
    size_bytes: float
    loss: float
    measured: bool = True


class ParetoPlot(LinePlot):
    """Offers from the smallest to the largest; one of them is chosen.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
    """

    chosen = Signal(int, bool)
    """Place of the offer that the user went to, and whether that is settled."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._offers: tuple[Offer, ...] = ()
        self._known: tuple[Known, ...] = ()
        self._limit = math.nan
        self._edges = [pg.PlotCurveItem(pen=None) for _ in range(2)]
        self._band = pg.FillBetweenItem(*self._edges)
        self._curve = pg.PlotCurveItem(antialias=True)
        self._points = Dots(pxMode=True, size=_POINT)
        self._others = Dots(pxMode=True, size=_POINT + 1)
        self._here = Dots(pxMode=True, size=_CHOSEN)
        self._wall = pg.InfiniteLine(angle=90, movable=False)
        super().__init__(name, parent)
        for item in (self._band, *self._edges, self._curve, self._wall, self._points):
            self.box.addItem(item, ignoreBounds=True)
        for item in (self._others, self._here):
            item.setZValue(45)
            self.box.addItem(item, ignoreBounds=True)
        self.left_axis.decades = True
        self.bottom_axis.text = format_bytes
        self.line.hide()
        self._wall.hide()
        self.box.clicked.connect(self._clicked)

    # Values

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What is shown, smallest first."""
        return self._offers

    def set_offers(self, offers: Sequence[Offer], at: int = -1) -> None:
        """Show these, in the order of their sizes, with one chosen; -1: none."""
        self._offers = tuple(offers)
        self._draw()
        self.line.setVisible(bool(offers) and at >= 0)
        if offers:
            self.set_line(max(at, 0), 0, len(self._offers) - 1)
        self._draw_here()

    def set_known(self, known: Sequence[Known]) -> None:
        """Show networks that are there already beside them."""
        self._known = tuple(one for one in known if math.isfinite(one.loss))
        self._draw()

    def set_limit(self, size_bytes: float) -> None:
        """Draw where a target on the size is; NaN: there is none."""
        self._limit = size_bytes
        self._wall.setVisible(math.isfinite(size_bytes))
        if math.isfinite(size_bytes):
            self._wall.setValue(size_bytes)

    def table(self) -> Table:
        """One line for each offer."""
        if not self._offers:
            return Table()
        titles = (
            self.tr("Size, bytes"),
            self.tr("Predicted loss"),
            self.tr("From"),
            self.tr("To"),
            self.tr("Accuracy lost"),
        )
        names = ("size_bytes", "loss", "low", "high", "accuracy_drop")
        return Table(titles, tuple([getattr(one, n) for one in self._offers] for n in names))

    # Drawing

    def _column(self, name: str) -> Floats:
        return np.array([getattr(one, name) for one in self._offers], np.float64)

    def _heights(self, losses: Floats) -> Floats:
        return logarithms(losses, self._floor)

    @property
    def _floor(self) -> float:
        losses = [one.loss for one in self._offers] + [one.loss for one in self._known]
        known = np.array(losses, np.float64)
        known = known[np.isfinite(known) & (known > 0)]
        if not len(known):
            return 1e-6
        return float(max(known.min() * 0.7, known.max() * 10.0**-_DECADES))

    def _draw(self) -> None:
        if not self._offers:
            self._here.setData([], [])
            self.set_keys([])
            self.set_empty(self.empty_text or self.tr("Nothing to show yet."))
            return
        self.set_empty("")
        chosen = self.colors
        sizes, losses = self._column("size_bytes"), self._heights(self._column("loss"))
        low, high = self._heights(self._column("low")), self._heights(self._column("high"))
        joined = np.array([not one.aside for one in self._offers])
        banded = np.isfinite(low) & np.isfinite(high) & joined
        for edge, part in zip(self._edges, (low, high), strict=True):
            edge.setData(sizes[banded], part[banded])
        self._band.setBrush(color(chosen.predicted, 0.15))
        self._curve.setData(sizes[joined], losses[joined])
        self._curve.setPen(pen(chosen.predicted, 1.5, dashed=True))
        self._points.setData(sizes, losses)
        self._points.setPen(pen(chosen.predicted, 1.5))
        self._points.setBrush(pg.mkBrush(color(chosen.base)))
        self._wall.setPen(pen(chosen.warning, 1.5, dashed=True))
        self._draw_known()
        self._draw_here()
        self.set_titles(self.tr("Size of the file"), self.tr("Loss (KL, nats)"))
        self._set_keys()
        self.set_home(self._home_of(sizes, losses, high))

    def _draw_known(self) -> None:
        ink = self.colors.good
        full, hollow = pg.mkBrush(color(ink)), pg.mkBrush(color(self.colors.base))
        self._others.setData(
            [one.size_bytes for one in self._known],
            self._heights(np.array([one.loss for one in self._known], np.float64)),
            pen=pen(ink, 1.5),
            brush=[full if one.measured else hollow for one in self._known],
            symbol=["s"] * len(self._known),
        )

    def _draw_here(self) -> None:
        """A ring on the chosen point."""
        if not self._offers or not self.line.isVisible():
            self._here.setData([], [])
            return
        one = self._offers[self.at]
        self._here.setData([one.size_bytes], self._heights(np.array([one.loss])))
        self._here.setPen(pen(self.colors.accent, 2.5))
        self._here.setBrush(pg.mkBrush(color(self.colors.base)))

    def _set_keys(self) -> None:
        chosen = self.colors
        keys = [Key(self.tr("Can be had (predicted)"), chosen.predicted, Mark.RING)]
        if any(one.measured for one in self._known):
            keys.append(Key(self.tr("Runs, measured"), chosen.good, Mark.DOT))
        if any(not one.measured for one in self._known):
            keys.append(Key(self.tr("The recipe now (predicted)"), chosen.good, Mark.RING))
        self.set_keys(keys)

    def _home_of(self, sizes: Floats, losses: Floats, high: Floats) -> Extent:
        xs = np.concatenate([sizes, [one.size_bytes for one in self._known]])
        known = self._heights(np.array([one.loss for one in self._known], np.float64))
        near = np.fmin(high, np.nanmax(losses) + _HEAD)  # wide bands would press all else down
        ys = np.concatenate([losses, near, known])
        ys = ys[np.isfinite(ys)]
        bottom, top = float(ys.min()), float(ys.max())
        left, right = float(xs.min()), float(xs.max())
        wide, tall = (right - left) or right or 1.0, (top - bottom) or 1.0
        return Extent(
            max(left - wide * 0.06, 0.0), right + wide * 0.06, bottom - tall * 0.08,
            top + tall * 0.1,
        )  # fmt: skip

    # The line

    def moved(self, at: int, *, final: bool) -> None:
        """The user moved the line."""
        self._draw_here()
        self.chosen.emit(at, final)

    def line_place(self, at: int) -> float:
        """The size of an offer."""
        return self._offers[at].size_bytes if self._offers else 0.0

    def line_number(self, place: float) -> int:
        """The offer whose size is nearest."""
        return int(np.argmin(np.abs(self._column("size_bytes") - place))) if self._offers else 0

    def line_label(self, at: int) -> str:
        """The size, with the mark of what is predicted."""
        return f"~{format_bytes(self._offers[at].size_bytes)}" if self._offers else ""

    def line_text(self, at: int) -> str:
        """An offer in words."""
        if not self._offers:
            return ""
        one = self._offers[at]
        text = self.tr("~{size}: loss ~{loss}")
        if math.isfinite(one.low) and math.isfinite(one.high):
            text = self.tr("~{size}: loss ~{loss} (from {low} to {high})")
        if math.isfinite(one.accuracy_drop):
            text = self.tr("~{size}: loss ~{loss} (from {low} to {high}), accuracy ~{points}")
        return text.format(
            size=format_bytes(one.size_bytes),
            loss=number_text(one.loss),
            low=number_text(one.low),
            high=number_text(one.high),
            points=format_points(-one.accuracy_drop),
        )

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """The nearest trial or offer."""
        if not self._offers:
            return "", None
        width, height = self.box.viewPixelSize()
        for one in self._known:
            level = float(self._heights(np.array([one.loss]))[0])
            if math.hypot((one.size_bytes - x) / width, (level - y) / height) < _CHOSEN:
                text = self.tr("{name}: {size}, loss {loss}, measured")
                if not one.measured:
                    text = self.tr("{name}: ~{size}, loss ~{loss}, predicted")
                size, loss = format_bytes(one.size_bytes), number_text(one.loss)
                return text.format(name=one.label, size=size, loss=loss), None
        at = self.line_number(x)
        return self.line_text(at), self.line_place(at)

    def _clicked(self, position: QPointF, _modifiers: object) -> None:
        """A click chooses the offer whose size is nearest."""
        if not self._offers:
            return
        self.line.show()
        self.set_line(self.line_number(position.x()), 0, len(self._offers) - 1)
        self.say(self.line_text(self.at))
        self.moved(self.at, final=True)

    # Qt

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if hasattr(self, "_here") and hasattr(self, "cross") and self._offers:
            self._draw()
