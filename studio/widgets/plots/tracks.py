"""Points of curves that grow, and how long curves are drawn quickly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.widgets.plots.base import Floats


class Track:
    """Points of one curve in arrays that grow by doubling."""

    def __init__(self) -> None:
        self._xs, self._ys = np.empty(256), np.empty(256)
        self.count = 0
        self.trainings = 0
        """How many ended before the points that come now."""

    @property
    def xs(self) -> Floats:
        """Steps, rising."""
        return self._xs[: self.count]

    @property
    def ys(self) -> Floats:
        """Values."""
        return self._ys[: self.count]

    def append(self, x: float, y: float) -> None:
        """Add a point at the end."""
        if self.count == len(self._xs):
            self._xs = np.concatenate([self._xs, np.empty_like(self._xs)])
            self._ys = np.concatenate([self._ys, np.empty_like(self._ys)])
        self._xs[self.count], self._ys[self.count] = x, y
        self.count += 1


def thin(xs: Floats, ys: Floats, columns: int) -> tuple[Floats, Floats]:
    """A curve with at most two points for each column, its lowest and its highest.

    Long curves are drawn by their outline: it looks the same, and takes no longer than short ones.
    """
    if len(xs) <= 2 * columns:
        return xs, ys
    edges = np.linspace(0, len(xs), columns + 1).astype(np.int64)
    filled = np.where(np.isfinite(ys), ys, 0.0)
    picked: list[NDArray[np.int64]] = []
    for find in (np.minimum, np.maximum):
        extremes = find.reduceat(filled, edges[:-1])
        same = np.flatnonzero(filled == np.repeat(extremes, np.diff(edges)))
        group = np.searchsorted(edges, same, side="right")
        picked.append(same[np.unique(group, return_index=True)[1]])
    kept = np.unique(np.concatenate([*picked, [0, len(xs) - 1]]))
    return xs[kept], ys[kept]


def closest(xs: Floats, x: float) -> int:
    """Index of the point that is nearest to a position; `xs` rises."""
    index = int(np.searchsorted(xs, x))
    if index == 0:
        return 0
    if index == len(xs) or x - xs[index - 1] <= xs[index] - x:
        return index - 1
    return index
