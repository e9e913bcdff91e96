"""Sizes beyond the batch that a file leaves open stay open, or a warning says which was taken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from engine.errors import ModelError
from engine.info import Format
from engine.jobs.job import Quiet
from engine.measure.compare import compare
from engine.network.groups import channel_groups
from engine.network.layers import layer_table
from engine.network.lift import network_from_program
from engine.network.macs import network_macs
from engine.network.signature import example_sizes
from engine.writers.onnx_float import write_onnx
from engine.writers.pt2 import program_of
from tests.unit.onnx_reader.checks import agrees, model_of, node, normal, read


def image_network() -> onnx.ModelProto:
    return model_of(
        [
            node("Conv", ["x", "w1"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2], name="first"),
            node("Relu", ["a"], ["b"]),
            node("Conv", ["b", "w2"], ["c"], pads=[1, 1, 1, 1], name="second"),
            node("Add", ["b", "c"], ["d"]),
            node("GlobalAveragePool", ["d"], ["e"]),
            node("Flatten", ["e"], ["f"]),
            node("Gemm", ["f", "w3"], ["y"], transB=1, name="last"),
        ],
        {"x": ["N", 3, "H", "W"]},
        weights={
            "w1": normal(4, 3, 3, 3),
            "w2": normal(4, 4, 3, 3, seed=1),
            "w3": normal(5, 4, seed=2),
        },
    )


def images(batch: int, height: int, width: int) -> dict[str, np.ndarray]:
    return {"x": normal(batch, 3, height, width)}


def test_images_of_any_size() -> None:
    found = agrees(image_network(), images(2, 32, 32), images(5, 48, 31))
    assert found.converted.warnings == []
    network = network_from_program(found.program, Format.ONNX, input_names=["x"])
    assert network.inputs[0].shape == ("batch", 3, "x_2", "x_3")
    positions = 112 * 112  # counted at the size of the example, 224 × 224
    assert network_macs(network.module) == positions * (4 * 27 + 4 * 36) + 20


def test_images_of_any_size_are_written_so(tmp_path: Path) -> None:
    network = network_from_program(read(image_network()).program, Format.ONNX, input_names=["x"])
    path = tmp_path / "network.onnx"
    write_onnx(network, path, Quiet())
    written = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    original = onnxruntime.InferenceSession(image_network().SerializeToString())
    feeds = images(3, 40, 56)
    np.testing.assert_allclose(
        written.run(None, feeds)[0], original.run(None, feeds)[0], rtol=1e-4, atol=1e-4
    )


def test_a_size_below_which_nothing_fits_is_kept_for_what_comes_after(tmp_path: Path) -> None:
    model = model_of(
        [node("Conv", ["x", "w"], ["y"], name="window")],
        {"x": ["N", 1, "time"]},
        weights={"w": normal(3, 1, 100)},
    )
    program = read(model).program
    assert program is not None
    network = network_from_program(program, Format.ONNX, input_names=["x"])
    assert example_sizes(network.module) == {"x_2": 512}
    path = tmp_path / "file.onnx"
    onnx.save(model, path)
    assert compare(network, str(path), Quiet()).max_relative < 1e-5
    again = network_from_program(program_of(network), Format.PT2)
    assert isinstance(again.inputs[0].shape[2], str)


def test_channel_groups_are_those_of_a_fixed_size() -> None:
    fixed = model_of([], {}, ())
    fixed.CopyFrom(image_network())
    for axis in (2, 3):
        fixed.graph.input[0].type.tensor_type.shape.dim[axis].dim_value = 64
    tables = []
    for model in (image_network(), fixed):
        network = network_from_program(read(model).program, Format.ONNX)
        found = channel_groups(network).groups
        tables.append([(g.layers, g.channels, g.frozen_reason) for g in found])
        assert [row.name for row in layer_table(network)] == ["w1", "w2", "w3"]
    assert tables[0] == tables[1]
    assert [reason for _, _, reason in tables[0] if not reason]


def test_a_size_that_is_written_into_the_graph_is_found_and_named() -> None:
    model = model_of(
        [
            node("MatMul", ["x", "w"], ["a"], name="dense"),
            node("Add", ["a", "position"], ["y"]),
        ],
        {"x": ["N", "length", 4]},
        weights={"w": normal(4, 6), "position": normal(1, 128, 6)},
    )
    found = agrees(model, {"x": normal(2, 128, 4)}, {"x": normal(3, 128, 4)})
    assert found.converted.example_inputs[0].shape == (2, 128, 4)
    (warning,) = found.converted.warnings
    assert "dimension 1 (length) of input 'x'" in warning
    assert "it is 128 from here on" in warning
    assert "--input-shape x=" in warning


def test_when_no_usual_size_fits_the_hint_says_whose_size_is_open() -> None:
    model = model_of(
        [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "position"], ["y"])],
        {"x": ["N", "length", 4]},
        weights={"w": normal(4, 6), "position": normal(1, 9, 6)},
    )
    with pytest.raises(ModelError) as caught:
        read(model)
    assert "--input-shape x=" in caught.value.hint
    found = agrees(model, {"x": normal(3, 9, 4)}, input_shapes={"x": "9x4"})
    assert found.converted.example_inputs[0].shape == (2, 9, 4)


def test_a_choice_that_was_made_for_one_size_is_not_kept() -> None:
    """The graph asks whether the input is long, and the trace would have one answer for all."""
    long, short = (
        onnx.helper.make_graph(
            [node(op, ["x"], [name])],
            name,
            [],
            [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)],
        )
        for op, name in (("Neg", "long"), ("Relu", "short"))
    )
    model = model_of(
        [
            node("Shape", ["x"], ["sh"], start=1, end=2),
            node("Squeeze", ["sh"], ["length"]),
            node("Greater", ["length", "limit"], ["is_long"]),
            node("If", ["is_long"], ["y"], then_branch=long, else_branch=short),
        ],
        {"x": ["N", "length"]},
        weights={"limit": np.int64(20)},
    )
    found = agrees(model, {"x": normal(3, 16)}, grads=False)
    (warning,) = found.converted.warnings
    assert "it is 16 from here on" in warning


def test_a_state_whose_second_axis_is_the_batch() -> None:
    model = model_of(
        [
            node("Gather", ["state", "first"], ["s"]),
            node("MatMul", ["x", "w"], ["a"], name="dense"),
            node("Add", ["a", "s"], ["y"]),
        ],
        {"x": ["N", 4], "state": [2, "N", 6]},
        weights={"w": normal(4, 6), "first": np.int64(0)},
    )
    samples = [{"x": normal(n, 4), "state": normal(2, n, 6)} for n in (2, 5)]
    found = agrees(model, *samples)
    assert found.converted.warnings == []
    assert found.converted.open_axes == {}
    network = network_from_program(found.program, Format.ONNX)
    assert [info.shape for info in network.inputs] == [("batch", 4), (2, "batch", 6)]


def test_channels_that_the_file_leaves_open_are_those_of_the_first_layer() -> None:
    model = model_of(
        [node("Conv", ["x", "w"], ["y"], name="conv")],
        {"x": ["N", "C", "L"]},
        weights={"w": normal(5, 4, 3)},
    )
    found = agrees(model, {"x": normal(2, 4, 16)}, {"x": normal(3, 4, 21)})
    assert found.converted.warnings == []


def test_what_does_not_fit_is_said_in_sizes() -> None:
    model = model_of(
        [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "position"], ["y"], name="sum")],
        {"x": ["N", 3, 4]},
        weights={"w": normal(4, 6), "position": normal(1, 9, 6)},
    )
    with pytest.raises(ModelError) as caught:
        read(model)
    assert caught.value.message == "Add does not fit its inputs: 2×3×6 and 1×9×6"
    assert caught.value.where == "sum"
