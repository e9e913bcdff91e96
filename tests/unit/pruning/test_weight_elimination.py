"""Removing weights one by one, and solving for those that stay."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import Cancelled
from engine.jobs.job import Quiet
from engine.methods.pruning import elimination, problem
from engine.methods.pruning.allocation import share, uniform_rows
from engine.methods.pruning.blocked import Goal, prune_blocks, prune_blocks_each
from engine.methods.pruning.elimination import Quota, eliminate, eliminate_within
from engine.methods.pruning.factors import factor_of
from engine.methods.pruning.problem import (
    Observed,
    Problem,
    Wanted,
    estimated_losses,
    make_problem,
    removals,
    solve,
)
from engine.methods.pruning.support import solve_on_support

JOB = Quiet()


def moments(columns: int, count: int = 200, seed: int = 0, groups: int = 1) -> Tensor:
    """Of inputs that depend on each other, `[groups, K, K]`."""
    generator = torch.Generator().manual_seed(seed)
    mix = torch.randn(groups, columns, columns, generator=generator) + 2 * torch.eye(columns)
    x = torch.randn(groups, count, columns, generator=generator) @ mix
    return x.transpose(1, 2) @ x / count


def random(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def best(second: Tensor, row: Tensor, left: Iterable[int]) -> tuple[float, Tensor]:
    """Least error and the weights that have it, when only some may differ from zero."""
    kept = list(left)
    solved = np.zeros(len(row))
    h, w = second.double().numpy(), row.double().numpy()
    if kept:
        solved[kept] = np.linalg.solve(h[np.ix_(kept, kept)], (h @ w)[kept])
    return float((solved - w) @ h @ (solved - w)), torch.from_numpy(solved)


def make(second: Tensor, weight: Tensor, costs: Tensor | None = None) -> Problem:
    costs = torch.ones(weight.shape[:2]) if costs is None else costs
    return make_problem(Observed(second), weight, costs, 1e-6, None, JOB)


def loss(problem_: Problem, matrices: Tensor) -> float:
    change = matrices - problem_.start
    error = ((change @ problem_.second) * change).sum(dim=2)
    return float((error * problem_.costs).sum() / 2)


@pytest.mark.parametrize("delayed", [1, 4, 32])
def test_each_removal_is_the_cheapest_with_all_others_solved_anew(
    monkeypatch: pytest.MonkeyPatch, delayed: int
) -> None:
    monkeypatch.setattr(elimination, "_DELAYED", delayed)
    second, weight = moments(7, groups=2), random(2, 3, 7)
    found = eliminate(weight, torch.linalg.inv(second), 7, JOB)
    for number, row in enumerate(weight.reshape(-1, 7)):
        h, left, spent = second[number // 3], set(range(7)), 0.0
        for step in range(7):
            errors = {column: best(h, row, sorted(left - {column}))[0] for column in left}
            cheapest = min(errors, key=lambda column: errors[column])
            assert found.order[number, step] == cheapest
            spent += float(found.losses[number, step])
            assert spent == pytest.approx(errors[cheapest], rel=2e-3, abs=1e-4)
            left.remove(cheapest)


def test_rows_are_worked_on_in_parts_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    second, weight = moments(12, groups=2), random(2, 5, 12)
    whole = eliminate(weight, torch.linalg.inv(second), 9, JOB)
    monkeypatch.setattr(elimination, "_CHUNK_BYTES", 4 * 12 * 12 * 3)
    parts = eliminate(weight, torch.linalg.inv(second), 9, JOB)
    assert torch.equal(whole.order, parts.order)
    assert torch.allclose(whole.losses, parts.losses)


def test_a_quota_lets_each_group_lose_no_more() -> None:
    second, weight = moments(8), random(1, 6, 8)
    quota = Quota(torch.tensor([0, 1, 0, 1, 0, 1, 0, 1]), 2)
    found = eliminate(weight, torch.linalg.inv(second), 4, JOB, quota=quota)
    keep = found.keep(torch.full((6,), 4), 8)
    assert (keep[:, 0::2].sum(1) == 2).all()
    assert (keep[:, 1::2].sum(1) == 2).all()
    free = eliminate(weight, torch.linalg.inv(second), 4, JOB)
    assert not torch.equal(keep, free.keep(torch.full((6,), 4), 8))  # the quota had to act


def test_forced_weights_go_first() -> None:
    second, weight = moments(10), random(1, 4, 10)
    forced = torch.zeros(1, 4, 10, dtype=torch.bool)
    forced[0, 1, [2, 7]] = True
    found = eliminate(weight, torch.linalg.inv(second), 5, JOB, forced=forced)
    assert set(found.order[1, :2].tolist()) == {2, 7}


def test_what_has_gone_before_is_not_there_to_make_up_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(elimination, "_CHUNK_BYTES", 4 * 6 * 6 * 2)
    second, weight = moments(9), random(1, 5, 9)
    keep = random(1, 5, 9, seed=3) > -0.6
    keep[0, 4] = False
    found = eliminate_within(second, weight @ second, keep, JOB)
    for row in range(5):
        gone = int((~keep[0, row]).sum())
        assert set(found.order[row, :gone].tolist()) == set(
            (~keep[0, row]).nonzero()[:, 0].tolist()
        )
        left = set(keep[0, row].nonzero()[:, 0].tolist())
        start = best(second[0], weight[0, row], sorted(left))[0]
        for step in range(gone, 9):
            column = int(found.order[row, step])
            errors = {one: best(second[0], weight[0, row], sorted(left - {one}))[0] for one in left}
            assert errors[column] == pytest.approx(min(errors.values()), rel=1e-3)
            spent = start + float(found.losses[row, gone : step + 1].sum())
            assert spent == pytest.approx(errors[column], rel=1e-2, abs=1e-3)
            left.remove(column)


def test_numbers_that_overflow_do_not_stop_it() -> None:
    x = random(3, 40)
    second = (x.T @ x)[None] + 1e-12 * torch.eye(40)  # of rank 3
    found = eliminate(1e15 * random(1, 4, 40), torch.linalg.pinv(second), 40, JOB)
    assert (found.order.sort(dim=1).values == torch.arange(40)).all()


def test_it_can_be_canceled_between_removals() -> None:
    class Stops(Quiet):
        looks = 0

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            self.looks += 1
            if self.looks == 3:
                raise Cancelled

    with pytest.raises(Cancelled):
        eliminate(random(1, 4, 60), torch.linalg.inv(moments(60)), 60, Stops())


def test_weights_on_a_support_are_the_least_squares_ones() -> None:
    second, weight = moments(9, groups=2), random(2, 4, 9)
    keep = random(2, 4, 9, seed=5) > 0
    keep[1, 2] = False
    found = solve_on_support(second, weight @ second, keep, JOB)
    assert (found[~keep] == 0).all()
    for group in range(2):
        for row in range(4):
            kept = keep[group, row].nonzero()[:, 0].tolist()
            wanted = best(second[group], weight[group, row], kept)[1]
            assert torch.allclose(found[group, row].double(), wanted, atol=1e-4)


def test_exact_is_better_than_blocks_and_blocks_than_magnitude(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posed = make(moments(48, 400), random(1, 20, 48))
    zeros = 20 * 48 * 3 // 4
    exact = solve(posed, Wanted(zeros), JOB)
    goal = Goal(zeros, torch.ones(20))
    blocks = prune_blocks(posed.start[0], posed.inverse[0], goal, 16, JOB)[None]
    limit = posed.start.abs().flatten().kthvalue(zeros).values
    magnitude = posed.start * (posed.start.abs() > limit)
    solved = solve_on_support(posed.second, posed.cross, magnitude != 0, JOB)
    for matrices in (exact, blocks, magnitude):
        assert int((matrices == 0).sum()) == zeros
    assert loss(posed, exact) < 0.9 * loss(posed, blocks)
    assert loss(posed, blocks) < 0.9 * loss(posed, magnitude)
    assert loss(posed, exact) < 0.8 * loss(posed, solved)


def test_large_layers_are_thinned_out_and_then_go_on_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posed = make(moments(64, 500), random(1, 24, 64))
    zeros = 24 * 64 * 9 // 10
    exact = solve(posed, Wanted(zeros, block_size=16), JOB)
    monkeypatch.setattr(problem, "EXACT_OPERATIONS", 24 * 30**3 / 1.5)
    assert not posed.is_small
    two_stages = solve(posed, Wanted(zeros, block_size=16), JOB)
    monkeypatch.setattr(problem, "EXACT_OPERATIONS", 24 * 4**3 / 1.5)
    blocks = solve(posed, Wanted(zeros, block_size=16), JOB)
    for matrices in (exact, two_stages, blocks):
        assert int((matrices == 0).sum()) == zeros
    assert loss(posed, two_stages) < 1.1 * loss(posed, exact)
    assert loss(posed, two_stages) < 0.9 * loss(posed, blocks)


def test_blocks_hold_a_quota_and_what_is_forced() -> None:
    posed = make(moments(32), random(1, 10, 32))
    group = torch.arange(32) % 8  # a group's columns need not be neighbors
    forced = torch.zeros(10, 32, dtype=torch.bool)
    forced[3, [0, 8, 16]] = True
    goal = Goal(0, torch.ones(10), Quota(group, 2), forced)
    found = prune_blocks(posed.start[0], posed.inverse[0], goal, 6, JOB)
    kept = torch.stack([(found[:, group == one] != 0).sum(1) for one in range(8)], dim=1)
    assert kept[3, 0] == 1
    kept[3, 0] = 2
    assert (kept == 2).all()


def test_blocks_of_several_goals_are_those_of_each() -> None:
    posed = make(moments(32), random(1, 10, 32))
    forced = torch.zeros(10, 32, dtype=torch.bool)
    forced[3, :20] = True
    costs = torch.linspace(1, 3, 10)
    goals = [Goal(zeros, costs, None, forced) for zeros in (60, 160, 300)]
    found = prune_blocks_each(posed.start[0], posed.inverse[0], goals, 6, JOB)
    assert (found == 0).sum((1, 2)).tolist() == [60, 160, 300]
    for goal, matrix in zip(goals, found, strict=True):
        alone = prune_blocks(posed.start[0], posed.inverse[0], goal, 6, JOB)
        assert torch.allclose(matrix, alone, atol=1e-5)
        assert (matrix[forced] == 0).all()


def test_of_equal_weights_the_first_go() -> None:
    second = torch.eye(6)[None]
    goal = Goal(4, torch.ones(1))
    posed = make(second, torch.ones(1, 1, 6))
    found = prune_blocks(posed.start[0], posed.inverse[0], goal, 6, JOB)
    assert (found == 0).tolist() == [[True] * 4 + [False] * 2]


def test_rows_that_cost_more_keep_more() -> None:
    second, weight = moments(20), random(1, 2, 20).expand(1, 2, 20).clone()
    weight[0, 1] = weight[0, 0]
    posed = make(second, weight, torch.tensor([[1.0, 50.0]]))
    found = solve(posed, Wanted(20), JOB)
    cheap, dear = (found[0] != 0).sum(dim=1).tolist()
    assert cheap + dear == 20
    assert dear > cheap + 4


def test_estimated_losses_add_up_to_what_blocks_lose() -> None:
    posed = make(moments(40, 400), random(1, 12, 40))
    estimated = estimated_losses(posed, 0.5, 16, JOB)
    goal = Goal(240, torch.ones(12))
    blocks = prune_blocks(posed.start[0], posed.inverse[0], goal, 16, JOB)[None]
    cheapest = estimated.flatten().sort().values[:240]
    assert float(cheapest.sum()) == pytest.approx(loss(posed, blocks), rel=0.05)
    assert float(estimated[:, -1].sum()) > 0
    assert removals(posed, JOB).losses.shape == estimated.shape


def test_dead_inputs_lose_their_weights_first_and_nothing_is_nan() -> None:
    second = moments(10)
    second[:, 4] = 0
    second[:, :, 4] = 0
    posed = make(second, random(1, 6, 10))
    found = solve(posed, Wanted(6), JOB)
    assert found.isfinite().all()
    assert (found[0, :, 4] == 0).all()
    empty = make(torch.zeros(1, 10, 10), random(1, 6, 10))
    assert solve(empty, Wanted(30), JOB).isfinite().all()


def test_steps_are_shared_by_what_they_cost_after_those_before() -> None:
    losses = {"a": torch.tensor([[5.0, 1.0, 1.0, 9.0]]), "b": torch.tensor([[2.0, 3.0, 6.0, 7.0]])}
    counts = share(losses, 3)
    assert counts["a"].tolist() == [1]  # or 3, but its first costs 5
    assert counts["b"].tolist() == [2]
    assert int(sum(count.sum() for count in share(losses, 7).values())) == 6  # one stays in each


def test_equal_costs_skip_no_step() -> None:
    counts = share({"a": torch.zeros(4, 6), "b": torch.zeros(2, 6)}, 17)
    assert int(counts["a"].sum() + counts["b"].sum()) == 17
    assert uniform_rows(3, 8).tolist() == [3, 3, 2]


def test_moments_that_are_not_quite_positive_definite_have_factors() -> None:
    second = torch.ones(2, 6, 6)  # of rank 1
    second[1] += torch.eye(6)
    second[0, 0, 0] -= 1e-7
    factor = factor_of(second.clone())
    assert factor.isfinite().all()
    assert torch.allclose(factor @ factor.mT, second, atol=1e-5)
    posed = make_problem(Observed(second), random(2, 3, 6), torch.ones(2, 3), 1e-6, None, JOB)
    assert solve(posed, Wanted(18), JOB).isfinite().all()
