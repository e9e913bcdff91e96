"""Operators that treat each element alone: one-argument mathematics and bits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

from engine.readers.onnx.ops.values import dtype_of, like, widened
from engine.readers.onnx.table import Call, Value, is_shape, op, tensor

_FUNCTIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "Acos": torch.acos,
    "Acosh": torch.acosh,
    "Asin": torch.asin,
    "Asinh": torch.asinh,
    "Atan": torch.atan,
    "Atanh": torch.atanh,
    "Ceil": torch.ceil,
    "Cos": torch.cos,
    "Cosh": torch.cosh,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Floor": torch.floor,
    "IsNaN": torch.isnan,
    "Log": torch.log,
    "Reciprocal": torch.reciprocal,
    "Round": torch.round,  # half to even, as ONNX asks
    "Sin": torch.sin,
    "Sinh": torch.sinh,
    "Sqrt": torch.sqrt,
    "Tan": torch.tan,
}


def _whole(value: Any) -> Any:
    """ONNX's Floor and Ceil stay floats."""
    return torch.sym_float(value)  # type: ignore[no-untyped-call]  # torch has no types there


_ON_SHAPES: dict[str, Callable[[Any], Any]] = {
    "Ceil": lambda v: _whole(math.ceil(v)),
    "Floor": lambda v: _whole(math.floor(v)),
    "Sqrt": torch.sym_sqrt,
    "Abs": abs,
    "Neg": lambda v: -v,
    "Sign": lambda v: (v > 0) - (v < 0),
    "Reciprocal": lambda v: 1.0 / v,
}


def _on_shape(name: str, x: Value) -> Value:
    """The operator on shape arithmetic, which stays Python numbers."""
    apply = _ON_SHAPES[name]
    return tuple(apply(v) for v in x) if isinstance(x, tuple) else apply(x)


@op(*_FUNCTIONS)
def unary(call: Call, x: Value) -> Value:
    """A function of one argument."""
    if is_shape(x) and call.op in _ON_SHAPES and not _has_bad_argument(call.op, x):
        return _on_shape(call.op, x)
    return _FUNCTIONS[call.op](tensor(x))


def _has_bad_argument(name: str, x: Value) -> bool:
    """Whether Python would raise where ONNX gives an infinity or a NaN."""
    parts = [v for v in (x if isinstance(x, tuple) else (x,)) if isinstance(v, (int, float))]
    if name == "Sqrt":
        return any(v < 0 for v in parts)
    if name == "Reciprocal":
        return any(v == 0 for v in parts)
    return any(not math.isfinite(v) for v in parts)


@op("Abs", "Neg", "Sign")
def signed(call: Call, x: Value) -> Value:
    """|x|, −x and sign(x), which ONNX defines for every numeric type."""
    if is_shape(x):
        return _on_shape(call.op, x)
    x = tensor(x)
    if call.op == "Abs":
        return torch.abs(x) if x.is_floating_point() or x.is_signed() else x
    if call.op == "Neg":
        return torch.neg(x)
    return torch.sign(widened(x)).to(x.dtype)


@op("IsInf")
def is_inf(call: Call, x: Value) -> torch.Tensor:
    """Whether each element is +∞ (`detect_positive`) or −∞ (`detect_negative`)."""
    x = tensor(x)
    up, down = bool(call.get("detect_positive", 1)), bool(call.get("detect_negative", 1))
    if up and down:
        return torch.isinf(x)
    if up:
        return torch.isposinf(x)
    return torch.isneginf(x) if down else torch.zeros_like(x, dtype=torch.bool)


_BITWISE = {
    "BitwiseAnd": torch.bitwise_and,
    "BitwiseOr": torch.bitwise_or,
    "BitwiseXor": torch.bitwise_xor,
}


@op(*_BITWISE)
def bitwise(call: Call, a: Value, b: Value) -> torch.Tensor:
    """Bit by bit, with broadcasting."""
    left = tensor(a)
    right = like(b, left)
    return _BITWISE[call.op](widened(left), widened(right)).to(left.dtype)


@op("BitwiseNot")
def bitwise_not(call: Call, x: Value) -> torch.Tensor:
    """Every bit inverted."""
    x = tensor(x)
    return torch.bitwise_not(widened(x)).to(x.dtype)


_BITS = {
    torch.uint8: 8,
    torch.int8: 8,
    torch.uint16: 16,
    torch.int16: 16,
    torch.uint32: 32,
    torch.int32: 32,
}


@op("BitShift")
def bit_shift(call: Call, x: Value, amount: Value) -> torch.Tensor:
    """Shift by `direction`: logical if unsigned, arithmetic if signed.

    A shift by the type's width or more, or by a negative amount, shifts everything out.
    """
    x = tensor(x)
    bits, wide = _BITS.get(x.dtype, 64), x.to(torch.int64)
    by = like(amount, x).to(torch.int64)
    gone, inside = (by < 0) | (by >= bits), by.clamp(0, bits - 1)
    if call.get("direction") == "LEFT":
        shifted = torch.bitwise_left_shift(wide, inside)
        shifted = torch.where(gone, torch.zeros_like(shifted), shifted)
    else:
        shifted = torch.bitwise_right_shift(wide, inside)
        empty = torch.zeros_like(shifted)
        if x.dtype.is_signed:
            empty = torch.where(wide < 0, -1, empty)
        elif x.dtype == torch.uint64:  # int64's shift copies the sign bit: mask it off
            keep = torch.bitwise_left_shift(torch.ones_like(inside), (64 - inside).clamp(max=63))
            shifted = torch.where(inside > 0, torch.bitwise_and(shifted, keep - 1), wide)
        shifted = torch.where(gone, empty, shifted)
    if not x.dtype.is_signed and bits < 64:
        shifted = torch.bitwise_and(shifted, (1 << bits) - 1)
    return shifted.to(x.dtype)


@op("BitCast")
def bit_cast(call: Call, x: Value) -> torch.Tensor:
    """The same bits, read as another type of the same width."""
    return tensor(x).view(dtype_of(call.get("to")))
