"""Trials in words and numbers, for the table, the plot and the comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from engine.info import AccuracySource, Metrics
from engine.recipe.model import Recipe, Step
from engine.registry import REGISTRY
from engine.units import (
    UNKNOWN,
    format_bytes,
    format_count,
    format_duration,
    format_ms,
    format_percent,
)
from studio.document.facets import Facet
from studio.document.state import DocumentState
from studio.document.trial import Trial
from studio.forms.recipe_words import method_title, range_words, strength_range
from studio.forms.schema import fields_of
from studio.words import trial_name

translate = QCoreApplication.translate

ORIGINAL = 0
"""Id of the network as it was opened."""


@dataclass(frozen=True, slots=True)
class Line:
    """A trial (or the original) as the table shows it.

    Attributes:
        id: The trial's; 0 for the original.
        name: For people.
        metrics: Measured numbers.
        predicted: What was known before the run.
        trial: None for the original.
        is_base: The recipe in force was made from it.
    """

    id: int
    name: str
    metrics: Metrics
    predicted: Metrics
    trial: Trial | None = None
    is_base: bool = False


def lines(state: DocumentState) -> tuple[Line, ...]:
    """The original, then all trials that are not deleted, oldest first."""
    if state.info is None:
        return ()
    first = Line(
        ORIGINAL,
        translate("Trials", "Original"),
        state.original,
        Metrics(),
        is_base=state.base is None,
    )
    rest = (
        Line(
            one.id,
            trial_name(one.id, one.name),
            one.measured,
            one.predicted,
            one,
            state.base == one.id,
        )
        for one in state.trials
        if not one.deleted
    )
    return (first, *rest)


def line_of(state: DocumentState, number: int) -> Line | None:
    """A trial (0: the original) as a line."""
    return next((line for line in lines(state) if line.id == number), None)


def source_words(source: AccuracySource | None) -> str:
    """Where an accuracy comes from."""
    if source is AccuracySource.LABELS:
        return translate("Trials", "labels")
    if source is AccuracySource.AGREEMENT:
        return translate("Trials", "agreement with the original")
    if source is AccuracySource.SYNTHETIC:
        return translate("Trials", "agreement on synthetic data")
    return ""


def accuracy_words(metrics: Metrics) -> str:
    """An accuracy with its source and number of samples."""
    if metrics.top1 is None:
        return UNKNOWN
    short = {
        AccuracySource.LABELS: translate("Trials", "labels"),
        AccuracySource.AGREEMENT: translate("Trials", "agreement"),
        AccuracySource.SYNTHETIC: translate("Trials", "synthetic"),
    }.get(metrics.source or AccuracySource.LABELS, "")
    if metrics.samples is None:
        return f"{format_percent(metrics.top1)} ({short})"
    template = translate("Trials", "{percent} ({source}, {samples:,})")
    return template.format(
        percent=format_percent(metrics.top1), source=short, samples=metrics.samples
    )


def accuracy_tip(metrics: Metrics) -> str:
    """The same in a sentence, with the interval."""
    if metrics.top1 is None:
        return translate("Trials", "The accuracy is not known.")
    template = translate("Trials", "{percent} on {samples:,} samples, by {source}.")
    text = template.format(
        percent=format_percent(metrics.top1),
        samples=metrics.samples or 0,
        source=source_words(metrics.source),
    )
    if metrics.interval is None:
        return text
    low, high = (format_percent(end) for end in metrics.interval)
    more = translate("Trials", "With 95 % confidence it is between {low} and {high}.").format(
        low=low, high=high
    )
    return f"{text} {more}"


def number_words(
    value: float | None, guess: float | None, form: str, original: float | None = None
) -> str:
    """A measured number, else the predicted one with `~`, with what is left of the original's.

    Args:
        value: Measured; None: it was not.
        guess: Predicted.
        form: `bytes`, `count` or `ms`.
        original: The original's number; None: leave the share out.
    """
    formats = {"bytes": format_bytes, "count": format_count, "ms": format_ms}
    shown = value if value is not None else guess
    if shown is None:
        return UNKNOWN
    text = formats[form](shown)
    text = text if value is not None else f"~{text}"
    if not original:
        return text
    return translate("Trials", "{number} ({share})").format(
        number=text, share=format_percent(shown / original, 0)
    )


def time_words(seconds: float) -> str:
    """How long a run took."""
    return format_duration(seconds) if seconds else UNKNOWN


def created_words(text: str) -> str:
    """When a trial was made, in this place's time and form."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.ShortFormat)


def recipe_words(recipe: Recipe) -> str:
    """A recipe in one line: the methods in order, each with how strongly it compresses."""
    steps = [step_words(step) for step in recipe.steps if step.enabled]
    return " → ".join(steps) if steps else translate("Trials", "Nothing is done")


def step_words(step: Step) -> str:
    """A step in a few words: `Channel pruning 40 %`."""
    title, strength = method_title(step.method), _strength(step)
    if not strength:
        return title
    return translate("Trials", "{method} {setting}").format(method=title, setting=strength)


def _strength(step: Step) -> str:
    """How strongly a step compresses; empty where no one parameter says so."""
    method = REGISTRY.step(step.method)
    if method is None or method.axis is None:
        return ""
    fields = {one.name: one for one in fields_of(method.params)}
    names: tuple[str, ...] = (method.axis.field,)
    if method.axis.field == Facet.WEIGHT_BITS and Facet.ACTIVATION_BITS in fields:
        names = (Facet.WEIGHT_BITS, Facet.ACTIVATION_BITS)
    values = []
    for name in names:
        identity = method.axis.identity if name == method.axis.field else None
        try:
            values.append(range_words(fields[name], *strength_range(step, fields[name], identity)))
        except (TypeError, ValueError):  # of the wrong kind, which the recipe panel complains about
            return ""
    if len(values) == 2:
        return translate("Trials", "{weights}/{activations} bits").format(
            weights=values[0], activations=values[1]
        )
    return values[0]


def as_csv_rows(shown: Iterable[Line]) -> tuple[tuple[str, ...], list[list[str]]]:
    """Titles and lines with plain numbers: sizes in bytes, times in ms and s, ratios 0…1."""
    titles = (
        "id name parent created top1 source samples interval_low interval_high size_bytes "
        "parameters macs activation_bytes latency_ms seconds recipe remark"
    )
    return tuple(titles.split()), [_csv_row(line) for line in shown]


def _csv_row(line: Line) -> list[str]:
    metrics, trial = line.metrics, line.trial
    low, high = metrics.interval or (None, None)
    values: Sequence[object] = (
        line.id,
        line.name,
        None if trial is None else trial.parent,
        "" if trial is None else trial.created,
        metrics.top1,
        metrics.source.value if metrics.source else "",
        metrics.samples,
        low,
        high,
        metrics.size_bytes,
        metrics.parameters,
        metrics.macs,
        metrics.activation_bytes,
        metrics.latency_ms,
        None if trial is None else trial.seconds,
        "" if trial is None else recipe_words(trial.recipe),
        "" if trial is None else trial.remark,
    )
    return ["" if value is None else str(value) for value in values]
