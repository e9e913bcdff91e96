"""The colors of a heat map: which value has which, and the bar that explains it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from studio.style.palette import color, sequential_map
from studio.widgets.plots.base import logarithms

_DECADES = 8.0
"""Below the highest value's so many powers of ten differences mean nothing."""


@dataclass(frozen=True, slots=True)
class ColorScale:
    """From little to much.

    Attributes:
        low: Position of the first color: a value, or its logarithm.
        high: Of the last one.
        log: Positions are logarithms to the base of ten.
        dark: Much is light, so that it stands out from a dark ground.
    """

    low: float = 0.0
    high: float = 1.0
    log: bool = True
    dark: bool = False

    @classmethod
    def over(cls, values: NDArray[np.float64], *, log: bool, dark: bool) -> ColorScale:
        """The scale that spans these values; what is not finite is left out."""
        known = values[np.isfinite(values)]
        if log:
            known = known[known > 0]
            known = np.log10(known) if len(known) else np.empty(0)
        if not len(known):
            return cls(0.0, 1.0, log, dark)
        low, high = float(known.min()), float(known.max())
        if log:
            low = max(low, high - _DECADES)
        if high <= low:
            low, high = low - 0.5, high + 0.5
        return cls(low, high, log, dark)

    def pixels(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Values `[rows, columns]` as colors `[rows, columns, 4]`; clear where not known."""
        known = np.isfinite(values)
        positions = np.where(known, values, 1.0)
        if self.log:
            positions = logarithms(positions, 10.0**self.low)
        shares = np.clip((positions - self.low) / (self.high - self.low), 0.0, 1.0)
        shades = np.round(255 * (shares if self.dark else 1 - shares)).astype(np.intp)
        alpha = np.where(known, 255, 0).astype(np.uint8)
        return np.ascontiguousarray(np.dstack([sequential_map()[shades], alpha]))

    def color_of(self, value: float) -> QColor | None:
        """The color of a value; None for one that is not known."""
        red, green, blue, alpha = self.pixels(np.array([[value]], np.float64))[0, 0]
        return QColor(int(red), int(green), int(blue)) if alpha else None

    def value_at(self, share: float) -> float:
        """The value at 0…1 of the scale."""
        position = self.low + (self.high - self.low) * share
        return float(10.0**position) if self.log else position

    def paint(
        self, painter: QPainter, bar: QRectF, ink: QColor, text: Callable[[float], str]
    ) -> None:
        """A bar of the colors, with values beside it."""
        measure = QFontMetricsF(painter.font())
        gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
        for index in range(17):
            shade = round(255 * (index if self.dark else 16 - index) / 16)
            red, green, blue = (int(part) for part in sequential_map()[shade])
            gradient.setColorAt(index / 16, QColor(red, green, blue))
        painter.fillRect(bar, gradient)
        painter.setPen(ink)
        for share in (0.0, 0.5, 1.0) if bar.height() > measure.height() * 4 else (0.0, 1.0):
            y = bar.bottom() - bar.height() * share
            place = min(max(y + measure.ascent() / 2, bar.top() + measure.ascent()), bar.bottom())
            painter.drawText(QPointF(bar.right() + 4, place), text(self.value_at(share)))


def is_dark(ground: str) -> bool:
    """Whether a ground (`#rrggbb`) is a dark one."""
    return color(ground).lightness() < 128
