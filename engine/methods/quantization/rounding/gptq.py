"""Rounds a weight column by column; what is not rounded yet makes up for the error so far.

Frantar et al. 2022, arXiv:2210.17323, after optimal brain surgeon (Hassibi & Stork 1992).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.jobs.job import Job
from engine.methods.quantization.rounding.settings import GptqSettings
from engine.methods.waiting import wait_for
from engine.network.encoding import WeightEncoding, as_matrix, from_matrix, spread

_BLOCK = 64
"""Columns whose effect on all later ones is applied at once."""
_LARGE = 512
"""Columns from which on a factorization takes so long that it is waited for."""
_TRIES = 8
"""Times that the damping grows tenfold where a second moment cannot be inverted."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A weight as the matrices that a layer's input rows are multiplied with.

    Attributes:
        weight: `[groups, rows, K]`, one row for each output and K as in `unfold_input`.
        scale: Like weight: the step size of each value.
        zero_point: Likewise.
        low: The lowest integer.
        high: The highest.
        kept: Like weight: False where a zero stays zero; None where none must.
    """

    weight: Tensor
    scale: Tensor
    zero_point: Tensor
    low: int
    high: int
    kept: Tensor | None = None


def columns_of(
    leaf: nn.Module, weight: Tensor, encoding: WeightEncoding, *, keep_zeros: bool = False
) -> Columns:
    """Arrange a weight and its grid in the order of the layer's input rows."""
    matrix = as_matrix(weight.detach(), encoding.axis)
    scale, zero = (
        from_matrix(spread(one, encoding, matrix.shape[1]).expand_as(matrix), weight, encoding.axis)
        for one in (encoding.scale.to(weight.dtype), encoding.zero_point.to(weight.dtype))
    )
    values, steps, points = (arrange(leaf, one).float() for one in (weight.detach(), scale, zero))
    kept = values != 0 if keep_zeros else None
    return Columns(values, steps, points, encoding.quant_min, encoding.quant_max, kept)


def arrange(leaf: nn.Module, weight: Tensor) -> Tensor:
    """`[groups, rows, K]` of a tensor of a layer's weight's shape, see `unfold_input`."""
    groups = int(getattr(leaf, "groups", 1))
    if not _is_transposed(leaf):
        return weight.reshape(groups, weight.shape[0] // groups, -1)
    # [C_in, C_out / groups, ...]: what an input channel is multiplied with lies in a row
    return weight.reshape(groups, weight.shape[0] // groups, -1).transpose(1, 2)


def arrange_back(leaf: nn.Module, columns: Tensor, like: Tensor) -> Tensor:
    """The inverse of `arrange`."""
    return (columns.transpose(1, 2) if _is_transposed(leaf) else columns).reshape(like.shape)


def _is_transposed(leaf: Any) -> bool:
    return bool(getattr(leaf, "transposed", False))


def round_columns(
    columns: Columns,
    second: Tensor,
    settings: GptqSettings,
    job: Job,
) -> Tensor:
    """Round to the grid so that the error of the layer's output is small.

    Args:
        columns: The weight and its grid.
        second: `[groups, K, K]`, E[x xᵀ] of the layer's input rows.
        settings: Damping, and the order of the columns.
        job: For canceling.

    Returns:
        The rounded weight `[groups, rows, K]`.
    """
    second = torch.nan_to_num(second.float(), 0.0, 0.0, 0.0)
    diagonal = second.diagonal(dim1=1, dim2=2)
    order = torch.arange(diagonal.shape[1]).expand_as(diagonal)
    if settings.act_order:
        order = diagonal.argsort(dim=1, descending=True, stable=True)
    sorted_second = second.gather(1, order[:, :, None].expand_as(second))
    sorted_second = sorted_second.gather(2, order[:, None, :].expand_as(second))
    factors = _inverse_factor(sorted_second, settings.damping, job)
    rounded = _swept(_sorted(columns, order), factors, job)
    back = order.argsort(dim=1)
    return rounded.gather(2, back[:, None, :].expand_as(rounded))


def _sorted(columns: Columns, order: Tensor) -> Columns:
    index = order[:, None, :].expand_as(columns.weight)
    kept = None if columns.kept is None else columns.kept.gather(2, index)
    weight, scale, zero = (
        one.gather(2, index) for one in (columns.weight, columns.scale, columns.zero_point)
    )
    return Columns(weight, scale, zero, columns.low, columns.high, kept)


def _inverse_factor(second: Tensor, damping: float, job: Job) -> Tensor:
    """Upper triangular U `[groups, K, K]` with UᵀU = (second + damping)⁻¹."""
    diagonal = second.diagonal(dim1=1, dim2=2)
    mean = diagonal.mean(dim=1, keepdim=True)
    mean = torch.where(mean > 0, mean, 1.0)
    for attempt in range(_TRIES):
        damped = second + torch.diag_embed((damping * 10**attempt * mean).expand_as(diagonal))
        upper = _factor(damped) if damped.shape[1] < _LARGE else wait_for(_Factor(damped), job)
        if upper is not None:
            return upper
    return torch.diag_embed(torch.ones_like(diagonal))  # nothing is known: round to nearest


@dataclass(frozen=True, slots=True, eq=False)
class _Factor:
    """`_factor` of a matrix, to be called on another thread."""

    matrix: Tensor

    def __call__(self) -> Tensor | None:
        return _factor(self.matrix)


def _factor(matrix: Tensor) -> Tensor | None:
    """Upper triangular factor of the inverse; None where there is none."""
    lower, failed = torch.linalg.cholesky_ex(matrix)
    if failed.any():
        return None
    upper, failed = torch.linalg.cholesky_ex(torch.cholesky_inverse(lower), upper=True)
    return upper if not failed.any() and bool(upper.isfinite().all()) else None


def _swept(columns: Columns, factors: Tensor, job: Job) -> Tensor:
    """Round column after column; see algorithm 1 of the paper."""
    weight = columns.weight.clone()
    width = weight.shape[2]
    for start in range(0, width, _BLOCK):
        job.checkpoint()
        end = min(start + _BLOCK, width)
        errors = torch.zeros_like(weight[:, :, start:end])
        for one in range(start, end):
            rounded = _nearest(columns, weight[:, :, one], one)
            error = (weight[:, :, one] - rounded) / factors[:, one, one, None]
            weight[:, :, one] = rounded
            later = factors[:, one, one + 1 : end]
            weight[:, :, one + 1 : end] -= error[:, :, None] * later[:, None, :]
            errors[:, :, one - start] = error
        weight[:, :, end:] -= errors @ factors[:, start:end, end:]
    return weight


def _nearest(columns: Columns, values: Tensor, one: int) -> Tensor:
    scale, zero = columns.scale[:, :, one], columns.zero_point[:, :, one]
    integers = (torch.round(values / scale) + zero).clamp_(columns.low, columns.high)
    rounded = (integers - zero) * scale
    return rounded if columns.kept is None else rounded * columns.kept[:, :, one]
