"""Brings predictions of whole recipes to what finished trials measured.

Losses of single settings add up only about: what one layer loses another one may absorb or amplify.
Each method has a factor, and each layer may have one of its own besides; `engine.factors` fits them
to finished trials.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.frozen import FrozenMap

Floats = NDArray[np.float64]
Parts = FrozenMap[FrozenMap[float]]
"""Method → row of the cost table → a number."""

NOISE = 0.3
"""Standard deviation of the logarithm of measured over predicted that no factor explains."""
PRIOR = 1.0
"""Of the logarithm of a method's factor before anything has been measured."""
RATE = 0.35
"""Share of samples lost for each nat of a small loss, before anything has been measured."""
MOST_LOST = 0.9
"""Share of samples that is lost where nothing is left."""
_WIDTH = 2.0
"""Standard deviations to either end of an interval."""
_ROUNDING = "uniform"
"""The method that rounds activations too."""
_NO_ROW: FrozenMap[float] = FrozenMap()


@dataclass(frozen=True, slots=True)
class Finished:
    """What a trial was predicted to lose, and what it lost.

    Attributes:
        predicted: Method → sum of the losses of its settings, as the cost table has them.
        loss: Measured: mean KL divergence from the original; NaN: not known.
        accuracy_drop: Measured share of samples lost; NaN: not known.
        samples: That it was measured on.
        fixed: Of the loss, what bits cost in any layer: measured with activations rounded alone.
        parts: Method → row of the cost table → its part of `predicted`; of a channel group the
            first of its rows. Without a method: not known.
    """

    predicted: FrozenMap[float]
    loss: float = math.nan
    accuracy_drop: float = math.nan
    samples: int = 0
    fixed: float = 0.0
    parts: Parts = FrozenMap()

    @classmethod
    def of_parts(cls, parts: Parts) -> Finished:
        """Of a trial that has not been measured."""
        sums = {method: math.fsum(losses.values()) for method, losses in parts.items()}
        return cls(FrozenMap(sums), parts=parts)


@dataclass(frozen=True, slots=True)
class Draw:
    """Asks for factors that are drawn from what is likely, to try something new.

    Attributes:
        seed: Of what is drawn.
        daring: Part of the variance with which it is: trials are dear.
    """

    seed: int
    daring: float = 0.5


@dataclass(frozen=True, slots=True)
class Correction:
    """What predicted losses are multiplied with.

    Attributes:
        factors: Method → factor; others have 1.
        spread: Method → standard deviation of the logarithm of its factor.
        rate: Share of samples lost for each nat of a small loss.
        trials: Finished ones that it rests on.
        fixed: Nats that are lost wherever bits are chosen, whatever they are.
        own: Method → row of the cost table → factor besides the method's; others have 1.
    """

    factors: FrozenMap[float] = FrozenMap()
    spread: FrozenMap[float] = FrozenMap()
    rate: float = RATE
    trials: int = 0
    fixed: float = 0.0
    own: Parts = FrozenMap()

    def factor(self, method: str) -> float:
        """Of a method."""
        return self.factors.get(method, 1.0)

    def own_factor(self, method: str, row: str) -> float:
        """Of a row, besides its method's."""
        return self.own.get(method, _NO_ROW).get(row, 1.0)

    def own_losses(self, parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """Method → sum of the losses of its rows, each with the row's own factor."""
        found = {}
        for method, losses in parts.items():
            own = self.own.get(method)
            if own:
                found[method] = math.fsum(own.get(row, 1.0) * loss for row, loss in losses.items())
            else:
                found[method] = math.fsum(losses.values())
        return found

    def fixed_of(self, methods: Collection[str]) -> float:
        """Nats that methods lose whatever their settings are."""
        return self.fixed if _ROUNDING in methods else 0.0

    def loss(self, predicted: Mapping[str, float]) -> tuple[float, float, float]:
        """Of a whole recipe, and the ends of its interval.

        Args:
            predicted: Method → sum of the losses of its settings, each with its row's own factor.
        """
        parts = {method: self.factor(method) * loss for method, loss in predicted.items()}
        loss = float(sum(parts.values())) + self.fixed_of(predicted)
        if loss <= 0:
            return loss, 0.0, loss
        spread = {method: self.spread.get(method, PRIOR) for method in parts}
        variance = sum((part / loss * spread[method]) ** 2 for method, part in parts.items())
        reach = math.exp(_WIDTH * math.sqrt(variance + NOISE**2))
        return loss, loss / reach, loss * reach

    def accuracy_drop(self, loss: float) -> float:
        """Share of samples that a loss costs: in proportion while it is small."""
        return MOST_LOST * -math.expm1(-self.rate * max(loss, 0.0) / MOST_LOST)

    def loss_of_drop(self, drop: float) -> float:
        """The inverse: the loss that costs such a share of samples."""
        if drop >= MOST_LOST:
            return math.inf
        return -MOST_LOST / self.rate * math.log1p(-max(drop, 0.0) / MOST_LOST)


@dataclass(frozen=True, slots=True)
class Part:
    """What one method's choices cost together, as a cost table has them.

    Attributes:
        method: Its name.
        loss: Sum of the losses.
        losses: Row → its own.
        below: Sum of the squares of what they may be less.
        above: Sum of the squares of what they may be more.
        drop: Share of samples lost; NaN: not known.
        count: Choices.
        measured: Of them, those that rest on measured entries alone.
        unknown: Layers whose loss is not known; it counts as nothing.
    """

    method: str
    loss: float
    losses: FrozenMap[float]
    below: float
    above: float
    drop: float
    count: int
    measured: int
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls,
        method: str,
        layers: Sequence[str],
        values: Floats,
        measured: NDArray[np.bool_],
        settings: Floats,
    ) -> Part:
        """Of values `[chosen, 4]`: loss, the ends of its interval, accuracy lost."""
        rows = np.flatnonzero(~np.isnan(settings))
        blank = np.isnan(values[:, 0])
        loss = np.where(blank, 0.0, values[:, 0])
        ends = np.where(np.isnan(values[:, 1:3]) | blank[:, None], loss[:, None], values[:, 1:3])
        names = [layers[row] for row in rows.tolist()]
        return cls(
            method,
            float(loss.sum()),
            FrozenMap(dict(zip(names, loss.tolist(), strict=True))),
            float(((loss - ends[:, 0]) ** 2).sum()),
            float(((ends[:, 1] - loss) ** 2).sum()),
            float(values[:, 3].sum()),
            len(rows),
            int(measured[rows].sum()),
            tuple(name for name, one in zip(names, blank.tolist(), strict=True) if one),
        )


def expected_loss(parts: Sequence[Part], correction: Correction) -> tuple[float, float, float]:
    """Loss of a whole recipe, and the ends of its interval.

    Before any trial the interval is that of the layers, taken as independent.
    """
    losses = correction.own_losses({one.method: one.losses for one in parts})
    loss, low, high = correction.loss(losses)
    if not correction.trials:
        low = max(loss - math.sqrt(sum(one.below for one in parts)), 0.0)
        high = loss + math.sqrt(sum(one.above for one in parts))
    return loss, low, high
