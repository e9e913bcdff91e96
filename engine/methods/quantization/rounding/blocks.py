"""Divides a network into blocks that take one tensor and give one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from torch import Tensor, fx

from engine.surgery.quantizers import is_quantizer


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A part of a graph.

    Attributes:
        nodes: In execution order.
        source: The tensor it takes; None for the first block, which takes the network's inputs.
        result: The tensor it gives; for the last block the graph's output node.
        layers: Names of the chosen layers that are first called here.
    """

    nodes: tuple[fx.Node, ...]
    source: fx.Node | None
    result: fx.Node
    layers: tuple[str, ...]


def split(module: fx.GraphModule, layers: Collection[str]) -> tuple[Block, ...]:
    """Divide a network where a single tensor passes.

    Residual blocks stay whole; a plain network is divided at each chosen layer. What follows a
    block's layers without changing the shape (activations, norms) belongs to the block, so that its
    result is compared as the next layers see it (Li et al. 2021, arXiv:2102.05426, sec. 3.2).

    Args:
        module: With quantizers; no block ends with one, so that a block decides how its own input
            is rounded.
        layers: Those that are quantized.
    """
    nodes = list(module.graph.nodes)
    ends = {node for node in _cuts(nodes) if _leads_with_batch(node, nodes)}
    parts: list[list[fx.Node]] = [[]]
    for node in nodes:
        parts[-1].append(node)
        if node in ends:
            parts.append([])
    return _blocks(_merged(parts, set(layers)), set(layers))


def _cuts(nodes: list[fx.Node]) -> set[fx.Node]:
    """Nodes after which only their own tensor is still needed."""
    position = {node: index for index, node in enumerate(nodes)}
    reach = {node: max((position[u] for u in _readers(node)), default=-1) for node in nodes}
    cuts = set()
    furthest = -1  # of all tensors before the current one
    for index, node in enumerate(nodes):
        if node.op in ("placeholder", "get_attr", "output"):
            continue
        alone = furthest <= index
        if isinstance(node.meta.get("val"), Tensor):
            if alone and reach[node] > index and not is_quantizer(node):
                cuts.add(node)
            furthest = max(furthest, reach[node])
        elif not _is_number(node):  # a tuple: until its parts are taken
            furthest = max(furthest, reach[node])
    return cuts


def _leads_with_batch(node: fx.Node, nodes: list[fx.Node]) -> bool:
    """Whether a tensor's first axis is that of the samples."""
    inputs = (n.meta.get("val") for n in nodes if n.op == "placeholder")
    first = next((v for v in inputs if isinstance(v, Tensor)), None)
    value = node.meta["val"]
    if first is None or not first.dim() or not value.dim():
        return False
    return str(value.shape[0]) == str(first.shape[0])


def _readers(node: fx.Node) -> list[fx.Node]:
    """Who reads a tensor, also through numbers computed from it (sizes)."""
    found: list[fx.Node] = []
    waiting = list(node.users)
    while waiting:
        user = waiting.pop()
        if _is_number(user):
            waiting.extend(user.users)
        found.append(user)
    return found


def _is_number(node: fx.Node) -> bool:
    """Whether a node gives a size or the like, not a tensor."""
    value = node.meta.get("val")
    return (
        node.op == "call_function"
        and value is not None
        and not isinstance(value, (Tensor, tuple, list))
    )


def _merged(parts: list[list[fx.Node]], layers: set[str]) -> list[list[fx.Node]]:
    """Parts without a chosen layer go to the block before if they keep its shape, else behind."""
    merged: list[list[fx.Node]] = []
    waiting: list[fx.Node] = []
    for part in parts:
        if any(_layer(node) in layers for node in part):
            merged.append(waiting + part)
            waiting = []
        elif merged and not waiting and _same_shape(merged[-1][-1], part[-1]):
            merged[-1].extend(part)
        else:
            waiting.extend(part)
    if waiting and merged:
        merged[-1].extend(waiting)
    return merged


def _same_shape(before: fx.Node, after: fx.Node) -> bool:
    first, second = before.meta.get("val"), after.meta.get("val")
    return isinstance(first, Tensor) and isinstance(second, Tensor) and first.shape == second.shape


def _blocks(parts: list[list[fx.Node]], layers: set[str]) -> tuple[Block, ...]:
    seen: set[str] = set()
    blocks = []
    source: fx.Node | None = None
    for part in parts:
        own = dict.fromkeys(
            name for node in part if (name := _layer(node)) in layers and name not in seen
        )
        seen.update(own)
        nodes = (*_helpers(part, source), *part)
        blocks.append(Block(nodes, source, part[-1], tuple(own)))
        source = part[-1]
    return tuple(blocks)


def _helpers(part: list[fx.Node], source: fx.Node | None) -> list[fx.Node]:
    """Constants and sizes from earlier in the graph that a part needs, in execution order."""
    inside = set(part)
    found: dict[fx.Node, None] = {}

    def need(node: fx.Node) -> None:
        for operand in node.all_input_nodes:
            if operand in inside or operand is source or operand.op == "placeholder":
                continue
            if operand not in found:
                need(operand)
                found[operand] = None

    for node in part:
        need(node)
    return list(found)


def _layer(node: fx.Node) -> str:
    return str(node.target) if node.op == "call_module" else ""
