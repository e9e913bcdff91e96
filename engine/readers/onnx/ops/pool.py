"""Pooling."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.spatial import Window, padded, window, windows
from engine.readers.onnx.ops.values import Size, indices
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, op, tensor

_MAX: dict[int, Callable[..., Any]] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEAN: dict[int, Callable[..., torch.Tensor]] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def _window(call: Call, x: torch.Tensor) -> Window:
    kernel = tuple(call.get("kernel_shape", ()))
    if len(kernel) not in _MAX or x.dim() != len(kernel) + 2:
        raise UnsupportedOp(f"pooling over {len(kernel)} axes of a rank {x.dim()} tensor")
    return window(call, x.shape[2:], kernel)


def _torch_can(shape: Window) -> bool:
    """Whether torch's pooling has this padding: symmetric, and at most half a window."""
    return shape.symmetric and all(
        2 * p <= k for p, k in zip(shape.head, shape.kernel, strict=True)
    )


@op("MaxPool")
def max_pool(call: Call, x: Value) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """The largest of each window and, on request, its index in the flattened input."""
    x = tensor(x)
    wide = x if x.is_floating_point() else x.float()  # 8-bit types: exact, and torch has kernels
    shape = _window(call, x)
    fits = _torch_can(shape)
    pads, apply = shape.head, _MAX[len(shape.kernel)]
    if not fits:
        wide, pads = padded(wide, shape, -math.inf), (0,) * len(shape.kernel)
    common = (wide, shape.kernel, shape.strides, pads, shape.dilations)
    if call.outputs < 2:
        return _as(apply(*common), x)
    y, index = apply(*common, return_indices=True)
    inner = wide.shape[2:]
    shift = shape.head if pads != shape.head else (0,) * len(pads)
    return _as(y, x), _flat_index(index, x, inner, shift, bool(call.get("storage_order", 0)))


