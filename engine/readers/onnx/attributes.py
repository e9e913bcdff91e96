"""A node's attributes in Python, as handlers see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import onnx_ir as ir

from engine.readers.onnx.constants import read
from engine.readers.onnx.sources import standard
from engine.readers.onnx.table import Call

_PLAIN = {
    ir.AttributeType.FLOAT: float,
    ir.AttributeType.INT: int,
    ir.AttributeType.STRING: str,
    ir.AttributeType.FLOATS: tuple,
    ir.AttributeType.INTS: tuple,
    ir.AttributeType.STRINGS: tuple,
}


def call_of(node: ir.Node, opsets: Mapping[str, int]) -> Call:
    """The node as its handler sees it. Graph attributes are left out."""
    domain = "" if standard(node.domain) else node.domain
    outputs = list(node.outputs)
    while len(outputs) > 1 and not _counts(outputs[-1], node):
        outputs.pop()
    return Call(
        op=node.op_type,
        opset=opsets.get(domain, 1),
        name=node.name or "",
        outputs=len(outputs),
        attributes=_attributes(node),
        domain=domain,
        types=tuple(0 if v is None or v.dtype is None else v.dtype.value for v in node.inputs),
    )


def _counts(output: ir.Value, node: ir.Node) -> bool:
    used = bool(output.uses()) or output.is_graph_output()
    # Split shares out the axis among all of its outputs, used or not.
    return bool(output.name) and (used or node.op_type == "Split")


def _attributes(node: ir.Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for attribute in node.attributes.values():
        if attribute.is_ref():
            continue
        if attribute.type in _PLAIN:
            found[attribute.name] = _PLAIN[attribute.type](attribute.value)
        elif attribute.type is ir.AttributeType.TENSOR:
            tensor = attribute.as_tensor()
            found[attribute.name] = read(tensor)
            if node.op_type == "ConstantOfShape":
                # In Python already: while tracing, reading a tensor would make a symbol of it.
                found["fill"] = tensor.numpy().reshape(-1)[0].item()
        elif attribute.type is ir.AttributeType.TENSORS:
            found[attribute.name] = tuple(read(t) for t in attribute.as_tensors())
    return found


def graphs_of(node: ir.Node) -> dict[str, ir.Graph]:
    """The graphs that a control-flow node carries, by attribute."""
    return {
        a.name: a.as_graph()
        for a in node.attributes.values()
        if a.type is ir.AttributeType.GRAPH and not a.is_ref()
    }
