"""Arrays as a data set: which of them are inputs, which labels, and of which split."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import SPLIT_NAMES, DataSet, Raw, Samples, Split, ordered
from engine.data.failures import bad, listed, shape_text
from engine.data.labels import NOT_CLASSES, Targets, targets_of
from engine.data.npy import open_npy, open_npz
from engine.data.rows import Rows
from engine.jobs.job import Job
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]
INPUT_NAMES = ("x", "input", "inputs", "image", "images", "data", "feature", "features", "text")
LABEL_NAMES = ("y", "label", "labels", "target", "targets")
CLASS_NAMES = ("class_names", "classes", "label_names")
DENSE = 1 << 16
"""Label values per sample from which labels are a picture of their own, read with the sample."""


class ArraySplit(Split):
    """Rows of one array, or of several that go into a network together."""

    def __init__(
        self, name: str, inputs: Mapping[str, Rows], targets: Array | Rows | None = None
    ) -> None:
        super().__init__(name)
        self._inputs = dict(inputs)
        self._targets = targets
        self.labelled = targets is not None
        self.labels = targets if isinstance(targets, np.ndarray) else None
        rows = next(iter(inputs.values()))
        self._length = len(rows)
        is_text = rows.dtype.kind in "US"
        self.dtype = "text" if is_text else rows.dtype.name
        self.sample_shape = None if is_text else tuple(rows.shape[1:])

    def __len__(self) -> int:
        return self._length

    def ready(self, job: Job) -> None:
        """Decompress what is compressed."""
        for rows in self._inputs.values():
            rows.ready(job)

    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Rows as stored."""
        arrays = {name: rows.read(indices) for name, rows in self._inputs.items()}
        inputs: Raw = arrays if len(arrays) > 1 else next(iter(arrays.values()))
        if self.dtype == "text":
            (texts,) = arrays.values()
            inputs = [
                t.decode("utf-8", "replace") if isinstance(t, bytes) else str(t) for t in texts
            ]
        labels = self._targets
        if isinstance(labels, Rows):
            labels = labels.read(indices)
        elif labels is not None:
            labels = labels[indices]
        return Samples(inputs, labels, indices)


def from_npz(path: Path, preprocessing: Preprocessing, job: Job) -> DataSet:
    """The arrays of an `.npz`: `x`/`y`, or `x_train y_train x_test y_test` (and `_val`).

    Other names will do where there is no doubt which is which.

    Raises:
        DataError: No inputs among the arrays, lengths that differ, or a damaged file.
    """
    arrays = open_npz(path)
    names: tuple[str, ...] = ()
    for name in [n for n in arrays if n.lower() in CLASS_NAMES]:
        texts = arrays.pop(name)
        if texts.dtype.kind == "U" and len(texts.shape) == 1:
            names = tuple(str(text) for text in texts.span(0, len(texts)))
    if set(arrays) == {"arr_0", "arr_1"}:
        arrays = {"x": arrays["arr_0"], "y": arrays["arr_1"]}
    return _assemble(path, _by_split(path, arrays), (preprocessing, names), job)


def from_npy(paths: tuple[Path, ...], preprocessing: Preprocessing, job: Job) -> DataSet:
    """A pair of `.npy` files, inputs and labels in either order; or inputs alone.

    Raises:
        DataError: Lengths that differ, or a damaged file.
    """
    rows = [open_npy(path) for path in paths]
    if len(rows) == 2 and _named_as_labels(paths[0]) and not _named_as_labels(paths[1]):
        rows.reverse()
    arrays = dict(zip(("x", "y"), rows, strict=False))
    return _assemble(paths[0], {"all": arrays}, (preprocessing, ()), job)


def _named_as_labels(path: Path) -> bool:
    return bool(set(re.split(r"[_\-. ]", path.stem.lower())) & set(LABEL_NAMES))


def _by_split(path: Path, arrays: Mapping[str, Rows]) -> dict[str, dict[str, Rows]]:
    """Split → `x`, `y` or the arrays' own names → rows."""
    found: dict[str, dict[str, Rows]] = {}
    for name, rows in arrays.items():
        words = [word for word in re.split(r"[_\-]", name) if word]
        split = next((SPLIT_NAMES[w.lower()] for w in words if w.lower() in SPLIT_NAMES), "all")
        base = "_".join(word for word in words if word.lower() not in SPLIT_NAMES) or "x"
        base = "y" if base.lower() in LABEL_NAMES else base
        base = "x" if base.lower() in INPUT_NAMES else base
        if base in found.setdefault(split, {}):
            raise bad(
                path,
                f"has more than one array that could be {base} ({listed(list(arrays))}).",
                "Name them x and y, or x_train, y_train, x_test and y_test.",
            )
        found[split][base] = rows
    if len(found) > 1:
        found.pop("all", None)
    return found


def _assemble(
    path: Path,
    by_split: Mapping[str, dict[str, Rows]],
    meaning: tuple[Preprocessing, tuple[str, ...]],
    job: Job,
) -> DataSet:
    preprocessing, names = meaning
    notes: list[str] = []
    raw: dict[str, Array] = {}
    inputs: dict[str, dict[str, Rows]] = {}
    dense: dict[str, Rows] = {}
    for split, arrays in by_split.items():
        job.checkpoint(f"Opening {path.name}")
        labels = arrays.pop("y", None)
        inputs[split] = _inputs_of(path, split, arrays, notes)
        if labels is None:
            continue
        _same_length(path, split, {**inputs[split], "y": labels})
        if np.prod(labels.shape[1:]) > DENSE or len(labels.shape) > 2:
            dense[split] = labels
        else:
            labels.ready(job)
            raw[split] = labels.span(0, len(labels))
    targets = (
        targets_of(raw, preprocessing, str(path), names)
        if raw
        else Targets({}, names or preprocessing.labels, Task.SEGMENTATION if dense else None)
    )
    if dense and preprocessing.task in (None, *NOT_CLASSES):
        notes.append("Labels are arrays, one per sample.")
    splits: dict[str, Split] = {
        split: ArraySplit(split, inputs[split], targets.values.get(split, dense.get(split)))
        for split in inputs
    }
    return DataSet(
        name=path.name,
        form="text" if any(s.dtype == "text" for s in splits.values()) else "arrays",
        splits=ordered(splits, str(path)),
        class_names=targets.names,
        task=preprocessing.task or targets.task,
        notes=(*notes, *targets.notes),
        label_problem=targets.problem,
        fingerprint=fingerprint_of([path]),
    )


def _inputs_of(
    path: Path, split: str, arrays: dict[str, Rows], notes: list[str]
) -> dict[str, Rows]:
    if "x" in arrays:
        others = [name for name in arrays if name != "x"]
        if others:
            notes.append(f"Arrays left out of {split}: {listed(others)}.")
        arrays = {"x": arrays["x"]}
    if not arrays:
        raise bad(
            path,
            f"has labels but no inputs for the split '{split}'.",
            "Name the inputs x, or x_train and x_test.",
        )
    _same_length(path, split, arrays)
    return arrays


def _same_length(path: Path, split: str, arrays: Mapping[str, Rows]) -> None:
    if len({len(rows) for rows in arrays.values()}) > 1:
        part = "" if split == "all" else f" of {split}"
        shapes = [f"{name} is {shape_text(rows.shape)}" for name, rows in arrays.items()]
        raise bad(
            path,
            f"has arrays{part} with different numbers of samples: {listed(shapes)}.",
            "The first axis of each must count the samples.",
        )


def fingerprint_of(paths: list[Path]) -> str:
    """Changes when one of the files does."""
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        status = path.stat()
        digest.update(f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
