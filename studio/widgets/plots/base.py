"""The plot that the others are made of: one box with two axes, drawn by pyqtgraph.

Positions on a logarithmic axis are logarithms to the base of ten, here and in all subclasses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from studio.style.metrics import metrics
from studio.style.palette import color
from studio.widgets.plots.axes import Axis, Box
from studio.widgets.plots.frame import Picture
from studio.widgets.plots.legend import Key, Legend

Floats = NDArray[np.float64]

_ZOOM = 0.8
"""Part of the view that stays upon one press of the plus key."""
_DEEPEST = 1e-4
"""Smallest part of the whole that can be zoomed into."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a plot shows when nothing is zoomed."""

    left: float
    right: float
    bottom: float
    top: float


def pen(name: str, width: float = 1.5, *, dashed: bool = False, alpha: float = 1.0) -> QPen:
    """A pen whose width does not follow the zoom."""
    made = QPen(color(name, alpha), width)
    made.setCosmetic(True)
    if dashed:
        made.setDashPattern([4.0, 3.0])
    return made


def logarithms(values: Any, floor: float | None = None) -> Floats:
    """Logarithms to the base of ten; what is not above zero becomes NaN, or the floor's."""
    given = np.asarray(values, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log10(np.where(given > 0, given, np.nan))
    if floor is not None:
        found = np.where(np.isnan(given), np.nan, np.fmax(found, np.log10(floor)))
    return np.asarray(found, np.float64)


class Canvas(pg.GraphicsView):  # type: ignore[misc]  # pyqtgraph is untyped
    """Shows the scene; keys, menus and focus belong to the plot around it."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that nothing is under the pointer."""
        super().leaveEvent(event)
        self.left.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Leave the right button to the menu."""
        if event.button() == Qt.MouseButton.RightButton:
            event.ignore()
        else:
            super().mousePressEvent(event)


class Plot(Picture):
    """A box with a left and a bottom axis, a legend, a crosshair and a read-out.

    Subclasses draw into `box`, say what they show with `set_home` and `set_titles`, take colors in
    `apply_theme`, and say in `describe` what lies at a position.

    Args:
        name: What a screen reader calls it.
        parent: As in Qt.
        rubber: Dragging spans a rectangle instead of moving the view.
    """

    zoomed = Signal(object)
    """The `Extent` in view, after the user changed it."""

    def __init__(self, name: str, parent: QWidget | None = None, *, rubber: bool = False) -> None:
        self.view = Canvas()
        super().__init__(name, self.view, parent)
        self.setMinimumHeight(metrics(self).line * 8)
        self.panel = pg.GraphicsLayout()
        self.panel.setContentsMargins(2, 4, 6, 2)
        self.panel.setSpacing(0)
        self.box = Box(rubber=rubber)
        self.left_axis, self.bottom_axis = Axis("left"), Axis("bottom")
        self.legend = Legend()
        self.left_axis.linkToView(self.box)
        self.bottom_axis.linkToView(self.box)
        self.arrange()
        self.view.setCentralItem(self.panel)
        self.cross = pg.InfiniteLine(angle=90, movable=False)
        self.cross.setZValue(50)
        self.cross.hide()
        self.box.addItem(self.cross, ignoreBounds=True)
        self._home = Extent(0.0, 1.0, 0.0, 1.0)
        self._titles = ("", "")
        self.view.scene().sigMouseMoved.connect(self._hover)
        self.view.left.connect(self._leave)
        self.box.doubled.connect(self.reset_view)
        self.box.sigRangeChangedManually.connect(self._tell_zoom)
        self.apply_theme()

    # For subclasses

    def arrange(self) -> None:
        """Put the parts into the grid of `panel`."""
        self.panel.addItem(self.legend, 0, 1)
        self.panel.addItem(self.left_axis, 1, 0)
        self.panel.addItem(self.box, 1, 1)
        self.panel.addItem(self.bottom_axis, 2, 1)

    def describe(self, x: float, y: float) -> tuple[str, float | None]:
        """What lies at a position, in words, and where the crosshair stands (None: nowhere)."""
        del x, y
        return "", None

    def set_titles(self, bottom: str, left: str) -> None:
        """Titles of the axes, with their units."""
        self._titles = (bottom, left)
        self.bottom_axis.set_title(bottom, self.colors.secondary)
        self.left_axis.set_title(left, self.colors.secondary)

    def set_keys(self, keys: Sequence[Key]) -> None:
        """What the legend explains; nothing: there is none."""
        self.legend.set_keys(keys, self.colors.secondary, self.font())

    def set_home(self, home: Extent, *, keep_zoom: bool = False) -> None:
        """What is shown when nothing is zoomed; a zoom stays until it differs.

        Args:
            home: All there is to see.
            keep_zoom: A zoom stays even then, for curves that grow.
        """
        changed = home != self._home
        zoomed = keep_zoom and self.is_zoomed
        self._home = home
        if changed:
            self.box.setLimits(
                xMin=home.left,
                xMax=home.right,
                yMin=home.bottom,
                yMax=home.top,
                minXRange=(home.right - home.left) * _DEEPEST,
                minYRange=(home.top - home.bottom) * _DEEPEST,
            )
            if not zoomed:
                self._show(home)

    # View

    @property
    def is_zoomed(self) -> bool:
        """Whether a part of the whole is in view."""
        home, now = self._home, self.extent
        sides = (
            (now.left - home.left, home.right - home.left),
            (now.right - home.right, home.right - home.left),
            (now.bottom - home.bottom, home.top - home.bottom),
            (now.top - home.top, home.top - home.bottom),
        )
        return any(abs(off) > 1e-6 * abs(span) for off, span in sides)

    @property
    def extent(self) -> Extent:
        """What is in view."""
        (left, right), (bottom, top) = self.box.viewRange()
        return Extent(left, right, bottom, top)

    @property
    def home(self) -> Extent:
        """What is in view when nothing is zoomed."""
        return self._home

    def reset_view(self) -> None:
        """Show everything again."""
        self._show(self._home)
        self._tell_zoom()

    def zoom(self, factor: float) -> None:
        """Zoom around the middle; below 1 goes deeper."""
        self.box.scaleBy((factor, factor))
        self._tell_zoom()

    def _show(self, extent: Extent) -> None:
        self.box.setRange(
            QRectF(
                QPointF(extent.left, extent.bottom), QPointF(extent.right, extent.top)
            ).normalized(),
            padding=0,
            disableAutoRange=True,
        )

    def _tell_zoom(self, _axes: object = None) -> None:
        self.zoomed.emit(self.extent)

    # Pointer

    def _hover(self, position: QPointF) -> None:
        if not self.box.sceneBoundingRect().contains(position):
            self._leave()
            return
        at = self.box.mapSceneToView(position)
        text, x = self.describe(float(at.x()), float(at.y()))
        self.cross.setVisible(x is not None)
        if x is not None:
            self.cross.setValue(x)
        self.say(text)

    def _leave(self) -> None:
        self.cross.hide()
        self.say("")

    # Qt

    def apply_theme(self) -> None:
        """Take the window's colors and font."""
        if not hasattr(self, "cross"):
            return  # Qt tells of changes while the parts are still being made
        chosen = self.colors
        self.view.setBackground(color(chosen.base))
        for axis in self._axes():
            axis.setPen(pen(chosen.strong_border, 1))
            axis.setTextPen(pen(chosen.secondary, 1))
            axis.setStyle(tickFont=self.font())
        self.left_axis.setGrid(28)
        self.cross.setPen(pen(chosen.secondary, 1, dashed=True))
        self.box.rbScaleBox.setPen(pen(chosen.accent, 1))
        self.box.rbScaleBox.setBrush(color(chosen.accent, 0.15))
        self.set_titles(*self._titles)
        self.legend.recolor(chosen.secondary, self.font())

    def _axes(self) -> tuple[Axis, ...]:
        return (self.left_axis, self.bottom_axis)

    def extra_actions(self) -> list[QAction]:
        """Show everything again."""
        action = QAction(self.tr("Show everything"))
        action.setEnabled(self.is_zoomed)
        action.triggered.connect(self.reset_view)
        return [action]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with plus and minus, show all with 0."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_ZOOM)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _ZOOM)
        elif key == Qt.Key.Key_0:
            self.reset_view()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the frame."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the frame away."""
        super().focusOutEvent(event)
        self.update()

    def render_picture(self, painter: QPainter, rect: QRect) -> None:
        """Paint the plot, without the crosshair."""
        crossed = self.cross.isVisible()
        self.cross.hide()
        self.view.render(painter, QRectF(rect), self.view.viewport().rect())
        self.cross.setVisible(crossed)
