"""What channel groups save: of their members, and of the layers that read them."""

from __future__ import annotations

import numpy as np

from engine.cost import Grid, Groups
from engine.info import ChannelGroup, LayerInfo
from engine.jobs.job import Job
from engine.layer_table import LayerTable
from engine.methods.pruning.channel import ChannelParams, uniform_plan
from engine.methods.pruning.channel_shapes import Rounding, Shapes
from engine.registry import Scope
from engine.search.savings import method_of, rows_of


def groups_of(table: LayerTable, grids: tuple[Grid, ...], job: Job) -> tuple[Groups, ...]:
    """For each method whose settings are for groups, what they do to the rows of a cost table."""
    return tuple(
        _groups(table, grid, job) for grid in grids if method_of(grid.method).scope is Scope.GROUP
    )


def free_groups(table: LayerTable) -> dict[str, tuple[ChannelGroup, tuple[str, ...]]]:
    """Id → group that can shrink, and the rows that are its members."""
    rows = {row.name for row in rows_of(table)}
    found = {}
    for group in table.groups:
        members = tuple(name for name in group.layers if name in rows)
        if members and not group.frozen_reason:
            found[group.id] = (group, members)
    return found


def _groups(table: LayerTable, grid: Grid, job: Job) -> Groups:
    free = free_groups(table)
    rows = {row.name: place for place, row in enumerate(rows_of(table))}
    shapes = Shapes(table, dict.fromkeys(free, Rounding()))
    touched = {name: [n for n in shapes.touched.get(name, ()) if n in rows] for name in free}
    pairs = [(place, rows[name]) for place, id in enumerate(free) for name in touched[id]]
    found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for ratio in grid.settings:
        plan = uniform_plan(shapes, dict.fromkeys(free, ChannelParams(ratio=ratio)))
        for id in free:
            job.checkpoint()
            after = shapes.after({id: plan[id]})
            for name in touched[id]:
                found.setdefault((id, name), []).append(_share(table[name], after[name]))
    shares = [found[id, name] for id in free for name in touched[id]]
    return Groups(
        grid.method,
        tuple(free),
        tuple(members for _, members in free.values()),
        np.array(pairs, np.int64).reshape(len(pairs), 2),
        np.array(shares, np.float64).reshape(len(pairs), len(grid.settings), 3),
    )


def _share(before: LayerInfo, after: LayerInfo) -> tuple[float, float, float]:
    """Of bytes, MACs and latency, which follows the MACs."""
    size = after.size_bytes / before.size_bytes if before.size_bytes else 1.0
    macs = (after.macs or 0) / before.macs if before.macs else 1.0
    return size, macs, macs
