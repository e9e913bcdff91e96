"""Operators that move, view and create tensors, each also on shape arithmetic in Python values."""

from __future__ import annotations

import math
from typing import Any

import torch

from engine.readers.onnx.ops.values import absent, axes_of, axis_of, dtype_of, number
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, is_shape, op, tensor

MAX_TUPLE = 64
"""Longest list that is still shape arithmetic; longer ones are tensors."""

_FAR = 2**31 - 1


@op("Shape")
def shape(call: Call, x: Value) -> Value:
    """The dimensions of a tensor, or of a part of its axes (opset 15)."""
    dims: tuple[Any, ...]
    if isinstance(x, torch.Tensor):
        dims = tuple(x.shape)
    else:
        dims = (len(x),) if isinstance(x, tuple) else ()
    return dims[slice(call.get("start", 0), call.get("end"))]


@op("Size")
def size(call: Call, x: Value) -> Value:
    """The number of elements."""
    return math.prod(shape(call, x))  # type: ignore[arg-type]  # a shape is whole numbers, known or symbols


@op("Constant")
def constant(call: Call) -> Value:
    """A constant, in each of its attribute forms."""
    if "value" in call.attributes:
        return call.get("value")  # type: ignore[no-any-return]  # an attribute's value may be anything; this one is a tensor
    for key, dtype in (("float", torch.float32), ("int", torch.int64)):
        for form in (f"value_{key}", f"value_{key}s"):
            if form in call.attributes:
                return torch.tensor(call.get(form), dtype=dtype)
    raise UnsupportedOp("strings and sparse tensors cannot be computed with")


@op("ConstantOfShape")
def constant_of_shape(call: Call, dims: Value) -> Value:
    """A tensor of one value; a short list of integers stays a tuple."""
    given = call.get("value")
    dtype = given.dtype if isinstance(given, torch.Tensor) else torch.float32
    value: bool | int | float = call.get("fill", 0.0)
    lengths = ints(dims)
    if dtype in (torch.int64, torch.int32, torch.bool) and len(lengths) <= 1:
        if not lengths:
            return value
        if isinstance(lengths[0], int) and 0 <= lengths[0] <= MAX_TUPLE:
            return (value,) * lengths[0]
    return torch.full(lengths, value, dtype=dtype)


@op("Identity")
def identity(call: Call, x: Value) -> Any:
    """The input itself."""
    return [x]


@op("Cast")
def cast(call: Call, x: Value) -> Value:
    """Change of element type; towards zero from float to integer."""
    return _cast(x, dtype_of(int(call.get("to"))))


@op("CastLike")
def cast_like(call: Call, x: Value, like: Value) -> Value:
    """Cast to the element type of the second input."""
    code = call.type_of(1)
    return _cast(x, dtype_of(code) if code else tensor(like).dtype)


def _cast(x: Value, dtype: torch.dtype) -> Value:
    if not is_shape(x):
        return tensor(x).to(dtype)
    parts = x if isinstance(x, tuple) else (x,)
    if any(isinstance(v, float) and not math.isfinite(v) for v in parts):
        return tensor(x).to(dtype)
    convert: Any
    if dtype in (torch.int64, torch.int32):
        convert = torch.sym_int
    elif dtype in (torch.float32, torch.float64):
        convert = torch.sym_float
    elif dtype is torch.bool:
        convert = _truth
    else:
        return tensor(x).to(dtype)
    return tuple(convert(v) for v in x) if isinstance(x, tuple) else convert(x)


def _truth(value: Any) -> bool:
    return bool(value != 0)


@op("Concat")
def concat(call: Call, *parts: Value) -> Value:
    """Join along an axis; lists of numbers join to a list."""
    lists = [v for v in parts if isinstance(v, tuple)]
    if len(lists) == len(parts) and sum(map(len, lists)) <= MAX_TUPLE:
        return tuple(v for part in lists for v in part)
    like = next((v for v in parts if isinstance(v, torch.Tensor)), None)
    dtype = like.dtype if like is not None else None
    tensors = [tensor(v, like=like, dtype=None if v is like else dtype) for v in parts]
    if len(tensors) == 1:
        return tensors[0]
    return torch.cat(tensors, int(call.get("axis", 1)))


