"""Everything the window shows, as one frozen value. Plain data: no Qt, nothing of the heavy engine.

`update.update` makes the next state from a message; views compare the old with the new.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from engine.budget import Quantity, Solver, Target
from engine.cost import CostTable
from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Compressed, Evaluation, Metrics, NetworkInfo, Profile
from engine.jobs.events import Lane, Point
from engine.jobs.requests import DataSource, ModelSource, Request
from engine.recipe.history import History
from engine.recipe.model import Recipe
from engine.recipe.resolve import Resolution
from studio.document.learned import Best, Learned
from studio.document.trial import UNMEASURED, Trial

LOOKS_KEPT = 120
"""Answers of looks that are kept for views."""
JOBS_KEPT = 200
"""Ended jobs that the job list still shows."""


class Opening(enum.StrEnum):
    """How much is known of the model."""

    NOTHING = "nothing"
    READING = "reading"
    LISTED = "listed"
    """Names, shapes and sizes from the file's directory: the network itself is still being read."""
    READY = "ready"
    FAILED = "failed"


class JobStatus(enum.StrEnum):
    """A job's state."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    CRASHED = "crashed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self in _OVER


_OVER = frozenset({JobStatus.FINISHED, JobStatus.STOPPED, JobStatus.FAILED, JobStatus.CRASHED})


class Purpose(enum.StrEnum):
    """What a job is for."""

    WARM_UP = "warm_up"
    LIST = "list"
    OPEN = "open"
    DATA = "data"
    PROFILE = "profile"
    EVALUATE = "evaluate"
    COSTS = "costs"
    MEASURE_COSTS = "measure_costs"
    FIT = "fit"
    LEARN = "learn"
    APPLY = "apply"
    EXPORT = "export"
    LOOK = "look"


class Severity(enum.StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user, not modal.

    Attributes:
        id: Unique.
        text: What happened.
        hint: What to do.
        severity: How much it matters.
        action: Id of a command that helps; empty: none.
    """

    id: int
    text: str
    hint: str = ""
    severity: Severity = Severity.INFO
    action: str = ""


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as the list shows it.

    Attributes:
        number: The runner's.
        label: What it does.
        purpose: What it is for.
        lane: Where it runs.
        status: How it stands.
        text: What it is at.
        done: Of `total`; a total of 0: nobody knows.
        total: See `done`.
        elapsed_s: Of this stage, without pauses.
        chunks: Measured numbers of its curves, in the order they came.
        error: Why it failed.
        traceback: Of a crash.
        recipe_key: Of the recipe that it runs, where it runs one.
        trial: Id of the trial that it makes.
    """

    number: int
    label: str
    purpose: Purpose
    lane: Lane = Lane.WORK
    status: JobStatus = JobStatus.WAITING
    text: str = ""
    done: int = 0
    total: int = 0
    elapsed_s: float = 0.0
    chunks: tuple[tuple[Point, ...], ...] = ()
    error: EngineError | None = None
    traceback: str = ""
    recipe_key: str = ""
    trial: int | None = None

    @property
    def fraction(self) -> float | None:
        """0…1, or None where it is not known."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else None

    @property
    def remaining_s(self) -> float | None:
        """What is left of this stage at the pace so far."""
        fraction = self.fraction
        return self.elapsed_s * (1 / fraction - 1) if fraction else None


