"""`espalier sensitivity`: its options as a request, and what settings cost as table, JSON, CSV."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.cli.as_json import plain
from engine.cost import CostTable, Entry, Estimated, Grid
from engine.cost_file import table_from, table_to_bytes
from engine.costs_measured import (
    MeasureCosts,
    Measured,
    check_measuring,
    known_entries,
    table_as_csv,
)
from engine.data.failures import reading
from engine.errors import EngineError
from engine.jobs.requests import DataSource, Estimate, ModelSource
from engine.paths import write_atomically
from engine.registry import REGISTRY
from engine.writers.atomic import check_writable, writing

Result = Estimated | Measured
_LARGEST = 1 << 30
"""Bytes of a file that measuring goes on from."""
_MEMBERS = ("costs.npz", "progress.npz")


def request_of(
    model: ModelSource,
    data: DataSource | None,
    methods: tuple[str, ...],
    options: Mapping[str, Any],
) -> Estimate | MeasureCosts:
    """What the options ask for.

    Args:
        model: The network.
        data: None: sizes only.
        methods: Names; empty: all that can be looked at.
        options: `estimate`, `measure`, `time`, `exact`, `samples`, `precision`, `csv`, `progress`.

    Raises:
        EngineError: They contradict each other, or a file cannot be written.
    """
    for path in filter(None, (options["csv"], options["progress"])):
        check_writable(path)
    told = [f"--{n}" for n in ("exact", "time", "samples", "precision", "progress") if options[n]]
    if options["estimate"] and (options["measure"] or told):
        other = "--measure" if options["measure"] else told[0]
        raise EngineError(f"--estimate and {other} exclude each other", hint="Choose one of them.")
    if not options["measure"] and not told:
        return Estimate(model, data, methods)
    if data is None:
        raise EngineError("There is nothing to measure on", hint="Name a data set with --data.")
    if options["exact"] and options["precision"]:
        raise EngineError("--exact and --precision exclude each other", hint="Choose one of them.")
    given: dict[str, Any] = {}
    if options["samples"]:
        given["samples"] = options["samples"]
    if options["precision"]:
        given["precision"] = units.parse_percent(options["precision"])
    if options["exact"]:
        given["precision"] = 0.0
    if options["time"]:
        given["seconds"] = units.parse_duration(options["time"])
    if options["progress"] and Path(options["progress"]).exists():
        given["table"], given["state"] = _read_progress(Path(options["progress"]))
    request = MeasureCosts(model, data, methods, **given)
    check_measuring(request)
    return request


def write_files(result: Result, options: Mapping[str, Any]) -> None:
    """The table as CSV, and what measuring can go on from, where they are wanted.

    Raises:
        EngineError: A file cannot be written.
    """
    if options["csv"]:
        _write(Path(options["csv"]), table_as_csv(result.table).encode())
    if options["progress"] and isinstance(result, Measured):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in zip(
                _MEMBERS, (table_to_bytes(result.table), result.state), strict=True
            ):
                archive.writestr(name, content)
        _write(Path(options["progress"]), stream.getvalue())


def _write(path: Path, content: bytes) -> None:
    with writing(path):
        write_atomically(path, content)


def _read_progress(path: Path) -> tuple[CostTable, bytes]:
    with reading(path):
        content = path.read_bytes()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _LARGEST:
                raise ValueError("too large")
            costs, state = (archive.read(name) for name in _MEMBERS)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise EngineError(
            f"{path.name} is not what measuring goes on from",
            hint="Name a file that --progress wrote, or one that is not there yet.",
        ) from error
    return table_from(costs), state


def as_data(result: Result) -> dict[str, Any]:
    """The object of `--json`; settings that a layer cannot have are left out."""
    before = result.estimated if isinstance(result, Measured) else None
    data: dict[str, Any] = {
        "entries": [_row(one, before) for one in known_entries(result.table)],
        "seconds": result.seconds,
        "forward_passes": result.forward_passes,
        "samples": result.samples,
    }
    if isinstance(result, Measured):
        data |= {
            "measured": result.done,
            "asked": result.total,
            "stopped": result.stopped,
            "notes": list(result.notes),
        }
    return data


def _row(one: Entry, before: CostTable | None) -> dict[str, Any]:
    predicted = one if before is None else before.entry(one.layer, one.method, one.setting)
    row: dict[str, Any] = plain(
        {
            "layer": one.layer,
            "method": one.method,
            "setting": one.setting,
            "predicted_loss": predicted.loss,
            "kl": one.loss if one.measured else None,
            "top1_drop": one.accuracy_drop,
            "size_bytes": one.size_bytes,
            "macs": one.macs,
            "latency_ms": one.latency_ms,
            "measured": one.measured,
            "interval": None if math.isnan(one.loss_low) else [one.loss_low, one.loss_high],
        }
    )
    return row


def sensitivity(result: Result) -> RenderableType:
    """One block of columns for each method; sizes where no losses are known."""
    table = result.table
    if not table.layers:
        return Text("It has no layers with weights that a setting could be for.")
    known = result.samples > 0
    parts: list[RenderableType] = [Text(_head(result))]
    parts += [_block(table, grid, losses=known) for grid in table.grids]
    if isinstance(result, Measured):
        parts += [Text(note) for note in result.notes]
    return Group(*parts)


def _head(result: Result) -> str:
    took = units.format_duration(result.seconds)
    if isinstance(result, Measured):
        head = (
            "Loss in thousandths of a nat (mean KL divergence from the original): "
            f"{result.done} of {result.total} settings measured on up to {result.samples} samples "
            f"in {took}"
        )
        if result.done < result.total:
            head += "; ~ predicted"
        return head
    if result.samples > 0:
        return (
            "Predicted loss in thousandths of a nat (mean KL divergence from the original), from "
            f"{result.samples} samples in {took}: as long as "
            f"{result.forward_passes:.0f} forward passes over them"
        )
    return "Bytes of each layer; give data with --data to learn what settings cost"


def _block(table: CostTable, grid: Grid, *, losses: bool) -> Table:
    method = REGISTRY.step(grid.method)
    title = method.title if method is not None else grid.method
    axis = method.axis.field if method is not None and method.axis is not None else ""
    some = bool(table.measured[..., 0].any())
    block = Table(title=f"{title}: {axis}", title_justify="left", box=None, pad_edge=False)
    block.add_column("layer", overflow="fold")
    for setting in grid.settings:
        block.add_column(f"{setting:g}", justify="right", no_wrap=True)
    for name in table.layers:
        entries = [table.entry(name, grid.method, setting) for setting in grid.settings]
        block.add_row(name, *(_cell(entry, losses=losses, some=some) for entry in entries))
    return block


def _cell(entry: Entry, *, losses: bool, some: bool) -> str:
    """A loss, or bytes; where some entries are measured, the others say that they are not."""
    value = entry.loss if losses else entry.size_bytes
    if math.isnan(value):
        return units.UNKNOWN
    if not losses:
        return units.format_bytes(int(value))
    mark = "~" if some and not entry.measured else ""
    return f"{mark}{1000 * value:.3g}"
