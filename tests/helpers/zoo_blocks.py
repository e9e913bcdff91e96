"""Small networks of the zoo: each holds one structure that reading or pruning may get wrong."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.helpers.zoo_vision import conv_bn


class SmallCNN(nn.Module):
    """Convolutions, then a flatten of 4 × 4 positions into a dense layer (LeNet-like)."""

    def __init__(self, width: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.fc1 = nn.Linear(2 * width * 16, 32)
        self.fc2 = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        return self.fc2(functional.relu(self.fc1(x.flatten(1))))


def channel_shuffle(x: Tensor, groups: int) -> Tensor:
    n, c, h, w = x.shape
    return x.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)


class ShuffleUnit(nn.Module):
    """Zhang et al. 2018, arXiv:1707.01083, figure 2b."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.groups = groups
        self.compress = conv_bn(channels, channels, 1, groups=groups, act="relu")
        self.depthwise = conv_bn(channels, channels, 3, groups=channels, act="")
        self.expand = conv_bn(channels, channels, 1, groups=groups, act="")

    def forward(self, x: Tensor) -> Tensor:
        y = channel_shuffle(self.compress(x), self.groups)
        return functional.relu(x + self.expand(self.depthwise(y)))


class ShuffleNet(nn.Module):
    def __init__(self, width: int = 12, groups: int = 3, classes: int = 10) -> None:
        super().__init__()
        self.stem = conv_bn(3, width, 3, 2, act="relu")
        self.unit1 = ShuffleUnit(width, groups)
        self.unit2 = ShuffleUnit(width, groups)
        self.fc = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.unit2(self.unit1(self.stem(x))).mean([2, 3]))


class ShuffleNetV2(nn.Module):
    """Ma et al. 2018, arXiv:1807.11164: channel split, one half untouched, concat, shuffle."""

    def __init__(self, width: int = 16, classes: int = 10) -> None:
        super().__init__()
        half = width // 2
        self.stem = conv_bn(3, width, 3, 2, act="relu")
        self.branch = nn.Sequential(
            *conv_bn(half, half, 1, act="relu"),
            *conv_bn(half, half, 3, groups=half, act=""),
            *conv_bn(half, half, 1, act="relu"),
        )
        self.last = conv_bn(width, 2 * width, 1, act="relu")
        self.fc = nn.Linear(2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        kept, changed = self.stem(x).chunk(2, dim=1)
        x = channel_shuffle(torch.cat((kept, self.branch(changed)), dim=1), 2)
        return self.fc(self.last(x).mean([2, 3]))


class GroupedNet(nn.Module):
    """Grouped convolutions between plain ones (ResNeXt's block)."""

    def __init__(self, width: int = 16, groups: int = 4, classes: int = 10) -> None:
        super().__init__()
        self.stem = conv_bn(3, width, 3, 2, act="relu")
        self.reduce = conv_bn(width, width, 1, act="relu")
        self.grouped = conv_bn(width, width, 3, groups=groups, act="relu")
        self.expand = conv_bn(width, width, 1, act="")
        self.fc = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = functional.relu(x + self.expand(self.grouped(self.reduce(x))))
        return self.fc(x.mean([2, 3]))


class ESPCN(nn.Module):
    """Shi et al. 2016, arXiv:1609.05158: super-resolution by pixel shuffle."""

    def __init__(self, width: int = 16, upscale: int = 2) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 5, padding=2)
        self.conv2 = nn.Conv2d(width, width // 2, 3, padding=1)
        self.conv3 = nn.Conv2d(width // 2, 4 * upscale**2, 3, padding=1)
        self.shuffle = nn.PixelShuffle(upscale)
        self.refine = nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.conv2(torch.tanh(self.conv1(x))))
        return self.refine(torch.tanh(self.shuffle(self.conv3(x))))


class SharedConv(nn.Module):
    """One convolution and one norm that are called at three places."""

    def __init__(self, width: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.fc = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for _ in range(3):
            x = functional.relu(self.norm(self.body(x)))
        return self.fc(x.mean([2, 3]))


class MultiInput(nn.Module):
    """An image and a row of numbers in, two results out by name."""

    def __init__(self, width: int = 8, features: int = 5, classes: int = 4) -> None:
        super().__init__()
        self.image = conv_bn(3, width, 3, 2, act="relu")
        self.table = nn.Linear(features, width)
        self.joint = nn.Linear(2 * width, 12)
        self.label = nn.Linear(12, classes)
        self.box = nn.Linear(12, 4)

    def forward(self, image: Tensor, table: Tensor) -> dict[str, Tensor]:
        both = torch.cat(
            [self.image(image).mean([2, 3]), functional.relu(self.table(table))], dim=1
        )
        x = functional.relu(self.joint(both))
        return {"label": self.label(x), "box": torch.sigmoid(self.box(x))}


class Audio(nn.Module):
    """One-dimensional convolutions, PReLU, group norm and a free scale."""

    def __init__(self, width: int = 8, classes: int = 5) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, width, 9, stride=4, padding=4)
        self.act1 = nn.PReLU(width)
        self.norm1 = nn.GroupNorm(2, width)
        self.conv2 = nn.Conv1d(width, 2 * width, 5, stride=2, dilation=2)
        self.norm2 = nn.InstanceNorm1d(2 * width, affine=True)
        self.scale = nn.Parameter(torch.linspace(0.5, 1.5, 2 * width)[:, None])
        self.fc = nn.Linear(2 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm1(self.act1(self.conv1(x)))
        x = functional.leaky_relu(self.norm2(self.conv2(x)) * self.scale, 0.1)
        return self.fc(x.mean(-1))


class Volume(nn.Module):
    """Three-dimensional convolution, batch norm and transposed convolution."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.down = nn.Conv3d(1, width, 3, stride=2, padding=1)
        self.norm = nn.BatchNorm3d(width)
        self.mid = nn.Conv3d(width, 2 * width, 1)
        self.up = nn.ConvTranspose3d(2 * width, 2, 2, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(functional.elu(self.mid(functional.hardswish(self.norm(self.down(x))))))
