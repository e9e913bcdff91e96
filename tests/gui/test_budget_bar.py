"""The budget bar: which numbers it shows as predicted and measured, and what it folds away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.cost import CostTable, Entry, Grid
from engine.info import (
    AccuracySource,
    ChannelGroup,
    Evaluation,
    Format,
    LayerInfo,
    LayerKind,
    LayerLatency,
    Metrics,
    NetworkInfo,
    Profile,
)
from engine.jobs.requests import ModelSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.selectors import rows
from studio.document.state import DocumentState
from studio.document.trial import Trial
from studio.store import Store
from studio.views.budget_bar import BudgetBar
from studio.views.layer_columns import Column, text_of


def network() -> NetworkInfo:
    layers = tuple(
        LayerInfo(
            name, LayerKind.CONV2D, (16, 16, 3, 3), "float32", 2304, 9216, 147_456, group=name
        )
        for name in ("a", "b", "c")
    )
    groups = (ChannelGroup("a", ("a",), 16, consumers=("b",)),)
    return NetworkInfo(
        "net", Format.ONNX, (), (), layers, groups, 6912, 30_000, 442_368, activation_bytes=8192
    )


def opened() -> Store:
    store = Store()
    store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    store.dispatch(m.Opened(network()))
    return store


def quantize(store: Store) -> None:
    recipe = Recipe((make_step("uniform", weight_bits=8, activation_bits=None),))
    store.dispatch(m.EditRecipe("", recipe))


def run(store: Store, measured: Metrics, original: Metrics | None = None) -> Store:
    """The same document after a run of its recipe."""
    state = store.state
    trial = Trial(
        1, "Trial 1", state.recipe, measured=measured, original=original or state.original
    )
    return Store(replace(state, trials=(trial,)))


@pytest.fixture
def bar(qtbot: QtBot) -> BudgetBar:
    found = BudgetBar(opened())
    qtbot.addWidget(found)
    return found


def values(bar: BudgetBar, name: str) -> tuple[str, ...]:
    return bar.gauges[name].reading.values


def test_without_a_recipe_the_original_stands_alone(bar: BudgetBar) -> None:
    assert values(bar, "size_bytes") == ("30.0 KB",)
    assert values(bar, "top1") == ("–",)
    assert values(bar, "latency_ms") == ("–",)
    assert "Open data" in bar.gauges["top1"].toolTip()
    assert bar.gauges["size_bytes"].reading.change == ""


def test_predictions_follow_a_drag(bar: BudgetBar) -> None:
    store = bar._store
    quantize(store)
    original, guess = values(bar, "size_bytes")
    assert (original, guess[0]) == ("30.0 KB", "~")
    first = bar.gauges["size_bytes"].reading
    assert first.change.startswith("~")
    assert first.predicted_share < first.original_share == 1
    store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, ("a", "b"), 4, final=False))
    assert bar.gauges["size_bytes"].reading.predicted_share < first.predicted_share
    assert "not been run" in bar.gauges["size_bytes"].toolTip()


def test_measured_numbers_are_of_just_this_recipe(qtbot: QtBot) -> None:
    store = opened()
    quantize(store)
    done = run(store, Metrics(9000, 6912, 442_368, latency_ms=1.0), Metrics(latency_ms=2.0))
    bar = BudgetBar(done)
    qtbot.addWidget(bar)
    reading = bar.gauges["size_bytes"].reading
    assert (reading.measured, reading.change) == ("9.00 KB", "3.33×")
    assert "Trial 1" in reading.tip
    assert bar.gauges["latency_ms"].reading.change == "2.00×"
    done.dispatch(m.SetFacet(Facet.WEIGHT_BITS, ("a",), 4))
    assert bar.gauges["size_bytes"].reading.measured == ""
    done.dispatch(m.Undo())
    assert bar.gauges["size_bytes"].reading.measured == "9.00 KB"


def test_an_accuracy_has_its_source_and_samples(qtbot: QtBot) -> None:
    store = opened()
    labels = AccuracySource.LABELS
    store.dispatch(m.Evaluated(Evaluation(2000, labels, top1=0.917, interval=(0.904, 0.928))))
    bar = BudgetBar(store)
    qtbot.addWidget(bar)
    assert bar.gauges["top1"].reading.note == "labels · 2,000 · ±1.2 pt"
    quantize(store)
    assert values(bar, "top1") == ("91.70 %",)  # nothing predicts it yet
    after = Metrics(top1=0.912, source=labels, samples=10_000, interval=(0.906, 0.917))
    before = Metrics(top1=0.916, source=labels, samples=10_000, interval=(0.91, 0.921))
    done = BudgetBar(run(store, after, before))
    qtbot.addWidget(done)
    reading = done.gauges["top1"].reading
    assert reading.values == ("91.60 %", "91.20 %")  # both on the same samples
    assert reading.change == "−0.40 pt"
    assert "10,000" in reading.note
    assert "90.60 %" in reading.tip
    assert "label" in reading.tip


def test_latency_says_how_it_was_measured(bar: BudgetBar) -> None:
    times = tuple(LayerLatency(name, 1.0, 1 / 3) for name in ("a", "b", "c"))
    bar._store.dispatch(
        m.Profiled(Profile(3.0, 0.1, 4, 1, 200, times, "ONNX Runtime 1.31", "Some CPU"))
    )
    bar._store.dispatch(m.EditRecipe("", Recipe((make_step("channel", ratio=0.5),))))
    original, guess = values(bar, "latency_ms")
    assert original == "3.00 ms"
    assert guess == "~2.00 ms"  # a and b do half their work, and c its own
    tip = bar.gauges["latency_ms"].toolTip()
    assert "ONNX Runtime 1.31" in tip
    assert "integers" in tip


def test_predicted_and_measured_are_of_one_original(qtbot: QtBot) -> None:
    store = opened()
    times = tuple(LayerLatency(name, 1.0, 1 / 3) for name in ("a", "b", "c"))
    store.dispatch(m.Profiled(Profile(3.0, 0.1, 4, 1, 200, times, "ONNX Runtime", "CPU")))
    store.dispatch(m.Evaluated(Evaluation(500, AccuracySource.LABELS, top1=0.9)))
    store.dispatch(m.CostKnown(costs()))
    quantize(store)
    beside = Metrics(latency_ms=1.5, top1=0.8)  # the machine was less busy then
    bar = BudgetBar(run(store, Metrics(9000, latency_ms=1.2, top1=0.79), beside))
    qtbot.addWidget(bar)
    assert values(bar, "latency_ms") == ("1.50 ms", "~1.50 ms", "1.20 ms")
    assert values(bar, "top1") == ("80.00 %", "~77.0 %", "79.00 %")


def test_a_narrow_bar_folds_the_less_important(qtbot: QtBot, bar: BudgetBar) -> None:
    bar.resize(1600, bar.sizeHint().height())
    bar.show()
    assert bar.folded == ()
    assert bar.more.isHidden()
    bar.resize(500, bar.height())
    assert bar.width() == 500
    assert "size_bytes" not in bar.folded
    assert "parameters" in bar.folded
    assert bar.more.isVisible()
    bar.more.menu().aboutToShow.emit()
    texts = [action.text() for action in bar.more.menu().actions()]
    assert "Parameters: 6.91 k" in texts
    for name, gauge in bar.gauges.items():
        if name not in bar.folded:
            assert gauge.width() >= gauge.sizeHint().width()


def test_what_does_not_concern_it_is_not_shown_again(
    bar: BudgetBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[DocumentState] = []
    monkeypatch.setattr(bar, "_show", shown.append)
    bar._store.dispatch(m.Select(("a",)))
    assert shown == []
    quantize(bar._store)
    assert len(shown) == 1


# What settings cost


def costs(*, measured: bool = False) -> CostTable:
    entries = [
        Entry(name, "uniform", 8.0, 0.02, 0.01, 0.04, 0.01, measured=measured)
        for name in ("a", "b", "c")
    ]
    return CostTable.empty(("a", "b", "c"), (Grid("uniform", (8.0, 4.0)),)).with_entries(entries)


def test_the_accuracy_is_predicted_from_the_costs(qtbot: QtBot) -> None:
    store = opened()
    bar = BudgetBar(store)
    qtbot.addWidget(bar)
    store.dispatch(m.Evaluated(Evaluation(500, AccuracySource.LABELS, top1=0.9)))
    store.dispatch(m.CostKnown(costs()))
    assert bar.gauges["top1"].reading.predicted == ""  # nothing is done to it
    quantize(store)
    reading = bar.gauges["top1"].reading
    assert reading.predicted == "~87.0 %"
    assert reading.change == "~−3.00 pt"
    assert "0.06" in reading.tip
    trained = (*store.state.recipe.steps, make_step("finetune", epochs=1))
    store.dispatch(m.EditRecipe("", Recipe(trained)))
    assert bar.gauges["top1"].reading.predicted == ""  # what training brings nobody knows


def test_a_tiny_loss_is_written_as_in_the_plots(bar: BudgetBar) -> None:
    store = bar._store
    store.dispatch(m.Evaluated(Evaluation(500, AccuracySource.LABELS, top1=0.9)))
    entries = [Entry(name, "uniform", 8.0, 1e-6, 1e-6, 1e-6, 0.0) for name in ("a", "b", "c")]
    table = CostTable.empty(("a", "b", "c"), (Grid("uniform", (8.0, 4.0)),))
    store.dispatch(m.CostKnown(table.with_entries(entries)))
    quantize(store)
    assert "3·10⁻⁶" in bar.gauges["top1"].reading.tip
    assert text_of(rows(store.state)[0], Column.LOSS) == "~1·10⁻⁶"


def test_fit_to_budget_is_at_hand(qtbot: QtBot) -> None:
    bar = BudgetBar(opened())
    qtbot.addWidget(bar)
    bar.resize(1200, bar.sizeHint().height())
    bar.show()
    told: list[str] = []
    bar.commanded.connect(told.append)
    bar.fit.click()
    assert told == ["fit"]
    bar.resize(bar.minimumSizeHint().width(), bar.height())
    assert bar.fit.isVisible()
    assert bar.fit.geometry().right() <= bar.width()
