"""Whether two networks that answered the same samples really differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from engine.errors import DataError
from engine.measure.accuracy import Predictions

_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Paired:
    """Two networks over the same samples.

    Attributes:
        samples: That both answered.
        both_right, first_only, second_only, both_wrong: Counts of samples.
        difference: Accuracy of the second minus that of the first.
        interval: 95 % interval of `difference` (Agresti and Min 2005, adjusted Wald).
        p_value: Exact McNemar test of "no difference" (two-sided binomial).
        changed: Indices of the samples whose predicted class differs, ascending.
    """

    samples: int
    both_right: int
    first_only: int
    second_only: int
    both_wrong: int
    difference: float
    interval: tuple[float, float]
    p_value: float
    changed: tuple[int, ...]


def compare_predictions(first: Predictions, second: Predictions) -> Paired:
    """Compare two evaluations sample by sample.

    Raises:
        DataError: They have no labelled sample in common, or one holds a sample twice.
    """
    for some in (first, second):
        if np.unique(some.indices).size != some.indices.size:
            raise DataError("A sample was evaluated twice, so networks cannot be paired over it")
    if first.correct.size == 0 or second.correct.size == 0:
        raise DataError("Only evaluations with one label per sample can be compared in pairs")
    common, at_first, at_second = np.intersect1d(
        first.indices, second.indices, assume_unique=True, return_indices=True
    )
    if common.size == 0:
        raise DataError("The two evaluations have no sample in common")
    a, b = first.correct[at_first], second.correct[at_second]
    only_a, only_b = int((a & ~b).sum()), int((~a & b).sum())
    changed = common[first.predicted[at_first] != second.predicted[at_second]]
    return Paired(
        samples=int(common.size),
        both_right=int((a & b).sum()),
        first_only=only_a,
        second_only=only_b,
        both_wrong=int((~a & ~b).sum()),
        difference=(only_b - only_a) / int(common.size),
        interval=_difference_interval(only_a, only_b, int(common.size)),
        p_value=mcnemar_p_value(only_a, only_b),
        changed=tuple(int(i) for i in changed),
    )


def mcnemar_p_value(first_only: int, second_only: int) -> float:
    """Exact two-sided McNemar test: how likely so uneven a split is if both are equally good."""
    if first_only + second_only == 0:
        return 1.0
    return float(stats.binomtest(first_only, first_only + second_only).pvalue)


def _difference_interval(first_only: int, second_only: int, samples: int) -> tuple[float, float]:
    """Wald's interval with half a sample added to each of the four cells."""
    b, c, n = first_only + 0.5, second_only + 0.5, samples + 2
    center = (c - b) / n
    half = _Z95 * math.sqrt(b + c - (c - b) ** 2 / n) / n
    return (max(-1.0, center - half), min(1.0, center + half))
