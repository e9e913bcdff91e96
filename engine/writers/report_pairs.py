"""Which layer became which, how large both are, and in how many bits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine import units
from engine.info import LayerInfo, LayerKind

NORMS = frozenset(
    {
        LayerKind.BATCH_NORM,
        LayerKind.LAYER_NORM,
        LayerKind.GROUP_NORM,
        LayerKind.INSTANCE_NORM,
        LayerKind.RMS_NORM,
    }
)
_WIDTHS = {"float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "int8": 8, "uint8": 8}


@dataclass(frozen=True, slots=True)
class Pair:
    """A layer and what became of it.

    Attributes:
        before: None for a layer that is new.
        after: Nothing where it is gone; several where it was divided.
    """

    before: LayerInfo | None
    after: tuple[LayerInfo, ...] = ()

    @property
    def name(self) -> str:
        """Of the original layer, or of the new one."""
        return self.before.name if self.before else self.after[0].name

    @property
    def biggest(self) -> int:
        """Bytes, the larger of both."""
        return max(size_of(self.before), sum(map(size_of, self.after)))

    def macs(self) -> tuple[int | None, int | None]:
        """Before and after."""
        return (self.before.macs if self.before else None), total(one.macs for one in self.after)


def pairs(before: Sequence[LayerInfo], after: Sequence[LayerInfo]) -> tuple[Pair, ...]:
    """Each layer with the one of its name, or with the parts it was divided into (`name.part`)."""
    names = {layer.name for layer in before}
    found: dict[str, list[LayerInfo]] = {name: [] for name in names}
    new = []
    for layer in after:
        parent = _parent(layer.name, names)
        if parent is None:
            new.append(Pair(None, (layer,)))
        else:
            found[parent].append(layer)
    return (*(Pair(layer, tuple(found[layer.name])) for layer in before), *new)


def _parent(name: str, names: set[str]) -> str | None:
    """The longest original name that this one is, or is a part of."""
    while name not in names:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def bits_text(found: Sequence[LayerInfo]) -> str:
    """In how many bits the weights of these layers are stored: `8`, or `4 / 8`."""
    several = {_bits_of(layer) for layer in found} - {None}
    if not several:
        return units.UNKNOWN
    values = sorted(value for value in several if value is not None)
    return " / ".join(f"{value:.3g}" for value in values)


def most_bits(found: Sequence[LayerInfo]) -> float | None:
    """The largest of those numbers; None where there is none."""
    return max((value for value in map(_bits_of, found) if value is not None), default=None)


def _bits_of(layer: LayerInfo) -> float | None:
    """In which each weight is stored, from the bytes of the layer; None for normalizations."""
    values = math.prod(layer.shape)
    if layer.kind in NORMS or not values:
        return None
    stored = layer.size_bytes - 4 * max(layer.parameters - values, 0)  # biases stay float
    if stored >= 4 * values:
        return float(_WIDTHS.get(layer.dtype, 32))
    for bits in (8, 4, 2, 16):
        rest = stored - units.packed_bytes(values, bits)
        for scales in (1, *layer.shape[:2]):
            if rest - 4 * scales in (0, units.packed_bytes(scales, bits)):
                return float(bits)
    if stored == 2 * values:  # half precision has no scales
        return 16.0
    # Scales of groups take some bits more of each weight, less than the next width.
    return max((float(bits) for bits in (2, 4, 8, 16) if 8 * stored >= bits * values), default=None)


def size_of(layer: LayerInfo | None) -> int:
    """Bytes of a layer; those of shared weights count where they stand first."""
    return 0 if layer is None or layer.tied_to else layer.size_bytes


def total(values: Iterable[int | None]) -> int | None:
    """Of nothing, and of what is not known, nothing is known."""
    found = list(values)
    known = [value for value in found if value is not None]
    return sum(known) if found and len(known) == len(found) else None
