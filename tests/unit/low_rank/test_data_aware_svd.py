"""`data_aware_svd`: outputs, not weights, are kept."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from engine.errors import DataError
from engine.jobs.job import Quiet
from engine.methods.low_rank import in_order, run_data_aware_svd
from engine.methods.low_rank.data_aware_svd import DataAwareSvdParams, needs_for
from engine.methods.low_rank.response import DAMPING, Response, Seen, from_moments, solve
from engine.methods.low_rank.run_svd import decompose, truncated
from engine.network.network import Network
from engine.recipe.model import Rule, Step
from engine.registry import Needs
from engine.statistics.calibration import Calibration
from engine.statistics.moments import Moments, Statistics, input_moments
from tests.helpers.networks import network_of
from tests.unit.low_rank.networks import (
    Branches,
    answers,
    context,
    images,
    only,
    residual,
    shared,
    stage,
    step,
    tokens,
)
from tests.unit.low_rank.test_svd import predicted, table


def error(network: Network, changed: Network, *inputs: Tensor) -> float:
    return float((answers(network, *inputs) - answers(changed, *inputs)).square().mean())


def response(second: Tensor, cross: Tensor | None = None) -> Response:
    return Response(second, cross, None, torch.zeros(len(second), dtype=torch.float64), None)


def spd(size: int, seed: int) -> Tensor:
    torch.manual_seed(seed)
    factor = torch.randn(size, size, dtype=torch.float64)
    return factor @ factor.T + 0.1 * torch.eye(size, dtype=torch.float64)


@pytest.mark.parametrize("shape", [(5, 12), (12, 5)])
def test_white_inputs_give_the_plain_decomposition(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    weight = torch.randn(shape, dtype=torch.float64)
    left, right = solve(weight, response(torch.eye(shape[1], dtype=torch.float64)), None).truncated(
        3
    )
    plain_left, plain_right = truncated(weight, decompose(weight), 3)
    assert torch.allclose(left @ right, plain_left @ plain_right)


@pytest.mark.parametrize("shape", [(5, 12), (12, 5), (6, 6)])
@pytest.mark.parametrize("weighed", [False, True])
def test_no_other_matrix_of_the_rank_is_nearer(shape: tuple[int, int], *, weighed: bool) -> None:
    torch.manual_seed(1)
    weight = torch.randn(shape, dtype=torch.float64)
    second, metric = spd(shape[1], 2), spd(shape[0], 3)
    damped = second + DAMPING * second.diagonal().mean() * torch.eye(shape[1])
    heavy = metric + DAMPING * metric.diagonal().mean() * torch.eye(shape[0])
    left, right = solve(weight, response(second), metric if weighed else None).truncated(2)

    def loss(near: Tensor) -> float:
        rest = weight - near
        outer = heavy if weighed else torch.eye(shape[0], dtype=torch.float64)
        return float(torch.trace(outer @ rest @ damped @ rest.T))

    best = loss(left @ right)
    root = torch.linalg.cholesky(heavy).T if weighed else torch.eye(shape[0], dtype=torch.float64)
    values = torch.linalg.svdvals(root @ weight @ torch.linalg.cholesky(damped))
    assert best == pytest.approx(float(values[2:].square().sum()))
    for _ in range(20):
        other = (left + 0.01 * torch.randn_like(left)) @ (right + 0.01 * torch.randn_like(right))
        assert loss(other) >= best


def test_wanted_outputs_are_regressed_on() -> None:
    """With outputs of another matrix as the target, that matrix is found."""
    torch.manual_seed(2)
    weight, other = torch.randn(2, 4, 9, dtype=torch.float64)
    second = spd(9, 4)
    solution = solve(weight, response(second, other @ second), None)
    assert (solution.weight - other).norm() < 0.2 * (weight - other).norm()
    left, right = solution.truncated(4)
    assert torch.allclose(left @ right, solution.weight)


def test_wide_layers_are_projected_on_their_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(3)
    leaf = torch.nn.Linear(10, 6)
    x = torch.randn(400, 10) @ torch.randn(10, 10) + 1
    full = Seen(leaf, 1)
    full.add(x, leaf(x).detach())
    monkeypatch.setattr("engine.methods.low_rank.response.MOST_COLUMNS", 9)
    wide = Seen(leaf, 1)
    wide.add(x, leaf(x).detach())
    bias = leaf.bias.detach()
    weight = leaf.weight.detach().double()
    a, b = (solve(weight, seen.result(bias), None).truncated(3) for seen in (full, wide))
    assert wide.result(bias).second is None
    assert torch.allclose(a[0] @ a[1], b[0] @ b[1], atol=0.02)
    assert torch.allclose(full.result(bias).input_mean, x.mean(0).double(), atol=1e-5)


@pytest.mark.parametrize("layer", ["conv1", "down"])
def test_nearer_on_samples_not_seen(layer: str) -> None:
    seen, unseen = images(64, seed=1), images(64, seed=2)
    params = {"rank_by": "number", "rank": 3}
    plain = stage(residual(), only("svd", layer, **params)).network
    for more in ({"sequential": False}, {}):
        params_now = {**params, "importance": False, **more}
        aware = stage(residual(), only("data_aware_svd", layer, **params_now), seen).network
        assert error(residual(), aware, unseen) < 0.7 * error(residual(), plain, unseen)


def test_in_order_is_nearer_than_each_by_itself() -> None:
    seen, unseen = images(64, seed=1), images(64, seed=2)
    alone, ordered = (
        stage(residual(), step("data_aware_svd", size=0.3, sequential=s, importance=False), seen)
        for s in (False, True)
    )
    assert error(residual(), ordered.network, unseen) < error(residual(), alone.network, unseen)


def test_a_layer_makes_up_for_what_the_other_operand_lost() -> None:
    """The first layer loses two of its terms, for which the second has room."""
    torch.manual_seed(4)
    module = Branches().eval()
    torch.nn.init.uniform_(module.norm.weight, 0.5, 2)
    torch.nn.init.uniform_(module.norm.running_var, 0.5, 2)
    for layer, rank in ((module.first, 5), (module.second, 2)):
        thin = torch.randn(12, rank) @ torch.randn(rank, 12)
        layer.weight = torch.nn.Parameter(thin[:, :, None, None])
    seen, unseen = torch.randn(2, 64, 12, 3, 3)
    network = network_of(module, seen[:2])
    params = {"rank_by": "number", "rank": 3, "importance": False}
    alone = stage(network, only("data_aware_svd", "first", **params), seen).network
    params["rank"] = 4
    both = Step("data_aware_svd", params=params, rules=(Rule(("first",), params={"rank": 3}),))
    result = stage(network, both, seen).network
    assert error(network, alone, unseen) > 0.1
    assert error(network, result, unseen) < 0.05 * error(network, alone, unseen)


def test_means_of_outputs_are_kept() -> None:
    seen = images(64, seed=1)
    for sequential in (True, False):
        chosen = only("data_aware_svd", "fc", rank_by="number", rank=1, sequential=sequential)
        result = stage(residual(), chosen, seen).network
        wanted = answers(residual(), seen).mean(0)
        assert torch.allclose(answers(result, seen).mean(0), wanted, atol=1e-4)


@pytest.mark.parametrize(
    "params",
    [{}, {"sequential": False}, {"importance": False}, {"correct_bias": False}, {"size": 0.2}],
)
def test_the_table_is_as_predicted(params: dict[str, Any]) -> None:
    for network, inputs in ((residual(), images(20)), (shared(), tokens(20))):
        chosen = step("data_aware_svd", **params)
        assert table(stage(network, chosen, inputs).network) == predicted(network, chosen)


def test_layers_with_one_weight_keep_their_own_means() -> None:
    seen = tokens(64, seed=1)
    chosen = only("data_aware_svd", "a", rank_by="number", rank=2)
    result = stage(shared(), chosen, seen).network
    a, b = (result.module.get_submodule(name) for name in "ab")
    assert a.v.weight is b.v.weight  # type: ignore[union-attr]  # its kind is known here
    old: Any = shared().module
    moved_a = a.u.bias - old.a.bias  # type: ignore[union-attr]  # its kind is known here
    moved_b = b.u.bias - old.b.bias  # type: ignore[union-attr]  # its kind is known here
    assert torch.allclose(moved_a, moved_b, atol=1e-6)
    assert moved_a.abs().max() > 1e-4


def test_moments_of_the_pipeline_are_used() -> None:
    """Where they are there, no sample is run."""
    network, x = residual(), images(40)
    choices = {"conv1": DataAwareSvdParams(importance=False)}
    moments = input_moments(network, {"conv1"}, Calibration((x,)), Quiet())
    given = context(network, statistics=Statistics(moments))
    result = run_data_aware_svd.run(network, choices, given)
    ran = run_data_aware_svd.run(network, choices, context(network, x))
    assert table(result) == table(ran)
    assert error(result, ran, images(8, seed=5)) < 1e-6
    with pytest.raises(DataError):
        run_data_aware_svd.run(network, choices, context(network))


def test_moments_of_several_calls_are_joined() -> None:
    x, y = torch.randn(30, 4) + 1, torch.randn(10, 4)
    both = torch.cat([x, y])

    def moments(rows: Tensor) -> Moments:
        return Moments((rows.T @ rows / len(rows))[None], rows.mean(0)[None], len(rows))

    found = from_moments([moments(x), moments(y)])
    assert found.second is not None
    assert torch.allclose(found.second, torch.cov(both.T, correction=0).double(), atol=1e-5)


def test_few_samples_and_dead_inputs_give_numbers() -> None:
    for x in (images(1), torch.zeros(4, 3, 8, 8)):
        result = stage(residual(), step("data_aware_svd", size=0.4), x).network
        assert torch.isfinite(answers(result, images(3))).all()


def test_memory_bounds_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_order, "LIVE_BYTES", 200_000)
    made = stage(residual(), step("data_aware_svd", size=0.4), images(64))
    assert any("as many as memory allows" in note for note in made.result.notes)
    assert "conv1.v" in table(made.network)


def test_same_bytes_on_every_run() -> None:
    first, second = (
        stage(residual(), step("data_aware_svd", size=0.4), images(40)).network.module.state_dict()
        for _ in range(2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_what_it_needs() -> None:
    assert needs_for(DataAwareSvdParams()) == Needs.OUTPUT_GRADIENTS
    plain = DataAwareSvdParams(sequential=False, importance=False)
    assert needs_for(plain) == Needs.INPUT_MOMENTS
