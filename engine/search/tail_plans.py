"""What is run, and in which order, where changes of a network begin: plans for `Tails`.

Nodes and their values go by the nodes' places in the graph. A value is dropped after the last that
needs it, and an activation or addition writes over its operand where nobody else reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.fx.node import map_arg

aten = torch.ops.aten

_FRESH = (nn.modules.conv._ConvNd, nn.Linear, nn.modules.batchnorm._BatchNorm)
"""Leaves whose output is memory of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node, ready to be run.

    Attributes:
        place: Of the node in its graph, and of its value among the values.
        call: What is called; None for a leaf, which is looked up by name.
        target: The leaf's name.
        args: Place of a value, or -1 and a constant.
        node: Where arguments are nested, they are taken from it instead of `args`.
        kwargs: Without nodes, unless `node` is given.
        drops: Places of values that nothing needs afterwards.
    """

    place: int
    call: Callable[..., Any] | None
    target: str
    args: tuple[tuple[int, Any], ...]
    node: fx.Node | None
    kwargs: dict[str, Any]
    drops: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tail:
    """What depends on some layers, up to the output.

    Attributes:
        begin: Place of the first call of one of the layers.
        steps: In order; empty where the output does not depend on them.
        needs: Places of the values from outside.
    """

    begin: int
    steps: tuple[Step, ...]
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Run a node for all, or a tail for each of its changes; then drop values."""

    step: Step | None
    layers: frozenset[str] | None
    drops: tuple[int, ...] = ()


