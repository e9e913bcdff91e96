"""Runs a network and its changing copy side by side, node by node, over all samples.

When a layer is reached, its inputs in the copy (whose earlier layers are already replaced) and its
outputs in the original are there for all samples at once; then its replacement is decided, and
both go on. Where its output is added to another, as in a residual block, what is wanted is the
original's sum, so that it also makes up for what the other operand has lost. All layers together
take two forward passes, and the memory of the live activations of all samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.jobs.job import Job
from engine.methods.low_rank.response import MOST_COLUMNS
from engine.statistics.shortcuts import added_to, norm_after, norm_scale, wanted_output

Values = dict[fx.Node, Any]
"""What the live nodes hold, for one batch."""
Chain = Mapping[str, nn.Module]
Decide = Callable[[fx.Node, Sequence[tuple[Tensor, Tensor]]], Chain | None]
"""Gets a call and, for each batch, the copy's input and the wanted output; gives the parts."""


class Lockstep:
    """Two networks that differ in the leaves that were replaced so far.

    Args:
        module: The original, in evaluation mode; never changed.
        batches: The samples, as the network takes them.
        chains: Leaves that are replaced from the start.
        job: Looked at before every node of every batch.
    """

    def __init__(
        self,
        module: fx.GraphModule,
        batches: Sequence[tuple[Tensor, ...]],
        chains: Mapping[str, Chain],
        job: Job,
    ) -> None:
        self._module = module
        self._nodes: list[fx.Node] = list(module.graph.nodes)
        self._chains: dict[str, Chain] = dict(chains)
        self._job = job
        self._original: list[Values] = [{} for _ in batches]
        self._copy: list[Values] = [{} for _ in batches]
        self._feed(batches)

    def run(self, stops: Mapping[str, str], decide: Decide) -> None:
        """Go through the network, as far as the last stop.

        Args:
            stops: Name of each node to decide at → its leaf.
            decide: See `Decide`; without parts, the leaf stays.
        """
        last_use = self._last_uses()
        waiting = set(stops)
        changed: set[fx.Node] = set()
        with torch.no_grad():
            for node in self._nodes:
                if not waiting:
                    return
                if node.op in ("placeholder", "output"):
                    continue
                self._run_original(node)
                if node.name in waiting:
                    waiting.discard(node.name)
                    chain = decide(node, self._seen_at(node))
                    if chain is not None:
                        self._chains[stops[node.name]] = chain
                if self._differs(node, changed):
                    changed.add(node)
                self._run_copy(node, same=node not in changed)
                for dead in last_use.get(node, ()):
                    for values in (*self._original, *self._copy):
                        values.pop(dead, None)

    def _feed(self, batches: Sequence[tuple[Tensor, ...]]) -> None:
        inputs = [node for node in self._nodes if node.op == "placeholder"]
        for number, batch in enumerate(batches):
            for node, tensor in zip(inputs, batch, strict=True):
                self._original[number][node] = self._copy[number][node] = tensor

    def _last_uses(self) -> dict[fx.Node, list[fx.Node]]:
        """Node → what nothing needs after it."""
        last: dict[fx.Node, fx.Node] = {}
        for node in self._nodes:
            last[node] = node
            for source in node.all_input_nodes:
                last[source] = node
        ends: dict[fx.Node, list[fx.Node]] = {}
        for source, node in last.items():
            ends.setdefault(node, []).append(source)
        return ends

    def _differs(self, node: fx.Node, changed: set[fx.Node]) -> bool:
        replaced = node.op == "call_module" and str(node.target) in self._chains
        return replaced or any(source in changed for source in node.all_input_nodes)

    def _seen_at(self, node: fx.Node) -> list[tuple[Tensor, Tensor]]:
        source, leaf = node.all_input_nodes[0], self._module.get_submodule(str(node.target))
        norm = norm_after(self._module, node, leaf)
        other = added_to(norm or node) if _is_solved(leaf) else None
        scale = None if norm is None else norm_scale(self._module, str(norm.target))
        found = []
        for copy, original in zip(self._copy, self._original, strict=True):
            beside = None if other not in copy else (original[other], copy[other])
            found.append((copy[source], wanted_output(original[node], beside, scale)))
        return found

    def _run_original(self, node: fx.Node) -> None:
        for values in self._original:
            self._job.checkpoint()
            values[node] = self._call(node, values, {})

    def _run_copy(self, node: fx.Node, *, same: bool) -> None:
        for values, original in zip(self._copy, self._original, strict=True):
            if same:
                values[node] = original[node]
            else:
                self._job.checkpoint()
                values[node] = self._call(node, values, self._chains)

    def _call(self, node: fx.Node, values: Values, chains: Mapping[str, Chain]) -> Any:
        target: Any = node.target
        args: Any = fx.node.map_arg(node.args, values.__getitem__)
        kwargs: Any = fx.node.map_arg(node.kwargs, values.__getitem__)
        if node.op == "get_attr":
            owner, _, name = target.rpartition(".")
            return getattr(self._module.get_submodule(owner), name)
        if node.op == "call_method":
            return getattr(args[0], target)(*args[1:], **kwargs)
        if node.op == "call_function":
            return target(*args, **kwargs)
        if target not in chains:
            return self._module.get_submodule(target)(*args, **kwargs)
        result = args[0]
        for part in chains[target].values():
            result = part(result)
        return result


def _is_solved(leaf: nn.Module) -> bool:
    """Whether a layer is fitted to what is wanted; wider ones keep what their weights give."""
    weight = leaf.weight
    return isinstance(weight, Tensor) and weight[0].numel() <= MOST_COLUMNS
