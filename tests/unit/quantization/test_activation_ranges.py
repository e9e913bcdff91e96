"""Distributions of activations, and the grids that are made of them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.quantization.activation_ranges import activation_grid, grid_of, squared_error
from engine.methods.quantization.settings import ActivationRange
from engine.statistics import ranges
from engine.statistics.calibration import Calibration
from engine.statistics.ranges import BINS, Accumulator, Distribution, distributions
from engine.surgery.quantizers import Grid
from tests.helpers.networks import network_of

FLOATS = st.floats(-1e6, 1e6, width=32)
WIDE = st.floats(-(2.0**100), 2.0**100, width=32)


def distribution(*batches: Tensor) -> Distribution:
    accumulator = Accumulator()
    for batch in batches:
        accumulator.add(batch)
    found = accumulator.result()
    assert found is not None
    return found


def normal(count: int = 20_000, seed: int = 0) -> Tensor:
    return torch.randn(count, generator=torch.Generator().manual_seed(seed))


def rounded(x: Tensor, grid: Grid) -> Tensor:
    return torch.fake_quantize_per_tensor_affine(x, grid.scale, grid.zero_point, 0, grid.quant_max)


@given(st.lists(st.lists(FLOATS, min_size=1, max_size=20), min_size=1, max_size=5))
def test_a_histogram_counts_everything_where_it_is(batches: list[list[float]]) -> None:
    values = np.concatenate([np.float32(batch) for batch in batches]).astype(np.float64)
    found = distribution(*(torch.tensor(batch) for batch in batches))
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.zeros == (values == 0).sum()
    filled = values[values != 0]
    assert found.counts.sum() == len(filled)
    assert len(found.counts) <= BINS
    if len(filled):
        bins = np.floor(filled / found.width).astype(np.int64) - found.first
        expected = np.bincount(bins, minlength=len(found.counts))
        np.testing.assert_array_equal(found.counts, expected)


def test_the_order_of_batches_does_not_matter() -> None:
    parts = [normal() * 10.0**power for power in (-3, 2, 0)]
    one, other = distribution(*parts), distribution(*reversed(parts))
    assert (one.width, one.first) == (other.width, other.first)
    np.testing.assert_array_equal(one.counts, other.counts)


def test_what_is_not_finite_is_counted_apart() -> None:
    found = distribution(torch.tensor([1.0, float("nan"), -2.0, float("inf")]), torch.tensor([]))
    assert (found.low, found.high, found.nonfinite, found.counts.sum()) == (-2.0, 1.0, 2, 2)
    assert Accumulator().result() is None


def test_large_tensors_are_sampled_but_for_their_ends() -> None:
    values = torch.zeros(ranges.SAMPLED * 3) + 0.5
    values[1] = -7.0  # not among every third
    found = distribution(values)
    assert found.low == -7.0
    assert found.counts.sum() == ranges.SAMPLED


def test_nodes_are_looked_at_in_one_pass() -> None:
    network = network_of(
        nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.randn(2, 3)
    )
    x = normal(300).reshape(100, 3)
    source = next(iter(network.module.graph.nodes)).name
    found = distributions(network.module, {source, "relu"}, Calibration((x,), batch=30), Quiet())
    assert set(found) == {source, "relu"}
    hidden = torch.relu(network.module.get_submodule("0")(x)).detach()
    assert found["relu"].high == pytest.approx(float(hidden.max()))
    assert found["relu"].zeros == int((hidden == 0).sum())
    assert found[source].counts.sum() == 300


@given(low=WIDE, high=WIDE, bits=st.sampled_from([4, 5, 8, 16]))
def test_zero_is_a_point_of_every_grid(low: float, high: float, bits: int) -> None:
    grid = grid_of(min(low, high), max(low, high), bits)
    assert grid.scale > 0
    assert 0 <= grid.zero_point <= grid.quant_max == 2**bits - 1
    assert float(np.float32(grid.scale)) == grid.scale
    top = (grid.quant_max - grid.zero_point) * grid.scale
    assert top >= max(low, high, 0) - grid.scale * 0.51
    assert float(rounded(torch.zeros(1), grid)) == 0.0


def test_minmax_holds_every_value() -> None:
    x = normal()
    grid = activation_grid(distribution(x), ActivationRange.MINMAX, 8)
    assert float((rounded(x, grid) - x).abs().max()) <= grid.scale * 0.501


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("shape", ["normal", "relu", "skewed", "outlier"])
def test_mse_is_the_best_of_many_ranges(shape: str, bits: int) -> None:
    x = normal()
    x = {
        "normal": x,
        "relu": x.clamp_min(0),
        "skewed": torch.exp(x) - 0.5,
        "outlier": torch.cat([x, torch.tensor([200.0])]),
    }[shape]
    found = distribution(x)
    grid = activation_grid(found, ActivationRange.MSE, bits)
    mine = float((rounded(x, grid) - x).square().sum())
    error = squared_error(found, bits)
    tried = [
        (low, high)
        for low in np.linspace(found.low, 0, 25)
        for high in np.linspace(max(found.high, 0.1) / 40, found.high, 40)
    ]
    best = grid_of(*min(tried, key=lambda ends: error(*ends)), bits)
    assert mine <= 1.03 * float((rounded(x, best) - x).square().sum())
    widest = activation_grid(found, ActivationRange.MINMAX, bits)
    assert mine <= 1.001 * float((rounded(x, widest) - x).square().sum())


def test_percentile_leaves_out_that_share_at_either_end() -> None:
    x = normal(100_000)
    grid = activation_grid(distribution(x), ActivationRange.PERCENTILE, 16, 99.0)
    low, high = np.quantile(x.numpy(), [0.01, 0.99])
    assert -grid.zero_point * grid.scale == pytest.approx(low, abs=0.02)
    assert (grid.quant_max - grid.zero_point) * grid.scale == pytest.approx(high, abs=0.02)


def test_zeros_count_for_percentiles() -> None:
    x = torch.cat([normal(10_000).abs(), torch.zeros(90_000)])
    grid = activation_grid(distribution(x), ActivationRange.PERCENTILE, 8, 95.0)
    assert grid.quant_max * grid.scale == pytest.approx(np.quantile(x.numpy(), 0.95), abs=0.01)
    assert grid.zero_point == 0


def test_entropy_cuts_off_a_long_tail() -> None:
    x = torch.cat([normal(50_000).abs(), torch.tensor([30.0])])
    found = distribution(x)
    grid = activation_grid(found, ActivationRange.ENTROPY, 8)
    assert 2.0 < grid.quant_max * grid.scale < 12.0
    few = activation_grid(found, ActivationRange.ENTROPY, 16)  # as many levels as there are bins
    assert few.quant_max * few.scale == pytest.approx(30.0, rel=1e-3)


@pytest.mark.parametrize("method", list(ActivationRange))
@pytest.mark.parametrize("value", [0.0, 3.0, -3.0, 1e-30])
def test_a_constant_is_exact_or_nearly(method: ActivationRange, value: float) -> None:
    x = torch.full((50,), value)
    grid = activation_grid(distribution(x), method, 8)
    assert float((rounded(x, grid) - x).abs().max()) <= abs(value) * 0.01 + 1e-30
