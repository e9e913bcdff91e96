"""Measured cost tables: exact, in time, stopped, gone on with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.cost import CostTable
from engine.costs_measured import MeasureCosts, Measured, Place
from engine.errors import Cancelled, DataError, EngineError
from engine.jobs.job import Job, Quiet
from engine.jobs.requests import DataSource, ModelSource
from engine.network.network import Network
from engine.pipeline import table_of
from engine.search import measurement
from engine.search.makers import changes_of
from engine.search.measurement import Samples, measure
from engine.search.runs import MIDDLE, Run, by_worth
from engine.search.sensitivity import estimate
from engine.search.tails import Changed, Tails
from engine.search.wanted import wanted_entries
from engine.statistics.calibration import Calibration
from engine.worker import handle
from tests.helpers.networks import network_of
from tests.unit.looks.cases import DATA, MODEL

SOURCE = (ModelSource("net.pt2"), DataSource(("data.npz",)))


class Net(nn.Module):
    """Two convolutions, one of them with its norm, and a classifier."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(2, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        self.head = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.norm(self.first(x)))
        x = torch.relu(self.second(x) + x)
        return self.head(x.mean((2, 3)))


def samples(count: int = 300, labels: bool = True) -> Samples:
    random = torch.Generator().manual_seed(1)
    x = torch.randn(count + 64, 2, 6, 6, generator=random)
    y = torch.randint(0, 4, (count,), generator=random) if labels else None
    return Samples(Calibration((x[count:],), batch=64), Calibration((x[:count],), y))


@pytest.fixture(scope="module")
def network() -> Network:
    return network_of(Net().eval(), torch.randn(2, 2, 6, 6))


@pytest.fixture(scope="module")
def costs(network: Network) -> CostTable:
    return estimate(network, table_of(network), samples().calibration, (), Quiet()).table


def asked(costs: CostTable, **more: Any) -> MeasureCosts:
    return MeasureCosts(*SOURCE, table=costs, **more)


def run(
    network: Network, request: MeasureCosts, data: Samples | None = None, job: Job | None = None
) -> Measured:
    return measure(network, table_of(network), request, data or samples(), job or Quiet())


def places(table: CostTable) -> list[Place]:
    return [
        (layer, grid.method, setting)
        for layer in table.layers
        for grid in table.grids
        for setting in grid.settings
        if table.entry(layer, grid.method, setting).measured
    ]


def whole(network: Network, leaves: dict[str, nn.Module], inputs: Sequence[Tensor]) -> Tensor:
    old = {name: network.module.get_submodule(name) for name in leaves}
    try:
        for name, leaf in leaves.items():
            network.module.set_submodule(name, leaf)
        with torch.inference_mode():
            return network.module(*inputs)
    finally:
        for name, leaf in old.items():
            network.module.set_submodule(name, leaf)


def test_exact_entries_are_those_of_full_evaluations(network: Network, costs: CostTable) -> None:
    data = samples()
    found = run(network, asked(costs, precision=0.0), data)
    assert found.done == found.total == len(places(found.table))
    assert (found.samples, found.stopped, found.labeled) == (300, False, True)
    folded = measurement.fold_batch_norms(network)
    x, y = data.measured.inputs[0], data.measured.labels
    before = torch.log_softmax(whole(folded, {}, (x,)).double(), 1)
    for change in changes_of(folded, table_of(network), costs.grids, data.calibration, Quiet()):
        logs = torch.log_softmax(whole(folded, dict(change.leaves), (x,)).double(), 1)
        loss = float((before.exp() * (before - logs)).sum(1).mean())
        drop = float(
            (before.argmax(1) == y).double().mean() - (logs.argmax(1) == y).double().mean()
        )
        for row in change.rows:
            if row in costs.layers:
                entry = found.table.entry(row, change.method, change.setting)
                assert entry.loss == pytest.approx(loss, abs=1e-5)
                assert entry.accuracy_drop == pytest.approx(drop, abs=0.011)  # ties
                assert entry.loss_low <= entry.loss <= entry.loss_high
                assert entry.measured


