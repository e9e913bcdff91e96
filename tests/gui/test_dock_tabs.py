"""Tabs of panels stay where they are; a double click makes a window of a panel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar
from pytestqt.qtbot import QtBot

from studio.dock_tabs import DockTabs

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    made.resize(800, 600)
    qtbot.addWidget(made)
    first = None
    for number in range(5):
        dock = QDockWidget(f"Panel {number}", made)
        dock.setObjectName(f"panel{number}")
        made.addDockWidget(LEFT, dock)
        if first is not None:
            made.tabifyDockWidget(first, dock)
        first = first or dock
    made.show()
    return made


def docks(window: QMainWindow) -> list[QDockWidget]:
    return window.findChildren(QDockWidget)


def bars(window: QMainWindow) -> list[QTabBar]:
    return [one for one in window.findChildren(QTabBar) if one.isVisible() and one.count()]


def test_tabs_cannot_be_dragged_once_a_layout_was_restored(
    qtbot: QtBot, window: QMainWindow
) -> None:
    state = window.saveState()
    DockTabs(window)
    window.restoreState(state)
    qtbot.waitUntil(lambda: len(bars(window)) == 1)
    (bar,) = bars(window)
    before = [bar.tabText(index) for index in range(bar.count())]
    start, end = bar.tabRect(0).center(), bar.tabRect(4).center()
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.3, 0.6, 1.0):  # where they can be, Qt crashes here
        qtbot.mouseMove(bar, start + QPoint(int(share * (end.x() - start.x())), 0))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end)
    assert [bar.tabText(index) for index in range(bar.count())] == before


def test_so_it_is_with_tabs_that_come_later(qtbot: QtBot, window: QMainWindow) -> None:
    DockTabs(window)
    some = docks(window)
    for dock in some[2:4]:
        window.addDockWidget(RIGHT, dock)
    window.tabifyDockWidget(some[2], some[3])
    qtbot.waitUntil(lambda: len(bars(window)) == 2)
    qtbot.waitUntil(lambda: not any(bar.isMovable() for bar in bars(window)))
    assert sorted(bar.count() for bar in bars(window)) == [2, 3]


def test_a_double_click_makes_a_window(qtbot: QtBot, window: QMainWindow) -> None:
    DockTabs(window)
    (bar,) = bars(window)
    index = next(i for i in range(bar.count()) if bar.tabText(i) == "Panel 2")
    place = bar.tabRect(index).center()
    qtbot.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=place)
    assert [dock.isFloating() for dock in docks(window)] == [n == 2 for n in range(5)]
