"""A row of widgets that wraps: where there is little room it has several lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


class Wrapping(QWidget):
    """Holds small widgets in as many rows as the width asks for; hidden ones take no room.

    Args:
        gap: Between two of them, in pixels.
        parent: Owner.
    """

    def __init__(self, gap: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: tuple[QWidget, ...] = ()
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_items(self, items: Sequence[QWidget]) -> None:
        """Hold these; they are children already."""
        self._items = tuple(items)
        self.arrange()

    def arrange(self) -> None:
        """Put them where they stand: something came, went, or says something else."""
        for item, place in zip(self._shown(), self._places(self.width())[0], strict=True):
            item.setGeometry(place)
        self.updateGeometry()

    def _shown(self) -> list[QWidget]:
        return [item for item in self._items if not item.isHidden()]

    def _places(self, width: int) -> tuple[list[QRect], int]:
        """Where each stands in a width, and the height of all."""
        at, places, height = QPoint(0, 0), [], 0
        for item in self._shown():
            size = item.sizeHint()
            if at.x() and at.x() + size.width() > width:
                at = QPoint(0, height + self._gap)
            places.append(QRect(at, size))
            height = at.y() + size.height()
            at = QPoint(at.x() + size.width() + self._gap, at.y())
        return places, height

    def heightForWidth(self, width: int) -> int:
        """Of the rows that are needed."""
        return self._places(width)[1]

    def hasHeightForWidth(self) -> bool:
        """It has."""
        return True

    def sizeHint(self) -> QSize:
        """One row."""
        sizes = [item.sizeHint().width() for item in self._shown()]
        width = sum(sizes) + self._gap * max(len(sizes) - 1, 0)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """The widest of them."""
        sizes = [item.sizeHint() for item in self._shown()]
        width = max((size.width() for size in sizes), default=0)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def event(self, event: QEvent) -> bool:
        """One of them needs more room or less: it got its icon, say."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.arrange()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may ask for other rows."""
        super().resizeEvent(event)
        for item, place in zip(self._shown(), self._places(self.width())[0], strict=True):
            item.setGeometry(place)
