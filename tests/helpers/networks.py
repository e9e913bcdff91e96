"""Networks in memory from modules, without a file between."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from engine.info import Format
from engine.network.export import export_module
from engine.network.lift import network_from_program
from engine.network.network import Network
from tests.helpers.zoo import ZOO


def network_of(
    module: nn.Module, *inputs: torch.Tensor, input_names: Sequence[str] = ("x",)
) -> Network:
    """Export and lift a module."""
    return network_from_program(export_module(module, inputs), Format.PT2, input_names=input_names)


def zoo_network(name: str) -> Network:
    """A network of the zoo, in its small size."""
    module, inputs = ZOO[name].example(2)
    return network_of(module, *inputs, input_names=ZOO[name].input_names)
