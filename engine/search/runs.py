"""Changes that are measured, and their turns: what is most worth knowing comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.cost import CostTable, Entry
from engine.costs_measured import Place
from engine.search.sums import Key
from engine.search.tails import Changed

MIDDLE = 0.02
"""Nats: where budgets are decided. Much less is taken anyway, much more never."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A change that is measured: its places in the table, and how it is run."""

    key: Key
    places: tuple[Place, ...]
    change: Changed
    size_bytes: int


def by_worth(runs: Sequence[Run], costs: CostTable) -> list[Run]:
    """For each layer and method in turn the setting that is most worth knowing.

    Args:
        runs: In any order.
        costs: What is known so far.
    """
    worths = {run.key: max(_worth(costs.entry(*place)) for place in run.places) for run in runs}
    turns: dict[tuple[str, str], int] = {}
    keyed = []
    for run in sorted(runs, key=lambda run: -worths[run.key]):
        place = run.key[:2]
        turns[place] = turns.get(place, -1) + 1
        keyed.append((turns[place], -worths[run.key], run))
    return [run for _turn, _value, run in sorted(keyed, key=lambda one: one[:2])]


def _worth(entry: Entry) -> float:
    """More for a wide interval, and for losses that decide."""
    if not entry.loss > 0:
        return 0.0
    width = 1.0
    if entry.loss_low > 0:
        width = math.log(max(entry.loss_high, entry.loss_low) / entry.loss_low)
    return width / (1 + abs(math.log(entry.loss / MIDDLE)))
