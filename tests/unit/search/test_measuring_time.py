"""The time that is given for measuring is not spent on what comes before it."""

from __future__ import annotations

from typing import Any

import pytest

from engine import worker
from engine.costs_measured import MeasureCosts, Measured
from engine.jobs.job import Quiet
from engine.jobs.requests import DataSource, ModelSource
from engine.paths import RESOURCES

SAMPLES = RESOURCES / "samples"


def test_an_estimate_that_comes_first_takes_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float | None] = []
    measure = worker.measure

    def seen(network: Any, table: Any, request: MeasureCosts, *rest: Any) -> Measured:
        given.append(request.seconds)
        return measure(network, table, request, *rest)

    monkeypatch.setattr(worker, "measure", seen)
    request = MeasureCosts(
        ModelSource(str(SAMPLES / "digits.pt2")),
        DataSource((str(SAMPLES / "digits.npz"),)),
        methods=("uniform",),
        samples=64,
        seconds=20.0,
    )
    found = worker.measure_costs(request, Quiet())
    assert given == [20.0]
    assert found.table.measured.any()
