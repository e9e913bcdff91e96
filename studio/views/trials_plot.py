"""Trials by two quantities of the user's choice, one against the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from engine.units import format_bytes, format_count, format_duration, format_ms, format_percent
from studio.views.trials_words import Line, recipe_words, source_words
from studio.widgets.plots.scatter import AxesScatter, Quantity, Spot

translate = QCoreApplication.translate


class TrialsPlot(AxesScatter):
    """A point for each trial, with the quantities that were measured of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        title = translate("TrialsPlot", "Trials by two quantities")
        super().__init__(title, _quantities(), ("size", "accuracy"), parent)
        for combo in (self.up, self.across):  # as narrow as it has to be
            policy = combo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            combo.setSizeAdjustPolicy(policy)
            combo.setMinimumContentsLength(6)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these trials."""
        self.set_spots([_spot(line) for line in lines])


def _quantities() -> tuple[Quantity, ...]:
    """What can be chosen, in the order of a spot's values."""
    return (
        Quantity("size", translate("TrialsPlot", "Size"), format_bytes),
        Quantity(
            "accuracy",
            translate("TrialsPlot", "Accuracy"),
            format_percent,
            lower_is_better=False,
        ),
        Quantity("latency", translate("TrialsPlot", "Latency"), format_ms),
        Quantity("macs", translate("TrialsPlot", "MACs"), format_count),
        Quantity("parameters", translate("TrialsPlot", "Parameters"), format_count),
        Quantity("memory", translate("TrialsPlot", "Activation memory"), format_bytes),
        Quantity("time", translate("TrialsPlot", "Time of the run"), format_duration),
    )


def _spot(line: Line) -> Spot:
    """A trial as a point; what was not measured is as it was predicted."""
    found, guess = line.metrics, line.predicted
    pairs = (
        (found.size_bytes, guess.size_bytes),
        (found.top1, None),
        (found.latency_ms, guess.latency_ms),
        (found.macs, guess.macs),
        (found.parameters, guess.parameters),
        (found.activation_bytes, guess.activation_bytes),
        (None if line.trial is None else line.trial.seconds, None),
    )
    values = [measured if measured is not None else other for measured, other in pairs]
    note = recipe_words(line.trial.recipe) if line.trial is not None else ""
    source = source_words(found.source)
    return Spot(
        line.id,
        line.name,
        tuple(math.nan if value is None else float(value) for value in values),
        measured=found.size_bytes is not None,
        original=line.trial is None,
        note=" · ".join(part for part in (source, note) if part),
    )
