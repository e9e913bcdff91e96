"""How rows of the layer table are painted: a whole row at a time, straight from its values.

A screen has some 400 cells. Going through Qt's delegate would ask the model for flags and roles of
each of them, and lay its words out anew; here words are laid out once and kept (most stand in many
rows), and the small pictures are drawn once and kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap, QStaticText
from PySide6.QtWidgets import QWidget

from studio.document.cells import Cell
from studio.document.selectors import LayerRow
from studio.forms import numbers
from studio.style.icons import icon
from studio.style.metrics import metrics
from studio.style.palette import Colors, color, colors_of
from studio.views.layer_columns import (
    FACETS,
    NUMBERS,
    Column,
    facet_text,
    field_of,
    is_ratio,
    members,
    text_of,
)
from studio.views.layer_model import Block, LayerModel, Node
from studio.views.layer_tips import warnings
from studio.widgets.sparklines import (
    CurveStyle,
    Inks,
    Source,
    paint_bar,
    paint_curve,
    paint_histogram,
)

_KEPT = 6000
"""Words and pictures that are kept; more, and all are made anew."""
_WEIGHT_BITS = FACETS[Column.WEIGHT_BITS]
_PRUNE = FACETS[Column.PRUNE]


@dataclass(frozen=True, slots=True)
class Brushes:
    """Colors of the window in force, made ready."""

    text: QColor
    secondary: QColor
    disabled: QColor
    selection: QColor
    lit: QColor
    hovered: QColor
    accent: QColor
    groove: QColor
    base: QColor
    block: QColor
    border: QColor
    bar: Inks
    weights: Inks
    curve: Inks
    dimmed: QColor

    @classmethod
    def of(cls, chosen: Colors) -> Brushes:
        """From the palette."""
        return cls(
            text=color(chosen.text),
            secondary=color(chosen.secondary),
            disabled=color(chosen.disabled),
            selection=color(chosen.selection),
            lit=color(chosen.accent, 0.09),
            hovered=color(chosen.accent, 0.2),
            accent=color(chosen.accent),
            groove=color(chosen.pressed),
            base=color(chosen.base),
            block=color(chosen.hover),
            border=color(chosen.border),
            bar=Inks(color(chosen.predicted), color(chosen.original, 0.45)),
            weights=Inks(color(chosen.original), color(chosen.border)),
            curve=Inks(color(chosen.predicted), color(chosen.border)),
            dimmed=color(chosen.dimmed),
        )


@dataclass(slots=True)
class Shown:
    """What of a row does not lie in the row itself.

    Attributes:
        selected: Names of the selected layers.
        lit: Names of those that share a channel group with them.
        hovered: Members of the group under the pointer.
        focus: The row and column that keys go to.
    """

    selected: frozenset[str] = frozenset()
    lit: frozenset[str] = frozenset()
    hovered: frozenset[str] = frozenset()
    focus: tuple[Node | None, int] = (None, -1)


@dataclass(slots=True)
class _Kept:
    """What was laid out or drawn before."""

    words: dict[tuple[str, bool, int], tuple[QStaticText, float]] = field(default_factory=dict)
    pictures: dict[tuple[object, ...], QPixmap] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything: other colors, another font."""
        self.words.clear()
        self.pictures.clear()


