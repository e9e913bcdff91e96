"""Inputs and outputs of a lifted network, with names for the dimensions that may vary."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import fx

from engine.info import Dim, TensorInfo

BATCH = "batch"


def input_infos(module: fx.GraphModule, names: Sequence[str] = ()) -> tuple[TensorInfo, ...]:
    """Name, shape and type of each input, batch axis included."""
    return _infos(module, _placeholders(module), names, "input")


def output_infos(module: fx.GraphModule, names: Sequence[str] = ()) -> tuple[TensorInfo, ...]:
    """Name, shape and type of each output, batch axis included."""
    output = next(node for node in module.graph.nodes if node.op == "output")
    results = output.args[0]
    nodes = list(results) if isinstance(results, (tuple, list)) else [results]
    if not names:
        names = ["output"] if len(nodes) == 1 else [f"output_{i}" for i in range(len(nodes))]
    return _infos(module, nodes, names, "output")


def dimension_names(module: fx.GraphModule) -> dict[str, str]:
    """Symbol → name: `batch` for the first axis of the inputs, `length`-like names for others."""
    found: dict[str, str] = {}
    for node in _placeholders(module):
        for axis, size in enumerate(node.meta["val"].shape):
            if not is_constant(size):
                name = BATCH if axis == 0 else f"{node.name}_{axis}"
                found.setdefault(str(size), name)
    return found


def example_sizes(module: fx.GraphModule) -> dict[str, int]:
    """Name of a dimension that may vary, but the batch → its size in the example.

    Inputs of other sizes may not fit: a window longer than the input, a picture too small.
    """
    names = dimension_names(module)
    found = {}
    for node in _placeholders(module):
        for size in node.meta["val"].shape:
            name = names.get(str(size), BATCH)
            with contextlib.suppress(TypeError, RuntimeError, AttributeError):
                if name != BATCH:  # a program from a file may have forgotten its example
                    found[name] = int(size.node.hint)
    return found


def is_constant(size: int | torch.SymInt) -> bool:
    """Whether a size is a number; a symbol that the tracer found to be one counts as well."""
    return not isinstance(size, torch.SymInt) or bool(size.node.expr.is_number)


def named_shape(shape: Sequence[Any], names: dict[str, str]) -> tuple[Dim, ...]:
    """A shape in which each size that varies is text: `batch`, `2*batch`."""
    return tuple(int(size) if is_constant(size) else _named(str(size), names) for size in shape)


def is_batched(size: Any, names: dict[str, str]) -> bool:
    """Whether a size is the batch or a multiple of it."""
    return not is_constant(size) and BATCH in _named(str(size), names)


def _named(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\b[a-z]+\d+\b", lambda match: names.get(match[0], match[0]), text)


def _placeholders(module: fx.GraphModule) -> list[fx.Node]:
    return [
        node
        for node in module.graph.nodes
        if node.op == "placeholder" and isinstance(node.meta.get("val"), torch.Tensor)
    ]


def _infos(
    module: fx.GraphModule, nodes: Sequence[fx.Node], names: Sequence[str], fallback: str
) -> tuple[TensorInfo, ...]:
    dims = dimension_names(module)
    infos = []
    for index, node in enumerate(nodes):
        name = names[index] if index < len(names) else (node.name or f"{fallback}_{index}")
        value = node.meta["val"]
        dtype = str(value.dtype).removeprefix("torch.")
        infos.append(TensorInfo(name, named_shape(value.shape, dims), dtype))
    return tuple(infos)
