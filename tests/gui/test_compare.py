"""Any two networks side by side: what differs, and which samples changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from engine.details import Sample, SampleDetail
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.looks import SampleLook, VersusLook
from engine.layer_table import LayerTable
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from engine.trials import Versus
from studio.document import messages as m
from studio.document.looks import key_of
from studio.document.state import DataState, DocumentState
from studio.store import Store
from studio.style.metrics import metrics
from studio.views.compare import CompareView, pair_of
from studio.views.compare_numbers import chance, layer_pairs, verdict_words
from studio.views.compare_samples import Change, places_of
from studio.views.compare_settings import differences
from tests.gui.trial_states import GROUPS, LAYERS, MIXED, PRUNED, Heard, layer, opened, trial

TRIALS = (trial(1), trial(2, MIXED, parent=1))
#                   lost        won         both wrong  same
LABELS = np.array([0, 0, 1, 2, 1, 1], np.int32)
FIRST = np.array([0, 0, 0, 1, 0, 1], np.int32)
SECOND = np.array([1, 2, 1, 2, 2, 1], np.int32)


def versus(labels=LABELS, first=FIRST, second=SECOND):
    sure = np.linspace(0.5, 0.9, len(labels)).astype(np.float32)
    return Versus(
        "test",
        np.arange(10, 10 + len(labels)),
        labels,
        first,
        second,
        sure,
        sure,
        ("cat", "dog", "ship"),
    )


class Engine:
    """Answers what views ask."""

    def __init__(self, store, found=None):
        self.store = store
        self.found = found or versus()
        self.error = None
        self.asked = []
        store.dispatched.connect(self.hear)

    def hear(self, message):
        if not isinstance(message, m.Ask):
            return
        request = message.request
        self.asked.append(request)
        result = self.found
        if isinstance(request, SampleLook):
            picture = np.zeros((4, 4, 3), np.uint8)
            picture[..., 0] = 255
            samples = tuple(Sample(number, picture) for number in request.indices)
            result = SampleDetail("test", samples)
        answer = m.LookAnswered(key_of(request), None if self.error else result, self.error)
        self.store.dispatch(answer)


@pytest.fixture
def make(qtbot):
    def build(state=None, found=None, error=None):
        store = Store(state or opened(*TRIALS))
        engine = Engine(store, found)
        engine.error = error
        view = CompareView(store)
        qtbot.addWidget(view)
        view.resize(1200, 400)
        view.show()
        return store, engine, view

    return build


def texts(table):
    return [[cell.text for cell in row] for row in table.cells]


def test_which_two(make):
    state = opened(*TRIALS)
    assert pair_of(DocumentState()) is None
    assert pair_of(opened()) is None
    assert pair_of(state) == (0, 2)
    assert pair_of(replace(state, base=1)) == (0, 1)
    assert pair_of(replace(state, chosen=(1,))) == (0, 1)
    assert pair_of(replace(state, chosen=(2, 1))) == (2, 1)
    assert pair_of(replace(state, chosen=(2, 0))) == (2, 0)
    _, _, view = make(opened())
    assert view.pages.currentWidget() is view.empty


def test_numbers_of_both(make):
    store, _, view = make()
    store.dispatch(m.ChooseTrials((0, 1)))
    found = {row[0]: row[1:] for row in texts(view.numbers)}
    assert found["Accuracy"] == ["91.00 %", "89.00 %", "−2.00 pt"]
    assert found["Size"] == ["40.0 KB", "32.0 KB", "−20.0 %"]
    assert found["Latency"] == ["2.00 ms", "1.80 ms", "−10.0 %"]
    tones = {row[0].text: row[3].tone for row in view.numbers.cells}
    assert tones["Accuracy"] == "error"
    assert tones["Size"] == "good"
    assert view.numbers.cells[0][1].tone == "original"
    assert "Accuracy,91.00 %" in view.numbers.csv().replace('"', "")


def test_accuracies_of_different_sources_are_not_subtracted(make):
    from engine.info import AccuracySource

    one = trial(1)
    one = replace(one, measured=replace(one.measured, source=AccuracySource.AGREEMENT))
    _, _, view = make(opened(one))
    assert texts(view.numbers)[0][1:] == [
        "91.00 % (labels, 500)",
        "89.00 % (agreement, 500)",
        "",
    ]


def test_combos_and_swap_choose_for_all_views(make):
    store, _, view = make()
    view.first.setCurrentIndex(view.first.findData(1))
    view.first.activated.emit(view.first.currentIndex())
    assert store.state.chosen == (1, 2)
    view.swap.click()
    assert store.state.chosen == (2, 1)
    assert view.first.currentData() == 2
    assert view.settings.model().headerData(2, view_orientation()) == "Trial 2"


def view_orientation():
    from PySide6.QtCore import Qt

    return Qt.Orientation.Horizontal


def test_settings_that_differ():
    table = LayerTable(LAYERS, GROUPS)
    found = differences(PRUNED, MIXED, table)
    words = [(one.step, one.what, one.first, one.second) for one in found]
    assert words[0] == ("Channel pruning", "Pruning ratio", "40 %", "50 %")
    assert words[-1][0] == "Uniform quantization"
    assert words[-1][2] == "not there"
    assert differences(MIXED, MIXED, table) == ()
    assert differences(PRUNED, replace(PRUNED, seed=3), table)[0].what == "Seed"


def test_settings_of_single_layers_are_told_apart():
    table = LayerTable(LAYERS, GROUPS)

    def bits(**rules):
        made = [make_rule(name, weight_bits=value) for name, value in rules.items()]
        return Recipe((make_step("uniform", made, weight_bits=8),))

    found = differences(bits(stem=4), bits(stem=4, head=2), table)
    assert [(one.first, one.second, one.layers) for one in found] == [("8", "2", ("head",))]
    skipped = Recipe((make_step("uniform", [make_rule("head", True)], weight_bits=8),))
    found = differences(bits(), skipped, table)
    assert [(one.first, one.second, one.layers) for one in found] == [
        ("applied", "left out", ("head",))
    ]
    assert differences(bits(), skipped, None) == ()  # without a network: steps alone


def test_layers_of_both_and_parts_in_the_place_of_one(make):
    parts = (
        layer("stem.v", LAYERS[0].kind, (4, 3, 3, 3), 100),
        layer("stem.u", LAYERS[0].kind, (16, 4, 1, 1), 50),
    )
    pairs = {one.name: one for one in layer_pairs(LAYERS, LAYERS, (*parts, *LAYERS[1:3]))}
    assert pairs["stem"].second == "4×3×3×3 · 16×4×1×1"
    assert pairs["stem"].second_bytes == 4 * (4 * 27 + 64)
    assert pairs["stem"].second_macs == 150
    assert pairs["norm"].second == ""
    store, _, view = make()
    rows = {row[0]: row for row in texts(view.layers)}
    assert rows["block.conv1"][1:3] == ["32×16×3×3", "16×16×3×3"]
    assert rows["block.conv1"][5] == "50 %"
    assert rows["norm"][2] == "folded into another"
    index = view.layers.model().index(1, 0)
    view.layers.setCurrentIndex(index)
    assert store.state.selection == (view.layers.cells[1][0].text,)
    view.layers.sortByColumn(5, view.layers.header().sortIndicatorOrder())
    assert view.layers.cells[-1][0].text == "norm" or view.layers.cells[0][0].text == "norm"


def test_details_are_fetched_once_and_layers_say_so_meanwhile(make):
    store, _, view = make(replace(opened(*TRIALS), details=FrozenMap()))
    heard = Heard(store)
    assert "Reading" in texts(view.layers)[0][0]
    store.dispatch(m.ChooseTrials((1, 2)))
    store.dispatch(m.ChooseTrials((2, 1)))
    assert heard.of(m.WantDetails) == [m.WantDetails(1)]  # that of 2 was asked for at the start


def test_answers_are_asked_for_by_file(make):
    store, engine, _view = make()
    assert engine.asked[0].first.endswith("trials/2/predictions.npz")
    assert engine.asked[0].second == ""
    store.dispatch(m.ChooseTrials((1, 2)))
    request = engine.asked[-1]
    assert isinstance(request, VersusLook)
    assert request.first.endswith("trials/1/predictions.npz")
    assert request.second.endswith("trials/2/predictions.npz")


def test_the_verdict_and_the_classes(make):
    _, _, view = make()
    assert "2 became wrong and 2 became right" in view.verdict.text()
    assert "may well be chance" in view.verdict.text()
    assert texts(view.classes) == [
        ["cat", "2", "100.0 %", "0.0 %", "−100.0 pt"],
        ["dog", "3", "33.3 %", "66.7 %", "+33.3 pt"],
        ["ship", "1", "0.0 %", "100.0 %", "+100.0 pt"],
    ]


def test_the_original_on_the_right_is_the_same_the_other_way_round(make):
    store, engine, view = make()
    store.dispatch(m.ChooseTrials((2, 0)))
    assert texts(view.classes)[0][2:4] == ["0.0 %", "100.0 %"]
    assert len([one for one in engine.asked if isinstance(one, VersusLook)]) == 1


def test_without_answers_it_says_why(make):
    one = replace(trial(1), predictions="")
    _, engine, view = make(opened(one))
    assert not engine.asked
    assert "run with data" in view.verdict.text()
    assert texts(view.classes)[0] == ["cat", "–", "95.0 %", "90.0 %", "−5.0 pt"]  # as measured
    _, _, view = make(error=EngineError("The answers are gone."))
    assert "The answers are gone." in view.verdict.text()
    assert "The answers are gone." in view.samples.word.text()


def test_chance_is_that_of_a_fair_coin():
    assert chance(0, 0) == 1
    assert chance(3, 3) == 1
    assert chance(0, 5) == pytest.approx(2 / 32)
    assert chance(1, 9) == pytest.approx(2 * (1 + 10) / 1024)
    assert chance(9, 1) == chance(1, 9)
    assert 0 <= chance(2000, 3000) < 1e-40
    assert "hardly chance" in verdict_words(
        versus(np.zeros(20, np.int32), np.zeros(20, np.int32), np.ones(20, np.int32))
    )
    unlabeled = versus(np.full(6, -1, np.int32))
    assert "got another answer" in verdict_words(unlabeled)


def test_filters_of_samples(make):
    found = versus()
    assert sorted(places_of(found, Change.ANY)) == [0, 1, 2, 3, 4]
    assert sorted(places_of(found, Change.LOST)) == [0, 1]
    assert sorted(places_of(found, Change.WON)) == [2, 3]
    assert places_of(found, Change.BOTH_WRONG) == [4]
    _, _, view = make()
    buttons = [button.text() for button in view.samples.buttons.buttons()]
    assert buttons == [
        "All changed (5)",
        "Became wrong (2)",
        "Became right (2)",
        "Wrong otherwise (1)",
    ]
    view.samples.buttons.button(3).click()
    assert view.samples.model.rowCount() == 1
    words = view.samples.model.index(0).data()
    assert "label dog" in words
    assert "Original: cat" in words
    assert "Trial 2: ship" in words


def test_without_labels_there_is_one_filter(make):
    _, _, view = make(found=versus(np.full(6, -1, np.int32)))
    visible = [one for one in view.samples.buttons.buttons() if not one.isHidden()]
    assert [one.text() for one in visible] == ["All changed (5)"]
    assert view.samples.model.right(0) == (None, None)


def test_pictures_are_asked_for_when_they_are_seen(make, qtbot):
    _, engine, view = make()
    view.resize(1200, 500)
    assert not [one for one in engine.asked if isinstance(one, SampleLook)]
    view.tabs.setCurrentWidget(view.samples)
    view.samples.grab()
    qtbot.waitUntil(lambda: any(isinstance(one, SampleLook) for one in engine.asked), timeout=3000)
    request = next(one for one in engine.asked if isinstance(one, SampleLook))
    assert sorted(request.indices) == [10, 11, 12, 13, 14]
    assert request.split == "test"
    QApplication.processEvents()
    picture = view.samples.list.grab().toImage()
    red = QColor(255, 0, 0)
    width, height = picture.width(), picture.height()
    assert any(
        picture.pixelColor(x, y) == red for x in range(0, width, 4) for y in range(0, height, 4)
    )
    view.samples.grab()
    qtbot.wait(60)
    assert len([one for one in engine.asked if isinstance(one, SampleLook)]) == 1


def test_without_data_the_gallery_says_so(make, qtbot):
    _, engine, view = make(replace(opened(*TRIALS), data=DataState()))
    view.tabs.setCurrentWidget(view.samples)
    view.samples.grab()
    qtbot.waitUntil(lambda: "Open the data" in view.samples.note.text(), timeout=3000)
    assert not [one for one in engine.asked if isinstance(one, SampleLook)]


@pytest.mark.parametrize("width", [640, 1200])
def test_changes_and_titles_are_not_cut_in_a_narrow_panel(make, width):
    store, _, view = make()
    store.dispatch(m.ChooseTrials((0, 1)))
    view.resize(width, 400)
    table = view.numbers
    words = table.fontMetrics().horizontalAdvance
    change = table.header().sectionSize(3)
    assert all(words(row[3].text) < change for row in table.cells)
    assert words("Change") < change
    used = sum(table.header().sectionSize(column) for column in range(4))
    assert used <= max(table.viewport().width(), 4 * metrics(table).chars(9))
