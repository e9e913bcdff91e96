"""Shape arithmetic stays out of the network, and the batch stays symbolic."""

from __future__ import annotations

import resource

import numpy as np
import onnx
import pytest
from onnx import TensorProto
from torch import SymInt

from engine.errors import ModelError
from engine.readers.onnx.ops.arithmetic import binary, power
from engine.readers.onnx.table import Call
from tests.unit.onnx_reader.checks import agrees, batches, model_of, node, normal, read


def symbolic_batch(found) -> bool:
    """Whether every output's first axis is symbolic."""
    output = next(n for n in found.program.graph.nodes if n.op == "output")
    return all(isinstance(v.meta["val"].shape[0], SymInt) for v in output.all_input_nodes)


def tensor_ops(found) -> set[str]:
    """Operators on tensors; arithmetic on the symbolic batch is not among them."""
    names = {n.target.__name__ for n in found.program.graph.nodes if n.op == "call_function"}
    return {name for name in names if "." in name and not name.startswith("sym_")}


FLATTEN = {
    "minus one": [node("Reshape", ["x", "s"], ["y"])],
    "zero": [node("Reshape", ["x", "z"], ["y"])],
    "flatten": [node("Flatten", ["x"], ["y"])],
    "chain": [
        node("Shape", ["x"], ["sh"]),
        node("Gather", ["sh", "zero"], ["n"]),
        node("Unsqueeze", ["n", "axes"], ["u"]),
        node("Concat", ["u", "minus"], ["cat"], axis=0),
        node("Reshape", ["x", "cat"], ["y"]),
    ],
    "slice": [
        node("Shape", ["x"], ["sh"]),
        node("Slice", ["sh", "axes", "one"], ["n"]),
        node("Concat", ["n", "minus"], ["cat"], axis=0),
        node("Reshape", ["x", "cat"], ["y"]),
    ],
    "product": [
        node("Shape", ["x"], ["sh"]),
        node("Split", ["sh", "parts"], ["a", "b"]),
        node("ReduceProd", ["b"], ["p"], keepdims=1),
        node("Concat", ["a", "p"], ["cat"], axis=0),
        node("Reshape", ["x", "cat"], ["y"]),
    ],
    "floats": [
        node("Shape", ["x"], ["sh"], start=0, end=1),
        node("Cast", ["sh"], ["f"], to=TensorProto.FLOAT),
        node("Mul", ["f", "twice"], ["d"]),
        node("Div", ["d", "twice"], ["h"]),
        node("Floor", ["h"], ["fl"]),
        node("Cast", ["fl"], ["i"], to=TensorProto.INT64),
        node("Concat", ["i", "minus"], ["cat"], axis=0),
        node("Reshape", ["x", "cat"], ["y"]),
    ],
}


@pytest.mark.parametrize("case", FLATTEN)
def test_reshaping(case: str) -> None:
    model = model_of(
        FLATTEN[case],
        {"x": ["N", 3, 4]},
        weights={
            "s": np.array([-1, 12]),
            "z": np.array([0, -1]),
            "zero": np.int64(0),
            "axes": np.array([0]),
            "one": np.array([1]),
            "minus": np.array([-1]),
            "parts": np.array([1, 2]),
            "twice": np.array([2.0], dtype=np.float32),
        },
    )
    found = agrees(model, *batches("x", 3, 4), grads=False)
    assert symbolic_batch(found)
    assert len(tensor_ops(found)) == 1


def test_expanding_a_class_token_to_the_batch() -> None:
    model = model_of(
        [
            node("Shape", ["x"], ["sh"], end=1),
            node("Concat", ["sh", "minus"], ["target"], axis=0),
            node("Shape", ["target"], ["rank"]),
            node("ConstantOfShape", ["rank"], ["ones"], value=_int64([1])),
            node("Mul", ["ones", "negative"], ["minuses"]),
            node("Equal", ["target", "minuses"], ["keep"]),
            node("Where", ["keep", "ones", "target"], ["size"]),
            node("Expand", ["token", "size"], ["t"]),
            node("Concat", ["t", "x"], ["c"], axis=1),
            node("Add", ["c", "position"], ["y"]),
        ],
        {"x": ["N", 3, 4]},
        weights={
            "minus": np.array([-1, -1]),
            "negative": np.int64(-1),
            "token": normal(1, 1, 4),
            "position": normal(1, 4, 4),
        },
    )
    found = agrees(model, *batches("x", 3, 4))
    assert found.weights() == ["position", "token"]
    assert symbolic_batch(found)


def _int64(values: list[int]):
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array(values, dtype=np.int64))


