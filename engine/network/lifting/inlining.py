"""Regions that ran under `torch.no_grad`, put back into the main graph."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx

_GRAD_REGION = torch.ops.higher_order.wrap_with_set_grad_enabled


def inline_grad_regions(module: fx.GraphModule) -> fx.Graph:
    """The module's graph with each gradient-switching region in line.

    What came out of a region without gradients is detached, so that gradients stay the same. The
    module itself is not changed.
    """
    if not any(node.target is _GRAD_REGION for node in module.graph.nodes):
        return module.graph
    graph = fx.Graph()
    _copy(module, graph, {})
    return graph


def _copy(
    module: fx.GraphModule, graph: fx.Graph, env: dict[fx.Node, Any], *, region: bool = False
) -> None:
    """Copy nodes into `graph`; those that `env` has already, and a region's output, are not."""
    for node in module.graph.nodes:
        if node in env or (region and node.op == "output"):
            continue
        if node.target is _GRAD_REGION:
            env[node] = _inline(module, graph, node, env)
        elif _is_result(node) and isinstance(env[node.args[0]], tuple):
            env[node] = env[node.args[0]][node.args[1]]
        elif not _names_region(node):
            env[node] = graph.node_copy(node, lambda n: env[n])


def _inline(
    module: fx.GraphModule, graph: fx.Graph, node: fx.Node, env: dict[fx.Node, Any]
) -> tuple[Any, ...]:
    enabled, region, *operands = node.args
    assert isinstance(region, fx.Node)
    inner = module.get_submodule(str(region.target))
    assert isinstance(inner, fx.GraphModule)
    inner_env: dict[fx.Node, Any] = {}
    placeholders = [n for n in inner.graph.nodes if n.op == "placeholder"]
    for placeholder, operand in zip(placeholders, operands, strict=True):
        inner_env[placeholder] = env[operand] if isinstance(operand, fx.Node) else operand
    _copy(inner, graph, inner_env, region=True)
    output = next(n for n in inner.graph.nodes if n.op == "output")
    results = output.args[0]
    results = tuple(results) if isinstance(results, (tuple, list)) else (results,)
    mapped = [inner_env[r] if isinstance(r, fx.Node) else r for r in results]
    return tuple(r if enabled else _detached(graph, r) for r in mapped)


def _detached(graph: fx.Graph, value: Any) -> Any:
    if not isinstance(value, fx.Node) or not isinstance(value.meta.get("val"), torch.Tensor):
        return value
    node = graph.call_function(torch.ops.aten.detach.default, (value,))
    node.meta = dict(value.meta)
    return node


def _is_result(node: fx.Node) -> bool:
    return getattr(node.target, "__name__", "") == "getitem" and isinstance(node.args[0], fx.Node)


def _names_region(node: fx.Node) -> bool:
    """Whether a node only names the graph of a region that is now in line."""
    return node.op == "get_attr" and all(user.target is _GRAD_REGION for user in node.users)
