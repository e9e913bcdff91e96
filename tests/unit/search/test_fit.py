"""Fit to budget on the sample network."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from engine.budget import FitBudget, Fitted, Quantity, Solver, Target
from engine.compress.fitting import better
from engine.correction import Finished
from engine.cost import CostTable, Estimated
from engine.errors import Cancelled, EngineError
from engine.factors import correction_from
from engine.frozen import FrozenMap
from engine.info import LayerKind, LayerLatency, NetworkInfo
from engine.jobs.job import Quiet
from engine.jobs.requests import Estimate
from engine.layer_table import LayerTable
from engine.methods.low_rank.data_aware_svd import DataAwareSvdParams
from engine.methods.quantization.rounding.settings import Rounding
from engine.methods.quantization.settings import UniformParams
from engine.opened import open_model
from engine.prediction import layer_bytes, predicted_metrics
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from engine.recipe.resolve import resolve
from engine.search.fit import fit
from engine.search.fit_latency import LayerTimes, times_of
from engine.search.fit_ranks import share_of_whole
from engine.worker import handle
from tests.unit.looks.cases import DATA, MODEL, Canceled

METHODS = ("channel", "data_aware_svd", "uniform")


def weights(share: float) -> Target:
    return Target(Quantity.WEIGHTS, share, relative=True)


@pytest.fixture(scope="module")
def info() -> NetworkInfo:
    return open_model(MODEL, Quiet()).info


@pytest.fixture(scope="module")
def table() -> CostTable:
    found: Estimated = handle(Estimate(MODEL, DATA, METHODS), Quiet())
    return found.table


@pytest.fixture(scope="module")
def eighth(info: NetworkInfo, table: CostTable) -> Fitted:
    return fit(info, table, FitBudget(MODEL, (weights(0.125),)), Quiet())


def plan_of(fitted: Fitted, info: NetworkInfo) -> tuple[float, float]:
    """Bytes and MACs of the layers that the recipe's plan ends with."""
    layers = resolve(fitted.recipe, LayerTable(info.layers, info.groups)).result.layers
    return float(layer_bytes(layers)), float(sum(layer.macs or 0 for layer in layers))


def test_predicted_bytes_are_those_of_the_plan(info: NetworkInfo, eighth: Fitted) -> None:
    size, macs = plan_of(eighth, info)
    assert eighth.predicted.weight_bytes == size
    assert eighth.predicted.macs == macs
    assert size <= 0.125 * layer_bytes(info.layers)
    assert size > 0.11 * layer_bytes(info.layers)
    assert eighth.met
    assert eighth.targets[0].reached == size


@pytest.mark.parametrize(
    "targets",
    [
        (weights(0.08),),
        (Target(Quantity.MACS, 0.4, relative=True),),
        (weights(0.2), Target(Quantity.MACS, 0.6, relative=True)),
        (Target(Quantity.SIZE, 0.3, relative=True),),
    ],
)
@pytest.mark.parametrize("solver", list(Solver))
def test_what_is_solved_for_is_what_the_plan_says(
    info: NetworkInfo, table: CostTable, targets: tuple[Target, ...], solver: Solver
) -> None:
    fitted = fit(info, table, FitBudget(MODEL, targets, solver=solver, points=0), Quiet())
    assert fitted.met
    size, macs = plan_of(fitted, info)
    assert (fitted.predicted.weight_bytes, fitted.predicted.macs) == (size, macs)
    for one in fitted.targets:
        assert one.reached <= one.wanted
    if solver is Solver.GREEDY:
        assert sum(step.loss for step in fitted.walk) == pytest.approx(fitted.predicted.loss)
    else:
        assert fitted.gap < 0.01


def test_groups_shrink_with_their_readers_in_the_table_as_in_the_plan(
    info: NetworkInfo, table: CostTable
) -> None:
    target = Target(Quantity.MACS, 0.5, relative=True)
    request = FitBudget(MODEL, (target,), methods=("channel",), points=0)
    fitted = fit(info, table, request, Quiet())
    assert fitted.choices["channel"]
    assert fitted.total.macs == pytest.approx(fitted.predicted.macs, rel=0.01)
    assert fitted.total.loss == pytest.approx(fitted.predicted.loss, rel=0.01)


def test_the_total_of_a_mix_is_near_the_plan(info: NetworkInfo, table: CostTable) -> None:
    targets = (weights(0.1), Target(Quantity.MACS, 0.6, relative=True))
    fitted = fit(info, table, FitBudget(MODEL, targets, points=0), Quiet())
    norms = sum(layer.size_bytes for layer in info.layers if layer.name not in table.layers)
    assert fitted.total.macs == pytest.approx(fitted.predicted.macs, rel=0.05)
    assert fitted.total.size_bytes == pytest.approx(
        fitted.predicted.weight_bytes, rel=0.1, abs=norms
    )


