"""Operations that work position by position, with broadcasting."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import fx

from engine.network.axes.labels import Axes, Axis, Reason, plain, size_of
from engine.network.axes.trace import Trace, Value, operation, rule

_FORMS_OF_IDENTITY = (
    "_to_copy", "alias", "clone", "contiguous", "detach", "dropout", "feature_dropout",
    "alpha_dropout", "lift_fresh_copy", "to", "type_as", "_conj", "fill", "positive",
    "zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like",
)  # fmt: skip
_UNTAGGED = (
    "masked_fill", "where", "clip", "clamp", "relu6", "rrelu", "softplus", "logit", "silu",
    "hardswish", "hardsigmoid", "hardtanh", "mish", "prelu_scalar", "log_sigmoid", "selu", "celu",
    "lerp", "addcmul", "addcdiv", "rsub", "sub", "mul", "add", "div", "true_divide", "isclose",
    "square", "float_power", "threshold", "softshrink", "hardshrink", "tanhshrink", "isnan",
    "isinf", "isfinite", "logical_and", "logical_or", "logical_not", "logical_xor", "xlogy",
    "fake_quantize_per_tensor_affine", "bernoulli", "nan_to_num",
)  # fmt: skip


@rule(*_FORMS_OF_IDENTITY, *_UNTAGGED)
def elementwise(trace: Trace, node: fx.Node) -> Value:
    """Axes of operands meet from the back; what meets, goes together."""
    return broadcast(trace, node, [trace.of(operand) for operand in trace.tensors(node)])


def is_elementwise(node: fx.Node) -> bool:
    """Whether torch itself says that an operation works position by position."""
    target = node.target
    return isinstance(target, torch._ops.OpOverload) and torch.Tag.pointwise in target.tags


def broadcast(trace: Trace, node: fx.Node, operands: Sequence[Axes]) -> Axes:
    """Axes of the result of an operation with broadcasting."""
    shape = trace.shape(node)
    where = trace.where(node)
    result: list[Axis] = []
    for index, size in enumerate(shape):
        meeting: list[Axis] = []
        for axes in operands:
            place = index - (len(shape) - len(axes))
            if place >= 0 and size_of(axes[place]) == size:
                meeting.append(axes[place])
        result.append(join(trace, meeting, size, where, operation(node)))
    return tuple(result)


def join(trace: Trace, meeting: Sequence[Axis], size: int, where: str, verb: str) -> Axis:
    """Axes of the same size become one; their labels are united."""
    if not meeting:
        return plain(size)
    first, *others = meeting
    if all(axis is first for axis in others):
        return first
    if size == 1:
        return next((axis for axis in meeting if axis), ())
    if any(_sizes(axis) != _sizes(first) for axis in others):
        return _join_flat(trace, meeting, size, where, verb)
    for place, factor in enumerate(first):
        labels = [axis[place].labels for axis in meeting]
        known = [one for one in labels if one is not None]
        for one in known[1:]:
            trace.ledger.unite(known[0], one)
        if known and len(known) < len(labels):
            trace.ledger.freeze(known[0], _mixed(where))
        if known and factor.labels is None:
            first = next(axis for axis in meeting if axis[place].labels is not None)
    return first


def _join_flat(trace: Trace, meeting: Sequence[Axis], size: int, where: str, verb: str) -> Axis:
    flat = [trace.ledger.flatten(axis, where) for axis in meeting]
    known = [one for one in flat if one is not None]
    for one in known[1:]:
        trace.ledger.unite(known[0], one)
    if known and len(known) < len(flat):
        trace.ledger.freeze(known[0], _mixed(where))
    return plain(size, known[0]) if known else meeting[0]


def _sizes(axis: Axis) -> tuple[int, ...]:
    return tuple(factor.size for factor in axis)


def _mixed(where: str) -> Reason:
    return Reason(f"{where} combines the channels with values that have a fixed size.")
