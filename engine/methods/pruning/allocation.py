"""Shares zeros among layers and rows, so that their losses add up to the least."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import torch
from torch import Tensor

K = TypeVar("K", bound=Hashable)


def share(losses: Mapping[K, Tensor], total: int) -> dict[K, Tensor]:
    """How many steps each row goes, given what each step costs.

    A step can only be taken after those before it, so it counts as no cheaper than the dearest of
    them. No layer goes all its steps, so that none is without weights.

    Args:
        losses: Layer → `[R, steps]`.
        total: Steps to be taken altogether.

    Returns:
        Layer → `[R]` int64; the sum is `total`, as far as there are so many steps.
    """
    runs = {name: _running(loss) for name, loss in losses.items()}
    together = torch.cat([run.flatten() for run in runs.values()])
    total = min(total, int(together.isfinite().sum()))
    chosen = torch.zeros(len(together), dtype=torch.bool)
    if total > 0:
        chosen[_smallest(together, total)] = True
    counts = {}
    start = 0
    for name, run in runs.items():
        counts[name] = chosen[start : start + run.numel()].reshape(run.shape).sum(dim=1)
        start += run.numel()
    return counts


def uniform_rows(rows: int, total: int) -> Tensor:
    """The same number for every row, `[R]`; what is left over goes to the first."""
    counts = torch.full((rows,), total // rows)
    counts[: total % rows] += 1
    return counts


def zeros_wanted(values: int, sparsity: float) -> int:
    """How many of so many weights become zero; one at least stays."""
    return min(round(values * sparsity), values - 1)


def _running(loss: Tensor) -> Tensor:
    run = loss.cummax(dim=1).values if loss.numel() else loss.clone()
    if run.numel():
        run[int(run[:, -1].argmax()), -1] = float("inf")
    return run


def _smallest(values: Tensor, count: int) -> Tensor:
    """Places of the smallest; of equal ones the first, so that no row skips a step."""
    limit = values.kthvalue(count).values
    below = (values < limit).nonzero()[:, 0]
    equal = (values == limit).nonzero()[: count - len(below), 0]
    return torch.cat([below, equal])
