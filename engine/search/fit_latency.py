"""Milliseconds of layers with settings: measured times, scaled by what the runtime gains from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engine.frozen import FrozenMap
from engine.info import LayerInfo, LayerLatency
from engine.layer_table import LayerTable
from engine.methods.pruning.channel_shapes import BLOCK

INTEGERS = 8
"""Weight bits with which kernels compute in integers; with fewer they compute in float."""
_EXTRA = 0.05
"""Part of a layer's time that one more operator in its place takes."""
_LEAST_SAVED = 0.02
"""Part of the original's time below which what is saved cannot be told from noise."""
_KEPT = (0.1, 2.0)


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """What the layers of a network take, as measured.

    Attributes:
        floats: Layer → milliseconds as it is.
        integers: Layer → milliseconds with weights and activations of 8 bits; those that are not
            known gain nothing.
        other_ms: Of everything else, whatever is chosen.
        kept: Part of what settings were predicted to save that a real file saved.
        integers_other_ms: Of everything else where all layers have 8 bits; None: not known.
    """

    floats: FrozenMap[float]
    integers: FrozenMap[float]
    other_ms: float
    kept: float = 1.0
    integers_other_ms: float | None = None

    @property
    def total_ms(self) -> float:
        """Of the network as it is."""
        return sum(self.floats.values()) + self.other_ms

    def other(self, *, integers: bool) -> float:
        """Milliseconds of everything besides the layers, as it is or with 8 bits throughout."""
        if not integers or self.integers_other_ms is None:
            return self.other_ms
        return self.other_ms + self.kept * (self.integers_other_ms - self.other_ms)

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
        times = self.integers if settings.get("uniform") == INTEGERS else self.floats
        total = 0.0
        for layer in before:
            old = self.floats.get(layer.name, 0.0)
            base = new = times.get(layer.name, old)
            work = _work(layer)
            if base and work:
                parts = [one for one in after.layers if _is_part(one.name, layer.name)]
                more = max(len(parts) - 1, 0) * _EXTRA
                new = base * (sum(map(_work, parts)) / work + more)
            total += old + self.kept * (new - old)
        return total

    def calibrated(self, predicted_ms: float, share: float) -> LayerTimes:
        """With what a real file told.

        Args:
            predicted_ms: Of what is in the file, by these times.
            share: Of the original's time that it takes, both measured in turns.
        """
        saved = 1 - predicted_ms / self.total_ms
        if not saved > _LEAST_SAVED:
            return self
        kept = self.kept * (1 - share) / saved
        return replace(self, kept=min(max(kept, _KEPT[0]), _KEPT[1]))


def times_of(
    floats: Sequence[LayerLatency], integers: Sequence[LayerLatency], layers: Sequence[LayerInfo]
) -> LayerTimes:
    """From two profiles: of the network as it is, and with 8 bits throughout."""
    names = {layer.name for layer in layers}
    known = {one.name: one.latency_ms for one in floats if one.name in names}
    faster = {one.name: one.latency_ms for one in integers if one.name in known}
    other = sum(one.latency_ms for one in floats) - sum(known.values())
    rest = sum(one.latency_ms for one in integers) - sum(faster.values()) if faster else None
    return LayerTimes(FrozenMap(known), FrozenMap(faster), other, integers_other_ms=rest)


def _work(layer: LayerInfo) -> float:
    """MACs with output channels in whole blocks."""
    if not layer.macs or not layer.shape:
        return float(layer.macs or 0)
    width = layer.shape[0]
    return layer.macs * (-(-width // BLOCK) * BLOCK) / width


def _is_part(name: str, layer: str) -> bool:
    return name == layer or name.startswith(f"{layer}.")
