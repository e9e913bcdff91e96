"""The session: wishes reach the engine and the disk, news come back. A made-up engine answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.cost import CostTable, Estimated
from engine.data_info import DataInfo, Fit
from engine.details import DataPreview, Ready
from engine.errors import EngineError, ModelError, TrustRequired
from engine.frozen import FrozenMap
from engine.info import (
    AccuracySource,
    Compressed,
    Evaluation,
    Format,
    Metrics,
    Profile,
)
from engine.jobs.job import Job
from engine.jobs.looks import DataLook, ListModel, WeightLook
from engine.jobs.requests import (
    Compress,
    DataSource,
    Estimate,
    Evaluate,
    Inspect,
    MeasureLatency,
    ModelSource,
    WarmUp,
)
from engine.preprocessing import QUESTIONS, Preprocessing
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.looks import look_for
from studio.document.project import Project
from studio.document.state import JobStatus, Opening, Purpose, Severity
from studio.engine_bridge import EngineBridge
from studio.session import Session
from studio.settings import Settings
from studio.store import Store
from tests.unit.studio.test_document import network

EVALUATION = Evaluation(100, AccuracySource.LABELS, top1=0.9)


class Engine:
    """Answers at once, but to those that are told to wait."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.go_on = threading.Event()
        self.waits: tuple[type, ...] = ()
        self.fails: dict[type, BaseException] = {}
        self.info = network()

    def __call__(self, request: Any, job: Job) -> Any:
        self.asked.append(request)
        if isinstance(request, self.waits):
            while not self.go_on.is_set() and not job.stopping:
                job.checkpoint("Working", 1, 2)
                time.sleep(0.005)
        if type(request) in self.fails:
            raise self.fails[type(request)]
        match request:
            case WarmUp():
                return Ready(FrozenMap({"PyTorch": "2"}), 1)
            case ListModel() | Inspect():
                return self.info
            case MeasureLatency():
                return Profile(1.5, 0.1, 1, 1, 30, (), "ORT", "CPU")
            case Evaluate():
                return EVALUATION
            case Compress():
                return self.compressed(request)
            case Estimate():
                return Estimated(CostTable.empty((), ()), 0.1)
            case WeightLook():
                return f"weights of {request.layer}"
        raise TypeError(type(request).__name__)

    def compressed(self, request: Compress) -> Compressed:
        Path(request.path).write_bytes(b"model")
        small = Metrics(500, 100, 100)
        return Compressed(
            request.path,
            "onnx",
            "avx2",
            request.recipe,
            small,
            replace(small, top1=0.88),
            Metrics(1000, 200, 200, top1=0.9),
            verified=True,
            max_relative_difference=1e-6,
            steps=(),
            before=self.info,
            after=self.info,
        )