def test_positions_from_a_range_over_the_length() -> None:
    model = model_of(
        [
            node("Shape", ["x"], ["s"], start=1, end=2),
            node("Squeeze", ["s"], ["n"]),
            node("Range", ["zero", "n", "one"], ["ids"]),
            node("Gather", ["position.weight", "ids"], ["p"]),
            node("Add", ["x", "p"], ["y"]),
        ],
        {"x": ["N", 3, 4]},
        weights={
            "zero": np.int64(0),
            "one": np.int64(1),
            "position.weight": normal(3, 4),
        },
    )
    assert agrees(model, *batches("x", 3, 4)).weights() == ["position.weight"]


SLICES = {
    "backwards": ([-1], [-(2**63)], [1], [-1]),
    "backwards, two": ([3], [0], [2], [-2]),
    "beyond the end": ([1], [2**63 - 1], [2], [1]),
    "negative": ([-3], [-1], [2], [1]),
    "two axes": ([0, 1], [2, 4], [1, 2], [1, 2]),
}


@pytest.mark.parametrize("case", SLICES)
def test_slice(case: str) -> None:
    starts, ends, axes, steps = (np.array(v) for v in SLICES[case])
    model = model_of(
        [node("Slice", ["x", "s", "e", "a", "p"], ["y"])],
        {"x": ["N", 3, 5]},
        weights={"s": starts, "e": ends, "a": axes, "p": steps},
    )
    agrees(model, *batches("x", 3, 5), grads=False, traced=False)


def test_slice_with_attributes() -> None:
    model = model_of(
        [node("Slice", ["x"], ["y"], starts=[0, 1], ends=[2, 4], axes=[1, 2])],
        {"x": ["N", 3, 5]},
        opset=9,
    )
    agrees(model, *batches("x", 3, 5), grads=False)


@pytest.mark.parametrize("opset", [9, 13, 18])
def test_split_whose_last_part_is_not_used(opset: int) -> None:
    count = {"num_outputs": 3} if opset >= 18 else {}
    model = model_of(
        [
            node("Split", ["x"], ["a", "b", "c"], axis=1, **count),
            node("Sub", ["a", "b"], ["y"]),
        ],
        {"x": ["N", 6]},
        opset=opset,
    )
    agrees(model, *batches("x", 6), grads=False, traced=False)


def test_a_gather_of_columns_and_negative_indices() -> None:
    model = model_of(
        [
            node("Gather", ["x", "which"], ["a"], axis=1),
            node("Gather", ["x", "last"], ["b"], axis=1),
            node("Unsqueeze", ["b", "one"], ["u"]),
            node("Sub", ["a", "u"], ["y"]),
        ],
        {"x": ["N", 5]},
        weights={"which": np.array([-1, 0, 2]), "last": np.int64(-2), "one": np.array([1])},
    )
    agrees(model, *batches("x", 5), grads=False)


ARITHMETIC = {
    "number first": [node("Sub", ["two", "x"], ["a"]), node("Div", ["two", "a"], ["y"])],
    "list": [node("Mul", ["x", "list"], ["a"]), node("Add", ["list", "a"], ["y"])],
    "max": [node("Max", ["x", "two", "list"], ["y"])],
    "mean": [node("Mean", ["x", "list", "x"], ["y"])],
    "power": [node("Pow", ["two", "x"], ["y"])],
    "modulo": [node("Mod", ["x", "list"], ["y"], fmod=1)],
    "where": [node("Less", ["two", "x"], ["c"]), node("Where", ["c", "two", "x"], ["y"])],
}


@pytest.mark.parametrize("case", ARITHMETIC)
def test_numbers_and_tensors_mix(case: str) -> None:
    model = model_of(
        ARITHMETIC[case],
        {"x": ["N", 3]},
        weights={"two": np.float32(0.5), "list": np.array([1.0, 2.0, 3.0], dtype=np.float32)},
    )
    agrees(model, *batches("x", 3), grads=False, traced=False)


def test_integers_divide_towards_zero_and_wrap() -> None:
    assert binary(Call("Div", 14), -7, 2) == -3
    assert binary(Call("Div", 14), (7, -8), (-2,)) == (-3, 4)
    assert binary(Call("Mul", 14), 2**62, 4) == 0
    assert power(Call("Pow", 15), 2, 3) == 8


