"""The singular values of a layer's weight, and what a rank would cost."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.details import SpectrumDetail
from engine.info import LayerInfo
from engine.jobs.job import Job
from engine.jobs.looks import SpectrumLook
from engine.looks.weights import weight_matrix
from engine.methods.low_rank.reasons import matrix_reason
from engine.methods.low_rank.shapes import Form, factored_bytes
from engine.methods.low_rank.svd import KINDS
from engine.methods.low_rank.vbmf import vbmf_rank
from engine.methods.waiting import wait_for
from engine.opened import OpenModel, open_model

_EXACT = 2048
"""Shorter side of a matrix up to which its singular values are exact to 1e-8 of the largest."""
_MOST = 16384
"""Shorter side from which a decomposition would take minutes."""


def look_at_spectrum(request: SpectrumLook, job: Job) -> SpectrumDetail:
    """Answer a `SpectrumLook`."""
    model = open_model(request.model, job)
    key = ("spectrum", request.layer)
    return model.fact(key, lambda: spectrum_detail(model, request.layer, job))


def spectrum_detail(model: OpenModel, layer: str, job: Job) -> SpectrumDetail:
    """Decompose a layer's weight."""
    row, matrix = model.row(layer), weight_matrix(model.use(layer))
    rows, columns = matrix.shape
    reason = matrix_reason(row, KINDS)
    if min(rows, columns) < 2 or not bool(torch.isfinite(matrix).all()):
        reason = reason or "Its weights are NaN or infinite."
        return SpectrumDetail(layer, rows, columns, dense_bytes=row.size_bytes, reason=reason)
    if min(rows, columns) > _MOST:
        reason = f"A matrix of {rows} × {columns} is too large to be decomposed here."
        return SpectrumDetail(layer, rows, columns, dense_bytes=row.size_bytes, reason=reason)
    job.checkpoint("Decomposing")
    values = wait_for(lambda: singular_values(matrix), job)
    squares = np.square(values)
    total = float(squares.sum())
    energy = np.cumsum(squares) / total if total > 0 else np.ones(len(values))
    fixed, each = (0, 0) if reason else _bytes(row)
    return SpectrumDetail(
        layer,
        rows,
        columns,
        values=values,
        energy=energy,
        vbmf_rank=max(1, vbmf_rank(values, rows, columns)),
        dense_bytes=row.size_bytes,
        fixed_bytes=fixed,
        rank_bytes=each,
        reason=reason,
    )


def singular_values(matrix: Tensor) -> NDArray[np.float64]:
    """Of a matrix, descending, by its product with its transpose.

    That takes a tenth of the time of a decomposition. In double precision they are exact to 1e-8 of
    the largest; large matrices are multiplied in single precision, to 1e-3.
    """
    side = min(matrix.shape)
    kind = torch.float64 if side <= _EXACT else torch.float32
    wide = matrix.to(kind)
    gram = wide @ wide.T if matrix.shape[0] <= matrix.shape[1] else wide.T @ wide
    squares = torch.linalg.eigvalsh(gram).flip(0).clamp(min=0)
    values: NDArray[np.float64] = np.sqrt(squares.double().numpy())
    return values


def _bytes(row: LayerInfo) -> tuple[int, int]:
    """What the factors take whatever the rank, and for each rank: sizes are linear in it."""
    one, two = (factored_bytes(row, (rank,), Form()) for rank in (1, 2))
    return 2 * one - two, two - one
