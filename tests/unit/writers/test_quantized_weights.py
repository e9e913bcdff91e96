"""Weights in ONNX: bit for bit the network's, in as few bytes, in the form that runs fastest."""

import numpy as np
import onnx_ir as ir
import pytest
import torch
from onnx import helper
from torch.nn import functional

from engine.info import Target
from engine.network.encoding import HalfEncoding
from engine.writers.joined import _may_saturate
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

TYPES = {2: "INT2", 3: "INT4", 4: "INT4", 5: "INT8", 6: "INT8", 7: "INT8", 8: "INT8", 16: "INT16"}
X = torch.randn(3, 4, 9, 9, generator=torch.Generator().manual_seed(1))
SCALE, POINT = 0.03, 120


def weight_of(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("target", [Target.VNNI, Target.PORTABLE])
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize(
    ("shape", "group", "axis", "whole"),
    [
        ((6, 4, 3, 3), 0, 0, False),
        ((6, 4, 3, 3), 0, 0, True),
        ((6, 4, 3, 3), 12, 0, False),
        ((6, 4, 3, 3), 16, 0, False),  # the last group of a row is smaller
        ((4, 6, 2, 2), 8, 1, False),  # transposed convolution
        ((5, 32), 16, 0, False),
        ((5, 30), 16, 0, False),
        ((5, 7), 0, 0, False),
    ],
)
@pytest.mark.parametrize("bits", sorted(TYPES))
def test_weights_are_the_networks_bit_for_bit(bits, shape, group, axis, whole, symmetric, target):
    raw = weight_of(*shape)
    encoding = encoding_of(raw, bits, symmetric=symmetric, group=group, axis=axis, whole=whole)
    weight = rounded(raw, encoding)
    nodes = [
        helper.make_node("Identity", ["w.weight"], ["v"]),
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Mul", ["s", "zero"], ["z"]),
        helper.make_node("Add", ["v", "z"], ["y"]),
    ]
    tensors = {"w.weight": weight, "zero": torch.zeros(())}
    model = model_of(nodes, [1], tensors, rank=weight.ndim)
    assert quantized(model, {"w": stored(raw, encoding)}, target) == []
    kind = TYPES[max(bits, 3) if target is Target.PORTABLE else bits]
    have = model.graph.initializers["w.weight"].const_value.dtype.name
    assert have == (kind if symmetric else f"U{kind}")
    assert torch.equal(run(model, torch.ones(1)), weight)


def conv(weight, bias=True, **settings):
    inputs = ["q", "c.weight", "c.bias"][: 3 if bias else 2]
    return [
        marker("x", "q", SCALE, POINT),
        helper.make_node("Conv", inputs, ["h"], **settings),
        marker("h", "y", 0.1, 100),
    ]


def conv_case(bits, *, target=Target.VNNI, channels=8, groups=1, symmetric=True, whole=False):
    raw = weight_of(channels, 4 // groups, 3, 3)
    encoding = encoding_of(raw, bits, symmetric=symmetric, whole=whole)
    weight, bias = rounded(raw, encoding), weight_of(channels, seed=3)
    model = model_of(
        conv(weight, group=groups, pads=[1] * 4),
        ["batch", 4, 9, 9],
        {"c.weight": weight, "c.bias": bias},
    )
    notes = quantized(model, {"c": stored(raw, encoding)}, target)
    want = fake(
        functional.conv2d(fake(X, SCALE, POINT), weight, bias, padding=1, groups=groups), 0.1, 100
    )
    return model, want, notes


def assert_same_grid(got, want, step, *, most=0.01):
    """Equal, but for the few values that lie between two steps."""
    difference = (got - want).abs()
    assert difference.max() <= 1.01 * step
    assert (difference > 0.01 * step).float().mean() < most


@pytest.mark.parametrize("target", [Target.VNNI, Target.AVX2, Target.ARM, Target.PORTABLE])
@pytest.mark.parametrize("bits", range(2, 9))
def test_convolutions_run_in_integers(bits, target, tmp_path):
    model, want, notes = conv_case(bits, target=target)
    assert notes == []
    assert fused(model, tmp_path) == ["QuantizeLinear", "QLinearConv", "DequantizeLinear"]
    assert_same_grid(run(model, X), want, 0.1)


@pytest.mark.parametrize("groups", [2, 4])
def test_grouped_and_depthwise_convolutions(groups, tmp_path):
    model, want, _ = conv_case(8, groups=groups)
    assert "QLinearConv" in fused(model, tmp_path)
    assert_same_grid(run(model, X), want, 0.1)


@pytest.mark.parametrize("bits", [3, 4, 7, 8])
@pytest.mark.parametrize("whole", [True, False])
def test_asymmetric_weights(bits, whole, tmp_path):
    model, want, _ = conv_case(bits, symmetric=False, whole=whole)
    joined = whole or bits < 8  # zero points that differ leave 8 bits no room
    assert ("QLinearConv" in fused(model, tmp_path)) == joined
    assert_same_grid(run(model, X), want, 0.1)


def test_one_channel(tmp_path):
    model, want, _ = conv_case(8, channels=1)
    assert "QLinearConv" in fused(model, tmp_path)
    assert_same_grid(run(model, X), want, 0.1)


@pytest.mark.parametrize(
    ("bits", "target", "kind", "point"),
    [
        (8, Target.VNNI, "INT8", 0),
        (8, Target.ARM, "INT8", 0),
        (8, Target.AVX2, "UINT8", 128),
        (8, Target.PORTABLE, "UINT8", 128),
        (7, Target.AVX2, "INT8", 0),  # cannot saturate
        (4, Target.AVX2, "INT4", None),
    ],
)
def test_form_follows_the_processor(bits, target, kind, point):
    model, *_ = conv_case(bits, target=target)
    assert model.graph.initializers["c.weight"].const_value.dtype.name == kind
    if point is not None:
        node = next(n for n in model.graph if n.name == "c.weight_dequantized")
        assert set(node.inputs[2].const_value.numpy().tolist()) == {point}


def test_when_two_products_leave_16_bits():
    row = np.array([[127, 1, -3]], np.int16)
    assert not _may_saturate(row, 0, 255)
    assert _may_saturate(row + np.array([[0, 1, 0]], np.int16), 0, 255)
    assert not _may_saturate(row * 0 + 127, 0, 127)
    assert _may_saturate(np.array([[-64, -65]], np.int16), 0, 255)
    assert not _may_saturate(np.array([[-64, -64]], np.int16), 0, 255)
    assert not _may_saturate(np.array([[127], [127]], np.int16), 0, 255)  # one input


def test_biases_are_integers_of_the_products_step():
    model, *_ = conv_case(8)
    names = model.graph.initializers
    bias, scale = names["c.bias"].const_value, names["c.bias_scale"].const_value.numpy()
    assert bias.dtype is ir.DataType.INT32
    np.testing.assert_allclose(scale, SCALE * names["c.weight_scale"].const_value.numpy())
    wanted = weight_of(8, seed=3).numpy()
    assert np.abs(bias.numpy() * scale - wanted).max() <= scale.max() / 2 * 1.001


def test_dead_channels_keep_their_bias(tmp_path):
    raw = weight_of(8, 4, 3, 3)
    raw[2] = 0
    encoding = encoding_of(raw, 8)  # its scale is tiny: the bias would not fit
    bias = weight_of(8, seed=3) * 100
    model = model_of(
        conv(raw, pads=[1] * 4),
        ["batch", 4, 9, 9],
        {"c.weight": rounded(raw, encoding), "c.bias": bias},
    )
    quantized(model, {"c": stored(raw, encoding)})
    assert "QLinearConv" in fused(model, tmp_path)
    convolved = functional.conv2d(fake(X, SCALE, POINT), rounded(raw, encoding), bias, padding=1)
    assert_same_grid(run(model, X), fake(convolved, 0.1, 100), 0.1)


def test_a_bias_that_does_not_fit_stays_float(tmp_path):
    raw = weight_of(8, 4, 3, 3) * 1e-9
    encoding = encoding_of(raw, 8)
    model = model_of(
        conv(raw, pads=[1] * 4),
        ["batch", 4, 9, 9],
        {"c.weight": rounded(raw, encoding), "c.bias": torch.ones(8)},
    )
    quantized(model, {"c": stored(raw, encoding)})
    assert "QLinearConv" not in fused(model, tmp_path)
    assert model.graph.initializers["c.bias"].const_value.dtype is ir.DataType.FLOAT
    assert torch.allclose(run(model, X), torch.ones(()), atol=0.05)


def linear_case(bits, *, group=0, symmetric=True, gemm=True, act=True, target=Target.VNNI):
    raw, bias = weight_of(5, 32), weight_of(5, seed=3)
    encoding = encoding_of(raw, bits, group=group, symmetric=symmetric)
    weight = rounded(raw, encoding)
    q = "q" if act else "x"
    nodes = [marker("x", "q", SCALE, POINT)] if act else []
    if gemm:
        nodes.append(helper.make_node("Gemm", [q, "c.weight", "c.bias"], ["y"], transB=1))
        tensors = {"c.weight": weight, "c.bias": bias}
    else:
        nodes.append(helper.make_node("MatMul", [q, "c.weight"], ["p"]))
        nodes.append(helper.make_node("Add", ["p", "c.bias"], ["y"]))
        tensors = {"c.weight": weight.T.contiguous(), "c.bias": bias}
    x = weight_of(4, 32, seed=2) if gemm else weight_of(4, 3, 32, seed=2)
    model = model_of(nodes, ["batch", *x.shape[1:]], tensors)
    quantized(model, {"c": stored(raw, encoding)}, target)
    return model, x, functional.linear(fake(x, SCALE, POINT) if act else x, weight, bias)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("gemm", [True, False])
def test_linear_layers_run_in_integers(bits, gemm, tmp_path):
    model, x, want = linear_case(bits, gemm=gemm)
    kernels = fused(model, tmp_path)
    assert any(op in kernels for op in ("QGemm", "MatMulIntegerToFloat"))
    assert "Gemm" not in kernels
    torch.testing.assert_close(run(model, x), want, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("gemm", [True, False])
@pytest.mark.parametrize("bits", [4, 8])
def test_grouped_weights_of_linear_layers(bits, gemm, symmetric):
    model, x, want = linear_case(bits, group=16, symmetric=symmetric, gemm=gemm, act=False)
    assert "MatMulNBits" in ops(model)
    assert model.graph.opset_imports["com.microsoft"] == 1
    got = run(model, x)
    # its inputs are rounded to 8 bits on the way
    assert ((got - want).norm() / want.norm()).item() < 0.02
    portable, x, want = linear_case(
        bits, group=16, symmetric=symmetric, gemm=gemm, act=False, target=Target.PORTABLE
    )
    assert {n.domain for n in portable.graph} == {""}
    blocks = [n for n in portable.graph if n.op_type == "DequantizeLinear"]
    assert blocks[0].attributes["block_size"].as_int() == 16
    assert ((run(portable, x) - want).norm() / want.norm()).item() < 0.02
    torch.testing.assert_close(run(portable, x, optimize=False), want, rtol=1e-5, atol=1e-5)


def test_weights_alone_are_as_fast_as_float_ones(tmp_path):
    model, x, want = linear_case(8, act=False)
    assert "DequantizeLinear" not in fused(model, tmp_path)
    assert "Cast" not in fused(model, tmp_path)
    torch.testing.assert_close(run(model, x), want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("encoded", [True, False])
def test_float_layers_between_quantized_ones_are_left_alone(encoded, tmp_path):
    """ONNX Runtime would round their weights to 8 bits of its own choice."""
    raw = weight_of(8, 4, 3, 3) ** 5
    encoding = encoding_of(raw, 16)
    weight = rounded(raw, encoding)
    tensors = {"c.weight": weight, "c.bias": weight_of(8, seed=3)}
    model = model_of(conv(raw, pads=[1] * 4), ["batch", 4, 9, 9], tensors)
    quantized(model, {"c": stored(raw, encoding)} if encoded else {})
    assert "QLinearConv" not in fused(model, tmp_path)
    convolved = functional.conv2d(fake(X, SCALE, POINT), weight, tensors["c.bias"], padding=1)
    assert_same_grid(run(model, X), fake(convolved, 0.1, 100), 0.1)


def test_transposed_convolution():
    raw = weight_of(4, 6, 2, 2)
    encoding = encoding_of(raw, 8, axis=1)
    nodes = [
        marker("x", "q", SCALE, POINT),
        helper.make_node("ConvTranspose", ["q", "c.weight"], ["y"], strides=[2, 2]),
    ]
    model = model_of(nodes, ["batch", 4, 9, 9], {"c.weight": rounded(raw, encoding)})
    quantized(model, {"c": stored(raw, encoding)})
    want = functional.conv_transpose2d(fake(X, SCALE, POINT), rounded(raw, encoding), stride=2)
    torch.testing.assert_close(run(model, X), want, rtol=1e-4, atol=1e-4)


def test_a_layer_called_twice_is_stored_once(tmp_path):
    raw = weight_of(4, 4, 3, 3)
    encoding = encoding_of(raw, 8)
    weight, bias = rounded(raw, encoding), weight_of(4, seed=3)
    inputs = ["c.weight", "c.bias"]
    nodes = [
        marker("x", "q", SCALE, POINT),
        helper.make_node("Conv", ["q", *inputs], ["h"], pads=[1] * 4),
        marker("h", "hq", 0.1, 100),
        helper.make_node("Conv", ["hq", *inputs], ["k"], pads=[1] * 4),
        marker("k", "y", 0.5, 128),
    ]
    model = model_of(nodes, ["batch", 4, 9, 9], {"c.weight": weight, "c.bias": bias})
    quantized(model, {"c": stored(raw, encoding)})
    assert fused(model, tmp_path).count("QLinearConv") == 2
    big = [v for v in model.graph.initializers.values() if v.const_value.size == weight.numel()]
    assert len(big) == 1
    first = fake(functional.conv2d(fake(X, SCALE, POINT), weight, bias, padding=1), 0.1, 100)
    want = fake(functional.conv2d(first, weight, bias, padding=1), 0.5, 128)
    assert_same_grid(run(model, X), want, 0.5)


def test_tied_weights_are_stored_once():
    raw = weight_of(10, 8)
    encoding = encoding_of(raw, 8)
    weight = rounded(raw, encoding)
    nodes = [
        helper.make_node("Cast", ["x"], ["i"], to=7),
        helper.make_node("Gather", ["e.weight", "i"], ["v"]),
        helper.make_node("Transpose", ["e.weight"], ["t"], perm=[1, 0]),
        helper.make_node("MatMul", ["v", "t"], ["y"]),
    ]
    model = model_of(nodes, ["batch"], {"e.weight": weight}, rank=2)
    kind = stored(raw, encoding)
    names = {"head": ("e.weight",), "e": ("e.weight",)}
    assert quantized(model, {"e": kind, "head": kind}, tensors=names) == []
    assert [v.const_value.dtype.name for v in model.graph.initializers.values()] == [
        "INT8",
        "FLOAT",
    ]
    torch.testing.assert_close(run(model, torch.tensor([1.0, 7])), weight[[1, 7]] @ weight.T)


def test_weights_that_the_exporter_changed_stay_float():
    raw = weight_of(4, 4, 3, 3)
    encoding = encoding_of(raw, 8)
    model = model_of(conv(raw), ["batch", 4, 9, 9], {"c.weight": raw * 2, "c.bias": raw[0, 0, 0]})
    (note,) = quantized(model, {"c": stored(raw, encoding)})
    assert note.startswith("c: stored as float")
    assert model.graph.initializers["c.weight"].const_value.dtype is ir.DataType.FLOAT


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision(dtype, tmp_path):
    kind = getattr(torch, dtype)
    weight, bias = weight_of(5, 32).to(kind).float(), weight_of(5, seed=3)
    node = helper.make_node("Gemm", ["x", "c.weight", "c.bias"], ["y"], transB=1)
    model = model_of([node], ["batch", 32], {"c.weight": weight, "c.bias": bias})
    assert quantized(model, {"c": HalfEncoding(dtype)}) == []
    kinds = {name: value.const_value.dtype.name for name, value in model.graph.initializers.items()}
    assert kinds == {"c.weight": dtype.upper(), "c.bias": "FLOAT"}  # the bias would lose digits
    x = weight_of(4, 32, seed=2)
    torch.testing.assert_close(run(model, x), functional.linear(x, weight, bias))
    assert "Cast" not in fused(model, tmp_path)


def test_names_are_the_layers():
    model, *_ = conv_case(4)
    proto = proto_of(model)
    assert {t.name for t in proto.graph.initializer} >= {"c.weight", "c.weight_scale", "c.bias"}
    assert proto.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert [o.domain for o in proto.opset_import] == [""]
    assert len(proto.graph.value_info) == 0
