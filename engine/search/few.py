"""Runs changed networks on a few samples: little work, and true where second order is not."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, fx

from engine.jobs.job import Job
from engine.network.macs import call_macs
from engine.network.memory import peak_activation_bytes
from engine.network.network import Network
from engine.network.samples import SampleShapes
from engine.search.alike import Pairs
from engine.search.changes import Change
from engine.search.quadratic import first_output, is_classes
from engine.statistics.calibration import Calibration
from engine.statistics.stepper import Stepper, batches_within

Floats = NDArray[np.float64]
_BYTES = 1 << 30
"""Of the values of all samples at one node."""
_BYTES_AT_ONCE = 48 << 20
"""Of one batch: small enough that cancelling is heard between two nodes."""
_TIMED = 128
_WORST = 1e6
"""The loss where answers are no numbers."""


def chosen_samples(losses: Floats, count: int) -> tuple[NDArray[np.int64], Floats]:
    """Samples that tell most, and what each counts.

    A sample is drawn with a probability that is half the same for all and half as large as its part
    of the losses, evenly along their order (systematic sampling: Madow 1949, Ann. Math. Statist.
    20, 333), and counts the inverse of it, so that means stay right.

    Args:
        losses: `[changes, samples]`, predicted.
        count: How many samples.

    Returns:
        Places, ascending, and weights; one place may stand for several draws.
    """
    total = losses.mean(1, keepdims=True)
    parts = np.divide(losses, total, out=np.zeros_like(losses), where=total > 0).mean(0)
    number = len(parts)
    if count >= number or not parts.sum() > 0:
        places = np.unique(np.linspace(0, number - 1, min(count, number)).round().astype(np.int64))
        return places, np.ones(len(places))
    chances = 0.5 * parts / parts.sum() + 0.5 / number
    order = np.argsort(parts, kind="stable")
    ends = np.cumsum(chances[order])
    drawn = order[np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1])]
    places, times = np.unique(drawn, return_counts=True)
    return places, times / (chances[places] * number)


class FewSamples:
    """A network and samples that it is run on.

    Args:
        network: With batch norms folded; not changed.
        samples: All of them are run.
        job: Looked at between nodes.
        power: Mean square of the outputs of a sample, of outputs that are no classes.
    """

    def __init__(
        self, network: Network, samples: Calibration, job: Job, power: float = 1.0
    ) -> None:
        self._module = network.module
        self._job = job
        self._power = power
        each = max(peak_activation_bytes(network.module) or 1, 1)
        self.count = min(len(samples), max(_BYTES // each, 1))
        at_once = max(1, min(_BYTES_AT_ONCE // each, self.count))
        self._batches = list(samples.first(self.count).batches(at_once))
        self._reference = self._answers(self._stepper())

    def losses(self, changes: Sequence[Change], pairs: Pairs | None = None) -> Floats:
        """Divergence of the answers from the original's, `[changes, samples]`.

        What lies before a change is run once for all that share it.

        Args:
            changes: What is changed.
            pairs: Tells what each sample adds to the mean divergence over all that are like it.
        """
        stepper = self._stepper()
        begins = [first_place(stepper, change) for change in changes]
        found = np.zeros((len(changes), self.count))
        for number, place in enumerate(sorted(range(len(changes)), key=begins.__getitem__)):
            self._job.checkpoint("Trying settings on a few samples", number, len(changes))
            for node in stepper.nodes[: begins[place]]:
                stepper.compute(node)
            answers = self._answers(stepper.fork(changes[place].leaves))
            found[place] = self._divergences(answers, pairs)
        return found

    def _stepper(self) -> Stepper:
        return Stepper(self._module, self._batches, self._job)

    def _answers(self, stepper: Stepper) -> list[Tensor]:
        ends = stepper.arguments(stepper.nodes[-1])
        return [first_output(arguments[0]).double() for arguments in ends]

    def _divergences(self, answers: Sequence[Tensor], pairs: Pairs | None) -> Floats:
        old, new = torch.cat(self._reference), torch.cat(list(answers))
        if not is_classes(old):
            loss = 0.5 * (new - old).square().reshape(len(old), -1).sum(1) / self._power
        elif pairs is None:
            logs = torch.log_softmax(old, 1)
            loss = (logs.exp() * (logs - torch.log_softmax(new, 1))).sum(1)
        else:
            loss = pairs.losses(old, new)
        losses: Floats = loss.numpy()
        return np.where(np.isfinite(losses), np.maximum(losses, 0.0), _WORST)


def first_place(stepper: Stepper, change: Change) -> int:
    """Place of the first node that a change is about."""
    return next(
        place
        for place, node in enumerate(stepper.nodes)
        if node.op == "call_module" and str(node.target) in change.leaves
    )


def macs_after(module: fx.GraphModule) -> dict[str, float]:
    """Layer → the part of the network's MACs that it and what comes after it take."""
    shapes = SampleShapes(module)
    found: dict[str, float] = {}
    total = 0
    for node in reversed(module.graph.nodes):
        leaf = module.get_submodule(str(node.target)) if node.op == "call_module" else None
        total += call_macs(node, leaf, shapes) or 0
        if leaf is not None:
            found[str(node.target)] = float(total)
    return {name: macs / max(total, 1) for name, macs in found.items()}


def pass_seconds(network: Network, samples: Calibration, job: Job) -> float:
    """Processor time of one forward pass over the samples."""
    batches = batches_within(network.module, samples.first(_TIMED), _BYTES)
    times = []
    for _ in range(2):  # the first loads what it needs
        stepper = Stepper(network.module, batches, job)
        began = time.process_time()
        list(stepper.arguments(stepper.nodes[-1]))
        times.append(time.process_time() - began)
    count = sum(len(batch[0]) for batch in batches)
    return max(times[-1], 1e-9) * len(samples) / count
