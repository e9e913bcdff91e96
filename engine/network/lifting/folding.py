"""Weights that the original computes from its parameters at every call.

Weight normalization, spectral normalization, standardized convolutions and the slices of a joint
projection in cross-attention: the operator's weight is a function of stored tensors alone. It is
computed once and becomes the leaf's own weight, so that the layer can be compressed and trained
like any other.
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

import torch
from torch import fx

from engine.network.lifting.builders import BUILDERS
from engine.network.lifting.state import ProgramState, Stored, is_transpose

aten = torch.ops.aten
_WEIGHTS = ("weight", "mat2", "other")
_SLOTS = (*_WEIGHTS, "bias")
_RANDOM = {torch.Tag.nondeterministic_seeded}
_MODAL = ("dropout", "rrelu", "lstm", "gru", "rnn")
"""Operators that do something else while training."""

Slot = tuple[fx.Node, str, fx.Node]
"""Operator call, argument name, the node that computes the argument."""


def fold_weights(graph: fx.Graph, state: ProgramState) -> set[fx.Node]:
    """Replace computed weights by tensors of the program's state.

    A parameter that is used in any other way as well is left alone: its uses would drift apart.

    Returns:
        The nodes that nothing needs any longer.
    """
    origins = _computed(graph, state)
    if not origins:
        return set()
    slots = [slot for slot in _slots(graph) if slot[2] in origins]
    free = _used_otherwise(graph, state, origins, slots)
    slots = [slot for slot in slots if not origins[slot[2]] & free]
    slots = [slot for slot in slots if any(_is_parameter(state, n) for n in origins[slot[2]])]
    folded = _Folder(state, origins).fold(slots)
    return _dead(graph, origins, [slot for slot in slots if slot[2] in folded])


class _Folder:
    """Computes and names the weights of some calls."""

    def __init__(self, state: ProgramState, origins: dict[fx.Node, frozenset[str]]) -> None:
        self.state = state
        self.origins = origins
        self.values: dict[fx.Node, Any] = {}
        self.numbers: Counter[str] = Counter()

    def fold(self, slots: list[Slot]) -> set[fx.Node]:
        """Give each computed weight a tensor; equal ones of one origin share theirs."""
        first: dict[fx.Node, fx.Node] = {}
        for _, _, node in slots:
            if node not in first:
                self._value(node)
                first[node] = next((n for n in first if self._are_equal(n, node)), node)
        weights = {first[n]: _scope(call) for call, argument, n in slots if argument in _WEIGHTS}
        crowded = Counter(weights.values())
        stored: dict[fx.Node, Stored] = {}
        for call, argument, node in slots:
            leader = first[node]
            if leader not in stored:
                local = "bias" if argument == "bias" else "weight"
                alone = crowded[_scope(call)] == 1
                stored[leader] = self._stored(leader, self._name(call, leader, local, alone=alone))
            self.state.add(node, stored[leader])
        return set(first)

    def _value(self, node: fx.Node) -> Any:
        """Compute a node from the program's tensors."""
        stored = self.state.of(node)
        if stored is not None:
            return stored.value
        if node not in self.values:
            arguments = fx.node.map_arg(node.args, self._value)
            settings = fx.node.map_arg(node.kwargs, self._value)
            target: Any = node.target
            with torch.no_grad():
                self.values[node] = target(*arguments, **settings)
        return self.values[node]

    def _are_equal(self, a: fx.Node, b: fx.Node) -> bool:
        """Whether two nodes are one weight, computed for two calls of one module."""
        x, y = self.values[a], self.values[b]
        if self.origins[a] != self.origins[b] or x.shape != y.shape:
            return False
        return bool(x.is_meta or torch.equal(x, y))

    def _name(self, call: fx.Node, node: fx.Node, local: str, *, alone: bool) -> str:
        """The module's own name for its weight; else one made of the parameter's."""
        scope = _scope(call)
        name = f"{scope}.{local}"
        taken = self.state.named(name) is not None and name not in self.origins[node]
        if scope and alone and not taken:
            return name
        origin = min(n for n in self.origins[node] if _is_parameter(self.state, n))
        stem = origin.removesuffix(local).rstrip("_.")
        number = self.numbers[f"{stem}.{local}"]
        self.numbers[f"{stem}.{local}"] += 1
        return f"{stem}_{number}_{local}"

    def _stored(self, node: fx.Node, name: str) -> Stored:
        return Stored(
            name,
            self.values[node].contiguous(),
            trainable=True,
            persistent=True,
            computed_from=tuple(sorted(self.origins[node])),
        )


def _computed(graph: fx.Graph, state: ProgramState) -> dict[fx.Node, frozenset[str]]:
    """Nodes that depend on stored tensors alone → names of those tensors."""
    found: dict[fx.Node, frozenset[str]] = {}
    for node in graph.nodes:
        if not _is_pure(node) or not node.all_input_nodes:
            continue
        names: set[str] = set()
        for source in node.all_input_nodes:
            stored = state.of(source)
            if stored is not None:
                names.add(stored.name)
            elif source in found:
                names |= found[source]
            else:
                break
        else:
            found[node] = frozenset(names)
    return found


def _is_pure(node: fx.Node) -> bool:
    target: Any = node.target
    if node.op != "call_function":
        return False
    if target is operator.getitem:
        return True
    if not isinstance(target, torch._ops.OpOverload) or target._schema.is_mutable:
        return False
    modal = any(word in target._schema.name for word in _MODAL)
    return not modal and not _RANDOM & set(target.tags)


def _slots(graph: fx.Graph) -> list[Slot]:
    """Arguments of leaf operators that hold weights, unless a builder understands them itself."""
    found: list[Slot] = []
    for node in graph.nodes:
        if node.target not in BUILDERS:
            continue
        names = [argument.name for argument in node.target._schema.arguments]
        bound = {**dict(zip(names, node.args, strict=False)), **node.kwargs}
        for name in _SLOTS:
            value = bound.get(name)
            direct = (
                isinstance(value, fx.Node) and is_transpose(value) and name in ("mat2", "other")
            )
            if isinstance(value, fx.Node) and not direct:
                found.append((node, name, value))
    return found


def _used_otherwise(
    graph: fx.Graph,
    state: ProgramState,
    origins: dict[fx.Node, frozenset[str]],
    slots: list[Slot],
) -> set[str]:
    """Names of parameters that are also used other than for a computed weight."""
    uses = {(call, node) for call, _, node in slots}
    free: set[str] = set()
    for node in graph.nodes:
        stored = state.of(node)
        if stored is not None and not stored.trainable:
            continue
        names = {stored.name} if stored is not None else origins.get(node, frozenset())
        for user in node.users:
            if names and user not in origins and (stored or (user, node) not in uses):
                free |= names
    return {name for name in free if _is_parameter(state, name)}


def _is_parameter(state: ProgramState, name: str) -> bool:
    stored = state.named(name)
    return stored is not None and stored.trainable


def _dead(
    graph: fx.Graph, origins: dict[fx.Node, frozenset[str]], folded: list[Slot]
) -> set[fx.Node]:
    uses = {(call, node) for call, _, node in folded}
    dead: set[fx.Node] = set()
    for node in reversed(list(graph.nodes)):
        if node in origins and all(u in dead or (u, node) in uses for u in node.users):
            dead.add(node)
    return dead


def _scope(node: fx.Node) -> str:
    """Path of the innermost module that a call was in."""
    stack = list(node.meta.get("nn_module_stack", {}).values())
    return str(stack[-1][0]).split("@")[0] if stack else ""
