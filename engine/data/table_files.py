"""Table files, opened to be read block by block."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from engine.data.columns import Kind
from engine.data.failures import bad, listed, reading, size_text
from engine.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
LONGEST_HEADER = 1 << 20
BLOCK_BYTES = (1 << 20, 1 << 26)
"""What is read at once; a row that is longer than the first is tried with the second."""
BATCH_ROWS = 4096
MOST_COLUMNS = 100_000
BOMB_RATIO = 500
BOMB_SIZE = 4 << 30
NOT_GIVEN = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
"""Cells that stand for a number that is not there."""
NUMBER = r"^\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|nan|[+-]?inf(inity)?)\s*$"


@dataclass(frozen=True)
class Table:
    """A table that can be read.

    Attributes:
        path: The file.
        kinds: Column → what is in it, judged by the types or by the first block.
        first: The first block; None for a table without rows.
        batches: Columns, and those of them that must be numbers → blocks with them, each with how
            much is read by then, of 1000. Raises `NotNumbers` where one is not.
    """

    path: Path
    kinds: Mapping[str, Kind]
    first: Any
    batches: Callable[[Sequence[str], Sequence[str]], Iterator[tuple[Any, int]]]


class NotNumbers(Exception):
    """A cell of a column of numbers is none; read as texts, the column tells which."""


def open_csv(path: Path) -> Table:
    """Read the header and the first block.

    Raises:
        DataError: Not a table of text.
    """
    with reading(path), path.open("rb") as file:
        start = file.read(LONGEST_HEADER)
        total = path.stat().st_size
    names, separator, headed = _header(path, start)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise bad(path, f"has two columns called {twice!r}.", "Give each its own name.")

    def batches(wanted: Sequence[str], numbers: Sequence[str]) -> Iterator[tuple[Any, int]]:
        done = 0
        kinds = {n: pa.float64() if n in numbers else pa.string() for n in wanted}
        for batch in _csv_blocks(path, (names, separator, headed), kinds, BLOCK_BYTES[0]):
            done += batch.nbytes
            yield batch, min(1000, 1000 * done // max(total, 1))

    first = next((batch for batch, _ in batches(names, ())), None)
    kinds = dict.fromkeys(names, Kind.TEXT)
    if first is not None:
        kinds = {name: _kind_of_cells(first.column(name)) for name in names}
    return Table(path, kinds, first, batches)


def _header(path: Path, start: bytes) -> tuple[list[str], str, bool]:
    """Column names, separator, and whether there is a line with names at all."""
    try:
        text = start.decode("utf-8-sig", "strict" if len(start) < LONGEST_HEADER else "ignore")
    except UnicodeDecodeError:
        raise bad(path, "is not a table of UTF-8 text.", "Save it as UTF-8.") from None
    line = next((line for line in text.splitlines() if line.strip()), "")
    if "\0" in line or not line:
        raise bad(path, "is not a table of UTF-8 text.", "Save it as UTF-8.")
    tabbed = path.suffix.lower() == ".tsv"
    separator = "\t" if tabbed else max(SEPARATORS, key=line.count)
    try:
        names = next(csv.reader(io.StringIO(text), delimiter=separator))
    except (csv.Error, StopIteration):
        raise bad(path, "has a first line that cannot be read as column names.") from None
    names = [name.strip() for name in names]
    if len(names) > MOST_COLUMNS:
        raise bad(path, f"has {len(names)} columns, which is too many.")
    headed = not all(_is_number(name) for name in names)
    return (names if headed else [f"column {n + 1}" for n in range(len(names))]), separator, headed


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _csv_blocks(
    path: Path, form: tuple[list[str], str, bool], wanted: Mapping[str, Any], block: int
) -> Iterator[Any]:
    names, separator, headed = form
    short: list[str] = []

    def remember(row: pacsv.InvalidRow) -> str:
        place = f"row {row.number - headed}" if row.number else "a row"
        short.append(f"has {row.actual_columns} cells in {place}, where {len(names)} are expected.")
        return "error"

    try:
        reader = pacsv.open_csv(
            path,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=block, column_names=names, skip_rows=int(headed)
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=remember
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict(wanted), include_columns=list(wanted), null_values=NOT_GIVEN
            ),
        )
        with reader:
            yield from reader
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        if short:
            raise bad(path, short[0], "Mend that row.") from None
        text = str(error)
        if "conversion error" in text and "UTF8" not in text:
            raise NotNumbers from None
        if "Empty CSV" in text:
            return
        if "block" in text and block < BLOCK_BYTES[-1]:
            yield from _csv_blocks(path, form, wanted, BLOCK_BYTES[-1])
            return
        if "UTF8" in text or "UTF-8" in text:
            raise bad(path, "is not UTF-8 text throughout.", "Save it as UTF-8.") from None
        raise bad(path, "cannot be read as a table.", "Look for an unclosed quote.") from None
    except OSError as error:
        raise bad(path, f"cannot be read: {error.strerror or error}.") from None


def _kind_of_cells(cells: Any) -> Kind:
    """Numbers, if more than half of the cells that are not empty are numbers."""
    given = cells.filter(pc.not_equal(cells, ""))
    if not len(given):
        return Kind.NUMBER
    numbers = pc.sum(pc.match_substring_regex(given, NUMBER, ignore_case=True)).as_py()
    return Kind.NUMBER if 2 * numbers > len(given) else Kind.TEXT


def open_parquet(path: Path) -> Table:
    """Read the footer.

    Raises:
        DataError: Not a Parquet file, or a damaged one.
    """
    try:
        # not memory-mapped: a mapped file that is shortened meanwhile would end the process
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except FileNotFoundError:
        raise bad(path, "does not exist.") from None
    except (pa.ArrowException, OSError, ValueError):
        raise bad(path, "is not a Parquet file, or is damaged.", "Write it again.") from None
    kinds = {field.name: _kind_of_type(field.type) for field in schema}
    least = rows * 4 * sum(kind is Kind.NUMBER for kind in kinds.values())
    if least > BOMB_SIZE and least > BOMB_RATIO * path.stat().st_size:
        raise bad(path, f"would grow to {size_text(least)} when read, so it is not opened.")
    split = [name for name in kinds if name.casefold().strip() == "split"]
    first = (
        next((batch for batch, _ in _parquet_blocks(path, split, rows)), None) if split else None
    )
    return Table(path, kinds, first, lambda wanted, _: _parquet_blocks(path, wanted, rows))


def _parquet_blocks(path: Path, wanted: Sequence[str], rows: int) -> Iterator[tuple[Any, int]]:
    done = 0
    try:
        with pq.ParquetFile(path, memory_map=False, pre_buffer=False) as file:
            for batch in file.iter_batches(
                batch_size=BATCH_ROWS, columns=list(wanted), use_threads=False
            ):
                done += batch.num_rows
                yield batch, 1000 * done // max(rows, 1)
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError):
        raise bad(
            path, f"is damaged: {listed(list(wanted))} cannot be read.", "Write it again."
        ) from None


def _kind_of_type(kind: Any) -> Kind:
    types = pa.types
    if types.is_dictionary(kind):
        return _kind_of_type(kind.value_type)
    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return Kind.NUMBER
    if types.is_string(kind) or types.is_large_string(kind):
        return Kind.TEXT
    if types.is_binary(kind) or types.is_large_binary(kind):
        return Kind.BYTES
    if types.is_struct(kind) and kind.get_field_index("bytes") >= 0:
        return Kind.BYTES
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        inner = _kind_of_type(kind.value_type)
        return Kind.LIST if inner in (Kind.NUMBER, Kind.LIST) else Kind.OTHER
    return Kind.OTHER
