"""Work that has a time to be done in, and keeps what is finished."""

from __future__ import annotations

import math
import time
from typing import Any

from engine.errors import Cancelled
from engine.jobs.job import Job


class Ended(Cancelled):
    """The time is over, or the user wants what there is."""


class Limited:
    """A job that ends when it is asked to stop, or when its time is over."""

    def __init__(self, job: Job, began: float, seconds: float | None) -> None:
        self.began = began
        self.ends_at = math.inf if seconds is None else began + seconds
        self.portion_ends_at = math.inf
        self._job = job

    @property
    def stopping(self) -> bool:
        """As the job's."""
        return self._job.stopping

    @property
    def is_over(self) -> bool:
        """Whether there is no time for another portion."""
        return self._job.stopping or time.monotonic() >= self.ends_at

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """As the job's; ends it when it is time."""
        self._job.checkpoint(text, done, total)
        if self._job.stopping or time.monotonic() >= min(self.ends_at, self.portion_ends_at):
            raise Ended

    def metric(self, name: str, step: int, value: float) -> None:
        """As the job's."""
        self._job.metric(name, step, value)

    def partial(self, value: Any) -> None:
        """As the job's."""
        self._job.partial(value)
