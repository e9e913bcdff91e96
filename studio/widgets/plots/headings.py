"""Titles over groups of columns: in one line where they fit, else in steps, each with a leader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

_GAP = 6
"""Pixels between two titles of a line."""
_LEAST_LETTERS = 10
"""Room that a title at the right edge has at least, before it begins left of its columns."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A title as it is painted.

    Attributes:
        text: All of it, or as much as there is room for.
        line: From above, 0 first.
        left: Where it begins, in pixels.
        width: In pixels.
    """

    text: str
    line: int
    left: float
    width: float

    def paint(self, painter: QPainter, height: float, paper: QColor) -> None:
        """In lines of this height, over what comes down from lines above."""
        room = QRectF(self.left, self.line * height, self.width, height)
        painter.fillRect(room, paper)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, flags, self.text)


def headings(
    titles: Sequence[str],
    spans: Sequence[tuple[float, float]],
    right: float,
    measure: QFontMetricsF,
) -> list[Heading]:
    """Where titles stand.

    In one line, if the names of all methods fit over their columns; what their settings are may be
    cut off there. Else names alone go down in steps from the left: a title stands below those
    before it that reach over its columns, so that no line to its columns crosses another title.

    Args:
        titles: One for each group: `Channel pruning: Pruning ratio`.
        spans: Left and right end of their columns, in pixels.
        right: End of the picture, in pixels.
        measure: Of the font.
    """
    names = [title.partition(":")[0] for title in titles]
    widths = [measure.horizontalAdvance(name) for name in names]
    if all(end - left - _GAP >= w for w, (left, end) in zip(widths, spans, strict=True)):
        elide, mode = measure.elidedText, Qt.TextElideMode.ElideRight
        return [
            Heading(elide(title, mode, end - left - _GAP), 0, left, end - left - _GAP)
            for title, (left, end) in zip(titles, spans, strict=True)
        ]
    found: list[Heading] = []
    least = measure.averageCharWidth() * _LEAST_LETTERS
    for name, width, (left, _) in zip(names, widths, spans, strict=True):
        begin = max(min(left, right - min(width, least)), 0.0)
        room = min(width + 1, right - begin)
        before = [one.line for one in found if one.left + one.width + _GAP > begin]
        text = measure.elidedText(name, Qt.TextElideMode.ElideRight, room)
        found.append(Heading(text, max(before, default=-1) + 1, begin, room))
    return found
