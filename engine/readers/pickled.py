"""Pickled modules: listed without running them, opened only when the user has vouched for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.errors import ModelError
from engine.info import Format
from engine.readers.checkpoint import WRAPPERS
from engine.readers.inert import Thing, TorchFile
from engine.readers.listing import NOT_PARAMETERS, Sketch, entries_of_tensors
from engine.readers.stored import Stored

DEPTH = 200


def module_of(file: TorchFile) -> Thing | None:
    """The pickled module in what was saved, through the usual wrappers; None if there is none."""
    root = file.root
    if isinstance(root, dict):
        root = next((root[k] for k in WRAPPERS if isinstance(root.get(k), Thing)), None)
    state = root.state if isinstance(root, Thing) else None
    return root if isinstance(state, dict) and "_modules" in state else None


def sketch_pickled(file: TorchFile, module: Thing) -> Sketch:
    """The layers of a pickled module, kinds from the names of its classes; runs nothing."""
    tensors: dict[str, Stored] = {}
    classes: dict[str, str] = {}
    pending: list[tuple[str, Any, int]] = [("", module, 0)]
    while pending:
        prefix, thing, depth = pending.pop()
        state = thing.state if isinstance(thing, Thing) else None
        if not isinstance(state, dict) or depth > DEPTH:
            continue
        classes[prefix.rstrip(".")] = thing.path
        for table in ("_parameters", "_buffers"):
            for name, value in _items(state.get(table)):
                kept = table == "_parameters" or name in NOT_PARAMETERS
                if kept and (tensor := file.tensor(value)) is not None:
                    tensors[f"{prefix}{name}"] = tensor
        children = _items(state.get("_modules"))
        pending += [(f"{prefix}{name}.", child, depth + 1) for name, child in reversed(children)]
    return Sketch(Format.PICKLE, entries_of_tensors(tensors, classes))


def _items(table: Any) -> list[tuple[str, Any]]:
    return [(str(k), v) for k, v in table.items()] if isinstance(table, dict) else []


def load_pickled(path: Path) -> nn.Module:
    """Unpickle a module, which runs its code; only ever for a file that the user has vouched for.

    Raises:
        ModelError: It needs Python code that is not there, or holds no module.
    """
    sys.path.insert(0, str(path.parent))
    try:
        root = torch.load(path, weights_only=False, map_location="cpu")  # noqa: TID251
    except (ImportError, AttributeError) as error:
        what = (str(error).splitlines() or [""])[0][:200]
        raise ModelError(
            f"{path} needs Python code that is not there: {what}",
            hint="Put the file that defines its classes beside it.",
            where=str(path),
        ) from error
    if isinstance(root, dict):
        root = next((root[k] for k in WRAPPERS if isinstance(root.get(k), nn.Module)), root)
    if not isinstance(root, nn.Module):
        raise ModelError(
            f"{path} holds a {type(root).__name__}, not a torch.nn.Module",
            hint="Save the network itself, or its state_dict().",
            where=str(path),
        )
    return root.eval()
