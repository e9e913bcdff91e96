"""The rank of a noisy matrix by empirical variational Bayes, in closed form.

A matrix is taken for a product of two factors with Gaussian priors plus Gaussian noise. The global
solution keeps the singular values above a threshold that follows from the noise variance, and the
noise variance, where not known, is found by minimizing a function of one variable (Nakajima,
Sugiyama, Babacan & Tomioka 2013, "Global analytic solution of fully-observed variational Bayesian
matrix factorization", JMLR 14, theorems 2 and 3).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar

Floats = NDArray[np.float64]


def vbmf_rank(singular_values: Floats, rows: int, columns: int) -> int:
    """How many singular values are signal.

    Args:
        singular_values: All `min(rows, columns)` of them, descending.
        rows: Of the matrix.
        columns: Of the matrix.

    Returns:
        0 for pure noise.
    """
    short, long = min(rows, columns), max(rows, columns)
    squares = np.square(np.asarray(singular_values, np.float64))[:short]
    total = float(squares.sum())
    if not total > 0:
        return 0
    squares = squares / total  # the answer does not depend on the unit
    alpha = short / long
    tau = _least_tau(alpha)
    edge = (1 + tau) * (1 + alpha / tau)
    variance = _noise_variance(squares, short, long, edge)
    return int((squares > long * variance * edge).sum())


@lru_cache(maxsize=256)
def _least_tau(alpha: float) -> float:
    """The zero of Φ(τ) + Φ(τ/α) with Φ(z) = log(z + 1)/z - 1/2 (theorem 2); about 2.5129 √α."""

    def phi(z: float) -> float:
        return math.log1p(z) / z - 0.5

    guess = 2.5129 * math.sqrt(alpha)
    found: float = brentq(lambda tau: phi(tau) + phi(tau / alpha), guess / 10, guess * 10)
    return found


def _noise_variance(squares: Floats, short: int, long: int, edge: float) -> float:
    """The minimum of the free energy over the noise variance, within its bounds (theorem 3)."""
    alpha = short / long
    most = min(math.ceil(short / (1 + alpha)) - 1, short - 1)
    highest = float(squares.sum()) / (short * long)
    tail = squares[most:] if most < short else squares[-1:]
    lowest = max(float(tail[0]) / (long * edge), float(tail.mean()) / long)
    if not lowest > 0:
        lowest = highest * 1e-12  # the matrix has no noise at all
    if lowest >= highest:
        return highest

    def energy(log_variance: float) -> float:
        return _free_energy(squares / (long * math.exp(log_variance)), alpha, edge)

    # the function has several minima: look along a grid, then closely around the best
    grid = np.linspace(math.log(lowest), math.log(highest), 200)
    values = np.array([energy(point) for point in grid])
    best = int(values.argmin())
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(energy, bounds=(low, high), method="bounded", options={"xatol": 1e-6})
    return math.exp(found.x if found.fun < values[best] else grid[best])


def _free_energy(x: Floats, alpha: float, edge: float) -> float:
    """The sum of ψ over the squared singular values x in units of noise (theorem 3)."""
    x = np.maximum(x, 1e-300)
    result = float((x - np.log(x)).sum())
    signal = x[x > edge]
    if signal.size:
        shifted = signal - (1 + alpha)
        tau = (shifted + np.sqrt(np.square(shifted) - 4 * alpha)) / 2
        result += float((np.log1p(tau) + alpha * np.log1p(tau / alpha) - tau).sum())
    return result
