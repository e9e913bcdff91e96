"""Trials as data: results that a project keeps, and answers to single samples that it compares.

`Compressed` becomes what JSON can say, and back, without losing anything. Fields that a newer
version has added are left out when read; those that an older one did not have get their defaults.
"""

from __future__ import annotations

import dataclasses
import enum
import io
import math
import types
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.frozen import FrozenMap
from engine.info import Compressed, NetworkInfo
from engine.paths import write_atomically

Kind = TypeVar("Kind")
UNKNOWN = -1
"""Where there is no label, or a network gave no finite answer."""
_NONFINITE = "nonfinite"
_LARGEST = 1 << 30
"""Bytes of a file of answers; 100 million samples are in none."""


def compressed_to_data(result: Compressed) -> dict[str, Any]:
    """A result as dicts, lists, texts and numbers that `json` writes."""
    data: dict[str, Any] = _to_data(result)
    return data


def compressed_from_data(data: Mapping[str, Any]) -> Compressed:
    """The inverse.

    Raises:
        EngineError: The data is no such result.
    """
    return _checked(Compressed, data)


def network_to_data(info: NetworkInfo) -> dict[str, Any]:
    """A description of a network likewise."""
    data: dict[str, Any] = _to_data(info)
    return data


def network_from_data(data: Mapping[str, Any]) -> NetworkInfo:
    """The inverse.

    Raises:
        EngineError: The data is no such description.
    """
    return _checked(NetworkInfo, data)


def plain(value: Any) -> Any:
    """Any frozen dataclass of the light tier, as what `json` writes."""
    return _to_data(value)


def restored(kind: type[Kind], data: Any) -> Kind:
    """The inverse of `plain`, for a dataclass of this kind.

    Raises:
        EngineError: The data is no such value.
    """
    return _checked(kind, data)


