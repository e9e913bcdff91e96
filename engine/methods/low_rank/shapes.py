"""What layers become when they are factored: shapes, sizes and MACs, from the layer table alone.

The methods predict with this, and decide with it whether a layer is worth it, so that what is
predicted is what is made. Light: no torch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.frozen import FrozenMap
from engine.info import Dim, LayerInfo, LayerKind
from engine.layer_table import LayerTable, changed
from engine.methods.low_rank.chains import Attributes, with_chains
from engine.methods.low_rank.ranks import RankBy, RankParams, rounded
from engine.registry import Choices, Predict

Ranks = tuple[int, ...]
"""`(rank,)` of a matrix; `(rank of the inputs, rank of the outputs)` of a Tucker decomposition."""
Pair = tuple[int | str, int | str]
"""Of a setting in height and in width; a word is for both."""

CONVOLUTIONS = frozenset({LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D})
V, CORE, U = "v", "core", "u"
"""Names of the parts: `u(v(x))` or `u(core(v(x)))`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Layers that share one weight and have one setting; most have one layer.

    Attributes:
        owner: The first of them.
        layers: All, the owner too.
        params: Their setting.
    """

    owner: LayerInfo
    layers: tuple[LayerInfo, ...]
    params: RankParams


@dataclass(frozen=True, slots=True)
class Form:
    """A way to factor a layer.

    Attributes:
        names: Of the parts, in the order they are called.
        add_bias: The last part gets a bias even where the layer has none.
        spatial: The first part has the kernel's height and the last its width.
    """

    names: tuple[str, ...] = (V, U)
    add_bias: bool = False
    spatial: bool = False

    @property
    def is_tucker(self) -> bool:
        """Whether inputs and outputs have ranks of their own."""
        return CORE in self.names


def units_of(layers: Sequence[LayerInfo], choices: Choices) -> tuple[Unit, ...]:
    """The chosen layers, those that share weights together, in execution order."""
    found: dict[str, list[LayerInfo]] = {}
    for layer in layers:
        if layer.name in choices:
            found.setdefault(layer.tied_to or layer.name, []).append(layer)
    units = []
    for members in found.values():
        params = choices[members[0].name]
        assert isinstance(params, RankParams)
        units.append(Unit(members[0], tuple(members), params))
    return tuple(units)


def matrix_shape(layer: LayerInfo) -> tuple[int, int]:
    """Rows (outputs) and columns (inputs under the kernel) of the layer's weight as a matrix."""
    return layer.shape[0], math.prod(layer.shape[1:])


def full_ranks(layer: LayerInfo, form: Form) -> Ranks:
    """The ranks with which nothing is lost."""
    rows, columns = matrix_shape(layer)
    if form.spatial:
        _, inputs, height, width = layer.shape
        return (min(inputs * height, rows * width),)
    if not form.is_tucker:
        return (min(rows, columns),)
    kernel = math.prod(layer.shape[2:])
    return min(layer.shape[1], rows * kernel), min(rows, columns)


def shape_ranks(layer: LayerInfo, params: RankParams, form: Form) -> Ranks | None:
    """The ranks that follow from shapes alone; None where they depend on the weights."""
    full = full_ranks(layer, form)
    match params.rank_by:
        case RankBy.NUMBER:
            wanted = [params.rank] * len(full)
            if form.is_tucker:
                wanted[0] = getattr(params, "input_rank", 0) or params.rank
            return tuple(min(a, b) for a, b in zip(wanted, full, strict=True))
        case RankBy.RATIO:
            found = tuple(max(1, round(params.ratio * rank)) for rank in full)
        case RankBy.SIZE:
            found = _ranks_by_size(layer, params.size, form)
        case _:
            return None
    return tuple(rounded(rank, params) for rank in found)


def guessed_ranks(layer: LayerInfo, params: RankParams, form: Form) -> Ranks:
    """What trained layers often come to where the rank depends on the weights.

    Never so much that the layer would not become smaller: a later rule may name its parts.
    """
    full = full_ranks(layer, form)
    share = params.energy**4 if params.rank_by is RankBy.ENERGY else 0.25
    ranks = tuple(max(1, round(share * rank)) for rank in full)
    most = _ranks_by_size(layer, 0.95, form)
    return tuple(rounded(min(a, b), params) for a, b in zip(ranks, most, strict=True))


