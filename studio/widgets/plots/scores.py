"""Scores of channels, sorted, with the threshold that says which are removed."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from engine.units import format_percent
from studio.style.palette import color
from studio.widgets.plots.base import Extent, Floats, logarithms, pen
from studio.widgets.plots.export import Table
from studio.widgets.plots.handle import LinePlot
from studio.widgets.plots.legend import Key, Mark
from studio.widgets.written import number_text


class ScoresPlot(LinePlot):
    """Bars from the lowest score to the highest; what stands left of the line is removed.

    Args:
        parent: As in Qt.
    """

    ratio_changed = Signal(float, bool)
    """Share of channels removed, and whether the drag is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._scores: Floats = np.empty(0)
        self._order = np.empty(0, np.int64)
        self._log = False
        self._score_title = ""
        self._removed = pg.BarGraphItem(x=[], height=[], width=0.8)
        self._kept = pg.BarGraphItem(x=[], height=[], width=0.8)
        super().__init__("", parent)
        self.setAccessibleName(self.tr("Channel scores"))
        self._score_title = self.tr("Score")
        self.box.addItem(self._removed, ignoreBounds=True)
        self.box.addItem(self._kept, ignoreBounds=True)
        self.set_titles(self.tr("Channels, lowest score first"), self._score_title)
        self.bottom_axis.whole = True

    # Values

    def set_scores(self, scores: Floats | None, ratio: float, *, title: str = "") -> None:
        """Show scores `[channels]` and the share that is removed now.

        Args:
            scores: Higher = keep; None: there are none.
            ratio: 0…1.
            title: What the scores are, for the axis.
        """
        self._scores = np.empty(0) if scores is None else np.asarray(scores, np.float64)
        self._score_title = title or self.tr("Score")
        if not len(self._scores):
            self.set_empty(self.tr("There are no scores for these channels."))
            return
        self.set_empty("")
        self._order = np.argsort(self._scores, kind="stable")
        self.set_line(round(ratio * len(self._scores)), 0, max(len(self._scores) - 1, 0))
        self._draw()

    def set_ratio(self, ratio: float) -> None:
        """The share that is removed now; waits while the user holds the line."""
        if len(self._scores) and not self.moving:
            self.set_line(round(ratio * len(self._scores)), 0, len(self._scores) - 1)
            self._draw_bars()

    def set_log(self, log: bool) -> None:  # a slot of a switch
        """Let scores stand on a logarithmic axis."""
        self._log = log
        if len(self._scores):
            self._draw()

    def table(self) -> Table:
        """Channel, score, kept."""
        if not len(self._scores):
            return Table()
        kept = np.arange(len(self._scores)) >= self.at
        titles = (self.tr("Channel"), self._score_title, self.tr("Kept"))
        return Table(titles, (self._order, self._scores[self._order], kept.astype(int)))

    # Drawing

    def _heights(self) -> Floats:
        scores = self._scores[self._order]
        if not self._log:
            return scores
        return logarithms(scores, self._floor())

    def _floor(self) -> float:
        positive = self._scores[self._scores > 0]
        return float(positive.min()) / 2 if len(positive) else 1e-12

    def _draw(self) -> None:
        heights = self._heights()
        self.left_axis.decades = self._log
        self.set_titles(self.tr("Channels, lowest score first"), self._score_title)
        bottom = float(np.log10(self._floor())) if self._log else min(0.0, float(heights.min()))
        top = max(float(heights.max()), bottom + 1e-12)
        height = top - bottom
        below = bottom - height * 0.02
        self.set_home(Extent(0.5, len(heights) + 0.5, below, top + height * 0.18))
        self._draw_bars()

    def _draw_bars(self) -> None:
        chosen = self.colors
        heights = self._heights()
        base = float(np.log10(self._floor())) if self._log else 0.0
        at = np.arange(1, len(heights) + 1)
        width = 0.8 if len(heights) <= 200 else 1.0
        for item, part in (
            (self._removed, slice(None, self.at)),
            (self._kept, slice(self.at, None)),
        ):
            item.setOpts(x=at[part], y0=base, height=heights[part] - base, width=width)
        self._kept.setOpts(brush=color(chosen.measured), pen=None)
        outline = pen(chosen.dimmed, 1) if len(heights) <= 200 else None
        self._removed.setOpts(brush=color(chosen.dimmed, 0.45), pen=outline)
        self.set_keys(
            [
                Key(self.tr("Removed"), chosen.dimmed, Mark.BLOCK),
                Key(self.tr("Kept"), chosen.measured, Mark.BLOCK),
            ]
        )
        self.rest(self.line_text(self.at))

    # The line

    def line_place(self, at: int) -> float:
        """Between the last that is removed and the first that stays."""
        return at + 0.5

    def line_number(self, place: float) -> int:
        """How many stand left of a place."""
        return round(place - 0.5)

    def line_text(self, at: int) -> str:
        """The share and the number of channels."""
        count = len(self._scores)
        text = self.tr("{ratio} removed ({removed} of {count})")
        ratio = format_percent(at / count if count else 0.0, 1)
        return text.format(ratio=ratio, removed=at, count=count)

    def line_label(self, at: int) -> str:
        """The share, in short."""
        ratio = format_percent(at / max(len(self._scores), 1), 1)
        return self.tr("{ratio} removed").format(ratio=ratio)

    def moved(self, at: int, *, final: bool) -> None:
        """Tell the ratio."""
        self._draw_bars()
        self.ratio_changed.emit(at / len(self._scores), final)

    # Pointer

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """Which channel, its score, what becomes of it."""
        del y
        place = round(x) - 1
        if not 0 <= place < len(self._scores):
            return "", None
        channel = int(self._order[place])
        values = {
            "channel": channel,
            "score": number_text(float(self._scores[channel])),
            "place": place + 1,
            "count": len(self._scores),
        }
        if place < self.at:
            text = self.tr("Channel {channel}: score {score}, {place} of {count}, removed")
        else:
            text = self.tr("Channel {channel}: score {score}, {place} of {count}, kept")
        return text.format(**values), float(place + 1)

    # Qt

    def extra_actions(self) -> list[QAction]:
        """Logarithmic scores."""
        action = QAction(self.tr("Logarithmic scores"))
        action.setCheckable(True)
        action.setChecked(self._log)
        action.toggled.connect(self.set_log)
        return [*super().extra_actions(), action]

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        super().apply_theme()
        if len(self._scores):
            self._draw_bars()