def _to_data(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _to_data(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _to_data(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_to_data(one) for one in value]
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return {_NONFINITE: repr(value)}  # JSON has no word for it
    return value


def _checked(kind: type[Kind], data: Any) -> Kind:
    try:
        result: Kind = _from_data(kind, data)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise EngineError(
            f"A stored result cannot be read: {error}",
            hint="It is damaged, or was written by another version of this program.",
        ) from error
    return result


def _from_data(kind: Any, data: Any) -> Any:
    """Data of a declared type."""
    if isinstance(data, Mapping) and data.keys() == {_NONFINITE}:
        return float(data[_NONFINITE])
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _of_union(get_args(kind), data)
    if origin is tuple:
        return _of_tuple(get_args(kind), data)
    if origin is FrozenMap:
        (inner,) = get_args(kind)
        return FrozenMap({str(key): _from_data(inner, one) for key, one in data.items()})
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        known = [name for name in data if name in hints]
        return kind(**{name: _from_data(hints[name], data[name]) for name in known})
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(data)
    allowed = (int, float) if kind is float else kind
    if not isinstance(data, allowed) or (isinstance(data, bool) and kind is not bool):
        raise TypeError(f"{data!r:.80} is not {kind.__name__}")
    return data


def _of_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        if type(None) in kinds:
            return None
        raise TypeError("a value is missing")
    plain = [kind for kind in kinds if kind in (bool, int, float, str)]
    if any(type(data) is kind for kind in plain):
        return data
    others = [kind for kind in kinds if kind is not type(None)]
    if len(others) != 1:
        raise TypeError(f"{data!r:.80} is none of what it may be")
    return _from_data(others[0], data)


def _of_tuple(kinds: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if not isinstance(data, (list, tuple)):
        raise TypeError(f"{data!r:.80} is not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        if kinds[0] in (int, str) and all(type(one) is kinds[0] for one in data):
            return tuple(data)  # histograms and rows of confusion matrices
        return tuple(_from_data(kinds[0], one) for one in data)
    return tuple(_from_data(kind, one) for kind, one in zip(kinds, data, strict=True))


@lru_cache(maxsize=64)
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What two networks said to each evaluation sample.

    Attributes:
        split: That the samples are of.
        indices: Of the samples in it, ascending; int64 `[N]`.
        labels: Class numbers, `UNKNOWN` where there is none; int32.
        original: Class that the original gave, `UNKNOWN` for none; int32.
        compressed: Likewise of the compressed network.
        original_confidence: Probability of that class, NaN where not known; float32.
        compressed_confidence: Likewise.
        classes: Names; empty where they have none.
    """

    split: str
    indices: NDArray[np.int64]
    labels: NDArray[np.int32]
    original: NDArray[np.int32]
    compressed: NDArray[np.int32]
    original_confidence: NDArray[np.float32]
    compressed_confidence: NDArray[np.float32]
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def changed(self) -> NDArray[np.int64]:
        """Places of the samples whose class the compression changed."""
        return np.flatnonzero(self.original != self.compressed)


_KINDS: dict[str, Any] = {
    "indices": np.int64,
    "labels": np.int32,
    "original": np.int32,
    "compressed": np.int32,
    "original_confidence": np.float32,
    "compressed_confidence": np.float32,
}


def save_answers(answers: Answers, path: str | Path) -> None:
    """Write them as `.npz`, whole or not at all.

    Raises:
        EngineError: The place cannot be written to.
    """
    arrays: dict[str, Any] = {
        name: np.asarray(getattr(answers, name), kind) for name, kind in _KINDS.items()
    }
    arrays["split"] = np.array(answers.split, np.str_)
    arrays["classes"] = np.array(answers.classes, np.str_)
    memory = io.BytesIO()
    np.savez_compressed(memory, allow_pickle=False, **arrays)
    try:
        write_atomically(Path(path), memory.getvalue())
    except OSError as error:
        raise EngineError(
            f"{path} cannot be written: {error.strerror or error}",
            hint="Choose another place, or make room.",
            where=str(path),
        ) from None


def load_answers(path: str | Path) -> Answers:
    """Read them again.

    Raises:
        EngineError: There is no such file, or it holds something else.
    """
    try:
        if Path(path).stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        # from memory, because numpy leaves a broken file open
        with np.load(io.BytesIO(Path(path).read_bytes()), allow_pickle=False) as file:
            found = {name: file[name] for name in (*_KINDS, "split", "classes")}
        arrays = {name: _as(found[name], kind) for name, kind in _KINDS.items()}
        if len({array.shape for array in arrays.values()}) != 1:
            raise ValueError("its arrays differ in length")
        classes = tuple(str(name) for name in found["classes"])
        return Answers(split=str(found["split"]), classes=classes, **arrays)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _unreadable(path, str(error) or type(error).__name__) from None


def _as(array: Any, kind: Any) -> Any:
    if not isinstance(array, np.ndarray) or array.ndim != 1 or array.dtype != kind:
        raise ValueError("it holds something else")
    return array


def _unreadable(path: str | Path, why: str) -> EngineError:
    return EngineError(
        f"{path} does not hold a trial's answers: {why}",
        hint="Run the trial again.",
        where=str(path),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Versus:
    """Two networks over the samples that both have answered.

    Attributes:
        split: That the samples are of.
        indices: Of the samples in it.
        labels: Class numbers, or `UNKNOWN`.
        first: The first network's class for each.
        second: The second's.
        first_confidence: Probability of that class.
        second_confidence: Likewise.
        classes: Names.
        changed: Places of samples whose class differs: those that were right and are wrong first,
            then those that were wrong and are right, then the others; in each, the surer first.
        per_class: For each class its samples, and of them how many each network has right.
    """

    split: str
    indices: NDArray[np.int64]
    labels: NDArray[np.int32]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    first_confidence: NDArray[np.float32]
    second_confidence: NDArray[np.float32]
    classes: tuple[str, ...]
    changed: NDArray[np.int64] = field(init=False)
    per_class: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changed", self._in_order())
        object.__setattr__(self, "per_class", self._by_class())

    def _in_order(self) -> NDArray[np.int64]:
        places = np.flatnonzero(self.first != self.second)
        labels = self.labels[places]
        known = labels != UNKNOWN
        lost = known & (self.first[places] == labels)
        won = known & (self.second[places] == labels)
        sure = np.nan_to_num(self.first_confidence + self.second_confidence)[places]
        kind = np.where(lost, 0, np.where(won, 1, 2))
        return np.asarray(places[np.lexsort((-sure, kind))], np.int64)

    def _by_class(self) -> NDArray[np.int64]:
        """`[classes, 3]`: samples, right by the first, right by the second."""
        known = self.labels >= 0
        labels = self.labels[known]
        count = max(len(self.classes), int(labels.max(initial=-1)) + 1)
        columns = [
            np.bincount(labels[rows], minlength=count)
            for rows in (
                np.ones(len(labels), np.bool_),
                self.first[known] == labels,
                self.second[known] == labels,
            )
        ]
        return np.stack(columns, axis=1).astype(np.int64)


def versus(first: Answers, second: Answers | None = None) -> Versus:
    """Compare the compressed networks of two trials.

    Args:
        first: One trial's answers.
        second: Another's over the same data; None: this trial's original against its compressed.

    Raises:
        EngineError: They answered different samples.
    """
    other = first if second is None else second
    common, a, b = np.intersect1d(
        first.indices, other.indices, assume_unique=True, return_indices=True
    )
    if first.split != other.split or not common.size:
        raise EngineError(
            "The two trials were measured on different samples",
            hint="Run one of them again on the other's data.",
        )
    left, sure = first.compressed, first.compressed_confidence
    if second is None:
        left, sure = first.original, first.original_confidence
    return Versus(
        split=first.split,
        indices=common,
        labels=first.labels[a],
        first=left[a],
        second=other.compressed[b],
        first_confidence=sure[a],
        second_confidence=other.compressed_confidence[b],
        classes=first.classes or other.classes,
    )
