"""Networks put together at random from blocks that couple channels in different ways."""

from __future__ import annotations

import random
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 4


class Residual(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        inner = rng.choice([4, 6, 8])
        self.a, self.norm, self.b = (
            nn.Conv2d(c, inner, 1),
            nn.BatchNorm2d(inner),
            nn.Conv2d(inner, c, 1),
        )
        self.out = c

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(torch.tanh(self.norm(self.a(x))))


class Plain(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.out = rng.choice([4, 6, 8, 12])
        self.conv = nn.Conv2d(c, self.out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.conv(x))


class Depthwise(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c, c * rng.choice([1, 2]), 3, padding=1, groups=c)
        self.out = self.conv.out_channels

    def forward(self, x: Tensor) -> Tensor:
        return torch.cos(self.conv(x))


class Grouped(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c, rng.choice([4, 8, 12]), 1, groups=2)
        self.out = self.conv.out_channels

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.conv(x))


class Concat(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c, rng.choice([2, 4]), 1)
        self.first = rng.random() < 0.5
        self.out = c + self.conv.out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        return torch.cat([y, x] if self.first else [x, y], 1)


class Halves(nn.Module):
    """Half of the channels pass, half are convolved; then, maybe, they are shuffled."""

    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c // 2, c // 2, 1)
        self.shuffle = rng.random() < 0.5
        self.add = rng.random() < 0.5
        self.out = c // 2 if self.add else c

    def forward(self, x: Tensor) -> Tensor:
        a, b = x.chunk(2, 1)
        if self.add:
            return a + torch.tanh(self.conv(b))
        x = torch.cat([a, torch.tanh(self.conv(b))], 1)
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w) if self.shuffle else x


class Norm(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        kinds: list[Callable[[], nn.Module]] = [
            lambda: nn.BatchNorm2d(c),
            lambda: nn.GroupNorm(2, c),
            lambda: nn.GroupNorm(c // 2, c),
            lambda: nn.InstanceNorm2d(c, affine=True),
            lambda: nn.PReLU(c),
        ]
        self.norm = rng.choice(kinds)()
        self.out = c

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


class ChannelsLast(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.norm, self.up = nn.LayerNorm(c), nn.Linear(c, 2 * rng.choice([3, 4]))
        self.down = nn.Linear(self.up.out_features // 2, c)
        self.out = c

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x.permute(0, 2, 3, 1))
        return x + self.down(functional.glu(self.up(y), -1)).permute(0, 3, 1, 2)


class Excite(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(c, 3), nn.Linear(3, c)
        self.out = c

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.sigmoid(self.b(torch.relu(self.a(x.mean((2, 3))))))
        return x * scale.view(-1, scale.shape[1], 1, 1)


class Attend(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.heads = 2
        self.qkv, self.proj = nn.Linear(c, 3 * 8), nn.Linear(8, c)
        self.merged = rng.random() < 0.5
        self.out = c

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        y = x.flatten(2).transpose(1, 2)
        q, k, v = self.qkv(y).view(n, h * w, 3, self.heads, 4).permute(2, 0, 3, 1, 4).unbind(0)
        if self.merged:
            q, k, v = (z.reshape(n * self.heads, h * w, 4) for z in (q, k, v))
        y = (q @ k.transpose(-1, -2)).softmax(-1) @ v
        y = y.view(n, self.heads, h * w, 4).transpose(1, 2).reshape(n, h * w, 8)
        return x + self.proj(y).transpose(1, 2).view(n, c, h, w)


class Shuffle(nn.Module):
    """Space to depth and back, or twice the positions."""

    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.out = c
        self.conv = nn.Conv2d(4 * c, 4 * c, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.pixel_unshuffle(x, 2)
        return functional.pixel_shuffle(torch.tanh(self.conv(y)), 2)


class Padded(nn.Module):
    def __init__(self, c: int, rng: random.Random) -> None:
        super().__init__()
        self.out = c + 4
        self.conv = nn.Conv2d(c, c + 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x) + functional.pad(x, (0, 0, 0, 0, 2, 2))


BLOCKS = (
    Residual, Plain, Depthwise, Grouped, Concat, Halves, Norm, ChannelsLast, Excite, Attend,
    Shuffle, Padded,
)  # fmt: skip
WIDEST = 32


class RandomNetwork(nn.Module):
    """The same network for the same seed."""

    def __init__(self, seed: int, depth: int = 6) -> None:
        super().__init__()
        rng = random.Random(seed)
        torch.manual_seed(seed)
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        channels, blocks = 8, []
        for _ in range(depth):
            block = rng.choice(BLOCKS)
            if channels > WIDEST or channels % 2:
                block = Plain
            blocks.append(block(channels, rng))
            channels = int(blocks[-1].out)
        self.blocks = nn.Sequential(*blocks)
        self.flat = rng.random() < 0.5
        self.head = nn.Linear(channels * (SIDE * SIDE if self.flat else 1), 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(self.stem(x))
        return self.head(x.flatten(1) if self.flat else x.mean((2, 3)))
