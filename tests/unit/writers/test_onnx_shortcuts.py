"""Shortcuts that pad channels: written as convolutions, with the same numbers; others stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import onnxruntime as ort
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from engine.jobs.job import Quiet
from engine.writers.onnx_float import write_onnx
from tests.helpers.networks import network_of

Shortcut = Callable[[Tensor], Tensor]


class Stage(nn.Module):
    """conv → conv beside a shortcut, added."""

    def __init__(self, shortcut: Shortcut, stride: int = 2, channels: int = 8) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, channels, 3, padding=1)
        self.conv = nn.Conv2d(channels, 2 * channels, 3, stride, padding=1)
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        return torch.relu(self.conv(x) + self.shortcut(x))


def operators(path: Path) -> list[str]:
    return sorted(node.op_type for node in onnx.load(path).graph.node)


def written(module: nn.Module, path: Path) -> Path:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 9, 8)
    write_onnx(network_of(module.eval(), x), path, Quiet())
    (found,) = ort.InferenceSession(path).run(None, {"x": x.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(found), module(x), rtol=1e-5, atol=1e-6)
    return path


@pytest.mark.parametrize(
    ("shortcut", "stride"),
    [
        (lambda x: pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 4, 4)), 2),
        (lambda x: pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, 8)), 2),
        (lambda x: pad(x, (0, 0, 0, 0, 5, 3)), 1),
    ],
    ids=["both sides", "behind", "no stride"],
)
def test_padded_channels_become_a_convolution(
    shortcut: Shortcut, stride: int, tmp_path: Path
) -> None:
    path = written(Stage(shortcut, stride), tmp_path / "a.onnx")
    assert operators(path) == ["Add", "Conv", "Conv", "Conv", "Relu", "Relu"]


@pytest.mark.parametrize(
    ("shortcut", "channels"),
    [
        (lambda x: pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 4, 4), value=0.5), 8),
        (lambda x: pad(x[:, :, 1::2, ::2], (0, 0, 0, 1, 4, 4)), 8),
        (lambda x: pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 40, 40)), 80),
    ],
    ids=["not zeros", "rows too", "wide"],
)
def test_other_paddings_stay(shortcut: Shortcut, channels: int, tmp_path: Path) -> None:
    path = written(Stage(shortcut, channels=channels), tmp_path / "a.onnx")
    assert "Pad" in operators(path)
    assert operators(path).count("Conv") == 2


def test_a_slice_that_is_used_twice_stays_for_its_other_user(tmp_path: Path) -> None:
    class Twice(Stage):
        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.stem(x))
            half = x[:, :, ::2, ::2]
            y = self.conv(x) + pad(half, (0, 0, 0, 0, 4, 4))
            return torch.cat([torch.relu(y), half], 1)

    path = written(Twice(lambda x: x), tmp_path / "a.onnx")
    assert operators(path).count("Conv") == 3
    assert "Slice" in operators(path)
