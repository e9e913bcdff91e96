"""What each change really costs: the divergence of a network's answers, sample by sample."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, fx

from engine.jobs.job import Quiet
from engine.network.network import Network
from engine.search.changes import Change
from engine.statistics.stepper import Stepper
from engine.surgery.copy import copy_network
from tests.bench.sensitivity_material import Material

Floats = NDArray[np.float64]
_SAVED_EVERY_S = 60.0
_CHECKED = 3


@dataclass(frozen=True)
class Reference:
    """Divergences in nats.

    Attributes:
        keys: What tells a change from all others, its new weights included.
        samples: `[changes, samples]`.
        cpu_s: What it took.
    """

    keys: tuple[str, ...]
    samples: Floats
    cpu_s: float

    @property
    def losses(self) -> Floats:
        """Mean over the samples, `[changes]`."""
        return self.samples.mean(1)

    def halves(self) -> tuple[Floats, Floats]:
        """Means over every other sample."""
        return self.samples[:, ::2].mean(1), self.samples[:, 1::2].mean(1)


def key_of(change: Change) -> str:
    """Differs when the change does."""
    found = hashlib.sha256()
    for layer, leaf in sorted(change.leaves.items()):
        found.update(layer.encode())
        for tensor in (leaf.weight, getattr(leaf, "bias", None)):
            if isinstance(tensor, Tensor):
                found.update(tensor.detach().contiguous().numpy().tobytes())
    return f"{change.rows[0]} {change.method} {change.setting:g} {found.hexdigest()[:16]}"


def reference(material: Material, changes: Sequence[Change], file: Path | None) -> Reference:
    """From a file what it has, the rest worked out; the file is written as the work goes on."""
    keys = tuple(key_of(change) for change in changes)
    known: dict[str, Floats] = {}
    spent = 0.0
    if file is not None and file.exists():
        with np.load(file) as saved:
            known = dict(zip(saved["keys"].tolist(), saved["samples"], strict=True))
            spent = float(saved["cpu_s"])
    missing = [place for place, key in enumerate(keys) if key not in known]
    if missing:
        print(f"{material.name}: {len(missing)} of {len(keys)} references to work out", flush=True)
    began = saved_at = time.process_time()
    runs = _Runs(material.folded, material.others.inputs, material.others.batch)
    for place in sorted(missing, key=lambda place: runs.first_node(changes[place])):
        known[keys[place]] = runs.divergences(changes[place])
        if file is not None and time.process_time() - saved_at > _SAVED_EVERY_S:
            saved_at = time.process_time()
            _save(file, known, spent + saved_at - began)
    if missing:
        spent += time.process_time() - began
        if file is not None:
            _save(file, known, spent)
        _check(material, changes, known)
    return Reference(keys, np.stack([known[key] for key in keys]), spent)


def _save(file: Path, known: dict[str, Floats], cpu_s: float) -> None:
    part = file.with_suffix(".part.npz")
    np.savez(part, keys=list(known), samples=np.stack(list(known.values())), cpu_s=cpu_s)
    part.replace(file)


class _Runs:
    """Runs changed networks; what comes before a change is run once for all that share it."""

    def __init__(self, network: Network, inputs: tuple[Tensor, ...], batch: int) -> None:
        self._module = network.module
        batches = list(zip(*(tensor.split(batch) for tensor in inputs), strict=True))
        self._stepper = Stepper(network.module, batches, Quiet())
        self._reference = _answers(self._stepper.fork({}))
        self._places: dict[str, int] = {}
        for place, node in enumerate(self._stepper.nodes):
            if node.op == "call_module":
                self._places.setdefault(str(node.target), place)

    def first_node(self, change: Change) -> int:
        """Place of the first node that a change is about."""
        return min(self._places[layer] for layer in change.leaves)

    def divergences(self, change: Change) -> Floats:
        """Of each sample. Changes are given in the order of the network."""
        for node in self._stepper.nodes[: self.first_node(change)]:
            self._stepper.compute(node)
        return divergences(self._reference, _answers(self._stepper.fork(change.leaves)))


def _answers(stepper: Stepper) -> Tensor:
    end: fx.Node = stepper.nodes[-1]
    return torch.cat([_first(arguments[0]) for arguments in stepper.arguments(end)])


def _first(value: object) -> Tensor:
    while isinstance(value, (tuple, list)):
        value = value[0]
    assert isinstance(value, Tensor)
    return value


def divergences(old: Tensor, new: Tensor) -> Floats:
    """KL divergence of class probabilities of each sample, in double precision."""
    logs, others = (torch.log_softmax(answers.double(), 1) for answers in (old, new))
    found: Floats = (logs.exp() * (logs - others)).sum(1).numpy()
    return found


def _check(material: Material, changes: Sequence[Change], known: dict[str, Floats]) -> None:
    """Some changed networks are run whole, without the engine's help: nothing may differ."""
    places = np.linspace(0, len(changes) - 1, _CHECKED).round().astype(int)
    inputs = material.others.inputs
    for change in (changes[place] for place in places):
        with torch.inference_mode():
            before = torch.cat([_first(material.folded.module(*b)) for b in _batches(inputs)])
            twin = copy_network(material.folded).module
            for layer, leaf in change.leaves.items():
                twin.set_submodule(layer, leaf)
            after = torch.cat([_first(twin(*b)) for b in _batches(inputs)])
        whole = divergences(before, after).mean()
        found = known[key_of(change)].mean()
        if abs(whole - found) > 1e-3 * whole + 1e-9:
            raise AssertionError(f"{key_of(change)}: {found} where the whole network has {whole}")


def _batches(inputs: tuple[Tensor, ...]) -> list[tuple[Tensor, ...]]:
    return list(zip(*(tensor.split(250) for tensor in inputs), strict=True))
