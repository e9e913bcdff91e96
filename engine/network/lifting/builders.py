"""Leaf modules for convolutions, dense layers, norms, embeddings and dropout."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.network.lifting.calls import Builder, Leaf, OpCall, per_axis, tensor_meta
from engine.network.lifting.recurrent import RECURRENT
from engine.network.lifting.state import Stored

aten = torch.ops.aten
_CONVS: dict[int, type[Any]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_TRANSPOSED: dict[int, type[Any]] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}
_BATCH_NORMS: dict[int, type[Any]] = {
    2: nn.BatchNorm1d,
    3: nn.BatchNorm1d,
    4: nn.BatchNorm2d,
    5: nn.BatchNorm3d,
}
_INSTANCE_NORMS: dict[int, type[Any]] = {
    3: nn.InstanceNorm1d,
    4: nn.InstanceNorm2d,
    5: nn.InstanceNorm3d,
}


def _conv(call: OpCall) -> Leaf | None:
    """`conv{1,2,3}d`, with numbers or a word for the padding."""
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or "weight" not in tensors:
        return None
    axes = tensors["weight"].value.dim() - 2
    padding = call["padding"]
    return _convolution(
        tensors,
        call["input"],
        {
            "stride": per_axis(call["stride"], axes),
            "padding": padding if isinstance(padding, str) else per_axis(padding, axes),
            "dilation": per_axis(call["dilation"], axes),
            "groups": call["groups"],
        },
    )


def _conv_transpose(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or "weight" not in tensors:
        return None
    axes = tensors["weight"].value.dim() - 2
    names = ("stride", "padding", "output_padding", "dilation")
    settings: dict[str, Any] = {name: per_axis(call[name], axes) for name in names}
    return _convolution(tensors, call["input"], {**settings, "groups": call["groups"]})


def _any_convolution(call: OpCall) -> Leaf | None:
    """`convolution`, the form that decomposed programs have."""
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or "weight" not in tensors:
        return None
    axes = tensors["weight"].value.dim() - 2
    names = ("stride", "padding", "dilation")
    settings: dict[str, Any] = {name: per_axis(call[name], axes) for name in names}
    if call["transposed"]:
        settings["output_padding"] = per_axis(call["output_padding"], axes)
    return _convolution(tensors, call["input"], {**settings, "groups": call["groups"]})


def _convolution(tensors: dict[str, Stored], x: Any, settings: dict[str, Any]) -> Leaf | None:
    weight = tensors["weight"].value
    axes = weight.dim() - 2
    if axes not in _CONVS:
        return None
    transposed = "output_padding" in settings
    groups = settings["groups"]
    first, second = weight.shape[:2]
    channels = (first, second * groups) if transposed else (second * groups, first)
    kind = (_TRANSPOSED if transposed else _CONVS)[axes]
    module = kind(
        *channels,
        tuple(weight.shape[2:]),
        **settings,
        bias="bias" in tensors,
        device="meta",
        dtype=weight.dtype,
    )
    return Leaf("conv", module, tensors, (x,))


def _linear(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or "weight" not in tensors or tensors["weight"].value.dim() != 2:
        return None
    return _dense(tensors, call["input"])


def _addmm(call: OpCall) -> Leaf | None:
    """`bias + x @ W`: a dense layer of a decomposed program, or one that stores `W` transposed."""
    bias = call.stored("self")
    weight = _right_factor(call, "mat2")
    scaled = call["alpha"] != 1 or call["beta"] != 1
    if bias is None or weight is None or scaled or bias.value.dim() != 1:
        return None
    return _dense({"weight": weight, "bias": bias}, call["mat1"])


def _matmul(call: OpCall) -> Leaf | None:
    """`x @ W` where W is a stored matrix."""
    left, right = ("self", "mat2") if "mat2" in call.arguments else ("self", "other")
    weight = _right_factor(call, right)
    if weight is None or call.state.of(call[left]) is not None or call.dims(left) < 2:
        return None
    return _dense({"weight": weight}, call[left])


def _right_factor(call: OpCall, name: str) -> Stored | None:
    """The stored matrix on the right of a product, as a dense layer holds it: `[out, in]`."""
    matrix = call.state.matrix(call[name])
    if matrix is None or not matrix.trainable:
        return None
    if matrix.transposed:  # x @ Wᵀ: the layer holds W
        return call.state.named(matrix.name)
    if len(call[name].users) > 1:  # a second use would no longer share the gradient
        return None
    return Stored(
        matrix.name, matrix.value.t(), matrix.trainable, matrix.persistent, transposed=True
    )


def _dense(tensors: dict[str, Stored], x: Any) -> Leaf | None:
    weight = tensors["weight"].value
    rows, columns = weight.shape
    module = nn.Linear(columns, rows, "bias" in tensors, device="meta", dtype=weight.dtype)
    return Leaf("linear", module, tensors, (x,))


def _embedding(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight")
    if not tensors or not tensors["weight"].value.is_floating_point():
        return None
    weight = tensors["weight"].value
    padding = call["padding_idx"]
    module = nn.Embedding(
        weight.shape[0],
        weight.shape[1],
        padding_idx=None if padding == -1 else padding,
        scale_grad_by_freq=call["scale_grad_by_freq"],
        sparse=call["sparse"],
        device="meta",
        dtype=weight.dtype,
    )
    return Leaf("embedding", module, tensors, (call["indices"],))


def _batch_norm(call: OpCall) -> Leaf | None:
    """Every form of batch norm; train and eval then follow the leaf's mode, not the program's."""
    tensors = call.tensors(
        weight="weight", bias="bias", running_mean="running_mean", running_var="running_var"
    )
    kind = _BATCH_NORMS.get(call.dims("input"))
    if not tensors or kind is None or ("weight" in tensors) != ("bias" in tensors):
        return None
    if not _only_first_result(call):
        return None
    tracked = "running_mean" in tensors
    settings = {"affine": "weight" in tensors, "track_running_stats": tracked}
    # exported in eval mode, a cumulative average (momentum=None) reads as 0
    momentum = call["momentum"] or None
    first = next(iter(tensors.values())).value
    module = kind(
        first.shape[0], call["eps"], momentum, **settings, device="meta", dtype=first.dtype
    )
    _add_counter(call, module, tensors)
    return Leaf("batch_norm", module, tensors, (call["input"],), _first_of_many(call))


def _add_counter(call: OpCall, norm: Any, tensors: dict[str, Stored]) -> None:
    """Take over the count of batches where the original has one."""
    if "running_mean" not in tensors:
        return
    owner = tensors["running_mean"].owner
    counter = call.state.named(f"{owner}.num_batches_tracked" if owner else "num_batches_tracked")
    if counter is None:
        norm.num_batches_tracked = None
    else:
        tensors["num_batches_tracked"] = counter


def _instance_norm(call: OpCall) -> Leaf | None:
    tensors = call.tensors(
        weight="weight", bias="bias", running_mean="running_mean", running_var="running_var"
    )
    kind = _INSTANCE_NORMS.get(call.dims("input"))
    if not tensors or kind is None or ("weight" in tensors) != ("bias" in tensors):
        return None
    first = next(iter(tensors.values())).value
    module = kind(
        first.shape[0],
        call["eps"],
        call["momentum"],
        affine="weight" in tensors,
        track_running_stats="running_mean" in tensors,
        device="meta",
        dtype=first.dtype,
    )
    _add_counter(call, module, tensors)
    return Leaf("instance_norm", module, tensors, (call["input"],))


def _layer_norm(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or "weight" not in tensors or not _only_first_result(call):
        return None
    module = nn.LayerNorm(
        tuple(call["normalized_shape"]),
        call["eps"],
        bias="bias" in tensors,
        device="meta",
        dtype=tensors["weight"].value.dtype,
    )
    return Leaf("layer_norm", module, tensors, (call["input"],), _first_of_many(call))


def _rms_norm(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight")
    if not tensors:
        return None
    dtype = tensors["weight"].value.dtype
    module = nn.RMSNorm(tuple(call["normalized_shape"]), call["eps"], device="meta", dtype=dtype)
    return Leaf("rms_norm", module, tensors, (call["input"],))


def _group_norm(call: OpCall) -> Leaf | None:
    """`group_norm` and `native_group_norm`, which name the number of groups differently."""
    tensors = call.tensors(weight="weight", bias="bias")
    if not tensors or set(tensors) != {"weight", "bias"} or not _only_first_result(call):
        return None
    groups = call["num_groups"] if "num_groups" in call.arguments else call["group"]
    weight = tensors["weight"].value
    module = nn.GroupNorm(groups, weight.shape[0], call["eps"], device="meta", dtype=weight.dtype)
    return Leaf("group_norm", module, tensors, (call["input"],), _first_of_many(call))


def _prelu(call: OpCall) -> Leaf | None:
    tensors = call.tensors(weight="weight")
    if not tensors or tensors["weight"].value.dim() != 1:
        return None
    weight = tensors["weight"].value
    module = nn.PReLU(weight.shape[0], device="meta", dtype=weight.dtype)
    return Leaf("prelu", module, tensors, (call["self"],))


def _dropout(call: OpCall) -> Leaf:
    return Leaf("dropout", nn.Dropout(call["p"]), {}, (call.node.args[0],))


def _feature_dropout(call: OpCall) -> Leaf | None:
    """Dropout of whole channels."""
    kinds: dict[int, type[Any]] = {3: nn.Dropout1d, 4: nn.Dropout2d, 5: nn.Dropout3d}
    kind = kinds.get(tensor_meta(call.node.args[0]).dim())
    return None if kind is None else Leaf("dropout", kind(call["p"]), {}, (call.node.args[0],))


def _alpha_dropout(call: OpCall) -> Leaf:
    return Leaf("dropout", nn.AlphaDropout(call["p"]), {}, (call.node.args[0],))


def _feature_alpha_dropout(call: OpCall) -> Leaf:
    return Leaf("dropout", nn.FeatureAlphaDropout(call["p"]), {}, (call.node.args[0],))


def _rrelu(call: OpCall) -> Leaf:
    return Leaf("rrelu", nn.RReLU(call["lower"], call["upper"]), {}, (call["self"],))


def _returns_many(call: OpCall) -> bool:
    return isinstance(call.node.meta.get("val"), (tuple, list))


def _only_first_result(call: OpCall) -> bool:
    """Whether only the normalized tensor is used, not the statistics that come with it."""
    return not _returns_many(call) or all(
        user.args[1] == 0 or call.state.is_update(user) for user in call.node.users
    )


def _first_of_many(call: OpCall) -> tuple[tuple[int, ...], ...]:
    return ((),) if _returns_many(call) else ()


BUILDERS: dict[Any, Builder] = {
    **RECURRENT,
    **dict.fromkeys(
        (
            aten.conv1d.default,
            aten.conv2d.default,
            aten.conv3d.default,
            aten.conv1d.padding,
            aten.conv2d.padding,
            aten.conv3d.padding,
        ),
        _conv,
    ),
    **dict.fromkeys(
        (
            aten.conv_transpose1d.default,
            aten.conv_transpose2d.input,
            aten.conv_transpose3d.input,
        ),
        _conv_transpose,
    ),
    aten.convolution.default: _any_convolution,
    aten._convolution.default: _any_convolution,
    aten.linear.default: _linear,
    aten.addmm.default: _addmm,
    aten.mm.default: _matmul,
    aten.matmul.default: _matmul,
    aten.embedding.default: _embedding,
    aten.batch_norm.default: _batch_norm,
    aten._native_batch_norm_legit_no_training.default: _batch_norm,
    aten._native_batch_norm_legit.default: _batch_norm,
    aten._native_batch_norm_legit_functional.default: _batch_norm,
    aten.native_batch_norm.default: _batch_norm,
    aten.instance_norm.default: _instance_norm,
    aten.layer_norm.default: _layer_norm,
    aten.native_layer_norm.default: _layer_norm,
    aten.rms_norm.default: _rms_norm,
    aten.group_norm.default: _group_norm,
    aten.native_group_norm.default: _group_norm,
    aten.prelu.default: _prelu,
    aten.dropout.default: _dropout,
    aten.dropout_.default: _dropout,
    aten.feature_dropout.default: _feature_dropout,
    aten.feature_dropout_.default: _feature_dropout,
    aten.alpha_dropout.default: _alpha_dropout,
    aten.alpha_dropout_.default: _alpha_dropout,
    aten.feature_alpha_dropout.default: _feature_alpha_dropout,
    aten.feature_alpha_dropout_.default: _feature_alpha_dropout,
    aten.rrelu.default: _rrelu,
    aten.rrelu_.default: _rrelu,
}
"""Operator → what makes its leaf."""
