"""Working out constant parts of an ONNX graph once, when it is read.

A constant expression is first run on fake tensors, which have shapes but no memory: a file of a few
bytes may ask for a tensor of a terabyte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import onnx_ir as ir
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

from engine.readers.onnx.attributes import call_of
from engine.readers.onnx.constants import as_setting, is_setting, natural, read
from engine.readers.onnx.sources import Sources, stored
from engine.readers.onnx.table import Call, UnsupportedOp, Value, handlers

GROWTH = 16
"""A constant expression may grow by this factor (int2 weights to float32) …"""
FREE_BYTES = 1 << 24
"""… and up to this size without asking."""
_SMALL = 4096
"""Inputs of no more elements than this cannot grow to much, but through these operators."""
_GROWING = frozenset(
    {"ConstantOfShape", "Expand", "Tile", "Range", "Pad", "Resize", "Upsample", "OneHot", "Einsum"}
    | {"EyeLike", "CenterCropPad", "Col2Im", "MelWeightMatrix", "AffineGrid", "Gather"}
    | {"HannWindow", "HammingWindow", "BlackmanWindow", "ConvTranspose", "MaxUnpool"}
)


class Constants:
    """The values of a graph's static values, each worked out once and only when asked for."""

    def __init__(self, sources: Sources, opsets: Mapping[str, int]) -> None:
        self._sources = sources
        self._opsets = opsets
        self._values: dict[ir.Value, Any] = {}
        self._refused: set[ir.Value] = set()

    def foldable(self, value: ir.Value) -> bool:
        """Whether a value is constant and no weight: what the network need not compute.

        What is made from weights (a slice of a position table) stays in the graph, so that
        gradients reach them.
        """
        if not self._sources.is_static(value) or self._sources.parameters(value):
            return False
        return self._known(value)

    def value(self, value: ir.Value) -> Any:
        """A static value: a tensor, Python numbers, or a list of values (a sequence).

        Raises:
            UnsupportedOp: It cannot be worked out.
        """
        if value not in self._values and not self._known(value, keep_error=True):
            raise UnsupportedOp(f"the constant {value.name} cannot be worked out")
        return self._values[value]

    def tensor(self, value: ir.Value) -> torch.Tensor:
        """A static value as a tensor."""
        found = self.value(value)
        return found if isinstance(found, torch.Tensor) else torch.tensor(found)

    def _known(self, value: ir.Value, *, keep_error: bool = False) -> bool:
        """Work a value out, with all it needs, without recursion (chains may be long)."""
        pending = [value]
        while pending:
            at = pending[-1]
            if at in self._values:
                pending.pop()
                continue
            if at in self._refused:
                return False
            tensor = stored(at)
            if tensor is not None:
                self._values[at] = read(tensor)
                continue
            node = at.producer()
            assert node is not None
            missing = [v for v in node.inputs if v is not None and v not in self._values]
            if missing:
                pending.extend(missing)
                continue
            try:
                results = self._run(node)
            except Exception as error:
                self._refused.add(at)
                if keep_error:
                    raise (
                        error
                        if isinstance(error, UnsupportedOp)
                        else UnsupportedOp(f"the constant {value.name} cannot be worked out")
                    ) from error
                return False
            for output, result in zip(node.outputs, results, strict=False):
                self._values[output] = result
            if at not in self._values:
                self._refused.add(at)
        return True

    def _run(self, node: ir.Node) -> list[Any]:
        call = call_of(node, self._opsets)
        handler = handlers().get((call.domain, call.op))
        if handler is None:
            raise UnsupportedOp(f"{call.op} is not known")
        inputs = [
            None if v is None else _form(self._values[v], call.op, slot)
            for slot, v in enumerate(node.inputs)
        ]
        _check_size(call, handler, inputs)
        with torch.no_grad():
            return outputs_of(handler(call, *inputs), call)


def outputs_of(result: Any, call: Call) -> list[Any]:
    """A handler's result as the list of a node's outputs."""
    if isinstance(result, list):
        return result
    several = isinstance(result, tuple) and any(isinstance(v, torch.Tensor) for v in result)
    return list(result) if several or (call.outputs > 1 and isinstance(result, tuple)) else [result]


def _form(value: Any, op_type: str, slot: int) -> Any:
    if not isinstance(value, torch.Tensor):
        return value
    form = as_setting(value) if is_setting(op_type, slot) else natural(value)
    return value if form is None else form


def _check_size(call: Call, handler: Callable[..., Any], inputs: list[Value]) -> None:
    """Refuse what would make far more than it is given."""
    tensors = [v for v in inputs if isinstance(v, torch.Tensor)]
    elements = sum(v.numel() for v in tensors)
    if elements <= _SMALL and call.op not in _GROWING:
        return
    allowed = max(FREE_BYTES, GROWTH * sum(v.numel() * v.element_size() for v in tensors))
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        fake = [mode.from_tensor(v) if isinstance(v, torch.Tensor) else v for v in inputs]
        results = outputs_of(handler(call, *fake), call)
    made = sum(v.numel() * v.element_size() for v in results if isinstance(v, torch.Tensor))
    if made > allowed:
        raise UnsupportedOp(f"{call.op} would make a constant of {made / 1e9:.1f} GB")
