"""Views that follow the document while they are on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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
        self._away = False

    def follow(self, store: Store, show: Show) -> None:
        """Be told of changes from now on."""
        self._follow_with, self._followed, self._seen = show, store, store.state
        store.changed.connect(self._document_changed)

    def set_away(self, away: bool) -> None:
        """Say that the panel is behind another, which Qt's own visibility does not tell."""
        self._away = away
        if not away:
            for view in (self, *self.findChildren(Following)):
                view.catch_up()

    @property
    def is_away(self) -> bool:
        """Whether it cannot be seen in a window that can."""
        if not self.window().isVisible():
            return False
        return not self.isVisible() or any(one._away for one in self._panels())

    def _panels(self) -> Iterator[Following]:
        """It, and the views that it is a part of."""
        widget: QWidget | None = self
        while widget is not None:
            if isinstance(widget, Following):
                yield widget
            widget = widget.parentWidget()

    def showEvent(self, event: QShowEvent) -> None:
        """Take in what happened meanwhile."""
        super().showEvent(event)
        self.catch_up()

    @Slot(object, object)
    def _document_changed(self, _old: DocumentState, _new: DocumentState) -> None:
        self.catch_up()

    def catch_up(self) -> None:
        """Take in what happened, if it can be seen."""
        if self._followed is None or self._follow_with is None or self.is_away:
            return
        old, self._seen = self._seen, self._followed.state
        if old is not None and old is not self._seen:
            self._follow_with(old, self._seen)
