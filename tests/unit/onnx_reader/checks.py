"""Read a model and compare it with ONNX Runtime, at two batch sizes, gradients included."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime as ort
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.export import ExportedProgram

from engine.readers.onnx.convert import Converted, convert, to_program

Feeds = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Read:
    """What came of a model."""

    program: ExportedProgram | None
    converted: Converted

    @functools.cached_property
    def module(self) -> torch.nn.Module:
        """The exported program's, or the interpreter itself."""
        return self.program.module(check_guards=False) if self.program else self.converted.module

    def run(self, feeds: Feeds) -> list[torch.Tensor]:
        inputs = [torch.from_numpy(np.ascontiguousarray(v)) for v in feeds.values()]
        result = self.module(*inputs)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def layer(self, name: str) -> torch.nn.Module:
        return self.converted.module.get_submodule(name)

    def weights(self) -> list[str]:
        return sorted(name for name, _ in self.converted.module.named_parameters())


def read(model: onnx.ModelProto, **options) -> Read:
    program, converted = to_program(ir.serde.deserialize_model(model), **options)
    return Read(program, converted)


def read_untraced(model: onnx.ModelProto) -> Read:
    """Without the export, which takes most of the time and is the same for all nodes."""
    converted = convert(ir.serde.deserialize_model(model))
    converted.module.trim(converted.example_inputs)
    return Read(None, converted)


def agrees(
    model: onnx.ModelProto,
    *samples: Feeds,
    tolerance: float = 1e-4,
    grads: bool = True,
    fuse: bool = True,
    traced: bool = True,
    **options,
) -> Read:
    """Read a model, and compare it with ONNX Runtime on each of the samples."""
    found = read(model, **options) if traced else read_untraced(model)
    session = runtime(model, fuse=fuse)
    fixed = options.get("fixed_inputs", {})
    for feeds in samples:
        want = session.run(
            None, {**feeds, **{k: _constant(session, k, v) for k, v in fixed.items()}}
        )
        got = found.run(feeds)
        same(want, got, tolerance)
    if grads:
        gradients_reach_all(found, samples[0])
    return found


def same(want: Sequence[np.ndarray], got: Sequence[torch.Tensor], tolerance: float) -> None:
    assert len(want) == len(got)
    for expected, tensor in zip(want, got, strict=True):
        actual = tensor.detach().numpy()
        assert actual.shape == expected.shape
        assert actual.dtype == expected.dtype
        scale = max(np.abs(expected).max(initial=0).astype(np.float64), 1e-6)
        wide = expected.astype(np.float64), actual.astype(np.float64)
        np.testing.assert_allclose(wide[1], wide[0], rtol=0, atol=tolerance * scale)


def gradients_reach_all(found: Read, feeds: Feeds) -> None:
    outputs = found.run(feeds)
    sum((o * torch.arange(1.0, o.numel() + 1).reshape(o.shape)).sum() for o in outputs).backward()
    silent = [n for n, p in found.module.named_parameters() if p.grad is None or not p.grad.any()]
    assert not silent


def runtime(model: onnx.ModelProto, *, fuse: bool = True) -> ort.InferenceSession:
    """`fuse=False`: no rewriting, which computes quantized weights in another way."""
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    if not fuse:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _constant(session: ort.InferenceSession, name: str, text: str) -> np.ndarray:
    info = next(i for i in session.get_inputs() if i.name == name)
    dtype = {"tensor(bool)": bool, "tensor(int64)": np.int64, "tensor(float)": np.float32}[
        info.type
    ]
    values = [{"true": 1, "false": 0}.get(w, w) for w in text.split(",")]
    return np.array([float(v) for v in values]).astype(dtype).reshape(info.shape)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def normal(*shape: int, seed: int = 0, dtype: type = np.float32) -> np.ndarray:
    return rng(seed).standard_normal(shape).astype(dtype)


def batches(name: str, *shape: int, sizes: Sequence[int] = (2, 5)) -> list[dict[str, np.ndarray]]:
    """The same input at several batch sizes."""
    return [{name: normal(size, *shape, seed=size)} for size in sizes]


_ELEMENTS = {
    np.dtype(np.float32): TensorProto.FLOAT,
    np.dtype(np.float16): TensorProto.FLOAT16,
    np.dtype(np.int64): TensorProto.INT64,
    np.dtype(bool): TensorProto.BOOL,
}


def model_of(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int | str | None]],
    outputs: Sequence[str] = ("y",),
    weights: Mapping[str, np.ndarray] | None = None,
    *,
    opset: int = 17,
    types: Mapping[str, int] | None = None,
    functions: Sequence[onnx.FunctionProto] = (),
    domains: Mapping[str, int] | None = None,
) -> onnx.ModelProto:
    """A model from its nodes; inputs and outputs are float unless `types` says otherwise."""
    types = types or {}
    graph = helper.make_graph(
        nodes,
        "graph",
        [
            helper.make_tensor_value_info(n, types.get(n, TensorProto.FLOAT), s)
            for n, s in inputs.items()
        ],
        [helper.make_tensor_value_info(n, types.get(n, TensorProto.FLOAT), None) for n in outputs],
        [numpy_helper.from_array(v, k) for k, v in (weights or {}).items()],
    )
    imports = {"": opset, **(domains or {})}
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(d, v) for d, v in imports.items()],
        functions=list(functions),
        ir_version=8 if opset < 21 else 10,
    )


node = helper.make_node