@op("Split")
def split(call: Call, x: Value, sizes: Value = None) -> Any:
    """Parts along an axis: of given sizes, or equal ones."""
    axis = int(call.get("axis", 0))
    length = len(x) if isinstance(x, tuple) else tensor(x).shape[axis]
    given = ints(sizes) if sizes is not None else list(call.get("split", ()))
    if not given:
        count = int(call.get("num_outputs", call.outputs))
        each = -(-length // count)
        given = [each] * (count - 1) + [length - each * (count - 1)]
    if isinstance(x, tuple):
        ends = [sum(given[: i + 1]) for i in range(len(given))]
        return [x[end - count : end] for end, count in zip(ends, given, strict=True)]
    return list(torch.split(tensor(x), given, axis))


@op("Slice")
def slice_(
    call: Call,
    x: Value,
    starts: Value = None,
    ends: Value = None,
    axes: Value = None,
    steps: Value = None,
) -> Value:
    """A part of a tensor; attributes before opset 10, inputs since."""
    first = ints(starts if starts is not None else tuple(call.get("starts", ())))
    last = ints(ends if ends is not None else tuple(call.get("ends", ())))
    axes = axes if not absent(axes) else call.get("axes")
    stride = ints(steps) if not absent(steps) else [1] * len(first)
    if isinstance(x, tuple):
        return _slice_list(x, list(zip(first, last, stride, strict=True)))
    data = tensor(x)
    over = axes_of(axes, data.dim()) if axes is not None else list(range(len(first)))
    for start, end, axis, step in zip(first, last, over, stride, strict=True):
        data = _slice_axis(data, axis, start, end, step)
    return data


def _slice_list(x: tuple[Any, ...], parts: list[tuple[Any, Any, Any]]) -> tuple[Any, ...]:
    for start, end, step in parts:
        stop = None if step < 0 and isinstance(end, int) and end < -len(x) else end
        x = x[slice(start, stop, step)]
    return x


def _slice_axis(x: torch.Tensor, axis: int, start: Any, end: Any, step: Any) -> torch.Tensor:
    if not isinstance(step, int) or step == 0:
        raise UnsupportedOp("the step of a slice has to be a constant other than zero")
    if step < 0:
        length = x.shape[axis]
        x, step = x.flip(axis), -step
        start = _mirrored(start, length)
        end = length if isinstance(end, int) and end < -_FAR + 1 else _mirrored(end, length)
    index: list[Any] = [slice(None)] * x.dim()
    stop = None if isinstance(end, int) and end >= _FAR else end
    index[axis] = slice(start, stop, step)
    return x[tuple(index)]


def _mirrored(at: Any, length: Any) -> Any:
    """Where a position is in the reversed axis, kept inside it."""
    if isinstance(at, int) and at >= _FAR:
        return 0
    position = length - 1 - (at if at >= 0 else at + length)
    return max(position, 0)


@op("Squeeze")
def squeeze(call: Call, x: Value, axes: Value = None) -> Value:
    """Drop axes of length one; an attribute before opset 13, an input since."""
    if isinstance(x, tuple) and len(x) == 1:
        return x[0]
    if is_shape(x) and not isinstance(x, tuple):
        return x
    data = tensor(x)
    given = axes if axes is not None else call.get("axes")
    if given is None:
        over = [i for i, d in enumerate(data.shape) if isinstance(d, int) and d == 1]
    else:
        over = axes_of(given, data.dim())
    return data.squeeze(tuple(over)) if over else data


@op("Unsqueeze")
def unsqueeze(call: Call, x: Value, axes: Value = None) -> Value:
    """Insert axes of length one; an attribute before opset 13, an input since."""
    given = ints(axes if axes is not None else tuple(call.get("axes", ())))
    if is_shape(x) and not isinstance(x, tuple) and given in ([0], [-1]):
        return (x,)  # type: ignore[return-value]  # a value of the kind that was looked at above
    data = tensor(x)
    for axis in sorted(axes_of(tuple(given), data.dim() + len(given))):
        data = data.unsqueeze(axis)
    return data


@op("Reshape")
def reshape(call: Call, x: Value, dims: Value = None) -> Value:
    """Another shape for the same elements; 0 keeps a dimension unless `allowzero`."""
    given = ints(dims if dims is not None else tuple(call.get("shape", ())))
    if is_shape(x):
        parts = x if isinstance(x, tuple) else (x,)
        if not given and len(parts) == 1:
            return parts[0]
        if len(given) == 1:
            return tuple(parts)  # type: ignore[arg-type]  # a value of the kind that was looked at above
    data = tensor(x)
    if not call.get("allowzero", 0):
        zeros = [i for i, d in enumerate(given) if isinstance(d, int) and d == 0]
        if any(i >= data.dim() for i in zeros):
            raise UnsupportedOp("a zero in the new shape has no dimension to copy")
        for i in zeros:
            given[i] = data.shape[i]
    return data.reshape(given)


@op("Flatten")
def flatten(call: Call, x: Value) -> Value:
    """Two axes from many."""
    data = tensor(x)
    axis = int(call.get("axis", 1))
    axis = axis + data.dim() if axis < 0 else axis
    if axis == 1 and data.dim() > 1:
        return data.flatten(1)
    return data.reshape(math.prod(data.shape[:axis]), math.prod(data.shape[axis:]))


@op("Transpose")
def transpose(call: Call, x: Value) -> Value:
    """Axes in another order; reversed by default."""
    if is_shape(x):
        return x
    data = tensor(x)
    return data.permute(tuple(call.get("perm") or reversed(range(data.dim()))))


@op("Expand")
def expand(call: Call, x: Value, dims: Value) -> Value:
    """Broadcast to a shape (both ways, as ONNX has it)."""
    target = ints(dims)
    if is_shape(x):
        parts = x if isinstance(x, tuple) else (x,)
        if not isinstance(x, tuple) and not target:
            return x
        if len(parts) == 1 and (len(target) != 1 or not _is_short(target[0])):
            return torch.full(target, parts[0])  # type: ignore[arg-type]  # a value of the kind that was looked at above
        if len(target) == 1 and _is_short(target[0]):
            return parts * target[0] if len(parts) == 1 else parts
    data = tensor(x)
    rank = max(data.dim(), len(target))
    have = [1] * (rank - data.dim()) + list(data.shape)
    want = [1] * (rank - len(target)) + target
    return data.expand([_broadcast(a, b) for a, b in zip(have, want, strict=True)])


def _is_short(length: Any) -> bool:
    return isinstance(length, int) and 0 <= length <= MAX_TUPLE


def _broadcast(have: Any, want: Any) -> Any:
    return want if isinstance(have, int) and have == 1 else have


@op("Tile")
def tile(call: Call, x: Value, repeats: Value) -> Value:
    """Repeat along each axis."""
    times = ints(repeats)
    short = len(times) == 1 and isinstance(times[0], int)
    if isinstance(x, tuple) and short and len(x) * times[0] <= MAX_TUPLE:
        return x * times[0]  # type: ignore[no-any-return]  # a value of the kind that was looked at above
    if is_shape(x) and not isinstance(x, tuple):
        return x
    return tensor(x).repeat(times)


@op("Range")
def range_(call: Call, start: Value, limit: Value, delta: Value) -> Value:
    """Numbers from start to limit; a short list of integers stays a tuple."""
    first, last, step = (number(v, "the range") for v in (start, limit, delta))
    if step == 0:
        raise UnsupportedOp("a range needs a step other than zero")
    declared = call.type_of(0)
    likes = [v.dtype for v in (start, limit, delta) if isinstance(v, torch.Tensor)]
    dtype = dtype_of(declared) if declared else likes[0] if likes else None
    whole = all(isinstance(v, int) for v in (first, last, step))
    if whole and dtype in (None, torch.int64, torch.int32):
        values = range(first, last, step)
        if len(values) <= MAX_TUPLE:
            return tuple(values)
    if dtype is None:
        floating = any(isinstance(v, (float, torch.SymFloat)) for v in (first, last, step))
        dtype = torch.float32 if floating else torch.int64
    return torch.arange(first, last, step, dtype=dtype)


@op("Where")
def where(call: Call, condition: Value, x: Value, y: Value) -> Value:
    """Elements of `x` where the condition holds, else of `y`."""
    values = (condition, x, y)
    if all(is_shape(v) for v in values):
        length = max((len(v) for v in values if isinstance(v, tuple)), default=None)
        if length is None:
            return x if condition else y
        lists = [_stretched(v, length) for v in values]
        return tuple(a if c else b for c, a, b in zip(*lists, strict=True))
    mask = tensor(condition)
    like = next((v for v in (x, y) if isinstance(v, torch.Tensor)), None)
    if like is None and (isinstance(x, tuple) or isinstance(y, tuple)):
        like = tensor(x, mask)
    first, second = (_operand(v, like) for v in (x, y))
    return torch.where(mask, first, second)


def _operand(value: Value, like: torch.Tensor | None) -> Any:
    """A number as it is, which takes the other's type; a list as a tensor."""
    return (
        tensor(value, like, like.dtype) if isinstance(value, tuple) and like is not None else value
    )


def _stretched(value: Value, length: int) -> list[Any]:
    parts = list(value) if isinstance(value, tuple) else [value]
    return parts * length if len(parts) == 1 else parts


@op("Gather")
def gather(call: Call, x: Value, indices: Value) -> Value:
    """Slices of `x` along an axis, by index; from a list of numbers, numbers."""
    if isinstance(x, tuple) and not isinstance(indices, torch.Tensor):
        if isinstance(indices, tuple):
            return tuple(x[i] for i in indices)  # type: ignore[index]  # a value of the kind that was looked at above
        return x[indices]  # type: ignore[index]  # a value of the kind that was looked at above
    data = tensor(x)
    axis = axis_of(int(call.get("axis", 0)), data.dim())
    if isinstance(indices, (int, torch.SymInt)):
        return data.select(axis, indices)
    if isinstance(indices, tuple):
        positions = tuple(i + data.shape[axis] if i < 0 else i for i in ints(indices))
        return data.index_select(axis, tensor(positions, like=data))
    index = tensor(indices)
    index = torch.where(index < 0, index + data.shape[axis], index)
    if index.dim() == 1:
        return data.index_select(axis, index)
    parts = data.index_select(axis, index.reshape(-1))
    return parts.reshape(data.shape[:axis] + index.shape + data.shape[axis + 1 :])
