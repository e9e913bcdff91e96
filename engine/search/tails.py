"""Runs what comes before a change once for all changes, and what comes after it for each.

A batch of samples goes through the network node by node. Where a change begins, what depends on it
is run with the changed layers in place of the old ones; all other values are shared. Values are
dropped once nothing needs them, so that memory holds one batch, not all samples. The network is
run in the form that is fastest here: images with their channels last or not, activations that
write over their operands where nobody else reads them, and tails in ONNX Runtime where that is
faster still and gives the same answers.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, fx, nn
from torch.fx.node import map_arg

from engine.jobs.job import Job
from engine.search.onnx_tails import OnnxTail, Unknown

aten = torch.ops.aten

Visit = Callable[[int, Tensor], None]
"""Called with the number of a change and the first output of the network so changed."""

_FRESH = (nn.modules.conv._ConvNd, nn.Linear, nn.modules.batchnorm._BatchNorm)
"""Leaves whose output is memory of its own."""
_ROUNDS = 2
"""Times that each form is run before the faster is chosen."""
_ALIKE = 1e-4
"""Largest difference between two runtimes, as a part of an answer's largest value."""
_SESSION_BYTES = 512 << 20
"""Of weights in sessions that are alive at a time."""


@dataclass(frozen=True, slots=True)
class _Step:
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
class _Tail:
    """What depends on some layers, up to the output.

    Attributes:
        begin: Place of the first call of one of the layers.
        steps: In order; empty where the output does not depend on them.
        needs: Places of the values from outside.
    """

    begin: int
    steps: tuple[_Step, ...]
    needs: tuple[int, ...]


class Changed:
    """A change that is ready to be run.

    Args:
        leaves: Layer → what stands for it, in the form that the network is run in.
    """

    def __init__(self, leaves: Mapping[str, nn.Module]) -> None:
        self.layers = frozenset(leaves)
        self.leaves = leaves
        self.session: OnnxTail | None = None
        self.is_settled = False
        """Whether it is known how to run it."""

    def release(self) -> None:
        """Drop what running it needs besides the weights."""
        self.session = None
        self.is_settled = False


@dataclass(frozen=True, slots=True)
class _Action:
    """Run a node for all, or a tail for each of its changes; then drop values."""

    step: _Step | None
    layers: frozenset[str] | None
    drops: tuple[int, ...] = ()


