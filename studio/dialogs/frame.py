"""What our dialogs have in common: words that wrap, and a row of buttons."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.style.theme import scaled_font


class Dialog(QDialog):
    """A column of things over a row of buttons; plain values in, plain values out.

    Args:
        title: Of the window.
        chars: Width in digits.
        parent: Owner.
    """

    def __init__(self, title: str, chars: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.sizes = metrics(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*4 * [self.sizes.wide])
        outer.setSpacing(self.sizes.wide)
        self.column = QVBoxLayout()
        self.column.setSpacing(self.sizes.gap)
        outer.addLayout(self.column, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(self.sizes.gap)
        outer.addLayout(self.buttons)
        self.setMinimumWidth(self.sizes.chars(min(chars, 60)))
        self._width = self.sizes.chars(chars)
        self._shown_before = False

    def sizeHint(self) -> QSize:
        """As high as words that wrap need at this width; Qt itself takes no account of them."""
        return QSize(self._width, self._needed(self._width))

    def _needed(self, width: int) -> int:
        layout = self.layout()
        assert layout is not None  # made above
        layout.activate()
        return max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())

    def fit(self) -> None:
        """Be high enough for what is there now."""
        needed = self._needed(self.width())
        self.setMinimumHeight(min(needed, self._tallest()))
        if self.height() < self.minimumHeight():
            self.resize(self.width(), self.minimumHeight())

    def _tallest(self) -> int:
        screen = self.screen()
        return screen.availableGeometry().height() - 2 * self.sizes.row if screen else 1 << 14

    def showEvent(self, event: QShowEvent) -> None:
        """At first as large as it wants to be, if the screen allows."""
        if not self._shown_before and self.screen() is not None:
            self._shown_before = True
            wanted, most = self.sizeHint(), self.screen().availableGeometry().size()
            self.resize(wanted.boundedTo(most * 0.95).expandedTo(self.minimumSize()))
        super().showEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words that wrap are never cut off."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """What came or went in the dialog changes its height."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest and self.isVisible():
            self.fit()
        return done

    def heading(self, text: str) -> QLabel:
        """What it is about, in larger letters."""
        label = self.words(text)
        label.setFont(scaled_font(self.font(), 1.2, bold=True))
        return label

    def words(self, text: str = "", tone: str = "") -> QLabel:
        """A paragraph in the column."""
        label = wrapped(text, self, tone)
        self.column.addWidget(label)
        return label

    def button(self, text: str, role: str = "") -> QPushButton:
        """A button at the right end of the row."""
        made = QPushButton(text, self)
        made.setAutoDefault(False)
        if role:
            set_property(made, "role", role)
        self.buttons.addWidget(made)
        return made


def wrapped(text: str, parent: QWidget, tone: str = "") -> QLabel:
    """Words that wrap, can be selected, and are no markup: they may come from a file."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if tone:
        set_property(label, "tone", tone)
    return label
