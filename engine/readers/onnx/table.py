"""The table of ONNX operators, and the values that flow between them.

The converter interprets an ONNX graph inside an `nn.Module` that `torch.export` traces; each node
calls its handler here. Weight-carrying nodes (Conv, Gemm, …) become `nn.Module` leaves instead.

Values are tensors, or, where the graph does shape arithmetic, Python numbers, `SymInt`s and tuples
of them: a shape held in a tensor would make `torch.export` guard on data. Small constants come as
Python values too: int64 and bool of rank 0 (a number) or of rank 1 with at most 64 elements
(a tuple), and float32 of rank 0; inputs that are settings (Resize's scales, Clip's bounds, Pad's
value, …; see `constants.SETTINGS`) come as Python values whatever their type.

A handler returns one value; a node with several outputs a list of them (a tuple of numbers is one
value: a shape).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch

Number = int | float | bool | torch.SymInt
Value = torch.Tensor | Number | tuple[Number, ...] | None
"""What a handler gets and returns. None is an optional input that is absent."""


class UnsupportedOp(Exception):
    """This node cannot be part of a trainable graph; `str(error)` says why, in one sentence."""


@dataclass(frozen=True, slots=True)
class Call:
    """One ONNX node, as its handler sees it.

    Attributes:
        op: Operator type.
        opset: Version of the operator's domain that the model declares.
        name: The node's name, for messages.
        outputs: How many outputs the graph uses (trailing absent ones not counted).
        attributes: Strings decoded, lists as tuples, tensors as `torch.Tensor`, graphs left out.
        domain: Operator domain; empty for the standard one.
        types: ONNX element type of each input, as far as the file says (0 where it does not). A
            Python number has lost its own, and so have types narrower than a byte.
    """

    op: str
    opset: int
    name: str = ""
    outputs: int = 1
    attributes: Mapping[str, Any] = field(default_factory=dict)
    domain: str = ""
    types: tuple[int, ...] = ()

    def type_of(self, slot: int) -> int:
        """The ONNX element type of an input, or 0."""
        return self.types[slot] if slot < len(self.types) else 0

    def get(self, key: str, default: Any = None) -> Any:
        """An attribute, or its default."""
        return self.attributes.get(key, default)


Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)
_HANDLERS: dict[tuple[str, str], Handler] = {}


def op(*names: str, domain: str = "") -> Callable[[F], F]:
    """Register the decorated `handler(call, *inputs)` for these operators."""

    def add(handler: F) -> F:
        for name in names:
            if _HANDLERS.setdefault((domain, name), handler) is not handler:
                raise ValueError(f"{domain}::{name} is registered twice")
        return handler

    return add


def handlers() -> Mapping[tuple[str, str], Handler]:
    """(domain, operator) → handler, for all that have been imported."""
    return dict(_HANDLERS)


def is_shape(value: Value) -> bool:
    """Whether a value is shape arithmetic (a Python number or a tuple of them), not a tensor."""
    return isinstance(value, (bool, int, float, torch.SymInt, torch.SymFloat, tuple))


def ints(value: Value) -> list[Any]:
    """A shape, axes or the like as a list of Python ints or `SymInt`s.

    A constant tensor is read; a tensor that depends on the input is not (its caller would guard on
    data).

    Raises:
        UnsupportedOp: The value depends on the network's input.
    """
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, torch.Tensor):
        try:
            return [int(v) for v in value.reshape(-1).tolist()]
        except Exception as error:
            raise UnsupportedOp("a shape or an axis depends on the input's values") from error
    return [value]


def tensor(
    value: Value, like: torch.Tensor | None = None, dtype: torch.dtype | None = None
) -> torch.Tensor:
    """A value as a tensor; numbers take `dtype`, else ONNX's type (int64, float32, bool)."""
    device = like.device if like is not None else None
    if isinstance(value, torch.Tensor):
        return value if dtype is None else value.to(dtype)
    if isinstance(value, tuple):
        parts: Sequence[Any] = value
        if any(isinstance(v, torch.SymInt) for v in parts):
            stacked = torch.stack([_scalar(v) for v in parts])
            return stacked if dtype is None else stacked.to(dtype)
        return torch.tensor(list(parts), dtype=dtype or _dtype_of(parts), device=device)
    if isinstance(value, torch.SymInt):
        scalar = _scalar(value)
        return scalar if dtype is None else scalar.to(dtype)
    return torch.tensor(value, dtype=dtype or _dtype_of((value,)), device=device)


def _dtype_of(parts: Sequence[Any]) -> torch.dtype:
    if any(isinstance(v, float) for v in parts):
        return torch.float32
    return torch.bool if parts and all(isinstance(v, bool) for v in parts) else torch.int64


def _scalar(value: Any) -> torch.Tensor:
    return torch.scalar_tensor(value, dtype=torch.int64)
