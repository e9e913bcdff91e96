"""Pickles, read without running them.

Unpickling is a small program that may call anything it can import. Here every class and function
that it asks for is replaced by an inert stand-in that only remembers what was passed to it, so the
structure of a file of `torch.save` can be listed before anyone has said that it is trusted.
"""

from __future__ import annotations

import collections
import io
import pickle
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.errors import ModelError
from engine.readers.limits import MIB, open_archive, record_offset
from engine.readers.stored import Stored, dtype_of

PICKLE_BYTES = 256 * MIB
"""Of a pickle without its tensors; that of a network of 10,000 tensors has some 2 MiB."""
GLOBALS = 20_000
_SAFE = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("builtins", "set"): set,
    ("__builtin__", "set"): set,
}
_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "UntypedStorage": "uint8",
    "QInt8Storage": "int8",
    "QUInt8Storage": "uint8",
    "QInt32Storage": "int32",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}


class Thing:
    """What a pickle made with a class or function that was never imported.

    Attributes:
        path: `module.name` of that class or function.
        args: What it was called with.
        state: What was set on the result.
        items: What was put into it, for lists and dictionaries of unknown classes.
    """

    path = ""
    args: tuple[Any, ...]
    state: Any
    items: list[Any]

    def __new__(cls, *args: Any, **_: Any) -> Thing:
        """Remember the arguments, nothing else."""
        self = object.__new__(cls)
        self.args, self.state, self.items = args, None, []
        return self

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def __setstate__(self, state: Any) -> None:
        """Remember the state."""
        self.state = state

    def append(self, item: Any) -> None:
        """Remember an item."""
        self.items.append(item)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Remember an item with its key."""
        self.items.append((key, value))


@dataclass(slots=True)
class Unpickled:
    """A pickle's structure.

    Attributes:
        root: The object: built-in values, and `Thing`s for everything else.
        imports: What it would have imported, as `module.name`, in order.
    """

    root: Any
    imports: list[str] = field(default_factory=list)


class _Inert(pickle.Unpickler):
    """Never imports: `find_class` makes stand-ins, and only they can be called."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="latin-1")
        self.imports: dict[str, type] = {}

    def find_class(self, module: str, name: str) -> Any:
        path = f"{module}.{name}"
        if path not in self.imports:
            if len(self.imports) >= GLOBALS:
                raise pickle.UnpicklingError("it names more classes than any network has")
            made = type("Thing", (Thing,), {"path": path, "__slots__": ()})
            self.imports[path] = _SAFE.get((module, name), made)
        return self.imports[path]

    def persistent_load(self, pid: Any) -> Any:
        if isinstance(pid, tuple) and len(pid) > 1 and pid[0] == "module":
            return pid[1]  # how old files wrap the class of a module
        return Storage.of(pid)


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a pickle says a tensor's values are: a record's name, their type and number."""

    key: str
    dtype: str
    values: int

    @staticmethod
    def of(pid: Any) -> Storage:
        """From the persistent id `("storage", class, key, device, values)`."""
        if not isinstance(pid, tuple) or len(pid) < 5 or pid[0] != "storage":
            raise pickle.UnpicklingError("it refers to something that is not a tensor")
        name = str(getattr(pid[1], "path", "")).rpartition(".")[2]
        view = len(pid) > 5 and pid[5] is not None  # part of another storage, in very old files
        key = f"view of {pid[2]}" if view else str(pid[2])
        return Storage(key, _STORAGES.get(name, "uint8"), int(pid[4]))


def read_pickle(file: BinaryIO) -> Unpickled:
    """Read one pickle's structure; executes nothing.

    Raises:
        pickle.UnpicklingError: It is damaged, or not made of what networks are made of.
    """
    reader = _Inert(file)
    try:
        root = reader.load()
    except pickle.UnpicklingError:
        raise
    except MemoryError:
        raise pickle.UnpicklingError("it asks for more memory than there is") from None
    except Exception as error:  # noqa: BLE001  (stand-ins fail in any way)
        raise pickle.UnpicklingError(f"{type(error).__name__}: {error}") from None
    return Unpickled(root, list(reader.imports))


@dataclass(slots=True)
class TorchFile:
    """A file of `torch.save` or `torch.jit.save`, its structure alone.

    Attributes:
        root: The pickled object.
        imports: What unpickling it for real would import.
        path: The file.
    """

    root: Any
    imports: list[str]
    path: Path
    _offsets: dict[str, tuple[int, int]]

    def tensor(self, value: Any) -> Stored | None:
        """A pickled tensor or parameter as it lies in the file; None for anything else."""
        for _ in range(4):
            name = getattr(value, "path", "").rpartition(".")[2]
            args = getattr(value, "args", ())
            if (
                name in ("_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter")
                and args
            ):
                value = args[0]
                continue
            if name in ("_rebuild_tensor_v2", "_rebuild_tensor_v3", "_rebuild_tensor"):
                return self._tensor(args, 6 if name.endswith("v3") else None)
            if name == "_rebuild_qtensor":
                return self._tensor(args, None)
            return None
        return None

    def _tensor(self, args: tuple[Any, ...], dtype_at: int | None) -> Stored | None:
        if len(args) < 4 or not isinstance(args[0], Storage):
            return None
        storage, offset, shape, strides = args[:4]
        dtype = storage.dtype
        if dtype_at is not None and len(args) > dtype_at:
            dtype = str(getattr(args[dtype_at], "path", "")).rpartition(".")[2] or dtype
        sizes = tuple(int(n) for n in shape) if isinstance(shape, tuple) else ()
        steps = tuple(int(n) for n in strides) if isinstance(strides, tuple) else ()
        kind = dtype_of(dtype)
        if kind is None or not isinstance(offset, int) or len(steps) != len(sizes):
            return None
        if any(n < 0 for n in (*sizes, *steps)):
            return None
        place = Stored(
            dtype=kind.name,
            shape=sizes,
            identity=f"{storage.key}@{offset}",
            strides=None if steps == _row_by_row(sizes) else steps,
        )
        start, length = self._offsets.get(storage.key, (-1, 0))
        begin = offset * kind.itemsize
        if start < 0 or offset < 0 or begin + place.extent * kind.itemsize > length:
            return place
        return replace(place, path=self.path, offset=start + begin)


def _row_by_row(shape: tuple[int, ...]) -> tuple[int, ...]:
    steps = [1]
    for size in reversed(shape[1:]):
        steps.append(steps[-1] * max(size, 1))
    return tuple(reversed(steps)) if shape else ()


def open_torch(path: Path) -> TorchFile:
    """Read the structure of a file of `torch.save` or TorchScript, old or new; runs nothing.

    Raises:
        ModelError: It is damaged.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
        return _zipped(path) if zipped else _legacy(path)
    except (pickle.UnpicklingError, zipfile.BadZipFile, EOFError, struct.error) as error:
        raise ModelError(
            f"{path} is a file of torch.save that is cut short or damaged ({str(error)[:160]})",
            hint="Copy or save it again.",
            where=str(path),
        ) from None


