"""How samples become what the network reads, as a form."""

from __future__ import annotations

import enum
from typing import Any

from PySide6.QtCore import QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from engine.errors import DataError
from engine.preprocessing import (
    ChannelOrder,
    Interpolation,
    Preprocessing,
    Question,
    Task,
    parse,
)
from studio.dialogs.frame import wrapped
from studio.forms.lines import NumberEditor, NumbersEditor, TextEditor
from studio.forms.schema import fields_of
from studio.style.metrics import metrics
from studio.words import word

_PAUSE_MS = 400
"""What is typed counts when nothing more comes for so long."""
PRESETS: dict[str, dict[str, Any]] = {
    "unit": {"scale": 1 / 255, "mean": (0.0,), "std": (1.0,)},
    "imagenet": {
        "scale": 1 / 255,
        "mean": (0.485, 0.456, 0.406),
        "std": (0.229, 0.224, 0.225),
    },
    "signed": {"scale": 1 / 255, "mean": (0.5,), "std": (0.5,)},
    "raw": {"scale": 1.0, "mean": (0.0,), "std": (1.0,)},
}
"""Name → what it sets."""
_LAYOUTS = ("NCHW", "NHWC", "NHW", "NCL", "NLC", "NC", "NL")


class Samples(enum.StrEnum):
    """What the samples are, which decides what there is to say of them."""

    PIXELS = "pixels"
    NUMBERS = "numbers"
    TEXT = "text"


