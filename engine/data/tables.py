"""CSV, TSV and Parquet tables with a label column: numbers, texts, or images as bytes.

A table is read once, block by block, into rows that can be picked by index; large ones wait in a
temporary file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.data import pictures
from engine.data.arrays import fingerprint_of
from engine.data.columns import Columns, Kind, choose
from engine.data.dataset import SPLIT_NAMES, DataSet, Raw, Samples, Skipped, Split, ordered
from engine.data.failures import bad, listed
from engine.data.labels import Targets, targets_of
from engine.data.rows import Blobs, Rows, Spool
from engine.data.table_files import NOT_GIVEN, NUMBER, NotNumbers, Table, open_csv, open_parquet
from engine.jobs.job import Job
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing, Task

Array = np.ndarray[Any, Any]


LONGEST_LABEL = 256
"""Characters."""


class TableSplit(Split):
    """Some rows of a table."""

    def __init__(self, name: str, rows: Array, store: Rows | Blobs, columns: Columns) -> None:
        super().__init__(name)
        self._rows = rows
        self._store = store
        self._kind = columns.kind
        self.skipped = Skipped()
        self.place = ""
        if isinstance(store, Rows):
            self.sample_shape = tuple(store.shape[1:])
            self.dtype = store.dtype.name
        elif columns.kind is Kind.BYTES:
            self.decodes, self.chunk, self.workers, self.dtype = True, 16, 4, "uint8"
        else:
            self.dtype = "text"

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, indices: Array, preprocessing: Preprocessing | None = None) -> Samples:
        """Rows; images are decoded, and left out and counted where they cannot be."""
        labels = None if self.labels is None else self.labels[indices]
        rows = self._rows[indices]
        if isinstance(self._store, Rows):
            return Samples(self._store.read(rows), labels, indices)
        blobs = self._store.read(rows)
        if not self.decodes:
            return Samples([blob.decode("utf-8", "replace") for blob in blobs], labels, indices)
        images: Raw = []
        kept = []
        for place, blob in enumerate(blobs):
            try:
                images.append(pictures.decode(blob, preprocessing))  # type: ignore[arg-type,union-attr]  # a column that is decoded holds bytes
            except pictures.Unreadable as error:
                name = f"{self.place}, row {int(rows[place]) + 1}"
                self.skipped.leave_out(name, f"holds an image that {error}")
            else:
                kept.append(place)
        self.skipped.good(len(kept))
        return Samples(images, None if labels is None else labels[kept], indices[kept])

    def keys(self) -> Array:
        """The row in the table."""
        return self._rows.astype(np.uint64)


def from_csv(path: Path, source: DataSource, preprocessing: Preprocessing, job: Job) -> DataSet:
    """Open a table of text, with any of the usual separators.

    Raises:
        DataError: No label column, a cell that is no number, or rows of different lengths.
    """
    return _from_table(open_csv(path), source, preprocessing, job)


def from_parquet(path: Path, source: DataSource, preprocessing: Preprocessing, job: Job) -> DataSet:
    """Open a Parquet table.

    Raises:
        DataError: No label column, or a damaged file.
    """
    return _from_table(open_parquet(path), source, preprocessing, job)


def _from_table(
    table: Table, source: DataSource, preprocessing: Preprocessing, job: Job
) -> DataSet:
    path = table.path
    split_column = _split_column(table)
    columns = choose(path, table.kinds, source, preprocessing, split_column)
    try:
        collected = _read(
            table, columns, columns.inputs if columns.kind is Kind.NUMBER else (), job
        )
    except NotNumbers:
        collected = _read(table, columns, (), job)
    if not collected.count:
        raise bad(path, "holds no rows.")
    store = collected.store()
    by_split = collected.rows_by_split()
    targets = Targets({}, preprocessing.labels, None)
    if columns.label:
        labels = collected.labels()
        raw = {name: labels[rows] for name, rows in by_split.items()}
        targets = targets_of(raw, preprocessing, f"{path}, column {columns.label}", ())
    skipped = Skipped()
    splits: dict[str, Split] = {}
    for name, rows in by_split.items():
        split = TableSplit(name, rows, store, columns)
        split.labels = targets.values.get(name)
        split.labelled = split.labels is not None
        split.skipped = skipped
        split.place = str(path)
        splits[name] = split
    return DataSet(
        name=path.name,
        form={Kind.TEXT: "text", Kind.BYTES: "images"}.get(columns.kind, "table"),
        splits=ordered(splits, str(path)),
        class_names=targets.names,
        task=preprocessing.task or targets.task or (Task.OTHER if not columns.label else None),
        notes=(*columns.notes, *collected.notes(), *targets.notes),
        label_problem=targets.problem,
        fingerprint=fingerprint_of([path]),
        skipped=skipped,
    )


def _read(table: Table, columns: Columns, numbers: tuple[str, ...], job: Job) -> _Collected:
    collected = _Collected(table.path, columns)
    wanted = [n for n in (*columns.inputs, columns.label, columns.split) if n]
    for batch, done in table.batches(wanted, numbers):
        job.checkpoint(f"Reading {table.path.name}", done, 1000)
        collected.add(batch)
    return collected


def _split_column(table: Table) -> str:
    """A column called split whose cells name splits."""
    name = next((n for n in table.kinds if n.casefold().strip() == "split"), "")
    if not name or table.kinds[name] is not Kind.TEXT:
        return ""
    cells = table.first.column(name).to_pylist() if table.first is not None else []
    return name if any(str(cell).strip().lower() in SPLIT_NAMES for cell in cells) else ""


class _Collected:
    """What has been read of a table so far."""

    def __init__(self, path: Path, columns: Columns) -> None:
        self._path = path
        self._columns = columns
        self._spool = Spool(path)
        self._form: tuple[tuple[int, ...], np.dtype[Any]] | None = None
        self._ends: list[Array] = []
        self._labels: list[Array] = []
        self._splits: list[Array] = []
        self._gaps = dict.fromkeys(columns.inputs, 0)
        self.count = 0

    def add(self, batch: pa.RecordBatch) -> None:
        columns = self._columns
        if columns.label:
            self._labels.append(self._label_cells(batch.column(columns.label)))
        if columns.split:
            self._splits.append(self._split_cells(batch.column(columns.split)))
        if columns.kind is Kind.NUMBER:
            self._add_numbers(batch)
        elif columns.kind is Kind.LIST:
            self._add_lists(batch.column(columns.inputs[0]))
        else:
            self._add_blobs(batch.column(columns.inputs[0]))
        self.count += batch.num_rows

    def _where(self, column: str, row: int) -> str:
        return f"{self._path}, row {self.count + row + 1}, column {column}"

    def _numbers(self, column: str, cells: pa.Array) -> Array:
        """float64 `[n]`, NaN where a cell is empty.

        Raises:
            DataError: Naming the first cell that is no number.
        """
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            given = pc.if_else(pc.is_in(cells, pa.array(NOT_GIVEN, cells.type)), None, cells)
            try:
                cells = pc.cast(pc.utf8_trim_whitespace(given), pa.float64())
            except pa.ArrowInvalid:
                bare = pc.fill_null(
                    pc.match_substring_regex(given, NUMBER, ignore_case=True), fill_value=True
                )
                wrong = pc.index(bare, value=False).as_py()
                text = str(cells[max(wrong, 0)])[:40]
                raise bad(
                    self._where(column, max(wrong, 0)),
                    f"holds {text!r}, which is not a number.",
                    "Mend the cell, or name other input columns.",
                ) from None
        values: Array = pc.cast(cells, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return values

    def _add_numbers(self, batch: pa.RecordBatch) -> None:
        table = np.empty((batch.num_rows, len(self._columns.inputs)), np.float32)
        for place, name in enumerate(self._columns.inputs):
            with np.errstate(over="ignore"):  # too large for float32: infinite, and noted as such
                table[:, place] = self._numbers(name, batch.column(name))
            self._gaps[name] += int(np.isnan(table[:, place]).sum())
        self._form = (table.shape[1:], table.dtype)
        self._spool.write(table.tobytes())

    def _add_lists(self, cells: pa.Array) -> None:
        """Lists of numbers, or lists of lists, all of one shape."""
        name = self._columns.inputs[0]
        shape: list[int] = []
        values = cells
        while pa.types.is_nested(values.type):
            lengths = np.unique(pc.list_value_length(values).to_numpy(zero_copy_only=False))
            if len(lengths) != 1 or not np.isfinite(lengths[0]) or values.null_count:
                raise bad(f"{self._path}, column {name}", "has lists of different lengths.")
            shape.append(int(lengths[0]))
            values = values.flatten()
        numbers = values.to_numpy(zero_copy_only=False)
        if numbers.dtype.kind not in "biuf":
            raise bad(f"{self._path}, column {name}", "has lists of something other than numbers.")
        form = (tuple(shape), self._form[1] if self._form else numbers.dtype)
        if self._form not in (None, form):
            raise bad(f"{self._path}, column {name}", "has lists of different lengths.")
        self._form = form
        self._gaps[name] += int(np.isnan(numbers).sum()) if numbers.dtype.kind == "f" else 0
        self._spool.write(np.ascontiguousarray(numbers, form[1]).tobytes())

    def _add_blobs(self, cells: pa.Array) -> None:
        if pa.types.is_struct(cells.type):
            cells = cells.field("bytes")
        ends = np.empty(len(cells), np.int64)
        for row, cell in enumerate(cells):
            value = cell.as_py()
            self._gaps[self._columns.inputs[0]] += value is None
            self._spool.write(value.encode() if isinstance(value, str) else value or b"")
            ends[row] = self._spool.size
        self._ends.append(ends)

    def _label_cells(self, cells: pa.Array) -> Array:
        name = self._columns.label
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if pa.types.is_nested(cells.type):
            return np.array(cells.to_pylist())
        if cells.null_count:
            row = int(np.argmax(pc.is_null(cells).to_numpy(zero_copy_only=False)))
            raise bad(self._where(name, row), "is empty, and every row needs a label.")
        if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
            empty = pc.index(cells, "").as_py()
            if empty >= 0:
                raise bad(self._where(name, empty), "is empty, and every row needs a label.")
            length = pc.max(pc.utf8_length(cells)).as_py() or 0
            if length > LONGEST_LABEL:
                raise bad(
                    f"{self._path}, column {name}",
                    f"holds texts of {length} characters, which are no labels.",
                    "Name the label column.",
                )
            return np.array(cells.to_pylist(), dtype=np.str_)
        values: Array = cells.to_numpy(zero_copy_only=False)
        return values

    def _split_cells(self, cells: pa.Array) -> Array:
        texts = [str(cell).strip() for cell in cells.to_pylist()]
        names = [SPLIT_NAMES.get(text.lower(), "") for text in texts]
        if "" in names:
            row = names.index("")
            raise bad(
                self._where(self._columns.split, row),
                f"holds {texts[row][:40]!r}, not train, validation or test.",
            )
        return np.array(names)

    def store(self) -> Rows | Blobs:
        if self._form is not None:
            shape, dtype = self._form
            return self._spool.rows((self.count, *shape), dtype)
        offsets = np.concatenate([np.zeros(1, np.int64), *self._ends])
        return Blobs(self._spool.rows((self._spool.size,), np.uint8), offsets)

    def rows_by_split(self) -> dict[str, Array]:
        if not self._splits:
            return {"all": np.arange(self.count)}
        splits = np.concatenate(self._splits)
        return {str(name): np.flatnonzero(splits == name) for name in np.unique(splits)}

    def labels(self) -> Array:
        """Of all rows; texts that are all numbers become numbers."""
        kinds = {part.dtype.kind for part in self._labels}
        labels = np.concatenate(self._labels)
        if kinds == {"U"}:
            try:
                numbers = np.char.strip(labels).astype(np.float64)
            except ValueError:
                return np.char.strip(labels)
            whole = np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all()
            return numbers.astype(np.int64) if whole else numbers
        return labels

    def notes(self) -> Iterator[str]:
        gaps = [f"{name} ({count})" for name, count in self._gaps.items() if count]
        if gaps:
            yield f"Columns with empty cells: {listed(gaps)}."
