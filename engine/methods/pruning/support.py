"""Least squares with given zeros."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.jobs.job import Job
from engine.methods.pruning.factors import factor_of

_CHUNK_BYTES = 64 << 20


def solve_on_support(second: Tensor, cross: Tensor, keep: Tensor, job: Job) -> Tensor:
    """For every row w the minimum of w H wᵀ - 2 c wᵀ over the weights that are kept.

    Args:
        second: H, `[groups, K, K]`, positive definite.
        cross: c, `[groups, R, K]`.
        keep: `[groups, R, K]` where weights may differ from zero.
        job: For progress and cancelling.

    Returns:
        `[groups, R, K]`, of the type of `cross`.
    """
    groups, rows, columns = cross.shape
    kept = keep.reshape(groups * rows, columns)
    wide = cross.reshape(groups * rows, columns)
    owner = torch.arange(groups).repeat_interleave(rows)
    most = int(kept.sum(dim=1).max())
    result = torch.zeros_like(wide)
    if not most:
        return result.reshape(cross.shape)
    size = max(1, _CHUNK_BYTES // (8 * most * most))
    for start in range(0, groups * rows, size):
        job.checkpoint()
        part = slice(start, start + size)
        result[part] = _solve(second, owner[part], wide[part], kept[part])
    return result.reshape(cross.shape)


def _solve(second: Tensor, owner: Tensor, cross: Tensor, keep: Tensor) -> Tensor:
    """A few rows `[R, K]`; rows with fewer weights are filled up with an identity."""
    most = int(keep.sum(dim=1).max())
    index = keep.int().argsort(dim=1, descending=True, stable=True)[:, :most]  # [R, most]
    here = keep.gather(1, index)
    matrix = second[owner[:, None, None], index[:, :, None], index[:, None]].double()
    matrix *= here[:, :, None] & here[:, None]
    matrix += torch.diag_embed((~here).double())
    right = (cross.gather(1, index) * here).double()[:, :, None]
    factor = factor_of(matrix)
    values = torch.cholesky_solve(right, factor)[:, :, 0] * here
    return torch.zeros_like(cross).scatter_(1, index, values.to(cross.dtype))
