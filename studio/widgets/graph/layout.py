"""Places for the nodes of a graph: in rows from top to bottom, with few crossings.

After Sugiyama et al. 1981: rows by the longest way from an input, the order in a row by the mean of
the neighbors (with stand-ins where an edge passes through), then places that are as near to the
neighbors' mean as the order and the widths allow (isotonic regression). No Qt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_SWEEPS = 4
_SHIFTS = 8
_LONGEST_EDGE = 60
"""Rows; an edge that passes through more is drawn straight."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where nodes and edges go.

    Attributes:
        rows: For each node its row, from 0.
        centers: For each node the middle, in the unit of the widths.
        ways: For each edge the points between its ends, as `(row, center)`.
    """

    rows: tuple[int, ...]
    centers: tuple[float, ...]
    ways: tuple[tuple[tuple[int, float], ...], ...]


def lay_out(widths: Sequence[float], edges: Sequence[tuple[int, int]], gap: float) -> Layout:
    """Find a place for everything.

    Args:
        widths: Of the nodes, which come in an order in which data flows forward.
        edges: From, to. One that leads back does not count for the rows.
        gap: Between neighbors in a row.
    """
    count = len(widths)
    rows = _rows(count, edges)
    chains = _Chains(rows, list(widths), edges, gap)
    chains.order()
    centers = chains.centers()
    ways = tuple(
        tuple((chains.rows[one], centers[one]) for one in chain) for chain in chains.between
    )
    return Layout(tuple(rows), tuple(centers[:count]), ways)


def _rows(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest way from a beginning; what has no input stands just above what reads it."""
    into: list[list[int]] = [[] for _ in range(count)]
    out: list[list[int]] = [[] for _ in range(count)]
    for start, end in edges:
        if start < end:
            into[end].append(start)
            out[start].append(end)
    rows = [0] * count
    for node in range(count):
        rows[node] = max((rows[other] + 1 for other in into[node]), default=0)
    for node in reversed(range(count)):
        if not into[node] and out[node]:
            rows[node] = max(min(rows[other] for other in out[node]) - 1, 0)
    return rows


