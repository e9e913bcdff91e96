"""Views that follow the document while they are on the screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from studio.document.state import DocumentState
from studio.store import Store

Show = Callable[[DocumentState, DocumentState], None]
"""Given the state that a view shows and the one that it should, repaints what differs."""


class Following(QWidget):
    """A view that is told of changes while it can be seen.

    What happened while its panel was behind another, it is told as one change when it is shown:
    the end of a run changes nearly everything, and eight panels of which three can be seen need
    not make the window wait for the other five.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._follow_with: Show | None = None
        self._followed: Store | None = None
        self._seen: DocumentState | None = None

    def follow(self, store: Store, show: Show) -> None:
        """Be told of changes from now on."""
        self._follow_with, self._followed, self._seen = show, store, store.state
        store.changed.connect(self._document_changed)

    @property
    def is_away(self) -> bool:
        """Whether it is hidden in a window that is on the screen."""
        return self.window().isVisible() and not self.isVisible()

    @Slot(object, object)
    def _document_changed(self, _old: DocumentState, new: DocumentState) -> None:
        if not self.is_away:
            self._catch_up(new)

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what happened meanwhile."""
        super().showEvent(event)
        if self._followed is not None:
            self._catch_up(self._followed.state)

    def _catch_up(self, new: DocumentState) -> None:
        old, self._seen = self._seen, new
        if self._follow_with is not None and old is not None and old is not new:
            self._follow_with(old, new)
