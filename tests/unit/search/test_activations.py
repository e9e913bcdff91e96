"""Rounded inputs of layers, against running the network with them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.pruning.channel_sensitivity import divergence
from engine.pipeline import table_of
from engine.registry import REGISTRY
from engine.search.activations import RoundedInput
from engine.search.few import FewSamples
from engine.search.makers import changes_of
from engine.search.quadratic import quadratic_losses
from engine.search.savings import ACTIVATIONS, grids_of
from engine.search.sensitivity import estimate
from engine.surgery.quantizers import Grid
from tests.unit.search.test_quadratic import made


def test_what_rounding_changes_is_what_the_two_layers_differ_by() -> None:
    layer = torch.nn.Linear(6, 3)
    rounded = RoundedInput(layer, Grid(0.25, 8, 4))
    x = torch.randn(5, 6)
    torch.testing.assert_close(rounded.difference()(x), rounded(x) - layer(x))
    assert layer.bias is not None


def test_inputs_of_every_layer_are_rounded_and_their_loss_is_predicted() -> None:
    network, samples = made(count=128)
    table = table_of(network)
    made_ = list(changes_of(network, table, grids_of((ACTIVATIONS,)), samples, Quiet()))
    assert {(c.rows[0], c.setting) for c in made_} == {
        (name, bits) for name in ("grouped", "up", "head") for bits in (8.0, 4.0)
    }  # `twice` reads two tensors
    effects = quadratic_losses(network, made_, samples, Quiet()).losses.mean(1).tolist()
    true = FewSamples(network, samples, Quiet()).losses(made_).mean(1).tolist()
    coarse = [place for place, change in enumerate(made_) if change.setting == 4]
    for place in coarse:
        assert true[place] / 2 < effects[place] < 2 * true[place]
    found = estimate(network, table, samples, ("uniform", ACTIVATIONS), Quiet()).table
    told = [found.entry(c.rows[0], ACTIVATIONS, c.setting).loss for c in made_]
    assert spearmanr(told, effects).statistic > 0.9


def test_together_with_other_layers_it_is_what_the_method_does() -> None:
    """The sum over layers is near what `uniform` costs with float weights."""
    network, samples = made(count=128)
    table = table_of(network)
    found = estimate(network, table, samples, (ACTIVATIONS,), Quiet()).table
    method = REGISTRY.step("uniform")
    assert method is not None
    params = method.params.model_validate({"weight_bits": None, "activation_bits": 4})
    layers = ("grouped", "up", "head")
    context = Context(Quiet(), network, calibration=samples)
    changed = method.load_run()(network, dict.fromkeys(layers, params), context)
    with torch.inference_mode():
        before, after = network.module(*samples.inputs), changed.module(*samples.inputs)
    true = divergence([before.double()], [after.double()])
    total = sum(found.entry(name, ACTIVATIONS, 4.0).loss for name in layers)
    assert total == pytest.approx(1.8 * true, rel=0.5)  # of samples not looked at


def test_weights_stay_as_they_are_and_they_are_looked_at_only_on_wish() -> None:
    network, samples = made(count=16)
    table = table_of(network)
    assert ACTIVATIONS not in {grid.method for grid in grids_of(())}
    found = estimate(network, table, samples, (ACTIVATIONS,), Quiet()).table
    sizes = found.values[..., 4] / found.baseline[:, :1]
    assert np.isfinite(sizes).any()
    assert np.nanmin(sizes) >= 1.0  # one gets a bias
    assert np.nanmax(sizes) < 1.1