class Plans:
    """Plans for a network, made when they are first asked for.

    Args:
        module: In evaluation mode; not changed.

    Attributes:
        nodes: By place.
        place: Node → its place.
        inputs: Places of the network's inputs.
        output: Place of its first output.
    """

    def __init__(self, module: fx.GraphModule) -> None:
        self.nodes: list[fx.Node] = list(module.graph.nodes)
        self.place = {node: place for place, node in enumerate(self.nodes)}
        self.inputs = [self.place[n] for n in self.nodes if n.op == "placeholder"]
        self.output = self.place[_first_output(self.nodes[-1])]
        self._module = module
        leaves = {name: module.get_submodule(name) for name in called(self.nodes)}
        self._fresh_leaves = {name for name, leaf in leaves.items() if isinstance(leaf, _FRESH)}
        self._tails: dict[frozenset[str], Tail] = {}

    def actions(self, wanted: Sequence[frozenset[str]]) -> list[Action]:
        """Nodes and tails in order; a value is dropped after the last that needs it."""
        order = sorted(wanted, key=lambda layers: self.tail(layers).begin)
        plan: list[tuple[int, frozenset[str] | None, tuple[int, ...]]] = []
        known = set(self.inputs)
        for layers in order:
            needs = self.tail(layers).needs
            for place in sorted(self._missing(needs, known)):
                inputs = tuple(self.place[n] for n in self.nodes[place].all_input_nodes)
                plan.append((place, None, inputs))
                known.add(place)
            plan.append((-1, layers, needs))
        kept = {place for layers in order for place in self.tail(layers).needs}
        last: dict[int, int] = dict.fromkeys(known, 0)
        for number, (place, _layers, inputs) in enumerate(plan):
            last.update(dict.fromkeys((*inputs, *([place] if place >= 0 else [])), number))
        ends: dict[int, list[int]] = {}
        for place, number in last.items():
            ends.setdefault(number, []).append(place)
        return [
            Action(
                None if layers is not None else self._shared_step(place, kept),
                layers,
                tuple(ends.get(number, ())),
            )
            for number, (place, layers, _inputs) in enumerate(plan)
        ]

    def tail(self, layers: frozenset[str]) -> Tail:
        """What depends on some layers."""
        if layers not in self._tails:
            self._tails[layers] = self._made_tail(layers)
        return self._tails[layers]

    def _shared_step(self, place: int, kept: set[int]) -> Step:
        """A node before the changes, in place where no change and no other node reads its operand.

        Args:
            place: The node's.
            kept: Values that changes need.
        """
        node = self.nodes[place]
        free = {
            self.place[one]
            for one in node.all_input_nodes
            if len(one.users) == 1 and self._is_fresh(one)
        }
        return self._step(node, self._written(node, free - kept))

    def _missing(self, wanted: Sequence[int], known: set[int]) -> set[int]:
        found: set[int] = set()
        stack = [place for place in wanted if place not in known]
        while stack:
            place = stack.pop()
            if place not in found:
                found.add(place)
                inputs = (self.place[n] for n in self.nodes[place].all_input_nodes)
                stack += [one for one in inputs if one not in known]
        return found

    def _made_tail(self, layers: frozenset[str]) -> Tail:
        changed: set[int] = set()
        for place, node in enumerate(self.nodes):
            calls = node.op == "call_module" and str(node.target) in layers
            if calls or any(self.place[one] in changed for one in node.all_input_nodes):
                changed.add(place)
        if self.output not in changed:
            return Tail(len(self.nodes), (), (self.output,))
        needed = {self.output}
        for place in range(self.output, -1, -1):
            if place in needed and place in changed:
                needed.update(self.place[n] for n in self.nodes[place].all_input_nodes)
        inside = sorted(needed & changed)
        uses: dict[int, list[int]] = {}
        for place in inside:
            for one in self.nodes[place].all_input_nodes:
                uses.setdefault(self.place[one], []).append(place)
        return Tail(
            inside[0],
            tuple(self._steps(inside, uses)),
            tuple(sorted(needed - changed)),
        )

    def _steps(self, inside: Sequence[int], uses: Mapping[int, Sequence[int]]) -> Iterator[Step]:
        """Steps of a tail, in place where a value is its own and read once."""
        own = set(inside)
        fresh: set[int] = set()
        for place in inside:
            node = self.nodes[place]
            free = {one for one in fresh if list(uses.get(one, ())) == [place]} - {self.output}
            written = self._written(node, free)
            if written is not None or self._is_fresh(node):
                fresh.add(place)
            inputs = {self.place[one] for one in node.all_input_nodes}
            drops = tuple(one for one in inputs & own if uses[one][-1] == place)
            yield self._step(node, written, drops)

    def _is_fresh(self, node: fx.Node) -> bool:
        if node.op == "call_module":
            return str(node.target) in self._fresh_leaves
        return node.target is aten.add.Tensor

    def _written(
        self, node: fx.Node, free: set[int]
    ) -> tuple[Callable[..., Any], tuple[Any, ...]] | None:
        """A call that writes over an operand, and its arguments, where there is one."""
        if node.kwargs or not all(isinstance(one, fx.Node) for one in node.args):
            return None
        args: Any = node.args  # of these two operators they are nodes
        if node.target is aten.relu.default and self.place[args[0]] in free:
            return torch.relu_, args
        if node.target is aten.add.Tensor and len(args) == 2 and _are_alike(node):
            first, second = args
            if self.place[first] in free:
                return Tensor.add_, (first, second)
            if self.place[second] in free:
                return Tensor.add_, (second, first)
        return None

    def _step(
        self,
        node: fx.Node,
        written: tuple[Callable[..., Any], tuple[Any, ...]] | None = None,
        drops: tuple[int, ...] = (),
    ) -> Step:
        place = self.place[node]
        call, given = written or (self._call(node), node.args)
        flat = all(isinstance(one, fx.Node) or not _has_nodes(one) for one in given)
        nested = node if not flat or _has_nodes(node.kwargs) else None
        args = (
            ()
            if nested
            else tuple(
                (self.place[one], None) if isinstance(one, fx.Node) else (-1, one) for one in given
            )
        )
        kwargs = {} if nested else dict(node.kwargs)
        target = str(node.target) if node.op == "call_module" else ""
        return Step(place, call, target, args, nested, kwargs, drops)

    def _call(self, node: fx.Node) -> Callable[..., Any] | None:
        match node.op:
            case "call_module":
                return None
            case "call_method":
                name = str(node.target)
                return lambda value, *args, **more: getattr(value, name)(*args, **more)
            case "get_attr":
                value = _attribute(self._module, str(node.target))
                return lambda: value
            case _:
                call: Callable[..., Any] = node.target  # type: ignore[assignment] # its op is call_function
                return call


def called(nodes: Sequence[fx.Node]) -> set[str]:
    """Names of the leaves that are called."""
    return {str(node.target) for node in nodes if node.op == "call_module"}


def _first_output(node: fx.Node) -> fx.Node:
    value: Any = node.args[0]
    while isinstance(value, (tuple, list)):
        value = value[0]
    assert isinstance(value, fx.Node)
    return value


def _has_nodes(value: Any) -> bool:
    found: list[fx.Node] = []
    map_arg(value, found.append)
    return bool(found)


def _are_alike(node: fx.Node) -> bool:
    """Whether both operands have the shape and type of the result."""
    shapes = set()
    for one in (node, *node.all_input_nodes):
        value = one.meta.get("val")
        if not isinstance(value, Tensor):
            return False
        shapes.add((str(value.shape), value.dtype))
    return len(node.all_input_nodes) == 2 and len(shapes) == 1


def _attribute(module: nn.Module, name: str) -> Any:
    value: Any = module
    for part in name.split("."):
        value = getattr(value, part)
    return value
