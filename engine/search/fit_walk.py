"""The greedy walk: from the network as it is, always the cheapest loss for what is saved.

Not the best there is, but each step can be told: which layer, from which setting to which, what it
costs and what it saves. On the way it passes through all sizes, so that it draws the curve of size
against loss as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.budget import WalkStep
from engine.curves import Floats
from engine.frozen import FrozenMap
from engine.jobs.job import Job
from engine.search.fit_problem import USES, Ints, Limits, Problem, Solution

_FREE = 1e-12
"""Loss below which a step costs nothing."""
_NOTHING = 1e-9
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way.

    Attributes:
        solution: What is chosen there.
        loss: Of all.
        use: `[4]` in the order of `USES`.
        step: That led there; None at the start.
    """

    solution: Solution
    loss: float
    use: Floats
    step: WalkStep | None = None


def walk(problem: Problem, limits: Limits, job: Job) -> Iterator[Stop]:
    """Go until all limits are met, or as far as there is something to save.

    With a limit on the loss: as long as it is kept, saving what `USES` has first.
    """
    way = _Walk(problem, limits)
    yield way.stop(None)
    for number in range(_MOST_STEPS):
        job.checkpoint("Walking" if number % 16 == 0 else "")
        step = way.step()
        if step is None:
            return
        yield way.stop(step)


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """What can be done next to one unit or group.

    Attributes:
        loss: `[moves]`: that is added.
        saved: `[moves, 4]`.
        options: Of each move: unit → its new option.
        states: Of each move: the group's new state; -1 where it is a unit's.
    """

    loss: Floats
    saved: Floats
    options: Sequence[Mapping[int, int]]
    states: Sequence[int]

    @classmethod
    def of(cls, found: Sequence[tuple[float, Floats, Mapping[int, int], int]]) -> _Moves:
        return cls(
            np.array([one[0] for one in found], np.float64),
            np.array([one[1] for one in found], np.float64).reshape(len(found), len(USES)),
            [one[2] for one in found],
            [one[3] for one in found],
        )


