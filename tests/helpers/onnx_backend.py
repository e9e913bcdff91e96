"""ONNX's own node tests, run through the table of operators."""

from __future__ import annotations

import contextlib
import io
import warnings
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import torch
from onnx import numpy_helper

from engine.readers.onnx import attributes
from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.table import Call, handlers


@cache
def node_tests() -> dict[str, Any]:
    """Name → test, for every test of a single node; onnx computes them here (8 s)."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        found = collect_testcases(None)
    return {t.name: t for t in found if t.model is not None and len(t.model.graph.node) == 1}


def call_of(node: onnx.NodeProto, opset: int, types: tuple[int, ...] = ()) -> Call:
    """The node as the reader shows it to its handler; `types` are those of its inputs."""
    used = [i for i, name in enumerate(node.output) if name]
    alone = onnx.NodeProto()
    alone.CopyFrom(node)
    del alone.input[:]  # there is no graph around it to look them up in
    call = attributes.call_of(ir.serde.deserialize_node(alone), {node.domain: opset})
    return replace(call, outputs=max(used) + 1, types=types)


_FLOATS = {  # numpy extension type → torch type of the same bits
    "bfloat16": torch.bfloat16,
    "float8_e4m3fn": torch.float8_e4m3fn,
    "float8_e4m3fnuz": torch.float8_e4m3fnuz,
    "float8_e5m2": torch.float8_e5m2,
    "float8_e5m2fnuz": torch.float8_e5m2fnuz,
    "float8_e8m0fnu": torch.float8_e8m0fnu,
}
_NARROW = {"int4": "int8", "int2": "int8", "uint4": "uint8", "uint2": "uint8"}


def as_tensor(array: np.ndarray) -> torch.Tensor:
    """An array as a tensor, as the reader makes it: types narrower than a byte are widened."""
    name = array.dtype.name
    if name in _FLOATS:
        bits = np.int16 if name == "bfloat16" else np.uint8
        return torch.from_numpy(array.view(bits).copy()).view(_FLOATS[name])
    if name in _NARROW:
        return torch.from_numpy(array.astype(_NARROW[name]))
    if name == "float4_e2m1fn":
        return torch.from_numpy(array.astype(np.float32))
    return torch.from_numpy(np.array(array))


def _input(value: Any) -> Any:
    if value is None or isinstance(value, list):
        return value if value is None else [_input(v) for v in value]
    array = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
    return as_tensor(np.asarray(array))


def as_array(value: Any) -> np.ndarray:
    """What a handler gave, as an array; types that numpy lacks as float32."""
    if not isinstance(value, torch.Tensor):
        return np.array(value, dtype=np.int64 if value == () else None)
    if value.dtype in _FLOATS.values():
        value = value.float()
    return value.detach().resolve_conj().numpy()


def run_node(test: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """What the table and what ONNX say about a test, output by output.

    A sequence counts as so many outputs. Shape arithmetic has no type of its own: it takes the one
    that is declared, as an output of a network does.
    """
    (node,) = test.model.graph.node
    opset = next(o.version for o in test.model.opset_import if o.domain == node.domain)
    data, wanted = test.data_sets[0]
    named = dict(zip((i.name for i in test.model.graph.input), data, strict=True))
    inputs = [_input(named[name]) if name else None for name in node.input]
    types = {i.name: i.type.tensor_type.elem_type for i in test.model.graph.input}
    call = call_of(node, opset, tuple(types.get(name, 0) for name in node.input))
    result = handlers()[node.domain, node.op_type](call, *inputs)
    parts = outputs_of(result, call)
    picked = [part for part, name in zip(parts, node.output, strict=False) if name]
    got, theirs = _parts(picked), [_wanted(w) for w in _parts(wanted)]
    return [
        as_array(mine) if isinstance(mine, torch.Tensor) else np.array(mine, their.dtype)
        for mine, their in zip(got, theirs, strict=True)
    ], theirs


def _parts(values: Any) -> list[Any]:
    return [part for v in values for part in (_parts(v) if isinstance(v, list) else [v])]


def _wanted(value: Any) -> np.ndarray:
    array = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
    array = np.asarray(array)
    if array.dtype.name in _NARROW:
        return array.astype(_NARROW[array.dtype.name])
    narrow = array.dtype.name in _FLOATS or array.dtype.name == "float4_e2m1fn"
    return array.astype(np.float32) if narrow else array
