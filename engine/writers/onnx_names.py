"""Gives an exported ONNX model the layer names of the network it was made from.

A layer's node is called like the layer, its tensors `layer.weight`, `layer.bias`; other nodes are
called like the module they belong to and their operator. What the exporter notes about the machine
it ran on is removed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import onnx_ir as ir

from engine.errors import EngineError
from engine.info import LayerKind
from engine.readers.onnx.names import SLOTS, Layer, find_layers

SCOPES = "pkg.torch.onnx.name_scopes"
"""Where PyTorch's exporter notes the modules that a node belongs to, as `['', 'a', 'a.b', 'op']`.

Readers know it, so it stays on the layers' nodes.
"""
_ROLES = {
    "BatchNormalization": ("weight", "bias", "running_mean", "running_var"),
    "LSTM": ("weight", "weight_recurrent", "bias"),
    "GRU": ("weight", "weight_recurrent", "bias"),
    "RNN": ("weight", "weight_recurrent", "bias"),
}
_PLAIN_ROLES = ("weight", "bias")
_CALL = re.compile(r"@\d+")


@dataclass(frozen=True)
class Naming:
    """The names that a file shall have.

    Attributes:
        inputs: Names of the inputs, in order.
        outputs: Likewise.
        input_shapes: Of the inputs; texts name the dimensions that may vary.
        layers: Layer → full names of its tensors, weight first; in execution order.
        tables: Tensors that stand free or are looked up row by row; they stay as they are stored.
        tied: Tensor → the first tensor, in execution order, that it is one with.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    input_shapes: tuple[tuple[int | str, ...], ...]
    layers: Mapping[str, tuple[str, ...]]
    tables: frozenset[str] = frozenset()
    tied: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def owners(self) -> dict[str, tuple[str, ...]]:
        """Tensor → the layers that use it, in execution order; more than one where it is tied."""
        owners: dict[str, dict[str, None]] = {}
        for layer, tensors in self.layers.items():
            for tensor in tensors:
                owners.setdefault(self.first(tensor), {})[layer] = None
        names = {tensor for tensors in self.layers.values() for tensor in tensors}
        return {name: tuple(owners[self.first(name)]) for name in names}

    def first(self, tensor: str) -> str:
        """The name that a tensor has in the file, which is that of its first user."""
        return self.tied.get(tensor, tensor)

    def is_table(self, tensor: str) -> bool:
        """Whether a tensor must stay as it is stored."""
        return tensor in self.tables

    def as_json(self) -> dict[str, Any]:
        """Plain data for the child process."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "input_shapes": [list(shape) for shape in self.input_shapes],
            "layers": {layer: list(tensors) for layer, tensors in self.layers.items()},
            "tables": sorted(self.tables),
            "tied": dict(self.tied),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Naming:
        """The same, from that data."""
        return cls(
            tuple(data["inputs"]),
            tuple(data["outputs"]),
            tuple(tuple(shape) for shape in data["input_shapes"]),
            {layer: tuple(tensors) for layer, tensors in data["layers"].items()},
            frozenset(data["tables"]),
            dict(data["tied"]),
        )


def rename(model: ir.Model, naming: Naming) -> dict[str, tuple[list[str], list[str]]]:
    """Rename everything in the model, in place.

    Returns:
        Layer → names of its nodes, names of its tensors. A batch norm that was folded into the
        convolution before it has that one's.

    Raises:
        EngineError: The model has other inputs or outputs than the naming.
    """
    scopes = {id(node): _scopes(node) for node in model.graph.all_nodes()}
    _rename_ends(model.graph, naming)
    found = _Owners(naming, scopes).of(find_layers(model.graph))
    for layer, name in found:
        _rename_tensors(model.graph, layer, name, naming)
    _rename_nodes(model.graph, found, scopes)
    _rename_dimensions(model.graph, naming)
    _strip(model, _own_nodes(found))
    return _summary(model.graph, naming, found, scopes)


def _own_nodes(found: list[tuple[Layer, str]]) -> dict[int, str]:
    """Nodes that are a layer's own → the layer; a free weight has none."""
    return {id(layer.node): name for layer, name in found if layer.kind is not LayerKind.PARAMETER}


class _Owners:
    """Finds, for each node that carries weights, the layer of the network that it is."""

    def __init__(self, naming: Naming, scopes: Mapping[int, list[str]]) -> None:
        self._naming = naming
        self._scopes = scopes

    def of(self, layers: list[Layer]) -> list[tuple[Layer, str]]:
        """Each layer of the file with its name in the network; unknown ones are left out."""
        found = []
        for layer in layers:
            name = self._by_weight(layer) or self._by_scope(layer) or self._by_bias(layer)
            if name:
                found.append((layer, name))
        return found

    def _by_scope(self, layer: Layer) -> str:
        """The innermost module around the node that is a layer."""
        for scope in reversed(self._scopes[id(layer.node)]):
            if scope in self._naming.layers:
                return scope
        return ""

    def _by_weight(self, layer: Layer) -> str:
        """The owner of its weight; of a weight with several, the one that the scope names."""
        owners = self._naming.owners.get(layer.weight.initializer.name or "", ())
        scope = self._by_scope(layer)
        return scope if scope in owners else next(iter(owners), "")

    def _by_bias(self, layer: Layer) -> str:
        """The owner of any of its other tensors."""
        owners = self._naming.owners
        names = (value.name or "" for value in layer.tensors[1:])
        return next((owners[name][0] for name in names if name in owners), "")


