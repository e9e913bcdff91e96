"""What an export promises and comes to, beside the original."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.info import AccuracySource, Metrics
from engine.units import UNKNOWN, format_bytes, format_ms, format_percent
from studio.style.metrics import metrics
from studio.style.sheet import set_property
from studio.views.layer_paint import tabular

_MEASURED = 3
"""Column of what was measured."""


class ExportNumbers(QWidget):
    """Size, latency and accuracy: the original's, those that are promised, and the file's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sizes = metrics(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, sizes.gap, 0, 0)
        grid.setHorizontalSpacing(2 * sizes.wide)
        grid.setVerticalSpacing(sizes.small)
        heads = (self.tr("Original"), self.tr("Promised"), self.tr("Measured"))
        for column, text in enumerate(heads, start=1):
            head = QLabel(text, self)
            set_property(head, "tone", "secondary")
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
        names = {
            "size_bytes": self.tr("Size"),
            "latency_ms": self.tr("Latency"),
            "top1": self.tr("Top-1"),
        }
        self.cells: dict[tuple[str, int], QLabel] = {}
        for row, (name, text) in enumerate(names.items(), start=1):
            grid.addWidget(QLabel(text, self), row, 0)
            for column in range(1, 4):
                cell = QLabel(UNKNOWN, self)
                font = tabular(self.font())
                font.setBold(column == _MEASURED)
                cell.setFont(font)
                set_property(cell, "tone", "secondary" if column == 1 else "")
                self.cells[name, column - 1] = cell
                grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        for column in range(1, 4):
            grid.setColumnMinimumWidth(column, sizes.chars(14))

    def set_numbers(self, original: Metrics, promised: Metrics, measured: Metrics) -> None:
        """Show them side by side; what is not known is a dash."""
        writers: dict[str, Callable[[float | None], str]] = {
            "size_bytes": format_bytes,
            "latency_ms": format_ms,
            "top1": format_percent,
        }
        for name, write in writers.items():
            for column, numbers in enumerate((original, promised, measured)):
                value = getattr(numbers, name)
                text = write(value)
                if column == 1 and value is not None:
                    text = f"~{format_percent(value, 1) if name == 'top1' else text}"
                self.cells[name, column].setText(text)
        accuracy = measured if measured.top1 is not None else original
        tip = ""
        if accuracy.top1 is not None and accuracy.source is not None:
            text = {
                AccuracySource.LABELS: self.tr("Against the labels of {samples} samples"),
                AccuracySource.AGREEMENT: self.tr("Against the original, on {samples} samples"),
                AccuracySource.SYNTHETIC: self.tr("Against the original, on {samples} made up"),
            }[accuracy.source]
            tip = text.format(samples=f"{accuracy.samples or 0:,}")
        for column in range(3):
            self.cells["top1", column].setToolTip(tip)
