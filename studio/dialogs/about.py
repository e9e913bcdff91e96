"""What this program is, and what it runs on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QTableWidget, QTableWidgetItem, QTabWidget, QWidget

from studio.dialogs.frame import Dialog


class AboutDialog(Dialog):
    """Versions, to be copied into a report, and the license.

    Args:
        version: Of this program.
        versions: Of what it runs on: name → what it says.
        license: The whole text.
        parent: Owner.
    """

    def __init__(
        self,
        version: str,
        versions: Mapping[str, str],
        license: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", 72, parent)
        self.setWindowTitle(self.tr("About Espalier"))
        self.heading(self.tr("Espalier {version}").format(version=version))
        self.words(
            self.tr(
                "A studio for compressing neural networks. It works offline, and opens no "
                "connection but those that you ask for."
            )
        )
        self._version = version
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.table = QTableWidget(0, 2, self)
        self.table.setHorizontalHeaderLabels([self.tr("Part"), self.tr("Version")])
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setAccessibleName(self.tr("Versions"))
        self.table.setMinimumHeight(self.sizes.row * 9)
        self.tabs.addTab(self.table, self.tr("Versions"))
        if license:
            text = QPlainTextEdit(license, self)
            text.setReadOnly(True)
            text.setAccessibleName(self.tr("License"))
            self.tabs.addTab(text, self.tr("License"))
        self.column.addWidget(self.tabs, 1)
        self.copy = self.button(self.tr("Copy versions"))
        self.buttons.addStretch(1)
        self.close_button = self.button(self.tr("Close"), "primary")
        self.close_button.setDefault(True)
        self.copy.clicked.connect(self.copy_versions)
        self.close_button.clicked.connect(self.accept)
        self.show_versions(versions)

    def show_versions(self, versions: Mapping[str, str]) -> None:
        """Show what is known by now; the engine tells its own later."""
        parts = {"Processor": self.tr("Processor"), "Threads": self.tr("Threads")}
        self._versions = dict(versions)
        self.table.setRowCount(len(self._versions))
        for row, (name, says) in enumerate(self._versions.items()):
            self.table.setItem(row, 0, QTableWidgetItem(parts.get(name, name)))
            self.table.setItem(row, 1, QTableWidgetItem(says))
        self.table.setColumnWidth(0, self.sizes.chars(22))

    @property
    def text(self) -> str:
        """All versions, a line each."""
        lines = [f"Espalier: {self._version}"]
        lines += [f"{name}: {says}" for name, says in self._versions.items() if name != "Espalier"]
        return "\n".join(lines)

    def copy_versions(self) -> None:
        """Put them on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)
