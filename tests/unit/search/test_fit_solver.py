"""Solver and greedy walk on small made-up problems, against trying everything."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.frozen import FrozenMap
from engine.jobs.job import Quiet
from engine.search.fit_problem import Channels, Limits, Problem, Solution, Unit
from engine.search.fit_solve import least, nearest, solve
from engine.search.fit_walk import walk

STATES = 3


def problem(seed: int, units: int = 4, groups: int = 2) -> Problem:
    """Layers of three settings, of which some belong to a group of three numbers of channels."""
    rng = np.random.default_rng(seed)
    ratios = (0.0, 0.25, 0.5)
    channels = tuple(
        Channels(f"g{n}", (f"l{n}",), ratios, np.array([0.0, *np.sort(rng.uniform(0, 1, 2))]))
        for n in range(groups)
    )
    made = []
    for n in range(units):
        met = tuple(g for g in (n - 1, n) if 0 <= g < groups)  # one reads what the last one makes
        states, settings, loss, use = [], [], [], []
        hurt = rng.uniform(0.05, 0.5)
        for state in itertools.product(range(STATES), repeat=len(met)):
            kept = math.prod(1 - ratios[one] for one in state)
            for bits, share in ((32, 1.0), (8, 0.25), (4, 0.125)):
                states.append(state)
                settings.append(FrozenMap({} if bits == 32 else {"uniform": float(bits)}))
                loss.append(kept * hurt * (1 / share - 1) / 8)
                use.append([100 * kept * share, 1000 * kept, 0.0, 0.0])
        at = np.array(states, np.int64).reshape(len(states), len(met))
        made.append(
            Unit(f"l{n}", (f"l{n}",), met, at, tuple(settings), np.array(loss), np.array(use))
        )
    return Problem(tuple(made), channels, np.zeros(4))


def everything(one: Problem) -> list[Solution]:
    """All solutions there are."""
    found = []
    for states in itertools.product(*(range(len(group.loss)) for group in one.groups)):
        fitting = [
            [
                place
                for place, state in enumerate(unit.states.tolist())
                if state == [states[g] for g in unit.groups]
            ]
            for unit in one.units
        ]
        found += [Solution(options, states) for options in itertools.product(*fitting)]
    return found


def best(one: Problem, limits: Limits) -> float:
    losses = []
    for solution in everything(one):
        loss, use = one.totals(solution)
        if all(use[q] <= most for q, most in limits.use.items()):
            losses.append(loss)
    return min(losses)


def is_consistent(one: Problem, solution: Solution) -> bool:
    return all(
        unit.states[option].tolist() == [solution.states[g] for g in unit.groups]
        for unit, option in zip(one.units, solution.options, strict=True)
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limits", [{0: 150.0}, {1: 2400.0}, {0: 120.0, 1: 3000.0}])
def test_the_solver_finds_the_least_loss(seed: int, limits: dict[int, float]) -> None:
    one = problem(seed, units=3)
    found = solve(one, Limits(limits))
    assert found is not None
    assert is_consistent(one, found)
    loss, use = one.totals(found)
    assert all(use[q] <= most + 1e-6 for q, most in limits.items())
    assert loss == pytest.approx(best(one, Limits(limits)), rel=5e-3)


def test_a_limit_on_the_loss_gives_the_smallest() -> None:
    one = problem(0, units=3)
    found = solve(one, Limits({}, loss=0.4))
    assert found is not None
    loss, use = one.totals(found)
    assert loss <= 0.4 + 1e-9
    sizes = [one.totals(s)[1][0] for s in everything(one) if one.totals(s)[0] <= 0.4]
    assert use[0] == pytest.approx(min(sizes), rel=5e-3)


def test_what_cannot_be_is_told_with_how_near_it_comes() -> None:
    one = problem(1, units=3)
    smallest = min(one.totals(s)[1][0] for s in everything(one))
    assert solve(one, Limits({0: 0.9 * smallest})) is None
    assert least(one, 0, Limits({})) == pytest.approx(smallest)
    near = nearest(one, Limits({0: 0.9 * smallest}))
    assert near is not None
    assert is_consistent(one, near)
    assert one.totals(near)[1][0] == pytest.approx(smallest)
    assert math.isnan(least(one, 0, Limits({1: 0.0})))


def test_worse_options_are_left_out_and_nothing_is_lost() -> None:
    one = problem(2, units=3)
    twice = Unit(
        "l0",
        ("l0",),
        one.units[0].groups,
        np.concatenate([one.units[0].states] * 2),
        one.units[0].settings * 2,
        np.concatenate([one.units[0].loss, one.units[0].loss + 0.1]),
        np.concatenate([one.units[0].use, one.units[0].use + 1]),
    )
    assert twice.not_worse([0, 1]) == list(range(len(one.units[0].loss)))


@pytest.mark.parametrize("seed", range(4))
def test_the_walk_meets_limits_and_tells_each_step(seed: int) -> None:
    one = problem(seed)
    limits = Limits({0: 120.0, 1: 3000.0})
    first, *stops = walk(one, limits, Quiet())
    assert first.loss == 0
    assert first.use[0] == pytest.approx(400)
    before = first
    for stop in stops:
        assert is_consistent(one, stop.solution)
        loss, use = one.totals(stop.solution)
        assert stop.loss == pytest.approx(loss)
        assert stop.use == pytest.approx(use)
        assert stop.step is not None
        assert stop.step.loss == pytest.approx(stop.loss - before.loss)
        assert stop.step.before != stop.step.after
        before = stop
    loss, use = one.totals(before.solution)
    assert use[0] <= 120
    assert use[1] <= 3000
    found = solve(one, limits)
    assert found is not None
    assert one.totals(found)[0] <= loss + 5e-3 * loss
    assert loss < 2 * one.totals(found)[0]


def test_the_walk_takes_the_cheapest_loss_for_what_is_saved_first() -> None:
    cheap, dear = 0.001, 1.0
    units = tuple(
        Unit(
            f"l{n}",
            (f"l{n}",),
            (),
            np.zeros((2, 0), np.int64),
            (FrozenMap(), FrozenMap({"uniform": 4.0})),
            np.array([0.0, loss]),
            np.array([[100.0, 0, 0, 0], [50.0, 0, 0, 0]]),
        )
        for n, loss in enumerate((dear, cheap))
    )
    stops = list(walk(Problem(units, (), np.zeros(4)), Limits({0: 0.0}), Quiet()))
    assert [stop.step.layers for stop in stops if stop.step] == [("l1",), ("l0",)]
    kept = list(walk(Problem(units, (), np.zeros(4)), Limits({}, loss=0.5), Quiet()))
    assert kept[-1].loss == pytest.approx(cheap)
