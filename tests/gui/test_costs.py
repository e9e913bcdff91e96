"""Costs are estimated by themselves and on wish, and the view tells while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.cost import CostTable, Entry, Estimated, Grid
from engine.costs_measured import MeasureCosts, Measured
from engine.info import AccuracySource, Evaluation, Profile
from engine.jobs.events import Progress
from engine.jobs.job import Job
from engine.jobs.looks import DataLook, ListModel
from engine.jobs.requests import (
    DataSource,
    Estimate,
    Evaluate,
    Inspect,
    MeasureLatency,
    ModelSource,
)
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.state import JobState, JobStatus, Opening, Purpose
from studio.engine_bridge import EngineBridge
from studio.session import Session
from studio.settings import Settings
from studio.store import Store
from studio.views.sensitivity import SensitivityView
from tests.helpers.documents import network, store_with

TABLE = CostTable.empty(["stem"], [Grid("uniform", (8.0, 4.0))]).with_entries(
    [Entry("stem", "uniform", 4.0, loss=0.1)]
)
SIZES = CostTable.empty(["stem"], [Grid("uniform", (8.0, 4.0))]).with_entries(
    [Entry("stem", "uniform", 4.0, size_bytes=10.0)]
)

NOTE = (
    "In 30 s no setting could be measured: running the original and making the changes take longer "
    "than that; give more time."
)


class Engine:
    """Answers at once; estimates wait until they may go on."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.go_on = threading.Event()

    def __call__(self, request: Any, job: Job) -> Any:
        self.asked.append(request)
        match request:
            case ListModel() | Inspect():
                return network()
            case MeasureLatency():
                return Profile(1.5, 0.1, 1, 1, 30, (), "ORT", "CPU")
            case DataLook():
                return SimpleNamespace(fit=SimpleNamespace(ok=True), missing=())
            case Evaluate():
                return Evaluation(100, AccuracySource.LABELS, top1=0.9)
            case Estimate():
                while not self.go_on.is_set():
                    job.checkpoint("Predicting losses", 1, 4)
                    time.sleep(0.005)
                return Estimated(TABLE, 1.0, 30.0, 256)
            case MeasureCosts():
                return Measured(TABLE, 0, 1, 256, stopped=True, notes=(NOTE,))
        raise TypeError(type(request).__name__)

    @property
    def estimates(self) -> list[Estimate]:
        return [one for one in self.asked if isinstance(one, Estimate)]


Made = tuple[Session, Engine]


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    engine = Engine()
    store = Store()
    session = Session(
        store, EngineBridge(engine), Settings(tmp_path / "settings.ini"), tmp_path / "home"
    )
    path = tmp_path / "net.onnx"
    path.write_bytes(b"anything")
    store.dispatch(m.OpenModel(ModelSource(str(path))))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    yield session, engine
    engine.go_on.set()
    session.close()


def until(qtbot: QtBot, what: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(what()), timeout=5000)


def test_costs_are_estimated_once_the_original_is_measured(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    source = DataSource(("images.npz",))
    session.store.dispatch(m.OpenData(source))
    until(qtbot, lambda: engine.estimates)
    assert session.state.evaluation is not None
    assert engine.estimates[0].data == source
    assert len([job for job in session.state.jobs if job.purpose is Purpose.COSTS]) == 1
    session.store.dispatch(m.EstimateCosts())  # it is under way already
    engine.go_on.set()
    until(qtbot, lambda: session.state.cost is TABLE)
    assert len(engine.estimates) == 1
    session.store.dispatch(m.OpenData(None))
    assert session.state.cost is None  # it was of that data


def test_a_wish_without_data_asks_for_sizes(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    engine.go_on.set()
    session.store.dispatch(m.EstimateCosts())
    until(qtbot, lambda: session.state.cost is TABLE)
    assert engine.estimates[0].data is None


def test_measuring_that_found_nothing_says_so(qtbot: QtBot, made: Made) -> None:
    session, engine = made
    engine.go_on.set()
    session.store.dispatch(m.OpenData(DataSource(("images.npz",))))
    until(qtbot, lambda: session.state.cost is TABLE)
    session.store.dispatch(m.MeasureCosts(30.0))
    until(qtbot, lambda: session.state.notices)
    assert [one.text for one in session.state.notices] == [NOTE]


def test_the_view_offers_an_estimate_and_tells_how_far_it_is(qtbot: QtBot) -> None:
    store = store_with(Recipe())
    wishes: list[m.Message] = []
    store.dispatched.connect(wishes.append)
    view = SensitivityView(store)
    qtbot.addWidget(view)
    view.show()
    with pytest.raises(KeyError):
        view.empty.button("estimate")  # there is no data to learn from
    store.dispatch(m.OpenData(DataSource(("images.npz",))))
    view.empty.button("estimate").click()
    assert m.EstimateCosts() in wishes
    job = JobState(7, "Estimate", Purpose.COSTS, status=JobStatus.RUNNING)
    store.dispatch(m.JobAdded(job))
    assert "Estimating" in view.empty.title
    store.dispatch(m.JobNews(Progress(7, "Predicting losses", 1, 4)))
    assert "25" in view.empty.text
    store.dispatch(m.CostKnown(SIZES))  # sizes alone make no map
    assert view.empty.isVisible()
    store.dispatch(m.CostKnown(TABLE))
    assert not view.empty.isVisible()
