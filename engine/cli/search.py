"""The commands that look for settings: `sensitivity` and `fit`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.budget import FitBudget, Solver
from engine.cli import console
from engine.cli import fit as fit_answers
from engine.cli import sensitivity_table as costs
from engine.cli.options import (
    DATA,
    JSON,
    MODEL,
    data_form,
    data_of,
    opening,
    recipe_text,
    source_of,
)
from engine.costs_measured import MeasureCosts
from engine.recipe import files as recipe_files
from engine.recipe.model import Recipe


@click.command()
@MODEL
@JSON
@DATA
@click.option("--estimate", is_flag=True, help="Predict from one pass over the data; the default.")
@click.option("--measure", is_flag=True, help="Measure on validation samples, setting by setting.")
@click.option("--time", metavar="60s", help="Measure for so long; what is worth most comes first.")
@click.option("--exact", is_flag=True, help="Measure each setting on all samples.")
@click.option(
    "--precision",
    metavar="15%",
    help="Measure each setting until all samples could not change its loss by more.",
)
@click.option("--samples", type=click.IntRange(2), help="To measure on at most; else 2000.")
@click.option(
    "--method", "methods", multiple=True, metavar="NAME", help="Only this one; several times."
)
@click.option(
    "--csv", type=click.Path(path_type=Path, dir_okay=False), help="Write the table there too."
)
@click.option(
    "--progress",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Go on from what was measured before, if this file is there, and write it.",
)
@data_form
@opening
def sensitivity(
    model: Path,
    as_object: bool,
    data: tuple[Path, ...],
    methods: tuple[str, ...],
    **rest: Any,
) -> None:
    """What settings of each layer cost in accuracy and save in bytes and MACs."""
    names = ("estimate", "measure", "time", "exact", "precision", "samples", "csv", "progress")
    options = {name: rest.pop(name) for name in names}
    data_source = data_of(data, rest)
    request = costs.request_of(source_of(model, **rest), data_source, methods, options)
    result = console.run(request, keep=isinstance(request, MeasureCosts))
    costs.write_files(result, options)
    if as_object:
        console.print_json(costs.as_data(result))
    else:
        console.show(costs.sensitivity(result))


@click.command()
@MODEL
@JSON
@DATA
@click.option("--size", metavar="25%|300KB", help="Of the file.")
@click.option("--weights", metavar="25%|300KB", help="Of the layers alone.")
@click.option("--macs", metavar="50%|20M", help="Of the network.")
@click.option("--latency", metavar="60%|2ms", help="In ONNX Runtime on this machine.")
@click.option("--memory", metavar="50%|1MB", help="Peak of live activations.")
@click.option("--max-drop", metavar="0.5pt", help="Accuracy that may be lost, as predicted.")
@click.option("--max-loss", metavar="0.05", help="Predicted loss in nats that is allowed.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    metavar="NAME",
    help="Mix this one; several times. Else channel, data_aware_svd, spatial and uniform.",
)
@click.option(
    "--recipe",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Begin from this one: its other steps and settings stay.",
)
@click.option(
    "--lock", "locks", multiple=True, metavar="LAYER", help="Keeps what the recipe gives it."
)
@click.option("--greedy", is_flag=True, help="Step by step, each step told; else exact.")
@click.option(
    "--rounds",
    type=click.IntRange(1, 50),
    default=1,
    help="More than one: run what is found, measure it on validation data, learn, fit again.",
)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write the recipe there."
)
@data_form
@opening
def fit(
    model: Path,
    as_object: bool,
    data: tuple[Path, ...],
    methods: tuple[str, ...],
    recipe: Path | None,
    locks: tuple[str, ...],
    greedy: bool,
    rounds: int,
    out: Path | None,
    **rest: Any,
) -> None:
    """Choose settings of each layer within targets; what cannot be met is told."""
    targets = fit_answers.targets_of({name: rest.pop(name) for name in fit_answers.OPTIONS})
    data_source = data_of(data, rest)
    if recipe is not None:
        recipe_text(recipe)
    request = FitBudget(
        source_of(model, **rest),
        targets,
        data_source,
        methods=methods,
        recipe=Recipe() if recipe is None else recipe_files.read_file(recipe).recipe,
        locks=locks,
        solver=Solver.GREEDY if greedy else Solver.EXACT,
        rounds=rounds,
    )
    fitted = console.run(request, keep=True)
    if out is not None:
        fit_answers.write_recipe(fitted, out)
    if as_object:
        console.print_json(fit_answers.as_data(fitted, out))
    else:
        console.show(fit_answers.table(fitted, out))
