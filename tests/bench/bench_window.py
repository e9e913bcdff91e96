"""How quick the window is: first paint, sliders, scrolling, gaps of the event loop, cancelling.

`python -m tests.bench window [--rows paint,slider,…]`
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import engine.registry  # noqa: F401 - before PySide6, whose import hook confuses pydantic's

# isort: split
import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.cost import CostTable, Entry, Grid
from engine.info import ChannelGroup, Format, LayerInfo, LayerKind, NetworkInfo
from engine.jobs.requests import ModelSource
from studio.app import App, make_application
from studio.document import messages as m
from studio.document.facets import Facet
from studio.document.project import Project
from studio.document.state import CostFacts, DocumentState, JobStatus, Opening
from studio.document.trial import Trial
from studio.document.update import update
from studio.frame import Frame
from studio.settings import Settings
from studio.store import Store
from studio.style.theme import apply
from studio.window import MainWindow
from tests.bench.figures import Figure, Row, print_table

REPEATS = 7

_OURS = """
import time, sys, os, psutil
from studio import app as studio_app
from studio.settings import Settings
from pathlib import Path
qt = studio_app.make_application([])
program = studio_app.App(qt, Settings(Path(sys.argv[1]) / "s.ini"), Path(sys.argv[1]))
def painted():
    print(time.time() - psutil.Process().create_time(), int("torch" in sys.modules), flush=True)
    os._exit(0)
program.frame.painted.connect(painted)
program.frame.show()
qt.exec()
"""
_BARE = """
import time, sys, os, psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
qt = QApplication([])
window = QMainWindow()
window.resize(1440, 900)
window.show()
def painted():
    print(time.time() - psutil.Process().create_time(), 0, flush=True)
    os._exit(0)
QTimer.singleShot(0, painted)
qt.exec()
"""


def first_paint() -> Iterator[Figure]:
    """From the start of the process to the first paint, in turns with a bare window."""
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    torch = 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(REPEATS):
            for name, script in (("bare", _BARE), ("ours", _OURS)):
                command = [sys.executable, "-c", textwrap.dedent(script), folder]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                seconds, loaded = out.split()[-2:]
                times[name].append(float(seconds))
                torch |= int(loaded)
    ours, bare = statistics.median(times["ours"]), statistics.median(times["bare"])
    notes = f"torch imported: {'yes' if torch else 'no'}; a bare window {bare:.2f} s"
    yield Figure("first paint", (ours,), 1.0, unit="s", less=True, notes=notes)
    yield Figure("first paint / a bare window", (ours / bare,), unit="×", less=True)


def network(count: int) -> NetworkInfo:
    """A chain of convolutions in blocks of two."""
    layers = []
    for number in range(count):
        shape = (64, 64 if number else 3, 3, 3)
        size = shape[0] * shape[1] * 9
        name = f"stage.{number // 2}.conv{number % 2}"
        layers.append(
            LayerInfo(
                name,
                LayerKind.CONV2D,
                shape,
                "float32",
                size,
                4 * size,
                size * 196,
                (shape[1], 14, 14),
                (64, 14, 14),
                64 * 196 * 4,
                number,
                group=name,
            )
        )
    names = [layer.name for layer in layers]
    groups = [ChannelGroup(a, (a,), 64, consumers=(b,)) for a, b in pairwise(names)]
    groups.append(ChannelGroup(names[-1], (names[-1],), 64, frozen_reason="It is an output."))
    size = sum(layer.size_bytes for layer in layers)
    macs = sum(layer.macs or 0 for layer in layers)
    return NetworkInfo(
        "chain",
        Format.ONNX,
        (),
        (),
        tuple(layers),
        tuple(groups),
        size // 4,
        size,
        macs,
        nodes=count,
    )


def window_over(count: int) -> tuple[MainWindow, Store]:
    """A window with a network of so many layers, and no engine."""
    store = Store()
    folder = Path(tempfile.mkdtemp())
    settings = Settings(folder / "s.ini")
    frame = Frame(settings)
    window = MainWindow(frame, store, settings)
    frame.resize(1440, 900)
    frame.show()
    store.dispatch(m.OpenModel(ModelSource("chain.onnx")))
    store.dispatch(m.Opened(network(count)))
    for dock in window.docks.values():
        if dock.panel.id == "recipe":
            dock.make()
    spin(0.5)
    return window, store


def spin(seconds: float) -> None:
    """Let the event loop run."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)


