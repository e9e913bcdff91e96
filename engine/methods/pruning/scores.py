"""In which order the weights of a layer go, and what that costs, before any is changed."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import DataError
from engine.methods.context import Context
from engine.methods.pruning.elimination import Elimination
from engine.methods.pruning.matrices import Layer, row_weights
from engine.methods.pruning.problem import (
    Observed,
    Problem,
    Wanted,
    estimated_losses,
    make_problem,
    removals,
    solve,
    weighted,
)
from engine.methods.pruning.sequential import moments_of
from engine.methods.pruning.sparsity import Criterion, SparseParams
from engine.methods.pruning.targets import surroundings_of
from engine.network.network import Network
from engine.statistics.moments import Moments

_SHARES = (*(step / 20 for step in range(1, 20)), 0.98, 1.0)
"""Sparsities at which the loss of a layer is measured."""


def scores_of(layer: Layer, params: SparseParams, context: Context) -> Tensor:
    """Scores `[groups, R, K]` of `magnitude` and `wanda`; higher = keep.

    wanda: |weight| times the norm of its input (Sun et al. 2023, arXiv:2306.11695, eq. 1), taken
    on the network as it was before the step.
    """
    size = layer.matrix.abs()
    if params.criterion is Criterion.MAGNITUDE:
        return size
    second = _moments(layer, context).second.diagonal(dim1=1, dim2=2)
    return size * second.clamp_min(0).sqrt()[:, None]


def in_order_of(scores: Tensor, forced: Tensor | None) -> tuple[Tensor, Tensor]:
    """Columns of each row by score, and the scores in that order: `[groups · R, K]` twice."""
    rows = scores.reshape(-1, scores.shape[2])
    if forced is not None:
        rows = rows.masked_fill(forced.reshape(rows.shape), -1.0)
    values, order = rows.sort(dim=1, stable=True)
    return order, values


def predicted(network: Network, layer: Layer, order: Tensor, context: Context) -> Tensor:
    """Loss of the network by each weight that goes, if nothing but a constant makes up for it.

    ½·tr(G ΔW A ΔWᵀ) with the diagonal of G, measured at some sparsities, and between them spread
    evenly.

    Args:
        network: The network as it was.
        layer: One of its layers.
        order: `[lists, n]` which weights of each list go, the first first; the lists in a row are
            `layer.matrix.flatten()`.
        context: Around the step.

    Returns:
        Of the shape of `order`.
    """
    second = _second(network, layer, context)
    costs = row_weights(layer.leaf, context.statistics.gradients.get(layer.name))
    weight = layer.matrix
    lists, length = order.shape
    losses = torch.zeros(lists, length)
    before, start = 0.0, 0
    for share in _SHARES:
        context.job.checkpoint()
        stop = round(share * length)
        if stop > start:
            gone = ~keep_by(order, torch.full((lists,), stop)).reshape(weight.shape)
            change = weight * gone
            loss = float((((change @ second) * change).sum(dim=2) * costs).sum() / 2)
            losses[:, start:stop] = (loss - before) / ((stop - start) * lists)
            before, start = loss, stop
    return losses


def problem_before(
    network: Network,
    layer: Layer,
    params: SparseParams,
    forced: Tensor | None,
    context: Context,
) -> Problem:
    """A layer's problem for the inputs of the network as it was."""
    costs = row_weights(layer.leaf, context.statistics.gradients.get(layer.name))
    observed = Observed(_second(network, layer, context))
    return make_problem(observed, layer.matrix, costs, params.damping, forced, context.job)


def _second(network: Network, layer: Layer, context: Context) -> Tensor:
    """E[x xᵀ], about the mean where a bias or a norm makes up for a constant."""
    found = _moments(layer, context)
    around = surroundings_of(network.module, layer)
    if around is None or not around.can_shift:
        return found.second
    return found.second - found.mean[:, :, None] * found.mean[:, None]


def obs_losses(problem: Problem, sparsity: float, block_size: int, context: Context) -> Tensor:
    """Loss of the network by each removal, `[groups · R, K]`, each row in the order it goes."""
    if problem.is_small:
        return weighted(removals(problem, context.job).losses, problem)
    return estimated_losses(problem, sparsity, block_size, context.job)


def obs_keep(problem: Problem, wanted: Wanted, context: Context) -> Tensor:
    """Which weights `obs` keeps, `[groups, R, K]`, where they are not solved anew."""
    return solve(problem, wanted, context.job) != 0


def keep_by(order: Tensor, counts: Tensor) -> Tensor:
    """What is left when so many of each row have gone, in an order of columns."""
    return Elimination(order, torch.zeros(())).keep(counts, order.shape[1])


def _moments(layer: Layer, context: Context) -> Moments:
    found = moments_of(layer, context)
    if found is None:
        raise DataError(
            "The calibration data never reach this layer, or are not finite there",
            where=layer.name,
            hint="Choose the criterion magnitude for it.",
        )
    return found
