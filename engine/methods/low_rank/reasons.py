"""Why a layer is not factored."""

from __future__ import annotations

from engine.info import LayerInfo, LayerKind
from engine.methods.low_rank.shapes import CONVOLUTIONS, matrix_shape

MATRICES = CONVOLUTIONS | {LayerKind.LINEAR}
"""Layers that multiply their input with a matrix, at every position."""


def matrix_reason(layer: LayerInfo, kinds: frozenset[LayerKind]) -> str:
    """Why a layer's weight is not one matrix that can be factored; "" if it is."""
    if layer.kind not in kinds:
        return f"The weights of a layer of kind {layer.kind} are not factored."
    if not layer.verdict.trainable:
        return layer.verdict.reason
    if int(layer.attributes.get("groups", 1)) != 1:
        return "A convolution in groups is many small matrices, which are not factored."
    if min(matrix_shape(layer)) < 2:
        return "Its weights are a single row or column: there is nothing to factor."
    return ""
