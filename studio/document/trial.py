"""A trial: one run of a recipe, what it was expected to come to, and what was measured."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.frozen import FrozenMap
from engine.info import Metrics
from engine.recipe.model import Recipe

UNMEASURED = Metrics()
"""Numbers of which none is known."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a recipe was expected to lose before it was run.

    Attributes:
        by_method: Method → sum of the losses of its settings, as the cost table had them.
        loss: Of the whole recipe, corrected by the trials before it.
        low: Lower end of its interval.
        high: Upper end.
        accuracy_drop: Share of samples lost; NaN: not known.
        measured: Share of the choices that rest on measured entries alone, 0…1.
        unknown: How many choices the cost table knows no loss of; they count as nothing.
        others: How many steps do something that the table tells nothing of: train, say.
    """

    by_method: FrozenMap[float] = FrozenMap()
    loss: float = math.nan
    low: float = math.nan
    high: float = math.nan
    accuracy_drop: float = math.nan
    measured: float = 0.0
    unknown: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a recipe, with what was measured. Its details are fetched when they are looked at.

    Attributes:
        id: From 1, in the order of the runs.
        name: As the user calls it; empty: by its number.
        recipe: What was run.
        parent: The trial whose recipe this one's was made from.
        created: Time as ISO 8601, with the zone.
        predicted: What was known before.
        measured: Of the written file.
        original: Of the network as it was opened, measured in the same run.
        file: The written file, relative to the project's folder.
        predictions: The answers to the evaluation samples, likewise; empty: none.
        seconds: How long it took.
        notes: Of the run.
        remark: The user's own.
        pinned: It stays on top.
        stopped: The run was ended early.
        deleted: It is hidden, and goes when the project is closed.
        forecast: What it was expected to lose; None: nothing was known.
        kl: What it lost: mean KL divergence from the original's outputs, in nats; None: not
            measured.
    """

    id: int
    name: str
    recipe: Recipe
    parent: int | None = None
    created: str = ""
    predicted: Metrics = UNMEASURED
    measured: Metrics = UNMEASURED
    original: Metrics = UNMEASURED
    file: str = ""
    predictions: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    remark: str = ""
    pinned: bool = False
    stopped: bool = False
    deleted: bool = False
    forecast: Forecast | None = None
    kl: float | None = None
