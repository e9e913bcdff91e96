"""Operations that sum over axes: products, attention, reductions, norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import fx

from engine.network.axes.elementwise import broadcast, is_elementwise, join
from engine.network.axes.labels import Axes, Axis, Labels, Reason, has_labels, plain, size_of
from engine.network.axes.shape import unknown
from engine.network.axes.trace import (
    Contraction,
    Count,
    Resize,
    Trace,
    Value,
    argument,
    dimension,
    dimensions,
    operation,
    replaced,
    rule,
)

LAST = -1


def contract(trace: Trace, node: fx.Node, sides: Sequence[tuple[fx.Node, int]]) -> None:
    """The given axes of two operands are multiplied and summed over."""
    where = trace.where(node)
    labels = [trace.flat(node, operand, axis) for operand, axis in sides]
    known = [one for one in labels if one is not None]
    if not known:
        return
    if len(known) < len(labels):
        reason = Reason(f"{where} sums over the channels together with values of a fixed size.")
        trace.ledger.freeze(known[0], reason)
        return
    trace.ledger.unite(known[0], known[-1])
    trace.ledger.avoided.append(known[0])
    operand, axis = sides[0]
    rank = len(trace.of(operand))
    contraction = Contraction(node.name, operand.name, axis % rank, known[0])
    trace.contractions.append(contraction)


def batched(trace: Trace, node: fx.Node, meeting: Sequence[Axis], size: int) -> Axis:
    """Axes along which products are independent: attention heads."""
    axis = join(trace, meeting, size, trace.where(node), operation(node))
    for factor in axis:
        if factor.labels is not None:
            trace.ledger.preferred.append(factor.labels)
    return axis


@rule("matmul", "bmm", "mm", "mv", "dot")
def matmul(trace: Trace, node: fx.Node) -> Value:
    """`[..., M, K] @ [..., K, N]`."""
    left: Any
    right: Any
    left, right = node.args[:2]
    return _matmul(trace, node, left, right)


def _matmul(trace: Trace, node: fx.Node, left: fx.Node, right: fx.Node) -> Axes:
    a, b = trace.of(left), trace.of(right)
    contract(trace, node, [(left, LAST), (right, -2 if len(b) > 1 else LAST)])
    shape = trace.shape(node)
    kept = ([a[-2]] if len(a) > 1 else []) + ([b[-1]] if len(b) > 1 else [])
    result: list[Axis] = []
    for i in range(len(shape) - len(kept)):
        back = i - (len(shape) - len(kept)) - 2
        meeting = [x[back] for x in (a, b) if len(x) >= -back and size_of(x[back]) == shape[i]]
        result.append(batched(trace, node, meeting, shape[i]))
    return (*result, *kept)


@rule("addmm", "baddbmm", "addbmm", "addmv")
def addmm(trace: Trace, node: fx.Node) -> Value:
    """A product, and something added to it."""
    if operation(node) == "addbmm":
        return unknown(trace, node)
    added: Any
    left: Any
    right: Any
    added, left, right = node.args[:3]
    return broadcast(trace, node, [_matmul(trace, node, left, right), trace.of(added)])


@rule("einsum")
def einsum(trace: Trace, node: fx.Node) -> Value:
    """Axes with the same letter meet; letters that are not in the result are summed over."""
    equation = str(node.args[0]).replace(" ", "")
    operands: list[fx.Node] = list(node.args[1])  # type: ignore[arg-type]  # fx lets an argument be anything; this operator's is known
    terms, arrow, output = equation.partition("->")
    inputs = terms.split(",")
    if not arrow or "." in equation or any(len(set(t)) < len(t) for t in inputs):
        return unknown(trace, node)
    places: dict[str, list[tuple[fx.Node, int]]] = {}
    for term, operand in zip(inputs, operands, strict=True):
        for axis, letter in enumerate(term):
            places.setdefault(letter, []).append((operand, axis))
    result: dict[str, Axis] = {}
    for letter, sides in places.items():
        if letter not in output:
            if len(sides) > 2:
                return unknown(trace, node)
            contract(trace, node, sides)
            continue
        size = max(trace.shape(n)[axis] for n, axis in sides)
        meeting = [trace.of(n)[axis] for n, axis in sides if trace.shape(n)[axis] == size]
        shared = len(sides) > 1
        where = trace.where(node)
        result[letter] = (
            batched(trace, node, meeting, size)
            if shared
            else join(trace, meeting, size, where, "einsum")
        )
    return tuple(result[letter] for letter in output)


@rule("scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu",
      "_scaled_dot_product_attention_math")  # fmt: skip
def attention(trace: Trace, node: fx.Node) -> Value:
    """`softmax(q kᵀ / √width) v`: heads go together; so do the widths of q and k."""
    query: Any
    key: Any
    value: Any
    query, key, value = node.args[:3]
    q, k, v = (trace.of(n) for n in (query, key, value))
    contract(trace, node, [(query, LAST), (key, LAST)])
    reason = Reason(f"{trace.where(node)} compares positions, which are no channels here.")
    for axis in (q[-2], k[-2], v[-2]):
        trace.ledger.freeze_axis(axis, reason)
    shape = tuple(trace.sizes(s) for s in _first(node.meta["val"]).shape)
    mask: Any = argument(node, 3, "attn_mask")
    extra = [trace.of(mask)] if mask is not None else []
    heads = []
    for i in range(len(shape) - 2):
        back = i - len(shape)
        meeting = [a[back] for a in (q, k, v, *extra) if len(a) >= -back]
        meeting = [a for a in meeting if size_of(a) == shape[i]]
        if argument(node, 7, "enable_gqa"):
            grouped = [a[back] for a in (k, v) if size_of(a[back]) != shape[i]]
            meeting += [(*a, *plain(shape[i] // size_of(a))) for a in grouped]
        heads.append(batched(trace, node, meeting, shape[i]))
    if has_labels(q[-1]):
        trace.changes.append(Resize(node.name, q))  # the default scale depends on the width
    result: Axes = (*heads, q[-2], v[-1])
    if not isinstance(node.meta["val"], (tuple, list)):
        return result
    blank: Any = trace.blank(node)
    return [result, *blank[1:]]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, (tuple, list)) else value


@rule("sum", "nansum", "linalg_vector_norm", "norm")
def summed(trace: Trace, node: fx.Node) -> Value:
    """Sums over axes: what is removed was zero."""
    return _reduce(trace, node, exact=True)


@rule("mean", "amax", "amin", "max", "min", "prod", "var", "std", "var_mean", "std_mean", "median",
      "argmax", "argmin", "any", "all", "logsumexp", "mode", "kthvalue", "nanmean",
      "aminmax", "count_nonzero")  # fmt: skip
def reduced(trace: Trace, node: fx.Node) -> Value:
    """Other reductions: over channels, removing some would change the rest."""
    if len(trace.tensors(node)) > 1 or operation(node) == "kthvalue":  # the elementwise form
        return broadcast(trace, node, [trace.of(n) for n in trace.tensors(node)])
    return _reduce(trace, node, exact=operation(node) == "mean" and is_statistic(node))


def _reduce(trace: Trace, node: fx.Node, *, exact: bool) -> Value:
    source: Any = node.args[0]
    axes = trace.of(source)
    index = 2 if operation(node) in ("linalg_vector_norm", "norm", "logsumexp_p") else 1
    chosen = dimensions(_dims(node, index), len(axes))
    for axis in chosen:
        if not has_labels(axes[axis]):
            continue
        labels = trace.flat(node, source, axis)
        if exact and labels is not None:
            mean = operation(node) == "mean"
            trace.contractions.append(Contraction(node.name, source.name, axis, labels, mean))
        else:
            reason = Reason(
                f"{trace.where(node)} looks at all channels at once, so that removing some would "
                "change what is left."
            )
            trace.ledger.freeze_axis(axes[axis], reason)
    blank = trace.blank(node)
    first: Any = blank[0] if isinstance(blank, list) else blank
    if len(first) == len(axes):
        result = tuple(() if i in chosen else axis for i, axis in enumerate(axes))
    else:
        result = tuple(axis for i, axis in enumerate(axes) if i not in chosen)
    return [result for _ in blank] if isinstance(blank, list) else result


def _dims(node: fx.Node, index: int) -> Any:
    value = argument(node, index, "dim")
    return None if isinstance(value, bool) else value


def is_statistic(node: fx.Node) -> bool:
    """Whether a mean is a part of a norm that is written out: `x - mean(x)`, `mean(x²)`.

    Such a norm is treated like a layer norm: it normalizes over the channels that are left.
    """
    source: Any = node.args[0]
    if all(operation(user) == "sub" and user.args[0] is source for user in node.users):
        return bool(node.users)
    if operation(source) not in ("pow", "mul", "square"):
        return False
    if operation(source) == "mul" and source.args[0] is not source.args[1]:
        return False
    return _ends_in_scaling(node)


def _ends_in_scaling(node: fx.Node) -> bool:
    """Whether a mean of squares goes through a root, with constants on the way, into a scaling."""
    rooted = False
    while node.users:
        names = {operation(user) for user in node.users}
        if rooted and names <= {"div", "mul"} and all(_is_pair(user) for user in node.users):
            return True
        user = next(iter(node.users))
        if len(node.users) > 1 or not is_elementwise(user) or _is_pair(user):
            return False
        half = operation(user) == "pow" and user.args[0] is node and user.args[1] in (0.5, -0.5)
        rooted = rooted or half or operation(user) in ("sqrt", "rsqrt")
        node = user
    return False


def _is_pair(node: fx.Node) -> bool:
    return len(node.all_input_nodes) == 2


@rule("softmax", "_softmax", "log_softmax", "_log_softmax", "cumsum", "cumprod", "softmin",
      "logcumsumexp", "sort", "topk", "_safe_softmax", "cummax", "roll")  # fmt: skip
def along(trace: Trace, node: fx.Node) -> Value:
    """Operations that mix the positions of one axis and leave the others alone."""
    source: Any = node.args[0]
    axes = trace.of(source)
    index = 2 if operation(node) in ("topk", "roll") else 1
    value = argument(node, index, "dims" if operation(node) == "roll" else "dim", -1)
    blank = trace.blank(node)
    result: list[Axis] = list(axes)
    for axis in dimensions(value, len(axes)):
        reason = Reason(f"{trace.where(node)} weighs the channels against each other.")
        trace.ledger.freeze_axis(axes[axis], reason)
        first: Any = blank[0] if isinstance(blank, list) else blank
        result[axis] = first[axis]
    return [tuple(result) for _ in blank] if isinstance(blank, list) else tuple(result)


@rule("glu")
def glu(trace: Trace, node: fx.Node) -> Value:
    """The first half of the channels, gated by the second."""
    source: Any = node.args[0]
    axes = trace.of(source)
    axis = dimension(int(argument(node, 1, "dim", -1)), len(axes))
    labels = trace.flat(node, source, axis)
    if labels is None:
        return replaced(axes, axis, plain(trace.shape(node)[axis]))
    halves = labels.reshape(2, -1)
    trace.ledger.unite_rows(halves)
    return replaced(axes, axis, plain(halves.shape[1], halves[0].copy()))


@rule("layer_norm", "rms_norm", "native_layer_norm", "_fused_rms_norm")
def layer_norm(trace: Trace, node: fx.Node) -> Value:
    """A norm over the last axes, whose weights stand free or are absent."""
    source: Any = node.args[0]
    axes = trace.of(source)
    count = len(argument(node, 1, "normalized_shape"))
    for operand in (argument(node, i, name) for i, name in ((2, "weight"), (3, "bias"))):
        if isinstance(operand, fx.Node):
            broadcast(trace, source, [axes, trace.of(operand)])
    if any(has_labels(axis) for axis in axes[-count:]):
        trace.changes.append(Resize(node.name, axes[-count:]))
    trace.normalize(node, node.name, axes[-count:])
    return axes if "native" not in operation(node) else [axes, *_rest(trace, node)]


def _rest(trace: Trace, node: fx.Node) -> list[Value]:
    blank: Any = trace.blank(node)
    return list(blank[1:])


def split_groups(trace: Trace, node: fx.Node, labels: Labels, groups: int) -> None:
    """Channels that are normalized by group: whole groups can go, or as many of each.

    Whichever gives more choices; whole groups, which leaves the others exactly as they are, if
    neither does.
    """
    where = str(node.target) if node.op == "call_module" else node.name
    rows = labels.reshape(groups, -1)
    if len(rows) >= rows.shape[1]:
        trace.ledger.unite_rows(rows.T)
        trace.changes.append(Count(where, "num_groups", rows[:, 0].copy()))
    else:
        trace.ledger.unite_rows(rows)
        axes = trace.of(node.args[0])
        trace.freeze_value(axes[2:], positions(trace, node))
        trace.normalize(node, where, (axes[1],))


@rule("group_norm", "instance_norm", "native_group_norm")
def group_norm(trace: Trace, node: fx.Node) -> Value:
    """A norm of groups of channels, or of each by itself, without weights."""
    source: Any = node.args[0]
    if len(trace.tensors(node)) > 1 or operation(node) == "native_group_norm":
        return unknown(trace, node)
    axes = trace.of(source)
    if operation(node) == "instance_norm":
        trace.normalize(node, node.name, axes[2:])
        return axes
    labels = trace.flat(node, source, 1)
    if labels is not None:
        split_groups(trace, node, labels, int(argument(node, 1, "num_groups")))
    return axes


@rule("batch_norm", "native_batch_norm", "_native_batch_norm_legit_no_training")
def batch_norm(trace: Trace, node: fx.Node) -> Value:
    """A batch norm that could not become a layer: weights and statistics meet the channels."""
    source: Any = node.args[0]
    axes = trace.of(source)
    trace.freeze_value(axes[2:], positions(trace, node))
    parts = [n for n in node.args[1:5] if isinstance(n, fx.Node)]
    meeting = [axes[1], *(trace.of(n)[0] for n in parts)]
    join(trace, meeting, trace.shape(source)[1], trace.where(node), "batch_norm")
    return axes if operation(node) == "batch_norm" else [axes, *_rest(trace, node)]


@rule("linear")
def linear(trace: Trace, node: fx.Node) -> Value:
    """A dense layer whose weights are computed."""
    source: Any
    weight: Any
    source, weight = node.args[:2]
    contract(trace, node, [(source, LAST), (weight, LAST)])
    axes = replaced(trace.of(source), len(trace.of(source)) - 1, trace.of(weight)[0])
    bias: Any = argument(node, 2, "bias")
    return axes if bias is None else broadcast(trace, node, [axes, trace.of(bias)])


@rule("conv1d", "conv2d", "conv3d", "convolution", "_convolution")
def convolution(trace: Trace, node: fx.Node) -> Value:
    """A convolution whose weights are computed."""
    source: Any
    weight: Any
    source, weight = node.args[:2]
    place = {"convolution": 8, "_convolution": 8}.get(operation(node), 6)
    transposed = place == 8 and node.args[6]
    if argument(node, place, "groups", 1) != 1 or transposed:
        return unknown(trace, node)
    axes = trace.of(source)
    channel = len(axes) - (len(trace.of(weight)) - 1)
    contract(trace, node, [(source, channel), (weight, 1)])
    trace.freeze_value((*axes[channel + 1 :], *trace.of(weight)[2:]), positions(trace, node))
    bias: Any = argument(node, 2, "bias")
    if bias is not None:
        join(trace, [trace.of(weight)[0], trace.of(bias)[0]], 0, trace.where(node), "conv")
    result: Any = trace.blank(node)
    return replaced(result, channel, trace.of(weight)[0])


def positions(trace: Trace, node: fx.Node) -> Reason:
    """Why channels on an axis over which a window slides cannot be removed."""
    return Reason(f"{trace.where(node)} slides over them as over positions.")
