"""Runs a network on all samples node by node, so that what comes next can depend on what came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.node import Target

from engine.jobs.job import Job
from engine.network.ancestors import ancestors
from engine.network.memory import peak_activation_bytes
from engine.statistics.calibration import Calibration

_BYTES_AT_ONCE = 48 << 20
"""Activations of one batch, about: small enough that cancelling is heard between two nodes."""
_FEWEST_BATCHES = 8


def batches_within(
    module: fx.GraphModule, calibration: Calibration, most_bytes: int
) -> list[tuple[Tensor, ...]]:
    """As many samples as fit into memory when all are held at one node, in small batches.

    Args:
        module: What they go through.
        calibration: The samples.
        most_bytes: Of live activations of all samples together.
    """
    each = max(peak_activation_bytes(module) or 1, 1)
    count = min(len(calibration), max(most_bytes // each, 8))
    size = max(1, min(calibration.batch, _BYTES_AT_ONCE // each, -(-count // _FEWEST_BATCHES)))
    return list(calibration.first(count).batches(size))


class Stepper:
    """A network and the values of its nodes for several batches, computed when asked for.

    Values are dropped once all that need them are computed. No gradients are recorded.

    Args:
        module: In evaluation mode; leaves may be changed before they are first run.
        batches: Inputs of the network, batch by batch.
        job: Looked at before each node and batch.
    """

    def __init__(
        self, module: fx.GraphModule, batches: Sequence[tuple[Tensor, ...]], job: Job
    ) -> None:
        self.module = module
        self.nodes: list[fx.Node] = list(module.graph.nodes)
        self.named = {node.name: node for node in self.nodes}
        self.done: set[fx.Node] = set()
        self._job = job
        self._place = {node: i for i, node in enumerate(self.nodes)}
        self._waiting = {node: len(node.users) for node in self.nodes}
        self._runs = [_Run(module, {}, {}) for _ in batches]
        inputs = [node for node in self.nodes if node.op == "placeholder"]
        for run, batch in zip(self._runs, batches, strict=True):
            run.env.update(zip(inputs, batch, strict=True))
        self.done.update(inputs)

    def fork(self, leaves: Mapping[str, nn.Module]) -> Stepper:
        """Another one in the same state, which goes on alone; values are shared.

        Args:
            leaves: Layer → what is run in its place.
        """
        twin = object.__new__(Stepper)
        twin.__dict__.update(self.__dict__)
        twin.done = set(self.done)
        twin._waiting = dict(self._waiting)
        twin._runs = [_Run(self.module, run.env, leaves) for run in self._runs]
        return twin

    def missing(self, node: fx.Node) -> list[fx.Node]:
        """What must be computed before a node, itself not included, in order."""
        found = ancestors(node.all_input_nodes, self.done)
        return sorted(found, key=self._place.__getitem__)

    def compute(self, node: fx.Node) -> None:
        """Compute a node, and before it whatever it needs."""
        if node not in self.done:
            for one in [*self.missing(node), node]:
                self._run(one)

    def values(self, node: fx.Node) -> list[Any]:
        """What a computed node gives, for each batch; empty if nobody needs it any more."""
        return [run.env[node] for run in self._runs if node in run.env]

    def arguments(self, node: fx.Node) -> Iterator[tuple[Any, ...]]:
        """What a node that is about to be computed gets, batch by batch."""
        for one in self.missing(node):
            self._run(one)
        for run in self._runs:
            yield run.fetch_args_kwargs_from_env(node)[0]

    def _run(self, node: fx.Node) -> None:
        with torch.inference_mode():
            for run in self._runs:
                self._job.checkpoint()
                run.env[node] = run.run_node(node)
        self.done.add(node)
        for source in node.all_input_nodes:
            self._waiting[source] -= 1
            if not self._waiting[source]:
                for run in self._runs:
                    run.env.pop(source, None)


class _Run(fx.Interpreter):
    """One batch's way through a network."""

    def __init__(
        self, module: fx.GraphModule, env: Mapping[fx.Node, Any], leaves: Mapping[str, nn.Module]
    ) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.extra_traceback = False
        self.env = dict(env)
        self._leaves = leaves

    def call_module(self, target: Target, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a leaf, or what stands for it."""
        other = self._leaves.get(str(target))
        if other is None:
            return super().call_module(target, args, kwargs)
        return other(*args, **kwargs)
