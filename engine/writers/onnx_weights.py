"""Weights as integers in ONNX: for integer kernels, folded when a file is loaded, or portable.

A weight takes one of four forms, whichever the nodes that use it and the target allow:

- *joined*: DequantizeLinear per tensor or channel, which ONNX Runtime joins with the quantized
  input of the layer into an integer kernel;
- *blocks*: `MatMulNBits`, for linear layers with 4-bit (or 8-bit) weights in groups and float
  inputs;
- *folded*: Cast and Mul, which ONNX Runtime computes once, when it loads the file: the file is
  small and the layer as fast as a float one (DequantizeLinear would be computed in each run);
- *portable*: DequantizeLinear, per channel or in blocks, in the smallest type of the standard.

Bits: 2 are stored in 2, 3 and 4 in 4, 5 to 8 in 8, 16 in 16.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from engine.writers.onnx_build import Array, Builder
from engine.writers.stored import StoredWeight


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A stored weight and where it goes.

    Attributes:
        name: Of its tensor in the file.
        value: The float initializer that it replaces.
        weight: Its integers.
        transposed: The file has it as `[in, out]`.
    """

    name: str
    value: ir.Value
    weight: StoredWeight
    transposed: bool

    @property
    def axis(self) -> int:
        """The axis of output channels in the file's tensor."""
        axis = self.weight.axis
        return self.weight.integers.ndim - 1 - axis if self.transposed else axis

    def integers(self) -> Array:
        """The integers as the file's tensor lies."""
        return self.weight.integers.T if self.transposed else self.weight.integers

    def along_axis(self, array: Array) -> Array:
        """Scales `[C_out or 1, 1]` in a shape that broadcasts with the file's tensor."""
        shape = [1] * self.weight.integers.ndim
        shape[self.axis] = -1
        return array.reshape(shape)

    def first_user(self) -> ir.Node:
        """The first node that uses it, in execution order of the graph."""
        users = {use.node for use in self.value.uses()}
        graph = next(iter(users)).graph
        assert graph is not None
        return next(node for node in graph if node in users)


def storage(bits: int, *, signed: bool) -> ir.DataType:
    """The smallest type of ONNX that holds so many bits."""
    kinds = ir.DataType
    for width, kind in ((2, kinds.INT2), (4, kinds.INT4), (8, kinds.INT8), (16, kinds.INT16)):
        if bits <= width:
            return kind if signed else kinds[f"U{kind.name}"]
    raise ValueError(bits)


def find_place(value: ir.Value, weight: StoredWeight) -> Place | None:
    """How a stored weight lies in the file; None where the file holds other values."""
    tensor = value.const_value
    if tensor is None or not list(value.uses()):
        return None
    have, want = tensor.numpy(), weight.values()
    step = float(weight.scale.max())
    if have.shape == want.shape and np.allclose(have, want, rtol=1e-4, atol=1e-3 * step):
        return Place(value.name or "weight", value, weight, transposed=False)
    turned = want.T if want.ndim == 2 else want
    if have.shape == turned.shape and np.allclose(have, turned, rtol=1e-4, atol=1e-3 * step):
        return Place(value.name or "weight", value, weight, transposed=True)
    return None


def write_folded(place: Place, builder: Builder) -> None:
    """Replace a weight by operators on constants that a runtime computes when it loads the file."""
    weight, before = place.weight, place.first_user()
    kind = storage(weight.bits, signed=weight.symmetric)
    integers, scale, zero_point = place.integers(), weight.scale, weight.zero_point
    if weight.grouped:
        integers = _in_groups(weight)  # [C_out, groups, group_size]
        scale, zero_point = scale[..., None], zero_point[..., None]
    else:
        scale, zero_point = place.along_axis(scale), place.along_axis(zero_point)
    result = _as_float(builder, place.name, integers, kind, before)
    if not weight.symmetric:
        point = _as_float(builder, f"{place.name}_zero_point", zero_point, kind, before)
        result = builder.node("Sub", [result, point], before, name=f"{place.name}_centered")
    factor = builder.constant(f"{place.name}_scale", scale.astype(np.float32))
    result = builder.node("Mul", [result, factor], before, name=f"{place.name}_dequantized")
    if weight.grouped:
        result = _out_of_groups(place, builder, result, padded=integers.shape[1:])
    _use_instead(place, result)


