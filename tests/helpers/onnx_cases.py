"""One ONNX node, its inputs, and what ONNX Runtime and our table of operators make of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from engine.readers.onnx.constants import as_setting, is_setting, natural
from engine.readers.onnx.fold import outputs_of
from engine.readers.onnx.table import Call, Handler, Value, handlers
from tests.helpers.onnx_backend import as_array, as_tensor
from tests.helpers.onnx_backend import call_of as node_call

Array = np.ndarray[Any, Any]

onnxruntime.set_default_logger_severity(4)

_IR_VERSION = 10  # any that the runtime reads


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
        batched: Places of the inputs whose first axis is the batch, where the node works with any.
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
    batched: tuple[int, ...] = ()

    def with_(self, **changes: Any) -> Case:
        """A copy with some fields changed."""
        return replace(self, **changes)


class Cases(list[Case]):
    """A list of cases under construction, and reproducible inputs for them."""

    def __init__(self, seed: int, domain: str = "") -> None:
        super().__init__()
        self._random = np.random.default_rng(seed)
        self._domain = domain
        self._names: dict[str, int] = {}

    def floats(self, *shape: int, dtype: Any = np.float32) -> Array:
        """Normally distributed numbers."""
        return self._random.standard_normal(shape).astype(dtype)

    def positive(self, *shape: int, dtype: Any = np.float32) -> Array:
        """Numbers from 0.1 to 1.1."""
        return (self._random.random(shape) + 0.1).astype(dtype)

    def whole(self, low: int, high: int, *shape: int, dtype: Any = np.int64) -> Array:
        """Integers from `low` up to, not including, `high`."""
        return self._random.integers(low, high, shape).astype(dtype)

    def truths(self, *shape: int) -> Array:
        """Booleans."""
        return self._random.random(shape) > 0.5

    def add(
        self,
        op: str,
        opset: int,
        inputs: list[Array | None],
        attributes: Mapping[str, Any] | None = None,
        constants: tuple[int, ...] = (),
        **more: Any,
    ) -> None:
        """One more case; `more` are fields of `Case`."""
        given = attributes or {}
        words = [op, str(opset), *(f"{k}={_word(v)}" for k, v in given.items())]
        name = "-".join(words)[:90]
        count = self._names[name] = self._names.get(name, 0) + 1
        more.setdefault("domain", self._domain)
        self.append(
            Case(
                f"{name}-{count}" if count > 1 else name,
                op,
                opset,
                tuple(inputs),
                given,
                frozenset(constants),
                **more,
            )
        )


def integers(*values: int, dtype: Any = np.int64) -> Array:
    """A vector of integers."""
    return np.array(values, dtype)


def reals(*values: float, dtype: Any = np.float32) -> Array:
    """A vector of numbers."""
    return np.array(values, dtype)


def one(value: Any, dtype: Any = np.int64) -> Array:
    """A scalar."""
    return np.array(value, dtype)


NOTHING = np.zeros(0, np.float32)
"""An absent input, as old exporters write it."""


def _word(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "x".join(map(_word, value))
    if isinstance(value, onnx.TensorProto):
        return "tensor"
    return f"{value:g}" if isinstance(value, float) else str(value)


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it divides by zero and thinks better of it
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
    call = replace(node_call(node, case.opset), outputs=case.outputs)
    return handlers()[case.domain, case.op], call


def tensors_of(case: Case) -> list[torch.Tensor | None]:
    """The inputs as tensors."""
    return [None if x is None else as_tensor(x) for x in case.inputs]


def as_read(case: Case) -> list[Value]:
    """The inputs as the reader gives them: constants become Python numbers wherever they may."""
    inputs: list[Value] = []
    for slot, x in enumerate(tensors_of(case)):
        form = None
        if x is not None and slot in case.constants:
            form = as_setting(x) if is_setting(case.op, slot) else natural(x)
        inputs.append(x if form is None else form)
    return inputs


def computed(case: Case, inputs: list[Any] | None = None) -> list[Array]:
    """What our table says, from tensors alone unless `inputs` are given."""
    handler, call = call_of(case)
    result = handler(call, *(tensors_of(case) if inputs is None else inputs))
    return [as_array(y) for y in outputs_of(result, call)[: case.outputs]]


def assert_equal(got: list[Array], wanted: list[Array], case: Case) -> None:
    """Same types, same shapes, values within the case's tolerance."""
    for place in case.shown if case.shown is not None else range(case.outputs):
        mine, theirs = got[place], wanted[place]
        assert mine.dtype == theirs.dtype, f"output {place}: {mine.dtype}, not {theirs.dtype}"
        assert mine.shape == theirs.shape, f"output {place}: {mine.shape}, not {theirs.shape}"
        np.testing.assert_allclose(mine, theirs, rtol=case.rtol, atol=case.atol)
