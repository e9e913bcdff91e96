"""Results as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.info import (
    AccuracySource,
    ChannelGroup,
    Evaluation,
    LayerInfo,
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


def network(info: NetworkInfo, *, every_group: bool = False) -> RenderableType:
    """Facts, layers, channel groups and warnings of a network."""
    parts: list[RenderableType] = [_facts(info), _layers(info.layers)]
    groups = [group for group in info.groups if every_group or len(group.layers) > 1]
    if groups:
        parts.append(_groups(groups))
    parts += [Text(f"! {warning}", style="yellow") for warning in info.warnings]
    return Group(*parts)


def _facts(info: NetworkInfo) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    table.add_row("network", f"{info.name} ({info.format.value})")
    table.add_row("inputs", ", ".join(map(_tensor, info.inputs)) or "–")
    table.add_row("outputs", ", ".join(map(_tensor, info.outputs)) or "–")
    table.add_row("parameters", f"{info.parameters:,}")
    table.add_row("file", units.format_bytes(info.size_bytes))
    table.add_row("MACs", "–" if info.macs is None else units.format_count(info.macs))
    if info.activation_bytes is not None:
        table.add_row("activations, peak", units.format_bytes(info.activation_bytes))
    if not info.runnable:
        table.add_row("opened for", "inspection and weight-only work")
    return table


def _tensor(info: TensorInfo) -> str:
    return f"{info.name} {'×'.join(map(str, info.shape)) or 'scalar'} {info.dtype}"


def _layers(layers: Sequence[LayerInfo]) -> RenderableType:
    """One line a layer; what holds some of them back stands below, once."""
    table = Table(title="Layers", title_justify="left", box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("shape", no_wrap=True)
    for title in ("parameters", "bytes", "MACs"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("group", overflow="ellipsis", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    held_back: dict[str, list[str]] = {}
    for layer in layers:
        verdict = "ok"
        if layer.verdict.reason:
            held_back.setdefault(layer.verdict.reason, []).append(layer.name)
            verdict = f"see {list(held_back).index(layer.verdict.reason) + 1}"
        table.add_row(
            layer.name,
            layer.kind.value,
            "×".join(map(str, layer.shape)),
            f"{layer.parameters:,}",
            units.format_bytes(layer.size_bytes),
            "–" if layer.macs is None else units.format_count(layer.macs),
            layer.group or "–",
            verdict,
        )
    if not held_back:
        return table
    notes = Table.grid(padding=(0, 1))
    notes.add_column(justify="right")
    for number, (reason, names) in enumerate(held_back.items(), start=1):
        notes.add_row(str(number), f"{reason} ({_some(names)})")
    return Group(table, notes)


def _some(names: Sequence[str], most: int = 4) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def _groups(groups: Iterable[ChannelGroup]) -> Table:
    table = Table(title="Channel groups", title_justify="left", box=None, pad_edge=False)
    table.add_column("id", overflow="fold")
    table.add_column("channels", justify="right")
    table.add_column("layers", overflow="fold")
    table.add_column("frozen because", overflow="fold")
    for group in groups:
        channels = f"{group.channels} × {group.unit}" if group.unit > 1 else str(group.channels)
        table.add_row(group.id, channels, ", ".join(group.layers), group.frozen_reason)
    return table


def profile(result: Profile) -> RenderableType:
    """The time of a run and of each layer."""
    head = Text(
        f"{units.format_ms(result.latency_ms)} ± {units.format_ms(result.latency_spread_ms)} "
        f"(median and quartile distance of {result.runs} runs, batch {result.batch}, "
        f"{result.threads} thread{'s' * (result.threads != 1)}, {result.runtime}, "
        f"{result.processor})"
    )
    table = Table(box=None, pad_edge=False)
    table.add_column("layer", overflow="fold")
    table.add_column("time", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    largest = max((one.share for one in result.layers), default=0.0) or 1.0
    for one in result.layers:
        bar = "█" * round(24 * one.share / largest)
        share = units.format_percent(one.share)
        table.add_row(one.name, units.format_ms(one.latency_ms), share, bar)
    return Group(head, table)


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
        "KL from reference": _number(result.kl),
        "largest difference": _number(result.max_abs_difference),
    }
    rows |= {name: _number(value) for name, value in result.errors.items()}
    for name, text_or_none in rows.items():
        if text_or_none is not None:
            table.add_row(name, text_or_none)
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