def write_portable(place: Place, builder: Builder) -> None:
    """Replace a weight by DequantizeLinear, per tensor, per channel or in blocks."""
    weight, before = place.weight, place.first_user()
    kind = storage(max(weight.bits, 3), signed=weight.symmetric)
    integers, scale, zero_point = place.integers(), weight.scale, weight.zero_point
    attributes: dict[str, int] = {}
    matrix = weight.grouped and weight.integers.ndim != 2
    if weight.grouped:
        attributes = {"axis": 1, "block_size": weight.group_size}
        if matrix:
            integers = weight.matrix()
        elif place.transposed:
            attributes["axis"] = 0
            scale, zero_point = scale.T, zero_point.T
    elif scale.size > 1:
        attributes = {"axis": place.axis}
        scale, zero_point = scale.reshape(-1), zero_point.reshape(-1)
    else:
        scale, zero_point = scale.reshape(()), zero_point.reshape(())
    inputs = [
        builder.constant(place.name, integers, kind),
        builder.constant(f"{place.name}_scale", scale.astype(np.float32)),
    ]
    if not weight.symmetric:
        inputs.append(builder.constant(f"{place.name}_zero_point", zero_point, kind))
    name = f"{place.name}_dequantized"
    result = builder.node("DequantizeLinear", inputs, before, name=name, attributes=attributes)
    if matrix:
        result = _out_of_groups(place, builder, result, padded=integers.shape[1:])
    _use_instead(place, result)


def write_half(value: ir.Value, dtype: str, builder: Builder) -> bool:
    """Store an initializer in half precision, cast when the file is loaded, if that loses nothing.

    Returns:
        Whether it was done: False where the values are not those of half precision.
    """
    tensor = value.const_value
    if tensor is None or tensor.dtype is not ir.DataType.FLOAT or not list(value.uses()):
        return False
    kind = ir.DataType.FLOAT16 if dtype == "float16" else ir.DataType.BFLOAT16
    values = tensor.numpy()
    half = values.astype(kind.numpy())
    if not np.array_equal(half.astype(np.float32), values, equal_nan=True):
        return False
    users = {use.node for use in value.uses()}
    before = next(node for node in builder.graph if node in users)
    name = builder.release(value)
    stored = builder.constant(name, half, kind)
    to = {"to": int(ir.DataType.FLOAT)}
    result = builder.node("Cast", [stored], before, name=f"{name}_float", attributes=to)
    result.type, result.shape = value.type, value.shape
    value.replace_all_uses_with(result)
    return True


def _in_groups(weight: StoredWeight) -> Array:
    """The integers as `[C_out, groups, group_size]`, the last group filled up with zero points."""
    matrix = weight.matrix()
    rows, columns = matrix.shape
    groups = weight.scale.shape[1]
    missing = groups * weight.group_size - columns
    return np.pad(matrix, ((0, 0), (0, missing))).reshape(rows, groups, weight.group_size)


def _out_of_groups(
    place: Place, builder: Builder, value: ir.Value, *, padded: tuple[int, ...]
) -> ir.Value:
    """From a matrix, or one in groups, to the shape and order that the file's tensor has."""
    weight, before, name = place.weight, place.first_user(), place.name
    moved = np.moveaxis(weight.integers, weight.axis, 0).shape
    rows, columns = moved[0], int(np.prod(moved[1:]))
    if int(np.prod(padded)) != columns:
        flat = builder.shared("shape", np.array([rows, int(np.prod(padded))], np.int64))
        value = builder.node("Reshape", [value, flat], before, name=f"{name}_rows")
        ends = [builder.shared("index", np.array([n], np.int64)) for n in (0, columns, 1)]
        value = builder.node("Slice", [value, *ends], before, name=f"{name}_cut")
    if value.producer() is None or len(moved) != 2 or len(padded) > 1:
        shape = builder.shared("shape", np.array(moved, np.int64))
        value = builder.node("Reshape", [value, shape], before, name=f"{name}_shaped")
    order = list(range(len(moved)))
    order.insert(weight.axis, order.pop(0))
    if place.transposed:
        order.reverse()
    if order != sorted(order):
        value = builder.node(
            "Transpose", [value], before, name=f"{name}_ordered", attributes={"perm": order}
        )
    return value


def _as_float(
    builder: Builder, name: str, integers: Array, kind: ir.DataType, before: ir.Node
) -> ir.Value:
    stored = builder.constant(name, integers, kind)
    to = {"to": int(ir.DataType.FLOAT)}
    return builder.node("Cast", [stored], before, name=f"{name}_float", attributes=to)


def _use_instead(place: Place, result: ir.Value) -> None:
    result.type, result.shape = place.value.type, place.value.shape
    place.value.replace_all_uses_with(result)
