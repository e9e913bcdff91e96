"""The document's state, for the window: messages in, one signal out."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, Signal

from studio.document.messages import Message
from studio.document.state import DocumentState
from studio.document.update import update


class Store(QObject):
    """Holds the state; the only place where it changes.

    Args:
        state: To begin with.
        parent: Owner.
    """

    changed = Signal(object, object)
    """The state before and after; views repaint what differs (`old.x is not new.x`)."""
    dispatched = Signal(object)
    """Every message, after the state took it in: the session acts on wishes."""

    def __init__(self, state: DocumentState | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state or DocumentState()
        self._queue: deque[Message] = deque()
        self._busy = False

    @property
    def state(self) -> DocumentState:
        """As it is now."""
        return self._state

    def dispatch(self, message: Message) -> None:
        """Take a message in. One that a view sends while it repaints comes after this one."""
        self._queue.append(message)
        if self._busy:
            return
        self._busy = True
        try:
            while self._queue:
                self._take(self._queue.popleft())
        finally:
            self._busy = False
            self._queue.clear()

    def _take(self, message: Message) -> None:
        old, self._state = self._state, update(self._state, message)
        if self._state is not old:
            self.changed.emit(old, self._state)
        self.dispatched.emit(message)