Made = tuple[Session, Engine]


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    engine = Engine()
    bridge = EngineBridge(engine)
    session = Session(Store(), bridge, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    yield session, engine
    engine.go_on.set()
    session.close()


def model(tmp_path: Path, name: str = "net.onnx") -> ModelSource:
    path = tmp_path / name
    path.write_bytes(b"anything")
    return ModelSource(str(path))


def until(qtbot: QtBot, what: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(what()), timeout=20_000)


def ready(qtbot: QtBot, made: Made, tmp_path: Path) -> Session:
    session, _ = made
    session.store.dispatch(m.OpenModel(model(tmp_path)))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    until(qtbot, lambda: session.state.profile)
    return session


def test_a_model_is_listed_read_and_timed(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    kinds = [type(request) for request in made[1].asked]
    assert set(kinds) == {ListModel, Inspect, MeasureLatency}
    assert session.state.original.latency_ms == 1.5
    assert session.settings.recent[0].endswith("net.onnx")


def test_the_engine_says_when_it_is_ready(qtbot: QtBot, made: Made) -> None:
    made[0].start()
    until(qtbot, lambda: made[0].state.engine_ready)
    assert made[0].state.versions["PyTorch"] == "2"


def test_a_file_that_is_not_there(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    made[0].store.dispatch(m.OpenModel(ModelSource(str(tmp_path / "gone.onnx"))))
    assert made[0].state.model.opening is Opening.FAILED
    made[0].store.dispatch(m.OpenPaths((str(tmp_path / "gone.npz"),)))
    assert "gone.npz" in made[0].state.notices[-1].text


def test_pickles_ask_for_trust(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session, engine = made
    error = TrustRequired("It runs code.")
    engine.fails[Inspect] = engine.fails[ListModel] = error
    with qtbot.waitSignal(session.trust_needed, timeout=20_000) as asked:
        session.store.dispatch(m.OpenModel(model(tmp_path, "net.pt")))
    assert asked.args[0].path.endswith("net.pt")
    assert session.state.model.error is not None


def test_weights_alone_ask_for_their_code(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session, engine = made
    engine.info = replace(network(), format=Format.SAFETENSORS, runnable=False)
    with qtbot.waitSignal(session.architecture_needed, timeout=20_000) as asked:
        session.store.dispatch(m.OpenModel(model(tmp_path, "net.safetensors")))
    assert asked.args[0].path.endswith("net.safetensors")


def test_the_answer_for_a_model_that_is_gone_is_dropped(
    qtbot: QtBot, made: Made, tmp_path: Path
) -> None:
    session, engine = made
    engine.waits = (Inspect,)
    session.store.dispatch(m.OpenModel(model(tmp_path, "first.onnx")))
    until(qtbot, lambda: any(isinstance(one, Inspect) for one in engine.asked))
    engine.info = network(2)
    session.store.dispatch(m.OpenModel(model(tmp_path, "second.onnx")))
    engine.go_on.set()
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    assert session.state.model.source.path.endswith("second.onnx")
    statuses = [job.status for job in session.state.jobs if job.purpose is Purpose.OPEN]
    assert statuses == [JobStatus.STOPPED, JobStatus.FINISHED]


def test_looks_are_answered_once(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    request = WeightLook(session.state.model.source, "stem")
    for _ in range(3):
        session.store.dispatch(m.Ask(request))
    until(qtbot, lambda: look_for(session.state, request).result)
    assert look_for(session.state, request).result == "weights of stem"
    assert made[1].asked.count(request) == 1


def test_views_that_outlive_the_engine_ask_in_vain(
    qtbot: QtBot, made: Made, tmp_path: Path
) -> None:
    session = ready(qtbot, made, tmp_path)
    before = len(made[1].asked)
    session.close()
    session.store.dispatch(m.Ask(WeightLook(ModelSource("x"), "stem")))
    assert len(made[1].asked) == before


def test_a_failed_look_says_why(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].fails[WeightLook] = EngineError("No weights.")
    request = WeightLook(session.state.model.source, "stem")
    session.store.dispatch(m.Ask(request))
    until(qtbot, lambda: not look_for(session.state, request).pending)
    assert look_for(session.state, request).error.message == "No weights."


def test_applying_makes_a_trial_that_outlives_the_program(
    qtbot: QtBot, made: Made, tmp_path: Path
) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.6))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: len(session.state.trials) == 2)
    first, second = session.state.trials
    assert (first.id, first.parent, second.parent) == (1, None, 1)
    assert first.measured.top1 == 0.88
    session.store.dispatch(m.ChangeTrial(1, (("name", "Half"),)))
    folder = session.keeper.folder
    assert (folder / first.file).read_bytes() == b"model"
    session.keeper.save()
    session.keeper.wait()
    project = Project.open(folder)
    loaded = project.load()
    assert [trial.name for trial in loaded.trials] == ["Half", second.name]
    assert loaded.recipe == session.state.recipe
    project.close()


def test_a_recipe_with_a_problem_is_not_run(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.SetFields(0, (("ratio", 7),)))
    session.store.dispatch(m.Apply())
    assert session.state.notices[-1].severity is Severity.WARNING
    assert not any(isinstance(one, Compress) for one in made[1].asked)


def test_a_cancelled_run_changes_nothing(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].waits = (Compress,)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    before = session.state
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.working and session.state.working.total)
    began = time.monotonic()
    session.store.dispatch(m.CancelJob(session.state.working.number))
    until(qtbot, lambda: session.state.jobs[-1].status is JobStatus.STOPPED)
    assert time.monotonic() - began < 2
    assert session.state.trials == ()
    assert session.state.recipe == before.recipe
    assert not session.state.notices


def test_a_stopped_run_keeps_what_there_is(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].waits = (Compress,)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.working and session.state.working.total)
    session.store.dispatch(m.PauseJob(session.state.working.number, paused=True))
    until(qtbot, lambda: session.state.working.status is JobStatus.PAUSED)
    session.store.dispatch(m.StopJob(session.state.working.number))
    until(qtbot, lambda: session.state.trials)
    assert session.state.trials[0].stopped


def test_what_nobody_asked_for_makes_way(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].waits = (Estimate,)
    session.store.dispatch(m.EstimateCosts())
    until(qtbot, lambda: session.state.working)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    made[1].go_on.set()
    until(qtbot, lambda: session.state.cost is not None)
    asked = [type(one) for one in made[1].asked[-3:]]
    assert asked == [Estimate, Compress, Estimate]


def test_a_failed_run_tells_its_hint(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].fails[Compress] = ModelError("It cannot be written.", hint="Make room.")
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.notices)
    assert session.state.notices[-1].hint == "Make room."
    assert session.state.jobs[-1].error.hint == "Make room."
    assert not list((session.keeper.folder / "trials").iterdir())


