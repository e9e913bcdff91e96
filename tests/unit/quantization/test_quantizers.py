"""Where activations are rounded."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional

from engine.info import Format
from engine.jobs.job import Quiet
from engine.network.groups import channel_groups
from engine.network.lift import network_from_program
from engine.network.macs import network_macs
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.readers.pt2 import load_program
from engine.surgery.quantizers import (
    Grid,
    Place,
    bits_of,
    insert_quantizers,
    is_quantizer,
    passes_values,
    places,
    quantizer_of,
    readers,
    remove_quantizers,
)
from engine.writers.pt2 import write_pt2
from tests.helpers.networks import network_of, zoo_network
from tests.unit.quantization.helpers import conv, folded, images, run

ALL = ("stem", "conv1", "conv2", "conv3", "conv4", "fc")


def at(network: Network, bits: dict[str, int]) -> dict[str, Place]:
    found = places(network.module, bits)
    assert len({(place.node, place.bits) for place in found}) == len(found)
    return {place.node: place for place in found}


def with_grids(network: Network, bits: dict[str, int]) -> Network:
    found = places(network.module, bits)
    return insert_quantizers(network, {p: Grid(0.05, 7, p.bits) for p in found})


def nodes(network: Network) -> dict[str, fx.Node]:
    return {node.name: node for node in network.module.graph.nodes}


def test_every_input_of_layers_and_additions_is_rounded_once() -> None:
    found = at(folded(), dict.fromkeys(ALL, 8))
    assert {name: place.users for name, place in found.items()} == {
        "x": ("stem",),
        "relu": ("conv1", "add"),
        "relu_1": ("conv2",),
        "conv2": ("add",),
        "relu_2": ("conv3", "slice_1"),  # through a slice and a pad into the second addition
        "relu_3": ("conv4",),
        "conv4": ("add_1",),
        "adaptive_avg_pool2d": ("flatten",),
    }


def test_an_addition_of_a_float_layer_stays_float() -> None:
    found = at(folded(), {name: 8 for name in ALL if name != "conv2"})
    assert "conv2" not in found
    assert found["relu"].users == ("conv1",)
    # what comes out of it is of a float layer too, and goes into the second
    assert "conv4" not in found


def test_an_addition_takes_the_most_bits_of_those_who_meet() -> None:
    found = at(folded(), {**dict.fromkeys(ALL, 4), "conv2": 8})
    assert found["conv2"].bits == 8
    both = places(folded().module, {**dict.fromkeys(ALL, 4), "conv2": 8})
    assert [(p.bits, p.users) for p in both if p.node == "relu"] == [(4, ("conv1",)), (8, ("add",))]


class Others(nn.Module):
    """Sums that are no residual sums, and views that others read too."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (nn.Linear(4, 4) for _ in range(3))
        self.offset = nn.Parameter(torch.ones(4))

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        y = self.a(x) + mask  # [N, 3, 4] + [N, 1, 4]
        y = self.b(y) + self.offset
        seen = y.transpose(1, 2)
        return self.c(seen.transpose(1, 2)), seen


def test_masks_and_biases_are_not_residual_additions() -> None:
    network = network_of(
        Others(), torch.randn(2, 3, 4), torch.randn(2, 1, 4), input_names=("x", "mask")
    )
    found = at(network, {"a": 8, "b": 8, "c": 8})
    # the outer view can be rounded before, the inner one is an output as well
    assert {n: p.users for n, p in found.items()} == {
        "x": ("a",), "add": ("b",), "transpose": ("transpose_1",),
    }  # fmt: skip


def test_integers_and_unknown_layers_are_left_alone() -> None:
    network = zoo_network("tied_weights")
    layers = dict.fromkeys(["embedding", "table", "absent"], 8)
    embeddings = [n for n in network.module.graph.nodes if n.op == "placeholder"]
    found = places(
        network.module, {**layers, **{str(n.target): 8 for n in nodes(network).values()}}
    )
    assert embeddings
    assert not {place.node for place in found} & {n.name for n in embeddings}


