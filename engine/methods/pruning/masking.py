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
from engine.methods.pruning.targets import surroundings_of
from engine.network.leaves import uses
from engine.network.network import Network
from engine.registry import Choices
from engine.statistics.norms import reestimate
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
    norms: bool,
    context: Context,
) -> Network:
    """A network with zeros.

    Args:
        network: Not changed.
        masks: Layers whose weights stay as they are where the mask `[groups, R, K]` is true.
        orders: Layers whose weights are solved anew.
        norms: Measure batch norms again, but for those behind layers that are solved anew.
        context: Around the step.
    """
    result = copy_network(network)
    for layer, keep in masks.items():
        put(result, layer, layer.matrix * keep)
    done = [*masks]
    if orders:
        with torch.no_grad():
            done += prune_in_turn(network, result, orders, context)
    if norms and masks:
        result = _with_norms(network, result, masks, orders, context)
    names = {name for layer in done for name in layer.names}
    return replace(result, sparse=network.sparse | names)


def _with_norms(
    network: Network,
    result: Network,
    masks: Mapping[Layer, Tensor],
    solved: Mapping[Layer, Order],
    context: Context,
) -> Network:
    """With the norms behind all layers measured again but those that are solved anew."""
    if context.calibration is None:
        context.note("Batch norms were not measured again: there are no calibration data.")
        return result
    around = (surroundings_of(network.module, layer) for layer in solved)
    changed = {name for layer in masks for name in layer.names}
    matrices = layers_of(network, (use.name for use in uses(network.module)))
    leave = {name for layer in matrices for name in layer.names} - changed
    leave |= {one.norm for one in around if one is not None and one.norm}
    return reestimate(result, context.calibration, context.job, reference=network, leave=leave)


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