class Tails:
    """A network that is run with changes.

    Args:
        module: In evaluation mode, batch norms folded where they can be; not changed.
        example: A batch that it is tried on.
        job: Looked at before each node.
    """

    def __init__(self, module: fx.GraphModule, example: Sequence[Tensor], job: Job) -> None:
        self._nodes: list[fx.Node] = list(module.graph.nodes)
        self._place = {node: place for place, node in enumerate(self._nodes)}
        self._module = module
        self._job = job
        self._inputs = [self._place[n] for n in self._nodes if n.op == "placeholder"]
        self._output = self._place[_first_output(self._nodes[-1])]
        self._tails: dict[frozenset[str], _Tail] = {}
        self._is_faster: dict[frozenset[str], bool] = {}
        """Layers whose changes were tried in ONNX Runtime, and whether it is faster there."""
        self._alive: WeakKeyDictionary[OnnxTail, int] = WeakKeyDictionary()
        self._format = torch.contiguous_format
        self._leaves = self._formatted()
        self._choose_format(example)

    def answers(self, batch: Sequence[Tensor]) -> Tensor:
        """First output of the network as it is."""
        found: list[Tensor] = []
        self.run(batch, [_NOTHING], lambda _number, answer: found.append(answer))
        return found[0]

    def changed(self, leaves: Mapping[str, nn.Module]) -> Changed:
        """A change, in the form that this network is run in."""
        return Changed({name: self._in_form(leaf) for name, leaf in leaves.items()})

    def run(self, batch: Sequence[Tensor], changes: Sequence[Changed], visit: Visit) -> None:
        """Run one batch.

        Args:
            batch: One tensor for each input.
            changes: What to run; one without layers is the network as it is.
            visit: Gets the place of each of them, and its answers.
        """
        by_layers: dict[frozenset[str], list[tuple[Changed, int]]] = {}
        for number, change in enumerate(changes):
            by_layers.setdefault(change.layers, []).append((change, number))
        with torch.inference_mode():
            values: dict[int, Any] = dict(zip(self._inputs, map(self._laid, batch), strict=True))
            arrays: dict[int, Tensor] = {}
            for action in self._actions(tuple(by_layers)):
                if action.step is not None:
                    self._take(action.step, values, {})
                if action.layers is not None:
                    tail = self._tail(action.layers)
                    for change, number in by_layers[action.layers]:
                        self._settle(change, tail, values)
                        visit(number, self._through(change, tail, values, arrays))
                for place in action.drops:
                    del values[place]
                    arrays.pop(place, None)

    def _through(
        self,
        change: Changed,
        tail: _Tail,
        values: Mapping[int, Any],
        arrays: dict[int, Tensor],
    ) -> Tensor:
        """The answers of a change; `arrays`: values as ONNX Runtime has them, for all changes."""
        if change.session is None:
            return self._after(tail, values, change.leaves)
        self._job.checkpoint()
        for place in tail.needs:
            if place not in arrays:
                arrays[place] = values[place].contiguous()
        return change.session.run({self._nodes[p].name: arrays[p] for p in tail.needs})

    def _settle(self, change: Changed, tail: _Tail, values: Mapping[int, Any]) -> None:
        """Find out, for the first change of some layers, which runtime is faster."""
        if change.is_settled:
            return
        change.is_settled = True
        if not tail.steps or self._is_faster.get(change.layers) is False:
            return
        session = self._session(change, tail)
        if session is None:
            self._is_faster.setdefault(change.layers, False)
            return
        change.session = session
        if change.layers in self._is_faster:
            return
        ours, ours_s = self._best(lambda: self._after(tail, values, change.leaves))
        theirs, theirs_s = self._best(lambda: self._through(change, tail, values, {}))
        reach = _ALIKE * float(ours.abs().max())
        alike = ours.shape == theirs.shape and bool(((ours - theirs).abs() <= reach).all())
        self._is_faster[change.layers] = alike and theirs_s < ours_s
        if not self._is_faster[change.layers]:
            change.session = None

    def _session(self, change: Changed, tail: _Tail) -> OnnxTail | None:
        """A tail in ONNX Runtime, where it knows all operators and there is room."""
        nodes = [self._nodes[step.place] for step in tail.steps]
        leaves = {n: change.leaves.get(n) or self._leaves[n] for n in _names(nodes)}
        size = 2 * sum(tensor.nbytes for leaf in leaves.values() for tensor in leaf.parameters())
        if size + sum(self._alive.values()) > _SESSION_BYTES:
            return None
        try:
            needs = [self._nodes[place] for place in tail.needs]
            session = OnnxTail(nodes, needs, leaves.__getitem__, torch.get_num_threads())
        except Unknown:
            return None
        self._alive[session] = size
        return session

    def _best(self, run: Callable[[], Tensor]) -> tuple[Tensor, float]:
        """What a run gives, and the least time that it takes."""
        best_s = math.inf
        for _ in range(_ROUNDS):
            began = time.thread_time()
            result = run()
            best_s = min(best_s, time.thread_time() - began)
        return result, best_s

    def _after(
        self, tail: _Tail, values: Mapping[int, Any], leaves: Mapping[str, nn.Module]
    ) -> Tensor:
        own = {place: values[place] for place in tail.needs}
        for step in tail.steps:
            self._take(step, own, leaves)
        answer: Tensor = own[self._output]
        return answer

    def _take(self, step: _Step, values: dict[int, Any], leaves: Mapping[str, nn.Module]) -> None:
        self._job.checkpoint()
        call = step.call or leaves.get(step.target) or self._leaves[step.target]
        if step.node is None:
            args = [values[place] if place >= 0 else value for place, value in step.args]
            result = call(*args, **step.kwargs)
        else:

            def found(node: fx.Node) -> Any:
                return values[self._place[node]]

            result = call(*map_arg(step.node.args, found), **map_arg(step.node.kwargs, found))
        values[step.place] = result
        for place in step.drops:
            del values[place]

    # Plans -----------------------------------------------------------------------------------

    def _actions(self, wanted: Sequence[frozenset[str]]) -> list[_Action]:
        """Nodes and tails in order; a value is dropped after the last that needs it."""
        order = sorted(wanted, key=lambda layers: self._tail(layers).begin)
        plan: list[tuple[int, frozenset[str] | None, tuple[int, ...]]] = []
        known = set(self._inputs)
        for layers in order:
            needs = self._tail(layers).needs
            for place in sorted(self._missing(needs, known)):
                inputs = tuple(self._place[n] for n in self._nodes[place].all_input_nodes)
                plan.append((place, None, inputs))
                known.add(place)
            plan.append((-1, layers, needs))
        kept = {place for layers in order for place in self._tail(layers).needs}
        last: dict[int, int] = dict.fromkeys(known, 0)
        for number, (place, _layers, inputs) in enumerate(plan):
            last.update(dict.fromkeys((*inputs, *([place] if place >= 0 else [])), number))
        ends: dict[int, list[int]] = {}
        for place, number in last.items():
            ends.setdefault(number, []).append(place)
        return [
            _Action(
                None if layers is not None else self._shared_step(place, kept),
                layers,
                tuple(ends.get(number, ())),
            )
            for number, (place, layers, _inputs) in enumerate(plan)
        ]

    def _shared_step(self, place: int, kept: set[int]) -> _Step:
        """A node before the changes, in place where no change and no other node reads its operand.

        Args:
            place: The node's.
            kept: Values that changes need.
        """
        node = self._nodes[place]
        free = {
            self._place[one]
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
                inputs = (self._place[n] for n in self._nodes[place].all_input_nodes)
                stack += [one for one in inputs if one not in known]
        return found

    def _tail(self, layers: frozenset[str]) -> _Tail:
        if layers not in self._tails:
            self._tails[layers] = self._made_tail(layers)
        return self._tails[layers]

    def _made_tail(self, layers: frozenset[str]) -> _Tail:
        changed: set[int] = set()
        for place, node in enumerate(self._nodes):
            calls = node.op == "call_module" and str(node.target) in layers
            if calls or any(self._place[one] in changed for one in node.all_input_nodes):
                changed.add(place)
        if self._output not in changed:
            return _Tail(len(self._nodes), (), (self._output,))
        needed = {self._output}
        for place in range(self._output, -1, -1):
            if place in needed and place in changed:
                needed.update(self._place[n] for n in self._nodes[place].all_input_nodes)
        inside = sorted(needed & changed)
        uses: dict[int, list[int]] = {}
        for place in inside:
            for one in self._nodes[place].all_input_nodes:
                uses.setdefault(self._place[one], []).append(place)
        return _Tail(
            inside[0],
            tuple(self._steps(inside, uses)),
            tuple(sorted(needed - changed)),
        )

    def _steps(self, inside: Sequence[int], uses: Mapping[int, Sequence[int]]) -> Iterator[_Step]:
        """Steps of a tail, in place where a value is its own and read once."""
        own = set(inside)
        fresh: set[int] = set()
        for place in inside:
            node = self._nodes[place]
            free = {one for one in fresh if list(uses.get(one, ())) == [place]} - {self._output}
            written = self._written(node, free)
            if written is not None or self._is_fresh(node):
                fresh.add(place)
            inputs = {self._place[one] for one in node.all_input_nodes}
            drops = tuple(one for one in inputs & own if uses[one][-1] == place)
            yield self._step(node, written, drops)

    def _is_fresh(self, node: fx.Node) -> bool:
        if node.op == "call_module":
            return isinstance(self._leaves[str(node.target)], _FRESH)
        return node.target is aten.add.Tensor

    def _written(
        self, node: fx.Node, free: set[int]
    ) -> tuple[Callable[..., Any], tuple[Any, ...]] | None:
        """A call that writes over an operand, and its arguments, where there is one."""
        if node.kwargs or not all(isinstance(one, fx.Node) for one in node.args):
            return None
        args: Any = node.args  # of these two operators they are nodes
        if node.target is aten.relu.default and self._place[args[0]] in free:
            return torch.relu_, args
        if node.target is aten.add.Tensor and len(args) == 2 and _are_alike(node):
            first, second = args
            if self._place[first] in free:
                return Tensor.add_, (first, second)
            if self._place[second] in free:
                return Tensor.add_, (second, first)
        return None

    def _step(
        self,
        node: fx.Node,
        written: tuple[Callable[..., Any], tuple[Any, ...]] | None = None,
        drops: tuple[int, ...] = (),
    ) -> _Step:
        place = self._place[node]
        call, given = written or (self._call(node), node.args)
        flat = all(isinstance(one, fx.Node) or not _has_nodes(one) for one in given)
        nested = node if not flat or _has_nodes(node.kwargs) else None
        args = (
            ()
            if nested
            else tuple(
                (self._place[one], None) if isinstance(one, fx.Node) else (-1, one) for one in given
            )
        )
        kwargs = {} if nested else dict(node.kwargs)
        target = str(node.target) if node.op == "call_module" else ""
        return _Step(place, call, target, args, nested, kwargs, drops)

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

    # The fastest form ------------------------------------------------------------------------

    def _choose_format(self, example: Sequence[Tensor]) -> None:
        if not any(isinstance(leaf, nn.Conv2d) for leaf in self._leaves.values()):
            return
        _, plain_s = self._best(lambda: self.answers(example))
        self._format = torch.channels_last
        self._leaves = self._formatted()
        try:
            _, last_s = self._best(lambda: self.answers(example))
        except RuntimeError:  # a view of what is not laid out as it was
            last_s = math.inf
        if last_s >= plain_s:
            self._format = torch.contiguous_format
            self._leaves = self._formatted()

    def _formatted(self) -> dict[str, nn.Module]:
        names = _names(self._nodes)
        return {name: self._in_form(self._module.get_submodule(name)) for name in names}

    def _in_form(self, leaf: nn.Module) -> nn.Module:
        if not isinstance(leaf, nn.Conv2d):
            return leaf
        twin = copy.copy(leaf)
        twin._parameters = dict(leaf._parameters)
        weight = leaf.weight.detach().contiguous(memory_format=self._format)
        twin.weight = nn.Parameter(weight, requires_grad=False)
        return twin

    def _laid(self, value: Tensor) -> Tensor:
        return value.contiguous(memory_format=self._format) if value.dim() == 4 else value


_NOTHING = Changed({})


def _names(nodes: Sequence[fx.Node]) -> set[str]:
    """Of the leaves that are called."""
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
