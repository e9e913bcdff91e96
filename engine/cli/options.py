"""Options and arguments that several commands share, and what is read from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.data.failures import reading
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.requests import DataSource, ModelSource
from engine.readers.limits import check_file
from engine.recipe import files as recipe_files
from engine.recipe.model import InvalidRecipe

F = TypeVar("F", bound=Callable[..., Any])

MODEL = click.argument("model", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
OPENING = (
    click.option(
        "--architecture",
        metavar="FILE.py:FACTORY",
        default="",
        help="Function that builds the network, for weights without a graph. Needs --trust.",
    ),
    click.option(
        "--trust",
        is_flag=True,
        help="The files may run code: pickles, --architecture, data in Python.",
    ),
    click.option(
        "--input-shape",
        metavar="[NAME=]3x32x32",
        multiple=True,
        help="Shape of an input without the batch, where the file does not say.",
    ),
    click.option(
        "--fix", metavar="NAME=VALUE", multiple=True, help="Replace an input by a constant."
    ),
)


DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folder, .npz, .csv, .parquet, .py; twice for an .npy pair.",
)
DATA_FORM = (
    click.option("--label-column", default="", help="For tables."),
    click.option("--tokenizer", default="", help="A tokenizer's JSON file, for text."),
    click.option(
        "--preprocessing", default="", help="JSON file; else the one beside the model or the data."
    ),
)


def data_form(command: F) -> F:
    """Add the options that say how to read data."""
    for option in reversed(DATA_FORM):
        command = option(command)
    return command


def opening(command: F) -> F:
    """Add the options that say how to open a model."""
    for option in reversed(OPENING):
        command = option(command)
    return command


def recipe_text(path: Path) -> str:
    """The text of a recipe that reads, checked before anything heavy is loaded.

    Raises:
        EngineError: There is no such file, or it is no recipe.
    """
    file = recipe_files.read_file(path)
    problems = file.check()
    if problems:
        raise InvalidRecipe(problems, path.name)
    return path.read_text(encoding="utf-8-sig")


def data_of(paths: tuple[Path, ...], rest: dict[str, Any]) -> DataSource | None:
    """The data that is named, if any; takes what only it needs out of the other options."""
    form = {name: rest.pop(name) for name in ("label_column", "tokenizer", "preprocessing")}
    for path in (*paths, *filter(None, (form["tokenizer"], form["preprocessing"]))):
        with reading(path):
            Path(path).stat()
    if not paths:
        return None
    return DataSource(tuple(str(path) for path in paths), trusted=rest["trust"], **form)


def source_of(
    path: Path,
    *,
    architecture: str,
    trust: bool,
    input_shape: tuple[str, ...],
    fix: tuple[str, ...],
) -> ModelSource:
    """The model, as a request names it.

    Raises:
        EngineError: There is no such file, or an option is not of its form.
    """
    check_file(path)  # before anything heavy is loaded
    shapes = {}
    for text in input_shape:
        name, _, shape = text.rpartition("=")
        shapes[name] = shape
    fixed = {}
    for text in fix:
        name, equals, value = text.partition("=")
        if not equals:
            raise EngineError(f"--fix {text} names no value", hint="Write --fix NAME=VALUE.")
        fixed[name] = value
    return ModelSource(
        path=str(path),
        architecture=architecture,
        trusted=trust,
        input_shapes=FrozenMap(shapes),
        fixed_inputs=FrozenMap(fixed),
    )
