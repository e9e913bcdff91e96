"""What settings take from the weights of all layers: figures that need no data.

Of large layers parts are looked at: some channels for bits, some weights for zeros, and of spectra
the distribution that a few random vectors tell of (stochastic Lanczos quadrature: Lin, Saad, Yang
2016, arXiv:1308.5467, sec. 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.details import WeightFigures
from engine.info import LayerInfo
from engine.jobs.job import Job
from engine.jobs.looks import FiguresLook
from engine.layer_table import LayerTable
from engine.looks.weights import weight_matrix
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.methods.low_rank.data_aware_svd import DataAwareSvdParams, form_of
from engine.methods.low_rank.shapes import shape_ranks
from engine.methods.quantization.settings import UniformParams
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.methods.waiting import wait_for
from engine.network.encoding import dequantize, quantize
from engine.network.leaves import Use
from engine.opened import OpenModel, open_model
from engine.search.savings import SETTINGS, applicable, grids_of, rows_of

METHODS = ("uniform", "data_aware_svd", "weight")
_ROUNDED = 1 << 14
"""Weights of a layer on which ranges are searched."""
_SORTED = 1 << 17
"""Weights of a layer that are put in order."""
_EXACT = 512
"""Shorter side of a matrix up to which all of its singular values are worked out."""
_STEPS = 20
_VECTORS = 8192
"""Random vectors times the shorter side; large matrices need fewer for the same error."""
_MOST_VECTORS = 8

Floats = NDArray[np.float64]


def look_at_figures(request: FiguresLook, job: Job) -> WeightFigures:
    """Answer a `FiguresLook`."""
    model = open_model(request.model, job)
    return model.fact("figures", lambda: weight_figures(model, job))


def weight_figures(model: OpenModel, job: Job) -> WeightFigures:
    """The share of its energy that each setting takes from each layer."""
    table = LayerTable(model.info.layers, model.info.groups)
    grids = grids_of(METHODS)
    rows = rows_of(table)
    chosen = [set(applicable(table, grid)) for grid in grids]
    lines = []
    for number, row in enumerate(rows):
        job.checkpoint("Looking at weights", number, len(rows))
        line: list[float] = []
        for grid, names in zip(grids, chosen, strict=True):
            found = [float("nan")] * len(grid.settings)
            if row.name in names:
                found = _errors(model.use(row.name), row, grid.method, job)
            line += found
        lines.append(line)
    errors = np.array(lines, np.float64).reshape(len(rows), -1)
    settings = tuple((grid.method, grid.settings) for grid in grids)
    return WeightFigures(tuple(row.name for row in rows), settings, errors)


def _errors(use: Use, row: LayerInfo, method: str, job: Job) -> list[float]:
    settings = SETTINGS[method]
    matrix = weight_matrix(use)
    if method == "uniform":
        return rounding_errors(matrix, settings, job)
    if method == "weight":
        return wait_for(lambda: zeroing_errors(matrix, settings), job)
    ranks = [_rank(row, size) for size in settings]
    return wait_for(lambda: truncation_errors(matrix, ranks), job)


def rounding_errors(matrix: Tensor, bits: Sequence[float], job: Job) -> list[float]:
    """Of a matrix `[C_out, K]` on grids of so many bits, one for each channel."""
    count, width = matrix.shape
    some = max(1, min(count, _ROUNDED // max(width, 1)))
    rows = matrix[torch.linspace(0, count - 1, some).round().long(), :_ROUNDED].float()
    whole = float(rows.double().square().sum())
    found = []
    for setting in bits:
        params = UniformParams.model_validate({"weight_bits": int(setting)})
        encoding = weight_encoding(rows, params, pause=job.checkpoint)
        off = dequantize(quantize(rows, encoding), encoding) - rows
        found.append(_share(float(off.double().square().sum()), whole))
    return found


def zeroing_errors(matrix: Tensor, sparsities: Sequence[float]) -> list[float]:
    """Of a matrix whose smallest weights are zero."""
    flat = matrix.flatten()
    squares = flat[:: -(-flat.numel() // _SORTED)].double().square().sort().values.cumsum(0)
    whole = float(squares[-1])
    gone = [round(sparsity * len(squares)) for sparsity in sparsities]
    return [_share(float(squares[zeros - 1]) if zeros else 0.0, whole) for zeros in gone]


def truncation_errors(matrix: Tensor, ranks: Sequence[int]) -> list[float]:
    """Of a matrix without its smaller singular values."""
    matrix = matrix.float() if matrix.shape[0] <= matrix.shape[1] else matrix.float().T
    side = len(matrix)
    whole = float(matrix.double().square().sum())
    if not np.isfinite(whole):
        return [float("nan")] * len(ranks)
    if side <= _EXACT:
        squares = torch.linalg.eigvalsh(matrix @ matrix.T).flip(0).clamp(min=0).double()
        kept = np.concatenate([[0.0], squares.cumsum(0).numpy()])
        places = np.arange(side + 1) / side
    else:
        places, kept = _spectrum(matrix)
    found = np.interp(np.array(ranks) / side, places, kept / max(kept[-1], 1e-300))
    return [_share((1 - share) * whole, whole) for share in found.tolist()]


def _spectrum(matrix: Tensor) -> tuple[Floats, Floats]:
    """Share of the singular values, largest first, and the energy that they have together.

    Each random vector gives a rule of quadrature for the distribution of the eigenvalues of
    W Wᵀ; between its points both are taken as linear.
    """
    nodes, weights = _quadrature(matrix)
    order = np.argsort(-nodes, kind="stable")
    weights, energies = weights[order], (weights * nodes)[order]
    shares = np.cumsum(weights) - weights / 2  # a point stands for what lies around it
    kept = np.cumsum(energies) - energies / 2
    places = np.concatenate([[0.0], shares, [1.0]])
    return places, np.concatenate([[0.0], kept, [float(energies.sum())]])


def _quadrature(matrix: Tensor) -> tuple[Floats, Floats]:
    """Points and weights, of all random vectors together; the weights sum to 1."""
    generator = torch.Generator().manual_seed(0)
    count = min(max(_VECTORS // len(matrix), 1), _MOST_VECTORS)
    signs = torch.randint(0, 2, (count, len(matrix)), generator=generator)
    vector = (signs * 2 - 1).float() / len(matrix) ** 0.5  # [vectors, side]
    basis: list[Tensor] = []
    diagonal, beside = [], []
    for _ in range(_STEPS):
        basis.append(vector)
        product = (vector @ matrix) @ matrix.T
        diagonal.append((product * vector).sum(1))
        known = torch.stack(basis, 1)  # [vectors, steps, side]
        for _ in range(2):  # once more, against rounding
            product = product - ((known @ product[:, :, None]).mT @ known)[:, 0]
        length = product.norm(dim=1, keepdim=True)
        beside.append(length[:, 0])
        vector = product / length.clamp_min(1e-30)
    tri = torch.diag_embed(torch.stack(diagonal, 1).double())  # [vectors, steps, steps]
    off = torch.diag_embed(torch.stack(beside[:-1], 1).double(), offset=1)
    values, vectors = torch.linalg.eigh(tri + off + off.mT)
    weights = vectors[:, 0].square() / count
    return values.clamp(min=0).flatten().numpy(), weights.flatten().numpy()


def _rank(row: LayerInfo, size: float) -> int:
    params = DataAwareSvdParams(size=size)
    ranks = shape_ranks(row, params, form_of(params))
    return 0 if ranks is None else ranks[0]


def _share(lost: float, whole: float) -> float:
    if not np.isfinite(whole) or not np.isfinite(lost):
        return float("nan")
    return lost / whole if whole > 0 else 0.0
