"""Runs jobs in the background in two lanes, or one job here and now."""

from __future__ import annotations

import _thread
import itertools
import queue
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from engine.jobs.control import Emit, Handler, JobControl
from engine.jobs.events import End, Lane, Stopped
from engine.jobs.requests import Request

GRACE_S = 2.0
"""After Ctrl-C, how long a job may take to its next checkpoint before it is interrupted."""


class Runner:
    """The engine's threads: one for work, one for looks.

    Args:
        handle: Does the work of a request. It is called on an engine thread, so it can import what
            is heavy there.
        emit: Gets all events, from the thread that caused them; it must be quick.
    """

    def __init__(self, handle: Handler, emit: Emit) -> None:
        self._handle = handle
        self._emit = emit
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._jobs: dict[int, JobControl] = {}
        self._closed = False
        self._queues: dict[Lane, queue.SimpleQueue[JobControl | None]] = {
            lane: queue.SimpleQueue() for lane in Lane
        }
        self._threads = [
            threading.Thread(
                target=self._run_lane, args=(lane,), name=f"engine-{lane}", daemon=True
            )
            for lane in Lane
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, request: Request, lane: Lane | None = None) -> JobControl:
        """Queue a request; its events follow, `Queued` before this returns.

        Args:
            request: What to do. Its `key`, if it has one, comes back with the result.
            lane: Where it waits; by default the request's own `lane`, else with the work.

        Raises:
            RuntimeError: The runner is closed.
        """
        lane = lane or Lane(getattr(request, "lane", Lane.WORK))
        with self._lock:
            if self._closed:
                raise RuntimeError("The runner is closed")
            job = JobControl(next(self._numbers), request, self._emit)
            self._jobs[job.number] = job
            job.announce(lane)
            self._queues[lane].put(job)
        return job

    def job(self, number: int) -> JobControl | None:
        """A job that has not ended."""
        with self._lock:
            job = self._jobs.get(number)
        return None if job is None or job.ended else job

    def cancel(self, number: int) -> bool:
        """Drop a job; one that waits ends at once. False if there is no such job any more."""
        job = self.job(number)
        return job is not None and job.cancel()

    def stop(self, number: int) -> bool:
        """End a job early and keep the best so far. False if there is no such job any more."""
        job = self.job(number)
        return job is not None and job.stop()

    def cancel_all(self) -> None:
        """Drop every job."""
        with self._lock:
            jobs = tuple(self._jobs.values())
        for job in jobs:
            job.cancel()

    def close(self, timeout_s: float = GRACE_S) -> bool:
        """Drop every job and end the threads.

        Returns:
            False if a job was still busy when the time was up; its thread dies with the process.
        """
        with self._lock:
            self._closed = True
        self.cancel_all()
        for lane in Lane:
            self._queues[lane].put(None)
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def _run_lane(self, lane: Lane) -> None:
        waiting = self._queues[lane]
        while (job := waiting.get()) is not None:
            job.run(self._handle)
            with self._lock:
                self._jobs.pop(job.number, None)
            del job  # an idle lane must not keep the last result's request alive


def run_inline(handle: Handler, request: Request, emit: Emit, *, keep: bool = False) -> End:
    """Run one request on this thread, for the command line and for scripts.

    On the main thread Ctrl-C cancels: at the next checkpoint, or by an interrupt where none comes
    within `GRACE_S` or the user presses it again.

    Args:
        handle: Does the work.
        request: What to do.
        emit: Gets the events.
        keep: The first Ctrl-C stops the job, which then ends with what is finished; the second
            cancels.

    Returns:
        The last event. Nothing is raised: not the job's errors either.
    """
    job = JobControl(1, request, emit)
    with _interrupt_cancels(job, keep=keep):
        try:
            return job.run(handle)
        except KeyboardInterrupt:  # between the work and its last event
            return job.conclude(Stopped(job.number))


@contextmanager
def _interrupt_cancels(job: JobControl, *, keep: bool) -> Iterator[None]:
    """Turn Ctrl-C into a cancel (or first into a stop), for as long as this lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    timers: list[threading.Timer] = []

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        if keep and not job.stopping and not timers:
            job.stop()
            return
        if timers:
            if not job.ended:
                raise KeyboardInterrupt
            return
        timer = threading.Timer(GRACE_S, _thread.interrupt_main)
        timer.daemon = True
        timers.append(timer)
        timer.start()
        job.cancel()

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        signal.signal(signal.SIGINT, before)
