"""How many channels stay, and what that makes of the layer table: arithmetic, nothing heavy.

`predict` and the run use the same functions, so that what is predicted for a uniform ratio is what
comes out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.errors import RecipeError
from engine.frozen import FrozenMap
from engine.info import ChannelGroup, Dim, LayerInfo, LayerKind
from engine.registry import LayerTable, changed

_TRANSPOSED = frozenset(
    {LayerKind.CONV_TRANSPOSE1D, LayerKind.CONV_TRANSPOSE2D, LayerKind.CONV_TRANSPOSE3D}
)
_CONVOLUTIONS = _TRANSPOSED | {LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D}
_CHANNELS_LAST = frozenset(
    {LayerKind.LINEAR, LayerKind.LAYER_NORM, LayerKind.RMS_NORM, LayerKind.EMBEDDING}
)
_MAKING = _CONVOLUTIONS | {LayerKind.LINEAR, LayerKind.EMBEDDING}
_RECURRENT = frozenset({LayerKind.LSTM, LayerKind.GRU, LayerKind.RNN})
_BISECTIONS = 24
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
        makers: dict[str, list[ChannelGroup]] = {}
        readers: dict[str, list[ChannelGroup]] = {}
        for group in table.groups:
            for name in group.layers:
                makers.setdefault(name, []).append(group)
            for name in group.consumers:
                readers.setdefault(name, []).append(group)
        self._axes = {
            layer.name: tuple(_axes(layer, makers, readers))
            for layer in table.layers
            if layer.name in makers or layer.name in readers
        }
        self._counted = tuple(layer.name for layer in table.layers if layer.macs)
        self.touched: dict[str, tuple[str, ...]] = {}
        for name, axes in self._axes.items():
            for axis in axes:
                for part in axis.parts:
                    known = self.touched.get(part.group.id, ())
                    if name not in known:
                        self.touched[part.group.id] = (*known, name)

    def macs(self, name: str, kept: Kept) -> int:
        """MACs of one layer; 0 where they are not known."""
        layer = self.table[name]
        if not layer.macs:
            return 0
        value = layer.macs
        for axis in self._axes.get(name, ()):
            value = _fewer_macs(layer, value, axis, self._size(axis, kept))
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
            value = _fewer_macs(layer, value, axis, size)
        return value

    def total_macs(self, kept: Kept) -> int:
        """MACs of all layers."""
        return sum(self.macs(name, kept) for name in self._counted)

    def after(self, kept: Kept) -> LayerTable:
        """The table after the removal."""
        layers = tuple(
            self._layer(layer, kept) if layer.name in self._axes else layer
            for layer in self.table.layers
        )
        groups = tuple(
            replace(group, channels=kept.get(group.id, group.channels))
            for group in self.table.groups
        )
        return LayerTable(layers, groups)

    def _size(self, axis: _Axis, kept: Kept) -> int:
        size = axis.size
        for part in axis.parts:
            group = part.group
            left = kept.get(group.id, group.channels)
            if left < group.channels:
                rounding = self.roundings.get(group.id, Rounding())
                here = part_kept(group.channels, part.units, left, group.unit, rounding)
                size -= (part.units - here) * part.width
        return max(size, 1)

    def _layer(self, layer: LayerInfo, kept: Kept) -> LayerInfo:
        axes = self._axes[layer.name]
        sizes = {axis: self._size(axis, kept) for axis in axes}
        if all(size == axis.size for axis, size in sizes.items()):
            return layer
        shape = list(layer.shape)
        attributes = layer.attributes
        macs = layer.macs
        output, incoming = layer.output_shape, layer.input_shape
        activation = layer.activation_bytes
        copies = _directions(layer)
        others = layer.parameters - copies * math.prod(shape)  # bias; a norm's second vector
        for axis, size in sizes.items():
            shape[axis.place] = size
            macs = None if macs is None else _fewer_macs(layer, macs, axis, size)
            if axis.out:
                others = others * size // axis.size
                output = _resized(layer, output, axis, size)
                activation = None if activation is None else activation * size // axis.size
            if not axis.out or axis.passes:
                incoming = _resized(layer, incoming, axis, size)
            if axis.passes and "groups" in attributes:
                groups = int(attributes["groups"]) * size // axis.size
                attributes = FrozenMap({**attributes, "groups": max(groups, 1)})
        new = copies * math.prod(shape) + others
        return changed(
            layer,
            shape=tuple(shape),
            attributes=attributes,
            parameters=new if layer.parameters else 0,
            size_bytes=_bytes(layer, tuple(shape), new),
            macs=macs,
            input_shape=incoming,
            output_shape=output,
            activation_bytes=activation,
        )


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


@dataclass(frozen=True, slots=True)
class _Part:
    """The units of a group that lie on an axis: how many, and how many positions each takes."""

    group: ChannelGroup
    units: int
    width: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """An axis of a layer that shrinks.

    Attributes:
        place: In the weight's shape.
        size: Positions on it.
        parts: Of each group.
        out: It holds the layer's output channels.
        passes: Output and input channels are the same (norms, depthwise convolutions).
    """

    place: int
    size: int
    parts: tuple[_Part, ...]
    out: bool
    passes: bool


def _axes(
    layer: LayerInfo,
    makers: Mapping[str, Sequence[ChannelGroup]],
    readers: Mapping[str, Sequence[ChannelGroup]],
) -> Iterator[_Axis]:
    made, read = makers.get(layer.name, ()), readers.get(layer.name, ())
    groups = int(layer.attributes.get("groups", 1)) if layer.kind in _CONVOLUTIONS else 1
    if not layer.shape:
        return
    if made:
        place, size = _out_axis(layer, made)
        whole = groups > 1 and groups >= min(layer.shape[1], layer.shape[0] // groups)
        if whole and layer.kind in _TRANSPOSED:
            place, size = 0, layer.shape[0]
        passes = whole or layer.kind not in _MAKING
        yield _Axis(place, size, _parts(size, made), out=True, passes=passes)
    if read and len(layer.shape) > 1:
        place = 0 if layer.kind in _TRANSPOSED else 1
        size = layer.shape[place]
        yield _Axis(place, size, _parts(size, read), out=False, passes=False)


def _out_axis(layer: LayerInfo, groups: Sequence[ChannelGroup]) -> tuple[int, int]:
    if layer.kind in _TRANSPOSED or layer.kind is LayerKind.EMBEDDING:
        return 1, layer.shape[1]
    if layer.kind is LayerKind.PARAMETER:
        wanted = sum(group.channels * group.unit for group in groups)
        fits = [i for i, size in enumerate(layer.shape) if size == wanted]
        place = fits[-1] if fits else max(range(len(layer.shape)), key=lambda i: layer.shape[i])
        return place, layer.shape[place]
    return 0, layer.shape[0]


def _parts(size: int, groups: Sequence[ChannelGroup]) -> tuple[_Part, ...]:
    """Divide an axis among groups."""
    if len(groups) == 1:
        return (_part(size, groups[0]),)
    whole = sum(group.channels * group.unit for group in groups)
    parts = []
    for group in groups:
        share = size * group.channels * group.unit // whole
        parts.append(_part(share, group))
    return tuple(parts)


def _part(size: int, group: ChannelGroup) -> _Part:
    if size % group.channels == 0:
        return _Part(group, group.channels, size // group.channels)
    width = group.unit if size % group.unit == 0 else 1
    return _Part(group, min(size // width, group.channels), width)


def _directions(layer: LayerInfo) -> int:
    """How many weights of the layer's shape it has: one for each direction of a recurrent one."""
    return 2 if layer.attributes.get("bidirectional") else 1


