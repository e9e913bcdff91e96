"""Normalization layers with constant scales, as `nn.Module` leaves."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.readers.onnx.table import Call, UnsupportedOp, Value, handlers, tensor
from engine.readers.onnx.weights import Leaf, Weights, as_parameter, builds, required, run_plain


class AnyRankBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch norm for any rank, which a file need not state."""

    def _check_input_dim(self, input: torch.Tensor) -> None:
        pass


class AnyRankInstanceNorm(nn.modules.instancenorm._InstanceNorm):
    """Instance norm for any rank."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalize each channel of each sample."""
        return nn.functional.instance_norm(
            x, None, None, self.weight, self.bias, use_input_stats=True, eps=self.eps
        )


@builds("BatchNormalization")
def batch_norm(call: Call, weights: Weights) -> Leaf:
    """Batch norm with its running statistics."""
    if not call.get("spatial", 1):
        raise UnsupportedOp("it normalizes each position on its own, as before operator set 9")
    scale = required(weights.tensor(1), "scale")
    module = AnyRankBatchNorm(
        scale.shape[0],
        float(call.get("epsilon", 1e-5)),
        1.0 - float(call.get("momentum", 0.9)),
        affine=True,
        track_running_stats=True,
    )
    module.weight = nn.Parameter(scale)
    module.bias = nn.Parameter(required(weights.tensor(2), "bias"))
    module.running_mean = required(weights.tensor(3), "mean").to(scale.dtype)
    module.running_var = required(weights.tensor(4), "variance").to(scale.dtype)
    return Leaf(module, run_plain)


@builds("InstanceNormalization")
def instance_norm(call: Call, weights: Weights) -> Leaf:
    """Instance norm with scale and bias."""
    scale = required(weights.tensor(1), "scale")
    module = AnyRankInstanceNorm(
        scale.shape[0], float(call.get("epsilon", 1e-5)), affine=True, track_running_stats=False
    )
    module.weight = nn.Parameter(scale)
    module.bias = nn.Parameter(required(weights.tensor(2), "bias"))
    return Leaf(module, run_plain)


@builds("GroupNormalization")
def group_norm(call: Call, weights: Weights) -> Leaf:
    """Group norm; before opset 21 it has one scale for a group, which is repeated here."""
    scale, bias = required(weights.tensor(1), "scale"), required(weights.tensor(2), "bias")
    groups = int(call.get("num_groups"))
    if call.opset < 21 and scale.shape[0] == groups:
        return _per_group(call, scale, bias)
    module = nn.GroupNorm(groups, scale.shape[0], float(call.get("epsilon", 1e-5)), device="meta")
    module.weight, module.bias = nn.Parameter(scale), nn.Parameter(bias)
    return Leaf(module, run_plain)


def _per_group(call: Call, scale: torch.Tensor, bias: torch.Tensor) -> Leaf:
    groups, epsilon = scale.shape[0], float(call.get("epsilon", 1e-5))
    module = nn.Module()
    module.register_parameter("weight", nn.Parameter(scale))
    module.register_parameter("bias", nn.Parameter(bias))

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> Any:
        data = tensor(x)
        each = data.shape[1] // groups
        weight: Any = module.weight
        shift: Any = module.bias
        return torch.nn.functional.group_norm(
            data,
            groups,
            weight.repeat_interleave(each),
            shift.repeat_interleave(each),
            epsilon,
        )

    return Leaf(module, run)


@builds("LayerNormalization")
def layer_norm(call: Call, weights: Weights) -> Leaf:
    """Layer norm over the last axes; forms that torch does not have run as plain arithmetic."""
    scale = required(weights.tensor(1), "scale")
    bias = weights.tensor(2)
    module = nn.LayerNorm(
        tuple(scale.shape), float(call.get("epsilon", 1e-5)), bias=bias is not None, device="meta"
    )
    module.weight = nn.Parameter(scale)
    module.bias = as_parameter(bias)  # type: ignore[assignment]  # an attribute of a module, whose kind is known here
    same = bias is None or bias.shape == scale.shape

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> Any:
        data = tensor(x)
        if same and call.outputs == 1 and _covers(data, call, tuple(scale.shape)):
            return module(data)
        return _functional(call, data, module.weight, module.bias)

    return Leaf(module, run)


@builds("RMSNormalization", "SimplifiedLayerNormalization")
def rms_norm(call: Call, weights: Weights) -> Leaf:
    """Root-mean-square norm over the last axes."""
    scale = required(weights.tensor(1), "scale")
    module = nn.RMSNorm(tuple(scale.shape), float(call.get("epsilon", 1e-5)), device="meta")
    module.weight = nn.Parameter(scale)

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> Any:
        data = tensor(x)
        if call.outputs == 1 and _covers(data, call, tuple(scale.shape)):
            return module(data)
        return _functional(call, data, module.weight)

    return Leaf(module, run)


def _covers(x: torch.Tensor, call: Call, shape: tuple[int, ...]) -> bool:
    """Whether the scale has exactly the axes that are normalized."""
    axis = int(call.get("axis", -1))
    return tuple(x.shape[axis:] if axis else x.shape) == shape


def _functional(call: Call, *inputs: Any) -> Any:
    handler = handlers().get((call.domain, call.op))
    if handler is None:
        raise UnsupportedOp("this form of it is not known")
    return handler(call, *inputs)
