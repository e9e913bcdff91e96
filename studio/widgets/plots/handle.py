"""A line that is dragged or moved with the arrow keys, and the plot that has one."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from studio.style.palette import color
from studio.widgets.plots.base import Plot, pen

_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
}
_LEAPS = {Qt.Key.Key_PageDown: -1, Qt.Key.Key_PageUp: 1}
_MOVING = {*_STEPS, *_LEAPS, Qt.Key.Key_Home, Qt.Key.Key_End}


class LinePlot(Plot):
    """A plot with one vertical line that stands at whole numbers.

    Subclasses get each move in `moved` and say in `line_text` what the line says.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self.line = pg.InfiniteLine(angle=90, movable=True)
        self._label = pg.InfLineLabel(self.line, "", position=0.94, anchors=[(0, 0.5), (1, 0.5)])
        self._low = self._high = 0
        self._at = 0
        self._editable = True
        self._reason = ""
        self._unsettled = False
        super().__init__(name, parent)
        self.line.setZValue(40)
        self.box.addItem(self.line, ignoreBounds=True)
        self.line.sigDragged.connect(self._dragged)
        self.line.sigPositionChangeFinished.connect(self._dropped)

    # For subclasses

    def moved(self, at: int, *, final: bool) -> None:
        """The user moved the line; `final`: and let it go."""

    def line_text(self, at: int) -> str:
        """What the line says, in the read-out."""
        return str(at)

    def line_label(self, at: int) -> str:
        """What stands beside the line: short."""
        return self.line_text(at)

    def line_place(self, at: int) -> float:
        """Where the line is drawn for a number."""
        return float(at)

    def line_number(self, place: float) -> int:
        """The number nearest to a place."""
        return round(place)

    # Setting it

    @property
    def at(self) -> int:
        """The number that the line stands at."""
        return self._at

    @property
    def moving(self) -> bool:
        """Whether the user has hold of the line: what comes from outside waits."""
        return self.line.moving or self._unsettled

    def set_line(self, at: int, low: int, high: int) -> None:
        """Where the line stands, and between which numbers it moves."""
        self._low, self._high = low, high
        if not self.moving:
            self._place(at)

    def set_editable(self, *, editable: bool, reason: str = "") -> None:
        """Whether the line moves; the reason why not shows in the tooltip and when it is tried."""
        self._editable, self._reason = editable, "" if editable else reason
        self.line.setMovable(editable)
        self.setToolTip(self._reason)
        self._color_line()

    def _place(self, at: int) -> None:
        self._at = min(max(at, self._low), self._high)
        self.line.setValue(self.line_place(self._at))
        self._label.setFormat(self.line_label(self._at))

    # Moving it

    def _dragged(self, _line: object = None) -> None:
        at = min(max(self.line_number(float(self.line.value())), self._low), self._high)
        changed = at != self._at
        self._place(at)
        if changed:
            self.say(self.line_text(at))
            self.moved(at, final=False)

    def _dropped(self, _line: object = None) -> None:
        self._place(self._at)
        self.moved(self._at, final=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move by one, Page up and Page down by a tenth, Home and End to the ends."""
        key = Qt.Key(event.key())
        if key not in _MOVING or not self.line.isVisible() or self.empty_text:
            super().keyPressEvent(event)
            return
        if not self._editable:
            self.say(self._reason)
            return
        leap = max((self._high - self._low) // 10, 1)
        at = self._at + _STEPS.get(key, 0) + leap * _LEAPS.get(key, 0)
        at = {Qt.Key.Key_Home: self._low, Qt.Key.Key_End: self._high}.get(key, at)
        at = min(max(at, self._low), self._high)
        if at != self._at:
            self._unsettled = True
            self._place(at)
            self.say(self.line_text(at))
            self.setAccessibleDescription(self.line_text(at))
            self.moved(at, final=False)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The keys are let go: that was one edit."""
        if not event.isAutoRepeat():
            self._settle()
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Likewise when the keyboard goes elsewhere."""
        self._settle()
        super().focusOutEvent(event)

    def _settle(self) -> None:
        if self._unsettled:
            self._unsettled = False
            self.moved(self._at, final=True)

    # Looks

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        self._color_line()

    def _color_line(self) -> None:
        chosen = self.colors
        ink = chosen.accent if self._editable else chosen.dimmed
        self.line.setPen(pen(ink, 2))
        self.line.setHoverPen(pen(ink, 4))
        self.line.setCursor(
            Qt.CursorShape.SizeHorCursor if self._editable else Qt.CursorShape.ForbiddenCursor
        )
        self._label.setColor(color(chosen.text))
        self._label.fill = pg.mkBrush(color(chosen.base, 0.85))
        self._label.setFont(self.font())
        self._label.update()
