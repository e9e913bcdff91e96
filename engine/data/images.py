"""A folder of class folders of images, with or without folders for the splits above them.

Only names are kept, in one byte string per split: a million of them take about 30 MB. Images are
decoded when they are read. Folders that are links are followed, but none is entered twice.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine.data import pictures
from engine.data.dataset import SPLIT_NAMES, DataSet, Samples, Skipped, Split, ordered
from engine.data.failures import bad, listed, reading
from engine.data.labels import match_names
from engine.jobs.job import Job
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]
OTHER_FORMS = (".npz", ".npy", ".csv", ".tsv", ".parquet", ".py")
MOST_CLASSES = 100_000
DEEPEST = 16
"""Folders within a class folder."""


class Names:
    """Many file names in little memory."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = [0]
        self._offsets: Array = np.zeros(1, np.int64)

    def extend(self, names: list[str]) -> None:
        """Add names at the end."""
        ends = np.empty(len(names), np.int64)
        for number, name in enumerate(names):
            self._text += os.fsencode(name)
            ends[number] = len(self._text)
        self._offsets = np.concatenate([self._offsets, ends])

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def encoded(self, index: int) -> bytes:
        """One name as the file system has it."""
        return bytes(self._text[self._offsets[index] : self._offsets[index + 1]])

    def __getitem__(self, index: int) -> str:
        return os.fsdecode(self.encoded(index))

    def digest(self) -> bytes:
        """Of all names together."""
        return hashlib.blake2b(self._text, digest_size=16).digest()


@dataclass
class _Found:
    """What one split's folder holds: names relative to it, and the class of each."""

    root: Path
    names: Names
    classes: Array


