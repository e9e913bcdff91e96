"""Runs of fits in the document: what they teach is kept, and corrects what is predicted."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.budget import Costs, Fitted, Quantity, Settings, Target, Tried
from engine.correction import Finished
from engine.cost import CostTable, Entry, Grid, Groups, Total
from engine.factors import activation_bits
from engine.frozen import FrozenMap
from engine.info import LayerLatency, Metrics, Profile
from engine.jobs.requests import DataSource, ModelSource
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.forecast import correction, finished, forecast, layer_losses
from studio.document.learned import (
    KEPT,
    Best,
    Learned,
    Question,
    as_of,
    learned_from,
    measured,
)
from studio.document.project import Project
from studio.document.selectors import predicted, rows
from studio.document.trial import Trial
from studio.store import Store
from tests.helpers.documents import network, store_with

NAMES = tuple(layer.name for layer in network(3).layers)
BITS = Grid("uniform", (8.0, 4.0))
TABLE = CostTable.empty(NAMES, (BITS,), np.full((len(NAMES), 3), 100.0)).with_entries(
    Entry(name, "uniform", bits, loss=0.01 * (9 - bits), size_bytes=bits)
    for name in NAMES
    for bits in BITS.settings
)
FOUR = Recipe((make_step("uniform", weight_bits=4, activation_bits=8),))
ALONE = Recipe((make_step("uniform", weight_bits=4, activation_bits=None),))
ALL = FrozenMap({"uniform": FrozenMap(dict.fromkeys(NAMES, 4.0))})
QUESTION = Question((Target(Quantity.SIZE, 0.25, relative=True),), ("uniform",), "exact", "", ())


def tried(lost: float, choices: Settings = ALL, recipe: Recipe = FOUR, fixed: float = 0.0) -> Tried:
    """A run as the engine tells it; as the solver saw it, half of each loss was left."""
    parts = TABLE.total(choices).parts
    halves = FrozenMap(
        {name: FrozenMap({row: one / 2 for row, one in of.items()}) for name, of in parts.items()}
    )
    expected = Finished.of_parts(halves)
    told = replace(expected, loss=lost, accuracy_drop=0.01, samples=2000, fixed=fixed)
    return Tried(recipe, choices, Costs(500.0, loss=0.07), told)


def run(lost: float, choices: Settings = ALL, recipe: Recipe = FOUR, fixed: float = 0.0) -> Learned:
    return learned_from(tried(lost, choices, recipe, fixed), TABLE, 2.0, "2026-01-01T00:00:00")


def fit(*runs: Tried, recipe: Recipe = FOUR, met: bool = True) -> Fitted:
    total = Total(0, 0, 0, 0, 0, 0, 0)
    found = Fitted(ALL, recipe, Costs(), Costs(), total, (), tried=runs)
    return found if met else replace(found, impossible=(None,))  # type: ignore[arg-type]  # any


@pytest.fixture
def store() -> Store:
    made = store_with(FOUR, info=network(3))
    made.dispatch(m.CostKnown(TABLE))
    return made


def test_a_run_is_kept_with_what_the_table_said(store: Store) -> None:
    one = run(0.2)
    assert one.finished.predicted == {"uniform": pytest.approx(0.1)}
    assert one.told == {"uniform": dict.fromkeys(NAMES, pytest.approx(0.05))}
    assert (one.expected, one.size_bytes, one.seconds) == (0.07, 500.0, 2.0)
    assert (one.recipe_key, one.activation_bits) == (FOUR.key, 8)
    store.dispatch(m.FitLearned((one,), Best(QUESTION, fit())))
    assert store.state.learned == (one,)
    assert finished(store.state) == (one.finished,)
    store.dispatch(m.FitLearned((one,) * KEPT, Best(QUESTION, fit())))
    assert len(store.state.learned) == KEPT


def test_single_layers_are_learned_of(store: Store) -> None:
    """Wherever the first layer has 4 bits, eight times as much is lost as the others explain."""
    first, rest = NAMES[0], NAMES[1:]
    without = FrozenMap({"uniform": FrozenMap(dict.fromkeys(rest, 4.0))})
    alone = FrozenMap({"uniform": FrozenMap({first: 4.0})})
    before = forecast(store.state)
    assert before is not None
    runs = (run(0.55), run(0.15, without), run(0.4, alone)) * 3
    store.dispatch(m.FitLearned(runs, Best(QUESTION, fit())))
    found = correction(store.state)
    assert found.own_factor("uniform", first) > 1.5 * found.own_factor("uniform", rest[0])
    losses = layer_losses(store.state)
    assert losses[first][0] > 1.5 * losses[rest[0]][0]
    after = forecast(store.state)
    assert after is not None
    assert after.loss > 2 * before.loss
    assert sum(loss for loss, _ in losses.values()) == pytest.approx(after.loss)
    shown = {row.layer.name: row.loss for row in rows(store.state)}
    assert shown == {name: loss for name, (loss, _) in losses.items()}


def test_a_group_s_factor_is_that_of_all_its_members() -> None:
    grid = Grid("channel", (0.25, 0.5), 0.0)
    pairs, shares = np.array([[0, 0], [0, 1]]), np.full((2, 2, 3), 0.5)
    groups = Groups("channel", (NAMES[0],), (NAMES[:2],), pairs, shares)
    costs = CostTable.empty(NAMES, (grid,), np.full((len(NAMES), 3), 100.0)).with_entries(
        Entry(name, "channel", ratio, loss=ratio) for name in NAMES for ratio in grid.settings
    )
    costs = replace(costs, groups=(groups,))
    recipe = Recipe((make_step("channel", ratio=0.5, target="channels"),))
    store = store_with(recipe, info=network(3))
    store.dispatch(m.CostKnown(costs))
    before = layer_losses(store.state)
    assert before[NAMES[0]] == before[NAMES[1]]
    choices = FrozenMap({"channel": FrozenMap({NAMES[0]: 0.5})})
    told = Finished.of_parts(costs.total(choices).parts)
    one = Learned(replace(told, loss=4.0), choices, told.parts)
    store.dispatch(m.FitLearned((one,) * 5, Best(QUESTION, fit())))
    after = layer_losses(store.state)
    assert after[NAMES[1]][0] == pytest.approx(after[NAMES[0]][0])
    assert after[NAMES[0]][0] > 3 * before[NAMES[0]][0]


def test_runs_are_compared_with_the_table_as_it_is_now() -> None:
    one = run(0.4)
    values = TABLE.values.copy()
    values[0, :, :3] *= 6
    now = as_of(one, replace(TABLE, values=values))
    assert now.parts["uniform"][NAMES[0]] == pytest.approx(6 * 0.025)
    assert now.parts["uniform"][NAMES[1]] == pytest.approx(0.025)
    assert now.predicted == {"uniform": pytest.approx(0.1 + 5 * 0.025)}
    assert (now.loss, now.samples) == (0.4, 2000)
    assert as_of(one, TABLE) == one.finished
    assert as_of(one, None) == one.finished
    assert as_of(one, CostTable.empty(NAMES, (BITS,))) == one.finished  # that knows no losses
    assert as_of(one, CostTable.empty(("other",), (BITS,))) == one.finished


def test_what_rounding_activations_costs_goes_with_their_bits(store: Store) -> None:
    runs = (run(0.3, fixed=0.05),)
    store.dispatch(m.FitLearned(runs, Best(QUESTION, fit())))
    with_it = forecast(store.state)
    store.dispatch(m.EditRecipe("", ALONE))
    assert correction(store.state).fixed == 0
    without = forecast(store.state)
    assert with_it is not None
    assert without is not None
    assert with_it.loss - without.loss == pytest.approx(0.05)
    trials = []
    for number, recipe in enumerate((FOUR, ALONE), start=1):
        ran = Trial(number, "", recipe, measured=Metrics(samples=100), forecast=with_it, kl=0.3)
        trials.append(ran)
    store.dispatch(m.Loaded(replace(store.state, trials=tuple(trials))))
    assert [one.fixed for one in finished(store.state)] == [0.05, 0.0, 0.05]
    assert all(one.parts["uniform"] for one in finished(store.state))


def test_bits_of_activations() -> None:
    assert activation_bits(FOUR) == 8
    assert activation_bits(ALONE) is None
    assert activation_bits(Recipe((make_step("uniform", weight_bits=4),))) == 8
    assert activation_bits(Recipe()) is None


def test_another_model_or_other_data_was_not_learned_of(store: Store) -> None:
    store.dispatch(m.OpenData(DataSource(("a.npz",))))
    store.dispatch(m.CostKnown(TABLE))
    for wish in (m.OpenData(DataSource(("b.npz",))), m.OpenModel(ModelSource("other.pt2"))):
        store.dispatch(m.FitLearned((run(0.2),), Best(QUESTION, fit())))
        assert store.state.learned
        store.dispatch(wish)
        assert store.state.learned == ()
        assert store.state.best is None


def test_the_same_model_and_data_were_learned_of_wherever_they_are(store: Store) -> None:
    store.dispatch(m.OpenData(DataSource(("a.py",))))
    store.dispatch(m.FitLearned((run(0.2),), Best(QUESTION, fit())))
    store.dispatch(m.OpenModel(ModelSource("elsewhere/net.pt2"), moved=True))
    store.dispatch(m.OpenData(DataSource(("a.py",), trusted=True)))
    assert len(store.state.learned) == 1
    assert store.state.best is None


def test_runs_are_saved_with_the_project(tmp_path: Path, store: Store) -> None:
    project = Project.create(tmp_path / "p")
    project.save(store.state)
    project.close()
    project = Project.open(tmp_path / "p")
    assert project.load().learned == ()
    runs = (run(0.2), replace(run(math.nan), activation_bits=None))
    store.dispatch(m.FitLearned(runs, Best(QUESTION, fit())))
    project.save(store.state)
    project.close()
    project = Project.open(tmp_path / "p")
    back = project.load().learned
    assert back[0] == runs[0]
    assert math.isnan(back[1].finished.loss)
    assert back[1].activation_bits is None
    # a project of before there were any
    project._db.execute("DELETE FROM document WHERE name = 'learned'")
    assert project.load().learned == ()
    project.close()


def test_the_best_of_several_askings_stands() -> None:
    good, bad, other = tried(0.1), tried(0.3), replace(tried(0.2), recipe=ALONE)
    first = Best(QUESTION, fit(good))
    again = first.with_more(fit(other, recipe=ALONE))
    assert again.fitted.recipe == FOUR
    assert again.fitted.tried == (good, other)
    better = Best(QUESTION, fit(bad)).with_more(fit(other, recipe=ALONE))
    assert better.fitted.recipe == ALONE
    unmet = Best(QUESTION, fit(good, met=False)).with_more(fit(other, recipe=ALONE))
    assert unmet.fitted.recipe == ALONE
    assert measured(fit(bad, recipe=ALONE)) is None
    limited = replace(QUESTION, targets=(Target(Quantity.LOSS, 0.1),))
    assert Best(limited, fit(good)).with_more(fit(other, recipe=ALONE)).fitted.recipe == ALONE


def test_a_fit_that_has_timed_layers_says_how_long_its_recipe_takes(store: Store) -> None:
    layers = tuple(LayerLatency(name, 1.0, 0.25) for name in NAMES)
    store.dispatch(m.Profiled(Profile(4.0, 0.1, 1, 1, 30, layers, "ORT", "CPU")))
    assert predicted(store.state).latency_ms == 4.0  # bits alone change no shape
    store.dispatch(m.UseFit(replace(FOUR, seed=1), 0.6))
    assert predicted(store.state).latency_ms == pytest.approx(2.4)
    store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[:1], 8))
    assert predicted(store.state).latency_ms == 4.0
    store.dispatch(m.Undo())
    assert predicted(store.state).latency_ms == pytest.approx(2.4)
    store.dispatch(m.UseFit(FOUR))
    assert predicted(store.state).latency_ms == 4.0


def test_rounding_that_makes_up_for_its_errors_is_expected_to_lose_less(store: Store) -> None:
    """As the solver expects it: a recipe that it gave is not foretold twice as much at once."""
    nearest = forecast(store.state)
    step = make_step("uniform", weight_bits=4, activation_bits=8, rounding="gptq", symmetric=False)
    store.dispatch(m.EditRecipe("", Recipe((step,))))
    found = forecast(store.state)
    assert nearest is not None
    assert found is not None
    assert found.loss == pytest.approx(0.45 * nearest.loss)
    store.dispatch(m.EditRecipe("", FOUR))
    assert forecast(store.state) == nearest
