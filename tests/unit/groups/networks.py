"""Networks that each hold one structure which channel groups may get wrong."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Small(nn.Module):
    """Layers from keyword arguments; a subclass says what to do with them."""

    def __init__(self, **layers: nn.Module | nn.Parameter) -> None:
        super().__init__()
        for name, layer in layers.items():
            setattr(self, name, layer)


def conv(c_in: int, c_out: int, kernel: int = 3, **settings: int) -> nn.Conv2d:
    return nn.Conv2d(c_in, c_out, kernel, padding=kernel // 2, **settings)


class PaddedShortcut(nn.Module):
    """He et al. 2016, option A: a strided slice, padded with channels of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 4)
        self.conv1 = conv(4, 8, stride=2)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = conv(8, 8)
        self.conv3 = conv(8, 16, stride=2)
        self.fc = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem(x))
        y = self.conv2(functional.relu(self.norm1(self.conv1(x))))
        x = functional.relu(y + functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2)))
        x = functional.relu(self.conv3(x) + functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 4, 4)))
        return self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Encoder(nn.Module):
    """PyTorch's own transformer layer: packed weights, merged batch and heads."""

    def __init__(self, norm_first: bool = False) -> None:
        super().__init__()
        self.inner = nn.Linear(6, 16)
        self.layer = nn.TransformerEncoderLayer(16, 4, 24, batch_first=True, norm_first=norm_first)
        self.head = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.layer(self.inner(x)).mean(1))