@dataclass
class _Walk:
    """Where the walk is; moves are kept until something that they rest on changes."""

    problem: Problem
    limits: Limits
    options: list[int] = field(init=False)
    states: list[int] = field(init=False)
    loss: float = field(init=False)
    use: Floats = field(init=False)

    def __post_init__(self) -> None:
        units = self.problem.units
        self._meeting: list[list[int]] = [[] for _ in self.problem.groups]
        self._places: list[dict[tuple[int, ...], Ints]] = []
        self._found: list[dict[tuple[tuple[int, ...], FrozenMap[float]], int]] = []
        for place, unit in enumerate(units):
            for group in unit.groups:
                self._meeting[group].append(place)
            by_state: dict[tuple[int, ...], list[int]] = {}
            exact = {}
            states = [tuple(state) for state in unit.states.tolist()]
            for at, (state, settings) in enumerate(zip(states, unit.settings, strict=True)):
                by_state.setdefault(state, []).append(at)
                exact[state, settings] = at
            self._places.append({k: np.array(v, np.int64) for k, v in by_state.items()})
            self._found.append(exact)
        self.states = [0] * len(self.problem.groups)
        self.options = [self._mildest(place) for place in range(len(units))]
        self.loss, self.use = self.problem.totals(self.solution)
        self._units = [self._unit_moves(place) for place in range(len(units))]
        self._groups = [self._group_moves(place) for place in range(len(self.problem.groups))]

    @property
    def solution(self) -> Solution:
        """What is chosen now."""
        return Solution(tuple(self.options), tuple(self.states))

    def stop(self, step: WalkStep | None) -> Stop:
        """This place."""
        return Stop(self.solution, self.loss, self.use.copy(), step)

    def step(self) -> WalkStep | None:
        """Take the cheapest step; None where there is none, or all limits are met."""
        need = self._need()
        moves = [*self._units, *self._groups]
        ends = np.cumsum([len(one.loss) for one in moves])
        if not need or not ends[-1]:
            return None
        loss = np.concatenate([one.loss for one in moves])
        saved = np.concatenate([one.saved for one in moves])
        gain = np.zeros(len(loss))
        for quantity, short in need.items():
            gain += np.minimum(saved[:, quantity] / short, 1.0)
        limited = list(self.limits.use) or [0]
        possible = (gain > 0) & (saved[:, limited] >= -_NOTHING).all(axis=1)  # none is given back
        if self.limits.loss is not None:
            possible &= self.loss + loss <= self.limits.loss
        if not possible.any():
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(possible, np.maximum(loss, _FREE) / gain, np.inf)
        best = int(rate.argmin())
        owner = int(np.searchsorted(ends, best, side="right"))
        return self._take(owner, best - int(ends[owner]) + len(moves[owner].loss), next(iter(need)))

    def _need(self) -> dict[int, float]:
        """Place in `USES` → how much is too much."""
        if self.limits.loss is not None and not self.limits.use:
            return {0: float(self.use[0])}
        over = {q: float(self.use[q]) - most for q, most in self.limits.use.items()}
        need = {q: by for q, by in over.items() if by > 1e-9 * max(self.use[q], 1.0)}
        return dict(sorted(need.items(), key=lambda one: -one[1] / max(self.use[one[0]], 1e-12)))

    def _mildest(self, place: int) -> int:
        unit = self.problem.units[place]
        at = self._places[place][self._state_of(place)]
        return int(at[np.lexsort((unit.use[at, 0], unit.loss[at]))[0]])

    def _state_of(self, place: int, group: int = -1, state: int = -1) -> tuple[int, ...]:
        groups = self.problem.units[place].groups
        return tuple(state if g == group else self.states[g] for g in groups)

    def _unit_moves(self, place: int) -> _Moves:
        """To other settings with the same channels."""
        unit, now = self.problem.units[place], self.options[place]
        at = self._places[place][self._state_of(place)]
        saved = np.nan_to_num(unit.use[now] - unit.use[at])
        at, saved = at[saved.max(axis=1) > 0], saved[saved.max(axis=1) > 0]
        options = [{place: int(option)} for option in at]
        return _Moves(unit.loss[at] - unit.loss[now], saved, options, [-1] * len(at))

    def _group_moves(self, group: int) -> _Moves:
        """To fewer channels; units keep their settings."""
        losses, now = self.problem.groups[group].loss, self.states[group]
        found = []
        for state in range(now + 1, len(losses)):
            options = self._moved(group, state)
            if options is not None:
                loss, saved = float(losses[state] - losses[now]), np.zeros(len(USES))
                for place, new in options.items():
                    unit, old = self.problem.units[place], self.options[place]
                    loss += float(unit.loss[new] - unit.loss[old])
                    saved += np.nan_to_num(unit.use[old] - unit.use[new])
                found.append((loss, saved, options, state))
        return _Moves.of(found)

    def _moved(self, group: int, state: int) -> dict[int, int] | None:
        """Unit → its option with the same settings; None where one has none."""
        options = {}
        for place in self._meeting[group]:
            settings = self.problem.units[place].settings[self.options[place]]
            new = self._found[place].get((self._state_of(place, group, state), settings))
            if new is None:
                return None
            options[place] = new
        return options

    def _take(self, owner: int, place: int, quantity: int) -> WalkStep:
        units = self.problem.units
        group = owner - len(units)
        move = self._units[owner] if group < 0 else self._groups[group]
        if group >= 0:
            one, state = self.problem.groups[group], move.states[place]
            layers, method = one.members, "channel"
            before, after = _ratio(one.ratios[self.states[group]]), _ratio(one.ratios[state])
            self.states[group] = state
        else:
            layers = units[owner].layers
            before = units[owner].settings[self.options[owner]]
            after = units[owner].settings[move.options[place][owner]]
            changed = [m for m in {**before, **after} if before.get(m) != after.get(m)]
            method = changed[0] if len(changed) == 1 else ""
        loss, saved = float(move.loss[place]), move.saved[place]
        for unit, option in move.options[place].items():
            self.options[unit] = option
        self.loss += loss
        self.use = self.use - saved
        self._refresh(set(move.options[place]))
        return WalkStep(layers, method, before, after, loss, float(saved[quantity]), USES[quantity])

    def _refresh(self, changed: set[int]) -> None:
        """Work out anew what rests on units that have changed."""
        groups = {group for place in changed for group in self.problem.units[place].groups}
        for place in changed:
            self._units[place] = self._unit_moves(place)
        for group in groups:
            self._groups[group] = self._group_moves(group)


def _ratio(value: float) -> FrozenMap[float]:
    return FrozenMap({"channel": value} if value else {})
