"""The report's first page: what came of it in words, and the table before and after."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from engine import units
from engine.info import AccuracySource, Compressed, Evaluation
from engine.writers.report_html import (
    Cell,
    Column,
    Content,
    Html,
    element,
    join,
    paragraph,
    section,
    shortened,
    table,
)

_Z95 = 1.959963984540054
_UNIT = re.compile(r"(?<=\d) (?=(?:%|pt|points|[kKMGT]?B|ms|µs|s)(?!\w))")
"""Between a number and its unit, where no line may end."""
SAME = 0.03
"""Ratios this close to 1 are called the same: clocks are no better."""
MEASURED, COUNTED = "measured", "counted"
SOURCES = {
    AccuracySource.LABELS: "against the labels",
    AccuracySource.AGREEMENT: "agreement with the original, without labels",
    AccuracySource.SYNTHETIC: "agreement with the original on made-up samples",
}


def verdict(result: Compressed) -> Html:
    """The outcome in a sentence, and whether the file was checked."""
    text = f"{_sentence([_size(result), _speed(result)])} {_accuracy(result)}"
    first = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    if result.verified:
        check = (
            "Verified: the file was loaded again and gives the answers of the network in memory "
            f"(outputs differ by at most {_part(result.max_relative_difference)} of the largest)."
        )
    else:
        check = (
            "Not verified: nobody knows whether the file gives the answers of the network in "
            "memory. Do not rely on it."
        )
    return join(
        [
            paragraph(first, class_="verdict"),
            paragraph(check, class_="check good" if result.verified else "check bad"),
        ]
    )


def _part(ratio: float) -> str:
    """A share that may be tiny."""
    return units.format_percent(ratio, 1) if ratio >= 0.001 else f"{ratio:.1e}"


def _sentence(parts: Iterable[str]) -> str:
    said = [part for part in parts if part]
    if not said:
        return "The network was written to a new file."
    return f"The file {' and '.join(said)}."


def _size(result: Compressed) -> str:
    old, new = result.original.size_bytes, result.measured.size_bytes
    if not old or not new:
        return ""
    amounts = f"({units.format_bytes(old)} → {units.format_bytes(new)})"
    if abs(old / new - 1) < 0.005:
        return f"is as large as the original {amounts}"
    if new < old:
        return f"is {units.format_factor(old / new)} smaller {amounts}"
    return f"is {units.format_factor(new / old)} as large as the original {amounts}"


def _speed(result: Compressed) -> str:
    old, new = result.original.latency_ms, result.measured.latency_ms
    if not old or not new:
        return ""
    amounts = f"({units.format_ms(old)} → {units.format_ms(new)})"
    if abs(old / new - 1) < SAME:
        return f"runs as fast as before {amounts}"
    if new < old:
        return f"runs {units.format_factor(old / new)} faster {amounts}"
    return f"takes {units.format_factor(new / old)} the original’s time {amounts}"


def _accuracy(result: Compressed) -> str:
    after = result.evaluation
    if after is None:
        return "Its accuracy was not measured: there was no data."
    if after.top1 is None:
        return "How far its answers are from the truth stands below."
    value = units.format_percent(after.top1)
    if after.source is not AccuracySource.LABELS:
        kind = "made-up " if after.source is AccuracySource.SYNTHETIC else ""
        low, high = _interval(after)
        return (
            f"It gives the original’s class on {value} of {after.samples:,} {kind}samples"
            f"{_between(low, high, after.interval is not None)}; without labels nobody knows its "
            "accuracy."
        )
    before = result.original_evaluation
    if before is None or before.top1 is None:
        return f"Its top-1 accuracy is {value}."
    change = after.top1 - before.top1
    found = change_interval(before, after)
    interval = ""
    if found is not None:
        low, high = (units.format_points(end) for end in found)
        interval = f"; the 95 % interval of the change is {low} to {high}"
    old = units.format_percent(before.top1)
    if units.format_percent(before.top1) == value:
        return f"Its top-1 accuracy is the original’s, {value}{interval}."
    way = "lower" if change < 0 else "higher"
    points = units.format_points(change).lstrip("−+").replace("pt", "points")
    return f"Its top-1 accuracy is {points} {way} ({old} → {value}{interval})."


def _interval(one: Evaluation) -> tuple[str, str]:
    low, high = one.interval or (math.nan, math.nan)
    return units.format_percent(low), units.format_percent(high)


def _between(low: str, high: str, known: bool) -> str:
    return f" (95 % interval {low} to {high})" if known else ""


def change_interval(before: Evaluation, after: Evaluation) -> tuple[float, float] | None:
    """A 95 % interval of the change of accuracy that is not too narrow.

    Where it is known on how many samples both give the same class, at most the others can have
    become right or wrong: the interval for pairs (Agresti and Min 2005) with that bound for its
    discordant samples. Else the two are taken as independent (Newcombe 1998, method 10).
    """
    if before.top1 is None or after.top1 is None:
        return None
    change = after.top1 - before.top1
    samples = min(before.samples, after.samples)
    if after.agreement is not None and before.samples == after.samples and samples:
        discordant = max((1 - after.agreement) * samples, abs(change) * samples) + 1
        n = samples + 2
        center = change * samples / n
        half = _Z95 * math.sqrt(max(discordant - (change * samples) ** 2 / n, 0.0)) / n
        return center - half, center + half
    if before.interval is None or after.interval is None:
        return None
    (low_a, high_a), (low_b, high_b) = before.interval, after.interval
    down = math.hypot(after.top1 - low_b, high_a - before.top1)
    up = math.hypot(high_b - after.top1, before.top1 - low_a)
    return change - down, change + up


def comparison(result: Compressed) -> Html:
    """Before and after, each number with how it was found."""
    rows = [row for row in (*_amounts(result), *_answers(result)) if row]
    columns = [
        Column("Quantity"),
        Column("Original", numeric=True),
        Column("Compressed", numeric=True),
        Column("Change", numeric=True),
        Column("Predicted", numeric=True, hint="From shapes alone, before anything ran"),
    ]
    return section(
        "Before and after",
        table(columns, rows, caption="Before and after"),
        element("div", *map(paragraph, _explained(result)), class_="small"),
        anchor="before-and-after",
    )


def _explained(result: Compressed) -> Iterable[str]:
    """How the numbers of the table were found."""
    one = result.evaluation or result.original_evaluation
    if one is not None:
        where = f" in {one.runtime}" if one.runtime else ""
        interval = "; below it the 95 % interval" if one.interval else ""
        yield f"Accuracy: {one.samples:,} samples{where}, {SOURCES[one.source]}{interval}."
    profile = result.profile
    if profile is not None:
        threads = f"{profile.threads} thread{'s' * (profile.threads != 1)}"
        turns = ", both files in turns" if result.original_profile is not None else ""
        form = "" if result.format == "onnx" else ", the network written as ONNX"
        yield (
            f"Latency: median and distance between the quartiles of {profile.runs:,} runs in "
            f"{profile.runtime}{form}{turns}; batch {profile.batch}, {threads}, "
            f"{profile.processor}."
        )
    yield (
        "Counted: from the shapes of the network, for one sample. Activation memory is the peak of "
        "what is alive at once. Predicted: what the recipe promised, from shapes alone, before it "
        "ran."
    )


def _amounts(result: Compressed) -> Iterable[list[Cell]]:
    for title, field, write in (
        ("File size", "size_bytes", units.format_bytes),
        ("Parameters", "parameters", units.format_count),
        ("MACs", "macs", units.format_count),
        ("Activation memory", "activation_bytes", units.format_bytes),
        ("Latency", "latency_ms", units.format_ms),
    ):
        forms = (result.original, result.measured, result.predicted)
        old, new, guess = (getattr(form, field) for form in forms)
        how = MEASURED if field in ("size_bytes", "latency_ms") else COUNTED
        row = _row(title, how, (old, new, guess), write)
        yield _with_spread(row, result) if field == "latency_ms" else row


def _with_spread(row: list[Cell], result: Compressed) -> list[Cell]:
    profiles = (result.original_profile, result.profile)
    for place, profile in enumerate(profiles, start=1):
        if row and profile is not None:
            spread = element("small", f"± {units.format_ms(profile.latency_spread_ms)}")
            row[place] = Cell([row[place].content, spread], row[place].value, numeric=True)
    return row


def _row(
    title: str,
    how: str,
    values: tuple[float | None, float | None, float | None],
    write: Any,
) -> list[Cell]:
    """One quantity; nothing where neither value is known."""
    old, new, guess = values
    if old is None and new is None:
        return []
    return [
        Cell([title, element("small", how)]),
        Cell(write(old), old, numeric=True),
        Cell(write(new), new, numeric=True),
        Cell(_change(old, new), numeric=True),
        Cell(write(guess), guess, numeric=True),
    ]


def _change(old: float | None, new: float | None) -> Content:
    if not old or new is None:
        return units.UNKNOWN
    difference = round(100 * (new / old - 1), 1)
    sign = "−" if difference < 0 else "+" if difference > 0 else ""
    percent = f"{sign}{abs(difference):.1f} %"
    if new and old / new >= 1.995:
        return [percent, element("small", f"{units.format_factor(old / new)} less")]
    return percent


def _answers(result: Compressed) -> Iterable[list[Cell]]:
    before, after = result.original_evaluation, result.evaluation
    if after is not None and after.source is not AccuracySource.LABELS:
        before = None  # the original is the measure itself
    if before is not None or (after is not None and after.source is AccuracySource.LABELS):
        yield _ratio_row("Top-1", "top1", before, after, guess=result.predicted.top1)
        yield _ratio_row("Top-5", "top5", before, after)
        yield _ratio_row("Mean IoU", "mean_iou", before, after)
    found = [dict(one.errors) if one else {} for one in (before, after)]
    for name in dict.fromkeys((*found[0], *found[1])):
        yield _number_row(f"Error: {name}", found[0].get(name), found[1].get(name))
    yield _number_row("Loss", before.loss if before else None, after.loss if after else None)
    if after is None:
        return
    same = after.top1 if after.source is not AccuracySource.LABELS else after.agreement
    if same is not None:
        yield _single("Same class as the original", units.format_percent(same))
    if after.kl is not None:
        yield _single("KL divergence from the original, nats", _plain(after.kl))


def _ratio_row(
    title: str,
    field: str,
    before: Evaluation | None,
    after: Evaluation | None,
    guess: float | None = None,
) -> list[Cell]:
    """A share of right answers; below it its interval, which is that of top-1."""
    found = (before, after)
    old, new = (getattr(one, field) if one is not None else None for one in found)
    if old is None and new is None:
        return []
    cells = [Cell([title, element("small", MEASURED)])]
    for one, value in zip(found, (old, new), strict=True):
        content: list[Content] = [units.format_percent(value)]
        if field == "top1" and one is not None and one.interval is not None:
            low, high = _interval(one)
            content.append(element("small", f"{low.removesuffix(' %')} – {high}"))
        cells.append(Cell(content, value, numeric=True))
    difference = None if old is None or new is None else new - old
    cells.append(Cell(units.format_points(difference), difference, numeric=True))
    cells.append(Cell(units.format_percent(guess), guess, numeric=True))
    return cells


def _number_row(title: str, old: float | None, new: float | None) -> list[Cell]:
    if old is None and new is None:
        return []
    return [
        Cell([shortened(title), element("small", MEASURED)]),
        Cell(_plain(old), numeric=True),
        Cell(_plain(new), numeric=True),
        Cell(_change(old, new), numeric=True),
        Cell(units.UNKNOWN, numeric=True),
    ]


def _single(title: str, text: str) -> list[Cell]:
    empty = Cell("", numeric=True)
    return [
        Cell([title, element("small", MEASURED)]),
        empty,
        Cell(text, numeric=True),
        empty,
        empty,
    ]


def _plain(value: float | None) -> str:
    return units.UNKNOWN if value is None else f"{value:.4g}".replace("-", "−")
