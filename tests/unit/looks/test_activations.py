"""What goes into layers and comes out of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.jobs.job import Quiet
from engine.jobs.looks import ActivationLook
from engine.looks import activations
from engine.looks.activations import look_at_activations
from engine.looks.material import calibration_samples
from engine.methods.quantization.settings import ActivationRange
from engine.opened import open_model
from engine.statistics.run import capture
from tests.unit.looks.cases import DATA, MODEL, Net, opened


@pytest.fixture(scope="module")
def values() -> dict[str, np.ndarray]:
    """What goes into and comes out of a layer, by running the whole network."""
    model = open_model(MODEL, Quiet())
    samples = calibration_samples(model, DATA, 64, 0, Quiet()).samples
    node = model.use("block2.conv1").nodes[0]
    found = capture(model.network.module, [node.name, node.args[0].name], samples.inputs)
    return {"input": found[node.args[0].name].numpy(), "output": found[node.name].numpy()}


@pytest.mark.parametrize("side", ["input", "output"])
def test_values_are_those_of_the_network(values, side: str) -> None:
    detail = look_at_activations(ActivationLook(MODEL, "block2.conv1", DATA), Quiet())
    found, wanted = getattr(detail, side), values[side]
    assert detail.samples == 64
    assert not detail.synthetic
    assert not detail.reason
    assert (found.low, found.high) == (wanted.min(), wanted.max())
    assert found.zeros == pytest.approx((wanted == 0).mean(), abs=0.01)
    assert sum(found.histogram.counts) == (wanted != 0).sum()
    assert len(found.histogram.counts) <= 256
    for percent, value in found.percentiles:
        wide = (found.high - found.low) * 0.01
        assert value == pytest.approx(np.percentile(wanted, percent), abs=wide)
    assert found.histogram.low <= wanted.min()
    assert found.histogram.high >= wanted.max()


def test_each_way_to_choose_a_range_is_shown() -> None:
    detail = look_at_activations(ActivationLook(MODEL, "block2.conv1", DATA, bits=4), Quiet())
    ranges = {one.method: one for one in detail.output.ranges}
    assert set(ranges) == {one.value for one in ActivationRange}
    assert ranges["mse"].error == min(one.error for one in ranges.values())
    assert ranges["mse"].high - ranges["mse"].low < ranges["minmax"].high - ranges["minmax"].low
    eight = look_at_activations(ActivationLook(MODEL, "block2.conv1", DATA), Quiet())
    assert eight.output.ranges[0].error < ranges["minmax"].error


def test_without_data_noise_is_looked_at() -> None:
    detail = look_at_activations(ActivationLook(MODEL, "stem"), Quiet())
    assert detail.synthetic
    assert detail.input.low < 0 < detail.input.high


def test_a_free_parameter_has_no_activations(monkeypatch) -> None:
    model = opened(Net(), torch.randn(2, 3, 6, 6))
    monkeypatch.setattr(activations, "open_model", lambda source, job: model)
    detail = look_at_activations(ActivationLook(model.source, "shift"), Quiet())
    assert "stands free" in detail.reason
    assert detail.input is None


def test_the_network_runs_no_further_than_the_layer(monkeypatch) -> None:
    model = opened(Net(), torch.randn(2, 3, 6, 6))
    monkeypatch.setattr(activations, "open_model", lambda source, job: model)
    ran: list[str] = []
    old = activations.Walker.run_node

    def run_node(self, node):
        ran.append(str(node.target))
        return old(self, node)

    monkeypatch.setattr(activations.Walker, "run_node", run_node)
    assert look_at_activations(ActivationLook(model.source, "conv"), Quiet()).output is not None
    assert "conv" in ran
    assert not {"norm", "up", "fc"} & set(ran)


def test_ranges_in_which_nothing_lies_are_passed_over(monkeypatch) -> None:
    layer = nn.Linear(2, 2, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0, 0.0], [100.0, 0.0]]))
    model = opened(nn.Sequential(layer, nn.Softsign(), nn.Linear(2, 2)), torch.randn(2, 2))
    monkeypatch.setattr(activations, "open_model", lambda source, job: model)
    detail = look_at_activations(ActivationLook(model.source, "2", bits=4), Quiet())
    ranges = {one.method: one for one in detail.input.ranges}
    assert -1.1 < ranges["entropy"].low < -0.5 < 0.5 < ranges["entropy"].high < 1.1
