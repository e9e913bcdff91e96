"""What tooltips of the layer table say: where a setting comes from, and why there can be none."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from engine.registry import REGISTRY
from engine.units import format_bytes, format_count, format_ms
from studio.document.cells import Cell
from studio.document.selectors import LayerRow
from studio.views.layer_columns import FACETS, Column, members
from studio.widgets.written import number_text
from studio.words import word

translate = QCoreApplication.translate


def tip(row: LayerRow, column: Column) -> str:
    """What a cell's tooltip says."""
    facet = FACETS.get(column)
    if facet is not None:
        return facet_tip(row, row.cells[facet])
    found = _TIPS.get(column)
    return found(row) if found is not None else ""


def facet_tip(row: LayerRow, cell: Cell) -> str:
    """Where a setting comes from, or why there can be none."""
    lines = []
    if cell.reason:
        lines.append(word(cell.reason))
    elif row.locked:
        lines.append(
            translate(
                "Layers",
                "Locked (L): fit to budget and the slider for all layers leave it as you set it.",
            )
        )
    if cell.step is not None and not cell.reason:
        lines.append(_provenance(cell))
    if cell.editable and cell.value is None:
        lines.append(translate("Layers", "Nothing is done. Drag, type, or press Enter to set it."))
    if not cell.reason and not cell.method:
        lines.append(translate("Layers", "No step of the recipe knows this layer."))
    return "\n".join(lines)


def _provenance(cell: Cell) -> str:
    """Which rule or step a setting comes from."""
    method = REGISTRY.step(cell.method)
    assert cell.step is not None  # the caller has looked
    names = {
        "step": cell.step + 1,
        "title": word(method.title) if method is not None else cell.method,
        "rule": 0 if cell.rule is None else cell.rule + 1,
    }
    if cell.skipped:
        text = translate("Layers", "Left out by rule {rule} of step {step} ({title}).")
    elif cell.own:
        text = translate("Layers", "Rule {rule} of step {step} ({title}) says so.")
    else:
        text = translate("Layers", "From step {step} ({title}).")
    return text.format(**names)


def _name_tip(row: LayerRow) -> str:
    lines = [row.layer.name]
    if row.layer.source_name and row.layer.source_name != row.layer.name:
        text = translate("Layers", "In the file: {name}")
        lines.append(text.format(name=row.layer.source_name))
    if row.layer.tied_to:
        lines.append(
            translate("Layers", "Shares its weights with {name}.").format(name=row.layer.tied_to)
        )
    if row.locked:
        lines.append(translate("Layers", "Locked: only you change its settings."))
    lines += warnings(row)
    return "\n".join(lines)


def warnings(row: LayerRow) -> list[str]:
    """What to know about a layer before trusting or changing it."""
    found = [word(row.reason)] if row.reason else []
    histogram = row.layer.histogram
    if histogram is not None and histogram.nonfinite:
        text = translate("Layers", "{count} of its weights are NaN or infinite.")
        found.append(text.format(count=f"{histogram.nonfinite:,}"))
    return found


def _size_tip(row: LayerRow) -> str:
    text = translate("Layers", "{before} in the file; ~{after} after the recipe (predicted)")
    if row.size_bytes == row.layer.size_bytes:
        text = translate("Layers", "{before} in the file")
    return text.format(
        before=format_bytes(row.layer.size_bytes), after=format_bytes(row.size_bytes)
    )


def _macs_tip(row: LayerRow) -> str:
    if row.layer.macs is None:
        return translate("Layers", "Not known until the network is read")
    text = translate("Layers", "{before} for one sample; ~{after} after the recipe (predicted)")
    if row.macs == row.layer.macs:
        text = translate("Layers", "{before} for one sample")
    return text.format(before=format_count(row.layer.macs), after=format_count(row.macs))


def _time_tip(row: LayerRow) -> str:
    if row.latency_ms is None:
        return translate("Layers", "Not measured yet")
    text = translate("Layers", "{time} of the original's run, measured")
    return text.format(time=format_ms(row.latency_ms))


def _histogram_tip(row: LayerRow) -> str:
    found = row.layer.histogram
    if found is None:
        return ""
    text = translate("Layers", "Weights from {low} to {high}")
    if found.sampled:
        text = translate("Layers", "Weights from {low} to {high}, from a sample")
    return text.format(low=f"{found.low:.3g}", high=f"{found.high:.3g}")


def _curve_tip(row: LayerRow) -> str:
    if not row.curve:
        return translate("Layers", "Not known yet")
    measured = row.curve_measured or (False,) * len(row.curve)
    return "\n".join(
        translate("Layers", "{setting}: {loss}, measured").format(
            setting=f"{setting:g}", loss=number_text(loss)
        )
        if solid
        else translate("Layers", "{setting}: ~{loss}, estimated").format(
            setting=f"{setting:g}", loss=number_text(loss)
        )
        for (setting, loss), solid in zip(row.curve, measured, strict=True)
    )


def _group_tip(row: LayerRow) -> str:
    if row.group is None or members(row) < 2:
        return ""
    lines = [translate("Layers", "Channels that are removed together:"), *row.group.layers[:20]]
    if len(row.group.layers) > 20:
        lines.append("…")
    if row.group.frozen_reason:
        lines.append(word(row.group.frozen_reason))
    return "\n".join(lines)


_TIPS: dict[Column, Callable[[LayerRow], str]] = {
    Column.NAME: _name_tip,
    Column.SIZE: _size_tip,
    Column.MACS: _macs_tip,
    Column.LATENCY: _time_tip,
    Column.HISTOGRAM: _histogram_tip,
    Column.SENSITIVITY: _curve_tip,
    Column.GROUP: _group_tip,
}
