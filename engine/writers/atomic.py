"""Files are written whole or not at all: an existing one is lost only to its complete successor."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.jobs.job import Job

_CHUNK = 8 << 20
_HINTS = {
    errno.ENOSPC: "The disk is full. Free some space, or write to another disk.",
    errno.EDQUOT: "Your quota on this disk is used up. Free some space, or write elsewhere.",
    errno.EACCES: "You may not write there. Choose another folder.",
    errno.EPERM: "You may not write there. Choose another folder.",
    errno.EROFS: "That disk is read-only. Choose another folder.",
    errno.ENOENT: "The folder does not exist. Create it, or choose another.",
    errno.ENOTDIR: "A part of the path is a file. Choose another folder.",
    errno.EISDIR: "There is a folder of that name. Choose another name.",
    errno.ENAMETOOLONG: "The name is too long. Choose a shorter one.",
    errno.EFBIG: "The disk does not hold files of that size. Write to another disk.",
}


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yield the path of a new, empty file; on success it takes the place of `path`.

    It lies on the same disk, and reaches it before the old one goes. If anything fails, the old
    file is as it was and the new one is gone.

    Raises:
        EngineError: The file cannot be written (with what to do: disk full, no such folder, …).
    """
    path = Path(path)
    with writing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        # The file has its final name from the start, which some formats keep inside.
        folder = _part_folder(path)
        folder.mkdir(0o700)
        try:
            new = folder / path.name
            new.touch()
            usual = new.stat().st_mode
            yield new
            # Libraries may have put a private file of their own there.
            new.chmod(stat.S_IMODE(path.stat().st_mode if path.exists() else usual))
            synchronize(new)
            new.replace(path)
            _synchronize_folder(path.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def check_writable(path: str | Path) -> None:
    """Find out before hours of work, not after, that a file cannot be written.

    Raises:
        EngineError: Its folder is missing, or nothing can be written there.
    """
    path = Path(path)
    with writing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        probe = _part_folder(path)
        probe.mkdir(0o700)
        probe.rmdir()


def _part_folder(path: Path) -> Path:
    """A name of its own for each writer, beside the file: two that write the same do not mix."""
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[None]:
    """Turn what the system says about a file that cannot be written into one sentence.

    Raises:
        EngineError: For any `OSError` inside.
    """
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error) or type(error).__name__).rstrip(".")
        raise EngineError(
            f"{path} cannot be written ({why})",
            hint=_HINTS.get(error.errno or 0, "Choose another place."),
            where=str(path),
        ) from error


def synchronize(path: Path) -> None:
    """Wait until a file's contents are on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _synchronize_folder(folder: Path) -> None:
    """Wait until a rename is on the disk, where folders can be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def copy_file(source: Path, target: Path, job: Job) -> None:
    """Copy a file's contents in parts, so that a large one can be cancelled."""
    total, done = source.stat().st_size, 0
    with source.open("rb") as reader, target.open("wb") as writer:
        while part := reader.read(_CHUNK):
            writer.write(part)
            done += len(part)
            job.checkpoint("Writing the file", done, total)
