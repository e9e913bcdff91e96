"""Reductions, arg-reductions and running sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch

from engine.readers.onnx.ops.values import (
    Size,
    absent,
    axes_of,
    axis_of,
    larger,
    number,
    smaller,
    widened,
)
from engine.readers.onnx.table import Call, UnsupportedOp, Value, is_shape, op, tensor

Axes = list[int]


class _Reduction(Protocol):
    def __call__(self, x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor: ...


def _sum(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    return x.sum(axes, keep, dtype=x.dtype)


def _mean(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    if x.is_floating_point():
        return x.mean(axes, keep)
    count = math.prod(x.shape[a] for a in axes)
    return torch.div(_sum(x, axes, keep), count, rounding_mode="trunc").to(x.dtype)


def _prod(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    for axis in sorted(axes, reverse=True):
        x = x.prod(axis, keep, dtype=x.dtype)
    return x


def _log_sum(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    return _as(_sum(x, axes, keep).log(), x)


def _log_sum_exp(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    return _as(torch.logsumexp(x if x.is_floating_point() else x.double(), axes, keep), x)


def _norm(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
    wide = x if x.is_floating_point() else x.double()
    return _as(torch.linalg.vector_norm(wide, 2, axes, keep), x)


def _as(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return y if x.is_floating_point() else y.to(x.dtype)


def _extreme(reduce: Callable[..., torch.Tensor], worst: float) -> _Reduction:
    def apply(x: torch.Tensor, axes: Axes, keep: bool) -> torch.Tensor:
        if not any(isinstance(x.shape[a], int) and x.shape[a] == 0 for a in axes):
            return reduce(widened(x), axes, keep).to(x.dtype)
        empty = _sum(x, axes, keep)  # an empty reduction gives the identity of max or min
        if x.is_floating_point():
            return torch.full_like(empty, worst)
        bounds = torch.iinfo(x.dtype) if x.dtype != torch.bool else None
        if bounds is None:
            return torch.full_like(empty, worst > 0)
        return torch.full_like(empty, bounds.min if worst < 0 else bounds.max)

    return apply


_REDUCTIONS: dict[str, _Reduction] = {
    "ReduceSum": _sum,
    "ReduceMean": _mean,
    "ReduceMax": _extreme(torch.amax, -math.inf),
    "ReduceMin": _extreme(torch.amin, math.inf),
    "ReduceProd": _prod,
    "ReduceL1": lambda x, axes, keep: _sum(x.abs(), axes, keep),
    "ReduceL2": _norm,
    "ReduceLogSum": _log_sum,
    "ReduceLogSumExp": _log_sum_exp,
    "ReduceSumSquare": lambda x, axes, keep: _sum(x * x, axes, keep),
}


def _pairwise(combine: Callable[[Any, Any], Any]) -> Callable[[tuple[Any, ...]], Any]:
    def fold(parts: tuple[Any, ...]) -> Any:
        result = parts[0]
        for part in parts[1:]:
            result = combine(result, part)
        return result

    return fold


_ON_SHAPES: dict[str, Callable[[tuple[Any, ...]], Size]] = {
    "ReduceSum": sum,
    "ReduceProd": math.prod,
    "ReduceMax": _pairwise(larger),
    "ReduceMin": _pairwise(smaller),
}


@op(*_REDUCTIONS)
def reduce(call: Call, x: Value, axes: Value = None) -> Value:
    """A reduction over `axes`: an attribute before opset 18 (ReduceSum: 13), an input since.

    No axes means all of them, or none with `noop_with_empty_axes`.
    """
    given = axes if not absent(axes) else call.get("axes", ())
    keep = bool(call.get("keepdims", 1))
    identity = absent(given) and bool(call.get("noop_with_empty_axes", 0))
    if isinstance(x, tuple) and x and call.op in _ON_SHAPES and not identity:
        result = _ON_SHAPES[call.op](x)
        return (result,) if keep else result
    if is_shape(x) and not isinstance(x, tuple) and call.op in _ON_SHAPES:
        return x
    x = tensor(x)
    if identity:
        return (
            x if call.op in _PLAIN else _REDUCTIONS[call.op](x.unsqueeze(-1), [x.dim()], keep=False)
        )
    chosen = list(range(x.dim())) if absent(given) else axes_of(given, x.dim())
    if x.dim() == 0:
        return _REDUCTIONS[call.op](x.reshape(1), [0], keep=False)
    return _REDUCTIONS[call.op](x, chosen, keep)


_PLAIN = frozenset(("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"))


@op("ArgMax", "ArgMin")
def arg_extreme(call: Call, x: Value) -> torch.Tensor:
    """Where the largest or smallest element is; the first of equals, or the last."""
    x = widened(tensor(x))
    axis = axis_of(call.get("axis", 0), x.dim())
    find = torch.argmax if call.op == "ArgMax" else torch.argmin
    keep = bool(call.get("keepdims", 1))
    if not call.get("select_last_index", 0):
        return find(x, axis, keep)
    return x.shape[axis] - 1 - find(x.flip(axis), axis, keep)


@op("CumSum", "CumProd")
def cumulate(call: Call, x: Value, axis: Value) -> torch.Tensor:
    """Running sum or product along `axis`, `exclusive` of each element and in `reverse`."""
    x = tensor(x)
    dim = axis_of(int(number(axis, "the axis of a running sum")), x.dim())
    if x.dim() == 0:
        raise UnsupportedOp("a running sum needs an axis to run along")
    run = torch.cumsum if call.op == "CumSum" else torch.cumprod
    y = x.flip(dim) if call.get("reverse", 0) else x
    if call.get("exclusive", 0):
        first = torch.full_like(y.narrow(dim, 0, 1), 0 if call.op == "CumSum" else 1)
        y = torch.cat([first, y.narrow(dim, 0, y.shape[dim] - 1)], dim)
    y = run(y, dim, dtype=x.dtype)
    return y.flip(dim) if call.get("reverse", 0) else y
