"""Rounds layer after layer, each with what the rounded layers before it give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.rounding.gptq import arrange_back, columns_of, round_columns
from engine.methods.quantization.rounding.memory import MOST_BYTES, batch_is_fixed
from engine.methods.quantization.rounding.settings import GptqSettings
from engine.network.encoding import Encoding, WeightEncoding, dequantize, quantize
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.statistics.calibration import Calibration
from engine.statistics.moments import ROWS
from engine.statistics.unfold import has_rows, unfold_input
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors

_BATCH = 32
_UNKNOWN = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class GptqRequest:
    """Grid and settings of one layer."""

    encoding: WeightEncoding
    settings: GptqSettings


def round_in_order(
    network: Network, requests: Mapping[str, GptqRequest], context: Context
) -> Network:
    """A network whose chosen layers are rounded by columns, in execution order.

    All samples that fit into memory are run side by side, node by node, so that each layer's second
    moment is that of the inputs it will really get. One that is called several times is rounded at
    its first call with rows; a table that shares its weight with a layer takes what that one gets.
    """
    result = copy_network(network)
    module = result.module.eval()
    runs = _runs(module, context.samples())
    nodes = list(module.graph.nodes)
    done: dict[int, Tensor] = {}
    encodings: dict[str, Encoding] = dict(network.encodings)
    text = "Rounding layer after layer"
    with torch.no_grad():
        for number, node in enumerate(nodes):
            context.job.checkpoint(text, number, len(nodes))
            name = str(node.target) if node.op == "call_module" else ""
            if name in requests:
                leaf: Any = module.get_submodule(name)
                if id(leaf.weight) not in done and has_rows(leaf):
                    inputs = [run.env[node.args[0]] for run in runs]
                    keep_zeros = name in network.sparse
                    value = _rounded(leaf, inputs, requests[name], context, keep_zeros=keep_zeros)
                    new = as_kind_of(leaf.weight, value)
                    replace_tensors(module, {id(leaf.weight): new})
                    done[id(new)] = new
                encodings[name] = requests[name].encoding
            _advance(runs, node, context)
    context.job.checkpoint(text, len(nodes), len(nodes))
    return replace(result, encodings=FrozenMap(encodings))


def _advance(runs: Sequence[fx.Interpreter], node: fx.Node, context: Context) -> None:
    """Run one node on all batches, and forget what nothing reads after it."""
    for run in runs:
        context.job.checkpoint()
        run.env[node] = run.run_node(node)
        for dead in run.user_to_last_uses.get(node, ()):
            del run.env[dead]


def _runs(module: fx.GraphModule, calibration: Calibration) -> list[fx.Interpreter]:
    one = peak_activation_bytes(module) or _UNKNOWN
    fixed = batch_is_fixed(module)
    count = min(len(calibration), max(1, fixed, MOST_BYTES // max(one, 1)))
    size = fixed or min(_BATCH, calibration.batch)
    runs = []
    for batch in calibration.first(count).batches(size):
        if fixed and len(batch[0]) != fixed:
            break
        run = fx.Interpreter(module)
        run.args_iter = iter(batch)
        run.extra_traceback = False
        runs.append(run)
    return runs


def _rounded(
    leaf: Any,
    inputs: Sequence[Tensor],
    request: GptqRequest,
    context: Context,
    *,
    keep_zeros: bool,
) -> Tensor:
    """The weight of a layer on its grid."""
    encoding, weight = request.encoding, leaf.weight.detach()
    columns = columns_of(leaf, weight, encoding, keep_zeros=keep_zeros)
    second = _second(leaf, inputs, context)
    rounded = round_columns(columns, second, request.settings, context.job)
    weight = arrange_back(leaf, rounded, leaf.weight)
    # once more: exactly the values that the grid stands for
    return dequantize(quantize(weight, encoding), encoding).to(leaf.weight.dtype)


def _second(leaf: nn.Module, inputs: Sequence[Tensor], context: Context) -> Tensor:
    """Second moment `[groups, K, K]` of a layer's input rows, at sampled positions."""
    total, count = torch.zeros(()), 0
    for number, x in enumerate(inputs):
        context.job.checkpoint()
        width = x.shape[-1] if isinstance(leaf, nn.Linear) else x.shape[1]
        positions = x.numel() // max(1, width)
        every = max(1, positions * len(inputs) // ROWS)
        rows = unfold_input(leaf, x, every, offset=3 * number).float()
        total = total + rows.transpose(1, 2) @ rows
        count += rows.shape[1]
    return total / max(count, 1)