class _Chains:
    """Nodes and the stand-ins of long edges, in rows."""

    def __init__(
        self,
        rows: list[int],
        widths: list[float],
        edges: Sequence[tuple[int, int]],
        gap: float,
    ) -> None:
        self.rows = list(rows)
        self.widths = widths
        self.gap = gap
        self.between: list[list[int]] = []
        self.up: list[list[int]] = [[] for _ in rows]
        self.down: list[list[int]] = [[] for _ in rows]
        self._count = len(rows)
        for start, end in edges:
            self.between.append(self._connect(start, end))
        self.levels: list[list[int]] = [[] for _ in range(max(self.rows, default=-1) + 1)]
        for one, row in enumerate(self.rows):
            self.levels[row].append(one)

    def order(self) -> None:
        """Change the order in the rows until neighbors stand near each other."""
        place = self._places()
        for sweep in range(_SWEEPS):
            downward = sweep % 2 == 0
            levels = self.levels if downward else self.levels[::-1]
            others = self.up if downward else self.down
            for level in levels:
                if len(level) < 2:
                    continue
                means = {
                    one: sum(place[n] for n in others[one]) / len(others[one])
                    if others[one]
                    else place[one]
                    for one in level
                }
                level.sort(key=means.__getitem__)
                for number, one in enumerate(level):
                    place[one] = (number + 0.5) / len(level)

    def centers(self) -> list[float]:
        """The middle of each."""
        found = [0.0] * len(self.rows)
        offsets = [self._offsets(level) for level in self.levels]
        for level, offset in zip(self.levels, offsets, strict=True):
            middle = offset[-1] / 2 if offset else 0.0
            for one, at in zip(level, offset, strict=True):
                found[one] = at - middle
        for shift in range(_SHIFTS):
            numbers = range(len(self.levels))
            for number in numbers if shift % 2 == 0 else reversed(numbers):
                self._shift(self.levels[number], offsets[number], found)
        self._straighten(found)
        return found

    def _shift(self, level: list[int], offset: list[float], found: list[float]) -> None:
        """Move a row's members towards their neighbors."""
        if len(level) == 1:
            near = [found[n] for n in self.up[level[0]]] + [found[n] for n in self.down[level[0]]]
            if near:
                found[level[0]] = sum(near) / len(near)
            return
        wanted = []
        weights = []
        for one, at in zip(level, offset, strict=True):
            near = [found[n] for n in self.up[one]] + [found[n] for n in self.down[one]]
            wanted.append((sum(near) / len(near) if near else found[one]) - at)
            weights.append(4.0 if one >= self._count else 1.0)  # long edges run straight
        for one, at, place in zip(level, offset, _rising(wanted, weights), strict=True):
            found[one] = place + at

    def _straighten(self, found: list[float]) -> None:
        """Put what follows one after the other on one line, where there is room for that."""
        beside: dict[int, tuple[int | None, int | None]] = {}
        for level in self.levels:
            members: list[int | None] = [None, *level, None]
            for left, one, right in zip(members, level, members[2:], strict=False):
                beside[one] = (left, right)
        runs: list[list[int]] = []
        seen: set[int] = set()
        for level in self.levels:
            for one in level:
                if one not in seen:
                    runs.append(self._run(one))
                    seen.update(runs[-1])
        runs.sort(key=len, reverse=True)
        for _ in range(2):  # what stood in the way may have moved
            for run in runs:
                self._line_up(run, beside, found)

    def _run(self, one: int) -> list[int]:
        """From here down for as long as there is one way alone."""
        run = [one]
        while len(self.down[one]) == 1 and len(self.up[self.down[one][0]]) == 1:
            one = self.down[one][0]
            run.append(one)
        return run

    def _line_up(
        self,
        run: list[int],
        beside: dict[int, tuple[int | None, int | None]],
        found: list[float],
    ) -> None:
        low, high = -math.inf, math.inf
        for one in run:
            left, right = beside[one]
            if left is not None:
                low = max(low, found[left] + self._apart(left, one))
            if right is not None:
                high = min(high, found[right] - self._apart(one, right))
        if low <= high:
            middle = min(max(sum(found[one] for one in run) / len(run), low), high)
            for one in run:
                found[one] = middle

    def _apart(self, left: int, right: int) -> float:
        return (self.widths[left] + self.widths[right]) / 2 + self.gap

    def _connect(self, start: int, end: int) -> list[int]:
        """Put stand-ins between the ends of an edge; gives them from start to end."""
        first, last = self.rows[start], self.rows[end]
        if not 0 < last - first <= _LONGEST_EDGE:
            return []
        chain = []
        before = start
        for row in range(first + 1, last):
            one = len(self.rows)
            self.rows.append(row)
            self.widths.append(0.0)
            self.up.append([])
            self.down.append([])
            self._join(before, one)
            chain.append(one)
            before = one
        self._join(before, end)
        return chain

    def _join(self, upper: int, lower: int) -> None:
        self.down[upper].append(lower)
        self.up[lower].append(upper)

    def _places(self) -> dict[int, float]:
        return {
            one: (number + 0.5) / len(level)
            for level in self.levels
            for number, one in enumerate(level)
        }

    def _offsets(self, level: list[int]) -> list[float]:
        """The middle of each member where all stand as near together as they may."""
        found = []
        at = 0.0
        before = 0.0
        for number, one in enumerate(level):
            half = self.widths[one] / 2
            at += (before + self.gap + half) if number else 0.0
            before = half
            found.append(at)
        return found


def _rising(values: list[float], weights: list[float]) -> list[float]:
    """The nearest rising sequence (weighted least squares, pool adjacent violators)."""
    blocks: list[list[float]] = []  # mean, weight, length
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, mass, length = blocks.pop()
            last = blocks[-1]
            last[0] = (last[0] * last[1] + mean * mass) / (last[1] + mass)
            last[1] += mass
            last[2] += length
    found: list[float] = []
    for mean, _mass, length in blocks:
        found.extend([mean] * int(length))
    return found
