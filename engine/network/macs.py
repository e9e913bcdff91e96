"""Multiply-accumulates of a network and its nodes.

Convention: one MAC is one multiplication with its addition (2 FLOPs). Convolutions, dense and
recurrent layers and every product of two matrices count, attention's too (a causal mask is not
discounted: runtimes compute the whole product). Biases, norms, activations, pooling, softmax and
lookups do not. This is the convention of He et al. 2016, arXiv:1512.03385, table 1, up to their
rounding.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import fx, nn

from engine.network.leaves import CONVOLUTIONS, TRANSPOSED, kind_of
from engine.network.samples import SampleShapes

aten = torch.ops.aten
_PRODUCTS = {"mm": 0, "bmm": 0, "matmul": 0, "addmm": 1, "baddbmm": 1, "mv": 0, "dot": 0}
"""Operator → position of its left factor."""
_RECURRENT = (nn.RNNBase, nn.RNNCellBase)


def call_macs(node: fx.Node, module: nn.Module | None, shapes: SampleShapes) -> int | None:
    """MACs of one node for one sample; None where its shapes are not known.

    `module` is the leaf that the node calls, if it calls one.
    """
    macs = _module_macs(node, module, shapes) if module is not None else _op_macs(node, shapes)
    return None if macs is None else macs // shapes.fixed_batch


def network_macs(module: fx.GraphModule) -> int | None:
    """MACs of a whole network for one sample; None where shapes are not known."""
    shapes = SampleShapes(module)
    total = 0
    for node in module.graph.nodes:
        leaf = module.get_submodule(str(node.target)) if node.op == "call_module" else None
        macs = call_macs(node, leaf, shapes)
        if macs is None:
            return None
        total += macs
    return total


def _module_macs(node: fx.Node, module: nn.Module, shapes: SampleShapes) -> int | None:
    kind = kind_of(module)
    if isinstance(module, _RECURRENT):
        return _recurrent_macs(node, module, shapes)
    weight = getattr(module, "weight", None)
    if not isinstance(weight, torch.Tensor):
        return 0
    if kind in CONVOLUTIONS or isinstance(module, nn.Linear):
        # each output value is a product with one row of the weight
        return _times(shapes.elements(node.meta["val"]), math.prod(weight.shape[1:]))
    if kind in TRANSPOSED:
        return _times(shapes.elements(_value(node.args[0])), math.prod(weight.shape[1:]))
    return 0


def _recurrent_macs(node: fx.Node, module: nn.Module, shapes: SampleShapes) -> int | None:
    """Every weight matrix is applied at every time step."""
    elements = shapes.elements(_value(node.args[0]))
    features = module.input_size
    per_step = sum(p.numel() for p in module.parameters() if p.dim() == 2)
    return None if elements is None else elements // int(features) * per_step  # type: ignore[arg-type]  # an attribute of a module, whose kind is known here


def _op_macs(node: fx.Node, shapes: SampleShapes) -> int | None:
    if node.op != "call_function":
        return 0
    name = _name(node)
    if name in _PRODUCTS:
        left = _value(node.args[_PRODUCTS[name]])
        return _times(shapes.elements(node.meta["val"]), shapes.size(left.shape[-1]))
    if name == "linear":
        inner = shapes.size(_value(node.args[0]).shape[-1])
        return _times(shapes.elements(node.meta["val"]), inner)
    if "scaled_dot_product" in name:
        return _attention_macs(node, shapes)
    if name.startswith("conv") or name == "_convolution":
        return _convolution_macs(node, shapes)
    if name == "einsum":
        return _einsum_macs(node, shapes)
    return 0


def _attention_macs(node: fx.Node, shapes: SampleShapes) -> int | None:
    """Queries with keys, then weights with values."""
    query, key, value = (shapes.shape(_value(argument)) for argument in node.args[:3])
    if query is None or key is None or value is None:
        return None
    return math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _convolution_macs(node: fx.Node, shapes: SampleShapes) -> int | None:
    """A convolution whose weights are computed."""
    weight = shapes.shape(_value(node.args[1]))
    transposed = "transpose" in _name(node) or ("convolution" in _name(node) and node.args[6])
    x = shapes.elements(_value(node.args[0]) if transposed else node.meta["val"])
    return None if weight is None else _times(x, math.prod(weight[1:]))


def _einsum_macs(node: fx.Node, shapes: SampleShapes) -> int | None:
    """A product over all indices, where two tensors are multiplied."""
    equation, operands = str(node.args[0]).replace(" ", ""), node.args[1]
    if not isinstance(operands, (list, tuple)) or len(operands) != 2 or "." in equation:
        return 0
    sizes: dict[str, int] = {}
    for term, operand in zip(equation.split("->")[0].split(","), operands, strict=True):
        shape = shapes.shape(_value(operand))
        if shape is None:
            return None
        sizes.update(zip(term, shape, strict=True))
    return math.prod(sizes.values())


def _name(node: fx.Node) -> str:
    target: Any = node.target
    if not isinstance(target, torch._ops.OpOverload):
        return ""
    return target._schema.name.partition("::")[2]


def _value(argument: Any) -> torch.Tensor:
    value = argument.meta["val"]
    assert isinstance(value, torch.Tensor)
    return value


def _times(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a * b
