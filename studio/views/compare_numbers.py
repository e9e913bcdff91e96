"""Numbers of two networks side by side, and whether chance explains the difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.info import Compressed, Evaluation, LayerInfo, Metrics
from engine.trials import UNKNOWN as NO_LABEL
from engine.trials import Versus
from engine.units import (
    UNKNOWN,
    format_bytes,
    format_count,
    format_ms,
    format_percent,
    format_points,
)
from studio.document.state import DocumentState
from studio.views.trials_words import ORIGINAL, Line, accuracy_tip, accuracy_words, line_of
from studio.widgets.graph.names import related
from studio.widgets.written import number_text

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that are compared.

    Attributes:
        line: What it is, with its metrics.
        details: Everything its run told; None for the original, or while it is not known.
        evaluation: Its accuracy in full.
        layers: Of the network.
    """

    line: Line
    details: Compressed | None
    evaluation: Evaluation | None
    layers: tuple[LayerInfo, ...]


def side_of(state: DocumentState, number: int, other: int) -> Side | None:
    """A trial (0: the original) with what is known of it."""
    line = line_of(state, number)
    if line is None or state.info is None:
        return None
    details = state.details.get(str(number))
    if number != ORIGINAL:
        if details is None:
            return Side(line, None, None, ())
        return Side(line, details, details.evaluation, details.after.layers)
    beside = state.details.get(str(other))
    measured = None if beside is None else beside.original_evaluation
    return Side(line, None, measured or state.evaluation, state.info.layers)


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number of both.

    Attributes:
        title: What it is.
        first: In words.
        second: In words.
        change: In words.
        gain: Whether the second is better; None: neither, or not known.
        tips: For the two.
        about: More about the title.
    """

    title: str
    first: str
    second: str
    change: str = ""
    gain: bool | None = None
    tips: tuple[str, str] = ("", "")
    about: str = ""


def number_rows(first: Side, second: Side) -> tuple[NumberRow, ...]:
    """The table of metrics; rows of which neither number is known are left out."""
    a, b = first.line.metrics, second.line.metrics
    rows = [_accuracy_row(a, b)]
    rows += _evaluation_rows(first.evaluation, second.evaluation)
    rows.append(_divergence_row(first.line, second.line))
    for title, field, text in (
        (translate("Compare", "Size"), "size_bytes", format_bytes),
        (translate("Compare", "Parameters"), "parameters", format_count),
        (translate("Compare", "MACs"), "macs", format_count),
        (translate("Compare", "Activation memory"), "activation_bytes", format_bytes),
        (translate("Compare", "Latency"), "latency_ms", format_ms),
    ):
        rows.append(_smaller_row(title, getattr(a, field), getattr(b, field), text))
    return tuple(row for row in rows if (row.first, row.second) != (UNKNOWN, UNKNOWN))


def _accuracy_row(a: Metrics, b: Metrics) -> NumberRow:
    change, gain = "", None
    tips = (accuracy_tip(a), accuracy_tip(b))
    texts = (accuracy_words(a), accuracy_words(b))
    if a.top1 is not None and b.top1 is not None and a.source is b.source:
        change = format_points(b.top1 - a.top1)
        gain = None if a.top1 == b.top1 else b.top1 > a.top1
        if a.samples == b.samples:  # told apart in words only where they are not of one kind
            texts = (format_percent(a.top1), format_percent(b.top1))
    return NumberRow(translate("Compare", "Accuracy"), *texts, change, gain, tips)


def _evaluation_rows(a: Evaluation | None, b: Evaluation | None) -> list[NumberRow]:
    rows = []
    for title, field in (
        (translate("Compare", "Top five"), "top5"),
        (translate("Compare", "Agreement"), "agreement"),
    ):
        values = [None if one is None else getattr(one, field) for one in (a, b)]
        change, gain = "", None
        if values[0] is not None and values[1] is not None:
            change = format_points(values[1] - values[0])
            gain = None if values[0] == values[1] else values[1] > values[0]
        one, other = (format_percent(value) for value in values)
        about = translate("Compare", "With the original’s answers.") if field == "agreement" else ""
        rows.append(NumberRow(title, one, other, change, gain, about=about))
    losses = [None if one is None else one.loss for one in (a, b)]
    texts = [UNKNOWN if one is None else f"{one:.4f}" for one in losses]
    change, gain = "", None
    if losses[0] is not None and losses[1] is not None:
        change = (
            f"{losses[1] - losses[0]:+.4f}".replace("-", "−") if losses[0] != losses[1] else "0"
        )
        gain = None if losses[0] == losses[1] else losses[1] < losses[0]
    rows.append(NumberRow(translate("Compare", "Loss"), texts[0], texts[1], change, gain))
    return rows


def _divergence_row(first: Line, second: Line) -> NumberRow:
    """What each lost against the original: measured, and as it was predicted."""
    values = [0.0 if one.trial is None else one.trial.kl for one in (first, second)]
    texts = [
        _divergence_words(one, value) for one, value in zip((first, second), values, strict=True)
    ]
    change, gain = "", None
    if values[0] is not None and values[1] is not None:
        difference = values[1] - values[0]
        change = f"{'+' if difference >= 0 else ''}{number_text(difference, 2)}"
        gain = None if values[0] == values[1] else values[1] < values[0]
    if not any(
        one.trial is not None and (one.trial.kl or one.trial.forecast) for one in (first, second)
    ):
        texts = [UNKNOWN, UNKNOWN]
    about = translate(
        "Compare",
        "Mean KL divergence from the original’s outputs, in nats: measured, and with ~ as it was "
        "predicted before the run.",
    )
    title = translate("Compare", "Divergence")
    return NumberRow(title, texts[0], texts[1], change, gain, about=about)


def _divergence_words(line: Line, value: float | None) -> str:
    if line.trial is None:
        return "0"
    found = "" if value is None else number_text(value)
    expected = line.trial.forecast
    if expected is None or expected.others:
        return found or UNKNOWN
    guess = f"~{number_text(expected.loss)}"
    return translate("Compare", "{measured} ({predicted})").format(
        measured=found or UNKNOWN, predicted=guess
    )


def _smaller_row(
    title: str, a: float | None, b: float | None, text: Callable[[float | None], str]
) -> NumberRow:
    """A number of which less is better."""
    change, gain = "", None
    if a and b is not None:
        ratio = b / a - 1
        change = translate("Compare", "{sign}{percent}").format(
            sign="+" if ratio > 0 else "−" if ratio < 0 else "",
            percent=format_percent(abs(ratio), 1),
        )
        gain = None if abs(ratio) < 0.0005 else ratio < 0
    return NumberRow(title, text(a), text(b), change, gain)


# Layers


@dataclass(frozen=True, slots=True)
class LayerPair:
    """A layer of the network as it was opened, in both.

    Attributes:
        name: Of the layer.
        first: What it is in the first: shape, or the parts in its place; empty: it is gone.
        second: Likewise.
        first_bytes: Of all that stands in its place.
        second_bytes: Likewise.
        first_macs: None: not known.
        second_macs: Likewise.
    """

    name: str
    first: str
    second: str
    first_bytes: int
    second_bytes: int
    first_macs: int | None
    second_macs: int | None


def layer_pairs(
    layers: Sequence[LayerInfo], first: Sequence[LayerInfo], second: Sequence[LayerInfo]
) -> tuple[LayerPair, ...]:
    """Each layer as it was opened, and what stands in its place in the two networks."""
    sides = [_by_origin([layer.name for layer in layers], side) for side in (first, second)]
    pairs = []
    for layer in layers:
        one, other = (side.get(layer.name, []) for side in sides)
        pairs.append(
            LayerPair(
                layer.name,
                _shapes(one),
                _shapes(other),
                sum(part.size_bytes for part in one),
                sum(part.size_bytes for part in other),
                _macs(one),
                _macs(other),
            )
        )
    return tuple(pairs)


def _by_origin(names: Sequence[str], side: Sequence[LayerInfo]) -> dict[str, list[LayerInfo]]:
    known = dict.fromkeys(names)
    found: dict[str, list[LayerInfo]] = {}
    for part in side:
        for name in related(part.name, known):
            found.setdefault(name, []).append(part)
    return found


def _shapes(parts: Sequence[LayerInfo]) -> str:
    return " · ".join("×".join(str(size) for size in part.shape) for part in parts)


def _macs(parts: Sequence[LayerInfo]) -> int | None:
    values = [part.macs for part in parts if part.macs is not None]
    return sum(values) if len(values) == len(parts) else None


# Classes and samples


@dataclass(frozen=True, slots=True)
class ClassPair:
    """The accuracy of both on one class; None where it had no samples."""

    name: str
    samples: int | None
    first: float | None
    second: float | None


def class_pairs(found: Versus | None, first: Side, second: Side) -> tuple[ClassPair, ...]:
    """Per class: on the same samples where both have answered, else as each was measured."""
    if found is not None and found.per_class.size and int(found.per_class[:, 0].sum()):
        return tuple(
            ClassPair(
                _class_name(found.classes, number),
                int(samples),
                int(right) / int(samples) if samples else None,
                int(other) / int(samples) if samples else None,
            )
            for number, (samples, right, other) in enumerate(found.per_class.tolist())
        )
    a = () if first.evaluation is None else first.evaluation.per_class
    b = () if second.evaluation is None else second.evaluation.per_class
    labels = next((e.labels for e in (first.evaluation, second.evaluation) if e and e.labels), ())
    count = max(len(a), len(b))
    return tuple(
        ClassPair(
            _class_name(labels, number),
            None,
            a[number] if number < len(a) else None,
            b[number] if number < len(b) else None,
        )
        for number in range(count)
    )


def _class_name(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


def class_words(names: Sequence[str], number: int) -> str:
    """A class number in words."""
    return UNKNOWN if number == NO_LABEL else _class_name(names, number)


def lost_and_won(found: Versus) -> tuple[int, int]:
    """Samples that only the first has right, and that only the second has."""
    known = found.labels != NO_LABEL
    right, other = found.first == found.labels, found.second == found.labels
    return int(np.sum(known & right & ~other)), int(np.sum(known & ~right & other))


def chance(lost: int, won: int) -> float:
    """How often chance makes two equally good networks differ by this much or more.

    McNemar's exact test (McNemar 1947, *Psychometrika* 12): of the samples that only one has right,
    the first's are binomial with one half.
    """
    total, least = lost + won, min(lost, won)
    if not total:
        return 1.0
    logs = [
        math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
        for k in range(least + 1)
    ]
    top = max(logs)
    tail = math.exp(top - total * math.log(2)) * sum(math.exp(one - top) for one in logs)
    return min(1.0, 2 * tail)


def verdict_words(found: Versus) -> str:
    """The paired test in two sentences."""
    if not bool(np.any(found.labels != NO_LABEL)):
        changed = int(np.sum(found.first != found.second))
        text = translate("Compare", "Of the same {count:,} samples {changed:,} got another answer.")
        return text.format(count=len(found.indices), changed=changed)
    lost, won = lost_and_won(found)
    text = translate(
        "Compare", "Of the same {count:,} samples {lost:,} became wrong and {won:,} became right."
    )
    first = text.format(count=len(found.indices), lost=lost, won=won)
    if not lost + won:
        return first
    often = chance(lost, won)
    share = translate("Compare", "less than 0.1 %") if often < 0.001 else format_percent(often, 1)
    if often < 0.05:
        more = translate(
            "Compare", "Chance alone does that in {share} of cases, so it is hardly chance."
        )
    else:
        more = translate(
            "Compare", "Chance alone does that in {share} of cases, so it may well be chance."
        )
    return f"{first} {more.format(share=share)}"
