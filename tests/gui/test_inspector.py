"""The inspector on plain states: what it asks, what it shows, what it wishes. No engine."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from shiboken6 import isValid

from engine.details import (
    Activation,
    ActivationDetail,
    ChannelDetail,
    QuantizationDetail,
    SpectrumDetail,
    ValueRange,
    WeightDetail,
)
from engine.errors import EngineError
from engine.info import ChannelGroup, Histogram, Verdict
from engine.jobs.looks import (
    ActivationLook,
    ChannelLook,
    QuantizationLook,
    SpectrumLook,
    WeightLook,
)
from engine.jobs.requests import DataSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document.facets import Facet
from studio.document.looks import key_of
from studio.document.messages import Ask, EditRecipe, Lock, LookAnswered, OpenData, Select, SetFacet
from studio.document.selectors import rows
from studio.store import Store
from studio.views.inspector import Inspector
from studio.views.inspector_state import kept_rank, rank_wish, ratio_wish, removed_share
from studio.views.settings_form import SettingsForm
from tests.helpers.documents import network, store_with

LAYER = "layer1.conv"
MAGNITUDE = Recipe((make_step("channel", ratio=0.0, criterion="magnitude"),))


def weights(request: WeightLook) -> WeightDetail:
    low, high = request.window or (-1.0, 1.0)
    histogram = Histogram(low, high, (1, 4, 10, 4, 1), sampled=False)
    counts = np.arange(16 * 64).reshape(16, 64)
    return WeightDetail(
        request.layer, (16, 16, 3, 3), "float32", histogram, -1.0, 1.0, 0.0, 0.3, 0.125, 16,
        shown=np.arange(16), counts=counts, ends=(-1.0, 1.0),
    )  # fmt: skip


def channels(request: ChannelLook) -> ChannelDetail:
    plain = ChannelDetail(
        request.layer,
        request.criterion,
        request.layer,
        (request.layer,),
        channels=16,
        need_data=("reconstruction", "taylor"),
    )
    if request.criterion in plain.need_data and request.data is None:
        return replace(plain, reason="It looks at what the network computes.")
    return replace(plain, scores=np.arange(16.0))


def spectrum(request: SpectrumLook) -> SpectrumDetail:
    values = 2.0 ** -np.arange(16)
    energy = np.cumsum(values**2) / np.sum(values**2)
    return SpectrumDetail(request.layer, 16, 144, values, energy, 3, 9216, 0, 640)


def activations(request: ActivationLook) -> ActivationDetail:
    def side(high: float) -> Activation:
        histogram = Histogram(0.0, high, (8, 4, 2, 1), sampled=False)
        ranges = (ValueRange("minmax", 0.0, high, 0.01),)
        return Activation(histogram, 0.0, high, (), 0.25, ranges)

    synthetic = request.data is None
    return ActivationDetail(
        request.layer, side(2.0), side(6.0), 64, request.bits, synthetic=synthetic
    )


def rounding(request: QuantizationLook) -> QuantizationDetail:
    bits = (2, 3, 4, 5, 6, 7, 8, 16)
    chosen = request.params.get("weight_bits", 8)
    levels = np.linspace(-0.8, 0.8, 16)
    errors = np.array([4.0**-one for one in bits])
    return QuantizationDetail(request.layer, bits, errors, chosen, request.channel, levels, 0.1)


ANSWERS = {
    WeightLook: weights,
    ChannelLook: channels,
    SpectrumLook: spectrum,
    ActivationLook: activations,
    QuantizationLook: rounding,
}


class Engine:
    """Takes questions down; answers them at once, or when it is told to."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.prompt = True
        self.asked = []
        store.dispatched.connect(self.take)

    def take(self, message) -> None:
        if isinstance(message, Ask):
            self.asked.append(message.request)
            if self.prompt:
                self.answer(message.request)

    def answer(self, request, error=None) -> None:
        result = None if error else ANSWERS[type(request)](request)
        self.store.dispatch(LookAnswered(key_of(request), result, error))


@pytest.fixture
def store(qapp):
    store = store_with(Recipe())
    store.dispatch(Select((LAYER,), LAYER))
    return store


@pytest.fixture
def engine(store):
    return Engine(store)


