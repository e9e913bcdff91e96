"""What an export promises, before it runs and beside what it has measured."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.cost import CostTable, Entry, Grid
from engine.info import (
    AccuracySource,
    Compressed,
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
from studio.dialogs.export import ExportDialog
from studio.document import messages as m
from studio.document.state import DocumentState
from studio.exporting import formats, promise_beside
from studio.store import Store
from studio.views.budget_bar import BudgetBar


def promising() -> DocumentState:
    """A network of which time and accuracy are known, and its recipe with what it costs."""
    layer = LayerInfo("a", LayerKind.LINEAR, (16, 16), "float32", 256, 1024, 256)
    store = Store()
    store.dispatch(m.OpenModel(ModelSource("net.onnx")))
    store.dispatch(m.Opened(NetworkInfo("net", Format.ONNX, (), (), (layer,), (), 256, 2000, 256)))
    times = (LayerLatency("a", 1.5, 1.0),)
    store.dispatch(m.Profiled(Profile(1.5, 0.1, 4, 1, 200, times, "ONNX Runtime", "CPU")))
    store.dispatch(m.Evaluated(Evaluation(500, AccuracySource.LABELS, top1=0.9)))
    entry = Entry("a", "uniform", 8.0, 0.06, 0.05, 0.07, 0.03)
    table = CostTable.empty(("a",), (Grid("uniform", (8.0, 4.0)),)).with_entries([entry])
    store.dispatch(m.CostKnown(table))
    step = make_step("uniform", weight_bits=8, activation_bits=None)
    store.dispatch(m.EditRecipe("", Recipe((step,))))
    return store.state


def test_a_promise_is_the_one_of_the_budget_bar(qtbot: QtBot) -> None:
    state = promising()
    bar = BudgetBar(Store(state))
    qtbot.addWidget(bar)
    onnx, pt2, _ = formats(state)
    readings = {name: bar.gauges[name].reading.predicted for name in ("latency_ms", "top1")}
    assert readings == {"latency_ms": "~1.50 ms", "top1": "~87.0 %"}
    dialog = ExportDialog((onnx, pt2), "net.onnx", state.original)
    qtbot.addWidget(dialog)
    assert {name: dialog.numbers.cells[name, 1].text() for name in readings} == readings
    assert (pt2.predicted.latency_ms, pt2.predicted.top1) == (None, onnx.predicted.top1)
    fresh = replace(state.original, latency_ms=3.0, top1=0.8)
    result = Compressed(
        *("/net.onnx", "onnx", "auto", "", Metrics(176_000), Metrics(180_000), fresh, True, 1e-6),
        *((), state.info, state.info),
    )
    kept = promise_beside(result, onnx.predicted, state.original)
    assert kept.latency_ms == pytest.approx(3.0)  # all of it twice as slow, that day
    assert kept.top1 == pytest.approx(0.77)
    assert kept.size_bytes == 176_000
