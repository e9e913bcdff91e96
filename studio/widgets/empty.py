"""What a view shows while it has nothing to show: why, and the ways out."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.style.theme import scaled_font

_WIDTH = 46
"""Characters on a line of the explanation."""


class EmptyState(QWidget):
    """An icon, a title, one or two sentences, buttons; with a frame where things can be dropped.

    Args:
        icon: Name of the icon.
        title: What is missing.
        text: What to do, or why it is so.
        parent: Owner.
    """

    pressed = Signal(str)
    """A button was pressed; its id."""

    def __init__(
        self, icon: str, title: str, text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        distances = metrics(self)
        self._drop_hint = ""
        self._dropping = False
        self._buttons: dict[str, QPushButton] = {}
        self._icon = QToolButton(self)
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        side = distances.icon * 2
        self._icon.setIconSize(self._icon.iconSize().scaled(side, side, _KEEP))
        set_icon(self._icon, icon, "secondary")
        self._title = self._label(title, "title")
        self._title.setFont(scaled_font(self.font(), 1.25, bold=True))
        self._text = self._label(text, "secondary")
        self._text.setVisible(bool(text))
        self._hint = self._label("", "secondary")
        self._hint.setWordWrap(False)
        self._hint.hide()
        self._row = QHBoxLayout()
        self._row.setSpacing(distances.gap)
        self._row.addStretch(1)
        self._row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[distances.wide] * 4)
        layout.setSpacing(distances.gap)
        layout.addStretch(2)
        for widget in (self._icon, self._title, self._text):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addLayout(self._row)
        layout.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def set_text(self, title: str, text: str = "") -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._fit_text()

    def set_buttons(self, buttons: Iterable[tuple[str, str]]) -> None:
        """Offer ways out: id and text of each; the first is the likeliest."""
        for old in self._buttons.values():
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = {}
        for number, (name, label) in enumerate(buttons):
            made = QPushButton(label, self)
            made.setProperty("name", name)
            if number == 0:
                made.setProperty("role", "primary")
            made.clicked.connect(self._press)
            self._row.insertWidget(self._row.count() - 1, made)
            self._buttons[name] = made

    def button(self, name: str) -> QPushButton:
        """A button by its id.

        Raises:
            KeyError: There is no such button.
        """
        return self._buttons[name]

    def set_drop_hint(self, hint: str) -> None:
        """Say what can be dropped here, and draw the frame; empty: nothing can."""
        self._drop_hint = hint
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        self.update()

    def set_dropping(self, dropping: bool) -> None:
        """Light up the frame while something that fits is dragged over it."""
        self._dropping = dropping
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines are as long as is good to read, where there is room."""
        super().resizeEvent(event)
        self._fit_text()

    def _fit_text(self) -> None:
        distances = metrics(self)
        width = max(1, min(distances.chars(_WIDTH), self.width() - 4 * distances.wide))
        self._text.setFixedSize(width, max(0, self._text.heightForWidth(width)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        super().paintEvent(event)
        if not self._drop_hint:
            return
        chosen, distances = colors_of(self), metrics(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name = chosen.accent if self._dropping else chosen.strong_border
        pen = QPen(color(name), 2 if self._dropping else 1.4, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        if self._dropping:
            painter.setBrush(color(chosen.selection, 0.5))
        inset = float(distances.small)
        area = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(area, 2 * distances.radius, 2 * distances.radius)

    def _label(self, text: str, tone: str) -> QLabel:
        made = QLabel(text, self)
        made.setProperty("tone", tone)
        made.setWordWrap(tone != "title")
        made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return made

    def _press(self) -> None:
        self.pressed.emit(str(self.sender().property("name")))


_KEEP = Qt.AspectRatioMode.KeepAspectRatio
