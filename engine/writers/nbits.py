"""`MatMulNBits`: ONNX Runtime's kernel for linear layers with few-bit weights and float inputs."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from engine.writers.onnx_build import MICROSOFT, Array, Builder, attribute
from engine.writers.onnx_weights import Place

_BITS = (4, 8)
_BLOCKS = (16, 32, 64, 128, 256)
_ACCURACY_LEVEL = 4
"""Inputs are rounded to 8 bits, block by block, on the way: four times as fast as in float."""


def takes_blocks(place: Place) -> bool:
    """Whether every node that uses a weight can be a `MatMulNBits`."""
    weight = place.weight
    if weight.bits not in _BITS or weight.group_size not in _BLOCKS or not weight.grouped:
        return False
    if weight.integers.ndim != 2 or weight.scale.shape[0] != weight.integers.shape[0]:
        return False
    return all(use.idx == 1 and _is_linear(use.node, place) for use in place.value.uses())


def write_blocks(place: Place, builder: Builder) -> None:
    """Replace the nodes that use a weight by `MatMulNBits`."""
    weight = place.weight
    packed = builder.constant(place.name, _packed(weight.matrix(), place), ir.DataType.UINT8)
    scale = builder.constant(f"{place.name}_scale", weight.scale.astype(np.float32))
    points: ir.Value | None = None
    if not weight.symmetric:
        rows = _pairs(weight.zero_point.astype(np.uint8), weight.bits)
        points = builder.constant(f"{place.name}_zero_point", rows)
    for node in [use.node for use in place.value.uses()]:
        _replace(place, builder, node, [packed, scale, points])


def _is_linear(node: ir.Node, place: Place) -> bool:
    if node.op_type == "MatMul":
        return place.transposed
    plain = all(attribute(node, name, 1.0) == 1.0 for name in ("alpha", "beta"))
    turned = bool(attribute(node, "transB", 0)) != place.transposed
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    fits = bias is None or (bias.shape is not None and len(bias.shape) == 1)
    return node.op_type == "Gemm" and plain and turned and fits and not attribute(node, "transA", 0)


def _packed(matrix: Array, place: Place) -> Array:
    """`[N, blocks, bytes of a block]`, unsigned, the first of each pair in the low half."""
    weight = place.weight
    middle = 1 << (weight.bits - 1) if weight.symmetric else 0
    unsigned = (matrix.astype(np.int16) + middle).astype(np.uint8)
    rows, columns = unsigned.shape
    blocks = weight.scale.shape[1]
    missing = blocks * weight.group_size - columns
    # What lies behind the last column is multiplied by zero.
    filled = np.pad(unsigned, ((0, 0), (0, missing)), constant_values=middle)
    return _pairs(filled, weight.bits).reshape(rows, blocks, -1)


def _pairs(rows: Array, bits: int) -> Array:
    """Two 4-bit numbers a byte, each row filled up to whole bytes."""
    if bits == 8:
        return rows
    if rows.shape[1] % 2:
        rows = np.pad(rows, ((0, 0), (0, 1)))
    result: Array = rows[:, 0::2] | (rows[:, 1::2] << 4)
    return result


def _replace(
    place: Place, builder: Builder, node: ir.Node, constants: list[ir.Value | None]
) -> None:
    weight = place.weight
    outputs, inputs = weight.integers.shape
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    arguments = [node.inputs[0], *constants]
    if bias is not None:
        arguments += [None, bias]  # no group index
    while arguments[-1] is None:
        arguments.pop()
    result = ir.node(
        "MatMulNBits",
        arguments,
        {
            "K": inputs,
            "N": outputs,
            "bits": weight.bits,
            "block_size": weight.group_size,
            "accuracy_level": _ACCURACY_LEVEL,
        },
        domain=MICROSOFT,
        name=node.name,
        metadata_props=dict(node.metadata_props),
    )
    new, old = result.outputs[0], node.outputs[0]
    new.name, new.type, new.shape = old.name, old.type, old.shape
    builder.graph.insert_before(node, result)
    old.replace_all_uses_with(new, replace_graph_outputs=True)
    builder.graph.remove(node, safe=True)
