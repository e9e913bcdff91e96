"""Jobs and log: what runs, what waits, what went wrong and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QGuiApplication
from PySide6.QtWidgets import (
    QHeaderView,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.units import format_duration
from studio.document import messages as m
from studio.document.state import DocumentState, JobState, JobStatus
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.palette import color, colors_of
from studio.widgets.following import Following
from studio.widgets.wrapping import Wrapping
from studio.words import word

_NUMBER = Qt.ItemDataRole.UserRole
_LABEL, _STATUS, _PROGRESS, _LEFT = range(4)


class JobsView(Following):
    """All jobs, the running one first; its buttons; and the words of the one that is selected.

    Args:
        store: Whose jobs are shown.
        parent: Owner.
    """

    copied = Signal()

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._items: dict[int, QTreeWidgetItem] = {}
        self._bars: dict[int, QProgressBar] = {}
        self._shown: dict[int, JobState] = {}
        self._tree = self._make_tree()
        self._words = QPlainTextEdit(self)
        self._words.setReadOnly(True)
        self._words.setAccessibleName(self.tr("What the job says"))
        self._words.setPlaceholderText(self.tr("Select a job to see what it says."))
        self.bar = Wrapping(metrics(self).gap, self)
        self._pause = self._button("pause", self.tr("Pause"))
        self._stop = self._button("stop", self.tr("Stop and keep the best"))
        self._cancel = self._button("cancel", self.tr("Cancel"))
        self._copy = self._button("copy", self.tr("Copy"))
        self._clear = self._button("clear", self.tr("Clear ended jobs"))
        self._arrange()
        self._pause.clicked.connect(self._pause_job)
        self._stop.clicked.connect(self._stop_job)
        self._cancel.clicked.connect(self._cancel_job)
        self._copy.clicked.connect(self._copy_words)
        self._clear.clicked.connect(self._clear_jobs)
        self._tree.itemSelectionChanged.connect(self._show_words)
        self.follow(store, self._on_changed)
        self._show(store.state)

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget(self)
        tree.setHeaderLabels(
            [self.tr("Job"), self.tr("State"), self.tr("Progress"), self.tr("Left")]
        )
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAccessibleName(self.tr("Jobs"))
        header = tree.header()
        width = metrics(self).chars
        header.setSectionResizeMode(_LABEL, QHeaderView.ResizeMode.Stretch)
        for column, chars in ((_STATUS, 10), (_PROGRESS, 18), (_LEFT, 8)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            tree.setColumnWidth(column, width(chars))
        header.setStretchLastSection(False)
        return tree

    def _button(self, icon: str, text: str) -> QPushButton:
        button = QPushButton(text, self.bar)
        set_icon(button, icon)
        return button

    def _arrange(self) -> None:
        distances = metrics(self)
        self.bar.set_items((self._pause, self._stop, self._cancel, self._copy, self._clear))
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self._tree)
        splitter.addWidget(self._words)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        self._tree.setMinimumWidth(distances.chars(52))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[distances.gap] * 4)
        layout.setSpacing(distances.gap)
        layout.addWidget(splitter, 1)
        layout.addWidget(self.bar)

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.jobs is not new.jobs:
            self._show(new)

    def _show(self, state: DocumentState) -> None:
        known = {job.number: job for job in state.jobs}
        for number in [number for number in self._items if number not in known]:
            item = self._items.pop(number)
            self._tree.takeTopLevelItem(self._tree.indexOfTopLevelItem(item))
            self._shown.pop(number, None)
            self._bars.pop(number, None)
        for job in state.jobs:
            if self._shown.get(job.number) is not job:
                self._show_job(job)
        self._show_buttons()
        self._clear.setEnabled(any(job.status.is_over for job in state.jobs))

    def _show_job(self, job: JobState) -> None:
        item = self._items.get(job.number)
        if item is None:
            item = QTreeWidgetItem(self._tree)
            item.setData(_LABEL, _NUMBER, job.number)
            self._items[job.number] = item
            if self._tree.currentItem() is None:
                self._tree.setCurrentItem(item)
            self._tree.scrollToItem(item)
        item.setText(_LABEL, word(job.label))
        item.setToolTip(_LABEL, word(job.label))
        item.setText(_STATUS, self._status(job.status))
        self._color(item, job)
        left = None if job.status.is_over else job.remaining_s
        item.setText(_LEFT, "" if left is None else "~" + format_duration(left))
        self._show_progress(item, job)
        self._shown[job.number] = job
        if item.isSelected():
            self._show_words()

    def _color(self, item: QTreeWidgetItem, job: JobState) -> None:
        """A failure has a color of its own; all else has the window's, whatever that becomes."""
        failed = job.status in (JobStatus.FAILED, JobStatus.CRASHED)
        brush = QBrush(color(colors_of(self).error)) if failed else None
        item.setData(_STATUS, Qt.ItemDataRole.ForegroundRole, brush)

    def changeEvent(self, event: QEvent) -> None:
        """Qt's: other colors."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_shown"):
            for number, job in self._shown.items():
                self._color(self._items[number], job)

    def _show_progress(self, item: QTreeWidgetItem, job: JobState) -> None:
        if job.status.is_over or job.status is JobStatus.WAITING:
            if self._bars.pop(job.number, None) is not None:
                self._tree.removeItemWidget(item, _PROGRESS)
            return
        bar = self._bars.get(job.number)
        if bar is None:
            bar = QProgressBar(self._tree)
            bar.setTextVisible(True)
            self._bars[job.number] = bar
            self._tree.setItemWidget(item, _PROGRESS, bar)
        fraction = job.fraction
        if fraction is None:
            bar.setRange(0, 0)
        else:
            bar.setRange(0, 1000)
            bar.setValue(round(1000 * fraction))
        bar.setFormat(f"{word(job.text)}  %p%" if fraction is not None else word(job.text))
        bar.setToolTip(word(job.text))

    def _status(self, status: JobStatus) -> str:
        return {
            JobStatus.WAITING: self.tr("waiting"),
            JobStatus.RUNNING: self.tr("running"),
            JobStatus.PAUSED: self.tr("paused"),
            JobStatus.STOPPING: self.tr("stopping"),
            JobStatus.FINISHED: self.tr("finished"),
            JobStatus.STOPPED: self.tr("stopped"),
            JobStatus.FAILED: self.tr("failed"),
            JobStatus.CRASHED: self.tr("crashed"),
        }[status]

    @property
    def current(self) -> JobState | None:
        """The job that is selected."""
        items = self._tree.selectedItems()
        number = items[0].data(_LABEL, _NUMBER) if items else None
        return None if number is None else self._store.state.job(number)

    @Slot()
    def _show_words(self) -> None:
        job = self.current
        text = ""
        if job is not None:
            text = word(job.text)
            if job.error is not None:
                text = "\n\n".join(filter(None, (word(job.error.message), word(job.error.hint))))
                if job.error.where:
                    text = f"{job.error.where}\n\n{text}"
            if job.traceback:
                text = f"{job.text}\n\n{job.traceback}"
        if text != self._words.toPlainText():
            self._words.setPlainText(text)
        self._show_buttons()

    def _show_buttons(self) -> None:
        job = self.current
        alive = job is not None and not job.status.is_over
        runs = job is not None and job.status in (JobStatus.RUNNING, JobStatus.PAUSED)
        paused = job is not None and job.status is JobStatus.PAUSED
        self._pause.setText(self.tr("Go on") if paused else self.tr("Pause"))
        self._pause.setEnabled(runs)
        self._stop.setEnabled(runs)
        self._cancel.setEnabled(alive)
        self._copy.setEnabled(bool(self._words.toPlainText()))

    @Slot()
    def _pause_job(self) -> None:
        job = self.current
        if job is not None:
            paused = job.status is not JobStatus.PAUSED
            self._store.dispatch(m.PauseJob(job.number, paused))

    @Slot()
    def _stop_job(self) -> None:
        if self.current is not None:
            self._store.dispatch(m.StopJob(self.current.number))

    @Slot()
    def _cancel_job(self) -> None:
        if self.current is not None:
            self._store.dispatch(m.CancelJob(self.current.number))

    @Slot()
    def _clear_jobs(self) -> None:
        self._store.dispatch(m.ClearJobs())

    @Slot()
    def _copy_words(self) -> None:
        QGuiApplication.clipboard().setText(self._words.toPlainText())
        self.copied.emit()
