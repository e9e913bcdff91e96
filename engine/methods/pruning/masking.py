"""What `weight` and `n_m` have in common: which layers, which masks, and the network they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from engine.errors import DataError
from engine.methods.context import Context
from engine.methods.pruning.matrices import Layer, as_matrices, layers_of, put
from engine.methods.pruning.sequential import Order, moments_of, prune_in_turn
from engine.methods.pruning.sparsity import Criterion, SparseParams
from engine.network.network import Network
from engine.registry import Choices
from engine.surgery.copy import copy_network


def chosen_layers(
    network: Network, choices: Choices, context: Context
) -> dict[Layer, SparseParams]:
    """The layers that can be pruned with their settings; a note says why not the others."""
    found: dict[Layer, SparseParams] = {}
    for layer in layers_of(network, choices):
        params = next(choices[name] for name in layer.names if name in choices)
        assert isinstance(params, SparseParams)
        reason = _reason(layer, params, context)
        if reason:
            context.note(f"{layer.name} was left as it is: {reason}")
        else:
            found[layer] = params
    return found


def forced_zeros(network: Network, layer: Layer) -> Tensor | None:
    """Weights that an earlier step made zero for good, `[groups, R, K]`."""
    if not network.sparse.intersection(layer.names):
        return None
    return as_matrices(layer.leaf, layer.weight.cpu() == 0)


def is_solved(params: SparseParams) -> bool:
    """Whether what stays is solved anew."""
    return params.criterion is Criterion.OBS and params.compensation


def pruned(
    network: Network,
    masks: Mapping[Layer, Tensor],
    orders: Mapping[Layer, Order],
    context: Context,
) -> Network:
    """A network with zeros.

    Args:
        network: Not changed.
        masks: Layers whose weights stay as they are where the mask `[groups, R, K]` is true.
        orders: Layers whose weights are solved anew.
        context: Around the step.
    """
    result = copy_network(network)
    for layer, keep in masks.items():
        put(result, layer, layer.matrix * keep)
    with torch.no_grad():
        if orders:
            prune_in_turn(network, result, orders, context)
    names = {name for layer in (*masks, *orders) for name in layer.names}
    return replace(result, sparse=network.sparse | names)


def _reason(layer: Layer, params: SparseParams, context: Context) -> str:
    if not layer.weight.isfinite().all():
        return "its weights are NaN or infinite."
    if params.criterion is Criterion.MAGNITUDE:
        return ""
    if context.calibration is None:
        raise DataError(
            f"The criterion {params.criterion} looks at what the network computes and needs data",
            hint="Give a data set with --data, or choose the criterion magnitude.",
        )
    if moments_of(layer, context) is None:
        return "the calibration data never reach it, or are not finite there."
    return ""
