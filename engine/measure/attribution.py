"""Which layers an operator of ONNX Runtime's optimized graph stands for.

The runtime fuses, splits and renames nodes, but the values between them keep their names. So an
operator stands for that part of the original graph which lies between its output and the outputs of
the other operators.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import onnx_ir as ir
from onnx_ir.passes.common import InlinePass

from engine.info import LayerKind
from engine.readers.onnx.names import Layer, find_layers

_ADDED = {"ReorderInput", "ReorderOutput", "MemcpyFromHost", "MemcpyToHost"}
"""Operators that the runtime puts between others; they compute nothing of the original."""
_SUFFIXES = ("_nchwc",)


@dataclass(frozen=True, slots=True)
class RunNode:
    """An operator as the profile names it."""

    name: str
    op_type: str


class Attribution:
    """Answers which layers an operator of a run belongs to.

    Args:
        model: The file, each of whose nodes has a name. Changed: functions are inlined.
        optimized: The graph as it really runs; None where it is not known.
    """

    def __init__(self, model: ir.Model, optimized: ir.Model | None) -> None:
        if model.functions:
            InlinePass()(model)
        self._graph = model.graph
        self._producers = {
            value.name: node for node in model.graph for value in node.outputs if value.name
        }
        self._by_name = {node.name: node for node in model.graph if node.name}
        found = find_layers(model.graph)
        self.layers = tuple(dict.fromkeys(layer.name for layer in found))
        self._own: dict[int, list[Layer]] = defaultdict(list)
        self._biases: dict[int, list[Layer]] = defaultdict(list)
        self._tensors: dict[str, list[Layer]] = defaultdict(list)
        for layer in found:
            self._own[id(layer.node)].append(layer)
            if layer.bias_node is not None:
                self._biases[id(layer.bias_node)].append(layer)
            for value in layer.tensors:
                self._tensors[value.name or ""].append(layer)
        self._running = {n.name or "": n for n in optimized.graph} if optimized else {}
        self._unnamed = _unnamed(optimized)
        nodes = [*self._running.values()] if optimized else [*model.graph]
        known = {name for node in nodes for name in self._results(node)}
        self._inner = self._producers.keys() - known

    def owners(self, node: RunNode) -> dict[str, float]:
        """Layer → its part of the operator's time; the parts' sum is 1."""
        if node.op_type in _ADDED:
            return {f"other: {node.op_type}": 1.0}
        running = self._running_node(node)
        results = self._results(running) if running is not None else self._named(node.name)
        layers = self._layers_of(self._region(results))
        if not layers and running is not None:
            layers = self._by_initializer(running)
        if not layers:
            return {f"other: {node.op_type}": 1.0}
        total = sum(layers.values())
        return {name: size / total for name, size in layers.items()}

    def _running_node(self, node: RunNode) -> ir.Node | None:
        if node.name in self._running:
            return self._running[node.name]
        waiting = self._unnamed.get(node.op_type)
        return waiting.pop(0) if waiting else None

    def _results(self, node: ir.Node) -> list[str]:
        """The original graph's values that a running operator computes."""
        if node.op_type in _ADDED:
            return []
        outputs = [v.name for v in node.outputs if v.name in self._producers]
        return [name for name in outputs if name] or self._named(node.name or "")

    def _named(self, name: str) -> list[str]:
        """The original's values that a running operator's name tells: its own, or its result's."""
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
        if name in self._by_name:
            return [v.name for v in self._by_name[name].outputs if v.name]
        return [name] if name in self._producers else []

    def _region(self, results: list[str]) -> list[ir.Node]:
        """The original's nodes from these values back to what other operators compute."""
        region: dict[int, ir.Node] = {}
        front = [self._producers[name] for name in results]
        while front:
            node = front.pop()
            if id(node) in region:
                continue
            region[id(node)] = node
            names = (value.name for value in _inputs(node))
            front += [self._producers[n] for n in names if n in self._inner]
        return list(region.values())

    def _layers_of(self, region: list[ir.Node]) -> dict[str, float]:
        """Layers in a part of the graph → how many weights each has."""
        real = {layer for node in region for layer in self._own.get(id(node), [])}
        free = {layer for layer in real if layer.kind is LayerKind.PARAMETER}
        # The bias of a product is often added where the next norm is computed.
        biases = {layer for node in region for layer in self._biases.get(id(node), [])}
        # A weight on its way to its layer: dequantized, transposed, cast.
        passing = {
            layer
            for node in region
            for value in _inputs(node)
            for layer in self._tensors.get(value.name or "", [])[:1]
        }
        return _sizes(real - free or biases or free or passing)

    def _by_initializer(self, node: ir.Node) -> dict[str, float]:
        """Layers whose tensors an operator takes, under their own names."""
        names = [value.name or "" for value in _inputs(node)]
        return _sizes({layer for name in names for layer in self._tensors.get(name, [])[:1]})


def _sizes(layers: set[Layer]) -> dict[str, float]:
    sizes: dict[str, float] = defaultdict(float)
    for layer in layers:
        sizes[layer.name] += max(1.0, float(math.prod(layer.shape or ())))
    return dict(sizes)


def _inputs(node: ir.Node) -> Iterator[ir.Value]:
    """A node's inputs, and what the graphs inside it take from outside."""
    yield from (value for value in node.inputs if value is not None)
    for attribute in node.attributes.values():
        if attribute.type is ir.AttributeType.GRAPH:
            for inner in attribute.as_graph().all_nodes():
                yield from (value for value in inner.inputs if value is not None)


def _unnamed(model: ir.Model | None) -> dict[str, list[ir.Node]]:
    """Operators without a name, by type, in order."""
    found: dict[str, list[ir.Node]] = defaultdict(list)
    for node in model.graph if model is not None else ():
        if not node.name:
            found[node.op_type].append(node)
    return found
