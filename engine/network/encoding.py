"""How the weights of a layer are stored in a file: as integers with scales, or in half precision.

In memory a network's weights are always float values; a quantized layer's lie exactly on the grid
that its encoding describes, so that everything that reads a network (measuring, pruning, training)
works on a quantized one as on any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.units import packed_bytes


@dataclass(frozen=True, slots=True, eq=False)
class WeightEncoding:
    """A grid of integers: weight = (integer - zero_point) * scale.

    The weight is seen as a matrix `[C_out, n]` (see `as_matrix`), whose rows may be divided into
    groups of `group_size` neighbors; the last group may be smaller.

    Attributes:
        bits: 2 to 8, or 16.
        scale: float32 `[C_out or 1, groups or 1]`, positive.
        zero_point: int32, of the same shape; all 0 where `symmetric`.
        symmetric: Integers are signed, from -(2^(bits-1)) + (1 if narrow) to 2^(bits-1) - 1;
            else they are unsigned, from 0 to 2^bits - 1.
        group_size: Neighbors in a row that share a scale; 0: the whole row.
        axis: The weight's axis of output channels: 1 for transposed convolutions, else 0.
        narrow: The lowest integer is not used, so that the grid is symmetric about zero.
    """

    bits: int
    scale: Tensor
    zero_point: Tensor
    symmetric: bool = True
    group_size: int = 0
    axis: int = 0
    narrow: bool = False

    @property
    def quant_min(self) -> int:
        """The lowest integer."""
        return -(1 << (self.bits - 1)) + int(self.narrow) if self.symmetric else 0

    @property
    def quant_max(self) -> int:
        """The highest integer."""
        return (1 << (self.bits - 1)) - 1 if self.symmetric else (1 << self.bits) - 1

    @property
    def widening(self) -> int:
        """What integers are multiplied by for an integer kernel; see `widening`."""
        return widening(self.bits, symmetric=self.symmetric)

    def size_bytes(self, values: int) -> int:
        """Of a weight of so many values in an ONNX file: integers, scales, zero points."""
        points = 0 if self.symmetric else packed_bytes(self.zero_point.numel(), self.bits)
        return packed_bytes(values, self.bits) + 4 * self.scale.numel() + points


@dataclass(frozen=True, slots=True)
class HalfEncoding:
    """Values rounded to half precision: `float16` or `bfloat16`."""

    dtype: str = "float16"

    def size_bytes(self, values: int) -> int:
        """Of a weight of so many values."""
        return 2 * values


Encoding = WeightEncoding | HalfEncoding
_NO_SATURATION = 64
"""Products of two 8-bit inputs with weights up to this can be added in 16 bits."""


def widening(bits: int, *, symmetric: bool) -> int:
    """The power of two that integers are multiplied by in a file, for a kernel for 8 bits.

    There a bias is an integer too, in steps of input scale times weight scale. With few bits these
    are coarse; wider integers have smaller scales, and so do biases.
    """
    largest = 1 << (bits - 1 if symmetric else bits)
    return max(_NO_SATURATION // largest, 1)


def as_matrix(weight: Tensor, axis: int = 0) -> Tensor:
    """A weight as `[C_out, n]`: the output channels first, all else in a row."""
    return weight.movedim(axis, 0).flatten(1)


def from_matrix(matrix: Tensor, like: Tensor, axis: int = 0) -> Tensor:
    """The inverse of `as_matrix` for a weight of the shape of `like`."""
    moved = like.movedim(axis, 0)
    return matrix.reshape(moved.shape).movedim(0, axis)


def spread(values: Tensor, encoding: WeightEncoding, columns: int) -> Tensor:
    """Scales or zero points `[C_out or 1, groups or 1]` for each of a row's `columns`."""
    if values.shape[1] == 1:
        return values
    return values.repeat_interleave(encoding.group_size, dim=1)[:, :columns]


def quantize(weight: Tensor, encoding: WeightEncoding) -> Tensor:
    """The integers of a weight, int32, rounded to nearest (ties to even); of the weight's shape."""
    matrix = as_matrix(weight.detach(), encoding.axis)
    scale = spread(encoding.scale, encoding, matrix.shape[1]).to(matrix.device)
    zero_point = spread(encoding.zero_point, encoding, matrix.shape[1]).to(matrix.device)
    integers = torch.round(matrix / scale) + zero_point
    integers = integers.clamp(encoding.quant_min, encoding.quant_max)
    return from_matrix(integers.to(torch.int32), weight, encoding.axis)


def dequantize(integers: Tensor, encoding: WeightEncoding) -> Tensor:
    """The values that integers stand for, float32, of the same shape."""
    matrix = as_matrix(integers, encoding.axis)
    scale = spread(encoding.scale, encoding, matrix.shape[1]).to(matrix.device)
    zero_point = spread(encoding.zero_point, encoding, matrix.shape[1]).to(matrix.device)
    values = (matrix - zero_point).to(torch.float32) * scale
    return from_matrix(values, integers, encoding.axis)


def is_on_grid(weight: Tensor, encoding: Encoding, tolerance: float = 1e-4) -> bool:
    """Whether a weight still is what its encoding can say, within a part of a step."""
    if isinstance(encoding, HalfEncoding):
        kind = torch.float16 if encoding.dtype == "float16" else torch.bfloat16
        return torch.equal(weight.to(kind).to(weight.dtype), weight)
    matrix = as_matrix(weight.detach(), encoding.axis)
    rows, groups = encoding.scale.shape
    wanted = -(-matrix.shape[1] // encoding.group_size) if encoding.group_size else 1
    if rows not in (1, matrix.shape[0]) or groups not in (1, wanted):
        return False
    steps = spread(encoding.scale, encoding, matrix.shape[1]).to(matrix.device)
    near = as_matrix(dequantize(quantize(weight, encoding), encoding), encoding.axis)
    return bool(((near - matrix).abs() <= tolerance * steps).all())