@pytest.fixture
def show(qtbot, store, engine):
    """An inspector with one of its tabs in front."""
    kept = []

    def shown(tab="weights"):
        view = Inspector(store)
        kept.append(view)  # tests hold on to tabs alone
        qtbot.addWidget(view)
        view.open_tab(tab)
        view.resize(460, 640)
        view.show()
        qtbot.waitExposed(view)
        return view

    yield shown
    kept.clear()


# Asking


def test_it_asks_for_what_is_in_front_and_nothing_else(show, engine):
    show("weights")
    assert [type(one) for one in engine.asked] == [WeightLook]


def test_it_asks_nothing_while_it_is_hidden(qtbot, store, engine):
    view = Inspector(store)
    qtbot.addWidget(view)
    store.dispatch(Select(("layer2.conv",), "layer2.conv"))
    assert engine.asked == []
    view.show()
    assert [one.layer for one in engine.asked] == ["layer2.conv"]


def test_it_asks_once(show, store, engine):
    engine.prompt = False
    show()
    store.dispatch(Lock((LAYER,), locked=True))
    store.dispatch(Lock((LAYER,), locked=False))
    assert len(engine.asked) == 1


def test_it_says_that_it_loads_only_if_that_takes_long(show, store, engine, qtbot):
    view = show()
    tab = view.tab("weights")
    engine.prompt = False
    store.dispatch(Select(("layer2.conv",), "layer2.conv"))
    assert not tab.fresh
    assert tab._loading.isHidden()
    assert tab.told == ""  # the last picture stays
    assert tab.plot.bins
    qtbot.waitUntil(lambda: not tab._loading.isHidden())
    assert tab.told == ""
    engine.answer(engine.asked[-1])
    assert tab._loading.isHidden()
    assert tab.fresh


def test_without_a_last_picture_loading_stands_alone(show, engine, qtbot):
    engine.prompt = False
    view = show()
    assert view.tab("weights").told == ""
    qtbot.waitUntil(lambda: view.tab("weights").told == "Loading…")


def test_an_error_says_what_to_do_and_can_be_tried_again(show, engine):
    engine.prompt = False
    view = show()
    engine.answer(engine.asked[-1], EngineError("The file is gone.", hint="Put it back."))
    assert view.tab("weights").told == "The file is gone."
    assert len(engine.asked) == 1  # not by itself
    engine.prompt = True
    view.tab("weights").message.button("retry").click()
    assert len(engine.asked) == 2
    assert view.tab("weights").told == ""
    assert view.tab("weights").plot.bins


def test_nothing_selected_says_so(show, store):
    view = show()
    store.dispatch(Select((), ""))
    assert view.empty.isVisible()
    assert view.empty.title == "No layer is selected"
    store.dispatch(Select((LAYER,), LAYER))
    assert not view.empty.isVisible()


def test_it_leaves_nothing_behind(qapp, store, engine):
    view = Inspector(store)
    for index in range(view.tabs.count()):
        view.tabs.setCurrentIndex(index)
        view.show()
    before = set(qapp.topLevelWidgets()) - {view}
    parts = [
        weakref.ref(one) for one in (view, view.tab("weights").plot, view.tab("spectrum").plot.box)
    ]
    view.close()
    view.deleteLater()
    del view
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [one() for one in parts] == [None, None, None]
    assert {one for one in qapp.topLevelWidgets() if isValid(one)} <= before
    store.dispatch(Select(("head",), "head"))  # nobody listens who is gone


# Header


def test_the_header_names_the_layer(show, store):
    view = show()
    assert view._name.text() == LAYER
    assert view._about.text() == "Conv 2-D · 16×16×3×3 · 2.30 k parameters · 9.22 KB"
    store.dispatch(Select((LAYER, "head"), LAYER))
    assert view._about.text().endswith("and 1 more selected")


def test_lock_and_group(qtbot, qapp):
    info = network()
    group = ChannelGroup(LAYER, (LAYER, "layer2.conv"), 16)
    store = store_with(Recipe(), info=replace(info, groups=(group,)))
    store.dispatch(Select((LAYER,), LAYER))
    view = Inspector(store)
    qtbot.addWidget(view)
    view.lock.click()
    assert store.state.locks == {LAYER}
    store.dispatch(Lock((LAYER,), locked=False))
    assert not view.lock.isChecked()
    assert view.group.text() == "2"
    view.group.click()
    assert store.state.selection == (LAYER, "layer2.conv")
    assert store.state.current == LAYER


