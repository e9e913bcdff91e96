"""Rounding that lets gradients through, with steps that are learned or fixed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function

from engine.network.encoding import (
    HalfEncoding,
    WeightEncoding,
    as_matrix,
    dequantize,
    from_matrix,
    quantize,
    spread,
)

SMALLEST_PART = 1e-3
"""Of its first value: a step never gets smaller."""


class LearnedStep(Function):
    """Rounds to multiples of a learned step, with a fixed zero point.

    Gradients follow LSQ (Esser et al. 2020, arXiv:1902.08153, eq. 1-5).
    With v = x / s + z: x̂ = (clip(round(v)) - z) s. The gradient with regard to x is that of the
    clipping; with regard to s it is round(v) - v within the range, and the bound less z outside.
    """

    @staticmethod
    def forward(  # noqa: PLR0913 - the operands of a quantizer
        ctx: Any,
        x: Tensor,
        scale: Tensor,
        zero_point: Tensor | float,
        low: int,
        high: int,
        gradient_scale: float,
    ) -> Tensor:
        """Round `x`; `scale` and `zero_point` broadcast with it."""
        ctx.save_for_backward(x, scale)
        ctx.grid = (zero_point, low, high, gradient_scale)
        rounded = (x / scale).round_().add_(zero_point).clamp_(low, high)
        return rounded.sub_(zero_point).mul_(scale)

    @staticmethod
    def backward(
        ctx: Any, gradient: Tensor
    ) -> tuple[Tensor | None, Tensor | None, None, None, None, None]:
        """Gradients of `x` and `scale`."""
        x, scale = ctx.saved_tensors
        zero_point, low, high, gradient_scale = ctx.grid
        v = (x / scale).add_(zero_point)
        inside = (v >= low) & (v <= high)
        of_scale = None
        if ctx.needs_input_grad[1]:
            slope = torch.where(inside, v.round() - v, v.clamp(low, high) - zero_point)
            of_scale = slope.mul_(gradient).sum_to_size(scale.shape) * gradient_scale
        return gradient * inside, of_scale, None, None, None, None


class _ToHalf(Function):
    """Rounds to half precision; the gradient passes as it is."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, dtype: torch.dtype) -> Tensor:
        del ctx
        return x.to(dtype).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        del ctx
        return gradient, None


def gradient_scale(values: int, high: int) -> float:
    """LSQ's factor for the gradient of a step that so many values share (sec. 2.2)."""
    return 1 / math.sqrt(max(1, values) * max(1, high))


class WeightQuantizer:
    """The grid of one weight in training: it stays, or its steps are learned.

    Args:
        encoding: The grid to begin with.
        device: Where the weight is.
        learned: Whether steps are trained.
    """

    def __init__(
        self, encoding: WeightEncoding | HalfEncoding, device: torch.device, *, learned: bool
    ) -> None:
        self.encoding = encoding
        self.scale: nn.Parameter | None = None
        if isinstance(encoding, WeightEncoding):
            start = encoding.scale.detach().to(device=device, dtype=torch.float32).clone()
            self.scale = nn.Parameter(start, requires_grad=learned)
            self._zero_point = encoding.zero_point.to(device=device, dtype=torch.float32)
            self._least = start * SMALLEST_PART

    def __call__(self, weight: Tensor) -> Tensor:
        """The weight on its grid, with gradients for it and its steps."""
        if isinstance(self.encoding, HalfEncoding):
            rounded: Tensor = _ToHalf.apply(weight, half_type(self.encoding))  # type: ignore[no-untyped-call]  # torch has no types there
            return rounded
        assert self.scale is not None
        encoding = self.encoding
        matrix = as_matrix(weight, encoding.axis)
        scale = spread(self.scale, encoding, matrix.shape[1])
        zero_point = spread(self._zero_point, encoding, matrix.shape[1])
        share = matrix.numel() // self.scale.numel()
        low, high = encoding.quant_min, encoding.quant_max
        factor = gradient_scale(share, high)
        on_grid: Tensor = LearnedStep.apply(matrix, scale, zero_point, low, high, factor)  # type: ignore[no-untyped-call]  # torch has no types there
        return from_matrix(on_grid, weight, encoding.axis)

    @torch.no_grad()
    def keep_positive(self) -> None:
        """Steps that training has made too small, or negative, are set to the least."""
        if self.scale is not None and self.scale.requires_grad:
            self.scale.copy_(torch.maximum(self.scale, self._least))

    @torch.no_grad()
    def finished(
        self, weight: Tensor, scale: Tensor | None
    ) -> tuple[Tensor, WeightEncoding | HalfEncoding]:
        """A trained weight exactly on its grid, and the grid.

        Args:
            weight: On the CPU.
            scale: Trained steps; None for half precision.
        """
        if isinstance(self.encoding, HalfEncoding):
            return weight.to(half_type(self.encoding)).to(weight.dtype), self.encoding
        encoding = self.encoding
        if scale is not None and self.scale is not None and self.scale.requires_grad:
            encoding = replace(encoding, scale=scale.detach().to("cpu", torch.float32).clone())
        on_grid = dequantize(quantize(weight, encoding), encoding)
        return on_grid.to(weight.dtype), encoding


def half_type(encoding: HalfEncoding) -> torch.dtype:
    """What its values are rounded to."""
    return torch.float16 if encoding.dtype == "float16" else torch.bfloat16


def learned_activation(
    x: Tensor, scale: Tensor, zero_point: int, quant_min: int, quant_max: int
) -> Tensor:
    """Stands in a graph for a fake quantization while its step is learned."""
    features = x.numel() // max(1, x.shape[0] if x.dim() else 1)
    factor = gradient_scale(features, quant_max)
    rounded: Tensor = LearnedStep.apply(x, scale, zero_point, quant_min, quant_max, factor)  # type: ignore[no-untyped-call]  # torch has no types there
    return rounded
