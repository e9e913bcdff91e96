"""What tests of quantization share: a way to run the method, and small networks."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

import engine.methods.catalog  # noqa: F401 - registers the methods
from engine.jobs.job import Job, Quiet
from engine.methods.context import Context
from engine.network.network import Network
from engine.parameters import Params
from engine.pipeline import table_of
from engine.registry import REGISTRY, Method
from engine.statistics.calibration import Calibration
from engine.statistics.moments import collect
from engine.surgery.fold import fold_batch_norms
from tests.helpers.networks import network_of


class Recorder(Quiet):
    """A job that remembers what was reported."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.seen.append((text, done, total))


@dataclass
class Result:
    network: Network
    notes: list[str] = field(default_factory=list)


def method(name: str = "uniform") -> Method:
    found = REGISTRY.step(name)
    assert found is not None
    return found


def chosen(network: Network, params: Params, name: str = "uniform") -> dict[str, Params]:
    """The layers that a method applies to."""
    one = method(name)
    return {
        layer.name: params for layer in table_of(network).layers if not one.applies(layer, params)
    }


def quantized(
    network: Network,
    choices: Mapping[str, Params] | Params,
    inputs: Sequence[Tensor] = (),
    *,
    name: str = "uniform",
    job: Job | None = None,
) -> Result:
    """Run a method as the pipeline does."""
    job = job or Quiet()
    if isinstance(choices, Params):
        choices = chosen(network, choices, name)
    one = method(name)
    needs = one.needs
    for params in choices.values():
        needs |= one.all_needs(params)
    result = Result(network)
    context = Context(job, network, note=result.notes.append)
    if inputs:
        calibration = Calibration(tuple(inputs), batch=16)
        statistics = collect(network, needs, set(choices), calibration, job)
        context = Context(
            job, network, calibration=calibration, statistics=statistics, note=result.notes.append
        )
    result.network = one.load_run()(network, choices, context)
    return result


def run(network: Network, *inputs: Tensor) -> Tensor:
    """The first output."""
    with torch.no_grad():
        out = network.module(*inputs)
    return out if isinstance(out, Tensor) else out[0]


def conv(c_in: int, c_out: int, **settings: Any) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, 3, **{"padding": 1, "bias": False, **settings})


class Residual(nn.Module):
    """Norms, a shortcut padded with zero channels, pooling, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.stem_norm = conv(3, 8), nn.BatchNorm2d(8)
        self.conv1, self.norm1 = conv(8, 8), nn.BatchNorm2d(8)
        self.conv2, self.norm2 = conv(8, 8), nn.BatchNorm2d(8)
        self.conv3, self.norm3 = conv(8, 12, stride=2), nn.BatchNorm2d(12)
        self.conv4, self.norm4 = conv(12, 12), nn.BatchNorm2d(12)
        self.fc = nn.Linear(12, 5)
        for part in self.modules():
            if isinstance(part, nn.BatchNorm2d):
                randomize(part)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem_norm(self.stem(x)))
        y = functional.relu(self.norm1(self.conv1(x)))
        x = functional.relu(self.norm2(self.conv2(y)) + x)
        y = functional.relu(self.norm3(self.conv3(x)))
        shortcut = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2))
        x = functional.relu(self.norm4(self.conv4(y)) + shortcut)
        return self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))


@functools.cache
def residual() -> Network:
    """`Residual`, lifted once for all tests."""
    return network_of(Residual(), images(2))


@functools.cache
def folded() -> Network:
    """The same without its batch norms."""
    return fold_batch_norms(residual())


def randomize(norm: Any) -> None:
    """Give a batch norm statistics and factors as if it had been trained."""
    generator = torch.Generator().manual_seed(int(norm.num_features))
    shape = norm.running_mean.shape
    norm.running_mean.copy_(torch.randn(shape, generator=generator))
    norm.running_var.copy_(torch.rand(shape, generator=generator) + 0.3)
    if norm.affine:
        with torch.no_grad():
            norm.weight.copy_(torch.rand(shape, generator=generator) + 0.5)
            norm.bias.copy_(torch.randn(shape, generator=generator))


def images(count: int, channels: int = 3, size: int = 8, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, channels, size, size, generator=generator)
