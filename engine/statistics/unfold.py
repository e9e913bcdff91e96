"""What a layer's weight is multiplied with: one row for each position of its output."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_SPARSE = 16
"""Where fewer places than one in so many are read, the whole is not turned around for them."""


def has_rows(leaf: nn.Module) -> bool:
    """Whether a leaf is a matrix product for each position, so that `unfold_input` works."""
    return isinstance(leaf, (nn.Linear, *_CONVOLUTIONS, *_TRANSPOSED))


def unfold_input(leaf: nn.Module, x: Tensor, every: int = 1, offset: int = 0) -> Tensor:
    """The rows that a layer's weight is multiplied with.

    For a convolution the patches under the kernel, `K = C_in / groups · kH · kW` in the order of
    `weight.flatten(1)`; for a linear layer its input, `K = in`; for a transposed convolution the
    channels of each input position, `K = C_in / groups`, for `weight.flatten(1)` transposed.

    Args:
        leaf: A linear layer or a convolution of any kind.
        x: Its input with the batch first, `[N, C_in, ...]` or `[N, ..., in]`.
        every: Take one position in so many.
        offset: The first position that is taken, below `every`.

    Returns:
        `[groups, rows, K]`, a copy.
    """
    if isinstance(leaf, nn.Linear):
        return _taken(x.reshape(-1, x.shape[-1]), every, offset, x)[None]
    groups = int(leaf.groups)  # type: ignore[arg-type]  # an attribute of a module, whose kind is known here
    if isinstance(leaf, _TRANSPOSED):
        x = x.flatten(2)
        rows = _gathered(x, _positions(x.shape[2], every, offset)).flatten(0, 1)
        return rows.reshape(len(rows), groups, -1).transpose(0, 1)
    assert isinstance(leaf, _CONVOLUTIONS)
    return _patches(leaf, x, every, offset)


def unfold_output(leaf: nn.Module, y: Tensor, every: int = 1, offset: int = 0) -> Tensor:
    """The rows of a layer's output at the same positions, `[groups, rows, C_out / groups]`.

    Not for transposed convolutions, whose kernels overlap in the output.
    """
    if isinstance(leaf, nn.Linear):
        return _taken(y.reshape(-1, y.shape[-1]), every, offset, y)[None]
    groups = int(leaf.groups)  # type: ignore[arg-type]  # an attribute of a module, whose kind is known here
    places = _positions(math.prod(y.shape[2:]), every, offset)
    rows = _gathered(y.flatten(2), places).flatten(0, 1)  # [N · positions, C_out]
    return rows.reshape(len(rows), groups, -1).transpose(0, 1)


def _taken(rows: Tensor, every: int, offset: int, whole: Tensor) -> Tensor:
    """Every so-manieth row; all of an input that has one row for each sample."""
    return rows if whole.dim() <= 2 else rows[_positions(len(rows), every, offset)]


def _positions(count: int, every: int, offset: int) -> Tensor:
    every = min(every, count)
    return torch.arange(offset % max(every, 1), count, max(every, 1))


def _patches(leaf: nn.Conv1d | nn.Conv2d | nn.Conv3d, x: Tensor, every: int, offset: int) -> Tensor:
    x = _padded(leaf, x)
    taps = _taps(leaf, x.shape[2:], every, offset)  # [positions, kH · kW]
    rows = _gathered(x.flatten(2), taps.flatten())  # [N, positions · kH · kW, C_in]
    count = len(x) * len(taps)
    rows = rows.reshape(count, taps.shape[1], leaf.groups, -1)
    return rows.permute(2, 0, 3, 1).reshape(leaf.groups, count, -1)


def _taps(
    leaf: nn.Conv1d | nn.Conv2d | nn.Conv3d, sizes: torch.Size, every: int, offset: int
) -> Tensor:
    """What the kernel reads at some positions: places in the flattened, padded input."""
    axes = [
        (n, kernel, dilation, stride, (n - (kernel - 1) * dilation - 1) // stride + 1)
        for n, kernel, dilation, stride in zip(
            sizes, leaf.kernel_size, leaf.dilation, leaf.stride, strict=True
        )
    ]
    shape = [axis[-1] for axis in axes]
    places = torch.unravel_index(_positions(math.prod(shape), every, offset), shape)
    found = torch.zeros(len(places[0]), 1, dtype=torch.int64)
    for (n, kernel, dilation, stride, _), place in zip(axes, places, strict=True):
        here = (place * stride)[:, None] + torch.arange(kernel) * dilation  # [positions, kernel]
        found = (found[:, :, None] * n + here[:, None]).flatten(1)
    return found


def _gathered(x: Tensor, places: Tensor) -> Tensor:
    """Some places of `[N, C, places]` as rows of channels, `[N, len(places), C]`."""
    if len(places) * _SPARSE < x.shape[2]:
        return x.index_select(2, places).transpose(1, 2)
    return x.transpose(1, 2).contiguous().index_select(1, places)


def _padded(leaf: nn.Conv1d | nn.Conv2d | nn.Conv3d, x: Tensor) -> Tensor:
    amounts: list[int] = [int(n) for n in leaf._reversed_padding_repeated_twice]
    if not any(amounts):
        return x
    if leaf.padding_mode != "zeros":
        return pad(x, amounts, mode=leaf.padding_mode)
    return pad(x, amounts)
