"""Small ONNX files, made with onnx's own helpers."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper


@pytest.fixture
def save_onnx(tmp_path):
    """Write a graph: nodes, inputs and outputs as (name, type, shape), initializers by name."""

    def save(nodes, inputs, outputs, weights=None, name="model.onnx", opset=20):
        tensors = [
            numpy_helper.from_array(np.asarray(value), key)
            for key, value in (weights or {}).items()
        ]
        ends = [
            [helper.make_tensor_value_info(key, kind, shape) for key, kind, shape in some]
            for some in (inputs, outputs)
        ]
        graph = helper.make_graph(nodes, "graph", *ends, tensors)
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        path = tmp_path / name
        onnx.save(model, path)
        return path

    return save


@pytest.fixture
def linear_onnx(save_onnx):
    """`y = x W + b`, `[batch, 3]` → `[batch, 4]`, as a layer `fc`."""
    generator = np.random.default_rng(0)
    weights = {
        "fc.weight": generator.normal(size=(4, 3)).astype(np.float32),
        "fc.bias": generator.normal(size=4).astype(np.float32),
    }
    node = helper.make_node("Gemm", ["x", "fc.weight", "fc.bias"], ["y"], "fc", transB=1)
    return save_onnx(
        [node],
        [("x", TensorProto.FLOAT, ["batch", 3])],
        [("y", TensorProto.FLOAT, ["batch", 4])],
        weights,
    )
