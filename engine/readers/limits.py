"""What a file may cost: checks that run before anything reads it, and bounds while it is read."""

from __future__ import annotations

import errno
import os
import stat
import struct
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.errors import ModelError

MIB = 1 << 20
GIB = 1 << 30

ENTRIES = 100_000
"""Entries of an archive; the largest real networks have some ten thousand tensors."""
DIRECTORY_BYTES = 64 * MIB
NAME_LENGTH = 1_024
EXPANSION = 20
"""Declared size of an archive's contents over its own size; torch itself does not compress."""

UNCERTAIN = (
    "Copy or export it again; if other programs open it, the fault is here: please report it."
)
"""What to do about a file that nothing is known to be wrong with."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child process.

    Attributes:
        seconds: Wall-clock time.
        memory_bytes: Beyond what the process has when it starts.
    """

    seconds: float
    memory_bytes: int


def limits_for(size_bytes: int, *, listing: bool = False) -> Limits:
    """Bounds for reading a file of this size.

    Converting holds the weights several times (parsed, traced, written); a listing holds them at
    most mapped.
    """
    ceiling = int(psutil.virtual_memory().total * 0.8)
    if listing:
        return Limits(60 + size_bytes / (50 * MIB), min(2 * GIB + 2 * size_bytes, ceiling))
    return Limits(300 + size_bytes / (5 * MIB), min(4 * GIB + 8 * size_bytes, ceiling))


def check_file(path: str | Path) -> int:
    """Check that a path is a readable, regular file with something in it.

    Never blocks: a pipe or a device is found out without being opened.

    Returns:
        Its size in bytes.

    Raises:
        ModelError: It is not.
    """
    where = str(path)
    try:
        status = os.stat(path)  # noqa: PTH116  (a Path cannot hold every string that comes in)
        for test, kind in _KINDS:
            if test(status.st_mode):
                hint = "Choose the model file inside it." if kind == "a folder" else ""
                raise ModelError(
                    f"{where} is {kind}, not a model file", hint=hint or _CHOOSE, where=where
                )
        os.close(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)))
    except (OSError, ValueError) as error:
        raise ModelError(_reason(where, error), hint=_CHOOSE, where=_short(where)) from None
    if status.st_size == 0:
        raise ModelError(f"{where} is empty", hint="Copy or download it again.", where=where)
    return status.st_size


_CHOOSE = "Choose a model file."


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:100]}…{text[-60:]}"


def _reason(where: str, error: OSError | ValueError) -> str:
    where = _short(where)
    if isinstance(error, FileNotFoundError):
        return f"There is no file {where}"
    if isinstance(error, PermissionError):
        return f"{where} may not be read by this user"
    if isinstance(error, OSError) and error.errno == errno.ELOOP:
        return f"{where} is a link that leads back to itself"
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return f"The name {where} is too long for a file"
    if isinstance(error, OSError):
        return f"{where} cannot be opened ({error.strerror or error})"
    return f"{where!r} is not a file name"


def open_archive(path: str | Path) -> zipfile.ZipFile:
    """Open a zip archive whose directory is sane; nothing of its contents is read.

    Raises:
        ModelError: It is cut short or damaged, or made to overwhelm its reader.
    """
    where = str(path)
    try:
        _check_directory(Path(path))
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise ModelError(
            f"{where} is a zip archive that is cut short or damaged ({_first_line(error)})",
            hint="Copy or download it again.",
            where=where,
        ) from None
    try:
        check_entries(archive.infolist(), Path(path).stat().st_size, where)
    except BaseException:
        archive.close()
        raise
    return archive


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].lower()


def _check_directory(path: Path) -> None:
    """Bound the directory before `zipfile` reads the whole of it into memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        tail_length = min(size, (1 << 16) + 22 + 20)
        file.seek(size - tail_length)
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            raise zipfile.BadZipFile("its directory is missing")
        entries, directory = struct.unpack_from("<HL", tail, at + 10)
        if entries == 0xFFFF or directory == 0xFFFFFFFF:
            locator = tail.rfind(b"PK\x06\x07", 0, at)
            if locator >= 0:
                (offset,) = struct.unpack_from("<Q", tail, locator + 8)
                if offset >= size:
                    raise zipfile.BadZipFile("its directory is missing")
                file.seek(offset)
                record = file.read(56)
                entries, directory = struct.unpack_from("<QQ", record, 32)
    if entries > ENTRIES or directory > DIRECTORY_BYTES:
        raise ModelError(
            f"{path} is an archive with {entries:,} entries, which no model has",
            hint="It is damaged, or made to overwhelm its reader.",
            where=str(path),
        )


def check_entries(entries: Iterable[zipfile.ZipInfo], size_bytes: int, where: str) -> None:
    """Check an archive's directory: names, declared sizes, overlaps.

    Raises:
        ModelError: A name leaves the archive or occurs twice, or the sizes are those of a zip bomb.
    """
    seen: set[str] = set()
    stored = expanded = 0
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise _refused(where, f"holds an entry whose name leads outside it ({_short(name)!r})")
        if len(name) > NAME_LENGTH or not name.isprintable():
            raise _refused(where, f"holds an entry with an impossible name ({_short(name)!r})")
        if name in seen:
            raise _refused(where, f"holds two entries named {name!r}")
        if entry.flag_bits & 1:
            raise _refused(where, "is encrypted")
        seen.add(name)
        stored += entry.compress_size
        expanded += entry.file_size
    if stored > size_bytes:
        raise _refused(where, "holds entries that overlap, as zip bombs do")
    if expanded > EXPANSION * size_bytes + 64 * MIB:
        raise _refused(
            where, f"would unpack from {size_bytes:,} to {expanded:,} bytes, as zip bombs do"
        )


def _refused(where: str, what: str) -> ModelError:
    return ModelError(f"{where} {what}", hint="It was not opened.", where=where)


def record_offset(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int | None:
    """Where a stored (not compressed) entry's bytes start in the file; None if compressed.

    Raises:
        zipfile.BadZipFile: The entry lies outside the file.
    """
    if entry.compress_type != zipfile.ZIP_STORED or archive.fp is None:
        return None
    archive.fp.seek(0, os.SEEK_END)
    size = archive.fp.tell()
    archive.fp.seek(entry.header_offset)
    header = archive.fp.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{entry.filename} has no header")
    name, extra = struct.unpack_from("<HH", header, 26)
    offset = entry.header_offset + 30 + int(name) + int(extra)
    if offset + entry.file_size > size or entry.file_size != entry.compress_size:
        raise zipfile.BadZipFile(f"{entry.filename} ends outside the file")
    return offset
