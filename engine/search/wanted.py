"""What is to be measured of a cost table, and how its changes are told apart."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable

import torch

from engine.cost import CostTable
from engine.costs_measured import MeasureCosts, Place
from engine.errors import EngineError
from engine.layer_table import LayerTable
from engine.network.network import Network
from engine.search.changes import Change
from engine.search.sums import Key
from engine.statistics.calibration import Calibration


def wanted_entries(costs: CostTable, request: MeasureCosts) -> list[Place]:
    """Entries that are asked for, of settings that layers can have.

    Raises:
        EngineError: One is not in the table.
    """
    methods = set(request.methods) or {grid.method for grid in costs.grids}
    places = request.entries or [
        (layer, grid.method, setting)
        for layer in costs.layers
        for grid in costs.grids
        for setting in grid.settings
    ]
    found = []
    for layer, method, setting in dict.fromkeys(places):
        try:
            entry = costs.entry(layer, method, setting)
        except KeyError:
            raise EngineError(
                f"The cost table has no entry for {method} {setting:g} of {layer}",
                hint="Estimate the costs of this network first.",
                where=layer,
            ) from None
        known = not (math.isnan(entry.size_bytes) and math.isnan(entry.loss))
        if method in methods and known:
            found.append((layer, method, float(setting)))
    return found


def part_of(table: LayerTable, names: set[str]) -> LayerTable:
    """Some layers, and those that share a weight with them or belong to their groups."""
    for group in table.groups:
        if names & set(group.layers):
            names = names | set(group.layers)
    roots = {layer.tied_to or layer.name for layer in table.layers if layer.name in names}
    layers = tuple(layer for layer in table.layers if (layer.tied_to or layer.name) in roots)
    kept = {layer.name for layer in layers}
    groups = tuple(group for group in table.groups if set(group.layers) <= kept)
    return LayerTable(layers, groups)


def key_of(change: Change, seen: Iterable[Key]) -> Key:
    """A name for a change; a layer may be the first of several groups."""
    name = change.rows[0]
    while (name, change.method, change.setting) in seen:
        name += "'"
    return name, change.method, change.setting


def fingerprint(network: Network, *samples: Calibration) -> str:
    """Differs when the network or the samples do."""
    digest = hashlib.blake2b(digest_size=16)
    tensors = [*network.module.parameters(), *network.module.buffers()]
    for tensor in (*tensors, *(one for some in samples for one in some.inputs)):
        digest.update(str(tuple(tensor.shape)).encode())
        digest.update(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
