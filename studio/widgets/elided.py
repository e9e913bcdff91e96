"""A label that shortens its text where there is no room, and then tells the rest in its tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

_FEWEST = 4
"""Characters that are always shown."""


class Elided(QLabel):
    """One line of plain text.

    Args:
        text: What it says.
        mode: Where it is shortened: paths in the middle, sentences at the end.
        parent: Owner.
    """

    def __init__(
        self,
        text: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self._tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str, /) -> None:
        """Show another text."""
        super().setText(text)
        self._update_tip()

    def set_tip(self, tip: str) -> None:
        """What the tooltip says besides the whole text."""
        self._tip = tip
        self._update_tip()

    def is_cut(self) -> bool:
        """Whether a part of the text is not shown."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    def minimumSizeHint(self) -> QSize:
        """A few characters are enough."""
        shown = self.text()[:_FEWEST] + "…"
        return QSize(self.fontMetrics().horizontalAdvance(shown), self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the rest where it no longer fits."""
        super().resizeEvent(event)
        self._update_tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what fits."""
        del event
        painter = QPainter(self)
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, area.width())
        self.style().drawItemText(
            painter,
            area,
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )

    def _update_tip(self) -> None:
        parts = [self.text()] if self.is_cut() else []
        self.setToolTip("\n".join(parts + ([self._tip] if self._tip else [])))


class ElidedButton(QPushButton):
    """A button that shortens its words where there is no room.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> str:
        """All that it says."""
        return self._words

    def set_words(self, words: str) -> None:
        """Say something else."""
        self._words = words
        self.setAccessibleName(words.replace("&", ""))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer of the words fit."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 2 * self.fontMetrics().horizontalAdvance("00")
        flag = Qt.TextFlag.TextShowMnemonic
        mode = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._words, mode, room, flag))
