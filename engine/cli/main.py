"""The command line: the same requests as the window makes, from a shell."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from engine.cli import as_json, catalog, console, sample, search, tables, window
from engine.cli.compression_table import compression
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
from engine.errors import EngineError
from engine.info import Compressed
from engine.jobs.requests import (
    Compress,
    Evaluate,
    Inspect,
    MeasureLatency,
)
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.recipe.schema import recipe_schema


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
@DATA
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
@MODEL
@JSON
@opening
def inspect(model: Path, as_object: bool, **opening: Any) -> None:
    """Layers, sizes, channel groups, verdicts."""
    info = console.run(Inspect(source_of(model, **opening)))
    if as_object:
        console.print_json(as_json.network(info))
    else:
        console.show(tables.network(info))


@app.command()
@MODEL
@JSON
@click.option("--batch", type=click.IntRange(1), default=1, help="Samples per run.")
@click.option("--threads", type=click.IntRange(0), default=0, help="0: all cores but one.")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=3.0, help="How long to time.")
@opening
def profile(
    model: Path, as_object: bool, batch: int, threads: int, seconds: float, **opening: Any
) -> None:
    """Measured latency, whole and per layer."""
    result = console.run(MeasureLatency(source_of(model, **opening), batch, threads, seconds))
    if as_object:
        console.print_json(as_json.profile(result))
    else:
        console.show(tables.profile(result))


@app.command()
@MODEL
@JSON
@DATA
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
@data_form
@opening
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
    data_source = data_of(data, rest)
    original = None if reference is None else source_of(reference, **rest)
    request = Evaluate(source_of(model, **rest), data_source, original, split, limit)
    result = console.run(request)
    if as_object:
        console.print_json(as_json.evaluation(result))
    else:
        console.show(tables.evaluation(result))


@app.command()
@MODEL
@JSON
@DATA
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
@data_form
@opening
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
    data_source = data_of(data, rest)
    request = Compress(
        source_of(model, **rest),
        recipe_text(recipe),
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


app.add_command(search.sensitivity)
app.add_command(search.fit)


@app.command(name="methods")
@click.argument("name", required=False)
@JSON
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
@JSON
def sample_command(headless: bool, out: Path, as_object: bool) -> int:
    """The sample: in the window, or headless: prune, distill, quantize, check, measure."""
    if not headless and not as_object:
        try:
            return window.run_window(["--sample"], real=True)
        except EngineError as error:
            console.tell(f"{error.message}: running without one.")
    _print_compressed(sample.run(out), as_object=as_object)
    return 0


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
