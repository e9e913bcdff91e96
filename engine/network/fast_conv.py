"""Multiplications of a convolution under direct, Winograd and FFT arithmetic.

Only products of two numbers that depend on the input count. Transforms by constants do for the
FFT, whose factors are not simple, and do not for Winograd, whose factors are halves and quarters
or so (Lavin & Gray 2016, count them apart, too). Weights are transformed once, beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from engine.info import Multiplications

_TILES = (2, 4)


def multiplications(
    module: nn.Conv1d | nn.Conv2d | nn.Conv3d, in_shape: Sequence[int], out_shape: Sequence[int]
) -> Multiplications:
    """Multiplications for one sample.

    Args:
        module: The convolution.
        in_shape: Spatial size of the input, `[H, W]`.
        out_shape: Spatial size of the output.
    """
    pairs = module.out_channels * module.in_channels // module.groups
    direct = math.prod(out_shape) * pairs * math.prod(module.kernel_size)
    return Multiplications(
        direct, _winograd(module, out_shape, pairs), _fft(module, in_shape, pairs)
    )


def _winograd(module: nn.Module, out_shape: Sequence[int], pairs: int) -> int | None:
    """F(m×m, 3×3), the better of m = 2 and 4: (m + 2)² products for each tile of m² outputs.

    For 3 × 3 kernels without stride or dilation (Lavin & Gray 2016, arXiv:1509.09308, sec. 4.1).
    """
    usable = (
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (3, 3)
        and module.stride == (1, 1)
        and module.dilation == (1, 1)
    )
    if not usable:
        return None
    return min(
        math.prod(math.ceil(size / m) for size in out_shape) * (m + 2) ** 2 * pairs for m in _TILES
    )


def _fft(
    module: nn.Conv1d | nn.Conv2d | nn.Conv3d, in_shape: Sequence[int], pairs: int
) -> int | None:
    """Transform, multiply spectra, transform back (Mathieu et al. 2014, arXiv:1312.5851, sec. 2).

    The padded input is filled up to powers of two, P values in all. A radix-2 transform of P real
    values takes P · log2 P real multiplications (half of the complex one's P/2 · log2 P products
    of 4), one for each input and output channel; the half spectra's products take 4 each. None for
    a stride, since most of what would be computed is thrown away.
    """
    if any(step != 1 for step in module.stride):
        return None
    padded = [
        1 << (size + extra - 1).bit_length()
        for size, extra in zip(in_shape, _padding(module), strict=True)
    ]
    points = math.prod(padded)
    transforms = (module.in_channels + module.out_channels) * points * int(math.log2(points))
    spectrum = points // padded[-1] * (padded[-1] // 2 + 1)
    return transforms + 4 * spectrum * pairs


def _padding(module: nn.Conv1d | nn.Conv2d | nn.Conv3d) -> list[int]:
    """Values added to each axis, both ends together."""
    if isinstance(module.padding, str):
        if module.padding == "valid":
            return [0] * len(module.kernel_size)
        return [
            step * (size - 1)
            for step, size in zip(module.dilation, module.kernel_size, strict=True)
        ]
    return [2 * size for size in module.padding]
