"""Merges batch norms into the layers before them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from engine.network.leaves import TRANSPOSED, kind_of
from engine.network.network import Network
from engine.network.norms import foldable_norms
from engine.surgery.copy import copy_network


def fold_batch_norms(network: Network) -> Network:
    """A network that computes the same in evaluation mode, without the norms that can go.

    Each norm's scale is multiplied into the weight of the layer before it, its shift added to the
    bias, which the layer is given if it has none (Jacob et al. 2018, arXiv:1712.05877, sec. 3.2).
    Names of layers and nodes stay; norms that cannot be folded stay (see `foldable_norms`).
    """
    pairs = foldable_norms(network.module)
    if not pairs:
        return network
    result = copy_network(network)
    module = result.module
    for norm, layer in pairs.items():
        _merge(module.get_submodule(layer), module.get_submodule(norm))
    for node in list(module.graph.nodes):
        if node.op == "call_module" and node.target in pairs:
            node.replace_all_uses_with(node.args[0])
            module.graph.erase_node(node)
    for norm in pairs:
        module.delete_submodule(norm)
    module.graph.lint()
    module.recompile()
    return result


def _merge(layer: Any, norm: Any) -> None:
    """Give a layer new tensors; products in double precision."""
    scale, shift = norm_affine(norm)
    weight: Tensor = layer.weight
    kind = kind_of(layer)
    bias = 0.0 if layer.bias is None else layer.bias.detach().double()
    new_bias = (shift + bias * scale).to(weight.dtype)
    new_weight = _scaled(weight.detach().double(), scale, layer, kind in TRANSPOSED)
    trained = weight.requires_grad
    layer.weight = nn.Parameter(new_weight.to(weight.dtype), requires_grad=trained)
    layer.bias = nn.Parameter(new_bias, requires_grad=trained)


def norm_affine(norm: Any) -> tuple[Tensor, Tensor]:
    """What a batch norm computes in evaluation mode: scale and shift `[C]`, float64."""
    mean, variance = norm.running_mean.double(), norm.running_var.double()
    scale = torch.rsqrt(variance + norm.eps)
    shift = -mean * scale
    if norm.weight is not None:
        gain = norm.weight.detach().double()
        scale, shift = scale * gain, shift * gain
    if norm.bias is not None:
        shift = shift + norm.bias.detach().double()
    return scale, shift


def _scaled(weight: Tensor, scale: Tensor, layer: Any, transposed: bool) -> Tensor:
    """Each output channel of a weight times its scale."""
    if not transposed:
        return weight * scale.reshape(-1, *[1] * (weight.dim() - 1))
    # [C_in, C_out / groups, ...]: rows of one group make that group's channels
    groups = layer.groups
    parts = weight.reshape(groups, weight.shape[0] // groups, *weight.shape[1:])
    factors = scale.reshape(groups, 1, -1, *[1] * (weight.dim() - 2))
    return (parts * factors).reshape(weight.shape)
