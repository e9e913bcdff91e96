"""What a fit has come to, in words."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from engine.budget import Fitted, Solver, Tried
from engine.units import format_duration, format_percent
from studio.document.learned import measured
from studio.widgets.written import number_text
from studio.words import word

_PROVEN = 1e-4
"""Share by which a solution may miss the best one and still be called it."""
_NOTES = 3


def verdict(fitted: Fitted) -> tuple[str, str]:
    """How good an answer is and how it came about, and the tone to say it in."""
    translate = QCoreApplication.translate
    told = [_learned(fitted)] if fitted.tried else []
    if not fitted.met:
        text = translate("Fit", "Not all limits can be kept: this is the nearest that there is.")
        return "\n".join([text, *told]), "warning"
    told = told or [_solved(fitted)]
    return "\n".join([*told, *(word(note) for note in fitted.notes[:_NOTES])]), "secondary"


def _solved(fitted: Fitted) -> str:
    """Of the solver alone."""
    translate = QCoreApplication.translate
    if fitted.solver is Solver.GREEDY:
        text = translate("Fit", "Found in {count} steps, {time}.")
    elif not math.isfinite(fitted.gap):
        text = translate("Fit", "Found in {time}.")
    elif fitted.gap > _PROVEN:
        text = translate("Fit", "Found in {time}; a better one may be up to {gap} better.")
    else:
        text = translate("Fit", "The least predicted loss within these limits; found in {time}.")
    took = format_duration(fitted.solver_seconds)
    return text.format(count=len(fitted.walk), time=took, gap=format_percent(fitted.gap, 1))


def _learned(fitted: Fitted) -> str:
    """Of runs."""
    run = measured(fitted)
    losses = [one.finished.loss for one in fitted.tried if math.isfinite(one.finished.loss)]
    return _pattern(fitted, run).format(
        count=len(fitted.tried),
        samples="" if run is None else f"{run.finished.samples:,}",
        loss="" if run is None else number_text(run.finished.loss),
        first=number_text(fitted.tried[0].finished.loss),
        least=number_text(min(losses, default=math.nan)),
    )


def _pattern(fitted: Fitted, run: Tried | None) -> str:
    translate = QCoreApplication.translate
    if run is None:
        return translate(
            "Fit",
            "Learned from {count} runs, of which the best lost {least}. This recipe is what they "
            "lead to; it has not been run itself.",
        )
    if len(fitted.tried) == 1:
        return translate("Fit", "Measured on {samples} validation samples: loss {loss}.")
    if run.finished is fitted.tried[0].finished:
        return translate(
            "Fit",
            "Measured on {samples} validation samples: loss {loss}, in the first of {count} runs.",
        )
    return translate(
        "Fit",
        "Measured on {samples} validation samples: loss {loss}; the first of {count} runs lost "
        "{first}.",
    )
