"""The command line: the same requests as the window makes, from a shell."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import click
import typer

from engine.cli import as_json, console, sample, tables
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.jobs.requests import DataSource, Evaluate, Inspect, MeasureLatency, ModelSource

app = typer.Typer(
    name="espalier",
    help="Compress neural networks: look, tune, measure, export.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The model file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Architecture = Annotated[
    str,
    typer.Option(
        metavar="FILE.py:FACTORY",
        help="Function that builds the network, for weights without a graph. Needs --trust.",
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust", help="The files may run code: pickles, --architecture, data in Python."
    ),
]
InputShape = Annotated[
    list[str],
    typer.Option(
        metavar="[NAME=]3x32x32",
        help="Shape of an input without the batch, where the file does not say.",
    ),
]
Fix = Annotated[
    list[str],
    typer.Option(metavar="NAME=VALUE", help="Replace an input by a constant."),
]
DataPaths = Annotated[
    list[Path] | None,
    typer.Option("--data", help="Folder, .npz, .csv, .parquet, .py; twice for an .npy pair."),
]


@app.command()
def inspect(
    model: Model,
    as_object: Json = False,
    architecture: Architecture = "",
    trust: Trust = False,
    input_shape: InputShape = [],  # noqa: B006 - typer reads the default, nothing changes it
    fix: Fix = [],  # noqa: B006
) -> None:
    """Format, inputs, layers, channel groups and verdicts of a model."""
    source = _model(model, architecture, trust, input_shape, fix)
    info = console.run(Inspect(source))
    if as_object:
        console.print_json(as_json.network(info))
    else:
        console.out.print(tables.network(info))


@app.command()
def profile(
    model: Model,
    as_object: Json = False,
    batch: Annotated[int, typer.Option(min=1, help="Samples per run.")] = 1,
    threads: Annotated[int, typer.Option(min=0, help="0: all cores but one.")] = 0,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="How long to time.")] = 3.0,
    architecture: Architecture = "",
    trust: Trust = False,
    input_shape: InputShape = [],  # noqa: B006
    fix: Fix = [],  # noqa: B006
) -> None:
    """Latency measured in ONNX Runtime on this machine, whole and per layer."""
    source = _model(model, architecture, trust, input_shape, fix)
    result = console.run(MeasureLatency(source, batch, threads, seconds))
    if as_object:
        console.print_json(as_json.profile(result))
    else:
        console.out.print(tables.profile(result))


@app.command()
def evaluate(
    model: Model,
    data: DataPaths = None,
    reference: Annotated[
        Path | None, typer.Option(help="Original to compare with: agreement, KL, difference.")
    ] = None,
    as_object: Json = False,
    split: Annotated[
        str,
        typer.Option(
            help="A split by name; auto: the test split, or all of data in one piece; "
            "evaluation: the part of such data that compressing does not see."
        ),
    ] = "auto",
    limit: Annotated[int, typer.Option(min=0, help="Samples; 0: all.")] = 0,
    label_column: Annotated[str, typer.Option(help="For tables.")] = "",
    tokenizer: Annotated[str, typer.Option(help="A tokenizer's JSON file, for text.")] = "",
    preprocessing: Annotated[
        str, typer.Option(help="JSON file; else the one beside the model or the data.")
    ] = "",
    architecture: Architecture = "",
    trust: Trust = False,
    input_shape: InputShape = [],  # noqa: B006
    fix: Fix = [],  # noqa: B006
) -> None:
    """Accuracy on data, or agreement with a reference where there are no labels."""
    source = _model(model, architecture, trust, input_shape, fix)
    data_source = None
    if data:
        data_source = DataSource(
            paths=tuple(str(path) for path in data),
            label_column=label_column,
            tokenizer=tokenizer,
            preprocessing=preprocessing,
            trusted=trust,
        )
    original = None
    if reference is not None:
        original = _model(reference, architecture, trust, input_shape, fix)
    result = console.run(Evaluate(source, data_source, original, split, limit))
    if as_object:
        console.print_json(as_json.evaluation(result))
    else:
        console.out.print(tables.evaluation(result))


@app.command()
def methods(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    as_object: Json = False,
) -> None:
    """Every compression method: parameters, limits, needs, reference, gains."""
    from engine.cli import catalog

    rows = catalog.describe(name)
    if as_object:
        console.print_json(rows)
    else:
        console.out.print(catalog.table(rows))


@app.command(name="sample")
def sample_command(
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a window.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for what it writes.")] = Path("sample-output"),
    as_object: Json = False,
) -> None:
    """Open, measure and export the sample: a small residual network on handwritten digits."""
    result = sample.run(out, headless=headless)
    if as_object:
        console.print_json(sample.as_object(result))
    else:
        console.out.print(sample.report(result))


@app.callback(invoke_without_command=True)
def top(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Compress neural networks: look, tune, measure, export."""
    if version:
        console.out.print(f"espalier {metadata.version('espalier')}")
        raise typer.Exit


def _model(
    path: Path, architecture: str, trust: bool, input_shape: list[str], fix: list[str]
) -> ModelSource:
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


def main() -> None:
    """Run the command line; the exit status is 0, 2 for a user's mistake, 130 for Ctrl-C."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    try:
        status = app(args=arguments, prog_name="espalier", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        console.out.print(error.format_message(), markup=False)
        return 0
    except click.ClickException as error:
        message = " ".join(error.format_message().split())
        sys.stderr.write(f"espalier: {message}\n")
        return console.USER_MISTAKE
    except EngineError as error:
        console.complain(error)
        return console.USER_MISTAKE
    except (console.Interrupted, KeyboardInterrupt, click.Abort):
        sys.stderr.write("espalier: stopped\n")
        return console.INTERRUPTED
    except console.Crash as error:
        sys.stderr.write(f"{error}\nespalier: this is a mistake in Espalier; please report it.\n")
        return console.CRASH
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone; Python would complain at exit
        return 0
    return int(status or 0)


if __name__ == "__main__":
    main()
