"""What cannot be trained is cut off behind a network, with a warning, and never before weights."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto
from onnx.utils import Extractor

from engine.readers.onnx.interpreter import UnsupportedGraph
from tests.unit.onnx_reader.checks import agrees, model_of, node, normal, read, runtime, same


def detector(*more: onnx.NodeProto, outputs: tuple[str, ...] = ("chosen",)) -> onnx.ModelProto:
    """Boxes and scores of each of 16 places, then the choice among them."""
    return model_of(
        [
            node("Conv", ["x", "w"], ["map"], name="head"),
            node("Reshape", ["map", "flat"], ["places"]),
            node("Transpose", ["places"], ["rows"], perm=[0, 2, 1]),
            node("Split", ["rows", "parts"], ["boxes", "logits"], axis=2),
            node("Sigmoid", ["logits"], ["likely"]),
            node("Transpose", ["likely"], ["scores"], perm=[0, 2, 1]),
            node("NonMaxSuppression", ["boxes", "scores", "most", "overlap"], ["picked"]),
            node("Gather", ["picked", "column"], ["column2"], axis=1),
            node("Gather", ["boxes", "column2"], ["chosen"], axis=1),
            *more,
        ],
        {"x": ["N", 3, 6, 6]},
        outputs,
        {
            "w": normal(6, 3, 3, 3),
            "flat": np.array([0, 6, -1]),
            "parts": np.array([4, 2]),
            "most": np.int64(5),
            "overlap": np.array([0.5], np.float32),
            "column": np.array([2]),
            "w2": normal(4, 2, seed=1),
        },
    )


@pytest.mark.parametrize("kept", [(), ("likely",)], ids=["tail alone", "another output"])
def test_the_choice_of_boxes_is_cut_off(kept: tuple[str, ...]) -> None:
    model = detector(outputs=(*kept, "chosen"))
    found = read(model)
    names = [info.name for info in found.converted.outputs]
    assert names == [*kept, "boxes", "scores"]
    (warning,) = found.converted.warnings
    assert "NonMaxSuppression cannot be part of a trainable graph" in warning
    assert "(3 nodes: Gather, NonMaxSuppression)" in warning
    assert warning.endswith(f"so the outputs are now {', '.join(map(repr, names))}.")
    session = runtime(_extracted(model, names))
    for batch in (2, 3):
        feeds = {"x": normal(batch, 3, 6, 6)}
        same(session.run(None, feeds), found.run(feeds), 1e-4)


def _extracted(model: onnx.ModelProto, names: list[str]) -> onnx.ModelProto:
    return Extractor(onnx.shape_inference.infer_shapes(model)).extract_model(["x"], names)


def test_nothing_is_cut_off_before_weights() -> None:
    model = detector(node("MatMul", ["chosen", "w2"], ["y"], name="after"), outputs=("y",))
    with pytest.raises(UnsupportedGraph, match="NonMaxSuppression"):
        read(model)


def test_a_shape_that_the_tail_asks_for_is_no_output() -> None:
    model = model_of(
        [
            node("MatMul", ["x", "w"], ["a"], name="dense"),
            node("Shape", ["a"], ["size"]),
            node("NonZero", ["a"], ["where"]),
            node("Mul", ["where", "one"], ["places"]),
            node("Cast", ["size"], ["size2"], to=TensorProto.INT64),
            node("Reshape", ["places", "minus"], ["flat"]),
            node("Concat", ["flat", "size2"], ["y"], axis=0),
        ],
        {"x": ["N", 4]},
        weights={"w": normal(4, 3), "one": np.int64(1), "minus": np.array([-1])},
        types={"y": TensorProto.INT64},
    )
    found = read(model)
    assert [info.name for info in found.converted.outputs] == ["a"]
    assert "shape of what NonZero makes" in found.converted.warnings[0]


def test_an_operator_that_is_not_known_is_cut_off_as_well() -> None:
    model = model_of(
        [
            node("MatMul", ["x", "w"], ["a"], name="dense"),
            node("Softmax", ["a"], ["b"]),
            node("Mystery", ["b"], ["y"], domain="elsewhere"),
        ],
        {"x": ["N", 4]},
        weights={"w": normal(4, 3)},
        domains={"elsewhere": 1},
    )
    found = read(model)
    assert [info.name for info in found.converted.outputs] == ["b"]
    del model.graph.node[-1]
    model.graph.output[0].name = "b"
    assert (
        agrees(model, {"x": normal(2, 4)})
        .run({"x": normal(3, 4)})[0]
        .equal(found.run({"x": normal(3, 4)})[0])
    )


def test_a_file_that_is_all_tail_is_not_cut() -> None:
    model = model_of([node("NonZero", ["x"], ["y"])], {"x": ["N", 4]}, types={"y": 7})
    with pytest.raises(UnsupportedGraph):
        read(model)
