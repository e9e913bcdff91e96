"""The result of a compression, for people: before and after, step by step."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.info import AccuracySource, Compressed, Metrics, StepResult

_ACCURACY = {
    AccuracySource.LABELS: "accuracy",
    AccuracySource.AGREEMENT: "agreement with the original",
    AccuracySource.SYNTHETIC: "agreement with the original, on noise",
}


def compression(result: Compressed) -> RenderableType:
    """Before and after, the steps, and what there is to say."""
    parts: list[RenderableType] = [before_and_after(result)]
    if result.steps:
        parts += [Text(), _steps(result.steps)]
    parts += [Text(f"! {note}", style="yellow") for note in result.notes]
    parts.append(_written(result))
    return Group(*parts)


def before_and_after(result: Compressed) -> Table:
    """Numbers of the original, predicted ones, and those measured on the written file."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for title in ("original", "predicted", "measured", "change"):
        table.add_column(title, justify="right")
    old, guess, new = result.original, result.predicted, result.measured
    rows: list[tuple[str, Callable[[float | None], str], str]] = [
        ("file", units.format_bytes, "size_bytes"),
        ("parameters", units.format_count, "parameters"),
        ("MACs", units.format_count, "macs"),
        ("activations, peak", units.format_bytes, "activation_bytes"),
        ("latency", units.format_ms, "latency_ms"),
    ]
    for title, form, field in rows:
        values = [getattr(one, field) for one in (old, guess, new)]
        words = ("faster", "slower") if field == "latency_ms" else ("smaller", "larger")
        change = _factor(values[0], values[2], *words)
        table.add_row(title, *(form(value) for value in values), change)
    table.add_row(*_accuracy(old, new))
    return table


def _factor(old: float | None, new: float | None, less: str, more: str) -> str:
    """How many times less or more it is: `2.69× smaller`."""
    if not old or not new:
        return units.UNKNOWN
    factor = units.format_factor(max(old / new, new / old))
    if factor == units.format_factor(1.0):
        return "the same"
    return f"{factor} {less if new < old else more}"


def _accuracy(old: Metrics, new: Metrics) -> tuple[str, ...]:
    title = _ACCURACY[new.source] if new.source else "accuracy"
    change = units.UNKNOWN
    if old.top1 is not None and new.top1 is not None:
        change = units.format_points(new.top1 - old.top1)
    shown = [units.format_percent(one.top1) for one in (old, new)]
    return (title, shown[0], units.UNKNOWN, shown[1], change)


def _steps(steps: tuple[StepResult, ...]) -> Table:
    table = Table(title="Steps", title_justify="left", box=None, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("method")
    for title in ("time", "parameters", "MACs", "accuracy"):
        table.add_column(title, justify="right")
    table.add_column("", overflow="fold")
    for one in steps:
        table.add_row(
            str(one.step + 1),
            one.method,
            "from before" if one.cached else units.format_duration(one.seconds),
            units.format_count(one.metrics.parameters),
            units.format_count(one.metrics.macs),
            units.format_percent(one.metrics.top1),
            " ".join(one.notes),
        )
    samples = {one.metrics.samples for one in steps if one.metrics.samples}
    if samples:
        table.caption = f"accuracy on {max(samples):,} evaluation samples, in memory"
        table.caption_justify = "left"
    return table


def _written(result: Compressed) -> Text:
    new = result.evaluation
    lines = [f"Wrote {result.file}"]
    if result.verified:
        difference = f"{result.max_relative_difference:.1e}"
        lines.append(
            "loaded it again and compared it with the network in memory "
            f"(largest difference {difference} of the largest output)"
        )
    text = ", ".join(lines) + "."
    if new is not None:
        text += f" Accuracy: {new.samples:,} samples, {new.runtime}."
    if result.report:
        text += f" Report: {result.report}."
    return Text(text)
