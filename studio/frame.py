"""The window's frame: there before anything else, so that it is painted within the first second.

It knows Qt alone. `studio.window` furnishes it once the rest of the program is loaded.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from studio.settings import Settings
from studio.widgets.empty import EmptyState
from studio.widgets.notice import NoticeBar


class Frame(QMainWindow):
    """A window with the invitation to drop a model.

    Args:
        settings: Where its place is remembered.
    """

    painted = Signal()
    """It has been painted for the first time."""
    closing = Signal()
    """It has been allowed to close."""
    dropped = Signal(tuple)
    """Paths of files that were dropped on it."""
    commanded = Signal(str)
    """A button of the invitation was pressed; its command's id."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.may_close: Callable[[], bool] = lambda: True
        self._was_painted = False
        self.setWindowTitle("Espalier")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)
        north = QTabWidget.TabPosition.North
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, north)
        self._make_center()
        self.resize(1440, 900)
        self.restoreGeometry(settings.layout("geometry"))

    def _make_center(self) -> None:
        self.empty = EmptyState(
            "sample",
            self.tr("Drop a model here"),
            self.tr(
                "Espalier shows where a network is heavy and where it is fragile, makes it "
                "smaller, and measures what that costs."
            ),
            self,
        )
        self.empty.set_drop_hint(
            self.tr("Models (.onnx, .pt2, .pt, .safetensors), data, recipes and projects")
        )
        self.empty.set_buttons(
            [("open", self.tr("Open…")), ("open.sample", self.tr("Open the sample"))]
        )
        self.empty.pressed.connect(self.commanded)
        self.notice = NoticeBar(self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.work = QWidget(self)
        self.work_layout = QVBoxLayout(self.work)
        self.work_layout.setContentsMargins(0, 0, 0, 0)
        self.work_layout.setSpacing(0)
        self.pages.addWidget(self.work)
        center = QWidget(self)
        layout = QVBoxLayout(center)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(center)

    def showEvent(self, event: QShowEvent) -> None:
        """Tell when the first paint is done."""
        super().showEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close if nothing would be lost, or the user agrees."""
        if not self.may_close():
            event.ignore()
            return
        event.accept()
        self.closing.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, wherever they come over the window."""
        if _files(event):
            event.acceptProposedAction()
            self.empty.set_dropping(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Likewise."""
        if _files(event):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self.empty.set_dropping(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped, all of it."""
        self.empty.set_dropping(False)
        paths = _files(event)
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)


def _files(event: QDropEvent) -> tuple[str, ...]:
    """The files that are dragged."""
    urls = event.mimeData().urls()
    return tuple(url.toLocalFile() for url in urls if url.isLocalFile())
