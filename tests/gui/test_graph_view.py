"""The graph's view on plain states: what it colors, what it shows, what it asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.details import GraphDetail, GraphPoint
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import FOLDS_INTO, Format
from engine.jobs.looks import GraphLook
from engine.jobs.requests import ModelSource
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.looks import key_of
from studio.document.selectors import rows
from studio.document.state import DocumentState, ModelState, Opening
from studio.store import Store
from studio.style.palette import DARK, LIGHT
from studio.views.graph import GraphView
from studio.views.graph_colors import Column, tint
from tests.gui.trial_states import INFO, LAYERS, PROFILE, Heard, opened, trial

DETAIL = GraphDetail(
    (
        GraphPoint("x"),
        GraphPoint("conv2d", "stem"),
        GraphPoint("conv2d", "block.conv1"),
        GraphPoint("conv2d", "block.conv2"),
        GraphPoint("batch_norm", "norm"),
        GraphPoint("linear", "head"),
    ),
    ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5)),
)


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """These tests are of the view; netron has its own."""
    monkeypatch.setenv("ESPALIER_NO_WEBENGINE", "1")
    from studio.widgets.graph import webengine

    monkeypatch.setattr(webengine.trial(), "_answer", "switched off")


@pytest.fixture
def make(qtbot):
    def build(state):
        store = Store(state)
        view = GraphView(store)
        qtbot.addWidget(view)
        view.resize(600, 500)
        view.show()
        return store, view

    return build


def answer(store, heard, result=DETAIL, error=None):
    for wish in heard.of(m.Ask):
        store.dispatch(m.LookAnswered(key_of(wish.request), result, error))


def marked(panel):
    return [one.point.layer for one in panel._native._items if one.marked]


def fills(panel):
    return {one.point.layer: one.fill.name() for one in panel._native._items}


def test_without_a_model_it_says_what_to_do(make):
    _, view = make(DocumentState())
    assert "Open a model" in view.pair.before._word.text()
    failed = ModelState(ModelSource("a.onnx"), Opening.FAILED, None, EngineError("It is broken."))
    _, view = make(DocumentState(model=failed))
    assert "It is broken." in view.pair.before._word.text()


def test_it_asks_for_the_graph_once_and_shows_it(make):
    store = Store(opened())
    heard = Heard(store)
    view = GraphView(store)
    try:
        view.show()
        assert [one.request for one in heard.of(m.Ask)] == [
            GraphLook(ModelSource("/models/net.pt2"))
        ]
        answer(store, heard)
        assert set(fills(view.pair.before)) >= {one.name for one in LAYERS}
        store.dispatch(m.Lock(("stem",), True))
        assert len(heard.of(m.Ask)) == 1
        assert "no longer there" in view.pair.before.note
    finally:
        view.close()
        view.deleteLater()


def test_an_error_of_the_look_is_shown(make):
    store, view = make(DocumentState())
    heard = Heard(store)
    store.dispatch(m.OpenModel(ModelSource("/models/net.pt2")))
    store.dispatch(m.Opened(INFO))
    answer(store, heard, None, EngineError("It cannot be drawn."))
    assert "It cannot be drawn." in view.pair.before._word.text()


def test_the_selection_goes_both_ways(make, qtbot):
    store, view = make(opened())
    heard = Heard(store)
    view._ask_before()
    answer(store, heard)
    store.dispatch(m.Select(("block.conv1", "head")))
    assert marked(view.pair.before) == ["block.conv1", "head"]
    native = view.pair.before._native
    qtbot.waitExposed(view)
    place = native.where("norm").toPoint()
    from PySide6.QtCore import Qt

    qtbot.mouseClick(native.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert store.state.selection == ("norm",)
    assert store.state.current == "norm"


def test_the_channel_group_is_lit_with_its_member(make):
    store, view = make(opened())
    heard = Heard(store)
    view._ask_before()
    answer(store, heard)
    store.dispatch(m.Select(("stem",)))
    items = view.pair.before._native._items
    assert [one.point.layer for one in items if one._near] == ["block.conv2", "norm"]
    assert marked(view.pair.before) == ["stem"]
    store.dispatch(m.Select(()))
    assert not any(one._near or one.marked for one in items)


def test_the_file_of_the_chosen_trial_stands_beside_it(make):
    one, two = trial(1), trial(2)
    store, view = make(opened(one, two, base=2))
    heard = Heard(store)
    assert view.both.isEnabled()
    view.both.setChecked(True)
    assert view.pair._titles[1].text() == "Trial 2"
    asked = [wish.request.model.path for wish in heard.of(m.Ask)]
    assert any(path.endswith("trials/2/net.onnx") for path in asked)
    store.dispatch(m.ChooseTrials((1,)))
    assert view.pair._titles[1].text() == "Trial 1"
    asked = [wish.request.model.path for wish in heard.of(m.Ask)]
    assert any(path.endswith("trials/1/net.onnx") for path in asked)
    store.dispatch(m.ChangeTrial(1, (("deleted", True),)))
    assert view.pair._titles[1].text() == "Trial 2"


def test_details_of_a_trial_are_fetched_once(make):
    state = replace(opened(trial(1), base=1), details=FrozenMap())
    store, view = make(state)
    heard = Heard(store)
    view.both.setChecked(True)
    store.dispatch(m.ChangeTrial(1, (("name", "Best"),)))
    assert heard.of(m.WantDetails) == [m.WantDetails(1)]


def test_a_batch_norm_that_was_folded_is_its_convolution_in_the_file(make):
    state = opened(trial(1), base=1)
    layers = tuple(
        replace(each, attributes=FrozenMap({FOLDS_INTO: "block.conv2"}))
        if each.name == "norm"
        else each
        for each in LAYERS
    )
    state = replace(state, model=replace(state.model, info=replace(INFO, layers=layers)))
    store, view = make(state)
    heard = Heard(store)
    view.both.setChecked(True)
    view._ask_after()
    after = GraphDetail(tuple(one for one in DETAIL.nodes if one.layer != "norm"))
    answer(store, heard, after)
    store.dispatch(m.Select(("norm",)))
    assert marked(view.pair.after) == ["block.conv2"]


def test_colors_and_legend_follow_the_column_and_the_recipe(make):
    store, view = make(opened(profile=PROFILE))
    heard = Heard(store)
    view._ask_before()
    answer(store, heard)
    view.coloring.setCurrentIndex(view.coloring.findData(Column.BYTES))
    assert "64 B" in view.legend.words
    assert "18.4 KB" in view.legend.words
    assert fills(view.pair.before)["block.conv1"] == fills(view.pair.before)["block.conv2"]
    assert fills(view.pair.before)["block.conv1"] != fills(view.pair.before)["norm"]
    view.coloring.setCurrentIndex(view.coloring.findData(Column.PRUNING))
    assert not view.reason.isHidden()
    assert view.legend.words == ""
    store.dispatch(m.EditRecipe("x", Recipe((make_step("channel", ratio=0.5),))))
    assert view.reason.isHidden()
    assert view.legend.words == "0 % – 100 %"


def test_weights_without_a_graph_never_go_to_netron(make):
    state = opened()
    info = replace(INFO, format=Format.SAFETENSORS)
    _, view = make(replace(state, model=replace(state.model, info=info)))
    assert view.pair.before._source is None


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_every_column_has_colors_and_words(colors):
    from studio.document.update import update

    recipe = Recipe(
        (
            make_step("channel", ratio=0.5),
            make_step("uniform", [make_rule("stem", weight_bits=4)], weight_bits=8),
        )
    )
    state = update(opened(profile=PROFILE, locks=frozenset({"norm"})), m.EditRecipe("x", recipe))
    table = rows(state)
    after = tuple(replace(one, size_bytes=1) for one in LAYERS)
    for column in (Column.BYTES, Column.MACS, Column.LATENCY, Column.PRUNING):
        found = tint(column, table, after, colors)
        assert found.before, column
        assert found.after
        assert len(set(found.scale)) > 5
        assert all(found.ends)
    assert tint(Column.BYTES, table, after, colors).ends[0] == "1 B"  # one scale for both
    found = tint(Column.BITS, table, after, colors)
    assert [text for _, text in found.swatches] == ["4 bits", "8 bits"]
    assert found.before["stem"] != found.before["head"]
    found = tint(Column.CHANGED, table, after, colors)
    assert found.before["block.conv1"] == colors.accent
    assert tint(Column.KIND, table, after, colors).before == {}
    assert tint(Column.SENSITIVITY, table, after, colors).reason
