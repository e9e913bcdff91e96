"""The window: commands, panels, dropping, notices, jobs; over a store without an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import EngineError
from engine.jobs.events import Failed, Lane, Paused, Progress, Started
from engine.jobs.requests import ModelSource
from studio.actions import COMMANDS, Menu
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.state import JobState, Notice, Purpose, Severity
from studio.frame import Frame
from studio.panels import PANELS, Dock
from studio.settings import Settings
from studio.store import Store
from studio.views.jobs import JobsView
from studio.window import MainWindow
from tests.unit.studio.test_document import network


class Plain(QWidget):
    """Stands in for a view."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self.store = store


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def window(
    qtbot: QtBot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    def make(dock: Dock) -> None:
        if dock.view is None:
            dock.view = Plain(dock._store, dock._room)

    monkeypatch.setattr(Dock, "make", make)
    store = Store()
    frame = Frame(settings)
    qtbot.addWidget(frame)
    found = MainWindow(frame, store, settings)
    frame.show()
    yield found
    frame.may_close = lambda: True


def open_model(window: MainWindow) -> None:
    window.store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    window.store.dispatch(m.Opened(network()))


def drop(widget: QWidget, *paths: str) -> bool:
    """The events that a window system sends; whether they were taken."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    place = widget.rect().center()
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, action, mime, button, none)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(place), action, mime, button, none)
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_files_are_dropped_anywhere(window: MainWindow) -> None:
    told: list[object] = []
    window.store.dispatched.connect(told.append)
    assert drop(window.frame, "/data/网络.onnx", "/data/x.npz")
    assert told == [m.OpenPaths(("/data/网络.onnx", "/data/x.npz"))]


def test_text_is_not_dropped(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("hello")
    enter = QDragEnterEvent(
        QPoint(9, 9),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    enter.ignore()
    QApplication.sendEvent(window.frame, enter)
    assert not enter.isAccepted()


def test_panels_come_with_the_model(window: MainWindow) -> None:
    assert window.docks == {}
    open_model(window)
    assert set(window.docks) == {panel.id for panel in PANELS}
    assert window.frame.pages.currentWidget() is window.frame.work
    assert "net.onnx" in window.frame.windowTitle()


def test_commands_are_enabled_by_the_state(window: MainWindow) -> None:
    actions = window.actions_by_id
    assert actions["open"].isEnabled()
    assert not actions["apply"].isEnabled()
    open_model(window)
    assert not actions["apply"].isEnabled()  # there is no recipe yet
    assert not actions["undo"].isEnabled()
    window.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    assert actions["apply"].isEnabled()
    assert actions["undo"].isEnabled()
    assert "Pruning ratio: 50 %" in actions["undo"].toolTip()


def test_shortcuts_are_distinct(window: MainWindow) -> None:
    keys = [
        sequence.toString()
        for action in window.actions_by_id.values()
        for sequence in action.shortcuts()
        if sequence.toString()
    ]
    keys += [QKeySequence(panel.shortcut).toString() for panel in PANELS]
    assert len(keys) == len(set(keys))


def test_every_command_has_words(window: MainWindow) -> None:
    assert len({one.id for one in COMMANDS}) == len(COMMANDS)
    for one in COMMANDS:
        assert one.plain
        assert isinstance(one.menu, Menu)
        assert window.actions_by_id[one.id].toolTip()


def test_an_action_is_a_command(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.commanded) as told:
        window.actions_by_id["about"].trigger()
    assert told.args == ["about"]


def test_notices_are_shown_and_dismissed(window: MainWindow) -> None:
    window.store.dispatch(m.Told(Notice(1, "It is full.", "Make room.", Severity.ERROR)))
    assert (window.frame.notice.text, window.frame.notice.hint) == ("It is full.", "Make room.")
    window.store.dispatch(m.Told(Notice(2, "Read.", severity=Severity.INFO)))
    assert window.frame.notice.text == "Read."
    window.frame.notice.close_button.click()
    assert window.frame.notice.text == "It is full."
    window.frame.notice.close_button.click()
    assert window.frame.notice.text == ""


def test_a_notice_can_lead_to_a_panel(qtbot: QtBot, window: MainWindow) -> None:
    notice = Notice(1, "It failed.", severity=Severity.ERROR, action="view.jobs")
    window.store.dispatch(m.Told(notice))
    with qtbot.waitSignal(window.commanded) as told:
        window.frame.notice.button("view.jobs").click()
    assert told.args == ["view.jobs"]


def test_a_notice_that_offers_to_fit_again_stays(qtbot: QtBot, window: MainWindow) -> None:
    window.store.dispatch(m.Told(Notice(1, "It is saved.")))
    assert window._notice_timer.isActive()
    window.store.dispatch(m.Told(Notice(2, "Trial 1: predicted, measured.", action="fit")))
    assert not window._notice_timer.isActive()
    with qtbot.waitSignal(window.commanded) as told:
        window.frame.notice.button("fit").click()
    assert told.args == ["fit"]


def test_closing_asks_whoever_knows(qtbot: QtBot, window: MainWindow) -> None:
    window.frame.may_close = lambda: False
    assert not window.frame.close()
    window.frame.may_close = lambda: True
    with qtbot.waitSignal(window.frame.closing):
        assert window.frame.close()


def test_the_layout_is_remembered(qtbot: QtBot, window: MainWindow, settings: Settings) -> None:
    open_model(window)
    window.docks["inspector"].hide()
    window.keep_layout()
    frame = Frame(settings)
    qtbot.addWidget(frame)
    other = MainWindow(frame, Store(), settings)
    frame.show()
    open_model(other)
    assert other.docks["inspector"].isHidden()
    other.arrange()
    assert not other.docks["inspector"].isHidden()


def test_icon_buttons_have_names(window: MainWindow) -> None:
    open_model(window)
    nameless = [
        button.objectName() or button.toolTip()
        for button in window.frame.findChildren(QToolButton)
        if button.isVisible() and not (button.text() or button.accessibleName())
    ]
    assert nameless == []


def add_job(store: Store, number: int = 1, **more: object) -> None:
    job = JobState(number, "Compress net", Purpose.APPLY, Lane.WORK, **more)  # type: ignore[arg-type]  # fields by their names
    store.dispatch(m.JobAdded(job))


def test_the_status_line_follows_the_running_job(window: MainWindow) -> None:
    open_model(window)
    assert "layers" in window.status._left.text()
    add_job(window.store)
    window.store.dispatch(m.JobNews(Started(1, "Compress net")))
    window.store.dispatch(m.JobNews(Progress(1, "Epoch 3", 1, 4, 10.0)))
    assert window.status._job.text() == "Epoch 3"
    assert window.status._bar.value() == 250
    assert window.status._eta.text() == "25 % · ~30 s"
    window.store.dispatch(m.JobNews(Paused(1)))
    assert "Paused" in window.status._job.text()


@pytest.fixture
def jobs(qtbot: QtBot) -> Callable[[Store], JobsView]:
    def make(store: Store) -> JobsView:
        view = JobsView(store)
        qtbot.addWidget(view)
        view.resize(900, 300)
        view.show()
        return view

    return make


def test_jobs_are_listed_with_their_errors(jobs: Callable[[Store], JobsView]) -> None:
    store = Store()
    view = jobs(store)
    add_job(store)
    store.dispatch(m.JobNews(Started(1, "")))
    assert view._pause.isEnabled()
    store.dispatch(m.JobNews(Failed(1, EngineError("No room.", hint="Make room."))))
    assert "Make room." in view._words.toPlainText()
    assert not view._pause.isEnabled()
    assert view._tree.topLevelItem(0).text(1) == "failed"
    view._clear.click()
    assert view._tree.topLevelItemCount() == 0


def test_buttons_of_a_job_are_wishes(jobs: Callable[[Store], JobsView]) -> None:
    store = Store()
    view = jobs(store)
    add_job(store)
    store.dispatch(m.JobNews(Started(1, "")))
    told: list[object] = []
    store.dispatched.connect(told.append)
    for button in (view._pause, view._stop, view._cancel):
        button.click()
    assert told == [m.PauseJob(1, paused=True), m.StopJob(1), m.CancelJob(1)]


def test_settings_that_somebody_broke_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "s.ini"
    path.write_text("[General]\nlanguage=klingon\nthreads=many\nrecent=nonsense\n")
    found = Settings(path)
    assert (found.language, found.threads, found.recent) == ("system", 0, ())
    for number in range(20):
        found.remember(f"/m/{number}")
    found.remember("/m/15")
    assert found.recent[:2] == ("/m/15", "/m/19")
    assert len(found.recent) == 12
    found.forget("/m/15")
    assert "/m/15" not in Settings(path).recent


def test_news_of_jobs_leave_what_they_do_not_concern(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_model(window)
    named: list[object] = []
    monkeypatch.setattr(window, "_name_history", named.append)
    shown: list[object] = []
    monkeypatch.setattr(window.status, "_show", shown.append)
    window.store.dispatch(m.JobAdded(JobState(3, "Train", Purpose.APPLY)))
    assert (len(named), len(shown)) == (0, 1)
    window.store.dispatch(m.Told(Notice(1, "Saved")))
    assert (len(named), len(shown)) == (0, 1)
    window.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    assert (len(named), len(shown)) == (1, 1)
