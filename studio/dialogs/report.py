"""The one window for mistakes of this program: each is listed once, with all that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPlainTextEdit, QSplitter, QWidget

from studio.dialogs.frame import Dialog

_KEPT = 100
"""Different mistakes; more are counted, not shown."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """An unexpected exception.

    Attributes:
        summary: In one line.
        traceback: As Python writes it.
        count: How often it happened.
    """

    summary: str
    traceback: str
    count: int = 1


class ReportWindow(Dialog):
    """Not modal: work goes on. The same traceback again only raises its count.

    Args:
        versions: Name → what it says; copied with the traceback.
        parent: Owner.
    """

    def __init__(self, versions: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__("", 96, parent)
        self.setWindowTitle(self.tr("Unexpected errors"))
        self.setModal(False)
        self._versions = dict(versions)
        self._mistakes: list[Mistake] = []
        self.heading(self.tr("Espalier has made a mistake"))
        self.words(
            self.tr(
                "Something happened that was not foreseen. Your project is saved; you can go on, "
                "and what you did last may not have worked. The text below helps to mend it: it "
                "holds names of files, and nothing of it is sent anywhere."
            )
        )
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Errors"))
        self.list.currentRowChanged.connect(self._show)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("Traceback"))
        parts = QSplitter(Qt.Orientation.Vertical, self)
        parts.addWidget(self.list)
        parts.addWidget(self.text)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 3)
        parts.setMinimumHeight(self.sizes.line * 16)
        self.column.addWidget(parts, 1)
        self.copy = self.button(self.tr("Copy"))
        self.buttons.addStretch(1)
        self.close_button = self.button(self.tr("Close"), "primary")
        self.close_button.setDefault(True)
        self.copy.clicked.connect(self.copy_text)
        self.close_button.clicked.connect(self.close)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """All that were told, each once."""
        return tuple(self._mistakes)

    def tell(self, summary: str, traceback: str) -> bool:
        """Add a mistake.

        Returns:
            Whether it is a new one, so that the window is worth showing.
        """
        for at, known in enumerate(self._mistakes):
            if known.traceback == traceback:
                self._mistakes[at] = replace(known, count=known.count + 1)
                self._write(at)
                return False
        if len(self._mistakes) >= _KEPT:
            return False
        self._mistakes.append(Mistake(summary, traceback))
        QListWidgetItem(self.list)
        self._write(len(self._mistakes) - 1)
        self.list.setCurrentRow(len(self._mistakes) - 1)
        return True

    def set_versions(self, versions: Mapping[str, str]) -> None:
        """What is known by now of what the program runs on."""
        self._versions = dict(versions)

    def _write(self, at: int) -> None:
        mistake = self._mistakes[at]
        text = mistake.summary
        if mistake.count > 1:
            text = self.tr("{summary} ({count} times)")
        item = self.list.item(at)
        item.setText(text.format(summary=mistake.summary, count=mistake.count))
        item.setToolTip(mistake.summary)

    def _show(self, at: int) -> None:
        self.text.setPlainText(self._mistakes[at].traceback if at >= 0 else "")

    def copy_text(self) -> None:
        """The chosen mistake with the versions, on the clipboard."""
        at = self.list.currentRow()
        if at < 0:
            return
        mistake = self._mistakes[at]
        versions = "\n".join(f"{name}: {says}" for name, says in self._versions.items())
        text = f"{mistake.summary}\n\n{mistake.traceback}\n\n{versions}\n"
        QGuiApplication.clipboard().setText(text)
