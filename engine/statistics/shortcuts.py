"""What a layer's output is added to, as in a residual block, and what is missing there.

A layer in front of an addition can make up for what the other operand has lost: its target is the
original's sum, less what the changed network has in the other operand (He et al. 2017,
arXiv:1707.06168, sec. 3.3).
"""

from __future__ import annotations

import torch
from torch import Tensor, fx, nn

from engine.network.ancestors import ancestors

_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_LEAST_FACTOR = 1e-2


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


def norm_after(module: fx.GraphModule, node: fx.Node, leaf: nn.Module) -> fx.Node | None:
    """The batch norm that alone reads a layer, and is used nowhere else."""
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
    if owners(module, norm.running_mean) != 1:
        return None
    return after


def owners(module: fx.GraphModule, tensor: Tensor) -> int:
    """At how many leaves of the graph a tensor is read."""
    found = 0
    for node in module.graph.nodes:
        if node.op == "call_module":
            leaf = module.get_submodule(str(node.target))
            tensors = [*leaf.parameters(), *leaf.buffers()]
            found += any(one is tensor for one in tensors)
    return found


def added_to(node: fx.Node) -> fx.Node | None:
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
