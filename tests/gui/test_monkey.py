"""A monkey at the window: random clicks, keys, drags, wheels and commands, by seed.

`ESPALIER_MONKEY=1800 pytest tests/gui/test_monkey.py -k long` runs it for half an hour; a seed that
fails is printed, and `ESPALIER_MONKEY_SEED` runs that one alone.
"""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDrag, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from engine.details import (
    ChannelDetail,
    QuantizationDetail,
    SpectrumDetail,
    WeightDetail,
)
from engine.errors import EngineError
from engine.info import Histogram
from engine.jobs.job import Job
from engine.jobs.looks import ChannelLook, QuantizationLook, SpectrumLook, WeightLook
from engine.jobs.requests import DataSource
from studio.app import App
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.state import Opening
from studio.panels import PANELS
from studio.settings import Settings
from studio.style.theme import Scheme, apply
from tests.gui.test_session import Engine, model

SEEDS = (1, 2, 3)
SECONDS = 8.0
"""For each seed."""
COMMANDS = (
    "undo",
    "redo",
    "select.all",
    "select.group",
    "select.similar",
    "lock",
    "reset",
    "similar",
    "find",
    "palette",
    "apply",
    "apply.quick",
    "measure",
    "pause",
    "stop",
    "cancel",
    "advice",
    "theme",
    "reset.layout",
    "about",
    "preferences",
    "help",
    "export",
    "data.show",
)
KEYS = (
    Qt.Key.Key_Down,
    Qt.Key.Key_Up,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Return,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Tab,
    Qt.Key.Key_Space,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_F2,
    Qt.Key.Key_4,
    Qt.Key.Key_8,
    Qt.Key.Key_A,
    Qt.Key.Key_L,
)
NONE = Qt.KeyboardModifier.NoModifier