def _fewer_macs(layer: LayerInfo, macs: int, axis: _Axis, size: int) -> int:
    """MACs of a layer of which one axis shrinks.

    A recurrent layer applies all of its matrices at every step, and only those that read its input
    shrink.
    """
    if layer.kind not in _RECURRENT:
        return macs * size // axis.size
    directions, depth = _directions(layer), int(layer.attributes.get("layers", 1))
    biases = 2 * layer.shape[0] * directions * depth
    matrices = layer.parameters - biases
    if matrices <= 0 or macs % matrices:
        matrices = layer.parameters
    return macs - macs * directions * layer.shape[0] * (axis.size - size) // matrices


def _resized(
    layer: LayerInfo, shape: tuple[Dim, ...] | None, axis: _Axis, new: int
) -> tuple[Dim, ...] | None:
    """The shape of one sample with another number of channels."""
    if not shape:
        return shape
    old = axis.size
    place = len(shape) - 1 if layer.kind in _CHANNELS_LAST else 0
    if layer.kind is LayerKind.PARAMETER:
        place = min(axis.place, len(shape) - 1)
    size = shape[place]
    if not isinstance(size, int) or size % old:
        return shape
    return (*shape[:place], size // old * new, *shape[place + 1 :])


def _bytes(layer: LayerInfo, shape: tuple[int, ...], parameters: int) -> int:
    """Of all tensors after the change; buffers shrink as the parameters do."""
    old = layer.parameters or math.prod(layer.shape)
    new = parameters if layer.parameters else math.prod(shape)
    return layer.size_bytes * new // old if old else layer.size_bytes
