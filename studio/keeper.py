"""Keeps the project on disk: autosave, trials, opening and saving under a name.

The disk is touched on one thread of its own, in the order of the wishes, so that a slow one never
holds up the window.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal, Slot

from engine.errors import EngineError
from engine.info import Compressed
from studio.document import messages as m
from studio.document.project import ENDING, Project
from studio.document.state import DocumentState, Notice, ProjectState, Severity
from studio.document.trial import Trial
from studio.store import Store

AUTOSAVE_MS = 800
"""After the last change; with `LATEST_MS` at most after the first."""
LATEST_MS = 3000
_LONGEST = 60
"""Letters of a model's name in that of its project's folder."""

_SAVED = (
    "model",
    "data",
    "history",
    "locks",
    "selection",
    "step",
    "original",
    "evaluation",
    "profile",
    "cost",
    "cost_facts",
    "budget",
    "fitted",
    "learned",
    "base",
    "chosen",
)


class Keeper(QObject):
    """The project behind a store.

    Args:
        store: Whose document is kept.
        home: Where projects without a name are kept; by default among the user's data.
        parent: Owner.
    """

    kept = Signal(str)
    """Folder of a project that is worth finding again: it has a trial, or was given a name."""
    gone = Signal(str)
    """Folder of a project that has another name now."""
    _done = Signal(object, object)

    def __init__(
        self, store: Store, home: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._home = home or Path(platformdirs.user_data_dir("espalier", appauthor=False))
        self._folder: Path | None = None
        self._titled = False
        self._lock: QLockFile | None = None
        self._project: Project | None = None  # of the disk's thread alone
        self._disk = ThreadPoolExecutor(1, "disk")
        self._quiet = self._timer(AUTOSAVE_MS)
        self._latest = self._timer(LATEST_MS)
        self._done.connect(self._finish)
        store.changed.connect(self._on_changed)

    def _timer(self, interval_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval_ms)
        timer.timeout.connect(self.save)
        return timer

    @property
    def folder(self) -> Path | None:
        """Of the open project."""
        return self._folder

    @property
    def untitled(self) -> Path:
        """Where projects without a name are."""
        return self._home / "projects"

    def trial_folder(self, number: int) -> Path:
        """Where the files of a trial go; a project is begun if there is none yet."""
        return self.begin() / "trials" / f"{number:04d}"

    def begin(self) -> Path:
        """Make a project without a name if there is none; its folder."""
        if self._folder is not None:
            return self._folder
        stamp = datetime.now(UTC).astimezone().strftime("%Y-%m-%d %H.%M.%S")
        source = self._store.state.model.source
        if source is not None:
            stamp = f"{Path(source.path).stem[:_LONGEST]} {stamp}".strip()
        folder = self.untitled / f"{stamp}{ENDING}"
        number = 2
        while folder.exists():
            folder = self.untitled / f"{stamp} {number}{ENDING}"
            number += 1
        self._folder, self._titled = folder, False

        def create() -> None:
            self._project = Project.create(folder)

        def begun(_nothing: None) -> None:
            if self._folder == folder:
                self._lock = _locked(folder)
                self._store.dispatch(m.Saved(str(folder), self._titled, _now()))

        self._later(create, begun)
        return folder

    @Slot(object, object)
    def _on_changed(self, old: DocumentState, new: DocumentState) -> None:
        if self._folder is None:
            return
        if old.project.folder and not new.project.folder:  # another model: another project
            self.close_project(old)
            return
        if any(getattr(old, name) is not getattr(new, name) for name in _SAVED):
            self._quiet.start()
            if not self._latest.isActive():
                self._latest.start()

    @Slot()
    def save(self) -> None:
        """Write what has changed, in the background."""
        self._quiet.stop()
        self._latest.stop()
        state = self._store.state
        self._with_project(lambda project: project.save(state))

    def save_trial(self, trial: Trial, result: Compressed | None = None) -> None:
        """Write a trial, in the background."""

        def write(project: Project) -> Path:
            project.save_trial(trial, result)
            return project.folder

        def written(folder: Path | None) -> None:
            if result is not None and folder is not None:
                self.kept.emit(str(folder))

        self._with_project(write, written)

    def fetch_details(self, number: int) -> None:
        """Read everything that a trial's run told; the store is told then."""

        def read(project: Project) -> Compressed:
            return project.details(number)

        def tell(found: Compressed) -> None:
            self._store.dispatch(m.DetailsRead(number, found))

        self._with_project(read, tell)

    def open(self, folder: Path, then: Callable[[DocumentState], None]) -> None:
        """Open a project instead of this one; `then` is called with what was saved."""
        if folder == self._folder:
            return

        def read() -> tuple[Project, DocumentState, QLockFile]:
            lock = _locked(folder)
            if not lock.isLocked():
                text = f"{folder.name} is open in another window"
                raise EngineError(text, hint="Close it there first.")
            try:
                project = Project.open(folder)
                try:
                    return project, project.load(), lock
                except BaseException:
                    project.close()
                    raise
            except BaseException:
                lock.unlock()
                raise

        def take(found: tuple[Project, DocumentState, QLockFile]) -> None:
            project, state, lock = found
            self.close_project()
            self._folder, self._lock = folder, lock
            self._titled = self.untitled not in folder.parents
            self._swap(project)
            place = ProjectState(str(folder), self._titled, _now())
            then(replace(state, project=place))

        self._later(read, take)

    def save_as(self, folder: Path) -> None:
        """Keep the project under a name from now on."""
        if folder.suffix != ENDING:
            folder = folder.with_name(folder.name + ENDING)
        if folder == self.begin():
            self.save()
            return
        state, was_titled, old_lock = self._store.state, self._titled, self._lock
        old = str(self._folder)

        def copy(project: Project) -> Project:
            project.save(state)
            project.copy_to(folder)
            return Project.open(folder)

        def take(project: Project) -> None:
            self._close_on_disk(old_lock, remove=not was_titled)
            self._folder, self._titled, self._lock = folder, True, _locked(folder)
            self._swap(project)
            if not was_titled:
                self.gone.emit(old)
            self.kept.emit(str(folder))
            self._store.dispatch(m.Saved(str(folder), True, _now()))

        self._with_project(copy, take)

    def close_project(self, state: DocumentState | None = None) -> None:
        """Save and let go; one without a name in which nothing was done is removed.

        Args:
            state: What to save; by default the document as it is now.
        """
        if self._folder is None:
            return
        state = state or self._store.state
        self._quiet.stop()
        self._latest.stop()
        blank = not self._titled and not state.trials and len(state.history.edits) < 2
        if not blank:
            last = state
            self._with_project(lambda project: project.save(last))
        self._folder, lock, self._lock = None, self._lock, None
        self._close_on_disk(lock, remove=blank)

    def close(self) -> None:
        """Save everything and end; waits for the disk."""
        self.close_project()
        self._disk.shutdown(wait=True)

    def wait(self) -> None:
        """Until what was asked for so far is on disk."""
        self._disk.submit(lambda: None).result()

    def tell(self, error: EngineError) -> None:
        """Show an error where the user can see it."""
        notice = Notice(id(error), error.message, error.hint, Severity.ERROR)
        self._store.dispatch(m.Told(notice))

    def _swap(self, project: Project) -> None:
        def swap() -> None:
            self._project = project

        self._later(swap)

    def _close_on_disk(self, lock: QLockFile | None, *, remove: bool) -> None:
        def close() -> None:
            project, self._project = self._project, None
            try:
                if project is not None:
                    project.close()
                    if remove:
                        shutil.rmtree(project.folder, ignore_errors=True)
            finally:
                if lock is not None:
                    lock.unlock()

        self._later(close)

    def _with_project(
        self, work: Callable[[Project], Any], then: Callable[[Any], None] | None = None
    ) -> None:
        """Do something with the project that is open when its turn comes; without one, nothing."""

        def run() -> Any:
            return None if self._project is None else work(self._project)

        self._later(run, then)

    def _later(self, work: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Do something on the disk's thread, and what follows on this one."""

        def ended(future: Future[Any]) -> None:
            self._done.emit(future, then)

        self._disk.submit(work).add_done_callback(ended)

    @Slot(object, object)
    def _finish(self, future: Future[Any], then: Any) -> None:
        try:
            result = future.result()
        except EngineError as error:
            self.tell(error)
            return
        if then is not None:
            then(result)


def _locked(folder: Path) -> QLockFile:
    """The lock of a project's folder, taken if nobody else has it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(folder.parent / f".{folder.name}.lock"))
    lock.setStaleLockTime(0)
    lock.tryLock(0)
    return lock


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