@dataclass(frozen=True, slots=True)
class Look:
    """The answer of a look, or that it is on its way.

    Attributes:
        request: What was asked.
        result: The answer; None while it is awaited or when it failed.
        error: Why there is none.
        pending: It is awaited.
    """

    request: Request
    result: Any = None
    error: EngineError | None = None
    pending: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asks of the solver that fits a recipe to a budget.

    Attributes:
        targets: To be kept to.
        methods: That may be mixed; empty: the usual ones.
        solver: Which.
        keep_own: Layers with a setting of their own keep it, as locked ones do.
    """

    targets: tuple[Target, ...] = (Target(Quantity.SIZE, 0.25, relative=True),)
    methods: tuple[str, ...] = ()
    solver: Solver = Solver.EXACT
    keep_own: bool = True


@dataclass(frozen=True, slots=True)
class CostFacts:
    """How the cost table came about.

    Attributes:
        samples: Calibration samples of the estimate; 0: it tells of the weights alone.
        forward_passes: What the estimate took, in forward passes over them.
        measured_samples: On which entries are measured at most.
        done: Entries whose measurement is certain enough.
        total: Entries that can be measured.
        progress: What measuring goes on from (`engine.costs_measured.Measured.state`).
    """

    samples: int = 0
    forward_passes: float = 0.0
    measured_samples: int = 0
    done: int = 0
    total: int = 0
    progress: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ModelState:
    """The model that is open.

    Attributes:
        source: Where it came from.
        opening: How much is known.
        info: What is known.
        error: Why it could not be opened.
    """

    source: ModelSource | None = None
    opening: Opening = Opening.NOTHING
    info: NetworkInfo | None = None
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class DataState:
    """The data that is open.

    Attributes:
        source: Where it came from.
        preview: What it looks like (`engine.details.DataPreview`); None: not known yet.
        error: Why it cannot be used.
        pending: It is being looked at.
    """

    source: DataSource | None = None
    preview: Any = None
    error: EngineError | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class ProjectState:
    """Where all of this is kept.

    Attributes:
        folder: The project's folder; empty: there is none yet.
        titled: The user has chosen the folder; else it is kept among the program's own files.
        saved_at: Time of the last save, ISO 8601.
    """

    folder: str = ""
    titled: bool = False
    saved_at: str = ""


@dataclass(frozen=True, slots=True)
class DocumentState:
    """Everything the window shows.

    Attributes:
        model: The model.
        data: The data.
        history: The recipe with undo and redo.
        resolution: What the recipe comes to for this network; None without one.
        step: Index of the step that is selected in the recipe panel.
        selection: Names of the selected layers, in the order of the table.
        current: The layer that the inspector shows; one of `selection`, or empty.
        locks: Layers that neither a solver nor the global slider may change.
        original: What was measured of the network as it was opened.
        evaluation: The original's accuracy.
        profile: The original's time, whole and per layer.
        cost: What settings cost, as far as it is known.
        cost_facts: How it came about.
        budget: What was last asked of the solver; None: nothing yet.
        fitted: The recipe that it gave and that was put in force.
        fitted_time: Part of the original's time that it was predicted to take; None: not known.
        learned: Runs that fits made to learn from, oldest first.
        best: The best that the last of them have found; not kept with the project.
        trials: All of them, oldest first.
        base: Id of the trial that the recipe was made from.
        chosen: Ids of the trials that are selected (two of them can be compared); 0 is the
            original.
        details: Trial → everything its run told, for those that were looked at lately.
        jobs: Oldest first.
        looks: Key of the request → answer.
        notices: What is to be told, oldest first.
        project: Where it is kept.
        engine_ready: The engine has loaded what the first jobs need.
        versions: What the engine runs on, name → version.
        trusted: Files that the user said may run code.
    """

    model: ModelState = ModelState()
    data: DataState = DataState()
    history: History = field(default_factory=lambda: History.of(Recipe()))
    resolution: Resolution | None = None
    step: int | None = None
    selection: tuple[str, ...] = ()
    current: str = ""
    locks: frozenset[str] = frozenset()
    original: Metrics = UNMEASURED
    evaluation: Evaluation | None = None
    profile: Profile | None = None
    cost: CostTable | None = None
    cost_facts: CostFacts = CostFacts()
    budget: Wanted | None = None
    fitted: Recipe | None = None
    fitted_time: float | None = None
    learned: tuple[Learned, ...] = ()
    best: Best | None = None
    trials: tuple[Trial, ...] = ()
    base: int | None = None
    chosen: tuple[int, ...] = ()
    details: FrozenMap[Compressed] = FrozenMap()
    jobs: tuple[JobState, ...] = ()
    looks: FrozenMap[Look] = FrozenMap()
    notices: tuple[Notice, ...] = ()
    project: ProjectState = ProjectState()
    engine_ready: bool = False
    versions: FrozenMap[str] = FrozenMap()
    trusted: frozenset[str] = frozenset()

    @property
    def recipe(self) -> Recipe:
        """The recipe in force."""
        return self.history.recipe

    @property
    def info(self) -> NetworkInfo | None:
        """The network, as far as it is known."""
        return self.model.info

    def trial(self, number: int) -> Trial | None:
        """A trial by its id."""
        return next((one for one in self.trials if one.id == number), None)

    def job(self, number: int) -> JobState | None:
        """A job by its number."""
        return next((one for one in self.jobs if one.number == number), None)

    @property
    def working(self) -> JobState | None:
        """The job of the work lane that runs, if one does."""
        return next(
            (
                job
                for job in self.jobs
                if job.lane is Lane.WORK
                and not job.status.is_over
                and job.status is not JobStatus.WAITING
            ),
            None,
        )
