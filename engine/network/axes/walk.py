"""Runs every node of a graph through its rule."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

# Imported for the rules that they register.
from engine.network.axes import contract, elementwise, leaves, select, shape  # noqa: F401
from engine.network.axes.elementwise import is_elementwise
from engine.network.axes.labels import Reason, plain, size_of
from engine.network.axes.trace import RULES, Trace, Value, operation


def walk(module: fx.GraphModule) -> Trace:
    """Record what a whole graph does to its channels."""
    trace = Trace(module)
    shape.find_shuffles(trace)
    for node in module.graph.nodes:
        trace.axes[node] = _followed(trace, node)
    return trace


def _followed(trace: Trace, node: fx.Node) -> Value:
    """What the rule says, if it fits the node's shape; else nothing that goes in can shrink.

    A rule that meets arguments it does not know must not keep a network from opening.
    """
    try:
        value = _step(trace, node)
        if _fits(trace, value, node.meta.get("val")):
            return value
    except Exception:  # noqa: BLE001 - see above; `lost` shows it to the tests
        pass
    trace.lost.append(node.name)
    reason = Reason(f"{trace.where(node)} works on the channels in a way that is not understood.")
    trace.freeze_operands(node, reason)
    return trace.blank(node)


def _fits(trace: Trace, value: Value, expected: Any) -> bool:
    if not isinstance(value, tuple):
        return not isinstance(expected, torch.Tensor)
    sizes = tuple(trace.sizes(size) for size in expected.shape)
    return tuple(size_of(axis) for axis in value) == sizes


def _step(trace: Trace, node: fx.Node) -> Value:
    if node.op == "placeholder":
        return _input(trace, node)
    if node.op == "get_attr":
        return leaves.parameter(trace, node)
    if node.op == "call_module":
        return leaves.leaf(trace, node)
    if node.op == "output":
        reason = Reason("The channels reach the network's output.", 0)
        trace.freeze_operands(node, reason)
        return trace.blank(node)
    if trace.inner.get(node) == ():
        return trace.blank(node)
    return _call(trace, node)


def _input(trace: Trace, node: fx.Node) -> Value:
    """Channels of an input cannot be removed; they are labelled to say so where they end up."""
    value = trace.blank(node)
    tensor = node.meta.get("val")
    if not isinstance(value, tuple) or not isinstance(tensor, torch.Tensor):
        return value
    axes = list(value)
    reason = Reason(f"The channels are tied to the network's input {node.target}.", 1)
    for i in {1, len(axes) - 1} if len(axes) > 1 and tensor.is_floating_point() else ():
        size = tensor.shape[i]
        if isinstance(size, int) and size > 1:
            labels = trace.ledger.new(size)
            trace.ledger.freeze(labels, reason)
            axes[i] = plain(size, labels)
    return tuple(axes)


def _call(trace: Trace, node: fx.Node) -> Value:
    name = operation(node)
    known = RULES.get(name)
    if known is None and is_elementwise(node):
        known = elementwise.elementwise
    if known is not None:
        if name == "getitem" or trace.tensors(node) or name in _MAKERS:
            return known(trace, node)
        return trace.blank(node)
    return _unlisted(trace, node)


def _unlisted(trace: Trace, node: fx.Node) -> Value:
    """Pooling and resizing keep batch and channels and slide over the rest."""
    if _is_pooling(operation(node)):
        source: Any = node.args[0]
        axes = trace.of(source)
        blank: Any = trace.blank(node)
        first = blank[0] if isinstance(blank, list) else blank
        kept = len(axes) - _spatial(operation(node), len(axes))
        trace.freeze_value(axes[kept:], contract.positions(trace, node))
        result = (*axes[:kept], *first[kept:])
        return [result for _ in blank] if isinstance(blank, list) else result
    if trace.labelled(node):
        return shape.unknown(trace, node)
    for operand in node.all_input_nodes:
        if isinstance(trace.axes.get(operand), list):
            return shape.unknown(trace, node)
    return trace.blank(node)


_MAKERS = frozenset(
    ("zeros", "ones", "full", "empty", "new_zeros", "new_ones", "new_full", "new_empty", "rand",
     "randn")
)  # fmt: skip


def _is_pooling(name: str) -> bool:
    return "_pool" in name or name.startswith(("upsample_", "_upsample_", "grid_sampler"))


def _spatial(name: str, rank: int) -> int:
    digits = [c for c in name if c in "123"]
    return min(int(digits[-1]) if digits else rank - 2, rank - 1)