def test_tighter_budgets_cost_more_and_the_curve_shows_it(eighth: Fitted) -> None:
    sizes = [point.costs.size_bytes for point in eighth.curve]
    losses = [point.costs.loss for point in eighth.curve]
    assert len(eighth.curve) > 10
    assert sizes == sorted(sizes, reverse=True)
    assert losses == sorted(losses)
    assert losses[0] == 0
    assert not eighth.curve[0].choices
    near = min(eighth.curve, key=lambda one: abs(one.costs.weight_bytes - 0.125 * sizes[0]))
    assert near.choices


def test_an_impossible_budget_says_what_and_how_near(info: NetworkInfo, table: CostTable) -> None:
    request = FitBudget(MODEL, (weights(0.001),), points=0)
    fitted = fit(info, table, request, Quiet())
    (missed,) = fitted.impossible
    assert not fitted.met
    assert not missed.alone
    assert missed.nearest == pytest.approx(fitted.predicted.weight_bytes, rel=0.02)
    assert missed.wanted < missed.nearest


def test_targets_that_exclude_each_other_are_told_apart(
    info: NetworkInfo, table: CostTable
) -> None:
    targets = (weights(0.07), Target(Quantity.LOSS, 1e-6))
    fitted = fit(info, table, FitBudget(MODEL, targets, points=0), Quiet())
    (missed,) = fitted.impossible
    assert missed.target.quantity is Quantity.LOSS
    assert missed.alone  # without the limit on bytes there is no loss at all
    assert missed.nearest == pytest.approx(fitted.predicted.loss, rel=0.02)


@pytest.mark.parametrize("solver", list(Solver))
def test_a_limit_on_activations_is_kept_by_the_plan(
    info: NetworkInfo, table: CostTable, solver: Solver
) -> None:
    target = Target(Quantity.MEMORY, 0.8, relative=True)
    fitted = fit(info, table, FitBudget(MODEL, (target,), solver=solver, points=0), Quiet())
    assert fitted.met
    assert fitted.choices
    plan = resolve(fitted.recipe, LayerTable(info.layers, info.groups))
    peak = predicted_metrics(plan, info, "onnx").activation_bytes
    assert fitted.predicted.activation_bytes == peak
    assert peak is not None
    assert info.activation_bytes is not None
    assert peak <= 0.8 * info.activation_bytes
    tiny = FitBudget(MODEL, (Target(Quantity.MEMORY, 1.0),), solver=solver, points=0)
    (missed,) = fit(info, table, tiny, Quiet()).impossible
    assert 1 < missed.nearest < peak


def test_a_limit_on_accuracy_alone_gives_the_smallest_file(
    info: NetworkInfo, table: CostTable
) -> None:
    sizes = []
    for points in (0.002, 0.05):
        request = FitBudget(MODEL, (Target(Quantity.ACCURACY, points),), points=0)
        fitted = fit(info, table, request, Quiet())
        assert fitted.predicted.accuracy_drop <= points + 1e-9
        sizes.append(fitted.predicted.size_bytes)
    assert sizes[1] < sizes[0] < info.size_bytes


def test_locked_layers_and_other_steps_stay(info: NetworkInfo, table: CostTable) -> None:
    rows = list(table.layers)
    first, last = rows[0], rows[-1]
    recipe = Recipe(
        (
            make_step("uniform", [make_rule(first, skip=True)], weight_bits=8, rounding="nearest"),
            make_step("bn_reestimate"),
        )
    )
    request = FitBudget(
        MODEL, (weights(0.1),), recipe=recipe, locks=(first, last), methods=METHODS, points=0
    )
    fitted = fit(info, table, request, Quiet())
    assert first not in fitted.choices["uniform"]
    assert fitted.choices["uniform"][last] == 8
    assert first not in fitted.choices.get("data_aware_svd", {})
    assert "bn_reestimate" in [step.method for step in fitted.recipe.steps]
    (step,) = (step for step in fitted.recipe.steps if step.method == "uniform")
    assert step.params["rounding"] == "nearest"
    assert plan_of(fitted, info)[0] == fitted.predicted.weight_bytes
    plan = resolve(fitted.recipe, LayerTable(info.layers, info.groups))
    index = fitted.recipe.steps.index(step)
    found = plan.find(index, first)
    assert found is not None
    assert found.skipped


