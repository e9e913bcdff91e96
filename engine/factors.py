"""Fits the factors of a correction to finished trials.

A method's factor and a layer's own have priors at 1 on the logarithms, so that one trial moves them
a little and several that agree move them there. Part of a method's is the network's and its data's,
so that what is learned of one method is half believed of the others. Trials that differ in a few
layers tell what these do: with factors drawn from what is likely instead of the likeliest, a search
tries what it knows least of (Thompson 1933, doi:10.1093/biomet/25.3-4.285).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.correction import (
    MOST_LOST,
    NOISE,
    PRIOR,
    RATE,
    Correction,
    Draw,
    Finished,
    Floats,
)
from engine.frozen import FrozenMap
from engine.recipe.model import Recipe, Step
from engine.registry import REGISTRY

INTEGERS = 8
"""Bits from which on runtimes compute with integers, for which zero must be in the middle."""
_ROUNDED = 0.6
"""Part of the loss that is left where rounding makes up for its errors, about.

It is 0.4 of all layers at 4 bits together; of what is chosen because it looks cheap more is left.
"""
_SHIFTED = 0.75
"""Of that, where grids below `INTEGERS` bits have zero points."""
LEAST = 1e-9
"""Losses below this are rounding."""
_REST = 0.1
"""Instead of `NOISE` where it is known what each layer was predicted to lose."""
_OWN = 0.4
"""Standard deviation of the logarithm of a layer's own factor before anything was measured."""
_SHARED = 0.5
"""Of the variance of a method's factor, the part that is the same for all methods."""
_METHODS = ("channel", "data_aware_svd", "spatial", "uniform", "weight")
"""That have a factor in any case."""
_ROUNDS = 30
_RATE_PRIOR = 1.0
_RATE_NOISE = 0.5
_LEAST_REST = 0.1
"""Part of a trial's loss that its settings are taken to have caused at least."""
_TINY = 1e-10


@dataclass(frozen=True, slots=True)
class Search:
    """Asks for factors that are drawn.

    Attributes:
        rows: Method → rows that may be chosen: their own factors are drawn too.
        draw: How.
    """

    rows: Mapping[str, Sequence[str]]
    draw: Draw


def prior_of(recipe: Recipe, *, shifts: bool | None = None) -> FrozenMap[float]:
    """Method → factor of its losses, which are those of nearest rounding, before any trial.

    Args:
        recipe: Whose step says how it rounds.
        shifts: Grids have zero points where that costs no time; None: if the recipe has them so.
    """
    step = _rounding(recipe)
    if step is None or step.params.get("rounding", "nearest") == "nearest":
        return FrozenMap()
    if shifts is None:
        shifts = chooses_zero_points(recipe)
    return FrozenMap({"uniform": _ROUNDED * (_SHIFTED if shifts else 1.0)})


def chooses_zero_points(recipe: Recipe) -> bool:
    """Whether zero points go with bits: in a new step, and in one that says what would be."""
    step = _rounding(recipe)
    if step is None:
        return True
    if not {"weight_bits", "symmetric"} <= step.params.keys():
        return False
    said = [{**step.params, **rule.params} for rule in step.rules]
    bits = [(one["weight_bits"], one["symmetric"]) for one in (step.params, *said)]
    return all(
        isinstance(number, int) and symmetric == (number >= INTEGERS) for number, symmetric in bits
    )


def activation_bits(recipe: Recipe) -> int | None:
    """Bits that a recipe rounds activations to; None: it does not."""
    step, method = _rounding(recipe), REGISTRY.step("uniform")
    if step is None or method is None:
        return None
    bits = step.params.get("activation_bits", method.params().model_dump()["activation_bits"])
    return bits if isinstance(bits, int) else None


def _rounding(recipe: Recipe) -> Step | None:
    return next((one for one in recipe.steps if one.method == "uniform" and one.enabled), None)


def correction_from(
    finished: Sequence[Finished],
    prior: Mapping[str, float] = FrozenMap(),
    search: Search | None = None,
) -> Correction:
    """Fit factors to finished trials.

    The most likely ones: for each trial ln measured = ln Σ fₘ·gₘᵣ·lossₘᵣ + noise over methods m and
    rows r, with all ln f jointly normal about the logarithms of their priors and each ln g normal
    about 0; by Gauss-Newton. What a trial loses whatever its settings are is taken off first, and
    what is left of it counts by how well it is known.

    Args:
        finished: Those whose loss is not known say nothing of it.
        prior: Method → factor before anything has been measured; others have 1.
        search: Factors are drawn from what is likely instead.
    """
    usable = [
        one
        for one in finished
        if math.isfinite(one.loss) and one.loss > LEAST and _sum(one.predicted) > LEAST
    ]
    # on the same samples the whole lost less where rounding alone met a rare large error
    fixed = [
        min(one.fixed, one.loss) if math.isfinite(one.loss) else one.fixed
        for one in finished
        if one.fixed > 0
    ]
    found = Correction(
        FrozenMap(prior),
        rate=_rate_of(finished),
        trials=len(usable),
        fixed=sum(fixed) / len(fixed) if fixed else 0.0,
    )
    if not usable and search is None:
        return found
    model = _Model.of(usable, prior, search)
    return model.told(found, None if search is None else search.draw)


