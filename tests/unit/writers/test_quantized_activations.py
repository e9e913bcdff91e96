"""Activations in ONNX: rounded as the network rounds them, joined with what computes them."""

import pytest
import torch
from onnx import helper
from torch.nn import functional

from tests.unit.writers.quantized import (
    encoding_of,
    fake,
    fused,
    marker,
    model_of,
    ops,
    proto_of,
    quantized,
    rounded,
    run,
    stored,
)
from tests.unit.writers.test_quantized_weights import assert_same_grid, weight_of

X = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(1))
RAW = weight_of(4, 4, 3, 3)
ENCODING = encoding_of(RAW, 8)
WEIGHT = rounded(RAW, ENCODING)
FIRST = [
    marker("x", "q", 0.03, 120),
    helper.make_node("Conv", ["q", "c.weight"], ["h"], pads=[1] * 4),
]


def convolved():
    return functional.conv2d(fake(X, 0.03, 120), WEIGHT, padding=1)


def case(*nodes):
    model = model_of([*FIRST, *nodes], ["batch", 4, 8, 8], {"c.weight": WEIGHT})
    assert quantized(model, {"c": stored(RAW, ENCODING)}) == []
    return model


@pytest.mark.parametrize(
    ("low", "high", "point"),
    [(0, 2**b - 1, 2 ** (b - 1) - 1) for b in (4, 5, 6, 7, 8, 16)]
    + [(-8, 7, 0), (-128, 127, 3), (-32768, 32767, -5), (0, 15, 0), (0, 255, 255)],
)
def test_every_width_is_rounded_as_in_the_network(low, high, point):
    scale = 6 / (high - low)
    model = model_of([marker("x", "y", scale, point, high, low)], ["n"], {})
    quantized(model, {})
    x = torch.linspace(-5, 5, 4001)
    assert_same_grid(run(model, x), fake(x, scale, point, high, low), scale)
    assert [v.name for v in model.graph.outputs] == ["y"]


def test_relu_is_a_bound_of_the_integers(tmp_path):
    model = case(helper.make_node("Relu", ["h"], ["r"]), marker("r", "y", 0.05, 0))
    assert "Relu" not in ops(model)
    assert "Clip" not in ops(model)
    assert fused(model, tmp_path) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"]
    assert_same_grid(run(model, X), fake(convolved().relu(), 0.05, 0), 0.05)


def test_relu_with_a_zero_point(tmp_path):
    model = case(helper.make_node("Relu", ["h"], ["r"]), marker("r", "y", 0.05, 30))
    assert "QLinearConv" in fused(model, tmp_path)
    assert_same_grid(run(model, X), fake(convolved().relu(), 0.05, 30), 0.05)


def test_relu6(tmp_path):
    nodes = [
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Constant", [], ["six"], value_float=1.5),
        helper.make_node("Clip", ["h", "zero", "six"], ["r"]),
        marker("r", "y", 0.02, 10),
    ]
    model = case(*nodes)
    assert "QLinearConv" in fused(model, tmp_path)
    assert_same_grid(run(model, X), fake(convolved().clamp(0, 1.5), 0.02, 10), 0.02)


def test_a_relu_that_others_read_stays(tmp_path):
    nodes = [
        helper.make_node("Relu", ["h"], ["r"]),
        marker("r", "rq", 0.05, 0),
        helper.make_node("Sub", ["r", "rq"], ["y"]),
    ]
    model = case(*nodes)
    assert "Relu" in ops(model)
    assert "QLinearConv" not in fused(model, tmp_path)
    want = convolved().relu() - fake(convolved().relu(), 0.05, 0)
    assert (run(model, X) - want).abs().median() < 1e-5


@pytest.mark.parametrize("high", [15, 31, 63, 127])
def test_few_bits_run_in_the_kernels_for_eight(high, tmp_path):
    scale = 6.0 / high
    model = case(helper.make_node("Relu", ["h"], ["r"]), marker("r", "y", scale, 0, high))
    kernels = fused(model, tmp_path)
    assert kernels == ["QuantizeLinear", "QLinearConv", "Clip", "DequantizeLinear"]
    assert_same_grid(run(model, X), fake(convolved().relu(), scale, 0, high), scale)


def test_what_only_moves_values_may_come_after(tmp_path):
    nodes = [
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        marker("m", "y", 0.05, 0),
    ]
    model = case(*nodes)
    kernels = fused(model, tmp_path)
    assert "QLinearConv" in kernels
    assert "Conv" not in kernels
    want = fake(functional.max_pool2d(convolved().relu(), 2), 0.05, 0)
    assert_same_grid(run(model, X), want, 0.05)