class RowPainter:
    """Paints rows of one tree, in its font and colors."""

    def __init__(self, widget: QWidget, model: LayerModel) -> None:
        self._widget = widget
        self._model = model
        self._kept = _Kept()
        self.shown = Shown()
        self.restyle()

    def restyle(self) -> None:
        """Take colors and fonts of the window as it is now."""
        self.brushes = Brushes.of(colors_of(self._widget))
        self.sizes = metrics(self._widget)
        self.font = tabular(self._widget.font())
        self.bold = QFont(self.font)
        self.bold.setWeight(QFont.Weight.DemiBold)
        self._metrics = {False: QFontMetrics(self.font), True: QFontMetrics(self.bold)}
        self._kept.clear()

    @property
    def height(self) -> int:
        """Of every row."""
        return self.sizes.row

    def track(self, cell: QRect) -> QRectF:
        """Where the slider of a ratio lies in its cell."""
        left = cell.left() + self.sizes.gap + self.sizes.small
        right = cell.right() - self.sizes.chars(8)
        return QRectF(left, cell.top(), max(right - left, 8), cell.height())

    # Rows ------------------------------------------------------------------------------------

    def ground(self, painter: QPainter, rect: QRect, node: Node) -> None:
        """What a row stands on."""
        painter.fillRect(rect, self.brushes.base)
        if isinstance(node, Block):
            painter.fillRect(rect, self.brushes.block)
            if all(row.layer.name in self.shown.selected for row in node.rows):
                painter.fillRect(rect, self.brushes.selection)
            return
        name = node.layer.name
        if name in self.shown.selected:
            painter.fillRect(rect, self.brushes.selection)
        elif name in self.shown.lit:
            painter.fillRect(rect, self.brushes.lit)
        if name in self.shown.hovered:
            painter.fillRect(rect, self.brushes.hovered)

    def cell(self, painter: QPainter, rect: QRect, node: Node, column: Column) -> None:
        """One cell, on a ground that is there already."""
        if isinstance(node, Block):
            side = column in NUMBERS
            self._write(painter, rect, node.text(column), self.brushes.text, right=side, bold=True)
        else:
            _CELLS[column](self, painter, rect, node, column)
        if self.shown.focus[1] == column and self.shown.focus[0] is node:
            painter.setPen(QPen(self.brushes.accent, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)

    # Words -----------------------------------------------------------------------------------

    def _write(  # noqa: PLR0913 - all that words differ in
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        ink: QColor,
        *,
        right: bool = False,
        bold: bool = False,
        middle: bool = False,
        taken: int = 0,
    ) -> None:
        """Words in a cell, `taken` pixels from its inner edge; too long ones are cut."""
        if not text:
            return
        gap = self.sizes.gap
        room = rect.width() - 2 * gap - taken
        words, width = self._laid_out(text, bold, room, middle)
        x = rect.right() + 1 - gap - width if right else rect.left() + gap
        painter.setPen(ink)
        painter.setFont(self.bold if bold else self.font)
        y = rect.top() + (rect.height() - self._metrics[bold].height()) / 2
        painter.drawStaticText(QPointF(x, y), words)

    def _laid_out(
        self, text: str, bold: bool, room: int, middle: bool
    ) -> tuple[QStaticText, float]:
        kept = self._kept.words
        found = kept.get((text, bold, 0))
        if found is None:
            found = kept[text, bold, 0] = self._lay_out(text, bold)
        if found[1] <= room:
            return found
        cut = kept.get((text, bold, room))
        if cut is None:
            where = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            shorter = self._metrics[bold].elidedText(text, where, max(room, 0))
            cut = kept[text, bold, room] = self._lay_out(shorter, bold)
        return cut

    def _lay_out(self, text: str, bold: bool) -> tuple[QStaticText, float]:
        if len(self._kept.words) >= _KEPT:
            self._kept.words.clear()
        words = QStaticText(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.prepare(font=self.bold if bold else self.font)
        return words, words.size().width()

    def _plain(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        self._write(painter, rect, text_of(row, column), self.brushes.text, right=column in NUMBERS)

    def _kind(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        self._write(painter, rect, text_of(row, column), self.brushes.secondary)

    def _name(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        del column
        name = row.layer.name
        if self._model.grouped and row.block:
            name = name.removeprefix(f"{row.block}.")
        side = self.sizes.icon
        marks = ["lock"] if row.locked else []
        if row.reason or warnings(row):
            marks.append("warning")
        right = rect.right() - self.sizes.gap
        for mark in marks:
            place = QRect(right - side + 1, rect.center().y() - side // 2, side, side)
            painter.drawPixmap(place.topLeft(), self._icon(mark, painter))
            right -= side + self.sizes.small
        taken = rect.right() - self.sizes.gap - right
        self._write(painter, rect, name, self.brushes.text, middle=True, taken=taken)

    def _group(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        if members(row) < 2:
            return
        side = self.sizes.icon
        left = rect.left() + self.sizes.gap
        painter.drawPixmap(left, rect.center().y() - side // 2, self._icon("group", painter))
        words = rect.adjusted(side + self.sizes.small, 0, 0, 0)
        self._write(painter, words, text_of(row, column), self.brushes.secondary)

    def _icon(self, name: str, painter: QPainter) -> QPixmap:
        scale = painter.device().devicePixelRatioF()
        tone = "warning" if name == "warning" else "secondary"
        side = self.sizes.icon
        key = ("icon", name, scale)
        found = self._kept.pictures.get(key)
        if found is None:
            found = icon(name, tone).pixmap(QSize(side, side), scale)
            self._kept.pictures[key] = found
        return found

    # Bars and pictures -----------------------------------------------------------------------

    def _bar(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        """The number at the right, its bar in the room that is left of it."""
        self._plain(painter, rect, row, column)
        room = self.sizes.chars(6.5 if column is Column.LATENCY else 8.5)
        width = rect.width() - 2 * self.sizes.gap - room
        if width < 6:
            return
        before: float | None
        after: float | None
        most: float
        if column is Column.SIZE:
            before, after, most = row.layer.size_bytes, row.size_bytes, self._model.most_bytes
        elif column is Column.MACS:
            before, after, most = row.layer.macs, row.macs, self._model.most_macs
        else:
            before, after, most = row.latency_share, row.latency_share, self._model.most_share
        if not before:
            return
        height = max(4, round(self.sizes.line * 0.42))
        top = rect.top() + (rect.height() - height) / 2
        bar = QRectF(rect.left() + self.sizes.gap, top, width, height)
        inks = self.brushes.bar
        if after is None or after == before:
            share = max(before / most * width, 1.0)
            painter.fillRect(QRectF(bar.left(), top, share, height), inks.faint)
        else:
            source = Source.PREDICTED
            paint_bar(painter, bar, after / most, inks, source=source, original=before / most)

    def _weights(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        del column
        histogram = row.layer.histogram
        if histogram is None:
            return

        def draw(brush: QPainter, whole: QRectF) -> None:
            paint_histogram(brush, whole, histogram.counts, self.brushes.weights)

        self._picture(painter, rect, ("weights", row.layer.name, id(histogram)), draw)

    def _curve(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        del column
        if not row.curve:
            return
        bits = row.cells[_WEIGHT_BITS].value
        at = None if bits is None else float(bits)
        losses = self._model.losses

        def draw(brush: QPainter, whole: QRectF) -> None:
            settings, values = zip(*row.curve, strict=True)
            style = CurveStyle(row.curve_measured or False, y_range=losses, log=True, at=at)
            paint_curve(brush, whole, settings, values, self.brushes.curve, style)

        self._picture(painter, rect, ("curve", row.curve, row.curve_measured, at, losses), draw)

    def _picture(
        self,
        painter: QPainter,
        rect: QRect,
        what: tuple[object, ...],
        draw: Callable[[QPainter, QRectF], None],
    ) -> None:
        """Paint a small picture once, and keep it."""
        gap = self.sizes.gap
        width, height = rect.width() - 2 * gap, rect.height() - 6
        if width < 4 or height < 4:
            return
        scale = painter.device().devicePixelRatioF()
        key = (*what, width, height, scale)
        kept = self._kept.pictures.get(key)
        if kept is None:
            kept = QPixmap(QSize(width, height) * scale)
            kept.setDevicePixelRatio(scale)
            kept.fill(Qt.GlobalColor.transparent)
            brush = QPainter(kept)
            draw(brush, QRectF(0, 0, width, height))
            brush.end()
            if len(self._kept.pictures) >= _KEPT:
                self._kept.pictures.clear()
            self._kept.pictures[key] = kept
        painter.drawPixmap(rect.left() + gap, rect.top() + 3, kept)

    # Settings --------------------------------------------------------------------------------

    def _facet(self, painter: QPainter, rect: QRect, row: LayerRow, column: Column) -> None:
        cell = row.cells[FACETS[column]]
        dimmed = not cell.editable or row.locked
        ink = self.brushes.text
        if dimmed or (cell.skipped and cell.value is None):
            ink = self.brushes.disabled
        elif cell.value is None:
            ink = self.brushes.secondary
        self._write(painter, rect, facet_text(cell), ink, right=True, bold=cell.own)
        what = field_of(cell.facet, cell.method)
        if what is None or not cell.editable or not is_ratio(what):
            return
        low, high = numbers.span(what)
        value = cell.value
        if value is None:  # nothing pruned, nothing factored
            value = low if cell.facet is _PRUNE else high
        share = min(max((float(value) - low) / ((high - low) or 1), 0.0), 1.0)
        self._slider(painter, self.track(rect), share, cell, dimmed=dimmed)

    def _slider(
        self, painter: QPainter, track: QRectF, share: float, cell: Cell, *, dimmed: bool
    ) -> None:
        left, middle = track.left(), track.center().y()
        at = left + share * track.width()
        mark = self.brushes.accent if cell.value is not None and not dimmed else self.brushes.dimmed
        painter.fillRect(QRectF(left, middle - 1.5, track.width(), 3), self.brushes.groove)
        if cell.value is not None:
            painter.fillRect(QRectF(left, middle - 1.5, at - left, 3), mark)
        radius = self.sizes.line * 0.27
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(mark, 1.5))
        painter.setBrush(mark if cell.own and cell.value is not None else self.brushes.base)
        painter.drawEllipse(QRectF(at - radius, middle - radius, 2 * radius, 2 * radius))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


_Paint = Callable[[RowPainter, QPainter, QRect, LayerRow, Column], None]
_CELLS: dict[Column, _Paint] = {
    Column.NAME: RowPainter._name,
    Column.KIND: RowPainter._kind,
    Column.SHAPE: RowPainter._plain,
    Column.PARAMETERS: RowPainter._plain,
    Column.SIZE: RowPainter._bar,
    Column.MACS: RowPainter._bar,
    Column.LATENCY: RowPainter._bar,
    Column.HISTOGRAM: RowPainter._weights,
    Column.SENSITIVITY: RowPainter._curve,
    Column.LOSS: RowPainter._plain,
    Column.GROUP: RowPainter._group,
    **dict.fromkeys(FACETS, RowPainter._facet),
}


def tabular(font: QFont) -> QFont:
    """A font whose digits have one width, so that numbers stand under each other."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
