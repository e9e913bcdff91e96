"""Gathering, scattering and sorting by index."""

from __future__ import annotations

import math

import torch

from engine.readers.onnx.ops.values import (
    Size,
    axis_of,
    dtype_of,
    indices,
    like,
    number,
    widened,
)
from engine.readers.onnx.table import Call, Value, op, tensor


def _wrapped(index: torch.Tensor, size: Size) -> torch.Tensor:
    """Negative indices counted from the front."""
    return torch.where(index < 0, index + size, index)


@op("GatherElements")
def gather_elements(call: Call, x: Value, index: Value) -> torch.Tensor:
    """One element of `axis` for each index."""
    x = tensor(x)
    axis = axis_of(call.get("axis", 0), x.dim())
    return torch.gather(x, axis, _wrapped(indices(index, x), x.shape[axis]))


@op("GatherND")
@op("GatherND", domain="com.microsoft")
def gather_nd(call: Call, x: Value, index: Value) -> torch.Tensor:
    """Slices of x, one per row of indices, after `batch_dims` common axes."""
    x = tensor(x)
    index = indices(index, x)
    batch, depth = call.get("batch_dims", 0), index.shape[-1]
    flat, place = _flattened(x, index, batch, int(depth))
    rows = place.reshape(-1)
    return flat.index_select(0, rows).reshape([*index.shape[:-1], *x.shape[batch + depth :]])


