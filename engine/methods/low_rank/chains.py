"""The layer table with layers replaced by chains of parts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine.frozen import FrozenMap
from engine.info import FOLDS_INTO, ChannelGroup, LayerInfo, LayerKind, Verdict
from engine.layer_table import LayerTable, changed

Attributes = FrozenMap[int | float | str | bool]


def with_chains(table: LayerTable, chains: Mapping[str, tuple[LayerInfo, ...]]) -> LayerTable:
    """The table with layers replaced by their parts; each part but the last heads a new group."""
    layers: list[LayerInfo] = []
    chains, others = _with_owners(table, chains)
    for layer in table.layers:
        layers += _in_groups(chains[layer.name]) if layer.name in chains else [others[layer.name]]
    last = {name: chain[-1].name for name, chain in chains.items()}
    first = {name: chain[0].name for name, chain in chains.items()}
    layers = [
        changed(
            layer,
            position=i,
            group=last.get(layer.group or "", layer.group),
            attributes=_renamed(layer.attributes, last),
        )
        for i, layer in enumerate(layers)
    ]
    groups = [
        replace(
            group,
            id=last.get(group.id, group.id),
            layers=tuple(last.get(name, name) for name in group.layers),
            consumers=tuple(first.get(name, name) for name in group.consumers),
        )
        for group in table.groups
    ]
    if table.groups:
        groups = _with_inner_groups(groups, layers, chains)
    return LayerTable(tuple(layers), tuple(groups))


def _with_owners(
    table: LayerTable, chains: Mapping[str, tuple[LayerInfo, ...]]
) -> tuple[dict[str, tuple[LayerInfo, ...]], dict[str, LayerInfo]]:
    """Chains, and the layers that stay, each sharing weights only with their own kind.

    Of layers with one weight some may be replaced and others not: then the first of either owns
    what they have.
    """
    owners: dict[tuple[str, bool], str] = {}
    parts: dict[str, tuple[LayerInfo, ...]] = {}
    others: dict[str, LayerInfo] = {}
    for layer in table.layers:
        replaced = layer.name in chains
        owner = owners.setdefault((layer.tied_to or layer.name, replaced), layer.name)
        if replaced:
            ties = [f"{owner}{part.name.removeprefix(layer.name)}" for part in chains[layer.name]]
            parts[layer.name] = tuple(
                changed(part, tied_to="" if tie == part.name else tie)
                for part, tie in zip(chains[layer.name], ties, strict=True)
            )
        else:
            tie = "" if owner == layer.name else owner
            others[layer.name] = layer if tie == layer.tied_to else changed(layer, tied_to=tie)
    return parts, others


def _renamed(attributes: Attributes, last: Mapping[str, str]) -> Attributes:
    """A norm that folds into a layer folds into its last part."""
    folded = attributes.get(FOLDS_INTO)
    if folded not in last:
        return attributes
    return FrozenMap({**attributes, FOLDS_INTO: last[str(folded)]})


def _in_groups(chain: tuple[LayerInfo, ...]) -> list[LayerInfo]:
    """The parts, all but the last with a group of their own."""
    owners = [part.tied_to or part.name for part in chain[:-1]]
    inner = []
    for part, owner in zip(chain, owners, strict=False):
        width = part.shape[1] if part.kind is LayerKind.EMBEDDING else part.shape[0]
        reason = _single_channel(owner, width)
        verdict = Verdict(prunable=not reason, reason=reason)
        inner.append(changed(part, group=owner, verdict=verdict))
    return [*inner, chain[-1]]


def _single_channel(layer: str, width: int) -> str:
    return f"Layer {layer} has a single channel." if width == 1 else ""


def _with_inner_groups(
    groups: list[ChannelGroup],
    layers: Sequence[LayerInfo],
    chains: Mapping[str, tuple[LayerInfo, ...]],
) -> list[ChannelGroup]:
    """The channels between the parts can be removed; groups stay in execution order."""
    inner: dict[str, ChannelGroup] = {}
    for chain in chains.values():
        for part, consumer in itertools.pairwise(chain):
            owner = part.tied_to or part.name
            known = inner.get(owner)
            members = (*known.layers, part.name) if known else (part.name,)
            users = (*known.consumers, consumer.name) if known else (consumer.name,)
            width = part.shape[1] if part.kind is LayerKind.EMBEDDING else part.shape[0]
            reason = _single_channel(owner, width)
            inner[owner] = ChannelGroup(owner, members, width, 1, () if reason else users, reason)
    position = {layer.name: layer.position for layer in layers}
    result = list(groups)
    for group in inner.values():
        here = position[group.id]
        later = (i for i, g in enumerate(result) if position.get(g.id, -1) > here)
        result.insert(next(later, len(result)), group)
    return result
