"""Tails of networks for ONNX Runtime, which runs convolutions faster than PyTorch does.

A tail is a handful of operators with a changed layer's weights as constants, so that the runtime
lays them out and fuses them as it does with those of a file. It is made in memory, in a few
milliseconds; exporting would take seconds. Operators that are not known here are no mistake: the
tail is then run by PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx, nn

from engine.measure.runtime import RUN_ERRORS

aten = torch.ops.aten
_OPSET = 20
_IR = 10
_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.int64: TensorProto.INT64,
    torch.int32: TensorProto.INT32,
    torch.bool: TensorProto.BOOL,
}
_END = np.iinfo(np.int64).max


class Unknown(Exception):
    """An operator, or a way of calling it, that is not known here."""


class OnnxTail:
    """A tail that is ready to run.

    Args:
        nodes: In order; the first output of the last of them is the answer.
        needs: Nodes whose values come from outside.
        leaf: Gives the leaf for a layer's name, changed or not.
        threads: For the runtime.

    Raises:
        Unknown: It has to be run otherwise.
    """

    def __init__(
        self,
        nodes: Sequence[fx.Node],
        needs: Sequence[fx.Node],
        leaf: Callable[[str], nn.Module],
        threads: int,
    ) -> None:
        graph = _Graph(leaf)
        inputs = [helper.make_tensor_value_info(n.name, _type(n), _shape(n)) for n in needs]
        for node in nodes:
            graph.add(node)
        answer = helper.make_tensor_value_info(nodes[-1].name, TensorProto.FLOAT, None)
        made = helper.make_graph(graph.nodes, "tail", inputs, [answer], graph.constants)
        model = helper.make_model(
            made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
        )
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        settings.enable_cpu_mem_arena = False  # many sessions are alive; each would keep its own
        try:
            self._session = ort.InferenceSession(
                model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
            )
        except RUN_ERRORS as error:
            raise Unknown(str(error)) from error

    def run(self, values: Mapping[str, Tensor]) -> Tensor:
        """The answer.

        Args:
            values: Of the nodes that are needed, by name; contiguous.
        """
        feed = {name: value.numpy() for name, value in values.items()}
        return torch.from_numpy(self._session.run(None, feed)[0])


class _Graph:
    """Operators and constants of a model that is being made."""

    def __init__(self, leaf: Callable[[str], nn.Module]) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self._leaf = leaf

    def add(self, node: fx.Node) -> None:
        """Add what a node does; its value is called as the node is."""
        if node.op == "call_module":
            leaf = self._leaf(str(node.target))
            make = next((m for kind, m in _LEAVES.items() if type(leaf) is kind), None)
            if make is None or len(node.args) != 1 or node.kwargs:
                raise Unknown(type(leaf).__name__)
            make(self, node, leaf)
            return
        make_call = _CALLS.get(node.target) if node.op == "call_function" else None
        if make_call is None:
            raise Unknown(str(node.target))
        make_call(self, node, list(node.args), dict(node.kwargs))

    def operator(self, kind: str, node: fx.Node, inputs: Sequence[Any], **attributes: Any) -> None:
        """An operator whose result is the node's."""
        self.step(kind, node.name, inputs, **attributes)

    def step(self, kind: str, name: str, inputs: Sequence[Any], **attributes: Any) -> str:
        """An operator; nodes, names and arrays are its inputs."""
        names = []
        for value in inputs:
            if isinstance(value, fx.Node):
                if not isinstance(value.meta.get("val"), Tensor):
                    raise Unknown("a number that is worked out")
                names.append(value.name)
            elif isinstance(value, str):
                names.append(value)
            else:
                names.append(self.constant(value))
        self.nodes.append(helper.make_node(kind, names, [name], **attributes))
        return name

    def constant(self, array: Any) -> str:
        """A constant's name."""
        if isinstance(array, Tensor):
            array = array.detach().contiguous().numpy()
        name = f"constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


# Layers --------------------------------------------------------------------------------------


def _convolution(graph: _Graph, node: fx.Node, leaf: Any) -> None:
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


def _linear(graph: _Graph, node: fx.Node, leaf: Any) -> None:
    if _rank(node.args[0]) == 2:
        constants = [leaf.weight] if leaf.bias is None else [leaf.weight, leaf.bias]
        graph.operator("Gemm", node, [node.args[0], *constants], transB=1)
        return
    weight = leaf.weight.detach().t()
    if leaf.bias is None:
        graph.operator("MatMul", node, [node.args[0], weight])
        return
    product = graph.step("MatMul", f"{node.name} product", [node.args[0], weight])
    graph.operator("Add", node, [product, leaf.bias])


def _batch_norm(graph: _Graph, node: fx.Node, leaf: Any) -> None:
    if leaf.running_mean is None or leaf.weight is None:
        raise Unknown("norm")
    constants = [leaf.weight, leaf.bias, leaf.running_mean, leaf.running_var]
    graph.operator("BatchNormalization", node, [node.args[0], *constants], epsilon=leaf.eps)


def _same(graph: _Graph, node: fx.Node, leaf: Any) -> None:
    del leaf
    graph.operator("Identity", node, [node.args[0]])


