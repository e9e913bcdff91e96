"""Quantized activations in ONNX: markers become QuantizeLinear, Clip and DequantizeLinear.

Integers are unsigned: a grid from `quant_min` is moved to begin at 0. A grid of fewer values than
its type has is a `Clip` of the integers, so that 4-bit activations run in the kernels for 8 bits.
Rounding to a grid is monotone, so what only moves values (a reshape, a maximum over a window)
may come before or after it, and a ReLU in front of it is the same as a bound on the integers: both
let ONNX Runtime join a convolution with the quantization of its output.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from engine.writers.fake_quantize import DOMAIN, MARKER
from engine.writers.onnx_build import Builder, attribute, constant_of, only_user

_MOVES = frozenset({"MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Concat"})
"""Operators whose output holds nothing but values of their input, in whatever order."""
_JOINED = frozenset({"Conv", "Gemm", "MatMul", "Add"})
"""Operators that ONNX Runtime joins with the quantization of their output."""
_READERS = frozenset({"Conv", "Gemm", "MatMul", "Add"})
"""Operators that compute with integers if their inputs are."""
_WEIGHTED = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})


@dataclass(frozen=True, slots=True)
class Grid:
    """Unsigned integers 0 … `quant_max` that stand for (integer - zero_point) * scale."""

    scale: float
    zero_point: int
    quant_max: int

    @property
    def dtype(self) -> ir.DataType:
        """The type that its integers are stored in."""
        return ir.DataType.UINT8 if self.quant_max <= 255 else ir.DataType.UINT16

    def integer(self, value: float) -> int:
        """The integer that a value becomes."""
        if math.isinf(value):
            return self.quant_max if value > 0 else 0
        nearest = int(np.rint(np.float32(value) / np.float32(self.scale))) + self.zero_point
        return min(max(nearest, 0), self.quant_max)


def grid_of(marker: ir.Node) -> Grid:
    """The grid that a marker stands for, moved to begin at 0."""
    low = int(attribute(marker, "quant_min", 0))
    return Grid(
        scale=float(np.float32(attribute(marker, "scale", 1.0))),
        zero_point=int(attribute(marker, "zero_point", 0)) - low,
        quant_max=int(attribute(marker, "quant_max", 255)) - low,
    )


def markers(graph: ir.Graph) -> list[ir.Node]:
    """The fake quantizations of a graph, in execution order."""
    return [node for node in graph if _is_marker(node)]


def quantize_activations(graph: ir.Graph, builder: Builder) -> None:
    """Turn every marker of the graph into standard operators, in place."""
    _merge(graph)
    for marker in markers(graph):
        _hoist(builder, marker)
    _merge(graph)
    for marker in markers(graph):
        value = marker.inputs[0]
        assert value is not None
        _replace(graph, marker, _quantized(builder, marker, value, grid_of(marker)))
    _repeat_after_moves(graph, builder)


def _repeat_after_moves(graph: ir.Graph, builder: Builder) -> None:
    """Round again, to the same grid, what was only moved since it was rounded.

    It changes no value: it tells ONNX Runtime that what follows reads integers too.
    """
    nodes = list(graph)
    for node, following in itertools.pairwise(nodes):
        source, output = node.inputs[0] if node.inputs else None, node.outputs[0]
        if not (_only_moves(node) or _pads_or_cuts(node)) or node.op_type == "Concat":
            continue
        if source is None or not is_quantized(source) or output.is_graph_output():
            continue
        users = [use.node for use in output.uses()]
        if not any(u.op_type in _READERS or _only_moves(u) or _pads_or_cuts(u) for u in users):
            continue
        before = source.producer()
        assert before is not None
        grid = before.inputs[1:3]
        name = f"{output.name}_moved"
        places = [(use.node, use.idx) for use in output.uses()]
        integers = builder.node("QuantizeLinear", [output, *grid], following, name=name)
        kind = before.inputs[0].dtype if before.inputs[0] is not None else None
        integers.type = ir.TensorType(kind or ir.DataType.UINT8)
        again = builder.node(
            "DequantizeLinear", [integers, *grid], following, name=f"{name}_quantized"
        )
        again.type, again.shape = output.type, output.shape
        for user, slot in places:
            user.replace_input_with(slot, again)


def _pads_or_cuts(node: ir.Node) -> bool:
    """Whether a node gives values of its input and zeros, which are on every grid."""
    if node.op_type == "Slice":
        return True
    if node.op_type != "Pad" or attribute(node, "mode", "constant") != "constant":
        return False
    filling = node.inputs[2] if len(node.inputs) > 2 else None
    value = constant_of(filling)
    return filling is None or (value is not None and not value.any())


def _merge(graph: ir.Graph) -> None:
    """One marker for each value and grid."""
    first: dict[tuple[ir.Value | None, Grid], ir.Node] = {}
    for marker in markers(graph):
        kept = first.setdefault((marker.inputs[0], grid_of(marker)), marker)
        if kept is not marker and not marker.outputs[0].is_graph_output():
            marker.outputs[0].replace_all_uses_with(kept.outputs[0])
            graph.remove(marker, safe=True)


def _hoist(builder: Builder, marker: ir.Node) -> None:
    """Quantize before what only moves values too, up to the operator that computed them."""
    value = marker.inputs[0]
    mover = value.producer() if value is not None else None
    if value is None or mover is None or only_user(value) is not marker or not _only_moves(mover):
        return
    count = len(mover.inputs) if mover.op_type == "Concat" else 1
    sources = mover.inputs[:count]
    if any(source is None or only_user(source) is not mover for source in sources):
        return
    for slot, source in enumerate(sources):
        if source is None or source.producer() is None or _is_marker(source.producer()):
            continue
        name = f"{source.name}_quantized"
        before = builder.node(
            MARKER, [source], mover, name=name, attributes=_settings(marker), domain=DOMAIN
        )
        before.type, before.shape = source.type, source.shape
        mover.replace_input_with(slot, before)
        produced = before.producer()
        assert produced is not None
        _hoist(builder, produced)


def _is_marker(node: ir.Node | None) -> bool:
    return node is not None and node.domain == DOMAIN and node.op_type == MARKER


def _settings(marker: ir.Node) -> dict[str, float | int]:
    names = ("scale", "zero_point", "quant_min", "quant_max")
    return {name: attribute(marker, name, 0) for name in names}


def _only_moves(node: ir.Node) -> bool:
    if node.domain not in ("", "ai.onnx") or node.op_type not in _MOVES:
        return False
    return len(node.outputs) == 1 or not any(list(out.uses()) for out in node.outputs[1:])


def _quantized(builder: Builder, marker: ir.Node, value: ir.Value, grid: Grid) -> ir.Value:
    """The value after it was rounded to the grid, in front of the marker."""
    source, low, high = _bounds(value, grid)
    name = value.name or "value"
    numpy_type = grid.dtype.numpy()
    scale = builder.shared(f"{name}_scale", np.array(grid.scale, np.float32))
    zero_point = builder.shared(
        f"zero_point_{grid.dtype.name.lower()}_{grid.zero_point}",
        np.array(grid.zero_point, numpy_type),
    )
    integers = builder.node(
        "QuantizeLinear", [source, scale, zero_point], marker, name=f"{name}_integers"
    )
    integers.type, integers.shape = ir.TensorType(grid.dtype), value.shape
    largest = int(np.iinfo(numpy_type).max)
    if low > 0 or high < largest:
        bounds: list[ir.Value | None] = [None, None]
        if low > 0:
            bounds[0] = builder.shared(f"integer_{low}", np.array(low, numpy_type))
        if high < largest:
            bounds[1] = builder.shared(f"integer_{high}", np.array(high, numpy_type))
        while bounds[-1] is None:
            bounds.pop()
        clipped = builder.node("Clip", [integers, *bounds], marker, name=f"{name}_clipped")
        clipped.type, clipped.shape = integers.type, integers.shape
        integers = clipped
    result = builder.node(
        "DequantizeLinear", [integers, scale, zero_point], marker, name=f"{name}_quantized"
    )
    result.type, result.shape = value.type, value.shape
    return result


def _bounds(value: ir.Value, grid: Grid) -> tuple[ir.Value, int, int]:
    """What to quantize, and the bounds of its integers, with a ReLU in front taken into them."""
    low, high = 0, grid.quant_max
    if grid.dtype is not ir.DataType.UINT8:
        return value, low, high
    producer = value.producer()
    if producer is None or only_user(value) is None or producer.domain not in ("", "ai.onnx"):
        return value, low, high
    source = producer.inputs[0]
    limits = _limits(producer)
    before = source.producer() if source is not None else None
    if limits is None or source is None or before is None or before.op_type not in _JOINED:
        return value, low, high
    if only_user(source) is not producer:
        return value, low, high
    return source, max(low, grid.integer(limits[0])), min(high, grid.integer(limits[1]))


def _limits(node: ir.Node) -> tuple[float, float] | None:
    """Between which values an operator lets its input through; None for any other operator."""
    if node.op_type == "Relu":
        return 0.0, math.inf
    if node.op_type != "Clip":
        return None
    limits = [-math.inf, math.inf]
    for slot in (1, 2):
        given = node.inputs[slot] if slot < len(node.inputs) else None
        if given is not None:
            array = constant_of(given)
            if array is None or array.size != 1:
                return None
            limits[slot - 1] = float(array.reshape(-1)[0])
    return (limits[0], limits[1]) if limits[0] <= limits[1] else None


def _replace(graph: ir.Graph, marker: ir.Node, value: ir.Value) -> None:
    """Let whoever used the marker's output use the value, and drop the marker."""
    output = marker.outputs[0]
    if output.is_graph_output():
        # The graph's output keeps its name: it moves to the node that now computes it.
        _as_output(graph, output, value, marker)
    output.replace_all_uses_with(value)
    graph.remove(marker, safe=True)