def test_a_locked_group_keeps_its_channels(info: NetworkInfo, table: CostTable) -> None:
    free = [g for g in info.groups if not g.frozen_reason and set(g.layers) & set(table.layers)]
    locked = free[0].layers[0]
    recipe = Recipe((make_step("channel", [make_rule(locked, ratio=0.5)], ratio=0.1),))
    target = Target(Quantity.MACS, 0.6, relative=True)
    request = FitBudget(MODEL, (target,), recipe=recipe, locks=(locked,), points=0)
    fitted = fit(info, table, request, Quiet())
    before = resolve(recipe, LayerTable(info.layers, info.groups)).tables[1]
    after = resolve(fitted.recipe, LayerTable(info.layers, info.groups)).result
    left = [next(g.channels for g in one.groups if g.id == free[0].id) for one in (before, after)]
    assert left[0] == left[1] < free[0].channels


def test_grids_have_zero_points_where_kernels_compute_in_float(
    info: NetworkInfo, table: CostTable, eighth: Fitted
) -> None:
    (step,) = (step for step in eighth.recipe.steps if step.method == "uniform")
    index = eighth.recipe.steps.index(step)
    plan = resolve(eighth.recipe, LayerTable(info.layers, info.groups))
    found = [one.params for one in plan.assignments if one.step == index and one.active]
    grids = {(one.weight_bits, one.symmetric) for one in found if isinstance(one, UniformParams)}
    assert grids <= {(bits, bits >= 8) for bits in (2, 3, 4, 6, 8)}
    assert {symmetric for _, symmetric in grids} == {True, False}
    assert {one.rounding for one in found if isinstance(one, UniformParams)} == {Rounding.GPTQ}
    again = fit(
        info, table, FitBudget(MODEL, (weights(0.125),), recipe=eighth.recipe, points=0), Quiet()
    )
    assert again.recipe == eighth.recipe
    own = Recipe((make_step("uniform", rounding="gptq"),))
    kept = fit(info, table, FitBudget(MODEL, (weights(0.125),), recipe=own, points=0), Quiet())
    (step,) = (step for step in kept.recipe.steps if step.method == "uniform")
    assert not any("symmetric" in one.params for one in (step, *step.rules))


def test_fitting_again_begins_from_the_recipe(
    info: NetworkInfo, table: CostTable, eighth: Fitted
) -> None:
    request = FitBudget(MODEL, (weights(0.125),), recipe=eighth.recipe, points=0)
    again = fit(info, table, request, Quiet())
    assert again.choices == eighth.choices
    assert plan_of(again, info) == plan_of(eighth, info)


def test_finished_trials_correct_what_is_predicted(
    info: NetworkInfo, table: CostTable, eighth: Fitted
) -> None:
    measured = 3 * eighth.predicted.loss
    finished = (replace(Finished.of_parts(eighth.parts), loss=measured),)
    request = FitBudget(MODEL, (weights(0.125),), finished=finished, points=0)
    again = fit(info, table, request, Quiet())
    factors, losses = eighth.correction.factors, finished[0].predicted
    expected = sum(factors.get(method, 1.0) * loss for method, loss in losses.items())
    assert expected == pytest.approx(eighth.predicted.loss)
    assert again.predicted.loss > 2 * eighth.predicted.loss
    assert again.predicted.loss_low < measured < again.predicted.loss_high


def test_latency_counts_what_the_runtime_gains_from(info: NetworkInfo, table: CostTable) -> None:
    layers = [layer for layer in info.layers if layer.name in table.layers]
    times = LayerTimes(
        FrozenMap({layer.name: 1.0 for layer in layers}),
        FrozenMap({layer.name: 0.5 for layer in layers}),
        other_ms=0.5,
    )
    one = LayerTable((layers[1],), ())
    assert times.of(one.layers, one, {"uniform": 8.0}) == 0.5
    assert times.of(one.layers, one, {"uniform": 4.0}) == 1.0  # smaller, not faster
    target = Target(Quantity.LATENCY, 0.7, relative=True)
    fitted = fit(info, table, FitBudget(MODEL, (target,), points=0), Quiet(), times)
    assert fitted.met
    assert fitted.original.latency_ms == times.total_ms
    assert fitted.predicted.latency_ms <= 0.7 * times.total_ms
    # all, since runtimes convert between layers in integers and layers in float
    assert fitted.choices["uniform"] == dict.fromkeys(table.layers, 8.0)
    slow = replace(times, integers_other_ms=20.0)
    other = fit(info, table, FitBudget(MODEL, (target,), points=0), Quiet(), slow)
    assert set(other.choices["uniform"]) < set(table.layers)
    with pytest.raises(EngineError, match="not known"):
        fit(info, table, FitBudget(MODEL, (target,), points=0), Quiet())


