"""Views that are told of changes while they can be seen."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from studio.document import messages as m
from studio.document.state import DocumentState, Notice
from studio.store import Store
from studio.widgets.following import Following

Told = list[tuple[DocumentState, DocumentState]]


def happen(store: Store, number: int) -> None:
    store.dispatch(m.Told(Notice(number, "Something happened")))


def notices(told: Told) -> list[int]:
    return [new.notices[-1].id for _, new in told]


def follower(store: Store, parent: QWidget | None = None) -> tuple[Following, Told]:
    view = Following(parent)
    told: Told = []
    view.follow(store, lambda old, new: told.append((old, new)))
    return view, told


def test_a_view_behind_another_is_told_once_when_it_is_shown(qtbot: QtBot) -> None:
    store = Store()
    pages = QStackedWidget()
    qtbot.addWidget(pages)
    front, told_front = follower(store)
    behind, told_behind = follower(store)
    pages.addWidget(front)
    pages.addWidget(behind)
    pages.show()
    first = store.state
    happen(store, 0)
    happen(store, 1)
    assert notices(told_front) == [0, 1]
    assert told_behind == []
    pages.setCurrentWidget(behind)
    assert told_behind == [(first, store.state)]
    happen(store, 2)
    assert len(told_front) == 2
    assert notices(told_behind) == [1, 2]


def test_a_view_that_nothing_happened_to_is_told_nothing(qtbot: QtBot) -> None:
    store = Store()
    view, told = follower(store)
    qtbot.addWidget(view)
    view.show()
    view.hide()
    view.show()
    assert told == []


def test_a_view_that_was_never_shown_is_told_at_once(qtbot: QtBot) -> None:
    store = Store()
    view, told = follower(store)
    qtbot.addWidget(view)
    happen(store, 0)
    assert len(told) == 1


def test_a_panel_behind_another_and_what_is_in_it_are_told_when_it_comes_to_the_front(
    qtbot: QtBot,
) -> None:
    store = Store()
    panel, told_panel = follower(store)
    qtbot.addWidget(panel)
    part, told_part = follower(store, panel)
    panel.show()
    panel.set_away(True)
    assert part.isVisible()  # to Qt
    happen(store, 1)
    assert told_panel == told_part == []
    panel.set_away(False)
    assert notices(told_panel) == notices(told_part) == [1]
