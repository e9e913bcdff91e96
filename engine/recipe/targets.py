"""What has one setting under each scope of a method, and why some of it is left alone."""

from __future__ import annotations

from dataclasses import dataclass

from engine.info import ChannelGroup
from engine.layer_table import LayerTable
from engine.parameters import Params
from engine.registry import Method, Scope


@dataclass(frozen=True, slots=True)
class Unit:
    """What has one setting.

    Attributes:
        target: The layer, or the id of the group; empty for the whole network.
        layers: All layers concerned.
        reason: Why nothing can be done to it, whatever the method; empty otherwise.
    """

    target: str
    layers: tuple[str, ...]
    reason: str = ""


def units_of(table: LayerTable, scope: Scope) -> tuple[Unit, ...]:
    """What has one setting under this scope, in execution order."""
    return table.once(_UNITS[scope])


def reason_for(method: Method, unit: Unit, params: Params, table: LayerTable) -> str:
    """Why a method leaves a unit alone; empty if it does not.

    A channel group needs one member that the method is for; layers that share their weights must
    all be.
    """
    if unit.reason:
        return unit.reason
    if len(unit.layers) == 1:
        return method.applies(table[unit.layers[0]], params)
    reasons = [method.applies(table[name], params) for name in unit.layers]
    if method.scope is Scope.GROUP:
        return "" if not all(reasons) else next(iter(reasons), "")
    return next((reason for reason in reasons if reason), "")


def _whole(table: LayerTable) -> tuple[Unit, ...]:
    del table
    return (Unit("", ()),)


def _single(table: LayerTable) -> tuple[Unit, ...]:
    if not any(layer.tied_to for layer in table.layers):
        return tuple(Unit(name, (name,)) for name in table.names())
    tied: dict[str, list[str]] = {}
    for layer in table.layers:
        owner = layer.tied_to if layer.tied_to in table else layer.name
        tied.setdefault(owner, []).append(layer.name)
    return tuple(Unit(owner, tuple(layers)) for owner, layers in tied.items())


def _grouped(table: LayerTable) -> tuple[Unit, ...]:
    groups: dict[str, list[ChannelGroup]] = {}
    for group in table.groups:
        for layer_name in group.layers:
            groups.setdefault(layer_name, []).append(group)
    units: dict[str, Unit] = {}
    for layer in table.layers:
        for group in groups.get(layer.name, ()):
            if group.id not in units:
                members = tuple(name for name in group.layers if name in table)
                units[group.id] = Unit(group.id, members, group.frozen_reason)
        if layer.name not in groups:
            reason = "It belongs to no channel group."
            units[layer.name] = Unit(layer.name, (layer.name,), reason)
    return tuple(units.values())


_UNITS = {Scope.NETWORK: _whole, Scope.LAYER: _single, Scope.GROUP: _grouped}
