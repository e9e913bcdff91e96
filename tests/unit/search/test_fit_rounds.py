"""Fit to budget in rounds: what is found is run, and what it lost is learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.budget import FitBudget, Fitted, Quantity, Target
from engine.compress import fitting
from engine.compress.fit_trials import Trials
from engine.correction import Finished
from engine.cost import CostTable, Estimated
from engine.jobs.job import Job, Quiet
from engine.jobs.requests import Estimate
from engine.recipe.model import Recipe
from engine.worker import handle
from tests.unit.looks.cases import DATA, MODEL

METHODS = ("channel", "data_aware_svd", "spatial", "uniform")
HALF = Target(Quantity.MACS, 0.5, relative=True)
Lost = Callable[[Fitted], float]


@pytest.fixture(scope="module")
def table() -> CostTable:
    found: Estimated = handle(Estimate(MODEL, DATA, METHODS), Quiet())
    return found.table


class Noted(Quiet):
    """Keeps what is told; asked to stop after so many runs."""

    def __init__(self, runs: int = 99) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.runs = runs

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        if text:
            self.told.append((text, done, total))


def pretended(monkeypatch: pytest.MonkeyPatch, lost: Lost) -> list[Recipe]:
    """In place of runs: what is asked to run, in order."""
    asked: list[Recipe] = []

    def run(self: Trials, fitted: Fitted, job: Job) -> Finished:
        del self
        job.checkpoint("Solving layers anew", 3, 10)
        asked.append(fitted.recipe)
        return replace(Finished.of_parts(fitted.parts), loss=lost(fitted), samples=100)

    monkeypatch.setattr(Trials, "run", run)
    return asked


def rounds(table: CostTable, count: int, job: Job | None = None, **more: object) -> Fitted:
    request = FitBudget(MODEL, (HALF,), DATA, table, rounds=count, points=0)
    return fitting.fit_budget(replace(request, **more), table, job or Quiet())  # type: ignore[arg-type]  # fields by their names


def test_the_best_that_was_measured_is_given(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    losses = iter((0.3, 0.1, 0.2, 0.4))
    asked = pretended(monkeypatch, lambda _: next(losses))
    fitted = rounds(table, 5)
    assert len(asked) == len(set(asked)) == 4  # each tells something new
    assert fitted.recipe == asked[1]
    assert [one.loss for one in fitted.finished] == [0.3, 0.1, 0.2, 0.4]
    assert all(one.parts for one in fitted.finished)
    assert 0.05 < fitted.predicted.loss < 0.2
    assert fitted.correction.trials == 4
    assert fitted.met


def test_layers_that_lose_more_than_predicted_are_spared(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    first = rounds(table, 1)
    method, parts = max(first.parts.items(), key=lambda one: max(one[1].values()))
    layer = max(parts, key=parts.__getitem__)

    def lost(fitted: Fitted) -> float:
        real = {m: dict(losses) for m, losses in fitted.parts.items()}
        if layer in real.get(method, {}):
            real[method][layer] *= 20
        return sum(sum(losses.values()) for losses in real.values())

    pretended(monkeypatch, lost)
    fitted = rounds(table, 6)
    assert lost(fitted) < 0.5 * lost(first)
    assert fitted.correction.own_factor(method, layer) > 1.3


def test_runs_are_counted_and_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    job = Noted()
    asked: list[Recipe] = []

    def lost(fitted: Fitted) -> float:
        asked.append(fitted.recipe)
        job.stopping = len(asked) == 2
        return 0.1 * len(asked)

    pretended(monkeypatch, lost)
    fitted = rounds(table, 8, job)
    assert ("Run 1 of 7: Solving layers anew", 0, 7) in job.told
    assert ("Run 2 of 7: Solving layers anew", 1, 7) in job.told
    assert len(asked) == 2
    assert [one.loss for one in fitted.finished] == [0.1, 0.2]
    assert fitted.met


def test_a_limit_on_loss_is_met_by_what_was_learned(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    """What is limited was wrong before: the last answer counts, not what lost least."""
    asked = pretended(
        monkeypatch, lambda fitted: 4 * sum(sum(p.values()) for p in fitted.parts.values())
    )
    fitted = rounds(table, 4, targets=(Target(Quantity.LOSS, 0.05),))
    assert fitted.recipe != asked[0]
    assert fitted.predicted.loss <= 0.05 * 1.001
    assert fitted.predicted.weight_bytes < fitted.original.weight_bytes
    plain = sum(sum(losses.values()) for losses in fitted.parts.values())
    assert 4 * plain == pytest.approx(0.05, rel=0.35)


def test_real_runs_bring_the_prediction_near(table: CostTable) -> None:
    fitted = rounds(table, 3, targets=(Target(Quantity.WEIGHTS, 0.1, relative=True),))
    assert [one.samples for one in fitted.finished] == [fitted.finished[0].samples] * 2
    best = min(one.loss for one in fitted.finished)
    assert best / 2 < fitted.predicted.loss < 2 * best


def test_each_run_is_told_with_what_was_predicted_of_it(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    shown: list[Fitted] = []
    job = Noted()
    monkeypatch.setattr(job, "partial", shown.append)
    losses = iter((0.3, 0.1, 0.2))
    asked = pretended(monkeypatch, lambda _: next(losses))
    fitted = rounds(table, 4, job)
    assert [one.recipe for one in fitted.tried] == asked
    assert [one.finished.loss for one in fitted.tried] == [0.3, 0.1, 0.2]
    assert fitted.tried[0].predicted.loss == rounds(table, 1).predicted.loss
    assert fitted.tried[0].choices
    assert [len(one.tried) for one in shown] == [1, 2, 3]
    assert shown[1].recipe == asked[1]


def test_solving_between_runs_is_told_as_part_of_them(
    monkeypatch: pytest.MonkeyPatch, table: CostTable
) -> None:
    """Else the time that is left would be reckoned from the last solving."""
    job = Noted()
    pretended(monkeypatch, lambda _: 0.1)
    rounds(table, 3, job)
    assert {total for _, _, total in job.told} == {2}
    assert ("Run 2 of 2: Solving", 1, 2) in job.told
