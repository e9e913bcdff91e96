"""Which ONNX operators do what a network's layers and functions do.

There are as many as the tails of usual networks are made of. What is not known here raises
`Unknown`, and is no mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from engine.search.onnx_graph import Graph, Unknown, is_tensor, rank_of, value_of

aten = torch.ops.aten
_END = np.iinfo(np.int64).max


def add_node(graph: Graph, node: fx.Node, leaf: Callable[[str], nn.Module]) -> None:
    """Add what a node does; its value is called as the node is.

    Args:
        graph: To which.
        node: A call of a layer or function.
        leaf: Gives the leaf for a layer's name.

    Raises:
        Unknown: No operator for it is known here.
    """
    if node.op == "call_module":
        _add_leaf(graph, node, leaf(str(node.target)))
        return
    make = _CALLS.get(node.target) if node.op == "call_function" else None
    if make is None:
        raise Unknown(str(node.target))
    make(graph, node, list(node.args), dict(node.kwargs))


def _add_leaf(graph: Graph, node: fx.Node, leaf: nn.Module) -> None:
    make = _LEAVES.get(type(leaf))
    if make is None or len(node.args) != 1 or node.kwargs:
        raise Unknown(type(leaf).__name__)
    make(graph, node, leaf)


# Layers --------------------------------------------------------------------------------------


def _convolution(graph: Graph, node: fx.Node, leaf: Any) -> None:
    if leaf.padding_mode != "zeros":
        raise Unknown("padding")
    pairs = list(leaf._reversed_padding_repeated_twice)
    before, after = pairs[0::2][::-1], pairs[1::2][::-1]
    constants = [leaf.weight] if leaf.bias is None else [leaf.weight, leaf.bias]
    graph.operator(
        "Conv",
        node,
        [node.args[0], *constants],
        strides=list(leaf.stride),
        dilations=list(leaf.dilation),
        pads=[*before, *after],
        group=leaf.groups,
    )


def _linear(graph: Graph, node: fx.Node, leaf: Any) -> None:
    if rank_of(node.args[0]) == 2:
        constants = [leaf.weight] if leaf.bias is None else [leaf.weight, leaf.bias]
        graph.operator("Gemm", node, [node.args[0], *constants], transB=1)
        return
    weight = leaf.weight.detach().t()
    if leaf.bias is None:
        graph.operator("MatMul", node, [node.args[0], weight])
        return
    product = graph.step("MatMul", f"{node.name} product", [node.args[0], weight])
    graph.operator("Add", node, [product, leaf.bias])


def _batch_norm(graph: Graph, node: fx.Node, leaf: Any) -> None:
    if leaf.running_mean is None or leaf.weight is None:
        raise Unknown("norm")
    constants = [leaf.weight, leaf.bias, leaf.running_mean, leaf.running_var]
    graph.operator("BatchNormalization", node, [node.args[0], *constants], epsilon=leaf.eps)


def _same(graph: Graph, node: fx.Node, leaf: Any) -> None:
    del leaf
    graph.operator("Identity", node, [node.args[0]])


_LEAVES: Mapping[type[nn.Module], Callable[[Graph, fx.Node, Any], None]] = {
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.Conv3d: _convolution,
    nn.Linear: _linear,
    nn.BatchNorm1d: _batch_norm,
    nn.BatchNorm2d: _batch_norm,
    nn.BatchNorm3d: _batch_norm,
    nn.Dropout: _same,
    nn.Identity: _same,
}

# Functions -----------------------------------------------------------------------------------

Arguments = list[Any]
Named = dict[str, Any]


def _plain(kind: str, count: int) -> Callable[[Graph, fx.Node, Arguments, Named], None]:
    """A function of so many values that is one operator."""

    def make(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
        if len(args) != count or named or not isinstance(args[0], fx.Node):
            raise Unknown(str(node.target))
        values = []
        for one in args:
            if not isinstance(one, (fx.Node, int, float)):
                raise Unknown(str(node.target))
            values.append(one if isinstance(one, fx.Node) else np.float32(one))
        dtypes = {one.meta["val"].dtype for one in args if is_tensor(one)}
        if dtypes != {torch.float32}:
            raise Unknown("types")
        graph.operator(kind, node, values)

    return make


def _silu(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1)
    gate = graph.step("Sigmoid", f"{node.name} gate", [args[0]])
    graph.operator("Mul", node, [args[0], gate])


def _clipped(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1, 3)
    low, high = args[1:] or (-1.0, 1.0)
    graph.operator("Clip", node, [args[0], np.float32(low), np.float32(high)])


def _relu6(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1)
    graph.operator("Clip", node, [args[0], np.float32(0), np.float32(6)])


def _max_pool(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 6)
    kernel, stride, padding, dilation, ceil = _pooling(args)
    if padding and any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise Unknown("padding")
    graph.operator(
        "MaxPool",
        node,
        [args[0]],
        kernel_shape=kernel,
        strides=stride,
        pads=[*padding, *padding],
        dilations=dilation,
        ceil_mode=int(ceil),
    )


def _average_pool(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 4)
    kernel, stride, padding, _dilation, _ceil = _pooling(args[:4])
    graph.operator(
        "AveragePool",
        node,
        [args[0]],
        kernel_shape=kernel,
        strides=stride,
        pads=[*padding, *padding],
        count_include_pad=1,
    )


def _pooling(args: Arguments) -> tuple[list[int], list[int], list[int], list[int], bool]:
    """Kernel, stride, padding, dilation and whether sizes are rounded up."""
    axes = rank_of(args[0]) - 2
    given = [*args[1:], *[None] * 5][:5]
    kernel = _each(given[0], axes)
    stride = _each(given[1], axes) if given[1] not in (None, []) else kernel
    return kernel, stride, _each(given[2] or 0, axes), _each(given[3] or 1, axes), bool(given[4])


def _global_average(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2)
    if any(size != 1 for size in _each(args[1], rank_of(args[0]) - 2)):
        raise Unknown("sizes")
    graph.operator("GlobalAveragePool", node, [args[0]])


def _mean(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 3)
    rank = rank_of(args[0])
    axes = sorted(axis % rank for axis in args[1])
    keep = bool(args[2]) if len(args) > 2 else False
    if keep and rank > 2 and axes == list(range(2, rank)):
        graph.operator("GlobalAveragePool", node, [args[0]])  # laid out as convolutions are
        return
    graph.operator("ReduceMean", node, [args[0], np.array(axes, np.int64)], keepdims=int(keep))


def _flatten(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 3)
    if args[1:] not in ([1], [1, -1]):
        raise Unknown("axes")
    graph.operator("Flatten", node, [args[0]], axis=1)


def _reshape(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    """Where the first axis is the batch, before and after."""
    _only(args, named, 2)
    sizes = [one.meta.get("val") if isinstance(one, fx.Node) else one for one in args[1]]
    first = value_of(args[0]).shape[0]
    rest = sizes[1:]
    ours = node.meta.get("val")
    if not isinstance(ours, Tensor) or not all(isinstance(one, int) for one in rest):
        raise Unknown("sizes")
    if str(ours.shape[0]) != str(first):
        raise Unknown("sizes")
    graph.operator("Reshape", node, [args[0], np.array([0, *ours.shape[1:]], np.int64)])


def _pad(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 4)
    mode = args[2] if node.target is aten.pad.default and len(args) > 2 else "constant"
    value = args[-1] if len(args) > 2 and not isinstance(args[-1], str) else 0.0
    if mode != "constant" or not all(isinstance(one, int) for one in args[1]):
        raise Unknown("padding")
    rank = rank_of(args[0])
    before, after = [0] * rank, [0] * rank
    for place in range(len(args[1]) // 2):
        before[rank - 1 - place], after[rank - 1 - place] = args[1][2 * place : 2 * place + 2]
    pads = np.array([*before, *after], np.int64)
    graph.operator("Pad", node, [args[0], pads, np.float32(value or 0.0)])


def _slice(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 5)
    axis, start, end, step = [*args[1:], *[None] * 4][:4]
    start, end, step = start or 0, _END if end is None else end, step or 1
    if not all(isinstance(one, int) for one in (axis, start, end, step)):
        raise Unknown("sizes")
    if start == 0 and end == _END and step == 1:
        graph.operator("Identity", node, [args[0]])
        return
    graph.operator(
        "Slice", node, [args[0], *(np.array([v], np.int64) for v in (start, end, axis, step))]
    )


def _joined(graph: Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1, 2)
    axis = args[1] if len(args) > 1 else 0
    graph.operator("Concat", node, list(args[0]), axis=axis)


_CALLS: Mapping[Any, Callable[[Graph, fx.Node, Arguments, Named], None]] = {
    aten.relu.default: _plain("Relu", 1),
    aten.sigmoid.default: _plain("Sigmoid", 1),
    aten.tanh.default: _plain("Tanh", 1),
    aten.hardswish.default: _plain("HardSwish", 1),
    aten.add.Tensor: _plain("Add", 2),
    aten.sub.Tensor: _plain("Sub", 2),
    aten.mul.Tensor: _plain("Mul", 2),
    aten.silu.default: _silu,
    aten.relu6.default: _relu6,
    aten.hardtanh.default: _clipped,
    aten.max_pool2d.default: _max_pool,
    aten.avg_pool2d.default: _average_pool,
    aten.adaptive_avg_pool2d.default: _global_average,
    aten.mean.dim: _mean,
    aten.flatten.using_ints: _flatten,
    aten.reshape.default: _reshape,
    aten.view.default: _reshape,
    aten.pad.default: _pad,
    aten.constant_pad_nd.default: _pad,
    aten.slice.Tensor: _slice,
    aten.cat.default: _joined,
}


def _only(args: Arguments, named: Named, *counts: int) -> None:
    """So many arguments, the first and the last count included."""
    if named or not counts[0] <= len(args) <= counts[-1]:
        raise Unknown("arguments")


def _each(value: Any, axes: int) -> list[int]:
    """A number for each axis."""
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(type(one) is int for one in found) or len(found) not in (1, axes):
        raise Unknown("sizes")
    return found * axes if len(found) == 1 else found
