"""Cutting off what follows a network and cannot be trained: choosing boxes, decoding labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import onnx_ir as ir
from onnx_ir.passes import common

from engine.readers.onnx.attributes import graphs_of
from engine.readers.onnx.interpreter import UnsupportedGraph
from engine.readers.onnx.sources import Sources, stored

_SHOWN = 3
_OF_SHAPES = frozenset({"Shape", "Size"})


@dataclass(frozen=True, slots=True)
class _Tail:
    """Nodes that are cut off, and the values that they are fed with."""

    nodes: frozenset[ir.Node]
    fed: tuple[ir.Value, ...]


def cut_tail(model: ir.Model, stopped: UnsupportedGraph) -> str:
    """Cut a network before the node that cannot run, if nothing that follows has weights.

    What the tail is fed with becomes the network's outputs, beside those that do not depend on it.

    Args:
        model: Changed, if it can be cut.
        stopped: Why it cannot run as it is, and where.

    Returns:
        A warning that names what was cut and the new outputs; empty if it cannot be cut.
    """
    graph = model.graph
    start = _node_of(graph, stopped.makes)
    if start is None:
        return ""
    sources = Sources(graph)
    tail = _tail(graph, start, sources)
    if any(sources.parameters(v) for v in _read_by(tail.nodes)):
        return ""
    kept = [v for v in graph.outputs if v.producer() not in tail.nodes]
    outputs = list(dict.fromkeys([*kept, *tail.fed]))
    if not outputs or not _has_weights(outputs, sources):
        return ""
    graph.outputs[:] = outputs
    common.RemoveUnusedNodesPass()(model)
    names = ", ".join(repr(v.name) for v in outputs)
    kinds = sorted({node.op_type for node in tail.nodes})
    listed = ", ".join(kinds[:_SHOWN]) + (" …" if len(kinds) > _SHOWN else "")
    return (
        f"{stopped.message}; it and what follows have no weights and are left out "
        f"({len(tail.nodes)} nodes: {listed}), so the outputs are now {names}."
    )


def _node_of(graph: ir.Graph, name: str) -> ir.Node | None:
    """The node of the main graph that makes a value, itself or in a graph that it carries."""
    for node in graph:
        if name and any(name in _made(inner) for inner in _with_inner(node)):
            return node
    return None


def _made(node: ir.Node) -> list[str]:
    return [v.name for v in node.outputs if v.name]


def _with_inner(node: ir.Node) -> Iterable[ir.Node]:
    yield node
    for graph in graphs_of(node).values():
        yield from graph.all_nodes()


def _read_by(nodes: Iterable[ir.Node]) -> list[ir.Value]:
    inner = [n for node in nodes for n in _with_inner(node)]
    return [v for node in inner for v in node.inputs if v is not None]


def _tail(graph: ir.Graph, start: ir.Node, sources: Sources) -> _Tail:
    """The node and all that depends on it; the graph is sorted."""
    nodes = {start}
    shapes: set[ir.Value] = set()
    for node in graph:
        read = [v for v in _read_by([node]) if not sources.is_static(v)]
        if any(v.producer() in nodes for v in read):
            nodes.add(node)
        elif node.op_type in _OF_SHAPES or (read and all(v in shapes for v in read)):
            shapes.update(node.outputs)
    inner = {v for node in nodes for n in _with_inner(node) for v in n.outputs}
    fed = [
        v
        for node in graph
        if node in nodes
        for v in _read_by([node])
        if v not in inner and v not in shapes and not sources.is_static(v)
        if v.producer() is not None
    ]
    return _Tail(frozenset(nodes), tuple(dict.fromkeys(fed)))


def _has_weights(outputs: list[ir.Value], sources: Sources) -> bool:
    """Whether a weight is left in what makes these values."""
    pending, seen = list(outputs), set[ir.Value]()
    while pending:
        value = pending.pop()
        if value in seen:
            continue
        seen.add(value)
        if stored(value) is not None or sources.is_static(value):
            if sources.parameters(value):
                return True
            continue
        node = value.producer()
        pending += [] if node is None else _read_by([node])
    return False