def test_a_reason_is_shown(qtbot, qapp):
    info = network()
    frozen = ChannelGroup(LAYER, (LAYER,), 16, frozen_reason="The output hangs on it.")
    store = store_with(Recipe(), info=replace(info, groups=(frozen,)))
    store.dispatch(Select((LAYER,), LAYER))
    view = Inspector(store)
    qtbot.addWidget(view)
    view.open_tab("channels")
    view.show()
    assert view._reason.text() == "The output hangs on it."
    assert view.tab("channels").told == "These channels stay"


# Weights


def test_weights_on_two_axes_and_by_channel(show):
    tab = show().tab("weights")
    assert tab.plot.bins[0].counts.tolist() == [1, 4, 10, 4, 1]
    tab.log.setChecked(True)
    assert tab.plot.log
    tab.by_channel.setChecked(True)
    assert tab.plot.bins[0].counts.shape == (16, 64)
    assert "12.50 % zeros" in tab._facts.text()


def test_a_zoom_brings_finer_bins(show, engine, qtbot):
    tab = show().tab("weights")
    tab.plot.zoom(0.5)
    qtbot.waitUntil(lambda: len(engine.asked) == 2)
    low, high = engine.asked[-1].window
    assert high - low == pytest.approx(1.04, abs=0.01)
    assert tab.plot._drawn[0].low == low
    assert tab.plot.is_zoomed
    tab.plot.reset_view()
    qtbot.waitUntil(lambda: tab.plot._detail is None)


def test_several_layers_are_laid_over_each_other(show, store, engine):
    tab = show().tab("weights")
    store.dispatch(Select((LAYER, "layer2.conv", "head"), LAYER))
    assert [one.label for one in tab.plot.bins] == [LAYER, "layer2.conv", "head"]
    assert not tab.by_channel.isEnabled()
    assert {one.layer for one in engine.asked} == {LAYER, "layer2.conv", "head"}


# Channels


def test_the_threshold_sets_the_ratio_and_back(show, store):
    store.dispatch(EditRecipe("Begin", MAGNITUDE))
    tab = show("channels").tab("channels")
    edits = len(store.state.history.edits)
    for _ in range(4):
        QTest.keyPress(tab.plot, Qt.Key.Key_Right)
    QTest.keyRelease(tab.plot, Qt.Key.Key_Right)
    assert removed_share(store.state, LAYER) == pytest.approx(0.25)
    assert len(store.state.history.edits) == edits + 1  # one drag, one step of undo
    assert "keeps ~12 of 16 channels" in tab._facts.text()
    store.dispatch(SetFacet(Facet.PRUNE, (LAYER,), 0.5))
    assert tab.plot.at == 8


def test_the_threshold_is_for_the_whole_selection(show, store):
    store.dispatch(EditRecipe("Begin", MAGNITUDE))
    tab = show("channels").tab("channels")
    store.dispatch(Select((LAYER, "layer2.conv"), LAYER))
    QTest.keyClick(tab.plot, Qt.Key.Key_PageUp)
    assert removed_share(store.state, "layer2.conv") == removed_share(store.state, LAYER) > 0
    assert "all 2 selected layers" in tab._facts.text()


def test_scores_that_need_data_say_so_and_offer_it(show, store, engine, qtbot):
    view = show("channels")
    tab = view.tab("channels")
    assert "Open data" in tab.plot.empty_text  # the default criterion needs it
    with qtbot.waitSignal(view.commanded) as told:
        tab.open_data.click()
    assert told.args == ["open.data"]
    tab.criterion.setCurrentIndex(tab.criterion.findData("magnitude"))
    assert engine.asked[-1].criterion == "magnitude"
    assert tab.plot.empty_text == ""
    assert tab.open_data.isHidden()
    store.dispatch(OpenData(DataSource(("data.npz",))))
    tab.criterion.setCurrentIndex(0)
    assert engine.asked[-1].data == DataSource(("data.npz",))
    assert tab.plot.empty_text == ""


def test_a_stale_picture_sets_nothing(show, store, engine):
    store.dispatch(EditRecipe("Begin", MAGNITUDE))
    tab = show("channels").tab("channels")
    engine.prompt = False
    store.dispatch(Select(("layer2.conv",), "layer2.conv"))
    QTest.keyClick(tab.plot, Qt.Key.Key_PageUp)
    assert removed_share(store.state, "layer2.conv") == 0
    assert removed_share(store.state, LAYER) == 0


