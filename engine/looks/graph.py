"""A network's graph for people: layers, operators, and what leads where."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, fx

from engine.details import GraphDetail, GraphPoint
from engine.info import Dim, LayerKind
from engine.jobs.job import Job
from engine.jobs.looks import GraphLook
from engine.network.leaves import uses
from engine.network.samples import SampleShapes
from engine.opened import open_model

_NOTHING = frozenset(
    {"alias", "clone", "contiguous", "detach", "dropout", "feature_dropout", "alpha_dropout"}
    | {"lift_fresh_copy", "to", "type_as", "_to_copy", "getitem"}
)
"""Operators that change no value; they are not drawn."""


def look_at_graph(request: GraphLook, job: Job) -> GraphDetail:
    """Answer a `GraphLook`."""
    model = open_model(request.model, job)
    job.checkpoint("Drawing the graph")
    return model.fact("graph", lambda: graph_detail(model.network.module))


def graph_detail(module: fx.GraphModule) -> GraphDetail:
    """Nodes and edges of a lifted network, without what works out sizes or changes nothing."""
    shapes = SampleShapes(module)
    layer_of = {node.name: use for use in uses(module) for node in use.nodes}
    points: list[GraphPoint] = []
    edges: dict[tuple[int, int], None] = {}
    ends: dict[fx.Node, tuple[int, ...]] = {}
    for node in module.graph.nodes:
        sources = tuple(dict.fromkeys(i for n in node.all_input_nodes for i in ends.get(n, ())))
        if not _is_drawn(node):
            ends[node] = sources if node.op != "get_attr" else ()
            continue
        use = layer_of.get(node.name)
        label = _label(node) if use is None else _kind(use.kind)
        points.append(GraphPoint(label, "" if use is None else use.name, _shape(node, shapes)))
        here = len(points) - 1
        ends[node] = (here,)
        edges.update(dict.fromkeys((source, here) for source in sources))
    return GraphDetail(tuple(points), tuple(edges))


def _is_drawn(node: fx.Node) -> bool:
    if node.op == "output":
        return True
    value = node.meta.get("val")
    if not isinstance(value, (Tensor, tuple, list)):
        return False  # a size, or what is calculated with sizes
    if node.op == "call_module":
        return not isinstance(_leaf(node), torch.nn.modules.dropout._DropoutNd)
    return node.op != "call_function" or _operator(node) not in _NOTHING


def _leaf(node: fx.Node) -> torch.nn.Module:
    owner = node.graph.owning_module
    assert owner is not None
    return owner.get_submodule(str(node.target))


def _kind(kind: LayerKind) -> str:
    return "parameter" if kind is LayerKind.PARAMETER else kind.value


def _label(node: fx.Node) -> str:
    if node.op == "call_function":
        return _operator(node).rstrip("_")
    if node.op == "call_module":
        return type(_leaf(node)).__name__.lower()
    return {"get_attr": "constant", "output": "output"}.get(node.op, node.name)


def _operator(node: fx.Node) -> str:
    target: Any = node.target
    if isinstance(target, torch._ops.OpOverload):
        return str(target._schema.name.partition("::")[2])
    return str(getattr(target, "__name__", target))


def _shape(node: fx.Node, shapes: SampleShapes) -> tuple[Dim, ...]:
    value: Any = node.meta.get("val")
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    return shapes.without_batch(value) if isinstance(value, Tensor) else ()
