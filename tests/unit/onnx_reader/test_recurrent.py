"""LSTM, GRU and RNN nodes against ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from torch import nn

from engine.readers.onnx.interpreter import UnsupportedGraph
from tests.unit.onnx_reader.checks import agrees, model_of, node, normal, read

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
HIDDEN, FEATURES, LENGTH = 4, 3, 6


def layer(
    op: str,
    direction: str = "forward",
    *,
    bias: bool = True,
    state: bool = False,
    weights: dict[str, np.ndarray] | None = None,
    extra: tuple[str, ...] = (),
    **attributes: object,
) -> onnx.ModelProto:
    """One recurrent node over `[LENGTH, N, FEATURES]`, transposed around it to batch first."""
    ways = 2 if direction == "bidirectional" else 1
    rows = GATES[op] * HIDDEN
    held = {
        "rnn.weight": normal(ways, rows, FEATURES),
        "R": normal(ways, rows, HIDDEN, seed=1),
        **({"B": normal(ways, 2 * rows, seed=2)} if bias else {}),
        **(weights or {}),
    }
    names = ["t", "rnn.weight", "R", "B" if bias else "", "", "h0" if state else "", *extra]
    inputs: dict[str, list[object]] = {"x": ["N", LENGTH, FEATURES]}
    nodes = [node("Transpose", ["x"], ["t"], perm=[1, 0, 2])]
    if state:
        inputs["h"] = ["N", ways, HIDDEN]
        nodes.append(node("Transpose", ["h"], ["h0"], perm=[1, 0, 2]))
    outputs = ["a", "b", "c"][: 3 if op == "LSTM" else 2]
    nodes.append(node(op, names, outputs, hidden_size=HIDDEN, direction=direction, **attributes))
    nodes.append(node("Transpose", ["a"], ["ya"], perm=[2, 0, 1, 3]))
    final = ["ya"]
    for name in outputs[1:]:
        nodes.append(node("Transpose", [name], [f"y{name}"], perm=[1, 0, 2]))
        final.append(f"y{name}")
    return model_of(nodes, inputs, final, held, opset=14)


def samples(state: bool = False, ways: int = 1) -> list[dict[str, np.ndarray]]:
    found = []
    for size in (2, 5):
        feeds = {"x": normal(size, LENGTH, FEATURES, seed=size)}
        if state:
            feeds["h"] = normal(size, ways, HIDDEN, seed=size)
        found.append(feeds)
    return found


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
def test_directions(op: str, direction: str) -> None:
    extra = {"linear_before_reset": 1} if op == "GRU" else {}
    found = agrees(layer(op, direction, **extra), *samples())
    assert isinstance(found.layer("rnn"), getattr(nn, op))


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
def test_gru_that_resets_before_the_recurrence(direction: str) -> None:
    found = agrees(layer("GRU", direction, linear_before_reset=0), *samples())
    assert "unrolled" in found.converted.restrictions["rnn"]


@pytest.mark.parametrize("reset", [0, 1])
def test_gru_with_an_initial_state(reset: int) -> None:
    model = layer("GRU", "bidirectional", state=True, linear_before_reset=reset)
    agrees(model, *samples(state=True, ways=2))


def test_lstm_with_hidden_but_no_cell_state() -> None:
    agrees(layer("LSTM", state=True), *samples(state=True))


@pytest.mark.parametrize("op", ["LSTM", "RNN"])
def test_without_bias(op: str) -> None:
    agrees(layer(op, bias=False), *samples())


def test_rnn_with_relu() -> None:
    agrees(layer("RNN", activations=["Relu"]), *samples())


def test_constant_initial_state() -> None:
    # A state for a batch of two: the file works with that batch only.
    model = layer("LSTM", state=False)
    model.graph.node[1].input[5] = "h0"
    model.graph.initializer.append(onnx.numpy_helper.from_array(normal(1, 2, HIDDEN), "h0"))
    agrees(model, samples()[0])


REFUSED = {
    "peephole": ({"extra": ("", "P"), "weights": {"P": normal(1, 3 * HIDDEN)}}, "peephole"),
    "clip": ({"clip": 1.0}, "clips"),
    "coupled": ({"input_forget": 1}, "coupled"),
    "activations": ({"activations": ["HardSigmoid", "Tanh", "Tanh"]}, "hardsigmoid"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_pytorch_does_not_have_is_refused(case: str) -> None:
    options, reason = REFUSED[case]
    with pytest.raises(UnsupportedGraph, match=reason) as caught:
        read(layer("LSTM", **options))
    assert caught.value.where == "rnn"


def test_zero_peepholes_are_none() -> None:
    model = layer("LSTM", extra=("", "P"), weights={"P": np.zeros((1, 3 * HIDDEN), np.float32)})
    agrees(model, *samples())


def test_layout_with_the_batch_first() -> None:
    # ONNX Runtime has no layout 1 for its CPU, so the same layer with transpositions is compared.
    plain = layer("LSTM")
    first = layer("LSTM", layout=1)
    for transpose, source in (("x", "t"), ("a", "ya"), ("b", "yb"), ("c", "yc")):
        old = next(
            n for n in first.graph.node if n.op_type == "Transpose" and n.input[0] == transpose
        )
        old.CopyFrom(node("Identity", [transpose], [source]))
    want, got = read(plain), read(first)
    for a, b in zip(want.run(samples()[0]), got.run(samples()[0]), strict=True):
        np.testing.assert_allclose(a.detach(), b.detach(), atol=1e-6)
