"""Runs `qat`."""

from __future__ import annotations

from engine.errors import RecipeError
from engine.methods.context import Context
from engine.methods.recovery.qat import QatParams
from engine.methods.training import aim_of, setup_of
from engine.network.encoding import WeightEncoding
from engine.network.network import Network
from engine.registry import Choices
from engine.training.student import FAKE_QUANTIZE
from engine.training.train import train


def run(network: Network, choices: Choices, context: Context) -> Network:
    """A trained network on learned grids (see `engine.methods.context.RunStep`).

    Raises:
        RecipeError: Nothing in the network is quantized.
    """
    params = choices[""]
    assert isinstance(params, QatParams)
    weights = any(isinstance(e, WeightEncoding) for e in network.encodings.values())
    activations = any(node.target is FAKE_QUANTIZE for node in network.module.graph.nodes)
    if not weights and not activations:
        raise RecipeError(
            "Nothing in the network is quantized yet",
            hint="Put a step uniform before qat: it chooses bits and grids, qat trains them.",
        )
    setup = setup_of(context)
    aim = aim_of(params.losses, context, learn_steps=params.learn_steps)
    return train(network, params, aim, setup)
