"""Inputs made up from shapes and types alone, for timing and for comparing two forms of a network.

Numbers are drawn from a normal distribution; whole numbers that index a table are drawn from its
range, so that a language model gets tokens of its vocabulary; masks are all ones.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx_ir as ir
import torch
from torch import fx, nn

from engine.errors import EngineError
from engine.info import Dim, TensorInfo
from engine.measure.onnx_file import parse
from engine.measure.runtime import Array, as_type
from engine.network.network import Network

LARGEST_BYTES = 1 << 32
"""An input above this is a mistake in the file, not a sample."""
_BATCH = re.compile(r"batch|^n$|^b$|^bs$", re.IGNORECASE)
_LENGTH = re.compile(r"seq|time|len|token|word|step|^t$|^s$", re.IGNORECASE)
_IMAGE_SIZE = 224
_SEQUENCE_LENGTH = 32
_OTHER_SIZE = 8
_PASSES_VALUES = {"Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose"}
_FEW_STEPS = 16


def make_inputs(
    inputs: Sequence[TensorInfo],
    batch: int,
    *,
    limits: Mapping[str, int] | None = None,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
) -> list[Array]:
    """One array per input.

    Args:
        inputs: With the batch axis; a fixed batch wins over `batch`.
        batch: Samples.
        limits: Input name → number of rows of the table it indexes (see `index_limits`).
        sizes: Name of a dimension → its size, instead of a guess.
        seed: Of the random numbers.

    Raises:
        EngineError: A type that samples cannot be made for, or an absurd size.
    """
    generator = np.random.default_rng(seed)
    known: dict[str, int] = dict(sizes or {})
    arrays = []
    for info in inputs:
        shape = tuple(_size(info, axis, batch, known) for axis in range(len(info.shape)))
        if math.prod(shape) * 8 > LARGEST_BYTES:
            raise EngineError(
                f"The input {info.name!r} of shape {list(info.shape)} would need "
                f"{math.prod(shape):,} values for {batch} samples",
                hint="Use a smaller batch.",
            )
        arrays.append(_values(info, shape, (limits or {}).get(info.name), generator))
    return arrays


def _size(info: TensorInfo, axis: int, batch: int, known: dict[str, int]) -> int:
    """The size of a dimension; one that may vary gets the same size wherever its name stands."""
    dim: Dim = info.shape[axis]
    if isinstance(dim, int):
        return max(dim, 0)
    if dim not in known:
        known[dim] = batch if axis == 0 or _BATCH.search(dim) else _guess(dim, axis, info)
    return known[dim]


def _guess(dim: str, axis: int, info: TensorInfo) -> int:
    if _LENGTH.search(dim):
        return _SEQUENCE_LENGTH
    if len(info.shape) >= 4 and axis >= 2:
        return _IMAGE_SIZE
    return _SEQUENCE_LENGTH if axis == 1 and np_kind(info) in "iu" else _OTHER_SIZE


def np_kind(info: TensorInfo) -> str:
    """Kind of the input's type as numpy names it (`f`, `i`, …); `?` where numpy has none."""
    try:
        return np.dtype(info.dtype).kind
    except TypeError:
        return "?"


def _values(
    info: TensorInfo, shape: tuple[int, ...], limit: int | None, generator: np.random.Generator
) -> Array:
    kind = np_kind(info)
    if kind == "b" or "mask" in info.name.lower():
        return as_type(np.ones(shape, np.uint8), info)
    if kind in "iu":
        whole = generator.integers(0, limit, shape) if limit else np.zeros(shape, np.int64)
        return as_type(whole, info)
    return as_type(generator.standard_normal(shape, np.float32), info)


def index_limits(model: Network | str | Path) -> dict[str, int]:
    """Input name → rows of the smallest table that this input indexes.

    Raises:
        ModelError: An ONNX file that cannot be parsed.
    """
    pairs = _of_network(model) if isinstance(model, Network) else _of_file(Path(model))
    limits: dict[str, int] = {}
    for name, rows in pairs:
        limits[name] = min(rows, limits.get(name, rows))
    return limits


def _of_file(path: Path) -> Iterator[tuple[str, int]]:
    """Follow each input to the `Gather` nodes that take it as index."""
    graph = parse(path).graph
    for value in graph.inputs:
        front, seen = [value], {value}
        while front:
            at = front.pop()
            for node, slot in at.uses():
                if node.op_type == "Gather" and slot == 1:
                    rows = _gathered_rows(node)
                    if rows:
                        yield value.name or "", rows
                elif node.op_type in _PASSES_VALUES and slot == 0:
                    new = [v for v in node.outputs if v not in seen]
                    seen.update(new)
                    front += new


def _gathered_rows(node: ir.Node) -> int | None:
    table = node.inputs[0]
    if table is None:
        return None
    shape = table.const_value.shape if table.const_value is not None else table.shape
    axis = node.attributes.get("axis")
    at = axis.as_int() if axis is not None else 0
    if shape is None or not -len(shape) <= at < len(shape):
        return None
    rows = shape[at]
    return rows if isinstance(rows, int) else None


def _of_network(network: Network) -> Iterator[tuple[str, int]]:
    """Follow each placeholder to the embeddings that take it."""
    placeholders = [n for n in network.module.graph.nodes if n.op == "placeholder"]
    for info, placeholder in zip(network.inputs, placeholders, strict=False):
        front: list[tuple[fx.Node, int]] = [(placeholder, 0)]
        seen = {placeholder}
        while front:
            at, steps = front.pop()
            for user in at.users:
                rows = _embedding_rows(network.module, user, at)
                if rows:
                    yield info.name, rows
                elif user not in seen and steps < _FEW_STEPS and _is_whole(user):
                    seen.add(user)
                    front.append((user, steps + 1))


def _embedding_rows(module: fx.GraphModule, user: fx.Node, index: fx.Node) -> int | None:
    if user.op == "call_module":
        leaf = module.get_submodule(str(user.target))
        return leaf.num_embeddings if isinstance(leaf, nn.Embedding) else None
    if user.target is torch.ops.aten.embedding.default and user.args[1] is index:
        table = user.args[0]
        value = table.meta.get("val") if isinstance(table, fx.Node) else None
        return int(value.shape[0]) if isinstance(value, torch.Tensor) else None
    return None


def _is_whole(node: fx.Node) -> bool:
    """Whether a node's value may still be the input's whole numbers, only reshaped."""
    value = node.meta.get("val")
    if node.target is operator.getitem or not isinstance(value, torch.Tensor):
        return False
    return not value.dtype.is_floating_point and value.dtype is not torch.bool
