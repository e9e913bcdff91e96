"""A Python file with a data set in it: anything with a length and items.

It runs as a part of this program, so only after the user has said that it is trusted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from engine.data.arrays import LABEL_NAMES, fingerprint_of
from engine.data.dataset import SPLIT_NAMES, DataSet, Raw, Samples, Split, ordered
from engine.data.failures import bad
from engine.data.labels import match_names, targets_of
from engine.errors import DataError, TrustRequired
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]
HOW = (
    "Give the file a variable or function without arguments called dataset, or train and test, "
    "whose value has __len__ and __getitem__ and gives (input, label)."
)


class ItemSplit(Split):
    """Items of an object with `__len__` and `__getitem__`.

    Items are `(input, label)`, `(input, input, …, label)`, a dict with a `label`, or the input
    alone. Floating-point inputs are taken to be prepared already; whole numbers are pixels.
    """

    chunk = 16

    def __init__(self, name: str, items: Any, path: Path, names: tuple[str, ...]) -> None:
        super().__init__(name)
        self._items = items
        self._path = path
        self._names = names
        with user_code(path):
            self._length = len(items)
            first = items[0] if self._length else ()
        inputs, label = _parts(first)
        self.labelled = label is not None
        if len(inputs) == 1:
            value = _array(next(iter(inputs.values()), ""), path)
            self.dtype = "text" if isinstance(value, str) else value.dtype.name
            self.sample_shape = None if isinstance(value, str) else value.shape
            self.prepared = self.dtype.startswith(("float", "bfloat"))

    def __len__(self) -> int:
        return self._length

    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Items, with whatever the file does to them."""
        columns: dict[str, list[Any]] = {}
        labels = []
        for index in indices.tolist():
            with user_code(self._path):
                inputs, label = _parts(self._items[index])
            for name, value in inputs.items():
                columns.setdefault(name, []).append(_array(value, self._path))
            labels.append(label)
        raw: Raw = next(iter(columns.values()), [])
        if len(columns) > 1:
            raw = {name: np.stack(values) for name, values in columns.items()}
        known = None if self.labels is None else self.labels[indices]
        return Samples(raw, known if known is not None else self._numbers(labels), indices)

    def _numbers(self, labels: list[Any]) -> Array | None:
        if not self.labelled or not labels:
            return None
        if any(isinstance(label, str) for label in labels):
            index = {name: number for number, name in enumerate(self._names)}
            strange = next((label for label in labels if label not in index), None)
            if strange is not None:
                raise bad(self._path, f"gives the label {strange!r}, which is not in labels.")
            return np.array([index[label] for label in labels], np.int64)
        array = np.stack([_array(label, self._path) for label in labels])
        whole = array.dtype.kind in "biu"
        return array.astype(np.int64 if whole else np.float32)


def from_python(path: Path, source: DataSource, preprocessing: Preprocessing) -> DataSet:
    """Run the file and take the data sets that it makes.

    Raises:
        TrustRequired: Nobody has said that it may run.
        DataError: It fails, or makes no data set.
    """
    if not source.trusted:
        raise TrustRequired(
            f"{path} is Python code, which can do anything on this computer that you can.",
            hint="If you trust whoever wrote it, say so (--trust).",
            where=str(path),
        )
    module = _run(path)
    found = _found(path, module)
    if not found:
        raise bad(path, "makes no data set.", HOW)
    if len(found) > 1:
        found.pop("all", None)
    names = preprocessing.labels or _class_names(found)
    splits = {name: ItemSplit(name, items, path, names) for name, items in found.items()}
    notes = []
    raw = {
        name: a for name, s in splits.items() if (a := _known_labels(found[name], s)) is not None
    }
    if raw and len(raw) == len(splits):
        targets = targets_of(raw, preprocessing, str(path), names)
        names = targets.names or names
        for name, split in splits.items():
            split.labels = targets.values[name]
            split.labelled = True
    if any(split.prepared for split in splits.values()):
        notes.append("Its samples are floating-point numbers, taken to be prepared already.")
    labelled = any(split.labelled for split in splits.values())
    return DataSet(
        name=path.name,
        form="text" if any(s.dtype == "text" for s in splits.values()) else "python",
        splits=ordered(splits, str(path)),
        class_names=match_names(names, preprocessing.labels).names if names else (),
        task=preprocessing.task or (Task.CLASSIFICATION if labelled and names else None),
        notes=tuple(notes),
        fingerprint=fingerprint_of([path]),
    )


