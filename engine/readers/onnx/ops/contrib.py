"""Operators of ONNX Runtime's own domain, and the oldest experimental ones of the standard's."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.linear_algebra import conv, conv_transpose, gemm
from engine.readers.onnx.ops.normalization import Tensors
from engine.readers.onnx.ops.values import like, optional_like
from engine.readers.onnx.table import Call, UnsupportedOp, Value, handlers, ints, op, tensor

MICROSOFT = "com.microsoft"


def _activated(y: torch.Tensor, name: str | None, attributes: dict[str, Any]) -> torch.Tensor:
    """The activation that a fused operator ends with; its name is that of an operator."""
    if not name:
        return y
    handler = handlers().get(("", name))
    if handler is None:
        raise UnsupportedOp(f"the fused activation {name} is unknown")
    result: torch.Tensor = handler(Call(name, 10, attributes=attributes), y)
    return result


_ACTIVATION_PARAMETERS = {
    "LeakyRelu": ("alpha",),
    "Clip": ("min", "max"),
    "HardSigmoid": ("alpha", "beta"),
}


@op("FusedConv", domain=MICROSOFT)
def fused_conv(
    call: Call, x: Value, weight: Value, bias: Value = None, added: Value = None
) -> torch.Tensor:
    """Convolution, plus another tensor, then an activation."""
    y = conv(call, x, weight, bias)
    y = y if added is None else y + like(added, y)
    name = call.get("activation")
    names = _ACTIVATION_PARAMETERS.get(name, ())
    return _activated(y, name, dict(zip(names, call.get("activation_params", ()), strict=False)))


@op("FusedGemm", domain=MICROSOFT)
def fused_gemm(call: Call, a: Value, b: Value, c: Value = None) -> torch.Tensor:
    """Gemm, then an activation."""
    names = {"activation_alpha": "alpha", "activation_beta": "beta", "activation_gamma": "gamma"}
    given = {new: call.get(old) for old, new in names.items() if call.get(old) is not None}
    return _activated(gemm(call, a, b, c), call.get("activation"), given)


@op("FusedMatMul", "TransposeMatMul", domain=MICROSOFT)
def fused_matmul(call: Call, a: Value, b: Value) -> torch.Tensor:
    """`alpha`·A·B, with axes of A and B swapped on request."""
    left = tensor(a)
    right = like(b, left)
    left = _arranged(left, bool(call.get("transBatchA", 0)), bool(call.get("transA", 0)))
    right = _arranged(right, bool(call.get("transBatchB", 0)), bool(call.get("transB", 0)))
    y, alpha = left @ right, float(call.get("alpha", 1.0))
    return y if alpha == 1.0 else y * alpha


def _arranged(x: torch.Tensor, batch: bool, swap: bool) -> torch.Tensor:
    """`batch`: the first axis goes behind the batch axes; `swap`: the last two change places."""
    if batch:
        x = x.movedim(0, -2)
    return x.transpose(-1, -2) if swap and x.dim() > 1 else x


@op("BiasGelu", domain=MICROSOFT)
def bias_gelu(call: Call, x: Value, bias: Value) -> torch.Tensor:
    """GELU of x + bias."""
    x = tensor(x)
    return F.gelu(x + like(bias, x))


@op("FastGelu", domain=MICROSOFT)
def fast_gelu(call: Call, x: Value, bias: Value = None) -> torch.Tensor:
    """GELU by tanh of x + bias."""
    x = tensor(x)
    return F.gelu(x if bias is None else x + like(bias, x), approximate="tanh")


@op("QuickGelu", domain=MICROSOFT)
def quick_gelu(call: Call, x: Value) -> torch.Tensor:
    """x·σ(`alpha`·x)."""
    x = tensor(x)
    return x * torch.sigmoid(x * float(call.get("alpha", 1.702)))


@op("ScaledSiLU", domain=MICROSOFT)
def scaled_silu(call: Call, x: Value, scale: Value = None) -> torch.Tensor:
    """SiLU of scaled x."""
    x = tensor(x)
    return F.silu(x * (call.get("alpha", 1.0) if scale is None else like(scale, x)))


@op("GatedAdd", domain=MICROSOFT)
def gated_add(call: Call, x: Value, y: Value, gate: Value) -> torch.Tensor:
    """X + y·gate."""
    x = tensor(x)
    return x + like(y, x) * like(gate, x)


@op("SkipLayerNormalization", domain=MICROSOFT)
def skip_layer_normalization(
    call: Call, x: Value, skip: Value, scale: Value, shift: Value = None, bias: Value = None
) -> Tensors:
    """Layer normalization of x + skip + bias; that sum is the fourth output."""
    total = _sum(x, skip, bias)
    gamma, eps = like(scale, total), call.get("epsilon", 1e-12)
    y = F.layer_norm(total, list(gamma.shape), gamma, optional_like(shift, total), eps)
    return _with_sum(call, y, total)


@op("SkipSimplifiedLayerNormalization", domain=MICROSOFT)
def skip_rms_normalization(
    call: Call, x: Value, skip: Value, scale: Value, bias: Value = None
) -> Tensors:
    """Root-mean-square normalization of x + skip + bias; that sum is the fourth output."""
    total = _sum(x, skip, bias)
    gamma = like(scale, total)
    y = F.rms_norm(total, list(gamma.shape), gamma, call.get("epsilon", 1e-12))
    return _with_sum(call, y, total)


def _sum(x: Value, skip: Value, bias: Value) -> torch.Tensor:
    x = tensor(x)
    total = x + like(skip, x)
    return total if bias is None else total + like(bias, x)


def _with_sum(call: Call, y: torch.Tensor, total: torch.Tensor) -> Tensors:
    """The runtime leaves outputs 2 and 3 (mean, deviation) undefined at inference."""
    if call.outputs == 1:
        return y
    unused = total.mean(-1, keepdim=True)
    return (y, unused, unused, total)[: call.outputs]


@op("EmbedLayerNormalization", domain=MICROSOFT)
def embed_layer_normalization(call: Call, ids: Value, segments: Value, *weights: Value) -> Tensors:
    """BERT's input: word, position and segment embeddings, summed and normalized.

    Args:
        call: Attributes `epsilon`, `mask_index_type`.
        ids: `[N, positions]`.
        segments: Likewise, or absent.
        weights: Word, position and segment table, scale, shift; mask and positions optional.
    """
    words, places, kinds, scale, shift, mask, at = (*weights, None, None)[:7]
    ids, table = tensor(ids), tensor(words)
    total = F.embedding(ids.to(torch.int64), table)
    if at is None:
        total = total + tensor(places)[: ids.shape[1]]
    else:
        total = total + F.embedding(tensor(at).to(torch.int64), tensor(places))
    if segments is not None and kinds is not None:
        total = total + F.embedding(tensor(segments).to(torch.int64), tensor(kinds))
    gamma, beta, eps = tensor(scale), tensor(shift), call.get("epsilon", 1e-12)
    y = F.layer_norm(total, list(gamma.shape), gamma, beta, eps)
    if call.outputs == 1:
        return y
    if mask is None:
        count = torch.zeros_like(ids[:, 0], dtype=torch.int32)
    else:
        count = tensor(mask).sum(1, dtype=torch.int32)
    return (y, count, total)[: call.outputs]


@op("GatedRMSNorm", domain=MICROSOFT)
def gated_rms_normalization(call: Call, x: Value, scale: Value, gate: Value) -> torch.Tensor:
    """Root-mean-square normalization of pieces of the last axis, times a gate."""
    x = tensor(x)
    gamma, door = like(scale, x), like(gate, x)
    size = gamma.shape[0]
    parts = x.reshape([*x.shape[:-1], x.shape[-1] // size, size])
    y = F.rms_norm(parts, [size], gamma, call.get("epsilon", 1e-5)).flatten(-2)
    silu = call.get("activation", "silu") in ("silu", "swish")
    return y * (F.silu(door) if silu else torch.sigmoid(door))


@op("Inverse", domain=MICROSOFT)
def inverse(call: Call, x: Value) -> torch.Tensor:
    """Inverse of each matrix of a batch."""
    y: torch.Tensor = torch.linalg.inv(tensor(x))
    return y


@op("ExpandDims", domain=MICROSOFT)
def expand_dims(call: Call, x: Value, axis: Value) -> torch.Tensor:
    """A new axis of size 1."""
    return tensor(x).unsqueeze(ints(axis)[0])


@op("CDist", domain=MICROSOFT)
def distances(call: Call, a: Value, b: Value) -> torch.Tensor:
    """Distance of every row of A from every row of B."""
    left = tensor(a)
    step = left[:, None] - like(b, left)[None]
    if call.get("metric", "sqeuclidean") == "sqeuclidean":
        return step.square().sum(-1)
    y: torch.Tensor = torch.linalg.vector_norm(step, 2, -1)
    return y


@op("UnfoldTensor", domain=MICROSOFT)
def unfold(call: Call, x: Value) -> torch.Tensor:
    """Overlapping pieces of one axis, as a new last axis."""
    return tensor(x).unfold(call.get("dim", -1), call.get("size"), call.get("step", 1))


@op("ConvTransposeWithDynamicPads", domain=MICROSOFT)
def conv_transpose_padded(
    call: Call, x: Value, weight: Value, pads: Value = None, bias: Value = None
) -> torch.Tensor:
    """Transposed convolution whose pads are an input."""
    given = {} if pads is None else {"pads": tuple(ints(pads))}
    return conv_transpose(
        Call("ConvTranspose", 11, attributes={**call.attributes, **given}), x, weight, bias
    )


@op("MatMulNBits", domain=MICROSOFT)
def matmul_nbits(
    call: Call, x: Value, packed: Value, scales: Value, zeros: Value = None, *more: Value
) -> torch.Tensor:
    """Product with a weight of a few bits per value.

    Args:
        call: Attributes `K`, `N`, `bits`, `block_size`.
        x: `[…, K]`.
        packed: `[N, blocks, block_size·bits/8]`, lowest bits first.
        scales: `[N·blocks]`, one per block of K.
        zeros: Zero points: packed like the weight, or numbers; 2^(bits−1) if absent.
        more: Order of groups (unsupported), then bias `[N]`.
    """
    x = tensor(x)
    order, bias = (*more, None, None)[:2]
    if order is not None:
        raise UnsupportedOp("the input channels of the packed weight are out of order")
    bits, block = call.get("bits", 4), call.get("block_size")
    n, k = call.get("N"), call.get("K")
    blocks = -(-k // block)
    codes = _unpacked(like(packed, x).reshape(n, -1), bits)[:, : blocks * block]
    size = like(scales, x).reshape(n, blocks, 1).to(x.dtype)
    middle = _zero_points(zeros, bits, (n, blocks), x)
    weight = (codes.reshape(n, blocks, block).to(x.dtype) - middle) * size
    weight = weight.reshape(n, blocks * block)[:, :k]
    return F.linear(x, weight, optional_like(bias, x))


def _unpacked(bytes_: torch.Tensor, bits: int) -> torch.Tensor:
    """`[N, bytes]` → `[N, codes]`, lowest bits first.

    Raises:
        UnsupportedOp: Codes would straddle bytes.
    """
    if 8 % bits:
        raise UnsupportedOp(f"packed weights of {bits} bits")
    shifts = torch.arange(0, 8, bits, device=bytes_.device, dtype=torch.int32)
    codes = bytes_.to(torch.int32)[:, :, None] >> shifts
    return torch.bitwise_and(codes, 2**bits - 1).flatten(1)


def _zero_points(
    zeros: Value, bits: int, shape: tuple[int, int], x: torch.Tensor
) -> torch.Tensor | int:
    n, blocks = shape
    if zeros is None:
        return int(2 ** (bits - 1))
    given = like(zeros, x)
    if given.dtype == torch.uint8:
        given = _unpacked(given.reshape(n, -1), bits)[:, :blocks]
    return given.reshape(n, blocks, 1).to(x.dtype)


@op("ImageScaler")
def image_scaler(call: Call, x: Value) -> torch.Tensor:
    """`scale`·x plus one bias per channel."""
    x = tensor(x)
    bias = torch.tensor(call.get("bias", (0.0,)), dtype=x.dtype, device=x.device)
    return x * float(call.get("scale", 1.0)) + bias[:, None, None]


@op("ScaledTanh")
def scaled_tanh(call: Call, x: Value) -> torch.Tensor:
    """`alpha`·tanh(`beta`·x)."""
    return torch.tanh(tensor(x) * float(call.get("beta", 0.0))) * float(call.get("alpha", 0.0))


@op("ParametricSoftplus")
def parametric_softplus(call: Call, x: Value) -> torch.Tensor:
    """`alpha`·ln(1 + e^(`beta`·x))."""
    return F.softplus(tensor(x) * float(call.get("beta", 0.0))) * float(call.get("alpha", 0.0))


@op("Affine")
def affine(call: Call, x: Value) -> torch.Tensor:
    """`alpha`·x + `beta`."""
    return tensor(x) * float(call.get("alpha", 1.0)) + float(call.get("beta", 0.0))


@op("Scale")
def scaled(call: Call, x: Value) -> torch.Tensor:
    """`scale`·x."""
    return tensor(x) * float(call.get("scale", 1.0))


@op("Crop")
def crop(call: Call, x: Value) -> torch.Tensor:
    """Images without `border` (left, top, right, bottom), or `scale` (height, width) of them."""
    x = tensor(x)
    left, top, right, bottom = call.get("border")
    height, width = x.shape[2] - top - bottom, x.shape[3] - left - right
    if call.get("scale"):
        height, width = call.get("scale")
    return x[:, :, top : top + height, left : left + width]
