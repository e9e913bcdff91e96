"""Singular values of a layer, with the rank that is kept."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.units import format_percent
from studio.style.palette import color
from studio.widgets.plots.axes import Axis, ShareAxis
from studio.widgets.plots.base import Extent, Floats, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.handle import LinePlot
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.written import number_text

_LEAST = 1e-9
"""Singular values below this part of the largest are numerical noise, drawn at the floor."""


class SpectrumPlot(LinePlot):
    """Singular values on a logarithmic axis, the energy of the first of them on the right.

    Args:
        parent: As in Qt.
    """

    rank_changed = Signal(int, bool)
    """The rank, and whether the drag is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._values: Floats = np.empty(0)
        self._energy: Floats = np.empty(0)
        self._break_even: int | None = None
        self._log = True
        self.right_axis = ShareAxis("right")
        self._bars = pg.PlotCurveItem([0.5, 1.5], [0.0], stepMode="center", antialias=False)
        self._curve = pg.PlotCurveItem(antialias=True)
        self._even = pg.InfiniteLine(angle=90)
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Spectrum"))
        self.right_axis.linkToView(self.box)
        self.right_axis.text = _percent
        self.right_axis.setStyle(maxTickLevel=0)
        for item in (self._bars, self._curve, self._even):
            self.box.addItem(item, ignoreBounds=True)
        self.bottom_axis.whole = True
        self.apply_theme()

    def arrange(self) -> None:
        """With an axis on the right."""
        super().arrange()
        self.panel.addItem(self.right_axis, 1, 2)

    def _axes(self) -> tuple[Axis, ...]:
        return (*super()._axes(), self.right_axis)

    # Values

    def set_spectrum(
        self, values: Floats | None, rank: int | None, break_even: int | None = None
    ) -> None:
        """Show singular values, largest first.

        Args:
            values: `[rank of the layer]`; None: there are none.
            rank: The rank that is kept now; None: all of it.
            break_even: The highest rank at which the two factors are smaller than the layer.
        """
        self._values = np.empty(0) if values is None else np.asarray(values, np.float64)
        if not len(self._values):
            self.set_empty(self.tr("This layer has no spectrum."))
            return
        self.set_empty("")
        squares = self._values**2
        self._energy = np.cumsum(squares) / max(float(squares.sum()), 1e-300)
        self._break_even = break_even
        self.set_line(len(self._values) if rank is None else rank, 1, len(self._values))
        self._draw()

    def set_rank(self, rank: int | None) -> None:
        """The rank that is kept now; waits while the user holds the line."""
        if len(self._values) and not self.moving:
            self.set_line(len(self._values) if rank is None else rank, 1, len(self._values))
            self.rest(self.line_text(self.at))

    def set_log(self, log: bool) -> None:
        """Let singular values stand on a logarithmic axis."""
        self._log = log
        if len(self._values):
            self._draw()

    def table(self) -> Table:
        """Rank, singular value, energy."""
        if not len(self._values):
            return Table()
        titles = (self.tr("Rank"), self.tr("Singular value"), self.tr("Energy"))
        ranks = np.arange(1, len(self._values) + 1)
        return Table(titles, (ranks, self._values, self._energy))

    # Drawing

    def _draw(self) -> None:
        count = len(self._values)
        largest = max(float(self._values.max()), 1e-300)
        if self._log:
            heights = logarithms(self._values, largest * _LEAST)
            bottom, top = float(heights.min()), float(np.log10(largest))
        else:
            heights, bottom, top = self._values, 0.0, largest
        room = max(top - bottom, 1e-3 if self._log else largest * 1e-3)
        self.right_axis.set_span(bottom, bottom + room)
        self._bars.setData(np.arange(count + 1) + 0.5, heights, fillLevel=bottom - room)
        ranks = np.arange(count + 1)
        self._curve.setData(ranks, self.right_axis.place(np.concatenate([[0.0], self._energy])))
        self.left_axis.decades = self._log
        self._even.setVisible(self._break_even is not None and self._break_even < count)
        if self._break_even is not None:
            self._even.setValue(self._break_even + 0.5)
        self.set_titles(self.tr("Rank"), self.tr("Singular value"))
        self.set_home(Extent(0.0, count + 0.5, bottom - room * 0.03, bottom + room * 1.2))
        self._color()
        self.rest(self.line_text(self.at))

    def _color(self) -> None:
        chosen = self.colors
        self._bars.setPen(pen(chosen.measured, 1))
        self._bars.setBrush(color(chosen.measured, 0.45))
        self._curve.setPen(pen(chosen.series[1], 2))
        self._even.setPen(pen(chosen.warning, 1.2, dashed=True))
        self.right_axis.set_title(self.tr("Energy kept"), chosen.secondary)
        keys = [
            Key(self.tr("Singular value"), chosen.measured, Mark.BLOCK),
            Key(self.tr("Energy"), chosen.series[1], Mark.LINE),
        ]
        if self._break_even is not None:
            text = self.tr("Smaller up to rank {rank}").format(rank=self._break_even)
            keys.append(Key(text, chosen.warning, Mark.DASHES))
        self.set_keys(keys)

    # The line

    def line_text(self, at: int) -> str:
        """The rank and its energy."""
        if not len(self._energy):
            return ""
        if at >= len(self._values):
            return self.tr("Full rank {rank}").format(rank=at)
        text = self.tr("Rank {rank}: {energy} of the energy")
        return text.format(rank=at, energy=format_percent(float(self._energy[at - 1])))

    def line_label(self, at: int) -> str:
        """The rank and its energy, in short."""
        if not len(self._energy) or at >= len(self._values):
            return self.line_text(at)
        text = self.tr("Rank {rank}: {energy}")
        return text.format(rank=at, energy=format_percent(float(self._energy[at - 1]), 1))

    def moved(self, at: int, *, final: bool) -> None:
        """Tell the rank."""
        self.rank_changed.emit(at, final)

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """Which rank, its singular value, the energy up to it."""
        del y
        rank = round(x)
        if not 1 <= rank <= len(self._values):
            return "", None
        text = self.tr("Rank {rank} of {count}: singular value {value}, {energy} of the energy")
        energy = format_percent(float(self._energy[rank - 1]))
        value = number_text(float(self._values[rank - 1]))
        return text.format(rank=rank, count=len(self._values), value=value, energy=energy), rank

    # Qt

    def extra_actions(self) -> list[QAction]:
        """Logarithmic values."""
        action = QAction(self.tr("Logarithmic singular values"))
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self.set_log)
        return [*super().extra_actions(), action]

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if hasattr(self, "line"):
            self._color()


def _percent(ratio: float) -> str:
    return format_percent(ratio, 0)
