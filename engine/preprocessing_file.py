"""Files that say how samples are prepared: JSON beside the model or the data, found, read, written.

A file may hold other fields as well; they are kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import DataError
from engine.paths import write_atomically
from engine.preprocessing import QUESTIONS, Preprocessing, Question, parse, questions

LARGEST_JSON = 16 << 20
"""Bytes; a preprocessing file is a few hundred."""
ALWAYS_WRITTEN = (
    "input",
    "input_shape",
    "layout",
    "channel_order",
    "scale",
    "mean",
    "std",
    "resize",
    "labels",
    "task",
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found beside a model or its data.

    Attributes:
        preprocessing: As read; all defaults where there is no file.
        path: The file, or None.
        missing: What the data dialog has to ask.
    """

    preprocessing: Preprocessing
    path: Path | None = None
    missing: tuple[Question, ...] = field(default=QUESTIONS)


def find(
    model_path: str | Path | None, data_paths: Sequence[str | Path] = (), explicit: str | Path = ""
) -> Found:
    """Read the file that was named, else the one beside the model or the data, else defaults.

    Raises:
        DataError: The file is there but is not valid.
    """
    path = Path(explicit) if explicit else beside(model_path, data_paths)
    if path is None:
        return Found(Preprocessing())
    preprocessing = load(path)
    return Found(preprocessing, path, questions(preprocessing))


def beside(model_path: str | Path | None, data_paths: Sequence[str | Path] = ()) -> Path | None:
    """The file `MODEL.json`, else `DATA.json` or `preprocessing.json` with the data, if any.

    JSON files that hold none of our fields (a tokenizer, say) are passed over.
    """
    candidates = [_with_json(Path(model_path))] if model_path else []
    for data in map(Path, data_paths):
        if _is(data, Path.is_dir):
            whole = data.resolve()
            candidates += [data / "preprocessing.json", whole.parent / f"{whole.name}.json"]
        else:
            candidates += [_with_json(data), data.parent / "preprocessing.json"]
    return next((p for p in candidates if _is(p, Path.is_file) and _is_ours(p)), None)


def _with_json(path: Path) -> Path:
    return path.parent / f"{path.stem}.json"


def _is(path: Path, question: Callable[[Path], bool]) -> bool:
    """Ask about a path; what cannot even be looked at is not there."""
    try:
        return question(path)
    except (OSError, ValueError):
        return False


def _is_ours(path: Path) -> bool:
    """Broken JSON counts as ours, so that `load` can say what is wrong with it."""
    try:
        content = _read_json(path)
    except DataError:
        return True
    return not isinstance(content, dict) or bool(content.keys() & set(Preprocessing.model_fields))


def load(path: str | Path) -> Preprocessing:
    """Read a preprocessing file.

    Raises:
        DataError: Naming the file, and the line or the field.
    """
    content = _read_json(Path(path))
    if not isinstance(content, dict):
        raise DataError(
            f"{path} holds a {type(content).__name__}, not the fields of a preprocessing file.",
            hint='It looks like {"layout": "NCHW", "scale": 0.0039, "mean": [0], "std": [1]}.',
            where=str(path),
        )
    given = {key: value for key, value in content.items() if value is not None}
    return parse(given, str(path))


def _read_json(path: Path) -> object:
    try:
        if path.stat().st_size > LARGEST_JSON:
            raise DataError(
                f"{path} is too large to be a preprocessing file.",
                hint="Name another file, or move this one away.",
                where=str(path),
            )
        return json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.", where=str(path)
        ) from None
    except json.JSONDecodeError as error:
        raise DataError(
            f"{path} is not valid JSON: {error.msg}, line {error.lineno}, column {error.colno}.",
            hint="Correct that line.",
            where=str(path),
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise DataError(
            f"{path} is not a JSON text.", hint="Save it as UTF-8 JSON.", where=str(path)
        ) from None


def save(preprocessing: Preprocessing, path: str | Path) -> None:
    """Write a preprocessing file, whole or not at all.

    Raises:
        DataError: The place cannot be written to.
    """
    path = Path(path)
    content = preprocessing.model_dump(mode="json", exclude_defaults=True)
    full = preprocessing.model_dump(mode="json", include=set(ALWAYS_WRITTEN))
    text = json.dumps({**{key: full[key] for key in ALWAYS_WRITTEN}, **content}, indent=1)
    try:
        write_atomically(path, f"{text}\n".encode())
    except OSError as error:
        raise DataError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Choose another place.",
            where=str(path),
        ) from None
