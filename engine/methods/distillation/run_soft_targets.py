"""Runs `soft_targets`."""

from __future__ import annotations

from engine.methods.context import Context
from engine.methods.distillation.soft_targets import SoftTargetsParams
from engine.methods.training import aim_of, setup_of
from engine.network.network import Network
from engine.registry import Choices
from engine.training.options import USUAL_HINTS, Hints, Loss, SoftTargets
from engine.training.train import train


def run(network: Network, choices: Choices, context: Context) -> Network:
    """A trained network (see `engine.methods.context.RunStep`)."""
    params = choices[""]
    assert isinstance(params, SoftTargetsParams)
    teacher = params.teacher
    losses: list[Loss] = [
        SoftTargets(temperature=params.temperature, weight=params.weight, teacher=teacher)
    ]
    hints = params.hints
    if hints is None:
        hints = 0.0 if teacher else USUAL_HINTS
    if hints > 0:
        losses.append(Hints(weight=hints, teacher=teacher))
    return train(network, params, aim_of(losses, context), setup_of(context))
