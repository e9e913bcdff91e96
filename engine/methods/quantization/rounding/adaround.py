"""Learned rounding: block by block, then the whole network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, fx

from engine.frozen import FrozenMap
from engine.methods.context import Context
from engine.methods.quantization.rounding.blocks import split
from engine.methods.quantization.rounding.descent import Rates
from engine.methods.quantization.rounding.learned import (
    LearnedBias,
    LearnedQuantizer,
    LearnedWeight,
)
from engine.methods.quantization.rounding.refine import Task, refine
from engine.methods.quantization.rounding.replay import Learned
from engine.methods.quantization.rounding.settings import ReconstructionSettings
from engine.network.encoding import Encoding, WeightEncoding
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.surgery.copy import (
    as_kind_of,
    copy_module,
    copy_network,
    replace_tensors,
)
from engine.surgery.quantizers import is_quantizer


def learn_rounding(
    network: Network,
    original: Network,
    grids: Mapping[str, WeightEncoding],
    settings: ReconstructionSettings,
    context: Context,
) -> Network:
    """A network with learned rounding of weights.

    Args:
        network: Weights float, activations rounded; not changed.
        original: What it should compute.
        grids: Layer → grid to start from.
        settings: Of the learning.
        context: Calibration samples, seed, job.
    """
    result = copy_network(network)
    device = torch.device(context.device)
    module = _on(network.module, device)
    chosen = [use for use in uses(module) if use.name in grids and use.module is not None]
    learned = _learned(module, chosen, grids, network.sparse)
    task = Task(
        module,
        _on(original.module, device),
        split(module, set(learned.weights)),
        learned,
        context.samples().inputs,
        settings,
        torch.Generator().manual_seed(context.seed * 1_000_003 + context.step),
        context.job,
        device,
    )
    effort = _effort(grids, learned)
    steps = settings.network_steps
    refine(task, effort.network_steps if steps is None else steps, effort.network_rates)
    return _finished(result, learned)


@dataclass(frozen=True, slots=True)
class _Effort:
    """How much is done where the settings do not say, and how fast.

    Attributes:
        network_steps: On the whole network.
        network_rates: In these.
    """

    network_steps: int
    network_rates: Rates


def _effort(grids: Mapping[str, WeightEncoding], learned: Learned) -> _Effort:
    """Coarse grids are further from the original: more steps, and larger ones."""
    bits = min(encoding.bits for encoding in grids.values())
    if bits >= 4:
        return _Effort(200, Rates(units=0.002))
    if bits == 3:
        return _Effort(300, Rates(units=0.005))
    return _Effort(500, Rates(units=0.01))


def _on(module: fx.GraphModule, device: torch.device) -> fx.GraphModule:
    """A copy on a device, in evaluation mode; the module itself is not touched."""
    twin = copy_module(module).eval()
    tensors = [*module.parameters(), *module.buffers()]
    moved = {id(t): as_kind_of(t, t.detach().to(device)) for t in tensors}
    for tensor in moved.values():
        tensor.requires_grad_(False)  # noqa: FBT003 - torch's own
    replace_tensors(twin, moved)
    return twin


def _learned(
    module: fx.GraphModule,
    chosen: list[Use],
    grids: Mapping[str, WeightEncoding],
    sparse: frozenset[str],
) -> Learned:
    """Start from the weights, biases and quantizers there are; tied weights stay tied."""
    made: dict[int, LearnedWeight] = {}
    weights, biases = {}, {}
    for use in chosen:
        encoding = grids[use.name]
        weight = made.get(id(use.weight))
        if weight is None:
            weight = LearnedWeight(use.weight, encoding, keep_zeros=use.name in sparse)
            made[id(use.weight)] = weight
        weights[use.name] = weight
        bias = getattr(use.module, "bias", None)
        if isinstance(bias, Tensor):
            biases[use.name] = LearnedBias(bias, use.weight, encoding.axis)
    device = next((use.weight.device for use in chosen), torch.device("cpu"))
    quantizers = {
        node.name: LearnedQuantizer(tuple(node.args[1:]), device)
        for node in module.graph.nodes
        if is_quantizer(node)
    }
    return Learned(weights, biases, quantizers)


def _finished(result: Network, learned: Learned) -> Network:
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