def _as_output(graph: ir.Graph, output: ir.Value, value: ir.Value, marker: ir.Node) -> None:
    name, position = output.name, [out is output for out in graph.outputs]
    output.name = f"{name}_marked"
    result = value
    if value.is_graph_output() or list(value.uses()):
        node = ir.node("Identity", [value], name=f"{name}_output")
        graph.insert_before(marker, node)
        result = node.outputs[0]
    result.name, result.type, result.shape = name, output.type, output.shape
    for index, is_it in enumerate(position):
        if is_it:
            graph.outputs[index] = result


def is_quantized(value: ir.Value | None) -> bool:
    """Whether a value was just dequantized from 8-bit integers that are no constant."""
    return levels(value) is not None


def levels(value: ir.Value | None) -> int | None:
    """The highest integer of a value that was just dequantized from 8 bits; None for others."""
    node = value.producer() if value is not None else None
    if node is None or node.op_type != "DequantizeLinear" or node.inputs[0] is None:
        return None
    source = node.inputs[0].producer()
    if source is None or node.inputs[0].dtype not in (ir.DataType.UINT8, ir.DataType.INT8):
        return None
    if source.op_type == "Clip" and len(source.inputs) > 2:
        bound = constant_of(source.inputs[2])
        return 255 if bound is None else int(bound)
    return 255 if source.op_type in ("Clip", "QuantizeLinear") else None


