"""Editors that are a line of text: numbers, lists of numbers, text, JSON.

Each takes plain values and emits `edited(value, final)`; `final` is False while a row of key
presses goes on. One that gets the value that it shows already leaves what is being typed alone.
"""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.forms import hints, numbers
from studio.forms.schema import Field, Shape, as_json
from studio.words import word

PAUSE_MS = 500
"""After so long without a key press a row of them has ended."""
_PAGE = 10
_SEVERAL = object()


class LineEditor(QLineEdit):
    """A line of text for one value; base of those that read and write their own kind.

    Args:
        field: What it edits.
        parent: Owner.
    """

    edited = Signal(object, bool)
    rejected = Signal(str)
    """What is typed cannot be taken, and why; empty: it can."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._value: Any = _SEVERAL
        self._empty = word(hints.when_empty(field.path)) if field.optional else ""
        self.setPlaceholderText(self._empty)
        self.returnPressed.connect(self.commit)

    def set_value(self, value: Any) -> None:
        """Show a value; the same one again leaves what is being typed."""
        if value == self._value and type(value) is type(self._value):
            return
        self._value = value
        self.setPlaceholderText(self._empty)
        self._show()
        self.rejected.emit("")

    def set_mixed(self) -> None:
        """Say that there are several values."""
        if self._value is _SEVERAL and not self.text():
            self.setPlaceholderText(self.tr("Several values"))
            return
        self._value = _SEVERAL
        self.setPlaceholderText(self.tr("Several values"))
        self._show()

    def commit(self) -> None:
        """Take what is typed, if it is a value."""
        if self._value is _SEVERAL and not self.text():
            return
        try:
            value = self.read(self.text())
        except ValueError as error:
            self.rejected.emit(str(error))
            return
        self.rejected.emit("")
        differs = value != self._value
        self._value = value
        self._show()
        if differs:
            self.edited.emit(value, True)

    def read(self, text: str) -> Any:
        """The value of a text.

        Raises:
            ValueError: It is none; the message says why.
        """
        return text

    def write(self, value: Any) -> str:
        """The text of a value."""
        return "" if value is None else str(value)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was typed counts when one goes on."""
        super().focusOutEvent(event)
        self.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back what is being typed."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show()
            self.rejected.emit("")
            event.accept()
            return
        super().keyPressEvent(event)

    def _show(self) -> None:
        self.setText("" if self._value is _SEVERAL else self.write(self._value))
        self.setModified(False)
        self.setCursorPosition(0)


class NumberEditor(LineEditor):
    """A number: typed, or moved with the arrow keys and, under the focus, the wheel."""

    moved = Signal(object)
    """A step was made; `edited` follows."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._pause: QTimer | None = None

    def read(self, text: str) -> Any:
        """The number of a text."""
        return numbers.read(self.field, text)

    def write(self, value: Any) -> str:
        """A number with its unit."""
        return numbers.show(self.field, value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down move by a step, page up and down by ten; with Shift by a tenth."""
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: _PAGE,
            Qt.Key.Key_PageDown: -_PAGE,
        }.get(Qt.Key(event.key()))
        if steps is None or self.isReadOnly():
            super().keyPressEvent(event)
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.step(steps * (0.1 if fine and not self.field.integer else 1))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move by a step, if it has the focus."""
        notches = event.angleDelta().y() / 120
        if self.hasFocus() and notches and not self.isReadOnly():
            self.step(notches if not self.field.integer else (1 if notches > 0 else -1))
            event.accept()
        else:
            event.ignore()

    def step(self, steps: float) -> None:
        """Move the value; `final` follows when no other step does for a while."""
        if self.isModified():
            self.commit()
        if self._value is _SEVERAL:
            return
        value = numbers.stepped(self.field, self._value, steps)
        if value == self._value:
            return
        self._value = value
        self._show()
        self.rejected.emit("")
        self.edited.emit(value, False)
        self.moved.emit(value)
        if self._pause is None:
            self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
            self._pause.timeout.connect(self._settle)
        self._pause.start()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A row of steps ends too."""
        if self._pause is not None and self._pause.isActive():
            self._settle()
        super().focusOutEvent(event)

    def _settle(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        if self._value is not _SEVERAL:
            self.edited.emit(self._value, True)


class NumbersEditor(LineEditor):
    """Several numbers, with commas between them."""

    def read(self, text: str) -> Any:
        """The numbers of a text."""
        parts = [one for one in text.replace(";", ",").split(",") if one.strip()]
        if not parts and self.field.optional:
            return None
        if self.field.most is not None and len(parts) > self.field.most:
            most = self.tr("Must be at most {count} numbers").format(count=self.field.most)
            raise ValueError(most)
        return [numbers.read(self.field, part) for part in parts]

    def write(self, value: Any) -> str:
        """Numbers with commas between them."""
        return ", ".join(numbers.show(self.field, one) for one in value or ())


class DataEditor(LineEditor):
    """Anything else, as JSON."""

    def read(self, text: str) -> Any:
        """What the JSON says."""
        if not text.strip() and self.field.optional:
            return None
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError(self.tr("Must be JSON")) from None

    def write(self, value: Any) -> str:
        """JSON on one line."""
        return "" if value is None else as_json(value)


class TextEditor(LineEditor):
    """A text; an empty one can mean something of its own."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        if field.most is not None:
            self.setMaxLength(field.most)
        if field.default == "":
            self._empty = word(hints.when_empty(field.path)) if field.shape is Shape.FILE else ""
            self.setPlaceholderText(self._empty)