class MergedHeads(nn.Module):
    """Batch and heads in one axis, products by `bmm`, as older models and ONNX files have it."""

    def __init__(self, dim: int = 16, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(6, dim) for _ in range(3))
        self.out = nn.Linear(dim, 5)

    def split(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        x = x.reshape(b, n, self.heads, c // self.heads).transpose(1, 2)
        return x.reshape(b * self.heads, n, c // self.heads)

    def forward(self, x: Tensor) -> Tensor:
        b, n, _ = x.shape
        q, k, v = (self.split(layer(x)) for layer in (self.query, self.key, self.value))
        weights = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.shape[-1])
        y = torch.bmm(weights.softmax(-1), v)
        y = y.reshape(b, self.heads, n, -1).permute(0, 2, 1, 3).reshape(b, n, -1)
        return self.out(y)


class SharedKeys(nn.Module):
    """Grouped-query attention: four query heads share two heads of keys and values."""

    def __init__(self, native: bool = False) -> None:
        super().__init__()
        self.native = native
        self.query = nn.Linear(6, 16)
        self.key = nn.Linear(6, 8)
        self.value = nn.Linear(6, 8)
        self.out = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        b, n, _ = x.shape
        q = self.query(x).view(b, n, 4, 4).transpose(1, 2)
        k, v = (f(x).view(b, n, 2, 4).transpose(1, 2) for f in (self.key, self.value))
        if not self.native:
            k, v = (z[:, :, None].expand(b, 2, 2, n, 4).reshape(b, 4, n, 4) for z in (k, v))
        y = functional.scaled_dot_product_attention(q, k, v, enable_gqa=self.native)
        return self.out(y.transpose(1, 2).reshape(b, n, 16))


class OneHead(nn.Module):
    """Attention without heads: the width of q and k may shrink, its scale may not."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = nn.Linear(6, 8), nn.Linear(6, 8), nn.Linear(6, 12)
        self.out = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = self.query(x), self.key(x), self.value(x)
        return self.out(functional.scaled_dot_product_attention(q, k, v))


class Einsum(nn.Module):
    """Attention in Einstein's notation."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(6, 12) for _ in range(3))
        self.out = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        b, n, _ = x.shape
        q, k, v = (f(x).view(b, n, 3, 4) for f in (self.query, self.key, self.value))
        weights = torch.einsum("bqhd,bkhd->bhqk", q, k).softmax(-1)
        y = torch.einsum("bhqk,bkhd->bqhd", weights, v)
        return self.out(y.reshape(b, n, 12))


class Window(nn.Module):
    """Attention in windows with a learned bias for each head (Swin)."""

    def __init__(self, dim: int = 12, heads: int = 3, window: int = 2) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.embed = nn.Conv2d(3, dim, 2, 2)
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.bias = nn.Parameter(torch.randn((2 * window - 1) ** 2, heads))
        at = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")).flatten(1)
        apart = (at[:, :, None] - at[:, None, :] + 1).permute(1, 2, 0)
        self.register_buffer("index", apart[..., 0] * 3 + apart[..., 1])
        self.proj = nn.Linear(dim, dim)
        self.merge = nn.Linear(4 * dim, 8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        s = self.window
        y = self.norm(x).view(b, h // s, s, w // s, s, c).permute(0, 1, 3, 2, 4, 5)
        y = y.reshape(-1, s * s, c)
        qkv = self.qkv(y).reshape(-1, s * s, 3, self.heads, c // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[self.index.view(-1)].view(s * s, s * s, -1).permute(2, 0, 1)
        weights = (q * 0.5) @ k.transpose(-2, -1) + bias.unsqueeze(0)
        y = self.proj((weights.softmax(-1) @ v).transpose(1, 2).reshape(-1, s * s, c))
        y = y.view(-1, h // s, w // s, s, s, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        x = x + y
        parts = [x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]]
        return self.head(functional.gelu(self.merge(torch.cat(parts, -1))).mean((1, 2)))


class SpatialAttention(nn.Module):
    """Attention over positions of an image (Zhang et al. 2019, SAGAN)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(3, 8)
        self.query, self.key, self.value = conv(8, 4, 1), conv(8, 4, 1), conv(8, 8, 1)
        self.gamma = nn.Parameter(torch.tensor(0.7))
        self.out = conv(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        b, _, h, w = x.shape
        q, k, v = (f(x).view(b, -1, h * w) for f in (self.query, self.key, self.value))
        weights = torch.bmm(q.permute(0, 2, 1), k).softmax(-1)
        y = torch.bmm(v, weights.permute(0, 2, 1)).view(b, -1, h, w)
        return self.out(self.gamma * y + x)


class WrittenNorm(nn.Module):
    """Layer norm, then RMS norm, as arithmetic."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(6, 10)
        self.weight = nn.Parameter(torch.rand(10) + 0.5)
        self.bias = nn.Parameter(torch.randn(10))
        self.fc2 = nn.Linear(10, 12)
        self.scale = nn.Parameter(torch.rand(12) + 0.5)
        self.fc3 = nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(x)
        centered = x - x.mean(-1, keepdim=True)
        deviation = torch.sqrt(centered.pow(2).mean(-1, keepdim=True) + 1e-5)
        x = self.fc2(centered / deviation * self.weight + self.bias)
        x = x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-5) * self.scale
        return self.fc3(x)


class CrossStage(nn.Module):
    """Chunk, bottlenecks with shortcuts, concat of all (C2f)."""

    def __init__(self) -> None:
        super().__init__()
        self.first = conv(3, 8, 1)
        self.a = conv(4, 6)
        self.b = conv(6, 4)
        self.last = conv(12, 5, 1)

    def forward(self, x: Tensor) -> Tensor:
        parts = list(self.first(x).chunk(2, 1))
        parts.append(parts[-1] + functional.silu(self.b(functional.silu(self.a(parts[-1])))))
        return self.last(torch.cat(parts, 1))


class Rearranged(nn.Module):
    """Pixel shuffle and its inverse by reshape and permute."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = conv(3, 16)
        self.conv2 = conv(4, 6)
        self.conv3 = conv(24, 8)
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.conv1(x))
        b, c, h, w = x.shape
        x = x.view(b, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(b, c // 4, 2 * h, 2 * w)
        x = torch.tanh(self.conv2(x))
        x = x.view(b, 6, h, 2, w, 2).permute(0, 3, 5, 1, 2, 4).reshape(b, 24, h, w)
        return self.fc(torch.tanh(self.conv3(x)).mean((2, 3)))


class Mixer(nn.Module):
    """Dense layers over positions and over channels."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 10, 4, 4)
        self.norm1, self.norm2 = nn.LayerNorm(10), nn.LayerNorm(10)
        self.tokens1, self.tokens2 = nn.Linear(16, 12), nn.Linear(12, 16)
        self.mlp1, self.mlp2 = nn.Linear(10, 14), nn.Linear(14, 10)
        self.head = nn.Linear(10, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x).flatten(2).transpose(1, 2)
        y = functional.gelu(self.tokens1(self.norm1(x).transpose(1, 2)))
        x = x + self.tokens2(y).transpose(1, 2)
        x = x + self.mlp2(functional.gelu(self.mlp1(self.norm2(x))))
        return self.head(x.mean(1))


class ConvNeXt(nn.Module):
    """Depthwise convolution, channels last, layer norm, a scale for each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 2, 2)
        self.depthwise = conv(8, 8, 7, groups=8)
        self.norm = nn.LayerNorm(8)
        self.up, self.down = nn.Linear(8, 20), nn.Linear(20, 8)
        self.gamma = nn.Parameter(torch.rand(8))
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.gamma * self.down(functional.gelu(self.up(y)))
        return self.head((x + y.permute(0, 3, 1, 2)).mean((-2, -1)))


class Modulated(nn.Module):
    """A dense layer that scales and shifts the channels of a convolution (FiLM)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)
        self.film = nn.Linear(5, 16)
        self.out = conv(8, 3)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        gamma, beta = self.film(y)[:, :, None, None].chunk(2, dim=1)
        return self.out(torch.tanh(self.conv(x) * (1 + gamma) + beta))


class Outer(nn.Module):
    """Bilinear pooling: the product of two features, flattened."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(6, 5), nn.Linear(6, 7)
        self.out = nn.Linear(35, 3)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)[:, :, None] * self.b(x)[:, None, :]
        return self.out(torch.tanh(y).flatten(1))


class Expanded(nn.Module):
    """Sizes of channels in expand, zeros and repeat."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.gate = conv(3, 8), conv(3, 1)
        self.conv2 = conv(16, 6)
        self.conv3 = conv(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(x)
        y = torch.sigmoid(self.gate(x)).expand_as(y) * y
        y = torch.cat([y, y.new_ones(y.shape)], 1)
        y = self.conv2(torch.relu(y))
        return self.conv3(y.repeat(1, 2, 1, 1))


class Picked(nn.Module):
    """Channels taken by slice, by list, in reverse and one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 12)
        self.register_buffer("order", torch.tensor([7, 1, 5, 3, 9, 11]))
        self.a, self.b, self.c = conv(6, 4), conv(6, 4), conv(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.conv(x))
        y = self.a(x[:, ::2]) + self.b(x.index_select(1, self.order)) + self.c(x.flip(1))
        return y * x[:, 4].unsqueeze(1)


class Halves(nn.Module):
    """GLU, narrow and a split into unequal parts."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Linear(6, 16)
        self.fc2 = nn.Linear(8, 12)
        self.fc3, self.fc4 = nn.Linear(4, 5), nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc2(functional.glu(self.fc1(x), -1))
        a, _, b = x.split([4, 2, 6], -1)
        return self.fc3(torch.tanh(a)) + self.fc4(torch.tanh(b)) + self.fc3(x.narrow(-1, 3, 4))


class Swapped(nn.Module):
    """Parts of a split of which two meet again in one layer, in another order."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.middle, self.last = conv(3, 12), conv(2, 5), conv(15, 2)

    def forward(self, x: Tensor) -> Tensor:
        a, b, c = torch.tanh(self.first(x)).split([2, 3, 7], 1)
        return self.last(torch.cat([c, self.middle(a), b], 1))


class Summed(nn.Module):
    """Sums over channels, one of them a norm: what is removed counts as zero."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = conv(3, 8), conv(8, 6)
        self.fc = nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.normalize(torch.sigmoid(self.conv1(x)), dim=1)
        return self.fc(torch.sigmoid(self.conv2(x)).sum(1).flatten(1))


class Norms(nn.Module):
    """A group norm over all channels, by few groups and by many; a norm over channels and rows."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.norm1 = conv(3, 8), nn.GroupNorm(1, 8)
        self.conv2, self.norm2 = conv(8, 12), nn.GroupNorm(2, 12)
        self.conv3, self.norm3 = conv(12, 12), nn.GroupNorm(6, 12)
        self.conv4, self.norm4 = conv(12, 6), nn.LayerNorm([6, 4, 4])
        self.conv5, self.norm5 = conv(6, 6), nn.InstanceNorm2d(6, affine=True)
        self.fc = nn.Linear(96, 3)

    def forward(self, x: Tensor) -> Tensor:
        for i in range(1, 6):
            x = getattr(self, f"norm{i}")(getattr(self, f"conv{i}")(x))
        return self.fc(x.flatten(1))


class Standardized(nn.Module):
    """Weights that depend on the input: a convolution and a dense layer on free parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, 3, 3, 3))
        self.dense = nn.Parameter(torch.randn(8, 6))
        self.fc = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.tanh(self.weight) * (1 + x.mean())
        x = functional.relu(functional.conv2d(x, weight, padding=1))
        return self.fc(torch.tanh(x.mean((2, 3)) @ self.dense))


class Deconvolutions(nn.Module):
    """Transposed convolutions: plain, depthwise, in two groups."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.ConvTranspose2d(3, 8, 2, 2)
        self.b = nn.ConvTranspose2d(8, 8, 2, 2, groups=8)
        self.c = nn.ConvTranspose2d(8, 12, 2, 2, groups=2)
        self.d = conv(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.d(torch.tanh(self.c(torch.tanh(self.b(torch.tanh(self.a(x)))))))


class Multiplied(nn.Module):
    """A depthwise convolution with two outputs for each input; many narrow groups."""

    def __init__(self) -> None:
        super().__init__()
        self.a = conv(3, 6)
        self.b = conv(6, 12, groups=6)
        self.c = conv(12, 16)
        self.d = conv(16, 16, groups=8)
        self.e = conv(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        for layer in (self.a, self.b, self.c, self.d):
            x = torch.tanh(layer(x))
        return self.e(x)


class Scores(nn.Module):
    """Reductions over channels that removing some would change."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.conv = conv(3, 8)
        self.out = conv(8 if kind in ("softmax", "cumsum", "fft") else 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.kind == "mean":
            x = x.mean(1, keepdim=True)
        elif self.kind == "max":
            x = x.amax(1, keepdim=True)
        elif self.kind == "softmax":
            x = x.softmax(1)
        elif self.kind == "cumsum":
            x = x.cumsum(1)
        else:
            x = torch.fft.fft(x, dim=1).real
        return self.out(x)


class Cells(nn.Module):
    """A recurrent cell, unrolled by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 8)
        self.cell = nn.GRUCell(8, 5)
        self.out = nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.fc(x))
        h = x.new_zeros(x.shape[0], 5)
        for step in range(4):
            h = self.cell(x[:, step], h)
        return self.out(h)


class BareNorms(nn.Module):
    """Norms without weights, which stay functions in the graph."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = conv(3, 8), conv(8, 12), conv(12, 6)
        self.fc = nn.Linear(96, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.group_norm(self.conv1(x), 4)
        x = functional.group_norm(torch.tanh(self.conv2(x)), 2)
        x = functional.instance_norm(torch.tanh(self.conv3(x)))
        return self.fc(functional.layer_norm(x, x.shape[1:]).flatten(1))


class Squeezed(nn.Module):
    """Squeezes that must leave alone what pruning brings down to one channel."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = conv(3, 8)
        self.fc = nn.Linear(8, 6)
        self.out = nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(functional.adaptive_avg_pool2d(self.conv(x), 1).squeeze())
        return self.out(torch.tanh(self.fc(x)).unsqueeze(1).squeeze((1, 2)))
