"""Editors of single values that are more than a line of text.

Like those of `lines` they take plain values and emit `edited(value, final)`, with `final` False
while a drag goes on. None follows the wheel without the focus, so that scrolling a form changes
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.forms import hints, numbers
from studio.forms.lines import PAUSE_MS, NumberEditor, NumbersEditor, TextEditor
from studio.forms.schema import Field
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.words import word

_GRAIN = 1000
"""Positions of a slider."""


class Toggle(QCheckBox):
    """True or false; its title stands beside the box."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(word(field.title), parent)
        self.clicked.connect(self._tell)

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self.setTristate(False)
        self.setChecked(bool(value))

    def set_mixed(self) -> None:
        """Say that there are both."""
        self.setTristate(True)
        self.setCheckState(Qt.CheckState.PartiallyChecked)

    def _tell(self) -> None:
        if self.checkState() is Qt.CheckState.PartiallyChecked:
            self.setCheckState(Qt.CheckState.Checked)
        self.setTristate(False)
        self.edited.emit(self.isChecked(), True)


class ChoiceEditor(QComboBox):
    """One of a closed set."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: list[Any] = [choice.value for choice in field.choices]
        labels = [word(choice.label) for choice in field.choices]
        if field.optional:
            self._values.insert(0, None)
            labels.insert(0, word(hints.when_empty(field.path)))
        self.addItems(labels)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.activated.connect(self._tell)

    def set_value(self, value: Any) -> None:
        """Show a value; one that is not of the set is shown as empty."""
        self.setPlaceholderText("")
        self.setCurrentIndex(self._values.index(value) if value in self._values else -1)

    def set_mixed(self) -> None:
        """Say that there are several values."""
        self.setPlaceholderText(self.tr("Several values"))
        self.setCurrentIndex(-1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only under the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _tell(self, index: int) -> None:
        if 0 <= index < len(self._values):
            self.edited.emit(self._values[index], True)


class Slider(QSlider):
    """A horizontal slider that the wheel moves only under the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only under the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class RatioEditor(QWidget):
    """A share, as percent: a slider, and a number beside it."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = numbers.span(field)
        self._slider = Slider(self)
        self._slider.setRange(0, _GRAIN)
        self._slider.setSingleStep(_GRAIN // 100)
        self._slider.setPageStep(_GRAIN // 10)
        self._slider.valueChanged.connect(self._slid)
        self._slider.sliderReleased.connect(self._released)
        self._number = NumberEditor(field, self)
        self._number.edited.connect(self._typed)
        self._number.rejected.connect(self.rejected)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._released)
        self._slid_value: float | None = None
        self.setFocusProxy(self._number)
        distances = metrics(self)
        self._number.setFixedWidth(distances.chars(8) + 2 * distances.small)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(distances.gap)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._number)

    @property
    def slider(self) -> Slider:
        """The slider."""
        return self._slider

    @property
    def number(self) -> NumberEditor:
        """The number beside it."""
        return self._number

    def name(self, title: str, description: str) -> None:
        """Tell both parts' names to assistive programs."""
        for part in (self._slider, self._number):
            part.setAccessibleName(title)
            part.setAccessibleDescription(description)

    def set_value(self, value: Any) -> None:
        """Show a value; not while the slider is held."""
        if self._slider.isSliderDown():
            return
        self._number.set_value(value)
        if self._pause.isActive():
            return
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._position(value))

    def set_mixed(self) -> None:
        """Say that there are several values."""
        if self._slider.isSliderDown():
            return
        self._number.set_mixed()
        self._number.setPlaceholderText(self.tr("Several"))
        with QSignalBlocker(self._slider):
            self._slider.setValue(0)

    def _position(self, value: Any) -> int:
        if value is None:
            return 0
        share = (float(value) - self._low) / (self._high - self._low)
        return round(_GRAIN * share)

    def _slid(self, position: int) -> None:
        value = self._low + (self._high - self._low) * position / _GRAIN
        whole = round(value, 2)  # whole percents, but for the ends
        value = whole if self._low <= whole <= self._high else round(value, 4)
        if value == self._slid_value:
            return
        self._slid_value = value
        self._number.set_value(value)
        self.rejected.emit("")
        self.edited.emit(value, False)
        if not self._slider.isSliderDown():  # moved by keys or wheel
            self._pause.start()

    def _released(self) -> None:
        self._pause.stop()
        if self._slid_value is not None:
            self.edited.emit(self._slid_value, True)
        self._slid_value = None

    def _typed(self, value: Any, final: bool) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._position(value))
        self.edited.emit(value, final)


