"""Trials as points: predicted hollow, measured solid, with the frontier of the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.style.metrics import metrics
from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, Plot, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.lines import Dots

_SIZE = 11
_SMALL = 7
_MANY = 200
"""More points than this are drawn smaller."""
_REACH = 14
"""Pixels from a point within which the pointer finds it."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What can stand on an axis.

    Attributes:
        name: Id that stays the same in every language.
        title: For people, with the unit.
        text: Writes a value.
        lower_is_better: Which end of the axis the frontier looks for.
    """

    name: str
    title: str
    text: Callable[[float], str]
    lower_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Spot:
    """One trial.

    Attributes:
        id: The caller's.
        label: Its name.
        values: One for each quantity; NaN: not known.
        measured: All of them were measured.
        original: It is the network as it came.
        note: More about it for the read-out.
    """

    id: int
    label: str
    values: tuple[float, ...]
    measured: bool = True
    original: bool = False
    note: str = ""


def frontier(xs: Floats, ys: Floats, *, left: bool, down: bool) -> list[int]:
    """Indices of the points that no other beats in both, sorted by x.

    Args:
        xs: Finite.
        ys: Finite.
        left: Smaller x is better.
        down: Smaller y is better.
    """
    x, y = (xs if left else -xs), (ys if down else -ys)
    best, kept = np.inf, []
    for index in np.lexsort((y, x)):
        if y[index] < best:
            best = y[index]
            kept.append(int(index))
    return kept if left else kept[::-1]


class ScatterPlot(Plot):
    """Points in a plane; a click or a rectangle selects.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
    """

    selected = Signal(tuple)
    """Ids of the points that the user selected."""
    activated = Signal(int)
    """Id of the point that Enter was pressed on."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._spots: tuple[Spot, ...] = ()
        self._ids: tuple[int, ...] = ()
        self._axes_of: tuple[Quantity, Quantity] | None = None
        self._columns = (0, 0)
        self._xs: Floats = np.empty(0)
        self._ys: Floats = np.empty(0)
        self._front = pg.PlotCurveItem(antialias=True)
        self._points = Dots(pxMode=True, size=_SIZE)
        self._rings = Dots(pxMode=True, size=_SIZE + 8)
        super().__init__(name, parent, rubber=True)
        for item in (self._front, self._points, self._rings):
            self.box.addItem(item, ignoreBounds=True)
        self.box.clicked.connect(self._clicked)
        self.box.spanned.connect(self._spanned)

    # Values

    def set_spots(
        self, spots: Sequence[Spot], across: tuple[int, Quantity], up: tuple[int, Quantity]
    ) -> None:
        """Show trials; those without both values are left out.

        Args:
            spots: All of them.
            across: Index of the value on the bottom axis, and what it is.
            up: Likewise for the left axis.
        """
        self._columns = (across[0], up[0])
        self._axes_of = (across[1], up[1])
        at = [(spot.values[across[0]], spot.values[up[0]]) for spot in spots]
        known = [bool(np.isfinite(pair).all()) for pair in at]
        self._spots = tuple(spot for spot, ok in zip(spots, known, strict=True) if ok)
        self._xs = np.array([x for (x, _), ok in zip(at, known, strict=True) if ok], np.float64)
        self._ys = np.array([y for (_, y), ok in zip(at, known, strict=True) if ok], np.float64)
        self._draw()

    def set_selected(self, ids: Sequence[int]) -> None:
        """Ring these."""
        self._ids = tuple(ids)
        self._draw_rings()

    def table(self) -> Table:
        """One line for each point."""
        if not self._spots or self._axes_of is None:
            return Table()
        titles = (self.tr("Trial"), self._axes_of[0].title, self._axes_of[1].title)
        names = [spot.label for spot in self._spots]
        measured = [spot.measured for spot in self._spots]
        return Table((*titles, self.tr("Measured")), (names, self._xs, self._ys, measured))

    # Drawing

    def _draw(self) -> None:
        if not self._spots or self._axes_of is None:
            self._rings.setData([], [])
            self.set_keys([])
            self.set_empty(self.tr("No trial has both of these numbers yet."))
            return
        self.set_empty("")
        chosen = self.colors
        inks = [chosen.original if one.original else chosen.measured for one in self._spots]
        pens = {ink: pen(ink, 1.8) for ink in set(inks)}
        full, hollow = {ink: pg.mkBrush(color(ink)) for ink in pens}, pg.mkBrush(color(chosen.base))
        self._points.setData(
            self._xs,
            self._ys,
            symbol=["d" if one.original else "o" for one in self._spots],
            size=_SIZE if len(self._spots) <= _MANY else _SMALL,
            pen=[pens[ink] for ink in inks],
            brush=[
                full[ink] if one.measured else hollow
                for ink, one in zip(inks, self._spots, strict=True)
            ],
        )
        self._draw_front()
        self._draw_rings()
        for axis, quantity in zip((self.bottom_axis, self.left_axis), self._axes_of, strict=True):
            axis.text = quantity.text
        self.set_titles(self._axes_of[0].title, self._axes_of[1].title)
        self._set_keys()
        self.set_home(Extent(*_span(self._xs), *_span(self._ys)))

    def _set_keys(self) -> None:
        chosen = self.colors
        keys = [Key(self.tr("Measured"), chosen.measured, Mark.DOT)]
        if any(not one.measured for one in self._spots):
            keys.append(Key(self.tr("Predicted"), chosen.predicted, Mark.RING))
        if any(one.original for one in self._spots):
            keys.append(Key(self.tr("Original"), chosen.original, Mark.DOT))
        keys.append(Key(self.tr("Best measured"), chosen.good, Mark.LINE))
        self.set_keys(keys)

    def _draw_front(self) -> None:
        """Steps between the best: what lies beyond them nobody has reached."""
        assert self._axes_of is not None
        solid = np.array([spot.measured for spot in self._spots], np.bool_)
        xs, ys = self._xs[solid], self._ys[solid]
        across, up = self._axes_of
        best = frontier(xs, ys, left=across.lower_is_better, down=up.lower_is_better)
        self._front.setPen(pen(self.colors.good, 1.5, alpha=0.8))
        corner_x = np.repeat(xs[best], 2)
        corner_y = np.repeat(ys[best], 2)
        if across.lower_is_better:
            self._front.setData(corner_x[1:], corner_y[:-1])
        else:
            self._front.setData(corner_x[:-1], corner_y[1:])

    def _draw_rings(self) -> None:
        ringed = [index for index, one in enumerate(self._spots) if one.id in self._ids]
        self._rings.setData(self._xs[ringed], self._ys[ringed])
        self._rings.setPen(pen(self.colors.accent, 2))
        self._rings.setBrush(None)
        chosen = [self._words(index) for index in ringed[:1]]
        self.rest(chosen[0] if chosen else self.tr("Click a point, or drag around several."))

    # Pointer and keys

    def _words(self, index: int) -> str:
        assert self._axes_of is not None
        spot = self._spots[index]
        across, up = self._axes_of
        values = {
            "name": spot.label,
            "x": across.text(float(self._xs[index])),
            "y": up.text(float(self._ys[index])),
            "across": across.title,
            "up": up.title,
        }
        if spot.measured:
            text = self.tr("{name}: {across} {x}, {up} {y}, measured")
        else:
            text = self.tr("{name}: {across} ~{x}, {up} ~{y}, predicted")
        words = text.format(**values)
        return f"{words} · {spot.note}" if spot.note else words

    def _nearest(self, x: float, y: float) -> int | None:
        """The point within reach of a position."""
        if not self._spots:
            return None
        width, height = self.box.viewPixelSize()
        distance = np.hypot((self._xs - x) / width, (self._ys - y) / height)
        index = int(np.argmin(distance))
        return index if distance[index] <= _REACH else None

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """The point under the pointer."""
        index = self._nearest(x, y)
        return ("", None) if index is None else (self._words(index), None)

    def _clicked(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        index = self._nearest(position.x(), position.y())
        found = () if index is None else (self._spots[index].id,)
        self._choose(found, modifiers)

    def _spanned(self, area: QRectF, modifiers: Qt.KeyboardModifier) -> None:
        inside = (self._xs >= area.left()) & (self._xs <= area.right())
        inside &= (self._ys >= area.top()) & (self._ys <= area.bottom())
        self._choose(tuple(self._spots[at].id for at in np.flatnonzero(inside)), modifiers)

    def _choose(self, found: tuple[int, ...], modifiers: Qt.KeyboardModifier) -> None:
        """With Ctrl, what was selected is no longer, and the other way round."""
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            kept = tuple(one for one in self._ids if one not in found)
            found = (*kept, *(one for one in found if one not in self._ids))
        if found != self._ids:
            self.set_selected(found)
            self.selected.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from point to point, Enter activates."""
        key = event.key()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        order = [int(index) for index in np.lexsort((self._ys, self._xs))]
        now = [place for place, index in enumerate(order) if self._spots[index].id in self._ids]
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and now:
            self.activated.emit(self._spots[order[now[0]]].id)
        elif key in steps and order:
            step = steps[Qt.Key(key)]
            place = (now[0] if step < 0 else now[-1]) + step if now else 0
            place = min(max(place, 0), len(order) - 1)
            self._choose((self._spots[order[place]].id,), Qt.KeyboardModifier.NoModifier)
        else:
            super().keyPressEvent(event)

    # Qt

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if hasattr(self, "cross") and self._spots:
            self._draw()


class AxesScatter(QWidget):
    """A scatter plot with a choice of what stands on each axis.

    Args:
        name: What a screen reader calls it.
        quantities: What can be chosen.
        axes: Names of the first choice: bottom, left.
        parent: As in Qt.
    """

    axes_changed = Signal(str, str)
    """Names of the quantities at the bottom and at the left."""

    def __init__(
        self,
        name: str,
        quantities: Sequence[Quantity],
        axes: tuple[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._quantities = tuple(quantities)
        self._spots: tuple[Spot, ...] = ()
        self.plot = ScatterPlot(name, self)
        self.up, self.across = QComboBox(self), QComboBox(self)
        row = QHBoxLayout()
        row.setContentsMargins(metrics(self).gap, metrics(self).hair, metrics(self).gap, 0)
        row.setSpacing(metrics(self).gap)
        for words, combo, chosen in (
            (self.tr("&Vertical:"), self.up, axes[1]),
            (self.tr("&Horizontal:"), self.across, axes[0]),
        ):
            label = QLabel(words, self)
            label.setBuddy(combo)
            for one in self._quantities:
                combo.addItem(one.title, one.name)
            combo.setCurrentIndex(max(combo.findData(chosen), 0))
            combo.currentIndexChanged.connect(self._changed)
            row.addWidget(label)
            row.addWidget(combo)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.plot, 1)

    def set_spots(self, spots: Sequence[Spot]) -> None:
        """Show trials: `values` in the order of the quantities."""
        self._spots = tuple(spots)
        x, y = self.across.currentIndex(), self.up.currentIndex()
        self.plot.set_spots(self._spots, (x, self._quantities[x]), (y, self._quantities[y]))

    def _changed(self, _index: int) -> None:
        self.set_spots(self._spots)
        self.axes_changed.emit(self.across.currentData(), self.up.currentData())


def _span(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = (high - low) * 0.08 or abs(high) * 0.004 or 0.5
    return low - margin, high + margin
