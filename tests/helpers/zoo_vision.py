"""Image networks of the zoo, with the layer names of their usual implementations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def conv_bn(
    c_in: int, c_out: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: str = "relu6"
) -> nn.Sequential:
    acts = {"relu6": nn.ReLU6(inplace=True), "relu": nn.ReLU(inplace=True), "silu": nn.SiLU()}
    parts: list[nn.Module] = [
        nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(c_out),
    ]
    return nn.Sequential(*parts, *([acts[act]] if act else []))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, c_in: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = conv_bn(c_in, width, 1, stride, act="") if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, c_in: int, width: int, stride: int) -> None:
        super().__init__()
        c_out = 4 * width
        self.conv1 = nn.Conv2d(c_in, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, c_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU(inplace=True)
        change = stride > 1 or c_in != c_out
        self.downsample = conv_bn(c_in, c_out, 1, stride, act="") if change else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(nn.Module):
    """He et al. 2016, arXiv:1512.03385, with torchvision's names."""

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        depths: Sequence[int],
        width: int = 64,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = width
        self.stages = [f"layer{stage + 1}" for stage in range(len(depths))]
        for stage, depth in enumerate(depths):
            blocks = []
            for i in range(depth):
                stride = 2 if stage > 0 and i == 0 else 1
                blocks.append(block(channels, width << stage, stride))
                channels = (width << stage) * block.expansion
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in self.stages:
            x = self.get_submodule(stage)(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


def resnet(depth: int) -> ResNet:
    """One of the published networks."""
    if depth == 18:
        return ResNet(BasicBlock, (2, 2, 2, 2))
    return ResNet(Bottleneck, (3, 4, 6, 3))


class VGG(nn.Module):
    """Simonyan & Zisserman 2015, arXiv:1409.1556, configuration D (VGG-16) by default."""

    def __init__(
        self,
        stages: Sequence[Sequence[int]] = (
            (64,) * 2,
            (128,) * 2,
            (256,) * 3,
            (512,) * 3,
            (512,) * 3,
        ),
        hidden: int = 4096,
        pooled: int = 7,
        classes: int = 1000,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        channels = 3
        for stage in stages:
            for width in stage:
                parts.append(nn.Conv2d(channels, width, 3, padding=1))
                parts += [nn.BatchNorm2d(width)] if batch_norm else []
                parts.append(nn.ReLU(inplace=True))
                channels = width
            parts.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*parts)
        self.avgpool = nn.AdaptiveAvgPool2d(pooled)
        self.classifier = nn.Sequential(
            nn.Linear(channels * pooled * pooled, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.avgpool(self.features(x))
        return self.classifier(torch.flatten(x, 1))


class InvertedResidual(nn.Module):
    def __init__(self, c_in: int, c_out: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = c_in * expand
        parts = [conv_bn(c_in, hidden, 1)] if expand > 1 else []
        self.conv = nn.Sequential(
            *parts,
            conv_bn(hidden, hidden, 3, stride, groups=hidden),
            nn.Conv2d(hidden, c_out, 1, bias=False),
            nn.BatchNorm2d(c_out),
        )
        self.residual = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, arXiv:1801.04381. Settings: (expansion, channels, repeats, stride)."""

    def __init__(
        self,
        stem: int = 32,
        settings: Sequence[tuple[int, int, int, int]] = (
            (1, 16, 1, 1),
            (6, 24, 2, 2),
            (6, 32, 3, 2),
            (6, 64, 4, 2),
            (6, 96, 3, 1),
            (6, 160, 3, 2),
            (6, 320, 1, 1),
        ),
        last: int = 1280,
        classes: int = 1000,
    ) -> None:
        super().__init__()
        parts: list[nn.Module] = [conv_bn(3, stem, 3, 2)]
        channels = stem
        for expand, width, repeats, stride in settings:
            for i in range(repeats):
                parts.append(InvertedResidual(channels, width, stride if i == 0 else 1, expand))
                channels = width
        self.features = nn.Sequential(*parts, conv_bn(channels, last, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(last, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).mean([2, 3]))


class SqueezeExcite(nn.Module):
    """Hu et al. 2018, arXiv:1709.01507."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        scale = functional.silu(self.fc1(self.avgpool(x)))
        return x * torch.sigmoid(self.fc2(scale))


class MBConv(nn.Module):
    def __init__(self, c_in: int, c_out: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = c_in * expand
        self.block = nn.Sequential(
            conv_bn(c_in, hidden, 1, act="silu"),
            conv_bn(hidden, hidden, 3, stride, groups=hidden, act="silu"),
            SqueezeExcite(hidden, max(1, c_in // 4)),
            conv_bn(hidden, c_out, 1, act=""),
        )
        self.residual = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        out = self.block(x)
        return out + x if self.residual else out


class EfficientNet(nn.Module):
    """Like Tan & Le 2019, arXiv:1905.11946: MBConv, squeeze-excite, SiLU."""

    def __init__(self, width: int = 8, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            conv_bn(3, width, 3, 2, act="silu"),
            MBConv(width, width, 1, 2),
            MBConv(width, 2 * width, 2, 4),
            MBConv(2 * width, 2 * width, 1, 4),
            conv_bn(2 * width, 8 * width, 1, act="silu"),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(
            nn.Dropout(0.2, inplace=True), nn.Linear(8 * width, classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


class SENet(nn.Module):
    """Squeeze-excite with dense layers and an explicit view, as in the paper's own code."""

    def __init__(self, width: int = 12, classes: int = 10) -> None:
        super().__init__()
        self.stem = conv_bn(3, width, 3, act="relu")
        self.conv = conv_bn(width, width, 3, act="")
        self.squeeze = nn.Linear(width, width // 4)
        self.excite = nn.Linear(width // 4, width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        y = self.conv(x)
        n, c = y.shape[:2]
        scale = torch.sigmoid(self.excite(functional.relu(self.squeeze(y.mean((2, 3))))))
        x = functional.relu(x + y * scale.view(n, c, 1, 1))
        return self.head(functional.adaptive_avg_pool2d(x, 1).view(n, -1))


class DoubleConv(nn.Sequential):
    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__(*conv_bn(c_in, c_out, act="relu"), *conv_bn(c_out, c_out, act="relu"))


class UNet(nn.Module):
    """Ronneberger et al. 2015, arXiv:1505.04597, padded, with batch norm."""

    def __init__(self, width: int = 8, depth: int = 2, classes: int = 3) -> None:
        super().__init__()
        widths = [width << i for i in range(depth + 1)]
        self.inc = DoubleConv(3, width)
        self.down = nn.ModuleList(DoubleConv(a, 2 * a) for a in widths[:-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * a, a, 2, 2) for a in widths[-2::-1])
        self.conv = nn.ModuleList(DoubleConv(2 * a, a) for a in widths[-2::-1])
        self.pool = nn.MaxPool2d(2)
        self.outc = nn.Conv2d(width, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = [self.inc(x)]
        for down in self.down:
            skips.append(down(self.pool(skips[-1])))
        x = skips.pop()
        for up, conv in zip(self.up, self.conv, strict=True):
            x = conv(torch.cat([skips.pop(), up(x)], dim=1))
        return self.outc(x)


class DenseLayer(nn.Module):
    def __init__(self, c_in: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(c_in)
        self.conv1 = nn.Conv2d(c_in, 2 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(2 * growth)
        self.conv2 = nn.Conv2d(2 * growth, growth, 3, padding=1, bias=False)

    def forward(self, features: list[Tensor]) -> Tensor:
        x = self.conv1(functional.relu(self.norm1(torch.cat(features, 1))))
        return self.conv2(functional.relu(self.norm2(x)))


class DenseNet(nn.Module):
    """Huang et al. 2017, arXiv:1608.06993: two dense blocks and a transition."""

    def __init__(self, width: int = 8, growth: int = 4, layers: int = 3, classes: int = 10) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.block1 = nn.ModuleList(DenseLayer(width + i * growth, growth) for i in range(layers))
        width += layers * growth
        self.norm1 = nn.BatchNorm2d(width)
        self.transition = nn.Conv2d(width, width // 2, 1, bias=False)
        width //= 2
        self.block2 = nn.ModuleList(DenseLayer(width + i * growth, growth) for i in range(layers))
        width += layers * growth
        self.norm2 = nn.BatchNorm2d(width)
        self.classifier = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        features = [self.conv0(x)]
        for layer in self.block1:
            features.append(layer(features))
        x = self.transition(functional.relu(self.norm1(torch.cat(features, 1))))
        features = [functional.avg_pool2d(x, 2)]
        for layer in self.block2:
            features.append(layer(features))
        x = functional.relu(self.norm2(torch.cat(features, 1)))
        return self.classifier(torch.flatten(functional.adaptive_avg_pool2d(x, (1, 1)), 1))
