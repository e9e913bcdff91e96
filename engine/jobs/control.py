"""One running job: what the work sees of it, and how it is paused, stopped and canceled."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from engine.errors import Cancelled, EngineError
from engine.jobs.events import (
    Crashed,
    End,
    Event,
    Failed,
    Finished,
    Lane,
    Metric,
    Partial,
    Paused,
    Point,
    Progress,
    Queued,
    Resumed,
    Started,
    Stopped,
    Stopping,
)
from engine.jobs.job import Job
from engine.jobs.requests import Request

Emit = Callable[[Event], None]
Handler = Callable[[Any, Job], Any]
"""`handle(request, job)`: does the work and returns its result."""

INTERVAL_S = 0.05
"""Progress and metrics are passed on at most this often."""
PARTIAL_S = 0.25
"""Likewise what is finished so far, which views take longer to show."""

_log = logging.getLogger(__name__)


class JobControl:
    """A job of the runner. The work calls what `Job` names; the other methods are for its owner.

    Safe to use from any thread. Events come from whichever thread caused them; `emit` must not wait
    for another thread that uses this job.

    Args:
        number: Unique in its runner.
        request: What to do.
        emit: Gets the events; what it raises is logged and goes no further.
    """

    def __init__(self, number: int, request: Request, emit: Emit) -> None:
        self.number = number
        self.request = request
        self.key = str(getattr(request, "key", ""))
        self._emit_to = emit
        self._changed = threading.Condition(threading.RLock())
        self._canceled = False
        self._stopping = False
        self._paused = False
        self._running = False
        self._done = threading.Event()
        self._began = time.monotonic()
        self._last_sent = float("-inf")
        self._stage = (0, 0)
        self._progress: Progress | None = None
        self._points: list[Point] = []
        self._partial: Partial | None = None
        self._last_partial = float("-inf")

    @property
    def stopping(self) -> bool:
        """The user asked to end early and keep the best so far."""
        return self._stopping

    @property
    def ended(self) -> bool:
        """Whether the last event has been sent."""
        return self._done.is_set()

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """Report progress, wait while paused; without a text or a total, only the latter.

        Raises:
            Cancelled: The user asked to drop the job.
        """
        with self._changed:
            if text or total:
                self._report(text, done, total)
            self._send_pending()
            if self._paused and not (self._canceled or self._stopping):
                self._wait()
            if self._canceled:
                raise Cancelled

    def _report(self, text: str, done: int, total: int) -> None:
        last_done, last_total = self._stage
        if done < last_done or total != last_total:
            self._began = time.monotonic()
        self._stage = (done, total)
        elapsed_s = time.monotonic() - self._began
        self._progress = Progress(self.number, text, done, total, elapsed_s)

    def metric(self, name: str, step: int, value: float) -> None:
        """Report a measured number that a curve shows; passed on a few at a time."""
        with self._changed:
            self._points.append(Point(name, step, float(value)))
            self._send_pending()

    def partial(self, value: Any) -> None:
        """Show what is finished so far; passed on a few times a second, and the last always."""
        with self._changed:
            self._partial = Partial(self.number, value, self.key)
            self._send_pending()

    def cancel(self) -> bool:
        """Drop the job; one that has not begun ends at once. False if it had ended."""
        return self._end_early(keep=False)

    def stop(self) -> bool:
        """End early and keep the best so far; one that has not begun has nothing to keep."""
        return self._end_early(keep=True)

    def pause(self) -> None:
        """Wait at the next checkpoint."""
        with self._changed:
            self._paused = True

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the last event has been sent; False if it takes longer."""
        return self._done.wait(timeout_s)

    def announce(self, lane: Lane) -> None:
        """Say that the job is in the queue."""
        self._emit(Queued(self.number, self.request.label, lane, self.key))

    def run(self, handle: Handler) -> End:
        """Do the work on this thread, send its events, and return the last one."""
        with self._changed:
            if self._done.is_set():
                return self._stopped()
            self._running = True
            self._began = time.monotonic()
            self._emit(Started(self.number, self.request.label))
        return self.conclude(self._outcome(handle))

    def conclude(self, end: End) -> End:
        """Send what is still to be said, then the last event; only once."""
        with self._changed:
            if not self._done.is_set():
                self._send_pending(at_once=True)
                self._emit(end)
                self._done.set()
        return end

    def _outcome(self, handle: Handler) -> End:
        try:
            result = handle(self.request, self)
        except (Cancelled, KeyboardInterrupt):
            return self._stopped()
        except BaseException as error:  # noqa: BLE001 - even SystemExit must not take a lane along
            return self._failure(error)
        if self._canceled:
            return self._stopped()
        if self._stopping:
            return self._stopped(result)
        return Finished(self.number, result, self.key)

    def _failure(self, error: BaseException) -> End:
        if self._canceled:  # a child process that was killed may end in any error
            _log.debug("A canceled job ended in an error", exc_info=error)
            return self._stopped()
        if _is_out_of_memory(error):
            return Failed(self.number, _out_of_memory(self.request.label), self.key)
        if isinstance(error, EngineError):
            _log.debug("A job failed", exc_info=error)
            error.__traceback__ = error.__cause__ = error.__context__ = None  # they hold tensors
            return Failed(self.number, error, self.key)
        summary = "".join(traceback.format_exception_only(error)).strip()
        text = "".join(traceback.format_exception(error))
        return Crashed(self.number, summary, text, self.key)

    def _stopped(self, result: Any = None) -> Stopped:
        return Stopped(self.number, result, self.key)

    def _end_early(self, *, keep: bool) -> bool:
        with self._changed:
            if self._done.is_set():
                return False
            known = self._canceled or (keep and self._stopping)
            self._stopping = self._stopping or keep
            self._canceled = self._canceled or not keep
            if self._running and not known:
                self._emit(Stopping(self.number, keep))
            self._changed.notify_all()
            if not self._running:
                self.conclude(self._stopped())
            return True

    def _wait(self) -> None:
        """Sleep until resumed, stopped or canceled; the time does not count."""
        self._send_pending(at_once=True)
        self._emit(Paused(self.number))
        since = time.monotonic()
        while self._paused and not (self._canceled or self._stopping):
            self._changed.wait()
        self._began += time.monotonic() - since
        self._emit(Resumed(self.number))

    def _send_pending(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if self._partial is not None and (at_once or now - self._last_partial >= PARTIAL_S):
            self._last_partial = now
            self._emit(self._partial)
            self._partial = None
        if not at_once and now - self._last_sent < INTERVAL_S:
            return
        if self._progress is None and not self._points:
            return
        self._last_sent = now
        if self._points:
            self._emit(Metric(self.number, tuple(self._points)))
            self._points.clear()
        if self._progress is not None:
            self._emit(self._progress)
            self._progress = None

    def _emit(self, event: Event) -> None:
        try:
            self._emit_to(event)
        except Exception:  # noqa: BLE001 - logged; a broken view must not end the work
            _log.exception("The receiver of an event failed; the job goes on")


def _is_out_of_memory(error: BaseException) -> bool:
    """Python's own, or torch's and ONNX Runtime's, which this tier does not import."""
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return True
    text = str(error).lower() if isinstance(error, RuntimeError) else ""
    return any(words in text for words in ("can't allocate memory", "bad_alloc", "out of memory"))


def _out_of_memory(label: str) -> EngineError:
    return EngineError(
        f"“{label}” needs more memory than there is.",
        hint="Close other programs, or use smaller batches or less calibration data.",
    )
