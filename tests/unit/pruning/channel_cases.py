"""Small networks with channels that are known to be superfluous, and how to prune them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

import engine.methods.catalog  # noqa: F401 - fills the registry
from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.methods.pruning.channel import ChannelParams
from engine.methods.pruning.run_channel import run
from engine.network.groups import channel_groups
from engine.network.network import Network
from engine.pipeline import table_of
from engine.statistics.calibration import Calibration
from tests.helpers.networks import network_of

SIZE = 8


class Block(nn.Module):
    """conv → (batch norm) → ReLU → conv → pooling → dense: one group of 8 channels inside."""

    def __init__(self, *, norm: bool = True) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, SIZE, 3, padding=1, bias=not norm)
        self.bn = nn.BatchNorm2d(SIZE) if norm else nn.Identity()
        self.second = nn.Conv2d(SIZE, 6, 3, padding=1)
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.second(torch.relu(self.bn(self.first(x)))))
        return self.head(x.mean((2, 3)))


class Residual(nn.Module):
    """A residual stream, read twice, with a block on it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(12)
        self.inner = nn.Conv2d(12, 10, 3, padding=1, bias=False)
        self.inner_bn = nn.BatchNorm2d(10)
        self.outer = nn.Conv2d(10, 12, 3, padding=1, bias=False)
        self.outer_bn = nn.BatchNorm2d(12)
        self.head = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.bn(self.stem(x)))
        y = self.outer_bn(self.outer(torch.relu(self.inner_bn(self.inner(x)))))
        return self.head(torch.relu(x + y).mean((2, 3)))


def made(module: nn.Module, seed: int = 0) -> nn.Module:
    """The same weights every time; batch norms that have seen data."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            spread = 0.5 if parameter.dim() == 1 else (2 / parameter[0].numel()) ** 0.5
            parameter.copy_(spread * torch.randn(parameter.shape, generator=generator))
        for norm in module.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.weight.copy_(0.5 + torch.rand(norm.weight.shape, generator=generator))
        module.train()
        for norm in module.modules():
            if isinstance(norm, nn.BatchNorm2d):
                norm.momentum = None
        module(images(64))
    return module.eval()


def images(count: int, seed: int = 1, size: int = 8) -> Tensor:
    """Smooth random images."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 3, size, size, generator=generator)
    return nn.functional.avg_pool2d(x, 3, 1, 1) * 2


def context(network: Network, *inputs: Tensor, **more: Any) -> Context:
    """A context with calibration data; what is noted is collected in `notes`, if given."""
    samples = Calibration(inputs or (images(64),), more.pop("labels", None))
    return Context(Quiet(), network, calibration=samples, **more)


def pruned(
    network: Network,
    around: Context | None = None,
    only: Callable[[str], bool] = lambda name: True,
    **settings: Any,
) -> Network:
    """The network after channel pruning of all groups, or of those chosen by name."""
    params = ChannelParams(**settings)
    table = table_of(network)
    groups = [g.id for g in table.groups if not g.frozen_reason and only(g.id)]
    return run(network, dict.fromkeys(groups, params), around or context(network))


def network(module: nn.Module, *inputs: Tensor) -> Network:
    """Lifted."""
    return network_of(module, *(inputs or (images(2),)))


def kept_units(before: Network, after: Network, layer: str) -> list[int]:
    """Which output channels of a layer are still there, by their (unchanged) weights."""
    old = before.module.get_submodule(layer).weight
    new = after.module.get_submodule(layer).weight
    assert isinstance(old, Tensor)
    assert isinstance(new, Tensor)
    return [int((old - row).flatten(1).abs().sum(1).argmin()) for row in new]


def difference(a: Network, b: Network, x: Tensor) -> float:
    """Mean squared difference of outputs, as a part of their variance in the first."""
    with torch.no_grad():
        y, z = a.module(x), b.module(x)
    return float((y - z).square().mean() / y.var())


def free_groups(network: Network) -> dict[str, int]:
    """Group id → units, of those that can shrink."""
    return {g.id: g.channels for g in channel_groups(network).groups if not g.frozen_reason}
