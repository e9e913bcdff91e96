"""Factors of weights, their ranks, and the leaves that are made of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.methods.low_rank.ranks import RankBy, RankParams, rounded
from engine.methods.low_rank.shapes import CORE, Form, Ranks, U, Unit, V, full_ranks, shape_ranks
from engine.methods.low_rank.vbmf import vbmf_rank


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """The side of a singular value decomposition that matters, descending.

    Attributes:
        vectors: `[side, side]` float64, in columns.
        squares: `[side]` float64, the squared singular values.
        shape: Of the matrix that was decomposed.
    """

    vectors: Tensor
    squares: Tensor
    shape: tuple[int, int]


def spectrum_of(gram: Tensor, shape: tuple[int, int]) -> Spectrum:
    """From the product of a matrix with its transpose, float64.

    Forming the product in float64 leaves singular values exact to 1e-8 of the largest, which is
    more than float32 weights hold, in a tenth of the time of a decomposition of the matrix.
    """
    values, vectors = torch.linalg.eigh((gram + gram.T) / 2)
    return Spectrum(vectors.flip(1), values.flip(0).clamp(min=0), shape)


def choose_rank(spectrum: Spectrum, params: RankParams) -> int:
    """The rank by energy or by variational Bayes; at least 1."""
    squares = spectrum.squares.numpy()
    if params.rank_by is RankBy.VBMF:
        return max(1, vbmf_rank(np.sqrt(squares), *spectrum.shape))
    total = squares.sum()
    if not total > 0:
        return 1
    kept = np.cumsum(squares) / total
    return min(int(np.searchsorted(kept, params.energy - 1e-12)) + 1, len(squares))


def known_ranks(unit: Unit, form: Form, spectra: Sequence[Spectrum]) -> Ranks:
    """By the unit's settings; where they say so, from the spectra."""
    ranks = shape_ranks(unit.owner, unit.params, form)
    if ranks is not None:
        return ranks
    found = (choose_rank(spectrum, unit.params) for spectrum in spectra)
    full = full_ranks(unit.owner, form)
    least = (min(rank, most) for rank, most in zip(found, full, strict=True))
    return tuple(rounded(rank, unit.params) for rank in least)


def balanced(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """The same product with rows of `right` as long as columns of `left`.

    Factors of like size train and quantize best.

    Args:
        left: `[rows, rank]`.
        right: `[rank, columns]`.
    """
    a, b = left.norm(dim=0), right.norm(dim=1)
    usable = (a > 0) & (b > 0)
    factor = torch.where(usable, torch.sqrt(b / a.clamp(min=1e-300)), torch.ones_like(a))
    return left * factor, right / factor[:, None]


def parts_for(
    leaf: nn.Module, weights: Mapping[str, Tensor], bias: nn.Parameter | None
) -> dict[str, nn.Module]:
    """Leaves from the weights of the parts, in the order of the chain.

    Args:
        leaf: What they replace; its type, strides and the like are kept.
        weights: Part → its weight; parameters that several leaves share stay shared.
        bias: Of the last part.
    """
    parts: dict[str, nn.Module] = {}
    last = [*weights][-1]
    place = CORE if CORE in weights else V
    spatial = any(size > 1 for size in weights[U].shape[2:])
    for name, weight in weights.items():
        own_bias = bias if name == last else None
        if isinstance(leaf, nn.Embedding) and name == V:
            parts[name] = _embedding(leaf, weight)
        elif isinstance(leaf, (nn.Linear, nn.Embedding)):
            parts[name] = _linear(weight, own_bias)
        else:
            axes = (0,) if name == V else (1,)
            kept = axes if spatial else (0, 1, 2) if name == place else ()
            parts[name] = _convolution(leaf, weight, own_bias, kept)
    return parts


def _own(module: nn.Module, weight: Tensor, bias: nn.Parameter | None) -> None:
    module.register_parameter("weight", _parameter(weight))
    if not isinstance(module, nn.Embedding):
        module.register_parameter("bias", bias)


def _parameter(weight: Tensor) -> nn.Parameter:
    return weight if isinstance(weight, nn.Parameter) else nn.Parameter(weight)


def _linear(weight: Tensor, bias: nn.Parameter | None) -> nn.Linear:
    rows, columns = weight.shape
    part = nn.Linear(columns, rows, bias=False, device="meta")
    _own(part, weight, bias)
    return part


def _embedding(leaf: nn.Embedding, weight: Tensor) -> nn.Embedding:
    rows, columns = weight.shape
    part = nn.Embedding(
        rows,
        columns,
        padding_idx=leaf.padding_idx,
        scale_grad_by_freq=leaf.scale_grad_by_freq,
        sparse=leaf.sparse,
        device="meta",
    )
    _own(part, weight, None)
    return part


_PLAIN = {"stride": 1, "padding": 0, "dilation": 1}


def _convolution(
    leaf: Any, weight: Tensor, bias: nn.Parameter | None, axes: Collection[int]
) -> nn.Module:
    """A convolution that does along some axes of the kernel what the layer did."""
    kinds = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
    kind: Any = next(kind for kind in kinds if isinstance(leaf, kind))
    rows, columns, *kernel = weight.shape
    settings: dict[str, Any] = {}
    if axes:
        settings["padding_mode"] = leaf.padding_mode
        for name, plain in _PLAIN.items():
            values = getattr(leaf, name)
            if not isinstance(values, str):  # "same" is so along axes of one point too
                values = tuple(v if axis in axes else plain for axis, v in enumerate(values))
            settings[name] = values
    part: nn.Module = kind(columns, rows, tuple(kernel), bias=False, device="meta", **settings)
    _own(part, weight, bias)
    return part


def shaped(leaf: nn.Module, left: Tensor, right: Tensor, weight: Tensor) -> dict[str, Tensor]:
    """The weights of `v` and `u` from the factors of a layer's matrix, as the leaf has them.

    Args:
        leaf: The layer.
        left: `[rows, rank]`.
        right: `[rank, columns]`.
        weight: Gives the type, the device and the shape under the kernel.
    """
    left, right = balanced(left, right)
    if isinstance(leaf, nn.Embedding):  # the table comes first: rows of `left` are looked up
        return {V: left.to(weight.dtype), U: right.T.contiguous().to(weight.dtype)}
    ones = (1,) * (weight.dim() - 2)
    v = right.reshape(len(right), *weight.shape[1:]).to(weight.dtype)
    u = left.reshape(*left.shape, *ones).to(weight.dtype)
    return {V: v.contiguous(), U: u.contiguous()}


def is_finite(weight: Tensor) -> bool:
    """Whether a weight has neither NaN nor infinity."""
    return math.isfinite(float(weight.detach().float().abs().sum()))