def test_savings_stay_and_estimates_are_replaced(network: Network, costs: CostTable) -> None:
    found = run(network, asked(costs, methods=("uniform",)))
    assert {method for _, method, _ in places(found.table)} == {"uniform"}
    np.testing.assert_array_equal(found.table.values[..., 4:], costs.values[..., 4:])
    assert found.estimated is costs
    assert not costs.measured.any()


def test_without_labels_there_is_no_accuracy(network: Network, costs: CostTable) -> None:
    found = run(network, asked(costs, methods=("uniform",)), samples(labels=False))
    assert not found.labeled
    assert np.isnan(found.table.entry("first", "uniform", 4.0).accuracy_drop)


def test_outputs_that_are_no_classes_have_losses() -> None:
    network = network_of(Net(1).eval(), torch.randn(2, 2, 6, 6))
    data = samples()
    table = estimate(network, table_of(network), None, ("uniform",), Quiet()).table
    found = run(network, asked(table, precision=0.0), data)
    folded = measurement.fold_batch_norms(network)
    change = next(
        iter(changes_of(folded, table_of(network), table.grids[:1], data.calibration, Quiet()))
    )
    x = data.measured.inputs
    old, new = whole(folded, {}, x), whole(folded, dict(change.leaves), x)
    wanted = float(0.5 * (new - old).square().sum() / old.square().sum())
    entry = found.table.entry(change.rows[0], change.method, change.setting)
    assert entry.loss == pytest.approx(wanted, rel=1e-3)


def test_only_what_is_asked_for_is_measured(network: Network, costs: CostTable) -> None:
    wanted: tuple[Place, ...] = (("second", "weight", 0.7), ("first", "uniform", 3.0))
    found = run(network, asked(costs, entries=wanted))
    assert set(places(found.table)) == set(wanted)
    assert (found.done, found.total) == (2, 2)


@pytest.mark.parametrize(
    "entry", [("nowhere", "uniform", 4.0), ("first", "magic", 4.0), ("first", "uniform", 5.0)]
)
def test_entries_that_are_not_there_are_refused(
    network: Network, costs: CostTable, entry: Place
) -> None:
    with pytest.raises(EngineError, match="no entry"):
        run(network, asked(costs, entries=(entry,)))


class Counting(Quiet):
    """A job that stops or cancels after so many batches, and keeps what is shown."""

    def __init__(self, stop_at: int = 1 << 40, cancel_at: int = 1 << 40) -> None:
        self.stop_at, self.cancel_at = stop_at, cancel_at
        self.shown: list[Measured] = []
        self.reports: list[tuple[str, int, int]] = []

    @property
    def stopping(self) -> bool:  # type: ignore[override]  # its kind is known here
        return self.batches >= self.stop_at

    @property
    def batches(self) -> int:
        return sum(text == "Measuring settings" for text, _, _ in self.reports)

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        if text:
            self.reports.append((text, done, total))
            if self.batches >= self.cancel_at:
                raise Cancelled

    def partial(self, value: Any) -> None:
        self.shown.append(value)