def _zipped(path: Path) -> TorchFile:
    with open_archive(path) as archive:
        by_tail = {name.partition("/")[2]: name for name in archive.namelist()}
        pickled = by_tail["data.pkl"]
        if archive.getinfo(pickled).file_size > PICKLE_BYTES:
            raise pickle.UnpicklingError("its structure is larger than any network's")
        if "byteorder" in by_tail and archive.read(by_tail["byteorder"]) == b"big":
            raise pickle.UnpicklingError("its tensors are big-endian")
        data = archive.read(pickled)
        offsets = {}
        for tail, name in by_tail.items():
            if tail.startswith("data/"):
                entry = archive.getinfo(name)
                offset = record_offset(archive, entry)
                offsets[tail[5:]] = (-1 if offset is None else offset, entry.file_size)
    found = read_pickle(io.BytesIO(data))
    return TorchFile(found.root, found.imports, path, offsets)


def _legacy(path: Path) -> TorchFile:
    """The format before torch 1.6: five pickles, then for each storage its length and bytes."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for _ in range(3):
            read_pickle(file)
        found = read_pickle(file)
        keys = read_pickle(file).root
        storages = dict(_storages(found.root))
        offsets: dict[str, tuple[int, int]] = {}
        for key in keys if isinstance(keys, list) else []:
            header = file.read(8)
            if len(header) < 8:
                raise EOFError("its tensors are missing")
            (count,) = struct.unpack("<q", header)
            kind = dtype_of(storages.get(str(key), "float32")) or np.dtype(np.uint8)
            length = count * kind.itemsize
            if count < 0 or file.tell() + length > size:
                raise EOFError("its tensors are cut short")
            offsets[str(key)] = (file.tell(), length)
            file.seek(length, 1)
    return TorchFile(found.root, found.imports, path, offsets)


def _storages(root: Any) -> Iterator[tuple[str, str]]:
    for value in walk(root):
        if isinstance(value, Storage):
            yield value.key, value.dtype


def walk(root: Any) -> Iterator[Any]:
    """Every object that hangs below `root`, each once."""
    seen: set[int] = set()
    pending = [root]
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        if isinstance(value, Thing):
            pending += [value.args, value.state, value.items]
        elif isinstance(value, dict):
            pending += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set):
            pending += value
        elif not isinstance(value, Storage):
            continue
        seen.add(id(value))
        yield value
