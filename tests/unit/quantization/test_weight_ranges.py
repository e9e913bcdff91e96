"""Grids of weights."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.methods.quantization.settings import Granularity, UniformParams, WeightRange
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.encoding import WeightEncoding, dequantize, is_on_grid, quantize

MINMAX = {"weight_range": WeightRange.MINMAX}


def weight(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def rounded(w: Tensor, encoding: WeightEncoding) -> Tensor:
    return dequantize(quantize(w, encoding), encoding)


def correlated(groups: int, width: int) -> Tensor:
    mixed = torch.randn(groups, 4 * width, width, generator=torch.Generator().manual_seed(1))
    mixed[:, :, 0] = mixed[:, :, 0] * 5 + mixed[:, :, 1]
    return mixed.transpose(1, 2) @ mixed / mixed.shape[1]


@given(bits=st.sampled_from([2, 3, 4, 8, 16]), symmetric=st.booleans(), seed=st.integers(0, 99),
       granularity=st.sampled_from(list(Granularity)))  # fmt: skip
def test_minmax_rounds_by_at_most_half_a_step(
    bits: int, symmetric: bool, seed: int, granularity: Granularity
) -> None:
    w = weight(6, 5, 3, 3, seed=seed)
    params = UniformParams(
        weight_bits=bits, symmetric=symmetric, granularity=granularity, group_size=16, **MINMAX
    )
    encoding = weight_encoding(w, params)
    off = (rounded(w, encoding) - w).abs().flatten(1)
    steps = encoding.scale.repeat_interleave(16, dim=1)[:, :45] if encoding.group_size else (
        encoding.scale
    )  # fmt: skip
    # an asymmetric grid moves by up to half a step, so that zero is a point of it
    assert bool((off <= steps * (0.501 if symmetric else 1.001)).all())
    assert is_on_grid(rounded(w, encoding), encoding)


@pytest.mark.parametrize(
    ("granularity", "shape"),
    [(Granularity.TENSOR, (1, 1)), (Granularity.CHANNEL, (6, 1)), (Granularity.GROUP, (6, 3))],
)
@pytest.mark.parametrize("symmetric", [True, False])
def test_scales_have_the_shape_of_the_granularity(
    granularity: Granularity, shape: tuple[int, int], symmetric: bool
) -> None:
    params = UniformParams(granularity=granularity, group_size=20, symmetric=symmetric)
    encoding = weight_encoding(weight(6, 5, 3, 3), params)
    assert encoding.scale.shape == encoding.zero_point.shape == shape
    assert encoding.zero_point.dtype is torch.int32
    assert encoding.group_size == (20 if granularity is Granularity.GROUP else 0)
    assert bool((encoding.zero_point == 0).all()) is symmetric


def test_groups_wider_than_a_row_are_channels() -> None:
    params = UniformParams(granularity=Granularity.GROUP, group_size=64)
    assert weight_encoding(weight(6, 1, 3, 3), params).group_size == 0


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("granularity", list(Granularity))
def test_searched_ranges_are_better(bits: int, symmetric: bool, granularity: Granularity) -> None:
    w = weight(8, 40)
    w[0, 0] = 9.0
    settings = {
        "weight_bits": bits, "symmetric": symmetric, "granularity": granularity, "group_size": 16,
    }  # fmt: skip
    plain = weight_encoding(w, UniformParams(**settings, **MINMAX))
    searched = weight_encoding(w, UniformParams(**settings))
    errors = [(rounded(w, one) - w).square().sum() for one in (searched, plain)]
    assert errors[0] <= errors[1] * (1.0 if bits == 8 else 0.97)


@pytest.mark.parametrize("groups", [1, 2])
def test_inputs_say_which_errors_count(groups: int) -> None:
    w, second = weight(8, 12), correlated(groups, 12)

    def output_error(encoding: WeightEncoding) -> float:
        off = (rounded(w, encoding) - w).reshape(groups, -1, 12)
        return float((off @ second * off).sum())

    params = UniformParams(weight_bits=3)
    assert output_error(weight_encoding(w, params, second=second)) < 0.95 * output_error(
        weight_encoding(w, params)
    )


def test_the_best_scale_is_found() -> None:
    w = weight(1, 500)
    encoding = weight_encoding(w, UniformParams(weight_bits=3))
    tried = [
        WeightEncoding(3, torch.full((1, 1), s), torch.zeros(1, 1, dtype=torch.int32))
        for s in torch.linspace(0.1, 1.2, 500).tolist()
    ]
    best = min(float((rounded(w, one) - w).square().sum()) for one in tried)
    assert float((rounded(w, encoding) - w).square().sum()) <= 1.005 * best


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("range_", list(WeightRange))
def test_rows_of_zeros_stay_zero(symmetric: bool, range_: WeightRange) -> None:
    w = weight(3, 8)
    w[1] = 0.0
    second = torch.zeros(1, 8, 8)
    for given_second in (None, second):
        params = UniformParams(weight_bits=4, symmetric=symmetric, weight_range=range_)
        encoding = weight_encoding(w, params, second=given_second)
        assert bool((encoding.scale > 0).all())
        assert bool((rounded(w, encoding)[1] == 0).all())
        assert bool(encoding.scale.isfinite().all())


def test_zeros_stay_zero_on_asymmetric_grids() -> None:
    w = weight(4, 50) + 1.0
    w[:, ::3] = 0.0
    encoding = weight_encoding(w, UniformParams(weight_bits=3, symmetric=False))
    assert bool((rounded(w, encoding)[:, ::3] == 0).all())


def test_transposed_weights_have_scales_along_their_second_axis() -> None:
    w = weight(5, 7, 3)
    w[:, 2] *= 100
    encoding = weight_encoding(w, UniformParams(), axis=1)
    assert encoding.scale.shape == (7, 1)
    assert int(encoding.scale.argmax()) == 2


def test_a_long_search_can_be_paused() -> None:
    calls = []
    weight_encoding(weight(8, 40), UniformParams(), pause=lambda: calls.append(1))
    assert len(calls) > 20