def test_other_pruning_is_left_alone(qapp):
    store = store_with(Recipe((make_step("weight", sparsity=0.5),)), step=0)
    store.dispatch(Select((LAYER,), LAYER))
    store.dispatch(ratio_wish(store.state, (LAYER,), 0.25, final=True))
    assert [step.method for step in store.state.recipe.steps] == ["channel", "weight"]
    assert removed_share(store.state, LAYER) == 0.25
    assert removed_share(store.state, "layer2.conv") == 0
    store.dispatch(ratio_wish(store.state, (LAYER,), 0.5, final=True))
    assert removed_share(store.state, LAYER) == 0.5
    assert store.state.recipe.steps[1] == make_step("weight", sparsity=0.5)


# Spectrum


@pytest.mark.parametrize("rank", [1, 2, 7, 13])
def test_a_rank_survives_the_way_through_the_recipe(store, rank):
    detail = spectrum(SpectrumLook(store.state.model.source, LAYER))
    store.dispatch(rank_wish(detail, (LAYER,), rank, final=True))
    assert kept_rank(store.state, detail) == rank
    parts = {one.name: one for one in store.state.resolution.plan.result.layers}
    assert parts[f"{LAYER}.v"].shape[0] == rank


def test_a_rank_that_gains_nothing_leaves_the_layer_whole(store):
    detail = spectrum(SpectrumLook(store.state.model.source, LAYER))
    store.dispatch(rank_wish(detail, (LAYER,), 4, final=True))
    store.dispatch(rank_wish(detail, (LAYER,), detail.break_even_rank + 1, final=True))
    assert kept_rank(store.state, detail) is None


@pytest.mark.parametrize(
    ("params", "rank"),
    [
        ({"rank_by": "number", "rank": 5}, 5),
        ({"rank_by": "ratio", "ratio": 0.5}, 8),
        ({"rank_by": "vbmf"}, 3),
        ({"rank_by": "energy", "energy": 0.9}, 2),
    ],
)
def test_every_way_to_choose_a_rank_has_a_place(store, params, rank):
    store.dispatch(EditRecipe("", Recipe((make_step("svd", **params),))))
    assert kept_rank(store.state, spectrum(SpectrumLook(store.state.model.source, LAYER))) == rank


def test_the_line_sets_the_rank(show, store):
    tab = show("spectrum").tab("spectrum")
    assert tab.plot.at == 16
    assert "Not factored" in tab._facts.text()
    tab.suggested.click()
    assert tab.plot.at == 3
    assert "At rank 3 the factors take ~1.92 KB instead of 9.22 KB" in tab._facts.text()
    QTest.keyClick(tab.plot, Qt.Key.Key_Left)
    assert tab.plot.at == 2
    store.dispatch(SetFacet(Facet.RANK, (LAYER,), None))
    assert tab.plot.at == 16


def test_a_layer_without_a_spectrum_says_why(show, engine, monkeypatch):
    def none(request):
        return SpectrumDetail(request.layer, reason="It is no matrix.")

    monkeypatch.setitem(ANSWERS, SpectrumLook, none)
    assert show("spectrum").tab("spectrum").told == "No spectrum"


# Activations


def test_activations_of_both_sides_with_ranges(show, store, qtbot):
    view = show("activations")
    tab = view.tab("activations")
    assert tab.notice.text == "Noise stands in for data."
    with qtbot.waitSignal(view.commanded) as told:
        tab.notice.button("open.data").click()
    assert told.args == ["open.data"]
    assert tab.plot.bins[0].high == 6.0
    tab.side.setCurrentIndex(1)
    assert tab.plot.bins[0].high == 2.0
    tab.range.setCurrentIndex(tab.range.findData("minmax"))
    assert tab.plot._grid.high == 2.0
    store.dispatch(OpenData(DataSource(("data.npz",))))
    assert tab.notice.text == ""


def test_a_network_that_cannot_be_run_has_no_activations(qtbot, qapp):
    store = store_with(Recipe(), info=replace(network(), runnable=False))
    engine = Engine(store)
    store.dispatch(Select((LAYER,), LAYER))
    view = Inspector(store)
    qtbot.addWidget(view)
    view.open_tab("activations")
    view.show()
    assert view.tab("activations").told == "No activations"
    assert engine.asked == []


# Quantization


