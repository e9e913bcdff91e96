"""A gauge of the budget bar: a title, values with arrows between them, and a small bar."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.units import UNKNOWN
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.style.theme import scaled_font
from studio.views.layer_paint import tabular
from studio.widgets.sparklines import Inks, Source, paint_bar

ARROW = " → "


@dataclass(frozen=True, slots=True)
class Reading:
    """What one gauge shows; texts are ready, fractions are of the bar.

    Attributes:
        title: What it is.
        note: Where an accuracy comes from; empty elsewhere.
        original: As the network came.
        predicted: With the recipe; empty: not known, or the same.
        measured: Of a run of just this recipe; empty: there is none.
        change: From the original to the best that is known: a factor, or points.
        original_share: Of the bar; None: not known.
        predicted_share: Likewise.
        measured_share: Likewise.
        tip: Where each number is from.
    """

    title: str = ""
    note: str = ""
    original: str = UNKNOWN
    predicted: str = ""
    measured: str = ""
    change: str = ""
    original_share: float | None = None
    predicted_share: float | None = None
    measured_share: float | None = None
    tip: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """What is known, in the order of the arrows."""
        return tuple(text for text in (self.original, self.predicted, self.measured) if text)


class Gauge(QWidget):
    """One reading: a title, the values with arrows between, and a small bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = Reading()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._restyle()

    @property
    def reading(self) -> Reading:
        """What it shows."""
        return self._reading

    def show_reading(self, reading: Reading) -> None:
        """Show values."""
        if reading == self._reading:
            return
        resized = [len(text) for text in _texts(reading)] != [
            len(text) for text in _texts(self._reading)
        ]
        self._reading = reading
        self.setToolTip(reading.tip)
        self.setAccessibleName(f"{reading.title}: {ARROW.join(reading.values)}")
        self.setAccessibleDescription(reading.tip)
        if resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all words."""
        reading = self._reading
        gap = self._sizes.gap
        title = self._small_words.horizontalAdvance(reading.title)
        note = self._small_words.horizontalAdvance(reading.note)
        change = self._small_words.horizontalAdvance(reading.change)
        top = title + (gap + note if note else 0) + (2 * gap + change if change else 0)
        values = self._words.horizontalAdvance(ARROW.join(reading.values))
        least = self._words.horizontalAdvance("0") * 13
        return QSize(round(max(top, values, least)) + 1, self._height)

    def minimumSizeHint(self) -> QSize:
        """All of it: what does not fit is folded away by the bar."""
        return self.sizeHint()

    def _restyle(self) -> None:
        self._sizes = metrics(self)
        self._small = scaled_font(self.font(), 0.86)
        self._strong = tabular(scaled_font(self.font(), 1.0, bold=True))
        self._plain = tabular(self.font())
        self._small_words = QFontMetricsF(self._small)
        self._words = QFontMetricsF(self._strong)
        self._bar = max(4, round(self._sizes.line * 0.36))
        lines = self._small_words.height() + self._words.height()
        self._height = round(lines) + self._bar + 2 * self._sizes.hair

    def changeEvent(self, event: QEvent) -> None:
        """Other colors or another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()
            self.updateGeometry()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        del event
        chosen, reading = colors_of(self), self._reading
        painter = QPainter(self)
        top = QRectF(0, 0, self.width(), self._small_words.height())
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.setFont(self._small)
        painter.setPen(color(chosen.secondary))
        painter.drawText(top, left, reading.title)
        if reading.note:
            past = self._small_words.horizontalAdvance(reading.title) + self._sizes.gap
            painter.drawText(top.adjusted(past, 0, 0, 0), left, reading.note)
        painter.setPen(color(chosen.text))
        painter.drawText(top, right, reading.change)
        self._paint_values(painter, top.bottom())
        if self.hasFocus():
            painter.setPen(QPen(color(chosen.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        place = QRectF(0, self.height() - self._bar - 1, self.width(), self._bar)
        self._paint_bar(painter, place)
        painter.end()

    def _paint_values(self, painter: QPainter, top: float) -> None:
        """Values one after the other: what came gray, what is predicted plain, measured bold."""
        chosen, reading = colors_of(self), self._reading
        parts = [
            (reading.original, self._plain, chosen.secondary),
            (reading.predicted, self._plain, chosen.predicted),
            (reading.measured, self._strong, chosen.measured),
        ]
        known = [part for part in parts if part[0]]
        if len(known) == 1:
            known = [(reading.original, self._plain, chosen.text)]
        x = 0.0
        height = self._words.height()
        for at, (text, font, ink) in enumerate(known):
            painter.setFont(font)
            words = QFontMetricsF(font)
            if at:
                painter.setPen(color(chosen.secondary))
                painter.drawText(QRectF(x, top, self.width(), height), ARROW)
                x += words.horizontalAdvance(ARROW)
            painter.setPen(color(ink))
            painter.drawText(QRectF(x, top, self.width(), height), text)
            x += words.horizontalAdvance(text)

    def _paint_bar(self, painter: QPainter, place: QRectF) -> None:
        chosen, reading = colors_of(self), self._reading
        painter.fillRect(place, color(chosen.pressed))
        inks = Inks(color(chosen.predicted), color(chosen.original, 0.6))
        if reading.original_share is not None:
            paint_bar(painter, place, reading.original_share, inks, source=Source.ORIGINAL)
        if reading.measured_share is not None:
            solid = Inks(color(chosen.measured), color(chosen.original))
            paint_bar(painter, place, reading.measured_share, solid)
        elif reading.predicted_share is not None:
            paint_bar(painter, place, reading.predicted_share, inks, source=Source.PREDICTED)


def _texts(reading: Reading) -> tuple[str, ...]:
    return (reading.title, reading.note, reading.change, *reading.values)
