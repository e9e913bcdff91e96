"""The graph: the network as it was opened, and beside it the file of a trial."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.info import FOLDS_INTO, Format, LayerInfo, NetworkInfo
from engine.jobs.looks import GraphLook
from engine.jobs.requests import ModelSource
from studio.document.looks import look_for
from studio.document.messages import Ask, Select, WantDetails
from studio.document.selectors import lit, rows
from studio.document.state import DocumentState, Opening
from studio.document.trial import Trial
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.style.palette import colors_of
from studio.views.graph_colors import Column, column_words, tint
from studio.widgets.following import Following
from studio.widgets.graph.graph_pair import GraphPair
from studio.widgets.graph.legend import ColorLegend
from studio.widgets.graph.panel import GraphPanel
from studio.words import word

_NO_GRAPH = frozenset({Format.STATE_DICT, Format.SAFETENSORS, Format.PICKLE})
"""Formats whose files do not say what leads where: the graph comes from the network."""


class GraphView(Following):
    """Shows the graph, colored by a column of the table; shares the selection."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._asked_details = 0
        self.pair = GraphPair(self)
        self.coloring = QComboBox(self)
        self.legend = ColorLegend(self)
        self.reason = QLabel(self)
        self.both = QToolButton(self)
        self._fill_bar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pair)
        self.setFocusProxy(self.coloring)
        self.pair.picked.connect(self._picked)
        self.pair.before.wanted.connect(self._ask_before)
        self.pair.after.wanted.connect(self._ask_after)
        self.coloring.currentIndexChanged.connect(self._recolor)
        self.both.toggled.connect(self._show_after)
        self.follow(store, self._show)
        self._show(None, store.state)

    def changeEvent(self, event: QEvent) -> None:
        """Colors of the scale hang on the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._recolor()

    def _fill_bar(self) -> None:
        room = metrics(self)
        label = QLabel(self.tr("&Color:"), self)
        label.setBuddy(self.coloring)
        for column in Column:
            self.coloring.addItem(column_words(column), column)
        self.coloring.setAccessibleName(self.tr("Color layers by"))
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.coloring.setSizeAdjustPolicy(policy)
        self.coloring.setMinimumContentsLength(7)
        text = self.tr("Show the file of the selected trial beside it")
        self.both.setCheckable(True)
        self.both.setAutoRaise(True)
        self.both.setProperty("role", "icon")
        self.both.setIconSize(QSize(room.icon, room.icon))
        self.both.setToolTip(text)
        self.both.setAccessibleName(text)
        set_icon(self.both, "compare")
        self.reason.setProperty("tone", "secondary")
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setWordWrap(True)
        self.pair.add_tool(label)
        self.pair.add_tool(self.coloring, stretch=1)
        self.pair.add_tool(self.both, at_end=True)
        for widget in (self.legend, self.reason):
            self.pair.add_below(widget)
        self.reason.hide()

    # The state -------------------------------------------------------------------------------

    def _show(self, old: DocumentState | None, new: DocumentState) -> None:
        """Show what differs."""
        if old is None or old.model is not new.model:
            self._show_before(new)
        trials = old is None or any(
            getattr(old, part) is not getattr(new, part)
            for part in ("trials", "chosen", "base", "details", "project", "model")
        )
        if trials:
            self._show_trial(new)
        if old is None or trials or rows(old) is not rows(new):
            self._recolor()
        if old is None or old.selection != new.selection or lit(old) is not lit(new):
            near = tuple(sorted(lit(new).difference(new.selection)))
            self.pair.select(new.selection, near)
        if old is None or old.looks is not new.looks:
            self._take_answers(new)

    def _show_before(self, state: DocumentState) -> None:
        info, source = state.info, state.model.source
        panel = self.pair.before
        if info is None or source is None:
            panel.show_model(None, "", {}, self._nothing(state))
            return
        path = Path(source.path)
        graph = None if info.format in _NO_GRAPH else path
        panel.show_model(graph, path.name, _names(info.layers))

    def _nothing(self, state: DocumentState) -> str:
        if state.model.opening is Opening.FAILED and state.model.error is not None:
            return word(state.model.error.one_line())
        if state.model.opening is Opening.NOTHING:
            return self.tr("Open a model to see its graph.")
        return self.tr("Reading the model…")

    def _trial(self, state: DocumentState) -> Trial | None:
        """The trial whose file is shown: the selected one, else the one the recipe came from."""
        ids = [*(one for one in state.chosen if one), *([state.base] if state.base else [])]
        found = (state.trial(one) for one in ids)
        return next((one for one in found if one is not None and not one.deleted), None)

    def _after(self, state: DocumentState) -> NetworkInfo | None:
        trial = self._trial(state)
        details = None if trial is None else state.details.get(str(trial.id))
        return None if details is None else details.after

    def _show_trial(self, state: DocumentState) -> None:
        trial = self._trial(state)
        self.both.setEnabled(trial is not None)
        shown = trial is not None and self.both.isChecked()
        before = () if state.info is None else state.info.layers
        after = self._after(state) if shown else None
        if trial is not None and shown:
            path = _file(state, trial)
            layers = {} if after is None else _names(after.layers)
            self.pair.after.show_model(path, path.name, layers)
            if after is None and self._asked_details != trial.id:
                self._asked_details = trial.id
                self._store.dispatch(WantDetails(trial.id))
        self.pair.show_after(shown, "" if trial is None else trial.name)
        self.pair.set_layers(
            tuple(layer.name for layer in before),
            () if after is None else tuple(layer.name for layer in after.layers),
            {
                layer.name: str(layer.attributes[FOLDS_INTO])
                for layer in before
                if FOLDS_INTO in layer.attributes
            },
        )

    def _take_answers(self, state: DocumentState) -> None:
        for panel, request in (
            (self.pair.before, self._before_look(state)),
            (self.pair.after, self._after_look(state)),
        ):
            look = None if request is None else look_for(state, request)
            if look is None or look.pending or not panel.is_waiting:
                continue
            problem = "" if look.error is None else word(look.error.one_line())
            panel.show_detail(look.result, problem)

    def _before_look(self, state: DocumentState) -> GraphLook | None:
        return None if state.model.source is None else GraphLook(state.model.source)

    def _after_look(self, state: DocumentState) -> GraphLook | None:
        trial = self._trial(state)
        return None if trial is None else GraphLook(ModelSource(str(_file(state, trial))))

    # The user --------------------------------------------------------------------------------

    def _picked(self, names: tuple[str, ...]) -> None:
        self._store.dispatch(Select(names, names[-1] if names else ""))

    def _ask_before(self) -> None:
        self._ask(self._before_look(self._store.state), self.pair.before)

    def _ask_after(self) -> None:
        self._ask(self._after_look(self._store.state), self.pair.after)

    def _ask(self, request: GraphLook | None, panel: GraphPanel) -> None:
        if request is None:
            return
        self._store.dispatch(Ask(request))
        if panel.is_waiting:  # an answer that is already there changes nothing
            self._take_answers(self._store.state)

    def _show_after(self, _checked: bool) -> None:
        self._show_trial(self._store.state)
        self._recolor()

    def _recolor(self) -> None:
        state = self._store.state
        column = Column(self.coloring.currentData())
        after = self._after(state) if self.both.isChecked() else None
        layers = () if after is None else after.layers
        found = tint(column, rows(state), layers, colors_of(self))
        self.pair.set_colors(found.before, found.after)
        if found.scale:
            self.legend.set_scale(*found.ends, found.scale)
        else:
            self.legend.set_swatches(found.swatches)
        self.reason.setText(found.reason)
        self.reason.setVisible(bool(found.reason))


def _names(layers: tuple[LayerInfo, ...]) -> dict[str, str]:
    return {layer.name: layer.source_name for layer in layers}


def _file(state: DocumentState, trial: Trial) -> Path:
    """The file that a trial wrote."""
    return Path(state.project.folder) / trial.file
