"""Networks and runs that the tests of low-rank methods share."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.jobs.job import Quiet
from engine.methods.context import Context
from engine.network.network import Network
from engine.pipeline import Stage, run
from engine.recipe.model import Recipe, Rule, Step
from engine.statistics.calibration import Calibration
from tests.helpers.networks import network_of


class Residual(nn.Module):
    """Two convolutions with norms in a residual block, a strided one, and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, padding=1)
        self.conv1 = nn.Conv2d(12, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 12, (3, 1), padding="same", dilation=2)
        self.down = nn.Conv2d(12, 20, 3, stride=2, padding=1)
        self.fc = nn.Linear(20, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x).relu()
        x = x + self.conv2(self.bn1(self.conv1(x)).relu())
        return self.fc(self.down(x).relu().mean((2, 3)))


class Branches(nn.Module):
    """Two layers whose outputs are added, one of them after a norm."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(12, 12, 1)
        self.second = nn.Conv2d(12, 12, 1, bias=False)
        self.norm = nn.BatchNorm2d(12)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) + self.norm(self.second(x))


class Shared(nn.Module):
    """A layer called twice, two layers with one weight, and dense layers on sequences."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(40, 16, padding_idx=0)
        self.twice = nn.Linear(16, 16)
        self.a = nn.Linear(16, 24)
        self.b = nn.Linear(16, 24)
        self.b.weight = self.a.weight
        self.out = nn.Linear(24, 5, bias=False)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.table(tokens)
        x = self.twice(self.twice(x).tanh())
        return self.out(self.a(x).relu() - self.b(x))


class Odd(nn.Module):
    """What is left alone: groups, transposed convolutions, single channels; and other axes."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Conv1d(6, 8, 5, stride=2)
        self.grouped = nn.Conv1d(8, 8, 3, groups=4)
        self.up = nn.ConvTranspose1d(8, 8, 2)
        self.volume = nn.Conv3d(8, 6, (1, 2, 3))
        self.single = nn.Conv3d(6, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(self.grouped(self.line(x)))
        return self.single(self.volume(x[:, :, None, None].expand(-1, -1, 2, 3, -1)))


def images(count: int, seed: int = 0) -> Tensor:
    """`[count, 3, 8, 8]`: neighbors and channels go together, as in real images."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 3, 3, generator=generator)
    mixed = torch.einsum("nchw,dc->ndhw", coarse, torch.tensor([[1, 0.5, 0], [0, 1, 0], [1, 1, 1]]))
    return functional.interpolate(mixed, size=8, mode="bilinear")


def tokens(count: int, seed: int = 0) -> Tensor:
    """`[count, 6]`, frequent ones more often."""
    generator = torch.Generator().manual_seed(seed)
    return (40 * torch.rand(count, 6, generator=generator) ** 3).long()


@lru_cache(maxsize=1)
def residual() -> Network:
    torch.manual_seed(0)
    module = Residual()
    for norm in (module.bn1,):
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.normal_(norm.running_mean, std=0.3)
        nn.init.uniform_(norm.running_var, 0.5, 2)
    return network_of(module.eval(), images(2))


@lru_cache(maxsize=1)
def shared() -> Network:
    torch.manual_seed(1)
    return network_of(Shared().eval(), tokens(2))


@lru_cache(maxsize=1)
def odd() -> Network:
    torch.manual_seed(2)
    return network_of(Odd().eval(), torch.randn(2, 6, 21))


def context(network: Network, *inputs: Tensor, **more: Any) -> Context:
    """Around a step, with calibration samples."""
    samples = Calibration(tuple(inputs), None, 16) if inputs else None
    return Context(job=Quiet(), original=network, calibration=samples, **more)


def stage(network: Network, steps: Step | tuple[Step, ...], *inputs: Tensor) -> Stage:
    """The last stage of a recipe run by the pipeline."""
    recipe = Recipe(steps=steps if isinstance(steps, tuple) else (steps,))
    return run(network, recipe, context(network, *inputs))[-1]


def step(method: str, *rules: Rule, **params: Any) -> Step:
    return Step(method, params=params, rules=rules)  # type: ignore[arg-type]  # fields by their names


def only(method: str, layer: str, **params: Any) -> Step:
    """A step that changes one layer."""
    rules = (Rule(("*",), skip=True), Rule((layer,), skip=False))
    return Step(method, params=params, rules=rules)  # type: ignore[arg-type]  # fields by their names


def answers(network: Network, *inputs: Tensor) -> Tensor:
    with torch.inference_mode():
        result: Tensor = network.module(*inputs)
    return result


def product(network: Network, layer: str) -> Tensor:
    """The matrix that the parts of a layer make together: `[rows, columns]`."""
    parts = network.module.get_submodule(layer)
    v, u = parts.v.weight.detach(), parts.u.weight.detach()  # type: ignore[union-attr]  # its kind is known here
    if isinstance(parts.v, nn.Embedding):
        return v @ u.T
    return u.flatten(1) @ v.flatten(1)


def matrix(network: Network, layer: str) -> Tensor:
    weight = network.module.get_submodule(layer).weight
    assert isinstance(weight, Tensor)
    return weight.detach().flatten(1)
