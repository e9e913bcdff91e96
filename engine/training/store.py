"""Checkpoints of a training: written whole or not at all, and never used for another one."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.network.encoding import WeightEncoding
from engine.network.network import Network
from engine.paths import write_atomically

VERSION = 1
EVERY_S = 30.0
"""Seconds of training between two checkpoints."""
MOST_SHARE = 0.05
"""Of the time that writing may take."""
KEPT = 4
"""Checkpoints in a folder; older ones go."""
_DIGEST = 32
_PREFIX = "training-"


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """All that a training needs to go on: tensors by name, and plain facts."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]


class Store:
    """Where one training keeps its checkpoint.

    Args:
        folder: Empty: nowhere.
        key: Identifies network, data, settings and seed.
        note: Takes a sentence for the user.
    """

    def __init__(self, folder: str, key: str, note: Callable[[str], None]) -> None:
        self._path = Path(folder) / f"{_PREFIX}{key[:40]}.checkpoint" if folder else None
        self._note = note
        self._next = time.monotonic() + EVERY_S

    @property
    def due(self) -> bool:
        """Whether it is time for the next checkpoint."""
        return self._path is not None and time.monotonic() >= self._next

    def write(self, saved: Saved) -> None:
        """Keep a checkpoint; a full disk is noted once and does not end the training."""
        if self._path is None:
            return
        began = time.monotonic()
        facts = {"facts": json.dumps({"version": VERSION, **saved.facts})}
        content = save(_plain(saved.tensors), facts)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, hashlib.sha256(content).digest() + content)
            self._drop_old()
        except OSError as error:
            self._path = None
            why = error.strerror or type(error).__name__
            self._note(
                f"The training is not kept on the way, for its folder is not writable ({why})."
            )
        now = time.monotonic()
        self._next = now + max(EVERY_S, (now - began) / MOST_SHARE)

    def read(self) -> Saved | None:
        """The checkpoint of an earlier run of the same training, if there is a sound one."""
        if self._path is None or not self._path.is_file():
            return None
        try:
            content = self._path.read_bytes()
            if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
                raise ValueError("its checksum is another")
            payload = content[_DIGEST:]
            length = int.from_bytes(payload[:8], "little")
            facts = json.loads(json.loads(payload[8 : 8 + length])["__metadata__"]["facts"])
            if facts.pop("version") != VERSION:
                raise ValueError("it is of another version")
            return Saved(load(payload), facts)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError):
            self._note("A damaged checkpoint of this training was ignored; it began anew.")
            return None

    def clear(self) -> None:
        """The training is finished."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _drop_old(self) -> None:
        assert self._path is not None
        others = sorted(self._path.parent.glob(f"{_PREFIX}*"), key=lambda p: p.stat().st_mtime)
        for path in others[:-KEPT]:
            path.unlink(missing_ok=True)


def _plain(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """As safetensors takes them: on the CPU, contiguous, none sharing memory."""
    return {
        name: tensor.detach().to("cpu", copy=True).contiguous(memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }


def digest(network: Network) -> str:
    """Identifies a network: graph, tensors, grids and masks."""
    found = hashlib.sha256(network.module.code.encode())
    module = network.module
    named = [*module.named_parameters(remove_duplicate=False), *module.named_buffers()]
    for name, tensor in sorted(named, key=lambda item: item[0]):
        found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        found.update(_bytes(tensor))
    for name in sorted(network.encodings):
        encoding = network.encodings[name]
        found.update(f"{name} {encoding!r}".encode())
        if isinstance(encoding, WeightEncoding):
            found.update(_bytes(encoding.scale) + _bytes(encoding.zero_point))
    found.update("\n".join(sorted(network.sparse)).encode())
    return found.hexdigest()


def _bytes(tensor: Tensor) -> bytes:
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
