"""A titled part of a panel that can be folded away; what is inside is made when first shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.style.icons import set_icon
from studio.style.metrics import metrics


class Collapsible(QWidget):
    """A header that folds and unfolds what is below it.

    Args:
        title: Of the header.
        make: Makes the content, once, when it is first unfolded.
        parent: Owner.
    """

    toggled = Signal(bool)
    """It was unfolded, or folded."""

    def __init__(
        self, title: str, make: Callable[[], QWidget], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._content: QWidget | None = None
        self._header = QToolButton(self)
        self._header.setCheckable(True)
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._header.setProperty("role", "section")
        self._header.toggled.connect(self._show)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(metrics(self).small)
        layout.addWidget(self._header)
        set_icon(self._header, "expand", "secondary")
        self.set_title(title)

    @property
    def content(self) -> QWidget | None:
        """What is inside; None while it was never unfolded."""
        return self._content

    @property
    def header(self) -> QToolButton:
        """The button that folds."""
        return self._header

    def set_title(self, title: str) -> None:
        """Give the header another title."""
        self._header.setText(title)
        self._header.setAccessibleName(title)

    def is_open(self) -> bool:
        """Whether the content is shown."""
        return self._header.isChecked()

    def set_open(self, opened: bool) -> None:
        """Fold or unfold."""
        self._header.setChecked(opened)

    def _show(self, opened: bool) -> None:
        if opened and self._content is None:
            self._content = self._make()
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._content)
        if self._content is not None:
            self._content.setVisible(opened)
        set_icon(self._header, "collapse" if opened else "expand", "secondary")
        self.toggled.emit(opened)
