"""Garbage is collected on the window's thread, and on no other."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.collector import COLLECT_AFTER, Collector, collect_if_due


class Loop(QObject):
    """Garbage when nobody holds it, and only a collector finds out."""

    def __init__(self) -> None:
        super().__init__()
        self.me = self


@pytest.fixture
def owner() -> QObject:
    gc.collect()
    return QObject()


def test_qt_objects_die_on_the_thread_of_the_window(qtbot: QtBot, owner: QObject) -> None:
    gc.enable()
    Collector(owner)
    threads: list[int] = []
    weakref.finalize(Loop(), lambda: threads.append(threading.get_ident()))

    def work() -> None:
        kept = [[one] for one in range(10 * COLLECT_AFTER[0])]  # enough for any collector
        assert kept

    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert not threads
    kept = [[one] for one in range(2 * COLLECT_AFTER[0])]
    qtbot.waitUntil(lambda: bool(threads), timeout=3000)
    assert threads == [threading.get_ident()]
    assert kept


def test_nothing_is_collected_until_it_is_due(owner: QObject) -> None:
    assert collect_if_due() is None
    kept = [[one] for one in range(2 * COLLECT_AFTER[0])]
    assert collect_if_due() == 0
    assert kept


def test_older_garbage_has_its_turn(owner: QObject) -> None:
    for _ in range(COLLECT_AFTER[1] + 1):
        gc.collect(0)
    assert collect_if_due() == 1
