"""Acts on wishes: hands work to the engine and the disk, and brings the news back to the store."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from engine.details import Ready
from engine.errors import EngineError, TrustRequired
from engine.info import Compressed, Format, NetworkInfo
from engine.jobs.events import Crashed, End, Failed, Finished, Lane, Queued, Stopped
from engine.jobs.looks import DataLook, ListModel
from engine.jobs.requests import (
    Compress,
    DataSource,
    Estimate,
    Evaluate,
    Inspect,
    MeasureLatency,
    ModelSource,
    Request,
    WarmUp,
)
from engine.paths import RESOURCES
from engine.preprocessing import Preprocessing
from engine.preprocessing import save as save_preprocessing
from engine.recipe.files import read_file, to_yaml
from engine.recipe.model import InvalidRecipe, Recipe
from studio.document import messages as m
from studio.document.files import FileKind, sort_out
from studio.document.looks import key_of
from studio.document.state import (
    DocumentState,
    JobState,
    Notice,
    Opening,
    Purpose,
    Severity,
    Trial,
)
from studio.engine_bridge import EngineBridge
from studio.keeper import Keeper
from studio.settings import Settings
from studio.store import Store

SAMPLES = RESOURCES / "samples"
WEIGHTS_ONLY = (Format.STATE_DICT, Format.SAFETENSORS)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A job whose end somebody waits for.

    Attributes:
        then: Called with the result, on this thread.
        failed: Called with the error, on this thread; None: the user is told.
        purpose: What it is for.
    """

    then: Callable[[Any], None]
    failed: Callable[[EngineError], None] | None
    purpose: Purpose


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
        self._bridge = bridge
        self._awaited: dict[int, Awaited] = {}
        self._notices = 0
        self._looks: dict[int, str] = {}
        self._closing = False
        self._ended_early = False
        self.devices: tuple[str, ...] = ("cpu",)
        bridge.told.connect(self._on_event)
        store.dispatched.connect(self._on_message)
        self._wishes: dict[type, Callable[[Any], None]] = {
            m.OpenPaths: self._open_paths,
            m.OpenModel: self._open_model,
            m.OpenData: self._open_data,
            m.OpenSample: self._open_sample,
            m.OpenProject: self._open_project,
            m.SaveProject: lambda wish: self.keeper.save_as(Path(wish.folder)),
            m.Ask: self._ask,
            m.Measure: self._measure,
            m.EstimateCosts: self._estimate_costs,
            m.Apply: self._apply,
            m.Export: self._export,
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
        *,
        recipe_key: str = "",
        trial: int | None = None,
    ) -> int:
        """Hand a request to the engine; `then` gets its result.

        Returns:
            The job's number.
        """
        job = self._bridge.submit(request)
        lane = Lane(getattr(request, "lane", Lane.WORK))
        self._awaited[job.number] = Awaited(then, failed, purpose)
        if lane is Lane.WORK:
            shown = JobState(
                job.number, request.label, purpose, lane, recipe_key=recipe_key, trial=trial
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
                self._ended_early = True
                awaited.then(event.result)
                self._ended_early = False
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
        if wish is None:
            return
        try:
            wish(message)
        except EngineError as error:
            self.tell(error.message, error.hint, Severity.ERROR)

    def _open_paths(self, wish: m.OpenPaths) -> None:
        found = sort_out(wish.paths)
        for path, kind in found.problems:
            self.tell(*self._leftover(path, kind), Severity.WARNING)
        if found.project:
            self.store.dispatch(m.OpenProject(found.project))
            return
        if found.recipe:
            self._read_recipe(Path(found.recipe))
        code = found.code
        if found.model:
            source = ModelSource(found.model, wish.architecture, wish.trusted)
            if code and not wish.architecture and Path(found.model).suffix != ".onnx":
                self.architecture_needed.emit(replace(source, architecture=f"{code}:"))
                code = ""
            else:
                self.store.dispatch(m.OpenModel(source))
        data = found.data or ((code,) if code else ())
        if data:
            self.store.dispatch(
                m.OpenData(
                    DataSource(data, preprocessing=found.preprocessing, trusted=wish.trusted)
                )
            )
        elif found.preprocessing and self.state.data.source is not None:
            source_now = self.state.data.source
            self.store.dispatch(m.OpenData(replace(source_now, preprocessing=found.preprocessing)))

    def _leftover(self, path: str, kind: FileKind) -> tuple[str, str]:
        name = Path(path).name
        if kind is FileKind.MISSING:
            return QCoreApplication.translate("Session", "{name} is not there.").format(
                name=name
            ), ""
        if kind is FileKind.UNKNOWN:
            return (
                QCoreApplication.translate(
                    "Session", "{name} is neither a model, data nor a recipe."
                ).format(name=name),
                QCoreApplication.translate(
                    "Session",
                    "Models end in .onnx, .pt2, .pt, .pth or .safetensors; data is a folder of "
                    "images, .npz, .npy, .csv or .parquet; recipes are .yaml or .json.",
                ),
            )
        return (
            QCoreApplication.translate(
                "Session", "{name} was left out: only one of its kind can be opened."
            ).format(name=name),
            "",
        )

    def _read_recipe(self, path: Path) -> None:
        file = read_file(path)
        faults = file.problems
        if faults:
            first = InvalidRecipe(faults, path.name)
            self.tell(first.one_line(), severity=Severity.WARNING)
        label = f"Open: {path.name}"
        self.store.dispatch(m.EditRecipe(label, file.recipe))
        self.store.dispatch(m.SelectStep(0 if file.recipe.steps else None))

    def _open_model(self, wish: m.OpenModel) -> None:
        source = wish.source
        self.keeper.begin()
        if not Path(source.path).exists():
            self.store.dispatch(
                m.OpenFailed(
                    EngineError(
                        QCoreApplication.translate("Session", "{path} is not there.").format(
                            path=source.path
                        )
                    )
                )
            )
            if self.state.trials or self.state.info is not None:
                self.model_missing.emit(source)
            return
        self._drop(Purpose.OPEN)
        self.settings.remember(source.path)

        def current() -> bool:
            return self.state.model.source == source

        def listed(info: NetworkInfo) -> None:
            if current():
                self.store.dispatch(m.Listed(info))

        def opened(info: NetworkInfo) -> None:
            if current():
                self._opened(source, info)

        def failed(error: EngineError) -> None:
            if current():
                self._not_opened(source, error)

        self.submit(ListModel(source), Purpose.LIST, listed, lambda _error: None)
        self.submit(Inspect(source, histograms=True), Purpose.OPEN, opened, failed)

    def _opened(self, source: ModelSource, info: NetworkInfo) -> None:
        self.store.dispatch(m.Opened(info))
        if not info.runnable and info.format in WEIGHTS_ONLY and not source.architecture:
            self.architecture_needed.emit(source)
        if self.state.data.source is not None:
            self._look_at_data(self.state.data.source)
        if info.runnable and self.state.profile is None:
            self.store.dispatch(m.Measure(accuracy=False))

    def _not_opened(self, source: ModelSource, error: EngineError) -> None:
        self.store.dispatch(m.OpenFailed(error))
        if isinstance(error, TrustRequired):
            self.trust_needed.emit(source, error)

    def _open_data(self, wish: m.OpenData) -> None:
        if wish.source is not None:
            self._look_at_data(wish.source)

    def _look_at_data(self, source: DataSource) -> None:
        ready = self.state.model.opening is Opening.READY
        model = self.state.model.source if ready else None

        def seen(preview: Any) -> None:
            self.store.dispatch(m.DataSeen(source, preview))
            if not preview.fit.ok or preview.missing:
                self.data_unclear.emit()
            if model is not None and self.state.evaluation is None and preview.fit.ok:
                self.store.dispatch(m.Measure(latency=False))

        def failed(error: EngineError) -> None:
            self.store.dispatch(m.DataSeen(source, error=error))
            if isinstance(error, TrustRequired):
                self.trust_needed.emit(source, error)
            elif not isinstance(error, Dropped):
                self.data_unclear.emit()

        self.submit(DataLook(model, source), Purpose.DATA, seen, failed)

    def use_data(self, source: DataSource, preprocessing: Preprocessing) -> None:
        """Open data with a preprocessing that the user has set; it is kept with the project."""
        path = self.keeper.begin() / "preprocessing.json"
        known = self.state.data.preview
        if known is None or known.fit.preprocessing != preprocessing:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_preprocessing(preprocessing, path)
            source = replace(source, preprocessing=str(path))
        if source != self.state.data.source or source.preprocessing == str(path):
            self.store.dispatch(m.OpenData(source))

    def _open_sample(self, wish: m.OpenSample) -> None:
        del wish
        self.store.dispatch(m.OpenModel(ModelSource(str(SAMPLES / "digits.pt2"))))
        self.store.dispatch(m.OpenData(DataSource((str(SAMPLES / "digits.npz"),))))
        self._read_recipe(SAMPLES / "digits.recipe.yaml")

    def _open_project(self, wish: m.OpenProject) -> None:
        folder = Path(wish.folder)
        self._bridge_cancel_all()

        def loaded(state: DocumentState) -> None:
            self.store.dispatch(m.Loaded(state))
            self.settings.remember(str(folder))
            if state.model.source is not None:
                self._reopen(state)

        self.keeper.open(folder, loaded)

    def _reopen(self, state: DocumentState) -> None:
        """Read the model of a project again; what was measured of it stays."""
        source = state.model.source
        assert source is not None
        if not Path(source.path).exists():
            self.model_missing.emit(source)
            return

        def opened(info: NetworkInfo) -> None:
            if self.state.model.source == source:
                self._opened(source, info)

        def failed(error: EngineError) -> None:
            if self.state.model.source == source:
                self._not_opened(source, error)

        self.submit(Inspect(source, histograms=True), Purpose.OPEN, opened, failed)

    def _drop(self, purpose: Purpose) -> None:
        for number, awaited in tuple(self._awaited.items()):
            if awaited.purpose in (purpose, Purpose.LOOK, Purpose.LIST):
                self._bridge.cancel(number)

    def _bridge_cancel_all(self) -> None:
        for number in tuple(self._awaited):
            if self._awaited[number].purpose is not Purpose.WARM_UP:
                self._bridge.cancel(number)

    # Work -------------------------------------------------------------------------------------

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

    def _measure(self, wish: m.Measure) -> None:
        source = self.state.model.source
        if source is None or self.state.model.opening is not Opening.READY:
            return

        def current() -> bool:
            return self.state.model.source == source

        def timed(profile: Any) -> None:
            if current():
                self.store.dispatch(m.Profiled(profile))

        def scored(evaluation: Any) -> None:
            if current():
                self.store.dispatch(m.Evaluated(evaluation))
                if self.state.cost is None:
                    self.store.dispatch(m.EstimateCosts())

        data = self.state.data.source
        if wish.accuracy and data is not None:
            limit = self.settings.quick_samples
            request = Evaluate(source, data, split="evaluation", limit=limit)
            self.submit(request, Purpose.EVALUATE, scored, self._hint)
        if wish.latency:
            self.submit(MeasureLatency(source, seconds=1.0), Purpose.PROFILE, timed, self._hint)

    def _estimate_costs(self, wish: m.EstimateCosts) -> None:
        del wish
        state = self.state
        source, data = state.model.source, state.data.source
        if source is None or state.info is None or state.model.opening is not Opening.READY:
            return
        under_way = any(one.purpose is Purpose.COSTS for one in self._awaited.values())
        if under_way or not state.info.runnable:
            return

        def done(result: Any) -> None:
            now = self.state
            if (now.model.source, now.data.source) == (source, data):
                self.store.dispatch(m.CostKnown(result.table))

        usable = state.data.error is None and not state.data.pending
        request = Estimate(source, data if usable else None)
        self.submit(request, Purpose.COSTS, done, self._hint)

    def _hint(self, error: EngineError) -> None:
        if not isinstance(error, Dropped):
            self.tell(error.message, error.hint, Severity.WARNING)

    def _runnable(self) -> bool:
        """Whether the recipe can be run; says why not."""
        state = self.state
        if state.resolution is None or state.model.source is None:
            self.tell(
                QCoreApplication.translate("Session", "Open a model first."),
                severity=Severity.WARNING,
            )
            return False
        if state.resolution.problems:
            first = state.resolution.problems[0]
            self.tell(str(first), first.hint, Severity.WARNING, "view.recipe")
            return False
        return True

    def _compress(self, recipe: Recipe, path: Path, **more: Any) -> Compress:
        assert self.state.model.source is not None
        return Compress(
            self.state.model.source,
            to_yaml(recipe),
            str(path),
            self.state.data.source,
            device=self.settings.device,
            threads=self.settings.threads or max((os.cpu_count() or 2) - 1, 1),
            **more,
        )

    def _apply(self, wish: m.Apply) -> None:
        if not self._runnable():
            return
        state = self.state
        busy = [job.trial or 0 for job in state.jobs]
        number = max([one.id for one in state.trials] + busy, default=0) + 1
        folder = self.keeper.trial_folder(number)
        folder.mkdir(parents=True, exist_ok=True)
        assert state.model.source is not None
        file = folder / f"{Path(state.model.source.path).stem}.onnx"
        limit = self.settings.quick_samples if wish.quick else 0
        request = self._compress(
            state.recipe, file, limit=limit, predictions=str(folder / "predictions.npz")
        )
        source, recipe, base = state.model.source, state.recipe, state.base

        def done(result: Compressed) -> None:
            if self.state.model.source == source:
                self._keep_trial(number, recipe, base, result)

        def failed(error: EngineError) -> None:
            _remove_empty(folder)
            if not isinstance(error, Dropped):
                self.tell(error.message, error.hint, Severity.ERROR, "view.jobs")

        self.submit(request, Purpose.APPLY, done, failed, recipe_key=recipe.key, trial=number)

    def _keep_trial(
        self, number: int, recipe: Recipe, base: int | None, result: Compressed
    ) -> None:
        folder = self.keeper.folder
        assert folder is not None
        enabled = sum(step.enabled for step in recipe.steps)
        name = QCoreApplication.translate("Session", "Trial {number}").format(number=number)
        trial = Trial(
            number,
            name,
            recipe,
            base,
            datetime.now(UTC).isoformat(timespec="seconds"),
            result.predicted,
            result.measured,
            result.original,
            _relative(result.file, folder),
            _relative(result.predictions, folder),
            result.seconds,
            result.notes,
            stopped=self._ended_early or len(result.steps) < enabled,
        )
        self.keeper.save_trial(trial, result)
        self.store.dispatch(m.TrialDone(trial, result))

    def _export(self, wish: m.Export) -> None:
        if not self._runnable():
            self.export_failed.emit(None)
            return
        trial = None if wish.trial is None else self.state.trial(wish.trial)
        recipe = self.state.recipe if trial is None else trial.recipe
        path = Path(wish.path)
        request = self._compress(
            recipe, path, format=wish.format, target=wish.target, report=wish.report
        )

        def done(result: Compressed) -> None:
            if wish.with_recipe:
                self._write_recipe(recipe, path.with_suffix(".recipe.yaml"))
            self.exported.emit(result)

        def failed(error: EngineError) -> None:
            self.export_failed.emit(None if isinstance(error, Dropped) else error)

        self.submit(request, Purpose.EXPORT, done, failed, recipe_key=recipe.key)

    def _write_recipe(self, recipe: Recipe, path: Path) -> None:
        try:
            path.write_text(to_yaml(recipe), encoding="utf-8")
        except OSError as error:
            self.tell(f"{path}: {error.strerror}", severity=Severity.ERROR)

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


class Dropped(EngineError):
    """A job that the user dropped: nobody is told."""

    def __init__(self) -> None:
        super().__init__("Dropped")


def _relative(path: str, folder: Path) -> str:
    if not path:
        return ""
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # a file of an earlier step lies in it
