"""Channel groups: which channels of which layers have to be removed together.

Found from the graph alone, without a forward pass (`engine.network.axes`). A *unit* is the least
that can be removed: one channel of a convolution with everything that depends on it; an attention
head with its rows of q, k and v and its columns of the projection; a group of a grouped
convolution. All units that share a layer's output channels form a *group*, so that each layer that
makes channels belongs to exactly one.

What a norm over channels (layer norm, RMS norm, group norm by part of its groups) sees after a
removal is the channels that are left: removing a unit means removing it from such a norm too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.info import ChannelGroup
from engine.network.axes.labels import Labels, Mask, Reason
from engine.network.axes.solve import Classes, components, solve
from engine.network.axes.trace import (
    Change,
    Contraction,
    Normalized,
    Role,
    Slot,
    Take,
    Trace,
)
from engine.network.axes.walk import walk
from engine.network.network import Network

Units = NDArray[np.int64]

_ALL_AT_ONCE = Reason("The channels depend on each other so that only all could be removed.")
_MAKERS = (Role.OUT,)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An axis of a parameter or buffer that shrinks with a group.

    Attributes:
        layer: Name of the layer.
        path: Dotted path of the tensor.
        axis: Which axis.
        role: What the axis is to the layer.
        units: For each position on the axis its unit in the group, or -1 for those that stay or
            belong to another group.
    """

    layer: str
    path: str
    axis: int
    role: Role
    units: Units


@dataclass(frozen=True, slots=True, eq=False)
class GroupAnalysis:
    """The groups of a network, and all that surgery has to change; plain data, picklable.

    Attributes:
        groups: In execution order, frozen ones too.
        slots: Every parameter axis on which channels lie.
        changes: Graph nodes and leaves whose constants follow the number of channels.
        contractions: Nodes that sum over channels without weights.
        normalized: Leaves and nodes that normalize over channels.
        unit_of: For each label its unit, counted over all groups; -1 where it cannot be removed.
        starts: Group id → its first unit in that count.
        strata: For each unit a number: units of one stratum touch the same axes, and parts of a
            split, equally often. A group with several (a residual stream that grows by zero
            padding) is best pruned evenly in each; a unit left in each leaves no axis empty.
    """

    groups: tuple[ChannelGroup, ...]
    slots: tuple[Slot, ...]
    changes: tuple[Change, ...]
    contractions: tuple[Contraction, ...]
    normalized: tuple[Normalized, ...]
    unit_of: Units
    starts: Mapping[str, int]
    strata: Units

    def group(self, group_id: str) -> ChannelGroup:
        """The group with this id.

        Raises:
            KeyError: There is none.
        """
        for group in self.groups:
            if group.id == group_id:
                return group
        raise KeyError(group_id)

    def members(self, group_id: str) -> tuple[Member, ...]:
        """Parameter axes that shrink with a group; none for a frozen one."""
        start = self.starts.get(group_id)
        if start is None:
            return ()
        stop = start + self.group(group_id).channels
        result = []
        for slot in self.slots:
            units = self.unit_of[slot.labels]
            inside = (units >= start) & (units < stop)
            if inside.any():
                local = np.where(inside, units - start, -1)
                result.append(Member(slot.layer, slot.path, slot.axis, slot.role, local))
        return tuple(result)

    def strata_of(self, group_id: str) -> Units:
        """For each unit of a group the number of its stratum, from 0; empty for a frozen one."""
        start = self.starts.get(group_id)
        if start is None:
            return np.zeros(0, dtype=np.int64)
        strata = self.strata[start : start + self.group(group_id).channels]
        return np.unique(strata, return_inverse=True)[1].astype(np.int64)


def channel_groups(network: Network) -> GroupAnalysis:
    """Find the channel groups of a network.

    Works on shapes alone; ResNet-50 takes about 30 ms. Never raises for a valid network: what is
    not understood is frozen, with a reason.
    """
    trace = walk(network.module)
    _hold_back(trace, network)
    classes = solve(trace.ledger)
    return _Grouping(trace, classes).result()


