"""Weights that a module computes from its parameters become the layers' own."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import network_from_program
from tests.helpers.lifted import compare, leaves, same


class Normalized(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(3, 4, 3))
        self.dense = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(self.dense(self.conv(x).mean(-1)))


class Standardized(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        mean = self.weight.mean((1, 2, 3), keepdim=True)
        deviation = self.weight.std((1, 2, 3), keepdim=True)
        return functional.conv2d(x, (self.weight - mean) / deviation, self.bias)


class Crossing(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.attention(x, y, y, need_weights=False)[0]


COMPUTED: dict[str, tuple[nn.Module, tuple[Tensor, ...], dict[str, type], str]] = {
    "normalized": (
        Normalized(),
        (torch.randn(2, 3, 8),),
        {"conv": nn.Conv1d, "dense": nn.Linear},
        "conv.weight",
    ),
    "standardized": (
        nn.Sequential(Standardized(3, 4, 3)),
        (torch.randn(2, 3, 8, 8),),
        {"0": nn.Conv2d},
        "0.weight",
    ),
    "cross-attention": (
        Crossing(),
        (torch.randn(2, 5, 8), torch.randn(2, 6, 8)),
        {
            "attention.in_proj_0": nn.Linear,
            "attention.in_proj_1": nn.Linear,
            "attention.out_proj": nn.Linear,
        },
        "attention.in_proj_0.weight",
    ),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_weights_computed_from_parameters_become_the_layers_own(name: str) -> None:
    module, inputs, expected, weight = COMPUTED[name]
    network = network_from_program(export_module(module, inputs), Format.PICKLE)
    compare(module.eval(), network.module, inputs)
    assert leaves(network.module) == expected
    assert weight in network.module.meta["computed"]
    assert network.module.state_dict().keys() == {
        key for key, _ in network.module.named_parameters(remove_duplicate=False)
    }
    assert len(network.warnings) == 1
    assert "stored as they are" in network.warnings[0]
    network.module(*inputs).sum().backward()
    assert all(p.grad is not None for p in network.module.parameters())


class UsedTwice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.w * 2) + self.w[0]


def test_a_parameter_with_other_uses_is_not_split_in_two() -> None:
    lifted = same(UsedTwice(), torch.randn(2, 4))
    assert leaves(lifted) == {}
    assert set(dict(lifted.named_parameters())) == {"w"}
