"""Weights without a graph: asks for the Python code that builds the network."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path, PurePath

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from studio.dialogs.frame import Dialog, wrapped
from studio.style.sheet import set_property

_LARGEST = 4 << 20
"""Bytes of a Python file that is looked into."""
_SHAPE = re.compile(r"\s*[1-9]\d{0,6}(\s*[x×,]\s*[1-9]\d{0,6})*\s*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user said.

    Attributes:
        architecture: `FILE.py:FACTORY`.
        input_shape: Without the batch, `3x32x32`; empty: the preprocessing file says it.
    """

    architecture: str
    input_shape: str = ""


@dataclass(frozen=True, slots=True)
class Factories:
    """What a Python file offers.

    Attributes:
        names: Functions and classes that can be called without arguments; likely ones first.
        fault: Why there are none; empty otherwise.
        line: Of a syntax error, else 0.
    """

    names: tuple[str, ...] = ()
    fault: str = ""
    line: int = 0


def factories(path: str) -> Factories:
    """Functions and classes of a file, found by reading it; nothing of it is run."""
    try:
        file = Path(path)
        if file.stat().st_size > _LARGEST:
            return Factories(fault="large")
        tree = ast.parse(file.read_bytes())
    except OSError:
        return Factories(fault="missing")
    except SyntaxError as error:
        return Factories(fault="syntax", line=error.lineno or 0)
    except (ValueError, RecursionError, MemoryError):
        return Factories(fault="syntax")
    names = _callable_names(tree)
    return Factories(names, "" if names else "none")


def _callable_names(tree: ast.Module) -> tuple[str, ...]:
    """What can be called without arguments: functions that build, networks, the rest."""
    functions: list[str] = []
    networks: list[str] = []
    others: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and _is_free(node.args):
            works = node.name.startswith(("train", "main", "test"))
            (others if works else functions).append(node.name)
        elif isinstance(node, ast.ClassDef) and _starts_free(node):
            network = any(ast.unparse(base).endswith("Module") for base in node.bases)
            (networks if network else others).append(node.name)
    names = (*functions, *reversed(networks), *others)
    return tuple(name for name in dict.fromkeys(names) if not name.startswith("_"))


def _is_free(arguments: ast.arguments) -> bool:
    """Whether a function can be called without arguments."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    keywords = all(default is not None for default in arguments.kw_defaults)
    return positional == len(arguments.defaults) and keywords


def _starts_free(node: ast.ClassDef) -> bool:
    """Whether a class can be made without arguments, as far as its own text says."""
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and one.name == "__init__":
            arguments = one.args
            missing = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
            return missing <= 1 and all(d is not None for d in arguments.kw_defaults)
    return True


class ArchitectureDialog(Dialog):
    """Asks for a Python file, a name in it, and the shape of the input.

    Args:
        weights: The file of weights.
        needs_shape: No preprocessing file says the shape of the input.
        parent: Owner.
    """

    def __init__(
        self, weights: str, *, needs_shape: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__("", 80, parent)
        self._needs_shape = needs_shape
        self.setWindowTitle(self.tr("Architecture"))
        name = PurePath(weights).name
        self.heading(self.tr("“{name}” holds weights without a network").format(name=name))
        self.words(
            self.tr(
                "Choose the Python file that builds the network, and the function or class in it "
                "that makes one when it is called without arguments."
            )
        )
        self._make_form()
        self.trust = QCheckBox(
            self.tr("I know where this Python file comes from; it may run"), self
        )
        self.trust.toggled.connect(self._check)
        self.column.addWidget(self.trust)
        self.words(
            self.tr(
                "Its code runs in this program: it can read, change, delete or send away "
                "everything that you can."
            ),
            "secondary",
        )
        self.column.addStretch(1)
        self.buttons.addStretch(1)
        self.cancel = self.button(self.tr("Cancel"))
        self.open_button = self.button(self.tr("Open"), "primary")
        self.open_button.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.open_button.clicked.connect(self.accept)
        self._check()

    def _make_form(self) -> None:
        self.file = QLineEdit(self)
        self.file.setPlaceholderText(self.tr("A Python file"))
        self.file.textChanged.connect(self._file_changed)
        self.browse = QPushButton(self.tr("Choose…"), self)
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        line = QHBoxLayout()
        line.addWidget(self.file, 1)
        line.addWidget(self.browse)
        self.factory = QComboBox(self)
        self.factory.setEditable(True)
        self.factory.setPlaceholderText(self.tr("make_network"))
        self.factory.currentTextChanged.connect(self._check)
        self.shape = QLineEdit(self)
        self.shape.setPlaceholderText(self.tr("3x32x32: without the batch"))
        self.shape.textChanged.connect(self._check)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setSpacing(self.sizes.gap)
        for title, editor in (
            (self.tr("File"), self.file),
            (self.tr("Function or class"), self.factory),
            (self.tr("Input shape"), self.shape),
        ):
            editor.setAccessibleName(title)
            form.addRow(title, line if editor is self.file else editor)
        self.note = wrapped("", self, "secondary")
        form.addRow("", self.note)
        self.column.addLayout(form)

    @property
    def answer(self) -> Answer:
        """What was chosen."""
        shape = re.sub(r"\s*[x×,]\s*", "x", self.shape.text().strip())
        return Answer(f"{self.file.text().strip()}:{self.factory.currentText().strip()}", shape)

    def set_file(self, path: str) -> None:
        """Choose a file."""
        self.file.setText(path)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a Python file"), "", "Python (*.py)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.set_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _file_changed(self, text: str) -> None:
        path = text.strip()
        self.trust.setChecked(False)  # trust is for one file
        found = (
            factories(path) if path.endswith(".py") else Factories(fault="other" if path else "")
        )
        self.factory.clear()
        self.factory.addItems(list(found.names))
        self.factory.setCurrentIndex(0 if found.names else -1)
        notes = {
            "large": self.tr("The file is too large to look into."),
            "missing": self.tr("There is no such file."),
            "syntax": self.tr("The file has a mistake in line {line}."),
            "none": self.tr("No function or class in it can be called without arguments."),
            "other": self.tr("Choose a file that ends in .py."),
        }
        self.note.setText(notes.get(found.fault, "").format(line=found.line))
        wrong = found.fault in ("missing", "syntax", "other")
        set_property(self.note, "tone", "error" if wrong else "secondary")
        set_property(self.file, "state", "error" if wrong else "")
        self._check()

    def _check(self) -> None:
        shape = self.shape.text().strip()
        shape_fits = bool(_SHAPE.fullmatch(shape)) if shape else not self._needs_shape
        set_property(self.shape, "state", "error" if shape and not shape_fits else "")
        self.shape.setToolTip(self.tr("Write it like 3x32x32.") if shape and not shape_fits else "")
        named = self.factory.currentText().strip().isidentifier()
        there = self.file.text().strip().endswith(".py") and self.file.property("state") != "error"
        self.open_button.setEnabled(there and named and shape_fits and self.trust.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens only when all is said."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.open_button.isEnabled():
            return
        super().keyPressEvent(event)
