"""Colors of a graph's layers by a column of the layer table, and what the colors mean."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.info import LayerInfo
from engine.units import format_bytes, format_count, format_percent
from studio.document.facets import Facet
from studio.document.selectors import LayerRow
from studio.style.palette import Colors, sequential_map
from studio.widgets.graph.names import related
from studio.widgets.written import number_text

_STOPS = 9
"""Colors that a scale is drawn from."""
_WIDE = 30.0
"""Largest value by smallest, from which on the scale is logarithmic."""


class Column(enum.StrEnum):
    """What layers can be colored by."""

    KIND = "kind"
    """Nothing: the graph's own colors."""
    BYTES = "bytes"
    MACS = "macs"
    LATENCY = "latency"
    SENSITIVITY = "sensitivity"
    PRUNING = "pruning"
    BITS = "bits"
    CHANGED = "changed"


def column_words(column: Column) -> str:
    """A column's name, for people."""
    translate = QCoreApplication.translate
    return {
        Column.KIND: translate("GraphColors", "Kind"),
        Column.BYTES: translate("GraphColors", "Bytes"),
        Column.MACS: translate("GraphColors", "MACs"),
        Column.LATENCY: translate("GraphColors", "Share of latency"),
        Column.SENSITIVITY: translate("GraphColors", "Sensitivity"),
        Column.PRUNING: translate("GraphColors", "Pruning ratio"),
        Column.BITS: translate("GraphColors", "Weight bits"),
        Column.CHANGED: translate("GraphColors", "Changed by the recipe"),
    }[column]


@dataclass(frozen=True, slots=True)
class Tint:
    """Colors, and what they mean.

    Attributes:
        before: Layer → `#rrggbb`, for the network as it was opened.
        after: Likewise for the other network.
        ends: Words at the ends of the scale; empty for swatches.
        scale: Colors of the scale, from low to high.
        swatches: Colors with a word each.
        reason: Why there are no colors; empty where there are.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    ends: tuple[str, str] = ("", "")
    scale: tuple[str, ...] = ()
    swatches: tuple[tuple[str, str], ...] = ()
    reason: str = ""


NO_TINT = Tint({}, {})


def tint(
    column: Column, rows: Sequence[LayerRow], after: Sequence[LayerInfo], colors: Colors
) -> Tint:
    """Color the layers.

    Args:
        column: By what.
        rows: Of the layer table.
        after: Layers of the other network; none: there is no other.
        colors: In force.
    """
    if column is Column.KIND or not rows:
        return NO_TINT
    if column is Column.CHANGED:
        return _changed(rows, after, colors)
    if column is Column.BITS:
        return _bits(rows, after)
    values, text = _numbers(column, rows)
    others = _others(column, values, after)
    known = [value for value in (*values.values(), *others.values()) if math.isfinite(value)]
    if not known:
        return Tint({}, {}, reason=_missing(column))
    low = min(known) if column in (Column.BYTES, Column.MACS, Column.SENSITIVITY) else 0.0
    scale = _Scale(low, 1.0 if column is Column.PRUNING else max(known))
    return Tint(
        scale.colors(values),
        scale.colors(others),
        (text(scale.low), text(scale.high)),
        tuple(scale.color(number / (_STOPS - 1)) for number in range(_STOPS)),
    )


class _Scale:
    """Values to colors, from little to much."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self._log = low > 0 and high / low > _WIDE
        self._map = sequential_map()

    def colors(self, values: Mapping[str, float]) -> dict[str, str]:
        """A color for each that is known."""
        return {
            name: self.color(self._place(value))
            for name, value in values.items()
            if math.isfinite(value)
        }

    def color(self, place: float) -> str:
        """The color at 0…1 of the scale."""
        red, green, blue = (int(part) for part in self._map[round(255 * min(max(place, 0), 1))])
        return f"#{red:02x}{green:02x}{blue:02x}"

    def _place(self, value: float) -> float:
        if self.high <= self.low:
            return 1.0 if self.high > 0 else 0.0
        if self._log:
            return math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def _numbers(
    column: Column, rows: Sequence[LayerRow]
) -> tuple[dict[str, float], Callable[[float], str]]:
    """Layer → value (NaN: not known), and how a value is written."""
    if column is Column.BYTES:
        return {row.layer.name: float(row.layer.size_bytes) for row in rows}, format_bytes
    if column is Column.MACS:
        # A layer without multiplications has no place on a logarithmic scale.
        macs = {row.layer.name: float(row.layer.macs or math.nan) for row in rows}
        return macs, format_count
    if column is Column.LATENCY:
        shares = {row.layer.name: _known(row.latency_share) for row in rows}
        return shares, lambda value: format_percent(value, 1)
    if column is Column.PRUNING:
        ratios = {row.layer.name: _known(row.cells[Facet.PRUNE].value) for row in rows}
        return ratios, lambda value: format_percent(value, 0)
    losses = {
        row.layer.name: max((loss for _setting, loss in row.curve), default=math.nan)
        for row in rows
    }
    return {name: loss or math.nan for name, loss in losses.items()}, lambda value: number_text(
        value, 2
    )


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _others(
    column: Column, values: Mapping[str, float], after: Sequence[LayerInfo]
) -> dict[str, float]:
    """The other network's: its own bytes and MACs, else what its layers came from had."""
    if column is Column.BYTES:
        return {layer.name: float(layer.size_bytes) for layer in after}
    if column is Column.MACS:
        return {layer.name: float(layer.macs or math.nan) for layer in after}
    return {
        layer.name: values[found[0]] for layer in after if (found := related(layer.name, values))
    }