def test_a_crash_is_reported(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    made[1].fails[MeasureLatency] = ZeroDivisionError("ours")
    with qtbot.waitSignal(session.crashed, timeout=20_000) as told:
        session.store.dispatch(m.Measure())
    assert "ZeroDivisionError" in told.args[0]
    assert "Traceback" in told.args[1]


def test_exports_write_the_recipe_beside_the_file(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    path = tmp_path / "out" / "small.onnx"
    path.parent.mkdir()
    with qtbot.waitSignal(session.exported, timeout=20_000):
        session.store.dispatch(m.Export(str(path), "onnx"))
    assert path.read_bytes() == b"model"
    assert "channel" in path.with_suffix(".recipe.yaml").read_text()
    assert session.state.trials == ()


def test_another_model_begins_another_project(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    until(qtbot, lambda: session.state.project.folder)
    first = session.keeper.folder
    session.store.dispatch(m.OpenModel(model(tmp_path, "other.onnx")))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    assert session.state.trials == ()
    assert session.keeper.folder != first
    session.store.dispatch(m.OpenProject(str(first)))
    until(qtbot, lambda: session.state.trials)
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    assert session.state.model.source.path.endswith("net.onnx")
    assert session.state.recipe.steps[0].method == "channel"


def test_a_project_whose_model_moved_asks_for_it(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    named = tmp_path / "mine.espalier"
    session.store.dispatch(m.SaveProject(str(named)))
    until(qtbot, lambda: session.state.project.titled)
    moved = tmp_path / "moved.onnx"
    Path(session.state.model.source.path).rename(moved)
    session.store.dispatch(m.OpenModel(model(tmp_path, "other.onnx")))
    with qtbot.waitSignal(session.model_missing, timeout=20_000):
        session.store.dispatch(m.OpenProject(str(named)))
    session.store.dispatch(m.OpenModel(ModelSource(str(moved)), moved=True))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    assert session.keeper.folder == named
    assert session.state.recipe.steps


def test_untitled_projects_in_which_nothing_was_done_go(
    qtbot: QtBot, made: Made, tmp_path: Path
) -> None:
    session = ready(qtbot, made, tmp_path)
    until(qtbot, lambda: session.state.project.folder)
    folder = Path(session.state.project.folder)
    assert folder.exists()
    session.store.dispatch(m.OpenModel(model(tmp_path, "other.onnx")))
    session.keeper.wait()
    assert not folder.exists()


def test_data_is_looked_at_and_measured(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    session, engine = made
    engine.fails[DataLook] = EngineError("It holds no labels.")
    source = DataSource((str(tmp_path / "x.npz"),))
    session.store.dispatch(m.OpenData(source))
    until(qtbot, lambda: session.state.data.error)
    assert session.state.data.error.message == "It holds no labels."


class Reader(Engine):
    """Looks at data too."""

    def __call__(self, request: Any, job: Job) -> Any:
        if isinstance(request, DataLook):
            self.asked.append(request)
            if DataLook in self.fails:
                raise self.fails[DataLook]
            fit = Fit(ok=True, message="It fits.", preprocessing=Preprocessing())
            found = DataInfo("data", "arrays", (), (8, 8), "uint8", ())
            return DataPreview(found, fit, "", Preprocessing(), QUESTIONS, "test", ())
        return super().__call__(request, job)


@pytest.mark.parametrize("readable", [True, False])
def test_data_waits_for_the_network_that_is_being_read(
    qtbot: QtBot, tmp_path: Path, readable: bool
) -> None:
    engine = Reader()
    engine.waits = (Inspect,)
    if not readable:
        engine.fails = {Inspect: ModelError("It is broken.")}
    bridge = EngineBridge(engine)
    session = Session(Store(), bridge, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    unclear: list[bool] = []
    session.data_unclear.connect(lambda: unclear.append(True))
    try:
        source = model(tmp_path)
        session.store.dispatch(m.OpenModel(source))
        until(qtbot, lambda: session.state.model.opening is Opening.LISTED)
        session.store.dispatch(m.OpenData(DataSource(("data.npz",))))
        qtbot.wait(50)
        assert session.state.data.pending
        engine.go_on.set()
        until(qtbot, lambda: session.state.data.preview is not None)
        looks = [one for one in engine.asked if isinstance(one, DataLook)]
        assert [one.model for one in looks] == [source if readable else None]
        assert bool(unclear) is readable  # questions are about the network
    finally:
        engine.go_on.set()
        session.close()


def test_a_closed_session_asks_nothing_any_more(made: Made) -> None:
    """The data dialog may still be open, and ask, while the program ends."""
    session, engine = made
    session.close()
    answers: list[object] = []
    request = DataLook(None, DataSource(("data.npz",)))
    assert session.submit(request, Purpose.LOOK, answers.append) == 0
    assert request not in engine.asked
    assert not answers


@pytest.mark.parametrize("asks", [False, True])
def test_a_file_that_is_no_model_does_not_take_the_place_of_one(
    qtbot: QtBot, made: Made, tmp_path: Path, asks: bool
) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    before = session.state.model
    broken = TrustRequired("It runs code.") if asks else ModelError("Broken.")
    made[1].fails = {ListModel: broken, Inspect: broken}
    rubbish = model(tmp_path, "rubbish.onnx")
    session.store.dispatch(m.OpenPaths((rubbish.path,)))
    if asks:  # the question needs the file
        until(qtbot, lambda: session.state.model.source == rubbish)
        return
    until(qtbot, lambda: [one for one in session.state.notices if one.text == "Broken."])
    assert session.state.model is before
    assert session.state.trials
    assert not any("rubbish" in one for one in session.settings.recent)


def test_data_that_cannot_be_read_does_not_take_the_place_of_good_data(
    qtbot: QtBot, tmp_path: Path
) -> None:
    engine = Reader()
    bridge = EngineBridge(engine)
    session = Session(Store(), bridge, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    try:
        session.store.dispatch(m.OpenModel(model(tmp_path)))
        session.store.dispatch(m.OpenData(DataSource(("good.npz",))))
        until(qtbot, lambda: session.state.data.preview)
        before = session.state.data
        engine.fails[DataLook] = EngineError("It is cut short.")
        rubbish = tmp_path / "bad.npz"
        rubbish.write_bytes(b"no data")
        session.store.dispatch(m.OpenPaths((str(rubbish),)))
        until(qtbot, lambda: session.state.notices)
        assert session.state.notices[-1].text == "It is cut short."
        assert session.state.data is before
        del engine.fails[DataLook]
        session.store.dispatch(m.OpenPaths((str(rubbish),)))
        until(qtbot, lambda: session.state.data.source != before.source)
        until(qtbot, lambda: session.state.data.preview)
    finally:
        session.close()


def test_the_first_run_of_another_model_is_the_first_trial(
    qtbot: QtBot, made: Made, tmp_path: Path
) -> None:
    session = ready(qtbot, made, tmp_path)
    session.store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    for _ in range(2):
        count = len(session.state.trials)
        session.store.dispatch(m.Apply())
        until(qtbot, lambda count=count: len(session.state.trials) > count)
    assert [one.id for one in session.state.trials] == [1, 2]
    session.store.dispatch(m.OpenPaths((model(tmp_path, "other.onnx").path,)))
    until(qtbot, lambda: session.state.model.source.path.endswith("other.onnx"))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    session.store.dispatch(m.Apply())
    until(qtbot, lambda: session.state.trials)
    assert [one.id for one in session.state.trials] == [1]
