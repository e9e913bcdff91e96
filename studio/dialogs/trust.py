"""Asks whether a file that runs code may do so, and shows what it would bring in."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from studio.dialogs.frame import Dialog
from studio.style.icons import icon
from studio.style.sheet import set_property
from studio.widgets.elided import Elided

_DANGEROUS = (
    *("os", "posix", "nt", "subprocess", "shutil", "socket", "sys", "pty", "ctypes", "importlib"),
    *("runpy", "webbrowser", "urllib", "http", "requests", "asyncio", "multiprocessing", "pickle"),
    *("builtins.eval", "builtins.exec", "builtins.compile", "builtins.open", "builtins.getattr"),
    *("builtins.__import__", "operator.attrgetter", "torch.hub", "torch.load", "code", "pathlib"),
)
"""What a network has no use for: names that start programs, change files or open connections."""


class TrustDialog(Dialog):
    """Trust once given lets the file run as part of this program; the safe answer is the default.

    Args:
        path: The file.
        parent: Owner.
    """

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__("", 76, parent)
        self.setWindowTitle(self.tr("Trust this file?"))
        name = PurePath(path).name
        self.heading(self.tr("“{name}” runs program code when it is opened").format(name=name))
        self.words(
            self.tr(
                "Whoever made this file decides what the code does: it can read, change, delete "
                "or send away everything that you can. Trust it only if you know where it comes "
                "from."
            )
        )
        self.path = Elided(path, Qt.TextElideMode.ElideMiddle, self)
        set_property(self.path, "tone", "secondary")
        self.column.addWidget(self.path)
        self.found = self.words(self.tr("Looking into the file…"))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("What the file would import"))
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setIconSize(QSize(self.sizes.icon, self.sizes.icon))
        self.list.hide()
        self.column.addWidget(self.list)
        self.rest = self.words("", "secondary")
        self.rest.hide()
        self.hint = self.words(
            self.tr(
                "A safe way without this question: save the weights as .safetensors, or export "
                "the network as .onnx or .pt2."
            ),
            "secondary",
        )
        self.column.addStretch(1)
        self.buttons.addStretch(1)
        self.trust = self.button(self.tr("Trust and open"))
        self.cancel = self.button(self.tr("Cancel"), "primary")
        self.cancel.setDefault(True)
        self.cancel.setFocus()
        self.trust.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)

    def show_imports(self, foreign: tuple[str, ...], usual: tuple[str, ...] = ()) -> None:
        """Say what was found in the file, without running it.

        Args:
            foreign: What it would import beyond what every file of its kind has.
            usual: The others.
        """
        bad = [name for name in foreign if is_dangerous(name)]
        others = [name for name in foreign if name not in bad]
        self.list.clear()
        for name in (*bad, *others):
            item = QListWidgetItem(name, self.list)
            if name in bad:
                item.setIcon(icon("warning", "warning"))
                item.setToolTip(self.tr("Can start programs, change files or open connections"))
        rows = min(max(len(foreign), 2), 8)
        self.list.setFixedHeight(max(self.list.sizeHintForRow(0), self.sizes.row) * rows)
        self.list.setVisible(bool(foreign))
        if bad:
            text = self.tr(
                "It would import these names. Those with a warning are not needed to describe a "
                "network: do not open the file unless you can explain them."
            )
        elif foreign:
            text = self.tr("It would import these names, beyond what every such file has:")
        else:
            text = self.tr("It imports nothing beyond what every file of its kind has.")
        self.found.setText(text)
        count = len(usual)
        self.rest.setText(
            self.tr("… and {count} names that every such file has").format(count=count)
        )
        self.rest.setToolTip("\n".join(usual[:60]))
        self.rest.setVisible(count > 0)

    def show_unknown(self, why: str = "") -> None:
        """Say that nobody could look inside."""
        text = self.tr("What the file would import cannot be told without running it.")
        self.found.setText(text)
        self.rest.setText(why)
        self.rest.setVisible(bool(why))
        self.list.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is an answer only on the button that has the focus."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.trust.hasFocus():
            self.trust.click()
            return
        super().keyPressEvent(event)


def is_dangerous(name: str) -> bool:
    """Whether a name can start programs, change files or open connections."""
    return any(name == one or name.startswith(f"{one}.") for one in _DANGEROUS)