class PreprocessingForm(QWidget):
    """Editors for the fields of a `Preprocessing`; emits a new one when it is valid."""

    edited = Signal(object)
    """The preprocessing as it is now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = Preprocessing()
        self._showing = False
        self._kind = Samples.PIXELS
        self._titles: dict[str, QLabel] = {}
        fields = {one.name: one for one in fields_of(Preprocessing)}
        self.scale = NumberEditor(fields["scale"], self)
        self.mean = NumbersEditor(fields["mean"], self)
        self.std = NumbersEditor(fields["std"], self)
        self.max_length = NumberEditor(fields["max_length"], self)
        self.pad = NumberEditor(fields["pad"], self)
        self.data_layout = TextEditor(fields["data_layout"], self)
        self._make_choices()
        self._make_resize()
        self._make_labels()
        self.error = wrapped("", self, "error")
        self._lay_out()
        self._connect()
        self.show_value(self._value)

    def _make_choices(self) -> None:
        unsaid = self.tr("Not said")
        self.preset = QComboBox(self)
        self.preset.addItem(self.tr("Choose a preset…"), "")
        for name, text in (
            ("unit", self.tr("0 … 1 (pixels × 1/255)")),
            ("imagenet", self.tr("ImageNet mean and deviation")),
            ("signed", self.tr("−1 … 1")),
            ("raw", self.tr("As stored")),
        ):
            self.preset.addItem(text, name)
        self.layout_box = self._choice([("", unsaid), *((one, one) for one in _LAYOUTS)])
        self.layout_box.setToolTip(
            self.tr("Order of the axes: N batch, C channels, H height, W width, L length")
        )
        self.order = self._choice(
            [
                ("", unsaid),
                (ChannelOrder.RGB.value, "RGB"),
                (ChannelOrder.BGR.value, "BGR"),
                (ChannelOrder.GRAY.value, self.tr("Gray")),
            ]
        )
        self.task = self._choice(
            [
                ("", unsaid),
                (Task.CLASSIFICATION.value, self.tr("Classification")),
                (Task.MULTILABEL.value, self.tr("Several labels")),
                (Task.REGRESSION.value, self.tr("Regression")),
                (Task.SEGMENTATION.value, self.tr("Segmentation")),
                (Task.DETECTION.value, self.tr("Detection")),
                (Task.LANGUAGE.value, self.tr("Language")),
                (Task.OTHER.value, self.tr("Other")),
            ]
        )

    def _choice(self, items: list[tuple[str, str]]) -> QComboBox:
        box = QComboBox(self)
        for value, text in items:
            box.addItem(text, value)
        return box

    def _make_resize(self) -> None:
        self.resize_how = self._choice(
            [
                ("", self.tr("As it is")),
                ("size", self.tr("Stretch to")),
                ("shorter", self.tr("Scale, then crop to")),
            ]
        )
        self.shorter, self.height_box, self.width_box = (self._side() for _ in range(3))
        self.shorter.setPrefix(self.tr("shorter side "))
        self.height_box.setAccessibleName(self.tr("Height"))
        self.width_box.setAccessibleName(self.tr("Width"))
        self.shorter.setAccessibleName(self.tr("Shorter side"))
        self.interpolation = self._choice(
            [
                (Interpolation.BILINEAR.value, self.tr("bilinear")),
                (Interpolation.NEAREST.value, self.tr("nearest")),
                (Interpolation.BICUBIC.value, self.tr("bicubic")),
                (Interpolation.LANCZOS.value, self.tr("Lanczos")),
            ]
        )
        self.resize_line = QWidget(self)
        line = QHBoxLayout(self.resize_line)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(metrics(self).small)
        line.addWidget(self.shorter)
        line.addWidget(self.height_box)
        line.addWidget(QLabel("×", self.resize_line))
        line.addWidget(self.width_box)
        line.addWidget(self.interpolation)
        line.addStretch(1)

    def _side(self) -> QSpinBox:
        box = QSpinBox(self)
        box.setRange(1, 16384)
        box.setValue(224)
        box.setKeyboardTracking(False)
        return box

    def _make_labels(self) -> None:
        self.labels = QPlainTextEdit(self)
        self.labels.setPlaceholderText(self.tr("One class name in each line"))
        self.labels.setFixedHeight(metrics(self).line * 4)
        self.labels.setTabChangesFocus(True)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._edit)

    def _lay_out(self) -> None:
        sizes = metrics(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(sizes.gap)
        grid.setVerticalSpacing(sizes.small)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, str, QWidget], ...] = (
            ("preset", self.tr("Preset"), self.preset),
            ("layout", self.tr("Network's axes"), self.layout_box),
            ("data_layout", self.tr("Samples' axes"), self.data_layout),
            ("channel_order", self.tr("Colors"), self.order),
            ("resize", self.tr("Resize"), self.resize_how),
            ("", "", self.resize_line),
            ("scale", self.tr("Scale"), self.scale),
            ("mean", self.tr("Mean"), self.mean),
            ("std", self.tr("Deviation"), self.std),
            ("max_length", self.tr("Longest text"), self.max_length),
            ("pad", self.tr("Padding token"), self.pad),
            ("task", self.tr("Task"), self.task),
            ("labels", self.tr("Class names"), self.labels),
        )
        for row, (name, title, editor) in enumerate(rows):
            if title:
                label = QLabel(title, self)
                top = Qt.AlignmentFlag.AlignTop
                grid.addWidget(label, row, 0, top if editor is self.labels else Qt.AlignmentFlag(0))
                editor.setAccessibleName(title)
                self._titles[name] = label
            grid.addWidget(editor, row, 1)
        grid.addWidget(self.error, len(rows), 0, 1, 2)
        self.error.hide()

    def _connect(self) -> None:
        self.preset.activated.connect(self._take_preset)
        for box in (self.layout_box, self.order, self.task, self.interpolation):
            box.activated.connect(self._edit)
        self.resize_how.activated.connect(self._resize_changed)
        for side in (self.shorter, self.height_box, self.width_box):
            side.valueChanged.connect(self._edit)
        for line in (self.scale, self.mean, self.std, self.max_length, self.pad, self.data_layout):
            line.edited.connect(self._line_edited)
            line.rejected.connect(self._rejected)
        self.labels.textChanged.connect(self._labels_changed)

    # Values ----------------------------------------------------------------------------------

    @property
    def value(self) -> Preprocessing:
        """As it is now."""
        return self._value

    def show_value(self, value: Preprocessing, kind: Samples | None = None) -> None:
        """Show a preprocessing; nothing is emitted.

        Args:
            value: What to show.
            kind: What the samples are; None: as before.
        """
        self._value = value
        self._kind = kind or self._kind
        self._showing = True
        self.scale.set_value(value.scale)
        self.mean.set_value(list(value.mean))
        self.std.set_value(list(value.std))
        self.max_length.set_value(value.max_length)
        self.pad.set_value(value.pad)
        self.data_layout.set_value(value.data_layout)
        if value.layout and self.layout_box.findData(value.layout) < 0:
            self.layout_box.addItem(value.layout, value.layout)
        self._set(self.layout_box, value.layout)
        self._set(self.order, value.channel_order.value if value.channel_order else "")
        self._set(self.task, value.task.value if value.task else "")
        self._show_resize(value)
        names = "\n".join(value.labels)
        if names != self.labels.toPlainText().strip():
            self.labels.setPlainText(names)
        self._show_fitting()
        self.error.hide()
        self._showing = False

    def show_missing(self, missing: tuple[Question, ...]) -> None:
        """Say which fields nobody has filled in."""
        asked = {one.field: word(one.text) for one in missing}
        for name, label in self._titles.items():
            question = asked.get(name, "")
            font = label.font()
            font.setItalic(bool(question))
            label.setFont(font)
            label.setToolTip(question)

    def _set(self, box: QComboBox, value: str) -> None:
        with QSignalBlocker(box):
            box.setCurrentIndex(max(box.findData(value), 0))

    def _show_resize(self, value: Preprocessing) -> None:
        resize = value.resize
        how = "" if resize is None else ("size" if resize.size else "shorter")
        self._set(self.resize_how, how)
        if resize is not None:
            height, width = resize.result
            boxes = ((self.height_box, height), (self.width_box, width))
            for box, side in (*boxes, (self.shorter, resize.shorter or max(height, width))):
                with QSignalBlocker(box):
                    box.setValue(side)
            self._set(self.interpolation, resize.interpolation.value)
        self.resize_line.setVisible(bool(how))
        self.shorter.setVisible(how == "shorter")

    def _show_fitting(self) -> None:
        """Pixels have colors and sizes, texts have tokens; what does not apply is not shown."""
        pixels, text = self._kind is Samples.PIXELS, self._kind is Samples.TEXT
        rows = (
            ("layout", self.layout_box, pixels),
            ("data_layout", self.data_layout, pixels),
            ("channel_order", self.order, pixels),
            ("resize", self.resize_how, pixels),
            ("scale", self.scale, not text),
            ("mean", self.mean, not text),
            ("std", self.std, not text),
            ("preset", self.preset, pixels),
            ("max_length", self.max_length, text),
            ("pad", self.pad, text),
        )
        for name, editor, shown in rows:
            editor.setVisible(shown)
            self._titles[name].setVisible(shown)
        if not pixels:
            self.resize_line.hide()

    def _fields(self) -> dict[str, Any]:
        """What the editors say."""
        lines = (line.strip() for line in self.labels.toPlainText().splitlines())
        fields: dict[str, Any] = {
            "layout": self.layout_box.currentData(),
            "labels": tuple(line for line in lines if line),
            "resize": self._resize(),
        }
        for name, box in (("channel_order", self.order), ("task", self.task)):
            fields[name] = box.currentData() or None
        return fields

    def _resize(self) -> dict[str, Any] | None:
        how = self.resize_how.currentData()
        if not how:
            return None
        size = (self.height_box.value(), self.width_box.value())
        shorter = max(self.shorter.value(), *size)
        method = {"interpolation": self.interpolation.currentData()}
        return {"size": size, **method} if how == "size" else {
            "shorter": shorter, "crop": size, **method
        }  # fmt: skip

    # Edits -----------------------------------------------------------------------------------

    def _take_preset(self) -> None:
        changes = PRESETS.get(str(self.preset.currentData()))
        with QSignalBlocker(self.preset):
            self.preset.setCurrentIndex(0)
        if changes is not None:
            self._change(changes)

    def _resize_changed(self) -> None:
        how = self.resize_how.currentData()
        self.resize_line.setVisible(bool(how))
        self.shorter.setVisible(how == "shorter")
        self._edit()

    def _labels_changed(self) -> None:
        if not self._showing:
            self._pause.start()

    def _line_edited(self, value: object, final: bool) -> None:
        names: dict[QObject, str] = {
            self.scale: "scale",
            self.mean: "mean",
            self.std: "std",
            self.max_length: "max_length",
            self.pad: "pad",
            self.data_layout: "data_layout",
        }
        name = names[self.sender()]
        if final:
            empty: Any = () if name in ("mean", "std") else None
            self._change({name: empty if value is None else value})

    def _edit(self) -> None:
        if not self._showing:
            self._change(self._fields())

    def _rejected(self, why: str) -> None:
        self.error.setText(why)
        self.error.setVisible(bool(why))

    def _change(self, changes: dict[str, Any]) -> None:
        """Take changes in, or say what is wrong with them."""
        kept = self._value.model_dump(exclude_defaults=True)
        wanted = {**kept, **changes}
        try:
            value = parse(
                {k: v for k, v in wanted.items() if v is not None}, self.tr("Preprocessing")
            )
        except DataError as error:
            self._rejected(word(error.message))
            return
        self._rejected("")
        if value != self._value:
            self.show_value(value)
            self.edited.emit(value)
