"""The export dialog over a session: its choices, the run, the verdict."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QStandardPaths, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from engine.info import Compressed, Metrics
from engine.prediction import predicted_metrics
from studio.dialogs.export import ExportDialog, FormatChoice
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.forecast import expected_top1
from studio.document.selectors import predicted, rows
from studio.document.state import DocumentState, Purpose
from studio.session import Session

_SUFFIXES = {"onnx": ".onnx", "pt2": ".pt2", "safetensors": ".safetensors"}


class Exporting(QObject):
    """One export, from the dialog to the file.

    Args:
        session: That runs it.
        window: Over which the dialog is shown; owner.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._store = session.store
        state = self._store.state
        self._before = state.original
        self.dialog = ExportDialog(
            formats(state), _path(state), state.original, precision(state), parent=window
        )
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.export_wanted.connect(self._export)
        self.dialog.cancel_wanted.connect(self._cancel)
        self.dialog.folder_wanted.connect(self._show_folder)
        self.dialog.report_wanted.connect(self._open)
        self.dialog.finished.connect(self._end)
        session.exported.connect(self._done)
        session.export_failed.connect(self._failed)
        self._store.changed.connect(self._on_changed)
        self.dialog.open()

    @Slot(object)
    def _export(self, wish: m.Export) -> None:
        self._store.dispatch(wish)

    @Slot()
    def _cancel(self) -> None:
        for job in self._store.state.jobs:
            if job.purpose is Purpose.EXPORT and not job.status.is_over:
                self._store.dispatch(m.CancelJob(job.number))

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if old.jobs is new.jobs:
            return
        for job in new.jobs:
            if job.purpose is Purpose.EXPORT and not job.status.is_over and job.text:
                self.dialog.show_progress(job.text, job.fraction)

    @Slot(object)
    def _done(self, result: Compressed) -> None:
        choice = self.dialog.choice
        if choice is not None:
            kept = promise_beside(result, choice.predicted, self._before)
            result = replace(result, predicted=kept)
        self.dialog.show_result(result)

    @Slot(object)
    def _failed(self, error: EngineError | None) -> None:
        self.dialog.show_error(error)

    @Slot(str)
    def _show_folder(self, path: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(path).parent)))

    @Slot(str)
    def _open(self, path: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))

    @Slot()
    def _end(self) -> None:
        self._session.exported.disconnect(self._done)
        self._session.export_failed.disconnect(self._failed)
        self._store.changed.disconnect(self._on_changed)
        self.deleteLater()


def formats(state: DocumentState) -> list[FormatChoice]:
    """What can be written, with what the recipe comes to in it."""
    assert state.info is not None
    assert state.resolution is not None  # else the command is not enabled
    return [
        FormatChoice(name, suffix, _promised(state, name), targeted=name == "onnx")
        for name, suffix in _SUFFIXES.items()
    ]


def _promised(state: DocumentState, name: str) -> Metrics:
    """What the recipe comes to in a format: the same figures as those of the budget bar.

    The time is that of ONNX files alone: no other format is measured in that runtime.
    """
    assert state.info is not None
    assert state.resolution is not None
    return replace(
        predicted_metrics(state.resolution.plan, state.info, name),
        latency_ms=predicted(state).latency_ms if name == "onnx" else None,
        top1=expected_top1(state, state.original.top1),
    )


def promise_beside(result: Compressed, promised: Metrics, before: Metrics) -> Metrics:
    """What an export had promised, against the original as its own run has measured it.

    Args:
        result: Of the export; what it does not predict is taken from the promise.
        promised: Before it ran.
        before: The original that the promise was made against.
    """
    fresh, kept = result.original, result.predicted
    latency_ms, top1 = promised.latency_ms, promised.top1
    if latency_ms and before.latency_ms and fresh.latency_ms:
        latency_ms *= fresh.latency_ms / before.latency_ms
    if top1 is not None and before.top1 is not None and fresh.top1 is not None:
        top1 = min(max(top1 + fresh.top1 - before.top1, 0.0), 1.0)
    return replace(
        kept,
        latency_ms=latency_ms if kept.latency_ms is None else kept.latency_ms,
        top1=top1 if kept.top1 is None else kept.top1,
    )


def _path(state: DocumentState) -> str:
    """Beside the model, or among the documents where the model's folder cannot be written to."""
    assert state.model.source is not None
    model = Path(state.model.source.path)
    folder = model.parent
    if not _writable(folder):
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(documents))
        if not folder.is_dir():
            folder = Path.home()
    return str(folder / f"{model.stem}-small.onnx")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and "resources" not in folder.parts


def precision(state: DocumentState) -> str:
    """What the recipe makes of weights and activations, in words."""
    if any(step.enabled and step.method == "float16" for step in state.recipe.steps):
        return QCoreApplication.translate("Export", "16-bit float")
    weights = _bits(state, Facet.WEIGHT_BITS)
    activations = _bits(state, Facet.ACTIVATION_BITS)
    if not weights and not activations:
        return QCoreApplication.translate("Export", "32-bit float")
    if not activations:
        return QCoreApplication.translate("Export", "weights of {bits} bits").format(bits=weights)
    if not weights:
        return QCoreApplication.translate("Export", "activations of {bits} bits").format(
            bits=activations
        )
    return QCoreApplication.translate(
        "Export", "weights of {weights} bits, activations of {activations} bits"
    ).format(weights=weights, activations=activations)


def _bits(state: DocumentState, facet: Facet) -> str:
    found = sorted({row.cells[facet].value for row in rows(state)} - {None}, key=_number)
    return ", ".join(str(one) for one in found)


def _number(value: float | None) -> float:
    return 0.0 if value is None else float(value)
