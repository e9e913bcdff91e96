"""Least squares from sums over rows: in the primal where there are many, else in the dual.

He et al. 2017, arXiv:1707.06168, sec. 3.1 (reconstruction of the next layer's outputs); the ridge
pulls to the weights that there are, not to zero, so that few samples do little harm.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.jobs.job import Job

MOST_PRIMAL = 6144
"""Inputs of a matrix above which no second moment is formed."""
MOST_DUAL_ROWS = 4096
_WORK = 2e10
"""Multiplications for the second moment of one layer, about."""
_MOST_ROWS = 100_000
_DOUBLE = 1024
_BLOCK = 512
_DAMPINGS = (1.0, 10.0, 100.0, 1e3, 1e4)


def rows_wanted(inputs: int) -> int:
    """How many rows of a layer with so many inputs to look at."""
    if inputs > MOST_PRIMAL:
        return MOST_DUAL_ROWS
    return int(min(max(_WORK / inputs**2, 3 * inputs), _MOST_ROWS))


def gram(x: Tensor, job: Job) -> Tensor:
    """Xᵀ X of rows `[groups, n, K]`, in blocks so that cancelling is heard.

    Returns:
        `[groups, K, K]`.
    """
    inputs = x.shape[-1]
    if inputs <= _BLOCK:
        return x.transpose(1, 2) @ x
    result = x.new_empty(x.shape[0], inputs, inputs)
    for start in range(0, inputs, _BLOCK):
        stop = min(start + _BLOCK, inputs)
        part = x[..., start:stop].transpose(1, 2) @ x[..., :stop]  # [groups, block, stop]
        result[:, start:stop, :stop] = part
        result[:, :start, start:stop] = part[..., :start].transpose(1, 2)
        job.checkpoint()
    return result


class Sums:
    """Sums over rows of inputs x `[groups, n, K]` and targets t `[groups, n, outputs]`."""

    def __init__(self, job: Job) -> None:
        self.count = 0
        self._job = job
        self.second = self.cross = self.inputs = self.targets = torch.zeros(())

    def add(self, x: Tensor, t: Tensor) -> None:
        """Add rows."""
        self.second = gram(x, self._job) if not self.count else self.second.add_(gram(x, self._job))
        self.cross = self.cross + x.transpose(1, 2) @ t
        self.inputs = self.inputs + x.sum(1)
        self.targets = self.targets + t.sum(1)
        self.count += x.shape[1]

    def together(self, other: Sums) -> Sums:
        """The sums over the rows of both."""
        both = Sums(self._job)
        both.count = self.count + other.count
        for name in ("second", "cross", "inputs", "targets"):
            setattr(both, name, getattr(self, name) + getattr(other, name))
        return both

    def normal(self, *, centered: bool) -> tuple[Tensor, Tensor]:
        """Second moment `[groups, K, K]` and cross moment `[groups, K, outputs]`."""
        wide = self.second.shape[-1] <= _DOUBLE
        kind = torch.float64 if wide else torch.float32
        second = self.second.to(kind) / self.count
        cross = self.cross.to(kind) / self.count
        if centered:
            x, t = self.inputs.to(kind) / self.count, self.targets.to(kind) / self.count
            second = second - x[:, :, None] * x[:, None, :]
            cross = cross - x[:, :, None] * t[:, None, :]
        return second, cross


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A matrix `[groups, K, outputs]` and what to add to its products, `[groups, outputs]`."""

    matrix: Tensor
    offset: Tensor


