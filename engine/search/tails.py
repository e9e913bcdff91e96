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
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, fx, nn
from torch.fx.node import map_arg

from engine.jobs.job import Job
from engine.search.onnx_graph import Unknown
from engine.search.onnx_tails import OnnxTail
from engine.search.tail_plans import Plans, Step, Tail, called

Visit = Callable[[int, Tensor], None]
"""Called with the number of a change and the first output of the network so changed."""

_ROUNDS = 2
"""Times that each form is run before the faster is chosen."""
_ALIKE = 1e-4
"""Largest difference between two runtimes, as a part of an answer's largest value."""
_SESSION_BYTES = 512 << 20
"""Of weights in sessions that are alive at a time."""


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


class Tails:
    """A network that is run with changes.

    Args:
        module: In evaluation mode, batch norms folded where they can be; not changed.
        example: A batch that it is tried on.
        job: Looked at before each node.
    """

    def __init__(self, module: fx.GraphModule, example: Sequence[Tensor], job: Job) -> None:
        self._module = module
        self._job = job
        self._plans = Plans(module)
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
            values: dict[int, Any] = dict(
                zip(self._plans.inputs, map(self._laid, batch), strict=True)
            )
            arrays: dict[int, Tensor] = {}
            for action in self._plans.actions(tuple(by_layers)):
                if action.step is not None:
                    self._take(action.step, values, {})
                if action.layers is not None:
                    tail = self._plans.tail(action.layers)
                    for change, number in by_layers[action.layers]:
                        self._settle(change, tail, values)
                        visit(number, self._through(change, tail, values, arrays))
                for place in action.drops:
                    del values[place]
                    arrays.pop(place, None)

    def _through(
        self,
        change: Changed,
        tail: Tail,
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
        return change.session.run({self._plans.nodes[p].name: arrays[p] for p in tail.needs})

    def _settle(self, change: Changed, tail: Tail, values: Mapping[int, Any]) -> None:
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

    def _session(self, change: Changed, tail: Tail) -> OnnxTail | None:
        """A tail in ONNX Runtime, where it knows all operators and there is room."""
        nodes = [self._plans.nodes[step.place] for step in tail.steps]
        leaves = {n: change.leaves.get(n) or self._leaves[n] for n in called(nodes)}
        size = 2 * sum(tensor.nbytes for leaf in leaves.values() for tensor in leaf.parameters())
        if size + sum(self._alive.values()) > _SESSION_BYTES:
            return None
        try:
            needs = [self._plans.nodes[place] for place in tail.needs]
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
        self, tail: Tail, values: Mapping[int, Any], leaves: Mapping[str, nn.Module]
    ) -> Tensor:
        own = {place: values[place] for place in tail.needs}
        for step in tail.steps:
            self._take(step, own, leaves)
        answer: Tensor = own[self._plans.output]
        return answer

    def _take(self, step: Step, values: dict[int, Any], leaves: Mapping[str, nn.Module]) -> None:
        self._job.checkpoint()
        call = step.call or leaves.get(step.target) or self._leaves[step.target]
        if step.node is None:
            args = [values[place] if place >= 0 else value for place, value in step.args]
            result = call(*args, **step.kwargs)
        else:

            def found(node: fx.Node) -> Any:
                return values[self._plans.place[node]]

            result = call(*map_arg(step.node.args, found), **map_arg(step.node.kwargs, found))
        values[step.place] = result
        for place in step.drops:
            del values[place]

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
        names = called(self._plans.nodes)
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
