"""Exporting: which file, what is promised, and afterwards what the file really is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from engine.errors import EngineError
from engine.info import Compressed, Metrics, Target
from engine.units import UNKNOWN, format_duration, format_percent
from studio.dialogs.export_numbers import ExportNumbers
from studio.dialogs.frame import Dialog, wrapped
from studio.document.messages import Export
from studio.document.trial import UNMEASURED
from studio.style.icons import set_icon
from studio.style.sheet import set_property
from studio.words import word

_GRAIN = 1000


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """A format that can be chosen, or why it cannot.

    Attributes:
        name: `onnx`, `pt2` or `safetensors`.
        suffix: Of its files, with the dot.
        predicted: What the recipe will come to in it.
        reason: Why it cannot be chosen; empty where it can.
        targeted: Its files differ by processor.
    """

    name: str
    suffix: str
    predicted: Metrics = UNMEASURED
    reason: str = ""
    targeted: bool = False


class ExportDialog(Dialog):
    """Before the run a form, after it the verdict.

    Args:
        formats: All of them; those with a reason are shown and cannot be chosen.
        path: Where the file would go; its ending follows the format.
        original: Of the network as it was opened.
        precision: What the recipe makes of weights and activations, in words.
        trial: The trial whose recipe is exported; None: the present recipe.
        parent: Owner.
    """

    export_wanted = Signal(object)
    """The `Export` to run."""
    cancel_wanted = Signal()
    """The run is to be dropped."""
    folder_wanted = Signal(str)
    """The folder of this file is to be shown."""
    report_wanted = Signal(str)
    """This report is to be opened."""

    def __init__(
        self,
        formats: Sequence[FormatChoice],
        path: str,
        original: Metrics = UNMEASURED,
        precision: str = "",
        *,
        trial: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", 84, parent)
        self.setWindowTitle(self.tr("Export"))
        self._formats = {one.name: one for one in formats}
        self._original = original
        self._trial = trial
        self._result: Compressed | None = None
        self._running = False
        self._make_form(path, precision)
        self.numbers = ExportNumbers(self)
        self.column.addWidget(self.numbers)
        self._make_run()
        self._format_changed()

    # Form ------------------------------------------------------------------------------------

    def _make_form(self, path: str, precision: str) -> None:
        self.form = QWidget(self)
        grid = QGridLayout(self.form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.sizes.wide)
        grid.setVerticalSpacing(self.sizes.gap)
        grid.setColumnStretch(1, 1)
        self.format = QComboBox(self.form)
        self._fill_formats()
        self.format_note = wrapped("", self.form, "secondary")
        self.target = QComboBox(self.form)
        for target in Target:
            self.target.addItem(self._target_words(target), target.value)
        self.target_note = wrapped("", self.form, "secondary")
        self.path = QLineEdit(path, self.form)
        self.browse = QPushButton(self.tr("Choose…"), self.form)
        self.browse.setAutoDefault(False)
        self.exists = wrapped("", self.form, "warning")
        self.recipe = QCheckBox(self.tr("Write the recipe beside it"), self.form)
        self.report = QCheckBox(self.tr("Write a report beside it"), self.form)
        self.recipe.setChecked(True)
        self.report.setChecked(True)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Format"), self.format),
            ("", self.format_note),
            (self.tr("Precision"), wrapped(precision or UNKNOWN, self.form)),
            (self.tr("Processor"), self.target),
            ("", self.target_note),
            (self.tr("File"), self.path),
            ("", self.exists),
            ("", self.recipe),
            ("", self.report),
        )
        for row, (title, editor) in enumerate(rows):
            if title:
                grid.addWidget(QLabel(title, self.form), row, 0)
                editor.setAccessibleName(title)
            grid.addWidget(editor, row, 1, 1, 1 if editor is self.path else 2)
            if editor is self.path:
                grid.addWidget(self.browse, row, 2)
        self.column.addWidget(self.form)
        self.format.currentIndexChanged.connect(self._format_changed)
        self.target.currentIndexChanged.connect(self._target_changed)
        self.path.textChanged.connect(self._check)
        self.browse.clicked.connect(self._browse)

    def _fill_formats(self) -> None:
        """All formats; those that cannot be chosen are gray and say why."""
        for one in self._formats.values():
            self.format.addItem(self._format_words(one.name), one.name)
            model = self.format.model()
            at = self.format.count() - 1
            if one.reason and isinstance(model, QStandardItemModel):
                model.item(at).setEnabled(False)
                self.format.setItemData(at, word(one.reason), Qt.ItemDataRole.ToolTipRole)
        free = [at for at, one in enumerate(self._formats.values()) if not one.reason]
        self.format.setCurrentIndex(free[0] if free else -1)

    def _format_words(self, name: str) -> str:
        return {
            "onnx": self.tr("ONNX: any runtime (.onnx)"),
            "pt2": self.tr("PyTorch program (.pt2)"),
            "safetensors": self.tr("Weights alone (.safetensors)"),
        }.get(name, name)

    def _target_words(self, target: Target) -> str:
        return {
            Target.AUTO: self.tr("This machine's"),
            Target.AVX2: self.tr("x86 without instructions for integers (AVX2)"),
            Target.VNNI: self.tr("x86 with instructions for integers (VNNI)"),
            Target.ARM: self.tr("ARM"),
            Target.PORTABLE: self.tr("Any processor"),
        }[target]

    @property
    def choice(self) -> FormatChoice | None:
        """The format that is chosen."""
        return self._formats.get(str(self.format.currentData()))

    @property
    def answer(self) -> Export | None:
        """What is to be run; None while something is missing."""
        choice, path = self.choice, self.path.text().strip()
        if choice is None or choice.reason or not path:
            return None
        file = Path(path)
        report = str(file.with_name(f"{file.stem}.report.html")) if self.report.isChecked() else ""
        target = str(self.target.currentData()) if choice.targeted else Target.AUTO.value
        return Export(path, choice.name, target, report, self.recipe.isChecked(), self._trial)

    def _format_changed(self) -> None:
        choice = self.choice
        if choice is None:
            reasons = [word(one.reason) for one in self._formats.values() if one.reason]
            self.format_note.setText("\n".join(reasons))
            self._check()
            return
        refused = [
            self.tr("{format}: {reason}").format(
                format=self._format_words(one.name), reason=word(one.reason)
            )
            for one in self._formats.values()
            if one.reason
        ]
        self.format_note.setText("\n".join(refused))
        self.format_note.setVisible(bool(refused))
        self.target.setEnabled(choice.targeted)
        self._target_changed()
        path = Path(self.path.text().strip() or "model")
        known = {one.suffix for one in self._formats.values()}
        if path.suffix in known:
            path = path.with_suffix("")
        self.path.setText(f"{path}{choice.suffix}")
        self.numbers.set_numbers(self._original, choice.predicted, UNMEASURED)
        self._check()

    def _target_changed(self) -> None:
        """What the choice of a processor means."""
        choice = self.choice
        if choice is not None and not choice.targeted:
            text = self.tr("The file is the same for all processors.")
        else:
            text = {
                Target.AUTO.value: "",
                Target.AVX2.value: self.tr(
                    "Weights keep 7 of 8 bits, since sums of full 8 bits overflow there."
                ),
                Target.PORTABLE.value: self.tr(
                    "Standard operators alone; 4-bit weights are slow in this form."
                ),
            }.get(str(self.target.currentData()), "")
        self.target_note.setText(text)
        self.target_note.setVisible(bool(text))

    def _check(self) -> None:
        """Say what is there already, and whether all is said."""
        answer = self.answer
        text = ""
        good = answer is not None
        if answer is not None:
            file = Path(answer.path)
            if not file.is_absolute() or not file.parent.is_dir():
                text, good = self.tr("There is no such folder."), False
            elif file.is_dir():
                text, good = self.tr("This is a folder."), False
            elif file.exists():
                text = self.tr("There is such a file already; it will be replaced.")
        self.exists.setText(text)
        self.exists.setVisible(bool(text))
        set_property(self.exists, "tone", "warning" if good else "error")
        set_property(self.path, "state", "error" if text and not good else "")
        self.export_button.setEnabled(good and not self._running)

    def _browse(self) -> None:
        choice = self.choice
        suffix = choice.suffix if choice is not None else ""
        dialog = QFileDialog(self, self.tr("Export to"), self.path.text(), f"*{suffix}")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # the form says it
        dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.fileSelected.connect(self.path.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    # Run -------------------------------------------------------------------------------------

    def _make_run(self) -> None:
        self.progress = QProgressBar(self)
        self.progress.setTextVisible(False)
        self.progress.setRange(0, _GRAIN)
        self.progress.setMaximumHeight(self.sizes.line // 2)
        self.progress.hide()
        self.status = self.words("")
        self.status.hide()
        self.column.addWidget(self.progress)
        self.column.addStretch(1)
        self.folder_button = self.button(self.tr("Show in folder"))
        self.report_button = self.button(self.tr("Open report"))
        set_icon(self.folder_button, "folder")
        for hidden in (self.folder_button, self.report_button):
            hidden.hide()
        self.buttons.addStretch(1)
        self.cancel = self.button(self.tr("Cancel"))
        self.export_button = self.button(self.tr("Export"), "primary")
        self.export_button.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self.export_button.clicked.connect(self._run)
        self.folder_button.clicked.connect(self._show_folder)
        self.report_button.clicked.connect(self._open_report)

    def _run(self) -> None:
        if self._result is not None:
            self.accept()
            return
        answer = self.answer
        if answer is None:
            return
        self._set_running(True)
        self._tell(self.tr("Waiting for the engine…"), "")
        self.progress.setRange(0, 0)
        self.export_wanted.emit(answer)

    def _set_running(self, running: bool) -> None:
        self._running = running
        self.form.setEnabled(not running)
        self.progress.setVisible(running)
        self._check()

    def _tell(self, text: str, tone: str) -> None:
        self.status.setText(text)
        set_property(self.status, "tone", tone)
        self.status.setVisible(bool(text))

    def show_progress(self, text: str, fraction: float | None) -> None:
        """What the run is at; a fraction of None: nobody knows how far."""
        if not self._running:
            return
        self._tell(word(text), "secondary")
        self.progress.setRange(0, 0 if fraction is None else _GRAIN)
        self.progress.setValue(0 if fraction is None else round(fraction * _GRAIN))

    def show_result(self, result: Compressed) -> None:
        """The verdict: what the file is, beside what was promised."""
        self._result = result
        self._set_running(False)
        self.numbers.set_numbers(result.original, result.predicted, result.measured)
        self.form.setEnabled(False)
        difference = format_percent(result.max_relative_difference, 3)
        if result.verified:
            text = self.tr(
                "Verified: the file was loaded again, and its answers differ from the network's "
                "by at most {difference} of the largest output. It took {time}."
            )
        else:
            text = self.tr(
                "Written, but not verified: the answers of the file differ from the network's by "
                "{difference} of the largest output. It took {time}."
            )
        told = text.format(difference=difference, time=format_duration(result.seconds))
        notes = [word(note) for note in result.notes[:4]]
        self._tell("\n".join([told, *notes]), "" if result.verified else "error")
        self.folder_button.show()
        self.report_button.setVisible(bool(result.report))
        self.cancel.hide()
        self.exists.hide()
        self.export_button.setText(self.tr("Close"))
        self.export_button.setEnabled(True)
        self.export_button.setFocus()

    def show_error(self, error: EngineError | None) -> None:
        """Why there is no file; None: it was cancelled. The form can be changed again."""
        self._set_running(False)
        if error is None:
            self._tell(self.tr("The export was cancelled."), "secondary")
        else:
            self._tell(f"{word(error.message)}\n{word(error.hint)}".strip(), "error")

    def set_predicted(self, name: str, predicted: Metrics) -> None:
        """What a format will come to, where that is known later."""
        if name in self._formats:
            self._formats[name] = replace(self._formats[name], predicted=predicted)
            if self.choice is self._formats[name] and self._result is None:
                self.numbers.set_numbers(self._original, predicted, UNMEASURED)

    def _show_folder(self) -> None:
        if self._result is not None:
            self.folder_wanted.emit(self._result.file)

    def _open_report(self) -> None:
        if self._result is not None:
            self.report_wanted.emit(self._result.report)

    def reject(self) -> None:
        """While a run goes on, drop it; else close."""
        if self._running:
            self.cancel_wanted.emit()
            return
        super().reject()