def test_a_click_sets_the_bits_and_the_grid_follows(show, store, engine):
    tab = show("quantization").tab("quantization")
    assert not tab.grid.isVisible()
    tab.error.bits_changed.emit(4)
    cell = next(row for row in rows(store.state) if row.layer.name == LAYER).cells
    assert cell[Facet.WEIGHT_BITS].value == 4
    assert engine.asked[-1].params["weight_bits"] == 4
    assert tab.grid.isVisible()
    assert len(tab.grid._grid.levels) == 16
    assert tab.error.line.isVisible()
    assert "Signal to noise 24.1 dB" in tab._facts.text()
    tab.channel.setValue(5)
    assert engine.asked[-1].channel == 5
    assert tab.grid.bins[0].counts.sum() == sum(range(5 * 64, 6 * 64))


def test_while_new_errors_are_awaited_the_line_follows_the_recipe(show, store, engine):
    tab = show("quantization").tab("quantization")
    engine.prompt = False
    store.dispatch(SetFacet(Facet.WEIGHT_BITS, (LAYER,), 3))
    assert tab.error.line.isVisible()
    assert tab.error.line.value() == 3
    assert tab.fresh


def test_bits_are_for_the_whole_selection(show, store):
    tab = show("quantization").tab("quantization")
    store.dispatch(Select((LAYER, "layer2.conv"), LAYER))
    tab.error.bits_changed.emit(3)
    values = [row.cells[Facet.WEIGHT_BITS].value for row in rows(store.state)]
    assert values == [None, 3, 3, None, None, None, None]


# Details


def facts(view):
    return dict(view.tab("details").facts(view.store.state))


def test_details_tell_everything(show, store):
    view = show("details")
    known = facts(view)
    assert known["Name"] == LAYER
    assert known["Output"] == "16×8×8"
    assert known["Verdict"] == "no limits"
    assert known["Size"] == "9.22 KB"
    store.dispatch(SetFacet(Facet.WEIGHT_BITS, (LAYER,), 4))
    assert facts(view)["Weight bits"] == "4"
    assert "→ ~" in facts(view)["Size"]
    assert view.tab("details")._facts == view.tab("details").facts(
        store.state
    )  # and it is on the screen


def test_details_of_several_are_sums(show, store):
    view = show("details")
    store.dispatch(Select((LAYER, "layer2.conv"), LAYER))
    known = facts(view)
    assert known["Parameters"] == "4.61 k"
    assert "layer2.conv" in known["Layers"]


def test_names_in_details_select(show, store):
    view = show("details")
    view.tab("details")._go("head")
    assert store.state.current == "head"


def test_reasons_are_in_the_details(qtbot, qapp):
    info = network()
    layers = list(info.layers)
    layers[1] = replace(layers[1], verdict=Verdict(prunable=False, reason="<b>No</b>."))
    store = store_with(Recipe(), info=replace(info, layers=tuple(layers)))
    store.dispatch(Select((LAYER,), LAYER))
    view = Inspector(store)
    qtbot.addWidget(view)
    assert facts(view)["Verdict"] == "&lt;b&gt;No&lt;/b&gt;."


# Settings


def test_the_settings_form_is_made_when_it_is_looked_at(show, store):
    store.dispatch(EditRecipe("Begin", MAGNITUDE))
    view = show("weights")
    assert view.findChild(SettingsForm) is None
    view.open_tab("settings")
    assert view.findChild(SettingsForm).isVisible()


def test_all_tabs_are_in_sight_in_a_narrow_panel(show):
    view = show("weights")
    view.resize(view.minimumWidth(), 640)
    places = [button.geometry() for button in view.bar.buttons]
    assert all(view.bar.rect().contains(place) for place in places)
    assert len({place.top() for place in places}) == 2
    view.resize(700, 640)
    assert len({button.geometry().top() for button in view.bar.buttons}) == 1


def test_tabs_go_by_mouse_and_keys(show):
    view = show("weights")
    view.bar.buttons[6].click()
    assert view.tabs.currentIndex() == 6
    QTest.keyClick(view.bar, Qt.Key.Key_Right)
    assert view.tabs.currentIndex() == 0
    view.open_tab("spectrum")
    assert view.bar.buttons[2].isChecked()


def test_tabs_are_made_when_they_are_looked_at(show):
    view = show("weights")
    assert list(view._made) == ["weights"]
    view.tabs.setCurrentIndex(1)
    assert list(view._made) == ["weights", "channels"]
    with pytest.raises(KeyError):
        view.tab("nothing")
