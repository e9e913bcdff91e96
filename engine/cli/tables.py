"""Results as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from engine import units
from engine.info import (
    AccuracySource,
    ChannelGroup,
    Evaluation,
    LayerInfo,
    LayerKind,
    NetworkInfo,
    Profile,
    TensorInfo,
)

_SOURCES = {
    AccuracySource.LABELS: "labels",
    AccuracySource.AGREEMENT: "agreement with the reference",
    AccuracySource.SYNTHETIC: "agreement with the reference on synthetic samples",
}
_SHORT_CLASSES = 20
_UNBOUNDED = 1_000_000
_NORMS = {
    *(LayerKind.BATCH_NORM, LayerKind.LAYER_NORM, LayerKind.GROUP_NORM, LayerKind.INSTANCE_NORM),
    *(LayerKind.RMS_NORM, LayerKind.PRELU),
}
"""Layers that have a number or two per channel of the layer before them."""


class _First:
    """The first of several forms that fits the width, else the last."""

    def __init__(self, *forms: RenderableType) -> None:
        self._forms = forms

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        free = options.update_width(_UNBOUNDED)
        for form in self._forms[:-1]:
            if Measurement.get(console, free, form).maximum <= options.max_width:
                yield form
                return
        yield self._forms[-1]


def network(info: NetworkInfo) -> RenderableType:
    """Facts, layers, channel groups and warnings of a network."""
    parts: list[RenderableType] = [_facts(info), _layers(info.layers)]
    groups = [group for group in info.groups if _says_more(group, info.layers)]
    if groups:
        parts.append(_groups(groups))
    parts += [Text(f"! {warning}", style="yellow") for warning in info.warnings]
    return Group(*parts)


def _says_more(group: ChannelGroup, layers: Sequence[LayerInfo]) -> bool:
    """Whether a group couples layers that weigh, or is frozen for a reason that no layer gives."""
    members = [layer for layer in layers if layer.name in group.layers]
    told = {layer.verdict.reason for layer in members}
    coupled = sum(layer.kind not in _NORMS for layer in members) > 1
    return coupled or bool(group.frozen_reason and group.frozen_reason not in told)


def _facts(info: NetworkInfo) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("network", f"{info.name} ({info.format.value})")
    table.add_row("inputs", ", ".join(map(_tensor, info.inputs)) or "–")
    table.add_row("outputs", ", ".join(map(_tensor, info.outputs)) or "–")
    table.add_row("parameters", f"{info.parameters:,}")
    table.add_row("file", units.format_bytes(info.size_bytes))
    table.add_row("MACs", units.format_count(info.macs))
    if info.activation_bytes is not None:
        table.add_row("activations, peak", units.format_bytes(info.activation_bytes))
    if not info.runnable:
        table.add_row("opened for", "inspection and weight-only work")
    return table


def _tensor(info: TensorInfo) -> str:
    return f"{info.name} {'×'.join(map(str, info.shape)) or 'scalar'} {info.dtype}"


def _layers(layers: Sequence[LayerInfo]) -> RenderableType:
    """One line a layer; what holds some of them back stands below, once."""
    if not layers:
        return Text("It has no layers with weights.")
    reasons = dict.fromkeys(one.verdict.reason for one in layers if one.verdict.reason)
    number = {reason: place for place, reason in enumerate(reasons, start=1)}
    # Where there is little room the groups, which have a table of their own, go first.
    table = _First(_layer_table(layers, number), _layer_table(layers, number, grouped=False))
    if not reasons:
        return table
    notes = Table.grid(padding=(0, 1))
    notes.add_column(justify="right")
    notes.add_column(overflow="fold")
    for reason, place in number.items():
        names = [layer.name for layer in layers if layer.verdict.reason == reason]
        notes.add_row(str(place), f"{reason} ({_some(names)})")
    return Group(table, notes)


def _layer_table(
    layers: Sequence[LayerInfo], number: Mapping[str, int], *, grouped: bool = True
) -> RenderableType:
    table = Table(title="Layers", title_justify="left", box=None, pad_edge=False)
    for title in ("name", "kind", "shape"):
        table.add_column(title, overflow="fold")
    for title in ("parameters", "bytes", "MACs"):
        table.add_column(title, justify="right", overflow="fold")
    for title in ("group", "verdict") if grouped else ("verdict",):
        table.add_column(title, overflow="fold")
    for layer in layers:
        reason = layer.verdict.reason
        table.add_row(
            layer.name,
            layer.kind.value,
            "×".join(map(str, layer.shape)),
            f"{layer.parameters:,}",
            units.format_bytes(layer.size_bytes),
            units.format_count(layer.macs),
            *((layer.group or units.UNKNOWN,) if grouped else ()),
            f"see {number[reason]}" if reason else "ok",
        )
    return table


def _some(names: Sequence[str], most: int = 4) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _groups(groups: Sequence[ChannelGroup]) -> Table:
    table = Table(title="Channel groups", title_justify="left", box=None, pad_edge=False)
    frozen = any(group.frozen_reason for group in groups)
    table.add_column("id", overflow="fold")
    table.add_column("channels", justify="right", no_wrap=True)
    table.add_column("layers", overflow="fold")
    if frozen:
        table.add_column("frozen because", overflow="fold")
    for group in groups:
        channels = f"{group.channels} × {group.unit}" if group.unit > 1 else str(group.channels)
        reason = (group.frozen_reason,) if frozen else ()
        table.add_row(group.id, channels, ", ".join(group.layers), *reason)
    return table


def profile(result: Profile) -> RenderableType:
    """The time of a run and of each layer."""
    head = Text(
        f"{units.format_ms(result.latency_ms)} ± {units.format_ms(result.latency_spread_ms)} "
        f"(median and quartile distance of {result.runs} runs, batch {result.batch}, "
        f"{result.threads} thread{'s' * (result.threads != 1)}, {result.runtime}, "
        f"{result.processor})"
    )
    return Group(head, _First(_times(result, bars=True), _times(result, bars=False)))


def _times(result: Profile, *, bars: bool) -> RenderableType:
    table = Table(box=None, pad_edge=False)
    table.add_column("layer", overflow="fold")
    for title in ("time", "share"):
        table.add_column(title, justify="right", overflow="fold")
    largest = max((one.share for one in result.layers), default=0.0) or 1.0
    for one in result.layers:
        bar = ("█" * round(24 * one.share / largest),) if bars else ()
        table.add_row(
            one.name, units.format_ms(one.latency_ms), units.format_percent(one.share), *bar
        )
    return table


def evaluation(result: Evaluation) -> RenderableType:
    """Accuracy or agreement, with its source, and the classes where they are few."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    if result.top1 is not None:
        text = units.format_percent(result.top1, 2)
        if result.interval is not None:
            low, high = (units.format_percent(one, 2) for one in result.interval)
            text += f"  (95 % interval {low} to {high})"
        table.add_row("top-1", text)
    rows = {
        "top-5": None if result.top5 is None else units.format_percent(result.top5, 2),
        "loss": _number(result.loss),
        "agreement": None
        if result.agreement is None
        else units.format_percent(result.agreement, 2),
        "mean IoU": None if result.mean_iou is None else units.format_percent(result.mean_iou),
        "KL from reference": _number(result.kl),
        "largest difference": _number(result.max_abs_difference),
    }
    rows |= {name: _number(value) for name, value in result.errors.items()}
    for name, text_or_none in rows.items():
        if text_or_none is not None:
            table.add_row(name, text_or_none)
    if result.nonfinite:
        table.add_row("not finite", f"{result.nonfinite:,} answers are NaN or infinite")
    table.add_row("samples", f"{result.samples:,}")
    table.add_row("source", _SOURCES[result.source])
    table.add_row("measured in", result.runtime)
    parts: list[RenderableType] = [table]
    if 0 < len(result.per_class) <= _SHORT_CLASSES:
        parts.append(_classes(result))
    parts += [Text(f"! {note}", style="yellow") for note in result.notes]
    return Group(*parts)


def _classes(result: Evaluation) -> Table:
    table = Table(title="Classes", title_justify="left", box=None, pad_edge=False)
    table.add_column("class")
    table.add_column("accuracy", justify="right")
    table.add_column("most often taken for")
    for index, accuracy in enumerate(result.per_class):
        name = _class_name(result, index)
        taken_for = ""
        if result.confusion:
            others = [(n, j) for j, n in enumerate(result.confusion[index]) if j != index]
            count, other = max(others, default=(0, 0))
            if count:
                taken_for = f"{_class_name(result, other)} ({count})"
        table.add_row(
            name, "–" if accuracy is None else units.format_percent(accuracy, 2), taken_for
        )
    return table


def _class_name(result: Evaluation, index: int) -> str:
    return result.labels[index] if index < len(result.labels) else str(index)


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.4g}"
