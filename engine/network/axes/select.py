"""Operations that put channels together and take them apart: concat, split, slice, index, pad."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch
from torch import fx

from engine.network.axes.elementwise import join
from engine.network.axes.labels import SYMBOLIC, Axes, Axis, Labels, Reason, has_labels, plain
from engine.network.axes.shape import unknown
from engine.network.axes.trace import (
    Pad,
    Take,
    Trace,
    Value,
    argument,
    dimension,
    operation,
    replaced,
    rule,
)

_LONGEST_LIST = 1 << 20


@rule("cat", "concat", "concatenate")
def cat(trace: Trace, node: fx.Node) -> Value:
    """Channels one after the other; the other axes meet."""
    shape = trace.shape(node)
    parts = [n for n in argument(node, 0, "tensors") if len(trace.shape(n)) == len(shape)]
    axis = dimension(int(argument(node, 1, "dim", 0)), len(shape))
    where = trace.where(node)
    result: list[Axis] = [
        join(trace, [trace.of(n)[i] for n in parts], size, where, "cat")
        if i != axis
        else plain(size)
        for i, size in enumerate(shape)
    ]
    if any(has_labels(trace.of(n)[axis]) for n in parts):
        labels = [_concrete(trace, node, n, axis) for n in parts]
        if all(one is not None for one in labels):
            joined = np.concatenate([one for one in labels if one is not None])
            result[axis] = plain(len(joined), joined)
        else:
            for n in parts:
                reason = Reason(f"{where} joins the channels with an axis of varying size.")
                trace.ledger.freeze_axis(trace.of(n)[axis], reason)
    return tuple(result)


def _concrete(trace: Trace, node: fx.Node, operand: fx.Node, axis: int) -> Labels | None:
    """Labels of an operand's axis; fresh frozen ones where no channels lie on it."""
    labels = trace.flat(node, operand, axis)
    size = trace.shape(operand)[axis]
    if labels is None and size < SYMBOLIC:
        labels = trace.ledger.new(size)
        reason = Reason(f"{trace.where(node)} joins them with values of a fixed size.", 6)
        trace.ledger.freeze(labels, reason)
    return labels


@rule("stack", "hstack", "vstack")
def stack(trace: Trace, node: fx.Node) -> Value:
    """A new axis; the others meet."""
    if operation(node) != "stack":
        return unknown(trace, node)
    parts = [trace.of(n) for n in argument(node, 0, "tensors")]
    shape = list(trace.shape(node))
    axis = int(argument(node, 1, "dim", 0)) % len(shape)
    del shape[axis]
    where = trace.where(node)
    result = [
        join(trace, [p[i] for p in parts], size, where, "stack") for i, size in enumerate(shape)
    ]
    result.insert(axis, plain(len(parts)))
    return tuple(result)


@rule("chunk", "split", "split_with_sizes", "tensor_split", "unsafe_split", "unsafe_chunk",
      "unsafe_split_with_sizes")  # fmt: skip
def split(trace: Trace, node: fx.Node) -> Value:
    """Consecutive parts of one axis."""
    source: Any = node.args[0]
    axes = trace.of(source)
    axis = dimension(int(argument(node, 2, "dim", 0)), len(axes))
    sizes = [trace.sizes(part.shape[axis]) for part in node.meta["val"]]
    if not has_labels(axes[axis]):
        return [replaced(axes, axis, plain(size)) for size in sizes]
    labels = trace.flat(node, source, axis)
    if labels is None:
        return trace.blank(node)
    ends = list(itertools.accumulate(sizes))
    taken = tuple(np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True))
    trace.changes.append(Take(node.name, axis, labels, taken))
    return [replaced(axes, axis, plain(len(part), labels[part])) for part in taken]


@rule("unbind")
def unbind(trace: Trace, node: fx.Node) -> Value:
    """Each position of an axis by itself: the number of results is fixed."""
    axes = trace.of(node.args[0])
    axis = dimension(int(argument(node, 1, "dim", 0)), len(axes))
    reason = Reason(f"{trace.where(node)} takes every channel by itself.", 6)
    trace.ledger.freeze_axis(axes[axis], reason)
    rest = (*axes[:axis], *axes[axis + 1 :])
    return [rest for _ in node.meta["val"]]


@rule("getitem")
def getitem(trace: Trace, node: fx.Node) -> Value:
    """One of several results."""
    value = trace.axes[node.args[0]]  # type: ignore[index]  # fx lets an argument be anything; this operator's is known
    index = node.args[1]
    if isinstance(value, list) and isinstance(index, int):
        return value[index]
    return trace.blank(node)


@rule("slice", "narrow")
def slice_(trace: Trace, node: fx.Node) -> Value:
    """Every step-th position from a start to an end."""
    source: Any = node.args[0]
    axes = trace.of(source)
    axis = dimension(int(argument(node, 1, "dim", 0)), len(axes))
    size = trace.shape(node)[axis]
    if not has_labels(axes[axis]):
        return replaced(axes, axis, plain(size))
    if size == trace.shape(source)[axis]:
        return axes
    start: Any = argument(node, 2, "start", 0) or 0
    step = int(argument(node, 4, "step", 1)) if operation(node) == "slice" else 1
    labels = trace.flat(node, source, axis)
    if labels is None or not isinstance(start, int):
        return unknown(trace, node)
    start = max(start + len(labels), 0) if start < 0 else start
    taken = start + step * np.arange(size)
    trace.changes.append(Take(node.name, axis, labels, (taken,)))
    return replaced(axes, axis, plain(size, labels[taken]))


