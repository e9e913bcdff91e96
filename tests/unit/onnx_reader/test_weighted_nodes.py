"""Nodes with constant weights become layers that compute what ONNX Runtime does."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from tests.unit.onnx_reader.checks import agrees, batches, model_of, node, normal

OPSETS = [9, 11, 13, 17, 21]


@pytest.mark.parametrize("opset", OPSETS)
def test_conv_batch_norm_relu(opset: int) -> None:
    model = model_of(
        [
            node(
                "Conv", ["x", "c.weight", "c.bias"], ["h"], pads=[1, 1, 1, 1], kernel_shape=[3, 3]
            ),
            node("BatchNormalization", ["h", "n.weight", "n.bias", "n.mean", "n.var"], ["b"]),
            node("Relu", ["b"], ["y"]),
        ],
        {"x": ["N", 3, 6, 6]},
        weights={
            "c.weight": normal(4, 3, 3, 3),
            "c.bias": normal(4, seed=1),
            "n.weight": normal(4, seed=2),
            "n.bias": normal(4, seed=3),
            "n.mean": normal(4, seed=4),
            "n.var": np.abs(normal(4, seed=5)) + 0.1,
        },
        opset=opset,
    )
    found = agrees(model, *batches("x", 3, 6, 6))
    assert isinstance(found.layer("c"), nn.Conv2d)
    assert found.layer("c").padding == (1, 1)
    assert found.weights() == ["c.bias", "c.weight", "n.bias", "n.weight"]


CONVS = {
    "plain": ((4, 3, 3), (3, 9), {}),
    "uneven pads": ((4, 3, 3, 3), (3, 7, 6), {"pads": [0, 1, 2, 1]}),
    "strided": ((4, 3, 3, 3), (3, 7, 6), {"strides": [2, 3], "pads": [1, 1, 1, 1]}),
    "dilated": ((4, 3, 3, 3), (3, 9, 9), {"dilations": [2, 1]}),
    "grouped": ((4, 2, 3, 3), (4, 6, 6), {"group": 2}),
    "depthwise": ((4, 1, 3, 3), (4, 6, 6), {"group": 4}),
    "same upper": ((4, 3, 4, 3), (3, 7, 6), {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
    "same lower": ((4, 3, 4, 3), (3, 7, 6), {"auto_pad": "SAME_LOWER", "strides": [2, 2]}),
    "same, stride 1": ((4, 3, 2, 5), (3, 7, 6), {"auto_pad": "SAME_LOWER"}),
    "valid": ((4, 3, 2, 2), (3, 7, 6), {"auto_pad": "VALID"}),
    "three dimensions": ((2, 3, 2, 3, 2), (3, 4, 5, 4), {"pads": [1, 0, 0, 0, 1, 1]}),
}


@pytest.mark.parametrize("case", CONVS)
def test_convolution(case: str) -> None:
    weight, shape, attributes = CONVS[case]
    model = model_of(
        [node("Conv", ["x", "c.weight"], ["y"], **attributes)],
        {"x": ["N", *shape]},
        weights={"c.weight": normal(*weight)},
    )
    found = agrees(model, *batches("x", *shape), traced=False)
    assert found.layer("c").weight.shape == weight


TRANSPOSED = {
    "plain": ((3, 4, 3), (3, 5), {}),
    "pads": ((3, 4, 3, 3), (3, 5, 5), {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    "uneven pads": ((3, 4, 3, 3), (3, 5, 5), {"strides": [2, 2], "pads": [0, 1, 1, 0]}),
    "output padding": (
        (3, 4, 3, 3),
        (3, 5, 5),
        {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]},
    ),
    "grouped": ((4, 2, 3, 3), (4, 5, 5), {"group": 2, "dilations": [2, 1]}),
    "output shape": ((3, 4, 3, 3), (3, 5, 4), {"strides": [2, 2], "output_shape": [10, 8]}),
    "same upper": ((3, 4, 3, 3), (3, 5, 5), {"strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    "same lower": ((3, 4, 3, 3), (3, 5, 5), {"strides": [2, 2], "auto_pad": "SAME_LOWER"}),
    "three dimensions": ((3, 2, 2, 2, 2), (3, 3, 3, 3), {"strides": [2, 1, 2]}),
}


@pytest.mark.parametrize("case", TRANSPOSED)
def test_transposed_convolution(case: str) -> None:
    weight, shape, attributes = TRANSPOSED[case]
    channels = weight[1] * attributes.get("group", 1)
    model = model_of(
        [node("ConvTranspose", ["x", "up.weight", "up.bias"], ["y"], **attributes)],
        {"x": ["N", *shape]},
        weights={"up.weight": normal(*weight), "up.bias": normal(channels, seed=1)},
    )
    assert agrees(model, *batches("x", *shape), traced=False).weights() == ["up.bias", "up.weight"]


GEMMS = {
    "transB": ({"transB": 1}, (4, 3), (4,)),
    "no transB": ({}, (3, 4), (4,)),
    "scaled": ({"alpha": 0.5, "beta": 2.0}, (3, 4), (4,)),
    "bias of one row": ({}, (3, 4), (1, 4)),
    "scalar bias": ({"beta": 3.0}, (3, 4), ()),
    "no bias": ({}, (3, 4), None),
}


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("case", GEMMS)
def test_gemm(case: str, opset: int) -> None:
    attributes, weight, bias = GEMMS[case]
    weights = {"fc.weight": normal(*weight)}
    if bias is not None:
        weights["fc.bias"] = np.asarray(normal(*bias, seed=1), dtype=np.float32)
    model = model_of(
        [node("Gemm", ["x", *weights], ["y"], **attributes)],
        {"x": ["N", 3]},
        weights=weights,
        opset=opset,
    )
    found = agrees(model, *batches("x", 3), traced=False)
    assert isinstance(found.layer("fc"), nn.Linear)
    assert found.layer("fc").weight.shape == (4, 3)


def test_gemm_of_a_transposed_input() -> None:
    model = model_of(
        [node("Gemm", ["x", "fc.weight"], ["y"], transA=1)],
        {"x": [3, 2]},
        weights={"fc.weight": normal(3, 4)},
    )
    agrees(model, {"x": normal(3, 2)})


def test_gemm_whose_bias_differs_by_row() -> None:
    model = model_of(
        [node("Gemm", ["x", "fc.weight", "fc.bias"], ["y"])],
        {"x": [5, 3]},
        weights={"fc.weight": normal(3, 4), "fc.bias": normal(5, 4)},
    )
    agrees(model, {"x": normal(5, 3)}, grads=False)


def test_matmul_and_add_become_one_layer() -> None:
    model = model_of(
        [node("MatMul", ["x", "fc.weight"], ["h"]), node("Add", ["b", "h"], ["y"])],
        {"x": ["N", 5, 3]},
        weights={"fc.weight": normal(3, 4), "b": normal(4)},
    )
    found = agrees(model, *batches("x", 5, 3))
    assert found.weights() == ["fc.bias", "fc.weight"]
    assert found.layer("fc").weight.shape == (4, 3)


def test_matmul_whose_product_is_used_twice_keeps_its_add() -> None:
    model = model_of(
        [
            node("MatMul", ["x", "fc.weight"], ["h"]),
            node("Add", ["shift", "h"], ["s"]),
            node("Mul", ["s", "h"], ["y"]),
        ],
        {"x": ["N", 3]},
        weights={"fc.weight": normal(3, 4), "shift": normal(4)},
    )
    assert agrees(model, *batches("x", 3)).weights() == ["fc.weight", "shift"]


def test_matmul_of_a_vector_with_a_bias_of_two_axes() -> None:
    model = model_of(
        [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "fc.bias"], ["y"])],
        {"x": [3]},
        weights={"w": normal(3, 4), "fc.bias": normal(1, 4)},
    )
    agrees(model, {"x": normal(3)})


def test_matmul_with_the_constant_on_the_left() -> None:
    model = model_of(
        [node("MatMul", ["mix", "x"], ["y"])],
        {"x": ["N", 3, 4]},
        weights={"mix": normal(5, 3)},
    )
    assert agrees(model, *batches("x", 3, 4)).weights() == ["mix"]


def test_weight_that_is_transposed_first() -> None:
    model = model_of(
        [node("Transpose", ["fc.weight"], ["t"], perm=[1, 0]), node("MatMul", ["x", "t"], ["y"])],
        {"x": ["N", 3]},
        weights={"fc.weight": normal(4, 3)},
    )
    found = agrees(model, *batches("x", 3))
    np.testing.assert_array_equal(found.layer("fc").weight.detach(), normal(4, 3))


def test_float16_weights_cast_to_float() -> None:
    model = model_of(
        [node("Cast", ["fc.weight"], ["w"], to=1), node("MatMul", ["x", "w"], ["y"])],
        {"x": ["N", 3]},
        weights={"fc.weight": normal(3, 4, dtype=np.float16)},
    )
    found = agrees(model, *batches("x", 3))
    assert found.layer("fc").weight.dtype.is_floating_point


def test_float16_throughout() -> None:
    model = model_of(
        [node("Gemm", ["x", "fc.weight", "fc.bias"], ["y"])],
        {"x": ["N", 3]},
        weights={
            "fc.weight": normal(3, 4, dtype=np.float16),
            "fc.bias": normal(4, dtype=np.float16),
        },
        types={"x": 10, "y": 10},
    )
    agrees(model, {"x": normal(2, 3, dtype=np.float16)}, tolerance=1e-2, grads=False)


def test_tied_weights_are_one_parameter() -> None:
    model = model_of(
        [
            node("Gather", ["embed.weight", "ids"], ["e"]),
            node("Transpose", ["embed.weight"], ["t"], perm=[1, 0]),
            node("MatMul", ["e", "t"], ["y"], name="/head/MatMul"),
        ],
        {"ids": ["N", 4]},
        weights={"embed.weight": normal(7, 3)},
        types={"ids": 7},
    )
    ids = np.array([[0, 6, 2, 1], [3, 3, 5, 4]])
    found = agrees(model, {"ids": ids}, {"ids": np.vstack([ids, ids])})
    assert found.layer("head").weight is found.layer("embed").weight


def test_one_layer_that_is_called_twice() -> None:
    model = model_of(
        [
            node("Conv", ["x", "c.weight"], ["h"], pads=[1, 1, 1, 1]),
            node("Relu", ["h"], ["r"]),
            node("Conv", ["r", "c.weight"], ["y"], pads=[1, 1, 1, 1]),
        ],
        {"x": ["N", 3, 4, 4]},
        weights={"c.weight": normal(3, 3, 3, 3)},
    )
    assert agrees(model, *batches("x", 3, 4, 4)).weights() == ["c.weight"]


@pytest.mark.parametrize("shape", [(1,), (3, 1, 1), (1, 3, 1, 1), (3, 4, 4), (4,), ()])
def test_prelu(shape: tuple[int, ...]) -> None:
    model = model_of(
        [node("PRelu", ["x", "act.weight"], ["y"])],
        {"x": ["N", 3, 4, 4]},
        weights={"act.weight": np.asarray(normal(*shape), dtype=np.float32)},
    )
    agrees(model, *batches("x", 3, 4, 4), traced=False)


NORMS = {
    "layer norm": ("LayerNormalization", 17, ["n.weight", "n.bias"], (4,), {"axis": -1}),
    "layer norm, two axes": ("LayerNormalization", 17, ["n.weight"], (3, 4), {"axis": 1}),
    "layer norm, epsilon": ("LayerNormalization", 17, ["n.weight"], (4,), {"epsilon": 0.5}),
    "layer norm, one scale": ("LayerNormalization", 17, ["n.weight", "n.bias"], (1,), {"axis": -1}),
    "instance norm": ("InstanceNormalization", 13, ["n.weight", "n.bias"], (3,), {}),
    "group norm": ("GroupNormalization", 21, ["n.weight", "n.bias"], (3,), {"num_groups": 3}),
    "rms norm": ("RMSNormalization", 23, ["n.weight"], (4,), {"axis": -1}),
}


@pytest.mark.parametrize("case", NORMS)
def test_norm(case: str) -> None:
    op, opset, names, shape, attributes = NORMS[case]
    model = model_of(
        [node(op, ["x", *names], ["y"], **attributes)],
        {"x": ["N", 3, 4]},
        weights={name: normal(*shape, seed=i) + 0.5 for i, name in enumerate(names)},
        opset=opset,
    )
    assert agrees(model, *batches("x", 3, 4), traced=False).weights() == sorted(names)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("twice", [True, False])
def test_layer_norm_in_arithmetic_becomes_one_layer(bias: bool, twice: bool) -> None:
    second = "d2" if twice else "d"
    nodes = [
        node("ReduceMean", ["x"], ["m"], axes=[-1]),
        node("Sub", ["x", "m"], ["d"]),
        *([node("Sub", ["x", "m"], ["d2"])] if twice else []),
        node("Pow", [second, "two"], ["p"]),
        node("ReduceMean", ["p"], ["v"], axes=[-1]),
        node("Add", ["v", "eps"], ["e"]),
        node("Sqrt", ["e"], ["s"]),
        node("Div", ["d", "s"], ["n"]),
        node("Mul", ["n", "ln.weight"], ["y" if not bias else "h"]),
        *([node("Add", ["h", "ln.bias"], ["y"])] if bias else []),
    ]
    model = model_of(
        nodes,
        {"x": ["N", 3, 4]},
        weights={
            "two": np.float32(2),
            "eps": np.float32(1e-3),
            "ln.weight": normal(4),
            **({"ln.bias": normal(4, seed=1)} if bias else {}),
        },
        opset=13,
    )
    found = agrees(model, *batches("x", 3, 4))
    assert isinstance(found.layer("ln"), nn.LayerNorm)
    assert found.layer("ln").eps == pytest.approx(1e-3)


def test_variance_over_another_axis_is_no_layer_norm() -> None:
    model = model_of(
        [
            node("ReduceMean", ["x"], ["m"], axes=[1]),
            node("Sub", ["x", "m"], ["d"]),
            node("Mul", ["d", "d"], ["p"]),
            node("ReduceMean", ["p"], ["v"], axes=[1]),
            node("Add", ["v", "eps"], ["e"]),
            node("Sqrt", ["e"], ["s"]),
            node("Div", ["d", "s"], ["n"]),
            node("Mul", ["n", "scale"], ["y"]),
        ],
        {"x": ["N", 3, 4]},
        weights={"eps": np.float32(1e-3), "scale": normal(4)},
        opset=13,
    )
    assert agrees(model, *batches("x", 3, 4)).weights() == ["scale"]


def test_weights_that_do_not_fit_are_named() -> None:
    from engine.errors import ModelError

    model = model_of(
        [node("Conv", ["x", "c.weight"], ["y"])],
        {"x": ["N", 5, 6, 6]},
        weights={"c.weight": normal(4, 3, 3, 3)},
    )
    with pytest.raises(ModelError, match="Conv does not fit") as caught:
        agrees(model, *batches("x", 5, 6, 6))
    assert caught.value.where == "c"
