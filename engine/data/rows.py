"""Samples of equal size, in memory or on disk, read by index.

Files are read with `seek`, not mapped: a mapped file that another program shortens kills the
process that reads it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from engine.data.failures import LARGEST_SAMPLE, bad, memory_budget, reading, size_text
from engine.jobs.job import Job

Array = np.ndarray[Any, Any]
CHUNK = 1 << 20
"""Bytes that are copied between two looks at the job."""


class Rows(ABC):
    """`shape[0]` samples of shape `shape[1:]`."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __len__(self) -> int:
        return self.shape[0]

    @abstractmethod
    def read(self, indices: Array) -> Array:
        """The samples at `indices`, in that order: `[len(indices), *shape[1:]]`."""

    def span(self, start: int, stop: int) -> Array:
        """The samples from `start` to `stop`."""
        return self.read(np.arange(start, stop))

    def ready(self, job: Job) -> None:
        """Do the long work before the first read, where there is any."""
        job.checkpoint()


class MemoryRows(Rows):
    """An array."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.shape = array.shape
        self.dtype = array.dtype

    def read(self, indices: Array) -> Array:
        """A copy of the rows."""
        picked: Array = self.array[indices]
        return picked

    def span(self, start: int, stop: int) -> Array:
        """A view of the rows."""
        return self.array[start:stop]


class FileRows(Rows):
    """Rows that stand one after another in a file, C order, from `offset` on.

    Raises:
        DataError: From `read`, where the file has been changed since, or cannot be read.
    """

    def __init__(
        self, path: Path, offset: int, shape: tuple[int, ...], dtype: Any, keep: object = None
    ) -> None:
        self._keep = keep  # what removes a temporary file once nobody reads it
        self.path = path
        self.offset = offset
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.row_bytes = int(np.prod(shape[1:], dtype=object)) * self.dtype.itemsize
        if self.row_bytes > LARGEST_SAMPLE:
            raise bad(
                path,
                f"has samples of {size_text(self.row_bytes)} each, which is too large.",
                "The first axis must count the samples.",
            )
        with reading(path):
            status = path.stat()
        self._state = (status.st_size, status.st_mtime_ns)

    def read(self, indices: Array) -> Array:
        """The rows, read run by run."""
        breaks = np.flatnonzero(np.diff(indices) != 1) + 1
        starts = indices[[0, *breaks.tolist()]].tolist() if len(indices) else []
        lengths = np.diff([0, *breaks.tolist(), len(indices)]).tolist()
        return self._runs(zip(starts, lengths, strict=False), len(indices))

    def span(self, start: int, stop: int) -> Array:
        """The rows, in one read."""
        return self._runs([(start, stop - start)], stop - start)

    def _runs(self, runs: Iterable[tuple[int, int]], count: int) -> Array:
        """Read (first row, number of rows) after one another: `[count, *shape[1:]]`."""
        out = np.empty((count, *self.shape[1:]), self.dtype)
        if out.size:
            target = out.reshape(-1).view(np.uint8).data
            with reading(self.path), self.path.open("rb", buffering=0) as file:
                for start, length in runs:
                    file.seek(self.offset + start * self.row_bytes)
                    self._fill(file, target[: length * self.row_bytes])
                    target = target[length * self.row_bytes :]
                self._same()
        native: Array = out.astype(self.dtype.newbyteorder("="), copy=False)
        return native

    def _fill(self, file: Any, target: memoryview) -> None:
        while target:
            count = file.readinto(target)
            if not count:
                raise bad(self.path, "has become shorter while it was open.", "Open it again.")
            target = target[count:]

    def _same(self) -> None:
        status = self.path.stat()
        if (status.st_size, status.st_mtime_ns) != self._state:
            raise bad(self.path, "was changed while it was open.", "Open it again.")


class LazyRows(Rows):
    """Rows that are made when they are first needed (an array to be decompressed)."""

    def __init__(
        self, shape: tuple[int, ...], dtype: Any, make: Callable[[Job | None], Rows]
    ) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self._make = make
        self._rows: Rows | None = None
        self._lock = threading.Lock()

    def read(self, indices: Array) -> Array:
        """The rows, once they are made."""
        return self._made(None).read(indices)

    def ready(self, job: Job) -> None:
        """Make them now, as a part of the job."""
        self._made(job)

    def _made(self, job: Job | None) -> Rows:
        with self._lock:
            if self._rows is None:
                self._rows = self._make(job)
            return self._rows


class Spool:
    """Bytes as they come in: in memory while they are few, in a temporary file from then on.

    The file goes away with the last object that reads from it, or with the process.
    """

    def __init__(self, name: str | Path, most_memory: int | None = None) -> None:
        self._name = name
        self.most_memory = memory_budget() if most_memory is None else most_memory
        self._memory = bytearray()
        self._file: BinaryIO | None = None
        self._path = Path()
        self._folder: Scratch | None = None
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add to the end.

        Raises:
            DataError: No room on the disk.
        """
        self.size += len(data)
        if self._file is None and self.size <= self.most_memory:
            self._memory += data
            return
        try:
            if self._file is None:
                self._folder = Scratch()
                self._path = self._folder.path / "rows"
                self._file = self._path.open("wb")
                weakref.finalize(self, self._file.close)
                self._file.write(self._memory)
                self._memory = bytearray()
            self._file.write(data)
        except OSError as error:
            self.close()
            raise bad(
                self._name,
                f"needs a temporary file of {size_text(self.size)} or more, which cannot be "
                f"written: {error.strerror or error}.",
                "Free some room, or let TMPDIR name a folder on a larger disk.",
            ) from None

    def close(self) -> None:
        """Write out what is still on its way."""
        if self._file is not None:
            self._file.close()

    def rows(self, shape: tuple[int, ...], dtype: Any) -> Rows:
        """What was written, as rows."""
        self.close()
        if self._file is None:
            return MemoryRows(np.frombuffer(self._memory, dtype).reshape(shape))
        return FileRows(self._path, 0, shape, dtype, keep=self._folder)


class Scratch:
    """A temporary folder that is removed when nothing uses it any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="espalier-"))
        self._remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


class Blobs:
    """Byte strings of any length: number i is bytes `offsets[i]` to `offsets[i + 1]`."""

    def __init__(self, rows: Rows, offsets: Array) -> None:
        self._rows = rows
        self._offsets = offsets

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def read(self, indices: Array) -> list[bytes]:
        """Each string."""
        spans = [(int(self._offsets[i]), int(self._offsets[i + 1])) for i in indices]
        return [self._rows.span(start, stop).tobytes() for start, stop in spans]
