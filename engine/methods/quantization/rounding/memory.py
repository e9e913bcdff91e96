"""How many samples fit into memory while gradients are computed."""

from __future__ import annotations

from collections.abc import Iterable

from torch import Tensor, fx

from engine.network.samples import SampleShapes

MOST_BYTES = 1 << 30
"""Of activations that one gradient keeps, and of those that a block is learned from."""
_KEPT = 1.5
"""Copies of each activation that a gradient needs, about: operands, masks, what was rounded."""
_UNKNOWN = 1 << 24


def training_bytes(module: fx.GraphModule, nodes: Iterable[fx.Node]) -> int:
    """Bytes that a gradient through these nodes keeps for each sample, about."""
    shapes = SampleShapes(module)
    found = 0
    for node in nodes:
        if node.op in ("call_module", "call_function", "call_method"):
            size = shapes.count_bytes(node.meta.get("val"))
            found += _UNKNOWN if size is None else size
    return int(found * _KEPT)


def samples_at_once(bytes_each: int, most: int = MOST_BYTES) -> int:
    """How many samples fit."""
    return max(1, most // max(bytes_each, 1))


def batch_is_fixed(module: fx.GraphModule) -> int:
    """The batch that a network works for alone; 0 where it takes any."""
    for node in module.graph.nodes:
        value = node.meta.get("val")
        if node.op == "placeholder" and isinstance(value, Tensor) and value.dim():
            size = value.shape[0]
            return size if isinstance(size, int) else 0
    return 0
