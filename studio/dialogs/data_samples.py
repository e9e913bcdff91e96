"""Samples of a data set, as tiles: what is stored or what the network gets, label, prediction."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QHelpEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.details import Sample
from engine.units import format_percent
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of

_LINE_END = "\u2028"
"""Qt's own for a line within a paragraph."""
_SMALL = 48
"""Pictures with fewer pixels on a side are enlarged without smoothing, as one wants to see them."""


class SampleGrid(QWidget):
    """Tiles that flow into as many columns as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: tuple[Sample, ...] = ()
        self._images: list[QImage | None] = []
        self._prepared = False
        self._restyle()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Samples"))

    def _restyle(self) -> None:
        self._sizes = metrics(self)
        self._side = self._sizes.line * 6
        self._tile = QSize(
            self._side + self._sizes.gap, self._side + 2 * self._sizes.line + 2 * self._sizes.gap
        )

    def set_samples(self, samples: tuple[Sample, ...]) -> None:
        """Show these."""
        self._samples = samples
        self._draw()
        right, known = self.matches
        text = self.tr("{right} of {known} predictions are the label")
        self.setAccessibleDescription(text.format(right=right, known=known) if known else "")
        self.updateGeometry()
        self.update()

    def set_prepared(self, prepared: bool) -> None:
        """Show what the network gets instead of what is stored."""
        self._prepared = prepared
        self._draw()
        self.update()

    @property
    def matches(self) -> tuple[int, int]:
        """How many predictions are the label, and how many of both are known."""
        known = [s for s in self._samples if s.label is not None and s.predicted is not None]
        return sum(is_right(one) is True for one in known), len(known)

    def image(self, at: int) -> QImage | None:
        """The picture of a tile; None for what is none."""
        return self._images[at]

    def _draw(self) -> None:
        self._images = []
        for one in self._samples:
            picture = one.prepared if self._prepared else one.picture
            self._images.append(None if picture is None else as_image(picture))

    def _columns(self, width: int) -> int:
        return max(width // self._tile.width(), 1)

    def hasHeightForWidth(self) -> bool:
        """Tiles flow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As many rows as they need."""
        return -(-len(self._samples) // self._columns(width)) * self._tile.height()

    def sizeHint(self) -> QSize:
        """Four columns."""
        width = 4 * self._tile.width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """One column."""
        return QSize(self._tile.width(), self._tile.height())

    def _place(self, at: int) -> QRect:
        columns = self._columns(self.width())
        corner = QPoint(
            at % columns * self._tile.width(),
            at // columns * self._tile.height(),
        )
        return QRect(corner, self._tile)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        for at, sample in enumerate(self._samples):
            place = self._place(at)
            if place.intersects(event.rect()):
                self._paint_tile(painter, place, sample, self._images[at])
        painter.end()

    def _paint_tile(
        self, painter: QPainter, place: QRect, sample: Sample, image: QImage | None
    ) -> None:
        chosen = colors_of(self)
        frame = QRect(place.left(), place.top(), self._side, self._side)
        painter.fillRect(frame, color(chosen.hover))
        if image is not None:
            size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(QPoint(0, 0), size)
            target.moveCenter(frame.center())
            smooth = max(image.width(), image.height()) > _SMALL
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=smooth)
            painter.drawImage(target, image)
        else:
            painter.setPen(color(chosen.text))
            inner = frame.adjusted(*[self._sizes.small] * 2, *[-self._sizes.small] * 2)
            height = painter.fontMetrics().lineSpacing()
            for row, line in enumerate(lines_of(sample.text, self.font(), inner.width())):
                if (row + 1) * height > inner.height():
                    break
                place_of = QRect(inner.left(), inner.top() + row * height, inner.width(), height)
                painter.drawText(place_of, Qt.AlignmentFlag.AlignVCenter, line)
        words = QRect(frame.left(), frame.bottom() + 1, self._side, self._sizes.line)
        painter.setPen(color(chosen.text))
        self._write(painter, words, sample.label_name)
        if sample.predicted_name:
            right = is_right(sample)
            ink = {True: chosen.good, False: chosen.error, None: chosen.secondary}[right]
            mark = {True: "✓ ", False: "✗ ", None: ""}[right]
            painter.setPen(color(ink))
            self._write(
                painter, words.translated(0, words.height()), f"{mark}{sample.predicted_name}"
            )

    def _write(self, painter: QPainter, place: QRect, text: str) -> None:
        words = painter.fontMetrics()
        shown = words.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def event(self, event: QEvent) -> bool:
        """A tile's tooltip says everything."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for at, sample in enumerate(self._samples):
                if self._place(at).contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self.tip(sample), self)
                    return True
        return super().event(event)

    def tip(self, sample: Sample) -> str:
        """Everything about a sample."""
        lines = [self.tr("Sample {number}").format(number=f"{sample.index:,}")]
        if sample.label_name:
            lines.append(self.tr("Label: {name}").format(name=sample.label_name))
        if sample.predicted_name:
            text = self.tr("The network says: {name}")
            if sample.probability is not None:
                text = self.tr("The network says: {name} ({percent})")
            percent = format_percent(sample.probability, 1)
            lines.append(text.format(name=sample.predicted_name, percent=percent))
        return "\n".join(lines)

    def changeEvent(self, event: QEvent) -> None:
        """Other colors or another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._restyle()
            self.updateGeometry()
            self.update()


def lines_of(text: str, font: QFont, width: int) -> list[str]:
    """A text in lines of so many pixels: numbers and words stay whole where they fit in one."""
    layout = QTextLayout(text.replace("\n", _LINE_END), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    found: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        shown = layout.text()[line.textStart() : line.textStart() + line.textLength()]
        found.append(shown.strip(f" {_LINE_END}"))
    layout.endLayout()
    return found


def is_right(sample: Sample) -> bool | None:
    """Whether the prediction is the label; None where one of them is not known."""
    if sample.label is None or sample.predicted is None:
        return None
    return sample.label == sample.predicted


def as_image(picture: np.ndarray[Any, Any]) -> QImage:
    """A picture `[h, w, 3]` as Qt paints it."""
    pixels = np.ascontiguousarray(picture)
    height, width = pixels.shape[:2]
    made = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return made.copy()  # it would go with the array
