"""Exported programs (`.pt2`): load without ever running what the file brings, and save.

`torch.export.load` unpickles sample inputs, weights and constants, evaluates expressions and loads
shared libraries from the archive. Here the archive is read by `zipfile`, the program's JSON passes
`program_check`, weights are raw bytes (or a pickle read with `weights_only`), and everything else
in the archive is left alone.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import math
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch._export.serde import schema
from torch._export.serde.serialize import (
    ExportedProgramDeserializer,
    _dict_to_dataclass,
    deserialize_scalar_type,
)
from torch.export import ExportedProgram

from engine.errors import ModelError
from engine.readers.limits import MIB, open_archive
from engine.readers.program_check import Refused, checked_program

JSON_BYTES = 512 * MIB
"""Of a program's description; one of 20,000 nodes has some 30 MiB."""
_ONE_AT_A_TIME = threading.Lock()
"""torch keeps the deserializer that is at work in a global: the engine's two lanes take turns."""
_NOTES = ("stack_trace", "source_fn_stack", "from_node", "custom")
"""Node metadata that holds code and paths of the machine that exported it."""


def load_program(path: str | Path) -> ExportedProgram:
    """Load an exported program; nothing in the file is executed or unpickled as code.

    Sample inputs, guards, notes and compiled code in the archive are dropped; tensors that were
    exported on another device come to the CPU.

    Raises:
        ModelError: The file is damaged, or holds what could only be loaded by running code.
    """
    with open_archive(path) as archive, _silence():
        try:
            program = _load(archive)
        except ModelError as error:
            raise ModelError(error.message, hint=error.hint, where=str(path)) from None
        except (MemoryError, RecursionError):
            raise damaged(path, "it is larger or deeper than any program") from None
        except Exception as error:
            raise damaged(path, _first_line(error)) from error
    return program


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep torch's remarks on what it reads off the user's screen."""
    logger = logging.getLogger("torch._export.serde.serialize")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def damaged(path: str | Path, why: str) -> ModelError:
    """The error for an exported program that torch's own rules do not let through."""
    return ModelError(
        f"{path} is an exported program that is damaged or of another version of torch ({why})",
        hint="Export the model again with this version of torch.",
        where=str(path),
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


def read_program_json(archive: zipfile.ZipFile) -> tuple[dict[str, Any], str]:
    """The checked description of the (first) program in an archive, and the program's name.

    Raises:
        ModelError: There is none, or it is not safe.
    """
    root = root_of(archive)
    found = [
        name
        for name in archive.namelist()
        if name.startswith(f"{root}models/") and name.endswith(".json")
    ]
    old = "serialized_exported_program.json"
    if old in archive.namelist():
        found = [old]
    if not found:
        raise Refused("has no graph (compiled code alone cannot be read)")
    chosen = next((name for name in found if name.endswith("/model.json")), found[0])
    if archive.getinfo(chosen).file_size > JSON_BYTES:
        raise Refused("has a larger graph than any network")
    try:
        data = json.loads(archive.read(chosen))
    except (ValueError, RecursionError):
        raise Refused("has a graph that is cut short or damaged") from None
    return checked_program(data), Path(chosen).stem


def root_of(archive: zipfile.ZipFile) -> str:
    """The folder that everything in a torch archive lies in, with its slash."""
    names = archive.namelist()
    root = names[0].partition("/")[0] + "/" if names else ""
    return root if all(name.startswith(root) for name in names) else ""


def payload_config(archive: zipfile.ZipFile, kind: str, model: str) -> dict[str, dict[str, Any]]:
    """Name → entry of the weights' (or constants') table; empty where there is none."""
    name = f"{root_of(archive)}data/{kind}/{model}_{kind}_config.json"
    if name not in archive.namelist():
        return {}
    if archive.getinfo(name).file_size > JSON_BYTES:
        raise Refused(f"has a larger table of {kind} than any network")
    data = json.loads(archive.read(name))
    config = data.get("config") if isinstance(data, dict) else None
    if not isinstance(config, dict) or not all(isinstance(v, dict) for v in config.values()):
        raise Refused(f"has a damaged table of {kind}")
    return config


def _load(archive: zipfile.ZipFile) -> ExportedProgram:
    data, model = read_program_json(archive)
    program: Any = _dict_to_dataclass(schema.ExportedProgram, data)  # type: ignore[no-untyped-call]  # torch has no types there
    weights = _tensors(archive, "weights", model)
    constants = _tensors(archive, "constants", model)
    with _ONE_AT_A_TIME:
        loaded: Any = ExportedProgramDeserializer().deserialize(program, weights, constants, None)
    _check_shapes(loaded)
    result: ExportedProgram = loaded
    return result


def _tensors(archive: zipfile.ZipFile, kind: str, model: str) -> dict[str, torch.Tensor]:
    """All tensors of one table; those that share storage in the file share it here too."""
    names = set(archive.namelist())
    old = {"weights": "serialized_state_dict.pt", "constants": "serialized_constants.pt"}[kind]
    for whole in (f"{root_of(archive)}data/{kind}/{model}.pt", old):
        if whole in names:
            return _unpickled(archive.read(whole))
    storages: dict[str, torch.Tensor] = {}
    result: dict[str, torch.Tensor] = {}
    for name, entry in payload_config(archive, kind, model).items():
        record = str(entry.get("path_name"))
        place = f"{root_of(archive)}data/{kind}/{record}"
        if record.startswith(("custom_obj", "opaque")) or place not in names:
            raise Refused(f"holds an object that brings its own code, or lacks one ({record})")
        if entry.get("use_pickle"):
            result[name] = _one_tensor(archive.read(place), name)
            continue
        tensor = _raw(archive, place, entry["tensor_meta"], storages)
        is_parameter = bool(entry.get("is_param"))
        result[name] = (
            torch.nn.Parameter(tensor, tensor.is_floating_point()) if (is_parameter) else tensor
        )
    return result


def _raw(
    archive: zipfile.ZipFile, place: str, meta: Mapping[str, Any], storages: dict[str, torch.Tensor]
) -> torch.Tensor:
    dtype = deserialize_scalar_type(meta["dtype"])
    size = [_int(v) for v in meta["sizes"]]
    if place not in storages:
        buffer = bytearray(archive.read(place))
        storages[place] = (
            torch.frombuffer(buffer, dtype=torch.uint8) if buffer else torch.empty(0).byte()
        )
    storage = storages[place].untyped_storage()
    if math.prod(size) == 0:
        return torch.empty(size, dtype=dtype)
    if any(n < 0 for n in size) or storage.nbytes() == 0:
        raise Refused(f"lacks the bytes of a weight ({place})")
    strides = [_int(v) for v in meta["strides"]]
    return torch.empty(0, dtype=dtype).set_(storage, _int(meta["storage_offset"]), size, strides)


def _int(value: Any) -> int:
    number = value.get("as_int") if isinstance(value, dict) else value
    if not isinstance(number, int):
        raise Refused("has a weight whose shape is not made of numbers")
    return number


def _unpickled(data: bytes) -> dict[str, torch.Tensor]:
    loaded = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu") if data else {}  # noqa: TID251
    if not isinstance(loaded, dict) or not all(
        isinstance(v, torch.Tensor) for v in loaded.values()
    ):
        raise Refused("holds an object that brings its own code")
    return loaded


def _one_tensor(data: bytes, name: str) -> torch.Tensor:
    try:
        loaded = torch.load(io.BytesIO(data), weights_only=True, map_location="cpu")  # noqa: TID251
    except Exception:  # noqa: BLE001  (the unpickler raises whatever it likes)
        loaded = None
    if not isinstance(loaded, torch.Tensor):
        raise Refused(f"keeps the weight {name!r} as a pickle that would run code")
    return loaded


def _check_shapes(program: ExportedProgram) -> None:
    """Check that each weight has the shape and type that the graph was traced with."""
    signature = program.graph_signature
    places = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    places |= signature.inputs_to_lifted_tensor_constants
    for node in program.graph.nodes:
        name = places.get(node.name)
        if node.op != "placeholder" or name is None:
            continue
        have: Any = program.state_dict.get(name, program.constants.get(name))
        want = node.meta["val"]
        if have is None:
            raise Refused(f"lacks the weight {name!r}")
        if tuple(have.shape) != tuple(want.shape) or have.dtype != want.dtype:
            raise Refused(
                f"has the weight {name!r} as {list(have.shape)} where its graph expects "
                f"{list(want.shape)}"
            )


def without_notes(program: ExportedProgram) -> ExportedProgram:
    """Strip stack traces (they hold paths of the exporting machine) and sample inputs, in place."""
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for note in _NOTES:
                    node.meta.pop(note, None)
    program._example_inputs = None
    return program


def save_program(program: ExportedProgram, path: Path) -> None:
    """Write a program so that `load_program` can read it; notes and sample inputs are left out."""
    torch.export.save(without_notes(program), path)
