"""What the makers of broken files share.

What would run code creates the file `RAN` in the folder; no test may ever find it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RAN = "it-ran"


@dataclass(frozen=True)
class Broken:
    """One file.

    Attributes:
        name: Of the case.
        make: Writes it into a folder and returns its path.
        words: What the answer must contain, in lower case.
        outcome: `refused` (ModelError), `trust` (TrustRequired), `inspection` (a table, no network;
            `words` in the reason) or `opens` (`words` in the warnings).
        architecture: For weights; made in the folder.
    """

    name: str
    make: Callable[[Path], Path]
    words: tuple[str, ...]
    outcome: str = "refused"
    architecture: str = ""
    shapes: Mapping[str, str] = field(default_factory=dict)


class Runs:
    """Unpickling it creates the file."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / RAN)

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (self.path, "w"))


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def zipped(name: str, entries: Mapping[str, bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        with zipfile.ZipFile(path, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return path

    return make


def truncated(write: Callable[[Path], Path], part: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])
        return path

    return make


def rezipped(
    path: Path,
    change: Callable[[str, bytes], bytes | None],
    extra: Iterable[tuple[str, bytes]] = (),
) -> Path:
    """Rewrite an archive's entries; those for which `change` gives None are left out."""
    with zipfile.ZipFile(path) as old:
        entries = [(info.filename, old.read(info)) for info in old.infolist()]
    root = entries[0][0].partition("/")[0]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in entries:
            changed = change(name, content)
            if changed is not None:
                new.writestr(name, changed)
        for name, content in extra:
            new.writestr(f"{root}/{name}", content)
    return path
