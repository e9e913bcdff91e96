"""Sensitivity curves of the selected layers, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, Plot, logarithms, pen
from studio.widgets.plots.bits import SYMBOLS
from studio.widgets.plots.export import Table
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.lines import SourcedLine
from studio.widgets.written import number_text

IN_COLOR = 8
"""Curves with a color, points and a band of their own; further ones are thin and gray."""


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What each setting of a layer costs.

    Attributes:
        label: The layer.
        settings: Rising or falling, the mildest first.
        losses: Of each; NaN: not known.
        measured: Of each.
        low: Lower end of the interval; empty: there is none.
        high: Upper end.
    """

    label: str
    settings: Floats
    losses: Floats
    measured: NDArray[np.bool_]
    low: Floats = field(default_factory=_nothing)
    high: Floats = field(default_factory=_nothing)


class CurvesPlot(Plot):
    """Losses against settings, the mildest at the left.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
    """

    log_changed = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        self._curves: tuple[Curve, ...] = ()
        self._lines: list[SourcedLine] = []
        self._bands: list[Any] = []
        self._log = True
        self._setting_title = self._loss_title = ""
        self._setting_text: Callable[[float], str] = number_text
        self._others = pg.PlotCurveItem(antialias=True, connect="finite")
        super().__init__(name, parent)
        self.box.addItem(self._others, ignoreBounds=True)
        self.set_empty(self.tr("Select a layer to see its curve."))

    # Values

    def set_texts(
        self, setting: str, loss: str, setting_text: Callable[[float], str] = number_text
    ) -> None:
        """Titles of the axes with their units, and how a setting is written."""
        self._setting_title, self._loss_title = setting, loss
        self._setting_text = setting_text

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show these."""
        self._curves = tuple(one for one in curves if np.isfinite(one.losses).any())
        self._draw()

    @property
    def log(self) -> bool:
        """Whether losses stand on a logarithmic axis."""
        return self._log

    def set_log(self, log: bool) -> None:
        """Let losses stand on a logarithmic axis."""
        if log != self._log:
            self._log = log
            self._draw()
            self.log_changed.emit(log)

    def table(self) -> Table:
        """One line for each point."""
        if not self._curves:
            return Table()
        titles = (self.tr("Layer"), self._setting_title, self._loss_title)
        names = [one.label for one in self._curves for _ in one.settings]
        parts = [np.concatenate([getattr(c, f) for c in self._curves]) for f in _PARTS]
        return Table((*titles, self.tr("Measured")), (names, *parts))

    # Drawing

    def _heights(self, values: Floats) -> Floats:
        return logarithms(values, self._floor) if self._log else np.asarray(values, np.float64)

    @property
    def _floor(self) -> float:
        known = np.concatenate([one.losses for one in self._curves])
        known = known[np.isfinite(known) & (known > 0)]
        if not len(known):
            return 1e-9
        return max(float(known.min()) / 2, float(known.max()) * 1e-8)

    def _draw(self) -> None:
        for line in self._lines:
            line.remove()
        for item in self._bands:
            self.box.removeItem(item)
        self._lines, self._bands = [], []
        self._others.setData([], [])
        if not self._curves:
            self.set_keys([])
            self.set_empty(self.empty_text or self.tr("Select a layer to see its curve."))
            return
        self.set_empty("")
        keys = [self._draw_curve(index, one) for index, one in enumerate(self._curves[:IN_COLOR])]
        rest = self._curves[IN_COLOR:]
        if rest:
            keys.append(self._draw_others(rest))
        self.set_keys(keys)
        self._set_axes()

    def _draw_curve(self, index: int, curve: Curve) -> Key:
        chosen = self.colors
        ink = chosen.series[index % len(chosen.series)]
        if len(curve.low):
            edges = []
            for part in (curve.low, curve.high):
                known = np.isfinite(part)
                edge = pg.PlotCurveItem(curve.settings[known], self._heights(part[known]), pen=None)
                edges.append(edge)
                self.box.addItem(edge, ignoreBounds=True)
            band = pg.FillBetweenItem(*edges, brush=color(ink, 0.15))
            self.box.addItem(band, ignoreBounds=True)
            self._bands += [band, *edges]
        line = SourcedLine(self.box, SYMBOLS[index % len(SYMBOLS)])
        line.set_values(curve.settings, self._heights(curve.losses), curve.measured)
        line.set_ink(ink, chosen.base)
        self._lines.append(line)
        return Key(curve.label, ink, Mark.LINE if curve.measured.any() else Mark.DASHES)

    def _draw_others(self, curves: Sequence[Curve]) -> Key:
        """All of them as one item: many items are slow."""
        gap = np.array([np.nan])
        xs = np.concatenate([np.concatenate([one.settings, gap]) for one in curves])
        ys = np.concatenate([np.concatenate([self._heights(one.losses), gap]) for one in curves])
        self._others.setData(xs, ys)
        self._others.setPen(pen(self.colors.original, 1, alpha=0.6))
        text = self.tr("{count} more layers").format(count=len(curves))
        return Key(text, self.colors.original, Mark.LINE)

    def _set_axes(self) -> None:
        settings = np.unique(np.concatenate([one.settings for one in self._curves]))
        falling = self._curves[0].settings[0] > self._curves[0].settings[-1]
        self.box.invertX(bool(falling))
        self.bottom_axis.setTicks([[(float(s), self._setting_text(float(s))) for s in settings]])
        self.left_axis.decades = self._log
        self.set_titles(self._setting_title, self._loss_title)
        heights = [self._heights(one.losses) for one in self._curves]
        heights += [self._heights(one.high) for one in self._curves[:IN_COLOR] if len(one.high)]
        if not self._log:
            heights.append(np.zeros(1))
        known = np.concatenate(heights)
        known = known[np.isfinite(known)]
        low, high = float(known.min()), float(known.max())
        room = (high - low) or 1.0
        margin = float(settings[-1] - settings[0]) * 0.04 or 0.5
        self.set_home(
            Extent(
                float(settings[0]) - margin,
                float(settings[-1]) + margin,
                low - room * 0.05,
                high + room * 0.06,
            )
        )

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """The nearest curve's value at the nearest setting."""
        best: tuple[float, Curve, int] | None = None
        for curve in self._curves:
            at = int(np.argmin(np.abs(curve.settings - x)))
            height = float(self._heights(curve.losses[at : at + 1])[0])
            distance = abs(height - y)
            if np.isfinite(distance) and (best is None or distance < best[0]):
                best = (distance, curve, at)
        if best is None:
            return "", None
        _, curve, at = best
        values = {
            "layer": curve.label,
            "setting": self._setting_text(float(curve.settings[at])),
            "loss": number_text(float(curve.losses[at])),
        }
        if len(curve.low):
            values["low"] = number_text(float(curve.low[at]))
            values["high"] = number_text(float(curve.high[at]))
        return self._words(curve, at).format(**values), float(curve.settings[at])

    def _words(self, curve: Curve, at: int) -> str:
        if not curve.measured[at]:
            return self.tr("{layer} at {setting}: ~{loss}, estimated")
        if not len(curve.low):
            return self.tr("{layer} at {setting}: {loss}, measured")
        return self.tr("{layer} at {setting}: {loss} (from {low} to {high}), measured")

    # Qt

    def extra_actions(self) -> list[QAction]:
        """Logarithmic losses."""
        action = QAction(self.tr("Logarithmic losses"))
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self.set_log)
        return [*super().extra_actions(), action]

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if hasattr(self, "_others") and self._curves:
            self._draw()


_PARTS = ("settings", "losses", "measured")
