"""Pruned = silenced, on networks put together at random."""

from __future__ import annotations

import pytest
import torch

from engine.network.groups import channel_groups
from engine.surgery.slice import remove_channels
from engine.surgery.zero import zero_channels
from tests.unit.groups.helpers import TOLERANCE, difference, network_of, removal
from tests.unit.groups.random_networks import SIDE, RandomNetwork


@pytest.mark.parametrize("seed", [0, 1, 2, 152])
def test_pruned_is_silenced(seed: int) -> None:
    check(seed)


def check(seed: int) -> None:
    x = torch.randn(2, 3, SIDE, SIDE)
    network = network_of(RandomNetwork(seed), x)
    for again in range(2):  # what was pruned is pruned again
        found = channel_groups(network)
        chosen = removal(found, seed + again, 0.3)
        pruned = remove_channels(network, found, chosen)
        silenced = zero_channels(network, found, chosen)
        for batch in (1, 3):
            inputs = (torch.randn(batch, 3, SIDE, SIDE),)
            assert difference(pruned, silenced, inputs) <= TOLERANCE
        network = pruned
