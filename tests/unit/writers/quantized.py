"""Small ONNX models with markers and encodings, made by hand: exporting one takes seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnx_ir as ir
import onnxruntime as ort
import torch
from onnx import helper, numpy_helper

from engine.info import Target
from engine.network.encoding import HalfEncoding, WeightEncoding, as_matrix, dequantize, quantize
from engine.writers.onnx_names import Naming
from engine.writers.onnx_quantized import quantize_model
from engine.writers.stored import StoredWeight


def encoding_of(
    weight: torch.Tensor,
    bits: int,
    *,
    symmetric: bool = True,
    group: int = 0,
    axis: int = 0,
    whole: bool = False,
) -> WeightEncoding:
    """A min-max grid per channel; per tensor (`whole`) or per group."""
    matrix = as_matrix(weight, axis)
    if whole:
        rows = matrix.reshape(1, 1, -1)
    elif group:
        missing = -matrix.shape[1] % group
        rows = torch.nn.functional.pad(matrix, (0, missing)).unflatten(1, (-1, group))
    else:
        rows = matrix[:, None]
    if symmetric:
        scale = rows.abs().amax(-1).clamp_min(1e-8) / ((1 << (bits - 1)) - 1)
        point = torch.zeros_like(scale, dtype=torch.int32)
    else:
        low, high = rows.amin(-1).clamp_max(0), rows.amax(-1).clamp_min(0)
        scale = (high - low).clamp_min(1e-8) / ((1 << bits) - 1)
        point = torch.round(-low / scale).to(torch.int32)
    return WeightEncoding(bits, scale, point, symmetric, group, axis)


def rounded(weight: torch.Tensor, encoding: WeightEncoding) -> torch.Tensor:
    return dequantize(quantize(weight, encoding), encoding)


def stored(weight: torch.Tensor, encoding: WeightEncoding) -> StoredWeight:
    return StoredWeight(
        quantize(weight, encoding).numpy(),
        encoding.scale.numpy(),
        encoding.zero_point.numpy(),
        encoding.bits,
        encoding.symmetric,
        encoding.group_size,
        encoding.axis,
    )


def marker(source: str, target: str, scale: float, point: int, high: int = 255, low: int = 0):
    return helper.make_node(
        "FakeQuantize",
        [source],
        [target],
        domain="espalier",
        scale=scale,
        zero_point=point,
        quant_min=low,
        quant_max=high,
    )


def fake(x: torch.Tensor, scale: float, point: int, high: int = 255, low: int = 0) -> torch.Tensor:
    return torch.fake_quantize_per_tensor_affine(x, scale, point, low, high)


def model_of(
    nodes: Sequence[onnx.NodeProto],
    shape: Sequence[int | str],
    tensors: dict[str, torch.Tensor],
    rank: int = 0,
) -> ir.Model:
    """A model of one input `x` and one output `y`, of the same rank if none is given."""
    sizes = [None] * (rank or len(shape))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, sizes)],
        [numpy_helper.from_array(np.array(t.numpy()), n) for n, t in tensors.items()],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("espalier", 1)]
    proto = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return ir.serde.deserialize_model(proto)


def quantized(
    model: ir.Model,
    layers: dict[str, StoredWeight | HalfEncoding],
    target: Target = Target.VNNI,
    tensors: dict[str, tuple[str, ...]] | None = None,
) -> list[str]:
    """Quantize in place; the notes. A layer's tensors are `layer.weight` and `layer.bias`."""
    names = {layer: (f"{layer}.weight", f"{layer}.bias") for layer in layers}
    naming = Naming(("x",), ("y",), ((),), {**names, **(tensors or {})})
    return quantize_model(model, layers, naming, target)


def proto_of(model: ir.Model) -> onnx.ModelProto:
    proto = ir.serde.serialize_model(model)
    onnx.checker.check_model(proto, full_check=True)
    return proto


def run(model: ir.Model, x: torch.Tensor, *, optimize: bool = True) -> torch.Tensor:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    if not optimize:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(
        proto_of(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return torch.from_numpy(session.run(None, {"x": x.numpy()})[0])


def fused(model: ir.Model, folder: Path) -> list[str]:
    """The operators that ONNX Runtime really runs, but for moves between memory layouts."""
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    ort.InferenceSession(
        proto_of(model).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    nodes = onnx.load(folder / "optimized.onnx").graph.node
    return [node.op_type for node in nodes if node.op_type != "Transpose"]


def ops(model: ir.Model) -> list[str]:
    return [node.op_type for node in model.graph]