@pytest.mark.parametrize(
    ("function", "passes"),
    [
        (lambda x: functional.pad(x, (1, 1)), True),
        (lambda x: functional.pad(x, (1, 1), value=0.5), False),
        (lambda x: functional.pad(x, (1, 1, 1, 1), mode="reflect"), True),
        (lambda x: functional.max_pool2d(x, 2), True),
        (lambda x: functional.avg_pool2d(x, 2), False),
        (lambda x: x.flatten(1), True),
        (lambda x: x[:, 1:], True),
        (lambda x: x.permute(0, 2, 3, 1), True),
        (torch.relu, False),
        (torch.sigmoid, False),
    ],
)  # fmt: skip
def test_what_passes_values(function: object, passes: bool) -> None:
    class One(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return function(x)  # type: ignore[operator]  # its kind is known here

    network = network_of(One(), images(2))
    calls = [node for node in network.module.graph.nodes if node.op == "call_function"]
    assert all(passes_values(node) for node in calls) is passes


def test_quantizers_are_named_typed_and_work() -> None:
    network = folded()
    result = with_grids(network, dict.fromkeys(ALL, 8))
    found = nodes(result)
    node = found["relu_2_quantized"]
    assert is_quantizer(node)
    assert bits_of(node) == 8
    assert node.args == (found["relu_2"], 0.05, 7, 0, 255)
    assert node.meta["val"].shape == found["relu_2"].meta["val"].shape
    assert quantizer_of(found["pad"]) is node
    assert {n.name for n in readers(node)} == {"conv3", "add_1"}
    assert not any(is_quantizer(n) for n in network.module.graph.nodes)
    x = images(4)
    rounded = (torch.round(x / 0.05) + 7).clamp(0, 255).sub(7) * 0.05
    first = nodes(with_grids(network, {"stem": 8}))
    assert "x_quantized" in first
    torch.testing.assert_close(
        run(with_grids(network, {"stem": 8}), x), run(network, rounded), rtol=1e-4, atol=1e-4
    )


def test_removing_quantizers_restores_the_network() -> None:
    network = folded()
    result = with_grids(network, dict.fromkeys(ALL, 4))
    names = [node.name for node in result.module.graph.nodes if is_quantizer(node)]
    back = remove_quantizers(result, names)
    assert [n.name for n in back.module.graph.nodes] == [n.name for n in network.module.graph.nodes]
    assert torch.equal(run(back, images(2)), run(network, images(2)))
    assert [n.name for n in result.module.graph.nodes if is_quantizer(n)] == names


def test_tensors_on_a_grid_are_not_rounded_again() -> None:
    network = with_grids(folded(), dict.fromkeys(ALL, 8))
    assert places(network.module, dict.fromkeys(ALL, 8)) == ()


def test_the_rest_of_the_program_looks_through_quantizers() -> None:
    network = folded()
    result = with_grids(network, dict.fromkeys(ALL, 8))
    assert channel_groups(result).groups == channel_groups(network).groups
    assert network_macs(result.module) == network_macs(network.module)
    chain = network_of(nn.Sequential(conv(3, 4), nn.ReLU(), conv(4, 4)), images(2))
    rounded = with_grids(chain, {"0": 8, "2": 8})
    assert peak_activation_bytes(rounded.module) == peak_activation_bytes(chain.module)


def test_a_written_network_comes_back_the_same(tmp_path: Path) -> None:
    network = with_grids(folded(), dict.fromkeys(ALL, 8))
    write_pt2(network, tmp_path / "a.pt2", Quiet())
    again = network_from_program(load_program(tmp_path / "a.pt2"), Format.PT2)
    assert [n.name for n in again.module.graph.nodes] == [
        n.name for n in network.module.graph.nodes
    ]
    quantizers = [n.args[1:] for n in network.module.graph.nodes if is_quantizer(n)]
    assert [n.args[1:] for n in again.module.graph.nodes if is_quantizer(n)] == quantizers
    assert torch.equal(run(again, images(5)), run(network, images(5)))
