"""Histograms and norms of weights, all of them counted."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import Cancelled, ModelError
from engine.jobs.job import Quiet
from engine.jobs.looks import WeightLook
from engine.jobs.requests import ModelSource
from engine.looks import weights
from engine.looks.weights import look_at_weights, weight_detail, weight_matrix
from tests.unit.looks.cases import SAMPLES, Canceled, Net, opened


@pytest.fixture(scope="module")
def model():
    return opened(Net(), torch.randn(2, 3, 6, 6))


@pytest.mark.parametrize("layer", ["conv", "norm", "up", "fc", "shift"])
def test_every_weight_is_counted_once(model, layer: str) -> None:
    use = model.use(layer)
    detail = weight_detail(use, None, Quiet())
    values = use.weight.detach().numpy().reshape(-1)
    assert sum(detail.histogram.counts) == detail.counts.sum() == values.size
    assert (detail.minimum, detail.maximum) == (values.min(), values.max())
    assert detail.mean == pytest.approx(values.mean(), abs=1e-6)
    assert detail.std == pytest.approx(values.std(), abs=1e-6)
    assert detail.zeros == (values == 0).mean()
    assert len(detail.histogram.counts) == 256
    assert not detail.histogram.sampled


def test_counts_are_numpys(model) -> None:
    values = model.use("conv").weight.detach().double().numpy()
    detail = weight_detail(model.use("conv"), None, Quiet())
    wanted, _ = np.histogram(values, 256, detail.ends)
    assert np.abs(np.array(detail.histogram.counts) - wanted).sum() <= 2  # on an edge
    rows, _ = np.histogram(values[3], 64, detail.ends)
    assert np.abs(detail.counts[3] - rows).sum() <= 2


def test_channels_of_a_transposed_convolution_are_its_outputs(model) -> None:
    detail = weight_detail(model.use("up"), None, Quiet())
    weight = model.use("up").weight.detach()  # [8, 4, 2, 2]
    assert detail.channels == 4
    assert detail.norms == pytest.approx(weight.square().sum((0, 2, 3)).sqrt().numpy())
    assert detail.absmax == pytest.approx(weight.abs().amax((0, 2, 3)).numpy())


def test_a_window_shows_what_is_in_it(model) -> None:
    values = model.use("conv").weight.detach().numpy()
    detail = weight_detail(model.use("conv"), (0.05, -0.05), Quiet())
    inside = int((np.abs(values) <= np.float32(0.05)).sum())
    assert 0 < inside < values.size
    assert sum(detail.histogram.counts) == detail.counts.sum() == inside
    assert (detail.histogram.low, detail.histogram.high) == detail.ends == (-0.05, 0.05)


def test_what_is_not_a_number_is_in_no_bin() -> None:
    layer = nn.Linear(4, 3)
    with torch.no_grad():
        layer.weight[0, 0], layer.weight[1, 2], layer.weight[2] = math.nan, -math.inf, 0.0
    model = opened(layer, torch.randn(2, 4))
    (use,) = model.uses.values()
    detail = weight_detail(use, None, Quiet())
    finite = layer.weight.detach().numpy()
    finite = finite[np.isfinite(finite)]
    assert detail.histogram.nonfinite == 2
    assert sum(detail.histogram.counts) == finite.size == 10
    assert detail.mean == pytest.approx(finite.mean())
    assert detail.zeros == pytest.approx(4 / 12)
    assert np.isfinite(detail.norms).all()


def test_weights_of_nothing_but_nan_have_no_mean() -> None:
    layer = nn.Linear(2, 2)
    nn.init.constant_(layer.weight, math.nan)
    (use,) = opened(layer, torch.randn(2, 2)).uses.values()
    detail = weight_detail(use, None, Quiet())
    assert math.isnan(detail.mean)
    assert detail.histogram.nonfinite == 4
    assert sum(detail.histogram.counts) == 0


def test_wide_layers_are_shown_in_part(monkeypatch) -> None:
    monkeypatch.setattr(weights, "MOST_SHOWN", 10)
    monkeypatch.setattr(weights, "MOST_LISTED", 20)
    layer = nn.Embedding(100, 3)
    (use,) = opened(layer, torch.zeros(2, 2, dtype=torch.int64)).uses.values()
    detail = weight_detail(use, None, Quiet())
    assert detail.channels == 100
    assert detail.counts.shape == (10, 64)
    assert detail.counts.sum() == 30
    assert (detail.shown[0], detail.shown[-1]) == (0, 99)
    assert len(detail.listed) == len(detail.norms) == len(detail.absmax) == 20
    assert sum(detail.histogram.counts) == 300


def test_half_precision_is_counted() -> None:
    layer = nn.Linear(8, 8, bias=False).to(torch.bfloat16)
    (use,) = opened(layer, torch.randn(2, 8).to(torch.bfloat16)).uses.values()
    detail = weight_detail(use, None, Quiet())
    assert detail.dtype == "bfloat16"
    assert sum(detail.histogram.counts) == 64
    assert weight_matrix(use).shape == (8, 8)


def test_it_ends_when_canceled_between_blocks(model, monkeypatch) -> None:
    monkeypatch.setattr(weights, "_BLOCK", 16)
    whole = Canceled()
    weight_detail(model.use("conv"), None, whole)
    assert whole.seen > 10
    with pytest.raises(Cancelled):
        weight_detail(model.use("conv"), None, Canceled(at=whole.seen - 2))


def test_a_layer_that_is_not_there(model) -> None:
    with pytest.raises(ModelError, match="no layer called gone"):
        model.use("gone")
    with pytest.raises(ModelError, match="no layer called gone"):
        model.row("gone")


def test_a_file_without_a_graph_shows_its_sampled_histogram() -> None:
    source = ModelSource(str(SAMPLES / "digits.safetensors"))
    detail = look_at_weights(WeightLook(source, "stem"), Quiet())
    assert detail.shape == (16, 1, 3, 3)
    assert sum(detail.histogram.counts) == 144
    assert detail.minimum < 0 < detail.maximum
    assert detail.channels == 0
    with pytest.raises(ModelError, match="no layer called gone"):
        look_at_weights(WeightLook(source, "gone"), Quiet())
