"""What a layer of a pruned network should give, and where its error can still be made up for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import fx

from engine.methods.pruning.matrices import TRANSPOSED, Layer
from engine.network.ancestors import ancestors
from engine.statistics.shortcuts import added_to, norm_after, owners


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What follows a layer.

    Attributes:
        node: Its one call.
        source: What it reads.
        norm: Name of the batch norm that alone reads the layer, if there is one.
        other: What the output (after the norm) is added to, if it is: a shortcut.
        has_bias: The layer has a bias of its own.
    """

    node: fx.Node
    source: fx.Node
    norm: str
    other: fx.Node | None
    has_bias: bool

    @property
    def can_shift(self) -> bool:
        """Whether a constant can be added to each output channel."""
        return self.has_bias or bool(self.norm)


def surroundings_of(module: fx.GraphModule, layer: Layer) -> Surroundings | None:
    """What follows a layer; None for one whose outputs cannot be fitted one by one.

    That is one that is called several times, or whose kernels overlap in the output.
    """
    if len(layer.calls) != 1 or isinstance(layer.leaf, TRANSPOSED):
        return None
    node = layer.calls[0]
    if node.op != "call_module" or len(node.all_input_nodes) != 1:
        return None
    norm = norm_after(module, node, layer.leaf)
    end = norm or node
    bias = getattr(layer.leaf, "bias", None)
    own_bias = bias is not None and owners(module, bias) == 1
    source = node.all_input_nodes[0]
    name = str(norm.target) if norm is not None else ""
    return Surroundings(node, source, name, added_to(end), own_bias)


def in_order(
    module: fx.GraphModule, layers: Sequence[Layer]
) -> list[tuple[Layer, Surroundings | None]]:
    """The layers so that each comes after those that its input and its shortcut depend on.

    Of two layers that meet in one addition, the first makes up for the second's error.
    """
    by_node = {node: layer for layer in layers for node in layer.calls}
    found: dict[Layer, Surroundings | None] = {}
    waiting: set[Layer] = set()  # begun, and not found yet

    def visit(layer: Layer) -> None:
        waiting.add(layer)
        around = surroundings_of(module, layer)
        if around is not None:
            before = ancestors([around.source])
            if around.other is not None:
                beside = ancestors([around.other])
                layers_beside = {by_node[node] for node in beside if node in by_node}
                if waiting & layers_beside:
                    around = Surroundings(
                        around.node, around.source, around.norm, None, around.has_bias
                    )
                else:
                    before |= beside
            for other in layers:
                begun = other in waiting or other in found
                if not begun and before.intersection(other.calls):
                    visit(other)
        found[layer] = around
        waiting.discard(layer)

    for layer in layers:
        if layer not in found:
            visit(layer)
    return list(found.items())
