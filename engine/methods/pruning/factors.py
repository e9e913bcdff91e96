"""Cholesky factors of moments, which are positive definite but for rounding."""

from __future__ import annotations

import torch
from torch import Tensor

_FIRST = 1e-8
_TIMES = 4.0
_TRIES = 30


def factor_of(second: Tensor) -> Tensor:
    """Lower factors of `[..., K, K]`; `second` is changed if need be.

    Moments about a mean that is far from zero are differences of large numbers: where what is left
    is not positive definite, the least is added to the diagonal that makes it so.
    """
    if not second.numel():
        return second
    diagonal = second.diagonal(dim1=-2, dim2=-1)
    more = _FIRST * diagonal.abs().amax(dim=-1, keepdim=True).clamp_min(1e-12)
    for _ in range(_TRIES):
        factor, failed = torch.linalg.cholesky_ex(second)
        if not failed.any():
            break
        diagonal.add_(torch.where(failed[..., None] > 0, more, 0.0))
        more = more * _TIMES
    result: Tensor = factor
    return result
