"""LSTM, GRU and RNN whose weights are not constant, and what they share with those that are.

The layers with constant weights are in `engine.readers.onnx.recurrent_layers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor

MAX_STEPS = 256
"""Sequences that have to be unrolled may be this long."""

TORCH_NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

_DEFAULTS = {
    "LSTM": (("sigmoid", "tanh", "tanh"),),
    "GRU": (("sigmoid", "tanh"),),
    "RNN": (("tanh",), ("relu",)),
}


@op("LSTM", "GRU", "RNN")
def recurrent(call: Call, x: Value, *rest: Value) -> list[Any]:
    """Refuse one whose weights the network computes itself.

    Raises:
        UnsupportedOp: Always.
    """
    raise UnsupportedOp("its weights are computed by the network itself")


def check(call: Call) -> None:
    """Refuse the forms that PyTorch does not have.

    Raises:
        UnsupportedOp: With the form.
    """
    directions = 2 if call.get("direction", "forward") == "bidirectional" else 1
    names = tuple(name.lower() for name in call.get("activations", ()))
    if names and names not in [d * directions for d in _DEFAULTS[call.op]]:
        raise UnsupportedOp(f"its activations are {', '.join(names)}")
    if call.get("clip"):
        raise UnsupportedOp("it clips its gates")
    if call.get("input_forget"):
        raise UnsupportedOp("its input and forget gates are coupled")


def optional_inputs(rest: Sequence[Value]) -> tuple[Value, Value, Value]:
    """Sequence lengths, first hidden state and first cell state, from the inputs after `X`."""
    inputs = [*rest, *[None] * (6 - len(rest))]  # W R B lengths h c
    return inputs[3], inputs[4], inputs[5]


def sequence_first(call: Call, x: torch.Tensor) -> torch.Tensor:
    """`[seq, batch, input]`, whichever the layout."""
    return x.transpose(0, 1) if call.get("layout", 0) else x


def state_first(call: Call, state: torch.Tensor) -> torch.Tensor:
    """`[directions, batch, hidden]`, whichever the layout."""
    return state.transpose(0, 1) if call.get("layout", 0) else state


def arranged(call: Call, out: torch.Tensor, hidden: torch.Tensor, cell: Any) -> list[Any]:
    """The outputs in ONNX's layout; `out` is `[seq, directions, batch, hidden]`."""
    if call.get("layout", 0):
        out, hidden = out.permute(2, 0, 1, 3), hidden.transpose(0, 1)
        cell = cell.transpose(0, 1) if cell is not None else None
    return [out, hidden, cell]


def unrolled_gru(call: Call, x: torch.Tensor, weights: list[list[Any]], first: Value) -> list[Any]:
    """A GRU with `linear_before_reset=0`, step by step.

    `weights` has for each direction the input and the recurrence weight and both biases, gates in
    PyTorch's order (r, z, n).

    Raises:
        UnsupportedOp: The length varies, or there are too many steps.
    """
    data = sequence_first(call, x)
    steps = data.shape[0]
    if not isinstance(steps, int) or steps > MAX_STEPS:
        raise UnsupportedOp(
            "with linear_before_reset=0 it is unrolled, which needs a fixed length of at most "
            f"{MAX_STEPS} steps"
        )
    backwards = call.get("direction", "forward") == "reverse"
    states = None if first is None else state_first(call, tensor(first))
    outputs, lasts = [], []
    for direction, (w_in, w_rec, b_in, b_rec) in enumerate(weights):
        reverse = backwards or direction == 1
        size = w_rec.shape[1]
        h = data.new_zeros(data.shape[1], size) if states is None else states[direction]
        fixed = F.linear(data, w_in, b_in)
        column: list[torch.Tensor] = []
        for t in reversed(range(steps)) if reverse else range(steps):
            h = _gru_step(fixed[t], h, w_rec, b_rec)
            column.append(h)
        outputs.append(torch.stack(column[::-1] if reverse else column))
        lasts.append(h)
    return arranged(call, torch.stack(outputs, 1), torch.stack(lasts), None)


def _gru_step(
    x: torch.Tensor, h: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> torch.Tensor:
    size = weight.shape[1]
    head, tail = weight[: 2 * size], weight[2 * size :]
    gates = F.linear(h, head, None if bias is None else bias[: 2 * size])
    r, z = torch.sigmoid(x[:, : 2 * size] + gates).chunk(2, -1)
    again = F.linear(r * h, tail, None if bias is None else bias[2 * size :])
    n = torch.tanh(x[:, 2 * size :] + again)
    return (1 - z) * n + z * h
