"""`espalier fit`: its options as a request, and its answer as a table and as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.budget import (
    NAMES,
    Costs,
    Fitted,
    Quantity,
    Target,
    WalkStep,
    format_quantity,
    impossible_sentence,
    parse_target,
)
from engine.cli.as_json import plain
from engine.errors import EngineError
from engine.paths import write_atomically
from engine.recipe.files import to_yaml

OPTIONS: Mapping[str, Quantity] = {
    "size": Quantity.SIZE,
    "weights": Quantity.WEIGHTS,
    "macs": Quantity.MACS,
    "latency": Quantity.LATENCY,
    "memory": Quantity.MEMORY,
    "max_drop": Quantity.ACCURACY,
    "max_loss": Quantity.LOSS,
}
"""Option → what it limits."""

_MOST_STEPS = 200


def targets_of(given: Mapping[str, str | None]) -> tuple[Target, ...]:
    """Targets as the options say them.

    Raises:
        EngineError: One of them is no limit, or there is none.
    """
    found = [parse_target(OPTIONS[name], text) for name, text in given.items() if text]
    if not found:
        raise EngineError(
            "There is nothing to fit to",
            hint="Give a target, such as --size 25%, --macs 50% or --max-drop 0.5pt.",
        )
    return tuple(found)


def write_recipe(fitted: Fitted, path: Path) -> None:
    """The recipe, whole or not at all.

    Raises:
        EngineError: The place cannot be written to.
    """
    try:
        write_atomically(path, to_yaml(fitted.recipe).encode())
    except OSError as error:
        raise EngineError(
            f"{path} cannot be written: {error.strerror or error}", hint="Choose another place."
        ) from None


def as_data(fitted: Fitted, path: Path | None) -> dict[str, Any]:
    """The object of `fit`."""
    return {
        "recipe": fitted.recipe.to_data(),
        "file": None if path is None else str(path),
        "predicted": plain(fitted.predicted),
        "original": plain(fitted.original),
        "targets": [
            {
                "name": one.target.quantity.value,
                "limit": str(one.target),
                "wanted": one.wanted,
                "reached": one.reached,
                "met": one.met,
                "nearest": None if one.met else plain(one.nearest),
                "possible_alone": one.alone,
            }
            for one in fitted.targets
        ],
        "met": fitted.met,
        "choices": plain(fitted.choices),
        "curve": [plain(point.costs) for point in fitted.curve],
        "steps": [plain(step) for step in fitted.walk],
        "trials": [plain(one) for one in fitted.finished],
        "solver": fitted.solver.value,
        "gap": plain(fitted.gap),
        "seconds": fitted.seconds,
        "solver_seconds": fitted.solver_seconds,
        "notes": list(fitted.notes),
    }


def table(fitted: Fitted, path: Path | None) -> RenderableType:
    """What was found, for people."""
    parts: list[RenderableType] = [_before_and_after(fitted)]
    if fitted.walk:
        parts += [Text(), _walk(fitted.walk)]
    if fitted.finished:
        parts += [Text(), _runs(fitted)]
    parts += [Text(f"! {impossible_sentence(one)}", style="yellow") for one in fitted.impossible]
    parts += [Text(f"! {note}", style="yellow") for note in fitted.notes]
    if path is None:
        parts += [Text(), Text(to_yaml(fitted.recipe).rstrip())]
    else:
        parts += [Text(), Text(f"The recipe is in {path}: run it with espalier compress.")]
    return Group(*parts)


def _before_and_after(fitted: Fitted) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for title in ("original", "predicted", "target"):
        table.add_column(title, justify="right")
    wanted = {one.target.quantity: one for one in fitted.targets}
    for quantity, name in NAMES.items():
        old, new = (_cell(costs, quantity) for costs in (fitted.original, fitted.predicted))
        target = wanted.get(quantity)
        limit = ""
        if target is not None:
            limit = f"≤ {target.target}" + ("" if target.met else ", not met")
        if new != units.UNKNOWN or limit:
            table.add_row(name.lower() if name != "MACs" else name, old, new, limit)
    return table


def _cell(costs: Costs, quantity: Quantity) -> str:
    text = format_quantity(quantity, costs.of(quantity))
    if quantity is Quantity.LOSS and costs.loss > 0:
        text += f" ({costs.loss_low:.2g} to {costs.loss_high:.2g})"
    return text


def _walk(steps: tuple[WalkStep, ...]) -> Table:
    """Each step in words."""
    table = Table(title="Step by step", title_justify="left", box=None, pad_edge=False)
    for title in ("", "layer", "change", "loss", "saved"):
        table.add_column(title, justify="left" if title in ("layer", "change") else "right")
    for number, step in enumerate(steps[:_MOST_STEPS], start=1):
        change = f"{_settings(step.before)} → {_settings(step.after)}"
        saved = format_quantity(step.quantity, step.saved)
        table.add_row(str(number), step.layers[0], change, f"{step.loss:.2g}", saved)
    if len(steps) > _MOST_STEPS:
        table.add_row("…", f"{len(steps) - _MOST_STEPS} more", "", "", "")
    return table


def _runs(fitted: Fitted) -> Table:
    """What was run to learn from; the recipe that is given is marked where it is one of them."""
    table = Table(
        title="Runs, measured on validation data", title_justify="left", box=None, pad_edge=False
    )
    for title in ("", "predicted loss", "measured loss", "accuracy lost", ""):
        table.add_column(title, justify="right")
    for number, one in enumerate(fitted.finished, start=1):
        lost = units.UNKNOWN
        if math.isfinite(one.accuracy_drop):
            lost = format_quantity(Quantity.ACCURACY, one.accuracy_drop)
        table.add_row(
            str(number),
            format_quantity(Quantity.LOSS, sum(one.predicted.values())),
            format_quantity(Quantity.LOSS, one.loss),
            lost,
            "← this recipe" if one.parts == fitted.parts else "",
        )
    return table


def _settings(settings: Mapping[str, float]) -> str:
    return ", ".join(f"{method} {value:g}" for method, value in settings.items()) or "as it is"
