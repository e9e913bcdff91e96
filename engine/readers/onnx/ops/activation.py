"""Activation functions."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import (
    Size,
    axis_of,
    default_axis,
    larger,
    like,
    scalar,
    smaller,
    widened,
)
from engine.readers.onnx.table import Call, Value, is_shape, op, tensor

_SELU = (1.67326319217681884765625, 1.05070102214813232421875)


@op("Relu")
def relu(call: Call, x: Value) -> torch.Tensor:
    """max(x, 0), of any signed type."""
    return F.relu(tensor(x))


@op("LeakyRelu")
def leaky_relu(call: Call, x: Value) -> torch.Tensor:
    """x, or `alpha`·x below zero."""
    return F.leaky_relu(tensor(x), call.get("alpha", 0.01))


@op("PRelu")
def prelu(call: Call, x: Value, slope: Value) -> torch.Tensor:
    """x, or slope·x below zero; the slope broadcasts to x."""
    x = tensor(x)
    return torch.where(x < 0, x * like(slope, x), x)


@op("ThresholdedRelu")
def thresholded_relu(call: Call, x: Value) -> torch.Tensor:
    """X above `alpha`, else 0."""
    x = tensor(x)
    return torch.where(x > call.get("alpha", 1.0), x, torch.zeros_like(x))


@op("Elu")
def elu(call: Call, x: Value) -> torch.Tensor:
    """x, or `alpha`·(eˣ − 1) below zero."""
    return F.elu(tensor(x), call.get("alpha", 1.0))


@op("Celu")
def celu(call: Call, x: Value) -> torch.Tensor:
    """Continuously differentiable ELU: max(0, x) + min(0, α·(e^(x/α) − 1))."""
    return F.celu(tensor(x), call.get("alpha", 1.0))


@op("Selu")
def selu(call: Call, x: Value) -> torch.Tensor:
    """`gamma` times ELU of `alpha`."""
    alpha, gamma = call.get("alpha", _SELU[0]), call.get("gamma", _SELU[1])
    if math.isclose(alpha, _SELU[0], rel_tol=1e-6) and math.isclose(gamma, _SELU[1], rel_tol=1e-6):
        return F.selu(tensor(x))
    y: torch.Tensor = gamma * F.elu(tensor(x), alpha)
    return y


@op("Gelu")
@op("Gelu", domain="com.microsoft")
def gelu(call: Call, x: Value) -> torch.Tensor:
    """x·Φ(x), exact or by the tanh approximation."""
    return F.gelu(tensor(x), approximate=call.get("approximate", "none"))


@op("Sigmoid")
def sigmoid(call: Call, x: Value) -> torch.Tensor:
    """1 / (1 + e⁻ˣ)."""
    return torch.sigmoid(tensor(x))


@op("Tanh")
def tanh(call: Call, x: Value) -> torch.Tensor:
    """Hyperbolic tangent."""
    return torch.tanh(tensor(x))


@op("HardSigmoid")
def hard_sigmoid(call: Call, x: Value) -> torch.Tensor:
    """`alpha`·x + `beta`, clipped to 0…1."""
    alpha, beta = call.get("alpha", 0.2), call.get("beta", 0.5)
    if math.isclose(alpha, 1 / 6, rel_tol=1e-6) and beta == 0.5:
        return F.hardsigmoid(tensor(x))
    y: torch.Tensor = (tensor(x) * alpha + beta).clamp(0, 1)
    return y


@op("HardSwish")
def hard_swish(call: Call, x: Value) -> torch.Tensor:
    """X times its hard sigmoid (α = 1/6, β = 1/2)."""
    return F.hardswish(tensor(x))


@op("Swish")
def swish(call: Call, x: Value) -> torch.Tensor:
    """x·σ(`alpha`·x)."""
    x, alpha = tensor(x), call.get("alpha", 1.0)
    return F.silu(x) if alpha == 1.0 else x * torch.sigmoid(alpha * x)


@op("Mish")
def mish(call: Call, x: Value) -> torch.Tensor:
    """x·tanh(softplus(x))."""
    return F.mish(tensor(x))


@op("Softplus")
def softplus(call: Call, x: Value) -> torch.Tensor:
    """ln(1 + eˣ)."""
    return F.softplus(tensor(x))


@op("Softsign")
def softsign(call: Call, x: Value) -> torch.Tensor:
    """X / (1 + |x|)."""
    return F.softsign(tensor(x))


@op("Shrink")
def shrink(call: Call, x: Value) -> torch.Tensor:
    """Soft or hard shrinkage: x ± `bias` outside ±`lambd`, 0 within."""
    x = tensor(x)
    bound, bias = call.get("lambd", 0.5), call.get("bias", 0.0)
    zero = torch.zeros_like(x)
    outside = torch.where(x > bound, x - bias, zero)
    return torch.where(x < -bound, x + bias, outside).to(x.dtype)


@op("Clip")
def clip(call: Call, x: Value, low: Value = None, high: Value = None) -> Value:
    """Values kept within bounds: attributes `min` and `max` before opset 11, inputs since."""
    if call.opset < 11:
        low, high = call.get("min", low), call.get("max", high)
    bounds: tuple[Any, Any] = (scalar(low), scalar(high))
    if is_shape(x) and not any(isinstance(b, torch.Tensor) for b in bounds):
        parts = x if isinstance(x, tuple) else (x,)
        kept = tuple(_clip_size(v, *bounds) for v in parts)
        return kept if isinstance(x, tuple) else kept[0]
    x = tensor(x)
    y = widened(x)
    for bound, by_tensor, by_number in (
        (bounds[0], torch.maximum, torch.clamp_min),
        (bounds[1], torch.minimum, torch.clamp_max),
    ):
        if isinstance(bound, torch.Tensor):
            y = by_tensor(y, bound.to(y.dtype))
        elif bound is not None:
            y = by_number(y, bound)
    return y.to(x.dtype)


def _clip_size(value: Size, low: Any, high: Any) -> Size:
    value = value if low is None else larger(value, low)
    return value if high is None else smaller(value, high)


@op("Softmax", "LogSoftmax", "Hardmax")
def softmax(call: Call, x: Value) -> torch.Tensor:
    """Softmax and its kin along `axis`; before opset 13 over all axes from `axis` on."""
    x = tensor(x)
    axis = axis_of(default_axis(call, since=13, before=1, after=-1), x.dim())
    if call.opset >= 13 or axis == x.dim() - 1:
        return _softmax(call.op, x, axis)
    return _softmax(call.op, x.flatten(axis), axis).reshape(x.shape)


def _softmax(name: str, x: torch.Tensor, axis: int) -> torch.Tensor:
    if name == "Softmax":
        return F.softmax(x, dim=axis)
    if name == "LogSoftmax":
        return F.log_softmax(x, dim=axis)
    best = x.argmax(dim=axis, keepdim=True)
    return torch.zeros_like(x).scatter(axis, best, 1.0)


@op("SwiGLU")
def swiglu(call: Call, gate: Value, value: Value) -> torch.Tensor:
    """Swish of the gate times the value."""
    return swish(call, gate) * tensor(value)
