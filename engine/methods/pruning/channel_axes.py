"""Which axes of which layers lose something with a channel group, and what becomes of a layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.frozen import FrozenMap
from engine.info import ChannelGroup, Dim, LayerInfo, LayerKind
from engine.layer_table import LayerTable, changed

_TRANSPOSED = frozenset(
    {LayerKind.CONV_TRANSPOSE1D, LayerKind.CONV_TRANSPOSE2D, LayerKind.CONV_TRANSPOSE3D}
)
_CONVOLUTIONS = _TRANSPOSED | {LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D}
_CHANNELS_LAST = frozenset(
    {LayerKind.LINEAR, LayerKind.LAYER_NORM, LayerKind.RMS_NORM, LayerKind.EMBEDDING}
)
_MAKING = _CONVOLUTIONS | {LayerKind.LINEAR, LayerKind.EMBEDDING}
_RECURRENT = frozenset({LayerKind.LSTM, LayerKind.GRU, LayerKind.RNN})


@dataclass(frozen=True, slots=True)
class _Part:
    """The units of a group that lie on an axis: how many, and how many positions each takes."""

    group: ChannelGroup
    units: int
    width: int


@dataclass(frozen=True, slots=True)
class Axis:
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


class Structure:
    """What a layer table says of its channels, whatever is removed; kept with the table.

    Attributes:
        axes: Layer → its axes that can shrink.
        counted: Layers whose MACs are known.
        touched: Group id → the layers that lose something with it.
        layers: Layer and sizes of its axes → the smaller layer, as far as it was asked for: a
            slider that is dragged comes by the same sizes many times.
        groups: Group and its units → the smaller group, likewise.
    """

    def __init__(self, table: LayerTable) -> None:
        makers: dict[str, list[ChannelGroup]] = {}
        readers: dict[str, list[ChannelGroup]] = {}
        for group in table.groups:
            for name in group.layers:
                makers.setdefault(name, []).append(group)
            for name in group.consumers:
                readers.setdefault(name, []).append(group)
        self.axes = {
            layer.name: tuple(_axes(layer, makers, readers))
            for layer in table.layers
            if layer.name in makers or layer.name in readers
        }
        self.counted = tuple(layer.name for layer in table.layers if layer.macs)
        self.touched: dict[str, tuple[str, ...]] = {}
        for name, axes in self.axes.items():
            for axis in axes:
                for part in axis.parts:
                    known = self.touched.get(part.group.id, ())
                    if name not in known:
                        self.touched[part.group.id] = (*known, name)
        self.layers: dict[tuple[str | int, ...], LayerInfo] = {}
        self.groups: dict[tuple[str, int], ChannelGroup] = {}


def shrunk(layer: LayerInfo, axes: Sequence[Axis], sizes: Sequence[int]) -> LayerInfo:
    """A layer with other sizes of its axes."""
    if all(size == axis.size for axis, size in zip(axes, sizes, strict=True)):
        return layer
    shape = list(layer.shape)
    attributes = layer.attributes
    macs = layer.macs
    output, incoming = layer.output_shape, layer.input_shape
    activation = layer.activation_bytes
    copies = _directions(layer)
    others = layer.parameters - copies * math.prod(shape)  # bias; a norm's second vector
    for axis, size in zip(axes, sizes, strict=True):
        shape[axis.place] = size
        macs = None if macs is None else fewer_macs(layer, macs, axis, size)
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


def _axes(
    layer: LayerInfo,
    makers: Mapping[str, Sequence[ChannelGroup]],
    readers: Mapping[str, Sequence[ChannelGroup]],
) -> Iterator[Axis]:
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
        yield Axis(place, size, _parts(size, made), out=True, passes=passes)
    if read and len(layer.shape) > 1:
        place = 0 if layer.kind in _TRANSPOSED else 1
        size = layer.shape[place]
        yield Axis(place, size, _parts(size, read), out=False, passes=False)


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


def fewer_macs(layer: LayerInfo, macs: int, axis: Axis, size: int) -> int:
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
    layer: LayerInfo, shape: tuple[Dim, ...] | None, axis: Axis, new: int
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
