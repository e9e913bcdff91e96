"""The least loss within limits, as an integer program.

Each unit takes one option and each group one state; an option can be taken only with the states
that it is for. The program is solved by HiGHS (Huangfu and Hall 2018,
doi:10.1007/s12532-017-0130-5) through SciPy.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, sparse

from engine.cost import Floats
from engine.search.fit_problem import USES, Ints, Limits, Problem, Solution, Unit

GAP = 2e-3
"""Share of the loss by which a solution may be worse than the best."""
SECONDS = 60.0
"""After which the best solution so far is taken: never, but on a machine that is very busy."""
_TIE = 1e-3
"""Part of the objective that what is used may be: of equal losses the smaller wins."""
_SHORT = 1e3
"""Times the largest loss that missing a limit by all of it costs."""


def solve(problem: Problem, limits: Limits, seconds: float = SECONDS) -> Solution | None:
    """The least loss within limits; with a limit on the loss, the least that is used.

    Returns:
        None where the limits cannot be met.
    """
    return _Program.of(problem, limits).solve(seconds)


def least(problem: Problem, quantity: int, limits: Limits, seconds: float = SECONDS) -> float:
    """The least that can be used of one quantity within limits on others; NaN: none is within."""
    program = _Program.of(problem, limits)
    weights = np.zeros(len(USES))
    weights[quantity] = 1.0
    found = program.solve(seconds, weights)
    return float("nan") if found is None else float(problem.totals(found)[1][quantity])


def nearest(problem: Problem, limits: Limits, seconds: float = SECONDS) -> Solution | None:
    """What misses the limits least, each as a share of its own, and then loses least."""
    return _Program.of(problem, limits).solve(seconds, short=True)


@dataclass
class _Rows:
    """Rows of a sparse matrix, being written."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def put(self, row: int, columns: Ints | range, values: Floats | float) -> None:
        self.rows += [row] * len(columns)
        self.columns += np.asarray(columns).tolist()
        self.values += np.broadcast_to(values, len(columns)).tolist()


@dataclass
class _Program:
    """Variables: the options of all units, then the states of all groups, then what is missed."""

    problem: Problem
    limits: Limits
    starts: list[int]
    group_starts: list[int]
    count: int

    @classmethod
    def of(cls, problem: Problem, limits: Limits) -> _Program:
        starts, at = [], 0
        for unit in problem.units:
            starts.append(at)
            at += len(unit.loss)
        group_starts = []
        for group in problem.groups:
            group_starts.append(at)
            at += len(group.loss)
        return cls(problem, limits, starts, group_starts, at)

    def solve(
        self, seconds: float, weights: Floats | None = None, *, short: bool = False
    ) -> Solution | None:
        """Minimize the loss, or a weighted sum of what is used."""
        rows = self._structure()
        self._limit(rows, short=short)
        extra = len(self.limits.use) if short else 0
        objective = np.concatenate([self._objective(weights), np.zeros(extra)])
        if short:
            objective[self.count :] = _SHORT * max(float(objective.max()), 1e-9)
        shape = (len(rows.low), self.count + extra)
        matrix = sparse.csr_array((rows.values, (rows.rows, rows.columns)), shape=shape)
        integrality = np.concatenate([np.ones(self.count), np.zeros(extra)])
        high = np.concatenate([np.ones(self.count), np.full(extra, np.inf)])
        scale = float(np.abs(objective).max()) or 1.0
        found = optimize.milp(
            objective / scale,
            integrality=integrality,
            bounds=optimize.Bounds(0, high),
            constraints=optimize.LinearConstraint(matrix, rows.low, rows.high),
            options={"mip_rel_gap": GAP, "time_limit": seconds},
        )
        if found.x is None:
            return None
        return self._read(found.x, float(found.mip_gap or 0.0))

    def _structure(self) -> _Rows:
        """One option for each unit, one state for each group, and both agree."""
        rows = _Rows()
        for unit, start in zip(self.problem.units, self.starts, strict=True):
            if not unit.groups:
                rows.put(rows.add(1, 1), range(start, start + len(unit.loss)), 1.0)
            for axis, place in enumerate(unit.groups):
                group_start = self.group_starts[place]
                for state in range(len(self.problem.groups[place].loss)):
                    row = rows.add(0, 0)
                    rows.put(row, start + np.flatnonzero(unit.states[:, axis] == state), 1.0)
                    rows.put(row, range(group_start + state, group_start + state + 1), -1.0)
        for group, start in zip(self.problem.groups, self.group_starts, strict=True):
            rows.put(rows.add(1, 1), range(start, start + len(group.loss)), 1.0)
        return rows

    def _limit(self, rows: _Rows, *, short: bool) -> None:
        for number, (place, most) in enumerate(self.limits.use.items()):
            scale = abs(most) or self._largest(place)  # so that all rows are about 1
            row = rows.add(-np.inf, (most - float(self.problem.fixed[place])) / scale)
            for unit, start in zip(self.problem.units, self.starts, strict=True):
                columns = range(start, start + len(unit.loss))
                rows.put(row, columns, unit.use[:, place] / scale)
            if short:
                rows.put(row, range(self.count + number, self.count + number + 1), -1.0)
        if self.limits.loss is not None:
            scale = max(self.limits.loss, 1e-9)
            row = rows.add(-np.inf, self.limits.loss / scale)
            rows.put(row, range(self.count), self._losses() / scale)

    def _largest(self, place: int) -> float:
        return max((float(unit.use[:, place].max()) for unit in self.problem.units), default=0) or 1

    def _losses(self) -> Floats:
        parts = [unit.loss for unit in self.problem.units]
        return np.concatenate([*parts, *(group.loss for group in self.problem.groups)])

    def _objective(self, weights: Floats | None) -> Floats:
        """Losses, and of equal ones what uses less; with a limit on them, bytes alone."""
        if weights is None and self.limits.loss is None:
            objective = self._losses()
            used = self._used(self._whole())
            top = float(used.sum()) or 1.0
            floor = _TIE * (float(objective.sum()) or 1.0) / len(objective)
            return objective + floor * used / top
        return self._used(np.eye(len(USES))[0] if weights is None else weights)

    def _whole(self) -> Floats:
        """Weights with which each quantity that is limited counts as a share of itself."""
        weights = np.zeros(len(USES))
        for place in self.limits.use or {0: 0.0}:
            whole = sum(float(unit.use[:, place].max()) for unit in self.problem.units)
            weights[place] = 1 / whole if whole > 0 else 0.0
        return weights

    def _used(self, weights: Floats) -> Floats:
        at = np.flatnonzero(weights)
        parts = [unit.use[:, at] @ weights[at] for unit in self.problem.units]
        states = sum(len(group.loss) for group in self.problem.groups)
        return np.concatenate([*parts, np.zeros(states)])

    def _read(self, x: Floats, gap: float) -> Solution:
        states = tuple(
            int(x[start : start + len(group.loss)].argmax())
            for group, start in zip(self.problem.groups, self.group_starts, strict=True)
        )
        options = tuple(
            self._option(unit, x[start : start + len(unit.loss)], states)
            for unit, start in zip(self.problem.units, self.starts, strict=True)
        )
        return Solution(options, states, gap)

    def _option(self, unit: Unit, x: Floats, states: tuple[int, ...]) -> int:
        fits = (unit.states == [states[place] for place in unit.groups]).all(axis=1)
        return int(np.where(fits, x, -1.0).argmax())
