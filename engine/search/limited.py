"""Work that has a time to be done in, and keeps what is finished."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from engine.errors import Cancelled
from engine.jobs.job import Job


class Ended(Cancelled):
    """The time is over, or the user wants what there is."""


_PAUSE_S = 0.05
"""A checkpoint that takes longer has waited."""


class Limited:
    """A job that ends when it is asked to stop, or when its time is over. Pauses take none of it.

    Args:
        job: What it reports to.
        began: By `time.monotonic`.
        seconds: That it has; None: as long as it takes.
    """

    def __init__(self, job: Job, began: float, seconds: float | None) -> None:
        self.began = began
        self._waited_s = 0.0
        self.ends_at = math.inf if seconds is None else began + seconds
        self.portion_ends_at = math.inf
        self._job = job

    @property
    def stopping(self) -> bool:
        """As the job's."""
        return self._job.stopping

    def now(self) -> float:
        """The time without pauses."""
        return time.monotonic() - self._waited_s

    @property
    def is_over(self) -> bool:
        """Whether there is no time for another portion."""
        return self._job.stopping or self.now() >= self.ends_at

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """As the job's; ends it when it is time."""
        before = time.monotonic()
        self._job.checkpoint(text, done, total)
        waited_s = time.monotonic() - before
        if waited_s > _PAUSE_S:
            self._waited_s += waited_s
        if self._job.stopping or self.now() >= min(self.ends_at, self.portion_ends_at):
            raise Ended

    def metric(self, name: str, step: int, value: float) -> None:
        """As the job's."""
        self._job.metric(name, step, value)

    def partial(self, value: Any) -> None:
        """As the job's."""
        self._job.partial(value)


class Within:
    """A part of a job's work: what it says has the progress of the whole, once that is known.

    Args:
        job: The whole's.
        progress: Done and total of the whole; None: not known yet.
    """

    def __init__(self, job: Job, progress: Callable[[], tuple[int, int] | None]) -> None:
        self._job = job
        self._progress = progress

    @property
    def stopping(self) -> bool:
        """As the job's."""
        return self._job.stopping

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """As the job's."""
        known = self._progress() if text else None
        self._job.checkpoint(text, *((done, total) if known is None else known))

    def metric(self, name: str, step: int, value: float) -> None:
        """As the job's."""
        self._job.metric(name, step, value)

    def partial(self, value: Any) -> None:
        """As the job's."""
        self._job.partial(value)
