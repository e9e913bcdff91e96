"""Engine threads ↔ one Qt signal, delivered on the thread that made the bridge."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.jobs.control import Handler, JobControl
from engine.jobs.events import Lane
from engine.jobs.job import Job
from engine.jobs.requests import Request
from engine.jobs.runner import Runner


class EngineBridge(QObject):
    """Runs requests on the engine's threads.

    Args:
        handle: Does the work; by default the engine's worker, imported when the first job runs.
        parent: Owner.
    """

    told = Signal(object)
    """An `engine.jobs.events.Event`; connect bound slots, which Qt then calls on their thread."""

    def __init__(self, handle: Handler | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = Runner(handle or _handle, self._emit)

    def submit(self, request: Request, lane: Lane | None = None) -> JobControl:
        """Queue a request; its events follow."""
        return self._runner.submit(request, lane)

    def cancel(self, number: int) -> bool:
        """Drop a job."""
        return self._runner.cancel(number)

    def stop(self, number: int) -> bool:
        """End a job early and keep the best so far."""
        return self._runner.stop(number)

    def pause(self, number: int, *, paused: bool) -> bool:
        """Let a job wait, or go on. False if there is no such job any more."""
        job = self._runner.job(number)
        if job is None:
            return False
        if paused:
            job.pause()
        else:
            job.resume()
        return True

    def close(self, timeout_s: float = 2.0) -> bool:
        """Drop every job and end the threads; False if one was still busy then."""
        return self._runner.close(timeout_s)

    def _emit(self, event: object) -> None:
        self.told.emit(event)  # from an engine thread: Qt queues it to ours


def _handle(request: Request, job: Job) -> Any:
    """The worker's `handle`, imported on the engine's thread: torch takes seconds to load."""
    from engine.worker import handle

    return handle(request, job)
