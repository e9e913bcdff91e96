"""Projects that nobody has named can be found again if there is something in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.state import Opening
from studio.engine_bridge import EngineBridge
from studio.session import Session
from studio.settings import Settings
from studio.store import Store
from tests.gui.test_session import Engine, Made, model, ready, until


@pytest.fixture
def opened(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    engine = Engine()
    settings = Settings(tmp_path / "settings.ini")
    session = Session(Store(), EngineBridge(engine), settings, tmp_path / "home")
    yield session, engine
    engine.go_on.set()
    session.close()


def with_trial(qtbot: QtBot, opened: Made, tmp_path: Path) -> Session:
    session = ready(qtbot, opened, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    session.keeper.wait()
    return session


def other_model(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    source = model(tmp_path, "other.onnx")
    session.store.dispatch(m.OpenModel(source))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    until(qtbot, lambda: session.settings.recent[0] == source.path)


def test_an_untitled_project_with_a_trial_can_be_opened_again(
    qtbot: QtBot, opened: Made, tmp_path: Path
) -> None:
    session = with_trial(qtbot, opened, tmp_path)
    folder = str(session.keeper.folder)
    until(qtbot, lambda: folder in session.settings.recent)
    assert Path(folder).name.startswith("net 20")
    other_model(qtbot, session, tmp_path)
    assert session.state.trials == ()
    assert folder in session.settings.recent
    session.store.dispatch(m.OpenProject(folder))
    until(qtbot, lambda: session.state.trials)
    assert not session.state.project.titled


def test_an_untitled_project_without_trials_is_not_offered(
    qtbot: QtBot, opened: Made, tmp_path: Path
) -> None:
    session = ready(qtbot, opened, tmp_path)
    until(qtbot, lambda: session.state.project.folder)
    folder = session.keeper.folder
    assert folder is not None
    other_model(qtbot, session, tmp_path)
    session.keeper.wait()
    assert str(folder) not in session.settings.recent
    assert not folder.exists()


def test_saved_under_a_name_it_is_offered_by_that(
    qtbot: QtBot, opened: Made, tmp_path: Path
) -> None:
    session = with_trial(qtbot, opened, tmp_path)
    before = str(session.keeper.folder)
    until(qtbot, lambda: before in session.settings.recent)
    named = str(tmp_path / "mine.espalier")
    session.store.dispatch(m.SaveProject(named))
    until(qtbot, lambda: named in session.settings.recent)
    assert before not in session.settings.recent
