"""The panels of the window: each is made when it is first seen."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from studio.store import Store
from studio.widgets.following import Following

_PAUSE_MS = 100
"""Between two views that are made though nobody sees them yet."""
LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel as data.

    Attributes:
        id: Stable name, also in saved layouts.
        title: Shown on its tab; translated in the context `Panels`.
        area: Where it is at first; panels of one area are tabs, the first in front.
        view: `package.module:Class`, made with the store.
        shortcut: Shows it and gives it the keyboard.
        icon: Name of its icon.
    """

    id: str
    title: str
    area: Qt.DockWidgetArea
    view: str
    shortcut: str
    icon: str


PANELS = (
    Panel("recipe", "Recipe", LEFT, "studio.views.recipe_panel:RecipePanel", "Alt+1", "recipe"),
    Panel("graph", "Graph", LEFT, "studio.views.graph:GraphView", "Alt+2", "graph"),
    Panel(
        "sensitivity",
        "Sensitivity",
        LEFT,
        "studio.views.sensitivity:SensitivityView",
        "Alt+3",
        "sensitivity",
    ),
    Panel(
        "inspector", "Inspector", RIGHT, "studio.views.inspector:Inspector", "Alt+4", "inspector"
    ),
    Panel("trials", "Trials", BOTTOM, "studio.views.trials:TrialsView", "Alt+5", "trials"),
    Panel("training", "Training", BOTTOM, "studio.views.training:TrainingView", "Alt+6", "train"),
    Panel("compare", "Compare", BOTTOM, "studio.views.compare:CompareView", "Alt+7", "compare"),
    Panel("jobs", "Jobs", BOTTOM, "studio.views.jobs:JobsView", "Alt+8", "jobs"),
)
"""All panels; titles are collected for translation from this table."""


class _Room(QWidget):
    """Holds a view; a window that is made small makes it small, whatever it would like."""

    def minimumSizeHint(self) -> QSize:
        """Not more than a panel of a small window has."""
        return super().minimumSizeHint().boundedTo(LEAST)


LEAST = QSize(272, 110)


class Dock(QDockWidget):
    """A panel in its dock: the view is made when it first becomes visible.

    Args:
        panel: What to show.
        store: For the view.
        parent: The window.

    Attributes:
        view: Once it is made.
        in_front: It is the one of its tabs that is seen.
    """

    wanted = Signal(object)
    """It came to the front, or was behind another at once, and has no view yet."""
    made = Signal(str, object)
    """The panel's id and its view, once it is made."""

    def __init__(self, panel: Panel, store: Store, parent: QWidget) -> None:
        title = QCoreApplication.translate("Panels", panel.title)
        super().__init__(title, parent)
        self.panel = panel
        self._store = store
        self.view: QWidget | None = None
        self.in_front = False
        self.setObjectName(panel.id)
        self._room = _Room(self)
        self._layout = QVBoxLayout(self._room)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self._room)
        self._no_title = QWidget(self)
        self.visibilityChanged.connect(self._on_visible)
        self.topLevelChanged.connect(self._show_title)
        self.dockLocationChanged.connect(lambda _area: self._show_title(self.isFloating()))

    @Slot(bool)
    def _on_visible(self, visible: bool) -> None:
        self.in_front = visible
        if isinstance(self.view, Following):
            self.view.set_away(not visible)
        if visible and self.view is None:
            self.wanted.emit(self)

    @Slot(bool)
    def _show_title(self, floating: bool) -> None:
        """A tab says the title already; a panel by itself needs its bar."""
        window = self.parentWidget()
        tabs = isinstance(window, QMainWindow) and bool(window.tabifiedDockWidgets(self))
        wanted = None if floating or not tabs else self._no_title
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)  # type: ignore[arg-type] # None: Qt's own

    def settle_title(self) -> None:
        """After the panels were arranged."""
        self._show_title(self.isFloating())

    @Slot()
    def make(self) -> None:
        """Make the view now, if it is not there yet."""
        if self.view is not None:
            return
        module, _, name = self.panel.view.partition(":")
        kind = getattr(importlib.import_module(module), name)
        self.view = kind(self._store, self._room)
        if isinstance(self.view, Following):
            self.view.set_away(not self.in_front)
        self._layout.addWidget(self.view)
        self.made.emit(self.panel.id, self.view)


class Maker(QObject):
    """Makes views one at a time, those in front first, so that the window answers in between."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: list[Dock] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._make_next)

    @Slot(object)
    def add(self, dock: Dock) -> None:
        """A view that is wanted soon."""
        if dock not in self._waiting:
            self._waiting.append(dock)
        self._timer.start(0)

    @Slot()
    def _make_next(self) -> None:
        """While panels are arranged each is in front for a moment: only now it is known which."""
        dock = next((one for one in self._waiting if one.in_front), None) or self._waiting[0]
        self._waiting.remove(dock)
        dock.make()
        if self._waiting:
            hurry = any(one.in_front for one in self._waiting)
            self._timer.start(0 if hurry else _PAUSE_MS)
