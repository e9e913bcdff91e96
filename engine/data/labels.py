"""Labels of any form → numbers: class indices, or values to predict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.failures import bad, listed, shape_text
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]
LARGEST_LABEL = 1 << 31
NOT_CLASSES = (Task.REGRESSION, Task.MULTILABEL, Task.DETECTION)


@dataclass(frozen=True)
class Targets:
    """Labels of every split.

    Attributes:
        values: Split → int64 `[n]` for classes, float32 `[n]` or `[n, k]` for values.
        names: Class names in the order of the numbers; empty where there are none.
        task: What the labels are for.
        notes: What was assumed.
        problem: Why the names do not go with those of the preprocessing; else empty.
    """

    values: Mapping[str, Array]
    names: tuple[str, ...]
    task: Task | None
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Matched:
    """Class names as found → numbers: `numbers[i]` is the label of `found[i]`."""

    numbers: Array
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    problem: str = ""


def match_names(found: tuple[str, ...], labels: tuple[str, ...]) -> Matched:
    """Number the class names that the data has as the network's outputs are numbered.

    Without `labels` (names in the order of the outputs) they are numbered as sorted.
    """
    in_order = np.arange(len(found), dtype=np.int64)
    if not labels:
        return Matched(in_order, found)
    for key in (str, _loosely):
        index = {key(name): number for number, name in enumerate(labels)}
        if len(index) == len(labels) and all(key(name) in index for name in found):
            return Matched(np.array([index[key(name)] for name in found], np.int64), labels)
    if all(name.isdecimal() and int(name) < len(labels) for name in found):
        numbers = np.array([int(name) for name in found], np.int64)
        return Matched(numbers, labels, ("Class names in the data are taken as label numbers.",))
    known = {_loosely(name) for name in labels}
    strange = [name for name in found if _loosely(name) not in known]
    if len(strange) == len(found) == len(labels):
        note = (
            f"No class name in the data ({listed(found, 3)}) is among the labels "
            f"({listed(labels, 3)}); they are paired in sorted order."
        )
        return Matched(in_order, labels, (note,))
    problem = (
        f"The data has {len(found)} classes, of which {listed(strange)} "
        f"{'is' if len(strange) == 1 else 'are'} not among the {len(labels)} labels "
        f"({listed(labels)})."
    )
    return Matched(in_order, found, problem=problem)


def _loosely(name: str) -> str:
    return name.casefold().strip().replace("_", " ").replace("-", " ")


def targets_of(
    raw: Mapping[str, Array], preprocessing: Preprocessing, place: str, class_names: tuple[str, ...]
) -> Targets:
    """Understand the labels of all splits together.

    Args:
        raw: Split → labels as stored: numbers, strings, or one row per sample.
        preprocessing: Says what the classes are called, and what the task is, if anything does.
        place: File that an error is about.
        class_names: Names that the file itself gives, for numbers.

    Raises:
        DataError: Labels that are neither numbers nor strings, or not a number.
    """
    arrays = {split: _squeezed(array) for split, array in raw.items()}
    kinds = {array.dtype.kind for array in arrays.values()}
    if kinds <= set("US"):
        return _from_strings(arrays, preprocessing)
    if not kinds <= set("biuf"):
        raise bad(place, "has labels that are neither numbers nor texts.", "Store numbers.")
    for array in arrays.values():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0])
            raise bad(place, f"has a label that is not a number, at sample {row}.", "Mend it.")
    names = preprocessing.labels or class_names
    task = preprocessing.task
    if task in NOT_CLASSES:
        return Targets({s: _float32(a) for s, a in arrays.items()}, (), task)
    if all(_is_one_hot(array) for array in arrays.values()):
        values = {split: array.argmax(axis=1).astype(np.int64) for split, array in arrays.items()}
        return Targets(values, names, Task.CLASSIFICATION, ("Labels are one-hot.",))
    if all(_is_whole(array) for array in arrays.values()):
        values = {split: array.astype(np.int64) for split, array in arrays.items()}
        return Targets(values, names, task or Task.CLASSIFICATION)
    if task is Task.CLASSIFICATION:
        shape = shape_text(next(iter(arrays.values())).shape)
        raise bad(
            place,
            f"has labels that are not class numbers ({shape}, with fractions or several per "
            "sample).",
            "Store one whole number per sample, or set the task to regression.",
        )
    values = {split: _float32(array) for split, array in arrays.items()}
    return Targets(values, (), task or Task.REGRESSION, ("Labels are values to predict.",))


def _float32(array: Array) -> Array:
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


def _squeezed(array: Array) -> Array:
    """`[n, 1]` is `[n]`."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _is_one_hot(array: Array) -> bool:
    if array.ndim != 2 or array.shape[1] < 2 or not len(array):
        return False
    return bool(np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all())


def _is_whole(array: Array) -> bool:
    if array.ndim != 1:
        return False
    return array.dtype.kind in "biu" or bool(
        ((array == np.floor(array)) & (np.abs(array) < LARGEST_LABEL)).all()
    )


def _from_strings(arrays: Mapping[str, Array], preprocessing: Preprocessing) -> Targets:
    texts = {
        split: np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
        for split, array in arrays.items()
    }
    found = np.unique(np.concatenate([array.reshape(-1) for array in texts.values()]))
    matched = match_names(tuple(str(name) for name in found), preprocessing.labels)
    values = {s: matched.numbers[np.searchsorted(found, array)] for s, array in texts.items()}
    return Targets(
        values, matched.names, Task.CLASSIFICATION, matched.notes, problem=matched.problem
    )
