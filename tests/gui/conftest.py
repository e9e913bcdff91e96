"""Nothing stays behind a test of the window: no widget, no thread, and in the end no session."""

from __future__ import annotations

import gc
import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import getCppPointer

from studio.session import Session
from studio.store import Store

_SPARE = 3
"""Of a kind, that frames of a failed test, or the last one, may still hold."""
_live: weakref.WeakSet[QObject] = weakref.WeakSet()
"""Stores and sessions that somebody still holds."""


def _watch(kind: type[QObject]) -> None:
    """Note every object of a kind as it is made."""
    make = kind.__init__

    def made(self: QObject, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        _live.add(self)

    kind.__init__ = made  # type: ignore[method-assign] # in tests alone


_watch(Store)
_watch(Session)


def _engine_threads() -> set[int | None]:
    return {one.ident for one in threading.enumerate() if one.name.startswith("engine-")}


@pytest.fixture(autouse=True)
def nothing_left_behind(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves windows, or threads of an engine, behind it."""
    before = {getCppPointer(one) for one in qapp.topLevelWidgets()}
    threads = _engine_threads()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [one for one in qapp.topLevelWidgets() if getCppPointer(one) not in before]
    assert [f"{type(one).__name__} “{one.windowTitle()}”" for one in left] == []
    assert _engine_threads() <= threads


@pytest.fixture(autouse=True, scope="session")
def nobody_holds_sessions() -> Iterator[None]:
    """Fail if stores or sessions pile up."""
    yield
    gc.unfreeze()  # a warm-up keeps what there is by then, garbage too, from being looked at
    gc.collect()
    kinds = Counter(type(one).__name__ for one in _live)
    assert {kind: count for kind, count in kinds.items() if count > _SPARE} == {}
