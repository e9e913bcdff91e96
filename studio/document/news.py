"""What the session tells the document; `studio.document.messages` has all messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.cost import CostTable
from engine.errors import EngineError
from engine.info import Compressed, Evaluation, NetworkInfo, Profile
from engine.jobs.events import Event
from engine.jobs.requests import DataSource
from engine.recipe.history import History
from studio.document.learned import Best, Learned
from studio.document.state import CostFacts, DocumentState, JobState, Notice
from studio.document.trial import Trial


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project was read: the whole document."""

    state: DocumentState


@dataclass(frozen=True, slots=True)
class Listed:
    """The model's file was listed."""

    info: NetworkInfo


@dataclass(frozen=True, slots=True)
class Opened:
    """The model was read."""

    info: NetworkInfo


@dataclass(frozen=True, slots=True)
class OpenFailed:
    """The model could not be read."""

    error: EngineError


@dataclass(frozen=True, slots=True)
class DataSeen:
    """What the data looks like, or why it cannot be used."""

    source: DataSource
    preview: Any = None
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The original's accuracy."""

    evaluation: Evaluation


@dataclass(frozen=True, slots=True)
class Profiled:
    """The original's time."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class CostKnown:
    """A cost table, and how it came about (None: as the one before)."""

    table: CostTable | None
    facts: CostFacts | None = None


@dataclass(frozen=True, slots=True)
class FitLearned:
    """Runs of a fit have ended.

    Attributes:
        runs: Those that are not known yet.
        best: The best so far of all that were made for the same question.
    """

    runs: tuple[Learned, ...]
    best: Best


@dataclass(frozen=True, slots=True)
class TrialDone:
    """A run ended with a result."""

    trial: Trial
    result: Compressed


@dataclass(frozen=True, slots=True)
class DetailsRead:
    """Everything that a trial's run told."""

    trial: int
    result: Compressed


@dataclass(frozen=True, slots=True)
class JobAdded:
    """A job was handed to the engine."""

    job: JobState


@dataclass(frozen=True, slots=True)
class JobNews:
    """An event of a job that is in the list."""

    event: Event


@dataclass(frozen=True, slots=True)
class LookAnswered:
    """The answer of a look."""

    key: str
    result: Any = None
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine has loaded what the first jobs need."""

    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell the user."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Saved:
    """The project is on disk."""

    folder: str
    titled: bool
    at: str


@dataclass(frozen=True, slots=True)
class Trusted:
    """The user said that a file may run code."""

    path: str


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A recipe file or an entry of a project's history: replaces the history."""

    history: History


News = (
    Loaded
    | Listed
    | Opened
    | OpenFailed
    | DataSeen
    | Evaluated
    | Profiled
    | CostKnown
    | FitLearned
    | TrialDone
    | DetailsRead
    | JobAdded
    | JobNews
    | LookAnswered
    | EngineReady
    | Told
    | Saved
    | Trusted
    | HistoryRead
)
