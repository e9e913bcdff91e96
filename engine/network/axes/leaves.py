"""What layers do to channels: make them, sum over them, or let them pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from torch import fx, nn

from engine.network.axes.contract import positions, split_groups
from engine.network.axes.labels import Labels, Reason, has_labels, plain
from engine.network.axes.trace import (
    Count,
    Role,
    Trace,
    Value,
    replaced,
)

Leaf: TypeAlias = Callable[[Trace, fx.Node, Any], Value]

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_KEEPING = (nn.modules.dropout._DropoutNd, nn.Identity, nn.RReLU)
BATCH_NORMS = (nn.modules.batchnorm._BatchNorm,)
_NORM = ("weight", "bias", "running_mean", "running_var")
INSTANCE_NORMS = (nn.modules.instancenorm._InstanceNorm,)


def leaf(trace: Trace, node: fx.Node) -> Value:
    """Axes of what a layer returns."""
    module = trace.leaves[str(node.target)]
    for kinds, handler in _HANDLERS:
        if isinstance(module, kinds):
            return handler(trace, node, module)
    if isinstance(module, _KEEPING):
        return trace.of(node.args[0])
    reason = Reason(f"{trace.where(node)} ({type(module).__name__}) is not understood.")
    trace.freeze_operands(node, reason)
    return trace.blank(node)


def _made(trace: Trace, node: fx.Node, size: int) -> Labels:
    labels = trace.ledger.new(size)
    if size == 1:
        trace.ledger.freeze(labels, Reason(f"Layer {node.target} has a single channel.", 4))
    return labels


def _out(trace: Trace, node: fx.Node, labels: Labels, axis: int = 0) -> Labels:
    """A layer makes these channels; called again, it makes the same ones."""
    known = trace.bind(node, "weight", axis, labels, Role.OUT)
    if getattr(trace.leaves[str(node.target)], "bias", None) is not None:
        trace.bind(node, "bias", 0, labels, Role.PASS)
    assert known is not None
    return known


def _linear(trace: Trace, node: fx.Node, module: nn.Linear) -> Value:
    source: Any = node.args[0]
    trace.bind(node, "weight", 1, trace.flat(node, source, -1), Role.IN)
    labels = _out(trace, node, _made(trace, node, module.out_features))
    axes = trace.of(source)
    return replaced(axes, len(axes) - 1, plain(len(labels), labels))


def _convolution(trace: Trace, node: fx.Node, module: Any) -> Value:
    source: Any = node.args[0]
    axes = trace.of(source)
    channel = len(axes) - 1 - len(module.kernel_size)
    trace.freeze_value(axes[channel + 1 :], positions(trace, node))
    incoming = trace.flat(node, source, channel)
    transposed = isinstance(module, TRANSPOSED)
    if module.groups == 1:
        trace.bind(node, "weight", 0 if transposed else 1, incoming, Role.IN)
        made = _made(trace, node, module.out_channels)
        labels = _out(trace, node, made, 1 if transposed else 0)
    else:
        labels = _grouped(trace, node, module, incoming, transposed=transposed)
    result: Any = trace.blank(node)
    return replaced(result, channel, plain(len(labels), labels))


def _grouped(
    trace: Trace, node: fx.Node, module: Any, incoming: Labels | None, *, transposed: bool
) -> Labels:
    """A grouped convolution, of which whole groups or as many channels of each group can go.

    Whichever of the two gives more choices; whole groups if neither does. A depthwise convolution
    has a group for each channel, which therefore passes.

    Returns:
        Labels of the output channels.
    """
    groups = module.groups
    if incoming is None:
        incoming = trace.ledger.new(module.in_channels)
        trace.ledger.freeze(incoming, Reason(f"{trace.where(node)} works on fixed channels.", 6))
    per_group_in, per_group_out = module.in_channels // groups, module.out_channels // groups
    made = _made(trace, node, module.out_channels)
    rows_in, rows_out = incoming.reshape(groups, -1), made.reshape(groups, -1)
    depthwise = per_group_in == per_group_out == 1
    whole = groups >= min(per_group_in, per_group_out)
    if whole:
        trace.ledger.unite_rows(rows_in.T)
        trace.ledger.unite_rows(rows_out.T)
        trace.ledger.unite(rows_in[:, 0], rows_out[:, 0])
        trace.changes.append(Count(str(node.target), "groups", rows_in[:, 0].copy()))
    else:
        trace.ledger.unite_rows(rows_in)
        trace.ledger.unite_rows(rows_out)
        inner = (rows_out if transposed else rows_in)[0].copy()
        trace.bind(node, "weight", 1, inner, Role.OUT if transposed else Role.IN)
    outer = incoming if transposed else made
    role = Role.PASS if depthwise else Role.IN if transposed and not whole else Role.OUT
    trace.bind(node, "weight", 0, outer, role)
    if module.bias is not None:
        trace.bind(node, "bias", 0, made, Role.PASS)
    return made


def _per_channel(count: str, *names: str) -> Leaf:
    """A layer with one value of each of these for each channel, and how many they are."""

    def handler(trace: Trace, node: fx.Node, module: Any) -> Value:
        source: Any = node.args[0]
        axes = trace.of(source)
        axis = 1 if len(axes) > 1 else 0
        if isinstance(module, INSTANCE_NORMS):
            trace.normalize(node, str(node.target), axes[2:])
        elif isinstance(module, BATCH_NORMS):
            trace.freeze_value(axes[2:], positions(trace, node))
        labels = trace.flat(node, source, axis)
        if labels is not None and getattr(module, count) == len(labels) > 1:
            for name in names:
                trace.bind(node, name, 0, labels, Role.PASS)
            trace.changes.append(Count(str(node.target), count, labels))
        return axes

    return handler


def _layer_norm(trace: Trace, node: fx.Node, module: Any) -> Value:
    source: Any = node.args[0]
    axes = trace.of(source)
    count = len(module.normalized_shape)
    if any(has_labels(axis) for axis in axes[-count:]):
        for i in range(count):
            labels = trace.flat(node, source, i - count)
            for name in ("weight", "bias"):
                if getattr(module, name, None) is not None:
                    trace.bind(node, name, i, labels, Role.PASS)
        trace.normalize(node, str(node.target), axes[-count:])
    return axes


def _group_norm(trace: Trace, node: fx.Node, module: nn.GroupNorm) -> Value:
    source: Any = node.args[0]
    labels = trace.flat(node, source, 1)
    if labels is not None:
        split_groups(trace, node, labels, module.num_groups)
        for name in ("weight", "bias"):
            trace.bind(node, name, 0, labels, Role.PASS)
    return trace.of(source)


def _embedding(trace: Trace, node: fx.Node, module: nn.Embedding) -> Value:
    source: Any = node.args[0]
    labels = trace.bind(node, "weight", 1, _made(trace, node, module.embedding_dim), Role.OUT)
    reason = Reason(f"{trace.where(node)} looks its rows up by number.", 6)
    rows = trace.bind(node, "weight", 0, trace.ledger.new(module.num_embeddings), Role.OTHER)
    trace.ledger.freeze(rows, reason)
    trace.freeze_operands(node, reason)
    return (*trace.of(source), plain(module.embedding_dim, labels))


def _recurrent(trace: Trace, node: fx.Node, module: Any) -> Value:
    """The input may shrink; the hidden size may not."""
    source: Any = node.args[0]
    incoming = trace.flat(node, source, -1)
    kind = type(module).__name__
    reason = Reason(
        f"The hidden size of {kind} {node.target} is fixed: its gates and its recurrent weights "
        "depend on it.",
        3,
    )
    for operand in node.all_input_nodes[1:]:
        trace.freeze_value(trace.axes[operand], reason)
    cell = isinstance(module, nn.RNNCellBase)
    first = "" if cell else "_l0"
    reverse = [f"{first}_reverse"] if not cell and module.bidirectional else []
    for suffix in (first, *reverse):
        trace.bind(node, f"weight_ih{suffix}", 1, incoming, Role.IN)
    hidden = trace.ledger.new(module.hidden_size)
    trace.ledger.freeze(hidden, reason)
    gates = getattr(module, f"weight_hh{first}").shape[0] // module.hidden_size
    trace.bind(node, f"weight_hh{first}", 0, np.tile(hidden, gates), Role.OUT)
    return _hidden(trace, trace.blank(node), reason)


def _hidden(trace: Trace, value: Value, reason: Reason) -> Value:
    if isinstance(value, list):
        return [_hidden(trace, part, reason) for part in value]
    if not value:
        return value
    size = value[-1][0].size if value[-1] else 1
    labels = trace.ledger.new(size)
    trace.ledger.freeze(labels, reason)
    return replaced(value, len(value) - 1, plain(size, labels))


def parameter(trace: Trace, node: fx.Node) -> Value:
    """A tensor that stands free in the graph: every axis may turn out to hold channels."""
    value = trace.blank(node)
    tensor: Any = node.meta.get("val")
    if not isinstance(value, tuple) or tensor is None:
        return value
    if not (tensor.is_floating_point() or tensor.dtype.is_complex):
        return value
    result = list(value)
    for i, size in enumerate(trace.shape(node)):
        if size > 1:
            labels = trace.bind(node, "", i, trace.ledger.new(size), Role.PASS)
            result[i] = plain(size, labels)
    return tuple(result)


_HANDLERS: tuple[tuple[tuple[type[nn.Module], ...], Leaf], ...] = (
    ((*CONVOLUTIONS, *TRANSPOSED), _convolution),
    ((nn.Linear,), _linear),
    (BATCH_NORMS, _per_channel("num_features", *_NORM)),
    (INSTANCE_NORMS, _per_channel("num_features", *_NORM)),
    ((nn.PReLU,), _per_channel("num_parameters", "weight")),
    ((nn.LayerNorm, nn.RMSNorm), _layer_norm),
    ((nn.GroupNorm,), _group_norm),
    ((nn.Embedding,), _embedding),
    ((nn.RNNBase, nn.RNNCellBase), _recurrent),
)
