"""Layers whose weights the file holds quantized, run as a float simulation.

Weights are dequantized into an ordinary layer; the integers around it are simulated, so the result
is the file's own up to rounding. Nothing flows back through the rounding.
"""

from __future__ import annotations

from typing import Any

import torch

from engine.readers.onnx.ops.quantized import along, dequantized, quantized
from engine.readers.onnx.table import Call, UnsupportedOp, Value, tensor
from engine.readers.onnx.weights import Leaf, Weights, builds, conv_leaf, linear, required


@builds("QLinearConv")
def quantized_convolution(call: Call, weights: Weights) -> Leaf:
    """QLinearConv: dequantize, convolve, quantize."""
    weight = _dequantized(weights, 3, 4, 5, axis=0)
    bias = weights.tensor(8)
    if bias is not None:
        bias = bias * required(weights.tensor(1), "scale").reshape(()) * _row(weights.tensor(4))
    leaf = conv_leaf(call, torch.nn.Parameter(weight), bias)

    def run(module: Any, call: Call, *inputs: Value) -> torch.Tensor:
        x, x_scale, x_zero, _, _, _, y_scale, y_zero = (*inputs[:8],)
        data = dequantized(tensor(x), tensor(x_scale), _maybe(x_zero), 1)
        out = leaf.run(module, call, data)
        return quantized(out, tensor(y_scale), tensor(y_zero), 1)

    return Leaf(leaf.module, run)


@builds("ConvInteger")
def integer_convolution(call: Call, weights: Weights) -> Leaf:
    """ConvInteger: exact in float32 up to 2²⁴."""
    weight = _integers(weights, 1, 3)
    leaf = conv_leaf(call, torch.nn.Parameter(weight), None)

    def run(module: Any, call: Call, *inputs: Value) -> torch.Tensor:
        data = tensor(inputs[0]).to(torch.float32)
        if len(inputs) > 2 and inputs[2] is not None:
            data = data - tensor(inputs[2]).to(torch.float32)
        out: torch.Tensor = leaf.run(module, call, data)
        return out.round().to(torch.int32)

    return Leaf(leaf.module, run)


@builds("QLinearMatMul")
def quantized_matmul(call: Call, weights: Weights) -> Leaf:
    """QLinearMatMul with a constant matrix on the right."""
    weight = _dequantized(weights, 3, 4, 5, axis=1)
    module = linear(torch.nn.Parameter(weight.t().contiguous()), None)

    def run(module: Any, call: Call, *inputs: Value) -> torch.Tensor:
        a, a_scale, a_zero, _, _, _, y_scale, y_zero = inputs
        data = dequantized(tensor(a), tensor(a_scale), _maybe(a_zero), -2)
        return quantized(module(data), tensor(y_scale), tensor(y_zero), -1)

    return Leaf(module, run)


@builds("MatMulInteger")
def integer_matmul(call: Call, weights: Weights) -> Leaf:
    """MatMulInteger with a constant matrix on the right; exact in float32 up to 2²⁴."""
    module = linear(torch.nn.Parameter(_integers(weights, 1, 3).t().contiguous()), None)

    def run(module: Any, call: Call, *inputs: Value) -> torch.Tensor:
        data = tensor(inputs[0]).to(torch.float32)
        if len(inputs) > 2 and inputs[2] is not None:
            zero = tensor(inputs[2]).to(torch.float32)
            data = data - (zero.unsqueeze(-1) if zero.dim() else zero)
        out: torch.Tensor = module(data)
        return out.round().to(torch.int32)

    return Leaf(module, run)


@builds("MatMulNBits")
def packed_matmul(call: Call, weights: Weights) -> Leaf:
    """MatMulNBits (ONNX Runtime): weights of 2, 4 or 8 bits in blocks along the input axis."""
    bits, block = int(call.get("bits", 4)), int(call.get("block_size"))
    rows, columns = int(call.get("N")), int(call.get("K"))
    if bits not in (2, 4, 8):
        raise UnsupportedOp(f"its weights have {bits} bits")
    if weights.tensor(4) is not None:
        raise UnsupportedOp("its columns are reordered (g_idx)")
    blocks = -(-columns // block)
    packed = required(weights.tensor(1), "weight").reshape(rows, blocks, -1)
    scales = required(weights.tensor(2), "scale").reshape(rows, blocks, 1)
    stored = weights.tensor(3)
    if stored is None:
        zero: Any = float(1 << (bits - 1))
    elif stored.is_floating_point():
        zero = stored.reshape(rows, blocks, 1)
    else:
        zero = _unpacked(stored.reshape(rows, -1), bits)[:, :blocks].unsqueeze(-1)
    weight = (_unpacked(packed, bits)[:, :, :block].to(scales.dtype) - zero) * scales
    module = linear(
        torch.nn.Parameter(weight.reshape(rows, -1)[:, :columns].contiguous()), weights.tensor(5)
    )

    def run(module: Any, call: Call, x: Value, *_: Value) -> Any:
        return module(tensor(x))

    return Leaf(module, run)


def _unpacked(packed: torch.Tensor, bits: int) -> torch.Tensor:
    """Bytes split into values, lowest bits first, along the last axis."""
    shifts = torch.arange(0, 8, bits, dtype=torch.int32)
    values = (packed.to(torch.int32).unsqueeze(-1) >> shifts) & ((1 << bits) - 1)
    return values.flatten(-2)


def _dequantized(weights: Weights, value: int, scale: int, zero: int, axis: int) -> torch.Tensor:
    return dequantized(
        required(weights.tensor(value), "weight"),
        required(weights.tensor(scale), "scale"),
        weights.tensor(zero),
        axis,
    )


def _integers(weights: Weights, value: int, zero: int) -> torch.Tensor:
    weight = required(weights.tensor(value), "weight").to(torch.float32)
    offset = weights.tensor(zero)
    if offset is None:
        return weight
    axis = 0 if weight.dim() > 2 else 1
    return weight - along(offset.to(torch.float32), weight.dim(), axis)


def _row(scale: torch.Tensor | None) -> torch.Tensor:
    return required(scale, "scale").reshape(-1)


def _maybe(value: Value) -> torch.Tensor | None:
    return None if value is None else tensor(value)
