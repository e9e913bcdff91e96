"""Axes with readable ticks, and the box that they stand around."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal

from studio.widgets.written import RAISED, number_text

Format = Callable[[float], str]

_PLAIN_DECADES = range(-3, 4)
"""Powers of ten that are written out, unless others stand beside them."""
_DENSITY = 0.6
"""Of ticks on upright axes, as a part of what would fit."""
_LABEL_HEIGHT = 15
"""Pixels from one label of a vertical axis to the next, at least."""
_LABEL_ROOM = 34
"""Pixels that a label of a logarithmic axis needs, at least."""


def power_text(exponent: int, *, plain: bool) -> str:
    """A power of ten, written out or not: `0.01`, `10⁻⁷`."""
    if plain:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(RAISED)


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph is untyped
    """An axis; with `decades`, its positions are powers of ten.

    Attributes:
        text: How values are written; None: with as many digits as their distance needs.
        whole: Ticks stand at integers only.
        decades: Positions are logarithms to the base of ten.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.text: Format | None = None
        self.whole = False
        self.decades = False
        self.enableAutoSIPrefix(enable=False)
        self.setStyle(maxTickLevel=1)  # finer ones cost more than they tell
        if orientation in ("left", "right"):
            self.setTickDensity(_DENSITY)

    def set_title(self, title: str, ink: str) -> None:
        """Title with its unit, in a color (`#rrggbb`)."""
        self.setLabel(title, color=ink)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:
        """Where ticks stand: pyqtgraph's name and form."""
        low, high = sorted((minVal, maxVal))
        if self.decades:
            return _decade_ticks(low, high, size)
        levels = super().tickValues(minVal, maxVal, size)
        if self.orientation in ("left", "right") and high > low:
            levels = _apart(levels, size / (high - low))
        if not self.whole:
            return list(levels)
        kept = [(s, [v for v in at if float(v).is_integer()]) for s, at in levels if s >= 1]
        return kept or [(1.0, [float(v) for v in range(math.ceil(low), math.floor(high) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """What they say: pyqtgraph's name and form."""
        if self.decades:
            plain = all(round(value) in _PLAIN_DECADES for value in values)
            return [_decade_text(value, self.text, plain=plain) for value in values]
        if self.text is not None:
            return [self.text(float(value)) for value in values]
        return [_tick_text(float(value), float(spacing or 1)) for value in values]


def _apart(levels: list[Any], dots: float) -> list[Any]:
    """Ticks with room for their labels one over the other; `dots`: of a unit, in pixels."""
    kept: list[Any] = []
    for spacing, at in levels:
        if spacing * dots >= _LABEL_HEIGHT:
            kept.append((spacing, at))
        elif not kept:
            step = math.ceil(_LABEL_HEIGHT / (spacing * dots))
            kept.append((spacing * step, at[::step]))
    return kept


def _tick_text(value: float, spacing: float) -> str:
    if abs(value) < spacing / 1e6:
        return "0"
    if max(abs(value), spacing) >= 1e5 or spacing < 1e-4:
        return number_text(value)
    places = max(0, math.ceil(-math.log10(spacing) - 1e-9))
    text = f"{value:.{places}f}"
    if "." in text:  # ticks of several distances stand together: 1, 1.5, 2
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−")


def _decade_text(position: float, text: Format | None, *, plain: bool) -> str:
    if text is not None:
        return text(10.0**position)
    whole = round(position)
    if abs(position - whole) < 1e-9:
        return power_text(whole, plain=plain)
    return number_text(10.0**position, 1)


def _decade_ticks(low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
    """Powers of ten, not closer than a label is high; within few of them also 2 and 5."""
    if not math.isfinite(low) or not math.isfinite(high) or high - low > 600:
        return []
    room = max(size / _LABEL_ROOM, 1)
    step = max(math.ceil((high - low) / room), 1)
    first = math.ceil(low / step) * step
    powers = [float(p) for p in range(first, math.floor(high) + 1, step)]
    digits = (2, 5) if high - low < room / 3 else ()
    between = [
        power + math.log10(digit)
        for power in range(math.floor(low), math.ceil(high))
        for digit in digits
        if low <= power + math.log10(digit) <= high
    ]
    return [(float(step), powers), (1.0, between)] if between else [(float(step), powers)]


class ShareAxis(Axis):
    """An axis whose 0…1 spans the height that another axis shows between two of its positions.

    So a share and a value can stand in one box, and zooming moves both.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._low, self._high = 0.0, 1.0

    def set_span(self, low: float, high: float) -> None:
        """Where 0 and 1 lie on the other axis."""
        self._low, self._high = low, high
        self.picture = None
        self.update()

    def place(self, share: Any) -> Any:
        """Position of a share (or of an array of them) in the box."""
        return self._low + (self._high - self._low) * share

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:
        """Round shares: pyqtgraph's name and form."""
        width = self._high - self._low
        low, high = (minVal - self._low) / width, (maxVal - self._low) / width
        levels = super().tickValues(max(low, 0.0), min(high, 1.0), size * (1 / max(high - low, 1)))
        return [(step * width, [self.place(v) for v in at]) for step, at in levels]

    def tickStrings(self, values: list[float], scale: float, spacing: float | None) -> list[str]:
        """What they say: pyqtgraph's name and form."""
        width = self._high - self._low
        shares = [(value - self._low) / width for value in values]
        return super().tickStrings(shares, scale, None if spacing is None else spacing / width)


class Box(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph is untyped
    """The inside of a plot: wheel and drag move the view, a double click shows all again.

    With `rubber`, a drag with the left button spans a rectangle instead, and the middle button
    moves the view.
    """

    clicked = Signal(QPointF, object)
    """Position in the plot's units, keyboard modifiers."""
    doubled = Signal()
    spanned = Signal(QRectF, object)
    """Rectangle in the plot's units, keyboard modifiers."""

    def __init__(self, *, rubber: bool = False) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.rubber = rubber

    def mouseClickEvent(self, ev: Any) -> None:
        """A click chooses, a double click shows all: pyqtgraph's name and form."""
        if ev.button() != Qt.MouseButton.LeftButton:
            ev.ignore()
            return
        ev.accept()
        if ev.double():
            self.doubled.emit()
        else:
            self.clicked.emit(QPointF(self.mapToView(ev.pos())), ev.modifiers())

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Move the view, or span a rectangle: pyqtgraph's name and form."""
        if ev.button() == Qt.MouseButton.RightButton:
            ev.ignore()
            return
        if not self.rubber or axis is not None or ev.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(ev, axis=axis)
            return
        ev.accept()
        if ev.isFinish():
            self.rbScaleBox.hide()
            corners = (self.mapToView(ev.buttonDownPos()), self.mapToView(ev.pos()))
            self.spanned.emit(QRectF(*map(QPointF, corners)).normalized(), ev.modifiers())
        else:
            self.updateScaleBox(ev.buttonDownPos(), ev.pos())
