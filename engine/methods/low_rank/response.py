"""Reduced-rank regression: the weight of low rank that gives nearest to wanted outputs.

For inputs x (in the compressed network) and wanted outputs y, both less their means, the best
weight of rank r under E‖Rᵀ(y - Wx)‖² is the least-squares solution W* = E[y xᵀ] E[x xᵀ]⁻¹,
projected in the metric of x and of R: the truncated singular value decomposition of Rᵀ W* L with
E[x xᵀ] = L Lᵀ (Zhang et al. 2015, arXiv:1505.06798, sec. 3.1 and 3.3, whose outputs are weighed
alike). With the original's own inputs W* is the weight itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.methods.low_rank.factor import Spectrum, spectrum_of
from engine.statistics.moments import Moments
from engine.statistics.unfold import unfold_input, unfold_output

DAMPING = 0.01
"""Ridge, as a part of the inputs' mean square: what the samples do not say stays as it was."""
MOST_COLUMNS = 6144
"""Of a weight whose inputs' second moment is formed; wider ones are projected on their outputs."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What a layer gets and what it should give, as moments; all float64.

    Attributes:
        second: `[K, K]` covariance of the inputs; None for a layer that is too wide.
        cross: `[C_out, K]` covariance of wanted outputs and inputs; None: they are what the weight
            makes of the inputs.
        outputs: `[C_out, C_out]` covariance of the wanted outputs; only where `second` is None.
        input_mean: `[K]`.
        output_mean: `[C_out]` without the bias; None: what the weight makes of the inputs' mean.
    """

    second: Tensor | None
    cross: Tensor | None
    outputs: Tensor | None
    input_mean: Tensor
    output_mean: Tensor | None

    @property
    def is_finite(self) -> bool:
        """Whether nothing in it is NaN or infinite."""
        parts = (self.second, self.cross, self.outputs, self.input_mean, self.output_mean)
        return all(bool(part.sum().isfinite()) for part in parts if part is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The full-rank solution, with the metrics in which it is truncated.

    Attributes:
        weight: `[C_out, K]`.
        right: `[K, K]` lower, L in E[x xᵀ] = L Lᵀ; None where rows are the shorter side.
        left: `[C_out, C_out]` lower, R in G = R Rᵀ; None for errors that all count alike.
        spectrum: Of Rᵀ W L.
    """

    weight: Tensor
    right: Tensor | None
    left: Tensor | None
    spectrum: Spectrum

    def truncated(self, rank: int) -> tuple[Tensor, Tensor]:
        """The best factors of a rank: `[C_out, rank]` and `[rank, K]`."""
        vectors = self.spectrum.vectors[:, :rank]
        if self.right is not None:
            solved = torch.linalg.solve_triangular(self.right.T, vectors, upper=True)
            return self.weight @ (self.right @ vectors), solved.T
        if self.left is None:
            return vectors, vectors.T @ self.weight
        solved = torch.linalg.solve_triangular(self.left.T, vectors, upper=True)
        return solved, (self.left @ vectors).T @ self.weight


def solve(weight: Tensor, response: Response, importance: Tensor | None) -> Solution:
    """The best weight of full rank, ready to be truncated.

    Args:
        weight: `[C_out, K]` float64, the original.
        response: What it should do.
        importance: `[C_out, C_out]`, G; None where errors of all outputs count alike.
    """
    left = None if importance is None else damped(importance)[0]
    if response.second is None:
        assert response.outputs is not None
        spread = response.outputs + _ridge(response.outputs) / _ridge_of(weight) * weight @ weight.T
        gram = spread if left is None else left.T @ spread @ left
        return Solution(weight, None, left, spectrum_of(gram, _shape(weight)))
    right, ridge = damped(response.second)
    best = weight
    if response.cross is not None:
        best = torch.cholesky_solve((response.cross + ridge * weight).T, right).T
    metric = best @ right if left is None else left.T @ best @ right  # Rᵀ W L
    if weight.shape[0] <= weight.shape[1]:
        return Solution(best, None, left, spectrum_of(metric @ metric.T, _shape(weight)))
    return Solution(best, right, left, spectrum_of(metric.T @ metric, _shape(weight)))


def _shape(weight: Tensor) -> tuple[int, int]:
    return weight.shape[0], weight.shape[1]


def _ridge(second: Tensor) -> Tensor:
    """A part of the mean of a diagonal; of a matrix that is zero, 1."""
    mean = second.diagonal().mean()
    return torch.where(mean > 0, DAMPING * mean, torch.ones_like(mean))


def _ridge_of(weight: Tensor) -> Tensor:
    mean = weight.square().sum(dim=1).mean()
    return torch.where(mean > 0, mean, torch.ones_like(mean))


def damped(second: Tensor) -> tuple[Tensor, Tensor]:
    """The lower Cholesky factor of a moment with a ridge, and the ridge."""
    ridge = _ridge(second)
    while True:
        ridged = second + ridge * torch.eye(len(second), dtype=second.dtype)
        lower, failed = torch.linalg.cholesky_ex(ridged)
        if not failed:
            return lower, ridge
        ridge = 10 * ridge  # inputs that hardly vary: what is left is rounding


def from_moments(moments: Iterable[Moments]) -> Response:
    """Of a layer that keeps its own inputs; of several calls or layers with one weight, together.

    The moments are those of the network as it was.
    """
    found = tuple(moments)
    total = sum(m.count for m in found)
    mean = sum((m.mean[0].double() * (m.count / total) for m in found), torch.zeros(()))
    second = sum((m.second[0].double() * (m.count / total) for m in found), torch.zeros(()))
    return Response(second - torch.outer(mean, mean), None, None, mean, None)


class Seen:
    """Gathers a response from inputs in one network and outputs in another, batch by batch.

    Args:
        leaf: The layer.
        every: Look at one position in so many.
    """

    def __init__(self, leaf: nn.Module, every: int) -> None:
        self._leaf = leaf
        self._every = every
        self._count = 0
        self._batches = 0
        zero = torch.zeros((), dtype=torch.float64)
        self._x = self._y = self._xx = self._yx = self._yy = zero
        self._about: tuple[Tensor, Tensor] | None = None

    def add(self, x: Tensor, y: Tensor) -> None:
        """One batch: what goes into the layer here, and what comes out of it there."""
        offset = (3 * self._batches) % self._every
        rows = unfold_input(self._leaf, x, self._every, offset)[0].float()
        wanted = unfold_output(self._leaf, y, self._every, offset)[0].float()
        if self._about is None:
            self._about = rows.mean(dim=0), wanted.mean(dim=0)
        # about a mean, so that float32 holds the products of inputs that hardly vary
        rows, wanted = rows - self._about[0], wanted - self._about[1]
        self._x = self._x + rows.sum(dim=0, dtype=torch.float64)
        self._y = self._y + wanted.sum(dim=0, dtype=torch.float64)
        if rows.shape[1] > MOST_COLUMNS:
            self._yy = self._yy + (wanted.T @ wanted).double()
        else:
            self._xx = self._xx + (rows.T @ rows).double()
            self._yx = self._yx + (wanted.T @ rows).double()
        self._count += len(rows)
        self._batches += 1

    def result(self, bias: Tensor | None) -> Response:
        """The moments about the means.

        Args:
            bias: Of the layer, taken off the outputs' mean.
        """
        assert self._about is not None
        x, y = self._x / self._count, self._y / self._count
        mean = x + self._about[0].double()
        own = y + self._about[1].double() - (0 if bias is None else bias.double())
        if self._xx.dim() == 0:
            return Response(None, None, self._yy / self._count - torch.outer(y, y), mean, own)
        second = self._xx / self._count - torch.outer(x, x)
        cross = self._yx / self._count - torch.outer(y, x)
        return Response(second, cross, None, mean, own)
