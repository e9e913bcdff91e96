"""What the cost table says at a glance, and what the recipe is expected to lose by it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.cost import CostTable, Entry, Grid, Groups
from engine.details import WeightFigures
from engine.info import Metrics
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.forecast import (
    choices,
    correction,
    expected_top1,
    finished,
    forecast,
    foreseen,
    is_finished,
    known_losses,
    layer_losses,
)
from studio.document.selectors import rows
from studio.document.sensitivity import (
    LOSS,
    SIZE,
    Bucket,
    bargains,
    buckets,
    middle_setting,
    standings,
    table_of_figures,
    with_measured,
)
from studio.document.state import DocumentState
from studio.document.trial import Forecast, Trial
from studio.store import Store
from tests.helpers.documents import network, store_with

BITS = Grid("uniform", (8.0, 4.0, 2.0))
RATIOS = Grid("channel", (0.25, 0.5), 0.0)


def names_of(store: Store) -> tuple[str, ...]:
    assert store.state.info is not None
    return tuple(layer.name for layer in store.state.info.layers)


def table(names: tuple[str, ...], *, groups: tuple[Groups, ...] = ()) -> CostTable:
    """Losses grow with the row and the setting; bits save bytes in proportion."""
    baseline = np.tile([1000.0, 100.0, 1.0], (len(names), 1))
    entries = [
        Entry(
            name,
            grid.method,
            setting,
            loss=(row + 1) * 10.0 ** (place - 3),
            loss_low=(row + 1) * 10.0 ** (place - 3) / 2,
            loss_high=(row + 1) * 10.0 ** (place - 3) * 2,
            accuracy_drop=(row + 1) * 10.0 ** (place - 4),
            size_bytes=1000 * (setting / 32 if grid is BITS else 1 - setting),
            macs=100.0,
            measured=row == 0,
        )
        for row, name in enumerate(names)
        for grid in (BITS, RATIOS)
        for place, setting in enumerate(grid.settings)
    ]
    filled = CostTable.empty(names, (BITS, RATIOS), baseline).with_entries(entries)
    return replace(filled, groups=groups)


def test_layers_that_are_hurt_most_come_first() -> None:
    found = standings(table(("a", "b", "c")), "uniform", 4.0)
    assert [one.layers for one in found] == [("c",), ("b",), ("a",)]
    assert found[0].loss == pytest.approx(0.03)
    assert (found[0].measured, found[-1].measured) == (False, True)
    assert (found[0].low, found[0].high) == pytest.approx((0.015, 0.06))
    with pytest.raises(KeyError):
        standings(table(("a",)), "uniform", 5.0)


def test_a_channel_group_stands_once() -> None:
    shares = np.full((3, 2, 3), 0.5)
    pairs = np.array([[0, 0], [0, 1], [1, 2]])
    groups = Groups("channel", ("a", "c"), (("a", "b"), ("c",)), pairs, shares)
    costs = table(("a", "b", "c"), groups=(groups,))
    assert [one.layers for one in standings(costs, "channel", 0.5)] == [("c",), ("a", "b")]
    # a group saves what all that it touches saves
    found = bargains(costs, {}, ("channel",))
    saved = {one.layers: one.saved_bytes for one in found}
    assert saved == {("a", "b"): pytest.approx(1000), ("c",): pytest.approx(500)}


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, (0, 0, 0, 0)), (1, (1, 0, 0, 0)), (4, (1, 1, 1, 1)), (40, (2, 13, 12, 13))],
)
def test_buckets_are_the_top_and_three_thirds(count: int, expected: tuple[int, ...]) -> None:
    ranking = standings(table(tuple(f"l{i}" for i in range(count))), "uniform", 4.0)
    found = buckets(ranking)
    order = (Bucket.TOP, Bucket.HIGH, Bucket.MEDIUM, Bucket.LOW)
    assert tuple(len(found[one]) for one in order) == expected
    assert sum((found[one] for one in order), ()) == ranking


def test_the_cheapest_bytes_are_those_beyond_what_the_recipe_has() -> None:
    costs = table(("a", "b"))
    first = bargains(costs, {}, ("uniform",))
    assert [one.layers for one in first] == [("a",), ("b",)]
    assert (first[0].setting, first[0].saved_bytes) == (8.0, 750.0)
    assert first[0].measured
    assert not first[1].measured
    now = {"uniform": {"a": 8.0, "b": 8.0}}
    second = bargains(costs, now, ("uniform",))
    assert (second[0].setting, second[0].saved_bytes) == (4.0, 125.0)
    assert second[0].loss == pytest.approx(0.009)
    assert bargains(costs, {"uniform": {"a": 2.0, "b": 2.0}}, ("uniform",)) == ()


def test_weights_alone_have_the_form_of_a_cost_table() -> None:
    costs = table(("a", "b"))
    figures = WeightFigures(
        ("a", "b"),
        (("uniform", (8.0, 2.0)), ("weight", (0.5,))),
        np.array([[0.1, 0.2, 0.3], [0.4, 0.5, math.nan]]),
    )
    found = table_of_figures(figures, costs)
    assert [grid.method for grid in found.grids] == ["uniform", "weight"]
    assert found.values[:, :, LOSS].tolist()[0] == [0.1, 0.2, 0.3]
    assert found.values[0, :2, SIZE].tolist() == [250.0, 62.5]
    assert math.isnan(found.values[0, 2, SIZE])
    assert not found.measured.any()
    assert math.isnan(table_of_figures(figures, None).values[0, 0, SIZE])


def test_a_new_estimate_keeps_what_was_measured() -> None:
    measured = table(("a", "b"))
    names = ("a", "b")
    entries = [Entry(name, "uniform", 4.0, loss=9.0, size_bytes=5.0) for name in names]
    fresh = CostTable.empty(names, (BITS, RATIOS), measured.baseline).with_entries(entries)
    found = with_measured(fresh, measured)
    assert found.entry("a", "uniform", 4.0).loss == pytest.approx(0.01)
    assert found.entry("a", "uniform", 4.0).measured
    assert found.entry("b", "uniform", 4.0).loss == 9.0
    assert with_measured(fresh, None) is fresh
    assert with_measured(fresh, table(("a",))) is fresh  # of another network


def test_the_middle_setting_is_looked_at_first() -> None:
    assert middle_setting(BITS) == 4.0


# What the recipe is expected to lose ----------------------------------------------------------

EIGHT = make_step("uniform", weight_bits=8, activation_bits=None)


@pytest.fixture
def store() -> Store:
    made = store_with(Recipe((EIGHT,)), info=network(2))
    made.dispatch(m.CostKnown(table(names_of(made))))
    return made


def test_settings_of_the_recipe_are_looked_up(store: Store) -> None:
    names = names_of(store)
    assert choices(store.state) == {"uniform": dict.fromkeys(names, 8.0)}
    rule = make_rule([names[0]], weight_bits=2)
    step = make_step("uniform", [rule], weight_bits=8, activation_bits=None)
    store.dispatch(m.EditRecipe("", Recipe((step,))))
    assert choices(store.state)["uniform"] == {names[0]: 2.0, names[1]: 8.0, names[2]: 8.0}
    expected = forecast(store.state)
    assert expected is not None
    assert expected.loss == pytest.approx(0.1 + 0.002 + 0.003)
    assert expected.by_method == {"uniform": pytest.approx(0.105)}
    assert expected.measured == pytest.approx(1 / 3)
    assert not expected.others
    row = rows(store.state)[0]
    assert row.loss == pytest.approx(0.1)
    assert row.loss_measured
    assert not rows(store.state)[1].loss_measured
    assert row.curve_measured == (True, True, True)


def test_ratios_that_are_not_of_each_group_are_not_looked_up(store: Store) -> None:
    for params in ({"allocation": "global"}, {"target": "macs"}):
        step = make_step("channel", ratio=0.5, **params)
        store.dispatch(m.EditRecipe("", Recipe((step,))))
        assert choices(store.state) == {}
        found = forecast(store.state)
        assert found is not None
        assert found.others == 1
    store.dispatch(m.EditRecipe("", Recipe((make_step("channel", ratio=0.5),))))
    assert set(choices(store.state)) == {"channel"}


def test_what_trains_is_told(store: Store) -> None:
    store.dispatch(m.EditRecipe("", Recipe((EIGHT, make_step("finetune", epochs=1)))))
    found = forecast(store.state)
    assert found is not None
    assert found.others == 1


def test_nothing_is_expected_without_losses() -> None:
    made = store_with(Recipe((EIGHT,)))
    assert forecast(made.state) is None
    sizes = CostTable.empty(names_of(made), (BITS,))
    made.dispatch(m.CostKnown(sizes))
    assert not known_losses(made.state.cost)
    assert forecast(made.state) is None
    assert layer_losses(made.state) == {}


def ran(state: DocumentState, number: int, kl: float | None, **more: object) -> Trial:
    found = forecast(state)
    before, after = Metrics(top1=0.9), Metrics(top1=0.88, samples=1000)
    trial = Trial(number, f"Trial {number}", state.recipe, measured=after, original=before)
    return replace(replace(trial, forecast=found, kl=kl), **more)  # type: ignore[arg-type] # any field


def test_finished_trials_correct_what_is_expected(store: Store) -> None:
    before = forecast(store.state)
    assert before is not None
    trials = tuple(ran(store.state, number, 5 * before.loss) for number in range(1, 5))
    store.dispatch(m.Loaded(replace(store.state, trials=trials)))
    assert correction(store.state).trials == 4
    after = forecast(store.state)
    assert after is not None
    assert 3 * before.loss < after.loss < 5.1 * before.loss
    assert after.by_method == before.by_method
    losses = layer_losses(store.state)
    assert sum(loss for loss, _ in losses.values()) == pytest.approx(after.loss)
    one = finished(store.state)[0]
    assert one.accuracy_drop == pytest.approx(0.02)
    assert one.samples == 1000


def measured_anew(costs: CostTable, factor: float) -> CostTable:
    """A table whose losses turned out to be so many times as large."""
    values = costs.values.copy()
    values[..., :3] *= factor
    return replace(costs, values=values, measured=np.ones_like(costs.measured))


def test_trials_are_compared_with_the_table_as_it_is_now(store: Store) -> None:
    """What was measured explains what a trial lost: it is not multiplied with that once more."""
    before = forecast(store.state)
    assert before is not None
    lost = 5 * before.loss
    store.dispatch(m.Loaded(replace(store.state, trials=(ran(store.state, 1, lost),))))
    estimated = forecast(store.state)
    assert estimated is not None
    costs = store.state.cost
    assert costs is not None
    store.dispatch(m.CostKnown(measured_anew(costs, 5.0)))
    now = forecast(store.state)
    assert now is not None
    assert now.loss == pytest.approx(lost, rel=0.01)
    assert abs(np.log(now.loss / lost)) < abs(np.log(estimated.loss / lost))
    assert sum(loss for loss, _ in layer_losses(store.state).values()) == pytest.approx(now.loss)


def test_a_table_without_a_trial_s_losses_leaves_what_was_stored(store: Store) -> None:
    trial = ran(store.state, 1, 0.5)
    store.dispatch(m.Loaded(replace(store.state, trials=(trial,))))
    assert trial.forecast is not None
    store.dispatch(m.CostKnown(CostTable.empty(names_of(store), (BITS,))))
    assert finished(store.state)[0].predicted == trial.forecast.by_method
    store.dispatch(m.CostKnown(CostTable.empty(names_of(store), (RATIOS,))))
    assert finished(store.state)[0].predicted == trial.forecast.by_method


def test_what_was_run_stands_beside_what_was_foretold(store: Store) -> None:
    before = forecast(store.state)
    assert before is not None
    guess = expected_top1(store.state, 0.9)
    assert guess is not None
    first = ran(store.state, 1, 5 * before.loss)
    store.dispatch(m.Loaded(replace(store.state, trials=(first,))))
    second = ran(store.state, 2, 5 * before.loss)
    assert second.forecast != before  # the first has taught something
    store.dispatch(m.Loaded(replace(store.state, trials=(second, first))))
    assert foreseen(store.state) == before
    assert expected_top1(store.state, 0.9) == guess
    store.dispatch(m.EditRecipe("", Recipe((make_step("uniform", weight_bits=4),))))
    assert foreseen(store.state) == forecast(store.state)


def test_some_trials_teach_nothing(store: Store) -> None:
    good = ran(store.state, 1, 0.1)
    assert is_finished(good)
    assert is_finished(replace(good, kl=None))  # its accuracy does
    assert not is_finished(replace(good, kl=None, measured=Metrics()))
    assert not is_finished(replace(good, forecast=None))
    assert not is_finished(replace(good, deleted=True))
    assert not is_finished(replace(good, stopped=True))
    assert not is_finished(replace(good, forecast=Forecast(others=1)))
