"""The grid of a layer's weight: scales and zero points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from engine.methods.quantization.settings import Granularity, UniformParams, WeightRange
from engine.network.encoding import WeightEncoding, as_matrix

_REFINED = 3
_BLOCK = 1 << 22
"""Weights that are searched at a time."""
_FULL_WORK = 1e10
"""Multiplications that a search with the whole second moment may take."""


@dataclass(frozen=True, slots=True)
class _Search:
    """How finely ranges are searched: the fewer the bits, the more there is to gain by clipping.

    Attributes:
        ends: Lowest and highest integer.
        smallest: Share of the full range that is tried first.
        coarse: Shares in the first round; 0: the full range is taken.
        fine: In the second, around the best of the first.
    """

    ends: tuple[int, int]
    smallest: float = 1.0
    coarse: int = 0
    fine: int = 0

    @classmethod
    def of(cls, bits: int, ends: tuple[int, int]) -> _Search:
        """For a number of bits."""
        if bits <= 4:
            return cls(ends, 0.2, 40, 16)
        return cls(ends, 0.4, 25, 10) if bits <= 6 else cls(ends, 0.6, 13, 8)

    def shares(self) -> list[float]:
        """Of the full range, but for all of it."""
        return torch.linspace(self.smallest, 1.0, self.coarse).tolist()[:-1]

    @property
    def attempts(self) -> int:
        """About how many ranges are tried."""
        return self.coarse + self.fine + _REFINED


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Weights that share a scale, one row for each scale.

    Attributes:
        values: `[rows, n]`, filled up with zeros.
        importance: `[rows or 1, n]`: what a squared error counts; or None.
        moments: `[groups, n, n]`, each for equally many rows; or None.
    """

    values: Tensor
    importance: Tensor | None
    moments: Tensor | None = None


def weight_encoding(
    weight: Tensor,
    params: UniformParams,
    axis: int = 0,
    second: Tensor | None = None,
    pause: Callable[[], None] = lambda: None,
) -> WeightEncoding:
    """Choose the grid of a weight.

    Args:
        weight: Float; NaN and infinity are taken for 0.
        params: Bits, granularity, symmetry and how the range is chosen.
        axis: Of the output channels.
        second: `[groups, n, n]`, E[x xᵀ] of what the rows `weight.flatten(1)` are multiplied with,
            or None: then errors of all weights count the same.
        pause: Called between parts of the work.
    """
    assert params.weight_bits is not None
    bits, symmetric = params.weight_bits, params.symmetric
    matrix = torch.nan_to_num(as_matrix(weight.detach(), axis).float(), 0.0, 0.0, 0.0)
    rows, group_size, columns = _arranged(matrix, params, second)
    empty = WeightEncoding(bits, torch.ones(1, 1), torch.zeros(1, 1, dtype=torch.int32), symmetric)
    ends = empty.quant_min, empty.quant_max
    search = _Search.of(bits, ends) if params.weight_range is WeightRange.MSE else _Search(ends)
    find = _symmetric if symmetric else _asymmetric
    scale, zero = find(rows, search, pause)
    shape = (1, 1) if params.granularity is Granularity.TENSOR else (-1, columns)
    return WeightEncoding(
        bits,
        scale.reshape(shape),
        zero.reshape(shape).to(torch.int32),
        symmetric,
        group_size,
        axis,
    )