@rule("select")
def select(trace: Trace, node: fx.Node) -> Value:
    """One position of an axis; that one has to stay."""
    source: Any = node.args[0]
    axes = trace.of(source)
    axis = dimension(int(argument(node, 1, "dim")), len(axes))
    rest = (*axes[:axis], *axes[axis + 1 :])
    index = argument(node, 2, "index")
    labels = trace.flat(node, source, axis)
    if labels is None:
        return rest
    reason = Reason(f"{trace.where(node)} takes one of the channels by itself.", 6)
    if not isinstance(index, int):
        trace.ledger.freeze(labels, reason)
        return rest
    taken = np.array([index % len(labels)])
    trace.ledger.freeze(labels[taken], reason)
    trace.changes.append(Take(node.name, axis, labels, (taken,)))
    return rest


def constant(trace: Trace, value: Any, depth: int = 8) -> torch.Tensor | None:
    """Integers that follow from buffers alone, which no training changes; None if others do."""
    if not isinstance(value, fx.Node) or not depth:
        return None
    if value.op == "get_attr":
        owner, _, name = str(value.target).rpartition(".")
        tensor = getattr(trace.leaves[owner], name)
        whole = isinstance(tensor, torch.Tensor) and not tensor.is_floating_point()
        return tensor if whole and tensor.numel() <= _LONGEST_LIST else None
    if not isinstance(value.target, torch._ops.OpOverload) or not value.all_input_nodes:
        return None
    known = {n: constant(trace, n, depth - 1) for n in value.all_input_nodes}
    if any(tensor is None for tensor in known.values()):
        return None
    arguments, settings = fx.node.map_arg((value.args, value.kwargs), lambda n: known[n])
    result = value.target(*arguments, **settings)
    return result if isinstance(result, torch.Tensor) else None


@rule("index_select")
def index_select(trace: Trace, node: fx.Node) -> Value:
    """Listed positions of an axis."""
    source: Any = node.args[0]
    axes = trace.of(source)
    axis = dimension(int(argument(node, 1, "dim")), len(axes))
    size = trace.shape(node)[axis]
    labels = trace.flat(node, source, axis)
    if labels is None:
        return replaced(axes, axis, plain(size))
    index = constant(trace, argument(node, 2, "index"))
    if index is None or index.dtype == torch.bool:
        reason = Reason(f"{trace.where(node)} picks channels by values that are computed.")
        trace.ledger.freeze(labels, reason)
        return replaced(axes, axis, plain(size))
    taken = np.atleast_1d(index.detach().cpu().numpy().astype(np.int64)) % len(labels)
    trace.changes.append(Take(node.name, axis, labels, (taken,)))
    return replaced(axes, axis, plain(len(taken), labels[taken]))


@rule("index")
def index(trace: Trace, node: fx.Node) -> Value:
    """Advanced indexing: axes that are not indexed pass."""
    source: Any = node.args[0]
    axes = trace.of(source)
    indices = list(argument(node, 1, "indices"))
    places = [i for i, one in enumerate(indices) if one is not None]
    result: Axes = trace.blank(node)  # type: ignore[assignment]  # one tensor comes out, so one tuple
    if not places or any(one.meta["val"].dtype == torch.bool for one in indices if one):
        return unknown(trace, node)
    if len(places) == 1 and has_labels(axes[places[0]]):
        found = constant(trace, indices[places[0]])
        if found is not None and found.dim() == 1:
            labels = trace.flat(node, source, places[0])
            assert labels is not None
            taken = found.detach().cpu().numpy().astype(np.int64) % len(labels)
            trace.changes.append(Take(node.name, places[0], labels, (taken,)))
            return replaced(axes, places[0], plain(len(taken), labels[taken]))
    for place in places:
        reason = Reason(f"{trace.where(node)} picks channels by values that are computed.")
        trace.ledger.freeze_axis(axes[place], reason)
    inserted = len(result) - (len(axes) - len(places))
    front = places[0] if places == list(range(places[0], places[-1] + 1)) else 0
    rest = iter(axis for i, axis in enumerate(axes) if i not in places)
    return tuple(
        result[i] if front <= i < front + inserted else next(rest) for i in range(len(result))
    )


@rule("pad", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d",
      "replication_pad1d", "replication_pad2d", "replication_pad3d")  # fmt: skip
def pad(trace: Trace, node: fx.Node) -> Value:
    """Positions before and after; channels that are padded may go, like any others."""
    source: Any = node.args[0]
    axes = list(trace.of(source))
    shape = trace.shape(node)
    amounts = list(argument(node, 1, "pad"))
    constant_mode = operation(node) == "constant_pad_nd" or (
        operation(node) == "pad" and argument(node, 2, "mode", "constant") == "constant"
    )
    for i in range(len(amounts) // 2):
        axis = len(axes) - 1 - i
        before, after = amounts[2 * i], amounts[2 * i + 1]
        if (before, after) == (0, 0):
            continue
        labels = trace.flat(node, source, axis) if has_labels(axes[axis]) else None
        if labels is None:
            axes[axis] = plain(shape[axis])
        elif constant_mode and min(before, after) >= 0:
            sides = trace.ledger.new(before), trace.ledger.new(after)
            trace.changes.append(Pad(node.name, axis, *sides))
            axes[axis] = plain(shape[axis], np.concatenate([sides[0], labels, sides[1]]))
        else:
            reason = Reason(f"{trace.where(node)} pads or crops the channels.")
            trace.ledger.freeze(labels, reason)
            axes[axis] = plain(shape[axis])
    return tuple(axes)
