"""Weights whose DequantizeLinear ONNX Runtime joins with the layer into an integer kernel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx_ir as ir

from engine.info import Target
from engine.network.encoding import widening
from engine.writers.onnx_build import Array, Builder, attribute, constant_of
from engine.writers.onnx_weights import Place, storage
from engine.writers.qdq import levels, quantized_next, scale_of
from engine.writers.target import signed_weights_are_exact

_LOWEST_SUM, _HIGHEST_SUM = -(1 << 15), (1 << 15) - 1
"""What the sum of two products may be where a kernel adds them in 16 bits."""
_LARGEST_BIAS = (1 << 31) - (1 << 28)
"""Leaves the sum of products room in 32 bits."""
_UNSIGNED = 128
"""Zero point of signed integers that are stored as unsigned ones."""
_PACKED_BITS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """A weight in the form for integer kernels.

    Attributes:
        place: The weight and where it goes.
        integers: 8 bits, as the file's tensor lies; what the kernel will see.
        zero_point: One for all of them.
        factor: The stored integers times this are these.
        scale: float32 `[C_out]` or one number.
    """

    place: Place
    integers: Array
    zero_point: int
    factor: int
    scale: Array


def joined(place: Place, target: Target) -> Joined | None:
    """The form for integer kernels; None unless every node that uses the weight can take it.

    Where the target's kernel adds products of signed weights in 16 bits, weights that could make
    these sums saturate are stored as unsigned ones.
    """
    weight, uses = place.weight, list(place.value.uses())
    if weight.grouped or weight.bits > 8:
        return None
    if not all(use.idx == 1 and _runs_in_integers(use.node) for use in uses):
        return None
    points = weight.zero_point.reshape(-1)
    if weight.bits == 8 and not weight.symmetric and (points == points[0]).all():
        form = Joined(place, place.integers().astype(np.uint8), int(points[0]), 1, weight.scale)
    else:
        highest = max(levels(use.node.inputs[0]) or 0 for use in uses)
        found = _centered(place, highest, exact=signed_weights_are_exact(target))
        if found is None:
            return None
        form = found
    form = replace(form, scale=_scales(form))
    return form if all(_bias(form, use.node) is not None for use in uses) else None


def _centered(place: Place, highest: int, *, exact: bool) -> Joined | None:
    """Integers with their zero points taken off; None where they do not fit into 8 bits.

    Small ones are widened, so that biases lie on a finer grid.
    """
    weight = place.weight
    integers = place.integers().astype(np.int16)
    if not weight.symmetric:
        integers = integers - place.along_axis(weight.zero_point).astype(np.int16)
    if integers.min(initial=0) < -128 or integers.max(initial=0) > 127:
        return None
    factor = widening(weight.bits, symmetric=weight.symmetric)
    integers = integers * np.int16(factor)
    scale = weight.scale.astype(np.float32) / np.float32(factor)
    if exact or not _may_saturate(integers, place.axis, highest):
        return Joined(place, integers.astype(np.int8), 0, factor, scale)
    shifted = (integers + _UNSIGNED).astype(np.uint8)
    return Joined(place, shifted, _UNSIGNED, factor, scale)


def write_joined(form: Joined, builder: Builder) -> None:
    """Replace a weight, and the biases of the nodes that use it, by integers."""
    place, before = form.place, form.place.first_user()
    users = [use.node for use in place.value.uses()]
    stored = _stored(form, builder, before)
    kind = form.integers.dtype
    points = np.full(form.scale.shape, form.zero_point, kind)
    result = builder.node(
        "DequantizeLinear",
        [
            stored,
            builder.constant(f"{place.name}_scale", form.scale),
            builder.shared(f"zero_point_{kind.name}_{form.zero_point}", points),
        ],
        before,
        name=f"{place.name}_dequantized",
        attributes={"axis": place.axis} if form.scale.ndim else None,
    )
    result.type, result.shape = place.value.type, place.value.shape
    place.value.replace_all_uses_with(result)
    for node in users:
        _write_bias(form, node, builder)


def _runs_in_integers(node: ir.Node) -> bool:
    """Whether ONNX Runtime has an integer kernel for a node with this input and what follows."""
    if node.domain not in ("", "ai.onnx") or levels(node.inputs[0]) is None:
        return False
    if node.op_type == "Conv":
        return quantized_next(node.outputs[0])
    if node.op_type == "Gemm":
        plain = all(attribute(node, name, 1.0) == 1.0 for name in ("alpha", "beta"))
        return plain and not attribute(node, "transA", 0)
    return node.op_type == "MatMul"


def _may_saturate(integers: Array, axis: int, highest: int) -> bool:
    """Whether two products with inputs up to `highest` can leave 16 bits, in any order."""
    matrix = np.moveaxis(integers, axis, 0).reshape(integers.shape[axis], -1).astype(np.int64)
    if matrix.size == 0:
        return False
    ordered = np.sort(matrix, axis=1)
    lowest = np.minimum(ordered[:, :2], 0).sum(axis=1).min() * highest
    largest = np.maximum(ordered[:, -2:], 0).sum(axis=1).max() * highest
    return bool(lowest < _LOWEST_SUM or largest > _HIGHEST_SUM)


def _scales(form: Joined) -> Array:
    """The scales; one of a channel that is all zero is free, and taken from its neighbors.

    A bias is stored in steps of the scale: with the tiny scale of a dead channel it would not fit.
    """
    scale = form.scale.reshape(-1).astype(np.float32)
    if scale.size == 1:
        return scale.reshape(())
    matrix = np.moveaxis(form.integers, form.place.axis, 0).reshape(scale.size, -1)
    dead = (matrix == form.zero_point).all(axis=1)
    return np.where(dead, scale.max(), scale).astype(np.float32)


def _bias(form: Joined, node: ir.Node) -> tuple[Array, Array] | None:
    """A node's bias as int32 with its scales, empty without one; None where that cannot be."""
    value = node.inputs[2] if len(node.inputs) > 2 else None
    if value is None:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    bias, x = constant_of(value), node.inputs[0]
    assert x is not None
    channels = form.integers.shape[form.place.axis]
    if bias is None or bias.shape != (channels,):
        return None
    scale = np.float32(scale_of(x)) * form.scale
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        integers = np.rint(bias.astype(np.float64) / scale.astype(np.float64))
    if not np.isfinite(integers).all() or np.abs(integers).max(initial=0) > _LARGEST_BIAS:
        return None
    return integers.astype(np.int32), scale.astype(np.float32)


