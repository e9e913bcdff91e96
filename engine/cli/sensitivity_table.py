"""What settings cost, as a table for people."""

from __future__ import annotations

import math

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from engine import units
from engine.cost import CostTable, Entry, Estimated, Grid
from engine.registry import REGISTRY


def sensitivity(result: Estimated) -> RenderableType:
    """One block of columns for each method; sizes where no losses are known."""
    table = result.table
    if not table.layers:
        return Text("It has no layers with weights that a setting could be for.")
    known = result.samples > 0
    if known:
        head = (
            "Predicted loss in thousandths of a nat (mean KL divergence from the original), from "
            f"{result.samples} samples in {units.format_duration(result.seconds)}: as long as "
            f"{result.forward_passes:.0f} forward passes over them"
        )
    else:
        head = "Bytes of each layer; give data with --data to learn what settings cost"
    parts: list[RenderableType] = [Text(head)]
    parts += [_block(table, grid, losses=known) for grid in table.grids]
    return Group(*parts)


def _block(table: CostTable, grid: Grid, *, losses: bool) -> Table:
    method = REGISTRY.step(grid.method)
    title = method.title if method is not None else grid.method
    axis = method.axis.field if method is not None and method.axis is not None else ""
    block = Table(title=f"{title}: {axis}", title_justify="left", box=None, pad_edge=False)
    block.add_column("layer", overflow="fold")
    for setting in grid.settings:
        block.add_column(f"{setting:g}", justify="right", no_wrap=True)
    for name in table.layers:
        entries = [table.entry(name, grid.method, setting) for setting in grid.settings]
        block.add_row(name, *(_cell(entry, losses=losses) for entry in entries))
    return block


def _cell(entry: Entry, *, losses: bool) -> str:
    value = entry.loss if losses else entry.size_bytes
    if math.isnan(value):
        return units.UNKNOWN
    return f"{1000 * value:.3g}" if losses else units.format_bytes(int(value))
