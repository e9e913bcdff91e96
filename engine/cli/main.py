"""The command line: the same requests as the window makes, from a shell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

import click

from engine.cli import as_json, catalog, console, sample, tables
from engine.data.failures import reading
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.requests import DataSource, Evaluate, Inspect, MeasureLatency, ModelSource
from engine.readers.limits import check_file

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


def _opening(command: F) -> F:
    """Add the options that say how to open a model."""
    for option in reversed(_OPENING):
        command = option(command)
    return command


# Commands ------------------------------------------------------------------------------------


@click.group(no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("espalier"), message="espalier %(version)s")
def app() -> None:
    """Compress neural networks: look, tune, measure, export."""


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
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folder, .npz, .csv, .parquet, .py; twice for an .npy pair.",
)
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
@click.option("--label-column", default="", help="For tables.")
@click.option("--tokenizer", default="", help="A tokenizer's JSON file, for text.")
@click.option(
    "--preprocessing", default="", help="JSON file; else the one beside the model or the data."
)
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
    columns = {name: rest.pop(name) for name in ("label_column", "tokenizer", "preprocessing")}
    data_source = None
    for path in (*data, *filter(None, (columns["tokenizer"], columns["preprocessing"]))):
        with reading(path):
            Path(path).stat()
    if data:
        paths = tuple(str(path) for path in data)
        data_source = DataSource(paths, trusted=rest["trust"], **columns)
    original = None if reference is None else _source(reference, **rest)
    request = Evaluate(_source(model, **rest), data_source, original, split, limit)
    result = console.run(request)
    if as_object:
        console.print_json(as_json.evaluation(result))
    else:
        console.show(tables.evaluation(result))


@app.command()
@click.argument("name", required=False)
@_JSON
def methods(name: str | None, as_object: bool) -> None:
    """Compression methods and their parameters."""
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
def sample_command(headless: bool, out: Path, as_object: bool) -> None:
    """Open, measure and export the sample network."""
    result = sample.run(out, headless=headless)
    if as_object:
        console.print_json(sample.as_object(result))
    else:
        console.show(sample.report(result))


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
