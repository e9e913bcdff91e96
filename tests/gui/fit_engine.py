"""An engine that is made up, for fit to budget through the session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pytestqt.qtbot import QtBot

from engine.budget import Costs, FitBudget, Fitted, Reached, Tried
from engine.correction import Finished
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
from engine.recipe.edit import make_step
from engine.recipe.model import Recipe
from studio.document import messages as m
from studio.document.state import Opening
from studio.engine_bridge import EngineBridge
from studio.session import Session
from studio.settings import Settings
from studio.store import Store
from tests.helpers.documents import network

NAMES = tuple(layer.name for layer in network(2).layers)
BITS = Grid("uniform", (8.0, 4.0))
TABLE = CostTable.empty(NAMES, (BITS,)).with_entries(
    Entry(name, "uniform", bits, loss=0.01 * (9 - bits), loss_low=0.0, size_bytes=100 * bits)
    for name in NAMES
    for bits in BITS.settings
)
RECIPE = Recipe((make_step("uniform", weight_bits=4, activation_bits=None),), seed=3)
SMALL = Metrics(500, 100, 100, top1=0.85, samples=100)


CHOICES = FrozenMap({"uniform": FrozenMap(dict.fromkeys(NAMES, 4.0))})
Made = tuple[Session, "Engine"]


def answer(recipe: Recipe, request: FitBudget) -> Fitted:
    """To any question."""
    reached = tuple(Reached(one, 0.0, 0.0, met=True) for one in request.targets)
    costs = Costs(500.0, loss=0.05)
    return Fitted(CHOICES, recipe, costs, Costs(1000.0), Total(0, 0, 0, 0, 0, 0, 0), reached)


class Engine:
    """Answers at once; what measures goes on until it is stopped, and shows what it has."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.waits = False
        self.go_on = threading.Event()
        self.runs = threading.Semaphore(0)
        self.compresses = threading.Event()
        self.compresses.set()
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
        if request.rounds > 1:
            return self.learn(request, job)
        while self.waits and not self.go_on.is_set():
            job.checkpoint("Solving")
            time.sleep(0.005)
        if self.error is not None:
            raise self.error
        return answer(RECIPE, request)

    def learn(self, request: FitBudget, job: Job) -> Fitted:
        """One run for each time that it is let on; the second recipe loses least."""
        tried: tuple[Tried, ...] = ()
        found = answer(RECIPE, request)
        for number in range(1, request.rounds):
            while not self.runs.acquire(blocking=False):
                job.checkpoint(f"Run {number} of {request.rounds - 1}: Evaluating", number - 1, 9)
                if self.error is not None:
                    raise self.error
                time.sleep(0.005)
            recipe = replace(RECIPE, seed=100 + number)
            told = Finished.of_parts(TABLE.total(CHOICES).parts)
            lost = replace(told, loss=0.1 if number == 2 else 0.2 + number / 100, samples=2000)
            tried += (Tried(recipe, CHOICES, Costs(400.0, loss=0.15), lost),)
            best = min(tried, key=lambda one: one.finished.loss)
            found = replace(answer(best.recipe, request), tried=tried)
            job.partial(found)
            if job.stopping:
                break
        return found

    def compressed(self, request: Compress) -> Compressed:
        self.compresses.wait(5)
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


def until(qtbot: QtBot, what: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(what()), timeout=5000)


@contextmanager
def opened(qtbot: QtBot, folder: Path) -> Iterator[Made]:
    """A session in which a network and data are open, and costs are known."""
    engine = Engine()
    settings = Settings(folder / "settings.ini")
    session = Session(Store(), EngineBridge(engine), settings, folder / "home")
    path = folder / "net.onnx"
    path.write_bytes(b"anything")
    session.store.dispatch(m.OpenModel(ModelSource(str(path))))
    until(qtbot, lambda: session.state.model.opening is Opening.READY)
    session.store.dispatch(m.OpenData(DataSource(("images.npz",))))
    until(qtbot, lambda: session.state.cost is not None)
    try:
        yield session, engine
    finally:
        engine.go_on.set()
        engine.compresses.set()
        session.close()
