"""Distances that follow the font, so that windows fit any screen and any text size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QWidget


@dataclass(frozen=True, slots=True)
class Metrics:
    """Distances in pixels.

    Attributes:
        line: Height of a line of text.
        digit: Width of a digit.
        hair: Between things that are one.
        small: Between an icon and its word.
        gap: Between editors in a row.
        wide: Between groups, and around a panel.
        row: Height of a row of a table, or of an editor.
        icon: Side of an icon beside text.
        radius: Of rounded corners.
    """

    line: int
    digit: float
    hair: int
    small: int
    gap: int
    wide: int
    row: int
    icon: int
    radius: int

    def chars(self, count: float) -> int:
        """Room for this many characters."""
        return round(self.digit * count)


def metrics(widget: QWidget | None = None) -> Metrics:
    """The distances for a widget's font (or the program's)."""
    found = QFontMetricsF(widget.font() if widget is not None else QApplication.font())
    return _metrics(round(found.height()), found.horizontalAdvance("0"))


@lru_cache(maxsize=32)
def _metrics(line: int, digit: float) -> Metrics:
    return Metrics(
        line=line,
        digit=digit,
        hair=max(2, round(line * 0.12)),
        small=max(3, round(line * 0.25)),
        gap=max(5, round(line * 0.45)),
        wide=max(8, round(line * 0.75)),
        row=round(line * 1.6),
        icon=round(line * 1.05),
        radius=max(3, round(line * 0.3)),
    )