def test_stopped_it_keeps_what_is_finished_and_goes_on_from_there(
    network: Network, costs: CostTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(network, asked(costs, precision=0.0), job=Counting(stop_at=3))
    assert first.stopped
    assert 0 < first.done < first.total
    assert len(places(first.table)) >= first.done
    visits = 0
    through = Tails._through

    def counted(*args: Any) -> Tensor:
        nonlocal visits
        visits += 1
        return through(*args)

    monkeypatch.setattr(Tails, "_through", counted)
    monkeypatch.setattr(Tails, "_settle", lambda *_args: None)
    whole_run = run(network, asked(costs, precision=0.0))
    visits, all_visits = 0, visits
    second = run(network, asked(first.table, precision=0.0, state=first.state))
    assert not second.stopped
    assert second.done == second.total == first.total
    assert visits < 0.6 * all_visits
    np.testing.assert_allclose(
        second.table.values[..., 0], whole_run.table.values[..., 0], rtol=1e-4, atol=1e-7
    )


def test_a_state_of_other_data_is_left_and_told(network: Network, costs: CostTable) -> None:
    first = run(network, asked(costs, methods=("uniform",)))
    other = samples(200)
    second = run(network, asked(costs, methods=("uniform",), state=first.state), other)
    assert second.done == second.total
    assert any("other data" in note for note in second.notes)
    assert not first.notes


def test_what_is_certain_enough_is_not_measured_again(network: Network, costs: CostTable) -> None:
    sure = costs.with_entries(
        [
            replace(
                costs.entry("first", "uniform", bits),
                loss=1.0,
                loss_low=0.95,
                loss_high=1.05,
                measured=True,
            )
            for bits in (2.0, 3.0)
        ]
    )
    found = run(network, asked(sure, methods=("uniform",)))
    assert found.done == found.total
    assert found.table.entry("first", "uniform", 2.0).loss == 1.0
    exact = run(network, asked(sure, methods=("uniform",), precision=0.0))
    assert exact.table.entry("first", "uniform", 2.0).loss != 1.0


def test_canceled_it_ends_and_has_shown_what_it_had(
    network: Network, costs: CostTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurement, "_SHOWN_S", 0.0)
    job = Counting(cancel_at=4)
    with pytest.raises(Cancelled):
        run(network, asked(costs, precision=0.0), job=job)
    assert len(places(job.shown[-1].table)) > 0
    done = [len(places(one.table)) for one in job.shown]
    assert done == sorted(done)


def test_its_time_is_kept_to(network: Network, costs: CostTable) -> None:
    began = time.monotonic()
    found = run(network, asked(costs, precision=0.0, seconds=0.0))
    assert found.stopped
    assert found.done == 0
    assert time.monotonic() - began < 20
    assert found.table.values.shape == costs.values.shape


class Long(Counting):
    """A job whose clock goes on by a second for each piece of work but measuring."""

    def __init__(self, clock: list[float], **more: int) -> None:
        super().__init__(**more)
        self.clock = clock

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        super().checkpoint(text, done, total)
        self.clock[0] += bool(text) and text != "Measuring settings"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as the measurement sees it."""
    now = [time.monotonic()]
    monkeypatch.setattr(measurement.Limited, "now", lambda _self: now[0])
    return now


def stages(job: Counting) -> list[str]:
    """What was told, without repetitions and names of layers."""
    told = [text.partition(" of ")[0] for text, _, _ in job.reports]
    return [text for text, last in zip(told, ["", *told], strict=False) if text != last]


def test_it_measures_while_changes_are_still_made(
    network: Network, costs: CostTable, clock: list[float]
) -> None:
    job = Long(clock)
    run(network, asked(costs), job=job)
    told = stages(job)
    first = told.index("Measuring settings")
    assert "Collecting statistics" in told[:first]
    assert "Collecting gradients" in told[first:]
    assert "Choosing channels" in told[first:]


def test_changes_that_are_made_quickly_are_measured_together(
    network: Network, costs: CostTable
) -> None:
    job = Counting()
    run(network, asked(costs), job=job)
    assert stages(job)[-1] == "Measuring settings"
    assert stages(job).count("Measuring settings") == 1


def test_measured_meanwhile_losses_are_the_same(
    network: Network, costs: CostTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = run(network, asked(costs, precision=0.0))
    monkeypatch.setattr(measurement, "_PATIENCE_S", 0.0)
    monkeypatch.setattr(measurement, "_WAVE", 3)
    job = Counting()
    meanwhile = run(network, asked(costs, precision=0.0), job=job)
    assert stages(job).count("Measuring settings") > 3
    assert meanwhile.done == meanwhile.total == together.total
    np.testing.assert_allclose(
        meanwhile.table.values[..., 0], together.table.values[..., 0], rtol=1e-4, atol=1e-7
    )


def test_a_time_that_ends_before_all_changes_are_made_gives_entries(
    network: Network, costs: CostTable, clock: list[float]
) -> None:
    job = Long(clock)
    found = run(network, asked(costs, seconds=14.0), job=job)
    assert found.stopped
    assert "Choosing channels" not in stages(job)
    assert found.done >= 3
    layers = {layer for layer, _, _ in places(found.table)}
    assert layers == set(costs.layers)
    assert not found.notes


def test_where_nothing_could_be_measured_it_says_so(network: Network, costs: CostTable) -> None:
    request = asked(costs, seconds=1e-9)
    found = run(network, request)
    told = measurement.told_if_empty(found, 30.4)
    assert told.notes == (
        "In 30 s no setting could be measured: running the original and making the changes take "
        "longer than that; give more time.",
    )
    some = run(network, asked(costs, methods=("uniform",)))
    assert measurement.told_if_empty(some, 30.0) is some


def test_what_is_worth_most_comes_first(costs: CostTable) -> None:
    """For each layer and method one setting, the one whose loss decides."""
    places = wanted_entries(costs, asked(costs))
    order = [run.key for run in by_worth([Run(p, (p,), Changed({}), 0) for p in places], costs)]
    assert sorted(order) == sorted(places)
    kinds = {key[:2] for key in order}
    assert {key[:2] for key in order[: len(kinds)]} == kinds
    losses = [costs.entry(*key).loss for key in order]
    near = [abs(np.log(max(loss, 1e-30) / MIDDLE)) for loss in losses]
    assert np.mean(near[: len(kinds)]) < np.mean(near[-len(kinds) :])


def test_progress_rises_to_its_end(network: Network, costs: CostTable) -> None:
    job = Counting()
    run(network, asked(costs), job=job)
    told = [(done, total) for text, done, total in job.reports if text == "Measuring settings"]
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_network_whose_answers_are_no_numbers_is_refused(costs: CostTable) -> None:
    broken = Net().eval()
    with torch.no_grad():
        broken.head.bias[0] = float("nan")
    network = network_of(broken, torch.randn(2, 2, 6, 6))
    with pytest.raises(EngineError, match="not all finite"):
        run(network, asked(costs))


def test_portions_that_fit_into_memory_give_the_same(
    network: Network, costs: CostTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = run(network, asked(costs, precision=0.0))
    monkeypatch.setattr(measurement, "_CHANGED_BYTES", 4000)
    apart = run(network, asked(costs, precision=0.0))
    np.testing.assert_allclose(
        apart.table.values[..., 0], together.table.values[..., 0], rtol=1e-4, atol=1e-7
    )


@pytest.mark.parametrize(
    ("field", "value"), [("samples", 1), ("precision", -0.1), ("precision", 2.0), ("seconds", 0.0)]
)
def test_numbers_out_of_range_are_refused(field: str, value: float) -> None:
    with pytest.raises(EngineError):
        handle(replace(MeasureCosts(MODEL, DATA), **{field: value}), Quiet())


def test_the_worker_estimates_first_and_measures_then() -> None:
    job = Counting()
    found = handle(MeasureCosts(MODEL, DATA, ("uniform",)), job)
    assert isinstance(found, Measured)
    assert found.done == found.total > 0
    assert found.labeled
    assert found.estimated is not None
    assert np.isfinite(found.estimated.values[:, :5, 0]).all()


def test_data_without_samples_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, x=np.zeros((1, 1, 8, 8), np.float32), y=np.zeros(1, np.int64))
    with pytest.raises((DataError, EngineError)):
        handle(MeasureCosts(MODEL, DataSource((str(path),)), ("uniform",)), Quiet())
