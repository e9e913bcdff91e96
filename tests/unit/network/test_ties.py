"""Equal weights that become one, and equal weights that do not."""

import copy

import pytest
import torch
from torch import Tensor, nn

from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import network_from_program
from engine.network.lifting.ties import Ties


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.head = nn.Linear(8, 20)
        self.head.weight = nn.Parameter(self.embed.weight.detach().clone())

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.embed(ids))


@pytest.mark.parametrize("format", [Format.ONNX, Format.PT2])
def test_only_a_format_that_loses_ties_gets_them_back(format: Format) -> None:
    module = Twice().eval()
    ids = torch.randint(0, 20, (2, 5))
    found = network_from_program(export_module(module, (ids,)), format).module
    assert (found.embed.weight is found.head.weight) == (format is Format.ONNX)
    assert set(found.state_dict()) == {"embed.weight", "head.weight", "head.bias"}
    assert torch.equal(found(ids), module(ids))


def test_what_is_equal_by_chance_stays_apart() -> None:
    ties = Ties()
    first = torch.randn(16, 16)
    assert ties.of(first) is first
    assert ties.of(first.clone()) is first
    last = copy.deepcopy(first)
    last[-1, -1] += 1  # beyond what is sampled, or not
    wide = torch.randn(100, 100)
    changed = wide.clone()
    changed[3, 1] += 1
    for value in (
        *(last, first.double(), first.t(), first.reshape(4, 64)),
        *(wide, changed),
        *(torch.ones(16, 16), torch.ones(16, 16), torch.eye(16), torch.eye(16)),
        *(torch.arange(256.0), torch.arange(256.0)),
        *(torch.arange(256).reshape(16, 16), torch.arange(256).reshape(16, 16)),
    ):
        assert ties.of(value) is value
