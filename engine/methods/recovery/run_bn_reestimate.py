"""Runs `bn_reestimate`."""

from __future__ import annotations

from torch.nn.modules.batchnorm import _BatchNorm

from engine.methods.context import Context
from engine.network.network import Network
from engine.registry import Choices
from engine.statistics.norms import reestimate


def run(network: Network, choices: Choices, context: Context) -> Network:
    """A network with new statistics (see `engine.methods.context.RunStep`)."""
    del choices
    samples = context.samples()
    if any(isinstance(leaf, _BatchNorm) for leaf in network.module.modules()):
        return reestimate(network, samples, context.job)
    context.note(
        "The network has no batch norms (they may have been folded into the layers before them): "
        "each channel was given the mean and variance that it has in the original instead."
    )
    return reestimate(
        network,
        samples,
        context.job,
        reference=context.original,
        leave=tuple(network.encodings),
    )
