"""What stands instead of a picture: one sentence, why, and a way out. It fits into any width."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from studio.style.metrics import metrics


class Message(QWidget):
    """Words in the middle of the room that there is.

    Args:
        title: What is missing.
        text: Why, or what to do.
        parent: Owner.
    """

    pressed = Signal(str)
    """A button was pressed; its id."""

    def __init__(self, title: str = "", text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        distances = metrics(self)
        self._title, self._text = self._label("title"), self._label("secondary")
        self._buttons: dict[str, QPushButton] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[distances.wide] * 4)
        self._column.setSpacing(distances.gap)
        self._column.addStretch(2)
        self._column.addWidget(self._title)
        self._column.addWidget(self._text)
        self._column.addStretch(3)
        self.say(title, text)

    @property
    def title(self) -> str:
        """What it says."""
        return self._title.text()

    @property
    def text(self) -> str:
        """Why, or what to do."""
        return self._text.text()

    def say(self, title: str, text: str = "", buttons: Iterable[tuple[str, str]] = ()) -> None:
        """Say something else, and offer ways out: id and text of each button."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        wanted = dict(buttons)
        for name in [name for name in self._buttons if name not in wanted]:
            old = self._buttons.pop(name)
            old.hide()
            old.deleteLater()
        for name, label in wanted.items():
            if name not in self._buttons:
                self._buttons[name] = self._make_button(name)
            self._buttons[name].setText(label)

    def button(self, name: str) -> QPushButton:
        """A button by its id.

        Raises:
            KeyError: There is no such button.
        """
        return self._buttons[name]

    def _label(self, tone: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("tone", tone)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        return label

    def _make_button(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("name", name)
        button.clicked.connect(self._press)
        place = self._column.count() - 1
        self._column.insertWidget(place, button, 0, Qt.AlignmentFlag.AlignHCenter)
        return button

    def _press(self) -> None:
        self.pressed.emit(str(self.sender().property("name")))
