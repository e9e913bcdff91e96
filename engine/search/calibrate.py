"""Brings predicted losses to measured ones: a few entries are measured, the rest follow them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEAST = 1e-9
"""Losses below this are rounding."""
_WIDTH = 2.0
"""Standard deviations to either end of an interval."""
_LEAST_SPREAD = 0.2
"""Of the logarithm: so few entries cannot tell of a better agreement."""

_PRIOR = 3.0
"""Entries that the prediction itself counts as: to second order it needs no factor."""


@dataclass(frozen=True, slots=True)
class Point:
    """An entry that was measured: its loss as predicted, and as it is."""

    method: str
    predicted: float
    measured: float


@dataclass(frozen=True, slots=True)
class Scale:
    """What predicted losses are multiplied with; one factor for each method.

    Attributes:
        factors: Method → factor; others keep their predictions.
        spread: Standard deviation of the logarithm of measured over scaled; NaN: not known.
    """

    factors: tuple[tuple[str, float], ...] = ()
    spread: float = math.nan

    def loss(self, method: str, predicted: float) -> tuple[float, float, float]:
        """A predicted loss, scaled, and the ends of its interval."""
        factor = dict(self.factors).get(method)
        if factor is None or not math.isfinite(self.spread):
            return predicted, math.nan, math.nan
        loss = factor * predicted
        reach = math.exp(_WIDTH * self.spread)
        return loss, loss / reach, loss * reach


def scale_of(points: Sequence[Point]) -> Scale:
    """Fit a factor for each method on the logarithms.

    Args:
        points: Those with a loss too small to be measured say nothing.
    """
    usable = [one for one in points if min(one.predicted, one.measured) > LEAST]
    by_method: dict[str, list[float]] = {}
    for one in usable:
        ratio = math.log(one.measured / one.predicted)
        by_method.setdefault(one.method, []).append(ratio)
    if not usable:
        return Scale()
    means = {m: sum(ratios) / (len(ratios) + _PRIOR) for m, ratios in by_method.items()}
    rest = [ratio - means[method] for method, ratios in by_method.items() for ratio in ratios]
    freedom = max(len(rest) - len(means), 1)
    spread = max(math.sqrt(sum(one * one for one in rest) / freedom), _LEAST_SPREAD)
    factors = tuple((method, math.exp(mean)) for method, mean in means.items())
    return Scale(factors, spread)


def spread_out(predicted: Sequence[float], count: int) -> list[int]:
    """Places of so many losses, evenly from the smallest to the largest that can be measured."""
    usable = [place for place, loss in enumerate(predicted) if loss > LEAST]
    usable.sort(key=lambda place: predicted[place])
    if not usable or count < 1:
        return []
    at = np.linspace(0, len(usable) - 1, min(count, len(usable)) + 2)[1:-1]
    return sorted({usable[round(float(place))] for place in at})
