"""Fit to budget and measured costs through the session. A made-up engine answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.budget import FitBudget, Quantity, Target
from engine.cost import Entry
from engine.costs_measured import MeasureCosts
from engine.errors import EngineError
from engine.jobs.requests import (
    Compress,
    ModelSource,
)
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.facets import Facet
from studio.document.state import CostFacts, Purpose
from studio.fit_facts import overrides
from studio.fitting import Fitting
from studio.session import Session
from tests.gui.fit_engine import NAMES, RECIPE, TABLE, Made, opened, until
from tests.helpers.documents import network, store_with


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    with opened(qtbot, tmp_path) as session:
        yield session


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def fitting(made: Made, window: QWidget) -> Fitting:
    return Fitting(made[0], window)


# Measuring ------------------------------------------------------------------------------------


def solid(session: Session) -> int:
    assert session.state.cost is not None
    return int(session.state.cost.measured[:, :, 0].sum())


def test_measured_costs_arrive_on_the_way(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    assert session.state.cost_facts == CostFacts(256, 41.0)
    session.store.dispatch(m.MeasureCosts(90.0))
    until(qtbot, lambda: solid(session) == 1)
    assert session.state.cost_facts == CostFacts(256, 41.0, 2000, 1, 6, b"so far")
    (request,) = engine.of(MeasureCosts)
    assert request.seconds == 90.0
    assert request.table is TABLE
    number = next(job.number for job in session.state.jobs if job.purpose is Purpose.MEASURE_COSTS)
    session.store.dispatch(m.MeasureCosts(90.0))  # it measures already
    session.store.dispatch(m.StopJob(number))
    until(qtbot, lambda: session.state.cost_facts.progress == b"in the end")
    assert len(engine.of(MeasureCosts)) == 1
    engine.go_on.set()
    session.store.dispatch(m.MeasureCosts(0.0))
    until(qtbot, lambda: solid(session) == len(NAMES))
    again = engine.of(MeasureCosts)[1]
    assert (again.seconds, again.state) == (None, b"in the end")
    assert again.table.measured.any()


def test_only_what_is_selected_is_measured(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    engine.go_on.set()
    session.store.dispatch(m.MeasureCosts(30.0, ("uniform",), NAMES[:1]))
    until(qtbot, lambda: engine.of(MeasureCosts))
    (request,) = engine.of(MeasureCosts)
    assert request.entries == ((NAMES[0], "uniform", 8.0), (NAMES[0], "uniform", 4.0))
    assert request.methods == ("uniform",)


def test_undo_leaves_the_table_alone(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    engine.go_on.set()
    session.store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[:1], 4))
    session.store.dispatch(m.MeasureCosts())
    until(qtbot, lambda: solid(session) == len(NAMES))
    table = session.state.cost
    session.store.dispatch(m.Undo())
    session.store.dispatch(m.Redo())
    assert session.state.cost is table


def test_measuring_makes_way_for_a_run_and_goes_on(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    session.store.dispatch(m.EditRecipe("", RECIPE))
    session.store.dispatch(m.MeasureCosts(60.0, ("uniform",)))
    until(qtbot, lambda: solid(session) == 1)
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    until(qtbot, lambda: len(engine.of(MeasureCosts)) == 2)
    first, second = engine.of(MeasureCosts)
    assert second.state == b"in the end"
    assert 5 < second.seconds < first.seconds
    assert second.methods == ("uniform",)


def test_what_was_measured_of_other_data_is_dropped(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    session.store.dispatch(m.MeasureCosts())
    until(qtbot, lambda: solid(session) == 1)
    session.store.dispatch(m.OpenData(None))
    engine.go_on.set()
    until(qtbot, lambda: not session.is_busy(Purpose.MEASURE_COSTS))
    assert session.state.cost is None or not session.state.cost.measured.any()
    assert session.state.cost_facts.progress == b""


# Fitting --------------------------------------------------------------------------------------


def test_the_solver_is_asked_in_the_lane_of_looks(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    (request,) = engine.of(FitBudget)
    assert request.targets == (Target(Quantity.SIZE, 0.25, relative=True),)
    assert request.table is TABLE
    assert request.methods == ("uniform",)
    assert not any(job.purpose is Purpose.FIT for job in session.state.jobs)  # no work
    assert session.state.budget == fitting.dialog.wanted


def test_a_fit_is_one_edit_that_undo_takes_back(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, _ = made
    session.store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[:1], 8))
    before = session.state
    until(qtbot, lambda: fitting.dialog.fitted)
    fitting.dialog.use.click()
    assert session.state.recipe == session.state.fitted == RECIPE
    assert session.state.history.undo_label == label(Deed.FIT)
    assert len(session.state.history.edits) == len(before.history.edits) + 1
    session.store.dispatch(m.Undo())
    assert session.state.recipe == before.recipe
    assert session.state.cost is before.cost


def test_locks_and_settings_of_single_layers_are_kept(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    session.store.dispatch(m.Lock(NAMES[2:3], locked=True))
    session.store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[:1], 8))
    until(qtbot, lambda: engine.of(FitBudget)[-1].locks == (NAMES[2], NAMES[0]))
    assert engine.of(FitBudget)[-1].recipe == session.state.recipe
    fitting.dialog.fields.keep.click()
    until(qtbot, lambda: engine.of(FitBudget)[-1].locks == (NAMES[2],))


def test_what_the_solver_set_is_no_setting_of_the_users() -> None:
    store = store_with(Recipe(), info=network(2))
    rules = [make_rule([name], weight_bits=4) for name in NAMES]
    fitted = Recipe((make_step("uniform", rules, weight_bits=8, activation_bits=None),))
    store.dispatch(m.EditRecipe("", fitted))
    assert overrides(store.state) == set(NAMES)
    store.dispatch(m.UseFit(fitted))
    assert overrides(store.state) == frozenset()
    store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[1:2], 6))
    assert overrides(store.state) == {NAMES[1]}


def test_a_newer_question_takes_the_place_of_the_older(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    engine.waits = True
    fitting.dialog.fields.greedy.click()
    until(qtbot, lambda: len(engine.of(FitBudget)) == 2)
    fitting.dialog.fields.exact.click()
    until(qtbot, lambda: len(engine.of(FitBudget)) == 3)  # the one before was dropped
    engine.waits = False
    until(qtbot, lambda: not session.is_busy(Purpose.FIT))
    assert fitting.dialog.use.isEnabled()


def test_closing_the_dialog_drops_the_question(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    engine.waits = True
    fitting.dialog.fields.greedy.click()
    until(qtbot, lambda: session.is_busy(Purpose.FIT))
    fitting.dialog.cancel.click()
    until(qtbot, lambda: not session.is_busy(Purpose.FIT))
    assert session.state.fitted is None


def test_a_failure_is_said_in_the_dialog(qtbot: QtBot, made: Made, window: QWidget) -> None:
    session, engine = made
    engine.error = EngineError("It cannot be fitted.", hint="Choose others.")
    fitting = Fitting(session, window)
    until(qtbot, lambda: "cannot be fitted" in fitting.dialog.status.text())
    assert not session.state.notices


def test_without_costs_it_offers_to_estimate_them(
    qtbot: QtBot, made: Made, window: QWidget
) -> None:
    session, engine = made
    session.store.dispatch(m.CostKnown(None))
    fitting = Fitting(session, window)
    assert not engine.of(FitBudget)
    assert not fitting.dialog.estimate.isHidden()
    fitting.dialog.estimate.click()
    until(qtbot, lambda: fitting.dialog.fitted)  # asked by itself, once they are known
    assert engine.of(FitBudget)


def test_new_measurements_ask_again(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    table = TABLE.with_entries([Entry(NAMES[0], "uniform", 4.0, loss=0.4, measured=True)])
    session.store.dispatch(m.CostKnown(table))
    until(qtbot, lambda: len(engine.of(FitBudget)) == 2)
    assert engine.of(FitBudget)[1].table is table


def test_a_trial_of_a_fit_stands_beside_its_prediction_and_corrects_the_next(
    qtbot: QtBot, made: Made, fitting: Fitting, window: QWidget
) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    fitting.dialog.use.click()
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    (trial,) = session.state.trials
    assert trial.forecast is not None
    assert trial.forecast.loss == pytest.approx(0.15)
    assert trial.kl == 0.2
    notice = session.state.notices[-1]
    assert notice.text == "Trial 1: loss ~0.15 predicted, 0.2 measured."
    assert notice.action == "fit"
    again = Fitting(session, window)
    until(qtbot, lambda: again.dialog.fitted)
    (finished,) = engine.of(FitBudget)[-1].finished
    assert finished.predicted == {"uniform": pytest.approx(0.15)}
    assert finished.loss == 0.2
    assert finished.accuracy_drop == pytest.approx(0.05)
    assert again.dialog.plot._known[0].label == "Trial 1"


def test_round_after_round_is_run_and_corrects_the_next(
    qtbot: QtBot, made: Made, window: QWidget
) -> None:
    session, engine = made
    for count in (1, 2, 3):
        fitting = Fitting(session, window)
        until(qtbot, lambda fitting=fitting: fitting.dialog.fitted)
        rounds = fitting.dialog.rounds
        assert rounds.topLevelItemCount() == count - 1
        assert fitting.dialog.tabs.isTabVisible(fitting.dialog.tabs.indexOf(rounds)) == (count > 1)
        assert len(engine.of(FitBudget)[-1].finished) == count - 1
        fitting.dialog.run.click()
        until(qtbot, lambda count=count: len(session.state.trials) == count)
        assert session.state.notices[-1].action == "fit"
        assert session.state.notices[-1].text.startswith(f"Trial {count}: loss ~")
    fitting = Fitting(session, window)
    newest = fitting.dialog.rounds.topLevelItem(0)
    assert newest is not None
    # the first trial told that twice as much is lost
    assert [newest.text(column) for column in range(4)] == ["Trial 3", "500 B", "~0.2", "0.2"]
    assert float(newest.text(4).removesuffix("×")) == pytest.approx(1, abs=0.02)
    oldest = fitting.dialog.rounds.topLevelItem(2)
    assert oldest is not None
    assert oldest.text(4) == "1.33×"


def test_a_recipe_that_is_only_used_is_not_run(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    assert fitting.dialog.run.isEnabled()
    fitting.dialog.use.click()
    assert session.state.recipe == RECIPE
    assert not engine.of(Compress)
    assert not session.is_busy(Purpose.APPLY)


def test_another_model_closes_the_dialog(
    qtbot: QtBot, made: Made, fitting: Fitting, tmp_path: Path
) -> None:
    session, _ = made
    other = tmp_path / "other.onnx"
    other.write_bytes(b"anything")
    closed = []
    fitting.dialog.finished.connect(closed.append)
    session.store.dispatch(m.OpenModel(ModelSource(str(other))))
    assert closed
    assert session.state.budget is None
