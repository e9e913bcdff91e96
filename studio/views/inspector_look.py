"""A tab of the inspector: asks the engine for a look, and keeps the last picture meanwhile."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.jobs.requests import Request
from studio.document.looks import look_for
from studio.document.messages import Ask
from studio.document.state import DocumentState, Opening
from studio.store import Store
from studio.style.metrics import metrics
from studio.widgets.plots.message import Message
from studio.words import word

PATIENCE_MS = 150
"""An answer that takes no longer comes without a word."""

RETRY = "retry"
OPEN_DATA = "open.data"


class LookTab(QWidget):
    """Asks while it is visible; subclasses say what, and show the answers.

    `content` is the widget that shows them, `row` the line above it.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    commanded = Signal(str)
    """Id of a command of the window that the user asks for."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self._answers: tuple[Any, ...] = ()
        self._asked: tuple[Request, ...] = ()
        self._layer = ""
        self.fresh = False
        """What is shown is of the layer that is inspected now."""
        distances = metrics(self)
        self.row = QHBoxLayout()
        self.row.setSpacing(distances.gap)
        self._loading = QLabel(self.tr("Loading…"), self)
        self._loading.setProperty("tone", "loading")
        self._loading.setAutoFillBackground(True)
        self._loading.setMargin(distances.small)
        self._loading.hide()
        self.content = QWidget(self)
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, distances.small, 0, 0)
        self.column.setSpacing(distances.small)
        self.column.addLayout(self.row)
        self.message = Message(parent=self)
        self.message.pressed.connect(self._pressed)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.content)
        self._stack.addWidget(self.message)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._tell_loading)

    def finish_row(self) -> None:
        """Close the line above the content; called once by subclasses."""
        self.row.addStretch(1)

    # For subclasses

    def reason(self, state: DocumentState) -> tuple[str, str]:
        """Why there is nothing to ask: title and text; two empty ones where there is something."""
        del state
        return "", ""

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """What to ask; nothing by default."""
        del state
        return ()

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show the answers, in the order of the requests."""

    def settle(self, state: DocumentState) -> None:
        """Show what the recipe says, over what is shown already; called upon every change."""

    # What the state says

    def refresh(self) -> None:
        """Ask for what is missing, show what is there."""
        if not self.isVisible():
            return
        state = self.store.state
        title, text = self._blocked(state)
        if title:
            self._rest()
            self.tell(title, text)
            return
        requests = self.requests(state)
        self._asked = requests
        for request in requests:
            if look_for(self.store.state, request) is None:
                self.store.dispatch(Ask(request))
        state = self.store.state  # an answer may have come at once
        looks = [look_for(state, request) for request in requests]
        errors = [look.error for look in looks if look is not None and look.error is not None]
        if errors:
            self._rest()
            self._tell_error(errors[0])
        elif any(look is None or look.pending for look in looks):
            self._wait(state)
        else:
            self._rest()
            self._take(state, tuple(look.result for look in looks if look is not None))

    def _blocked(self, state: DocumentState) -> tuple[str, str]:
        if state.model.opening is not Opening.READY or not state.current:
            return self.tr("The network is being read"), self.tr("Pictures come right after.")
        return self.reason(state)

    def _take(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        self.fresh = True
        self._layer = state.current
        same = len(answers) == len(self._answers) and all(
            a is b for a, b in zip(answers, self._answers, strict=True)
        )
        if not same:
            self._answers = answers
            self.show_content()
            self.present(state, answers)
        self.settle(state)

    def _wait(self, state: DocumentState) -> None:
        self.fresh = bool(self._answers) and self._layer == state.current
        if self.fresh:
            self.settle(state)
        told = not self._loading.isHidden() or self.told == self._loading.text()
        if not self._timer.isActive() and not told:
            self._timer.start()

    def _rest(self) -> None:
        self._timer.stop()
        self._loading.hide()

    @Slot()
    def _tell_loading(self) -> None:
        if not self._answers:
            self.tell(self._loading.text(), "")
            return
        self._place_loading()
        self._loading.show()
        self._loading.raise_()

    # Instead of a picture

    def show_content(self) -> None:
        """Show the picture."""
        self._stack.setCurrentWidget(self.content)

    @property
    def told(self) -> str:
        """The title that stands instead of a picture; empty while there is one."""
        return self.message.title if self._stack.currentWidget() is self.message else ""

    def tell(self, title: str, text: str, buttons: tuple[tuple[str, str], ...] = ()) -> None:
        """Say something instead; the picture is made anew afterwards."""
        self.message.say(title, text, buttons)
        self._stack.setCurrentWidget(self.message)
        self._answers = ()
        self.fresh = False

    def _tell_error(self, error: EngineError) -> None:
        retry = ((RETRY, self.tr("Try again")),)
        self.tell(word(error.message), word(error.hint), retry)

    @Slot(str)
    def _pressed(self, name: str) -> None:
        if name == RETRY:
            for request in self._asked:
                self.store.dispatch(Ask(request))
            self.refresh()
        else:
            self.commanded.emit(name)

    def _place_loading(self) -> None:
        """Over the picture, at its top right: it takes no room from it."""
        self._loading.adjustSize()
        top = self.row.geometry().bottom() + metrics(self).gap
        self._loading.move(self.width() - self._loading.width() - metrics(self).gap, top)

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Now it may ask."""
        super().showEvent(event)
        self.refresh()

    def plain_label(self) -> QLabel:
        """A line of words below a picture."""
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("tone", "secondary")
        return label
