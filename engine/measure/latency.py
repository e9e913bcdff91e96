"""Latency in ONNX Runtime: of the whole file, and of each layer by the runtime's own profile."""

from __future__ import annotations

import gc
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.info import Profile
from engine.jobs.job import Job
from engine.measure.profile import profile_layers
from engine.measure.runtime import (
    Array,
    Options,
    Session,
    StopFlag,
    feed_of,
    processor_name,
    runtime_name,
    watched,
)
from engine.measure.samples import index_limits, make_inputs

_WARM_S = (0.2, 2.0)
"""Shortest and longest time to run before the clock counts."""
_STABLE = 0.05
"""Warm when the median of the last runs is this close to that of the ones before them."""
_WINDOW = 5
_FEWEST_RUNS = 5
_MOST_RUNS = 100_000
_PATIENCE = 10
"""Times the wanted duration after which fewer runs than `_FEWEST_RUNS` must do."""


@dataclass(slots=True)
class _Clock:
    """Times of runs in seconds, filled by one thread and read by another."""

    wanted_s: float
    times: list[float]
    began: float | None = None

    def fraction(self) -> float:
        """Part of the wanted time that has been measured."""
        if self.began is None or self.wanted_s <= 0:
            return 0.0
        return min(1.0, (time.perf_counter() - self.began) / self.wanted_s)


def measure_latency(
    path: str | Path,
    job: Job,
    *,
    batch: int = 1,
    threads: int | None = None,
    min_time_s: float = 3.0,
    sizes: Mapping[str, int] | None = None,
) -> Profile:
    """Time a file in ONNX Runtime, with all optimizations, on made-up inputs.

    It runs until the times are steady, then for `min_time_s` with Python's garbage collector off.
    Then a second session, which profiles itself, tells how the time is divided among the layers;
    those times are scaled so that their sum is the median of the first.

    Args:
        path: An ONNX file.
        job: For progress, cancelling, and stopping with what has been timed.
        batch: Samples per run; a batch that is fixed in the file wins.
        threads: Inside an operator; None or 0 takes all cores but one.
        min_time_s: How long to time.
        sizes: Dimension's name → size, for those that may vary (length, height, …).

    Raises:
        EngineError: The file does not load or run.
        Cancelled: By the job, also while a run goes on.
    """
    job.checkpoint("Loading the model", 0, 100)
    session = Session(path, Options(threads=threads))
    arrays = make_inputs(session.inputs, batch, limits=index_limits(path), sizes=sizes)
    feed = feed_of(session.inputs, arrays)
    job.checkpoint("Warming up", 0, 100)
    times = _timed(session, feed, min_time_s, job)
    low, median, high = np.percentile(times, [25, 50, 75])
    job.checkpoint("Profiling the layers", 100, 100)
    layers = profile_layers(path, feed, job, threads=session.threads, total_ms=1e3 * float(median))
    return Profile(
        latency_ms=1e3 * float(median),
        latency_spread_ms=1e3 * float(high - low),
        threads=session.threads,
        batch=len(arrays[0]) if arrays and arrays[0].ndim else batch,
        runs=len(times),
        layers=layers,
        runtime=runtime_name(),
        processor=processor_name(),
    )


def _timed(session: Session, feed: dict[str, Array], wanted_s: float, job: Job) -> list[float]:
    """Times of single runs, seconds."""
    stop = StopFlag()
    clock = _Clock(wanted_s, [])

    def work() -> None:
        _warm_up(session, feed, stop)
        enabled = gc.isenabled()
        gc.disable()
        try:
            _run_for(session, feed, clock, stop, job)
        finally:
            if enabled:
                gc.enable()

    def report() -> None:
        if clock.began is None:
            job.checkpoint("Warming up", 0, 100)
        else:
            job.checkpoint("Timing", int(100 * clock.fraction()), 100)

    watched(work, stop.set, job, report)
    return clock.times


def _warm_up(session: Session, feed: dict[str, Array], stop: StopFlag) -> None:
    """Run until memory is allocated, caches are filled and the times no longer fall."""
    began = time.perf_counter()
    times: list[float] = []
    while not stop:
        start = time.perf_counter()
        session.run_once(feed, stop.options)
        end = time.perf_counter()
        times.append(end - start)
        if end - began >= _WARM_S[1]:
            return
        if end - began >= _WARM_S[0] and len(times) >= 2 * _WINDOW:
            last = float(np.median(times[-_WINDOW:]))
            before = float(np.median(times[-2 * _WINDOW : -_WINDOW]))
            if abs(last - before) <= _STABLE * before:
                return


def _run_for(
    session: Session, feed: dict[str, Array], clock: _Clock, stop: StopFlag, job: Job
) -> None:
    """Time single runs until the clock's time is over and there are enough of them."""
    clock.began = began = time.perf_counter()
    while not stop and len(clock.times) < _MOST_RUNS:
        start = time.perf_counter()
        session.run_once(feed, stop.options)
        end = time.perf_counter()
        clock.times.append(end - start)
        enough = len(clock.times) >= _FEWEST_RUNS or end - began >= _PATIENCE * clock.wanted_s
        if enough and (end - began >= clock.wanted_s or job.stopping):
            return
