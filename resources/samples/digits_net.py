"""The sample network: a small residual network for 8 × 8 handwritten digits.

`build` is the factory for `digits.safetensors`:
`espalier inspect digits.safetensors --architecture digits_net.py:build --trust`.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


class ResidualBlock(nn.Module):
    """Two 3 × 3 convolutions beside a shortcut (He et al. 2016, arXiv:1512.03385)."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels_in, channels_out, 1, stride, bias=False),
                nn.BatchNorm2d(channels_out),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map [N, C_in, H, W] to [N, C_out, H / stride, W / stride]."""
        y = functional.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return functional.relu(y + self.shortcut(x))


class DepthwiseBlock(nn.Module):
    """A depthwise and a pointwise convolution (Howard et al. 2017, arXiv:1704.04861)."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels_in, channels_in, 3, 1, 1, groups=channels_in, bias=False
        )
        self.bn1 = nn.BatchNorm2d(channels_in)
        self.pointwise = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map [N, C_in, H, W] to [N, C_out, H, W]."""
        x = functional.relu(self.bn1(self.depthwise(x)))
        return functional.relu(self.bn2(self.pointwise(x)))


class DigitsNet(nn.Module):
    """Stem, two residual blocks, a depthwise block, a hidden and an output layer."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.block1 = ResidualBlock(16, 16, 1)
        self.block2 = ResidualBlock(16, 32, 2)
        self.block3 = DepthwiseBlock(32, 64)
        self.hidden = nn.Linear(64, 64)
        self.output = nn.Linear(64, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map images [N, 1, 8, 8] to logits [N, classes]."""
        x = functional.relu(self.bn(self.stem(x)))
        x = self.block3(self.block2(self.block1(x)))
        x = torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1)
        return self.output(functional.relu(self.hidden(x)))


def build() -> DigitsNet:
    """Factory: the network with untrained weights."""
    return DigitsNet()
