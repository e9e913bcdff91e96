"""Learning from runs through the session and the dialog. A made-up engine runs them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.budget import FitBudget, Quantity
from engine.costs_measured import MeasureCosts
from engine.errors import EngineError
from engine.jobs.requests import Compress, DataSource, ModelSource
from studio.commander import _would_be_lost
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.forecast import correction
from studio.document.state import JobStatus, Purpose
from studio.fit_facts import pace
from studio.fitting import Fitting
from tests.gui.fit_engine import NAMES, RECIPE, Made, opened, until


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    with opened(qtbot, tmp_path) as session:
        yield session


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.show()
    return shown


@pytest.fixture
def fitting(qtbot: QtBot, made: Made, window: QWidget) -> Fitting:
    opened_one = Fitting(made[0], window)
    until(qtbot, lambda: opened_one.dialog.use.isEnabled())
    return opened_one


def begin(qtbot: QtBot, fitting: Fitting, made: Made, count: int = 3) -> None:
    """Ask for runs; the first one is under way then."""
    fitting.dialog.learn.count.setValue(count)
    fitting.dialog.learn.button.click()
    until(qtbot, lambda: "Run 1 of" in fitting.dialog.status.text())
    assert made[0].learning.is_running


def end_runs(qtbot: QtBot, made: Made, count: int) -> None:
    known = len(made[0].state.learned)
    for number in range(1, count + 1):
        made[1].runs.release()
        until(qtbot, lambda number=number: len(made[0].state.learned) == known + number)


def test_runs_are_asked_for_as_work(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    plain = engine.of(FitBudget)[-1]
    begin(qtbot, fitting, made, 3)
    request = engine.of(FitBudget)[-1]
    assert request == replace(plain, rounds=4)
    assert session.settings.fit_runs == 3
    (job,) = [job for job in session.state.jobs if job.purpose is Purpose.LEARN]
    assert job.status is JobStatus.RUNNING
    dialog = fitting.dialog
    assert not dialog.fields.isEnabled()
    assert not dialog.plot.isEnabled()
    assert not dialog.use.isEnabled()
    assert not dialog.run.isEnabled()
    assert dialog.runs_row.isVisible()
    session.learning.cancel()
    until(qtbot, lambda: not session.learning.is_running)


def test_each_run_is_shown_and_kept_as_it_ends(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, _ = made
    dialog = fitting.dialog
    begin(qtbot, fitting, made, 3)
    end_runs(qtbot, made, 2)
    assert [one.finished.loss for one in session.state.learned] == pytest.approx([0.21, 0.1])
    assert correction(session.state).trials == 2
    assert dialog.rounds.topLevelItemCount() == 2
    best = dialog.rounds.topLevelItem(0)
    assert best is not None
    assert best.text(0) == "Learning run 2: this one"
    assert best.font(0).bold()
    assert [best.text(column) for column in (1, 2, 3)] == ["~400 B", "~0.15", "0.1"]
    assert [one.loss for one in dialog.plot._known] == pytest.approx([0.21, 0.1])
    assert dialog.numbers.cells[Quantity.LOSS, 3].text() == "0.1 measured"
    assert "2,000" in dialog.numbers.cells[Quantity.LOSS, 3].toolTip()
    assert not dialog.use.isEnabled()
    end_runs(qtbot, made, 1)
    until(qtbot, lambda: dialog.use.isEnabled())
    assert dialog.fields.isEnabled()
    assert dialog.status.text() == (
        "Measured on 2,000 validation samples: loss 0.1; the first of 3 runs lost 0.21."
    )
    dialog.use.click()
    assert session.state.recipe == replace(RECIPE, seed=102)


def test_how_long_the_rest_takes_is_told(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, _ = made
    assert pace(session.state) is None
    begin(qtbot, fitting, made, 2)
    assert "left" not in fitting.dialog.status.text()
    assert fitting.dialog.progress.maximum() == 0  # nobody knows
    time.sleep(0.3)
    end_runs(qtbot, made, 1)
    first = session.state.learned[0].seconds
    assert 0.3 < first < 10
    until(qtbot, lambda: "left" in fitting.dialog.status.text())
    until(qtbot, lambda: 500 < fitting.dialog.progress.value() < 1000)  # within the second run
    assert fitting.dialog.learn.about.text().startswith("About ")
    end_runs(qtbot, made, 1)
    until(qtbot, lambda: not session.learning.is_running)


def test_stopping_ends_after_the_run_that_is_under_way(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    begin(qtbot, fitting, made, 5)
    end_runs(qtbot, made, 1)
    fitting.dialog.runs_row.stop.click()
    until(qtbot, lambda: "Ending" in fitting.dialog.status.text())
    assert not fitting.dialog.runs_row.stop.isEnabled()
    assert session.learning.is_running
    engine.runs.release()
    until(qtbot, lambda: not session.learning.is_running)
    assert len(session.state.learned) == 2
    until(qtbot, lambda: "loss 0.1;" in fitting.dialog.status.text())
    assert fitting.dialog.use.isEnabled()


def test_what_has_been_shown_is_kept_when_runs_end_at_once(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    _session, engine = made
    begin(qtbot, fitting, made, 5)
    end_runs(qtbot, made, 2)
    fitting.dialog.runs_row.drop.click()
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    assert "loss 0.1;" in fitting.dialog.status.text()
    assert fitting.dialog.fitted is not None
    assert fitting.dialog.fitted.recipe.seed == 102
    # asked for something else, and for the same again: it is still the best that is known
    fitting.dialog.fields.greedy.click()
    until(qtbot, lambda: len(engine.of(FitBudget)) == 3)
    assert len(engine.of(FitBudget)[-1].finished) == 2
    until(qtbot, lambda: "loss 0.1;" not in fitting.dialog.status.text())
    fitting.dialog.fields.exact.click()
    until(qtbot, lambda: "loss 0.1;" in fitting.dialog.status.text())
    assert len(engine.of(FitBudget)) == 3


def test_runs_that_end_before_one_has_shown_anything_leave_the_answer(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, _ = made
    begin(qtbot, fitting, made)
    fitting.dialog.runs_row.drop.click()
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    assert session.state.learned == ()
    assert session.state.best is None
    assert fitting.dialog.fitted is not None
    assert fitting.dialog.fitted.recipe == RECIPE


def test_further_runs_begin_where_the_last_ended(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    _session, engine = made
    begin(qtbot, fitting, made, 2)
    end_runs(qtbot, made, 2)
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    begin(qtbot, fitting, made, 1)
    assert len(engine.of(FitBudget)[-1].finished) == 2
    end_runs(qtbot, made, 1)  # it loses 0.21: what was better stands
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    assert fitting.dialog.fitted is not None
    assert fitting.dialog.fitted.recipe.seed == 102
    assert len(fitting.dialog.fitted.tried) == 3
    assert "3 runs" in fitting.dialog.status.text()


def test_closed_it_goes_on_and_tells_what_came_of_it(
    qtbot: QtBot, made: Made, fitting: Fitting, window: QWidget
) -> None:
    session, _ = made
    begin(qtbot, fitting, made, 2)
    fitting.dialog.cancel.click()
    assert session.learning.is_running
    end_runs(qtbot, made, 1)
    again = Fitting(session, window)
    assert not again.dialog.fields.isEnabled()
    assert again.dialog.runs_row.isVisible()
    assert again.dialog.fitted is not None
    assert again.dialog.fitted.recipe.seed == 101
    again.dialog.reject()
    assert not session.state.notices
    end_runs(qtbot, made, 1)
    until(qtbot, lambda: session.state.notices)
    notice = session.state.notices[-1]
    assert notice.text == "Fit to budget has learned from 2 runs; the best lost 0.1."
    assert notice.action == "fit"
    last = Fitting(session, window)
    assert "loss 0.1;" in last.dialog.status.text()
    last.dialog.reject()


def test_a_run_that_fails_says_why_and_leaves_the_answer(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    begin(qtbot, fitting, made)
    engine.error = EngineError("The disk is full.", hint="Make room.")
    until(qtbot, lambda: not session.learning.is_running)
    assert fitting.dialog.status.text() == "The disk is full. Make room."
    assert fitting.dialog.use.isEnabled()
    assert fitting.dialog.learn.button.isEnabled()


def test_it_waits_for_what_runs_and_says_so(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    session.store.dispatch(m.EditRecipe("", RECIPE))
    engine.compresses.clear()
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: engine.of(Compress))
    fitting.dialog.learn.button.click()
    until(qtbot, lambda: "begins when this has ended" in fitting.dialog.status.text())
    assert "Compress" in fitting.dialog.status.text()
    engine.compresses.set()
    until(qtbot, lambda: "Run 1 of" in fitting.dialog.status.text())
    session.learning.cancel()
    until(qtbot, lambda: not session.learning.is_running)


def test_measuring_makes_way_for_runs_and_goes_on(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    session.store.dispatch(m.MeasureCosts(60.0))
    until(qtbot, lambda: engine.of(MeasureCosts))
    begin(qtbot, fitting, made, 1)
    end_runs(qtbot, made, 1)
    until(qtbot, lambda: len(engine.of(MeasureCosts)) == 2)
    assert not session.learning.is_running
    assert 5 < engine.of(MeasureCosts)[1].seconds < 60


def test_measuring_goes_on_after_the_last_of_what_it_made_way_for(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    session.store.dispatch(m.EditRecipe("", RECIPE))
    session.store.dispatch(m.MeasureCosts(60.0))
    until(qtbot, lambda: engine.of(MeasureCosts))
    engine.compresses.clear()
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: engine.of(Compress))
    fitting.dialog.learn.count.setValue(1)
    fitting.dialog.learn.button.click()
    engine.compresses.set()
    until(qtbot, lambda: "Run 1 of" in fitting.dialog.status.text())
    assert not session.is_busy(Purpose.MEASURE_COSTS)
    end_runs(qtbot, made, 1)
    until(qtbot, lambda: len(engine.of(MeasureCosts)) == 2)


def test_without_data_it_says_why_not(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, _ = made
    learn = fitting.dialog.learn
    assert learn.button.isEnabled()
    costs = session.state.cost
    session.store.dispatch(m.OpenData(None))
    session.store.dispatch(m.CostKnown(costs))
    assert not learn.button.isEnabled()
    assert learn.button.toolTip() == "Runs are measured on data. Open a data set first."
    session.store.dispatch(m.OpenData(DataSource(("images.npz",))))
    until(qtbot, lambda: learn.button.isEnabled())


def test_a_limit_that_makes_no_sense_is_not_run(fitting: Fitting) -> None:
    fitting.dialog.form.line(Quantity.SIZE).limit.setText("nonsense")
    assert not fitting.dialog.learn.button.isEnabled()
    fitting.dialog.form.line(Quantity.SIZE).limit.setText("25 %")
    assert fitting.dialog.learn.button.isEnabled()


def test_what_is_learned_of_another_model_is_dropped(
    qtbot: QtBot, made: Made, fitting: Fitting, tmp_path: Path
) -> None:
    session, engine = made
    begin(qtbot, fitting, made, 2)
    other = tmp_path / "other.onnx"
    other.write_bytes(b"anything")
    session.store.dispatch(m.OpenModel(ModelSource(str(other))))
    engine.runs.release(2)
    until(qtbot, lambda: not session.learning.is_running)
    assert session.state.learned == ()
    assert session.state.best is None


def test_a_recipe_that_has_changed_is_another_question(
    qtbot: QtBot, made: Made, fitting: Fitting
) -> None:
    session, engine = made
    begin(qtbot, fitting, made, 2)
    end_runs(qtbot, made, 2)
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    asked = len(engine.of(FitBudget))
    session.store.dispatch(m.SetFacet(Facet.WEIGHT_BITS, NAMES[:1], 8))
    until(qtbot, lambda: len(engine.of(FitBudget)) == asked + 1)
    until(qtbot, lambda: "loss 0.1;" not in fitting.dialog.status.text())
    assert fitting.dialog.fitted is not None
    assert fitting.dialog.fitted.recipe == RECIPE


def test_layers_are_timed_as_work_once(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    engine.waits = True
    fitting.dialog.form.set_limit(Quantity.LATENCY, 0.7, relative=True)
    until(qtbot, lambda: "timed" in fitting.dialog.status.text())
    (job,) = [job for job in session.state.jobs if job.purpose is Purpose.FIT]
    assert engine.of(FitBudget)[-1].targets[-1].quantity is Quantity.LATENCY
    engine.waits = False
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    fitting.dialog.form.set_limit(Quantity.LATENCY, 0.6, relative=True)
    until(qtbot, lambda: fitting.dialog.use.isEnabled())
    assert [one for one in session.state.jobs if one.purpose is Purpose.FIT] == [
        replace(job, status=JobStatus.FINISHED, text="Solving", elapsed_s=pytest.approx(0, abs=60))
    ]


def test_the_window_asks_before_it_closes_on_runs() -> None:
    assert _would_be_lost(Purpose.LEARN, JobStatus.RUNNING)
    assert not _would_be_lost(Purpose.LEARN, JobStatus.FINISHED)
    assert not _would_be_lost(Purpose.FIT, JobStatus.RUNNING)
