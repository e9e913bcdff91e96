"""Runs parts of a network node by node, with learned weights and quantizers in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, fx

from engine.jobs.job import Job
from engine.methods.quantization.rounding.learned import (
    LearnedBias,
    LearnedQuantizer,
    LearnedWeight,
)

aten = torch.ops.aten

Values = dict[fx.Node, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What takes the place of weights and quantizers.

    Attributes:
        weights: Layer → learned weight; tied layers share one.
        biases: Layer → learned bias.
        quantizers: Name of the node → learned quantizer.
    """

    weights: Mapping[str, LearnedWeight] = field(default_factory=dict)
    biases: Mapping[str, LearnedBias] = field(default_factory=dict)
    quantizers: Mapping[str, LearnedQuantizer] = field(default_factory=dict)


class Replay:
    """Runs nodes of a graph.

    Args:
        module: In evaluation mode.
        nodes: Which, in execution order.
        job: Looked at between nodes.
        learned: Used in the place of what the module has.
    """

    def __init__(
        self,
        module: fx.GraphModule,
        nodes: Sequence[fx.Node],
        job: Job,
        learned: Learned | None = None,
    ) -> None:
        self._module = module
        self._nodes = nodes
        self._job = job
        self._learned = learned or Learned()
        self._last = _last_users(nodes)

    def run(self, known: Mapping[fx.Node, Any], wanted: Sequence[fx.Node]) -> Values:
        """Run the nodes; what is not wanted is dropped as soon as nothing reads it.

        Args:
            known: Values that come from outside.
            wanted: Nodes whose values are returned; a graph's output node gives what it returns.
        """
        values: Values = dict(known)
        keep = set(wanted)
        # one look at a layer's weight for all its calls: rounding it is not free
        weights: dict[str, dict[str, Tensor]] = {}
        for node in self._nodes:
            if node not in values:
                self._job.checkpoint()
                value = self._run_node(node, values, weights)
                values[node] = value
                if isinstance(value, Tensor) and value.requires_grad:
                    value.register_hook(self._look)  # type: ignore[no-untyped-call]  # torch has no types there
            for dead in self._last.get(node, ()):
                if dead not in keep:
                    values.pop(dead, None)
        return {node: values[node] for node in wanted}

    def _look(self, gradient: Tensor) -> None:
        """Let the job be canceled in the middle of a gradient."""
        self._job.checkpoint()

    def _run_node(self, node: fx.Node, values: Values, weights: dict[str, Any]) -> Any:
        if node.op == "get_attr":
            return _attribute(self._module, str(node.target))
        args: Any = fx.map_arg(node.args, values.__getitem__)
        kwargs: Any = fx.map_arg(node.kwargs, values.__getitem__)
        if node.op == "output":
            return args[0]
        if node.op == "call_module":
            return self._call(str(node.target), args, kwargs, weights)
        if node.op == "call_method":
            return getattr(args[0], str(node.target))(*args[1:], **kwargs)
        quantizer = self._learned.quantizers.get(node.name)
        if quantizer is not None:
            return quantizer(args[0])
        target: Any = node.target
        if target is aten.view.default:
            target = aten.reshape.default  # a view may not exist where channels come last
        return target(*args, **kwargs)

    def _call(self, name: str, args: Any, kwargs: Any, weights: dict[str, Any]) -> Any:
        leaf = self._module.get_submodule(name)
        learned = self._learned.weights.get(name)
        if learned is None:
            return leaf(*args, **kwargs)
        if name not in weights:
            weights[name] = {"weight": learned.value()}
            if name in self._learned.biases:
                weights[name]["bias"] = self._learned.biases[name].value()
        return torch.func.functional_call(leaf, weights[name], args, kwargs)


def _attribute(module: torch.nn.Module, path: str) -> Any:
    value: Any = module
    for part in path.split("."):
        value = getattr(value, part)
    return value


def _last_users(nodes: Sequence[fx.Node]) -> dict[fx.Node, list[fx.Node]]:
    """Node → those that nothing reads after it."""
    last: dict[fx.Node, fx.Node] = {}
    for node in nodes:
        for source in node.all_input_nodes:
            last[source] = node
    found: dict[fx.Node, list[fx.Node]] = {}
    for source, node in last.items():
        found.setdefault(node, []).append(source)
    return found
