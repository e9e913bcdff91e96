"""The report's part on accuracy: class by class, and the curves of trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine import units
from engine.info import Compressed, Evaluation
from engine.writers import report_plots as plots
from engine.writers.report_html import (
    Cell,
    Column,
    Html,
    element,
    folded,
    named,
    paragraph,
    section,
    shortened,
    table,
)

DRAWN = 30
"""Classes that are drawn; of more, those that changed most."""
CURVES = 24


@dataclass(frozen=True, slots=True)
class _Class:
    number: int
    name: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float:
        """Of accuracy; 0 where one is not known."""
        return 0.0 if self.before is None or self.after is None else self.after - self.before


def classes(result: Compressed) -> Html:
    """Accuracy of each class before and after."""
    found = _classes(result.original_evaluation, result.evaluation)
    if not found:
        return Html("")
    drawn = found
    title = "Accuracy of each class"
    if len(found) > DRAWN:
        drawn = sorted(found, key=lambda one: abs(one.change), reverse=True)[:DRAWN]
        title = f"The {DRAWN} classes of {len(found):,} whose accuracy changed most"
    chart = plots.bars(
        title,
        [plots.Bar(one.name, one.before, one.after, _text(one)) for one in drawn],
        full=1.0,
    )
    worst = min(found, key=lambda one: one.change)
    note = ""
    if worst.change < 0:
        note = (
            f"“{shortened(worst.name, 60)}” lost most: {units.format_points(worst.change, 1)}. "
            "Classes of few samples change by chance."
        )
    return section(
        "Classes",
        paragraph("Measured on the written file and on the original. ", note, class_="small"),
        chart,
        _table(found),
        anchor="classes",
    )


def _classes(before: Evaluation | None, after: Evaluation | None) -> list[_Class]:
    old = before.per_class if before else ()
    new = after.per_class if after else ()
    labels = (after.labels if after else ()) or (before.labels if before else ())
    found = []
    for number in range(max(len(old), len(new))):
        pair = [some[number] if number < len(some) else None for some in (old, new)]
        if pair != [None, None]:
            name = labels[number] if number < len(labels) else f"class {number}"
            found.append(_Class(number, name, pair[0], pair[1]))
    return found


def _text(one: _Class) -> str:
    text = f"{units.format_percent(one.before, 1)} → {units.format_percent(one.after, 1)}"
    return text if one.before is not None else units.format_percent(one.after, 1)


def _table(found: Sequence[_Class]) -> Html:
    rows = [
        [
            Cell(named(one.name), one.number),
            Cell(units.format_percent(one.before, 1), one.before, numeric=True),
            Cell(units.format_percent(one.after, 1), one.after, numeric=True),
            Cell(units.format_points(one.change, 1), one.change, numeric=True),
        ]
        for one in found
    ]
    columns = [
        Column("Class"),
        Column("Original", numeric=True),
        Column("Compressed", numeric=True),
        Column("Change", numeric=True),
    ]
    return folded(
        f"All {len(found):,} classes as a table",
        table(columns, rows, caption="Accuracy of each class", sortable=True),
    )


def curves(result: Compressed) -> Html:
    """What was reported on the way: losses and accuracies of trainings."""
    found = _divided(result.curves)
    drawn = [plots.curve(name, points) for name, points in found[:CURVES]]
    drawn = [one for one in drawn if one]
    if not drawn:
        return Html("")
    more = len(found) - CURVES
    note = f" {more} more are not drawn." if more > 0 else ""
    return section(
        "Training",
        paragraph("Measured while it ran: first value → last value.", note, class_="small"),
        element("div", *drawn, class_="tiles wide"),
        anchor="training",
    )


_Points = list[tuple[int, float]]


def _divided(points: Sequence[tuple[str, int, float]]) -> list[tuple[str, _Points]]:
    """Curves by name; where steps start anew, another training has begun."""
    by_name: dict[str, list[_Points]] = {}
    for name, step, value in points:
        trainings = by_name.setdefault(name, [])
        if not trainings or step < trainings[-1][-1][0]:
            trainings.append([])
        trainings[-1].append((step, value))
    return [
        (shortened(name, 60) + (f" ({number})" if number > 1 else ""), one)
        for name, trainings in by_name.items()
        for number, one in enumerate(trainings, start=1)
    ]
