"""Which positions of which tensors belong to each unit of a channel group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.info import LayerKind
from engine.methods.pruning.channel_shapes import Rounding, part_kept
from engine.network.axes.trace import Role
from engine.network.groups import GroupAnalysis, Member
from engine.network.leaves import uses
from engine.network.network import Network
from engine.statistics.unfold import has_rows

Units = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """A layer that sums over channels of a group.

    Attributes:
        layer: Its name.
        leaf: The layer.
        nodes: Names of the nodes that call it.
        units: For each position on the weight's input axis its unit in the group, or -1.
    """

    layer: str
    leaf: nn.Module
    nodes: tuple[str, ...]
    units: Units

    def matrix(self) -> Tensor:
        """The weight as rows of inputs, `[groups, K, C_out / groups]` float32.

        Of transposed convolutions `[groups, C_in / groups, C_out / groups · kernel]`.
        """
        return as_matrix(self.leaf, self.leaf.weight)  # type: ignore[arg-type]  # an attribute of a module, whose kind is known here

    def rows(self) -> Units:
        """For each row of the matrix its unit, or -1."""
        if is_transposed(self.leaf):
            groups: Any = self.leaf.groups
            units: Units = self.units.reshape(groups, -1)[0]
            return units
        weight: Tensor = self.leaf.weight  # type: ignore[assignment]  # an attribute of a module, whose kind is known here
        return np.repeat(self.units, weight[0, 0].numel())


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group that can shrink, and everything about its units.

    Attributes:
        id: Its id.
        count: How many units there are.
        width: Channels of each in the layer that it is named after.
        members: Parameter axes that shrink.
        readers: Layers that sum over its channels and are a matrix product for each position.
        strata: For each unit the number of its stratum.
    """

    id: str
    count: int
    width: int
    members: tuple[Member, ...]
    readers: tuple[Reader, ...]
    strata: Units

    def makers(self) -> list[Member]:
        """Weights whose output channels are the group's."""
        return [m for m in self.members if m.role is Role.OUT and m.path.endswith("weight")]


def is_transposed(leaf: nn.Module) -> bool:
    """Whether a layer is a transposed convolution."""
    return isinstance(leaf, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d))


def as_matrix(leaf: nn.Module, weight: Tensor) -> Tensor:
    """A weight as `[groups, K, outputs]` float32; see `Reader.matrix`."""
    groups = int(getattr(leaf, "groups", 1))
    flat = weight.detach().float().flatten(1)
    if is_transposed(leaf):
        return flat.reshape(groups, -1, flat.shape[1])
    return flat.reshape(groups, -1, flat.shape[1]).transpose(1, 2)


def as_weight(leaf: nn.Module, matrix: Tensor, like: Tensor) -> Tensor:
    """The inverse of `as_matrix`, in the shape and type of a weight."""
    if not is_transposed(leaf):
        matrix = matrix.transpose(1, 2)
    return matrix.reshape(like.shape).to(like.dtype).contiguous()


def groups_of(network: Network, analysis: GroupAnalysis, ids: Sequence[str]) -> list[Group]:
    """What is needed of some groups, in the order of the network."""
    calls = {use.name: use for use in uses(network.module)}
    found = []
    for info in analysis.groups:
        if info.id not in ids or info.frozen_reason:
            continue
        members = analysis.members(info.id)
        readers = []
        for member in members:
            use = calls.get(member.layer)
            if use is None or use.module is None or not has_rows(use.module):
                continue
            if member.role is Role.IN and member.path.endswith("weight"):
                nodes = tuple(node.name for node in use.nodes)
                readers.append(Reader(use.name, use.module, nodes, member.units))
        strata = analysis.strata_of(info.id)
        found.append(Group(info.id, info.channels, info.unit, members, tuple(readers), strata))
    return found


def ordered_strata(group: Group) -> list[Units]:
    """The units of each stratum; those that most layers see first."""
    touched = np.zeros(group.count, dtype=np.int64)
    for member in group.members:
        touched += np.bincount(member.units[member.units >= 0], minlength=group.count) > 0
    parts = [np.flatnonzero(group.strata == s) for s in range(int(group.strata.max()) + 1)]
    return sorted(parts, key=lambda part: (-int(touched[part[0]]), int(part[0])))


def to_remove(group: Group, keep: int, scores: Scores, rounding: Rounding) -> Units:
    """The units that go: those with the lowest scores, as many in each stratum as its share.

    Args:
        group: The group.
        keep: How many units stay.
        scores: One for each unit; higher = keep.
        rounding: Of numbers of channels.
    """
    if keep >= group.count:
        return np.zeros(0, dtype=np.int64)
    removed = []
    before = seen = 0
    for part in ordered_strata(group):
        seen += len(part)
        upto = part_kept(group.count, seen, keep, group.width, rounding)
        here = min(max(upto - before, 1), len(part))
        before += here
        order = part[np.argsort(scores[part], kind="stable")]
        removed.append(order[: len(part) - here])
    return np.sort(np.concatenate(removed))


def unit_means(values: Scores, member: Member, count: int) -> Scores:
    """The mean of a member's per-channel values over each unit; NaN for units not in it."""
    inside = member.units >= 0
    sums = np.bincount(member.units[inside], weights=values[inside], minlength=count)
    numbers = np.bincount(member.units[inside], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.where(numbers > 0, sums / np.maximum(numbers, 1), np.nan)


def combined(parts: Sequence[Scores], count: int) -> Scores:
    """Scores of several layers together: each divided by its mean, then averaged.

    Layers that do not hold a unit have NaN for it and no say.
    """
    total, number = np.zeros(count), np.zeros(count)
    for part in parts:
        known = ~np.isnan(part)
        mean = float(np.mean(np.abs(part[known]))) if known.any() else 0.0
        if mean > 0:
            total[known] += part[known] / mean
        number[known] += 1
    return total / np.maximum(number, 1)


def batch_norms(network: Network) -> Mapping[str, nn.Module]:
    """The batch norms by name."""
    return {
        use.name: use.module
        for use in uses(network.module)
        if use.kind is LayerKind.BATCH_NORM and use.module is not None
    }
