"""Learning rates over a training."""

from __future__ import annotations

import math

import pytest

from engine.training.optimizer import rate_of
from engine.training.options import Optimizer, Schedule, TrainingParams
from engine.training.schedule import factor

TOTAL = 100


def rates(schedule: Schedule, warmup: float = 0.0) -> list[float]:
    return [factor(schedule, step, TOTAL, warmup) for step in range(TOTAL)]


def test_cosine_goes_from_one_to_nearly_zero() -> None:
    found = rates(Schedule.COSINE)
    assert found[0] == 1
    assert found[50] == pytest.approx(0.5)
    assert found[25] == pytest.approx(0.5 * (1 + math.cos(math.pi / 4)))
    assert 0 < found[-1] < 1e-3


def test_linear_constant_and_stepped() -> None:
    assert rates(Schedule.LINEAR)[75] == pytest.approx(0.25)
    assert set(rates(Schedule.CONSTANT)) == {1.0}
    stepped = rates(Schedule.STEP)
    assert stepped[:50] == [1.0] * 50
    assert stepped[50:75] == pytest.approx([0.1] * 25)
    assert stepped[75:] == pytest.approx([0.01] * 25)


def test_one_cycle_rises_to_its_peak_and_falls() -> None:
    found = rates(Schedule.ONE_CYCLE, warmup=0.5)
    peak = found.index(max(found))
    assert peak in (29, 30)
    assert found[peak] > 0.99
    assert found[0] < 0.15
    assert found[:peak] == sorted(found[:peak])
    assert found[peak:] == sorted(found[peak:], reverse=True)
    assert found[-1] < 1e-2


@pytest.mark.parametrize("schedule", [s for s in Schedule if s is not Schedule.ONE_CYCLE])
def test_warmup_rises_linearly_before_the_rest(schedule: Schedule) -> None:
    found = rates(schedule, warmup=0.1)
    assert found[:10] == pytest.approx([(step + 1) / 11 for step in range(10)])
    assert found[10] == pytest.approx(1.0)


@pytest.mark.parametrize("schedule", list(Schedule))
@pytest.mark.parametrize("total", [1, 2, 3])
def test_short_trainings_have_a_rate_at_every_step(schedule: Schedule, total: int) -> None:
    for step in range(total):
        assert 0 < factor(schedule, step, total, 0.05) <= 1


def test_usual_rates_are_lower_without_batch_norm() -> None:
    sgd = TrainingParams(optimizer=Optimizer.SGD)
    assert rate_of(sgd, normalized=False) < rate_of(sgd)
    assert rate_of(TrainingParams(learning_rate=0.3), normalized=False) == 0.3
    adam = TrainingParams(optimizer=Optimizer.ADAM)
    assert rate_of(adam, normalized=False) == rate_of(adam)