def _hold_back(trace: Trace, network: Network) -> None:
    """Freeze the channels of layers that the reader of the file holds back (quantized weights)."""
    for slot in trace.slots:
        restriction = network.restrictions.get(slot.layer)
        if restriction and slot.role is not Role.IN:
            reason = Reason(f"Layer {slot.layer}: {restriction.rstrip('.')}.", 2)
            trace.ledger.freeze(slot.labels, reason)


class _Grouping:
    """Gathers classes of channels into groups."""

    def __init__(self, trace: Trace, classes: Classes) -> None:
        self.trace = trace
        self.classes = classes
        self.slots = sorted(trace.slots, key=lambda slot: slot.position)
        self._known: dict[int, Labels] = {}
        self.roots = [self._roots(slot.labels) for slot in self.slots]
        self.primary = self._primary_slots()
        self.group_of = self._join()

    def _roots(self, labels: Labels) -> Labels:
        """Classes on a slot; a layer's weight, bias and norms share one array of labels."""
        if id(labels) not in self._known:
            self._known[id(labels)] = np.unique(self.classes.of[labels])
        return self._known[id(labels)]

    def _primary_slots(self) -> dict[str, int]:
        """Layer → the slot that holds its output channels."""
        primary: dict[str, int] = {}
        for i, slot in enumerate(self.slots):
            if slot.role in _MAKERS:
                primary.setdefault(slot.layer, i)
        made = np.zeros(self.trace.ledger.count, dtype=np.bool_)
        for i in primary.values():
            made[self.roots[i]] = True
        for i, slot in enumerate(self.slots):
            if slot.role is not Role.PASS or slot.layer in primary:
                continue
            candidates = [j for j in range(i, len(self.slots)) if self.slots[j].layer == slot.layer]
            primary[slot.layer] = max(candidates, key=lambda j: self._rank(j, made))
        return dict(sorted(primary.items(), key=lambda item: self.slots[item[1]].position))

    def _rank(self, i: int, made: Mask) -> tuple[bool, bool, int]:
        """Of a free parameter's axes, the one that channels lie on."""
        roots = self.roots[i]
        free = not self.classes.frozen[roots].all()
        return bool(made[roots].any()), free, self.slots[i].axis

    def _join(self) -> Labels:
        """For each class its group: those that a layer makes belong together."""
        edges_a, edges_b = [], []
        for i in self.primary.values():
            if self.slots[i].role in _MAKERS:
                edges_a.append(self.roots[i][1:])
                edges_b.append(self.roots[i][:-1])
        empty = np.zeros(0, dtype=np.int64)
        joined = components(
            self.trace.ledger.count,
            np.concatenate([empty, *edges_a]),
            np.concatenate([empty, *edges_b]),
        )
        self._join_orphans(joined)
        return joined

    def _join_orphans(self, joined: Labels) -> None:
        """Layers whose channels no layer makes (a norm on the input) form groups of their own."""
        made = np.zeros(len(joined), dtype=np.bool_)
        for i in self.primary.values():
            if self.slots[i].role in _MAKERS:
                made[self.roots[i]] = True
        for i in self.primary.values():
            roots = self.roots[i]
            if not made[roots].any():
                lowest = joined[roots].min()
                for old in np.unique(joined[roots]):
                    joined[joined == old] = lowest

    def result(self) -> GroupAnalysis:
        count = self.trace.ledger.count
        members: dict[int, list[int]] = {}
        for i in self.primary.values():
            for key in np.unique(self.group_of[self.roots[i]]).tolist():
                members.setdefault(key, []).append(i)
        unit_of_root = np.full(count, -1, dtype=np.int64)
        groups: list[ChannelGroup] = []
        starts: dict[str, int] = {}
        total = 0
        used: set[str] = set()
        for key, places in self._ordered(members):
            group, free = self._group(key, places, used)
            used.add(group.id)
            groups.append(group)
            if not group.frozen_reason:
                starts[group.id] = total
                unit_of_root[free] = np.arange(total, total + len(free))
                total += len(free)
        unit_of = unit_of_root[self.classes.of]
        groups = self._with_consumers(groups, starts, unit_of)
        return GroupAnalysis(
            tuple(groups),
            tuple(self.slots),
            tuple(self.trace.changes),
            tuple(self.trace.contractions),
            tuple(self.trace.normalized),
            unit_of,
            starts,
            self._strata(unit_of, total),
        )

    def _ordered(self, members: dict[int, list[int]]) -> list[tuple[int, list[int]]]:
        return sorted(members.items(), key=lambda item: self._first(item[1]))

    def _first(self, places: Sequence[int]) -> tuple[bool, int]:
        """Order of groups and of candidates for the id: layers that make channels first."""
        return min((self.slots[i].role not in _MAKERS, self.slots[i].position) for i in places)

    def _group(self, key: int, places: list[int], used: set[str]) -> tuple[ChannelGroup, Labels]:
        """One group, and the classes in it that can be removed."""
        roots = np.unique(np.concatenate([self.roots[i] for i in places]))
        roots = roots[self.group_of[roots] == key]
        free = roots[~self.classes.frozen[roots]]
        first = min(places, key=lambda i: self._first([i]))
        name = self.slots[first].layer
        if name in used:  # a layer that only passes channels, of groups that it does not make
            name = f"{name}:{self.slots[first].position}"
        layers = dict.fromkeys(self.slots[i].layer for i in places)
        reason = ""
        if not free.size:
            reason = self._reason(roots)
        elif free.size == 1 and any(len(self.roots[i]) == 1 for i in places):
            reason = self._all_at_once(places)
        units = roots if reason else free
        classes = self.classes.of[self.slots[first].labels]
        classes = classes[np.isin(classes, units)]
        width = len(classes) / max(1, len(np.unique(classes)))
        return (
            ChannelGroup(name, tuple(layers), len(units), max(1, round(width)), (), reason),
            units,
        )

    def _all_at_once(self, places: Sequence[int]) -> str:
        for i in places:
            layer = self.trace.leaves.get(self.slots[i].layer)
            groups = getattr(layer, "groups", 1)
            if 1 < groups < getattr(layer, "in_channels", 0):
                return (
                    f"The {groups} groups of layer {self.slots[i].layer} need as many channels "
                    "each, and what follows mixes them, so that only all could be removed."
                )
        return _ALL_AT_ONCE.text

    def _reason(self, roots: Labels) -> str:
        known = [self.classes.reasons[r] for r in roots.tolist() if r in self.classes.reasons]
        return min(known, key=lambda reason: reason.rank).text if known else _ALL_AT_ONCE.text

    def _with_consumers(
        self, groups: list[ChannelGroup], starts: Mapping[str, int], unit_of: Units
    ) -> list[ChannelGroup]:
        """Name the layers that sum over each group's channels."""
        firsts = np.array([*starts.values()], dtype=np.int64)
        consumers: list[dict[str, None]] = [{} for _ in starts]
        for slot in self.slots:
            if slot.role is Role.IN:
                units = unit_of[slot.labels]
                places = np.searchsorted(firsts, units[units >= 0], side="right") - 1
                for place in np.flatnonzero(np.bincount(places)).tolist():
                    consumers[place][slot.layer] = None
        found = dict(zip(starts, consumers, strict=True))
        return [replace(g, consumers=tuple(found.get(g.id, ()))) for g in groups]

    def _strata(self, unit_of: Units, total: int) -> Units:
        """Number units by what they touch and how often, by a random sum."""
        signature = np.zeros(total + 1, dtype=np.int64)
        random = np.random.default_rng(0)
        places = [*{id(slot.labels): slot.labels for slot in self.slots}.values()]
        for change in self.trace.changes:
            if isinstance(change, Take):
                places += [change.labels[taken] for taken in change.taken]
        for labels in places:
            weight = random.integers(1, 1 << 40)
            signature += weight * np.bincount(unit_of[labels] + 1, minlength=total + 1)
        return np.unique(signature[1:], return_inverse=True)[1].astype(np.int64)
