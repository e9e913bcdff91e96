"""The list of jobs: its colors, and where a new one is seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from engine.errors import EngineError
from engine.jobs.events import Failed, Started
from studio.document import messages as m
from studio.document.state import JobState, Purpose
from studio.store import Store
from studio.style.palette import colors
from studio.style.theme import Scheme, apply
from studio.views.jobs import JobsView


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> JobsView:
    apply(qapp, Scheme.LIGHT)
    made = JobsView(Store())
    qtbot.addWidget(made)
    made.resize(900, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def add(view: JobsView, number: int) -> QTreeWidgetItem:
    view._store.dispatch(m.JobAdded(JobState(number, "Apply", Purpose.APPLY)))
    view._store.dispatch(m.JobNews(Started(number, "")))
    found = view._tree.topLevelItem(view._tree.topLevelItemCount() - 1)
    assert found is not None
    return found


def test_states_take_the_colors_of_now(view: JobsView, qapp: QApplication) -> None:
    apply(qapp, Scheme.DARK)
    running, failed = add(view, 1), add(view, 2)
    view._store.dispatch(m.JobNews(Failed(2, EngineError("No room."))))
    role = Qt.ItemDataRole.ForegroundRole
    assert failed.data(1, role).color().name() == colors(dark=True).error
    apply(qapp, Scheme.LIGHT)
    assert running.data(1, role) is None  # the window's own
    assert failed.data(1, role).color().name() == colors(dark=False).error


def test_a_new_job_is_seen(view: JobsView) -> None:
    items = [add(view, number) for number in range(1, 31)]
    place = view._tree.visualItemRect(items[-1])
    assert view._tree.viewport().rect().contains(place)
    assert not view._tree.viewport().rect().contains(view._tree.visualItemRect(items[0]))
