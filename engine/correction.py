"""Brings predictions of whole recipes to what finished trials measured.

Losses of single settings add up only about: what one layer loses another one may absorb or amplify.
Each method has a factor, fitted on the logarithms with a prior at 1, so that one trial moves it a
little and several that agree move it there. Part of it is the network's and its data's, so that
what is learned of one method is half believed of the others.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.frozen import FrozenMap

Floats = NDArray[np.float64]

LEAST = 1e-9
"""Losses below this are rounding."""
_NOISE = 0.3
"""Standard deviation of the logarithm of measured over predicted that no factor explains."""
_PRIOR = 1.0
"""Of the logarithm of a method's factor before anything has been measured."""
_SHARED = 0.5
"""Of its variance, the part that is the same for all methods."""
_METHODS = ("channel", "data_aware_svd", "uniform", "weight")
"""That have a factor in any case."""
_WIDTH = 2.0
"""Standard deviations to either end of an interval."""
_ROUNDS = 30
_RATE = 0.35
"""Share of samples lost for each nat of a small loss, before anything has been measured."""
_RATE_PRIOR = 1.0
_RATE_NOISE = 0.5
_ROUNDING = "uniform"
"""The method that rounds activations too."""
_LEAST_REST = 0.1
"""Part of a trial's loss that its settings are taken to have caused at least."""
_MOST_LOST = 0.9
"""Share of samples that is lost where nothing is left."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What a trial was predicted to lose, and what it lost.

    Attributes:
        predicted: Method → sum of the losses of its settings, as the cost table has them.
        loss: Measured: mean KL divergence from the original; NaN: not known.
        accuracy_drop: Measured share of samples lost; NaN: not known.
        samples: That it was measured on.
        fixed: Of the loss, what bits cost in any layer: measured with activations rounded alone.
    """

    predicted: FrozenMap[float]
    loss: float = math.nan
    accuracy_drop: float = math.nan
    samples: int = 0
    fixed: float = 0.0


@dataclass(frozen=True, slots=True)
class Correction:
    """What predicted losses are multiplied with.

    Attributes:
        factors: Method → factor; others have 1.
        spread: Method → standard deviation of the logarithm of its factor.
        rate: Share of samples lost for each nat of a small loss.
        trials: Finished ones that it rests on.
        fixed: Nats that are lost wherever bits are chosen, whatever they are.
    """

    factors: FrozenMap[float] = FrozenMap()
    spread: FrozenMap[float] = FrozenMap()
    rate: float = _RATE
    trials: int = 0
    fixed: float = 0.0

    def factor(self, method: str) -> float:
        """Of a method."""
        return self.factors.get(method, 1.0)

    def fixed_of(self, methods: Collection[str]) -> float:
        """Nats that methods lose whatever their settings are."""
        return self.fixed if _ROUNDING in methods else 0.0

    def loss(self, predicted: Mapping[str, float]) -> tuple[float, float, float]:
        """Of a whole recipe, and the ends of its interval.

        Args:
            predicted: Method → sum of the losses of its settings.
        """
        parts = {method: self.factor(method) * loss for method, loss in predicted.items()}
        loss = float(sum(parts.values())) + self.fixed_of(predicted)
        if loss <= 0:
            return loss, 0.0, loss
        spread = {method: self.spread.get(method, _PRIOR) for method in parts}
        variance = sum((part / loss * spread[method]) ** 2 for method, part in parts.items())
        reach = math.exp(_WIDTH * math.sqrt(variance + _NOISE**2))
        return loss, loss / reach, loss * reach

    def accuracy_drop(self, loss: float) -> float:
        """Share of samples that a loss costs: in proportion while it is small."""
        return _MOST_LOST * -math.expm1(-self.rate * max(loss, 0.0) / _MOST_LOST)

    def loss_of_drop(self, drop: float) -> float:
        """The inverse: the loss that costs such a share of samples."""
        if drop >= _MOST_LOST:
            return math.inf
        return -_MOST_LOST / self.rate * math.log1p(-max(drop, 0.0) / _MOST_LOST)


