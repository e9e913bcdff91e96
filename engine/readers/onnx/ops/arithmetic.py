"""Arithmetic, comparison and logic of two or more inputs, also on shapes in Python values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import torch

from engine.readers.onnx.ops.values import WIDE, widened
from engine.readers.onnx.table import Call, UnsupportedOp, Value, is_shape, op, tensor


def _divide(a: Any, b: Any) -> Any:
    if isinstance(a, (float, torch.SymFloat)) or isinstance(b, (float, torch.SymFloat)):
        if isinstance(b, (int, float)) and b == 0:
            return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
        return a / b
    if isinstance(b, int) and b == 0:
        raise UnsupportedOp("an integer is divided by zero")
    if isinstance(a, int) and isinstance(b, int):
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    return a // b


def _integer_power(a: int, b: int) -> int:
    """Modulo 2⁶⁴: the power itself would gladly fill the memory with digits."""
    if b >= 0:
        return pow(a, b, 2**64)
    if a == 0:
        raise UnsupportedOp("an integer is divided by zero")
    return 0 if abs(a) > 1 else pow(a, -b)


def _power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        return _integer_power(a, b)
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return math.inf
    if isinstance(result, complex):
        return math.nan
    if isinstance(a, int) and isinstance(result, float):
        return int(result) if math.isfinite(result) else 0
    return result


_ON_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mul": operator.mul,
    "Div": _divide,
    "Pow": _power,
    "Min": torch.sym_min,
    "Max": torch.sym_max,
    "Sum": operator.add,
    "Equal": lambda a, b: bool(a == b),
    "Greater": lambda a, b: bool(a > b),
    "GreaterOrEqual": lambda a, b: bool(a >= b),
    "Less": lambda a, b: bool(a < b),
    "LessOrEqual": lambda a, b: bool(a <= b),
    "And": lambda a, b: bool(a and b),
    "Or": lambda a, b: bool(a or b),
    "Xor": lambda a, b: bool(a) != bool(b),
}


def _whole(x: torch.Tensor) -> bool:
    return not x.is_floating_point() and not x.is_complex()


def _divide_tensors(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return torch.div(a, b, rounding_mode="trunc" if _whole(a) and _whole(b) else None)


_ON_TENSORS: dict[str, Callable[[Any, Any], torch.Tensor]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Div": _divide_tensors,
    "Sum": torch.add,
    "Equal": torch.eq,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
    "And": torch.logical_and,
    "Or": torch.logical_or,
    "Xor": torch.logical_xor,
}
_SWAPPED = {
    "Greater": "Less",
    "GreaterOrEqual": "LessOrEqual",
    "Less": "Greater",
    "LessOrEqual": "GreaterOrEqual",
}


def _on_wide(apply: Callable[..., Value], a: Value, b: Value) -> Value:
    """An operator on unsigned types that torch lacks kernels for: in int64, and back.

    Values from 2⁶³ on count as negative there.
    """
    wide = next(v.dtype for v in (a, b) if _is_wide(v))  # type: ignore[union-attr]  # a value of the kind that was looked at above
    left, right = (widened(v) if isinstance(v, torch.Tensor) else v for v in (a, b))
    found = apply(left, right)
    whole = isinstance(found, torch.Tensor) and found.dtype is torch.int64
    return found.to(wide) if whole else found  # type: ignore[union-attr]  # a value of the kind that was looked at above


def _is_wide(value: Value) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype in WIDE


def _pair(name: str, a: Value, b: Value) -> Value:
    if is_shape(a) and is_shape(b):
        return _pair_numbers(_ON_NUMBERS[name], a, b)
    if _is_wide(a) or _is_wide(b):
        return _on_wide(lambda x, y: _pair(name, x, y), a, b)
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return _ON_TENSORS[name](a, b)
    if isinstance(a, torch.Tensor):
        return _with_number(name, a, _single(b, a))
    other = tensor(b)
    return _with_number(_SWAPPED.get(name, name), other, _single(a, other), number_first=True)


def _with_number(name: str, x: torch.Tensor, number: Any, *, number_first: bool = False) -> Value:
    """The operator on a tensor and a number, which takes the tensor's type."""
    if isinstance(number, torch.Tensor):
        pair = (number, x) if number_first and name not in _SWAPPED else (x, number)
        return _ON_TENSORS[name](*pair)
    if name in ("And", "Or", "Xor") or (name == "Div" and _whole(x)):
        other = tensor(number, x, x.dtype)
        return _ON_TENSORS[name](*((other, x) if number_first else (x, other)))
    if number_first and name in ("Sub", "Div"):
        return number - x if name == "Sub" else number / x  # type: ignore[no-any-return]  # a tensor and a number give a tensor
    return _ON_TENSORS[name](x, number)


