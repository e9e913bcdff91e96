"""Branches and loops: decided while reading, or refused with what to do."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from engine.errors import ModelError
from engine.readers.onnx.interpreter import UnsupportedGraph
from tests.unit.onnx_reader.checks import agrees, batches, model_of, node, normal, read


def branch(op: str, name: str, weight: str) -> onnx.GraphProto:
    value = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    return helper.make_graph([node(op, ["x", weight], [name])], name, [], [value])


def choosing(condition: list[onnx.NodeProto], inputs: dict, **options) -> onnx.ModelProto:
    """`x · a` where the condition `c` holds, else `x + b`."""
    then, other = branch("Mul", "t", "scale"), branch("Add", "e", "shift")
    return model_of(
        [*condition, node("If", ["c"], ["y"], then_branch=then, else_branch=other, name="choose")],
        {"x": ["N", 4], **inputs},
        weights={
            "scale": normal(4),
            "shift": normal(4, seed=1),
            "limit": np.int64(3),
            "one": np.int64(1),
        },
        **options,
    )


@pytest.mark.parametrize("op", ["Greater", "Less"])
def test_a_condition_on_a_shape_chooses_its_branch(op: str) -> None:
    model = choosing(
        [
            node("Shape", ["x"], ["s"]),
            node("Gather", ["s", "one"], ["n"]),
            node(op, ["n", "limit"], ["c"]),
        ],
        {},
    )
    found = agrees(model, *batches("x", 4))
    assert found.weights() == ["scale" if op == "Greater" else "shift"]


def test_a_condition_on_an_input_is_refused_with_what_to_do() -> None:
    model = choosing([], {"c": []}, types={"c": TensorProto.BOOL})
    with pytest.raises(UnsupportedGraph, match="depends on the input") as caught:
        read(model)
    assert caught.value.where == "choose"
    assert "Fix the input" in caught.value.hint


@pytest.mark.parametrize(("text", "left"), [("true", "scale"), ("false", "shift")])
def test_a_fixed_input_decides(text: str, left: str) -> None:
    model = choosing([], {"c": []}, types={"c": TensorProto.BOOL})
    found = agrees(model, *batches("x", 4), fixed_inputs={"c": text})
    assert found.weights() == [left]
    assert [info.name for info in found.converted.inputs] == ["x"]
    assert found.converted.warnings == [f"Input 'c' is fixed to {text}."]


@pytest.mark.parametrize(
    ("fixed", "message"),
    [({"d": "1"}, "no input 'd'"), ({"c": "maybe"}, "is no value"), ({"c": "1,2"}, "is no value")],
)
def test_a_fixed_input_that_does_not_fit(fixed: dict[str, str], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read(choosing([], {"c": []}, types={"c": TensorProto.BOOL}), fixed_inputs=fixed)


def looping(trips: list[onnx.NodeProto], inputs: dict, **options) -> onnx.ModelProto:
    """h ← tanh(h @ w) for a number of times, collecting each h."""
    body = helper.make_graph(
        [
            node("MatMul", ["h", "fc.weight"], ["m"]),
            node("Tanh", ["m"], ["next"]),
            node("Identity", ["go"], ["on"]),
            node("Identity", ["next"], ["seen"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("h", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
            helper.make_tensor_value_info("seen", TensorProto.FLOAT, None),
        ],
    )
    return model_of(
        [
            *trips,
            node("Loop", ["n", "", "x"], ["y", "all"], body=body, name="repeat"),
            node("ReduceSum", ["all", "first"], ["z"], keepdims=0),
        ],
        {"x": ["N", 4], **inputs},
        ["y", "z"],
        weights={"fc.weight": normal(4, 4), "first": np.array([0])},
        **options,
    )


def test_a_loop_over_a_shape_unrolls() -> None:
    count = [
        node("Shape", ["x"], ["s"], start=1),
        node("Squeeze", ["s"], ["n"]),
    ]
    assert agrees(looping(count, {}), *batches("x", 4)).weights() == ["fc.weight"]


def test_a_loop_whose_length_is_an_input_is_refused() -> None:
    with pytest.raises(UnsupportedGraph, match="repetitions depends on the input"):
        read(looping([], {"n": []}, types={"n": TensorProto.INT64}))


def test_a_loop_that_is_too_long_is_refused() -> None:
    with pytest.raises(UnsupportedGraph, match="more than 256 times"):
        read(looping([], {"n": []}, types={"n": TensorProto.INT64}), fixed_inputs={"n": "1000000"})


@pytest.mark.parametrize("backwards", [0, 1])
def test_a_scan_over_a_fixed_length_unrolls(backwards: int) -> None:
    body = helper.make_graph(
        [
            node("Add", ["h", "x_t"], ["sum"]),
            node("Mul", ["sum", "scale"], ["next"]),
            node("Identity", ["next"], ["seen"]),
        ],
        "body",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("h", "x_t")],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("next", "seen")],
    )
    model = model_of(
        [
            node("Transpose", ["x"], ["t"], perm=[1, 0, 2]),
            node("Scan", ["h0", "t"], ["last", "all"], body=body, num_scan_inputs=1)
            if not backwards
            else node(
                "Scan",
                ["h0", "t"],
                ["last", "all"],
                body=body,
                num_scan_inputs=1,
                scan_input_directions=[1],
                scan_output_directions=[1],
            ),
            node("Transpose", ["all"], ["y"], perm=[1, 0, 2]),
        ],
        {"h0": ["N", 3], "x": ["N", 5, 3]},
        ["last", "y"],
        weights={"scale": normal(3)},
    )
    samples = [{"h0": normal(n, 3), "x": normal(n, 5, 3, seed=n)} for n in (2, 4)]
    agrees(model, *samples)


def test_a_sequence_is_taken_apart() -> None:
    model = model_of(
        [
            node("SplitToSequence", ["x", "two"], ["parts"], axis=1),
            node("SequenceAt", ["parts", "last"], ["b"]),
            node("SequenceAt", ["parts", "zero"], ["a"]),
            node("SequenceConstruct", ["b", "a"], ["swapped"]),
            node("ConcatFromSequence", ["swapped"], ["y"], axis=1),
        ],
        {"x": ["N", 6]},
        weights={"two": np.int64(3), "last": np.int64(-1), "zero": np.int64(0)},
    )
    agrees(model, *batches("x", 6), grads=False)


def test_boxes_chosen_by_value_are_refused() -> None:
    model = model_of(
        [node("NonMaxSuppression", ["boxes", "scores"], ["y"], name="nms")],
        {"boxes": ["N", 5, 4], "scores": ["N", 1, 5]},
        types={"y": TensorProto.INT64},
    )
    with pytest.raises(UnsupportedGraph, match="chooses boxes") as caught:
        read(model)
    assert caught.value.where == "nms"


def test_an_operator_that_nobody_knows() -> None:
    model = model_of(
        [node("Frobnicate", ["x"], ["y"], domain="com.example", name="odd")],
        {"x": ["N", 3]},
        domains={"com.example": 1},
    )
    with pytest.raises(UnsupportedGraph, match=r"Frobnicate.*not known"):
        read(model)


def test_functions_are_inlined() -> None:
    function = helper.make_function(
        "local",
        "Scaled",
        ["a", "w"],
        ["b"],
        [node("MatMul", ["a", "w"], ["m"]), node("Relu", ["m"], ["b"])],
        [helper.make_opsetid("", 17)],
    )
    model = model_of(
        [node("Scaled", ["x", "fc.weight"], ["y"], domain="local")],
        {"x": ["N", 3]},
        weights={"fc.weight": normal(3, 4)},
        functions=[function],
        domains={"local": 1},
    )
    assert agrees(model, *batches("x", 3)).weights() == ["fc.weight"]
