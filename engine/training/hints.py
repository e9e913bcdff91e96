"""Hints: what a teacher computes inside, at places where its student can be compared with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _NormBase

from engine.surgery.copy import free_name

MOST = 8
"""Places; the last ones count where there are more."""
_LEAST_SHARE = 1e-3
"""Of a place's mean square that its variance is taken to have at least."""


class _Tap(nn.Module):
    """Keeps what goes through a place of a graph."""

    def __init__(self, *, always: bool) -> None:
        super().__init__()
        self.always = always
        self.value: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.always or self.training:
            self.value = x
        return x

    def take(self) -> Tensor:
        """What was kept last, which is then forgotten."""
        value, self.value = self.value, None
        assert value is not None
        return value.float()


@dataclass(frozen=True, slots=True)
class Hints:
    """The loss on what two networks compute at the same places.

    The mean over places of the squared difference, as a part of the teacher's variance there
    (Romero et al. 2015, arXiv:1412.6550, sec. 2.2, without regressors: shapes are the same).

    Attributes:
        places: Names of nodes, in order.
        student: What is kept there of the network that is trained, while it is.
        teacher: Likewise of the other one, always.
    """

    places: tuple[str, ...]
    student: tuple[_Tap, ...] = field(repr=False)
    teacher: tuple[_Tap, ...] = field(repr=False)

    def loss(self) -> Tensor:
        """Of the last batch that went through both; 1 is as bad as the teacher's mean."""
        pairs = zip(self.student, self.teacher, strict=True)
        errors = [_relative_error(mine.take(), its.take()) for mine, its in pairs]
        return torch.stack(errors).mean()


def _relative_error(values: Tensor, wanted: Tensor) -> Tensor:
    variance = (wanted - wanted.mean(dim=0, keepdim=True)).square().mean()
    scale = torch.maximum(variance, _LEAST_SHARE * wanted.square().mean())
    error = (values - wanted).square().mean()
    says_something = scale > torch.finfo(scale.dtype).tiny  # a place of zeros does not
    return torch.where(says_something, error / torch.where(says_something, scale, 1.0), 0.0)


def hints_between(student: fx.GraphModule, teacher: fx.GraphModule) -> Hints | None:
    """Make both graphs keep what they compute where they can be compared; None: nowhere.

    Args:
        student: To be trained; its graph is changed.
        teacher: Likewise changed.
    """
    places = common_places(student, teacher)
    if not places:
        return None
    return Hints(places, _tapped(student, places, always=False), _tapped(teacher, places))


def _tapped(
    module: fx.GraphModule, places: Iterable[str], *, always: bool = True
) -> tuple[_Tap, ...]:
    taps = []
    nodes = {node.name: node for node in module.graph.nodes}
    for place in places:
        tap = _Tap(always=always).train(module.training)
        name = free_name(module, "hint")
        module.add_submodule(name, tap)
        with module.graph.inserting_after(nodes[place]):
            module.graph.call_module(name, (nodes[place],))  # unused: compiled nevertheless
        taps.append(tap)
    module.recompile()
    return tuple(taps)


def common_places(student: fx.GraphModule, teacher: fx.GraphModule) -> tuple[str, ...]:
    """Where both have a value of the same name and shape with the same layers before it.

    Only places that all later computation goes through count (ends of blocks, not their insides).
    Of those between two layers the largest stands for all, and of those with one shape the last:
    the ends of stages.
    """
    theirs = {place.node.name: place for place in _bottlenecks(teacher)}
    names = {name for place in theirs.values() for name in place.layers}
    found: dict[frozenset[str], fx.Node] = {}
    for place in _bottlenecks(student):
        its = theirs.get(place.node.name)
        layers = frozenset(_before_surgery(name, names) for name in place.layers)
        if its is None or layers != its.layers or _shape(its.node) != _shape(place.node):
            continue
        other = found.get(layers)
        if other is None or _size(place.node) >= _size(other):
            found[layers] = place.node
    last = {_shape(node): node.name for node in found.values()}
    chosen = set(last.values())
    return tuple(node.name for node in student.graph.nodes if node.name in chosen)[-MOST:]


@dataclass(frozen=True, slots=True)
class _Place:
    """A value that everything after it is computed from, and the layers before it."""

    node: fx.Node
    layers: frozenset[str]


def _bottlenecks(module: fx.GraphModule) -> Iterator[_Place]:
    """Those that have a layer before and one after them."""
    order = {node: number for number, node in enumerate(module.graph.nodes)}
    last_use = {node: max((order[user] for user in node.users), default=-1) for node in order}
    layers = {node: number for node, number in order.items() if _is_layer(module, node)}
    end = max(layers.values(), default=-1)
    computed: set[fx.Node] = set()
    alive: set[fx.Node] = set()
    before: set[str] = set()
    for node, number in order.items():
        if node.op == "placeholder" or any(n in computed for n in node.all_input_nodes):
            computed.add(node)
        alive = {one for one in alive if last_use[one] > number}
        if node in layers:
            before.add(str(node.target))
        if node.op.startswith("call") and node in computed and _shape(node):
            alive.add(node)
            if before and number < end and alive == {node}:
                yield _Place(node, frozenset(before))


def _is_layer(module: fx.GraphModule, node: fx.Node) -> bool:
    """A leaf with weights that is no batch norm: those may have been folded."""
    if node.op != "call_module":
        return False
    leaf = module.get_submodule(str(node.target))
    return not isinstance(leaf, _NormBase) and any(True for _ in leaf.parameters())


def _shape(node: fx.Node) -> tuple[str, ...]:
    """Without the batch; empty where it is no tensor of numbers."""
    value = node.meta.get("val")
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return ()
    return tuple(str(size) for size in value.shape[1:])


def _size(node: fx.Node) -> int:
    """Numbers for each sample; axes of open size count as 1."""
    size = 1
    for one in node.meta["val"].shape[1:]:
        size *= one if isinstance(one, int) else 1
    return size


def _before_surgery(name: str, known: set[str]) -> str:
    """The layer that a part came from: `conv2` of `conv2.v`."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if ".".join(parts[:length]) in known:
            return ".".join(parts[:length])
    return name
