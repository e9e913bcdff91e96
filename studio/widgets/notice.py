"""A bar that tells one thing: what happened, what to do, and buttons for it. Never modal."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.palette import colors_of
from studio.style.sheet import set_property

_ICONS = {"info": "info", "warning": "warning", "error": "error"}
_TONES = {"info": "accent", "warning": "warning", "error": "error"}


class NoticeBar(QFrame):
    """One sentence, a hint, and what can be done about it; hidden while there is nothing to tell.

    Args:
        parent: Owner.
    """

    pressed = Signal(str)
    """A button was pressed; its id."""
    dismissed = Signal()
    """The user has read it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ("", "")
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._mark = QToolButton(self)
        self._mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mark.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.close_button = QToolButton(self)
        self.close_button.setToolTip(self.tr("Dismiss"))
        self.close_button.setAccessibleName(self.tr("Dismiss"))
        self.close_button.clicked.connect(self._dismiss)
        set_icon(self.close_button, "close", "secondary")
        self._buttons: dict[str, QPushButton] = {}
        distances = metrics(self)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(
            distances.gap, distances.small, distances.gap, distances.small
        )
        self._layout.setSpacing(distances.gap)
        self._layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._layout.addWidget(self._label, 1)
        self._layout.addWidget(self.close_button)
        self.hide()

    @property
    def text(self) -> str:
        """What it tells; empty while it is hidden."""
        return self._said[0] if not self.isHidden() else ""

    @property
    def hint(self) -> str:
        """What it says to do; empty while it is hidden."""
        return self._said[1] if not self.isHidden() else ""

    def tell(
        self,
        text: str,
        hint: str = "",
        tone: str = "info",
        buttons: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Show a notice.

        Args:
            text: One sentence.
            hint: What to do.
            tone: `info`, `warning` or `error`.
            buttons: Id and text of each.
        """
        set_icon(self._mark, _ICONS[tone], _TONES[tone])
        self._said = (text, hint)
        self._write()
        for old in self._buttons.values():
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = {name: self._make_button(name, label) for name, label in buttons}
        set_property(self, "tone", tone)
        self.setAccessibleName(f"{text} {hint}".strip())
        self.show()

    def clear(self) -> None:
        """Nothing to tell any more."""
        self.hide()

    def button(self, name: str) -> QPushButton:
        """A button by its id.

        Raises:
            KeyError: There is no such button now.
        """
        return self._buttons[name]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses it."""
        if event.key() == Qt.Key.Key_Escape:
            self._dismiss()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """The hint's color is ours."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_label"):
            self._write()

    def _write(self) -> None:
        """Text from files is shown, not read as markup."""
        text, hint = (escape(one).replace("\n", "<br>") for one in self._said)
        faint = colors_of(self).secondary
        self._label.setText(f'{text} <span style="color:{faint}">{hint}</span>')

    def _make_button(self, name: str, label: str) -> QPushButton:
        made = QPushButton(label, self)
        made.setProperty("name", name)
        made.clicked.connect(self._press)
        self._layout.insertWidget(self._layout.count() - 1, made)
        return made

    def _press(self) -> None:
        self.pressed.emit(str(self.sender().property("name")))

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()
