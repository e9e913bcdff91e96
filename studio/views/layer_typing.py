"""Numbers of bits typed over a cell of the layer table, one digit after the other."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QToolTip

from studio.document.messages import SetFacet, Undo
from studio.forms.schema import Field
from studio.views.layer_columns import bits_offered

TYPING_MS = 1000
"""A digit that comes later begins another number."""


class BitsTyping(QObject):
    """Digits that follow one another quickly are one number; what is not offered says so.

    A number shows at once where it is one already, and is taken back where a further digit makes
    it none: the layers never keep the first digit of a number that was refused.

    Args:
        view: Over which is typed; owner.
    """

    wish = Signal(object)
    """A message for the store."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._view = view
        self._digits = ""
        self._index = QPersistentModelIndex()
        self._field: Field | None = None
        self._shown: SetFacet | None = None
        self._pause = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._pause.timeout.connect(self.end)

    @property
    def is_open(self) -> bool:
        """Whether a digit has been typed that another may follow."""
        return bool(self._digits)

    def type(self, digit: str, index: QModelIndex, field: Field, wish: SetFacet) -> None:
        """Another digit over a cell.

        Args:
            digit: `0` to `9`.
            index: The cell.
            field: What its numbers may be.
            wish: The edit, of any value.
        """
        if self._digits and QPersistentModelIndex(index) != self._index:
            self.end()
        self._index, self._field = QPersistentModelIndex(index), field
        self._digits += digit
        texts = [str(bits) for bits in bits_offered(field)]
        longer = [one for one in texts if one.startswith(self._digits) and one != self._digits]
        if self._digits in texts:
            self._show(SetFacet(wish.facet, wish.layers, int(self._digits), final=False))
        elif longer:
            self._take_back()
            self._say(f"{self._digits}… {', '.join(longer)}")
        else:
            self._refuse()
            return
        self._pause.start()

    def end(self) -> None:
        """No further digit comes: the number is taken, or refused if it is none yet."""
        self._pause.stop()
        shown, self._shown = self._shown, None
        if shown is not None:
            self.wish.emit(SetFacet(shown.facet, shown.layers, shown.value))
        elif self._digits:
            self._refuse()
        self._digits = ""

    def cancel(self) -> None:
        """What was typed is taken back."""
        self._pause.stop()
        self._take_back()
        self._digits = ""
        QToolTip.hideText()

    def _show(self, wish: SetFacet) -> None:
        self._shown = wish
        self.wish.emit(wish)

    def _take_back(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            self.wish.emit(SetFacet(shown.facet, shown.layers, shown.value))
            self.wish.emit(Undo())

    def _refuse(self) -> None:
        digits = self._digits
        self.cancel()
        assert self._field is not None  # a digit has been typed
        offered = ", ".join(str(bits) for bits in bits_offered(self._field))
        text = self.tr("{typed} bits are not offered: type one of {offered}.")
        self._say(text.format(typed=digits, offered=offered))

    def _say(self, text: str) -> None:
        index = QModelIndex(self._index)  # type: ignore[call-overload]  # missing in the stubs
        below = self._view.visualRect(index).bottomLeft()
        QToolTip.showText(self._view.viewport().mapToGlobal(below), text, self._view)
