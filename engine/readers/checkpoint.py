"""Weights alone: safetensors and state dicts, read without running anything."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from engine.errors import ModelError
from engine.info import Format
from engine.jobs.job import Job
from engine.readers.inert import Thing, TorchFile, open_torch, walk
from engine.readers.limits import MIB
from engine.readers.listing import Entry, Sketch, entries_of_tensors, without_wrappers
from engine.readers.stored import Stored, dtype_of

HEADER_BYTES = 100 * MIB
"""The most that the safetensors format allows."""
WRAPPERS = (
    *("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network"),
    *("params", "weights", "ema", "state_dict_ema", "params_ema", "generator"),
)
"""Where training tools put the weights within what they save; the first that fits is taken."""
_SAFETENSORS = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}


def safetensors_table(path: Path) -> dict[str, Stored]:
    """Name → tensor, from the header alone, in the file's order of bytes.

    Raises:
        ModelError: The header or a tensor's place makes no sense.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > min(HEADER_BYTES, size - 8):
            raise _broken(path, "its header is cut short")
        try:
            header = json.loads(file.read(length))
            header.pop("__metadata__", None)
            placed = sorted(header.items(), key=lambda item: _offsets(item[1])[0])
            table = {name: _stored(path, name, entry, 8 + length) for name, entry in placed}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _broken(path, f"its header makes no sense ({_short(error)})") from None
    end = max((t.offset + t.size_bytes for t in table.values()), default=8 + length)
    if end > size:
        raise _broken(path, "its tensors are cut short")
    if not table:
        raise _broken(path, "it holds no tensors")
    return table


def _offsets(entry: Any) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    if not (type(begin) is int and type(end) is int and 0 <= begin <= end):
        raise ValueError("a tensor ends before it begins")
    return begin, end


def _stored(path: Path, name: str, entry: Any, start: int) -> Stored:
    begin, end = _offsets(entry)
    shape = tuple(entry["shape"])
    if not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"{name[:100]} has an impossible shape")
    dtype = _SAFETENSORS[entry["dtype"]]
    kind = dtype_of(dtype)
    if kind is None or end - begin != math.prod(shape) * kind.itemsize:
        raise ValueError(f"{name[:100]} has another size than its shape")
    return Stored(dtype, shape, f"@{begin}" if end > begin else name, path, start + begin)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:160]}"


def _broken(path: Path, why: str) -> ModelError:
    return ModelError(
        f"{path} is a safetensors file that is damaged: {why}",
        hint="Copy or download it again.",
        where=str(path),
    )


def load_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """All tensors of a safetensors file.

    Raises:
        ModelError: It is damaged.
    """
    order = safetensors_table(path)
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise _broken(path, str(error)[:200]) from None
    return {name: tensors[name] for name in order}


def sketch_safetensors(path: Path) -> Sketch:
    """The layers that the names in a safetensors file tell of."""
    return weights_sketch(
        Format.SAFETENSORS, entries_of_tensors(without_wrappers(safetensors_table(path)))
    )


def weights_sketch(form: Format, entries: list[Entry]) -> Sketch:
    """A table of weights without a graph: nothing can be run, so nothing can be trained."""
    return Sketch(form, [replace(e, reason=e.reason or NO_GRAPH) for e in entries], runnable=False)


NO_GRAPH = "there is no graph: only what changes weights alone can be applied"


def state_dict_of(file: TorchFile) -> dict[str, Any] | None:
    """The table of pickled tensors in what was saved, through the usual wrappers; None: no table.

    Nested tables are joined with dots.
    """
    root = file.root
    for _ in range(3):
        flat = _flat(root, file)
        if flat:
            inner = _wrapped(root, file)
            if inner is None:
                return flat
            root = inner
            continue
        return None
    return _flat(root, file) or None


def _wrapped(root: Any, file: TorchFile) -> Any:
    if not isinstance(root, dict) or any(file.tensor(v) is not None for v in root.values()):
        return None
    found = (root[key] for key in WRAPPERS if isinstance(root.get(key), dict))
    return next((value for value in found if _flat(value, file)), None)


def _flat(root: Any, file: TorchFile, prefix: str = "", depth: int = 0) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if not isinstance(root, dict) or depth > 4:
        return result
    for key, value in root.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            result |= _flat(value, file, f"{name}.", depth + 1)
        elif isinstance(key, str) and file.tensor(value) is not None:
            result[name] = value
    return result


def sketch_state_dict(path: Path, file: TorchFile) -> Sketch:
    """The layers that the names of a state dict tell of.

    Raises:
        ModelError: There are no tensors in it.
    """
    pickled = state_dict_of(file)
    if pickled is None:
        raise no_tensors(path, file)
    table = {name: tensor for name, v in pickled.items() if (tensor := file.tensor(v)) is not None}
    return weights_sketch(Format.STATE_DICT, entries_of_tensors(without_wrappers(table)))


def no_tensors(path: Path, file: TorchFile) -> ModelError:
    """The error for a file of torch.save that holds no network."""
    kind = getattr(file.root, "path", "") or type(file.root).__name__
    some = any(isinstance(v, Thing) and file.tensor(v) is not None for v in walk(file.root))
    what = "a tensor, but no network" if some else "no tensors"
    return ModelError(
        f"{path} is a file of torch.save that holds {what} (its content is a {kind})",
        hint="Save the network's state_dict(), or export the network with torch.export.",
        where=str(path),
    )


def load_state_dict(path: Path, job: Job) -> dict[str, torch.Tensor]:
    """All tensors of a state dict, copied out of the file; nothing in it is run.

    Raises:
        ModelError: A tensor's values are not in the file.
    """
    file = open_torch(path)
    pickled = state_dict_of(file)
    if pickled is None:
        raise no_tensors(path, file)
    tensors: dict[str, torch.Tensor] = {}
    for done, (name, value) in enumerate(pickled.items()):
        job.checkpoint("Reading weights", done, len(pickled))
        stored = file.tensor(value)
        if stored is None or (stored.path is None and stored.values):
            raise ModelError(
                f"{path} is cut short or damaged: the values of {name!r} are missing",
                hint="Copy or save it again.",
                where=str(path),
            )
        tensors[name] = _read(stored)
    return tensors


def _read(stored: Stored) -> torch.Tensor:
    kind = dtype_of(stored.dtype)
    assert kind is not None
    dtype = getattr(torch, kind.name)
    if not stored.values or stored.path is None:
        return torch.empty(stored.shape, dtype=dtype)
    with stored.path.open("rb") as file:
        file.seek(stored.offset)
        data = np.fromfile(file, np.uint8, stored.extent * kind.itemsize)
    flat = torch.from_numpy(data).view(dtype)
    strides = stored.strides
    return flat.view(stored.shape) if strides is None else flat.as_strided(stored.shape, strides)
