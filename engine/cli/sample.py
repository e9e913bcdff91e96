"""The sample project, from a shell: open it, measure it, export it, check the export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.cli import as_json, console, tables
from engine.info import Evaluation, NetworkInfo, Profile
from engine.jobs.requests import (
    DataSource,
    Evaluate,
    ExportOnnx,
    Inspect,
    MeasureLatency,
    ModelSource,
)
from engine.paths import RESOURCES
from engine.writers.atomic import check_writable, writing

MODEL = RESOURCES / "samples" / "digits.pt2"
DATA = RESOURCES / "samples" / "digits.npz"


@dataclass(frozen=True, slots=True)
class Measured:
    """One form of the network and what was measured on it."""

    file: Path
    info: NetworkInfo
    evaluation: Evaluation
    profile: Profile


@dataclass(frozen=True, slots=True)
class Result:
    """The network as shipped, and as written to ONNX."""

    original: Measured
    exported: Measured


def run(out: Path, *, headless: bool) -> Result:
    """Run the job, reporting each part on standard error."""
    if not headless:
        console.tell("This version has no window yet: running without one.")
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
    target = out / "digits.onnx"
    check_writable(target)
    original = _measure(MODEL)
    written = console.run(ExportOnnx(ModelSource(str(MODEL)), str(target)))
    difference = f"{written.max_relative_difference:.1e}"
    console.tell(f"Wrote {target}; it differs by {difference} of the largest output.")
    return Result(original, _measure(target))


def _measure(path: Path) -> Measured:
    source = ModelSource(str(path))
    info = console.run(Inspect(source))
    evaluation = console.run(Evaluate(source, DataSource((str(DATA),))))
    profile = console.run(MeasureLatency(source, seconds=1.0))
    return Measured(path, info, evaluation, profile)


def report(result: Result) -> RenderableType:
    """The network, then the numbers of both files side by side."""
    table = Table(title="Measured", title_justify="left", box=None, pad_edge=False)
    for title in ("", "accuracy", "samples", "bytes", "parameters", "MACs", "latency"):
        table.add_column(title, justify="left" if not title else "right")
    for title, one in (("original", result.original), ("exported", result.exported)):
        table.add_row(
            f"{title} ({one.file.name})",
            units.format_percent(one.evaluation.top1),
            f"{one.evaluation.samples:,}",
            units.format_bytes(one.info.size_bytes),
            f"{one.info.parameters:,}",
            units.format_count(one.info.macs),
            units.format_ms(one.profile.latency_ms),
        )
    return Group(
        tables.network(result.original.info),
        Text(),
        tables.profile(result.exported.profile),
        Text(),
        table,
    )


def as_object(result: Result) -> dict[str, Any]:
    """The object of `sample --json`."""
    return {
        title: {
            "file": str(one.file),
            "network": as_json.network(one.info),
            "evaluation": as_json.evaluation(one.evaluation),
            "profile": as_json.profile(one.profile),
        }
        for title, one in (("original", result.original), ("exported", result.exported))
    }
