"""ONNX's own node tests, run through the table of operators."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import cache
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from engine.readers.onnx.table import Call, handlers


@cache
def node_tests() -> dict[str, Any]:
    """Name → test, for every test of a single node; onnx computes them here (8 s)."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = collect_testcases(None)
    return {t.name: t for t in found if t.model is not None and len(t.model.graph.node) == 1}


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's attributes as `Call` wants them."""
    return {a.name: _attribute(helper.get_attribute_value(a)) for a in node.attribute}


def _attribute(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return as_tensor(numpy_helper.to_array(value))
    if isinstance(value, list):
        return tuple(_attribute(v) for v in value)
    return value


def as_tensor(array: np.ndarray) -> torch.Tensor:
    """An array as a tensor; numpy's extension types by their bits."""
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(np.array(array))


def _input(value: Any) -> torch.Tensor:
    array = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
    return as_tensor(np.asarray(array))


def as_array(value: Any) -> np.ndarray:
    """What a handler gave, as an array."""
    if isinstance(value, torch.Tensor):
        if value.dtype == torch.bfloat16:
            return value.detach().view(torch.int16).numpy()
        return value.detach().resolve_conj().numpy()
    return np.array(value)


def call_of(node: onnx.NodeProto, opset: int) -> Call:
    """The node as its handler sees it."""
    used = [i for i, name in enumerate(node.output) if name]
    return Call(
        node.op_type, opset, node.name, max(used) + 1, attributes_of(node), node.domain
    )


def run_node(test: Any) -> tuple[list[np.ndarray], list[Any]]:
    """What the table and what ONNX say about a test, output by output."""
    (node,) = test.model.graph.node
    opset = next(o.version for o in test.model.opset_import if o.domain == node.domain)
    data, wanted = test.data_sets[0]
    named = dict(zip((i.name for i in test.model.graph.input), data, strict=True))
    inputs = [_input(named[name]) if name else None for name in node.input]
    result = handlers()[node.domain, node.op_type](call_of(node, opset), *inputs)
    parts = list(result) if isinstance(result, (tuple, list)) and node.op_type != "Shape" else [result]
    picked = [part for part, name in zip(parts, node.output, strict=False) if name]
    return [as_array(part) for part in picked], [_wanted(w) for w in wanted]


def _wanted(value: Any) -> np.ndarray:
    array = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
    array = np.asarray(array)
    return array.view(np.int16) if array.dtype.name == "bfloat16" else array