def test_a_power_tower_does_not_fill_the_memory() -> None:
    nodes = [node("Pow", ["n", "n"], ["p0"])]
    nodes += [node("Pow", [f"p{i}", f"p{i}"], [f"p{i + 1}"]) for i in range(6)]
    nodes += [node("Cast", ["p6"], ["f"], to=1), node("Mul", ["x", "f"], ["y"])]
    model = model_of(nodes, {"x": ["N", 3]}, weights={"n": np.int64(9)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(model)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_chain_of_squares_does_not_fill_the_memory() -> None:
    nodes = [node("Mul", ["n", "n"], ["p0"])]
    nodes += [node("Mul", [f"p{i}", f"p{i}"], [f"p{i + 1}"]) for i in range(60)]
    nodes += [node("Cast", ["p60"], ["f"], to=1), node("Mul", ["x", "f"], ["y"])]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(model_of(nodes, {"x": ["N", 3]}, weights={"n": np.int64(3)}))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def with_bomb(bomb: onnx.NodeProto) -> onnx.ModelProto:
    return model_of(
        [bomb, node("ReduceSum", ["b"], ["s"], keepdims=0), node("Mul", ["x", "s"], ["y"])],
        {"x": ["N", 3]},
        weights={
            "huge": np.array([1_000_000_000]),
            "one": np.array([1.0], dtype=np.float32),
            "line": np.array([1.0, 2.0], dtype=np.float32),
            "zero": np.float32(0),
            "last": np.float32(1e9),
            "step": np.float32(1),
        },
    )


BOMBS = {
    "constant of shape": node("ConstantOfShape", ["huge"], ["b"]),
    "tile": node("Tile", ["line", "huge"], ["b"]),
    "range": node("Range", ["zero", "last", "step"], ["b"]),
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_tensor_of_a_billion_elements_is_refused_unmade(case: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ModelError, match=r"would make a tensor of \d\.\d GB"):
        read(with_bomb(BOMBS[case]))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_an_expansion_to_a_billion_elements_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(with_bomb(node("Expand", ["one", "huge"], ["b"])))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000


def test_a_file_for_one_sample_works_for_many_where_samples_do_not_mix() -> None:
    model = model_of(
        [node("Reshape", ["x", "s"], ["f"]), node("MatMul", ["f", "fc.weight"], ["y"])],
        {"x": [1, 2, 3]},
        weights={"s": np.array([-1, 6]), "fc.weight": normal(6, 4)},
    )
    found = agrees(model, {"x": normal(1, 2, 3)})
    assert symbolic_batch(found)


def test_a_batch_that_is_written_into_a_reshape_is_freed() -> None:
    model = model_of(
        [node("Reshape", ["x", "s"], ["f"]), node("MatMul", ["f", "fc.weight"], ["y"])],
        {"x": [1, 2, 3]},
        weights={"s": np.array([1, 6]), "fc.weight": normal(6, 4)},
    )
    found = agrees(model, {"x": normal(1, 2, 3)})
    assert symbolic_batch(found)
    many = normal(3, 2, 3)
    one_by_one = [found.run({"x": many[i : i + 1]})[0].detach() for i in range(3)]
    np.testing.assert_allclose(
        found.run({"x": many})[0].detach(), np.concatenate(one_by_one), atol=1e-6
    )


def test_a_file_for_one_sample_keeps_its_batch_where_samples_would_mix() -> None:
    model = model_of(
        [node("Reshape", ["x", "s"], ["f"]), node("Softmax", ["f"], ["y"], axis=0)],
        {"x": [1, 2, 3]},
        weights={"s": np.array([-1, 3])},
    )
    found = agrees(model, {"x": normal(1, 2, 3)}, grads=False)
    assert not symbolic_batch(found)


def test_an_input_without_a_shape_asks_for_one() -> None:
    model = model_of([node("Relu", ["x"], ["y"])], {"x": ["N", 3]})
    model.graph.input[0].type.tensor_type.ClearField("shape")
    with pytest.raises(ModelError, match="does not say the shape") as caught:
        read(model)
    assert "3x224x224" in caught.value.hint
    found = read(model, input_shapes={"x": "3x5"})
    assert found.converted.example_inputs[0].shape[1:] == (3, 5)


def test_constants_keep_their_int32() -> None:
    model = model_of(
        [
            node("Greater", ["x", "zero"], ["above"]),
            node("Where", ["above", "one", "two"], ["y"]),
            node("Shape", ["x"], ["long"]),
            node("Cast", ["long"], ["dims"], to=TensorProto.INT32),
            node("Mul", ["dims", "two"], ["twice"]),
            node("Range", ["start", "two", "two"], ["numbers"]),
            node("Concat", ["twice", "numbers"], ["z"], axis=0),
        ],
        {"x": ["N", 3]},
        ("y", "z"),
        {
            "zero": np.float32(0),
            "start": np.int32(0),
            "one": np.int32(1),
            "two": np.int32(2),
        },
        types={"y": TensorProto.INT32, "z": TensorProto.INT32},
    )
    agrees(model, *batches("x", 3), grads=False)
