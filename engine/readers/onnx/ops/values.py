"""Reading attribute-like inputs, whichever way the graph carries them."""

from __future__ import annotations

from typing import Any

import onnx
import torch

from engine.readers.onnx.table import Call, Number, UnsupportedOp, Value, ints, tensor

Size = Any
"""A dimension: an int, or a `SymInt` where the batch (or a length) is symbolic."""

WIDE = (torch.uint16, torch.uint32, torch.uint64)
"""Types that torch stores but hardly computes with; handlers go through int64."""


def axis_of(axis: int, rank: int) -> int:
    """A possibly negative axis, counted from the front.

    Raises:
        UnsupportedOp: There is no such axis.
    """
    if not -rank <= axis < max(rank, 1):
        raise UnsupportedOp(f"axis {axis} does not exist in a tensor of rank {rank}")
    return axis + rank if axis < 0 else axis


def axes_of(value: Value, rank: int) -> list[int]:
    """Axes, counted from the front, in the order given."""
    return [axis_of(a, rank) for a in ints(value)]


def absent(value: Value) -> bool:
    """Whether an optional input is missing or, as some exporters write it, empty."""
    if isinstance(value, torch.Tensor):
        return value.dim() == 1 and isinstance(value.shape[0], int) and value.shape[0] == 0
    return value is None or value == ()


def floats(value: Value, what: str) -> list[float]:
    """A constant list of numbers.

    Raises:
        UnsupportedOp: It depends on the network's input; `what` says what it is.
    """
    if isinstance(value, torch.Tensor):
        try:
            return [float(v) for v in value.reshape(-1).tolist()]
        except Exception as error:
            raise UnsupportedOp(f"{what} depends on the input's values") from error
    parts = value if isinstance(value, tuple) else (value,)
    return [float(v) for v in parts if v is not None]


def number(value: Value, what: str, default: float | None = None) -> Any:
    """A constant scalar as a Python number; a missing one is `default`.

    Raises:
        UnsupportedOp: It depends on the network's input; `what` says what it is.
    """
    if value is None:
        return default
    if isinstance(value, torch.Tensor):
        found = value.reshape(-1).tolist()[0]
        if isinstance(found, (torch.SymInt, torch.SymFloat, torch.SymBool)):
            raise UnsupportedOp(f"{what} depends on the input's values")
        return found
    return value[0] if isinstance(value, tuple) else value


def scalar(value: Value) -> Number | torch.Tensor | None:
    """A scalar to compute with: a Python number where it is one, else a tensor of rank 0."""
    if isinstance(value, torch.Tensor):
        return value.reshape(())
    return value[0] if isinstance(value, tuple) else value


def like(value: Value, x: torch.Tensor) -> torch.Tensor:
    """An input as a tensor on `x`'s device; a Python number takes `x`'s type."""
    if isinstance(value, torch.Tensor):
        return value
    return tensor(value, like=x, dtype=x.dtype)


def indices(value: Value, x: torch.Tensor) -> torch.Tensor:
    """An input of indices, lengths or classes, as int64 on `x`'s device."""
    return tensor(value, like=x, dtype=torch.int64)


def optional_like(value: Value, x: torch.Tensor) -> torch.Tensor | None:
    """`like`, or None for an input that is absent."""
    return None if value is None else like(value, x)


def widened(x: torch.Tensor) -> torch.Tensor:
    """`x` in a type that torch computes with."""
    return x.to(torch.int64) if x.dtype in WIDE else x


def larger(a: Size, b: Size) -> Size:
    """The larger of two sizes, without a guard where one is symbolic."""
    return torch.sym_max(a, b)  # type: ignore[no-untyped-call]  # torch has no types there


def smaller(a: Size, b: Size) -> Size:
    """The smaller of two sizes, without a guard where one is symbolic."""
    return torch.sym_min(a, b)  # type: ignore[no-untyped-call]  # torch has no types there


def default_axis(call: Call, *, since: int, before: int, after: int) -> int:
    """An `axis` attribute whose default changed at opset `since`."""
    return int(call.get("axis", after if call.opset >= since else before))


def dtype_of(code: int) -> torch.dtype:
    """The torch type of an ONNX element type (`TensorProto.DataType`).

    Raises:
        UnsupportedOp: Torch has no such type.
    """
    if code not in _DTYPES:
        known = code in onnx.TensorProto.DataType.values()
        name = onnx.TensorProto.DataType.Name(code) if known else str(code)
        raise UnsupportedOp(f"element type {name} cannot be computed with")
    return _DTYPES[code]


_DTYPES = {
    1: torch.float32, 2: torch.uint8, 3: torch.int8, 4: torch.uint16, 5: torch.int16,
    6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64,
    12: torch.uint32, 13: torch.uint64, 14: torch.complex64, 15: torch.complex128,
    16: torch.bfloat16,
}  # fmt: skip
