"""Open data in any form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.data import arrays, images, python_file, tables, text
from engine.data.dataset import DataSet
from engine.data.failures import bad, reading
from engine.data.synthetic import from_shape
from engine.errors import DataError
from engine.jobs.job import Job
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing

FORMS = (
    "a folder of class folders of images, an .npz file, one or two .npy files, a .csv, .tsv or "
    ".parquet table, or a Python file with a Dataset"
)
FIRST_BYTES = {
    b"\x93NUMPY": ".npy",
    b"PK\x03\x04": ".npz",
    b"PAR1": ".parquet",
}


def open_data(source: DataSource, preprocessing: Preprocessing | None, job: Job) -> DataSet:
    """Open a data set. Samples are read later, by `batches`.

    Args:
        source: Where it is; no paths at all: noise of the shape that the preprocessing gives.
        preprocessing: Gives class names and the task, if known.
        job: Reports and can be stopped.

    Raises:
        DataError: It cannot be read, in one sentence.
        TrustRequired: It is Python code, and nobody has said that it may run.
        Cancelled: By the job.
    """
    preprocessing = preprocessing or Preprocessing()
    paths = tuple(Path(path) for path in source.paths)
    if not paths:
        return from_shape(preprocessing)
    for path in paths:
        if "\0" in str(path):
            raise bad(str(path).replace("\0", "?"), "is not a path.")
        with reading(path):
            path.stat()
    if len(paths) == 2 and all(_ending(path) == ".npy" for path in paths):
        return arrays.from_npy(paths, preprocessing, job)
    if len(paths) > 1:
        raise DataError(
            f"{len(paths)} files do not make one data set.",
            hint="Give one file or folder, or two .npy files (inputs and labels).",
            where=str(paths[0]),
        )
    dataset = _open_one(paths[0], source, preprocessing, job)
    if dataset.form == "text":
        dataset.tokenize = text.tokenizer_for(source, paths[0])
    return dataset


def _open_one(path: Path, source: DataSource, preprocessing: Preprocessing, job: Job) -> DataSet:
    if path.is_dir():
        return images.from_folder(path, preprocessing, job)
    if not path.is_file():
        raise bad(path, "is neither a file nor a folder.")
    with reading(path):
        if not path.stat().st_size:
            raise bad(path, "is empty.", f"Data is {FORMS}.")
    openers: dict[str, Callable[[], DataSet]] = {
        ".npz": lambda: arrays.from_npz(path, preprocessing, job),
        ".npy": lambda: arrays.from_npy((path,), preprocessing, job),
        ".csv": lambda: tables.from_csv(path, source, preprocessing, job),
        ".tsv": lambda: tables.from_csv(path, source, preprocessing, job),
        ".parquet": lambda: tables.from_parquet(path, source, preprocessing, job),
        ".pq": lambda: tables.from_parquet(path, source, preprocessing, job),
        ".py": lambda: python_file.from_python(path, source, preprocessing),
    }
    opener = openers.get(_ending(path))
    if opener is None:
        raise bad(
            path,
            f"is not data in a form that is read here{_looks_like(path)}.",
            f"Data is {FORMS}.",
        )
    return opener()


def _ending(path: Path) -> str:
    return path.suffix.lower()


def _looks_like(path: Path) -> str:
    with reading(path), path.open("rb") as file:
        start = file.read(8)
    for first, ending in FIRST_BYTES.items():
        if start.startswith(first):
            return f" (it looks like an {ending} file: rename it)"
    return ""
