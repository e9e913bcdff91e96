"""Peak memory of activations."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from engine.network.samples import SampleShapes

aten = torch.ops.aten
_COPIES_UNLESS_CONTIGUOUS = {
    aten.reshape.default,
    aten.contiguous.default,
    aten.flatten.using_ints,
}
_UNTAGGED = {aten.fake_quantize_per_tensor_affine.default}
"""Pointwise operators that torch does not say are."""
_IN_PLACE_LEAVES = (nn.modules.batchnorm._BatchNorm, nn.PReLU)


def peak_activation_bytes(module: fx.GraphModule) -> int | None:
    """Peak of live activations for one sample, the inputs and outputs included, weights not.

    Nodes run in graph order; a tensor lives from the node that makes it to the last one that
    uses it. Views share their base's memory. A pointwise operator (an activation, a sum) and
    batch norm write over an operand of the same size that nothing uses later, whether or not the
    original was written that way: runtimes do so. What an operator needs inside is not counted.
    None where a size depends on the input's values.
    """
    shapes = SampleShapes(module)
    owner = _owners(module, shapes)
    last_use = _last_uses(module.graph, owner)
    sizes: dict[fx.Node, int] = {}
    ends: dict[int, list[fx.Node]] = {}
    live = peak = 0
    nodes: list[fx.Node] = list(module.graph.nodes)
    for index, node in enumerate(nodes):
        if node.op != "output" and owner.get(node) is node:
            size = shapes.count_bytes(node.meta.get("val"))
            if size is None:
                return None
            sizes[node] = size
            live += sizes[node]
            ends.setdefault(last_use[node], []).append(node)
        peak = max(peak, live)
        live -= sum(sizes[dead] for dead in ends.get(index, ()))
    return peak


def _owners(module: fx.GraphModule, shapes: SampleShapes) -> dict[fx.Node, fx.Node]:
    """For each node that holds activations, the node whose memory it uses."""
    order = {node: index for index, node in enumerate(module.graph.nodes)}
    owner: dict[fx.Node, fx.Node] = {}
    members: dict[fx.Node, list[fx.Node]] = {}
    for node in module.graph.nodes:
        if node.op in ("get_attr", "output"):
            continue
        base = _base(module, node)
        if base is None or base not in owner:
            base = _overwritten(module, node, owner, members, order, shapes)
        root: fx.Node = owner[base] if base is not None else node
        owner[node] = root
        members.setdefault(root, []).append(node)
    return owner


def _base(module: fx.GraphModule, node: fx.Node) -> fx.Node | None:
    """The node that this one is a view of."""
    if not node.args or not isinstance(node.args[0], fx.Node):
        return None
    source = node.args[0]
    if node.op == "call_module":
        # dropout does nothing at run time
        leaf = module.get_submodule(str(node.target))
        return source if isinstance(leaf, nn.modules.dropout._DropoutNd) else None
    target: Any = node.target
    if getattr(target, "__name__", "") == "getitem":
        return source
    if not isinstance(target, torch._ops.OpOverload):
        return None
    if target in _COPIES_UNLESS_CONTIGUOUS and not _is_contiguous(source):
        return None
    returns = target._schema.returns
    return source if returns and returns[0].alias_info is not None else None


def _overwritten(
    module: fx.GraphModule,
    node: fx.Node,
    owner: dict[fx.Node, fx.Node],
    members: dict[fx.Node, list[fx.Node]],
    order: dict[fx.Node, int],
    shapes: SampleShapes,
) -> fx.Node | None:
    """An operand that dies here and whose memory the result can take."""
    if not _is_pointwise(module, node):
        return None
    size = shapes.count_bytes(node.meta.get("val"))
    for operand in node.all_input_nodes:
        root = owner.get(operand)
        if root is None or shapes.count_bytes(root.meta.get("val")) != size:
            continue
        users = [user for member in members[root] for user in member.users]
        if all(order[user] <= order[node] for user in users):
            return operand
    return None


def _is_pointwise(module: fx.GraphModule, node: fx.Node) -> bool:
    if node.op == "call_module":
        return isinstance(module.get_submodule(str(node.target)), _IN_PLACE_LEAVES)
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload):
        return False
    return torch.Tag.pointwise in target.tags or target in _UNTAGGED


def _last_uses(graph: fx.Graph, owner: dict[fx.Node, fx.Node]) -> dict[fx.Node, int]:
    """Index of the last node that uses the memory of each owner."""
    last: dict[fx.Node, int] = {}
    for index, node in enumerate(graph.nodes):
        for used in (node, *node.all_input_nodes):
            if used in owner:
                last[owner[used]] = index
    return last


def _is_contiguous(node: fx.Node) -> bool:
    value = node.meta.get("val")
    return isinstance(value, torch.Tensor) and value.is_contiguous()