def _rename_ends(graph: ir.Graph, naming: Naming) -> None:
    if len(graph.inputs) != len(naming.inputs) or len(graph.outputs) != len(naming.outputs):
        raise EngineError(
            f"The exporter made {len(graph.inputs)} inputs and {len(graph.outputs)} outputs of "
            f"the network's {len(naming.inputs)} and {len(naming.outputs)}",
            hint="An input that nothing uses, or one that is returned as it is, cannot be written.",
        )
    ends = {id(value) for value in (*graph.inputs, *graph.outputs)}
    names = (*naming.inputs, *naming.outputs)
    for value in _values(graph):
        if id(value) not in ends and value.name in names:
            _set_name(graph, value, f"{value.name}_value")
    # Two steps: an input may have the name that another one is to get.
    values = (*graph.inputs, *graph.outputs)
    for number, value in enumerate(values):
        value.name = f"espalier_end_{number}"
    for value, name in zip(values, names, strict=True):
        value.name = name


def _values(graph: ir.Graph) -> Iterator[ir.Value]:
    yield from graph.inputs
    yield from graph.initializers.values()
    for node in graph.all_nodes():
        yield from node.outputs


def _rename_tensors(graph: ir.Graph, layer: Layer, name: str, naming: Naming) -> None:
    """Call a layer's tensors `layer.role`, but for those that have a name of the network."""
    roles = _ROLES.get(layer.op, _PLAIN_ROLES)
    slots = SLOTS.get(layer.op, ())
    inputs = [layer.node.inputs[s] for s in slots if s < len(layer.node.inputs)]
    if layer.bias_node is not None:
        inputs += [v for v in layer.bias_node.inputs if v is not None and v.is_initializer()]
    for role, value in zip(roles, inputs, strict=False):
        if value is None or not value.is_initializer() or value.name is None:
            continue
        known = value.name in naming.owners
        _set_name(graph, value, naming.first(value.name) if known else f"{name}.{role}")


def _set_name(graph: ir.Graph, value: ir.Value, name: str) -> None:
    """Rename a value; a name that is taken gets a number."""
    if value.name == name:
        return
    taken = {other.name for other in _values(graph)} - {value.name}
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    value.name = free


def _rename_nodes(
    graph: ir.Graph, found: list[tuple[Layer, str]], scopes: Mapping[int, list[str]]
) -> None:
    layer_of = _own_nodes(found)
    taken: dict[str, int] = dict.fromkeys(layer_of.values(), 0)
    for node in graph.all_nodes():
        own = layer_of.get(id(node))
        if own is None:
            scope = next((s for s in reversed(scopes[id(node)][:-1]) if s), "")
            own = f"{scope}/{node.op_type}" if scope else node.op_type
        count = taken.get(own, 0) + 1
        taken[own] = count
        node.name = own if count == 1 else f"{own}_{count}"


def _rename_dimensions(graph: ir.Graph, naming: Naming) -> None:
    """Call varying sizes as the network does, in every shape of the graph."""
    names: dict[str, str] = {}
    for value, shape in zip(graph.inputs, naming.input_shapes, strict=True):
        for size, name in zip(value.shape or (), shape, strict=False):
            if isinstance(size, ir.SymbolicDim) and isinstance(name, str) and size.value:
                names.setdefault(str(size.value), name)
    if not names:
        return
    symbols = re.compile("|".join(rf"\b{re.escape(n)}\b" for n in sorted(names, key=len)[::-1]))
    for value in _values(graph):
        if value.shape is None or value.is_initializer():
            continue
        value.shape = ir.Shape(
            [
                size
                if isinstance(size, int)
                else symbols.sub(lambda found: names[found[0]], str(size.value))
                if size.value is not None
                else None
                for size in value.shape
            ]
        )


def _strip(model: ir.Model, layers: Mapping[int, str]) -> None:
    """Remove every note but the layers' names: stack traces hold the user's folders."""
    model.metadata_props.clear()
    model.doc_string = None
    model.producer_name, model.producer_version = "espalier", None
    graphs = [model.graph, *(f.graph for f in model.functions.values())]
    for graph in graphs:
        graph.metadata_props.clear()
        graph.doc_string = None
        for value in _values(graph):
            value.metadata_props.clear()
            value.doc_string = None
        for node in graph.all_nodes():
            node.metadata_props.clear()
            node.doc_string = None
            if id(node) in layers:
                node.metadata_props[SCOPES] = repr(["", layers[id(node)], node.op_type])


def _summary(
    graph: ir.Graph,
    naming: Naming,
    found: list[tuple[Layer, str]],
    scopes: Mapping[int, list[str]],
) -> dict[str, tuple[list[str], list[str]]]:
    result: dict[str, tuple[list[str], list[str]]] = {name: ([], []) for name in naming.layers}
    for layer, name in found:
        nodes, tensors = result[name]
        nodes.append(layer.node.name or "")
        tensors += [v.name or "" for v in layer.tensors if v.name not in tensors]
    for node in graph.all_nodes():
        for scope in reversed(scopes[id(node)]):
            if scope in result:
                if not result[scope][0] and node.name:
                    weights = [v.name for v in node.inputs if v is not None and v.is_initializer()]
                    result[scope] = ([node.name], [name for name in weights if name])
                break
    return result


def _scopes(node: ir.Node) -> list[str]:
    """The modules that the exporter noted, outermost first."""
    text = node.metadata_props.get(SCOPES, "")
    try:
        scopes = ast.literal_eval(text) if text else []
    except (ValueError, SyntaxError):
        return []
    return [_CALL.sub("", scope) for scope in scopes if isinstance(scope, str)]