def _flattened(
    x: torch.Tensor, index: torch.Tensor, batch: int, depth: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """X as `[rows, *slice]` and, for each index row, which of those rows it means."""
    sizes = x.shape[batch : batch + depth]
    place = torch.zeros_like(index[..., 0])
    for part, size in enumerate(sizes):
        place = place * size + _wrapped(index[..., part], size)
    for axis in range(batch):  # the batch axes count rows as well
        inner = math.prod(x.shape[axis + 1 : batch + depth])
        counter = torch.arange(x.shape[axis], device=x.device) * inner
        place = place + counter.reshape([-1] + [1] * (place.dim() - 1 - axis))
    rows = math.prod(x.shape[: batch + depth])
    return x.reshape([rows, *x.shape[batch + depth :]]), place


_REDUCE = {"add": "sum", "mul": "prod", "max": "amax", "min": "amin"}


@op("ScatterElements", "Scatter")
def scatter_elements(call: Call, x: Value, index: Value, updates: Value) -> torch.Tensor:
    """A copy of x with elements along `axis` replaced by, or reduced with, the updates."""
    x = tensor(x)
    axis = axis_of(call.get("axis", 0), x.dim())
    place = _wrapped(indices(index, x), x.shape[axis])
    new, how = like(updates, x).to(x.dtype), call.get("reduction", "none")
    if how == "none":
        return x.scatter(axis, place, new)
    return x.scatter_reduce(axis, place, new, _REDUCE[how], include_self=True)


@op("ScatterND")
def scatter_nd(call: Call, x: Value, index: Value, updates: Value) -> torch.Tensor:
    """A copy of x with slices replaced by, or reduced with, the updates."""
    x = tensor(x)
    index, how = indices(index, x), call.get("reduction", "none")
    depth = int(index.shape[-1])
    flat, place = _flattened(x, index, 0, depth)
    rows, width = place.reshape(-1, 1), math.prod(flat.shape[1:])
    flat = flat.reshape(flat.shape[0], width)
    new = like(updates, x).to(x.dtype).reshape(-1, width)
    spread = rows.expand(-1, width)
    if how == "none":
        return flat.scatter(0, spread, new).reshape(x.shape)
    return flat.scatter_reduce(0, spread, new, _REDUCE[how], include_self=True).reshape(x.shape)


@op("TensorScatter")
def tensor_scatter(call: Call, cache: Value, update: Value, write: Value = None) -> torch.Tensor:
    """A copy of a cache with a run of `axis` overwritten, from each sample's write index on."""
    cache = tensor(cache)
    update = like(update, cache)
    axis = axis_of(call.get("axis", -2), cache.dim())
    place = torch.arange(update.shape[axis], device=cache.device)
    shape = [1] * cache.dim()
    if write is not None:
        place = indices(write, cache)[:, None] + place  # [batch, run]
        shape[0] = cache.shape[0]
    shape[axis] = update.shape[axis]
    if call.get("mode", "linear") == "circular":
        place = place % cache.shape[axis]
    return cache.scatter(axis, place.reshape(shape).expand(update.shape), update)


@op("TopK")
def top_k(call: Call, x: Value, k: Value = None) -> tuple[torch.Tensor, torch.Tensor]:
    """The k largest or smallest along `axis`, and their indices; of equals the first."""
    x = tensor(x)
    axis = axis_of(call.get("axis", -1), x.dim())
    count = number(k, "the number of elements of TopK", call.get("k"))
    wide = widened(x)
    order = torch.argsort(wide, dim=axis, descending=bool(call.get("largest", 1)), stable=True)
    index = order.narrow(axis, 0, count)
    return torch.gather(wide, axis, index).to(x.dtype), index


@op("OneHot")
def one_hot(call: Call, index: Value, depth: Value, values: Value) -> torch.Tensor:
    """Vectors that are `values[1]` at the index and `values[0]` elsewhere."""
    index = tensor(index, dtype=torch.int64)
    size, values = number(depth, "the depth of OneHot"), tensor(values)
    size = int(size) if isinstance(size, float) else size
    axis = axis_of(call.get("axis", -1), index.dim() + 1)
    whole = _wrapped(index, size).unsqueeze(axis)
    steps = [1] * (index.dim() + 1)
    steps[axis] = size
    hot = whole == torch.arange(size, device=index.device).reshape(steps)
    return torch.where(hot, values[1], values[0])


@op("NonZero")
def non_zero(call: Call, x: Value) -> torch.Tensor:
    """The indices of all elements that are not zero: `[rank, count]`."""
    x = tensor(x)
    return torch.nonzero(x.reshape(1) if x.dim() == 0 else x).t()


@op("Compress")
def compress(call: Call, x: Value, condition: Value) -> torch.Tensor:
    """The slices of `axis` (or of the flattened input) whose condition holds."""
    x, axis = tensor(x), call.get("axis")
    kept = torch.nonzero(tensor(condition, like=x)).reshape(-1)
    if axis is None:
        return x.reshape(-1).index_select(0, kept)
    return x.index_select(axis_of(axis, x.dim()), kept)


@op("Unique")
def unique(call: Call, x: Value) -> tuple[torch.Tensor, ...] | torch.Tensor:
    """The distinct elements (or slices of `axis`), first places, inverse and counts."""
    x, axis = tensor(x), call.get("axis")
    if axis is None:
        x, axis = x.reshape(-1), 0
    found = _distinct(x, axis_of(axis, x.dim()), bool(call.get("sorted", 1)))
    return found[: call.outputs] if call.outputs > 1 else found[0]


@op("Unique", domain="com.microsoft")
def unique_in_order(call: Call, x: Value) -> tuple[torch.Tensor, ...] | torch.Tensor:
    """The distinct elements as they come, the inverse and the counts."""
    values, _, inverse, counts = _distinct(tensor(x), 0, ascending=False)
    return (values, inverse, counts)[: call.outputs] if call.outputs > 1 else values


def _distinct(x: torch.Tensor, axis: int, ascending: bool) -> tuple[torch.Tensor, ...]:
    values, inverse, counts = torch.unique(
        x, sorted=True, return_inverse=True, return_counts=True, dim=axis
    )
    place = torch.arange(inverse.shape[0], device=x.device)
    first = torch.full_like(counts, inverse.shape[0]).scatter_reduce(0, inverse, place, "amin")
    if ascending:
        return values, first, inverse, counts
    order = torch.argsort(first)
    inverse = torch.argsort(order)[inverse]
    return values.index_select(axis, order), first[order], inverse, counts[order]


@op("ReverseSequence")
def reverse_sequence(call: Call, x: Value, lengths: Value) -> torch.Tensor:
    """The first `lengths[b]` time steps of each sample, backwards."""
    x = tensor(x)
    batch, time = call.get("batch_axis", 1), call.get("time_axis", 0)
    step = torch.arange(x.shape[time], device=x.device)
    length = indices(lengths, x)[:, None]
    place = torch.where(step < length, length - 1 - step, step)  # [batch, time]
    place = place if batch < time else place.t()
    shape: list[Size] = [1] * x.dim()
    shape[batch], shape[time] = x.shape[batch], x.shape[time]
    return torch.gather(x, time, place.reshape(shape).expand(x.shape))


@op("Trilu")
@op("Trilu", domain="com.microsoft")
def trilu(call: Call, x: Value, k: Value = None) -> torch.Tensor:
    """The upper or lower triangle, from diagonal `k` on."""
    x = tensor(x)
    diagonal = int(number(k, "the diagonal of Trilu", 0))
    return torch.triu(x, diagonal) if call.get("upper", 1) else torch.tril(x, diagonal)


@op("EyeLike")
def eye_like(call: Call, x: Value) -> torch.Tensor:
    """Ones on diagonal `k` of a matrix of the input's shape."""
    x, code = tensor(x), call.get("dtype")
    rows = torch.arange(x.shape[0], device=x.device)[:, None]
    columns = torch.arange(x.shape[1], device=x.device)
    diagonal = torch.eq(columns - rows, call.get("k", 0))
    return diagonal.to(x.dtype if code is None else dtype_of(code))
