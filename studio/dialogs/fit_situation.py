"""What the dialog of fit to budget has to know of the network and the recipe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.budget import Costs
from studio.dialogs.fit_result import Round
from studio.widgets.plots.pareto import Known


@dataclass(frozen=True, slots=True)
class Situation:
    """What the dialog has to know of the network and the recipe.

    Attributes:
        original: The network as it is.
        now: The recipe as it is, predicted.
        layers: Names, in execution order.
        methods: Method → whether it is mixed unless said otherwise.
        locked: Layers that are locked.
        own: Layers with a setting of their own, that may be kept.
        known: Networks that there are already, for the curve.
        rounds: Finished runs by which predictions are corrected.
    """

    original: Costs
    now: Costs
    layers: tuple[str, ...] = ()
    methods: tuple[tuple[str, bool], ...] = ()
    locked: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    known: tuple[Known, ...] = ()
    rounds: tuple[Round, ...] = ()


def known_networks(
    trials: Sequence[tuple[str, float | None, float | None]], now: Costs | None, label: str
) -> tuple[Known, ...]:
    """Trials (name, bytes, measured loss) and the recipe in force, for the curve."""
    found = [
        Known(name, float(size), float(loss))
        for name, size, loss in trials
        if size is not None and loss is not None
    ]
    if now is not None and math.isfinite(now.loss) and math.isfinite(now.size_bytes):
        found.append(Known(label, now.size_bytes, now.loss, measured=False))
    return tuple(found)