class FileEditor(QWidget):
    """A path, typed or chosen."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choose: Callable[[], str] = self._ask
        """Gives a path, or nothing; a dialog, but for tests."""
        self._title = word(field.title)
        self._line = TextEditor(field, self)
        self._line.edited.connect(self.edited)
        self._line.rejected.connect(self.rejected)
        self._button = QToolButton(self)
        self._button.setToolTip(self.tr("Choose a file…"))
        self._button.setAccessibleName(self.tr("Choose a file…"))
        self._button.clicked.connect(self._browse)
        set_icon(self._button, "folder", "secondary")
        self.setFocusProxy(self._line)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics(self).small)
        layout.addWidget(self._line, 1)
        layout.addWidget(self._button)

    @property
    def line(self) -> TextEditor:
        """The path as text."""
        return self._line

    @property
    def button(self) -> QToolButton:
        """Opens the dialog."""
        return self._button

    def name(self, title: str, description: str) -> None:
        """Tell the line's name to assistive programs."""
        self._line.setAccessibleName(title)
        self._line.setAccessibleDescription(description)

    def set_value(self, value: Any) -> None:
        """Show a path."""
        self._line.set_value(value)

    def set_mixed(self) -> None:
        """Say that there are several."""
        self._line.set_mixed()

    def _ask(self) -> str:
        return QFileDialog.getOpenFileName(self, self._title)[0]

    def _browse(self) -> None:
        path = self.choose()
        if path:
            self._line.setText(path)
            self._line.commit()


class RangeEditor(QWidget):
    """Two numbers, the first below the second: a slider with two handles where there are limits."""

    edited = Signal(object, bool)
    rejected = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = NumbersEditor(field, self)
        self._numbers.edited.connect(self._typed)
        self._numbers.rejected.connect(self.rejected)
        self.setFocusProxy(self._numbers)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics(self).hair)
        self._slider = self._make_slider(field) if _is_bounded(field) else None
        if self._slider is not None:
            layout.addWidget(self._slider)
        layout.addWidget(self._numbers)

    @property
    def numbers(self) -> NumbersEditor:
        """The two numbers as text."""
        return self._numbers

    @property
    def slider(self) -> QWidget | None:
        """The slider, where the numbers have limits."""
        return self._slider

    def name(self, title: str, description: str) -> None:
        """Tell the parts' names to assistive programs."""
        for part in (self._numbers, self._slider):
            if part is not None:
                part.setAccessibleName(title)
                part.setAccessibleDescription(description)

    def set_value(self, value: Any) -> None:
        """Show two numbers."""
        self._numbers.set_value(list(value) if value is not None else None)
        if self._slider is not None and value is not None:
            with QSignalBlocker(self._slider):
                self._slider.setValue(tuple(value))

    def set_mixed(self) -> None:
        """Say that there are several."""
        self._numbers.set_mixed()

    def _make_slider(self, field: Field) -> Any:
        from superqt import QDoubleRangeSlider, QRangeSlider

        kind: Any = QRangeSlider if field.integer else QDoubleRangeSlider
        made = kind(Qt.Orientation.Horizontal)
        low, high = numbers.span(field)
        made.setRange(int(low), int(high)) if field.integer else made.setRange(low, high)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.valueChanged.connect(self._slid)
        made.sliderReleased.connect(self._released)
        return made

    def _slid(self, value: Any) -> None:
        shown = [one if isinstance(one, int) else round(one, 4) for one in value]
        self._numbers.set_value(shown)
        self.edited.emit(shown, False)

    def _released(self) -> None:
        self.edited.emit(self._numbers.read(self._numbers.text()), True)

    def _typed(self, value: Any, final: bool) -> None:
        if len(value or ()) != 2 or value[0] > value[1]:
            self.rejected.emit(self.tr("Must be two numbers, the smaller one first"))
            return
        self.set_value(value)
        self.edited.emit(value, final)


def _is_bounded(field: Field) -> bool:
    return field.low is not None and field.high is not None
