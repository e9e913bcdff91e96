"""What a recipe will come to, from shapes alone: the same figures for window, shell and report."""

from __future__ import annotations

from engine.info import Format, LayerInfo, Metrics, NetworkInfo
from engine.recipe.resolve import Plan

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
    )
