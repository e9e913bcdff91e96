"""Silences channels without removing them: what a pruned network must agree with.

A channel is silenced where it is summed over: its column of the next layer's weights is zero, its
term of a product or sum is masked, and a norm over channels takes mean and variance over the
others. What the channel itself holds no longer matters. This is exact for batch norm, biases and
any activation, also for those that do not map zero to zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from engine.network.axes.labels import Axes, Mask
from engine.network.axes.trace import Contraction, Normalized, Role, argument, operation
from engine.network.groups import GroupAnalysis
from engine.network.network import Network
from engine.surgery.copy import as_kind_of, copy_network, free_name, replace_tensors, tensor_at
from engine.surgery.slice import Removal, kept_labels, propagate


def zero_channels(network: Network, analysis: GroupAnalysis, remove: Removal) -> Network:
    """A network of the same shapes in which the given units contribute nothing.

    Takes and raises what `remove_channels` does; the input is not changed.
    """
    kept = kept_labels(analysis, remove)
    result = copy_network(network)
    module = result.module
    nodes = {node.name: node for node in module.graph.nodes}
    _zero_columns(module, analysis, kept)
    for contraction in analysis.contractions:
        if not kept[contraction.labels].all():
            _mask_operand(module, nodes, contraction, kept)
    for norm in analysis.normalized:
        mask = _mask_of(norm.axes, kept)
        if not mask.all():
            _mask_norm(module, nodes, norm, mask)
    module.graph.eliminate_dead_code()
    module.graph.lint()
    module.recompile()
    propagate(result)
    return result


def masked_layer_norm(
    x: Tensor, mask: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    """Layer norm with mean and variance over the positions where `mask` is one.

    Args:
        x: `[..., *mask.shape]`.
        mask: Ones and zeros, over the normalized axes.
        weight: Like mask.
        bias: Like mask.
        eps: Added to the variance.
    """
    dims = list(range(x.dim() - mask.dim(), x.dim()))
    count = mask.sum()
    mean = (x * mask).sum(dims, keepdim=True) / count
    variance = ((x - mean).square() * mask).sum(dims, keepdim=True) / count
    return _scaled((x - mean) * torch.rsqrt(variance + eps), weight, bias)


def masked_rms_norm(
    x: Tensor, mask: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    """RMS norm with the mean square over the positions where `mask` is one; see above."""
    dims = list(range(x.dim() - mask.dim(), x.dim()))
    square = (x.square() * mask).sum(dims, keepdim=True) / mask.sum()
    return _scaled(x * torch.rsqrt(square + eps), weight, bias)


def masked_group_norm(
    x: Tensor, mask: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float, groups: int
) -> Tensor:
    """Group norm with mean and variance over the channels where `mask` `[C]` is one."""
    grouped = x.reshape(x.shape[0], groups, x.shape[1] // groups, -1)  # [N, G, C / G, positions]
    weights = mask.reshape(1, groups, -1, 1)
    count = weights.sum(2, keepdim=True) * grouped.shape[-1]
    mean = (grouped * weights).sum((2, 3), keepdim=True) / count
    centered = grouped - mean
    variance = (centered.square() * weights).sum((2, 3), keepdim=True) / count
    normal = (centered * torch.rsqrt(variance + eps)).reshape(x.shape)
    return _scaled(normal, *_beside_channels(x, weight, bias))


def masked_instance_norm(
    x: Tensor, mask: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float
) -> Tensor:
    """Instance norm over the positions where `mask` is one: channels that lie on that axis."""
    normal = masked_layer_norm(x, mask, None, None, eps)
    return _scaled(normal, *_beside_channels(x, weight, bias))


def _beside_channels(x: Tensor, *tensors: Tensor | None) -> tuple[Tensor | None, ...]:
    shape = (1, -1, *[1] * (x.dim() - 2))
    return tuple(None if t is None else t.reshape(shape) for t in tensors)


def _scaled(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _zero_columns(module: nn.Module, analysis: GroupAnalysis, kept: Mask) -> None:
    """Zero what layers multiply silenced channels with; tied tensors stay one tensor."""
    old: dict[int, Tensor] = {}
    values: dict[int, Tensor] = {}
    for slot in analysis.slots:
        mask = kept[slot.labels]
        if slot.role is Role.IN and not mask.all():
            tensor = tensor_at(module, slot.path)
            shape = [-1 if i == slot.axis else 1 for i in range(tensor.dim())]
            factor = torch.from_numpy(mask).to(tensor.device, tensor.dtype).reshape(shape)
            old[id(tensor)] = tensor
            values[id(tensor)] = values.get(id(tensor), tensor.detach()) * factor
    replace_tensors(module, {key: as_kind_of(old[key], values[key]) for key in old})


def _constant(module: fx.GraphModule, before: fx.Node, name: str, value: Tensor) -> fx.Node:
    name = free_name(module, name)
    module.register_buffer(name, value)
    with module.graph.inserting_before(before):
        return module.graph.get_attr(name)


def _mask_operand(
    module: fx.GraphModule, nodes: dict[str, fx.Node], contraction: Contraction, kept: Mask
) -> None:
    """Multiply an operand of a sum by ones and zeros; a mean divides by the ones alone."""
    node, operand = nodes[contraction.node], nodes[contraction.operand]
    like = operand.meta["val"]
    mask = torch.from_numpy(kept[contraction.labels]).to(like.device, like.dtype)
    if contraction.mean:
        mask = mask * (mask.numel() / mask.sum())
    shape = [-1 if i == contraction.axis else 1 for i in range(like.dim())]
    name = f"{node.name}_mask{contraction.axis}"
    constant = _constant(module, node, name, mask.reshape(shape))
    with module.graph.inserting_before(node):
        masked = module.graph.call_function(torch.ops.aten.mul.Tensor, (operand, constant))
        masked.meta = dict(operand.meta)
    node.replace_input_with(operand, masked)


def _mask_of(axes: Axes, kept: Mask) -> Mask:
    """Which positions of the normalized axes stay: `[size of each axis]`."""
    result = np.ones((), dtype=np.bool_)
    shape = []
    for axis in axes:
        size = 1
        for factor in axis:
            labels = factor.labels
            part = np.ones(factor.size, bool) if labels is None else kept[labels]
            result = np.logical_and.outer(result, part)
            size *= factor.size
        shape.append(size)
    return result.reshape(shape)


def _mask_norm(
    module: fx.GraphModule, nodes: dict[str, fx.Node], norm: Normalized, mask: Mask
) -> None:
    """Put a norm over the remaining channels in the place of a norm over all."""
    calls = [n for n in nodes.values() if n.op == "call_module" and n.target == norm.where]
    for node in calls or [nodes[norm.where]]:
        layer: Any = module.get_submodule(norm.where) if calls else None
        source: Any = node.args[0]
        like = source.meta["val"]
        values = torch.from_numpy(mask).to(like.device, like.dtype)
        constant = _constant(module, node, f"{node.name}_mask", values)
        function, operands = _masked_call(module, node, layer)
        with module.graph.inserting_before(node):
            read = [
                module.graph.get_attr(f"{node.target}.{o}") if isinstance(o, str) else o
                for o in operands[:2]
            ]
            arguments = (source, constant, *read, *operands[2:])
            call = module.graph.call_function(function, arguments)
            call.meta = dict(node.meta)
        node.replace_all_uses_with(call)
        module.graph.erase_node(node)


def _masked_call(module: fx.GraphModule, node: fx.Node, layer: Any) -> tuple[Any, list[Any]]:
    """The function that takes a norm's place, with weight, bias, eps and the like."""
    if layer is None and operation(node) == "group_norm":
        return masked_group_norm, [None, None, argument(node, 4, "eps", 1e-5), node.args[1]]
    if layer is None and operation(node) == "instance_norm":
        return masked_instance_norm, [None, None, argument(node, 7, "eps", 1e-5)]
    if layer is None:
        rms = "rms" in operation(node)
        weight = argument(node, 2, "weight")
        bias = None if rms else argument(node, 3, "bias")
        eps = argument(node, 3 if rms else 4, "eps", 1e-5)
        return (masked_rms_norm if rms else masked_layer_norm), [weight, bias, _eps(eps, node)]
    names = [n if getattr(layer, n, None) is not None else None for n in ("weight", "bias")]
    if isinstance(layer, nn.GroupNorm):
        return masked_group_norm, [*names, layer.eps, layer.num_groups]
    if isinstance(layer, nn.modules.instancenorm._InstanceNorm):
        return masked_instance_norm, [*names, layer.eps]
    rms = isinstance(layer, nn.RMSNorm)
    return (masked_rms_norm if rms else masked_layer_norm), [*names, _eps(layer.eps, node)]


def _eps(eps: float | None, node: fx.Node) -> float:
    value: float = torch.finfo(node.meta["val"].dtype).eps if eps is None else eps
    return value
