"""The report's part on the way: the steps, and what there is to remark on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine import units
from engine.errors import RecipeError
from engine.frozen import thaw
from engine.info import AccuracySource, Compressed, Metrics, StepResult
from engine.recipe.files import read_text
from engine.recipe.model import Step
from engine.writers.report_html import (
    Cell,
    Column,
    Content,
    Html,
    bullets,
    element,
    named,
    paragraph,
    section,
    table,
)
from engine.writers.report_summary import SAME, change_interval

_MASKS = frozenset({"weight", "n_m", "vector", "kernel", "pattern", "stripe"})
"""Methods that set single weights to zero and leave the tensors as large as they were."""


def steps(result: Compressed) -> Html:
    """What was done, how long it took, and what the network was like after it."""
    if not result.steps:
        return section("Steps", paragraph("The recipe has no steps."), anchor="steps")
    recipe = _recipe_steps(result.recipe)
    measured = [one for one in result.steps if one.metrics.top1 is not None]
    about = "Sizes are what a file would hold after the step, predicted. "
    if measured:
        samples = measured[-1].metrics.samples
        part = f"{samples:,}" if samples else "a part of the"
        about += (
            f"Accuracies are measured in memory on {part} evaluation samples, to show the way; the "
            "written file’s stands above."
        )
    columns = [
        Column("#", numeric=True),
        Column("Step"),
        Column("Settings"),
        Column("Time", numeric=True),
        Column("Size", numeric=True),
        Column("Parameters", numeric=True),
        Column("MACs", numeric=True),
    ]
    if measured:
        labeled = result.original.source in (None, AccuracySource.LABELS)
        columns.append(Column("Top-1" if labeled else "Agreement", numeric=True))
    rows = [_start_row(result.original, bool(measured))]
    rows += [_step_row(one, recipe.get(one.step), bool(measured)) for one in result.steps]
    whole = f"The whole run took {units.format_duration(result.seconds)}."
    return section(
        "Steps",
        table(columns, rows, caption="Steps"),
        paragraph(about, " ", whole, class_="small"),
        anchor="steps",
    )


def _recipe_steps(text: str) -> Mapping[int, Step]:
    try:
        return dict(enumerate(read_text(text).recipe.steps))
    except RecipeError:  # it is shown as it stands, below
        return {}


def _start_row(original: Metrics, with_accuracy: bool) -> list[Cell]:
    return [Cell(""), Cell("Original"), Cell(""), Cell(""), *_after(original, with_accuracy)]


def _step_row(one: StepResult, step: Step | None, with_accuracy: bool) -> list[Cell]:
    time: list[Content] = [units.format_duration(one.seconds)]
    if one.cached:
        time.append(element("small", "from an earlier run"))
    title = [one.title or one.method, element("small", one.method)]
    return [
        Cell(str(one.step + 1), one.step, numeric=True),
        Cell([*title, bullets(one.notes)]),
        Cell(_settings(step)),
        Cell(time, numeric=True),
        *_after(one.metrics, with_accuracy),
    ]


def _after(metrics: Metrics, with_accuracy: bool) -> list[Cell]:
    cells = [
        Cell(units.format_bytes(metrics.size_bytes), numeric=True),
        Cell(units.format_count(metrics.parameters), numeric=True),
        Cell(units.format_count(metrics.macs), numeric=True),
    ]
    if with_accuracy:
        cells.append(Cell(units.format_percent(metrics.top1), numeric=True))
    return cells


def _settings(step: Step | None) -> Content:
    if step is None:
        return ""
    said = [[f"{name}: ", named(_value(thaw(value)))] for name, value in step.params.items()]
    if step.rules:
        said.append([f"{len(step.rules)} rule{'s' * (len(step.rules) != 1)} for some layers"])
    return bullets(said) or "as they come"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        title = str(value.get("name", ""))
        rest = [f"{name}: {_value(one)}" for name, one in value.items() if name != "name"]
        inner = ", ".join(rest)
        return f"{title} ({inner})" if title and inner else title or inner
    if isinstance(value, list):
        return "; ".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def remarks(result: Compressed) -> Html:
    """What an honest seller would say, and all that the run had to say."""
    said = list(dict.fromkeys((*_honest(result), *result.notes, *_others(result))))
    if not said:
        return Html("")
    return section("Remarks", bullets(said), anchor="remarks")


def _others(result: Compressed) -> Iterable[str]:
    for info in (result.before, result.after):
        yield from info.warnings
    if result.evaluation is not None:
        yield from result.evaluation.notes


def _honest(result: Compressed) -> Iterable[str]:
    old, new = result.original, result.measured
    if any(one.method in _MASKS for one in result.steps):
        yield (
            "Zeros in a dense file save nothing: the weights that were set to zero are stored and "
            "multiplied like all others. They help where the file is packed, or on a runtime that "
            "skips zeros."
        )
    if old.size_bytes and new.size_bytes and new.size_bytes >= old.size_bytes:
        yield "The file did not shrink."
    faster = old.latency_ms / new.latency_ms if old.latency_ms and new.latency_ms else None
    if faster is not None and faster < 1 - SAME:
        yield (
            "The file is slower than the original on this processor: operators that are added, and "
            "conversions between them, can take more time than smaller weights save."
        )
    elif faster is not None and old.macs and new.macs and old.macs / new.macs > faster * 1.25:
        yield (
            f"MACs fell to {units.format_percent(new.macs / old.macs, 0)}, time to "
            f"{units.format_percent(1 / faster, 0)}: what the runtime does besides multiplying "
            "does not shrink with it."
        )
    yield from _honest_accuracy(result)


def _honest_accuracy(result: Compressed) -> Iterable[str]:
    before, after = result.original_evaluation, result.evaluation
    if after is None:
        return
    if after.source is AccuracySource.SYNTHETIC:
        yield (
            "Accuracy here is agreement on made-up samples. It says little about real ones; "
            "measure with data of your own before you use the file."
        )
    if before is None:
        return
    found = change_interval(before, after)
    if found is not None and found[0] <= 0 <= found[1] and after.top1 != before.top1:
        yield (
            f"With {after.samples:,} samples the change of accuracy cannot be told from chance: "
            "its 95 % interval holds zero."
        )
    if after.nonfinite:
        yield f"{after.nonfinite:,} of the compressed network’s answers are NaN or infinite."
