"""What a recipe will come to, from shapes alone: the same figures for window, shell and report."""

from __future__ import annotations

import math

from engine.info import Dim, Format, LayerInfo, Metrics, NetworkInfo
from engine.recipe.plan import Plan

NODE_BYTES = {Format.ONNX: 300, Format.PT2: 2700, Format.SAFETENSORS: 250}
"""What a file holds besides weights for each node of the graph, about."""


def layer_bytes(layers: tuple[LayerInfo, ...]) -> int:
    """Bytes of all layers, shared weights once."""
    return sum(layer.size_bytes for layer in layers if not layer.tied_to)


def predicted_metrics(plan: Plan, before: NetworkInfo, format: str) -> Metrics:
    """As it is known before anything runs.

    Args:
        plan: Resolved.
        before: The original.
        format: Of the file that will be written.
    """
    start, end = plan.tables[0].layers, plan.result.layers
    nodes = before.nodes or len(before.layers)
    other = NODE_BYTES[Format(format)] * nodes
    if before.format == format:
        other = max(before.size_bytes - layer_bytes(start), 0)
    macs = None
    if before.macs is not None:
        macs = before.macs + sum(one.macs or 0 for one in end) - sum(one.macs or 0 for one in start)
    return Metrics(
        size_bytes=layer_bytes(end) + other,
        parameters=sum(layer.parameters for layer in end if not layer.tied_to),
        macs=macs,
        activation_bytes=_peak_bytes(start, end, before.activation_bytes),
    )


def _peak_bytes(
    before: tuple[LayerInfo, ...], after: tuple[LayerInfo, ...], peak: int | None
) -> int | None:
    """The original's peak of live activations, in proportion to what the widest layer holds.

    Which values live together besides a layer's input and output is the graph's, which is not
    known here.
    """
    most, left = most_held(before), most_held(after)
    if peak is None or not most or not left:
        return None
    return round(peak * left / most)


def most_held(layers: tuple[LayerInfo, ...]) -> int:
    """Input and output of the layer where they are largest; 0 where shapes are not known.

    Layers that do not multiply (norms) write over their input.
    """
    most = 0
    for layer in layers:
        incoming = _values(layer.input_shape)
        outgoing = _values(layer.output_shape)
        if layer.macs and layer.activation_bytes and incoming and outgoing:
            most = max(most, layer.activation_bytes * (incoming + outgoing) // outgoing)
    return most


def _values(shape: tuple[Dim, ...] | None) -> int:
    """Numbers in one sample; 0 where that varies."""
    if shape is None or not all(isinstance(size, int) for size in shape):
        return 0
    return math.prod(size for size in shape if isinstance(size, int))