class Rows:
    """Rows of a layer, gathered in batches, from which its matrix is solved.

    A quarter of the batches is held out where there are few rows, to choose the damping.

    Args:
        inputs: K.
        job: Looked at between blocks.
        centered: Whether the fit may add a constant.
    """

    def __init__(self, inputs: int, job: Job, *, centered: bool) -> None:
        self._dual = inputs > MOST_PRIMAL
        self._centered = centered
        self._parts = (Sums(job), Sums(job))
        self._kept: list[tuple[Tensor, Tensor]] = []
        self._batches = 0
        self._around = (torch.zeros(()), torch.zeros(()))

    def add(self, x: Tensor, t: Tensor) -> None:
        """Add rows of inputs `[groups, n, K]` and targets `[groups, n, outputs]`."""
        x, t = x.float(), t.float()
        if self._centered and not self._batches:
            # moments about a point near the mean do not lose the variance to rounding
            self._around = (x.mean(1, keepdim=True), t.mean(1, keepdim=True))
        x, t = x - self._around[0], t - self._around[1]
        if self._dual:
            self._kept.append((x, t))
        else:
            self._parts[self._batches % 4 == 1].add(x, t)
        self._batches += 1

    def solve(self, matrix: Tensor, damping: float) -> Fit | None:
        """The matrix that gives the targets best.

        Args:
            matrix: The one there is, `[groups, K, outputs]`.
            damping: Ridge, as a part of the mean square of the inputs.

        Returns:
            None where the rows say nothing (all zero, or not finite).
        """
        if self._dual:
            return self._in_the_dual(matrix, damping)
        train, held = self._parts
        if not train.count:
            return None
        whole = train.together(held) if held.count else train
        second, cross = whole.normal(centered=self._centered)
        scale = _scale(second)
        if scale is None or not bool(torch.isfinite(cross).all()):
            return None
        if held.count and whole.count < 8 * second.shape[-1]:
            damping = self._best_damping(matrix, damping)
        found = ridge(second, cross, matrix, damping * scale)
        return Fit(found, self._offset(whole, found))

    def _offset(self, sums: Sums, matrix: Tensor) -> Tensor:
        if not self._centered:
            return torch.zeros(matrix.shape[0], matrix.shape[2])
        inputs = self._around[0] + sums.inputs[:, None] / sums.count  # [groups, 1, K]
        targets = self._around[1] + sums.targets[:, None] / sums.count
        return (targets.to(matrix.dtype) - inputs.to(matrix.dtype) @ matrix)[:, 0]

    def _best_damping(self, matrix: Tensor, damping: float) -> float:
        """The one that does best on the rows held out, not below what is asked for."""
        train, held = self._parts
        second, cross = train.normal(centered=self._centered)
        scale = _scale(second)
        if scale is None:
            return damping
        test_second, test_cross = held.normal(centered=self._centered)
        best, least = damping, float("inf")
        for factor in _DAMPINGS:  # the loss falls and then rises
            found = ridge(second, cross, matrix, damping * factor * scale)
            loss = float(((test_second @ found) * found).sum() - 2 * (test_cross * found).sum())
            if not loss < least:
                break
            best, least = damping * factor, loss
        return best

    def _in_the_dual(self, matrix: Tensor, damping: float) -> Fit | None:
        x = torch.cat([one for one, _ in self._kept], 1)
        t = torch.cat([one for _, one in self._kept], 1)
        mean_x = x.mean(1, keepdim=True) if self._centered else torch.zeros(1)
        mean_t = t.mean(1, keepdim=True) if self._centered else torch.zeros(1)
        x, t = x - mean_x, t - mean_t
        gram = x @ x.transpose(1, 2)  # [groups, n, n]
        scale = _scale(gram)
        if scale is None or not bool(torch.isfinite(t).all()):
            return None
        # few rows decide many weights here: what is solved counts no more than what was there
        error = t - x @ matrix
        factor = _cholesky(gram, max(damping, 0.1) * scale)
        found = matrix + x.transpose(1, 2) @ torch.cholesky_solve(error, factor)
        if not self._centered:
            return Fit(found, torch.zeros(found.shape[0], found.shape[2]))
        mean_x, mean_t = mean_x + self._around[0], mean_t + self._around[1]
        return Fit(found, (mean_t - mean_x @ found)[:, 0])


def ridge(second: Tensor, cross: Tensor, matrix: Tensor, damping: float) -> Tensor:
    """The W that minimizes tr(Wᵀ A W) − 2 tr(Wᵀ C) + damping · |W − matrix|².

    Args:
        second: A, `[groups, K, K]`.
        cross: C, `[groups, K, outputs]`.
        matrix: `[groups, K, outputs]`.
        damping: Above zero.
    """
    start = matrix.to(second.dtype)
    factor = _cholesky(second, damping)
    return start + torch.cholesky_solve(cross - second @ start, factor)


def _cholesky(matrix: Tensor, damping: float) -> Tensor:
    """The factor of a matrix with a ridge."""
    return positive_factor(matrix + damping * torch.eye(matrix.shape[-1], dtype=matrix.dtype))


def positive_factor(matrix: Tensor) -> Tensor:
    """The Cholesky factor of a matrix, with a ridge where rounding errors ask for one."""
    eye = torch.eye(matrix.shape[-1], dtype=matrix.dtype)
    more = 1e-6 * max(float(matrix.diagonal(dim1=-2, dim2=-1).abs().mean()), 1e-30)
    factor, info = torch.linalg.cholesky_ex(matrix)
    while bool(info.any()) and more < float("inf"):
        factor, info = torch.linalg.cholesky_ex(matrix + more * eye)
        more *= 10
    result: Tensor = factor
    return result


def _scale(second: Tensor) -> float | None:
    """Mean of the diagonal; None for one that is zero or not finite."""
    scale = float(second.diagonal(dim1=-2, dim2=-1).mean())
    return scale if 0 < scale < float("inf") else None
