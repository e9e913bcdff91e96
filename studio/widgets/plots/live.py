"""Curves of a training while it runs: loss, accuracy, learning rate over the same steps."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.units import format_percent
from studio.style.palette import color
from studio.widgets.plots.axes import Axis, Box
from studio.widgets.plots.base import Extent, Floats, Plot, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.plots.tracks import Track, closest, thin
from studio.widgets.written import number_text

LOSS, ACCURACY, RATE = range(3)
"""The panels, from top to bottom."""

_COLUMNS = 6
"""Of the grid that the boxes stand in: an axis and a box for each."""
_SHARES = (4, 3, 2)
"""Of the room, for each panel."""
_TITLED_LINES = 9
"""Lines of text that a plot is high at least where its steps have a title."""
_WIDE = 2.2
"""A plot that is so many times wider than high has its boxes beside each other."""
_DRAW_MS = 100
"""New points are drawn this often at most."""
_LONG = 400
"""Curves of more points than this are drawn thin, which takes a tenth of the time."""
_POINTS = 64
"""Up to so many points of a curve are drawn as dots too: few validations, far apart."""
_FILLED = 0.6
"""Curves that take up less of a panel's height than this are drawn larger."""


@dataclass(frozen=True, slots=True)
class Series:
    """One curve.

    Attributes:
        name: As the engine calls it.
        title: As people do.
        panel: `LOSS`, `ACCURACY` or `RATE`.
    """

    name: str
    title: str
    panel: int = LOSS


class _Panel:
    """A box with its axis and its curves."""

    def __init__(self, box: Box, axis: Axis, steps: Axis) -> None:
        self.box, self.axis, self.steps = box, axis, steps
        self.shown = True
        self.curves: dict[str, Any] = {}
        self.best = pg.InfiniteLine(angle=90)
        self.cross = pg.InfiniteLine(angle=90)
        self.seams = pg.PlotCurveItem(connect="pairs")
        for item in (self.best, self.cross):
            item.hide()
        for item in (self.best, self.cross, self.seams):
            box.addItem(item, ignoreBounds=True)


