"""Opening data: what was found, how it becomes the network's input, and what the network says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.data_info import Offer, apply_offer
from engine.details import DataPreview
from engine.errors import EngineError
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing
from studio.dialogs.data_form import PreprocessingForm, Samples
from studio.dialogs.data_samples import SampleGrid
from studio.dialogs.frame import Dialog, wrapped
from studio.style.sheet import set_property
from studio.words import word

_NOTES = 6
_CLASSES = 8


class DataDialog(Dialog):
    """Shows previews that it asks for; its answer is a source and a preprocessing.

    Args:
        source: Where the data is.
        parent: Owner.
    """

    preview_wanted = Signal(object, object)
    """A `DataSource`, and the `Preprocessing` to try (None: the file's); `show_preview` answers."""

    def __init__(self, source: DataSource, parent: QWidget | None = None) -> None:
        super().__init__("", 132, parent)
        self.setWindowTitle(self.tr("Data"))
        self.setMinimumWidth(self.sizes.chars(104))
        self._source = source
        self._preview: DataPreview | None = None
        self._asked: Preprocessing | None = None
        self._pending = False
        name = " + ".join(PurePath(path).name for path in source.paths)
        self.title = self.heading(name)
        self.found = self.words(self.tr("Looking at the data…"), "secondary")
        self.fit_frame = QFrame(self)
        self.column.addWidget(self.fit_frame)
        self._make_fit()
        parts = QHBoxLayout()
        parts.setSpacing(2 * self.sizes.wide)
        parts.addWidget(self._make_left(), 0)
        parts.addWidget(self._make_right(), 1)
        self.column.addLayout(parts, 1)
        self.buttons.addStretch(1)
        self.cancel = self.button(self.tr("Cancel"))
        self.use = self.button(self.tr("Use this data"), "primary")
        self.use.setDefault(True)
        self.use.setEnabled(False)
        self.cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self.accept)
        self.cancel.setFocus()

    def sizeHint(self) -> QSize:
        """Room for the form and three rows of samples."""
        return QSize(self.sizes.chars(132), max(super().sizeHint().height(), self.sizes.line * 38))

    def ask(self) -> None:
        """Ask for the first preview."""
        self._pending = True
        self.preview_wanted.emit(self._source, None)

    # Parts -----------------------------------------------------------------------------------

    def _make_fit(self) -> None:
        column = QVBoxLayout(self.fit_frame)
        column.setContentsMargins(*4 * [self.sizes.gap])
        column.setSpacing(self.sizes.small)
        self.fits = wrapped("", self.fit_frame)
        self.offers = QGridLayout()
        self.offers.setSpacing(self.sizes.small)
        self.offers.setColumnStretch(2, 1)
        column.addWidget(self.fits)
        column.addLayout(self.offers)
        set_property(self.fit_frame, "tone", "card")
        self.fit_frame.hide()

    def _make_left(self) -> QWidget:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, self.sizes.gap, 0)
        column.setSpacing(self.sizes.gap)
        column.addWidget(self._make_source())
        self.form = PreprocessingForm(side)
        self.form.edited.connect(self._edited)
        title = QLabel(self.tr("Preprocessing"), side)
        set_property(title, "tone", "title")
        column.addWidget(title)
        column.addWidget(self.form)
        self.notes = wrapped("", side, "secondary")
        column.addWidget(self.notes)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(side)
        area.setFixedWidth(self.sizes.chars(58))
        return area

    def _make_source(self) -> QWidget:
        """What only tables and texts have: columns and a tokenizer."""
        self.source_form = QWidget(self)
        grid = QGridLayout(self.source_form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self.sizes.gap)
        grid.setVerticalSpacing(self.sizes.small)
        grid.setColumnStretch(1, 1)
        self.label_column = QLineEdit(self._source.label_column, self.source_form)
        self.label_column.setPlaceholderText(self.tr("label, y, target or class"))
        self.input_columns = QLineEdit(", ".join(self._source.input_columns), self.source_form)
        self.input_columns.setPlaceholderText(self.tr("All others"))
        self.tokenizer = QLineEdit(self._source.tokenizer, self.source_form)
        self.tokenizer.setPlaceholderText(self.tr("tokenizer.json, for texts"))
        self.choose = QPushButton(self.tr("Choose…"), self.source_form)
        self.choose.setAutoDefault(False)
        self.choose.clicked.connect(self._browse)
        rows = (
            (self.tr("Label column"), self.label_column),
            (self.tr("Input columns"), self.input_columns),
            (self.tr("Tokenizer"), self.tokenizer),
        )
        for row, (title, editor) in enumerate(rows):
            grid.addWidget(QLabel(title, self.source_form), row, 0)
            grid.addWidget(editor, row, 1)
            editor.setAccessibleName(title)
            editor.editingFinished.connect(self._source_edited)
        grid.addWidget(self.choose, 2, 2)
        self.source_form.hide()
        return self.source_form

    def _make_right(self) -> QWidget:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self.sizes.gap)
        self.verdict = wrapped("", side)
        self.prepared = QCheckBox(self.tr("As the network gets them"), side)
        column.addWidget(self.verdict)
        column.addWidget(self.prepared)
        self.samples = SampleGrid(side)
        self.prepared.toggled.connect(self.samples.set_prepared)
        area = QScrollArea(side)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.samples)
        column.addWidget(area, 1)
        return side

    # Answers of the engine ---------------------------------------------------------------------

    @property
    def answer(self) -> tuple[DataSource, Preprocessing]:
        """What was chosen; the preprocessing is to be written beside the data."""
        return self._source, self.form.value

    @property
    def is_pending(self) -> bool:
        """A preview is awaited."""
        return self._pending

    def show_preview(self, preview: DataPreview) -> None:
        """Show what was found."""
        self._preview = preview
        self._pending = False
        info, fit = preview.info, preview.fit
        self.found.setText(self._found_text(preview))
        self.form.show_value(fit.preprocessing, _kind(preview))
        self.form.show_missing(preview.missing)
        self.source_form.setVisible(info.form in ("table", "text"))
        self._show_fit(word(fit.message), fit.offers, ok=fit.ok)
        # what is said of the data may stand in both
        notes = [word(note) for note in dict.fromkeys((*info.notes, *fit.notes))][:_NOTES]
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self.samples.set_samples(preview.samples)
        some = any(one.prepared is not None for one in preview.samples)
        self.prepared.setEnabled(some)
        self._show_verdict(preview)
        self.use.setEnabled(fit.ok)

    def show_error(self, error: EngineError) -> None:
        """Why there is nothing to show, and what to do."""
        self._pending = False
        self._show_fit(f"{word(error.message)}\n{word(error.hint)}".strip(), (), ok=False)
        if self._preview is None:
            self.found.setText("")
            self.source_form.show()  # what a table lacks is said here
        self.use.setEnabled(False)

    def _found_text(self, preview: DataPreview) -> str:
        info = preview.info
        parts = []
        for split in info.splits:
            text = self.tr("{name}: {count} samples")
            if not split.labelled:
                text = self.tr("{name}: {count} samples without labels")
            parts.append(text.format(name=split.name, count=f"{split.samples:,}"))
        if info.sample_shape is not None:
            shape = "×".join(map(str, info.sample_shape))
            text = self.tr("each {shape}, {dtype}")
            parts.append(text.format(shape=shape, dtype=info.dtype))
        if info.classes:
            shown = ", ".join(info.classes[:_CLASSES])
            text = self.tr("{count} classes ({names})")
            if len(info.classes) > _CLASSES:
                text = self.tr("{count} classes ({names}, …)")
            parts.append(text.format(count=len(info.classes), names=shown))
        if info.skipped:
            text = self.tr("{count} samples cannot be read and are left out")
            parts.append(text.format(count=f"{info.skipped:,}"))
        return " · ".join(parts)

    def _show_fit(self, text: str, offers: tuple[Offer, ...], *, ok: bool) -> None:
        """Whether the data fits, with a button for each change that would mend it."""
        self.fits.setText(text)
        set_property(self.fits, "tone", "" if ok else "error")
        while self.offers.count():
            item = self.offers.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, offer in enumerate(offers):
            button = QPushButton(word(offer.title), self.fit_frame)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, chosen=offer: self._take(chosen))
            self.offers.addWidget(button, at // 2, at % 2)
        self.fit_frame.setVisible(bool(text))

    def _show_verdict(self, preview: DataPreview) -> None:
        """How many predictions are right: wrong preprocessing is seen at once."""
        right, known = self.samples.matches
        tone = "secondary"
        if preview.reason:
            text = word(preview.reason)
        elif known:
            text = self.tr("The network's answer is the label for {right} of {known} samples.")
            text = text.format(right=right, known=known)
            if known >= 6 and right <= known // 4:
                tone = "warning"
                text = self.tr(
                    "The network's answer is the label for {right} of {known} samples only: is "
                    "the preprocessing right?"
                ).format(right=right, known=known)
        else:
            text = self.tr("A few samples of “{split}”").format(split=word(preview.split))
        self.verdict.setText(text)
        set_property(self.verdict, "tone", tone)

    # Edits -----------------------------------------------------------------------------------

    def _ask_with(self, preprocessing: Preprocessing | None) -> None:
        self._pending = True
        self.use.setEnabled(False)
        self.preview_wanted.emit(self._source, preprocessing)

    def _edited(self, value: Preprocessing) -> None:
        self._ask_with(value)

    def _take(self, offer: Offer) -> None:
        value = apply_offer(self.form.value, offer)
        self.form.show_value(value)
        self._ask_with(value)

    def _source_edited(self) -> None:
        columns = (one.strip() for one in self.input_columns.text().split(","))
        source = replace(
            self._source,
            label_column=self.label_column.text().strip(),
            input_columns=tuple(one for one in columns if one),
            tokenizer=self.tokenizer.text().strip(),
        )
        if source != self._source:
            self._source = source
            self._ask_with(self.form.value if self._preview is not None else None)

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a tokenizer"), "", "JSON (*.json)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._tokenizer_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tokenizer_chosen(self, path: str) -> None:
        self.tokenizer.setText(path)
        self._source_edited()


def _kind(preview: DataPreview) -> Samples:
    """What the samples are, as far as the form is concerned."""
    info = preview.info
    if info.dtype == "text" or preview.fit.preprocessing.is_text:
        return Samples.TEXT
    pictures = any(one.picture is not None for one in preview.samples)
    flat = info.sample_shape is not None and len(info.sample_shape) < 2
    return Samples.NUMBERS if flat and not pictures else Samples.PIXELS
