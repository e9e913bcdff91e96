"""Tabs that wrap: in a narrow panel they stand in two rows, and none of them is hidden."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QWidget

from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.widgets.wrapping import Wrapping

_LINE = 2
"""Height of the line under the tab in front."""


class Tab(QAbstractButton):
    """One word, underlined while its page is in front."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Room around the word."""
        distances = metrics(self)
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2 * distances.small
        return QSize(width, distances.line + 2 * distances.small + _LINE)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """And off."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the word, and the line if it is in front."""
        del event
        chosen = colors_of(self)
        painter = QPainter(self)
        if self.underMouse() and not self.isChecked():
            painter.fillRect(self.rect(), color(chosen.hover))
        painter.setPen(color(chosen.text if self.isChecked() else chosen.secondary))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.isChecked():
            line = QRect(0, self.height() - _LINE, self.width(), _LINE)
            painter.fillRect(line, color(chosen.accent))
        if self.hasFocus():
            painter.setPen(QPen(color(chosen.accent), 1, Qt.PenStyle.DotLine))
            painter.drawRect(self.rect().adjusted(1, 1, -2, -_LINE - 1))
        painter.end()


class WrappedTabs(Wrapping):
    """Tabs in as many rows as the width asks for.

    Args:
        titles: One for each.
        parent: Owner.
    """

    chosen = Signal(int)
    """The user chose a tab."""

    def __init__(self, titles: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.buttons = [Tab(title, self) for title in titles]
        self.set_items(self.buttons)
        self._group = QButtonGroup(self)
        for number, button in enumerate(self.buttons):
            self._group.addButton(button, number)
        self._group.idClicked.connect(self.chosen)
        if self.buttons:
            self.buttons[0].setChecked(True)

    @Slot(int)
    def set_current(self, index: int) -> None:
        """Bring a tab to the front; tells nobody."""
        if 0 <= index < len(self.buttons):
            self.buttons[index].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from tab to tab."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        index = (self._group.checkedId() + step) % len(self.buttons)
        self.buttons[index].setFocus()
        self.buttons[index].click()
