"""Runs `soft_targets`."""

from __future__ import annotations

from engine.methods.context import Context
from engine.methods.distillation.soft_targets import SoftTargetsParams
from engine.methods.training import aim_of, setup_of
from engine.network.network import Network
from engine.registry import Choices
from engine.training.options import SoftTargets
from engine.training.train import train


def run(network: Network, choices: Choices, context: Context) -> Network:
    """A trained network (see `engine.methods.context.RunStep`)."""
    params = choices[""]
    assert isinstance(params, SoftTargetsParams)
    loss = SoftTargets(temperature=params.temperature, weight=params.weight, teacher=params.teacher)
    setup = setup_of(context)
    return train(network, params, aim_of((loss,), context), setup)
