"""Grids whose integers and step sizes are learned by gradient descent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from engine.network.encoding import (
    WeightEncoding,
    as_matrix,
    dequantize,
    from_matrix,
    spread,
)

_RANGE = 1.4
"""Step sizes stay within a factor e^1.4 ≈ 4 of where they began."""


_INSIDE = 0.4
"""How far a weight may begin from the integer it is rounded to, in units: half is the border."""


class _RoundStraightThrough(torch.autograd.Function):
    """Round and clamp; the gradient passes where the value is not clamped.

    Bengio et al. 2013, arXiv:1308.3432, sec. 4.
    """

    @staticmethod
    def forward(ctx: Any, units: Tensor, low: int, high: int) -> Tensor:
        ctx.save_for_backward((units >= low - 0.5) & (units <= high + 0.5))
        return units.round().clamp_(low, high)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        (inside,) = ctx.saved_tensors
        return grads[0] * inside, None, None


class _FakeQuantize(torch.autograd.Function):
    """Fake quantization with a gradient for the scale: what rounding, or clamping, changes by it.

    Esser et al. 2020, arXiv:1902.08153, sec. 2.1.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, zero_point: int, low: int, high: int) -> Tensor:
        rounded, inside = torch.ops.aten.fake_quantize_per_tensor_affine_cachemask(
            x, float(scale.detach()), zero_point, low, high
        )
        ctx.save_for_backward(x, rounded, inside, scale)
        return rounded  # type: ignore[no-any-return]  # autograd functions are untyped

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        x, rounded, inside, scale = ctx.saved_tensors
        passed = grads[0] * inside
        change = (grads[0] * rounded).sum() - (passed * x).sum()
        return passed, (change / scale).reshape(scale.shape), None, None, None


def rounded(units: Tensor, low: int, high: int) -> Tensor:
    """Integers from `low` to `high`, with the gradient of the units they come from."""
    found: Tensor = _RoundStraightThrough.apply(units, low, high)  # type: ignore[no-untyped-call]  # torch has no types there
    return found


class LearnedWeight:
    """A weight in units of its step size, rounded in each forward pass.

    Attributes:
        bits: Of the grid.
        units: `[C_out, n]`, weight / scale + zero point: a parameter.
        stretch: Like the encoding's scale: the logarithm of how much it has grown; a parameter.
    """

    def __init__(
        self, weight: Tensor, integers: Tensor, encoding: WeightEncoding, *, keep_zeros: bool
    ) -> None:
        self._like = weight.detach()
        self._encoding = encoding
        self.bits = encoding.bits
        matrix = as_matrix(self._like, encoding.axis).float()
        device = matrix.device
        self._columns = matrix.shape[1]
        self._scale = encoding.scale.to(device)
        self._zero = spread(encoding.zero_point, encoding, self._columns).to(device)
        self._kept = (matrix != 0) if keep_zeros else None
        units = matrix / spread(self._scale, encoding, self._columns) + self._zero
        begun = as_matrix(integers, encoding.axis).to(device, torch.float32)
        self.units = torch.clamp(units, begun - _INSIDE, begun + _INSIDE).requires_grad_()
        self.stretch = torch.zeros_like(self._scale).requires_grad_()

    def value(self) -> Tensor:
        """The rounded weight, with a gradient for units and step sizes."""
        encoding = self._encoding
        integers = rounded(self.units, encoding.quant_min, encoding.quant_max)
        matrix = (integers - self._zero) * spread(self._grown(), encoding, self._columns)
        if self._kept is not None:
            matrix = matrix * self._kept
        return from_matrix(matrix.to(self._like.dtype), self._like, encoding.axis)

    @torch.no_grad()
    def clamp(self) -> None:
        """Keep units where they still get a gradient, and step sizes near where they began."""
        limits = self._encoding.quant_min - 0.5, self._encoding.quant_max + 0.5
        self.units.clamp_(*limits)
        self.stretch.clamp_(-_RANGE, _RANGE)

    @torch.no_grad()
    def finished(self) -> tuple[Tensor, WeightEncoding]:
        """The weight exactly on its final grid, and that grid; on the CPU."""
        encoding = replace(self._encoding, scale=self._grown().cpu())
        integers = self.units.round().clamp(encoding.quant_min, encoding.quant_max)
        if self._kept is not None:
            integers = torch.where(self._kept, integers, self._zero.to(integers.dtype))
        shaped = from_matrix(integers.to(torch.int32), self._like, encoding.axis)
        return dequantize(shaped.cpu(), encoding).to(self._like.dtype), encoding

    def _grown(self) -> Tensor:
        return self._scale * self.stretch.exp()


class LearnedBias:
    """A bias that moves.

    Attributes:
        shift: `[C_out]`, by how much, in norms of a row of the layer's weight; a parameter.
    """

    def __init__(self, bias: Tensor, weight: Tensor, axis: int) -> None:
        self._bias = bias.detach()
        norm = as_matrix(weight.detach(), axis).float().norm(dim=1).mean()
        self._unit = norm.clamp_min(1e-12).to(bias.dtype)
        self.shift = torch.zeros_like(self._bias).requires_grad_()

    def value(self) -> Tensor:
        """The moved bias."""
        moved: Tensor = self._bias + self.shift * self._unit
        return moved

    def clamp(self) -> None:
        """A bias may go anywhere."""


class LearnedQuantizer:
    """A quantizer of activations whose step size is learned.

    Attributes:
        bits: Of its integers.
        stretch: The logarithm of how much the step size has grown: a parameter.
    """

    def __init__(self, arguments: tuple[Any, ...], device: torch.device) -> None:
        scale, self._zero_point, self._low, self._high = arguments
        self.bits = int(self._high - self._low).bit_length()
        self._scale = torch.tensor(float(scale), device=device)
        self.stretch = torch.zeros((), device=device).requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        """Round an activation."""
        scale = self._scale * self.stretch.exp()
        found: Tensor = _FakeQuantize.apply(  # type: ignore[no-untyped-call]  # torch has no types there
            x, scale, self._zero_point, self._low, self._high
        )
        return found

    @torch.no_grad()
    def clamp(self) -> None:
        """Keep the step size near where it began."""
        self.stretch.clamp_(-_RANGE, _RANGE)

    @torch.no_grad()
    def finished(self) -> float:
        """The step size, a float32 number."""
        return float(self._scale * self.stretch.exp())
