"""Operations that move axes: reshape, transpose, expand, shuffle."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import fx

from engine.network.axes.labels import SYMBOLIC, Axes, Axis, Factor, Labels, Reason, plain, regroup
from engine.network.axes.trace import (
    Resize,
    Take,
    Trace,
    Value,
    argument,
    dimension,
    dimensions,
    replaced,
    rule,
)


@rule("view", "reshape", "_unsafe_view", "flatten", "unflatten", "view_as", "reshape_as")
def reshape(trace: Trace, node: fx.Node) -> Value:
    """Factors of the axes in row-major order, gathered into new axes."""
    source = node.args[0]
    shuffled = trace.inner.get(node)
    if shuffled is not None:
        return _shuffled(trace, node, *shuffled)
    axes = regroup(trace.ledger, trace.of(source), trace.shape(node), trace.where(node))
    if axes is None:
        reason = Reason(f"{trace.where(node)} cuts the channels where it cannot be followed.")
        trace.freeze_operands(node, reason)
        return trace.blank(node)
    trace.changes.append(Resize(node.name, axes))
    return axes


def _shuffled(trace: Trace, node: fx.Node, source: fx.Node, axis: int, order: Labels) -> Value:
    axes = trace.of(source)
    labels = trace.flat(node, source, axis)
    if labels is None:
        return axes
    trace.changes.append(Take(node.name, axis, labels, (order,)))
    return replaced(axes, axis, plain(len(labels), labels[order]))


def find_shuffles(trace: Trace) -> None:
    """Mark chains reshape → transpose → reshape that only permute the channels of one axis.

    Seen as two reshapes, such a shuffle could lose channels by whole rows alone; seen as one
    permutation, any of them.
    """
    for node in trace.module.graph.nodes:
        if node.op == "call_function" and _name(node) in ("view", "reshape", "_unsafe_view"):
            found = _shuffle_into(trace, node)
            if found is not None:
                inner, source, axis, order = found
                trace.inner[node] = (source, axis, order)
                trace.inner.update(dict.fromkeys(inner, ()))


def _name(node: Any) -> str:
    target = getattr(node, "target", None)
    return target._opname if isinstance(target, torch._ops.OpOverload) else ""


def _shuffle_into(trace: Trace, last: fx.Node) -> tuple[list[fx.Node], fx.Node, int, Labels] | None:
    inner: list[fx.Node] = []
    node: Any = last.args[0]
    while _name(node) in ("clone", "contiguous") and len(node.users) == 1:
        inner.append(node)
        node = node.args[0]
    if _name(node) not in ("permute", "transpose") or len(node.users) != 1:
        return None
    moved, split = node, node.args[0]
    if _name(split) not in ("view", "reshape", "_unsafe_view", "unflatten") or (
        len(split.users) != 1
    ):
        return None
    source = split.args[0]
    before, middle, after = (trace.shape(n) for n in (source, split, last))
    extra = len(middle) - len(before)
    axis = next((i for i, (a, b) in enumerate(zip(before, middle, strict=False)) if a != b), -1)
    if before != after or extra < 1 or axis < 0 or before[axis] >= SYMBOLIC:
        return None
    if middle[axis + extra + 1 :] != before[axis + 1 :]:
        return None
    order = _permutation(moved, len(middle))
    parts = range(axis, axis + extra + 1)
    if any(order[i] != i for i in range(len(order)) if i not in parts):
        return None
    rows = np.arange(before[axis]).reshape(middle[axis : axis + extra + 1])
    permuted = rows.transpose([order[i] - axis for i in parts]).ravel()
    return [*inner, moved, split], source, axis, permuted


def _permutation(node: fx.Node, rank: int) -> list[int]:
    order = list(range(rank))
    if _name(node) == "permute":
        return [int(d) % rank for d in argument(node, 1, "dims")]
    a, b = (dimension(int(argument(node, i, f"dim{i - 1}")), rank) for i in (1, 2))
    order[a], order[b] = b, a
    return order


@rule("permute", "transpose", "swapaxes", "swapdims", "t", "mT", "numpy_T", "adjoint", "movedim")
def permute(trace: Trace, node: fx.Node) -> Value:
    """Axes in another order."""
    axes = trace.of(node.args[0])
    rank = len(axes)
    name = _name(node)
    if name == "permute":
        return tuple(axes[int(d) % rank] for d in argument(node, 1, "dims"))
    if name == "movedim":
        sources, targets = (dimensions(argument(node, i, ""), rank) for i in (1, 2))
        order = [i for i in range(rank) if i not in sources]
        for target, source in sorted(zip(targets, sources, strict=True)):
            order.insert(target, source)
        return tuple(axes[i] for i in order)
    a, b = rank - 2, rank - 1
    if name in ("transpose", "swapaxes", "swapdims"):
        a, b = (dimension(int(argument(node, i, f"dim{i - 1}")), rank) for i in (1, 2))
    if rank < 2:
        return axes
    result = list(axes)
    result[a], result[b] = axes[b], axes[a]
    return tuple(result)


@rule("unsqueeze")
def unsqueeze(trace: Trace, node: fx.Node) -> Value:
    """One axis of size one more."""
    axes = list(trace.of(node.args[0]))
    axes.insert(int(argument(node, 1, "dim")) % (len(axes) + 1), ())
    return tuple(axes)


@rule("squeeze")
def squeeze(trace: Trace, node: fx.Node) -> Value:
    """Axes of size one less."""
    axes = trace.of(node.args[0])
    shape = trace.shape(node.args[0])  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
    chosen = dimensions(argument(node, 1, "dim"), len(axes))
    gone = {i for i in chosen if shape[i] == 1}
    result = tuple(axis for i, axis in enumerate(axes) if i not in gone)
    # A later squeeze must not take an axis that pruning has brought down to one.
    trace.changes.append(Resize(node.name, result))
    return result


@rule("expand", "expand_as", "broadcast_to")
def expand(trace: Trace, node: fx.Node) -> Value:
    """Copies along axes of size one: as many as are asked for, so these may shrink too."""
    axes = trace.of(node.args[0])
    shape = trace.shape(node)
    extra = len(shape) - len(axes)
    result: list[Axis] = []
    for i, size in enumerate(shape):
        source = axes[i - extra] if i >= extra else ()
        same = source and size == trace.shape(node.args[0])[i - extra]  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
        result.append(source if same else _flexible(trace, size))
    trace.changes.append(Resize(node.name, tuple(result)))
    return tuple(result)


def _flexible(trace: Trace, size: int) -> Axis:
    if size == 1 or size >= SYMBOLIC:
        return plain(size)
    labels = trace.ledger.new(size)
    trace.ledger.flexible.append(labels)
    return plain(size, labels)


@rule("zeros", "ones", "full", "empty", "new_zeros", "new_ones", "new_full", "new_empty", "rand",
      "randn")  # fmt: skip
def create(trace: Trace, node: fx.Node) -> Value:
    """Made from sizes: as large as is asked for."""
    axes = tuple(_flexible(trace, size) for size in trace.shape(node))
    trace.changes.append(Resize(node.name, axes))
    return axes


@rule("repeat", "tile")
def repeat(trace: Trace, node: fx.Node) -> Value:
    """The whole of each axis several times over."""
    axes = trace.of(node.args[0])
    shape = trace.shape(node)
    axes = (*[()] * (len(shape) - len(axes)), *axes)
    sizes = (1,) * (len(shape) - len(trace.of(node.args[0]))) + trace.shape(node.args[0])  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
    return tuple(
        axis if size == own else (*plain(size // own if own else size), *axis)
        for axis, own, size in zip(axes, sizes, shape, strict=True)
    )


@rule("repeat_interleave")
def repeat_interleave(trace: Trace, node: fx.Node) -> Value:
    """Each position several times over."""
    axes = trace.of(node.args[0])
    axis = argument(node, 2, "dim")
    if axis is None or not isinstance(argument(node, 1, "repeats"), int):
        return unknown(trace, node)
    axis = dimension(axis, len(axes))
    own, size = trace.shape(node.args[0])[axis], trace.shape(node)[axis]  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
    times = plain(size // own if own else size)
    return replaced(axes, axis, (*axes[axis], *times))


@rule("flip")
def flip(trace: Trace, node: fx.Node) -> Value:
    """Positions in reverse order."""
    result = list(trace.of(node.args[0]))
    for axis in dimensions(argument(node, 1, "dims"), len(result)):
        labels = trace.flat(node, node.args[0], axis)  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
        if labels is not None:
            result[axis] = plain(len(labels), labels[::-1])
    return tuple(result)


@rule("pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "native_channel_shuffle")
def pixel_shuffle(trace: Trace, node: fx.Node) -> Value:
    """Channels to positions and back; or channels among themselves."""
    source: Any = node.args[0]
    axes = trace.of(source)
    place = len(axes) - 3
    step = int(argument(node, 1, "factor"))
    labels = trace.flat(node, source, place)
    result: Axes = trace.blank(node)  # type: ignore[assignment]  # one tensor comes out, so one tuple
    if labels is None:
        return result
    if "channel" in _name(node):
        order = np.arange(len(labels)).reshape(step, -1).T.ravel()
        trace.changes.append(Take(node.name, place, labels, (order,)))
        return replaced(axes, place, plain(len(labels), labels[order]))
    if _name(node) == "pixel_unshuffle":
        return replaced(result, place, (Factor(len(labels), labels), Factor(step * step)))
    rows = labels.reshape(-1, step * step).T  # [step², channels]
    trace.ledger.unite_rows(rows)
    return replaced(result, place, plain(rows.shape[1], rows[0].copy()))


def unknown(trace: Trace, node: fx.Node) -> Value:
    """An operation that is not understood: nothing that goes in can be removed."""
    reason = Reason(f"{trace.where(node)} works on the channels in a way that is not understood.")
    trace.freeze_operands(node, reason)
    return trace.blank(node)
