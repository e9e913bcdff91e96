"""Quantization operators, simulated: integers stay integer tensors between them."""

from __future__ import annotations

from typing import Any

import onnx
import torch

from engine.readers.onnx.ops.values import dtype_of
from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor

RANGES = {
    torch.uint8: (0, 255),
    torch.int8: (-128, 127),
    torch.uint16: (0, 65535),
    torch.int16: (-32768, 32767),
    torch.int32: (-(2**31), 2**31 - 1),
}
NARROW: dict[int, tuple[torch.dtype, int, int]] = {
    onnx.TensorProto.UINT4: (torch.uint8, 0, 15),
    onnx.TensorProto.INT4: (torch.int8, -8, 7),
    onnx.TensorProto.UINT2: (torch.uint8, 0, 3),
    onnx.TensorProto.INT2: (torch.int8, -2, 1),
}
"""Element types narrower than a byte → the type that holds their values, and their range."""
_MICROSOFT = "com.microsoft"


def along(values: torch.Tensor, rank: int, axis: int) -> torch.Tensor:
    """A scalar, or one value for each index of an axis, shaped to broadcast."""
    if values.numel() == 1:
        return values.reshape(())
    if values.dim() != 1:
        return values
    shape = [1] * rank
    shape[axis] = -1
    return values.reshape(shape)


def dequantized(
    x: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor | None, axis: int, block: int = 0
) -> torch.Tensor:
    """(x − zero point) · scale; per tensor, per index of `axis`, or per block along it."""
    values = x.to(scale.dtype)
    if block:
        scale = _blocks(scale, x, axis, block)
        zero = None if zero is None else _blocks(zero, x, axis, block)
    if zero is not None:
        values = values - along(zero, x.dim(), axis).to(scale.dtype)
    return values * along(scale, x.dim(), axis)


def quantized(
    x: torch.Tensor, scale: torch.Tensor, zero: torch.Tensor, axis: int, block: int = 0
) -> torch.Tensor:
    """round(x / scale) + zero point, half to even, within the range of the zero point's type."""
    if zero.dtype not in RANGES:
        raise UnsupportedOp(f"it quantizes to {zero.dtype}")
    if block:
        scale, zero = _blocks(scale, x, axis, block), _blocks(zero, x, axis, block)
    low, high = RANGES[zero.dtype]
    rounded = torch.round(x / along(scale, x.dim(), axis).to(x.dtype))
    shifted = rounded + along(zero, x.dim(), axis).to(x.dtype)
    return torch.clamp(shifted, low, high).to(zero.dtype)


def _blocks(values: torch.Tensor, x: torch.Tensor, axis: int, block: int) -> torch.Tensor:
    if not values.dim():  # one for all blocks
        return values
    return values.repeat_interleave(block, axis).narrow(axis, 0, x.shape[axis])


@op("QuantizeLinear")
@op("QuantizeLinear", domain=_MICROSOFT)
def quantize_linear(call: Call, x: Value, scale: Value, zero: Value = None) -> torch.Tensor:
    """QuantizeLinear per tensor, per axis or in blocks."""
    code = int(call.get("output_dtype", 0)) if zero is None else call.type_of(2)
    if zero is not None:
        offset = tensor(zero)
    else:
        held = NARROW[code][0] if code in NARROW else dtype_of(code) if code else torch.uint8
        offset = torch.zeros((), dtype=held)
    block = int(call.get("block_size", 0))
    data, axis = tensor(x), int(call.get("axis", 1))
    found = quantized(data.to(tensor(scale).dtype), tensor(scale), offset, axis, block)
    return found.clamp(*NARROW[code][1:]) if code in NARROW else found


@op("DequantizeLinear")
@op("DequantizeLinear", domain=_MICROSOFT)
def dequantize_linear(call: Call, x: Value, scale: Value, zero: Value = None) -> torch.Tensor:
    """DequantizeLinear per tensor, per axis or in blocks."""
    offset = None if zero is None else tensor(zero)
    block = int(call.get("block_size", 0))
    return dequantized(tensor(x), tensor(scale), offset, int(call.get("axis", 1)), block)


@op("DynamicQuantizeLinear")
def dynamic_quantize_linear(call: Call, x: Value) -> list[torch.Tensor]:
    """To uint8 over the range of the input, zero included."""
    data = tensor(x)
    low = torch.clamp(data.min(), max=0.0)
    high = torch.clamp(data.max(), min=0.0)
    scale = (high - low) / 255.0
    safe = torch.where(scale == 0, torch.ones_like(scale), scale)
    zero = torch.clamp(torch.round(-low / safe), 0, 255).to(torch.uint8)
    return [quantized(data, safe, zero, 1), scale, zero]


