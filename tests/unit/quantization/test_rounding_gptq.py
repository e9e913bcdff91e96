"""Rounding by columns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.quantization.rounding.api import round_weights
from engine.methods.quantization.rounding.gptq import (
    arrange,
    arrange_back,
    columns_of,
    round_columns,
)
from engine.methods.quantization.rounding.settings import GptqSettings, Rounding
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.encoding import WeightEncoding, dequantize, is_on_grid, quantize
from engine.statistics.unfold import unfold_input
from tests.unit.quantization.rounding_cases import (
    context_of,
    error_of,
    images,
    made,
    requests_for,
    residual,
    with_quantizers,
)


def correlated(rows: int, width: int, groups: int = 1) -> Tensor:
    """A second moment `[groups, width, width]` whose columns have much in common."""
    generator = torch.Generator().manual_seed(1)
    common = torch.randn(groups, rows, 2, generator=generator)
    x = common @ torch.randn(groups, 2, width, generator=generator)
    x += 0.3 * torch.randn(groups, rows, width, generator=generator)
    return x.transpose(1, 2) @ x / rows


def grid(weight: Tensor, bits: int = 3, axis: int = 0, **settings: object) -> WeightEncoding:
    params = UniformParams.model_validate({"weight_bits": bits, **settings})
    return weight_encoding(weight, params, axis)


def loss(off: Tensor, second: Tensor) -> float:
    """tr(E A Eᵀ): the squared error of the outputs."""
    return float(((off @ second) * off).sum().detach())


@pytest.mark.parametrize("act_order", [True, False])
def test_inputs_that_have_nothing_in_common_give_nearest(act_order: bool) -> None:
    leaf = nn.Linear(12, 6)
    encoding = grid(leaf.weight)
    second = torch.diag_embed(torch.linspace(1, 3, 12))[None]
    columns = columns_of(leaf, leaf.weight, encoding)
    found = round_columns(columns, second, GptqSettings(act_order=act_order), Quiet())
    nearest = dequantize(quantize(leaf.weight, encoding), encoding)
    torch.testing.assert_close(arrange_back(leaf, found, leaf.weight), nearest)


@pytest.mark.parametrize("act_order", [True, False])
def test_the_second_column_makes_up_for_the_first(act_order: bool) -> None:
    """With two alike inputs only the sum of the weights counts: the exact answer is known."""
    leaf = nn.Linear(2, 1, bias=False)
    weight = torch.tensor([[0.4, 0.4]])
    encoding = WeightEncoding(4, torch.ones(1, 1), torch.zeros(1, 1, dtype=torch.int32))
    second = torch.tensor([[[1.0, 0.99], [0.99, 1.0]]])
    columns = columns_of(leaf, weight, encoding)
    found = round_columns(columns, second, GptqSettings(damping=1e-4, act_order=act_order), Quiet())
    assert found.flatten().tolist() == [0.0, 1.0]  # nearest gives 0 and 0: an error of 0.8


def test_it_comes_near_the_best_of_all_roundings() -> None:
    leaf = nn.Linear(6, 1, bias=False)
    weight = torch.tensor([[0.43, -1.21, 0.77, 0.15, -0.58, 1.36]])
    encoding = WeightEncoding(3, torch.full((1, 1), 0.5), torch.zeros(1, 1, dtype=torch.int32))
    second = correlated(100, 6)
    every = torch.cartesian_prod(*[torch.arange(-4, 4)] * 6) * 0.5 - weight  # [8^6, 6]
    best = float(((every @ second[0]) * every).sum(1).min())
    columns = columns_of(leaf, weight, encoding)
    found = loss(round_columns(columns, second, GptqSettings(), Quiet())[0] - weight, second[0])
    nearest = dequantize(quantize(weight, encoding), encoding)
    assert best <= found < 0.5 * loss(nearest - weight, second[0])


@pytest.mark.parametrize(
    ("leaf", "shape"),
    [
        (nn.Linear(10, 7), (4, 3, 10)),
        (nn.Conv1d(4, 6, 3), (4, 4, 9)),
        (nn.Conv2d(8, 8, 3, groups=4), (4, 8, 6, 6)),
        (nn.Conv2d(6, 6, 3, groups=6), (4, 6, 6, 6)),
        (nn.Conv3d(2, 4, 2), (4, 2, 4, 4, 4)),
        (nn.ConvTranspose2d(6, 4, 2, stride=2), (4, 6, 5, 5)),
        (nn.ConvTranspose2d(6, 4, 2, stride=2, groups=2), (4, 6, 5, 5)),
    ],
)
@pytest.mark.parametrize("granularity", ["channel", "group", "tensor"])
@torch.no_grad()
def test_every_kind_of_layer_gains(
    leaf: nn.Module, shape: tuple[int, ...], granularity: str
) -> None:
    generator = torch.Generator().manual_seed(5)
    weight = torch.randn(leaf.weight.shape, generator=generator)  # type: ignore[arg-type]  # its kind is known here
    axis = int(isinstance(leaf, nn.ConvTranspose2d))
    encoding = grid(weight, 3, axis, granularity=granularity, group_size=5, symmetric=False)
    x = torch.randn(shape, generator=generator)
    x = x.cumsum(1 if x.dim() > 3 else -1) + x.sum(tuple(range(2, x.dim())), keepdim=True)
    rows = unfold_input(leaf, x)
    second = rows.transpose(1, 2) @ rows / rows.shape[1]
    columns = columns_of(leaf, weight, encoding)
    found = arrange_back(leaf, round_columns(columns, second, GptqSettings(), Quiet()), weight)
    assert is_on_grid(found, encoding)
    nearest = dequantize(quantize(weight, encoding), encoding)
    errors = [output_error(leaf, x, one, weight) for one in (found, nearest)]
    assert errors[0] < errors[1]


def output_error(leaf: nn.Module, x: Tensor, weight: Tensor, wanted: Tensor) -> float:
    outputs = [torch.func.functional_call(leaf, {"weight": w}, (x,)) for w in (weight, wanted)]
    return float((outputs[0] - outputs[1]).square().mean())


def test_arrangement_is_undone() -> None:
    for leaf in (nn.Conv2d(8, 12, 3, groups=4), nn.ConvTranspose1d(6, 8, 3, groups=2)):
        weight = torch.randn(leaf.weight.shape)
        assert torch.equal(arrange_back(leaf, arrange(leaf, weight), weight), weight)


def test_zeros_stay_zero_where_they_must() -> None:
    leaf = nn.Linear(16, 4)
    weight = torch.randn(4, 16, generator=torch.Generator().manual_seed(0))
    weight[:, ::2] = 0
    columns = columns_of(leaf, weight, grid(weight), keep_zeros=True)
    found = round_columns(columns, correlated(200, 16), GptqSettings(), Quiet())[0]
    assert (found[:, ::2] == 0).all()
    assert (found[:, 1::2] != 0).any()


@pytest.mark.parametrize("fault", ["dead", "zero", "nan", "one"])
def test_moments_that_cannot_be_inverted(fault: str) -> None:
    leaf = nn.Linear(8, 4)
    weight = torch.randn(4, 8, generator=torch.Generator().manual_seed(0))
    second = correlated(50, 8)
    if fault == "dead":
        second[:, 3] = second[:, :, 3] = 0
    elif fault == "zero":
        second = torch.zeros_like(second)
    elif fault == "nan":
        second[:, 2, 2] = torch.nan
    else:
        second = torch.ones_like(second)  # rank one
    encoding = grid(weight)
    found = round_columns(columns_of(leaf, weight, encoding), second, GptqSettings(), Quiet())
    assert is_on_grid(found[0], encoding)


def test_a_network_in_order_beats_nearest_and_stays_itself() -> None:
    network, x = residual(), images(64)
    rounded = with_quantizers(network, x)
    before = [p.detach().clone() for p in network.module.parameters()]
    found = {
        method: round_weights(
            rounded, network, requests_for(network, method), context_of(network, x)
        )
        for method in (Rounding.NEAREST, Rounding.GPTQ)
    }
    errors = {method: error_of(result, network, x) for method, result in found.items()}
    assert errors[Rounding.GPTQ] < 0.6 * errors[Rounding.NEAREST]
    result = found[Rounding.GPTQ]
    assert set(result.encodings) == {"stem", "first", "second", "depthwise", "fc"}
    for name, encoding in result.encodings.items():
        assert is_on_grid(result.module.get_submodule(name).weight, encoding)  # type: ignore[arg-type]  # its kind is known here
    assert all(torch.equal(a, b) for a, b in zip(before, network.module.parameters(), strict=True))


class Canceled(Quiet):
    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        raise KeyboardInterrupt


def test_large_matrices_are_waited_for_and_can_be_canceled() -> None:
    leaf = nn.Linear(600, 2)
    columns = columns_of(leaf, leaf.weight, grid(leaf.weight))
    second = correlated(100, 600)
    found = round_columns(columns, second, GptqSettings(), Quiet())[0]
    nearest = dequantize(quantize(leaf.weight, grid(leaf.weight)), grid(leaf.weight))
    assert loss(found - leaf.weight, second[0]) < 0.5 * loss(nearest - leaf.weight, second[0])
    with pytest.raises(KeyboardInterrupt):
        round_columns(columns, second, GptqSettings(), Canceled())


class Shared(nn.Module):
    """One layer called twice, and two layers with one weight."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = nn.Linear(6, 6)
        self.left = nn.Linear(6, 6)
        self.right = nn.Linear(6, 6)
        self.right.weight = self.left.weight

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.twice(torch.relu(self.twice(x))))
        return self.right(torch.relu(self.left(x)))  # type: ignore[no-any-return]  # its kind is known here


def test_shared_weights_stay_shared() -> None:
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    network = made(Shared(), x)
    requests = requests_for(network, Rounding.GPTQ)
    encoding = requests["left"].encoding
    assert torch.equal(encoding.scale, requests["right"].encoding.scale)
    found = round_weights(network, network, requests, context_of(network, x))
    module = found.module
    assert module.get_submodule("left").weight is module.get_submodule("right").weight
    assert set(found.encodings) == {"twice", "left", "right"}
    assert error_of(found, network, x) < 0.2
