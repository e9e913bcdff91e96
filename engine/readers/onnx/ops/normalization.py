"""Normalization, with scales that may come from the graph."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import axis_of, like, optional_like
from engine.readers.onnx.table import Call, Value, op, tensor

Tensors = torch.Tensor | tuple[torch.Tensor, ...]


@op("BatchNormalization")
def batch_normalization(
    call: Call, x: Value, scale: Value, bias: Value, mean: Value, var: Value
) -> Tensors:
    """Batch normalization with stored statistics, or the batch's own in `training_mode`."""
    x = tensor(x)
    scale, bias, mean, var = (tensor(v).to(x.dtype) for v in (scale, bias, mean, var))
    eps = call.get("epsilon", 1e-5)
    if not call.get("training_mode", 0):
        return F.batch_norm(x, mean, var, scale, bias, training=False, momentum=0.0, eps=eps)
    keep = call.get("momentum", 0.9)
    axes = [a for a in range(x.dim()) if a != 1]
    batch_mean, batch_var = x.mean(axes), x.var(axes, correction=0)
    y = F.batch_norm(x, None, None, scale, bias, training=True, eps=eps)
    running = (keep * mean + (1 - keep) * batch_mean, keep * var + (1 - keep) * batch_var)
    return (y, *running)[: call.outputs] if call.outputs > 1 else y


@op("InstanceNormalization")
def instance_normalization(call: Call, x: Value, scale: Value, bias: Value) -> torch.Tensor:
    """Each channel of each sample by itself."""
    x = tensor(x)
    eps = call.get("epsilon", 1e-5)
    return torch.group_norm(x, x.shape[1], like(scale, x), like(bias, x), eps)


@op("GroupNormalization")
def group_normalization(call: Call, x: Value, scale: Value, bias: Value) -> torch.Tensor:
    """Groups of channels; scale and bias are per group before opset 21, per channel since."""
    x, groups, eps = tensor(x), call.get("num_groups"), call.get("epsilon", 1e-5)
    scale, bias = like(scale, x), like(bias, x)
    if call.opset < 21:
        each = x.shape[1] // groups
        scale, bias = (v.repeat_interleave(each, output_size=x.shape[1]) for v in (scale, bias))
    return torch.group_norm(x, groups, scale, bias, eps)


@op("LayerNormalization")
def layer_normalization(call: Call, x: Value, scale: Value, bias: Value = None) -> Tensors:
    """Normalization over all axes from `axis` on; mean and 1/deviation as further outputs."""
    x = tensor(x)
    axis, eps = axis_of(call.get("axis", -1), x.dim()), call.get("epsilon", 1e-5)
    shape = list(x.shape[axis:])
    weight, shift = like(scale, x), optional_like(bias, x)
    if weight.dim() == len(shape) and (shift is None or shift.dim() == len(shape)):
        weight = weight.expand(shape)
        y = F.layer_norm(x, shape, weight, None if shift is None else shift.expand(shape), eps)
    else:
        y = F.layer_norm(x, shape, None, None, eps) * weight
        y = y if shift is None else y + shift
    if call.outputs == 1:
        return y
    axes = list(range(axis, x.dim()))
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    mean = wide.mean(axes, keepdim=True)
    deviation = torch.rsqrt(wide.var(axes, correction=0, keepdim=True) + eps)
    return (y, mean, deviation)[: call.outputs]


@op("RMSNormalization", "SimplifiedLayerNormalization")
def rms_normalization(call: Call, x: Value, scale: Value) -> Tensors:
    """Division by the root mean square over all axes from `axis` on."""
    x = tensor(x)
    axis, eps = axis_of(call.get("axis", -1), x.dim()), call.get("epsilon", 1e-5)
    shape, weight = list(x.shape[axis:]), like(scale, x)
    if weight.dim() == len(shape):
        y = F.rms_norm(x, shape, weight.expand(shape), eps)
    else:
        y = F.rms_norm(x, shape, None, eps) * weight
    if call.outputs == 1:
        return y
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    square = wide.square().mean(list(range(axis, x.dim())), keepdim=True)
    return y, torch.rsqrt(square + eps)


@op("LRN")
def local_response_normalization(call: Call, x: Value) -> torch.Tensor:
    """Division by the energy of `size` neighboring channels."""
    x, size = tensor(x), call.get("size")
    alpha, beta, bias = call.get("alpha", 1e-4), call.get("beta", 0.75), call.get("bias", 1.0)
    before = (size - 1) // 2
    square = x.square().movedim(1, -1)
    energy = F.pad(square, (before, size - 1 - before)).unfold(-1, size, 1).sum(-1).movedim(-1, 1)
    y: torch.Tensor = x / (bias + alpha / size * energy) ** beta
    return y


@op("LpNormalization")
def lp_normalization(call: Call, x: Value) -> torch.Tensor:
    """Division by the p-norm along `axis`; a zero norm gives zeros."""
    x = tensor(x)
    norm = torch.linalg.vector_norm(x, call.get("p", 2), call.get("axis", -1), keepdim=True)
    return x / torch.where(norm == 0, torch.ones_like(norm), norm)


@op("MeanVarianceNormalization")
def mean_variance_normalization(call: Call, x: Value) -> torch.Tensor:
    """Zero mean and unit variance over `axes`."""
    x, axes = tensor(x), list(call.get("axes", (0, 2, 3)))
    mean = x.mean(axes, keepdim=True)
    deviation = (x - mean).square().mean(axes, keepdim=True).sqrt()
    return (x - mean) / (deviation + 1e-9)
