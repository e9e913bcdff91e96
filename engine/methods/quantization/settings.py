"""What recipes can say about quantization, and what follows for sizes. No torch here."""

from __future__ import annotations

import enum
import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from engine.info import LayerInfo, LayerKind
from engine.methods.quantization.rounding.settings import Rounding, RoundingSettings
from engine.parameters import Params
from engine.units import packed_bytes

MATRICES = frozenset(
    {
        LayerKind.CONV1D,
        LayerKind.CONV2D,
        LayerKind.CONV3D,
        LayerKind.CONV_TRANSPOSE1D,
        LayerKind.CONV_TRANSPOSE2D,
        LayerKind.CONV_TRANSPOSE3D,
        LayerKind.LINEAR,
    }
)
"""Layers that multiply their input with their weight."""

_TRANSPOSED = frozenset(kind for kind in MATRICES if "transpose" in kind)
_ITEM_BYTES = {"float16": 2, "bfloat16": 2, "float32": 4, "float64": 8}
_RECURRENT = frozenset({LayerKind.LSTM, LayerKind.GRU, LayerKind.RNN})

WeightBits = Literal[2, 3, 4, 5, 6, 7, 8, 16]
ActivationBits = Literal[4, 5, 6, 7, 8, 16]


class Granularity(enum.StrEnum):
    """Which weights share a scale."""

    TENSOR = "tensor"
    CHANNEL = "channel"
    GROUP = "group"


class WeightRange(enum.StrEnum):
    """How far the grid of a weight reaches."""

    MINMAX = "minmax"
    MSE = "mse"


class ActivationRange(enum.StrEnum):
    """How far the grid of an activation reaches."""

    MINMAX = "minmax"
    PERCENTILE = "percentile"
    MSE = "mse"
    ENTROPY = "entropy"


class UniformParams(Params):
    """Of the method `uniform`."""

    weight_bits: Annotated[
        WeightBits | None,
        Field(
            title="Weight bits",
            description="Bits of each weight: 2 to 8, or 16. Empty: weights stay float.",
        ),
    ] = 8
    activation_bits: Annotated[
        ActivationBits | None,
        Field(
            title="Activation bits",
            description="Bits of what goes into the layer and into additions: 4 to 8, or 16. "
            "Empty: activations stay float; the file gets smaller, not faster.",
        ),
    ] = 8
    granularity: Annotated[
        Granularity,
        Field(
            title="Granularity",
            description="Which weights share a scale: all of the layer, those of an output "
            "channel, or groups of neighbors within it.",
        ),
    ] = Granularity.CHANNEL
    group_size: Annotated[
        int,
        Field(
            ge=2,
            le=65536,
            title="Group size",
            description="Neighbors that share a scale, where the granularity is group.",
        ),
    ] = 32
    symmetric: Annotated[
        bool,
        Field(
            title="Symmetric weights",
            description="Zero is in the middle of the grid. Otherwise each scale has a zero point "
            "of its own, which fits skewed weights better.",
        ),
    ] = True
    weight_range: Annotated[
        WeightRange,
        Field(
            title="Weight range",
            description="minmax: every weight fits. mse: large weights may be clipped where that "
            "makes the error of the layer's output smaller.",
        ),
    ] = WeightRange.MSE
    activation_range: Annotated[
        ActivationRange,
        Field(
            title="Activation range",
            description="minmax: every value seen fits. percentile: a share of them does. mse: the "
            "least squared error. entropy: the distribution that is nearest to that of the values.",
        ),
    ] = ActivationRange.MSE
    percentile: Annotated[
        float,
        Field(
            gt=50,
            le=100,
            title="Percentile",
            description="Percent of the values that fit at either end, where the activation range "
            "is percentile.",
        ),
    ] = 99.99
    rounding: Annotated[
        Rounding,
        Field(
            title="Rounding",
            description="nearest: seconds. gptq: column by column, the rest makes up for the "
            "error. adaround: learned block by block; the best at 4 bits and below.",
        ),
    ] = Rounding.NEAREST
    rounding_settings: Annotated[
        RoundingSettings,
        Field(title="Rounding settings", description="Of gptq and adaround."),
    ] = RoundingSettings()
    cross_layer_equalization: Annotated[
        bool,
        Field(
            title="Cross-layer equalization",
            description="Moves scales between neighboring layers so that their channels have "
            "similar ranges; the function stays the same. Helps where weights share one scale.",
        ),
    ] = False
    bias_correction: Annotated[
        bool,
        Field(
            title="Bias correction",
            description="Takes out what rounding adds to the mean of each output channel; layers "
            "without a bias are given one.",
        ),
    ] = True

    @model_validator(mode="after")
    def _changes_something(self) -> UniformParams:
        if self.weight_bits is None and self.activation_bits is None:
            raise ValueError("Weight bits and activation bits cannot both be empty")
        return self


def channels(layer: LayerInfo) -> int:
    """Output channels of a layer."""
    if layer.kind in _TRANSPOSED:
        return layer.shape[1] * int(layer.attributes.get("groups", 1))
    return layer.shape[0]


def values(layer: LayerInfo) -> int:
    """Numbers in a layer's weight."""
    return math.prod(layer.shape)


def item_bytes(layer: LayerInfo) -> int:
    """Bytes of a number that is stored as it is."""
    return _ITEM_BYTES.get(layer.dtype, 4)


def scales(layer: LayerInfo, params: UniformParams) -> int:
    """How many scales a layer's weight gets."""
    if params.granularity is Granularity.TENSOR:
        return 1
    rows = layer.shape[1] if layer.kind in _TRANSPOSED else layer.shape[0]
    if params.granularity is Granularity.CHANNEL:
        return rows
    return rows * max(1, -(-(values(layer) // rows) // params.group_size))


def quantized_bytes(layer: LayerInfo, params: UniformParams) -> int:
    """Of a layer whose weight is stored as integers; what else it has stays as it is."""
    count = values(layer)
    rest = (layer.parameters - count) * item_bytes(layer)
    if params.weight_bits is None:
        return rest + count * item_bytes(layer)
    number = scales(layer, params)
    points = 0 if params.symmetric else packed_bytes(number, params.weight_bits)
    return rest + packed_bytes(count, params.weight_bits) + 4 * number + points


def has_bias(layer: LayerInfo) -> bool:
    """Whether a layer of the kinds in `MATRICES` has one."""
    return layer.parameters > values(layer)


def why_not(layer: LayerInfo) -> str:
    """Why a layer's weight cannot be stored in another form; empty if it can."""
    if not layer.verdict.trainable and not layer.verdict.prunable and layer.verdict.reason:
        return layer.verdict.reason
    if layer.kind in _RECURRENT:
        return "Recurrent layers hold several matrices that feed back; they stay float."
    if layer.kind is LayerKind.PARAMETER:
        return "Weights that stand free in the graph stay as they are."
    if layer.kind not in MATRICES and layer.kind is not LayerKind.EMBEDDING:
        return f"A layer of kind {layer.kind} has only a few weights, which stay as they are."
    if layer.dtype not in _ITEM_BYTES:
        return f"Its weights are {layer.dtype}, not float."
    if not values(layer):
        return "It has no weights."
    return ""