def _arranged(
    matrix: Tensor, params: UniformParams, second: Tensor | None
) -> tuple[_Rows, int, int]:
    """Rows that share a scale, size of the groups (0: none), groups in a row of the matrix."""
    height, width = matrix.shape
    importance = None
    if second is not None:
        diagonal = second.diagonal(dim1=1, dim2=2).clamp_min(0)  # [groups, n]
        diagonal = diagonal + 1e-3 * diagonal.mean().clamp_min(1e-30)
        importance = diagonal.repeat_interleave(height // len(second), dim=0)
    if params.granularity is Granularity.TENSOR:
        flat = None if importance is None else importance.reshape(1, -1)
        return _Rows(matrix.reshape(1, -1), flat), 0, 1
    size = params.group_size
    if params.granularity is Granularity.CHANNEL or width <= size:
        return _Rows(matrix, importance, second), 0, 1
    count = -(-width // size)
    short = count * size - width
    parts = pad(matrix, (0, short)).reshape(-1, size)
    if importance is not None:
        importance = pad(importance, (0, short)).reshape(-1, size)
    return _Rows(parts, importance), size, count


def _symmetric(rows: _Rows, search: _Search, pause: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """Scales `[rows]`; zero points are all 0."""
    scales = []
    low, high = search.ends
    for part in _parts(rows, search):
        pause()
        full = torch.maximum(part.values.amax(1) / high, part.values.amin(1) / low)
        full = _positive(full)
        scales.append(_searched(part, full, search, pause) if search.coarse else full)
    scale = torch.cat(scales)
    return scale, torch.zeros_like(scale)


def _searched(part: _Rows, full: Tensor, search: _Search, pause: Callable[[], None]) -> Tensor:
    """The scale with the least error for each row, at first among shares of the full range."""
    ends = search.ends
    best = full.clone()
    least = _error(part, best, ends)

    def attempt(scale: Tensor) -> None:
        nonlocal best, least
        pause()
        error = _error(part, scale, ends)
        better = error < least
        best = torch.where(better, scale, best)
        least = torch.where(better, error, least)

    for share in search.shares():
        attempt(full * share)
    middle, step = best.clone(), (1.0 - search.smallest) / search.coarse
    for offset in torch.linspace(-step, step, search.fine).tolist():
        attempt(_positive(middle + full * offset))
    for _ in range(_REFINED):
        attempt(_fitted(part, best, ends))
    return best


def _fitted(part: _Rows, scale: Tensor, ends: tuple[int, int]) -> Tensor:
    """The scale that fits the integers of another scale best."""
    integers = _integers(part.values, scale, ends)
    if part.moments is not None:
        rows = len(part.values) // len(part.moments)
        shape = (len(part.moments), rows, -1)
        weighted = (integers.reshape(shape) @ part.moments).reshape(integers.shape)
    elif part.importance is not None:
        weighted = integers * part.importance
    else:
        weighted = integers
    below = (weighted * integers).sum(1)
    fitted = (weighted * part.values).sum(1) / below
    return torch.where((below > 0) & (fitted > 0) & fitted.isfinite(), fitted, scale)


def _integers(values: Tensor, scale: Tensor, ends: tuple[int, int]) -> Tensor:
    return torch.round(values / scale[:, None]).clamp_(*ends)


def _error(part: _Rows, scale: Tensor, ends: tuple[int, int]) -> Tensor:
    """Weighted squared error of each row."""
    off = _integers(part.values, scale, ends).mul_(scale[:, None]).sub_(part.values)
    return _weighed(part, off)


def _weighed(part: _Rows, off: Tensor) -> Tensor:
    if part.moments is not None:
        shape = (len(part.moments), len(off) // len(part.moments), -1)
        return ((off.reshape(shape) @ part.moments).reshape(off.shape) * off).sum(1)
    if part.importance is not None:
        return (off.square_() * part.importance).sum(1)
    return off.square_().sum(1)


def _asymmetric(rows: _Rows, search: _Search, pause: Callable[[], None]) -> tuple[Tensor, Tensor]:
    """Scales and zero points `[rows]`."""
    scales, points = [], []
    for part in _parts(rows, search):
        pause()
        low, high = part.values.amin(1).clamp_max(0), part.values.amax(1).clamp_min(0)
        if search.coarse:
            low, high = _searched_ends(part, (low, high), search, pause)
        scale, zero = _affine(low, high, search.ends[1])
        scales.append(scale)
        points.append(zero)
    return torch.cat(scales), torch.cat(points)


def _searched_ends(
    part: _Rows, full: tuple[Tensor, Tensor], search: _Search, pause: Callable[[], None]
) -> tuple[Tensor, Tensor]:
    """Ends of the range with the least error for each row: both shrink, then one at a time."""
    (low, high), top = full, search.ends[1]
    least = _affine_error(part, low, high, top)

    def attempt(new_low: Tensor, new_high: Tensor) -> None:
        nonlocal low, high, least
        pause()
        error = _affine_error(part, new_low, new_high, top)
        better = error < least
        low, high = torch.where(better, new_low, low), torch.where(better, new_high, high)
        least = torch.where(better, error, least)

    for share in search.shares():
        attempt(full[0] * share, full[1] * share)
    for step in (0.15, 0.04):
        for offset in torch.linspace(-step, step, search.fine).tolist():
            attempt((low + full[0] * offset).clamp_max(0), high)
        for offset in torch.linspace(-step, step, search.fine).tolist():
            attempt(low, (high + full[1] * offset).clamp_min(0))
    return low, high


def _affine(low: Tensor, high: Tensor, top: int) -> tuple[Tensor, Tensor]:
    scale = _positive((high - low) / top)
    return scale, torch.round(-low / scale).clamp(0, top)


def _affine_error(part: _Rows, low: Tensor, high: Tensor, top: int) -> Tensor:
    scale, zero = _affine(low, high, top)
    integers = (torch.round(part.values / scale[:, None]) + zero[:, None]).clamp_(0, top)
    off = integers.sub_(zero[:, None]).mul_(scale[:, None]).sub_(part.values)
    return _weighed(part, off)


def _positive(scale: Tensor) -> Tensor:
    """Rows of zeros get the scale 1."""
    return torch.where(scale > torch.finfo(torch.float32).tiny, scale, 1.0)


def _parts(rows: _Rows, search: _Search) -> list[_Rows]:
    """Blocks that fit into memory several times."""
    height, width = rows.values.shape
    if rows.moments is not None:
        work = float(height) * width * width * search.attempts
        if work <= _FULL_WORK:
            return [rows]
    step = max(1, _BLOCK // max(width, 1))
    shared = rows.importance is not None and len(rows.importance) == 1
    return [
        _Rows(
            rows.values[start : start + step],
            rows.importance
            if rows.importance is None or shared
            else rows.importance[start : start + step],
        )
        for start in range(0, height, step)
    ]