@contextmanager
def user_code(path: Path) -> Iterator[None]:
    """Say where the user's own code failed."""
    try:
        yield
    except DataError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  (it may raise anything)
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        place = f"{path}, line {lines[-1]}" if lines else str(path)
        what = str(error).strip().splitlines()
        text = f"{type(error).__name__}{f': {what[0]}' if what else ''}"
        raise DataError(f"{place}: {text}.", hint="Correct the file.", where=str(path)) from None


def _run(path: Path) -> ModuleType:
    digest = hashlib.blake2b(str(path.resolve()).encode(), digest_size=8).hexdigest()
    spec = importlib.util.spec_from_file_location(f"espalier_data_{digest}", path)
    if spec is None or spec.loader is None:
        raise bad(path, "is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    folder = str(path.resolve().parent)
    with user_code(path):
        sys.path.insert(0, folder)
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(folder)
    return module


def _found(path: Path, module: ModuleType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for spelled, split in {**SPLIT_NAMES, "dataset": "all", "data": "all"}.items():
        forms = [
            spelled,
            f"{spelled}_dataset",
            f"{spelled}_data",
            f"{spelled}_set",
            f"{spelled}set",
        ]
        value = next((getattr(module, f) for f in forms if hasattr(module, f)), None)
        if inspect.isfunction(value):
            with user_code(path):
                value = value()
        if _is_items(value):
            found.setdefault(split, value)
    return found or _from_class(path, module)


def _is_items(value: object) -> bool:
    sized = hasattr(value, "__len__") and hasattr(value, "__getitem__")
    return sized and not isinstance(value, type | str | bytes | Mapping)


def _from_class(path: Path, module: ModuleType) -> dict[str, Any]:
    """Make the file's own class, once, or once for each split that it is told to be."""
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and hasattr(value, "__len__")
        and hasattr(value, "__getitem__")
    ]
    named = [value for value in classes if value.__name__ == "Dataset"] or classes
    if len(named) != 1:
        return {}
    (made,) = named
    parameters = inspect.signature(made).parameters
    with user_code(path):
        if "split" in parameters:
            return {split: made(split=split) for split in ("train", "test")}
        if "train" in parameters:
            return {"train": made(train=True), "test": made(train=False)}
        return {"all": made()}


def _class_names(found: Mapping[str, Any]) -> tuple[str, ...]:
    for items in found.values():
        names = getattr(items, "classes", None)
        if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
            return tuple(names)
    return ()


def _known_labels(items: Any, split: Split) -> Array | None:
    """Labels of all items, where the object has them as `targets` or `labels`."""
    for name in ("targets", "labels", "y"):
        value = getattr(items, name, None)
        if value is None or callable(value):
            continue
        array = np.asarray(_plain(value))
        if array.ndim >= 1 and len(array) == len(split) and array.dtype.kind in "biufUS":
            return array
    return None


def _parts(item: Any) -> tuple[dict[str, Any], Any]:
    """Inputs by name, and the label or None."""
    if isinstance(item, Mapping):
        inputs = {k: v for k, v in item.items() if str(k).lower() not in LABEL_NAMES}
        label = next((v for k, v in item.items() if str(k).lower() in LABEL_NAMES), None)
        return inputs, label
    if isinstance(item, tuple | list) and len(item) >= 2 and not _is_vector(item):
        names = ("x",) if len(item) == 2 else tuple(f"x{n}" for n in range(len(item) - 1))
        return dict(zip(names, item[:-1], strict=True)), item[-1]
    return {"x": item}, None


def _is_vector(item: Any) -> bool:
    return isinstance(item, list) and all(isinstance(value, int | float) for value in item)


def _plain(value: Any) -> Any:
    """A torch tensor as an array; other things as they are."""
    for step in ("detach", "cpu", "numpy"):
        value = getattr(value, step)() if hasattr(value, step) else value
    return value


def _array(value: Any, path: Path) -> Any:
    """An array, or a text."""
    if isinstance(value, str):
        return value
    with user_code(path):
        array = np.asarray(_plain(value))
    if array.dtype.kind not in "biuf":
        raise bad(path, f"gives a sample of type {type(value).__name__}.", HOW)
    return array
