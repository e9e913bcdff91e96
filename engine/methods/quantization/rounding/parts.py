"""From a network to its learned parts, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, fx

from engine.frozen import FrozenMap
from engine.methods.quantization.rounding.learned import (
    LearnedBias,
    LearnedQuantizer,
    LearnedWeight,
)
from engine.methods.quantization.rounding.replay import Learned
from engine.network.encoding import Encoding, WeightEncoding, quantize
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.surgery.copy import as_kind_of, copy_module, replace_tensors
from engine.surgery.quantizers import is_quantizer


def on_device(module: fx.GraphModule, device: torch.device) -> fx.GraphModule:
    """A copy on a device, in evaluation mode; the module itself is not touched."""
    twin = copy_module(module).eval()
    tensors = [*module.parameters(), *module.buffers()]
    moved = {id(t): as_kind_of(t, t.detach().to(device)) for t in tensors}
    for tensor in moved.values():
        tensor.requires_grad_(False)  # noqa: FBT003 - torch's own
    replace_tensors(twin, moved)
    return twin


def learned_parts(
    module: fx.GraphModule,
    chosen: list[Use],
    grids: Mapping[str, WeightEncoding],
    start: Network,
) -> Learned:
    """Learned parts for some layers and for all quantizers; tied weights stay tied.

    Args:
        module: Float weights, quantizers.
        chosen: Layers of the module.
        grids: Layer → its grid.
        start: The network with weights on these grids, and biases that fit them.
    """
    begun = {use.name: use for use in uses(start.module)}
    made: dict[int, LearnedWeight] = {}
    weights, biases = {}, {}
    for use in chosen:
        encoding = grids[use.name]
        weight = made.get(id(use.weight))
        if weight is None:
            integers = quantize(begun[use.name].weight, encoding)
            weight = LearnedWeight(
                use.weight, integers, encoding, keep_zeros=use.name in start.sparse
            )
            made[id(use.weight)] = weight
        weights[use.name] = weight
        bias = getattr(begun[use.name].module, "bias", None)
        if isinstance(bias, Tensor):
            biases[use.name] = LearnedBias(bias.to(use.weight.device), use.weight, encoding.axis)
    device = next((use.weight.device for use in chosen), torch.device("cpu"))
    quantizers = {
        node.name: LearnedQuantizer(tuple(node.args[1:]), device)
        for node in module.graph.nodes
        if is_quantizer(node)
    }
    return Learned(weights, biases, quantizers)


def finished(result: Network, learned: Learned) -> Network:
    """Write what was learned into a copy of the network."""
    encodings: dict[str, Encoding] = dict(result.encodings)
    new: dict[int, Tensor] = {}
    for use in uses(result.module):
        if use.name in learned.weights:
            value, encodings[use.name] = learned.weights[use.name].finished()
            new[id(use.weight)] = as_kind_of(use.weight, value)
        if use.name in learned.biases:
            leaf: Any = use.module
            moved = learned.biases[use.name].value().detach().cpu()
            leaf.bias = as_kind_of(leaf.bias, moved)
    replace_tensors(result.module, new)
    for node in result.module.graph.nodes:
        if node.name in learned.quantizers:
            node.update_arg(1, learned.quantizers[node.name].finished())
    result.module.recompile()
    return replace(result, encodings=FrozenMap(encodings))
