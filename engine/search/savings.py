"""What settings save: bytes and MACs from the methods' own predictions, no data needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.cost import Entry, Floats, Grid
from engine.errors import EngineError
from engine.info import LayerInfo, LayerKind
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.methods.pruning.channel import ChannelParams, uniform_plan
from engine.methods.pruning.channel_shapes import Rounding, Shapes
from engine.methods.quantization.settings import MATRICES
from engine.parameters import Params
from engine.registry import REGISTRY, Method, Scope

SETTINGS: Mapping[str, tuple[float, ...]] = {
    "uniform": (8, 6, 4, 3, 2),
    "channel": (0.1, 0.3, 0.5, 0.7),
    "weight": (0.3, 0.5, 0.7, 0.9, 0.95),
    "data_aware_svd": (0.75, 0.5, 0.35, 0.25),
    "spatial": (0.75, 0.5, 0.35, 0.25),
}
"""Method → the settings of its axis that are looked at, mildest first."""

ACTIVATIONS = "uniform.activation_bits"
"""A column for what `uniform` does to a layer's inputs, its weights being as they are."""
ON_WISH: Mapping[str, tuple[float, ...]] = {ACTIVATIONS: (8, 4)}
"""The same for what is looked at only where it is named."""

_PARTS = ("v", "core", "u")
_ROWS = MATRICES | {LayerKind.EMBEDDING}


def grids_of(methods: Sequence[str]) -> tuple[Grid, ...]:
    """The columns of a table.

    Args:
        methods: Names; empty: all that can be looked at.

    Raises:
        EngineError: One of them cannot.
    """
    for name in methods:
        if name not in SETTINGS and name not in ON_WISH:
            raise EngineError(
                f"There are no costs for the method {name}",
                hint=f"Choose among {', '.join(SETTINGS)}.",
            )
    grids = []
    for name in methods or SETTINGS:
        axis = method_of(name).axis
        assert axis is not None
        settings = SETTINGS.get(name) or ON_WISH[name]
        identity = axis.identity if name in SETTINGS else None
        grids.append(Grid(name, tuple(float(s) for s in settings), identity))
    return tuple(grids)


def method_of(name: str) -> Method:
    """A method that is looked at."""
    method = REGISTRY.step(name.partition(".")[0])
    assert method is not None
    return method


def params_of(method: Method, setting: float) -> Params:
    """The method's defaults with a setting of its axis."""
    assert method.axis is not None
    kind = int if isinstance(method.axis.settings[0], int) else float
    return method.params.model_validate({method.axis.field: kind(setting)})


def _params_in(grid: Grid, setting: float) -> Params:
    if grid.method == ACTIVATIONS:
        values = {"weight_bits": None, "activation_bits": int(setting)}
        return method_of(grid.method).params.model_validate(values)
    return params_of(method_of(grid.method), setting)


def rows_of(table: LayerTable) -> tuple[LayerInfo, ...]:
    """Layers with weights that a setting can be for."""
    return tuple(layer for layer in table.layers if layer.kind in _ROWS)


def baseline_of(rows: Sequence[LayerInfo]) -> Floats:
    """Bytes, MACs and latency of rows as they are, `[rows, 3]`."""
    found = np.full((len(rows), 3), np.nan)
    for place, row in enumerate(rows):
        found[place, 0] = 0 if row.tied_to else row.size_bytes  # shared weights once
        found[place, 1] = np.nan if row.macs is None else row.macs
    return found


def applicable(table: LayerTable, grid: Grid) -> tuple[str, ...]:
    """Rows that a method applies to at all; layers that share a weight all or none."""
    method = method_of(grid.method)
    params = _params_in(grid, grid.settings[-1])
    if method.scope is Scope.GROUP:
        free = {name for group in table.groups if not group.frozen_reason for name in group.layers}
        return tuple(row.name for row in rows_of(table) if row.name in free)
    fitting = {row.name for row in rows_of(table) if not method.applies(row, params)}
    left = {row.tied_to or row.name for row in table.layers if row.name not in fitting}
    return tuple(
        row.name
        for row in rows_of(table)
        if row.name in fitting and (row.tied_to or row.name) not in left
    )


def savings(table: LayerTable, grid: Grid, job: Job) -> Iterator[Entry]:
    """Bytes and MACs of each row at each setting, the rest of the network as it is."""
    method = method_of(grid.method)
    names = applicable(table, grid)
    for setting in grid.settings:
        job.checkpoint()
        if method.scope is Scope.GROUP:
            yield from _of_groups(table, names, setting, job)
            continue
        params = _params_in(grid, setting)
        after = method.predict(table, dict.fromkeys(names, params))
        for name in names:
            yield _entry(after, name, grid.method, setting)


def _of_groups(table: LayerTable, names: Sequence[str], ratio: float, job: Job) -> Iterator[Entry]:
    """As `channel` predicts it for one group at a time."""
    wanted = set(names)
    groups = [g for g in table.groups if not g.frozen_reason and wanted & set(g.layers)]
    shapes = Shapes(table, {group.id: Rounding() for group in groups})
    params = ChannelParams(ratio=ratio)
    done: set[str] = set()
    for group in groups:
        job.checkpoint()
        after = shapes.after(uniform_plan(shapes, {group.id: params}))
        for name in group.layers:
            if name in wanted and name not in done:
                done.add(name)
                yield _entry(after, name, "channel", ratio)


def _entry(after: LayerTable, name: str, method: str, setting: float) -> Entry:
    parts = [after[name]] if name in after else []
    parts = parts or [after[f"{name}.{p}"] for p in _PARTS if f"{name}.{p}" in after]
    if not parts:
        return Entry(name, method, setting)
    macs = [part.macs for part in parts]
    return Entry(
        name,
        method,
        setting,
        size_bytes=float(sum(part.size_bytes for part in parts)),
        macs=float("nan") if None in macs else float(sum(m for m in macs if m is not None)),
    )
