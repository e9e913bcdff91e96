"""A graph drawn by ourselves, where there is no browser view or netron cannot show the file.

Nodes in rows from top to bottom. Selected and colored like netron's view, and driven by the
keyboard: arrows go along the edges, plus, minus, 0 and 9 zoom, Escape lets go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from engine.details import GraphDetail, GraphPoint
from studio.style.metrics import metrics
from studio.style.palette import Colors, colors_of
from studio.widgets.graph.layout import Layout, lay_out

_ZOOM = 1.2
_SMALLEST, _LARGEST = 0.03, 3.0
_WIDEST_CHARS = 26


class NativeView(QGraphicsView):
    """The graph of a network from plain nodes and edges."""

    picked = Signal(tuple)
    """Names of the layers that the user chose; empty: none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail = GraphDetail()
        self._items: list[_NodeItem] = []
        self._selected: tuple[str, ...] = ()
        self._near: frozenset[str] = frozenset()
        self._tints: Mapping[str, str] = {}
        self._edges: QGraphicsPathItem | None = None
        self._fresh = True
        self.setScene(QGraphicsScene(self))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFrameShape(QGraphicsView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Graph of the network"))
        self._paint_ground()

    def show_graph(self, detail: GraphDetail) -> None:
        """Draw another graph."""
        self._detail = detail
        self._build()

    def select(self, names: Iterable[str], near: Iterable[str] = ()) -> None:
        """Mark layers and bring the first into view; tells nobody.

        `near`: layers that hang together with them, marked less.
        """
        chosen = tuple(names)
        scroll = chosen != self._selected
        self._selected, self._near = chosen, frozenset(near)
        self._mark(scroll=scroll)

    def set_colors(self, chosen: Mapping[str, str]) -> None:
        """Color layers, `#rrggbb`; nothing: one color for all layers."""
        self._tints = dict(chosen)
        for item in self._items:
            item.set_tint(self._tint(item.point))

    def zoom(self, step: str) -> None:
        """`in`, `out`, `reset` or `fit`."""
        if step == "fit":
            self.fitInView(self.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
            if self.transform().m11() > 1:
                self.resetTransform()
            return
        if step == "reset":
            self.resetTransform()
            return
        factor = _ZOOM if step == "in" else 1 / _ZOOM
        if _SMALLEST < self.transform().m11() * factor < _LARGEST:
            self.scale(factor, factor)

    def where(self, layer: str) -> QPointF | None:
        """The middle of a layer's node, in the viewport; None without one."""
        for item in self._items:
            if item.point.layer == layer:
                return QPointF(self.mapFromScene(item.pos()))
        return None

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom("in" if event.angleDelta().y() > 0 else "out")
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the edges, zoom, let go."""
        key = event.key()
        if key in _STEPS:
            self.zoom(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self._choose((), more=False)
        elif key in _WAYS and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self._walk(Qt.Key(key))
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow palette and font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_ground()
            self._recolor()
        elif event.type() == QEvent.Type.FontChange:
            self._build()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin where the network begins."""
        super().showEvent(event)
        if self._fresh and self._items:
            self._fresh = False
            self._to_start()

    def _build(self) -> None:
        scene = self.scene()
        scene.clear()
        self._items = []
        self._edges = None
        detail = self._detail
        if not detail.nodes:
            scene.setSceneRect(QRectF())
            return
        chosen = colors_of(self)
        room = metrics(self)
        font = self.font()
        measured = QFontMetricsF(font)
        height = room.line * 1.7
        for number, point in enumerate(detail.nodes):
            label = _label(point, measured, room.chars(_WIDEST_CHARS))
            width = measured.horizontalAdvance(label) + 2 * room.gap
            item = _NodeItem(number, point, label, QRectF(-width / 2, -height / 2, width, height))
            item.setToolTip(_tooltip(point))
            self._items.append(item)
        layout = lay_out([item.area.width() for item in self._items], detail.edges, 2.0 * room.gap)
        pitch = height + room.line * 1.8
        for item, row, center in zip(self._items, layout.rows, layout.centers, strict=True):
            item.setPos(center, row * pitch)
            item.dress(chosen, self._tint(item.point))
            scene.addItem(item)
            item.clicked = self._clicked
        self._edges = scene.addPath(_edge_path(self._items, detail.edges, layout, pitch))
        self._edges.setZValue(-1)
        self._edges.setPen(_edge_pen(chosen))
        margin = 2.0 * room.line
        scene.setSceneRect(scene.itemsBoundingRect().adjusted(-margin, -margin, margin, margin))
        self._mark(scroll=bool(self._selected))
        self._fresh = not self.isVisible()
        if not self._fresh and not self._selected:
            self._to_start()

    def _to_start(self) -> None:
        chosen = [item for item in self._items if item.point.layer in self._selected]
        self.centerOn(chosen[0] if chosen else self._items[0])

    def _recolor(self) -> None:
        chosen = colors_of(self)
        for item in self._items:
            item.dress(chosen, self._tint(item.point))
        if self._edges is not None:
            self._edges.setPen(_edge_pen(chosen))

    def _paint_ground(self) -> None:
        self.setBackgroundBrush(QColor(colors_of(self).base))

    def _tint(self, point: GraphPoint) -> str:
        """The color of a node; empty: the plain one."""
        if not self._tints:
            return colors_of(self).accent if point.layer else ""
        return self._tints.get(point.layer, "") if point.layer else ""

    def _mark(self, *, scroll: bool) -> None:
        names = set(self._selected)
        first = None
        for item in self._items:
            marked = bool(item.point.layer) and item.point.layer in names
            item.set_marked(marked, near=item.point.layer in self._near)
            if marked and first is None:
                first = item
        if first is not None and scroll:
            self.ensureVisible(first, 60, 60)

    def _clicked(self, item: _NodeItem, *, more: bool) -> None:
        if item.point.layer:
            self._choose((item.point.layer,), more=more)

    def _choose(self, names: tuple[str, ...], *, more: bool) -> None:
        if more:
            kept = tuple(name for name in self._selected if name not in names)
            names = kept + tuple(name for name in names if name not in self._selected)
        if names != self._selected:
            self._selected = names
            self._mark(scroll=False)
            self.picked.emit(names)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the nodes lets go of the choice."""
        super().mousePressEvent(event)
        beside = self.itemAt(event.position().toPoint()) is None
        if event.button() == Qt.MouseButton.LeftButton and beside:
            self._choose((), more=False)

    def _walk(self, key: Qt.Key) -> None:
        """Go to the next layer along the edges (up, down), or to the next in the row."""
        layers = [item for item in self._items if item.point.layer]
        if not layers:
            return
        names = set(self._selected)
        here = next((item for item in layers if item.point.layer in names), None)
        target = layers[0] if here is None else self._next(here, key, layers)
        if target is not None:
            self._choose((target.point.layer,), more=False)
            self.ensureVisible(target, 60, 60)

    def _next(self, here: _NodeItem, key: Qt.Key, layers: list[_NodeItem]) -> _NodeItem | None:
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            sign = 1 if key == Qt.Key.Key_Right else -1
            beside = [
                item for item in layers if item.y() == here.y() and (item.x() - here.x()) * sign > 0
            ]
            return min(beside, key=lambda item: abs(item.x() - here.x()), default=None)
        down = key == Qt.Key.Key_Down
        following: dict[int, list[int]] = {}
        for start, end in self._detail.edges:
            following.setdefault(start if down else end, []).append(end if down else start)
        waiting = list(following.get(here.number, ()))
        seen = set(waiting)
        while waiting:
            number = waiting.pop(0)
            if self._items[number].point.layer:
                return self._items[number]
            fresh = [one for one in following.get(number, ()) if one not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return None


_CLEAR = QColor()


class _NodeItem(QGraphicsItem):
    """A node: a rounded box with a word."""

    def __init__(self, number: int, point: GraphPoint, label: str, area: QRectF) -> None:
        super().__init__()
        self.number = number
        self.point = point
        self.area = area
        self.clicked: Any = None
        self._label = label
        self._marked = False
        self._near = False
        self._fill = self._ink = self._rim = self._accent = self._plain = self._plain_ink = _CLEAR

    def dress(self, chosen: Colors, tint: str) -> None:
        """Take the colors in force."""
        self._rim = QColor(chosen.strong_border)
        self._accent = QColor(chosen.accent)
        self._plain, self._plain_ink = QColor(chosen.hover), QColor(chosen.secondary)
        self.set_tint(tint)

    def set_tint(self, tint: str) -> None:
        """Take a color; empty: the plain one."""
        self._fill = QColor(tint) if tint else self._plain
        self._ink = _ink_on(self._fill) if tint else self._plain_ink
        self.update()

    @property
    def marked(self) -> bool:
        """Whether it is chosen."""
        return self._marked

    @property
    def fill(self) -> QColor:
        """The color of its ground."""
        return self._fill

    def set_marked(self, marked: bool, *, near: bool = False) -> None:
        """Draw it as chosen, as near to what is chosen, or as neither."""
        if (marked, near) != (self._marked, self._near):
            self._marked, self._near = marked, near
            self.setZValue(1 if marked else 0)
            self.update()

    def boundingRect(self) -> QRectF:
        """What it covers, its rim included."""
        return self.area.adjusted(-5, -5, 5, 5)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw it."""
        radius = self.area.height() * 0.2
        if self._marked or self._near:
            dashes = Qt.PenStyle.SolidLine if self._marked else Qt.PenStyle.DashLine
            painter.setPen(QPen(self._accent, 2.5 if self._marked else 1.5, dashes))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                self.area.adjusted(-3.5, -3.5, 3.5, 3.5), radius + 3, radius + 3
            )
        painter.setPen(QPen(self._rim, 1))
        painter.setBrush(self._fill)
        painter.drawRoundedRect(self.area, radius, radius)
        if option.levelOfDetailFromTransform(painter.worldTransform()) > 0.3:
            painter.setPen(self._ink)
            painter.drawText(self.area, Qt.AlignmentFlag.AlignCenter, self._label)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Choose it."""
        if event.button() == Qt.MouseButton.LeftButton and self.clicked is not None:
            keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            self.clicked(self, more=bool(event.modifiers() & keys))
            event.accept()
        else:
            super().mousePressEvent(event)


_STEPS = {
    Qt.Key.Key_Plus: "in",
    Qt.Key.Key_Equal: "in",
    Qt.Key.Key_Minus: "out",
    Qt.Key.Key_0: "reset",
    Qt.Key.Key_9: "fit",
}
_WAYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right})


def _label(point: GraphPoint, measured: QFontMetricsF, room: float) -> str:
    """A layer's name, an operator's otherwise; the end of a long name says more."""
    text = point.layer or point.label
    return measured.elidedText(text, Qt.TextElideMode.ElideLeft, room)


def _tooltip(point: GraphPoint) -> str:
    shape = "×".join(str(size) for size in point.shape)
    parts = (point.layer, point.label, shape)
    return "\n".join(part for part in parts if part)


def _ink_on(ground: QColor) -> QColor:
    """Black or white, whichever is easier to read."""
    red, green, blue = (part**2.2 for part in (ground.redF(), ground.greenF(), ground.blueF()))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return QColor(Qt.GlobalColor.black if light > 0.22 else Qt.GlobalColor.white)


def _edge_pen(chosen: Colors) -> QPen:
    pen = QPen(QColor(chosen.original), 1.2)
    pen.setCosmetic(True)
    return pen


def _edge_path(
    items: list[_NodeItem], edges: Iterable[tuple[int, int]], layout: Layout, pitch: float
) -> QPainterPath:
    """All edges as one path: one item for the scene, however many there are."""
    path = QPainterPath()
    for (start, end), way in zip(edges, layout.ways, strict=True):
        upper, lower = items[start], items[end]
        at = QPointF(upper.x(), upper.y() + upper.area.height() / 2)
        goal = QPointF(lower.x(), lower.y() - lower.area.height() / 2)
        path.moveTo(at)
        for row, center in way:
            at = _curve(path, at, QPointF(center, row * pitch))
        _curve(path, at, goal)
        tip = items[0].area.height() * 0.16
        path.moveTo(goal + QPointF(-tip * 0.7, -tip))
        path.lineTo(goal)
        path.lineTo(goal + QPointF(tip * 0.7, -tip))
    return path


def _curve(path: QPainterPath, start: QPointF, end: QPointF) -> QPointF:
    """On to a point, leaving and arriving vertically."""
    if abs(start.x() - end.x()) < 0.5:
        path.lineTo(end)
    else:
        half = (start.y() + end.y()) / 2
        path.cubicTo(QPointF(start.x(), half), QPointF(end.x(), half), end)
    return end