@op("ConvInteger", "QLinearConv")
def dynamic_weights(call: Call, *inputs: Value) -> Any:
    """Refuse one whose weights the network computes itself.

    Raises:
        UnsupportedOp: Always.
    """
    raise UnsupportedOp("its weights are computed by the network itself")


@op("MatMulInteger")
def matmul_integer(
    call: Call, a: Value, b: Value, a_zero: Value = None, b_zero: Value = None
) -> torch.Tensor:
    """A product of integer matrices, in int32."""
    left, right = tensor(a).to(torch.int32), tensor(b).to(torch.int32)
    if a_zero is not None:
        offset = tensor(a_zero).to(torch.int32)
        left = left - (offset.unsqueeze(-1) if offset.dim() else offset)
    if b_zero is not None:
        right = right - along(tensor(b_zero).to(torch.int32), right.dim(), -1)
    return torch.matmul(left.to(torch.float64), right.to(torch.float64)).to(torch.int32)


@op("QLinearMatMul")
def qlinear_matmul(call: Call, *inputs: Value) -> torch.Tensor:
    """A product of quantized matrices, quantized again."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = (tensor(v) for v in inputs)
    left = dequantized(a, a_scale, a_zero, -2)
    right = dequantized(b, b_scale, b_zero, -1)
    return quantized(torch.matmul(left, right), y_scale, y_zero, -1)


@op("QLinearAdd", "QLinearMul", domain=_MICROSOFT)
def qlinear_binary(call: Call, *inputs: Value) -> torch.Tensor:
    """A sum or product of quantized tensors, quantized again (ONNX Runtime)."""
    a, a_scale, a_zero, b, b_scale, b_zero, y_scale, y_zero = _quantized_inputs(inputs, 8)
    left, right = dequantized(a, a_scale, a_zero, 1), dequantized(b, b_scale, b_zero, 1)
    result = left + right if call.op == "QLinearAdd" else left * right
    return quantized(result, y_scale, y_zero, 1)


@op("QLinearSigmoid", "QLinearLeakyRelu", domain=_MICROSOFT)
def qlinear_activation(call: Call, *inputs: Value) -> torch.Tensor:
    """An activation of a quantized tensor, quantized again (ONNX Runtime)."""
    x, scale, zero, y_scale, y_zero = _quantized_inputs(inputs, 5)
    data = dequantized(x, scale, zero, 1)
    slope = float(call.get("alpha", 0.01))
    leaky = call.op == "QLinearLeakyRelu"
    result = torch.nn.functional.leaky_relu(data, slope) if leaky else torch.sigmoid(data)
    return quantized(result, y_scale, y_zero, 1)


@op("QLinearSoftmax", domain=_MICROSOFT)
def qlinear_softmax(call: Call, *inputs: Value) -> torch.Tensor:
    """Softmax of a quantized tensor, quantized again (ONNX Runtime)."""
    x, scale, zero, y_scale, y_zero = _quantized_inputs(inputs, 5)
    axis = int(call.get("axis", -1))
    return quantized(torch.softmax(dequantized(x, scale, zero, 1), axis), y_scale, y_zero, 1)


@op("QLinearGlobalAveragePool", domain=_MICROSOFT)
def qlinear_global_average_pool(call: Call, *inputs: Value) -> torch.Tensor:
    """The mean over all positions of a quantized tensor, quantized again (ONNX Runtime)."""
    x, scale, zero, y_scale, y_zero = _quantized_inputs(inputs, 5)
    data = dequantized(x, scale, zero, 1)
    axes = list(range(1, x.dim() - 1)) if call.get("channels_last", 0) else list(range(2, x.dim()))
    return quantized(data.mean(axes, keepdim=True), y_scale, y_zero, 1)


@op("QLinearConcat", domain=_MICROSOFT)
def qlinear_concat(call: Call, y_scale: Value, y_zero: Value, *parts: Value) -> torch.Tensor:
    """Quantized tensors joined, quantized again (ONNX Runtime)."""
    groups = [parts[i : i + 3] for i in range(0, len(parts), 3)]
    data = [dequantized(tensor(x), tensor(s), tensor(z), 1) for x, s, z in groups]
    joined = torch.cat(data, int(call.get("axis")))
    return quantized(joined, tensor(y_scale), tensor(y_zero), 1)


def _quantized_inputs(inputs: tuple[Value, ...], count: int) -> list[torch.Tensor]:
    """The inputs as tensors; an absent zero point is a zero of the data's type."""
    padded = [*inputs, *[None] * (count - len(inputs))]
    kind = tensor(padded[0]).dtype
    return [torch.zeros((), dtype=kind) if v is None else tensor(v) for v in padded]
