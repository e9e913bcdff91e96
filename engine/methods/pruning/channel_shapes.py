"""How many channels stay, and what that makes of the layer table: arithmetic, nothing heavy.

`predict` and the run use the same functions, so that what is predicted for a uniform ratio is what
comes out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import RecipeError
from engine.info import ChannelGroup, LayerInfo
from engine.layer_table import LayerTable
from engine.methods.pruning.channel_axes import Axis, Structure, fewer_macs, shrunk

_BISECTIONS = 24
_KEPT = 20_000
"""Smaller layers that are remembered for one table."""
BLOCK = 16
"""Output channels that ONNX Runtime's kernels compute at once: 16 with AVX-512, 8 with AVX2."""
_FEWEST_STEPS = 4
"""Into so many parts a narrow group may still be divided."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """How a number of channels is rounded.

    Attributes:
        multiple: Keep a multiple of this many channels of each layer; 0: of what suits kernels.
        minimum: Keep at least this many units.
    """

    multiple: int = 0
    minimum: int = 1

    def step(self, units: int, width: int) -> int:
        """The multiple in units of `width` channels each (a head's width)."""
        multiple = self.multiple or _fitting(units * width)
        return multiple // math.gcd(multiple, width)

    def allowed(self, units: int, width: int, wanted: float) -> int:
        """The number of units nearest to what is wanted that may stay.

        Args:
            units: There are.
            width: Channels of each.
            wanted: How many should stay, 0…units.
        """
        step = self.step(units, width)
        nearest = math.floor(wanted / step + 0.5) * step
        least = max(self.minimum, 1, step)
        return min(max(nearest, least), units)


def _fitting(channels: int) -> int:
    """The largest power of two up to `BLOCK` that leaves a narrow group some choice."""
    multiple = BLOCK
    while multiple > 1 and channels < _FEWEST_STEPS * multiple:
        multiple //= 2
    return multiple if multiple >= _FEWEST_STEPS else 1


def units_kept(group: ChannelGroup, ratio: float, rounding: Rounding) -> int:
    """How many units of a group stay when this share of them is to go."""
    if ratio == 0:
        return group.channels
    # what is within rounding errors of a whole number is that number
    wanted = round(group.channels * (1 - ratio), 9)
    return rounding.allowed(group.channels, group.unit, wanted)


def part_kept(units: int, part: int, kept: int, width: int, rounding: Rounding) -> int:
    """How many of the first `part` units of a group stay when `kept` of all `units` do.

    Channels of a residual stream that grows by padding: a layer that sees part of it keeps the same
    share, rounded the same way.
    """
    if part >= units or kept >= units:
        return min(kept, part) if part >= units else part
    return rounding.allowed(part, width, round(part * kept / units, 9))


Kept = Mapping[str, int]
"""Group id → how many of its units stay."""


class Shapes:
    """A layer table of which groups can shrink; quick to ask again and again.

    Args:
        table: Before.
        roundings: Group id → how its numbers of channels are rounded; other groups stay.
    """

    def __init__(self, table: LayerTable, roundings: Mapping[str, Rounding]) -> None:
        self.table = table
        self.roundings = dict(roundings)
        self._known = table.once(Structure)
        self._axes = self._known.axes
        self.touched = self._known.touched

    def macs(self, name: str, kept: Kept) -> int:
        """MACs of one layer; 0 where they are not known."""
        layer = self.table[name]
        if not layer.macs:
            return 0
        value = layer.macs
        for axis in self._axes.get(name, ()):
            value = fewer_macs(layer, value, axis, self._size(axis, kept))
        return value

    def work(self, name: str, kept: Kept) -> int:
        """MACs of one layer as kernels compute them: output channels in whole blocks."""
        layer = self.table[name]
        if not layer.macs:
            return 0
        value = layer.macs
        for axis in self._axes.get(name, ()):
            size = self._size(axis, kept)
            size = -(-size // BLOCK) * BLOCK if axis.out else size
            value = fewer_macs(layer, value, axis, size)
        return value

    def total_macs(self, kept: Kept) -> int:
        """MACs of all layers."""
        return sum(self.macs(name, kept) for name in self._known.counted)

    def after(self, kept: Kept) -> LayerTable:
        """The table after the removal."""
        layers = tuple(
            self._layer(layer, kept) if layer.name in self._axes else layer
            for layer in self.table.layers
        )
        groups = tuple(self._group(group, kept) for group in self.table.groups)
        return LayerTable(layers, groups)

    def _size(self, axis: Axis, kept: Kept) -> int:
        size = axis.size
        for part in axis.parts:
            group = part.group
            left = kept.get(group.id, group.channels)
            if left < group.channels:
                here = left
                if part.units != group.channels:
                    rounding = self.roundings.get(group.id, Rounding())
                    here = part_kept(group.channels, part.units, left, group.unit, rounding)
                size -= (part.units - here) * part.width
        return max(size, 1)

    def _group(self, group: ChannelGroup, kept: Kept) -> ChannelGroup:
        left = kept.get(group.id, group.channels)
        if left == group.channels:
            return group
        smaller = self._known.groups
        if (group.id, left) not in smaller:
            smaller[group.id, left] = replace(group, channels=left)
        return smaller[group.id, left]

    def _layer(self, layer: LayerInfo, kept: Kept) -> LayerInfo:
        """The layer with smaller axes: the same object for the same sizes."""
        sizes = [self._size(axis, kept) for axis in self._axes[layer.name]]
        key: tuple[str | int, ...] = (layer.name, *sizes)
        known = self._known.layers.get(key)
        if known is None:
            if len(self._known.layers) >= _KEPT:
                self._known.layers.clear()
            known = shrunk(layer, self._axes[layer.name], sizes)
            self._known.layers[key] = known
        return known


def uniform_for_macs(
    shapes: Shapes, groups: Sequence[str], share: float, others: Kept
) -> dict[str, int]:
    """The mildest common ratio of these groups with which a share of the network's MACs goes.

    Args:
        shapes: Before.
        groups: Ids of those whose ratio is looked for.
        share: Of all MACs, 0…1.
        others: Units kept of groups whose ratio is given.

    Raises:
        RecipeError: So much cannot be removed, or the MACs are not known.
    """
    before = check_macs(shapes)
    chosen = [group for group in shapes.table.groups if group.id in set(groups)]

    def kept_at(ratio: float) -> dict[str, int]:
        found = {g.id: units_kept(g, ratio, shapes.roundings[g.id]) for g in chosen}
        return {**others, **found}

    target = before * (1 - share)
    check_reachable(shapes, kept_at(1.0), share)
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if shapes.total_macs(kept_at(middle)) <= target:
            high = middle
        else:
            low = middle
    return _fewest_changes(shapes, kept_at(low), kept_at(high), target)


def _fewest_changes(shapes: Shapes, mild: Kept, strong: Kept, target: float) -> dict[str, int]:
    """The mild numbers, and of the strong ones as many as bring the MACs down to a target.

    Rounding makes groups of one width step together, far beyond the target. The group that just
    reaches it goes first, else the one that saves most.
    """
    now = dict(mild)
    total = shapes.total_macs(now)
    left = [name for name in now if strong[name] != now[name]]
    while total > target and left:
        after = {name: shapes.total_macs({**now, name: strong[name]}) for name in left}
        enough = [name for name in left if after[name] <= target]
        name = max(enough, key=after.__getitem__) if enough else min(left, key=after.__getitem__)
        now[name], total = strong[name], after[name]
        left.remove(name)
    return now


def check_macs(shapes: Shapes) -> int:
    """MACs of the whole table.

    Raises:
        RecipeError: They are not known.
    """
    before = shapes.total_macs({})
    if not before:
        raise RecipeError(
            "The MACs of this network are not known, so that no share of them can be removed",
            hint="Give the share of the channels: “target: channels”.",
        )
    return before


def check_reachable(shapes: Shapes, least: Kept, share: float) -> None:
    """So much can be removed.

    Raises:
        RecipeError: It cannot, even with the fewest channels that may stay.
    """
    before = check_macs(shapes)
    most = 1 - shapes.total_macs(least) / before
    if most < share:
        raise RecipeError(
            f"At most {100 * most:.1f} % of the MACs go when these channels are pruned, "
            f"not {100 * share:g} %",
            hint="Lower the ratio, prune more layers, or allow fewer channels to stay.",
        )