_LEAVES: Mapping[type[nn.Module], Callable[[_Graph, fx.Node, Any], None]] = {
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


def _plain(kind: str, count: int) -> Callable[[_Graph, fx.Node, Arguments, Named], None]:
    """A function of so many values that is one operator."""

    def make(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
        if len(args) != count or named or not isinstance(args[0], fx.Node):
            raise Unknown(str(node.target))
        values = []
        for one in args:
            if not isinstance(one, (fx.Node, int, float)):
                raise Unknown(str(node.target))
            values.append(one if isinstance(one, fx.Node) else np.float32(one))
        dtypes = {one.meta["val"].dtype for one in args if _is_tensor(one)}
        if dtypes != {torch.float32}:
            raise Unknown("types")
        graph.operator(kind, node, values)

    return make


def _silu(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1)
    gate = graph.step("Sigmoid", f"{node.name} gate", [args[0]])
    graph.operator("Mul", node, [args[0], gate])


def _clipped(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1, 3)
    low, high = args[1:] or (-1.0, 1.0)
    graph.operator("Clip", node, [args[0], np.float32(low), np.float32(high)])


def _relu6(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1)
    graph.operator("Clip", node, [args[0], np.float32(0), np.float32(6)])


def _max_pool(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
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


def _average_pool(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
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
    axes = _rank(args[0]) - 2
    given = [*args[1:], *[None] * 5][:5]
    kernel = _each(given[0], axes)
    stride = _each(given[1], axes) if given[1] not in (None, []) else kernel
    return kernel, stride, _each(given[2] or 0, axes), _each(given[3] or 1, axes), bool(given[4])


def _global_average(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2)
    if any(size != 1 for size in _each(args[1], _rank(args[0]) - 2)):
        raise Unknown("sizes")
    graph.operator("GlobalAveragePool", node, [args[0]])


def _mean(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 3)
    rank = _rank(args[0])
    axes = sorted(axis % rank for axis in args[1])
    keep = bool(args[2]) if len(args) > 2 else False
    if keep and rank > 2 and axes == list(range(2, rank)):
        graph.operator("GlobalAveragePool", node, [args[0]])  # laid out as convolutions are
        return
    graph.operator("ReduceMean", node, [args[0], np.array(axes, np.int64)], keepdims=int(keep))


def _flatten(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 3)
    if args[1:] not in ([1], [1, -1]):
        raise Unknown("axes")
    graph.operator("Flatten", node, [args[0]], axis=1)


def _reshape(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    """Where the first axis is the batch, before and after."""
    _only(args, named, 2)
    sizes = [one.meta.get("val") if isinstance(one, fx.Node) else one for one in args[1]]
    first = _value(args[0]).shape[0]
    rest = sizes[1:]
    ours = node.meta.get("val")
    if not isinstance(ours, Tensor) or not all(isinstance(one, int) for one in rest):
        raise Unknown("sizes")
    if str(ours.shape[0]) != str(first):
        raise Unknown("sizes")
    graph.operator("Reshape", node, [args[0], np.array([0, *ours.shape[1:]], np.int64)])


def _pad(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 2, 4)
    mode = args[2] if node.target is aten.pad.default and len(args) > 2 else "constant"
    value = args[-1] if len(args) > 2 and not isinstance(args[-1], str) else 0.0
    if mode != "constant" or not all(isinstance(one, int) for one in args[1]):
        raise Unknown("padding")
    rank = _rank(args[0])
    before, after = [0] * rank, [0] * rank
    for place in range(len(args[1]) // 2):
        before[rank - 1 - place], after[rank - 1 - place] = args[1][2 * place : 2 * place + 2]
    pads = np.array([*before, *after], np.int64)
    graph.operator("Pad", node, [args[0], pads, np.float32(value or 0.0)])


def _slice(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
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


def _joined(graph: _Graph, node: fx.Node, args: Arguments, named: Named) -> None:
    _only(args, named, 1, 2)
    axis = args[1] if len(args) > 1 else 0
    graph.operator("Concat", node, list(args[0]), axis=axis)


_CALLS: Mapping[Any, Callable[[_Graph, fx.Node, Arguments, Named], None]] = {
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


def _is_tensor(value: Any) -> bool:
    return isinstance(value, fx.Node) and isinstance(value.meta.get("val"), Tensor)


def _value(node: Any) -> Tensor:
    value = node.meta.get("val") if isinstance(node, fx.Node) else None
    if not isinstance(value, Tensor):
        raise Unknown("a number that is worked out")
    return value


def _rank(node: Any) -> int:
    return _value(node).dim()


def _type(node: fx.Node) -> int:
    kind = _TYPES.get(_value(node).dtype)
    if kind is None:
        raise Unknown(str(_value(node).dtype))
    return int(kind)


def _shape(node: fx.Node) -> list[int | None]:
    """Sizes that are known; those that vary with the batch are not."""
    return [size if type(size) is int else None for size in _value(node).shape]


def _each(value: Any, axes: int) -> list[int]:
    """A number for each axis."""
    found = list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(type(one) is int for one in found) or len(found) not in (1, axes):
        raise Unknown("sizes")
    return found * axes if len(found) == 1 else found
