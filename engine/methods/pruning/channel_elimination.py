"""Which channels the layers after them can best do without: backward elimination.

The loss of a removal, when the weights that stay are solved anew, is
½ · tr(W_uᵀ (H_uu)⁻¹ W_u G) with H the inverse of the inputs' second moment A and G the second
moment of the output's gradients (Hassibi & Stork 1993, "Optimal brain surgeon"; for channels Luo et
al. 2017, arXiv:1707.06342). After each removal H and W are brought up to date, so that of two
channels that say the same only one goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.jobs.job import Job
from engine.methods.pruning.channel_least_squares import positive_factor

Order = NDArray[np.int64]
_DOUBLE = 1024
_ROUNDS = 48
_GONE = -2
_CROWDED = 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """One matrix that reads the channels.

    Attributes:
        second: A, `[K, K]`, with its ridge.
        matrix: W, `[K, outputs]`, times a root of G.
        units: For each row its unit, or -1 for rows that stay.
    """

    second: Tensor
    matrix: Tensor
    units: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Elimination:
    """In what order units go, and what it costs.

    Attributes:
        order: Units, the first to go first.
        losses: Predicted loss after each of these removals.
    """

    order: Order
    losses: NDArray[np.float64]

    def scores(self) -> NDArray[np.float64]:
        """For each unit its place in the order: higher = keep."""
        scores = np.empty(len(self.order))
        scores[self.order] = np.arange(len(self.order))
        return scores


def eliminate(problems: Sequence[Problem], count: int, least: int, job: Job) -> Elimination:
    """Remove units one by one (of many, a few at once).

    Args:
        problems: At least one.
        count: How many units there are.
        least: How many are left when the search ends; they follow in the order of their losses.
        job: Looked at between removals.
    """
    states = [_State(problem, count) for problem in problems]
    alive = np.ones(count, dtype=np.bool_)
    order: list[int] = []
    losses: list[float] = []
    total = 0.0
    while len(order) < count:
        job.checkpoint()
        loss = np.zeros(count)
        for state in states:
            loss += state.losses()
        loss[~alive] = np.inf
        left = int(alive.sum())
        at_once = max(1, left // _ROUNDS) if left > least else left
        chosen = np.argsort(loss, kind="stable")[:at_once]
        for unit in chosen.tolist():
            total += max(float(loss[unit]), 0.0) if left > 1 else 0.0
            order.append(unit)
            losses.append(total)
        alive[chosen] = False
        for state in states if left > least else ():
            state.remove(chosen)
            job.checkpoint()
    return Elimination(np.array(order, dtype=np.int64), np.array(losses))


class _State:
    """The inverse H and the weights B of one problem, as units go."""

    def __init__(self, problem: Problem, count: int) -> None:
        kind = torch.float64 if len(problem.second) <= _DOUBLE else torch.float32
        self.inverse = torch.cholesky_inverse(positive_factor(problem.second.to(kind)))
        self.weights = problem.matrix.to(kind).clone()
        self.units = problem.units.copy()
        self.count = count

    def losses(self) -> NDArray[np.float64]:
        """For each unit what its removal costs; 0 for those without rows."""
        result = np.zeros(self.count)
        inside = np.flatnonzero(self.units >= 0)
        inside = inside[np.argsort(self.units[inside], kind="stable")]
        names, starts = np.unique(self.units[inside], return_index=True)
        sizes = np.diff([*starts, len(inside)])
        for size in np.unique(sizes).tolist():
            chosen = np.flatnonzero(sizes == size)
            rows = torch.from_numpy(inside[starts[chosen][:, None] + np.arange(size)])  # [units, m]
            blocks = self.inverse[rows[:, :, None], rows[:, None, :]]  # [units, m, m]
            weights = self.weights[rows]  # [units, m, outputs]
            solved = torch.linalg.solve_ex(blocks, weights)[0]
            loss = 0.5 * (weights * solved).sum((1, 2))
            result[names[chosen]] = torch.nan_to_num(loss, nan=0.0).clamp_min(0).numpy()
        return result

    def remove(self, units: NDArray[np.int64]) -> None:
        """Bring H and B up to date, without the rows of these units.

        Rows that are gone are left where they are, as zeros but for rounding errors, until there
        are so many that to copy the others pays.
        """
        gone = np.isin(self.units, units)
        if not gone.any():
            return
        out = torch.from_numpy(np.flatnonzero(gone))
        across = self.inverse[out]  # [out, K]
        both = torch.cat([across, self.weights[out]], 1)
        solved = torch.linalg.solve_ex(across[:, out], both)[0]
        size = len(self.inverse)
        self.weights.addmm_(across.T, solved[:, size:], alpha=-1)
        self.inverse.addmm_(across.T, solved[:, :size], alpha=-1)
        self.units[gone] = _GONE
        stay = torch.from_numpy(np.flatnonzero(self.units != _GONE))
        if len(stay) < _CROWDED * size:
            self.weights = self.weights[stay]
            self.inverse = self.inverse[stay][:, stay]
            self.units = self.units[stay.numpy()]
