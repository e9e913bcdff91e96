"""Networks of the zoo, lifted once in each test process. Never change them."""

from __future__ import annotations

import functools

from torch.export import ExportedProgram

from engine.info import Format
from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.lift import network_from_program
from engine.network.network import Network
from tests.helpers.zoo import ZOO
from tests.unit.groups.helpers import exported

NAMES = sorted(ZOO)
CANNOT_SHRINK = {"gru_classifier"}
PRUNABLE = [name for name in NAMES if name not in CANNOT_SHRINK]
EXPORTED = [
    *("resnet18", "vgg_bn", "mobilenet_v2", "efficientnet_like", "unet", "shufflenet_v2_like"),
    *("vit", "bert_like", "lstm_classifier", "grouped_conv", "pixel_shuffle", "tied_weights"),
]
"""One of each kind: exporting takes seconds."""


@functools.cache
def program(name: str) -> ExportedProgram:
    return exported(*ZOO[name].example())


@functools.cache
def network(name: str) -> Network:
    return network_from_program(program(name), Format.PT2)


@functools.cache
def analysis(name: str) -> GroupAnalysis:
    return channel_groups(network(name))
