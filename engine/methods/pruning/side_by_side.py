"""Runs a network and a changed copy of it side by side, up to wherever somebody wants to look.

Layers of the copy can be changed between looks, as long as nothing has run through them: a whole
network is worked through, each layer seeing what the changed ones before it give, at the price of
one forward pass of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, fx
from torch._subclasses.fake_tensor import FakeTensor

from engine.jobs.job import Job
from engine.network.ancestors import ancestors

Values = dict[fx.Node, Any]


class SideBySide:
    """The values of two modules with the same graph, for all batches at once.

    A value is dropped when everything that reads it has run.

    Args:
        reference: In evaluation mode.
        changed: A copy, whose leaves may be replaced while this goes on; it is `reference`'s nodes
            that the methods here take.
        batches: The inputs of the network, batch by batch.
        job: Looked at between nodes.
    """

    def __init__(
        self,
        reference: fx.GraphModule,
        changed: fx.GraphModule,
        batches: Sequence[tuple[Tensor, ...]],
        job: Job,
    ) -> None:
        self._runs = (fx.Interpreter(reference), fx.Interpreter(changed))
        for run in self._runs:
            run.extra_traceback = False
        self._nodes = list(reference.graph.nodes)
        self._inputs = [node for node in self._nodes if node.op == "placeholder"]
        self._twins = dict(zip(self._nodes, changed.graph.nodes, strict=True))
        self._values: list[tuple[Values, Values]] = [({}, {}) for _ in batches]
        self._batches = batches
        self.reference = reference
        self.samples = sum(len(batch[0]) for batch in batches)
        self._job = job
        self._done: set[fx.Node] = set()
        self._readers = {node: len(node.users) for node in self._nodes}

    def run_to(self, *wanted: fx.Node) -> None:
        """Run what is needed for some nodes' values."""
        missing = ancestors(wanted, self._done)
        needed = [node for node in self._nodes if node in missing]
        drops = self._schedule(needed)
        for number in range(len(self._batches)):
            for node in needed:
                self._run(number, node)
                for gone in drops[node]:
                    self._values[number][0].pop(gone, None)
                    self._values[number][1].pop(gone, None)

    def values(self, node: fx.Node) -> Iterator[tuple[Any, Any]]:
        """What a node gives in the reference and in the copy, batch by batch."""
        for reference, changed in self._values:
            self._job.checkpoint()
            yield reference[node], changed[node]

    def _schedule(self, needed: list[fx.Node]) -> dict[fx.Node, list[fx.Node]]:
        """After which node which values go; all counted as read."""
        drops: dict[fx.Node, list[fx.Node]] = {node: [] for node in needed}
        for node in needed:
            self._done.add(node)
            for source in node.all_input_nodes:
                self._readers[source] -= 1
                if not self._readers[source]:
                    drops[node].append(source)
        return drops

    def _run(self, number: int, node: fx.Node) -> None:
        self._job.checkpoint()
        reference, changed = self._values[number]
        if node.op == "placeholder":
            reference[node] = changed[node] = self._batches[number][self._inputs.index(node)]
            return
        reference[node] = self._run_one(0, node, reference)
        if self._same(node, reference, changed):
            changed[node] = reference[node]
        else:
            twin = self._twins[node]
            values = {self._twins[n]: changed[n] for n in node.all_input_nodes}
            changed[node] = self._run_one(1, twin, values)

    def _run_one(self, which: int, node: fx.Node, values: Values) -> Any:
        run = self._runs[which]
        run.env = values
        with torch.inference_mode():
            return run.run_node(node)

    def _same(self, node: fx.Node, reference: Values, changed: Values) -> bool:
        """Whether nothing that a node reads was changed."""
        if any(reference[n] is not changed[n] for n in node.all_input_nodes):
            return False
        if node.op == "get_attr":
            return _attribute(self._runs[0].module, node) is _attribute(self._runs[1].module, node)
        if node.op != "call_module":
            return True
        own, new = (_tensors(run.module.get_submodule(str(node.target))) for run in self._runs)
        return len(own) == len(new) and all(a is b for a, b in zip(own, new, strict=True))


def bytes_per_sample(module: fx.GraphModule) -> int:
    """The most bytes that the values of a forward pass take at once, for one sample."""
    readers = {node: len(node.users) for node in module.graph.nodes}
    held = most = 0
    for node in module.graph.nodes:
        held += _size(node)
        most = max(most, held)
        for source in node.all_input_nodes:
            readers[source] -= 1
            if not readers[source]:
                held -= _size(source)
    return most


def _size(node: fx.Node) -> int:
    value = node.meta.get("val")
    if node.op == "get_attr" or not isinstance(value, FakeTensor):
        return 0
    return math.prod(n for n in value.shape if isinstance(n, int)) * value.element_size()


def _tensors(leaf: Any) -> list[Tensor]:
    return [*leaf.parameters(), *leaf.buffers()]


def _attribute(module: Any, node: fx.Node) -> Any:
    owner, _, name = str(node.target).rpartition(".")
    return getattr(module.get_submodule(owner), name)
