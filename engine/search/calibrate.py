"""Brings losses to second order to what a few samples say, as far as these can be trusted.

What a change loses on a few samples, over its loss to second order on the same ones, is the factor
between the two (a ratio estimate: Cochran 1977, *Sampling Techniques*, ch. 6): what differs between
samples cancels. Few samples tell a factor badly, so it is drawn to that of like changes: to a line
in the logarithm of the loss for each method, by how far changes lie from it (an empirical Bayes
estimate: Efron, Morris 1973, J. Am. Stat. Assoc. 68, 117).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST = 1e-12
"""Losses below this are rounding."""
_WIDTH = 2.0
"""Standard deviations to either end of an interval."""
_UNSEEN = 1.8
"""Times that other samples lose more than those of calibration: networks are surer of what they
were trained on, and what is fitted to some samples fits them best. Seen with three networks, from
1.6 to 2.5 times; nothing in the samples themselves tells it."""
_UNSEEN_SPREAD = 0.3
"""Of its logarithm, from network to network and from change to change."""
_UNTOLD_SPREAD = 0.3
"""Of the logarithm, where nothing of a method was run."""
_OWN_NOISE = 0.8
"""Of the logarithm of a factor from one sample, beyond what a few show: they show too little, and
two probes tell little of one sample."""
_PRIOR_FACTOR, _PRIOR_SLOPE = 0.7, 0.1
"""Standard deviations of a line's height and slope before anything is known."""
_UNKNOWN = 1e9
"""Variance of a factor that was not measured."""
_ROUNDS = 6
_FARTHEST = 3.0
"""Standard deviations from its line beyond which a change counts less."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What is known of changes.

    Attributes:
        predicted: `[changes]`, losses to second order, on all samples.
        noise: `[changes]`: variance of the logarithm of `predicted` from one lot of samples to
            another.
        near: `[changes, few]`, what each of a few samples adds to losses to second order.
        true: `[changes, few]`, what it really adds.
    """

    predicted: Floats
    noise: Floats
    near: Floats
    true: Floats

    def ratios(self) -> tuple[Floats, Floats]:
        """Logarithm of measured over predicted on the few, and its variance; NaN: not known."""
        count = self.near.shape[1]
        below, above = self.near.sum(1), self.true.sum(1)
        known = (below > LEAST) & (above > LEAST)
        ratio = np.divide(above, below, out=np.full(len(below), np.nan), where=known)
        off = self.true - ratio[:, None] * self.near
        variance = np.full(len(below), np.nan)
        more = count / max(count - 1, 1)
        variance[known] = more * np.square(off[known]).sum(1) / above[known] ** 2
        variance += _OWN_NOISE**2 / count
        return np.log(ratio, out=ratio, where=known), variance

    def shared(self) -> float:
        """Variance that all logarithms of ratios have in common, for they are of the same samples.

        By leaving out one of the few at a time (jackknife: Efron, Stein 1981, Ann. Stat. 9, 586).
        """
        count = self.near.shape[1]
        below = self.near.sum(1, keepdims=True) - self.near
        above = self.true.sum(1, keepdims=True) - self.true
        known = ((below > LEAST) & (above > LEAST)).all(1)
        if count < 2 or not known.any():
            return 0.0
        levels = np.median(np.log(above[known] / below[known]), axis=0)  # [few]
        return float((count - 1) * levels.var())


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Losses of changes, in nats; NaN: not known.

    Attributes:
        losses: `[changes]`.
        low: Lower ends of their intervals.
        high: Upper ends.
    """

    losses: Floats
    low: Floats
    high: Floats

    def at(self, place: int) -> tuple[float, float, float]:
        """Loss, lower and upper end of one change."""
        return float(self.losses[place]), float(self.low[place]), float(self.high[place])


def told(methods: Sequence[str], portions: Sequence[Looked]) -> Told:
    """Losses of changes on other samples, with intervals.

    Args:
        methods: Of each change.
        portions: What is known of them, in order; each looked at other samples.
    """
    predicted, noise = (
        np.concatenate([getattr(one, name) for one in portions]) for name in ("predicted", "noise")
    )
    factors, variances = (
        np.concatenate(parts) for parts in zip(*(part.ratios() for part in portions), strict=True)
    )
    noise = noise + np.concatenate([np.full(len(p.predicted), p.shared()) for p in portions])
    losses, spread = predicted.copy(), np.full(len(predicted), np.nan)
    for method in dict.fromkeys(methods):
        mine = np.array([name == method for name in methods])
        mine &= predicted > LEAST
        left: Floats | float = _UNTOLD_SPREAD**2
        if np.isfinite(factors[mine]).any():
            at = np.log(predicted[mine])
            shrunk, left = _shrunk(at, factors[mine], variances[mine])
            losses[mine] *= np.exp(shrunk)
        losses[mine] *= _UNSEEN
        spread[mine] = np.sqrt(left + noise[mine] + _UNSEEN_SPREAD**2)
    reach = np.exp(_WIDTH * spread)
    return Told(losses, losses / reach, losses * reach)


def _shrunk(at: Floats, factors: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Factors drawn to a line, and the variance that is left of each.

    Args:
        at: Logarithms of the predicted losses.
        factors: Logarithms of measured over predicted; NaN: not measured.
        variances: Of these.
    """
    known = np.isfinite(factors)
    factors = np.where(known, factors, 0.0)
    variances = np.where(known, variances, _UNKNOWN)
    at = np.clip(at, at[known].min(), at[known].max())  # a line says nothing of what lies beyond
    across = np.stack([np.ones_like(at), at - at.mean()], axis=1)
    prior = np.diag([_PRIOR_FACTOR**-2.0, _PRIOR_SLOPE**-2.0])
    apart = 0.2**2
    line = np.zeros_like(at)
    for _ in range(_ROUNDS):
        weights = 1 / (apart + variances)
        far = np.abs(factors - line) * np.sqrt(weights) / _FARTHEST
        weights = weights / np.maximum(far, 1.0) if line.any() else weights
        solved = np.linalg.solve(
            across.T * weights @ across + prior, across.T @ (weights * factors)
        )
        line = across @ solved
        beyond = np.square(factors - line) - variances
        apart = max(float((weights * beyond).sum() / weights.sum()), 0.05**2)
    trust = apart / (apart + variances)
    return line + trust * (factors - line), trust * variances
