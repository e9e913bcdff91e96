"""Times of the layers of a model, for targets on latency: measured on real files, once each."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.budget import FitBudget, Fitted, Quantity, Target
from engine.compress import fitting
from engine.cost import CostTable, Estimated
from engine.jobs.job import Quiet
from engine.jobs.requests import Estimate, ModelSource
from engine.search.fit_latency import LayerTimes
from engine.worker import handle
from tests.unit.looks.cases import DATA, MODEL

METHODS = ("channel", "uniform")


@pytest.fixture(scope="module")
def table() -> CostTable:
    found: Estimated = handle(Estimate(MODEL, DATA, METHODS), Quiet())
    return found.table


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Profiles and files that were made, and the times that came of them."""
    found: list[Any] = []

    def watched(name: str) -> Any:
        real = getattr(fitting, name)

        def call(*arguments: Any, **options: Any) -> Any:
            result = real(*arguments, **options)
            found.append(result if isinstance(result, LayerTimes) else name)
            return result

        return call

    for name in ("measure_latency", "compress", "times_of"):
        monkeypatch.setattr(fitting, name, watched(name))
    monkeypatch.setattr(fitting, "_TIMED_S", 0.05)
    return found


def fitted(
    table: CostTable, share: float, model: ModelSource = MODEL, methods: tuple[str, ...] = METHODS
) -> Fitted:
    target = Target(Quantity.LATENCY, share, relative=True)
    result: Fitted = handle(FitBudget(model, (target,), DATA, table, methods, points=0), Quiet())
    return result


def test_layers_are_timed_once_for_each_model(
    table: CostTable, seen: list[Any], tmp_path: Path
) -> None:
    copy = ModelSource(str(shutil.copy(MODEL.path, tmp_path / "copy.pt2")))
    first = fitted(table, 0.9, copy)
    assert seen[:-1] == ["measure_latency", "compress"]
    times = seen.pop()
    assert set(table.layers) <= times.floats.keys()
    assert times.integers.keys() <= times.floats.keys()
    assert set(table.layers) <= times.integers.keys()
    assert min(times.floats.values()) > 0
    assert first.original.latency_ms == times.total_ms
    assert first.predicted.latency_ms < times.total_ms
    seen.clear()
    again = fitted(table, 0.8, copy)  # as a slider asks
    assert again.original == first.original
    assert not seen
    fitted(table, 0.9, copy, ("channel",))  # nothing is rounded: no file of integers is needed
    assert seen[:-1] == ["measure_latency"]
    assert not seen[-1].integers
