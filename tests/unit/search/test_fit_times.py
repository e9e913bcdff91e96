"""Times of the layers of a model, for targets on latency: measured on real files, once each."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.budget import FitBudget, Fitted, Quantity, Target
from engine.compress import fitting
from engine.compress.fit_trials import Trials
from engine.correction import Finished
from engine.cost import CostTable, Estimated
from engine.frozen import FrozenMap
from engine.jobs.job import Job, Quiet
from engine.jobs.requests import Estimate, ModelSource
from engine.recipe.model import Recipe
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
    assert seen[:-1] == ["compress"]  # which times the original in turns with the file
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


def test_a_real_file_says_what_part_of_the_saving_is_real(
    monkeypatch: pytest.MonkeyPatch, table: CostTable, tmp_path: Path
) -> None:
    """Every file takes nine tenths of the original's time, whatever is in it."""
    times = LayerTimes(FrozenMap(dict.fromkeys(table.layers, 1.0)), FrozenMap(), 0.0)
    taken = SimpleNamespace(latency_ms=9.0, layers=())
    file = SimpleNamespace(original_profile=SimpleNamespace(latency_ms=10.0), profile=taken)
    monkeypatch.setattr(fitting, "_times", lambda *_: times)
    monkeypatch.setattr(fitting, "compress", lambda *_: file)
    request = FitBudget(
        ModelSource(str(shutil.copy(MODEL.path, tmp_path / "copy.pt2"))),
        (Target(Quantity.LATENCY, 0.8, relative=True),),
        DATA,
        table,
        ("channel",),
        points=0,
    )
    first = fitting.fit_budget(request, table, Quiet())
    second = fitting.fit_budget(replace(request, rounds=2), table, Quiet())
    assert first.predicted.macs > second.predicted.macs  # more must go for the same time
    saved = 1 - first.predicted.latency_ms / times.total_ms
    again = times.calibrated(first.predicted.latency_ms, 0.9)
    assert again.kept == pytest.approx(0.1 / saved)
    assert again.total_ms == times.total_ms
    assert times.calibrated(times.total_ms, 0.9) == times  # nothing was saved that could tell


def test_of_what_was_timed_only_what_was_quick_enough_is_given(
    monkeypatch: pytest.MonkeyPatch, table: CostTable, tmp_path: Path
) -> None:
    """The first loses least, and its file takes too long."""
    times = LayerTimes(FrozenMap(dict.fromkeys(table.layers, 1.0)), FrozenMap(), 0.0)
    shares = iter((0.81, 0.79, 0.8))
    asked: list[Recipe] = []

    def made(*_: object) -> SimpleNamespace:
        taken = SimpleNamespace(latency_ms=10 * next(shares), layers=())
        return SimpleNamespace(original_profile=SimpleNamespace(latency_ms=10.0), profile=taken)

    def run(self: Trials, fitted: Fitted, job: Job) -> Finished:
        del self, job
        asked.append(fitted.recipe)
        expected = Finished.of_parts(fitted.parts)
        times_more = (0.8, 1.0, 1.5)[len(asked) - 1]
        loss = times_more * sum(expected.predicted.values())
        return replace(expected, loss=loss, samples=100)

    monkeypatch.setattr(fitting, "_times", lambda *_: times)
    monkeypatch.setattr(fitting, "compress", made)
    monkeypatch.setattr(Trials, "run", run)
    request = FitBudget(
        ModelSource(str(shutil.copy(MODEL.path, tmp_path / "copy.pt2"))),
        (Target(Quantity.LATENCY, 0.8, relative=True),),
        DATA,
        table,
        ("channel",),
        points=0,
        rounds=4,
    )
    fitted = fitting.fit_budget(request, table, Quiet())
    assert len(asked) == 3
    assert fitted.recipe == asked[1]
    assert fitted.met
    assert fitted.predicted.latency_ms == pytest.approx(0.79 * fitted.original.latency_ms)
    assert fitted.targets[0].reached == fitted.predicted.latency_ms