_Column = tuple[str, str]
"""Method and row; the row is empty for layers of which nothing is told one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """What is known before, and what trials say.

    Attributes:
        columns: What has a factor.
        losses: `[trials, columns]` as predicted.
        wanted: `[trials]`: logarithm of what was measured, without what is lost anyway.
        noise: `[trials]`: variance of it that no factor explains.
        mean: `[columns]`: logarithms of factors before any trial.
        spread: `[columns, columns]`: their covariance.
    """

    columns: list[_Column]
    losses: Floats
    wanted: Floats
    noise: Floats
    mean: Floats
    spread: Floats

    @classmethod
    def of(
        cls, trials: Sequence[Finished], prior: Mapping[str, float], search: Search | None
    ) -> _Model:
        """Of trials whose loss is known."""
        cells = [_cells(one) for one in trials]
        drawn = {} if search is None else search.rows
        methods = {*_METHODS, *prior, *drawn, *(m for one in cells for m, _ in one)}
        rows = {(m, row) for m, found in drawn.items() for row in found}
        columns = sorted({*((m, "") for m in methods), *rows, *(c for one in cells for c in one)})
        places = {column: place for place, column in enumerate(columns)}
        losses = np.zeros((len(trials), len(columns)))
        for number, one in enumerate(cells):
            for column, loss in one.items():
                losses[number, places[column]] = loss
        whole = np.array([one.loss for one in trials], np.float64)
        left = np.maximum(whole - [one.fixed for one in trials], _LEAST_REST * whole)
        rest = [NOISE if any(not row for _, row in one) else _REST for one in cells]
        names = np.array([method for method, _ in columns])
        own = np.array([_OWN**2 if row else 0.0 for _, row in columns])
        same = np.where(names[:, None] == names, 1.0, _SHARED)
        return cls(
            columns,
            losses,
            np.log(left),
            np.square(np.array(rest, np.float64) * whole / left),
            np.log([prior.get(method, 1.0) for method in names.tolist()]),
            PRIOR**2 * same + np.diag(own),
        )

    def told(self, before: Correction, draw: Draw | None) -> Correction:
        """The correction with factors, likeliest or drawn."""
        logs, slopes = self._fitted()
        gain = self._gain(slopes)
        spread = self.spread - gain @ (slopes @ self.spread)
        if draw is not None:
            logs = logs + math.sqrt(draw.daring) * self._drawn(slopes, gain, draw.seed)
        whole = {m: float(logs[at]) for at, (m, row) in enumerate(self.columns) if not row}
        own: dict[str, dict[str, float]] = {}
        for at, (method, row) in enumerate(self.columns):
            if row:
                own.setdefault(method, {})[row] = math.exp(logs[at] - whole[method])
        deviations = np.sqrt(np.maximum(spread.diagonal(), 0.0))
        return Correction(
            FrozenMap({method: math.exp(log) for method, log in whole.items()}),
            FrozenMap(
                {m: float(deviations[at]) for at, (m, r) in enumerate(self.columns) if not r}
            ),
            before.rate,
            before.trials,
            before.fixed,
            FrozenMap({method: FrozenMap(factors) for method, factors in own.items()}),
        )

    def _fitted(self) -> tuple[Floats, Floats]:
        """The likeliest logarithms, and `[trials, columns]`: what share of a trial each makes."""
        logs = self.mean.copy()
        slopes = np.zeros_like(self.losses)
        for _ in range(_ROUNDS):
            parts = self.losses * np.exp(logs)
            sums = parts.sum(axis=1)
            slopes = parts / sums[:, None]
            rest = self.wanted - np.log(sums) + slopes @ (logs - self.mean)
            step = self.mean + self._gain(slopes) @ rest - logs
            logs = logs + np.clip(step, -1.0, 1.0)
            if np.abs(step).max() < 1e-9:
                break
        return logs, slopes

    def _gain(self, slopes: Floats) -> Floats:
        """`[columns, trials]`: what the trials' surprises make of the logarithms.

        In the smaller of the two spaces, which comes to the same.
        """
        trials, columns = slopes.shape
        if trials < columns:
            of_trials = slopes @ self.spread @ slopes.T + np.diag(self.noise)
            found = np.linalg.solve(of_trials, slopes @ self.spread).T
        else:
            weighted = slopes.T / self.noise
            found = np.linalg.solve(weighted @ slopes + np.linalg.inv(self.spread), weighted)
        return np.asarray(found, np.float64)

    def _drawn(self, slopes: Floats, gain: Floats, seed: int) -> Floats:
        """A deviation from the likeliest (Matheron's rule)."""
        rng = np.random.default_rng(seed)
        lower = np.linalg.cholesky(self.spread + _TINY * np.eye(len(self.columns)))
        logs = lower @ rng.standard_normal(len(self.columns))
        surprise = slopes @ logs + np.sqrt(self.noise) * rng.standard_normal(len(self.noise))
        return logs - gain @ surprise


def _cells(one: Finished) -> dict[_Column, float]:
    """What a trial was predicted to lose, row by row where that is known."""
    found: dict[_Column, float] = {}
    for method, loss in one.predicted.items():
        parts = one.parts.get(method)
        if parts is None:
            found[method, ""] = loss
        else:
            found.update({(method, row): part for row, part in parts.items()})
    return found


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
        lost = min(lost, 0.99 * MOST_LOST)
        logs.append(math.log(-MOST_LOST * math.log1p(-lost / MOST_LOST) / one.loss / RATE))
    weight = len(logs) / _RATE_NOISE**2
    mean = sum(logs) / _RATE_NOISE**2 / (weight + 1 / _RATE_PRIOR**2)
    return RATE * math.exp(mean)
