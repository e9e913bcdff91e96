"""A run that is under way is not dropped without a word when something else is opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from studio.app import App
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.state import JobStatus, Opening, Purpose
from studio.settings import Settings
from tests.gui.test_session import Engine, model


@pytest.fixture
def running(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[App, Engine]]:
    """A program with a run that goes on until it is let go."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    engine = Engine()
    monkeypatch.setattr("studio.engine_bridge._handle", engine)
    found = App(app, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    found.furnish()
    found.frame.may_close = lambda: True
    qtbot.addWidget(found.frame)
    found.frame.show()
    store = found.store
    store.dispatch(m.OpenModel(model(tmp_path)))
    qtbot.waitUntil(lambda: store.state.profile is not None, timeout=20_000)
    store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    engine.waits = _runs()
    store.dispatch(m.Apply())
    qtbot.waitUntil(lambda: _job(found) is JobStatus.RUNNING, timeout=20_000)
    yield found, engine
    engine.go_on.set()
    found.frame.close()
    found.destroy()


def _runs() -> tuple[type, ...]:
    from engine.jobs.requests import Compress

    return (Compress,)


def _job(program: App) -> JobStatus | None:
    runs = [one for one in program.store.state.jobs if one.purpose is Purpose.APPLY]
    return runs[-1].status if runs else None


def _box(program: App) -> QMessageBox | None:
    boxes = program.frame.findChildren(QMessageBox)
    return next((one for one in boxes if one.isVisible()), None)


@pytest.mark.parametrize("way", ["dropped", "recent"])
@pytest.mark.parametrize("drops", [False, True])
def test_a_model_that_comes_during_a_run_is_asked_about(
    qtbot: QtBot, running: tuple[App, Engine], tmp_path: Path, way: str, drops: bool
) -> None:
    program, _ = running
    other = model(tmp_path, "other.onnx").path
    if way == "dropped":
        program.frame.dropped.emit((other,))
    else:
        program.settings.remember(other)
        program.window._fill_recent()
        program.window._recent.actions()[0].trigger()
    box = _box(program)
    assert box is not None
    assert _job(program) is JobStatus.RUNNING
    button = next(one for one in box.buttons() if ("Drop" in one.text()) is drops)
    button.click()
    if not drops:
        assert program.store.state.model.source.path.endswith("net.onnx")
        assert _job(program) is JobStatus.RUNNING
        return
    state = program.store
    qtbot.waitUntil(lambda: state.state.model.source.path == other, timeout=20_000)
    qtbot.waitUntil(lambda: state.state.model.opening is Opening.READY, timeout=20_000)
    assert _job(program) is JobStatus.STOPPED


def test_data_that_comes_during_a_run_is_not(running: tuple[App, Engine], tmp_path: Path) -> None:
    program, _ = running
    data = tmp_path / "x.npz"
    data.write_bytes(b"")
    program.frame.dropped.emit((str(data),))
    assert _box(program) is None
