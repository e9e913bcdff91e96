"""Runs `bn_reestimate`."""

from __future__ import annotations

from engine.methods.context import Context
from engine.network.network import Network
from engine.registry import Choices
from engine.statistics.norms import statistical_norms
from engine.training.norms import reestimate


def run(network: Network, choices: Choices, context: Context) -> Network:
    """A network with new statistics (see `engine.methods.context.RunStep`)."""
    del choices
    if not statistical_norms(network.module):
        context.note(
            "The network has no batch norm with statistics of its own (it may have been folded "
            "into the layers before it): it was left as it was."
        )
        return network
    return reestimate(network, context.samples(), context.job)
