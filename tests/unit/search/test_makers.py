"""What changes are made of: layers with few rows are judged by samples they were not fitted to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.network.network import Network
from engine.pipeline import table_of
from engine.search.few import FewSamples
from engine.search.makers import changes_of, fitting
from engine.search.savings import grids_of
from engine.search.sensitivity import estimate
from engine.statistics.calibration import Calibration
from tests.helpers.networks import network_of


class Wide(nn.Module):
    """A convolution with many rows, then dense layers with more inputs than samples."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 6, 3)
        self.hidden = nn.Linear(216, 40)
        self.head = nn.Linear(40, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.conv(x)).flatten(1)
        return 8 * self.head(torch.relu(self.hidden(x)))


@pytest.fixture(scope="module")
def network() -> Network:
    return network_of(Wide().eval(), torch.randn(2, 1, 8, 8))


def noise(count: int, seed: int) -> Calibration:
    x = torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    return Calibration((x,), batch=64)


def test_layers_with_few_rows_keep_samples_to_be_judged_by(network: Network) -> None:
    samples = noise(64, 1)
    made = list(changes_of(network, table_of(network), grids_of(()), samples, Quiet()))
    kept = len(fitting(samples))
    assert kept == 48
    for change in made:
        few = change.method != "uniform" and bool({"hidden", "head"} & change.leaves.keys())
        assert change.fitted == (kept if few else 0), (change.rows, change.method)
    assert {change.fitted for change in made} == {0, kept}


def test_they_are_fitted_to_the_first_samples_alone(network: Network) -> None:
    samples = noise(64, 1)
    x = samples.inputs[0].clone()
    x[48:] = noise(16, 2).inputs[0]
    others = Calibration((x,), batch=64)
    made = []
    for calibration in (samples, others):
        found = changes_of(network, table_of(network), grids_of(("weight",)), calibration, Quiet())
        made.append({(c.rows, c.setting): c for c in found})
    hidden = ("hidden",), 0.7
    kept, moved = (one[hidden].leaves["hidden"] for one in made)
    zeros = (kept.weight == 0) == (moved.weight == 0)
    assert zeros.float().mean() > 0.95  # gradients are of all samples


def test_losses_of_layers_with_few_rows_hold_for_other_samples(network: Network) -> None:
    """On the samples that they were fitted to, these changes lose next to nothing."""
    samples, others = noise(64, 1), noise(400, 3)
    table = table_of(network)
    found = estimate(network, table, samples, ("channel",), Quiet()).table
    made = list(changes_of(network, table, grids_of(("channel",)), samples, Quiet()))
    made = [change for change in made if "hidden" in change.leaves]
    true = FewSamples(network, others, Quiet()).losses(made).mean(1)
    seen = FewSamples(network, samples.first(48), Quiet()).losses(made).mean(1)
    told = [found.entry(c.rows[0], c.method, c.setting).loss for c in made]
    assert (true > 3 * seen).all()
    assert np.abs(np.log(np.array(told) / true)).mean() < 0.7


@pytest.mark.parametrize("layer", ["conv", "head"])
def test_a_network_that_gives_no_numbers_has_sizes_and_no_losses(layer: str) -> None:
    module = Wide().eval()
    with torch.no_grad():
        getattr(module, layer).weight.view(-1)[0] = torch.nan
    broken = network_of(module, torch.randn(2, 1, 8, 8))
    found = estimate(broken, table_of(broken), noise(16, 1), (), Quiet()).table
    assert np.isnan(found.values[..., 0]).all()
    assert np.isfinite(found.values[..., 4]).any()


class TwoAnswers(nn.Module):
    """Tokens in; the first output has a value for each token, the second is of the whole."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(20, 12)
        self.hidden = nn.Linear(12, 9)
        self.each = nn.Linear(9, 20)
        self.whole = nn.Linear(9, 3)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = torch.relu(self.hidden(self.embed(x)))
        return self.each(x), self.whole(x.mean(1))


def test_losses_are_those_of_the_first_output() -> None:
    tokens = torch.randint(0, 20, (24, 7))
    pair = network_of(TwoAnswers().eval(), tokens[:2])
    found = estimate(pair, table_of(pair), Calibration((tokens,), batch=8), (), Quiet()).table
    losses = {name: found.entry(name, "uniform", 2.0).loss for name in found.layers}
    assert losses["whole"] == 0
    assert min(losses[name] for name in ("embed", "hidden", "each")) > 0
