"""The cost table as bytes of a file, and back."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cost import CostTable, Grid, Groups
from engine.errors import EngineError

_MAX_FILE = 512 << 20


def table_to_bytes(table: CostTable) -> bytes:
    """The table as an `.npz` archive, without pickles."""
    header = {
        "version": 1,
        "layers": table.layers,
        "grids": [[a.method, a.settings, a.identity] for a in table.grids],
        "groups": [[g.method, g.ids, g.members] for g in table.groups],
    }
    arrays: dict[str, NDArray[Any]] = {
        "header": np.frombuffer(json.dumps(header).encode(), np.uint8),
        "baseline": table.baseline,
        "values": table.values,
        "measured": table.measured,
    }
    for number, groups in enumerate(table.groups):
        arrays |= {f"pairs{number}": groups.pairs, f"shares{number}": groups.shares}
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def table_from(content: bytes) -> CostTable:
    """A table from what `table_to_bytes` gave.

    Raises:
        EngineError: It is something else, or of a newer version.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MAX_FILE:
                raise ValueError("too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header["version"] != 1:
                raise EngineError(
                    "The cost table was written by a newer version.", hint="Update Espalier."
                )
            grids = [Grid(str(m), tuple(map(float, s)), i) for m, s, i in header["grids"]]
            empty = CostTable.empty([str(name) for name in header["layers"]], grids)
            return replace(
                empty,
                baseline=_like(arrays["baseline"], empty.baseline),
                values=_like(arrays["values"], empty.values),
                measured=_like(arrays["measured"], empty.measured),
                groups=tuple(
                    _groups(one, arrays[f"pairs{number}"], arrays[f"shares{number}"], empty)
                    for number, one in enumerate(header.get("groups", ()))
                ),
            )
    except EngineError:
        raise
    except Exception as error:  # zip, zlib, json and numpy each have their own for broken files
        raise EngineError(
            "The cost table cannot be read.", hint="Delete it; it is then worked out again."
        ) from error


def _groups(header: Any, pairs: NDArray[Any], shares: NDArray[Any], table: CostTable) -> Groups:
    """Groups whose names and places are those of the table."""
    method, ids, members = header
    settings = {grid.method: len(grid.settings) for grid in table.grids}[method]
    groups = Groups(
        method,
        tuple(map(str, ids)),
        tuple(tuple(map(str, names)) for names in members),
        _like(pairs, np.zeros((len(pairs), 2), np.int64)),
        _like(shares, np.zeros((len(pairs), settings, 3))),
    )
    names = set(table.layers)
    if len(ids) != len(members) or not all(m and names.issuperset(m) for m in groups.members):
        raise ValueError("groups of other layers")
    if len(pairs) and not ((pairs >= 0) & (pairs < (len(ids), len(names)))).all():
        raise ValueError("pairs of nothing")
    return groups


def _like(array: NDArray[Any], model: NDArray[Any]) -> NDArray[Any]:
    if array.shape != model.shape or array.dtype != model.dtype:
        raise ValueError(f"{array.dtype}{array.shape} where {model.dtype}{model.shape} belongs")
    return array
