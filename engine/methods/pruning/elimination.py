"""Takes weights away one by one, the cheapest first, and lets those that are left make up for it.

Exact Optimal Brain Compression (Frantar & Alistarh 2022, arXiv:2208.11580, sec. 4): for a row w of
a layer's weights and H = E[x xᵀ], removing weight p costs w_p² / [H⁻¹]_pp, the others change by
-w_p / [H⁻¹]_pp · H⁻¹_:p, and H⁻¹ loses row and column p by one step of Gaussian elimination. The
rows of a layer have the same H and are worked on side by side. The updates of H⁻¹ are put off and
made for many removals at once, as a product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.methods.pruning.factors import factor_of

_DELAYED = 32
"""Removals whose updates of H⁻¹ are made at once."""
_CHUNK_BYTES = 128 << 20
"""Of the inverses of rows that are worked on side by side."""
_TAKEN = float("inf")


@dataclass(frozen=True, slots=True, eq=False)
class Elimination:
    """The order in which the weights of each row go.

    Attributes:
        order: `[groups · R, steps]` column that goes in each step.
        losses: `[groups · R, steps]` what each step adds to (w - w₀)ᵀ H (w - w₀), w₀ being the
            start.
    """

    order: Tensor
    losses: Tensor

    def keep(self, counts: Tensor, columns: int) -> Tensor:
        """What is left after `counts` `[groups · R]` steps in each row: `[groups · R, columns]`."""
        steps = torch.arange(self.order.shape[1])
        keep = torch.ones(len(self.order), columns, dtype=torch.bool)
        return keep.scatter_(1, self.order, steps >= counts[:, None])


@dataclass(frozen=True, slots=True, eq=False)
class Quota:
    """No more than so many weights may go in each group of columns.

    Attributes:
        group: `[K]` number of the group of each column, from 0.
        most: How many may go in each.
    """

    group: Tensor
    most: int


def eliminate(
    weight: Tensor,
    inverse: Tensor,
    steps: int,
    job: Job,
    *,
    quota: Quota | None = None,
    forced: Tensor | None = None,
) -> Elimination:
    """The order of removals for every row, and what each costs.

    Args:
        weight: `[groups, R, K]`, where to start: the best weights if none were removed.
        inverse: `[groups, K, K]` of H.
        steps: Removals in each row, at most K.
        job: For progress and cancelling.
        quota: Which removals have to be spread over groups.
        forced: `[groups, R, K]` weights that go first, whatever they cost, as far as the quota
            lets them.
    """
    columns = weight.shape[2]
    owner = torch.arange(len(weight)).repeat_interleave(weight.shape[1])
    weight = weight.reshape(-1, columns)
    first = None if forced is None else forced.reshape(-1, columns)
    orders, losses = [], []
    for rows in _chunks(*weight.shape):
        own = inverse[owner[rows]]
        chunk = _Rows(weight[rows], own, quota, None if first is None else first[rows])
        order, loss = chunk.run(steps, job)
        orders.append(order)
        losses.append(loss)
    return Elimination(torch.cat(orders), torch.cat(losses))


def eliminate_within(second: Tensor, cross: Tensor, keep: Tensor, job: Job) -> Elimination:
    """The order of removals where many weights have gone before.

    Args:
        second: H, `[groups, K, K]`, positive definite.
        cross: E[y xᵀ], `[groups, R, K]`, y being what is wanted.
        keep: `[groups, R, K]` the weights that are there.
        job: For progress and cancelling.

    Returns:
        K steps for every row: first the weights that have gone before, at no loss.
    """
    columns = keep.shape[2]
    owner = torch.arange(len(keep)).repeat_interleave(keep.shape[1])
    cross = cross.reshape(-1, columns)
    keep = keep.reshape(-1, columns)
    by_size = keep.sum(dim=1).argsort(descending=True, stable=True)  # like sizes side by side
    order = torch.empty(keep.shape, dtype=torch.int64)
    losses = torch.zeros(keep.shape)
    start = 0
    while start < len(keep):
        most = max(1, int(keep[by_size[start]].sum()))
        rows = by_size[start : start + max(1, _CHUNK_BYTES // (4 * most * most))]
        part = _within(second, owner[rows], cross[rows], keep[rows], job)
        order[rows], losses[rows] = part.order, part.losses
        start += len(rows)
    return Elimination(order, losses)


def _within(second: Tensor, owner: Tensor, cross: Tensor, keep: Tensor, job: Job) -> Elimination:
    """A few rows; those with fewer weights are filled up with an identity."""
    columns = keep.shape[1]
    size = int(keep.sum(dim=1).max())
    index = keep.int().argsort(dim=1, descending=True, stable=True)  # what is there, then the rest
    before, index = index[:, size:], index[:, :size]
    here = keep.gather(1, index)
    job.checkpoint()
    matrix = second[owner[:, None, None], index[:, :, None], index[:, None]]
    matrix = matrix * (here[:, :, None] & here[:, None]) + torch.diag_embed((~here).float())
    factor = factor_of(matrix)
    right = (cross.gather(1, index) * here)[:, :, None]
    start = torch.cholesky_solve(right, factor)[:, :, 0]
    rows = _Rows(start, torch.cholesky_inverse(factor), None, ~here)
    order, losses = rows.run(size, job)
    order = torch.cat([before, index.gather(1, order)], dim=1)
    return Elimination(order, torch.cat([torch.zeros(len(keep), columns - size), losses], dim=1))


def operations(rows: int, columns: int) -> float:
    """About how many multiplications a full elimination takes."""
    return rows * float(columns) ** 3 / 1.5


def _chunks(rows: int, columns: int) -> Iterator[slice]:
    size = max(1, _CHUNK_BYTES // (4 * columns * columns))
    for start in range(0, rows, size):
        yield slice(start, start + size)


class _Rows:
    """Rows that are worked on side by side, with an H⁻¹ each."""

    def __init__(
        self, weight: Tensor, inverse: Tensor, quota: Quota | None, forced: Tensor | None
    ) -> None:
        rows, columns = weight.shape
        self.weight = weight.clone()
        self.inverse = inverse
        self.diagonal = inverse.diagonal(dim1=1, dim2=2).clone()
        self.index = torch.arange(columns).expand(rows, columns).clone()  # columns still there
        self.gone = torch.zeros(rows, columns, dtype=torch.bool)
        self.forced = None if forced is None else forced.clone()
        self.quota = quota
        self.left = None
        if quota is not None:
            self.left = torch.full((rows, int(quota.group.max()) + 1), quota.most)
            self.group = quota.group.expand(rows, columns).clone()

    def run(self, steps: int, job: Job) -> tuple[Tensor, Tensor]:
        rows = self.weight.shape[0]
        order = torch.empty(rows, steps, dtype=torch.int64)
        losses = torch.empty(rows, steps)
        start = 0
        while start < steps:
            stop = min(start + _DELAYED, steps)
            factors = self._block(order, losses, range(start, stop), job)
            if stop < steps:
                self._flush(factors)
                self._compact(stop - start)
            start = stop
        return order, losses

    def _block(self, order: Tensor, losses: Tensor, steps: range, job: Job) -> Tensor:
        """Remove a few weights; H⁻¹ as it should be is `inverse` - Σ factor factorᵀ.

        Returns:
            The factors, `[R, steps, K]`.
        """
        rows, columns = self.weight.shape
        factors = torch.zeros(rows, len(steps), columns)
        for done, step in enumerate(steps):
            if done % 8 == 0:
                job.checkpoint()
            place = self._cheapest()  # [R, 1]
            before = factors[:, :done]
            at = place[:, None].expand(rows, done, 1)
            line = self.inverse.gather(1, place[:, :, None].expand(rows, 1, columns))[:, 0]
            line = line - (before.gather(2, at).transpose(1, 2) @ before)[:, 0]  # [R, K]
            pivot = line.gather(1, place).clamp_min(torch.finfo(line.dtype).tiny)
            value = self.weight.gather(1, place)
            order[:, step : step + 1] = self.index.gather(1, place)
            losses[:, step : step + 1] = value.square() / pivot
            self.weight -= value / pivot * line
            factor = line * pivot.rsqrt()
            factors[:, done] = factor
            self.diagonal -= factor.square()
            self._take(place)
        return factors

    def _cheapest(self) -> Tensor:
        kind = torch.finfo(self.diagonal.dtype)
        scores = self.weight.square() / self.diagonal.clamp_min(kind.tiny)
        scores = scores.nan_to_num(kind.max).clamp_max(kind.max)  # what overflows can still go
        if self.forced is not None:
            scores = scores.masked_fill(self.forced, -1.0)
        if self.left is not None:
            scores = scores.masked_fill(self.left.gather(1, self.group) <= 0, _TAKEN)
        return scores.masked_fill(self.gone, _TAKEN).argmin(1, keepdim=True)

    def _take(self, place: Tensor) -> None:
        self.gone.scatter_(1, place, value=True)
        self.weight.scatter_(1, place, 0.0)
        if self.left is not None:
            group = self.group.gather(1, place)
            self.left.scatter_add_(1, group, torch.full_like(group, -1))

    def _flush(self, factors: Tensor) -> None:
        torch.baddbmm(self.inverse, factors.transpose(1, 2), factors, alpha=-1, out=self.inverse)
        self.diagonal = self.inverse.diagonal(dim1=1, dim2=2).clone()

    def _compact(self, removed: int) -> None:
        """Drop the columns that went: as many in each row."""
        rows, columns = self.weight.shape
        here = (~self.gone).nonzero()[:, 1].reshape(rows, columns - removed)
        size = here.shape[1]
        inverse = self.inverse.gather(1, here[:, :, None].expand(rows, size, columns))
        self.inverse = inverse.gather(2, here[:, None].expand(rows, size, size))
        for name in ("weight", "diagonal", "index", "gone"):
            setattr(self, name, getattr(self, name).gather(1, here))
        if self.forced is not None:
            self.forced = self.forced.gather(1, here)
        if self.quota is not None:
            self.group = self.group.gather(1, here)
