"""Fit to budget and measured costs through the session. A made-up engine answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.budget import Costs, FitBudget, Fitted, Quantity, Target
from engine.cost import CostTable, Entry, Estimated, Grid, Total
from engine.costs_measured import MeasureCosts, Measured
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import AccuracySource, Compressed, Evaluation, Metrics, Profile, StepResult
from engine.jobs.job import Job
from engine.jobs.looks import DataLook, ListModel
from engine.jobs.requests import (
    Compress,
    DataSource,
    Estimate,
    Evaluate,
    Inspect,
    MeasureLatency,
    ModelSource,
)
from engine.recipe.edit import make_rule, make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.deeds import Deed, label
from studio.document.facets import Facet
from studio.document.state import CostFacts, Opening, Purpose
from studio.engine_bridge import EngineBridge
from studio.fit_facts import overrides
from studio.fitting import Fitting
from studio.session import Session
from studio.settings import Settings
from studio.store import Store
from tests.helpers.documents import network, store_with

NAMES = tuple(layer.name for layer in network(2).layers)
BITS = Grid("uniform", (8.0, 4.0))
TABLE = CostTable.empty(NAMES, (BITS,)).with_entries(
    Entry(name, "uniform", bits, loss=0.01 * (9 - bits), loss_low=0.0, size_bytes=100 * bits)
    for name in NAMES
    for bits in BITS.settings
)
RECIPE = Recipe((make_step("uniform", weight_bits=4, activation_bits=None),), seed=3)
SMALL = Metrics(500, 100, 100, top1=0.85, samples=100)


class Engine:
    """Answers at once; what measures goes on until it is stopped, and shows what it has."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.waits = False
        self.go_on = threading.Event()
        self.error: EngineError | None = None

    def __call__(self, request: Any, job: Job) -> Any:
        self.asked.append(request)
        match request:
            case ListModel() | Inspect():
                return network(2)
            case MeasureLatency():
                return Profile(1.5, 0.1, 1, 1, 30, (), "ORT", "CPU")
            case DataLook():
                return SimpleNamespace(fit=SimpleNamespace(ok=True), missing=())
            case Evaluate():
                return Evaluation(100, AccuracySource.LABELS, top1=0.9)
            case Estimate():
                return Estimated(TABLE, 1.0, 41.0, 256)
            case MeasureCosts():
                return self.measure(request, job)
            case FitBudget():
                return self.fit(request, job)
            case Compress():
                return self.compressed(request)
        raise TypeError(type(request).__name__)

    def measure(self, request: MeasureCosts, job: Job) -> Measured:
        assert request.table is not None
        table, done = request.table, 0
        for name in NAMES:
            one = Entry(name, "uniform", 4.0, loss=0.5, measured=True)
            table, done = table.with_entries([one]), done + 1
            job.partial(Measured(table, done, 6, 2000, state=b"so far"))
            while not self.go_on.is_set() and not job.stopping:
                job.checkpoint("Measuring settings", done, 6)
                time.sleep(0.005)
            if job.stopping:
                break
        return Measured(table, done, 6, 2000, stopped=job.stopping, state=b"in the end")

    def fit(self, request: FitBudget, job: Job) -> Fitted:
        while self.waits and not self.go_on.is_set():
            job.checkpoint("Solving")
            time.sleep(0.005)
        if self.error is not None:
            raise self.error
        choices = FrozenMap({"uniform": FrozenMap(dict.fromkeys(NAMES, 4.0))})
        total = Total(0, 0, 0, 0, 0, 0, 0)
        costs = Costs(500.0, loss=0.05)
        return Fitted(choices, RECIPE, costs, Costs(1000.0), total, ())

    def compressed(self, request: Compress) -> Compressed:
        Path(request.path).write_bytes(b"model")
        info = network(2)
        evaluation = Evaluation(100, AccuracySource.LABELS, top1=0.85, kl=0.2)
        original = Metrics(1000, 200, 200, top1=0.9)
        return Compressed(
            request.path, "onnx", "avx2", request.recipe, SMALL, SMALL, original, True, 1e-6,
            (StepResult(0, "uniform", "Uniform", 1.0),), info, info, evaluation,
        )  # fmt: skip

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.asked if isinstance(one, kind)]


Made = tuple[Session, Engine]


def until(qtbot: QtBot, what: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(what()), timeout=5000)


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    engine = Engine()
    settings = Settings(tmp_path / "settings.ini")
    session = Session(Store(), EngineBridge(engine), settings, tmp_path / "home")
    path = tmp_path / "net.onnx"
    path.write_bytes(b"anything")
    session.store.dispatch(m.OpenModel(ModelSource(str(path))))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    session.store.dispatch(m.OpenData(DataSource(("images.npz",))))
    until(qtbot, lambda: session.state.cost is not None)
    yield session, engine
    engine.go_on.set()
    session.close()


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
    fitting.dialog.keep.click()
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
    fitting.dialog.greedy.click()
    until(qtbot, lambda: len(engine.of(FitBudget)) == 2)
    fitting.dialog.exact.click()
    until(qtbot, lambda: len(engine.of(FitBudget)) == 3)  # the one before was dropped
    engine.waits = False
    until(qtbot, lambda: not session.is_busy(Purpose.FIT))
    assert fitting.dialog.use.isEnabled()


def test_closing_the_dialog_drops_the_question(qtbot: QtBot, made: Made, fitting: Fitting) -> None:
    session, engine = made
    until(qtbot, lambda: fitting.dialog.fitted)
    engine.waits = True
    fitting.dialog.greedy.click()
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