def _write_bias(form: Joined, node: ir.Node, builder: Builder) -> None:
    found = _bias(form, node)
    assert found is not None
    integers, scale = found
    if integers.size == 0:
        return
    value = node.inputs[2]
    assert value is not None
    alone = len(list(value.uses())) == 1
    name = builder.release(value) if alone else value.name or f"{form.place.name}_bias"
    inputs = [
        builder.constant(name, integers),
        builder.constant(f"{name}_scale", scale),
        builder.shared(f"zero_point_int32_{scale.ndim}", np.zeros(scale.shape, np.int32)),
    ]
    attributes = {"axis": 0} if scale.ndim else None
    result = builder.node(
        "DequantizeLinear", inputs, node, name=f"{name}_dequantized", attributes=attributes
    )
    result.type, result.shape = value.type, value.shape
    node.replace_input_with(2, result)


def _stored(form: Joined, builder: Builder, before: ir.Node) -> ir.Value:
    """The 8-bit integers; of fewer than 5 bits packed, and unpacked when the file is loaded."""
    place, weight = form.place, form.place.weight
    if weight.bits > _PACKED_BITS:
        return builder.constant(place.name, form.integers)
    kind = storage(weight.bits, signed=weight.symmetric)
    value = builder.constant(place.name, place.integers(), kind)
    if not weight.symmetric or form.factor > 1:
        value = _cast(builder, value, ir.DataType.INT32, before, f"{place.name}_wide")
    if not weight.symmetric:
        points = place.along_axis(weight.zero_point).astype(np.int32)
        point = builder.constant(f"{place.name}_zero_point", points)
        value = builder.node("Sub", [value, point], before, name=f"{place.name}_centered")
    if form.factor > 1:
        factor = builder.shared(f"factor_{form.factor}", np.array(form.factor, np.int32))
        value = builder.node("Mul", [value, factor], before, name=f"{place.name}_multiplied")
    return _cast(builder, value, ir.DataType.INT8, before, f"{place.name}_integers")


def _cast(
    builder: Builder, value: ir.Value, to: ir.DataType, before: ir.Node, name: str
) -> ir.Value:
    result = builder.node("Cast", [value], before, name=name, attributes={"to": int(to)})
    result.type, result.shape = ir.TensorType(to), value.shape
    return result
