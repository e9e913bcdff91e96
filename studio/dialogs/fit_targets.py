"""What is to be reached: for each quantity its limit, what it is now, and what ails."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from engine.budget import Costs, Quantity, Reached, Target, format_quantity, parse_target
from engine.errors import EngineError
from studio.dialogs.frame import wrapped
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.widgets.written import number_text
from studio.words import word

SETTLE_MS = 350
"""After the last key: what is typed is then taken as meant."""
ASKED = (
    Quantity.SIZE,
    Quantity.MACS,
    Quantity.LATENCY,
    Quantity.MEMORY,
    Quantity.ACCURACY,
    Quantity.LOSS,
)
"""What the form offers, in its order."""
_DEFAULTS = {
    Quantity.SIZE: "25 %",
    Quantity.MACS: "50 %",
    Quantity.LATENCY: "60 %",
    Quantity.MEMORY: "75 %",
    Quantity.ACCURACY: "0.5 pt",
    Quantity.LOSS: "0.05",
}
_LOSSES = (Quantity.ACCURACY, Quantity.LOSS)


def quantity_title(quantity: Quantity) -> str:
    """What a quantity is called."""
    translate = QCoreApplication.translate
    return {
        Quantity.SIZE: translate("Fit", "Size"),
        Quantity.WEIGHTS: translate("Fit", "Weights"),
        Quantity.MACS: translate("Fit", "MACs"),
        Quantity.LATENCY: translate("Fit", "Latency"),
        Quantity.MEMORY: translate("Fit", "Memory"),
        Quantity.ACCURACY: translate("Fit", "Accuracy lost"),
        Quantity.LOSS: translate("Fit", "Loss"),
    }[quantity]


def quantity_tip(quantity: Quantity) -> str:
    """What it means."""
    translate = QCoreApplication.translate
    return {
        Quantity.SIZE: translate("Fit", "Bytes of the file as it would be written"),
        Quantity.WEIGHTS: translate("Fit", "Bytes of the layers alone"),
        Quantity.MACS: translate("Fit", "Multiplications with additions for one sample"),
        Quantity.LATENCY: translate("Fit", "Time of one run in ONNX Runtime on this machine"),
        Quantity.MEMORY: translate("Fit", "Peak of live activations for a batch of one"),
        Quantity.ACCURACY: translate("Fit", "Percentage points below the original"),
        Quantity.LOSS: translate(
            "Fit", "Mean KL divergence from the original's outputs, in nats; needs no labels"
        ),
    }[quantity]


class TargetForm(QWidget):
    """Lines with a mark each: those that are marked have to be kept to.

    Args:
        original: The network as it is.
        now: The recipe as it is, predicted.
        targets: What is asked for to begin with.
        parent: Owner.
    """

    changed = Signal()
    """Another set of targets is asked for; not while something typed makes no sense."""
    touched = Signal()
    """A key was pressed, or a mark set: what stands there is not asked for yet."""

    def __init__(
        self,
        original: Costs,
        now: Costs,
        targets: Sequence[Target] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._original, self._now = original, now
        self._lines: dict[Quantity, _Line] = {}
        self._told: tuple[Target, ...] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._settle)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(metrics(self).gap)
        grid.setVerticalSpacing(metrics(self).hair)
        grid.setColumnStretch(2, 1)
        for quantity in ASKED:
            line = _Line(quantity, self)
            line.put(grid)
            line.mark.toggled.connect(self._edited)
            line.limit.textEdited.connect(line.check_mark)
            line.limit.textChanged.connect(self._edited)
            line.limit.returnPressed.connect(self._settle)
            self._lines[quantity] = line
        self.set_targets(targets)

    @property
    def targets(self) -> tuple[Target, ...] | None:
        """What is asked for; None while a field makes no sense."""
        found = []
        for line in self._lines.values():
            if line.mark.isChecked():
                target = line.target()
                if target is None:
                    return None
                found.append(target)
        return tuple(found)

    def line(self, quantity: Quantity) -> _Line:
        """The editors of a quantity."""
        return self._lines[quantity]

    def set_targets(self, targets: Sequence[Target]) -> None:
        """Ask for these."""
        wanted = {one.quantity: one for one in targets}
        for quantity, line in self._lines.items():
            target = wanted.get(quantity)
            with _Quiet(line.mark, line.limit):
                line.mark.setChecked(target is not None)
                line.limit.setText(_DEFAULTS[quantity] if target is None else _text(target))
        self._say_all()
        self._told = self.targets

    def set_limit(self, quantity: Quantity, limit: float, *, relative: bool) -> None:
        """Ask for this limit, as if it had been typed."""
        line = self._lines[quantity]
        with _Quiet(line.mark, line.limit):
            line.mark.setChecked(True)
            line.limit.setText(_text(Target(quantity, limit, relative)))
        self._say_all()
        self._settle()

    def set_known(self, original: Costs, now: Costs) -> None:
        """Other numbers are known."""
        self._original, self._now = original, now
        self._say_all()

    def show_reached(self, reached: Sequence[Reached]) -> None:
        """Say at each field whether its target can be met, and how near it can come if not."""
        found = {one.target.quantity: one for one in reached}
        for quantity, line in self._lines.items():
            line.show_reached(found.get(quantity))

    def _edited(self) -> None:
        self._say_all()
        self._timer.start()
        self.touched.emit()

    def _settle(self) -> None:
        self._timer.stop()
        targets = self.targets
        if targets is not None and targets != self._told:
            self._told = targets
            self.changed.emit()

    def _say_all(self) -> None:
        for quantity, line in self._lines.items():
            line.say(self._original.of(quantity), self._now.of(quantity))


class _Line:
    """A quantity: mark, limit, what it means, what ails."""

    def __init__(self, quantity: Quantity, parent: QWidget) -> None:
        self.quantity = quantity
        title = quantity_title(quantity)
        self.mark = QCheckBox(title, parent)
        self.mark.setToolTip(quantity_tip(quantity))
        self.limit = QLineEdit(parent)
        self.limit.setFixedWidth(metrics(parent).chars(10))
        self.limit.setAccessibleName(title)
        self.meaning = QLabel(parent)
        self.meaning.setTextFormat(Qt.TextFormat.PlainText)
        set_property(self.meaning, "tone", "secondary")
        self.fault = wrapped("", parent, "error")
        self.fault.hide()
        self._unmet = ""

    def put(self, grid: QGridLayout) -> None:
        row = grid.rowCount()
        grid.addWidget(self.mark, row, 0)
        grid.addWidget(self.limit, row, 1)
        grid.addWidget(self.meaning, row, 2)
        grid.addWidget(self.fault, row + 1, 0, 1, 3)

    def check_mark(self) -> None:
        """What is typed is meant."""
        self.mark.setChecked(True)

    def target(self) -> Target | None:
        """The target; None where the field makes no sense."""
        try:
            return parse_target(self.quantity, self.limit.text())
        except (EngineError, ValueError):
            return None

    def say(self, original: float, now: float) -> None:
        """What the limit comes to, and what it is now; or why it makes no sense."""
        translate = QCoreApplication.translate
        self._unmet = ""
        known = math.isfinite(original) or self.quantity in _LOSSES
        self.mark.setEnabled(known)
        self.limit.setEnabled(known)
        target, fault = None, ""
        try:
            target = parse_target(self.quantity, self.limit.text())
        except EngineError as error:
            fault = f"{word(error.message)} {word(error.hint)}".strip()
        except ValueError:
            fault = translate("Fit", "A limit is a number that is not negative.")
        words = translate("Fit", "not known yet") if not known else ""
        if known:
            words = self._words(target, original, now)
        self.meaning.setText(words)
        self._show_fault(fault if self.mark.isChecked() else "")

    def _words(self, target: Target | None, original: float, now: float) -> str:
        translate = QCoreApplication.translate
        values = {
            "now": f"~{_written(self.quantity, now)}",
            "limit": "" if target is None else _written(self.quantity, target.of(original)),
        }
        shares = target is not None and (target.relative or self._is_bare())
        if not math.isfinite(now):
            text = "= {limit}" if shares else ""
        elif shares:
            text = translate("Fit", "= {limit}, now {now}")
        else:
            text = translate("Fit", "now {now}")
        return text.format(**values)

    def _is_bare(self) -> bool:
        """Whether a number stands there without its unit: what it is taken for must be said."""
        return self.quantity not in _LOSSES and self.limit.text().strip()[-1:].isdigit()

    def show_reached(self, reached: Reached | None) -> None:
        """Whether the target can be met."""
        if self.mark.isChecked() and self.target() is None:
            return  # the answer to what stood there before; what ails the field is said already
        translate = QCoreApplication.translate
        text = ""
        if reached is not None and not reached.met:
            text = translate("Fit", "Cannot be reached: the least is {nearest}.")
            if reached.alone:
                text = translate(
                    "Fit", "Cannot be reached together with the others: it comes to {reached}."
                )
            text = text.format(
                nearest=_written(self.quantity, reached.nearest),
                reached=_written(self.quantity, reached.reached),
            )
        self._show_fault(text)

    def _show_fault(self, text: str) -> None:
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        set_property(self.limit, "state", "error" if text else "")
        self.limit.setAccessibleDescription(text or self.meaning.text())


class _Quiet:
    """Editors that tell nobody for a while."""

    def __init__(self, *editors: QObject) -> None:
        self._editors = editors

    def __enter__(self) -> None:
        for editor in self._editors:
            editor.blockSignals(True)

    def __exit__(self, *_error: object) -> None:
        for editor in self._editors:
            editor.blockSignals(False)


def _written(quantity: Quantity, value: float) -> str:
    """A value to read; a loss as everywhere in the window."""
    if quantity is Quantity.LOSS:
        return number_text(value)
    return format_quantity(quantity, value)


def _text(target: Target) -> str:
    """As it can be typed: without digits that say nothing."""
    if target.relative:
        return f"{round(100 * target.limit, 2):g} %"
    if target.quantity is Quantity.ACCURACY:
        return f"{round(100 * target.limit, 3):g} pt"
    if target.quantity in (Quantity.SIZE, Quantity.MEMORY):
        return _bytes_up(target.limit)
    return format_quantity(target.quantity, target.limit)


def _bytes_up(size_bytes: float) -> str:
    """Bytes with four digits, rounded up: a limit that was met is still met."""
    unit = next((u for u in (1e9, 1e6, 1e3) if size_bytes >= u), 1.0)
    names = {1e9: "GB", 1e6: "MB", 1e3: "KB", 1.0: "B"}
    step = 10.0 ** (math.floor(math.log10(size_bytes / unit)) - 3) if size_bytes else 1.0
    return f"{math.ceil(size_bytes / unit / step - 1e-9) * step:.4g} {names[unit]}"


def costs_of(values: Mapping[Quantity, float | None]) -> Costs:
    """Costs from what is known."""
    known = {one.value: float(value) for one, value in values.items() if value is not None}
    return Costs(**known)
