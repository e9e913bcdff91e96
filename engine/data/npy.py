"""`.npy` files and `.npz` archives, array by array, without unpickling or reading it all.

Only the header of each array is read at first. An array that is stored plainly is then read row
by row from where it stands; a compressed one is decompressed once, when it is first needed.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.data.failures import bad, reading, size_text
from engine.data.rows import CHUNK, FileRows, LazyRows, Rows, Spool
from engine.jobs.job import Job

LOCAL_HEADER = 30
"""Bytes before a member's name in a zip file (APPNOTE 4.3.7)."""
MOST_ARRAYS = 10_000
BOMB_RATIO = 200
BOMB_SIZE = 2 << 30
"""An array that says it expands by more than the one, and to more than the other, is refused."""
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def open_npz(path: Path) -> dict[str, Rows]:
    """The arrays of an archive by name, not read yet.

    Raises:
        DataError: Not an archive of arrays, damaged, or with Python objects inside.
    """
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.infolist() if m.filename.endswith(".npy")]
                if not members:
                    raise bad(path, "holds no arrays.", "Write it with numpy.savez.")
                if len(members) > MOST_ARRAYS:
                    raise bad(path, f"holds {len(members)} arrays, which is too many.")
                return {m.filename.removesuffix(".npy"): _member(path, archive, m) for m in members}
        except BROKEN_ZIP as error:
            raise bad(path, _damage(error), "Write it again with numpy.savez.") from None


def open_npy(path: Path) -> Rows:
    """One array, not read yet.

    Raises:
        DataError: Not an array, cut short, or with Python objects inside.
    """
    with reading(path), path.open("rb") as file:
        shape, fortran, dtype = _header(path, file)
        offset = file.tell()
        present = path.stat().st_size - offset
    _complete(path, shape, dtype, present)
    if fortran and len(shape) > 1:
        return _transposed(path, shape, dtype, FileRows(path, offset, shape[::-1], dtype))
    return FileRows(path, offset, shape, dtype)


def _damage(error: Exception) -> str:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return "is encrypted."
    if isinstance(error, NotImplementedError):
        return "uses a compression that cannot be read here."
    return "is not an .npz archive, or is damaged."


def _header(name: str | Path, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether in Fortran order, and type; the file then stands at the data."""
    try:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, fortran, dtype = read(file)
    except (OSError, zipfile.BadZipFile, zlib.error):
        raise
    except Exception:  # noqa: BLE001  (numpy parses the header as Python: anything may come of it)
        raise bad(name, "is not a numpy array, or is damaged.", "Write it again.") from None
    if dtype.hasobject:
        raise bad(
            name,
            "holds Python objects, which are stored as a pickle that could run code.",
            "Save arrays of numbers, or texts with dtype=str.",
        )
    if dtype.kind not in "biufUS" or dtype.itemsize == 0:
        raise bad(name, f"has the type {dtype}, which no network reads.", "Store numbers.")
    if not shape:
        raise bad(name, "is a single number, not an array of samples.")
    if any(dim < 0 for dim in shape):
        raise bad(name, f"says that its shape is {shape}.", "Write it again.")
    return shape, bool(fortran), dtype


def _complete(
    name: str | Path, shape: tuple[int, ...], dtype: np.dtype[Any], present_bytes: int
) -> None:
    said = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if said > present_bytes:
        raise bad(
            name,
            f"is cut short: its header promises {size_text(said)}, and there are "
            f"{size_text(present_bytes)}.",
            "Write or copy it again.",
        )


def _member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Rows:
    name = f"{path} ({member.filename})"
    with archive.open(member) as file:
        shape, fortran, dtype = _header(name, file)
        header_bytes = file.tell()
    _complete(name, shape, dtype, member.file_size - header_bytes)
    compressed = member.compress_type != zipfile.ZIP_STORED
    ratio = member.file_size / max(member.compress_size, 1)
    if compressed and ratio > BOMB_RATIO and member.file_size > BOMB_SIZE:
        raise bad(
            name,
            f"would grow from {size_text(member.compress_size)} to "
            f"{size_text(member.file_size)} when decompressed, so it is not opened.",
            "If that is really its size, store it with numpy.savez instead.",
        )
    backward = fortran and len(shape) > 1
    stored = shape[::-1] if backward else shape
    rows: Rows
    if compressed:
        rows = LazyRows(
            stored,
            dtype,
            lambda job: _decompressed(path, member, header_bytes, (stored, dtype), job),
        )
    else:
        offset = _data_offset(path, member) + header_bytes
        rows = FileRows(path, offset, stored, dtype)
    return _transposed(name, shape, dtype, rows) if backward else rows


def _data_offset(path: Path, member: zipfile.ZipInfo) -> int:
    """Where a member's bytes start: the lengths in the local header count, not the directory's."""
    with path.open("rb") as file:
        file.seek(member.header_offset)
        header = file.read(LOCAL_HEADER)
    name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    return member.header_offset + LOCAL_HEADER + name + extra


def _decompressed(
    path: Path,
    member: zipfile.ZipInfo,
    skip: int,
    form: tuple[tuple[int, ...], np.dtype[Any]],
    job: Job | None,
) -> Rows:
    """Unpack one member, in memory where it is small."""
    total = member.file_size - skip
    spool = Spool(path)
    with reading(path):
        try:
            with zipfile.ZipFile(path) as archive, archive.open(member) as file:
                file.read(skip)
                while chunk := file.read(CHUNK):
                    spool.write(chunk)
                    if job is not None:
                        job.checkpoint(f"Unpacking {path.name}", spool.size, total)
        except BROKEN_ZIP as error:
            raise bad(path, _damage(error), "Write it again with numpy.savez.") from None
    shape, dtype = form
    _complete(path, shape, dtype, spool.size)
    return spool.rows(shape, dtype)


def _transposed(name: str | Path, shape: tuple[int, ...], dtype: np.dtype[Any], rows: Rows) -> Rows:
    """An array in Fortran order has no rows in the file: it is read whole."""

    def make(job: Job | None) -> Rows:
        if job is not None:
            rows.ready(job)
        total = int(np.prod(shape, dtype=object)) * dtype.itemsize
        spool = Spool(name)
        if total > spool.most_memory:
            raise bad(
                name,
                f"is stored in Fortran order, and {size_text(total)} is too much to turn round.",
                "Save numpy.ascontiguousarray of it.",
            )
        spool.write(np.ascontiguousarray(rows.span(0, len(rows)).T).tobytes())
        return spool.rows(shape, dtype.newbyteorder("="))

    return LazyRows(shape, dtype.newbyteorder("="), make)
