"""Any two of the original and the trials, side by side."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.jobs.looks import SampleLook, VersusLook
from engine.trials import Versus
from studio.document.looks import look_for
from studio.document.messages import Ask, ChooseTrials, Select, WantDetails
from studio.document.selectors import layer_table
from studio.document.state import DocumentState
from studio.store import Store
from studio.style.icons import set_icon
from studio.style.metrics import metrics
from studio.views.compare_numbers import Side, side_of, verdict_words
from studio.views.compare_samples import SampleGallery
from studio.views.compare_tables import ClassesTable, LayersTable, NumbersTable, SettingsTable
from studio.views.trials_words import ORIGINAL, lines
from studio.widgets.empty import EmptyState
from studio.widgets.following import Following
from studio.words import word


class CompareView(Following):
    """Numbers, settings, layers, classes and changed samples of two networks."""

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._pair: tuple[int, int] | None = None
        self._details_asked: set[int] = set()
        self._samples_asked: dict[tuple[int, ...], SampleLook] = {}
        self.first, self.second = QComboBox(self), QComboBox(self)
        self.swap = QToolButton(self)
        self.numbers = NumbersTable(self)
        self.verdict = QLabel(self)
        self.tabs = QTabWidget(self)
        self.settings = SettingsTable(self)
        self.layers = LayersTable(self)
        self.classes = ClassesTable(self)
        self.samples = SampleGallery(self)
        self.empty = EmptyState(
            "compare",
            self.tr("Nothing to compare yet"),
            self.tr("Run the recipe: the trial is then compared with the original."),
            self,
        )
        self._arrange()
        self._connect()
        self._show(None, store.state)

    # Parts

    def _arrange(self) -> None:
        room = metrics(self)
        bar = QHBoxLayout()
        bar.setContentsMargins(room.gap, room.small, room.gap, room.small)
        bar.setSpacing(room.small)
        text = self.tr("Swap the two")
        self.swap.setToolTip(text)
        self.swap.setAccessibleName(text)
        self.swap.setIconSize(QSize(room.icon, room.icon))
        set_icon(self.swap, "refresh")
        for combo, name in (
            (self.first, self.tr("First network")),
            (self.second, self.tr("Second network")),
        ):
            combo.setAccessibleName(name)
            combo.setToolTip(name)
            combo.setMinimumContentsLength(8)
            policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            combo.setSizeAdjustPolicy(policy)
        bar.addWidget(self.first, 1)
        bar.addWidget(self.swap)
        bar.addWidget(self.second, 1)
        self.verdict.setWordWrap(True)
        self.verdict.setProperty("tone", "secondary")
        self.verdict.setContentsMargins(room.gap, room.small, room.gap, room.small)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.numbers, 1)
        column.addWidget(self.verdict)
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (self.settings, self.tr("Settings")),
            (self.layers, self.tr("Layers")),
            (self.classes, self.tr("Classes")),
            (self.samples, self.tr("Samples")),
        ):
            self.tabs.addTab(widget, title)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(left)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.first)

    def _connect(self) -> None:
        self.follow(self._store, self._show)
        self.first.activated.connect(self._chosen)
        self.second.activated.connect(self._chosen)
        self.swap.clicked.connect(self._swap)
        self.layers.chosen.connect(self._go_to_layer)
        self.samples.wanted.connect(self._want_samples)
        self.tabs.currentChanged.connect(self._tab_changed)

    # The state

    def _show(self, old: DocumentState | None, new: DocumentState) -> None:
        """Show what differs."""
        parts = ("model", "trials", "chosen", "details", "original", "evaluation", "base")
        if old is None or any(getattr(old, one) is not getattr(new, one) for one in parts):
            self._show_pair(new)
        elif old.looks is not new.looks:
            self._show_answers(new)
        if old is None or old.current != new.current:
            self.layers.go_to(new.current)

    def _show_pair(self, state: DocumentState) -> None:
        pair = pair_of(state)
        fresh = pair != self._pair
        self._pair = pair
        self.pages.setCurrentIndex(0 if pair is None else 1)
        if pair is None:
            return
        if fresh:
            self._samples_asked.clear()
        self._fill_combos(state, pair)
        sides = self._sides(state)
        if sides is None:
            return
        for side in sides:
            number = side.line.id
            if side.details is None and number != ORIGINAL and number not in self._details_asked:
                self._details_asked.add(number)
                self._store.dispatch(WantDetails(number))
        self.numbers.show_sides(sides)
        self.settings.show_sides(sides, layer_table(state))
        self.layers.show_sides(sides, () if state.info is None else state.info.layers)
        self.layers.go_to(state.current)
        self._ask_answers(state)
        self._show_answers(self._store.state)  # an answer may be there already

    def _fill_combos(self, state: DocumentState, pair: tuple[int, int]) -> None:
        shown = lines(state)
        for combo, number in ((self.first, pair[0]), (self.second, pair[1])):
            with QSignalBlocker(combo):
                combo.clear()
                for line in shown:
                    combo.addItem(line.name, line.id)
                combo.setCurrentIndex(combo.findData(number))

    def _sides(self, state: DocumentState) -> tuple[Side, Side] | None:
        if self._pair is None:
            return None
        a, b = self._pair
        first, second = side_of(state, a, b), side_of(state, b, a)
        return None if first is None or second is None else (first, second)

    # Answers and samples

    def _versus_look(self, state: DocumentState) -> VersusLook | None:
        """The question for the answers of both; None where one has none."""
        if self._pair is None:
            return None
        files = []
        for number in self._pair:
            trial = state.trial(number)
            if number == ORIGINAL:
                continue
            if trial is None or not trial.predictions:
                return None
            files.append(str(Path(state.project.folder) / trial.predictions))
        return VersusLook(*files) if files else None

    def _ask_answers(self, state: DocumentState) -> None:
        request = self._versus_look(state)
        if request is not None and look_for(state, request) is None:
            self._store.dispatch(Ask(request))

    def _versus(self, state: DocumentState) -> tuple[Versus | None, str]:
        """The answers of both as the combos have them, or why there are none."""
        request = self._versus_look(state)
        if request is None:
            return None, self.tr("A trial that is run with data keeps the answer to each sample.")
        look = look_for(state, request)
        if look is None or look.pending:
            return None, self.tr("Reading the answers…")
        if look.error is not None:
            return None, word(look.error.one_line())
        found: Versus = look.result
        return (_swapped(found) if self._pair and self._pair[1] == ORIGINAL else found), ""

    def _show_answers(self, state: DocumentState) -> None:
        sides = self._sides(state)
        if sides is None:
            return
        found, text = self._versus(state)
        shown = self.samples.model.found
        same = found is not None and shown is not None and found.indices is shown.indices
        if not same or self.samples.model.names != self._names(sides):
            self.samples.show_samples(found, self._names(sides), text)
            self.classes.show_sides(sides, found)
        self.verdict.setText(text if found is None else verdict_words(found))
        self._take_samples(state)

    def _names(self, sides: tuple[Side, Side]) -> tuple[str, str]:
        return sides[0].line.name, sides[1].line.name

    def _want_samples(self, numbers: tuple[int, ...]) -> None:
        state = self._store.state
        found = self.samples.model.found
        if found is None:
            return
        if state.data.source is None:
            self.samples.say(self.tr("Open the data again to see the pictures."))
            self.samples.model.ask_again()
            return
        request = SampleLook(state.model.source, state.data.source, numbers, found.split)
        self._samples_asked[numbers] = request
        self._store.dispatch(Ask(request))
        self._take_samples(self._store.state)  # an answer that is already there changes nothing

    def _take_samples(self, state: DocumentState) -> None:
        for numbers, request in tuple(self._samples_asked.items()):
            look = look_for(state, request)
            if look is not None and look.pending:
                continue
            del self._samples_asked[numbers]
            if look is None:  # dropped
                self.samples.model.ask_again()
            elif look.error is not None:
                self.samples.say(word(look.error.one_line()))
            else:
                self.samples.say("")
                self.samples.take(look.result.samples)

    # The user

    def _chosen(self, _index: int) -> None:
        self._store.dispatch(
            ChooseTrials((int(self.first.currentData()), int(self.second.currentData())))
        )

    def _swap(self) -> None:
        if self._pair is not None:
            self._store.dispatch(ChooseTrials(self._pair[::-1]))

    def _go_to_layer(self, name: str) -> None:
        if name:
            self._store.dispatch(Select((name,), name))

    def _tab_changed(self, _index: int) -> None:
        self._take_samples(self._store.state)


def pair_of(state: DocumentState) -> tuple[int, int] | None:
    """The two that are compared: those that are chosen, else a trial with the original."""
    known = [line.id for line in lines(state)]
    chosen = [one for one in state.chosen if one in known]
    if len(chosen) >= 2:
        return chosen[0], chosen[1]
    trials = [one for one in known if one != ORIGINAL]
    if not trials:
        return None
    if chosen and chosen[0] != ORIGINAL:
        return ORIGINAL, chosen[0]
    return ORIGINAL, state.base if state.base in trials else trials[-1]


def _swapped(found: Versus) -> Versus:
    """The same with first and second the other way round."""
    return Versus(
        split=found.split,
        indices=found.indices,
        labels=found.labels,
        first=found.second,
        second=found.first,
        first_confidence=found.second_confidence,
        second_confidence=found.first_confidence,
        classes=found.classes,
    )
