"""Turns an exported float model into a quantized one: activations, then each encoded weight."""

from __future__ import annotations

from collections.abc import Mapping

import onnx_ir as ir
from onnx_ir.passes.common import RemoveUnusedNodesPass

from engine.info import Target
from engine.network.encoding import HalfEncoding
from engine.writers.fake_quantize import DOMAIN
from engine.writers.joined import joined, write_joined
from engine.writers.nbits import takes_blocks, write_blocks
from engine.writers.onnx_build import MICROSOFT, Builder
from engine.writers.onnx_names import Naming
from engine.writers.onnx_weights import find_place, write_folded, write_half, write_portable
from engine.writers.qdq import guard_float_layers, quantize_activations
from engine.writers.stored import Stored

OPSET = 21
"""The first with 4-bit and 16-bit integers, and with blocks."""
_OPSET_INT2 = 25
_IR_VERSIONS = {21: 10, 22: 10, 23: 11, 24: 12, 25: 13}
_SMALLEST = frozenset({ir.DataType.INT2, ir.DataType.UINT2})


def quantize_model(
    model: ir.Model, stored: Mapping[str, Stored], naming: Naming, target: Target
) -> list[str]:
    """Quantize a renamed model in place.

    Args:
        model: With markers where activations are quantized, and float weights.
        stored: Layer → how its weight is stored.
        naming: Of the model.
        target: What it is formed for; not `auto`.

    Returns:
        What the user must know, one sentence each.
    """
    graph = model.graph
    builder = Builder(graph)
    quantize_activations(graph, builder)
    # What a bound on integers replaced must not count as a user of a convolution's output.
    RemoveUnusedNodesPass()(model)
    left: list[str] = []
    done: set[str] = set()
    for layer, kind in stored.items():
        names = [naming.first(name) for name in naming.layers.get(layer, ())]
        if not names or names[0] in done:
            continue
        done.add(names[0])
        if not _write(graph, builder, names, kind, target):
            left.append(layer)
    guard_float_layers(builder)
    _finish(model)
    if not left:
        return []
    shown = ", ".join(left[:3]) + (f" and {len(left) - 3} more layers" if len(left) > 3 else "")
    return [f"{shown}: stored as float, because the exporter changed the weights (batch norm?)."]


def is_rounded(model: ir.Model) -> bool:
    """Whether anything is computed from rounded inputs, so that the last digits may differ.

    ONNX Runtime makes `MatMulNBits` of weights in blocks too.
    """
    return any(
        node.op_type in ("QuantizeLinear", "MatMulNBits") or "block_size" in node.attributes
        for node in model.graph.all_nodes()
    )


def _write(
    graph: ir.Graph, builder: Builder, names: list[str], kind: Stored, target: Target
) -> bool:
    value = graph.initializers.get(names[0])
    if value is None:
        return False
    if isinstance(kind, HalfEncoding):
        others = [graph.initializers[name] for name in names[1:] if name in graph.initializers]
        halved = write_half(value, kind.dtype, builder)
        for other in others:
            write_half(other, kind.dtype, builder)
        return halved
    place = find_place(value, kind)
    if place is None:
        return False
    builder.release(value)
    form = joined(place, target)
    if form is not None:
        write_joined(form, builder)
    elif target is Target.PORTABLE:
        write_portable(place, builder)
    elif takes_blocks(place):
        write_blocks(place, builder)
    else:
        write_folded(place, builder)
    return True


def _finish(model: ir.Model) -> None:
    """Drop what nothing uses any more, and state the versions that the operators need."""
    graph = model.graph
    RemoveUnusedNodesPass()(model)
    graph.opset_imports.pop(DOMAIN, None)
    if any(node.domain == MICROSOFT for node in graph):
        graph.opset_imports[MICROSOFT] = 1
    if any(value.dtype in _SMALLEST for value in graph.initializers.values()):
        graph.opset_imports[""] = max(_OPSET_INT2, graph.opset_imports[""])
    version = _IR_VERSIONS.get(graph.opset_imports[""])
    if version is not None:
        model.ir_version = version
    # Runtimes infer the types between inputs and outputs; in the file they are a tenth of it.
    between = [value for node in graph for value in node.outputs if not value.is_graph_output()]
    for value in (*between, *graph.initializers.values()):
        value.type, value.shape = None, None
