"""What the engine tells of its jobs: frozen and picklable, in order for each job.

A job's life is `Queued`, `Started`, any number of `Progress`, `Metric`, `Partial`, `Paused` and
`Resumed`, perhaps `Stopping`, and exactly one of `Finished`, `Stopped`, `Failed` and `Crashed`, the
last.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.errors import EngineError


class Lane(enum.StrEnum):
    """Where a job waits."""

    WORK = "work"
    """One heavy job at a time, in the order they came."""
    LOOK = "look"
    """Short reads, which never wait behind work."""


class Point(NamedTuple):
    """One measured number of a curve."""

    name: str
    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Queued:
    """A request was taken in. `key` is the request's, and comes back with its result."""

    job: int
    label: str
    lane: Lane = Lane.WORK
    key: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """The job runs."""

    job: int
    label: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the job is. `total` 0: nobody knows. `elapsed_s` does not count pauses."""

    job: int
    text: str
    done: int = 0
    total: int = 0
    elapsed_s: float = 0.0

    @property
    def fraction(self) -> float | None:
        """0…1, or None where it is not known."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else None

    @property
    def remaining_s(self) -> float | None:
        """What is left of this stage at the pace so far; None where it is not known."""
        fraction = self.fraction
        return self.elapsed_s * (1 / fraction - 1) if fraction else None


@dataclass(frozen=True, slots=True)
class Metric:
    """Measured numbers, in the order they were reported; none is left out."""

    job: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """What is finished so far, of the same kind as the result; it stands for those before it."""

    job: int
    result: Any
    key: str = ""


@dataclass(frozen=True, slots=True)
class Paused:
    """The job waits to be resumed."""

    job: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The job goes on."""

    job: int


@dataclass(frozen=True, slots=True)
class Stopping:
    """The wish to end was heard; the job ends at its next checkpoint.

    `keep` tells a stop, which keeps the best so far, from a cancel, which drops the result.
    """

    job: int
    keep: bool


@dataclass(frozen=True, slots=True)
class Finished:
    """The job came to its end."""

    job: int
    result: Any
    key: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job ended because the user asked. `result` is the best so far; None after a cancel."""

    job: int
    result: Any = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended for a reason that the user can do something about."""

    job: int
    error: EngineError
    key: str = ""


@dataclass(frozen=True, slots=True)
class Crashed:
    """The job ended through a mistake of ours."""

    job: int
    summary: str
    traceback: str
    key: str = ""


End = Finished | Stopped | Failed | Crashed
Event = Queued | Started | Progress | Metric | Partial | Paused | Resumed | Stopping | End
