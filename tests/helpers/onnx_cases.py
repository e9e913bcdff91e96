"""One ONNX node, its inputs, and what ONNX Runtime and our table of operators make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.readers.onnx.table import Call, Handler, handlers
from tests.helpers.onnx_backend import as_array, as_tensor, attributes_of

Array = np.ndarray[Any, Any]

# ONNX Runtime 1.31 reads up to this; a larger number is refused.
_IR_VERSION = 10
_NEWEST_OF_RUNTIME = 26


@dataclass(frozen=True)
class Case:
    """One node.

    Attributes:
        id: For the name of the test; unique.
        op: Operator.
        opset: Of its domain.
        inputs: None where an optional one is absent.
        attributes: As `helper.make_node` takes them.
        constants: Places of the inputs that are initializers.
        outputs: How many.
        domain: Empty for the standard one.
        rtol: Relative tolerance.
        atol: Absolute tolerance.
        reference: Compare with onnx's reference implementation: the runtime has no kernel.
        shown: Places of the outputs that are compared; all by default.
    """

    id: str
    op: str
    opset: int
    inputs: tuple[Array | None, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    constants: frozenset[int] = frozenset()
    outputs: int = 1
    domain: str = ""
    rtol: float = 1e-4
    atol: float = 1e-5
    reference: bool = False
    shown: tuple[int, ...] | None = None

    def with_(self, **changes: Any) -> Case:
        """A copy with some fields changed."""
        return replace(self, **changes)


def model_of(case: Case) -> onnx.ModelProto:
    """The case as a model of one node."""
    names = [f"x{i}" if x is not None else "" for i, x in enumerate(case.inputs)]
    outputs = [f"y{i}" for i in range(case.outputs)]
    node = helper.make_node(
        case.op, names, outputs, name="node", domain=case.domain, **case.attributes
    )
    values, initializers = [], []
    for i, (name, x) in enumerate(zip(names, case.inputs, strict=True)):
        if x is None:
            continue
        if i in case.constants:
            initializers.append(numpy_helper.from_array(x, name))
        else:
            kind = helper.np_dtype_to_tensor_dtype(x.dtype)
            values.append(helper.make_tensor_value_info(name, kind, x.shape))
    results = [onnx.ValueInfoProto(name=name) for name in outputs]
    graph = helper.make_graph([node], "case", values, results, initializers)
    imports = [helper.make_opsetid(case.domain, case.opset)]
    if case.domain:
        imports.append(helper.make_opsetid("", 17))
    return helper.make_model(graph, opset_imports=imports, ir_version=_IR_VERSION)


def feeds_of(case: Case) -> dict[str, Array]:
    """The inputs that are not initializers."""
    return {
        f"x{i}": x for i, x in enumerate(case.inputs) if x is not None and i not in case.constants
    }


def expected(case: Case) -> list[Array]:
    """What the referee says: the runtime, without optimization, or the reference."""
    model = model_of(case)
    if case.reference:
        for output in model.graph.output:  # the reference wants a type, and ignores it
            output.type.tensor_type.elem_type = TensorProto.FLOAT
        return [np.asarray(y) for y in ReferenceEvaluator(model).run(None, feeds_of(case))]
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, feeds_of(case)))


def call_of(case: Case) -> tuple[Handler, Call]:
    """The handler of a case, and what it is told about the node."""
    (node,) = model_of(case).graph.node
    call = Call(case.op, case.opset, "node", case.outputs, attributes_of(node), case.domain)
    return handlers()[case.domain, case.op], call


def tensors_of(case: Case) -> list[torch.Tensor | None]:
    """The inputs as tensors."""
    return [None if x is None else as_tensor(x) for x in case.inputs]


def as_list(result: Any, case: Case) -> list[Any]:
    """What a handler returned, one entry per output."""
    return list(result)[: case.outputs] if case.outputs > 1 or _single(result) else [result]


def _single(result: Any) -> bool:
    """A tuple of one tensor (a shape is a tuple of numbers)."""
    return isinstance(result, (tuple, list)) and any(isinstance(r, torch.Tensor) for r in result)


def computed(case: Case) -> list[Array]:
    """What our table says."""
    handler, call = call_of(case)
    return [as_array(y) for y in as_list(handler(call, *tensors_of(case)), case)]


def assert_equal(got: list[Array], wanted: list[Array], case: Case) -> None:
    """Same types, same shapes, values within the case's tolerance."""
    for place in case.shown if case.shown is not None else range(case.outputs):
        mine, theirs = got[place], wanted[place]
        assert mine.dtype == theirs.dtype, f"output {place}: {mine.dtype}, not {theirs.dtype}"
        assert mine.shape == theirs.shape, f"output {place}: {mine.shape}, not {theirs.shape}"
        np.testing.assert_allclose(mine, theirs, rtol=case.rtol, atol=case.atol)
