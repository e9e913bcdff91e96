"""Which nodes of a model's graph belong to which layer.

A node is a layer's by its own name (`LayerInfo.name` in files that Espalier wrote,
`LayerInfo.source_name` in others, where a node without a name goes by its first output), or by the
name of a weight that it reads (`layer1.0.conv1.weight` → `layer1.0.conv1`), so that what stands
around an integer weight is its layer's too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

_OWN = ("_dequantized", "_float", "_integers", "_quantized", "_scale", "_zero_point")
"""What our writers append to the names of a weight's own tensors."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node, as a file has it.

    Attributes:
        name: Its name; may be empty.
        op: Its operator.
        weights: Names of the constants that it reads.
        outputs: Names of what it gives.
    """

    name: str
    op: str = ""
    weights: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owners:
    """Nodes and layers, both ways.

    Attributes:
        nodes: Layer → indices of its nodes, the one that computes it first.
        layers: For each node the layer it belongs to, or nothing.
    """

    nodes: Mapping[str, tuple[int, ...]]
    layers: tuple[str, ...]


NOBODY = Owners({}, ())
"""For a graph that is not there yet."""


def find_owners(nodes: Sequence[GraphNode], layers: Mapping[str, str]) -> Owners:
    """Match the nodes of a file with layers.

    Args:
        nodes: In the file's order.
        layers: Layer → its name in the original file, or nothing.
    """
    sources = {source: name for name, source in layers.items() if source}
    found: dict[str, list[int]] = {}
    owners: list[str] = []
    for index, node in enumerate(nodes):
        by_name = _by_name(node, layers, sources)
        owner = by_name or _by_weight(node, layers)
        owners.append(owner)
        if not owner:
            continue
        of_layer = found.setdefault(owner, [])
        if by_name and not (of_layer and _named(nodes[of_layer[0]], layers, sources)):
            of_layer.insert(0, index)
        else:
            of_layer.append(index)
    return Owners({name: tuple(indices) for name, indices in found.items()}, tuple(owners))


def related(name: str, names: Collection[str]) -> tuple[str, ...]:
    """What a layer is called in another form of the network.

    A layer that was replaced by parts is those (`conv` → `conv.v`, `conv.u`), a part is the layer
    that it came from.
    """
    if name in names:
        return (name,)
    parts = tuple(other for other in names if other.startswith(f"{name}."))
    if parts:
        return parts
    while "." in name:
        name = name.rpartition(".")[0]
        if name in names:
            return (name,)
    return ()


def all_related(chosen: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    """`related` for several, each once."""
    found: dict[str, None] = {}
    for name in chosen:
        found.update(dict.fromkeys(related(name, names)))
    return tuple(found)


def _named(node: GraphNode, layers: Mapping[str, str], sources: Mapping[str, str]) -> bool:
    return bool(_by_name(node, layers, sources))


def _by_name(node: GraphNode, layers: Mapping[str, str], sources: Mapping[str, str]) -> str:
    output = node.outputs[0] if node.outputs else ""
    for name in (node.name, output if not node.name else ""):
        if name in sources:
            return sources[name]
        if name and name in layers:
            return name
    return ""


def _by_weight(node: GraphNode, layers: Mapping[str, str]) -> str:
    """The layer whose name one of the weights begins with."""
    for weight in node.weights:
        if weight in layers:
            return weight
        for ending in _OWN:
            weight = weight.removesuffix(ending)
        owner = weight.rpartition(".")[0]
        if owner in layers:
            return owner
    own = node.name if node.name.endswith(_OWN) else ""
    for ending in _OWN:
        own = own.removesuffix(ending)
    owner = own.rpartition(".")[0]
    return owner if owner in layers else ""
