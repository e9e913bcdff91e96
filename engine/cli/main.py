"""The command line: the same requests as the window makes, from a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.budget import FitBudget, Solver
from engine.cli import as_json, catalog, console, sample, tables, window
from engine.cli import fit as fit_answers
from engine.cli import sensitivity_table as costs
from engine.cli.compression_table import compression
from engine.costs_measured import MeasureCosts
from engine.data.failures import reading
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Compressed
from engine.jobs.requests import (
    Compress,
    DataSource,
    Evaluate,
    Inspect,
    MeasureLatency,
    ModelSource,
)
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.readers.limits import check_file
from engine.recipe import files as recipe_files
from engine.recipe.model import InvalidRecipe, Recipe
from engine.recipe.schema import recipe_schema

F = TypeVar("F", bound=Callable[..., Any])

# Options that several commands share ---------------------------------------------------------

_MODEL = click.argument("model", type=click.Path(path_type=Path))
_JSON = click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
_OPENING = (
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


_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folder, .npz, .csv, .parquet, .py; twice for an .npy pair.",
)
_DATA_FORM = (
    click.option("--label-column", default="", help="For tables."),
    click.option("--tokenizer", default="", help="A tokenizer's JSON file, for text."),
    click.option(
        "--preprocessing", default="", help="JSON file; else the one beside the model or the data."
    ),
)


def _data_form(command: F) -> F:
    """Add the options that say how to read data."""
    for option in reversed(_DATA_FORM):
        command = option(command)
    return command


def _opening(command: F) -> F:
    """Add the options that say how to open a model."""
    for option in reversed(_OPENING):
        command = option(command)
    return command


# Commands ------------------------------------------------------------------------------------


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("espalier"), message="espalier %(version)s")
@click.pass_context
def app(context: click.Context) -> int | None:
    """Compress neural networks: look, tune, measure, export. Without a command: the window."""
    if context.invoked_subcommand is not None:
        return None
    if window.has_display():
        return window.run_window(())
    click.echo(context.get_help())
    return None


@app.command(name="open")
@click.argument("model", type=click.Path(path_type=Path), required=False)
@_DATA
@click.option("--recipe", type=click.Path(path_type=Path), help="YAML or JSON.")
@click.option("--architecture", metavar="FILE.py:FACTORY", default="", help="For weights alone.")
@click.option("--trust", is_flag=True, help="The files may run code.")
def open_command(
    model: Path | None, data: tuple[Path, ...], recipe: Path | None, architecture: str, trust: bool
) -> int:
    """The window, with a model, data, a recipe or a project in it."""
    files = [path for path in (model, *data, recipe) if path is not None]
    for path in files:
        if not path.exists():
            raise EngineError(f"{path} is not there", hint="Correct the path.")
    more = ["--architecture", architecture] if architecture else []
    more += ["--trust"] if trust else []
    return window.run_window([*more, "--", *(str(path.absolute()) for path in files)])


@app.command()
@_MODEL
@_JSON
@_opening
def inspect(model: Path, as_object: bool, **opening: Any) -> None:
    """Layers, sizes, channel groups, verdicts."""
    info = console.run(Inspect(_source(model, **opening)))
    if as_object:
        console.print_json(as_json.network(info))
    else:
        console.show(tables.network(info))


@app.command()
@_MODEL
@_JSON
@click.option("--batch", type=click.IntRange(1), default=1, help="Samples per run.")
@click.option("--threads", type=click.IntRange(0), default=0, help="0: all cores but one.")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=3.0, help="How long to time.")
@_opening
def profile(
    model: Path, as_object: bool, batch: int, threads: int, seconds: float, **opening: Any
) -> None:
    """Measured latency, whole and per layer."""
    result = console.run(MeasureLatency(_source(model, **opening), batch, threads, seconds))
    if as_object:
        console.print_json(as_json.profile(result))
    else:
        console.show(tables.profile(result))


@app.command()
@_MODEL
@_JSON
@_DATA
@click.option(
    "--reference",
    type=click.Path(path_type=Path),
    help="Original to compare with: agreement, KL divergence, largest difference.",
)
@click.option(
    "--split",
    default="auto",
    help="A split by name; auto: the test split, or all of data that comes in one piece; "
    "evaluation: the part of such data that compressing does not see.",
)
@click.option("--limit", type=click.IntRange(0), default=0, help="Samples; 0: all.")
@_data_form
@_opening
def evaluate(
    model: Path,
    as_object: bool,
    data: tuple[Path, ...],
    reference: Path | None,
    split: str,
    limit: int,
    **rest: Any,
) -> None:
    """Accuracy on data, agreement with a reference."""
    data_source = _data(data, rest)
    original = None if reference is None else _source(reference, **rest)
    request = Evaluate(_source(model, **rest), data_source, original, split, limit)
    result = console.run(request)
    if as_object:
        console.print_json(as_json.evaluation(result))
    else:
        console.show(tables.evaluation(result))


@app.command()
@_MODEL
@_JSON
@_DATA
@click.option(
    "--recipe",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="What to do: a YAML or JSON file.",
)
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write: .onnx, .pt2 or .safetensors.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["onnx", "pt2", "safetensors"]),
    help="Of the file, where its ending does not say.",
)
@click.option(
    "--target",
    type=click.Choice(["auto", "avx2", "vnni", "arm", "portable"]),
    default="auto",
    help="Kind of processor that quantized files are formed for; auto: this one.",
)
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML report."
)
@click.option("--device", default="cpu", help="Where training runs: cpu, cuda or mps.")
@click.option("--threads", type=click.IntRange(0), default=0, help="0: all cores.")
@click.option("--limit", type=click.IntRange(0), default=0, help="Evaluation samples; 0: all.")
@_data_form
@_opening
def compress(
    model: Path,
    as_object: bool,
    data: tuple[Path, ...],
    recipe: Path,
    out: Path,
    **rest: Any,
) -> None:
    """Run a recipe, write the result, check and measure it."""
    settings = {name: rest.pop(name) for name in ("target", "device", "threads", "limit")}
    form, report = rest.pop("form"), rest.pop("report")
    data_source = _data(data, rest)
    request = Compress(
        _source(model, **rest),
        _recipe(recipe),
        str(out),
        data_source,
        recipe_name=recipe.name,
        format=form or "",
        report=str(report or ""),
        **settings,
    )
    _print_compressed(console.run(request, keep=True), as_object=as_object)


def _print_compressed(result: Compressed, *, as_object: bool) -> None:
    if as_object:
        console.print_json(as_json.compressed(result))
    else:
        console.show(compression(result))


@app.command()
@_MODEL
@_JSON
@_DATA
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
@_data_form
@_opening
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
    data_source = _data(data, rest)
    request = costs.request_of(_source(model, **rest), data_source, methods, options)
    result = console.run(request, keep=isinstance(request, MeasureCosts))
    costs.write_files(result, options)
    if as_object:
        console.print_json(costs.as_data(result))
    else:
        console.show(costs.sensitivity(result))


@app.command()
@_MODEL
@_JSON
@_DATA
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
    help="Mix this one; several times. Else channel, data_aware_svd and uniform.",
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
    type=click.IntRange(1, 10),
    default=1,
    help="More than one: run what is found, measure it on validation data, correct, fit again.",
)
@click.option(
    "--out", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write the recipe there."
)
@_data_form
@_opening
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
    data_source = _data(data, rest)
    if recipe is not None:
        _recipe(recipe)
    request = FitBudget(
        _source(model, **rest),
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


@app.command(name="methods")
@click.argument("name", required=False)
@_JSON
@click.option("--schema", is_flag=True, help="Print the JSON Schema of recipes.")
def methods(name: str | None, as_object: bool, schema: bool) -> None:
    """Compression methods and their parameters."""
    if schema:
        console.print_json(recipe_schema())
        return
    rows = catalog.describe(name)
    if as_object:
        console.print_json(rows)
    else:
        console.show(catalog.table(rows))


@app.command(name="sample")
@click.option("--headless", is_flag=True, help="Do not open a window.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("sample-output"),
    help="Folder for what it writes.",
)
@_JSON
def sample_command(headless: bool, out: Path, as_object: bool) -> int:
    """The sample: in the window, or headless: prune, distill, quantize, check, measure."""
    if not headless and not as_object:
        try:
            return window.run_window(["--sample"], real=True)
        except EngineError as error:
            console.tell(f"{error.message}: running without one.")
    _print_compressed(sample.run(out), as_object=as_object)
    return 0


def _recipe(path: Path) -> str:
    """The text of a recipe that reads, checked before anything heavy is loaded.

    Raises:
        EngineError: There is no such file, or it is no recipe.
    """
    file = recipe_files.read_file(path)
    problems = file.check()
    if problems:
        raise InvalidRecipe(problems, path.name)
    return path.read_text(encoding="utf-8-sig")


def _data(paths: tuple[Path, ...], rest: dict[str, Any]) -> DataSource | None:
    """The data that is named, if any; takes what only it needs out of the other options."""
    form = {name: rest.pop(name) for name in ("label_column", "tokenizer", "preprocessing")}
    for path in (*paths, *filter(None, (form["tokenizer"], form["preprocessing"]))):
        with reading(path):
            Path(path).stat()
    if not paths:
        return None
    return DataSource(tuple(str(path) for path in paths), trusted=rest["trust"], **form)


def _source(
    path: Path,
    *,
    architecture: str,
    trust: bool,
    input_shape: tuple[str, ...],
    fix: tuple[str, ...],
) -> ModelSource:
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


# Running -------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line; the exit status is 0, 2 for a user's mistake, 130 for Ctrl-C."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        status = app.main(args=arguments, prog_name="espalier", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 0
    except click.ClickException as error:
        console.complain(f"{' '.join(error.format_message().split())} (espalier --help)")
        return console.USER_MISTAKE
    except EngineError as error:
        console.complain(error.one_line())
        return console.USER_MISTAKE
    except (console.Interrupted, KeyboardInterrupt, click.Abort):
        sys.stderr.write("espalier: stopped\n")
        return console.INTERRUPTED
    except console.Crash as error:
        sys.stderr.write(f"{error}\nespalier: this is a mistake in Espalier; please report it.\n")
        return console.CRASH
    except SystemExit:  # click's answer to a broken pipe: whoever read it has seen enough
        return 0
    except OSError as error:  # everything else that touches files says so itself
        console.close_output()
        why = error.strerror or error
        console.complain(f"The result cannot be written ({why}). Send it somewhere else.")
        return console.USER_MISTAKE
    return int(status or 0)


if __name__ == "__main__":
    main()
