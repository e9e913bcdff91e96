"""The least-squares problem that a layer's new weights solve, and its solution by elimination."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.jobs.job import Job, Quiet
from engine.methods.pruning.allocation import share
from engine.methods.pruning.blocked import Goal, prune_blocks
from engine.methods.pruning.elimination import (
    Elimination,
    Quota,
    eliminate,
    eliminate_within,
    operations,
)
from engine.methods.pruning.factors import factor_of
from engine.methods.pruning.support import solve_on_support
from engine.methods.waiting import wait_for

EXACT_OPERATIONS = 1e10
"""Of an elimination that is done exactly, a few seconds; larger layers are thinned out before."""
_WORTH = 1.2
"""Times the weights that stay: fewer to choose them from are not worth an exact elimination."""
_NOTHING = 1e-12
"""Second moment of inputs that are always zero, so that their weights cost next to nothing."""
_SMALL = 400
"""Columns of matrices whose factors take no time that anybody would notice."""


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """min over w of w H wᵀ - 2 c wᵀ for each row, which is E|y - w x|² plus a constant.

    Attributes:
        second: H = E[x xᵀ], `[groups, K, K]`, damped.
        inverse: `[groups, K, K]` of H.
        cross: c = E[y xᵀ], `[groups, R, K]`, damped towards the original weights.
        start: `[groups, R, K]` the solution without zeros.
        costs: `[groups, R]` what an error of each row costs.
        forced: `[groups, R, K]` weights that have to be zero, if any.
    """

    second: Tensor
    inverse: Tensor
    cross: Tensor
    start: Tensor
    costs: Tensor
    forced: Tensor | None = None

    @property
    def is_small(self) -> bool:
        """Whether exact elimination is affordable."""
        groups, rows, columns = self.start.shape
        return operations(groups * rows, columns) <= EXACT_OPERATIONS

    def with_equal_costs(self) -> Problem:
        """The same, with errors of all rows counting alike."""
        return replace(self, costs=torch.ones_like(self.costs))


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What was seen of a layer: second moments of its inputs, and with the wanted outputs.

    Attributes:
        second: `[groups, K, K]`.
        cross: `[groups, R, K]`; None: the original weights give what is wanted.
    """

    second: Tensor
    cross: Tensor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """How the zeros of a layer are chosen.

    Attributes:
        zeros: How many, without a quota.
        quota: How many in each group of columns.
        block_size: Columns at once where the layer is large.
    """

    zeros: int
    quota: Quota | None = None
    block_size: int = 128


def make_problem(
    observed: Observed,
    weight: Tensor,
    costs: Tensor,
    damping: float,
    forced: Tensor | None,
    job: Job,
) -> Problem:
    """The problem of a layer.

    Args:
        observed: Moments.
        weight: The original weights `[groups, R, K]`.
        costs: Of errors, `[groups, R]`.
        damping: Added to the diagonal of H, as a part of its mean.
        forced: Weights that have to be zero.
        job: For cancelling.
    """

    def work() -> Problem:
        second = observed.second.to(torch.float64, copy=True)
        mean = second.diagonal(dim1=1, dim2=2).mean(dim=1).nan_to_num(0.0)
        ridge = (damping * mean).clamp_min(torch.finfo(torch.float32).tiny)
        ridge = torch.where(mean > 0, ridge, _NOTHING)[:, None, None]  # [groups, 1, 1]
        second.diagonal(dim1=1, dim2=2).add_(ridge[:, 0])
        if observed.cross is None:
            cross = weight.double() @ second
        else:
            cross = observed.cross.double() + ridge * weight.double()
        factor = factor_of(second)
        inverse = torch.cholesky_inverse(factor)
        start = cross @ inverse if observed.cross is not None else weight
        return Problem(second.float(), inverse.float(), cross.float(), start.float(), costs, forced)

    return wait_for(work, job) if weight.shape[2] > _SMALL else work()


def removals(problem: Problem, job: Job, wanted: Wanted | None = None) -> Elimination:
    """The exact order in which the weights of a small layer go."""
    columns = problem.start.shape[2]
    quota = wanted.quota if wanted else None
    steps = columns if quota is None else (int(quota.group.max()) + 1) * quota.most
    start = problem.start
    return eliminate(start, problem.inverse, steps, job, quota=quota, forced=problem.forced)