class Monkey:
    """Does one random thing after the other.

    Args:
        program: With a model open.
        seed: Of everything it does.
    """

    def __init__(self, program: App, seed: int) -> None:
        self.program = program
        self.random = random.Random(seed)
        self.done: list[str] = []
        self.count = self.seen = 0
        self.held: Any = None
        self.acts = (
            (self.click, 30),
            (self.key, 20),
            (self.wheel, 8),
            (self.drag, 10),
            (self.command, 8),
            (self.panel, 4),
            (self.edit, 12),
            (self.resize, 2),
            (self.close_popup, 6),
        )

    def step(self) -> None:
        """One act, and what it sets off."""
        acts, weights = zip(*self.acts, strict=True)
        act = self.random.choices(acts, weights)[0]
        self.done = [*self.done[-30:], act.__name__]
        self.count += 1
        act()
        QApplication.processEvents()
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QFileDialog) and window.isVisible():
                window.close()  # it would wander about the disk

    def rescue(self) -> None:
        """Let go of what is dragged, and of menus: Qt waits for their ends in loops of its own."""
        if self.count == self.seen:
            QDrag.cancel()
            over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
            if over is not None:
                over.close()
        self.seen = self.count

    def target(self) -> QWidget | None:
        """A widget that a hand could reach now."""
        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        root = over or self.program.frame
        found = [
            one
            for one in root.findChildren(QWidget)
            if one.isVisible() and one.isEnabled() and one.width() > 3 and one.height() > 3
        ]
        self.held = root, found  # PySide forgets the children of a popup that Python let go of
        return self.random.choice(found) if found else root

    def place(self, widget: QWidget) -> QPoint:
        x = self.random.randrange(max(widget.width(), 1))
        return QPoint(x, self.random.randrange(max(widget.height(), 1)))

    def mouse(self, widget: QWidget, kind: QEvent.Type, place: QPoint) -> None:
        """One event of the left button; the widget may be gone by then."""
        left = Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else left
        where = QPointF(widget.mapToGlobal(place))
        event = QMouseEvent(kind, QPointF(place), where, left, held, NONE)
        QApplication.postEvent(widget, event)

    def click(self) -> None:
        widget = self.target()
        if widget is not None:
            place = self.place(widget)
            self.mouse(widget, QEvent.Type.MouseButtonPress, place)
            self.mouse(widget, QEvent.Type.MouseButtonRelease, place)

    def drag(self) -> None:
        widget = self.target()
        if widget is not None:
            self.mouse(widget, QEvent.Type.MouseButtonPress, self.place(widget))
            for _ in range(3):
                self.mouse(widget, QEvent.Type.MouseMove, self.place(widget))
            self.mouse(widget, QEvent.Type.MouseButtonRelease, self.place(widget))

    def key(self) -> None:
        widget = QApplication.focusWidget() or self.target()
        if widget is not None:
            key = self.random.choice(KEYS)
            text = chr(key.value).lower() if key.value < 128 else ""
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.postEvent(widget, QKeyEvent(kind, key.value, NONE, text))

    def wheel(self) -> None:
        widget = self.target()
        if widget is not None:
            place = QPointF(self.place(widget))
            modifiers = self.random.choice((NONE, Qt.KeyboardModifier.ControlModifier))
            turn = QPoint(0, self.random.choice((-120, 120)))
            event = QWheelEvent(
                place,
                QPointF(widget.mapToGlobal(place.toPoint())),
                QPoint(),
                turn,
                Qt.MouseButton.NoButton,
                modifiers,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.postEvent(widget, event)

    def command(self) -> None:
        self.program.commander.do(self.random.choice(COMMANDS))

    def panel(self) -> None:
        names = [panel.id for panel in PANELS if panel.id != "graph"]
        self.program.window.show_panel(self.random.choice(names))

    def edit(self) -> None:
        """What a table would send, so that there is always something to undo."""
        info = self.program.store.state.info
        assert info is not None
        names = tuple(self.random.sample([one.name for one in info.layers], 2))
        facet = self.random.choice(list(Facet))
        value = 4 if "bits" in facet else self.random.random() * 0.9
        choice = self.random.choice((value, value, None))
        self.program.store.dispatch(m.SetFacet(facet, names, choice))

    def resize(self) -> None:
        self.program.frame.resize(self.random.randint(900, 1500), self.random.randint(600, 900))

    def close_popup(self) -> None:
        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if over is not None:
            over.close()


class Looking(Engine):
    """Answers looks too, with made-up figures; what it does not know it refuses in a sentence."""

    def __call__(self, request: Any, job: Job) -> Any:
        values = np.linspace(1.0, 0.1, 16)
        counts = Histogram(-1.0, 1.0, tuple(range(1, 33)), sampled=False)
        match request:
            case WeightLook():
                return WeightDetail(request.layer, (16, 16, 3, 3), "float32", counts, -1.0, 1.0)
            case ChannelLook():
                group = (request.layer,)
                return ChannelDetail(
                    request.layer, request.criterion, request.layer, group, (), 16, 1, values
                )
            case SpectrumLook():
                energy = np.cumsum(values**2) / np.sum(values**2)
                return SpectrumDetail(request.layer, 16, 144, values, energy, 4, 9216, 64, 640)
            case QuantizationLook():
                bits = (2, 3, 4, 8)
                return QuantizationDetail(request.layer, bits, 0.5 ** np.array(bits), 4)
        try:
            return super().__call__(request, job)
        except TypeError as error:
            raise EngineError(f"It cannot be looked at: {error}.") from error


@pytest.fixture
def program(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    engine = Looking()
    monkeypatch.setattr("studio.engine_bridge._handle", engine)
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda _url: True)
    found = App(app, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    found.furnish()
    qtbot.addWidget(found.frame)
    found.frame.may_close = lambda: False  # File > Quit is in its reach
    found.frame.show()
    found.store.dispatch(m.OpenModel(model(tmp_path)))
    qtbot.waitUntil(lambda: found.store.state.model.opening is Opening.READY, timeout=60_000)
    found.store.dispatch(m.OpenData(DataSource((str(tmp_path / "x.npz"),))))
    yield found
    for window in QApplication.topLevelWidgets():
        if window is not found.frame and window.isVisible():
            window.close()
    found.frame.may_close = lambda: True
    found.frame.close()
    found.destroy()  # a web page must not outlive its profile, which goes with the application
    apply(app, Scheme.LIGHT)  # the monkey has played with it


def play(program: App, seed: int, seconds: float) -> Monkey:
    """Let a monkey play for a while."""
    monkey = Monkey(program, seed)
    rescue = QTimer()
    rescue.timeout.connect(monkey.rescue)
    rescue.start(100)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        monkey.step()
    rescue.stop()
    return monkey


def check_alive(qtbot: QtBot, program: App) -> None:
    """Nothing is stuck: dialogs close, jobs end, an edit and its undo still work."""
    for _ in range(20):
        over = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if over is None:
            break
        over.close()
        QApplication.processEvents()
    store = program.store
    for job in store.state.jobs:
        if not job.status.is_over:
            store.dispatch(m.PauseJob(job.number, paused=False))
            store.dispatch(m.CancelJob(job.number))
    qtbot.waitUntil(lambda: all(job.status.is_over for job in store.state.jobs), timeout=60_000)
    before = store.state.recipe
    store.dispatch(m.SetFacet(Facet.PRUNE, ("stem",), 0.123456))
    assert store.state.recipe != before
    store.dispatch(m.Undo())
    assert store.state.recipe == before
    assert program.frame.isVisible()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_monkey_breaks_nothing(qtbot: QtBot, program: App, seed: int) -> None:
    play(program, seed, SECONDS)
    check_alive(qtbot, program)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_a_monkey_for_long(qtbot: QtBot, program: App) -> None:
    """Half an hour or what `ESPALIER_MONKEY` says, with a leak looked for."""
    total = float(os.environ.get("ESPALIER_MONKEY", "60"))
    given = os.environ.get("ESPALIER_MONKEY_SEED")
    process = psutil.Process()
    sizes = []
    end = time.monotonic() + total
    seed = int(given) if given else 1000
    while time.monotonic() < end:
        print("seed", seed, flush=True)
        play(program, seed, min(30.0, total / 4))
        check_alive(qtbot, program)
        gc.collect()
        sizes.append(process.memory_info().rss / 1e6)
        seed += 0 if given else 1
    late, early = sizes[-1], sizes[len(sizes) // 3]
    assert late < early * 1.5 + 100, f"memory grows: {sizes}"
