"""Acts on wishes: hands work to the engine and the disk, and brings the news back to the store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from engine.details import Ready
from engine.errors import EngineError
from engine.jobs.events import Crashed, End, Failed, Finished, Lane, Partial, Queued, Stopped
from engine.jobs.requests import (
    DataSource,
    Request,
    WarmUp,
)
from engine.preprocessing import Preprocessing
from studio.awaited import Awaited, Extra
from studio.costs import CostRuns
from studio.document import messages as m
from studio.document.looks import key_of
from studio.document.state import (
    DocumentState,
    JobState,
    Notice,
    Purpose,
    Severity,
)
from studio.dropped import Dropped
from studio.engine_bridge import EngineBridge
from studio.fit_learning import Learning
from studio.keeper import Keeper
from studio.opener import Opener
from studio.runs import Runs
from studio.settings import Settings
from studio.store import Store


class Session(QObject):
    """The store's way to the engine and the disk.

    Args:
        store: Whose wishes are acted on.
        bridge: To the engine.
        settings: What the user prefers.
        home: Where projects without a name are kept; None: among the user's data.
        parent: Owner.
    """

    trust_needed = Signal(object, object)
    """A `ModelSource` or `DataSource`, and the `TrustRequired`: ask, then open it again."""
    architecture_needed = Signal(object)
    """A `ModelSource` of weights without a graph: ask for the code that builds the network."""
    model_missing = Signal(object)
    """A project's `ModelSource` whose file is not there any more: ask where it is."""
    data_unclear = Signal()
    """The data does not fit the model, or something about it has to be said: show its dialog."""
    exported = Signal(object)
    """An `engine.info.Compressed`: the export dialog's verdict."""
    export_failed = Signal(object)
    """The `EngineError` that ended an export; None: it was cancelled."""
    crashed = Signal(str, str)
    """Summary and traceback of a mistake of ours."""

    def __init__(
        self,
        store: Store,
        bridge: EngineBridge,
        settings: Settings,
        home: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.store = store
        self.settings = settings
        self.keeper = Keeper(store, home, self)
        self.keeper.kept.connect(settings.remember)
        self.keeper.gone.connect(settings.forget)
        self._bridge = bridge
        self._awaited: dict[int, Awaited] = {}
        self._notices = 0
        self._looks: dict[int, str] = {}
        self._closing = False
        self.ended_early = False
        self.devices: tuple[str, ...] = ("cpu",)
        bridge.told.connect(self._on_event)
        store.dispatched.connect(self._on_message)
        self._opener = opener = Opener(self)
        self.costs = costs = CostRuns(self)
        self.learning = Learning(self)
        self.timed: set[object] = set()
        """What a fit has timed layers of: asked again, it is answered at once."""
        runs = Runs(self)
        self._wishes: dict[type, Callable[[Any], None]] = {
            m.OpenPaths: opener.open_paths,
            m.OpenModel: opener.open_model,
            m.OpenData: opener.open_data,
            m.OpenSample: opener.open_sample,
            m.OpenProject: opener.open_project,
            m.SaveProject: lambda wish: self.keeper.save_as(Path(wish.folder)),
            m.Ask: self._ask,
            m.Measure: runs.measure,
            m.EstimateCosts: costs.estimate,
            m.MeasureCosts: costs.measure,
            m.Apply: runs.apply,
            m.Export: runs.export,
            m.CancelJob: self._cancel,
            m.StopJob: self._stop,
            m.PauseJob: self._pause,
            m.ChangeTrial: self._change_trial,
            m.WantDetails: self._want_details,
        }

    @property
    def state(self) -> DocumentState:
        """As it is now."""
        return self.store.state

    def start(self) -> None:
        """Let the engine load what the first jobs need."""
        self.submit(WarmUp(self.settings.threads), Purpose.WARM_UP, self._ready)

    def close(self) -> None:
        """Save, drop what runs, and end."""
        self._closing = True
        self.keeper.close()
        self._bridge.close()

    def submit(
        self,
        request: Request,
        purpose: Purpose,
        then: Callable[[Any], None],
        failed: Callable[[EngineError], None] | None = None,
        extra: Extra | None = None,
    ) -> int:
        """Hand a request to the engine; `then` gets its result.

        Returns:
            The job's number; 0 if the program is closing, when nothing is asked any more.
        """
        if self._closing:  # a dialog may be open still
            return 0
        extra = extra or Extra()
        lane = extra.lane or Lane(getattr(request, "lane", Lane.WORK))
        job = self._bridge.submit(request, lane)
        self._awaited[job.number] = Awaited(then, failed, purpose, extra.partly)
        if lane is Lane.WORK:
            shown = JobState(
                job.number,
                request.label,
                purpose,
                lane,
                recipe_key=extra.recipe_key,
                trial=extra.trial,
            )
            self.store.dispatch(m.JobAdded(shown))
        return job.number

    def tell(
        self, text: str, hint: str = "", severity: Severity = Severity.INFO, action: str = ""
    ) -> None:
        """Show a sentence to the user."""
        self._notices += 1
        self.store.dispatch(m.Told(Notice(self._notices, text, hint, severity, action)))

    # Events -----------------------------------------------------------------------------------

    @Slot(object)
    def _on_event(self, event: Any) -> None:
        if self._closing or isinstance(event, Queued):
            return
        if isinstance(event, Partial):
            waiting = self._awaited.get(event.job)
            if waiting is not None and waiting.partly is not None:
                waiting.partly(event.result)
            return
        self.store.dispatch(m.JobNews(event))
        if isinstance(event, End):
            awaited = self._awaited.pop(event.job, None)
            if awaited is not None:
                self._ended(event, awaited)

    def _ended(self, event: End, awaited: Awaited) -> None:
        match event:
            case Finished() | Stopped(result=None):
                if event.result is not None:
                    awaited.then(event.result)
                elif awaited.failed is not None and awaited.purpose is not Purpose.WARM_UP:
                    awaited.failed(Dropped())
            case Stopped():
                self.ended_early = True
                awaited.then(event.result)
                self.ended_early = False
            case Failed():
                if awaited.failed is not None:
                    awaited.failed(event.error)
                else:
                    error = event.error
                    self.tell(error.message, error.hint, Severity.ERROR)
            case Crashed():
                if awaited.failed is not None:
                    awaited.failed(EngineError(f"An unexpected error: {event.summary}"))
                self.crashed.emit(event.summary, event.traceback)

    def _ready(self, found: Ready) -> None:
        self.devices = found.devices
        self.store.dispatch(m.EngineReady(tuple(found.versions.items())))

    # Opening ----------------------------------------------------------------------------------

    @Slot(object)
    def _on_message(self, message: m.Message) -> None:
        wish = self._wishes.get(type(message))
        if wish is None or self._closing:  # views are still there, the engine is not
            return
        try:
            wish(message)
        except EngineError as error:
            self.tell(error.message, error.hint, Severity.ERROR)

    def use_data(self, source: DataSource, preprocessing: Preprocessing) -> None:
        """Open data with a preprocessing that the user has set; it is kept with the project."""
        self._opener.use_data(source, preprocessing)

    def is_busy(self, purpose: Purpose) -> bool:
        """Whether a job for this purpose waits or runs."""
        return any(one.purpose is purpose for one in self._awaited.values())

    def drop(self, *purposes: Purpose) -> None:
        """Cancel all jobs for these purposes."""
        for number, awaited in tuple(self._awaited.items()):
            if awaited.purpose in purposes:
                self._bridge.cancel(number)

    def end_early(self, purpose: Purpose) -> None:
        """Stop all jobs for this purpose; what they have is kept."""
        for number, awaited in tuple(self._awaited.items()):
            if awaited.purpose is purpose:
                self._bridge.stop(number)

    # Looks, jobs, trials ----------------------------------------------------------------------

    def _ask(self, wish: m.Ask) -> None:
        key = key_of(wish.request)
        if any(one == key for one in self._asked()):
            return
        look = self.state.looks.get(key)
        if look is None or not look.pending:
            return

        def answered(result: Any) -> None:
            self.store.dispatch(m.LookAnswered(key, result))

        def failed(error: EngineError) -> None:
            gone = isinstance(error, Dropped)
            self.store.dispatch(m.LookAnswered(key, error=None if gone else error))

        number = self.submit(wish.request, Purpose.LOOK, answered, failed)
        self._looks[number] = key

    def _asked(self) -> tuple[str, ...]:
        """Keys of looks that are under way."""
        self._looks = {n: key for n, key in self._looks.items() if n in self._awaited}
        return tuple(self._looks.values())

    def _change_trial(self, wish: m.ChangeTrial) -> None:
        trial = self.state.trial(wish.id)
        if trial is not None:
            self.keeper.save_trial(trial)

    def _cancel(self, wish: m.CancelJob) -> None:
        self._bridge.cancel(wish.number)

    def _stop(self, wish: m.StopJob) -> None:
        self._bridge.stop(wish.number)

    def _pause(self, wish: m.PauseJob) -> None:
        self._bridge.pause(wish.number, paused=wish.paused)

    def _want_details(self, wish: m.WantDetails) -> None:
        if str(wish.trial) not in self.state.details:
            self.keeper.fetch_details(wish.trial)