def _missing(column: Column) -> str:
    translate = QCoreApplication.translate
    return {
        Column.LATENCY: translate("GraphColors", "The latency has not been measured yet."),
        Column.SENSITIVITY: translate("GraphColors", "The sensitivity is not known yet."),
        Column.MACS: translate("GraphColors", "The shapes are not known, so the MACs are not."),
        Column.PRUNING: translate("GraphColors", "The recipe prunes no channels."),
    }.get(column, "")


def _changed(rows: Sequence[LayerRow], after: Sequence[LayerInfo], colors: Colors) -> Tint:
    translate = QCoreApplication.translate
    before = {
        row.layer.name: colors.accent
        if row.is_changed
        else colors.warning
        if row.locked
        else colors.original
        for row in rows
    }
    words = {
        colors.accent: translate("GraphColors", "Changed"),
        colors.original: translate("GraphColors", "As it was"),
        colors.warning: translate("GraphColors", "Locked"),
    }
    shown = set(before.values())
    return Tint(
        before,
        _same(before, after),
        swatches=tuple((color, text) for color, text in words.items() if color in shown),
    )


def _bits(rows: Sequence[LayerRow], after: Sequence[LayerInfo]) -> Tint:
    """One color for each number of bits; those that stay float have none."""
    translate = QCoreApplication.translate
    bits = {
        row.layer.name: int(value)
        for row in rows
        if (value := row.cells[Facet.WEIGHT_BITS].value) is not None
    }
    if not bits:
        return Tint({}, {}, reason=translate("GraphColors", "The recipe leaves all weights float."))
    scale = _Scale(0.0, 1.0)
    different = sorted(set(bits.values()))
    places = {
        number: 1.0 - at / max(len(different) - 1, 1) * 0.85 for at, number in enumerate(different)
    }
    before = {name: scale.color(places[number]) for name, number in bits.items()}
    text = translate("GraphColors", "{bits} bits")
    swatches = tuple((scale.color(places[n]), text.format(bits=n)) for n in different)
    return Tint(before, _same(before, after), swatches=swatches)


def _same(before: Mapping[str, str], after: Sequence[LayerInfo]) -> dict[str, str]:
    return {
        layer.name: before[found[0]] for layer in after if (found := related(layer.name, before))
    }
