"""A project on disk: `NAME.espalier/` with one SQLite file, the trials' files, and the recipe.

SQLite's journal makes each save whole or nothing: a process that is killed loses no finished trial,
and of editing what was not saved yet. All methods of a `Project` belong to one thread at a time.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cost import CostTable
from engine.cost_file import table_from, table_to_bytes
from engine.errors import EngineError, RecipeError
from engine.info import Compressed, Evaluation, Metrics, NetworkInfo, Profile
from engine.jobs.requests import DataSource, ModelSource
from engine.paths import write_atomically
from engine.recipe.files import to_yaml
from engine.recipe.history import History, history_from
from engine.recipe.model import Recipe, recipe_from
from engine.trials import (
    compressed_from_data,
    compressed_to_data,
    network_from_data,
    network_to_data,
    plain,
    restored,
)
from studio.document.learned import Learned
from studio.document.state import CostFacts, DataState, DocumentState, ModelState, Opening, Wanted
from studio.document.trial import Forecast, Trial

VERSION = 1
ENDING = ".espalier"
DATABASE = "project.db"
_APPLICATION = 0x45535041  # "ESPA", SQLite's `application_id`
_BUSY_S = 5.0

_TABLES = """
CREATE TABLE IF NOT EXISTS document (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trials (
    id INTEGER PRIMARY KEY, summary BLOB NOT NULL, details BLOB NOT NULL
);
"""


class Project:
    """An open project.

    Args:
        folder: Its folder.
        connection: To its database.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = connection
        self._written: dict[str, bytes] = {}
        self._learned: tuple[tuple[Learned, ...], bytes] = (), b""

    @classmethod
    def create(cls, folder: Path) -> Project:
        """Make an empty project; the folder may exist if it is empty.

        Raises:
            EngineError: It cannot be made there.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / DATABASE).exists():
                raise EngineError(f"{folder} is a project already", hint="Open it instead.")
            if any(folder.iterdir()):
                raise EngineError(
                    f"{folder} holds other files", hint="Choose a new folder for the project."
                )
        except OSError as error:
            raise _disk(folder, error) from None
        with _sqlite(folder):
            database = _connect(folder)
            database.execute(f"PRAGMA application_id = {_APPLICATION}")
            database.execute(f"PRAGMA user_version = {VERSION}")
            database.executescript(_TABLES)
        return cls(folder, database)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """Open a project.

        Raises:
            EngineError: There is none, it is damaged, or of a newer version (and not touched).
        """
        path = folder / DATABASE
        if not path.is_file():
            raise EngineError(
                f"{folder} is not a project",
                hint=f"A project is a folder NAME{ENDING} with a file {DATABASE} in it.",
            )
        with _sqlite(folder):
            _check_version(path)
            database = _connect(folder)
            database.execute("SELECT count(*) FROM document").fetchone()
        return cls(folder, database)

    def close(self) -> None:
        """Let go of the files; trials that were deleted lose theirs."""
        with _sqlite(self.folder):
            for trial in self._summaries():
                if trial.deleted:
                    self._db.execute("DELETE FROM trials WHERE id = ?", (trial.id,))
                    shutil.rmtree(self.trial_folder(trial.id), ignore_errors=True)
            self._db.close()

    def trial_folder(self, number: int) -> Path:
        """Where a trial's files are."""
        return self.folder / "trials" / f"{number:04d}"

    def save(self, state: DocumentState) -> None:
        """Write what differs from what was written last, in one transaction.

        Raises:
            EngineError: It cannot be written; what was there before is untouched.
        """
        if state.learned is not self._learned[0]:  # of many layers they take a while
            runs = _packed([plain(one) for one in state.learned])
            self._learned = state.learned, runs
        parts = _parts(state) | {"learned": self._learned[1]}
        fresh = {name: value for name, value in parts.items() if self._written.get(name) != value}
        if not fresh:
            return
        with _sqlite(self.folder):
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("REPLACE INTO document VALUES (?, ?)", list(fresh.items()))
            self._db.execute("COMMIT")
        self._written.update(fresh)
        if "history" in fresh:
            self._write_recipe(state.recipe)

    def save_trial(self, trial: Trial, result: Compressed | None = None) -> None:
        """Write a trial; without a result only what the user can change of it.

        Raises:
            EngineError: It cannot be written.
        """
        summary = _packed(_trial_data(trial))
        with _sqlite(self.folder):
            if result is None:
                self._db.execute("UPDATE trials SET summary = ? WHERE id = ?", (summary, trial.id))
                return
            details = _packed(compressed_to_data(result))
            self._db.execute("REPLACE INTO trials VALUES (?, ?, ?)", (trial.id, summary, details))

    def details(self, number: int) -> Compressed:
        """Everything that a trial's run told.

        Raises:
            EngineError: There is no such trial, or it is damaged.
        """
        with _sqlite(self.folder):
            row = self._db.execute("SELECT details FROM trials WHERE id = ?", (number,)).fetchone()
        if row is None:
            raise EngineError(f"There is no trial {number} in this project")
        return compressed_from_data(_unpacked(row[0]))

    def load(self) -> DocumentState:
        """The document as it was saved; what is damaged of it is told, not guessed.

        Raises:
            EngineError: It cannot be read.
        """
        with _sqlite(self.folder):
            found = dict(self._db.execute("SELECT name, value FROM document").fetchall())
            trials = tuple(sorted(self._summaries(), key=lambda trial: trial.id))
        self._written = {name: bytes(value) for name, value in found.items()}
        state = _state_from({name: bytes(value) for name, value in found.items()})
        return replace(state, trials=trials)

    def copy_to(self, folder: Path) -> None:
        """Copy the project as it is on disk, to save it under another name.

        Raises:
            EngineError: It cannot be written there.
        """
        Project.create(folder).close()
        try:
            with _sqlite(folder):
                target = sqlite3.connect(folder / DATABASE)
                self._db.backup(target)
                target.close()
            for name in ("trials", "recipe.yaml"):
                source = self.folder / name
                if source.is_dir():
                    shutil.copytree(source, folder / name)
                elif source.is_file():
                    shutil.copy2(source, folder / name)
        except OSError as error:
            raise _disk(folder, error) from None

    def _summaries(self) -> Iterator[Trial]:
        for (summary,) in self._db.execute("SELECT summary FROM trials").fetchall():
            yield _trial_from(_unpacked(summary))

    def _write_recipe(self, recipe: Recipe) -> None:
        try:
            write_atomically(self.folder / "recipe.yaml", to_yaml(recipe).encode())
        except OSError as error:
            raise _disk(self.folder, error) from None


def is_project(path: Path) -> bool:
    """Whether a path is a project's folder, or its database."""
    return (path / DATABASE).is_file() or (path.name == DATABASE and path.is_file())


def _parts(state: DocumentState) -> dict[str, bytes]:
    """What is saved of a document, by name."""
    original = {
        "metrics": plain(state.original),
        "evaluation": plain(state.evaluation),
        "profile": plain(state.profile),
    }
    rest = {
        "model": plain(state.model.source),
        "data": plain(state.data.source),
        "locks": sorted(state.locks),
        "selection": list(state.selection),
        "current": state.current,
        "step": state.step,
        "budget": plain(state.budget),
        "fitted": None if state.fitted is None else state.fitted.to_data(),
        "fitted_time": state.fitted_time,
        "base": state.base,
        "chosen": list(state.chosen),
    }
    facts = plain(state.cost_facts)
    del facts["progress"]  # bytes, which stand by themselves
    parts = {
        "history": _packed(state.history.to_data()),
        "document": _packed(rest),
        "original": _packed(original),
        "cost": b"" if state.cost is None else table_to_bytes(state.cost),
        "cost_facts": _packed(facts),
        "measuring": state.cost_facts.progress,
    }
    if state.model.opening is Opening.READY and state.info is not None:
        parts["network"] = _packed(network_to_data(state.info))
    return parts


def _state_from(parts: dict[str, bytes]) -> DocumentState:
    rest = _unpacked(parts["document"]) if "document" in parts else {}
    original = _unpacked(parts["original"]) if "original" in parts else {}
    history = History.of(Recipe())
    if "history" in parts:
        history = history_from(_unpacked(parts["history"]))
    model, data = rest.get("model"), rest.get("data")
    source = None if model is None else restored(ModelSource, model)
    info: NetworkInfo | None = None
    if "network" in parts:
        info = network_from_data(_unpacked(parts["network"]))
    cost: CostTable | None = table_from(parts["cost"]) if parts.get("cost") else None
    facts = CostFacts()
    if cost is not None and "cost_facts" in parts:
        facts = restored(CostFacts, _unpacked(parts["cost_facts"]))
        facts = replace(facts, progress=parts.get("measuring", b""))
    learned = _unpacked(parts["learned"]) if parts.get("learned") else ()
    budget, fitted = rest.get("budget"), rest.get("fitted")
    evaluation, profile = original.get("evaluation"), original.get("profile")
    opening = Opening.NOTHING if source is None else Opening.READING
    return DocumentState(
        model=ModelState(source, opening, info),
        data=DataState(None if data is None else restored(DataSource, data)),
        history=history,
        step=rest.get("step"),
        selection=tuple(rest.get("selection", ())),
        current=rest.get("current", ""),
        locks=frozenset(rest.get("locks", ())),
        original=restored(Metrics, original["metrics"]) if "metrics" in original else Metrics(),
        evaluation=None if evaluation is None else restored(Evaluation, evaluation),
        profile=None if profile is None else restored(Profile, profile),
        cost=cost,
        cost_facts=facts,
        budget=None if budget is None else restored(Wanted, budget),
        fitted=None if fitted is None else recipe_from(fitted),
        fitted_time=rest.get("fitted_time"),
        learned=tuple(restored(Learned, one) for one in learned),
        base=rest.get("base"),
        chosen=tuple(rest.get("chosen", ())),
    )


_PLAIN_FIELDS = (
    "id",
    "name",
    "parent",
    "created",
    "file",
    "predictions",
    "seconds",
    "remark",
    "pinned",
    "stopped",
    "deleted",
    "kl",
)
_METRICS = ("predicted", "measured", "original")


def _trial_data(trial: Trial) -> dict[str, Any]:
    data = {name: getattr(trial, name) for name in _PLAIN_FIELDS}
    data |= {name: plain(getattr(trial, name)) for name in _METRICS}
    data["forecast"] = plain(trial.forecast)
    return data | {"recipe": trial.recipe.to_data(), "notes": list(trial.notes)}


def _trial_from(data: dict[str, Any]) -> Trial:
    try:
        fields: dict[str, Any] = {name: data[name] for name in _PLAIN_FIELDS if name in data}
        fields |= {name: restored(Metrics, data[name]) for name in _METRICS}
        if data.get("forecast") is not None:
            fields["forecast"] = restored(Forecast, data["forecast"])
        return Trial(recipe=recipe_from(data["recipe"]), notes=tuple(data["notes"]), **fields)
    except (KeyError, TypeError, RecipeError) as error:
        raise EngineError(f"A trial of this project cannot be read: {error}") from error


def _packed(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return zlib.compress(text.encode(), 1)


def _unpacked(content: bytes) -> Any:
    try:
        return json.loads(zlib.decompress(content))
    except (zlib.error, ValueError) as error:
        raise EngineError("The project is damaged: a part of it cannot be read") from error


def _connect(folder: Path) -> sqlite3.Connection:
    database = sqlite3.connect(
        folder / DATABASE, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("PRAGMA synchronous = FULL")
    return database


def _check_version(path: Path) -> None:
    """Look without changing anything: a newer project stays as it is.

    Raises:
        EngineError: It is none of ours, or newer.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro"
    database = sqlite3.connect(uri, uri=True, timeout=_BUSY_S)
    try:
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
    finally:
        database.close()
    if application != _APPLICATION:
        raise EngineError(f"{path} is a database, but not an Espalier project")
    if version > VERSION:
        raise EngineError(
            f"{path.parent} was written by a newer version of Espalier (format {version}; this "
            f"one reads {VERSION})",
            hint="Update Espalier; the project was not changed.",
        )


@contextmanager
def _sqlite(folder: Path) -> Iterator[None]:
    """SQLite's errors as sentences."""
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        hint = "Make room, or save the project elsewhere." if "full" in text else ""
        if "locked" in text:
            hint = "It is open in another window."
        raise EngineError(f"{folder} cannot be used: {text}", hint=hint) from error
    except sqlite3.DatabaseError as error:
        raise EngineError(f"{folder} is damaged: {error}") from error


def _disk(folder: Path, error: OSError) -> EngineError:
    reason = error.strerror or str(error)
    return EngineError(
        f"{folder} cannot be written: {reason}", hint="Choose another place, or make room."
    )
