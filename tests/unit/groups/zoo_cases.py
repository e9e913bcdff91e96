"""Networks of the zoo, and their groups, found once in each test process. Never change them."""

from __future__ import annotations

import functools

from engine.network.groups import GroupAnalysis, channel_groups
from engine.network.network import Network
from tests.helpers.zoo import ZOO, cached_network

NAMES = sorted(ZOO)
CANNOT_SHRINK = {"gru_classifier"}
PRUNABLE = [name for name in NAMES if name not in CANNOT_SHRINK]
FAMILIES = [
    *("resnet18", "vgg_bn", "mobilenet_v2", "efficientnet_like"),
    *("unet", "vit", "bert_like", "lstm_classifier"),
]
"""One of each family: these go through files, which takes seconds."""


def network(name: str) -> Network:
    return cached_network(name)


@functools.cache
def analysis(name: str) -> GroupAnalysis:
    return channel_groups(network(name))