def test_what_was_moved_since_it_was_rounded_is_read_as_integers(tmp_path):
    nodes = [
        helper.make_node("Relu", ["h"], ["r"]),
        marker("r", "rq", 0.05, 0),
        helper.make_node("MaxPool", ["rq"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["m", "d.weight"], ["k"], pads=[1] * 4),
        marker("k", "kq", 0.1, 128),
        helper.make_node("Slice", ["rq", "start", "end", "axes", "step"], ["s"]),
        helper.make_node("Add", ["kq", "s"], ["a"]),
        marker("a", "y", 0.1, 128),
    ]
    tensors = {"c.weight": WEIGHT, "d.weight": -WEIGHT}
    tensors |= {"start": torch.tensor([0, 0]), "end": torch.tensor([8, 8])}
    tensors |= {"axes": torch.tensor([2, 3]), "step": torch.tensor([2, 2])}
    model = model_of([*FIRST, *nodes], ["batch", 4, 8, 8], tensors)
    quantized(model, {"c": stored(RAW, ENCODING), "d": stored(-RAW, ENCODING)})
    kernels = fused(model, tmp_path)
    assert kernels.count("QLinearConv") == 2
    assert kernels.count("QLinearAdd") == 1
    assert kernels.count("QuantizeLinear") == 1
    r = fake(convolved().relu(), 0.05, 0)
    pooled = functional.conv2d(functional.max_pool2d(r, 2), -WEIGHT, padding=1)
    want = fake(fake(pooled, 0.1, 128) + r[:, :, ::2, ::2], 0.1, 128)
    assert_same_grid(run(model, X), want, 0.2, most=0.03)  # rounded four times


def test_branches_that_are_joined(tmp_path):
    nodes = [
        helper.make_node("Conv", ["q", "d.weight"], ["k"], pads=[1] * 4),
        helper.make_node("Concat", ["h", "k"], ["j"], axis=1),
        marker("j", "y", 0.1, 128),
    ]
    model = model_of(
        [*FIRST, *nodes], ["batch", 4, 8, 8], {"c.weight": WEIGHT, "d.weight": -WEIGHT}
    )
    kind = stored(RAW, ENCODING)
    quantized(model, {"c": kind, "d": stored(-RAW, ENCODING)})
    assert fused(model, tmp_path).count("QLinearConv") == 2
    want = fake(torch.cat([convolved(), -convolved()], 1), 0.1, 128)
    assert_same_grid(run(model, X), want, 0.1)


def test_residual_addition(tmp_path):
    nodes = [
        marker("h", "hq", 0.1, 128),
        helper.make_node("Add", ["hq", "q"], ["s"]),
        helper.make_node("Relu", ["s"], ["r"]),
        marker("r", "y", 0.05, 0),
    ]
    model = case(*nodes)
    kernels = fused(model, tmp_path)
    assert kernels.count("QLinearAdd") == kernels.count("QLinearConv") == 1
    assert "Relu" not in kernels
    want = fake((fake(convolved(), 0.1, 128) + fake(X, 0.03, 120)).relu(), 0.05, 0)
    assert_same_grid(run(model, X), want, 0.1)


def test_equal_quantizers_are_one():
    nodes = [
        marker("h", "a", 0.1, 128),
        marker("h", "b", 0.1, 128),
        helper.make_node("Sub", ["a", "b"], ["y"]),
    ]
    model = case(*nodes)
    assert ops(model).count("QuantizeLinear") == 2  # the input's, and one for both
    assert torch.equal(run(model, X), torch.zeros_like(X))


def test_an_output_that_others_read_too():
    nodes = [
        marker("h", "y", 0.1, 128),
        helper.make_node("Relu", ["y"], ["unused"]),
        marker("h", "z", 0.1, 128),
        helper.make_node("Neg", ["z"], ["w"]),
    ]
    model = case(*nodes)
    assert_same_grid(run(model, X), fake(convolved(), 0.1, 128), 0.1)
    assert proto_of(model).graph.output[0].name == "y"


def test_both_ways_of_running_agree():
    model = case(helper.make_node("Relu", ["h"], ["r"]), marker("r", "y", 0.05, 20))
    assert_same_grid(run(model, X), run(model, X, optimize=False), 0.05)
