"""Learns the rounding of one block after the other.

Li et al. 2021, arXiv:2102.05426 (blocks as the unit of reconstruction); Wei et al. 2022,
arXiv:2203.05740 (inputs rounded only in part).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx

from engine.methods.quantization.rounding.blocks import Block
from engine.methods.quantization.rounding.descent import Descent
from engine.methods.quantization.rounding.losses import answer_error, relative_error
from engine.methods.quantization.rounding.memory import (
    MOST_BYTES,
    batch_is_fixed,
    samples_at_once,
    training_bytes,
)
from engine.methods.quantization.rounding.replay import Learned, Replay
from engine.methods.quantization.rounding.samples import Draws
from engine.methods.quantization.rounding.task import Task, placed
from engine.network.samples import SampleShapes

_CACHED = 3
"""Tensors kept for each sample: a block's input from both networks, and its wanted result."""


def learn_blocks(task: Task, steps: int) -> None:
    """Learn each block for what the original's block gives, with inputs from the rounded ones.

    Args:
        task: Its learned parts are changed.
        steps: Of the optimizer, for each block.
    """
    pairs = _Pairs(task)
    total = steps * len(task.blocks)
    for number, block in enumerate(task.blocks):
        pairs.enter(block)
        if block.layers and not task.job.stopping:
            _learn(task, pairs, (steps, number * steps, total))
        pairs.leave()
    task.job.checkpoint("Learning the rounding of blocks", total, total)


def _learn(task: Task, pairs: _Pairs, count: tuple[int, int, int]) -> None:
    steps, before, total = count
    block = pairs.block
    learned = _part(task.learned, block)
    descent = Descent(learned, task.settings, steps)
    draws = Draws(pairs.inputs, task.batch(), task.generator)
    size = batch_is_fixed(task.module) or samples_at_once(training_bytes(task.module, block.nodes))
    for done in range(steps):
        if task.job.stopping:
            break
        descent.step(pairs.losses(draws.indices(), size))
        task.job.checkpoint("Learning the rounding of blocks", before + done, total)


def _part(learned: Learned, block: Block) -> Learned:
    """What is learned in a block."""
    names = {node.name for node in block.nodes}
    return Learned(
        {name: learned.weights[name] for name in block.layers},
        {name: learned.biases[name] for name in block.layers if name in learned.biases},
        {name: one for name, one in learned.quantizers.items() if name in names},
    )


class _Pairs:
    """A block's inputs from the rounded and the original network, and what it should give."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._size = task.batch()
        count = min(len(task.inputs[0]), _samples(task))
        count -= count % self._size
        self.inputs = tuple(tensor[:count] for tensor in task.inputs)
        self._others: Mapping[str, fx.Node] = {n.name: n for n in task.original.graph.nodes}
        self._rounded: list[Any] = []
        self._float: list[Any] = []
        self._wanted: list[Any] = []

    def enter(self, block: Block) -> None:
        """Go to a block: compute what it should give."""
        self.block = block
        self._mine = Replay(self._task.module, block.nodes, self._task.job, self._task.learned)
        theirs = [self._others[n.name] for n in block.nodes if n.name in self._others]
        other = Replay(self._task.original, theirs, self._task.job)
        self._wanted = self._run(other, self._task.original, self._others, self._float)

    def leave(self) -> None:
        """Go behind the block, with what it gives now."""
        nodes = {node.name: node for node in self._task.module.graph.nodes}
        self._rounded = self._run(self._mine, self._task.module, nodes, self._rounded)
        self._float = self._wanted

    def losses(self, index: Tensor, size: int) -> Iterator[Callable[[], Tensor]]:
        """A loss for each part of the samples that fits into memory."""
        for start in range(0, len(index), size):
            part = index[start : start + size]
            yield lambda part=part: self._loss(part)  # type: ignore[misc]  # the default binds the loop's value

    def _run(
        self,
        replay: Replay,
        module: fx.GraphModule,
        nodes: Mapping[str, fx.Node],
        sources: Sequence[Any],
    ) -> list[Any]:
        """A block's results for all samples, batch by batch."""
        found = []
        result = nodes[self.block.result.name]
        with torch.no_grad():
            for number, start in enumerate(range(0, len(self.inputs[0]), self._size)):
                known = self._placed(module, slice(start, start + self._size))
                if self.block.source is not None:
                    known[nodes[self.block.source.name]] = sources[number]
                found.append(replay.run(known, (result,))[result])
        return found

    def _placed(self, module: fx.GraphModule, index: Any) -> dict[fx.Node, Any]:
        return placed(module, [self._task.moved(tensor[index]) for tensor in self.inputs])

    def _loss(self, index: Tensor) -> Tensor:
        known = self._placed(self._task.module, index)
        if self.block.source is not None:
            known[self.block.source] = self._mixed(index)
        found = self._mine.run(known, (self.block.result,))[self.block.result]
        if self.block.result.op != "output":
            return relative_error(found, self._taken(self._wanted, index))
        several = isinstance(found, (tuple, list))
        places = range(len(found)) if several else [None]
        wanted = [
            self._taken([w if p is None else w[p] for w in self._wanted], index) for p in places
        ]
        return answer_error(found if several else [found], wanted)

    def _mixed(self, index: Tensor) -> Tensor:
        """Inputs of the rounded network, some values as the original has them."""
        rounded = self._taken(self._rounded, index)
        drop = self._task.settings.drop
        if not drop or not rounded.is_floating_point():
            return rounded
        kept = torch.rand(rounded.shape, generator=self._task.generator) >= drop
        return torch.where(kept.to(rounded.device), rounded, self._taken(self._float, index))

    def _taken(self, parts: Sequence[Tensor], index: Tensor) -> Tensor:
        """Some samples of a tensor that is kept in parts."""
        found = torch.stack([parts[i // self._size][i % self._size] for i in index.tolist()])
        return self._task.moved(found)


def _samples(task: Task) -> int:
    """How many samples' values fit into memory at the widest place between blocks."""
    shapes = SampleShapes(task.module)
    sizes = [shapes.count_bytes(block.result.meta.get("val")) or 1 for block in task.blocks]
    return max(task.batch(), samples_at_once(_CACHED * max(sizes), MOST_BYTES))