def solve(problem: Problem, wanted: Wanted, job: Job) -> Tensor:
    """New weights with zeros, `[groups, R, K]`."""
    groups, rows, columns = problem.start.shape
    if problem.is_small:
        order = removals(problem, job, wanted)
    elif wanted.quota is None and _room(problem, wanted):
        thinned = _solve_blocks(problem, replace(wanted, zeros=_room(problem, wanted)), job)
        problem = replace(problem, forced=thinned == 0)
        order = eliminate_within(problem.second, problem.cross, thinned != 0, job)
    else:
        return _refined(problem, _solve_blocks(problem, wanted, job), job)
    if wanted.quota is None:
        losses = weighted(order.losses, problem)
        counts = share({"": losses}, wanted.zeros)[""]
    else:
        counts = torch.full((groups * rows,), order.order.shape[1])
    keep = order.keep(counts, columns).reshape(problem.start.shape)
    if problem.forced is not None:
        keep &= ~problem.forced  # those of a quota that had more
    return solve_on_support(problem.second, problem.cross, keep, job)


def _room(problem: Problem, wanted: Wanted) -> int:
    """How many zeros leave a large layer small enough to go on exactly; 0 if too many do."""
    groups, rows, columns = problem.start.shape
    lines = groups * rows
    left = int((1.5 * EXACT_OPERATIONS / lines) ** (1 / 3))
    stay = lines * columns - wanted.zeros
    return lines * (columns - left) if lines * left > _WORTH * stay else 0


def _refined(problem: Problem, matrices: Tensor, job: Job) -> Tensor:
    """The best weights for zeros as they are, where that is affordable."""
    keep = matrices != 0
    if float(keep.sum(dim=2).double().pow(3).sum()) > 3 * EXACT_OPERATIONS:
        return matrices
    return solve_on_support(problem.second, problem.cross, keep, job)


def weighted(losses: Tensor, problem: Problem) -> Tensor:
    """Losses of steps as losses of the network, `[groups · R, steps]`; what is forced is free."""
    losses = losses * problem.costs.reshape(-1, 1) / 2
    if problem.forced is not None:
        count = problem.forced.reshape(len(losses), -1).sum(dim=1, keepdim=True)
        losses = losses.masked_fill(torch.arange(losses.shape[1]) < count, -1.0)
    return losses


def estimated_losses(problem: Problem, sparsity: float, block_size: int, job: Job) -> Tensor:
    """What removals cost in a layer too large for `removals`, `[groups · R, K]`, cheapest first.

    Each is taken as if it were alone, and all are scaled so that at one sparsity they add up to
    the loss that was measured.
    """
    groups, rows, columns = problem.start.shape
    alone = problem.start.square() / problem.inverse.diagonal(dim1=1, dim2=2)[:, None]
    alone = alone * problem.costs[:, :, None] / 2
    if problem.forced is not None:
        alone = alone.masked_fill(problem.forced, 0.0)
    zeros = min(max(round(sparsity * alone.numel()), 1), alone.numel() - 1)
    counts = alone.flatten().kthvalue(zeros).values
    together = float(alone[alone <= counts].sum())
    change = _solve_blocks(problem, Wanted(zeros, block_size=block_size), job) - problem.start
    error = ((change @ problem.second) * change).sum(dim=2)  # [groups, R]
    measured = float((error * problem.costs).sum() / 2)
    scale = measured / together if together > 0 and measured > 0 else 1.0
    return (alone * scale).reshape(groups * rows, columns).sort(dim=1).values


def _solve_blocks(problem: Problem, wanted: Wanted, job: Job) -> Tensor:
    groups = len(problem.start)
    result = []
    for group in range(groups):
        forced = None if problem.forced is None else problem.forced[group]
        zeros = wanted.zeros * (group + 1) // groups - wanted.zeros * group // groups
        goal = Goal(zeros, problem.costs[group], wanted.quota, forced)

        def work(group: int = group, goal: Goal = goal) -> Tensor:
            start, inverse = problem.start[group], problem.inverse[group]
            return prune_blocks(start, inverse, goal, wanted.block_size, Quiet())

        result.append(wait_for(work, job))
    return torch.stack(result)
