"""Scales that move between layers."""

import functools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.methods.quantization.equalize import Pair, equalize, find_pairs
from engine.network.leaves import uses
from engine.network.network import Network
from engine.statistics.unfold import unfold_input
from engine.surgery.fold import fold_batch_norms
from tests.helpers.networks import network_of
from tests.unit.quantization.helpers import Residual, conv, images, run


def everything(network: Network) -> set[str]:
    return {use.name for use in uses(network.module)}


def uneven(module: nn.Module) -> nn.Module:
    """Make the channels of each layer differ a thousandfold."""
    generator = torch.Generator().manual_seed(3)
    for part in module.modules():
        if isinstance(part, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            factor = torch.exp(torch.randn(len(part.weight), generator=generator) * 2)
            with torch.no_grad():
                part.weight.mul_(factor.reshape(-1, *[1] * (part.weight.dim() - 1)))
    return module


def spread(network: Network, pair: Pair) -> float:
    """How far apart the two sides of a pair's channels are, in octaves."""
    first, second = (
        network.module.get_submodule(name).weight for name in (pair.first, pair.second)
    )
    outputs = first.detach().abs().flatten(1).amax(1)
    if len(second[0]) == 1 and len(second) == len(first):  # depthwise
        inputs = second.detach().abs().flatten(1).amax(1)
    else:
        inputs = second.detach().abs().transpose(0, 1).flatten(1).amax(1)
        inputs = inputs.reshape(-1, pair.block).amax(1)
    return float((torch.log2(outputs) - torch.log2(inputs)).abs().max())


class Flattened(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.fc = conv(3, 4, bias=True), nn.Linear(4 * 4 * 4, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(functional.max_pool2d(functional.leaky_relu(self.a(x)), 2).flatten(1))


def plain() -> nn.Module:
    return nn.Sequential(conv(3, 4, bias=True), nn.ReLU(), conv(4, 5))


def separable() -> nn.Module:
    depthwise = nn.Conv2d(6, 6, 3, groups=6)
    return nn.Sequential(
        nn.Conv2d(3, 6, 1), nn.ReLU(), depthwise, nn.ReLU(), nn.PReLU(6), nn.Conv2d(6, 4, 1)
    )


def dense() -> nn.Module:
    return nn.Sequential(
        nn.Linear(5, 7), nn.ReLU(), nn.Linear(7, 4), nn.Identity(), nn.Linear(4, 2)
    )


MAKERS: dict[str, tuple[Callable[[], nn.Module], Tensor, list[tuple[str, str, int]]]] = {
    "convolutions": (plain, images(2), [("0", "2", 1)]),
    "flattened": (Flattened, images(2), [("a", "fc", 16)]),
    "depthwise": (separable, images(2), [("0", "2", 1), ("2", "5", 1)]),
    "dense": (dense, torch.randn(2, 5), [("0", "2", 1), ("2", "4", 1)]),
    "sequences": (dense, torch.randn(2, 3, 5), [("0", "2", 1), ("2", "4", 1)]),
}


@functools.cache
def case(name: str) -> Network:
    make, x, _ = MAKERS[name]
    torch.manual_seed(1)
    return network_of(uneven(make()), x)


@pytest.mark.parametrize("name", MAKERS)
def test_the_function_stays_and_ranges_meet(name: str) -> None:
    _, x, expected = MAKERS[name]
    network = case(name)
    pairs = find_pairs(network.module)
    assert [(p.first, p.second, p.block) for p in pairs] == expected
    result, _ = equalize(network, everything(network))
    assert torch.equal(run(result, x), run(network, x))  # factors are powers of two
    for pair in pairs:
        assert spread(result, pair) <= 2.1
        assert spread(network, pair) > 2.5


def test_what_inputs_are_divided_by_is_told() -> None:
    for made, (_, x, _) in MAKERS.items():
        network = case(made)
        result, divided = equalize(network, everything(network))
        for name, factor in divided.items():
            leaf = network.module.get_submodule(name)
            node = next(n for n in network.module.graph.nodes if n.target == name)
            rows = []
            for one in (network, result):
                seen: list[Tensor] = []
                hook = one.module.get_submodule(name).register_forward_pre_hook(
                    lambda _, args, seen=seen: seen.append(args[0])
                )
                run(one, x)
                hook.remove()
                rows.append(unfold_input(leaf, seen[0]))
            assert node.op == "call_module"
            torch.testing.assert_close(rows[1] * factor[:, None], rows[0])


class Between(nn.Module):
    """Two layers with something between that minds a scale."""

    def __init__(self, case: str) -> None:
        super().__init__()
        self.case = case
        self.a, self.b = conv(3, 4), conv(4, 4)
        self.norm = nn.BatchNorm2d(4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        if self.case == "relu6":
            return self.b(functional.relu6(y))
        if self.case == "gelu":
            return self.b(functional.gelu(y))
        if self.case == "used twice":
            return self.b(y) + y
        if self.case == "bias":
            return self.b(y + 1.0)
        if self.case == "padded with ones":
            return self.b(functional.pad(y, (1, 1), value=1.0))
        if self.case == "called twice":
            return self.b(self.b(torch.relu(y)))
        return self.b(torch.sigmoid(y))


@pytest.mark.parametrize(
    "case",
    ["relu6", "gelu", "used twice", "bias", "padded with ones", "called twice", "sigmoid"],
)
def test_layers_stay_where_something_minds(case: str) -> None:
    network = network_of(uneven(Between(case)), images(2))
    assert find_pairs(network.module) == ()
    assert equalize(network, everything(network))[0] is network


def test_residual_streams_are_not_touched_and_only_chosen_layers_change() -> None:
    network = fold_batch_norms(network_of(uneven(Residual()), images(2)))
    pairs = {(p.first, p.second) for p in find_pairs(network.module)}
    assert pairs == {("conv1", "conv2"), ("conv3", "conv4")}
    result, _ = equalize(network, {"conv1", "conv2", "conv3"})
    assert result.module.conv3.weight is network.module.conv3.weight
    assert not torch.equal(result.module.conv1.weight, network.module.conv1.weight)
    torch.testing.assert_close(run(result, images(3)), run(network, images(3)))


def test_dead_channels_stay_as_they_are() -> None:
    module = plain()
    with torch.no_grad():
        module[0].weight[1] = 0.0
        module[2].weight[:, 2] = 0.0
    network = network_of(module, images(2))
    result, divided = equalize(network, everything(network))
    assert float(divided["2"][0, 9]) == 1.0
    assert torch.equal(run(result, images(2)), run(network, images(2)))
    assert all(bool(t.isfinite().all()) for t in result.module.state_dict().values())
