"""Learns all rounding of a network together, so that its answers are the original's again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from engine.methods.quantization.rounding.descent import Descent
from engine.methods.quantization.rounding.losses import answer_error, relative_error
from engine.methods.quantization.rounding.memory import (
    batch_is_fixed,
    samples_at_once,
    training_bytes,
)
from engine.methods.quantization.rounding.replay import Replay
from engine.methods.quantization.rounding.samples import Draws
from engine.methods.quantization.rounding.task import Task, placed


def refine(task: Task, steps: int) -> None:
    """Train all learned weights and quantizers on the original's answers and block results.

    No labels: the network is distilled from its own original (Hinton et al. 2015,
    arXiv:1503.02531; between blocks as in FitNets, Romero et al. 2015, arXiv:1412.6550).

    Args:
        task: Its learned parts are changed.
        steps: Of the optimizer.
    """
    runs = _Runs(task)
    descent = Descent(task.learned, task.settings, steps)
    draws = Draws(task.inputs, task.batch(), task.generator, augment=task.settings.augment)
    nodes = list(task.module.graph.nodes)
    fits = samples_at_once(training_bytes(task.module, nodes))
    size = batch_is_fixed(task.module) or fits
    for done in range(steps):
        if task.job.stopping:
            break
        batch = draws.draw()
        loss = descent.step(runs.losses(batch, size))
        task.job.checkpoint("Learning the rounding of the network", done, steps)
        task.job.metric("rounding_loss", done, loss)
    task.job.checkpoint("Learning the rounding of the network", steps, steps)


class _Runs:
    """The network and its original, side by side."""

    def __init__(self, task: Task) -> None:
        self._task = task
        nodes = list(task.module.graph.nodes)
        others = {node.name: node for node in task.original.graph.nodes}
        pairs = [
            (block.result, others[block.result.name])
            for block in task.blocks
            if block.result.op != "output" and block.result.name in others
        ]
        self._wanted = [*[mine for mine, _ in pairs], nodes[-1]]
        self._targets = [*[other for _, other in pairs], next(reversed(task.original.graph.nodes))]
        self._network = Replay(task.module, nodes, task.job, task.learned)
        self._original = Replay(task.original, list(task.original.graph.nodes), task.job)

    def losses(self, batch: tuple[Tensor, ...], size: int) -> Iterator[Callable[[], Tensor]]:
        """A loss for each part of a batch that fits into memory."""
        for start in range(0, len(batch[0]), size):
            part = tuple(tensor[start : start + size] for tensor in batch)
            yield lambda part=part: self._loss(part)  # type: ignore[misc]  # the default binds the loop's value

    def _loss(self, batch: tuple[Tensor, ...]) -> Tensor:
        batch = tuple(self._task.moved(tensor) for tensor in batch)
        with torch.no_grad():
            wanted = self._original.run(placed(self._task.original, batch), self._targets)
        found = self._network.run(placed(self._task.module, batch), self._wanted)
        errors = [
            relative_error(found[mine], wanted[other])
            for mine, other in zip(self._wanted[:-1], self._targets[:-1], strict=True)
        ]
        answers = answer_error(found[self._wanted[-1]], wanted[self._targets[-1]])
        return answers + torch.stack(errors).mean() if errors else answers