def _ranks_by_size(layer: LayerInfo, share: float, form: Form) -> Ranks:
    """The highest ranks whose parts take no more than a share of the layer's bytes.

    The two ranks of a Tucker decomposition are the same part of their full ranks.
    """
    budget = share * layer.size_bytes
    full = full_ranks(layer, form)
    steps = max(full)

    def at(step: int) -> Ranks:
        return tuple(max(1, step * rank // steps) for rank in full)

    low, high = 1, steps
    while low < high:
        middle = (low + high + 1) // 2
        if factored_bytes(layer, at(middle), form) <= budget:
            low = middle
        else:
            high = middle - 1
    return at(low)


def _weights(layer: LayerInfo, ranks: Ranks, form: Form) -> tuple[tuple[int, ...], ...]:
    """Shapes of the parts' weights."""
    rows = layer.shape[0]
    if layer.kind is LayerKind.EMBEDDING:
        return (rows, ranks[0]), (layer.shape[1], ranks[0])
    if form.spatial:
        _, inputs, height, width = layer.shape
        return (ranks[0], inputs, height, 1), (rows, ranks[0], 1, width)
    if form.is_tucker:
        ones = (1,) * (len(layer.shape) - 2)
        inner, outer = ranks
        return (
            (inner, layer.shape[1], *ones),
            (outer, inner, *layer.shape[2:]),
            (rows, outer, *ones),
        )
    ones = (1,) * (len(layer.shape) - 2)
    return (ranks[0], *layer.shape[1:]), (rows, ranks[0], *ones)


def _bias(layer: LayerInfo, form: Form) -> int:
    """Values of the last part's bias."""
    has = layer.parameters > math.prod(layer.shape)
    return layer.shape[0] if has or form.add_bias else 0


def _item_bytes(layer: LayerInfo) -> int:
    try:
        return np.dtype(layer.dtype).itemsize
    except TypeError:  # bfloat16, which numpy does not know
        return 2


def factored_bytes(layer: LayerInfo, ranks: Ranks, form: Form) -> int:
    """Bytes of the parts that take a layer's place."""
    values = sum(math.prod(shape) for shape in _weights(layer, ranks, form)) + _bias(layer, form)
    return values * _item_bytes(layer)


def parts_of(layer: LayerInfo, ranks: Ranks, form: Form) -> tuple[LayerInfo, ...]:
    """The rows of the layer table that take the layer's place."""
    weights = _weights(layer, ranks, form)
    parts: list[LayerInfo] = []
    for number, (name, shape) in enumerate(zip(form.names, weights, strict=True)):
        last = number == len(weights) - 1
        values = math.prod(shape) + (_bias(layer, form) if last else 0)
        before = layer.input_shape if number == 0 else parts[-1].output_shape
        after = layer.output_shape if last else _intermediate(layer, shape[0], number, form)
        part = changed(
            layer,
            name=f"{layer.name}.{name}",
            kind=_kind(layer, last=last),
            shape=shape,
            parameters=values,
            size_bytes=values * _item_bytes(layer),
            input_shape=before,
            output_shape=after,
            attributes=_attributes(layer, number, form),
            source_name="",
            tied_to=f"{layer.tied_to}.{name}" if layer.tied_to else "",
            multiplications=None,
            histogram=None,
        )
        if layer.kind is LayerKind.EMBEDDING and not last:
            part = changed(part, output_shape=_resized(layer, ranks[0]))
        parts.append(_counted(layer, part, number, form))
    return tuple(parts)


def _kind(layer: LayerInfo, *, last: bool) -> LayerKind:
    return LayerKind.LINEAR if layer.kind is LayerKind.EMBEDDING and last else layer.kind


def _resized(layer: LayerInfo, channels: int) -> tuple[Dim, ...] | None:
    """The layer's output shape with another number of channels."""
    shape = layer.output_shape
    if shape is None or not shape:
        return shape
    if layer.kind in CONVOLUTIONS:
        return (channels, *shape[1:])
    return (*shape[:-1], channels)


def _intermediate(
    layer: LayerInfo, channels: int, number: int, form: Form
) -> tuple[Dim, ...] | None:
    """The output of a part that is not the last: a Tucker decomposition begins at the input's."""
    if form.is_tucker and number == 0:
        return None if layer.input_shape is None else (channels, *layer.input_shape[1:])
    if form.spatial and layer.input_shape is not None and layer.output_shape is not None:
        return (channels, layer.output_shape[1], layer.input_shape[2])
    return _resized(layer, channels)


_PLAIN_CONVOLUTION: dict[str, int] = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}


def _attributes(layer: LayerInfo, number: int, form: Form) -> Attributes:
    """The middle of a Tucker decomposition, and else the first part, does what the layer did.

    Of spatial parts each does it in its direction.
    """
    if form.spatial:
        return _in_one_direction(layer.attributes, number)
    if number == (1 if form.is_tucker else 0):
        return layer.attributes
    calls = {key: value for key, value in layer.attributes.items() if key == "calls"}
    plain = _PLAIN_CONVOLUTION if layer.kind in CONVOLUTIONS else {}
    return FrozenMap({**plain, **calls})


def _in_one_direction(attributes: Attributes, direction: int) -> Attributes:
    """Settings of a convolution in height (0) or width (1) alone."""
    found = dict(attributes)
    for key, plain in _PLAIN_CONVOLUTION.items():
        pair = _pair(attributes.get(key, plain))
        if key == "groups" or any(isinstance(one, str) for one in pair):
            continue
        both = (pair[0], plain) if direction == 0 else (plain, pair[1])
        found[key] = both[0] if both[0] == both[1] else f"{both[0]}x{both[1]}"
    return FrozenMap(found)


def _pair(value: float | str | bool) -> Pair:
    """`3` or `3x5` in height and width; a word such as `same` is for both."""
    if not isinstance(value, str):
        return int(value), int(value)
    height, cross, width = value.partition("x")
    return (int(height), int(width)) if cross and height.isdigit() else (value, value)


def _wider(layer: LayerInfo) -> tuple[int, int]:
    """Columns of the input and of the output; where they are not known, by the stride."""
    before, after = (layer.input_shape or ())[-1:], (layer.output_shape or ())[-1:]
    if before and after and isinstance(before[0], int) and isinstance(after[0], int) and after[0]:
        return before[0], after[0]
    stride = _pair(layer.attributes.get("stride", 1))[1]
    return (stride, 1) if isinstance(stride, int) else (1, 1)


def _counted(layer: LayerInfo, part: LayerInfo, number: int, form: Form) -> LayerInfo:
    """With MACs and activation bytes; positions follow from the layer's own MACs."""
    if layer.kind is LayerKind.EMBEDDING:
        known = layer.activation_bytes is not None
        outputs = (layer.activation_bytes or 0) // (_item_bytes(layer) * layer.shape[1])
        macs = None if not known else outputs * math.prod(part.shape) if number else 0
        width = part.shape[1] if number == 0 else part.shape[0]
        each = outputs * width * _item_bytes(layer)
        return changed(part, macs=macs, activation_bytes=each if known else None)
    rows, columns = matrix_shape(layer)
    macs = activation = None
    if layer.macs is not None:
        positions = layer.macs // (rows * columns)
        if form.is_tucker and number == 0:
            positions = _input_positions(layer)
        if form.spatial and number == 0:
            wide, narrow = _wider(layer)
            positions = positions * wide // narrow
        macs = positions * math.prod(part.shape)
    if layer.activation_bytes is not None:
        activation = layer.activation_bytes * part.shape[0] // rows
        if form.is_tucker and number == 0:
            calls = int(layer.attributes.get("calls", 1))
            activation = _input_positions(layer) // calls * part.shape[0] * _item_bytes(layer)
        if form.spatial and number == 0:
            wide, narrow = _wider(layer)
            activation = activation * wide // narrow
    return changed(part, macs=macs, activation_bytes=activation)


def _input_positions(layer: LayerInfo) -> int:
    """Positions of the input, over all calls; 0 where not known."""
    sizes = (layer.input_shape or (0, 0))[1:]
    if not all(isinstance(size, int) for size in sizes):
        return 0
    return math.prod(int(size) for size in sizes) * int(layer.attributes.get("calls", 1))


def refusal(unit: Unit, ranks: Ranks, form: Form) -> str:
    """Why a unit stays as it is, in one sentence; "" if it is replaced."""
    kinds = {layer.kind for layer in unit.layers}
    if len(kinds) > 1:
        names = " and ".join(layer.name for layer in unit.layers)
        return f"{names} are of different kinds and share their weights, so they stay as they are."
    owner = unit.owner
    shown = " and ".join(str(rank) for rank in ranks)
    chains = [parts_of(layer, ranks, form) for layer in unit.layers]
    if sum(part.size_bytes for part in chains[0]) >= owner.size_bytes:
        return f"{owner.name} was left as it is: with rank {shown} it would not be smaller."
    before = [layer.macs for layer in unit.layers]
    after = [part.macs for chain in chains for part in chain]
    if owner.kind is not LayerKind.EMBEDDING and None not in before and None not in after:
        total = sum(macs for macs in before if macs is not None)
        if sum(macs for macs in after if macs is not None) > total:
            return f"{owner.name} was left as it is: with rank {shown} it would need more MACs."
    return ""


def predict_with(form_of: Callable[[RankParams], Form]) -> Predict:
    """The prediction of a method whose parts have the form that its settings say."""

    def predict(table: LayerTable, choices: Choices) -> LayerTable:
        chains: dict[str, tuple[LayerInfo, ...]] = {}
        for unit in units_of(table.layers, choices):
            form = form_of(unit.params)
            ranks = shape_ranks(unit.owner, unit.params, form)
            if ranks is None:
                ranks = guessed_ranks(unit.owner, unit.params, form)
            if not refusal(unit, ranks, form):
                chains |= {layer.name: parts_of(layer, ranks, form) for layer in unit.layers}
        return with_chains(table, chains)

    return predict
