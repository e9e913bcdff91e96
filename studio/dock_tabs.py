"""The tabs of panels that share a place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar


class DockTabs(QObject):
    """Holds the tabs in their places; a double click makes a panel a window of its own.

    Qt lets tabs be dragged, but once a layout was restored it loses count of them, and a drag ends
    the program (Qt 6.11: `QMainWindow.restoreState`, then `QTabBar.moveTab`).

    Args:
        window: Whose panels they are.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)
        self.settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt makes and throws away bars of tabs as panels are moved."""
        if event.type() in (QEvent.Type.ChildPolished, QEvent.Type.LayoutRequest):
            self.settle()
        return super().eventFilter(watched, event)

    def settle(self) -> None:
        """See to all bars that there are."""
        for bar in self._window.findChildren(QTabBar):
            if bar.parent() is self._window and bar.isMovable():
                bar.setMovable(False)
                bar.tabBarDoubleClicked.connect(self._float)

    @Slot(int)
    def _float(self, index: int) -> None:
        bar = self.sender()
        if not isinstance(bar, QTabBar) or index < 0:
            return
        for dock in self._window.findChildren(QDockWidget):
            together = self._window.tabifiedDockWidgets(dock)
            if dock.windowTitle() == bar.tabText(index) and (together or bar.count() == 1):
                dock.setFloating(True)
                return
