"""Dividing a network into blocks, and running them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.jobs.job import Quiet
from engine.methods.quantization.rounding.blocks import Block, split
from engine.methods.quantization.rounding.replay import Replay
from engine.methods.quantization.rounding.task import placed
from engine.network.leaves import uses
from engine.network.network import Network
from tests.helpers.networks import zoo_network
from tests.helpers.zoo import ZOO
from tests.unit.quantization.rounding_cases import images, made, residual, with_quantizers


def blocks_of(network: Network) -> tuple[Block, ...]:
    return split(network.module, {u.name for u in uses(network.module) if u.weight.dim() > 1})


def layers_of(network: Network) -> list[tuple[str, ...]]:
    return [block.layers for block in blocks_of(network)]


def test_residual_blocks_stay_whole_and_the_rest_is_divided() -> None:
    expected = [("stem",), ("first", "second"), ("depthwise",), ("fc",)]
    assert layers_of(residual()) == expected
    network = with_quantizers(residual(), images(8))
    assert layers_of(network) == expected
    ends = [block.result.name for block in blocks_of(network)]
    assert ends[:2] == ["relu", "relu_2"]  # behind the activation, before it is rounded
    assert ends[-1] == "output"
    first_of_second = next(n for n in blocks_of(network)[1].nodes if n.op == "call_function")
    assert first_of_second.name == "relu_quantized"


def test_pooling_is_left_to_the_next_block() -> None:
    block = blocks_of(residual())[2]
    assert block.result.name == "relu_3"  # not the mean, which hides where errors are


class Crossed(nn.Module):
    """A value from the start is needed until the end: there is nothing to divide."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)
        self.second = nn.Linear(6, 6)
        self.third = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        start = self.first(x)
        return self.third(torch.relu(self.second(torch.relu(start)))) * start  # type: ignore[no-any-return]  # its kind is known here


def test_a_network_that_cannot_be_divided_is_one_block() -> None:
    # `start` alone passes right behind the first layer
    assert layers_of(made(Crossed(), torch.randn(2, 6))) == [("first",), ("second", "third")]


class Folded(nn.Module):
    """Samples are folded into another axis in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)
        self.second = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x)).reshape(-1, 6)
        return self.second(x).reshape(-1, 4, 6)  # type: ignore[no-any-return]  # its kind is known here


def test_no_cut_where_samples_do_not_come_first() -> None:
    blocks = blocks_of(made(Folded(), torch.randn(3, 4, 6)))
    assert [block.layers for block in blocks] == [("first",), ("second",)]
    assert blocks[0].result.name.startswith("relu")


def test_blocks_one_after_the_other_are_the_network() -> None:
    for name in ("bert_like", "multi_input", "shared_conv"):
        network, inputs = zoo_network(name), ZOO[name].inputs(3)
        blocks = blocks_of(network)
        listed = [layer for block in blocks for layer in block.layers]
        assert len(listed) == len(set(listed)), name
        known = placed(network.module, inputs)
        with torch.no_grad():
            wanted = network.module(*inputs)
            for block in blocks:
                values = Replay(network.module, block.nodes, Quiet()).run(known, (block.result,))
                known = {**placed(network.module, inputs), **values}
        found = known[blocks[-1].result]
        found, wanted = (one if isinstance(one, tuple) else (one,) for one in (found, wanted))
        assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True)), name
