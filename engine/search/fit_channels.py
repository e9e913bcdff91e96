"""Numbers of channels that a group may keep, and what they lose."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

import numpy as np

from engine.cost import CostTable, Floats, Grid
from engine.info import ChannelGroup
from engine.layer_table import LayerTable
from engine.methods.pruning.channel import ChannelParams
from engine.methods.pruning.channel_shapes import Rounding, units_kept
from engine.search.coupling import free_groups
from engine.search.fit_problem import CHANNEL, Channels
from engine.search.fit_recipe import Base

STATES = 8
"""Most numbers of channels that are tried for a group, besides all of them."""

Known = dict[str, tuple[ChannelGroup, tuple[str, ...]]]
"""Id → group, and the rows of the cost table that are its members."""


def known_groups(table: LayerTable, cost: CostTable, most: int) -> Known:
    """Groups with a predicted loss, without those that meet too many others in one layer.

    Args:
        table: Of the network.
        cost: Predicted losses.
        most: Combinations of the states of groups that meet.
    """
    strongest = _grid(cost).settings[-1]
    known = {
        id: (group, members)
        for id, (group, members) in free_groups(table).items()
        if not math.isnan(_loss(cost, members, strongest))
    }
    together = int(math.log(most) / math.log(STATES + 1))
    meeting: dict[str, list[str]] = {}
    for id, (group, _) in known.items():
        for name in {*group.layers, *group.consumers}:
            meeting.setdefault(name, []).append(id)
    gone = {id for ids in meeting.values() for id in ids[together:]}
    return {id: one for id, one in known.items() if id not in gone}


def states_of(
    group: ChannelGroup,
    members: tuple[str, ...],
    cost: CostTable,
    base: Base,
    locks: Collection[str],
) -> Channels:
    """What a group may become; one member that is locked locks it."""
    rounding = rounding_of(base, group.id)
    known = _known_losses(group, members, cost)
    if any(name in locks for name in group.layers):
        ratios = [_locked_ratio(group, base)]
    else:
        settings = [setting for _, setting, _ in known]
        ratios = [0.0, *_ratios(group, rounding, known[-1][0], settings)]
    gone = np.array([1 - units_kept(group, r, rounding) / group.channels for r in ratios])
    return Channels(group.id, members, tuple(ratios), _losses_at(gone, known))


def rounding_of(base: Base, id: str) -> Rounding:
    """To what numbers of channels a group may come."""
    params = base.params(CHANNEL, id)
    assert isinstance(params, ChannelParams)
    return Rounding(params.round_to, params.min_channels)


def _grid(cost: CostTable) -> Grid:
    return next(grid for grid in cost.grids if grid.method == CHANNEL)


def _loss(cost: CostTable, members: Sequence[str], ratio: float) -> float:
    if ratio == 0:
        return 0.0
    known = [name for name in members if name in cost.layers]
    losses = [cost.predict(name, CHANNEL, ratio).loss for name in known]
    return max(losses, default=math.nan)


def _known_losses(
    group: ChannelGroup, members: Sequence[str], cost: CostTable
) -> list[tuple[float, float, float]]:
    """Share of the units that really went, setting and loss, of the settings looked at."""
    found = []
    for setting in _grid(cost).settings:
        gone = 1 - units_kept(group, setting, Rounding()) / group.channels
        found.append((gone, setting, _loss(cost, members, setting)))
    return found


def _locked_ratio(group: ChannelGroup, base: Base) -> float:
    """What the recipe so far removes of a group."""
    for index, step in enumerate(base.plan.recipe.steps):
        if step.method == CHANNEL and step.enabled:
            left = {g.id: g.channels for g in base.plan.tables[index + 1].groups}
            return 1 - left.get(group.id, group.channels) / group.channels
    return 0.0


def _losses_at(gone: Floats, known: Sequence[tuple[float, float, float]]) -> Floats:
    """Losses where such shares of the units go, between those that were looked at, by factors."""
    at, losses = [0.0], [0.0]
    for share, _, loss in known:
        if share > at[-1] and not math.isnan(loss):
            at.append(share)
            losses.append(max(loss, losses[-1]))
    linear = np.interp(gone, at, losses)
    logs = np.interp(gone, at[1:] or [0.0], np.log(np.maximum(losses[1:] or [0.0], 1e-12)))
    first = at[1] if len(at) > 1 else 0.0
    return np.where(gone <= first, linear, np.exp(logs))


def _ratios(
    group: ChannelGroup, rounding: Rounding, most: float, settings: Sequence[float]
) -> list[float]:
    """Ratios of different numbers of channels that may stay, mildest first.

    Args:
        group: Of channels.
        rounding: Of their number.
        most: Share of the units that may go.
        settings: That stand for the numbers that they come to.
    """
    step = rounding.step(group.channels, group.unit)
    counts = sorted(
        {
            rounding.allowed(group.channels, group.unit, wanted)
            for wanted in range(step, group.channels, step)
        },
        reverse=True,
    )
    counts = [n for n in counts if n < group.channels and 1 - n / group.channels <= most + 1e-9]
    if len(counts) > STATES:
        at = np.linspace(0, len(counts) - 1, STATES).round().astype(int)
        counts = [counts[place] for place in at]
    return [_ratio_of(group, count, rounding, settings) for count in counts]


def _ratio_of(
    group: ChannelGroup, count: int, rounding: Rounding, settings: Sequence[float]
) -> float:
    """A setting that was looked at, else the shortest number, with which so many units stay."""
    exact = 1 - count / group.channels
    for ratio in (*settings, *(round(exact, digits) for digits in (2, 3, 4))):
        if units_kept(group, ratio, rounding) == count:
            return ratio
    return exact
