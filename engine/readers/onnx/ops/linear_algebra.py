"""Convolution and matrix products whose operands may all come from the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.spatial import padded, window
from engine.readers.onnx.ops.values import Size, larger, like, optional_like
from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor

_CONV: dict[int, Callable[..., torch.Tensor]] = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED: dict[int, Callable[..., torch.Tensor]] = {
    1: F.conv_transpose1d,
    2: F.conv_transpose2d,
    3: F.conv_transpose3d,
}


def _spatial_rank(x: torch.Tensor) -> int:
    if x.dim() - 2 not in _CONV:
        raise UnsupportedOp(f"a convolution of a rank {x.dim()} tensor")
    return x.dim() - 2


@op("Conv")
def conv(call: Call, x: Value, weight: Value, bias: Value = None) -> torch.Tensor:
    """Convolution: x `[N, C_in, *spatial]`, weight `[C_out, C_in/group, *kernel]`."""
    x = tensor(x)
    weight, bias = like(weight, x), optional_like(bias, x)
    rank = _spatial_rank(x)
    shape = window(call, x.shape[2:], tuple(weight.shape[2:]))
    pads: tuple[Size, ...] = shape.head
    if not shape.symmetric:
        x, pads = padded(x, shape), (0,) * rank
    return _CONV[rank](x, weight, bias, shape.strides, pads, shape.dilations, call.get("group", 1))


@op("ConvTranspose")
def conv_transpose(call: Call, x: Value, weight: Value, bias: Value = None) -> torch.Tensor:
    """Transposed convolution: weight `[C_in, C_out/group, *kernel]`."""
    x = tensor(x)
    weight, bias = like(weight, x), optional_like(bias, x)
    rank = _spatial_rank(x)
    strides = tuple(call.get("strides") or (1,) * rank)
    dilations = tuple(call.get("dilations") or (1,) * rank)
    more = tuple(call.get("output_padding") or (0,) * rank)
    spans = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilations, strict=True)]
    whole = [
        s * (n - 1) + span for n, s, span in zip(x.shape[2:], strides, spans, strict=True)
    ]  # the output before anything is cut off
    head, tail, more = _cuts(call, x.shape[2:], whole, strides, more)
    apply, group = _TRANSPOSED[rank], call.get("group", 1)
    fits = all(
        h == t and h >= 0 and m < max(s, d)
        for h, t, m, s, d in zip(head, tail, more, strides, dilations, strict=True)
    )
    if fits:
        return apply(x, weight, bias, strides, head, more, group, dilations)
    y = apply(x, weight, None, strides, 0, 0, group, dilations)
    grow = [p for h, t, m in zip(head, tail, more, strict=True) for p in (m - t, -h)]
    y = F.pad(y, list(reversed(grow)))
    return y if bias is None else y + bias.reshape(-1, *[1] * rank)


def _cuts(
    call: Call,
    sizes: tuple[Size, ...],
    whole: list[Size],
    strides: tuple[int, ...],
    more: tuple[int, ...],
) -> tuple[tuple[Size, ...], tuple[Size, ...], tuple[Size, ...]]:
    """How much of the whole output is cut off at each axis' head and tail, and what is added."""
    n, auto = len(whole), call.get("auto_pad", "NOTSET")
    wanted = tuple(call.get("output_shape") or ())[-n:]
    if not wanted and auto in ("NOTSET", "VALID"):
        pads = tuple(call.get("pads") or (0,) * (2 * n)) if auto == "NOTSET" else (0,) * (2 * n)
        return pads[:n], pads[n:], more
    if not wanted:
        wanted = tuple(size * stride for size, stride in zip(sizes, strides, strict=True))
    head, tail, added = [], [], []
    for full, want, extra in zip(whole, wanted, more, strict=True):
        total = larger(full + extra - want, 0)
        less = total // 2
        head.append(less if auto == "SAME_UPPER" else total - less)
        tail.append(total - less if auto == "SAME_UPPER" else less)
        added.append(want - full + total)
    return tuple(head), tuple(tail), tuple(added)


@op("MatMul")
def matmul(call: Call, a: Value, b: Value) -> torch.Tensor:
    """Matrix product as in numpy."""
    left = tensor(a)
    return torch.matmul(left, like(b, left))


@op("Gemm")
def gemm(call: Call, a: Value, b: Value, c: Value = None) -> torch.Tensor:
    """`alpha`·A·B + `beta`·C, with A and B transposed on request."""
    left = tensor(a)
    right = like(b, left)
    left = left.t() if call.get("transA", 0) else left
    right = right.t() if call.get("transB", 0) else right
    y = _scaled(left @ right, call.get("alpha", 1.0))
    if c is None:
        return y
    return y + _scaled(like(c, y), call.get("beta", 1.0))


def _scaled(x: torch.Tensor, factor: Any) -> torch.Tensor:
    return x if factor == 1.0 else (x * factor).to(x.dtype)


@op("Einsum")
def einsum(call: Call, *inputs: Value) -> torch.Tensor:
    """Einstein's summation."""
    equation: str = call.get("equation")
    return torch.einsum(equation.replace(" ", ""), *(tensor(v) for v in inputs))


@op("Det")
def determinant(call: Call, x: Value) -> torch.Tensor:
    """Determinant of each matrix of a batch."""
    y: torch.Tensor = torch.linalg.det(tensor(x))
    return y
