"""Cost tables of the sample network, against what quantizing its layers really costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr

from engine.cost import Estimated
from engine.errors import Cancelled, EngineError
from engine.jobs.job import Quiet
from engine.jobs.requests import Estimate
from engine.layer_table import LayerTable
from engine.looks.material import calibration_samples
from engine.methods.context import Context
from engine.methods.pruning.channel_sensitivity import divergence
from engine.opened import OpenModel, open_model
from engine.registry import Needs
from engine.search import sensitivity
from engine.search.alike import Pairs
from engine.search.changes import Change
from engine.search.few import FewSamples
from engine.search.savings import SETTINGS, method_of, params_of
from engine.search.sensitivity import estimate
from engine.statistics.calibration import Calibration
from engine.statistics.moments import collect
from engine.worker import handle
from tests.unit.looks.cases import DATA, MODEL, Canceled


@pytest.fixture(scope="module")
def model() -> OpenModel:
    return open_model(MODEL, Quiet())


@pytest.fixture(scope="module")
def samples(model: OpenModel) -> Calibration:
    return calibration_samples(model, DATA, 400, 0, Quiet()).samples


@pytest.fixture(scope="module")
def found(model: OpenModel, samples: Calibration) -> Estimated:
    table = LayerTable(model.info.layers, model.info.groups)
    return estimate(model.network, table, samples.first(128), (), Quiet())


def test_every_setting_of_every_layer_is_estimated(found: Estimated) -> None:
    table = found.table
    assert {grid.method: grid.settings for grid in table.grids} == SETTINGS
    assert found.samples == 128
    assert found.seconds > 0
    losses = table.values[..., 0]
    low, high = table.values[..., 1], table.values[..., 2]
    known = np.isfinite(losses)
    assert known[:, :5].all()  # all of its layers can be quantized
    assert known[:, :-4].mean() > 0.9  # but for those with a kernel that can be divided
    assert known[:, -4:].any()
    assert (losses[known] >= 0).all()
    assert (low[known] <= losses[known]).all()
    assert (losses[known] <= high[known]).all()
    assert not table.measured.any()


def test_stronger_settings_cost_no_less_and_leave_no_more(found: Estimated) -> None:
    start = 0
    for grid in found.table.grids:
        columns = found.table.values[:, start : start + len(grid.settings)]
        start += len(grid.settings)
        for row in columns:
            known = row[np.isfinite(row[:, 0])]
            assert (np.diff(known[:, 0]) >= 0).all()
            assert (np.diff(known[:, 4]) <= 0).all()
            assert (np.diff(known[:, 5]) <= 0).all()


def test_members_of_a_group_show_its_loss(model: OpenModel, found: Estimated) -> None:
    rows = set(found.table.layers)
    together = [
        [name for name in group.layers if name in rows]
        for group in model.info.groups
        if not group.frozen_reason
    ]
    assert any(len(names) > 1 for names in together)
    for names in together:
        assert len({found.table.entry(name, "channel", 0.5).loss for name in names}) == 1


def test_estimates_rank_bits_as_measuring_does(
    model: OpenModel, samples: Calibration, found: Estimated
) -> None:
    """Each layer is really quantized by the method, alone, and run on samples not seen before."""
    method = method_of("uniform")
    few, others = samples.first(128), samples.inputs[0][200:]
    network = model.network
    before = network.module(others)
    context = Context(Quiet(), network, calibration=few)
    statistics = collect(network, Needs.INPUT_MOMENTS, found.table.layers, few, Quiet())
    predicted, measured = [], []
    with torch.inference_mode():
        for name in found.table.layers:
            for bits in (4.0, 2.0):
                params = params_of(method, bits).model_copy(update={"activation_bits": None})
                changed = method.load_run()(
                    network, {name: params}, replace(context, statistics=statistics)
                )
                measured.append(divergence([before], [changed.module(others)]))
                predicted.append(found.table.entry(name, "uniform", bits).loss)
    assert spearmanr(predicted, measured).statistic >= 0.9
    ratios = np.log(np.array(measured) / np.array(predicted))
    assert np.abs(ratios).mean() < 0.7


def test_of_too_many_changes_those_that_lose_most_are_run(
    model: OpenModel, samples: Calibration, monkeypatch: pytest.MonkeyPatch
) -> None:
    run: list[tuple[str, float]] = []
    losses = FewSamples.losses

    def spied(
        self: FewSamples, changes: Sequence[Change], pairs: Pairs | None = None
    ) -> NDArray[np.float64]:
        run.extend((change.rows[0], change.setting) for change in changes)
        return losses(self, changes, pairs)

    monkeypatch.setattr(FewSamples, "losses", spied)
    table = LayerTable(model.info.layers, model.info.groups)
    some = samples.first(64)
    every = estimate(model.network, table, some, ("uniform",), Quiet()).table
    assert len(run) > 15
    run.clear()
    monkeypatch.setattr(sensitivity, "_FEW_PASSES", 0.8)
    found = estimate(model.network, table, some, ("uniform",), Quiet()).table
    assert 1 <= len(run) < 8
    mine = [every.entry(*one[:1], "uniform", one[1]).loss for one in run]
    assert min(mine) > np.nanmedian(every.values[..., 0])
    assert np.isfinite(found.values[:, :5, 0]).all()


def test_without_data_sizes_are_known_and_losses_are_not() -> None:
    found = handle(Estimate(MODEL, methods=("uniform", "data_aware_svd")), Quiet())
    assert [grid.method for grid in found.table.grids] == ["uniform", "data_aware_svd"]
    assert np.isnan(found.table.values[..., :4]).all()
    entry = found.table.entry("block2.conv2", "uniform", 4.0)
    assert entry.size_bytes < found.table.baseline[found.table.layers.index("block2.conv2"), 0] / 7
    assert (found.samples, found.forward_passes) == (0, 0.0)


def test_one_method_alone(model: OpenModel, samples: Calibration) -> None:
    table = LayerTable(model.info.layers, model.info.groups)
    found = estimate(model.network, table, samples.first(16), ("channel",), Quiet()).table
    losses = found.values[..., 0]
    assert np.isfinite(losses).any()
    assert np.nanmax(losses) > 0


def test_a_method_without_costs_is_named() -> None:
    with pytest.raises(EngineError, match="tucker2"):
        handle(Estimate(MODEL, methods=("tucker2",)), Quiet())


@pytest.mark.parametrize("at", [3, 300, 900])
def test_it_is_canceled_at_once(model: OpenModel, samples: Calibration, at: int) -> None:
    job = Canceled(at)
    table = LayerTable(model.info.layers, model.info.groups)
    with pytest.raises(Cancelled):
        estimate(model.network, table, samples.first(64), (), job)
    assert job.longest_s < 0.2
