"""Networks and runs that the tests of pruning single weights share."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

import engine.methods.catalog  # noqa: F401 - fills the registry
from engine.jobs.job import Job, Quiet
from engine.methods.context import Context
from engine.network.network import Network
from engine.pipeline import Stage, run
from engine.recipe.model import Recipe, Rule, Step
from engine.statistics.calibration import Calibration
from tests.helpers.networks import network_of


class Residual(nn.Module):
    """A stem, a residual block with a convolution beside it, and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(12)
        self.conv1 = nn.Conv2d(12, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.beside = nn.Conv2d(12, 16, 1)
        self.fc = nn.Linear(16, 8)

    def forward(self, x: Tensor) -> Tensor:
        x = self.bn(self.stem(x)).relu()
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        x = (y + self.beside(x)).relu()
        return self.fc(x.mean((2, 3)))


class Kinds(nn.Module):
    """Depthwise, grouped and transposed convolutions, one axis and three, single channels."""

    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(8, 8, 3, padding=1, groups=8)
        self.grouped = nn.Conv1d(8, 16, 3, groups=2, bias=False)
        self.up = nn.ConvTranspose1d(16, 8, 3, stride=2, groups=2)
        self.volume = nn.Conv3d(8, 4, (1, 2, 3), dilation=(1, 1, 2))
        self.single = nn.Conv3d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(self.grouped(self.depthwise(x).relu()).relu()).relu()
        return self.single(self.volume(x[:, :, None, None].expand(-1, -1, 2, 3, -1)).relu())


class Shared(nn.Module):
    """A layer called twice, two layers with one weight, and one that reads zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = nn.Linear(16, 16)
        self.a = nn.Linear(16, 24)
        self.b = nn.Linear(16, 24)
        self.b.weight = self.a.weight
        self.dead = nn.Linear(24, 12)
        self.out = nn.Linear(36, 5, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.twice(self.twice(x).tanh())
        y = self.a(x).relu() - self.b(x)
        return self.out(torch.cat([y, self.dead(y * 0)], dim=-1))


def images(count: int, seed: int = 0) -> Tensor:
    """`[count, 3, 8, 8]`: neighbors go together, as in real images."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 4, 4, generator=generator)
    return functional.interpolate(coarse, size=8, mode="bilinear")


def lines(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 8, 12, generator=torch.Generator().manual_seed(seed))


def rows(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 6, 16, generator=torch.Generator().manual_seed(seed))


@lru_cache(maxsize=1)
def residual() -> Network:
    torch.manual_seed(0)
    module = Residual()
    for norm in (module.bn, module.bn1, module.bn2):
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.bias, std=0.3)
    module.train()
    for seed in range(20):
        module(images(32, 100 + seed))
    return network_of(module.eval(), images(2))


@lru_cache(maxsize=1)
def kinds() -> Network:
    torch.manual_seed(1)
    return network_of(Kinds().eval(), lines(2))


@lru_cache(maxsize=1)
def shared() -> Network:
    torch.manual_seed(2)
    return network_of(Shared().eval(), rows(2))


def stage(network: Network, step: Step | tuple[Step, ...], *inputs: Tensor, **more: Any) -> Stage:
    """The last stage of a recipe that the pipeline runs."""
    samples = Calibration(inputs, None, 16) if inputs else None
    job: Job = more.pop("job", Quiet())
    context = Context(job=job, original=network, calibration=samples, **more)
    steps = step if isinstance(step, tuple) else (step,)
    return run(network, Recipe(steps=steps), context)[-1]


def step(method: str, *rules: Rule, **params: Any) -> Step:
    return Step(method, params=params, rules=rules)  # type: ignore[arg-type]  # fields by their names


def weights(network: Network) -> dict[str, Tensor]:
    """Weights of all layers that are matrices."""
    kept: Callable[[nn.Module], bool] = lambda m: hasattr(m, "weight") and m.weight.dim() > 1  # noqa: E731
    return {n: m.weight.detach() for n, m in network.module.named_modules() if kept(m)}  # type: ignore[misc, union-attr, operator]  # its kind is known here


def zeros(network: Network) -> int:
    """Of all weights, those that are shared once."""
    unique = {weight.data_ptr(): weight for weight in weights(network).values()}
    return sum(int((weight == 0).sum()) for weight in unique.values())


def answers(network: Network, *inputs: Tensor) -> Tensor:
    with torch.inference_mode():
        result: Tensor = network.module(*inputs)
    return result


def error(network: Network, other: Network, *inputs: Tensor) -> float:
    """Of the answers, as a part of their spread."""
    wanted = answers(network, *inputs)
    return float((answers(other, *inputs) - wanted).norm() / (wanted - wanted.mean(0)).norm())
