"""The cost table as cells of the map and points of curves, and a cell as a wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.cost import CostTable, Grid
from engine.registry import REGISTRY
from studio.document.facets import FACET_KINDS, Facet, facet_step
from studio.document.messages import SetFacet
from studio.document.sensitivity import HIGH, LOSS, LOW
from studio.document.state import DocumentState
from studio.views.sensitivity_words import Shown, heading, short_setting
from studio.widgets.plots.curves import Curve
from studio.widgets.plots.heatmap import Cells

_FACETS = (Facet.PRUNE, Facet.RANK, Facet.WEIGHT_BITS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map.

    Attributes:
        grid: Its method.
        setting: On its axis.
        place: Among the table's columns.
    """

    grid: Grid
    setting: float
    place: int


def columns_of(table: CostTable, method: str) -> tuple[Column, ...]:
    """The columns of a method; of all where it is empty."""
    every = [(grid, setting) for grid in table.grids for setting in grid.settings]
    return tuple(
        Column(grid, setting, place)
        for place, (grid, setting) in enumerate(every)
        if method in ("", grid.method)
    )


def cells_of(table: CostTable, columns: Sequence[Column], shown: Shown) -> Cells:
    """What the map shows."""
    places = [one.place for one in columns]
    grids = dict.fromkeys(one.grid for one in columns)
    return Cells(
        table.layers,
        tuple(short_setting(one.grid, one.setting) for one in columns),
        shown.values(table)[:, places],
        table.measured[:, places, shown.place],
        tuple((heading(grid), len(grid.settings)) for grid in grids),
    )


def curve_of(table: CostTable, row: int, grid: Grid, shown: Shown) -> Curve:
    """A layer's curve over the settings of a method."""
    places = [one.place for one in columns_of(table, grid.method)]
    values, measured = table.values[row, places], table.measured[row, places, shown.place]
    bounds = (values[:, LOW], values[:, HIGH]) if shown.place == LOSS else ()
    if bounds and not all(np.isfinite(bound).any() for bound in bounds):
        bounds = ()
    settings = np.asarray(grid.settings, np.float64)
    return Curve(table.layers[row], settings, shown.values(table)[row, places], measured, *bounds)


def wish_of(state: DocumentState, layer: str, column: Column) -> SetFacet | None:
    """A cell's setting as the recipe would have it; None where it cannot."""
    method = REGISTRY.step(column.grid.method)
    facet = next(
        (one for one in _FACETS if method is not None and method.kind in FACET_KINDS[one]), None
    )
    if facet is None or state.resolution is None:
        return None
    step = facet_step(state, facet)
    if step is not None and state.recipe.steps[step].method != column.grid.method:
        return None
    whole = column.setting.is_integer() and facet is Facet.WEIGHT_BITS
    setting = int(column.setting) if whole else column.setting
    return SetFacet(facet, (layer,), setting, method=column.grid.method)
