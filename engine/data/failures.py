"""What is said when data cannot be read, and how much of it may be in memory at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from engine.errors import DataError

MOST_MEMORY = 1 << 30
"""Bytes of a data set that are kept in memory; the rest waits in a temporary file."""
LARGEST_SAMPLE = 1 << 29
"""Bytes; no network that fits in memory reads a larger one."""


def memory_budget() -> int:
    """Bytes that one array may take in memory: a quarter of what is free, at most 1 GiB."""
    return min(MOST_MEMORY, int(psutil.virtual_memory().available) // 4)


def printable(place: str | Path) -> str:
    """File names may hold bytes that are no text, which nothing could print."""
    return str(place).encode("utf-8", "backslashreplace").decode()


def bad(place: str | Path, what: str, hint: str = "") -> DataError:
    """An error whose sentence starts with the file it is about."""
    name = printable(place)
    return DataError(f"{name} {what}", hint=hint, where=name)


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Turn what the operating system says about a file into a sentence."""
    try:
        yield
    except FileNotFoundError:
        raise bad(path, "does not exist.", "Check the path.") from None
    except IsADirectoryError:
        raise bad(path, "is a folder, not a file.") from None
    except OSError as error:
        raise bad(path, f"cannot be read: {error.strerror or error}.") from None


def listed(names: list[str] | tuple[str, ...], most: int = 8) -> str:
    """`a, b and 3 more`, for a sentence."""
    shown = [str(name) for name in names[:most]]
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def shape_text(shape: tuple[int | str, ...]) -> str:
    """`3×32×32`, as shapes are shown."""
    return "×".join(str(dim) for dim in shape) if shape else "single number"


def size_text(size_bytes: float) -> str:
    """`1.5 GB`, for a sentence about room."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size_bytes < 1000 or unit == "GB":
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.1f} {unit}"
        size_bytes /= 1000
    raise AssertionError