class ImageSplit(Split):
    """Images of one split, in the order of class and name."""

    chunk = 16
    decodes = True
    dtype = "uint8"

    def __init__(self, name: str, found: _Found, labels: Array | None, skipped: Skipped) -> None:
        super().__init__(name)
        self._root = found.root
        self._names = found.names
        self._skipped = skipped
        self.labels = labels
        self.labelled = labels is not None
        self.workers = min(4, os.cpu_count() or 1)

    def __len__(self) -> int:
        return len(self._names)

    def path(self, index: int) -> Path:
        """The file of a sample."""
        return self._root / self._names[index]

    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Decode images; those that cannot be are left out and counted."""
        images: list[Array] = []
        kept: list[int] = []
        for index in indices.tolist():
            try:
                images.append(pictures.decode(self.path(index), preprocessing))
            except pictures.Unreadable as error:
                self._skipped.leave_out(str(self.path(index)), str(error))
            else:
                kept.append(index)
        self._skipped.good(len(kept))
        found = np.array(kept, np.int64)
        return Samples(images, None if self.labels is None else self.labels[found], found)

    def keys(self) -> Array:
        """Of the name below the split's folder, so that a new file changes no other's."""
        return self._keys

    @cached_property
    def _keys(self) -> Array:
        hashes = (
            hashlib.blake2b(self._names.encoded(i), digest_size=8).digest()
            for i in range(len(self))
        )
        return np.frombuffer(b"".join(hashes), np.uint64)


def from_folder(path: Path, preprocessing: Preprocessing, job: Job) -> DataSet:
    """Open a folder of images.

    Class folders are numbered by the preprocessing's labels, by name; without labels as sorted.
    Images that lie directly in a folder without class folders are data without labels.

    Raises:
        DataError: No images in it.
    """
    given, path = path, _unwrapped(path)
    folders, loose = _listing(path)
    splits = {SPLIT_NAMES[f.lower()]: f for f in folders if f.lower() in SPLIT_NAMES}
    # a class may be called "train", but hardly beside another one called "test"
    divided = bool(splits) and (len(splits) == len(folders) or {"train"} < splits.keys())
    roots = {s: path / f for s, f in splits.items()} if divided else {"all": path}
    classes = sorted({c for root in roots.values() for c in _listing(root)[0]})
    if len(classes) > MOST_CLASSES:
        raise bad(path, f"has {len(classes)} folders, too many for classes.", "Name its parent.")
    found = {name: _scan(root, classes, job) for name, root in roots.items()}
    notes = []
    if divided and len(splits) < len(folders):
        others = [f for f in folders if f.lower() not in SPLIT_NAMES]
        notes.append(f"Folders left out: {listed(others)}.")
    if not any(len(part.names) for part in found.values()):
        raise _empty(path, folders, loose)
    if classes and any(_listing(root)[1] for root in roots.values()):
        notes.append("Images outside the class folders are left out.")
    filled = np.unique(np.concatenate([part.classes for part in found.values()]))
    used = tuple(classes[i] for i in filled if i >= 0)
    if len(used) < len(classes) and used:
        notes.append(f"{len(classes) - len(used)} folders hold no images.")
    # empty folders still count where sorted order decides, as they did when the network learned
    matched = match_names(used if preprocessing.labels else tuple(classes), preprocessing.labels)
    numbers = np.full(len(classes), -1, np.int64)
    numbers[[classes.index(c) for c in used] if preprocessing.labels else slice(None)] = (
        matched.numbers
    )
    labelled = bool(classes)
    if len(classes) == 1 and (matched.problem or not preprocessing.labels):
        labelled = False
        notes.append(f"There is one folder alone ({classes[0]}), so the images have no labels.")
        matched = match_names((), preprocessing.labels)
    skipped = Skipped()
    digest = hashlib.blake2b(str(path.resolve()).encode(), digest_size=16)
    opened: dict[str, Split] = {}
    for name, part in found.items():
        digest.update(name.encode() + part.names.digest())
        labels = numbers[part.classes] if labelled else None
        opened[name] = ImageSplit(name, part, labels, skipped)
    return DataSet(
        name=given.name or given.resolve().name,
        form="images",
        splits=ordered(opened, str(path)),
        class_names=matched.names if labelled else preprocessing.labels,
        task=preprocessing.task or (Task.CLASSIFICATION if labelled else None),
        notes=(*notes, *matched.notes),
        label_problem=matched.problem,
        fingerprint=digest.hexdigest(),
        skipped=skipped,
    )


def _unwrapped(path: Path) -> Path:
    """The folder that an archive was unpacked into may hold nothing but another one."""
    for _ in range(DEEPEST):
        folders, loose = _listing(path)
        if len(folders) != 1 or loose:
            break
        inner, images = _listing(path / folders[0])
        if not inner or images or folders[0].lower() in SPLIT_NAMES:
            break
        path /= folders[0]
    return path


def _empty(path: Path, folders: list[str], loose: int) -> Exception:
    if not folders and not loose:
        try:
            empty = next(path.iterdir(), None) is None
        except OSError:
            empty = False
        if empty:
            return bad(path, "is an empty folder.", "Put images into one folder per class.")
    hint = "Put images into one folder per class, or name another file."
    with reading(path):
        tables = sorted(e.name for e in path.iterdir() if e.suffix.lower() in OTHER_FORMS)
    if tables:
        hint = f"Name one of the files in it ({listed(tables, 4)})."
    kinds = ", ".join(ending.removeprefix(".") for ending in pictures.EXTENSIONS)
    return bad(path, f"holds no images ({kinds}).", hint)


def _listing(path: Path) -> tuple[list[str], int]:
    """Folders in a folder, and how many images lie beside them; hidden ones do not count."""
    folders, images = [], 0
    with reading(path), os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            if pictures.is_image(entry.name):
                images += 1
            elif _is_folder(entry):
                folders.append(entry.name)
    return sorted(folders), images


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _scan(root: Path, classes: list[str], job: Job) -> _Found:
    """The images of one split, class by class in sorted order."""
    names = Names()
    counts = []
    present = set(_listing(root)[0])
    if not classes:
        files = sorted(_images_in(root, "", job))
        names.extend(files)
        return _Found(root, names, np.full(len(files), -1, np.int32))
    for number, name in enumerate(classes):
        job.checkpoint(f"Listing {root.name}/{name}", number, len(classes))
        files = sorted(_images_in(root, name, job)) if name in present else []
        names.extend(files)
        counts.append(len(files))
    return _Found(root, names, np.repeat(np.arange(len(classes), dtype=np.int32), counts))


def _images_in(root: Path, below: str, job: Job) -> Iterator[str]:
    """Names, relative to `root`, of the images in a folder and the folders in it."""
    waiting = [(below, 0)]
    visited: set[tuple[int, int]] = set()
    while waiting:
        job.checkpoint()
        name, depth = waiting.pop()
        folder = root / name
        with reading(folder):
            status = folder.stat()
            if (status.st_dev, status.st_ino) in visited:
                continue
            visited.add((status.st_dev, status.st_ino))
            with os.scandir(folder) as entries:
                for number, entry in enumerate(entries):
                    if number % 4096 == 4095:
                        job.checkpoint()
                    relative = f"{name}/{entry.name}" if name else entry.name
                    if entry.name.startswith("."):
                        continue
                    if pictures.is_image(entry.name):
                        if _is_file(entry):
                            yield relative
                    elif below and depth < DEEPEST and _is_folder(entry):
                        waiting.append((relative, depth + 1))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """A real file, or a link to one: never a pipe, which would hang the reader."""
    try:
        return entry.is_file()
    except OSError:
        return False
