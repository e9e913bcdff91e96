"""Runs `n_m`: of every m neighboring weights n stay."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.methods.context import Context
from engine.methods.pruning.elimination import Quota
from engine.methods.pruning.masking import chosen_layers, forced_zeros, is_solved, pruned
from engine.methods.pruning.matrices import Layer, input_quota
from engine.methods.pruning.n_m import NMParams
from engine.methods.pruning.problem import Wanted
from engine.methods.pruning.scores import obs_keep, problem_before, scores_of
from engine.methods.pruning.sequential import Order
from engine.methods.pruning.sparsity import Criterion
from engine.network.network import Network
from engine.registry import Choices


def run(network: Network, choices: Choices, context: Context) -> Network:
    """Keep n of every m neighboring weights; see `engine.methods.context.RunStep`."""
    masks: dict[Layer, Tensor] = {}
    orders: dict[Layer, Order] = {}
    norms = False
    for layer, params in chosen_layers(network, choices, context).items():
        assert isinstance(params, NMParams)
        quota = input_quota(layer.leaf, params.n, params.m)
        forced = forced_zeros(network, layer)
        wanted = Wanted(0, quota, params.block_size)
        if is_solved(params):
            orders[layer] = Order(wanted, params.damping, forced)
            continue
        norms |= params.reestimate_norms
        if params.criterion is Criterion.OBS:
            problem = problem_before(network, layer, params, forced, context)
            masks[layer] = obs_keep(problem, wanted, context)
        else:
            masks[layer] = _largest(scores_of(layer, params, context), forced, quota)
    return pruned(network, masks, orders, norms, context)


def _largest(scores: Tensor, forced: Tensor | None, quota: Quota) -> Tensor:
    """Which weights of each group have the highest scores, `[groups, R, K]`."""
    if forced is not None:
        scores = scores.masked_fill(forced, -1.0)
    order = quota.group.argsort(stable=True)
    size = int((quota.group == 0).sum())
    grouped = scores[..., order].reshape(*scores.shape[:2], -1, size)  # [groups, R, K / m, m]
    gone = grouped.argsort(dim=-1, stable=True)[..., : quota.most]
    keep = torch.ones_like(grouped, dtype=torch.bool).scatter(-1, gone, value=False)
    keep = keep.flatten(-2)[..., order.argsort()]
    return keep if forced is None else keep & ~forced
