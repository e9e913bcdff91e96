"""Where the numbers of the sensitivity view are from: measured, estimated, or the weights alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.cost import CostTable
from engine.costs_measured import table_as_csv
from engine.details import WeightFigures
from engine.jobs.looks import FiguresLook
from engine.units import format_percent
from studio.document.forecast import known_losses
from studio.document.looks import look_for
from studio.document.messages import Ask
from studio.document.sensitivity import LOSS, table_of_figures
from studio.document.state import DocumentState, JobState, Opening, Purpose

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class MapSource:
    """What the map shows.

    Attributes:
        table: Costs; None: nothing is known.
        weights_alone: Its losses are of the weights, not of the network's answers.
        of: What it was made of: the same object, the same table.
    """

    table: CostTable | None = field(default=None, compare=False)
    weights_alone: bool = False
    of: int = 0


_made: dict[tuple[int, int], tuple[object, object, CostTable]] = {}
"""The last table made of figures, by the objects that it was made of, which it keeps alive."""


def source_of(state: DocumentState) -> MapSource:
    """The cost table where it tells of losses, else what the weights tell, else nothing."""
    if known_losses(state.cost):
        return MapSource(state.cost, weights_alone=False, of=id(state.cost))
    figures = _figures(state)
    if figures is None:
        return MapSource()
    key = (id(figures), id(state.cost))
    if key not in _made:
        _made.clear()
        _made[key] = (figures, state.cost, table_of_figures(figures, state.cost))
    return MapSource(_made[key][2], weights_alone=True, of=id(_made[key][2]))


def _figures(state: DocumentState) -> WeightFigures | None:
    if state.model.source is None:
        return None
    look = look_for(state, FiguresLook(state.model.source))
    return look.result if look is not None and isinstance(look.result, WeightFigures) else None


def figures_wish(state: DocumentState) -> Ask | None:
    """The question about the weights, where it is to be asked now."""
    if known_losses(state.cost) or state.model.opening is not Opening.READY:
        return None
    if state.model.source is None:
        return None
    request = FiguresLook(state.model.source)
    return Ask(request) if look_for(state, request) is None else None


def _job(state: DocumentState, purpose: Purpose) -> JobState | None:
    return next(
        (job for job in state.jobs if job.purpose is purpose and not job.status.is_over), None
    )


def estimating(state: DocumentState) -> JobState | None:
    """The job that estimates costs, if one waits or runs."""
    return _job(state, Purpose.COSTS)


def measuring(state: DocumentState) -> JobState | None:
    """The job that measures costs, if one waits or runs."""
    return _job(state, Purpose.MEASURE_COSTS)


def source_words(state: DocumentState, source: MapSource) -> str:
    """One line about where the numbers are from."""
    if source.table is None:
        return ""
    running = estimating(state)
    if running is not None and running.fraction is not None:
        text = translate("Sensitivity", "Weights alone · estimating: {share}")
        if not source.weights_alone:
            text = translate("Sensitivity", "Estimating anew: {share}")
        return text.format(share=format_percent(running.fraction, 0))
    if source.weights_alone:
        if state.data.source is None:
            return translate("Sensitivity", "From the weights alone: there is no data yet")
        return translate("Sensitivity", "From the weights alone")
    known = np.isfinite(source.table.values[..., LOSS])
    measured = int((source.table.measured[..., LOSS] & known).sum())
    facts = state.cost_facts
    if not measured:
        text = translate("Sensitivity", "Estimated from {samples} samples")
        if not facts.samples:
            text = translate("Sensitivity", "Estimated")
        if facts.samples and facts.forward_passes:
            text = translate("Sensitivity", "Estimated from {samples} samples, {passes} passes")
    else:
        text = translate("Sensitivity", "{measured} of {count} measured, the others estimated")
        if measured == int(known.sum()):
            text = translate("Sensitivity", "All {count} measured")
    return text.format(
        samples=facts.samples,
        passes=round(facts.forward_passes),
        measured=measured,
        count=int(known.sum()),
    )


def missing_words(state: DocumentState) -> tuple[str, bool]:
    """Why no costs are known, and whether an estimate can begin."""
    told = translate(
        "Sensitivity",
        "An estimate predicts from one pass over the calibration data what each setting of each "
        "layer costs in accuracy.",
    )
    ready = state.model.opening is Opening.READY and state.info is not None
    if state.data.source is None:
        told = translate(
            "Sensitivity", "What settings cost is learned from data. Open a data set first."
        )
    usable = ready and state.data.source is not None and state.data.error is None
    return told, usable


def source_tip(*, weights_alone: bool) -> str:
    """What the map's numbers and marks mean."""
    if weights_alone:
        return translate(
            "SensitivityView",
            "Share of the weights' energy that a setting takes away. How much that costs in "
            "accuracy only data can tell.",
        )
    return translate(
        "SensitivityView",
        "Hatched: estimated from one pass over calibration data. Solid: measured on "
        "validation data.",
    )


def saved_words(table: CostTable, path: Path) -> str:
    """Write a cost table as the command line does.

    Returns:
        That it was written, or why not.
    """
    try:
        path.write_text(table_as_csv(table), encoding="utf-8", newline="")
    except OSError as error:
        text = translate("SensitivityView", "{file} could not be written: {reason}")
        return text.format(file=path.name, reason=error.strerror or str(error))
    return translate("SensitivityView", "Saved as {file}.").format(file=path.name)
