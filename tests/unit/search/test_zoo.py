"""Networks of many kinds have costs: shared weights, several inputs, recurrent parts, outputs."""

from __future__ import annotations

import numpy as np
import pytest

from engine.jobs.job import Quiet
from engine.pipeline import table_of
from engine.search.sensitivity import estimate
from engine.statistics.calibration import Calibration
from tests.helpers.zoo import ZOO, cached_network

pytestmark = pytest.mark.network_zoo


@pytest.mark.parametrize(
    "name",
    ["tied_weights", "gpt_like", "unet", "lstm_classifier", "shufflenet_like", "multi_input"],
)
def test_costs_of_many_kinds_of_networks(name: str) -> None:
    network = cached_network(name)
    _, inputs = ZOO[name].example(8)
    samples = Calibration(tuple(inputs), batch=8)
    before = {key: value.clone() for key, value in network.module.state_dict().items()}
    found = estimate(network, table_of(network), samples, (), Quiet()).table
    losses = found.values[..., 0]
    bits = losses[:, : len(found.grids[0].settings)]
    assert np.isfinite(bits).all()
    assert (losses[np.isfinite(losses)] >= 0).all()
    assert np.nanmax(bits) > 0
    assert all(value.equal(before[key]) for key, value in network.module.state_dict().items())
