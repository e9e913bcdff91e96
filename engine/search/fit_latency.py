"""Milliseconds of layers with settings: measured times, scaled by what the runtime gains from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.frozen import FrozenMap
from engine.info import LayerInfo, LayerLatency
from engine.methods.pruning.channel_shapes import BLOCK
from engine.registry import LayerTable

_INT8 = 8
"""Weight bits with which kernels compute in integers; with fewer they compute in float."""
_EXTRA = 0.05
"""Part of a layer's time that one more operator in its place takes."""


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """What the layers of a network take, as measured.

    Attributes:
        floats: Layer → milliseconds as it is.
        integers: Layer → milliseconds with weights and activations of 8 bits; those that are not
            known gain nothing.
        other_ms: Of everything else, whatever is chosen.
    """

    floats: FrozenMap[float]
    integers: FrozenMap[float]
    other_ms: float

    @property
    def total_ms(self) -> float:
        """Of the network as it is."""
        return sum(self.floats.values()) + self.other_ms

    def of(
        self, before: Sequence[LayerInfo], after: LayerTable, settings: Mapping[str, float]
    ) -> float:
        """Milliseconds of layers with settings.

        MACs count as kernels compute them, with output channels in whole blocks. Zeros gain
        nothing, weights of other widths than 8 bits neither.

        Args:
            before: As they are.
            after: As they become; parts of a layer are its children.
            settings: Method → setting.
        """
        times = self.integers if settings.get("uniform") == _INT8 else self.floats
        total = 0.0
        for layer in before:
            base = times.get(layer.name, self.floats.get(layer.name, 0.0))
            work = _work(layer)
            if not base or not work:
                total += base
                continue
            parts = [one for one in after.layers if _is_part(one.name, layer.name)]
            more = max(len(parts) - 1, 0) * _EXTRA
            total += base * (sum(map(_work, parts)) / work + more)
        return total


def times_of(
    floats: Sequence[LayerLatency], integers: Sequence[LayerLatency], layers: Sequence[LayerInfo]
) -> LayerTimes:
    """From two profiles: of the network as it is, and with 8 bits throughout."""
    names = {layer.name for layer in layers}
    known = {one.name: one.latency_ms for one in floats if one.name in names}
    faster = {one.name: one.latency_ms for one in integers if one.name in known}
    other = sum(one.latency_ms for one in floats) - sum(known.values())
    return LayerTimes(FrozenMap(known), FrozenMap(faster), other)


def _work(layer: LayerInfo) -> float:
    """MACs with output channels in whole blocks."""
    if not layer.macs or not layer.shape:
        return float(layer.macs or 0)
    width = layer.shape[0]
    return layer.macs * (-(-width // BLOCK) * BLOCK) / width


def _is_part(name: str, layer: str) -> bool:
    return name == layer or name.startswith(f"{layer}.")