def _as(y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    return y if y.dtype == x.dtype else y.to(x.dtype)


def _flat_index(
    index: torch.Tensor,
    x: torch.Tensor,
    padded_sizes: tuple[Size, ...],
    shift: tuple[Size, ...],
    column_major: bool,
) -> torch.Tensor:
    """Torch's index within one padded channel → ONNX's within the whole tensor."""
    sizes = x.shape[2:]
    where: list[torch.Tensor] = []
    for size, offset in zip(reversed(padded_sizes), reversed(shift), strict=True):
        where.insert(0, index % size - offset)
        index = index // size
    order = range(len(sizes)) if not column_major else reversed(range(len(sizes)))
    flat = torch.zeros_like(index)
    for axis in order:
        flat = flat * sizes[axis] + where[axis]
    planes = torch.arange(x.shape[0] * x.shape[1], device=x.device) * math.prod(sizes)
    return flat + planes.reshape(x.shape[0], x.shape[1], *[1] * len(sizes))


@op("AveragePool")
def average_pool(call: Call, x: Value) -> torch.Tensor:
    """The mean of each window, of the padding as well if `count_include_pad`."""
    x = tensor(x)
    shape, include = _window(call, x), bool(call.get("count_include_pad", 0))
    apply, dilated = _MEAN[len(shape.kernel)], any(d != 1 for d in shape.dilations)
    if _torch_can(shape) and not dilated:
        return apply(x, shape.kernel, shape.strides, shape.head, count_include_pad=include)
    data = padded(x, shape)
    if dilated:
        total = windows(data, shape).sum(list(range(-len(shape.kernel), 0)))
    else:
        total = apply(data, shape.kernel, shape.strides) * math.prod(shape.kernel)
    return total / _counts(x, shape, include)


def _counts(x: torch.Tensor, shape: Window, include: bool) -> torch.Tensor:
    """How many elements each window averages: a tensor that broadcasts over `[N, C]`."""
    count, n = x.new_ones(()), len(shape.kernel)
    for axis in range(n):
        size, head, tail = x.shape[2 + axis], shape.head[axis], shape.tail[axis]
        kernel, stride, dilation = shape.kernel[axis], shape.strides[axis], shape.dilations[axis]
        end = size + head + tail + shape.extra[axis]
        number = (end - ((kernel - 1) * dilation + 1)) // stride + 1
        first = torch.arange(number, device=x.device)[:, None] * stride
        place = first + torch.arange(kernel, device=x.device) * dilation
        low, high = (0, size + head + tail) if include else (head, head + size)
        inside = ((place >= low) & (place < high)).sum(1).to(x.dtype)
        count = count * inside.reshape(-1, *[1] * (n - 1 - axis))
    return count


@op("LpPool")
def lp_pool(call: Call, x: Value) -> torch.Tensor:
    """The p-norm of each window."""
    x = tensor(x)
    shape = _window(call, x)
    parts = windows(padded(x, shape), shape)
    y: torch.Tensor = torch.linalg.vector_norm(
        parts, call.get("p", 2), list(range(-len(shape.kernel), 0))
    )
    return y


@op("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(call: Call, x: Value) -> torch.Tensor:
    """The mean, maximum or p-norm over all spatial axes, which stay as ones."""
    x = tensor(x)
    axes = list(range(2, x.dim()))
    if not axes:
        return x
    if call.op == "GlobalAveragePool":
        return x.mean(axes, keepdim=True)
    if call.op == "GlobalMaxPool":
        return x.amax(axes, keepdim=True)
    y: torch.Tensor = torch.linalg.vector_norm(x, call.get("p", 2), axes, keepdim=True)
    return y


@op("MaxUnpool")
def max_unpool(call: Call, x: Value, index: Value, output_shape: Value = None) -> torch.Tensor:
    """Each value back to where `MaxPool` found it, zeros elsewhere."""
    x = tensor(x)
    index = indices(index, x)
    kernel = tuple(call.get("kernel_shape"))
    n = len(kernel)
    strides = tuple(call.get("strides") or (1,) * n)
    pads = tuple(call.get("pads") or (0,) * (2 * n))
    sizes = [
        (size - 1) * strides[i] - pads[i] - pads[n + i] + kernel[i]
        for i, size in enumerate(x.shape[2:])
    ]
    shape = [*x.shape[:2], *sizes]
    flat = x.new_zeros(math.prod(shape)).scatter(0, index.reshape(-1), x.reshape(-1))
    y = flat.reshape(shape)
    if output_shape is None:
        return y
    wanted = ints(output_shape)[2:]
    grow = [p for have, want in zip(sizes, wanted, strict=True) for p in (want - have, 0)]
    return F.pad(y, list(reversed(grow)))


@op("MaxRoiPool")
def max_roi_pool(call: Call, x: Value, rois: Value) -> torch.Tensor:
    """Max pooling of regions into a fixed grid (Girshick 2015, Fast R-CNN).

    Args:
        call: Attributes `pooled_shape`, `spatial_scale`.
        x: `[N, C, H, W]`.
        rois: `[R, 5]`: batch index and corners, in input pixels.

    Returns:
        `[R, C, *pooled_shape]`; empty bins are 0.
    """
    x, rois = tensor(x), tensor(rois)
    picked = x.index_select(0, rois[:, 0].to(torch.int64))  # [R, C, H, W]
    corners = (rois[:, 1:] * call.get("spatial_scale", 1.0)).round()
    rows, columns = call.get("pooled_shape")
    inside_h = _bins(corners[:, 1], corners[:, 3], rows, x.shape[2])  # [R, rows, H]
    inside_w = _bins(corners[:, 0], corners[:, 2], columns, x.shape[3])  # [R, columns, W]
    low = picked.new_full((), -math.inf)
    best = torch.where(inside_h[:, None, :, :, None], picked[:, :, None], low).amax(3)
    best = torch.where(inside_w[:, None, None], best[:, :, :, None], low).amax(4)
    return torch.where(torch.isinf(best), torch.zeros_like(best), best)


def _bins(first: torch.Tensor, last: torch.Tensor, bins: int, size: Size) -> torch.Tensor:
    """Which of `size` positions each bin covers: `[R, bins, size]`, boolean."""
    step = (last - first + 1).clamp(min=1)[:, None] / bins
    number = torch.arange(bins, device=first.device)
    low = (number * step).floor() + first[:, None]
    high = ((number + 1) * step).ceil() + first[:, None]
    place = torch.arange(size, device=first.device)
    return (place >= low[..., None]) & (place < high[..., None])
