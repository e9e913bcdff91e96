"""Singular values and rounding errors of weights."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import RecipeError
from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.jobs.looks import QuantizationLook
from engine.looks import rounding
from engine.looks.rounding import look_at_rounding
from engine.looks.spectrum import singular_values, spectrum_detail
from engine.methods.low_rank.shapes import Form, parts_of
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.encoding import dequantize, quantize
from engine.surgery.fold import fold_batch_norms
from tests.unit.looks.cases import Net, opened


@pytest.fixture(scope="module")
def model():
    return opened(Net(), torch.randn(2, 3, 6, 6))


def test_the_spectrum_is_that_of_the_matrix(model) -> None:
    detail = spectrum_detail(model, "conv", Quiet())
    matrix = model.use("conv").weight.detach().flatten(1)
    wanted = torch.linalg.svdvals(matrix.double()).numpy()
    assert (detail.rows, detail.columns) == matrix.shape
    assert detail.values == pytest.approx(wanted, rel=1e-6)
    assert detail.energy == pytest.approx(np.cumsum(wanted**2) / (wanted**2).sum())
    assert detail.rank_for(1.0) == detail.full_rank == 8
    assert detail.rank_for(detail.energy[2]) == 3
    assert 1 <= detail.vbmf_rank <= 8
    assert not detail.reason


@pytest.mark.parametrize("rank", [1, 5])
def test_bytes_are_those_of_the_method(model, rank: int) -> None:
    detail, row = spectrum_detail(model, "conv", Quiet()), model.row("conv")
    assert detail.size_bytes(rank) == sum(p.size_bytes for p in parts_of(row, (rank,), Form()))
    assert detail.dense_bytes == row.size_bytes


def test_from_the_break_even_rank_on_nothing_is_saved(model) -> None:
    detail = spectrum_detail(model, "conv", Quiet())
    rank = detail.break_even_rank
    assert 0 < rank < detail.full_rank
    assert detail.size_bytes(rank) < detail.dense_bytes <= detail.size_bytes(rank + 1)


@pytest.mark.parametrize("layer", ["norm", "shift"])
def test_what_is_no_matrix_says_so(model, layer: str) -> None:
    detail = spectrum_detail(model, layer, Quiet())
    assert "not factored" in detail.reason
    assert not len(detail.values)
    assert detail.break_even_rank == detail.rank_for(0.5) == 0


def test_a_transposed_convolution_shows_its_values_and_a_reason(model) -> None:
    detail = spectrum_detail(model, "up", Quiet())
    assert len(detail.values) == 4
    assert detail.reason


def test_weights_that_are_not_finite_have_no_spectrum() -> None:
    layer = nn.Linear(4, 4)
    nn.init.constant_(layer.weight, math.inf)
    broken = opened(layer, torch.randn(2, 4))
    detail = spectrum_detail(broken, next(iter(broken.uses)), Quiet())
    assert "infinite" in detail.reason


def test_large_matrices_are_decomposed_nearly(monkeypatch) -> None:
    monkeypatch.setattr("engine.looks.spectrum._EXACT", 4)
    matrix = torch.randn(12, 30, generator=torch.Generator().manual_seed(0))
    wanted = torch.linalg.svdvals(matrix).numpy()
    assert singular_values(matrix) == pytest.approx(wanted, rel=1e-2)


def look(model, monkeypatch, layer: str, channel: int = 0, **params):
    monkeypatch.setattr(rounding, "open_model", lambda source, job: model)
    request = QuantizationLook(model.source, layer, FrozenMap(params), channel)
    return look_at_rounding(request, Quiet())


@pytest.mark.parametrize("granularity", ["tensor", "channel", "group"])
@pytest.mark.parametrize("symmetric", [True, False])
def test_errors_are_those_of_the_method(model, monkeypatch, granularity, symmetric) -> None:
    settings = {"granularity": granularity, "symmetric": symmetric, "group_size": 8}
    detail = look(model, monkeypatch, "conv", weight_bits=4, **settings)
    folded = fold_batch_norms(model.network).module.get_submodule("conv").weight.detach()
    encoding = weight_encoding(folded, UniformParams(weight_bits=4, **settings))
    off = dequantize(quantize(folded, encoding), encoding) - folded
    wanted = float(off.square().sum() / folded.square().sum())
    assert detail.chosen == 4
    assert detail.errors[detail.bits.index(4)] == pytest.approx(wanted, rel=1e-4)
    assert (np.diff(detail.errors) < 0).all()
    assert detail.signal_to_noise_db == pytest.approx(-10 * math.log10(wanted), rel=1e-4)
    assert not detail.sampled
    assert len(detail.levels) == 16


def test_the_grid_is_that_of_the_channel_in_the_weights_own_units(model, monkeypatch) -> None:
    detail = look(model, monkeypatch, "conv", 3, weight_bits=3)
    module = fold_batch_norms(model.network).module
    folded = module.get_submodule("conv").weight.detach()
    own = model.use("conv").weight.detach()
    encoding = weight_encoding(folded, UniformParams(weight_bits=3))
    factor = float((folded[3] / own[3]).median())
    integers = np.arange(-4, 4)
    assert detail.levels == pytest.approx(
        np.sort(integers * float(encoding.scale[3, 0]) / factor), rel=1e-4
    )
    assert detail.step == pytest.approx(float(np.diff(detail.levels)[0]))


def test_sixteen_bits_have_no_more_levels_than_can_be_drawn(model, monkeypatch) -> None:
    detail = look(model, monkeypatch, "fc", weight_bits=16)
    assert len(detail.levels) == 256
    assert detail.levels[0] < 0 < detail.levels[-1]


def test_float_weights_have_errors_to_choose_by_and_no_grid(model, monkeypatch) -> None:
    detail = look(model, monkeypatch, "fc", weight_bits=None, activation_bits=8)
    assert detail.chosen == 0
    assert not len(detail.levels)
    assert len(detail.errors) == len(detail.bits)
    assert detail.signal_to_noise_db is None


@pytest.mark.parametrize("granularity", ["tensor", "channel", "group"])
def test_of_a_large_layer_a_part_tells(monkeypatch, granularity: str) -> None:
    torch.manual_seed(0)
    large = opened(nn.Linear(64, 200, bias=False), torch.randn(2, 64))
    (name,) = large.uses
    whole = look(large, monkeypatch, name, granularity=granularity)
    monkeypatch.setattr(rounding, "_SAMPLED", 3000)
    again = opened(nn.Linear(64, 200, bias=False), torch.randn(2, 64))
    part = look(again, monkeypatch, name, granularity=granularity)
    assert (whole.sampled, part.sampled) == (False, True)
    assert part.errors == pytest.approx(whole.errors, rel=0.3)


def test_layers_that_are_left_alone_say_why(model, monkeypatch) -> None:
    assert "only a few weights" in look(model, monkeypatch, "norm").reason


def test_a_wrong_setting_is_named(model, monkeypatch) -> None:
    with pytest.raises(RecipeError, match="weight_bits must be") as caught:
        look(model, monkeypatch, "conv", weight_bits=9)
    assert caught.value.where == "weight_bits"


def test_zeros_have_no_error(monkeypatch) -> None:
    layer = nn.Linear(4, 4, bias=False)
    nn.init.zeros_(layer.weight)
    blank = opened(layer, torch.randn(2, 4))
    detail = look(blank, monkeypatch, next(iter(blank.uses)))
    assert not detail.errors.any()
    assert detail.signal_to_noise_db == math.inf
