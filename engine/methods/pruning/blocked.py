"""Removal of weights from large layers, column by column (SparseGPT).

Frantar & Alistarh 2023, arXiv:2301.00774, sec. 3.3: columns are gone through in order, in each the
chosen weights become zero, and those to the right make up for it. All rows share one factor of H⁻¹,
so that a layer costs no more than a few products of its matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.methods.pruning.elimination import Quota
from engine.methods.pruning.factors import factor_of


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """What is to become zero.

    Attributes:
        zeros: How many weights, without a quota.
        costs: `[R]` what an error of each row costs.
        quota: Exactly so many go in each group of columns.
        forced: `[R, K]` weights that go whatever they cost.
    """

    zeros: int
    costs: Tensor
    quota: Quota | None = None
    forced: Tensor | None = None


def prune_blocks(weight: Tensor, inverse: Tensor, goal: Goal, block: int, job: Job) -> Tensor:
    """Weights with zeros, the others changed to make up for them.

    Args:
        weight: `[R, K]`, where to start.
        inverse: `[K, K]` of H.
        goal: What is to become zero.
        block: Columns that are chosen from at once; rounded up to whole groups of a quota.
        job: For progress and cancelling.
    """
    return prune_blocks_each(weight, inverse, [goal], block, job)[0]


def prune_blocks_each(
    weight: Tensor, inverse: Tensor, goals: Sequence[Goal], block: int, job: Job
) -> Tensor:
    """`[goals, R, K]`: the same for several goals that differ in their zeros alone, at once.

    Args:
        weight: `[R, K]`, where to start.
        inverse: `[K, K]` of H.
        goals: Of the same costs, quota and forced weights.
        block: Columns that are chosen from at once; rounded up to whole groups of a quota.
        job: For progress and cancelling.
    """
    columns, (goal, count) = weight.shape[1], (goals[0], len(goals))
    order = torch.arange(columns)
    width = block
    if goal.quota is not None:
        order = goal.quota.group.argsort(stable=True)
        size = int((goal.quota.group == 0).sum())
        width = -(-block // size) * size
    upper = factor_of(inverse[order][:, order]).mT.contiguous()
    weight = weight[:, order].repeat(count, 1)
    forced = None if goal.forced is None else goal.forced[:, order]
    every = None if forced is None else forced.repeat(count, 1)
    gone = torch.zeros_like(weight, dtype=torch.bool)
    for start in range(0, columns, width):
        job.checkpoint()
        stop = min(start + width, columns)
        part = slice(start, stop)
        if goal.quota is None:
            for one, mine, chosen in zip(
                goals, weight.chunk(count), gone.chunk(count), strict=True
            ):
                wanted = round(one.zeros * stop / columns) - int(chosen.sum())
                chosen[:, part] = _cheapest(mine, upper, part, goal.costs, wanted, forced)
        errors = _block(weight, upper, part, gone, goal.quota, every)
        weight[:, stop:] -= errors @ upper[part, stop:]
    weight[gone] = 0.0
    return weight[:, order.argsort()].reshape(count, -1, columns)


def _scores(weight: Tensor, upper: Tensor, part: slice, forced: Tensor | None) -> Tensor:
    scores = (weight[:, part] / upper.diagonal()[part]).square()
    return scores if forced is None else scores.masked_fill(forced[:, part], -1.0)


def _cheapest(
    weight: Tensor,
    upper: Tensor,
    part: slice,
    costs: Tensor,
    wanted: int,
    forced: Tensor | None,
) -> Tensor:
    """Which of a block's weights go: the cheapest, at least the forced ones."""
    scores = _scores(weight, upper, part, forced) * costs[:, None]
    least = 0 if forced is None else int(forced[:, part].sum())
    wanted = min(max(wanted, least), scores.numel())
    if not wanted:
        return torch.zeros_like(scores, dtype=torch.bool)
    limit = scores.flatten().kthvalue(wanted).values
    chosen = scores < limit
    alike = torch.nonzero((scores == limit).flatten()).flatten()
    chosen.view(-1)[alike[: wanted - int(chosen.sum())]] = True  # the first of equal ones
    return chosen


def _block(
    weight: Tensor,
    upper: Tensor,
    part: slice,
    gone: Tensor,
    quota: Quota | None,
    forced: Tensor | None,
) -> Tensor:
    """Go through a block's columns; `weight` and `gone` are changed.

    Returns:
        `[R, columns of the block]` what is to be made up for by later columns.
    """
    stop = part.stop
    errors = torch.zeros_like(weight[:, part])
    size = 0 if quota is None else int((quota.group == 0).sum())
    for column in range(part.start, stop):
        if quota is not None and column % size == 0:
            group = slice(column, column + size)
            scores = _scores(weight, upper, group, forced)
            index = scores.argsort(dim=1, stable=True)[:, : quota.most]
            gone[:, group] = gone[:, group].scatter(1, index, value=True)
            if forced is not None:
                gone[:, group] |= forced[:, group]
        error = weight[:, column] * gone[:, column] / upper[column, column]
        weight[:, column:stop] -= error[:, None] * upper[column, column:stop]
        errors[:, column - part.start] = error
    return errors
