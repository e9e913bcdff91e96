"""Error of quantization against the number of bits; a click chooses the bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from studio.widgets.plots.base import Extent, Floats, logarithms
from studio.widgets.plots.export import Table
from studio.widgets.plots.handle import LinePlot
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.lines import SourcedLine
from studio.widgets.written import number_text

SYMBOLS = ("o", "s", "t1", "d", "p", "h", "star", "x")
"""Forms of points, so that curves differ without color too."""


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCurve:
    """The error of one way to quantize.

    Attributes:
        label: For the legend.
        errors: Of each number of bits; NaN: not known.
        measured: Of each; one value for all.
    """

    label: str
    errors: Floats
    measured: NDArray[np.bool_] | bool = True


class BitsPlot(LinePlot):
    """Errors on a logarithmic axis; the line stands at the bits in force.

    Args:
        parent: As in Qt.
    """

    bits_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bits: tuple[int, ...] = ()
        self._curves: tuple[ErrorCurve, ...] = ()
        self._lines: list[SourcedLine] = []
        self._error_title = ""
        self._chosen: int | None = None
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Quantization error"))
        self.left_axis.decades = True
        self.line.hide()
        self.box.clicked.connect(self._clicked)

    # Values

    def set_curves(
        self, bits: Sequence[int], curves: Sequence[ErrorCurve], chosen: int | None, *, title: str
    ) -> None:
        """Show errors.

        Args:
            bits: What can be chosen, rising.
            curves: With one error for each of them.
            chosen: The bits in force; None: not quantized.
            title: What the error is, for the axis.
        """
        self._bits, self._error_title = tuple(bits), title
        self._curves = tuple(one for one in curves if np.isfinite(one.errors).any())
        for line in self._lines:
            line.remove()
        self._lines = []
        if not self._bits or not self._curves:
            self.set_empty(self.tr("The error is not known for this layer."))
            return
        self.set_empty("")
        self._draw()
        self.set_bits(chosen)

    def set_bits(self, chosen: int | None) -> None:
        """The bits in force; waits while the user holds the line."""
        self._chosen = chosen
        if not self._bits:
            return
        self.line.setVisible(chosen in self._bits)
        if chosen in self._bits:
            self.set_line(self._bits.index(chosen), 0, len(self._bits) - 1)
            self.rest(self.line_text(self.at))
        else:
            self.set_line(len(self._bits) - 1, 0, len(self._bits) - 1)
            self.rest(self.tr("Not quantized. Click a number of bits to choose it."))

    def table(self) -> Table:
        """Bits and each curve's error."""
        if not self._curves:
            return Table()
        titles = (self.tr("Bits"), *(one.label or self._error_title for one in self._curves))
        return Table(titles, (self._bits, *(one.errors for one in self._curves)))

    # Drawing

    def _draw(self) -> None:
        at = np.asarray(self._bits, np.float64)
        low, high = np.inf, -np.inf
        chosen = self.colors
        keys = []
        for index, curve in enumerate(self._curves):
            heights = logarithms(curve.errors)
            line = SourcedLine(self.box, SYMBOLS[index % len(SYMBOLS)])
            measured = np.broadcast_to(np.asarray(curve.measured, np.bool_), at.shape)
            line.set_values(at, heights, measured)
            line.set_ink(chosen.series[index % len(chosen.series)], chosen.base)
            self._lines.append(line)
            known = heights[np.isfinite(heights)]
            if len(known):
                low, high = min(low, float(known.min())), max(high, float(known.max()))
            mark = Mark.LINE if measured.any() else Mark.DASHES
            keys.append(Key(curve.label, chosen.series[index % len(chosen.series)], mark))
        self.set_keys(keys if len(keys) > 1 else [])
        self.bottom_axis.setTicks([[(float(one), str(one)) for one in self._bits]])
        self.set_titles(self.tr("Bits"), self._error_title)
        if not np.isfinite(low):
            low, high = -1.0, 0.0
        room = max(high - low, 0.5)
        extent = (float(at[0]) - 0.6, float(at[-1]) + 0.6)
        self.set_home(Extent(*extent, low - room * 0.08, low + room * 1.2))

    # The line

    def line_place(self, at: int) -> float:
        """Where these bits stand."""
        return float(self._bits[at]) if self._bits else 0.0

    def line_number(self, place: float) -> int:
        """The bits nearest to a place."""
        return int(np.argmin(np.abs(np.asarray(self._bits, np.float64) - place)))

    def line_text(self, at: int) -> str:
        """The bits and the first curve's error."""
        if not self._curves:
            return ""
        error = number_text(float(self._curves[0].errors[at]))
        return self.tr("{bits} bits: error {error}").format(bits=self._bits[at], error=error)

    def line_label(self, at: int) -> str:
        """The bits."""
        return self.tr("{bits} bits").format(bits=self._bits[at]) if self._bits else ""

    def moved(self, at: int, *, final: bool) -> None:
        """Tell the bits once they are chosen."""
        if final and self._bits[at] != self._chosen:
            self._chosen = self._bits[at]
            self.bits_changed.emit(self._bits[at])

    def _clicked(self, position: QPointF, _modifiers: object) -> None:
        if not self._bits or self.empty_text:
            return
        if not self._editable:
            self.say(self._reason)
            return
        at = self.line_number(position.x())
        self.line.show()
        self._place(at)
        self.moved(at, final=True)

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """The errors of these bits."""
        del y
        if not self._curves:
            return "", None
        at = self.line_number(x)
        parts = [self.tr("{bits} bits").format(bits=self._bits[at])]
        parts += [
            f"{one.label} {number_text(float(one.errors[at]))}".strip() for one in self._curves
        ]
        return " · ".join(parts), float(self._bits[at])

    # Qt

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if hasattr(self, "_lines"):
            for index, line in enumerate(self._lines):
                ink = self.colors.series[index % len(self.colors.series)]
                line.set_ink(ink, self.colors.base)