def until(condition: Callable[[], object], patience_s: float = 300) -> None:
    """Let the event loop run until something is so."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        time.sleep(0.001)


def costs(count: int) -> CostTable:
    """Thirty settings of each layer, estimated."""
    grids = [
        Grid("uniform", (8, 6, 4, 3, 2)),
        Grid("data_aware_svd", (0.75, 0.5, 0.35, 0.25, 0.15)),
        Grid("channel", tuple(np.linspace(0.05, 0.9, 20)), identity=0.0),
    ]
    layers = network(count).layers
    sizes = np.array([(one.size_bytes, one.macs or 0, 1.0) for one in layers])
    return CostTable.empty([one.name for one in layers], grids, sizes).with_entries(
        Entry(layer.name, grid.method, s, 0.01 * i, 0.005 * i, 0.02 * i)
        for layer in layers
        for grid in grids
        for i, s in enumerate(grid.settings)
    )


def slider() -> Iterator[Figure]:
    """From a wish to the repainted budget bar and table, with what a cost table predicts."""
    for count, table in ((50, None), (500, None), (500, costs(500))):
        window, store = window_over(count)
        store.dispatch(m.SetGlobal(Facet.WEIGHT_BITS, 8))
        more = ""
        if table is not None:
            more = f" × {sum(len(grid.settings) for grid in table.grids)} settings of a cost table"
            store.dispatch(m.CostKnown(table, CostFacts(samples=256)))
            window.show_panel("sensitivity")
            spin(0.5)
        times = []
        for number in range(40):
            began = time.perf_counter()
            share = 0.1 + 0.02 * number
            if number % 2:
                store.dispatch(m.SetGlobal(Facet.PRUNE, share, final=False))
            else:
                store.dispatch(m.SetFacet(Facet.PRUNE, ("stage.3.conv0",), share, final=False))
            QApplication.processEvents()
            times.append(1e3 * (time.perf_counter() - began))
        times.sort()
        notes = f"95 % below {times[int(0.95 * len(times))]:.0f} ms"
        yield Figure(
            f"slider to budget bar and table, {count} layers{more}",
            (statistics.median(times),),
            50,
            unit="ms",
            less=True,
            notes=notes,
        )
        window.frame.close()


def scrolling() -> Iterator[Figure]:
    """Frames while a table of 2,000 layers is scrolled; filtering and sorting it."""
    window, _ = window_over(2000)
    table: Any = window.table
    bar = table.tree.verticalScrollBar()
    frames = []
    for number in range(300):
        began = time.perf_counter()
        bar.setValue(bar.minimum() + (number * 37) % max(bar.maximum() - bar.minimum(), 1))
        table.tree.viewport().repaint()
        QApplication.processEvents()
        frames.append(1e3 * (time.perf_counter() - began))
    frames.sort()
    yield Figure(
        "a frame of scrolling, 2,000 layers, 99 %",
        (frames[int(0.99 * len(frames))],),
        25,
        unit="ms",
        less=True,
        notes=f"median {statistics.median(frames):.1f} ms",
    )
    for name, act in (
        ("sorting", lambda: table.tree.sortByColumn(4, _descending())),
        ("filtering", lambda: _filter(table, "stage.9")),
    ):
        began = time.perf_counter()
        act()
        QApplication.processEvents()
        took = 1e3 * (time.perf_counter() - began)
        yield Figure(f"{name} 2,000 layers", (took,), 200, unit="ms", less=True)
    window.frame.close()


def _descending() -> Any:
    return Qt.SortOrder.DescendingOrder


def _filter(table: Any, text: str) -> None:
    table.model.set_filter(replace(table.bar.filter, text=text))


class Gaps:
    """How long the event loop was away, measured by a timer that should fire every 5 ms."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def _tick(self) -> None:
        now = time.perf_counter()
        self.times.append(1e3 * (now - self._last))
        self._last = now

    def take(self) -> list[float]:
        """What was measured since the last time."""
        found, self.times = sorted(self.times), []
        return found


