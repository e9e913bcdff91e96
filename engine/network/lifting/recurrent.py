"""Leaf modules for recurrent layers and cells."""

from __future__ import annotations

from typing import Any

import torch
from torch import fx, nn

from engine.network.lifting.calls import Builder, Leaf, OpCall
from engine.network.lifting.state import Stored

aten = torch.ops.aten
_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


def _layers(mode: str) -> Builder:
    def build(call: OpCall) -> Leaf | None:
        """`lstm.input` and its relatives: `(x, states, weights, …) -> (y, states …)`."""
        weights = [call.state.of(node) for node in call["params"]]
        if any(stored is None for stored in weights):
            return None
        stored = [w for w in weights if w is not None]
        module = _recurrent(mode, call, stored)
        tensors = dict(zip(module._flat_weights_names, stored, strict=True))
        states = call["hx"]
        lstm = mode == "LSTM"
        zero = all(_is_zeros(s) for s in (states if lstm else [states]))
        initial = () if zero else (tuple(states),) if lstm else (states,)
        results = ((0,), (1, 0), (1, 1)) if lstm else ((0,), (1,))
        return Leaf(mode.lower().split("_")[0], module, tensors, (call["input"], *initial), results)

    return build


def _recurrent(mode: str, call: OpCall, weights: list[Stored]) -> nn.RNNBase:
    first = weights[0].value  # [gates · hidden, in]
    directions = 2 if call["bidirectional"] else 1
    per_direction = len(weights) // (call["num_layers"] * directions)
    projected = per_direction == (5 if call["has_biases"] else 3)
    settings: dict[str, Any] = {
        "num_layers": call["num_layers"],
        "bias": call["has_biases"],
        "batch_first": call["batch_first"],
        "dropout": call["dropout"] if call["num_layers"] > 1 else 0.0,
        "bidirectional": call["bidirectional"],
        "device": "meta",
        "dtype": first.dtype,
    }
    sizes = (first.shape[1], first.shape[0] // _GATES[mode])
    if mode == "LSTM":
        projection = weights[per_direction - 1].value.shape[0] if projected else 0
        return nn.LSTM(*sizes, proj_size=projection, **settings)
    if mode == "GRU":
        return nn.GRU(*sizes, **settings)
    return nn.RNN(*sizes, nonlinearity=mode.split("_")[1].lower(), **settings)


def _cell(mode: str) -> Builder:
    def build(call: OpCall) -> Leaf | None:
        """`lstm_cell` and its relatives: one time step."""
        tensors = call.tensors(weight_ih="w_ih", weight_hh="w_hh", bias_ih="b_ih", bias_hh="b_hh")
        if not tensors or len(tensors) not in (2, 4) or "weight_hh" not in tensors:
            return None
        weight = tensors["weight_ih"].value
        sizes = (weight.shape[1], weight.shape[0] // _GATES[mode])
        settings: dict[str, Any] = {
            "bias": "bias_ih" in tensors,
            "device": "meta",
            "dtype": weight.dtype,
        }
        if mode == "LSTM":
            states = tuple(call["hx"])
            x = call["input"]
            return Leaf("lstm", nn.LSTMCell(*sizes, **settings), tensors, (x, states), ((0,), (1,)))
        module: nn.Module
        if mode == "GRU":
            module = nn.GRUCell(*sizes, **settings)
        else:
            module = nn.RNNCell(*sizes, nonlinearity=mode.split("_")[1].lower(), **settings)
        return Leaf(mode.lower().split("_")[0], module, tensors, (call["input"], call["hx"]))

    return build


def _is_zeros(node: Any) -> bool:
    """Whether an initial state is the default one, which the module makes itself."""
    return isinstance(node, fx.Node) and node.target is aten.zeros.default


RECURRENT: dict[Any, Builder] = {
    aten.lstm.input: _layers("LSTM"),
    aten.gru.input: _layers("GRU"),
    aten.rnn_tanh.input: _layers("RNN_TANH"),
    aten.rnn_relu.input: _layers("RNN_RELU"),
    aten.lstm_cell.default: _cell("LSTM"),
    aten.gru_cell.default: _cell("GRU"),
    aten.rnn_tanh_cell.default: _cell("RNN_TANH"),
    aten.rnn_relu_cell.default: _cell("RNN_RELU"),
}
