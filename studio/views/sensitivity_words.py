"""Methods, settings and numbers of the cost table, in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.cost import CostTable, Floats, Grid
from engine.registry import REGISTRY
from engine.units import (
    UNKNOWN,
    format_bytes,
    format_count,
    format_ms,
    format_percent,
    format_points,
)
from studio.document.sensitivity import DROP, HIGH, LATENCY, LOSS, LOW, MACS, SIZE
from studio.widgets.written import number_text
from studio.words import word

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Shown:
    """A quantity that the map can show.

    Attributes:
        name: Id that stays the same in every language.
        title: For people.
        text: Writes a value.
        place: Of what it is made of, on the table's last axis.
        saved: It is what a setting takes away from the layer as it is.
        log: Its colors follow the logarithm at first.
    """

    name: str
    title: str
    text: Callable[[float], str]
    place: int
    saved: bool = False
    log: bool = True

    def values(self, table: CostTable) -> Floats:
        """`[layers, columns]`; NaN: not known."""
        found: Floats = table.values[:, :, self.place]
        if not self.saved:
            return found
        return table.baseline[:, self.place - SIZE, None] - found


def quantities() -> tuple[Shown, ...]:
    """What can be shown, the loss first."""
    return (
        Shown("loss", translate("Sensitivity", "Loss"), number_text, LOSS),
        Shown("drop", translate("Sensitivity", "Accuracy lost"), _points, DROP),
        Shown("bytes", translate("Sensitivity", "Bytes saved"), format_bytes, SIZE, saved=True),
        Shown("macs", translate("Sensitivity", "MACs saved"), format_count, MACS, saved=True),
        Shown("time", translate("Sensitivity", "Time saved"), format_ms, LATENCY, saved=True),
    )


def _points(value: float) -> str:
    return format_points(value).removeprefix("+") if math.isfinite(value) else UNKNOWN


def method_title(name: str) -> str:
    """A method for people."""
    method = REGISTRY.step(name)
    return word(method.title) if method is not None else name


def short_setting(grid: Grid, setting: float) -> str:
    """A setting: shares in percent, else the number."""
    if max(abs(one) for one in grid.settings) <= 1:
        return format_percent(setting, 0)
    return f"{setting:g}"


def heading(grid: Grid) -> str:
    """The method, and what its settings are."""
    method = REGISTRY.step(grid.method)
    if method is None or method.axis is None:
        return method_title(grid.method)
    field = method.params.model_fields[method.axis.field]
    return f"{word(method.title)}: {word(field.title or method.axis.field)}"


def setting_words(grid: Grid, setting: float) -> str:
    """A method's setting in short: `Uniform quantization, 4 bits`, `Channel pruning 30 %`."""
    method = REGISTRY.step(grid.method)
    if method is not None and method.axis is not None and method.axis.field.endswith("_bits"):
        return translate("Sensitivity", "{method}, {bits} bits").format(
            method=method_title(grid.method), bits=short_setting(grid, setting)
        )
    return translate("Sensitivity", "{method} {setting}").format(
        method=method_title(grid.method), setting=short_setting(grid, setting)
    )


def layers_words(layers: tuple[str, ...]) -> str:
    """A layer, or a channel group by its first member."""
    if len(layers) == 1:
        return layers[0]
    text = translate("Sensitivity", "{layer} and {count} more")
    return text.format(layer=layers[0], count=len(layers) - 1)


def loss_words(loss: float, *, measured: bool) -> str:
    """A loss, with `~` where it is estimated."""
    return number_text(loss, 2) if measured else f"~{number_text(loss, 2)}"


def cell_words(table: CostTable, row: int, column: int) -> str:
    """What the tooltip of a cell says besides its value: interval, what it saves, how it is known.

    Args:
        table: Costs.
        row: Of it.
        column: Of it.
    """
    values, measured = table.values[row, column], table.measured[row, column]
    lines = []
    if math.isfinite(values[LOW]) and math.isfinite(values[HIGH]):
        text = translate("Sensitivity", "Loss between {low} and {high} with 95 % confidence")
        ends = {"low": number_text(float(values[LOW])), "high": number_text(float(values[HIGH]))}
        lines.append(text.format(**ends))
    if math.isfinite(values[DROP]):
        sign = "" if measured[DROP] else "~"
        text = translate("Sensitivity", "Accuracy {points}")
        lines.append(text.format(points=sign + format_points(-float(values[DROP]))))
    lines += _savings(table, row, column)
    return "\n".join(lines)


def _savings(table: CostTable, row: int, column: int) -> list[str]:
    parts: tuple[tuple[int, str, Callable[[float], str]], ...] = (
        (SIZE, translate("Sensitivity", "Bytes: {before} → {after}"), format_bytes),
        (MACS, translate("Sensitivity", "MACs: {before} → {after}"), format_count),
        (LATENCY, translate("Sensitivity", "Time: {before} → {after}"), format_ms),
    )
    lines = []
    for place, text, write in parts:
        before = float(table.baseline[row, place - SIZE])
        after = float(table.values[row, column, place])
        if math.isfinite(before) and math.isfinite(after):
            sign = "" if table.measured[row, column, place] else "~"
            lines.append(text.format(before=write(before), after=sign + write(after)))
    return lines
