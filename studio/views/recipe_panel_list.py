"""The steps as a column of cards, moved by dragging or with Alt and the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from studio.document.messages import SelectStep
from studio.style.metrics import metrics
from studio.style.palette import colors_of
from studio.views import recipe_panel_edits as edits
from studio.views.recipe_panel_card import StepCard, StepView

_EDGE = 30
"""Pixels from the edge of the view within which a drag scrolls."""


class StepList(QScrollArea):
    """The cards.

    Args:
        parent: Owner.
    """

    wish = Signal(object)
    """A message for the store."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[StepCard] = []
        self._gap: int | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        distances = metrics(self)
        self._column.setContentsMargins(*[distances.gap] * 4)
        self._column.setSpacing(distances.gap)
        self._column.addStretch(1)
        self._line = QFrame(self._inside)
        self._line.setFixedHeight(max(2, distances.hair))
        self._line.hide()
        self.setWidget(self._inside)

    def show_steps(self, views: Sequence[StepView]) -> None:
        """Show these steps, one card each."""
        while len(self.cards) > len(views):
            card = self.cards.pop()
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        while len(self.cards) < len(views):
            self._add_card()
        for card, view in zip(self.cards, views, strict=True):
            card.show_view(view)

    def show_card(self, index: int) -> None:
        """Scroll to a card."""
        if 0 <= index < len(self.cards):
            self._column.activate()
            self.ensureWidgetVisible(self.cards[index].head)

    @property
    def gap(self) -> int | None:
        """While a card is dragged: the place it would go to, 0…number of cards."""
        return self._gap

    def _add_card(self) -> None:
        card = StepCard(self._inside)
        card.wish.connect(self.wish)
        card.pressed.connect(self._press)
        card.head.key.connect(self._key)
        card.head.drag_began.connect(self._drag_began)
        card.head.dragged.connect(self._dragged)
        card.head.dropped.connect(self._dropped)
        self._column.insertWidget(len(self.cards), card)
        previous = self.cards[-1] if self.cards else None
        self.cards.append(card)
        if previous is not None:
            QWidget.setTabOrder(previous, card)

    def _press(self) -> None:
        card = self.sender()
        assert isinstance(card, StepCard)
        self._choose(card)

    def _choose(self, card: StepCard) -> None:
        """Choose a step; once more: none."""
        self.wish.emit(SelectStep(None if card.view.chosen else card.view.index))

    def _card_of(self, head: object) -> StepCard:
        return next(card for card in self.cards if card.head is head)

    # Keyboard --------------------------------------------------------------------------------

    def _key(self, key: int, alt: bool) -> None:
        card = self._card_of(self.sender())
        index = card.view.index
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        if steps is not None and alt:
            self._move(card, index + steps)
        elif steps is not None:
            self._focus(index + steps)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            last = len(self.cards) - 1
            to = 0 if key == Qt.Key.Key_Home else last
            if alt:
                self._move(card, to)
            else:
                self._focus(to)
        elif key == Qt.Key.Key_Delete:
            card.remove()
            self._focus(min(index, len(self.cards) - 1))
        elif key == Qt.Key.Key_D:
            card.duplicate()
            self._focus(index + 1)
        else:
            self._choose(card)

    def _move(self, card: StepCard, to: int) -> None:
        messages = edits.moved(card.view.recipe, card.view.index, to)
        for message in messages:
            self.wish.emit(message)
        if messages:
            self._focus(to)

    def _focus(self, index: int) -> None:
        if 0 <= index < len(self.cards):
            self.cards[index].head.setFocus()
            self.show_card(index)

    # Mouse -----------------------------------------------------------------------------------

    def _drag_began(self) -> None:
        self._card_of(self.sender()).set_dragged(dragged=True)
        self._line.setStyleSheet(f"background: {colors_of(self).accent};")

    def _dragged(self, y: int) -> None:
        inside = self._inside.mapFromGlobal(QPoint(0, y)).y()
        self._gap = self._gap_at(inside)
        self._line.setGeometry(
            self.cards[0].x(), self._gap_height(self._gap), self.cards[0].width(), 3
        )
        self._line.raise_()
        self._line.show()
        viewport = self.viewport().mapFromGlobal(QPoint(0, y)).y()
        bar = self.verticalScrollBar()
        if viewport < _EDGE:
            bar.setValue(bar.value() - bar.singleStep())
        elif viewport > self.viewport().height() - _EDGE:
            bar.setValue(bar.value() + bar.singleStep())

    def _dropped(self, taken: bool) -> None:
        card = self._card_of(self.sender())
        gap, self._gap = self._gap, None
        card.set_dragged(dragged=False)
        self._line.hide()
        if taken and gap is not None:
            index = card.view.index
            self._move(card, gap if gap <= index else gap - 1)

    def _gap_at(self, y: int) -> int:
        """The gap between cards that is nearest to a height."""
        for number, card in enumerate(self.cards):
            if y < card.y() + card.height() // 2:
                return number
        return len(self.cards)

    def _gap_height(self, gap: int) -> int:
        half = self._column.spacing() // 2 + 1
        if gap < len(self.cards):
            return self.cards[gap].y() - half
        return self.cards[-1].geometry().bottom() + half
