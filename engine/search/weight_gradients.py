"""Gradients with respect to weights, sample by sample: what they say of one change holds for all.

The gradient of one sample is the sum over positions of g xᵀ, and what a change ΔW does to the
outputs to first order is its product with ΔW. Where a layer has many positions and many settings,
that takes a fraction of running each ΔW at all positions.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_BYTES = 64 << 20
"""Of unfolded inputs that are held at a time."""
_WORTH = 4
"""Fewer positions are run as they are."""


def can_sum(leaf: nn.Module, x: Tensor, gradient: Tensor) -> bool:
    """Whether a layer's gradients can be summed over positions, and it is worth it.

    Args:
        leaf: The layer.
        x: Its input.
        gradient: `[probes, ...]` at its output.
    """
    if gradient.shape[1] != len(x):
        return False
    if isinstance(leaf, nn.Linear):
        return x.dim() > 2 and math.prod(x.shape[1:-1]) >= _WORTH
    if not isinstance(leaf, (nn.Conv1d, nn.Conv2d)) or leaf.groups != 1:
        return False
    if leaf.padding_mode != "zeros" or isinstance(leaf.padding, str):
        return False
    positions = math.prod(gradient.shape[3:])
    rows = 4 * leaf.weight[0].numel() * positions
    return positions >= _WORTH and rows <= _BYTES


def summed(leaf: nn.Module, x: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of each sample with respect to weight and bias.

    Args:
        leaf: One that `can_sum` says yes to.
        x: Its input `[N, ...]`.
        gradient: `[probes, N, ...]` at its output.

    Returns:
        `[N, probes, C_out, K]` in the order of `weight.flatten(1)`, and `[N, probes, C_out]`.
    """
    if isinstance(leaf, nn.Linear):
        rows = x.flatten(1, -2)  # [N, positions, K]
        g = gradient.flatten(2, -2).permute(1, 0, 3, 2)  # [N, probes, C_out, positions]
        return _product(g, rows), g.sum(3)
    conv: Any = leaf
    g = gradient.flatten(3).transpose(0, 1)  # [N, probes, C_out, positions]
    each = max(1, _BYTES // (4 * conv.weight[0].numel() * g.shape[3]))
    parts = [
        _product(some, _patches(conv, inputs).mT)
        for inputs, some in zip(torch.split(x, each), torch.split(g, each), strict=True)
    ]
    return torch.cat(parts), g.sum(3)


def _product(g: Tensor, rows: Tensor) -> Tensor:
    """`[N, probes, C_out, positions]` times `[N, positions, K]`."""
    return (g.flatten(1, 2) @ rows).reshape(*g.shape[:3], -1)


def _patches(conv: Any, x: Tensor) -> Tensor:
    """What the kernel reads, `[N, K, positions]`."""
    if not any(conv.padding) and math.prod(conv.kernel_size) == math.prod(conv.stride) == 1:
        return x.flatten(2)
    found: Tensor
    if isinstance(conv, nn.Conv1d):
        one = tuple((1, *sizes) for sizes in (conv.kernel_size, conv.dilation, conv.stride))
        found = functional.unfold(x[:, :, None], one[0], one[1], (0, *conv.padding), one[2])
    else:
        found = functional.unfold(x, conv.kernel_size, conv.dilation, conv.padding, conv.stride)
    return found