def scale_of(value: ir.Value) -> float:
    """The scale that a value was dequantized with."""
    node = value.producer()
    assert node is not None
    scale = constant_of(node.inputs[1])
    assert scale is not None
    return float(scale)


def quantized_next(value: ir.Value) -> bool:
    """Whether nothing is done with a value but quantize it to 8 bits, once."""
    user = only_user(value)
    if user is None or user.op_type != "QuantizeLinear":
        return False
    return user.outputs[0].dtype in (ir.DataType.UINT8, ir.DataType.INT8)


def guard_float_layers(builder: Builder) -> None:
    """Keep ONNX Runtime from rounding the weights of layers that are to be computed in float.

    It rounds a float weight to 8 bits of its own choice where input and output of the layer are
    quantized. A maximum with the lowest value of the grid, between layer and rounding, prevents
    that and changes nothing (a Clip would be taken away again).
    """
    for node in list(builder.graph):
        if node.op_type not in _WEIGHTED or node.domain not in ("", "ai.onnx"):
            continue
        weight = node.inputs[1]
        producer = weight.producer() if weight is not None else None
        if producer is not None and producer.op_type == "DequantizeLinear":
            continue
        output = node.outputs[0]
        if is_quantized(node.inputs[0]) and quantized_next(output):
            _bound(builder, output)


def _bound(builder: Builder, output: ir.Value) -> None:
    user = only_user(output)
    assert user is not None
    scale, point = constant_of(user.inputs[1]), constant_of(user.inputs[2])
    assert scale is not None
    assert point is not None
    lowest = np.array(-int(point) * float(scale), np.float32)
    bound = builder.shared(f"{output.name}_lowest", lowest)
    bounded = builder.node("Max", [output, bound], user, name=f"{output.name}_bounded")
    user.replace_input_with(0, bounded)
