"""Channels: their scores sorted, and the threshold that sets the ratio of the group."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton, QWidget

from engine.details import ChannelDetail
from engine.jobs.looks import ChannelLook
from engine.jobs.requests import Request
from engine.methods.pruning.channel import NEED_DATA, ChannelParams, Criterion
from studio.document.state import DocumentState
from studio.forms.schema import fields_of
from studio.store import Store
from studio.views.inspector_look import OPEN_DATA, LookTab
from studio.views.inspector_state import (
    channel_params,
    frozen_reason,
    kept_channels,
    ratio_wish,
    removed_share,
    shares_are_divided,
    targets,
)
from studio.widgets.plots.scores import ScoresPlot
from studio.words import word


class ChannelsTab(LookTab):
    """Scores of the channel group that the inspected layer belongs to.

    Args:
        store: Whose state is shown.
        parent: Owner.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(store, parent)
        self.criterion = QComboBox(self)
        self.criterion.addItem(self.tr("As in the recipe"), "")
        for one in Criterion:
            self.criterion.addItem(_criterion_title(one), one.value)
        self.criterion.setToolTip(
            self.tr("What the scores shown are. The recipe keeps the criterion it has.")
        )
        label = QLabel(self.tr("&Scores:"), self)
        label.setBuddy(self.criterion)
        self.log = QCheckBox(self.tr("&Logarithmic"), self)
        self.plot = ScoresPlot(self)
        self.open_data = QPushButton(self.tr("Open data…"), self)
        self.open_data.hide()
        self._facts = self.plain_label()
        self._detail: ChannelDetail | None = None
        for widget in (label, self.criterion, self.log):
            self.row.addWidget(widget)
        self.finish_row()
        self.column.addWidget(self.plot, 1)
        self.column.addWidget(self.open_data)
        self.column.addWidget(self._facts)
        self.log.toggled.connect(self.plot.set_log)
        self.criterion.currentIndexChanged.connect(self._another)
        self.plot.ratio_changed.connect(self._moved)
        self.open_data.clicked.connect(self._wish_data)

    @Slot()
    def _another(self) -> None:
        self.refresh()

    def _chosen(self, state: DocumentState) -> Criterion:
        name = self.criterion.currentData()
        return Criterion(name) if name else channel_params(state, state.current).criterion

    def requests(self, state: DocumentState) -> tuple[Request, ...]:
        """The scores by the criterion that is chosen here, or the recipe's."""
        if state.model.source is None:
            return ()
        chosen = self._chosen(state)
        params = channel_params(state, state.current)
        data = state.data.source if chosen in NEED_DATA else None
        seed = state.recipe.seed
        return (ChannelLook(state.model.source, state.current, chosen, data, params.norm, seed),)

    def reason(self, state: DocumentState) -> tuple[str, str]:
        """Channels that cannot be removed have no scores."""
        reason = frozen_reason(state, state.current)
        return (self.tr("These channels stay"), word(reason)) if reason else ("", "")

    def present(self, state: DocumentState, answers: tuple[Any, ...]) -> None:
        """Show the scores, or say what is missing."""
        detail: ChannelDetail = answers[0]
        self._detail = detail
        lacks = detail.criterion in detail.need_data and state.data.source is None
        self.open_data.setVisible(lacks and not len(detail.scores))
        if not len(detail.scores):
            self._tell_missing(detail, lacks=lacks)
            return
        title = self.tr("Score: {criterion}").format(
            criterion=_criterion_title(Criterion(detail.criterion))
        )
        self.plot.set_scores(detail.scores, removed_share(state, detail.layer), title=title)

    def _tell_missing(self, detail: ChannelDetail, *, lacks: bool) -> None:
        """The row above stays, so that another criterion can be chosen."""
        self.plot.set_scores(None, 0.0)
        if lacks:
            self.plot.set_empty(
                self.tr("{reason} Open data, or choose other scores above.").format(
                    reason=word(detail.reason)
                )
            )
        else:
            self.plot.set_empty(word(detail.reason))

    def settle(self, state: DocumentState) -> None:
        """Where the recipe's threshold stands."""
        detail = self._detail
        if detail is None:
            return
        self.plot.set_ratio(removed_share(state, detail.layer))
        self._facts.setText(" ".join(self._sentences(state, detail)))

    def _sentences(self, state: DocumentState, detail: ChannelDetail) -> list[str]:
        found = []
        kept = kept_channels(state, detail.layer)
        if kept is not None:
            text = self.tr("The recipe keeps ~{kept} of {count} channels.")
            found.append(text.format(kept=kept[0], count=kept[1]))
        if kept is not None and shares_are_divided(state, detail.layer):
            found.append(
                self.tr(
                    "The step divides its share among the groups; the line gives this group one "
                    "of its own."
                )
            )
        if len(detail.layers) > 1:
            text = self.tr("They are shared by {count} layers.")
            found.append(text.format(count=len(detail.layers)))
        if detail.unit > 1:
            text = self.tr("Each stands for {count} neighboring channels.")
            found.append(text.format(count=detail.unit))
        if detail.samples:
            text = self.tr("Scored on {count} calibration samples.")
            found.append(text.format(count=detail.samples))
        if len(targets(state)) > 1:
            text = self.tr("The line sets all {count} selected layers.")
            found.append(text.format(count=len(targets(state))))
        return [*found, *(word(note) for note in detail.notes)]

    @Slot()
    def _wish_data(self) -> None:
        self.commanded.emit(OPEN_DATA)

    @Slot(float, bool)
    def _moved(self, ratio: float, final: bool) -> None:
        if not self.fresh:
            return
        state = self.store.state
        self.store.dispatch(ratio_wish(state, targets(state), ratio, final=final))


def _criterion_title(criterion: Criterion) -> str:
    field = next(one for one in fields_of(ChannelParams) if one.name == "criterion")
    labels = {one.value: one.label for one in field.choices}
    return word(labels.get(criterion.value, criterion.value))
