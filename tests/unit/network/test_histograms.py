"""Histograms agree with numpy's, whatever the type, and a sample is a fair one."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.network.histograms import histogram
from engine.network.layers import weight_histogram


def numpy_counts(values: np.ndarray, bins: int) -> list[int]:
    return np.histogram(values.astype(np.float64), bins)[0].tolist()


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
)
def test_counts_are_those_of_numpy(dtype: str) -> None:
    numbers = np.random.default_rng(0).standard_normal((40, 25)) * 30
    values = numbers > 10 if dtype == "bool" else numbers.astype(dtype)
    result = histogram(values, 16)
    assert list(result.counts) == numpy_counts(values, 16)
    assert (result.low, result.high) == (float(values.min()), float(values.max()))
    assert not result.sampled
    assert result.nonfinite == 0


def test_bfloat16_is_counted_by_its_bits() -> None:
    weight = torch.randn(300, 40, generator=torch.Generator().manual_seed(0)).to(torch.bfloat16)
    weight[0, :3] = torch.tensor([torch.nan, torch.inf, -torch.inf])
    result = weight_histogram(weight)
    finite = weight.float().numpy().reshape(-1)[3:]
    assert list(result.counts) == numpy_counts(finite, 64)
    assert result.nonfinite == 3


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_that_are_not_finite_are_counted_apart(dtype: type) -> None:
    values = np.array([0, 1, np.nan, np.inf, 2, -np.inf, np.nan], dtype=dtype)
    result = histogram(values, 2)
    assert result.counts == (1, 2)
    assert result.nonfinite == 4
    assert (result.low, result.high) == (0, 2)


@pytest.mark.parametrize("values", [[], [np.nan, np.inf]])
def test_nothing_finite_gives_empty_bins(values: list[float]) -> None:
    result = histogram(np.array(values, dtype=np.float32), 4)
    assert result.counts == (0, 0, 0, 0)
    assert result.nonfinite == len(values)


@pytest.mark.parametrize("value", [0.0, 1.0, -3.5, 1e20, 1e-300])
def test_constant_weights_have_a_range_around_them(value: float) -> None:
    result = histogram(np.full(10, value), 8)
    assert result.low < value < result.high
    assert sum(result.counts) == 10


def test_the_largest_range_does_not_overflow() -> None:
    result = histogram(np.array([-1.7e308, 0.0, 1.7e308]), 3)
    assert result.counts == (1, 1, 1)


def test_a_sample_is_one_percent_in_blocks_from_everywhere() -> None:
    values = np.linspace(-1, 1, 10_000_000, dtype=np.float32)
    result = histogram(values, 10)
    assert result.sampled
    assert 0.005 < sum(result.counts) / values.size < 0.011
    assert result.low < -0.99
    assert result.high > 0.99
    assert min(result.counts) > 0.5 * max(result.counts)
    exact = histogram(values, 10, sample=None)
    assert not exact.sampled
    assert sum(exact.counts) == values.size


def test_a_sample_touches_few_places_of_a_memory_map(tmp_path) -> None:
    path = tmp_path / "weights.bin"
    np.arange(1_000_000, dtype=np.float32).tofile(path)
    mapped = np.memmap(path, dtype=np.float32, mode="r")
    result = histogram(mapped, 4)
    assert result.sampled
    assert sum(result.counts) <= 66_000


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float64, np.float16]),
        hnp.array_shapes(max_dims=3, max_side=20, min_side=0),
    ),
    st.integers(1, 40),
)
def test_every_value_is_either_in_a_bin_or_not_finite(values: np.ndarray, bins: int) -> None:
    result = histogram(values, bins)
    assert len(result.counts) == bins
    assert sum(result.counts) + result.nonfinite == values.size
    assert result.low <= result.high
    finite = values[np.isfinite(values)]
    if finite.size:
        assert result.low <= finite.min()
        assert result.high >= finite.max()
