"""In which order samples are run, so that the first of them tell most.

A change costs little on samples that the original is sure of, and most of its loss comes from a
few of which it is not. So samples are sorted into strata by how unsure the original is, and of each
as many are run as its part of the uncertainty says (Neyman 1934, J. R. Stat. Soc. 97, sec. III):
the first n of the order are a stratified sample for any n, and all of them are the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cost import Floats

_STRATA = 8
_FEWEST = 16
"""Samples for each stratum, about."""
_FLOOR = 0.1
"""Least size of a sample, as a part of the mean: what the original is sure of may still change."""


@dataclass(frozen=True, eq=False)
class Design:
    """An order of samples.

    Attributes:
        order: Places of the samples, the first to be run first.
        strata: Of each sample in that order, its stratum.
    """

    order: NDArray[np.int64]
    strata: NDArray[np.int64]

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """Samples of each stratum."""
        return np.bincount(self.strata)

    @cached_property
    def shares(self) -> Floats:
        """Part of all samples that each stratum is."""
        found: Floats = self.sizes / max(len(self.order), 1)
        return found

    def counts(self, n: int) -> NDArray[np.int64]:
        """How many of each stratum are among the first n."""
        found: NDArray[np.int64] = self._counts[n]
        return found

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """`[samples + 1, strata]`."""
        hits = self.strata[:, None] == np.arange(len(self.sizes))
        return np.concatenate([np.zeros((1, len(self.sizes)), np.int64), hits.cumsum(0)])

    @property
    def is_whole(self) -> bool:
        """Whether each sample and each stratum occurs."""
        every = np.array_equal(np.sort(self.order), np.arange(len(self.order)))
        return every and len(self.strata) == len(self.order) and bool((self.sizes > 0).all())


def design_of(uncertainty: NDArray[Any] | None, count: int, seed: int) -> Design:
    """An order of samples.

    Args:
        uncertainty: 1 - Σ p² of the original's answer to each sample; None: they are all alike.
        count: How many there are.
        seed: Of the order within strata.
    """
    size = np.ones(count)
    if uncertainty is not None and count and float(uncertainty.mean()) > 0:
        root = np.sqrt(np.clip(uncertainty, 0, None))  # as losses spread, not as they are
        size = np.maximum(root / root.mean(), _FLOOR)
    falling = np.argsort(-size, kind="stable")
    number = max(1, min(_STRATA, count // _FEWEST))
    reached = np.cumsum(size[falling]) / max(float(size.sum()), 1e-30)
    edges = np.unique(np.searchsorted(reached, np.linspace(0, 1, number + 1)[1:-1]))
    random = np.random.default_rng(seed)
    keys, strata = np.zeros(count), np.zeros(count, np.int64)
    for stratum, members in enumerate(m for m in np.split(falling, edges) if len(m)):
        drawn = random.permutation(members)
        keys[drawn] = (np.arange(len(drawn)) + 0.5) / size[members].sum()
        strata[drawn] = stratum
    order = np.argsort(keys, kind="stable")
    return Design(order, strata[order])