@dataclass(frozen=True, slots=True)
class Part:
    """What one method's choices cost together, as a cost table has them.

    Attributes:
        method: Its name.
        loss: Sum of the losses.
        below: Sum of the squares of what they may be less.
        above: Sum of the squares of what they may be more.
        drop: Share of samples lost; NaN: not known.
        count: Choices.
        measured: Of them, those that rest on measured entries alone.
        unknown: Layers whose loss is not known; it counts as nothing.
    """

    method: str
    loss: float
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
        return cls(
            method,
            float(loss.sum()),
            float(((loss - ends[:, 0]) ** 2).sum()),
            float(((ends[:, 1] - loss) ** 2).sum()),
            float(values[:, 3].sum()),
            len(rows),
            int(measured[rows].sum()),
            tuple(layers[row] for row in rows[blank]),
        )


def expected_loss(parts: Sequence[Part], correction: Correction) -> tuple[float, float, float]:
    """Loss of a whole recipe, and the ends of its interval.

    Before any trial the interval is that of the layers, taken as independent.
    """
    loss, low, high = correction.loss({one.method: one.loss for one in parts})
    if not correction.trials:
        low = max(loss - math.sqrt(sum(one.below for one in parts)), 0.0)
        high = loss + math.sqrt(sum(one.above for one in parts))
    return loss, low, high


def correction_from(
    finished: Sequence[Finished], prior: Mapping[str, float] = FrozenMap()
) -> Correction:
    """Fit factors to finished trials.

    The most likely ones: for each trial ln measured = ln Σ fₘ·lossₘ + noise, with all ln fₘ jointly
    normal about the logarithms of their priors; by Gauss-Newton. What a trial loses whatever its
    settings are is taken off first, and what is left of it counts by how well it is known.

    Args:
        finished: Those whose loss is not known say nothing of it.
        prior: Method → factor before anything has been measured; others have 1.
    """
    usable = [
        one
        for one in finished
        if math.isfinite(one.loss) and one.loss > LEAST and _sum(one.predicted) > LEAST
    ]
    rate = _rate_of(finished)
    fixed = [one.fixed for one in finished if one.fixed > 0]
    lost = sum(fixed) / len(fixed) if fixed else 0.0
    if not usable:
        return Correction(FrozenMap(prior), rate=rate, fixed=lost)
    methods = sorted({*_METHODS, *(m for one in usable for m in one.predicted)})
    losses = np.array([[one.predicted.get(m, 0.0) for m in methods] for one in usable])
    whole = np.array([one.loss for one in usable])
    left = np.maximum(whole - [one.fixed for one in usable], _LEAST_REST * whole)
    wanted = np.log(left)
    trust = np.square(left / whole) / _NOISE**2
    expected = np.log([prior.get(method, 1.0) for method in methods])
    logs = expected.copy()
    inverse = _PRIOR**2 * ((1 - _SHARED) * np.eye(len(methods)) + _SHARED)
    before = np.linalg.inv(inverse)
    for _ in range(_ROUNDS):
        parts = losses * np.exp(logs)
        sums = parts.sum(axis=1)
        slopes = parts / sums[:, None]
        rest = wanted - np.log(sums)
        inverse = np.linalg.inv(slopes.T * trust @ slopes + before)
        step = inverse @ (slopes.T @ (trust * rest) - before @ (logs - expected))
        logs = logs + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < 1e-9:
            break
    spread = np.sqrt(inverse.diagonal())
    return Correction(
        FrozenMap({**prior, **dict(zip(methods, np.exp(logs).tolist(), strict=True))}),
        FrozenMap(dict(zip(methods, spread.tolist(), strict=True))),
        rate,
        len(usable),
        lost,
    )


def _sum(losses: Mapping[str, float]) -> float:
    return sum(loss for loss in losses.values() if math.isfinite(loss))


def _rate_of(finished: Sequence[Finished]) -> float:
    """Of trials that lost something, on the logarithms, with a prior."""
    logs = []
    for one in finished:
        lost = one.accuracy_drop
        if not (math.isfinite(lost) and math.isfinite(one.loss)) or one.loss <= LEAST:
            continue
        lost = max(lost, 0.5 / max(one.samples, 1))  # of a trial that lost none
        lost = min(lost, 0.99 * _MOST_LOST)
        logs.append(math.log(-_MOST_LOST * math.log1p(-lost / _MOST_LOST) / one.loss / _RATE))
    weight = len(logs) / _RATE_NOISE**2
    mean = sum(logs) / _RATE_NOISE**2 / (weight + 1 / _RATE_PRIOR**2)
    return _RATE * math.exp(mean)