def gaps() -> Iterator[Figure]:
    """The event loop while the sample trains and while it is exported; how soon a cancel acts."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    folder = Path(tempfile.mkdtemp())
    program = App(app, Settings(folder / "s.ini"), folder)
    program.show()
    until(lambda: program.is_furnished)
    store = program.store
    until(lambda: store.state.engine_ready)
    store.dispatch(m.OpenSample())
    until(lambda: store.state.evaluation is not None and store.state.profile is not None)
    program.window.show_panel("training")
    spin(1)
    watch = Gaps()
    store.dispatch(m.Apply())
    until(lambda: bool(store.state.trials))
    spin(1)  # the trial is shown
    yield from _gap_figures(
        "while the sample is compressed (trained, written, checked)", watch.take()
    )
    store.dispatch(m.Export(str(folder / "out.onnx"), "onnx"))
    until(lambda: store.state.jobs[-1].status.is_over)
    spin(1)
    yield from _gap_figures("while it is exported", watch.take())
    store.dispatch(m.SetGlobal(Facet.PRUNE, 0.5))
    store.dispatch(m.Apply())
    until(lambda: any(job.chunks and not job.status.is_over for job in store.state.jobs))
    number = store.state.jobs[-1].number
    began = time.perf_counter()
    store.dispatch(m.CancelJob(number))
    until(lambda: _status(store, number) in (JobStatus.STOPPING, JobStatus.STOPPED))
    heard = time.perf_counter() - began
    until(lambda: _status(store, number) is JobStatus.STOPPED)
    free = time.perf_counter() - began
    yield Figure("a cancel of a training is acknowledged", (heard,), 0.2, unit="s", less=True)
    yield Figure("and the engine free", (free,), 2.0, unit="s", less=True)
    program.frame.close()


def _status(store: Store, number: int) -> JobStatus:
    job = store.state.job(number)
    assert job is not None
    return job.status


def _gap_figures(what: str, times: list[float]) -> Iterator[Figure]:
    p99 = times[int(0.99 * (len(times) - 1))]
    yield Figure(f"gaps of the event loop {what}, 99 %", (p99,), 33, unit="ms", less=True)
    yield Figure(f"gaps of the event loop {what}, longest", (times[-1],), 100, unit="ms", less=True)


def trials() -> Iterator[Figure]:
    """Opening a project with 1,000 trials."""
    from tests.unit.studio.test_project import result

    folder = Path(tempfile.mkdtemp()) / "day.espalier"
    state = update(DocumentState(), m.OpenModel(ModelSource("chain.onnx")))
    state = update(state, m.Opened(network(50)))
    project = Project.create(folder)
    found = result()
    project._db.execute("PRAGMA synchronous = OFF")
    for number in range(1, 1001):
        state = update(state, m.SetGlobal(Facet.PRUNE, 0.0005 * number))
        trial = Trial(number, f"Trial {number}", state.recipe, number - 1 or None)
        project.save_trial(trial, replace(found, before=network(50), after=network(50)))
    project.save(state)
    project.close()
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.perf_counter()
    project = Project.open(folder)
    loaded = project.load()
    window, store = window_over(2)
    store.dispatch(m.Loaded(replace(loaded, model=replace(loaded.model, opening=Opening.LISTED))))
    window.show_panel("trials")
    QApplication.processEvents()
    took = time.perf_counter() - began
    grown = (process.memory_info().rss - before) / 1e6
    yield Figure("opening 1,000 trials", (took,), 2.0, unit="s", less=True)
    yield Figure(
        "memory of the window with 1,000 trials",
        (process.memory_info().rss / 1e6,),
        1000,
        unit="MB",
        less=True,
        notes=f"{grown:.0f} MB more than before",
    )
    project.close()


ROWS: dict[str, Row] = {
    "paint": first_paint,
    "slider": slider,
    "scrolling": scrolling,
    "trials": trials,
    "gaps": gaps,
}


def main() -> int:
    """Measure the rows that are asked for; all without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="", help="Names of rows, with commas; all without.")
    asked = parser.parse_args()
    app = make_application([])
    apply(app)
    return print_table(ROWS, [row for row in asked.rows.split(",") if row])


if __name__ == "__main__":
    sys.exit(main())
