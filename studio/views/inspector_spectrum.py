"""Spectrum: singular values, energy, and the rank that the recipe keeps."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from engine.details import SpectrumDetail
from engine.jobs.looks import SpectrumLook
from engine.jobs.requests import Request
from engine.units import format_bytes
from studio.document.facets import Facet
from studio.document.state import DocumentState
from studio.store import Store
from studio.views.inspector_look import LookTab
from studio.views.inspector_state import current_row, kept_rank, rank_wish, targets
from studio.widgets.plots.spectrum import SpectrumPlot
from studio.words import word


class SpectrumTab(LookTab):
    """Singular values of the inspected layer; dragging the line sets its rank.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, parent)
        self.log = QCheckBox(self.tr("&Logarithmic"), self)
        self.log.setChecked(True)
        self.suggested = QPushButton(self)
        self.suggested.setToolTip(
            self.tr("Variational Bayes tells the signal in the weights from noise.")
        )
        self.plot = SpectrumPlot(self)
        self._facts = self.plain_label()
        self._detail: SpectrumDetail | None = None
        self.row.addWidget(self.log)
        self.row.addWidget(self.suggested)
        self.finish_row()
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self._facts)
        self.log.toggled.connect(self.plot.set_log)
        self.suggested.clicked.connect(self._take_suggestion)
        self.plot.rank_changed.connect(self._moved)

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """The inspected layer's spectrum."""
        source = state.model.source
        return () if source is None else (SpectrumLook(source, state.current),)

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show singular values, or why there are none."""
        detail: SpectrumDetail = answers[0]
        self._detail = detail
        if not len(detail.values):
            self.tell(self.tr("No spectrum"), word(detail.reason))
            return
        even = detail.break_even_rank
        self.plot.set_spectrum(detail.values, kept_rank(state, detail), even or None)
        text = self.tr("&Bayes: rank {rank}")
        self.suggested.setText(text.format(rank=detail.vbmf_rank))

    def settle(self, state: DocumentState) -> None:
        """Where the recipe's rank stands, and what it takes."""
        detail, row = self._detail, current_row(state)
        if detail is None or row is None or not len(detail.values):
            return
        reason = detail.reason or row.cells[Facet.RANK].reason
        self.plot.set_editable(editable=not reason, reason=word(reason))
        self.suggested.setEnabled(not reason)
        rank = kept_rank(state, detail)
        self.plot.set_rank(rank)
        self._facts.setText(word(reason) if reason else self._words(state, detail, rank))

    def _words(self, state: DocumentState, detail: SpectrumDetail, rank: int | None) -> str:
        whole = format_bytes(detail.dense_bytes)
        if rank is None:
            text = self.tr("Not factored: a matrix of {rows} × {columns}, {size}.")
            words = text.format(rows=detail.rows, columns=detail.columns, size=whole)
        else:
            text = self.tr("At rank {rank} the factors take ~{size} instead of {whole}.")
            size = format_bytes(detail.size_bytes(rank))
            words = text.format(rank=rank, size=size, whole=whole)
        if len(targets(state)) > 1:
            text = self.tr("The line sets the same share for all {count} selected layers.")
            words = " ".join((words, text.format(count=len(targets(state)))))
        return words

    @Slot(int, bool)
    def _moved(self, rank: int, final: bool) -> None:
        if self._detail is not None and self.fresh:
            wish = rank_wish(self._detail, targets(self.store.state), rank, final=final)
            self.store.dispatch(wish)

    @Slot()
    def _take_suggestion(self) -> None:
        if self._detail is not None:
            self._moved(self._detail.vbmf_rank, True)