def test_ranks_are_round_only_where_milliseconds_are_limited(
    info: NetworkInfo, table: CostTable
) -> None:
    layers = [layer for layer in info.layers if layer.name in table.layers]
    times = LayerTimes(FrozenMap({layer.name: 1.0 for layer in layers}), FrozenMap(), 0.5)
    methods = ("data_aware_svd",)
    for quantity, latency, wanted in (
        (Quantity.LATENCY, times, 8),
        (Quantity.MACS, None, None),
    ):
        target = Target(quantity, 0.7, relative=True)
        asked = FitBudget(MODEL, (target,), methods=methods, points=0)
        (step,) = fit(info, table, asked, Quiet(), latency).recipe.steps
        assert step.params.get("round_to") == wanted


def test_times_of_what_is_no_layer_stay(info: NetworkInfo) -> None:
    names = [layer.name for layer in info.layers[:2]]
    profile = [LayerLatency(name, 2.0, 0.4) for name in names] + [
        LayerLatency("other: Add", 1.0, 0.2)
    ]
    times = times_of(profile, [LayerLatency(names[0], 1.0, 1.0)], info.layers)
    assert times.total_ms == 5
    assert times.other_ms == 1
    assert times.integers == {names[0]: 1.0}


def test_mistakes_are_told(info: NetworkInfo, table: CostTable) -> None:
    with pytest.raises(EngineError, match="nothing to fit to"):
        fit(info, table, FitBudget(MODEL, ()), Quiet())
    with pytest.raises(EngineError, match="cannot be mixed"):
        fit(info, table, FitBudget(MODEL, (weights(0.5),), methods=("kmeans",)), Quiet())
    blank = replace(table, values=table.values * math.nan)
    with pytest.raises(EngineError, match="not known what settings cost"):
        fit(info, blank, FitBudget(MODEL, (weights(0.5),)), Quiet())


def test_it_can_be_canceled(info: NetworkInfo, table: CostTable) -> None:
    job = Canceled(at=2)  # there are few where the choices are known from another request
    with pytest.raises(Cancelled):
        fit(info, table, FitBudget(MODEL, (weights(0.1),)), job)
    assert job.longest_s < 1.0


def test_a_second_round_measures_and_corrects(table: CostTable) -> None:
    request = FitBudget(MODEL, (weights(0.1),), DATA, table, rounds=2, points=0)
    fitted: Fitted = handle(request, Quiet())
    (trial,) = fitted.finished
    assert trial.loss > trial.fixed > 0  # rounded activations cost something by themselves
    assert fitted.correction.fixed == trial.fixed
    assert fitted.predicted.loss > trial.fixed
    assert math.isfinite(trial.accuracy_drop)
    assert fitted.correction.trials == 1
    assert fitted.met


def test_low_ranks_of_fewer_channels_lose_what_they_lose_in_the_whole(info: NetworkInfo) -> None:
    whole = next(layer for layer in info.layers if layer.kind is LayerKind.LINEAR)
    rows, columns = whole.shape
    left = replace(
        whole,
        shape=(rows // 2, columns),
        parameters=rows // 2 * (columns + 1),
        size_bytes=4 * (rows // 2) * (columns + 1),
    )
    params = DataAwareSvdParams(size=0.7)
    assert share_of_whole("data_aware_svd", whole, whole, params, 0.25) == 0.7
    share = share_of_whole("data_aware_svd", whole, left, params, 0.25)
    assert 0.25 < share < 0.7  # a lower rank
    assert math.isnan(share_of_whole("data_aware_svd", whole, left, params, share + 0.01))


def test_what_was_measured_is_kept_unless_another_is_clearly_better(
    table: CostTable, eighth: Fitted
) -> None:
    measured = 4 * eighth.predicted.loss
    trial = replace(Finished.of_parts(eighth.parts), loss=measured)

    def other(share: float) -> Fitted:
        costs = replace(eighth.predicted, loss=share * measured)
        return replace(
            eighth, recipe=Recipe(), predicted=costs, correction=correction_from([trial])
        )

    kept = better(eighth, other(0.9), trial, table)
    assert kept.recipe == eighth.recipe
    assert kept.predicted.loss == pytest.approx(measured, rel=0.5)
    assert kept.predicted.weight_bytes == eighth.predicted.weight_bytes
    assert kept.correction.trials == 1
    assert kept.total == table.total(eighth.choices, kept.correction)
    assert better(eighth, other(0.5), trial, table).recipe == Recipe()


def test_what_no_target_counts_is_left_alone(info: NetworkInfo, table: CostTable) -> None:
    target = Target(Quantity.MACS, 0.6, relative=True)
    fitted = fit(info, table, FitBudget(MODEL, (target,), points=0), Quiet())
    assert "uniform" not in fitted.choices