class LivePlot(Plot):
    """Panels over each other with one axis of steps.

    Args:
        name: What a screen reader calls it.
        series: Curves that may come; others are taken for losses.
        parent: As in Qt.
    """

    def __init__(self, name: str, series: Iterable[Series], parent: QWidget | None = None) -> None:
        self._series = {one.name: one for one in series}
        self._tracks: dict[str, Track] = {}
        self._offset = 0.0
        self._last: dict[str, float] = {}
        self._seams: list[float] = []
        self._best: float | None = None
        self._log = False
        self._panels: list[_Panel] = []
        self._spans: dict[int, tuple[float, float]] = {}
        super().__init__(name, parent)
        self._panels = [
            _Panel(self.box, self.left_axis, self.bottom_axis),
            *(_Panel(*parts) for parts in self._more),
        ]
        for panel in self._panels[1:]:
            panel.box.setXLink(self.box)
            panel.box.setMouseEnabled(x=True, y=False)
            panel.box.doubled.connect(self.reset_view)
        self._panels[ACCURACY].axis.text = _percent
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DRAW_MS)
        self._timer.timeout.connect(self._draw_if_seen)
        self.box.sigXRangeChanged.connect(self._later)
        self.apply_theme()
        self.clear()

    def arrange(self) -> None:
        """The boxes are placed once it is known which of them have curves."""
        self._more = [(Box(), Axis("left"), Axis("bottom")) for _ in range(2)]
        self.panel.addItem(self.legend, 0, 0, 1, _COLUMNS)
        for box, axis, steps in [(self.box, self.left_axis, self.bottom_axis), *self._more]:
            axis.linkToView(box)
            steps.linkToView(box)
            steps.whole = True
        self._placed: tuple[bool, ...] = ()

    def _axes(self) -> tuple[Axis, ...]:
        return (*super()._axes(), *(axis for parts in self._more for axis in parts[1:]))

    def _place(self) -> None:
        """Beside each other where the plot is wide, else over each other."""
        wide = self.view.width() > _WIDE * self.view.height()
        wanted = (wide, *(panel.shown for panel in self._panels))
        if wanted == self._placed:
            return
        self._placed = wanted
        shown = [panel for panel in self._panels if panel.shown]
        grid = self.panel.layout
        for panel in self._panels:
            for item in (panel.box, panel.axis, panel.steps):
                if item in self.panel.items:
                    self.panel.removeItem(item)
                item.setVisible(False)
        for index in range(2 * len(self._panels)):
            grid.setRowStretchFactor(index + 1, 0)
            grid.setColumnStretchFactor(index, 0)
        for index, panel in enumerate(shown):
            row, column = (1, 2 * index) if wide else (1 + index, 0)
            span = 1 if wide else _COLUMNS - 1
            self.panel.addItem(panel.axis, row, column)
            self.panel.addItem(panel.box, row, column + 1, 1, span)
            lowest = wide or panel is shown[-1]
            if lowest:
                self.panel.addItem(panel.steps, row + 1, column + 1, 1, span)
            share = _SHARES[self._panels.index(panel)]
            panel.steps.setTickDensity(share / _SHARES[0] if wide else 1.0)
            grid.setColumnStretchFactor(column + 1, share if wide else 1)
            grid.setRowStretchFactor(row, 1 if wide else share)
            for item in (panel.box, panel.axis, *((panel.steps,) if lowest else ())):
                item.setVisible(True)
        grid.activate()  # the panel shrank to nothing while it was empty
        self.panel.setGeometry(QRectF(self.view.viewport().rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the boxes anew where the form asks for it."""
        super().resizeEvent(event)
        tall = self.height() > _TITLED_LINES * self.fontMetrics().lineSpacing()
        for panel in self._panels:
            panel.steps.showLabel(tall)  # a low plot needs the room
        if self._tracks:
            self._place()
            self._later()

    # Values

    def clear(self) -> None:
        """Forget all points."""
        for panel in self._panels:
            for curve in panel.curves.values():
                panel.box.removeItem(curve)
            panel.curves = {}
        self._tracks, self._last, self._seams, self._spans = {}, {}, [], {}
        self._offset, self._best = 0.0, None
        self.set_empty(self.tr("No training is running."))

    def extend(self, points: Iterable[tuple[str, int, float]]) -> None:
        """Add points: name, step, value. A step that goes back begins the next training."""
        for name, step, value in points:
            if step < self._last.get(name, -1) and self._tracks:
                self._offset = max(float(track.xs[-1]) for track in self._tracks.values())
                self._seams.append(self._offset)
                self._last = {}
                self._best = None
            self._last[name] = step
            track = self._tracks.setdefault(name, Track())
            if track.trainings < len(self._seams):
                track.trainings = len(self._seams)
                track.append(self._offset, np.nan)  # trainings are not joined by a line
            track.append(self._offset + step, value)
        if self._tracks:
            self._later()

    def set_best(self, step: int | None) -> None:
        """Mark the step of the best state so far."""
        self._best = None if step is None else self._offset + step
        self._later()

    def count(self, name: str) -> int:
        """How many points a curve has."""
        return self._tracks[name].count if name in self._tracks else 0

    def set_log(self, log: bool) -> None:
        """Let losses stand on a logarithmic axis."""
        self._log = log
        self._spans = {}
        self.draw()

    def table(self) -> Table:
        """One line for each point."""
        if not self._tracks:
            return Table()
        names = [name for name, track in self._tracks.items() for _ in range(track.count)]
        xs = np.concatenate([track.xs for track in self._tracks.values()])
        ys = np.concatenate([track.ys for track in self._tracks.values()])
        return Table((self.tr("Curve"), self.tr("Step"), self.tr("Value")), (names, xs, ys))

    # Drawing

    def _later(self, *_: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _panel_of(self, name: str) -> int:
        return self._series[name].panel if name in self._series else LOSS

    def _heights(self, panel: int, ys: Floats) -> Floats:
        return logarithms(ys) if self._log and panel == LOSS else ys

    def _draw_if_seen(self) -> None:
        """What nobody sees is drawn when it is shown."""
        if self.isVisible():
            self.draw()

    def draw(self) -> None:
        """Draw what has come since the last time."""
        if not self._tracks:
            return
        self.set_empty("")
        last = max(float(track.xs[-1]) for track in self._tracks.values())
        first = min(float(track.xs[0]) for track in self._tracks.values())
        self.left_axis.decades = self._log
        for index, panel in enumerate(self._panels):
            names = [name for name in self._tracks if self._panel_of(name) == index]
            panel.shown = bool(names)
            bottom, top = self._spread(index, names)
            if index == LOSS:
                home = Extent(first, _end(first, last), bottom, top)
                self.set_home(home, keep_zoom=True)
            else:
                panel.box.setYRange(bottom, top, padding=0)
            for name in names:
                self._draw_curve(panel, index, name)
            self._draw_marks(panel, bottom, top)
        self._place()
        self._explain()
        self.rest(self._summary())

    def _spread(self, index: int, names: list[str]) -> tuple[float, float]:
        """Lowest and highest height of a panel; a few wild values at the start do not count.

        They stay as they are while the curves fill them well: an axis that moves is drawn anew,
        which takes longer than all curves.
        """
        parts = [self._heights(index, self._tracks[name].ys) for name in names]
        known = np.concatenate(parts) if parts else np.zeros(1)
        known = known[np.isfinite(known)]
        if not len(known):
            return (0.0, 1.0)
        low, high = float(known.min()), float(known.max())
        if index == LOSS and len(known) > 200:
            high = max(float(np.quantile(known, 0.995)) * (1.0 if self._log else 1.1), low)
        bottom, top = self._spans.get(index, (math.inf, -math.inf))
        if low < bottom or high > top or high - low < _FILLED * (top - bottom):
            room = (high - low) or abs(high) * 0.1 or 1.0
            bottom, top = self._spans[index] = low - room * 0.06, high + room * 0.08
        return bottom, top

    def _draw_curve(self, panel: _Panel, index: int, name: str) -> None:
        track = self._tracks[name]
        xs, ys = track.xs, self._heights(index, track.ys)
        left, right = self.box.viewRange()[0]
        start = max(int(np.searchsorted(xs, left)) - 1, 0)
        stop = int(np.searchsorted(xs, right)) + 1
        few = stop - start <= _POINTS
        xs, ys = thin(xs[start:stop], ys[start:stop], max(int(self.box.width()), 50))
        curve = panel.curves.get(name)
        if curve is None:
            curve = panel.curves[name] = pg.PlotDataItem(connect="finite", antialias=True)
            panel.box.addItem(curve, ignoreBounds=True)
        ink = self._ink(name)
        long = len(xs) > _LONG
        dots = few and name.startswith("validation")
        curve.setData(
            xs,
            ys,
            antialias=not long,
            pen=pen(ink, 1.0 if long else 1.8),
            symbol="o" if dots else None,
            symbolSize=6,
            symbolBrush=color(ink),
            symbolPen=None,
        )

    def _draw_marks(self, panel: _Panel, bottom: float, top: float) -> None:
        panel.best.setVisible(self._best is not None)
        if self._best is not None:
            panel.best.setValue(self._best)
        ends = np.tile([bottom, top], len(self._seams))
        panel.seams.setData(np.repeat(np.array(self._seams, np.float64), 2), ends)

    def _ordered(self) -> list[str]:
        """Names of the curves there are, the known ones first."""
        order = [*self._series, *sorted(set(self._tracks) - set(self._series))]
        return [name for name in order if name in self._tracks]

    def _ink(self, name: str) -> str:
        order = [*self._series, *sorted(set(self._tracks) - set(self._series))]
        return self.colors.series[order.index(name) % len(self.colors.series)]

    def _title(self, name: str) -> str:
        return self._series[name].title if name in self._series else name

    def _explain(self) -> None:
        keys = [Key(self._title(name), self._ink(name), Mark.LINE) for name in self._ordered()]
        if self._best is not None:
            keys.append(Key(self.tr("Best so far"), self.colors.good, Mark.LINE))
        if tuple(keys) != self.legend.keys:
            self.set_keys(keys)

    def _summary(self) -> str:
        return " · ".join(self._at(name, self._tracks[name].count - 1) for name in self._ordered())

    def _at(self, name: str, index: int) -> str:
        value = float(self._tracks[name].ys[index])
        shown = format_percent(value) if self._panel_of(name) == ACCURACY else number_text(value)
        return f"{self._title(name)} {shown}"

    # Pointer

    def _hover(self, position: QPointF) -> None:
        inside = [p for p in self._panels if p.box.sceneBoundingRect().contains(position)]
        if not inside or not self._tracks:
            self._leave()
            return
        x = float(inside[0].box.mapSceneToView(position).x())
        nearest = min(
            (float(t.xs[closest(t.xs, x)]) for t in self._tracks.values()),
            key=lambda at: abs(at - x),
        )
        for panel in self._panels:
            panel.cross.setValue(nearest)
            panel.cross.show()
        step = int(nearest - max((s for s in self._seams if s < nearest), default=0.0))
        parts = [self.tr("Step {step}").format(step=f"{step:,}")]
        parts += [self._at(n, closest(self._tracks[n].xs, nearest)) for n in self._ordered()]
        self.say(" · ".join(parts))

    def _leave(self) -> None:
        for panel in self._panels:
            panel.cross.hide()
        super()._leave()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has come in the meantime."""
        super().showEvent(event)
        self.draw()

    def extra_actions(self) -> list[QAction]:
        """Logarithmic loss."""
        action = QAction(self.tr("Logarithmic loss"))
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self.set_log)
        return [*super().extra_actions(), action]

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if len(self._panels) != 3:
            return
        ink = self.colors.secondary
        titles = (self.tr("Loss"), self.tr("Accuracy"), self.tr("Rate"))
        for panel, title in zip(self._panels, titles, strict=True):
            panel.best.setPen(pen(self.colors.good, 1.6))
            panel.cross.setPen(pen(ink, 1, dashed=True))
            panel.seams.setPen(pen(self.colors.strong_border, 1, dashed=True))
            panel.axis.set_title(title, ink)
            panel.axis.setGrid(28)
            panel.steps.set_title(self.tr("Step"), ink)
        self._titles = (self.tr("Step"), titles[LOSS])
        self.draw()


def _end(first: float, last: float) -> float:
    """Where the axis of steps ends: at a round number of steps, so that it seldom moves."""
    steps = max(last - first, 1.0)
    unit = max(10.0 ** math.floor(math.log10(steps)) / 2, 1.0)
    return first + math.ceil(steps / unit) * unit


def _percent(ratio: float) -> str:
    text = format_percent(ratio, 1)
    return text.replace(".0 %", " %")
