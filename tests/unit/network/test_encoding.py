"""Grids of integers that weights lie on."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.network.encoding import (
    HalfEncoding,
    WeightEncoding,
    as_matrix,
    dequantize,
    from_matrix,
    is_on_grid,
    quantize,
)


def encoding_for(weight: torch.Tensor, bits: int, *, symmetric: bool, group: int, axis: int):
    matrix = as_matrix(weight, axis)
    columns = matrix.shape[1]
    width = group or columns
    parts = torch.split(matrix, width, dim=1)
    low = torch.stack([p.amin(1) for p in parts], 1).clamp(max=0)
    high = torch.stack([p.amax(1) for p in parts], 1).clamp(min=0)
    if symmetric:
        scale = torch.maximum(-low, high) / ((1 << (bits - 1)) - 1)
        zero = torch.zeros_like(scale)
    else:
        scale = (high - low) / ((1 << bits) - 1)
        zero = torch.round(-low / scale.clamp(min=1e-9))
    return WeightEncoding(bits, scale.clamp(min=1e-9), zero.to(torch.int32), symmetric, group, axis)


@given(
    bits=st.integers(2, 8),
    symmetric=st.booleans(),
    group=st.sampled_from([0, 4, 5]),
    axis=st.sampled_from([0, 1]),
    seed=st.integers(0, 99),
)
def test_rounding_is_wrong_by_half_a_step_at_most(bits, symmetric, group, axis, seed) -> None:
    weight = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(seed))
    encoding = encoding_for(weight, bits, symmetric=symmetric, group=group, axis=axis)
    integers = quantize(weight, encoding)
    assert integers.min() >= encoding.quant_min
    assert integers.max() <= encoding.quant_max
    near = dequantize(integers, encoding)
    assert near.shape == weight.shape
    steps = encoding.scale.max()
    assert (near - weight).abs().max() <= 0.5001 * steps + 1e-6
    assert is_on_grid(near, encoding)
    assert torch.equal(quantize(near, encoding), integers)
    assert not is_on_grid(near + 0.3 * steps, encoding)


def test_a_grid_that_does_not_fit_the_shape_is_none() -> None:
    weight = torch.randn(4, 6)
    encoding = encoding_for(weight, 4, symmetric=True, group=0, axis=0)
    near = dequantize(quantize(weight, encoding), encoding)
    assert is_on_grid(near, encoding)
    assert not is_on_grid(near[:3], encoding)


def test_matrix_and_back() -> None:
    weight = torch.randn(4, 6, 3, 3)
    assert as_matrix(weight, 1).shape == (6, 36)
    assert torch.equal(from_matrix(as_matrix(weight, 1), weight, 1), weight)


@pytest.mark.parametrize(("bits", "stored"), [(2, 25), (3, 50), (4, 50), (6, 100), (16, 200)])
def test_bytes_are_those_of_an_onnx_file(bits: int, stored: int) -> None:
    encoding = WeightEncoding(bits, torch.ones(10, 1), torch.zeros(10, 1, dtype=torch.int32))
    assert encoding.size_bytes(100) == stored + 40


def test_half_precision() -> None:
    weight = torch.randn(50)
    assert is_on_grid(weight.half().float(), HalfEncoding())
    assert not is_on_grid(weight, HalfEncoding())
    assert HalfEncoding().size_bytes(50) == 100
