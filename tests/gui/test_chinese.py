"""The window in Chinese: nothing of it stays English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLibraryInfo, Qt, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDockWidget,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTabBar,
    QToolBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.jobs.requests import ModelSource
from engine.paths import RESOURCES
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.actions import MENUS
from studio.document import messages as m
from studio.document.facets import Facet
from studio.frame import Frame
from studio.panels import PANELS
from studio.settings import Settings
from studio.store import Store
from studio.window import MainWindow
from studio.words import forget
from tests.unit.studio.test_document import network

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b|^(?:&?[A-Z]&?[a-z]{2,}[:…]?)$")
"""Two words of a sentence, or one word alone."""
NAMES = frozenset({"Espalier", "Lanczos", "Taylor", "Wanda", "Nesterov"})
FREE = ("et al.", "Its outputs are the network's.")
"""Of references, and of the reason that the network of this test gives."""


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    own = str(RESOURCES / "translations" / "espalier_zh_CN.qm")
    translators = []
    for file in (own, f"{folder}/qtbase_zh_CN.qm"):
        translator = QTranslator()
        assert translator.load(file)
        qapp.installTranslator(translator)
        translators.append(translator)
    forget()
    yield
    for translator in translators:
        qapp.removeTranslator(translator)
    forget()


@pytest.fixture
def window(
    chinese: None, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setenv("ESPALIER_NO_WEBENGINE", "1")
    settings = Settings(tmp_path / "settings.ini")
    frame = Frame(settings)
    qtbot.addWidget(frame)
    found = MainWindow(frame, Store(), settings)
    frame.resize(1440, 900)
    frame.show()
    yield found
    frame.may_close = lambda: True


def english(texts: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    """Texts with something English in them, and where they are."""
    return [
        (place, text)
        for place, text in texts
        for line in text.splitlines()
        if ENGLISH.search(line) and not CHINESE.search(line)
        if line not in NAMES and not any(part in line for part in FREE)
    ]


def texts_of(widget: QWidget) -> Iterator[tuple[str, str]]:
    """Every text of a widget and of what is in it."""
    for one in (widget, *widget.findChildren(QWidget)):
        place = type(one).__name__
        yield f"{place} tip", one.toolTip()
        yield f"{place} name", one.accessibleName()
        if isinstance(one, (QLabel, QAbstractButton)):
            yield place, re.sub(r"<[^>]*>", "", one.text())
        elif isinstance(one, (QDockWidget,)):
            yield place, one.windowTitle()
        elif isinstance(one, QGroupBox):
            yield place, one.title()
        elif isinstance(one, QLineEdit):
            yield f"{place} placeholder", one.placeholderText()
        elif isinstance(one, QComboBox):
            yield from ((place, one.itemText(at)) for at in range(one.count()))
        elif isinstance(one, QTabBar):
            yield from ((place, one.tabText(at)) for at in range(one.count()))
        elif isinstance(one, QHeaderView) and one.model() is not None:
            yield from header(one)


def header(view: QHeaderView) -> Iterator[tuple[str, str]]:
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    for section in range(view.count()):
        for role in roles:
            text = view.model().headerData(section, view.orientation(), role)
            yield "header", str(text or "")


def actions_of(window: MainWindow) -> Iterator[tuple[str, str]]:
    bars: list[QWidget] = [window.frame.menuBar(), *window.frame.findChildren(QToolBar)]
    waiting: list[QAction] = [action for bar in bars for action in bar.actions()]
    assert len(waiting) > len(MENUS)
    while waiting:
        action = waiting.pop()
        yield "action", action.text()
        yield "action tip", re.sub(r"\([^)]*\)", "", action.toolTip())
        menu = action.menu()
        if menu is not None:
            waiting.extend(menu.actions())  # type: ignore[attr-defined] # a QMenu


def test_menus_and_toolbar(window: MainWindow) -> None:
    texts = list(actions_of(window))
    assert english(iter(texts)) == []
    assert ("action", "文件(&F)") in texts


def test_empty_window(window: MainWindow) -> None:
    assert english(texts_of(window.frame)) == []


def test_panels_of_an_open_model(window: MainWindow, qtbot: QtBot) -> None:
    window.store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    window.store.dispatch(m.Opened(network()))
    recipe = Recipe(steps=(make_step("channel"), make_step("uniform")))
    window.store.dispatch(m.EditRecipe("Set pruning", recipe))
    window.store.dispatch(m.Select(("stem", "head")))
    for panel in PANELS:
        window.docks[panel.id].make()
    assert {window.docks[panel.id].windowTitle() for panel in PANELS} >= {"配方", "试验", "作业"}
    assert english(texts_of(window.frame)) == []


def test_history_is_told_in_chinese(window: MainWindow) -> None:
    window.store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    window.store.dispatch(m.Opened(network()))
    window.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    assert "剪枝比例：50 %（所有层）" in window.actions_by_id["undo"].toolTip()
