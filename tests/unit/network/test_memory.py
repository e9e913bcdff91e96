"""Peak activation memory, against cases that can be worked out by hand."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import network_from_program
from engine.network.memory import peak_activation_bytes

PLANE = 8 * 8 * 4
"""Bytes of one channel of 8 × 8 numbers."""


def peak(module: nn.Module, *inputs: Tensor) -> int:
    program = export_module(module, inputs)
    return peak_activation_bytes(network_from_program(program, Format.PICKLE).module)


def image(channels: int) -> Tensor:
    return torch.randn(2, channels, 8, 8)


def test_a_chain_holds_the_largest_pair_of_neighbors() -> None:
    chain = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Conv2d(4, 10, 1), nn.Conv2d(10, 1, 1))
    assert peak(chain, image(3)) == (4 + 10) * PLANE


def test_activations_norms_and_dropout_write_in_place() -> None:
    parts = [nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(), nn.PReLU(4), nn.SiLU()]
    assert peak(nn.Sequential(*parts), image(3)) == (3 + 4) * PLANE


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(4, 6, 1)
        self.second = nn.Conv2d(6, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.second(self.first(x)))


def test_a_skip_connection_stays_alive_and_the_sum_reuses_it() -> None:
    assert peak(Residual(), image(4)) == (4 + 6 + 4) * PLANE


class UsedAgain(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x).mean((2, 3), keepdim=True)


def test_what_is_used_later_is_not_overwritten() -> None:
    # the input lives on beside its sigmoid, and beside the means
    assert peak(UsedAgain(), image(4)) == 2 * 4 * PLANE + 4 * 4


class Views(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1).unsqueeze(1).expand(-1, 5, -1).sum(2)


def test_views_take_no_memory() -> None:
    assert peak(Views(), image(4)) == 4 * PLANE + 5 * 4


class Transposed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).reshape(x.shape[0], -1)


def test_a_reshape_that_must_copy_takes_memory() -> None:
    assert peak(Transposed(), image(4)) == 2 * 4 * PLANE


def test_concatenation_holds_both_operands_and_the_result() -> None:
    class Concat(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(1, 2, 1)
            self.b = nn.Conv2d(1, 3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([self.a(x), self.b(x)], 1)

    assert peak(Concat(), image(1)) == (2 + 3 + 5) * PLANE
