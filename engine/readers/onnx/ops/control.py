"""Sequences and optional values, which unroll, and what cannot be part of a trainable graph.

`If`, `Loop` and `Scan` carry graphs of their own: the interpreter walks those itself. A sequence is
a Python list, which a handler returns inside the list of its outputs.
"""

from __future__ import annotations

from typing import Any

import torch

from engine.readers.onnx.ops.values import absent, number
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, op, tensor

_REASONS = {
    "NonMaxSuppression": "it chooses boxes by their values, so its output has no fixed size",
    "StringNormalizer": "it works on text",
    "StringConcat": "it works on text",
    "StringSplit": "it works on text",
    "RegexFullMatch": "it works on text",
    "TfIdfVectorizer": "it counts n-grams, which has no gradient",
    "ImageDecoder": "it decodes image files",
    "SequenceMap": "it applies a graph to each element of a sequence",
}


@op(*_REASONS)
def refuse(call: Call, *inputs: Value) -> Value:
    """Say why this cannot run.

    Raises:
        UnsupportedOp: Always.
    """
    raise UnsupportedOp(_REASONS[call.op])


@op("SequenceConstruct")
def sequence_construct(call: Call, *items: Value) -> list[list[Value]]:
    """A sequence of the inputs."""
    return [list(items)]


@op("SequenceEmpty")
def sequence_empty(call: Call) -> list[list[Value]]:
    """A sequence without elements."""
    return [[]]


@op("SequenceInsert")
def sequence_insert(
    call: Call, items: list[Value], item: Value, position: Value = None
) -> list[list[Value]]:
    """The sequence with one more element."""
    at = len(items) if position is None else _position(position, len(items) + 1)
    return [[*items[:at], item, *items[at:]]]


@op("SequenceErase")
def sequence_erase(call: Call, items: list[Value], position: Value = None) -> list[list[Value]]:
    """The sequence without one element; the last by default."""
    at = len(items) - 1 if position is None else _position(position, len(items))
    return [[*items[:at], *items[at + 1 :]]]


@op("SequenceAt")
def sequence_at(call: Call, items: list[Value], position: Value) -> list[Value]:
    """One element."""
    return [items[_position(position, len(items))]]


@op("SequenceLength")
def sequence_length(call: Call, items: list[Value]) -> Value:
    """How many elements there are."""
    return len(items)


@op("SplitToSequence")
def split_to_sequence(call: Call, x: Value, sizes: Value = None) -> list[list[Any]]:
    """Parts of a tensor as a sequence; of length one, without that axis, by default."""
    data = tensor(x)
    axis = int(call.get("axis", 0))
    if absent(sizes):
        parts = list(torch.split(data, 1, axis))
        return [parts if call.get("keepdims", 1) else [p.squeeze(axis) for p in parts]]
    several = isinstance(sizes, tuple) or (isinstance(sizes, torch.Tensor) and sizes.dim() > 0)
    lengths: Any = ints(sizes) if several else number(sizes, "the size")
    return [list(torch.split(data, lengths, axis))]


@op("ConcatFromSequence")
def concat_from_sequence(call: Call, items: list[Value]) -> Value:
    """The elements joined along an axis, or stacked along a new one."""
    join = torch.stack if call.get("new_axis", 0) else torch.cat
    return join([tensor(v) for v in items], int(call.get("axis", 0)))


@op("Optional")
def optional(call: Call, x: Value = None) -> list[Value]:
    """A value that may be absent."""
    return [x]


@op("OptionalHasElement")
def optional_has_element(call: Call, x: Value = None) -> Value:
    """Whether it is there."""
    return x is not None


@op("OptionalGetElement")
def optional_get_element(call: Call, x: Value) -> list[Value]:
    """The value."""
    return [x]


def _position(value: Value, length: int) -> int:
    at = int(number(value, "a position in a sequence"))
    if not -length <= at < length:
        raise UnsupportedOp(f"position {at} is outside a sequence of {length}")
    return at + length if at < 0 else at
