"""Which columns of a table go in, which is the label, and which tells the splits apart."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.data.failures import bad, listed
from engine.jobs.requests import DataSource
from engine.preprocessing import Preprocessing

LABEL_COLUMNS = ("label", "y", "target", "class")
TEXT_COLUMNS = ("text", "sentence", "content", "message", "review", "document")
COUNTERS = ("", "id", "index", "unnamed: 0", "__index_level_0__")
"""Columns that number the rows; they go in only if they are asked for."""


class Kind(enum.StrEnum):
    """What is in a column."""

    NUMBER = "numbers"
    TEXT = "texts"
    BYTES = "images"
    LIST = "lists of numbers"
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Columns:
    """The part that each column plays; empty names where there is none."""

    label: str
    split: str
    inputs: tuple[str, ...]
    kind: Kind
    notes: tuple[str, ...] = ()


def choose(
    path: Path,
    kinds: Mapping[str, Kind],
    source: DataSource,
    preprocessing: Preprocessing,
    split_column: str,
) -> Columns:
    """Follow what the user said, else find out by names and kinds.

    Raises:
        DataError: A column that is not there, or no telling which is meant.
    """
    names = tuple(kinds)
    asked = source.input_columns or preprocessing.input_columns
    label = _label(path, names, source.label_column or preprocessing.label_column, asked)
    strange = [name for name in asked if name not in kinds]
    if strange:
        raise bad(path, f"has no column {strange[0]!r}, only {listed(names)}.")
    rest = {n: k for n, k in kinds.items() if n not in (label, split_column)}
    if asked:
        rest = {name: kinds[name] for name in asked}
    inputs, notes = _inputs(path, rest, said=bool(asked))
    return Columns(label, split_column, inputs, kinds[inputs[0]], notes)


def _label(path: Path, names: tuple[str, ...], said: str, asked: tuple[str, ...]) -> str:
    if said:
        if said in names:
            return said
        raise bad(path, f"has no column {said!r}, only {listed(names)}.", "Name one of these.")
    by_name = {name.casefold(): name for name in reversed(names) if name not in asked}
    found = next((by_name[name] for name in LABEL_COLUMNS if name in by_name), "")
    if not found and not asked:
        raise bad(
            path,
            f"has no column called {', '.join(LABEL_COLUMNS[:-1])} or {LABEL_COLUMNS[-1]}; its "
            f"columns are {listed(names)}.",
            "Name the label column; or the input columns, if there are no labels.",
        )
    return found


def _inputs(
    path: Path, rest: Mapping[str, Kind], *, said: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Images before texts before numbers, unless columns were named."""
    by_kind = {kind: [n for n, k in rest.items() if k is kind] for kind in Kind}
    chosen: list[str] = []
    for kind in (Kind.BYTES, Kind.LIST, Kind.TEXT):
        found = by_kind[kind]
        if not found:
            continue
        named = [name for name in found if name.casefold() in TEXT_COLUMNS]
        if len(found) > 1 and len(named) == 1 and not said:
            found = named
        if len(found) > 1 or (said and len(rest) > 1):
            raise bad(
                path,
                f"has {len(found)} columns of {kind} that could go in: {listed(found)}."
                if len(found) > 1
                else f"cannot put columns of {kind} ({found[0]}) together with others.",
                "Name one input column.",
            )
        chosen = found
        break
    else:
        numbers = by_kind[Kind.NUMBER]
        kept = numbers if said else [n for n in numbers if n.casefold().strip() not in COUNTERS]
        chosen = kept or numbers
    if not chosen:
        what = f": {listed([f'{n} ({k})' for n, k in rest.items()])}" if rest else ""
        raise bad(path, f"has no column that a network could read{what}.")
    others = [name for name in rest if name not in chosen]
    note = f"Columns left out: {listed(others)}." if others else ""
    return tuple(chosen), (note,) if note else ()
