"""LSTM, GRU and RNN nodes as PyTorch's layers.

ONNX stacks its gates in another order (LSTM iofc, GRU zrh) than PyTorch (ifgo, rzn), and its
outputs as `[seq, directions, batch, hidden]`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from engine.readers.onnx.ops import recurrent
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, tensor
from engine.readers.onnx.weights import Leaf, Weights, builds, required

_ORDER = {"LSTM": (0, 2, 3, 1), "GRU": (1, 0, 2), "RNN": (0,)}
"""Which ONNX gate goes where in PyTorch's stack."""


_UNROLLED = (
    "It resets before the recurrence (linear_before_reset=0), which PyTorch's GRU does not, so it "
    "is unrolled step by step"
)


@builds("LSTM", "GRU", "RNN")
def recurrent_layer(call: Call, weights: Weights) -> Leaf:
    """A recurrent layer in one or both directions.

    Raises:
        UnsupportedOp: Peepholes, clipping, other activations or coupled gates.
    """
    recurrent.check(call)
    peepholes = weights.tensor(7) if call.op == "LSTM" else None
    if peepholes is not None and peepholes.any():
        raise UnsupportedOp("it has peephole connections")
    stacked = required(weights.tensor(1), "weight")  # [directions, gates · hidden, input]
    recurrence = required(weights.tensor(2), "recurrence weight")
    bias = weights.tensor(3)
    module = _module(call, stacked, recurrence.shape[-1], bias is not None)
    order = _ORDER[call.op]
    for direction in range(stacked.shape[0]):
        suffix = "l0_reverse" if direction else "l0"
        _set(module, f"weight_ih_{suffix}", stacked[direction], order)
        _set(module, f"weight_hh_{suffix}", recurrence[direction], order)
        if bias is not None:
            first, second = bias[direction].chunk(2)
            _set(module, f"bias_ih_{suffix}", first, order)
            _set(module, f"bias_hh_{suffix}", second, order)
    if call.op == "GRU" and not call.get("linear_before_reset", 0):
        return Leaf(module, _run_unrolled, restriction=_UNROLLED)
    return Leaf(module, _run)


def _module(call: Call, weight: torch.Tensor, hidden: int, biased: bool) -> nn.RNNBase:
    kinds: dict[str, Callable[..., nn.RNNBase]] = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN": nn.RNN}
    options: dict[str, Any] = {}
    if call.op == "RNN":
        names = [a.lower() for a in call.get("activations", ("Tanh",))]
        options["nonlinearity"] = names[0]
    return kinds[call.op](
        weight.shape[-1],
        hidden,
        1,
        bias=biased,
        bidirectional=weight.shape[0] == 2,
        dtype=weight.dtype,
        **options,
    )


def _set(module: nn.Module, name: str, value: torch.Tensor, order: tuple[int, ...]) -> None:
    gates = value.chunk(len(order))
    with torch.no_grad():
        getattr(module, name).copy_(torch.cat([gates[g] for g in order]))


def _run(module: nn.Module, call: Call, x: Value, *rest: Value) -> list[Any]:
    lengths, first, cell = recurrent.optional_inputs(rest)
    data = recurrent.sequence_first(call, tensor(x))
    check_lengths(lengths, data)
    backwards = call.get("direction", "forward") == "reverse"
    data = data.flip(0) if backwards else data
    state = _state(module, call, data, first, cell)
    out, last = module(data) if state is None else module(data, state)
    hidden, cells = last if isinstance(last, tuple) else (last, None)
    out = out.flip(0) if backwards else out
    directions = 2 if module.bidirectional else 1
    stacked = out.unflatten(2, (directions, -1)).transpose(1, 2)
    return recurrent.arranged(call, stacked, hidden, cells)


def _state(module: Any, call: Call, data: torch.Tensor, first: Value, cell: Value) -> Any:
    if first is None and cell is None:
        return None
    directions = 2 if module.bidirectional else 1
    shape = (directions, data.shape[1], module.hidden_size)
    states = [
        data.new_zeros(shape) if v is None else recurrent.state_first(call, tensor(v))
        for v in ((first, cell) if call.op == "LSTM" else (first,))
    ]
    return tuple(states) if call.op == "LSTM" else states[0]


def check_lengths(lengths: Value, data: torch.Tensor) -> None:
    """Accept lengths only where they are constant and say nothing.

    Raises:
        UnsupportedOp: The sequences have lengths of their own.
    """
    if lengths is None:
        return
    if isinstance(lengths, torch.Tensor) or any(n != data.shape[0] for n in ints(lengths)):
        raise UnsupportedOp("the sequences of a batch have lengths of their own")


def _run_unrolled(module: nn.Module, call: Call, x: Value, *rest: Value) -> list[Any]:
    """A GRU that applies the reset gate before the recurrence, which PyTorch does not have."""
    weights = [
        [getattr(module, f"{name}_l0{suffix}", None) for name in recurrent.TORCH_NAMES]
        for suffix in ("", "_reverse")[: 2 if module.bidirectional else 1]
    ]
    lengths, first, _ = recurrent.optional_inputs(rest)
    check_lengths(lengths, tensor(x))
    return recurrent.unrolled_gru(call, tensor(x), weights, first)
