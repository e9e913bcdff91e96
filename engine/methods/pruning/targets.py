"""What a layer of a pruned network should give, and where its error can still be made up for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from engine.methods.pruning.matrices import TRANSPOSED, Layer
from engine.methods.pruning.side_by_side import ancestors

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_LEAST_FACTOR = 1e-2


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
    norm = _norm_after(module, node, layer.leaf)
    end = norm or node
    bias = getattr(layer.leaf, "bias", None)
    own_bias = bias is not None and _owners(module, bias) == 1
    source = node.all_input_nodes[0]
    name = str(norm.target) if norm is not None else ""
    return Surroundings(node, source, name, _added_to(end), own_bias)


def norm_scale(module: fx.GraphModule, name: str) -> Tensor:
    """What a batch norm multiplies each channel with, `[C]`."""
    norm = module.get_submodule(name)
    assert isinstance(norm, _NORMS)
    assert norm.running_var is not None
    scale = torch.rsqrt(norm.running_var.detach() + norm.eps)
    return scale if norm.weight is None else scale * norm.weight.detach()


def wanted_output(
    reference: Tensor, other: tuple[Tensor, Tensor] | None, scale: Tensor | None
) -> Tensor:
    """What the layer gave in the reference, and besides what is missing in the shortcut.

    Args:
        reference: Output of the layer.
        other: The shortcut in the reference and in the changed network.
        scale: Of the norm between layer and addition, `[C]`, channels being axis 1.
    """
    if other is None or other[0] is other[1]:
        return reference
    missing = other[0] - other[1]
    if scale is not None:
        # a channel that the norm all but switches off cannot make up for anything
        floor = _LEAST_FACTOR * scale.abs().max()
        usable = scale.abs() > floor
        factor = torch.where(usable, 1 / torch.where(usable, scale, 1.0), 0.0)
        missing = missing * factor.reshape(-1, *[1] * (missing.dim() - 2))
    return reference + missing


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


def _norm_after(module: fx.GraphModule, node: fx.Node, leaf: nn.Module) -> fx.Node | None:
    if len(node.users) != 1:
        return None
    after = next(iter(node.users))
    if after.op != "call_module" or sum(n.target == after.target for n in module.graph.nodes) != 1:
        return None
    norm = module.get_submodule(str(after.target))
    if not isinstance(norm, _NORMS) or norm.running_mean is None:
        return None
    if isinstance(leaf, nn.Linear) and node.meta["val"].dim() != 2:
        return None
    if _owners(module, norm.running_mean) != 1:
        return None
    return after


def _owners(module: fx.GraphModule, tensor: Tensor) -> int:
    """At how many leaves of the graph a tensor is read."""
    found = 0
    for node in module.graph.nodes:
        if node.op == "call_module":
            leaf = module.get_submodule(str(node.target))
            tensors = [*leaf.parameters(), *leaf.buffers()]
            found += any(one is tensor for one in tensors)
    return found


def _added_to(node: fx.Node) -> fx.Node | None:
    """The other operand of an addition that alone reads a node."""
    if len(node.users) != 1:
        return None
    after = next(iter(node.users))
    if after.target is not torch.ops.aten.add.Tensor or after.kwargs.get("alpha", 1) != 1:
        return None
    others = [operand for operand in after.args[:2] if operand is not node]
    if len(others) != 1 or not isinstance(others[0], fx.Node):
        return None
    own, other = node.meta["val"], others[0].meta["val"]
    if own.shape != other.shape or node in ancestors([others[0]]):
        return None
    return others[0]
