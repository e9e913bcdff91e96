"""What dropped files are, by their names and first bytes, so that each goes where it belongs."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from studio.document.project import DATABASE, ENDING, is_project

MODEL_ENDINGS = (".onnx", ".pt2", ".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".torchscript")
DATA_ENDINGS = (".npz", ".npy", ".csv", ".tsv", ".parquet")
RECIPE_ENDINGS = (".yaml", ".yml")
PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff")
_HEAD = 4096


class FileKind(enum.StrEnum):
    """What a path is."""

    MODEL = "model"
    DATA = "data"
    RECIPE = "recipe"
    PROJECT = "project"
    CODE = "code"
    PREPROCESSING = "preprocessing"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped together, by kind; of models, recipes and projects only one can be opened.

    Attributes:
        model: Path of the model, empty: none.
        data: Paths of the data: one, or an `.npy` pair.
        recipe: Path of the recipe.
        project: Folder of the project.
        code: A Python file: an architecture beside weights, else a data set.
        preprocessing: A JSON file with mean, std and so on.
        problems: One sentence for each path that is left out.
    """

    model: str = ""
    data: tuple[str, ...] = ()
    recipe: str = ""
    project: str = ""
    code: str = ""
    preprocessing: str = ""
    problems: tuple[tuple[str, FileKind], ...] = ()


def kind_of(path: Path) -> FileKind:
    """What a path is."""
    if not path.exists():
        return FileKind.MISSING
    if is_project(path) or (path.suffix == ENDING and path.is_dir()):
        return FileKind.PROJECT
    if path.is_dir():
        return FileKind.DATA
    ending = path.suffix.lower()
    if ending in MODEL_ENDINGS:
        return FileKind.MODEL
    if ending in DATA_ENDINGS:
        return FileKind.DATA
    if ending in RECIPE_ENDINGS:
        return FileKind.RECIPE
    if ending == ".py":
        return FileKind.CODE
    if ending == ".json":
        return _kind_of_json(path)
    return _kind_by_head(path)


def sort_out(paths: Iterable[str]) -> Dropped:
    """Which of these is the model, the data, the recipe; what is left over is said."""
    found: dict[FileKind, list[str]] = {kind: [] for kind in FileKind}
    for text in paths:
        path = Path(text)
        kind = kind_of(path)
        if kind is FileKind.PROJECT and path.name == DATABASE:
            text = str(path.parent)
        found[kind].append(text)
    left = [(path, FileKind.MISSING) for path in found[FileKind.MISSING]]
    left += [(path, FileKind.UNKNOWN) for path in found[FileKind.UNKNOWN]]
    data = found[FileKind.DATA]
    most = 2 if all(path.lower().endswith(".npy") for path in data) else 1
    left += [(path, FileKind.DATA) for path in data[most:]]
    for kind in (FileKind.MODEL, FileKind.RECIPE, FileKind.PROJECT, FileKind.CODE):
        left += [(path, kind) for path in found[kind][1:]]
    return Dropped(
        model=_first(found[FileKind.MODEL]),
        data=tuple(data[:most]),
        recipe=_first(found[FileKind.RECIPE]),
        project=_first(found[FileKind.PROJECT]),
        code=_first(found[FileKind.CODE]),
        preprocessing=_first(found[FileKind.PREPROCESSING]),
        problems=tuple(left),
    )


def _first(paths: list[str]) -> str:
    return paths[0] if paths else ""


def _kind_of_json(path: Path) -> FileKind:
    """A recipe says `espalier` and has steps; the rest is preprocessing."""
    try:
        if path.stat().st_size > 1 << 22:
            return FileKind.UNKNOWN
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FileKind.RECIPE  # which says the line that is wrong
    return (
        FileKind.RECIPE
        if isinstance(data, dict) and "steps" in data
        else (FileKind.PREPROCESSING if isinstance(data, dict) else FileKind.UNKNOWN)
    )


def _kind_by_head(path: Path) -> FileKind:
    """Of a file with an ending that says nothing."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return FileKind.UNKNOWN
    if path.suffix.lower() in PICTURES:
        return FileKind.UNKNOWN
    if head.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x04", b"\x08")):
        return FileKind.MODEL  # whose reader says what it really is
    return FileKind.UNKNOWN
