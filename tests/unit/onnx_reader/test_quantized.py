"""Files that are already quantized open, agree with ONNX Runtime, and say what they are."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)

from tests.unit.onnx_reader.checks import agrees, batches, model_of, node, normal, read

ROUNDING = 0.02
"""One step of 256 in a middle layer: the runtime accumulates in integers, we in floats."""


class Samples(CalibrationDataReader):
    def __init__(self, shape: tuple[int, ...]) -> None:
        self._samples = iter([{"x": normal(4, *shape, seed=i)} for i in range(4)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._samples, None)


def network() -> onnx.ModelProto:
    return model_of(
        [
            node("Conv", ["x", "conv.weight", "conv.bias"], ["h"], pads=[1, 1, 1, 1], name="conv"),
            node("Relu", ["h"], ["r"], name="relu"),
            node("GlobalAveragePool", ["r"], ["g"], name="pool"),
            node("Flatten", ["g"], ["f"], name="flatten"),
            node("MatMul", ["f", "fc.weight"], ["m"], name="fc"),
            node("Add", ["m", "fc.bias"], ["y"], name="add"),
        ],
        {"x": ["N", 3, 6, 6]},
        weights={
            "conv.weight": normal(8, 3, 3, 3),
            "conv.bias": normal(8, seed=1),
            "fc.weight": normal(8, 5, seed=2),
            "fc.bias": normal(5, seed=3),
        },
        opset=13,
    )


@pytest.fixture
def original(tmp_path: Path) -> Path:
    logging.disable(logging.WARNING)
    path = tmp_path / "float.onnx"
    onnx.save(network(), path)
    yield path
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("form", [QuantFormat.QDQ, QuantFormat.QOperator])
@pytest.mark.parametrize("per_channel", [False, True])
def test_static(original: Path, tmp_path: Path, form: QuantFormat, per_channel: bool) -> None:
    path = tmp_path / "static.onnx"
    quantize_static(
        str(original),
        str(path),
        Samples((3, 6, 6)),
        quant_format=form,
        per_channel=per_channel,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    found = agrees(onnx.load(path), *batches("x", 3, 6, 6), tolerance=ROUNDING, grads=False)
    assert found.layer("conv").weight.shape == (8, 3, 3, 3)
    np.testing.assert_allclose(found.layer("conv").weight.detach(), normal(8, 3, 3, 3), atol=0.02)
    assert "already quantized" in found.converted.restrictions["conv"]
    quantized = [n for n in found.converted.restrictions if n.startswith("fc")]
    assert len(quantized) == 1


def test_dynamic(original: Path, tmp_path: Path) -> None:
    path = tmp_path / "dynamic.onnx"
    quantize_dynamic(str(original), str(path), weight_type=QuantType.QInt8)
    found = agrees(onnx.load(path), *batches("x", 3, 6, 6), tolerance=ROUNDING, grads=False)
    assert len(found.converted.restrictions) == 2


def test_matmul_in_blocks_of_four_bits(tmp_path: Path) -> None:
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

    model = model_of(
        [node("MatMul", ["x", "fc.weight"], ["y"], name="fc")],
        {"x": ["N", 40]},
        weights={"fc.weight": normal(40, 24)},
        opset=17,
    )
    for symmetric in (True, False):
        quantizer = MatMulNBitsQuantizer(model, block_size=16, is_symmetric=symmetric)
        quantizer.process()
        found = agrees(quantizer.model.model, *batches("x", 40), tolerance=1e-3)
        (name,) = found.converted.restrictions
        assert found.layer(name).weight.shape == (24, 40)


def test_matmul_integer_with_zero_points() -> None:
    model = model_of(
        [
            node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"]),
            node("MatMulInteger", ["q", "fc.weight", "z", "zero"], ["i"]),
            node("Cast", ["i"], ["f"], to=1),
            node("Mul", ["f", "s"], ["y"]),
        ],
        {"x": ["N", 6]},
        weights={
            "fc.weight": np.arange(24, dtype=np.uint8).reshape(6, 4),
            "zero": np.array(12, dtype=np.uint8),
        },
    )
    agrees(model, *batches("x", 6), grads=False)


BLOCKED = {
    "per tensor": ((), {}),
    "per axis": ((6,), {"axis": 0}),
    "blocked": ((3, 8), {"axis": 0, "block_size": 2}),
}


@pytest.mark.parametrize("case", BLOCKED)
def test_dequantized_weight(case: str) -> None:
    shape, attributes = BLOCKED[case]
    scale = np.asarray(np.abs(normal(*shape)) + 0.1, dtype=np.float32)
    zero = np.full(shape, 3, dtype=np.int8)
    model = model_of(
        [
            node("DequantizeLinear", ["fc.weight", "scale", "zero"], ["w"], **attributes),
            node("MatMul", ["x", "w"], ["y"]),
        ],
        {"x": ["N", 6]},
        weights={
            "fc.weight": np.arange(-24, 24, dtype=np.int8).reshape(6, 8),
            "scale": scale,
            "zero": zero,
        },
        opset=21,
    )
    found = agrees(model, *batches("x", 6), fuse=False)
    assert found.converted.restrictions.keys() == {"fc"}


def test_a_weight_that_is_cast_and_multiplied() -> None:
    model = model_of(
        [
            node("Cast", ["fc.weight"], ["float"], to=onnx.TensorProto.FLOAT),
            node("Mul", ["float", "fc.scale"], ["w"]),
            node("MatMul", ["x", "w"], ["y"]),
        ],
        {"x": ["N", 6]},
        weights={
            "fc.weight": np.arange(-24, 24, dtype=np.int8).reshape(6, 8),
            "fc.scale": np.asarray(np.abs(normal(8)) + 0.1, dtype=np.float32),
        },
        opset=21,
    )
    found = agrees(model, *batches("x", 6), fuse=False)
    assert found.converted.restrictions.keys() == {"fc"}


@pytest.mark.parametrize("opset", [10, 13, 19, 21])
def test_quantize_and_dequantize_activations(opset: int) -> None:
    attributes = {"axis": 1} if opset >= 13 else {}
    shape = (3,) if opset >= 13 else ()
    model = model_of(
        [
            node("QuantizeLinear", ["x", "s", "z"], ["q"], **attributes),
            node("DequantizeLinear", ["q", "s", "z"], ["y"], **attributes),
        ],
        {"x": ["N", 3, 4]},
        weights={
            "s": np.asarray(np.full(shape, 0.05), dtype=np.float32),
            "z": np.asarray(np.full(shape, 7), dtype=np.int8),
        },
        opset=opset,
    )
    agrees(model, *batches("x", 3, 4), grads=False)


def test_a_float_network_has_no_restrictions() -> None:
    assert read(network()).converted.restrictions == {}
