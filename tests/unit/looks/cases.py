"""The sample, small networks, and jobs that are canceled, for tests of looks."""

from __future__ import annotations

import time

import torch
from torch import Tensor, nn

from engine.errors import Cancelled
from engine.info import Format, NetworkInfo
from engine.jobs.requests import DataSource, ModelSource
from engine.opened import OpenModel
from engine.paths import RESOURCES
from engine.readers.open import Opened
from tests.helpers.networks import network_of

SAMPLES = RESOURCES / "samples"
MODEL = ModelSource(str(SAMPLES / "digits.pt2"))
DATA = DataSource((str(SAMPLES / "digits.npz"),))


class Net(nn.Module):
    """Layers of many kinds: an embedding would need another input."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.shift = nn.Parameter(torch.zeros(()))
        self.fc = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.up(self.norm(self.conv(x)).relu())
        return self.fc(x.mean((2, 3))) + self.shift


def opened(module: nn.Module, *inputs: Tensor) -> OpenModel:
    """A network that came from no file."""
    network = network_of(module.eval(), *inputs)
    info = NetworkInfo("net", Format.PT2, network.inputs, network.outputs, (), (), 0, 0)
    return OpenModel(ModelSource("net.pt2"), Opened(network, info))


class Canceled:
    """A job that is canceled at a checkpoint, and knows how long the longest silence was."""

    stopping = False

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.seen = 0
        self.longest_s = 0.0
        self._last = time.thread_time()

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        self.longest_s = max(self.longest_s, time.thread_time() - self._last)
        self._last = time.thread_time()
        self.seen += 1
        if self.at is not None and self.seen > self.at:
            raise Cancelled

    def metric(self, name: str, step: int, value: float) -> None:
        """No curves."""

    def partial(self, value: object) -> None:
        del value
