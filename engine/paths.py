"""Where the program's own files are, and how a file is replaced."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
"""Icons, samples, help: beside the packages in a checkout and in an installed copy alike."""


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: what was there stays until the new content is on disk.

    A link is followed, and the permissions of a file that is replaced are kept.

    Raises:
        OSError: It cannot be written; the old file is untouched.
    """
    target = path.resolve()
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:64]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).chmod(target.stat().st_mode & 0o777 if target.exists() else _default_mode())
        Path(scratch).replace(target)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _default_mode() -> int:
    """What a new file's permissions would be; reading the mask means setting it for a moment."""
    mask = os.umask(0o022)
    os.umask(mask)
    return 0o666 & ~mask
