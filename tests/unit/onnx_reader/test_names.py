"""Layer names: from the file's own names, always the same, safe, unique."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from engine.info import LayerKind
from engine.readers.onnx.names import find_layers, layer_names
from engine.readers.onnx.naming import sanitize
from engine.readers.onnx.opset import prepared
from tests.unit.onnx_reader.checks import agrees, batches, model_of, node, normal, read


def names_of(weight: str, *, name: str = "", bias: str = "", scopes: str = "") -> list[str]:
    """What a single Gemm is called."""
    inputs = ["x", weight, *([bias] if bias else [])]
    gemm = node("Gemm", inputs, ["y"], name=name)
    if scopes:
        entry = gemm.metadata_props.add()
        entry.key, entry.value = "pkg.torch.onnx.name_scopes", scopes
    weights = {weight: normal(3, 4), **({bias: normal(4)} if bias else {})}
    model = model_of([gemm], {"x": ["N", 3]}, weights=weights)
    return list(layer_names(ir.serde.deserialize_model(model).graph))


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        ("fc", {"weight": "fc.weight"}),
        ("block.0.fc", {"weight": "block.0.fc.weight"}),
        ("attn.in_proj", {"weight": "attn.in_proj_weight"}),
        ("dense.kernel_2", {"weight": "dense/kernel_2"}),
        ("dense", {"weight": "dense/kernel:0"}),
        ("model.dense.MatMul", {"weight": "model/dense/MatMul/ReadVariableOp:0"}),
        ("fc", {"weight": "onnx::MatMul_12", "bias": "fc.bias"}),
        ("fc", {"weight": "fc.weight_quantized"}),
        ("a.fc", {"weight": "val_3", "scopes": "['', 'a', 'a.fc', 'linear']"}),
        ("layer1.0.fc", {"weight": "12", "name": "/layer1/layer1.0/fc/Gemm"}),
        ("my_dense", {"weight": "12", "name": "my_dense"}),
        ("gemm", {"weight": "12", "name": "Gemm_0"}),
        ("gemm", {"weight": "val_1", "scopes": "__import__('os')"}),
        ("forward_", {"weight": "forward.weight"}),
    ],
)
def test_name(expected: str, options: dict[str, str]) -> None:
    assert names_of(**options) == [expected]


@given(st.text(max_size=40))
def test_a_sanitized_name_is_a_path_of_submodules(text: str) -> None:
    name = sanitize(text)
    assert sanitize(name) == name
    for part in name.split("."):
        nn.Module().add_module(part, nn.Identity())


def test_equal_names_are_numbered() -> None:
    names = ["a/w", "a.w", "a/kernel"]
    model = model_of(
        [node("Gemm", [f"h{i}", name], [f"h{i + 1}"]) for i, name in enumerate(names)],
        {"h0": ["N", 3]},
        ["h3"],
        weights={name: normal(3, 3, seed=i) for i, name in enumerate(names)},
    )
    found = agrees(model, *batches("h0", 3))
    assert sorted(found.converted.source_names) == ["a", "a_2", "a_3"]


def test_a_layer_is_never_inside_another() -> None:
    model = model_of(
        [node("Gemm", ["x", "net.weight"], ["h"]), node("Gemm", ["h", "net.fc.weight"], ["y"])],
        {"x": ["N", 3]},
        weights={"net.weight": normal(3, 3), "net.fc.weight": normal(3, 3, seed=1)},
    )
    found = agrees(model, *batches("x", 3))
    assert sorted(found.converted.source_names) == ["net.fc", "net.gemm"]


def test_merged_equal_vectors_are_not_tied() -> None:
    def norm(name: str, source: str, target: str):
        made = node("LayerNormalization", [source, "a.weight", "a.bias"], [target])
        entry = made.metadata_props.add()
        entry.key, entry.value = "pkg.torch.onnx.name_scopes", f"['', '{name}', 'layer_norm']"
        return made

    model = model_of(
        [norm("a", "x", "h"), norm("b", "h", "y")],
        {"x": ["N", 3]},
        weights={"a.weight": np.ones(3, np.float32), "a.bias": np.zeros(3, np.float32)},
    )
    found = agrees(model, *batches("x", 3))
    assert found.weights() == ["a.bias", "a.weight", "b.bias", "b.weight"]


def test_the_listing_needs_no_weight_and_says_what_belongs_to_a_layer() -> None:
    model = model_of(
        [
            node("Gather", ["embed.weight", "ids"], ["e"]),
            node("Transpose", ["embed.weight"], ["t"], perm=[1, 0]),
            node("MatMul", ["e", "t"], ["m"], name="/head/MatMul"),
            node("Add", ["m", "head.bias"], ["h"]),
            node("Mul", ["h", "gain"], ["y"]),
        ],
        {"ids": ["N", 4]},
        weights={"embed.weight": normal(7, 3), "head.bias": normal(7), "gain": normal(7)},
        types={"ids": 7},
    )
    graph = prepared(ir.serde.deserialize_model(model)).graph
    embed, head, gain = find_layers(graph)
    assert (embed.name, embed.kind, embed.shape) == ("embed", LayerKind.EMBEDDING, (7, 3))
    assert (head.name, head.kind, head.shape) == ("head", LayerKind.LINEAR, (7, 3))
    assert (head.tied_to, embed.tied_to) == ("embed", "")
    assert [v.name for v in head.tensors] == ["embed.weight", "head.bias"]
    assert (gain.name, gain.kind, gain.op) == ("gain", LayerKind.PARAMETER, "Mul")


def test_names_do_not_depend_on_the_run() -> None:
    model = model_of(
        [node("Gemm", ["x", "1"], ["h"]), node("Gemm", ["h", "2"], ["y"])],
        {"x": ["N", 3]},
        weights={"1": normal(3, 3), "2": normal(3, 3, seed=1)},
    )
    names = [sorted(read(model).converted.source_names) for _ in range(2)]
    assert names == [["gemm", "gemm_2"]] * 2