def _single(value: Value, like: torch.Tensor) -> Any:
    """The number in a list of one, which broadcasts as a number does; else a tensor."""
    if not isinstance(value, tuple):
        return value
    return value[0] if len(value) == 1 and like.dim() else tensor(value, like, like.dtype)


def _pair_numbers(apply: Callable[[Any, Any], Any], a: Value, b: Value) -> Value:
    if not isinstance(a, tuple) and not isinstance(b, tuple):
        return _wrapped(apply(a, b))  # type: ignore[no-any-return]  # numbers give a number
    left = list(a) if isinstance(a, tuple) else [a]
    right = list(b) if isinstance(b, tuple) else [b]
    if len(left) != len(right):
        left = left * len(right) if len(left) == 1 else left
        right = right * len(left) if len(right) == 1 else right
    if len(left) != len(right):
        raise UnsupportedOp(f"lists of {len(left)} and {len(right)} numbers do not broadcast")
    return tuple(_wrapped(apply(x, y)) for x, y in zip(left, right, strict=True))


def _wrapped(value: Any) -> Any:
    """Integers wrap as int64 does; without this, a chain of products grows without limit."""
    if type(value) is int and not -(2**63) <= value < 2**63:
        return (value + 2**63) % 2**64 - 2**63
    return value


def _tensors(*values: Value) -> list[torch.Tensor]:
    like = next((v for v in values if isinstance(v, torch.Tensor)), None)
    dtype = like.dtype if like is not None else None
    return [v if isinstance(v, torch.Tensor) else tensor(v, like, dtype) for v in values]


@op("Add", "Sub", "Mul", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual")
def binary(call: Call, a: Value, b: Value) -> Value:
    """Arithmetic or comparison of two inputs; integers divide towards zero."""
    return _pair(call.op, a, b)


@op("And", "Or", "Xor")
def logic(call: Call, a: Value, b: Value) -> Value:
    """Logic of two inputs."""
    return _pair(call.op, a, b)


@op("Not")
def invert(call: Call, x: Value) -> Value:
    """Logical negation."""
    if is_shape(x):
        return tuple(not v for v in x) if isinstance(x, tuple) else not x
    return torch.logical_not(tensor(x))


@op("Pow")
def power(call: Call, a: Value, b: Value) -> Value:
    """`a` to the power of `b`, in the type of `a`."""
    if is_shape(a) and is_shape(b):
        return _pair_numbers(_power, a, b)
    base = tensor(a)
    exponent: Any = tensor(b, like=base) if isinstance(b, (tuple, torch.Tensor)) else b
    return torch.pow(base, exponent).to(base.dtype)


@op("Mod")
def modulo(call: Call, a: Value, b: Value) -> Value:
    """Remainder with the sign of the divisor, or with `fmod` of the dividend."""
    like_dividend = bool(call.get("fmod", 0))
    if is_shape(a) and is_shape(b) and not like_dividend:
        return _pair_numbers(_modulo, a, b)
    x, y = _tensors(a, b)
    remainder = torch.fmod if like_dividend else torch.remainder
    return _on_wide(remainder, x, y) if _is_wide(x) else remainder(x, y)


def _modulo(a: Any, b: Any) -> Any:
    if isinstance(b, (int, float)) and b == 0:
        raise UnsupportedOp("a remainder of a division by zero")
    return a % b


@op("Min", "Max")
def extreme(call: Call, *values: Value) -> Value:
    """The smallest or largest of the inputs, element by element."""
    pick = torch.minimum if call.op == "Min" else torch.maximum

    def pair(a: Value, b: Value) -> Value:
        if is_shape(a) and is_shape(b):
            return _pair_numbers(_ON_NUMBERS[call.op], a, b)
        x, y = _tensors(a, b)
        return _on_wide(pick, x, y) if _is_wide(x) else pick(x, y)

    return reduce(pair, values)


@op("Sum", "Mean")
def total(call: Call, *values: Value) -> Value:
    """The sum or the mean of the inputs, with broadcasting."""
    result = reduce(lambda a, b: _pair("Add", a, b), values)
    if call.op == "Sum":
        return result
    return result / len(values) if is_shape(result) else tensor(result) / len(values)  # type: ignore[operator]  # a value of the kind that was looked at above
