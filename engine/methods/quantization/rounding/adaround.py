"""Learned rounding: one block after the other if asked for, then all blocks of the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import torch
from torch import fx, nn

from engine.methods.context import Context
from engine.methods.quantization.correct_bias import correct_biases
from engine.methods.quantization.rounding.blocks import split
from engine.methods.quantization.rounding.blockwise import learn_blocks
from engine.methods.quantization.rounding.descent import COARSE_BITS
from engine.methods.quantization.rounding.parts import finished, learned_parts, on_device
from engine.methods.quantization.rounding.refine import refine
from engine.methods.quantization.rounding.sequential import GptqRequest, round_in_order
from engine.methods.quantization.rounding.settings import GptqSettings, ReconstructionSettings
from engine.methods.quantization.rounding.task import Task
from engine.network.encoding import WeightEncoding
from engine.network.leaves import Use, uses
from engine.network.network import Network
from engine.statistics.unfold import has_rows
from engine.surgery.copy import copy_network
from engine.surgery.quantizers import bits_of, is_quantizer


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
    device = torch.device(context.device)
    module = on_device(network.module, device)
    chosen = [use for use in uses(module) if use.name in grids and use.module is not None]
    start = _start(network, original, chosen, grids, context)
    learned = learned_parts(module, chosen, grids, start)
    task = Task(
        module,
        on_device(original.module, device),
        split(module, set(learned.weights)),
        learned,
        context.samples().inputs,
        settings,
        torch.Generator().manual_seed(context.seed * 1_000_003 + context.step),
        context.job,
        device,
    )
    if settings.block_steps:
        learn_blocks(task, settings.block_steps)
    steps = settings.network_steps
    steps = _usual_steps(grids, module) if steps is None else steps
    if steps:
        refine(task, steps)
    return finished(copy_network(network), learned)


def _start(
    network: Network,
    original: Network,
    chosen: list[Use],
    grids: Mapping[str, WeightEncoding],
    context: Context,
) -> Network:
    """Rounded by columns, means corrected: learning begins much nearer to the original."""
    settings = GptqSettings()
    requests = {name: GptqRequest(encoding, settings) for name, encoding in grids.items()}
    start = round_in_order(network, requests, context)
    with_bias = [
        use.name
        for use in chosen
        if has_rows(cast("nn.Module", use.module)) and getattr(use.module, "bias", None) is not None
    ]
    return correct_biases(start, original, with_bias, context.samples(), context.job)


def _usual_steps(grids: Mapping[str, WeightEncoding], module: fx.GraphModule) -> int:
    """Steps on the network: coarse grids are further from the original.

    Found on a residual network for CIFAR-10 and 512 samples, where steps on the whole network,
    which compare the results of all blocks at once, reached more in the same time than steps on
    one block after the other.
    """
    bits = min(encoding.bits for encoding in grids.values())
    if bits == 2:
        return 400
    coarse = any(bits_of(n) < COARSE_BITS for n in module.graph.nodes if is_quantizer(n))
    return 300 if coarse or bits == 3 else 220
