"""What rounding to few bits does to a layer's weight."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.details import QuantizationDetail
from engine.errors import RecipeError
from engine.info import FOLDS_INTO, LayerKind
from engine.jobs.job import Job
from engine.jobs.looks import QuantizationLook
from engine.looks.weights import weight_matrix
from engine.methods.quantization.settings import Granularity, UniformParams, WeightRange
from engine.methods.quantization.uniform import UNIFORM
from engine.methods.quantization.weight_ranges import weight_encoding
from engine.network.encoding import WeightEncoding, dequantize, quantize
from engine.opened import OpenModel, open_model
from engine.surgery.fold import norm_affine

Floats = NDArray[np.float64]
BITS = (2, 3, 4, 5, 6, 7, 8, 16)
MOST_LEVELS = 256
_SAMPLED = 1 << 16
"""Weights on which ranges are searched; where nothing is searched, sixteen times as many."""


def look_at_rounding(request: QuantizationLook, job: Job) -> QuantizationDetail:
    """Answer a `QuantizationLook`."""
    params = _params(request)
    model = open_model(request.model, job)
    key = ("rounding", request.layer, params, request.channel)
    find = _Rounding(model, request.layer, params, job)
    return model.fact(key, lambda: find.detail(request.channel))


def _params(request: QuantizationLook) -> UniformParams:
    """The settings.

    Raises:
        RecipeError: One of them is wrong.
    """
    found = UNIFORM.parse(request.params)
    if isinstance(found, tuple):
        fault = found[0]
        place = ".".join(str(part) for part in fault.path)
        raise RecipeError(f"{place} {fault.message}".strip(), where=place)
    return cast("UniformParams", found)


class _Rounding:
    def __init__(self, model: OpenModel, layer: str, params: UniformParams, job: Job) -> None:
        self.model = model
        self.layer = layer
        self.params = params
        self.job = job

    def detail(self, channel: int) -> QuantizationDetail:
        """Errors of all bits, and one channel's grid at the chosen ones."""
        chosen = self.params.weight_bits or 0
        reason = UNIFORM.applies(self.model.row(self.layer), self.params)
        if reason:
            return QuantizationDetail(self.layer, chosen=chosen, reason=reason)
        matrix, factor = self._folded()
        if not bool(torch.isfinite(matrix).all()):
            reason = "Some of its weights are NaN or infinite, so it is left alone."
            return QuantizationDetail(self.layer, chosen=chosen, reason=reason)
        sample = self._sample(matrix)
        errors = [self._error(sample, bits) for bits in BITS]
        channel = min(max(channel, 0), len(matrix) - 1)
        levels, step = self._levels(matrix, sample, channel)
        divisor = 1.0 if factor is None else float(factor[channel])
        if divisor:
            levels, step = np.sort(levels / divisor), step / abs(divisor)
        return QuantizationDetail(
            self.layer,
            BITS,
            np.array(errors),
            chosen,
            channel,
            levels,
            step,
            sampled=sample.numel() < matrix.numel(),
        )

    def _folded(self) -> tuple[Tensor, Tensor | None]:
        """The weight `[C_out, K]` as it is rounded: times the scale of the norm that it takes over.

        And that scale, where there is one.
        """
        matrix = weight_matrix(self.model.use(self.layer)).float()
        for row in self.model.info.layers:
            if row.kind is LayerKind.BATCH_NORM and row.attributes.get(FOLDS_INTO) == self.layer:
                norm: Any = self.model.use(row.name).module
                scale = norm_affine(norm)[0].float()
                if len(scale) == len(matrix):
                    return matrix * scale[:, None], scale
        return matrix, None

    def _sample(self, matrix: Tensor) -> Tensor:
        """Whole channels, evenly spread; single weights and both ends where all share a scale."""
        searched = self.params.weight_range is WeightRange.MSE
        most = _SAMPLED if searched else 16 * _SAMPLED
        if matrix.numel() <= most:
            return matrix
        if self.params.granularity is Granularity.TENSOR:
            flat = matrix.flatten()
            ends = torch.stack(torch.aminmax(flat))
            return torch.cat([flat[:: -(-flat.numel() // most)], ends])[None]
        width = matrix.shape[1]
        if self.params.granularity is Granularity.GROUP and width > most:
            width = max(most // self.params.group_size, 1) * self.params.group_size
        count = max(1, most // width)
        rows = torch.linspace(0, len(matrix) - 1, count).round().long()
        return matrix[rows, :width]

    def _encoding(self, rows: Tensor, bits: int) -> WeightEncoding:
        params = self.params.model_copy(update={"weight_bits": bits})
        return weight_encoding(rows, params, pause=self.job.checkpoint)

    def _error(self, sample: Tensor, bits: int) -> float:
        encoding = self._encoding(sample, bits)
        self.job.checkpoint("Rounding", BITS.index(bits), len(BITS))
        off = dequantize(quantize(sample, encoding), encoding) - sample
        whole = float(sample.double().square().sum())
        return float(off.double().square().sum()) / whole if whole > 0 else 0.0

    def _levels(self, matrix: Tensor, sample: Tensor, channel: int) -> tuple[Floats, float]:
        """The grid of a channel (of its first group) at the chosen bits."""
        bits = self.params.weight_bits
        if bits is None:
            return np.zeros(0), 0.0
        shared = self.params.granularity is Granularity.TENSOR
        encoding = self._encoding(sample if shared else matrix[channel : channel + 1], bits)
        step, zero = float(encoding.scale[0, 0]), int(encoding.zero_point[0, 0])
        count = encoding.quant_max - encoding.quant_min + 1
        integers = np.linspace(encoding.quant_min, encoding.quant_max, min(count, MOST_LEVELS))
        return (np.rint(integers) - zero) * step, step
