"""Walks a lifted graph once and records in a ledger what each operation does to channels."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import fx, nn

from engine.network.axes.labels import (
    SYMBOLIC,
    Axes,
    Axis,
    Labels,
    Ledger,
    Reason,
    has_labels,
    plain,
)
from engine.network.axes.sizes import Sizes

Value: TypeAlias = "Axes | list[Value] | None"
"""Axes of a tensor; a list for an operation with several results; None for what is no tensor."""


class Role(enum.StrEnum):
    """What a parameter's axis is to the layer that owns it."""

    OUT = "out"
    """The layer makes these channels."""
    IN = "in"
    """The layer sums over these channels."""
    PASS = "pass"
    """One value for each channel that passes: norms, biases, depthwise weights, free parameters."""
    OTHER = "other"
    """Neither: the rows of an embedding, looked up by number."""


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """An axis of a parameter or buffer on which channels lie.

    Attributes:
        layer: Name of the layer.
        path: Dotted path of the tensor.
        axis: Which axis.
        labels: One for each position.
        role: What the axis is to the layer.
        position: Of the layer's first node in the graph.
    """

    layer: str
    path: str
    axis: int
    labels: Labels
    role: Role
    position: int


@dataclass(frozen=True, slots=True, eq=False)
class Resize:
    """A node whose arguments hold sizes of its result."""

    node: str
    axes: Axes


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A node whose results are the positions `taken` (one array a result) of an axis."""

    node: str
    axis: int
    labels: Labels
    taken: tuple[Labels, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pad:
    """A node that puts channels of its own before and after those on an axis."""

    node: str
    axis: int
    before: Labels
    after: Labels


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """An attribute of a leaf, or an argument of a node, that counts labels: `num_groups`."""

    where: str
    attribute: str
    labels: Labels


@dataclass(frozen=True, slots=True, eq=False)
class Contraction:
    """A node that sums over channels without weights: an operand, its axis.

    `mean` says that it divides by their number.
    """

    node: str
    operand: str
    axis: int
    labels: Labels
    mean: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Normalized:
    """A leaf or node that normalizes over channels, so that removing some changes the rest.

    Attributes:
        where: Path of the leaf, or name of the node.
        axes: Of its input, from the first normalized one on.
    """

    where: str
    axes: Axes


Change: TypeAlias = Resize | Take | Pad | Count
Rule: TypeAlias = "Callable[[Trace, fx.Node], Value]"

RULES: dict[str, Rule] = {}
"""Operation (aten's name without overload and trailing underscore) → what it does to axes."""


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register the decorated function for these operations."""

    def add(function: Rule) -> Rule:
        for name in names:
            if RULES.setdefault(name, function) is not function:
                raise ValueError(f"{name} has two rules")
        return function

    return add


class Trace:
    """The state of a walk: axes of every node so far, and all that was recorded."""

    def __init__(self, module: fx.GraphModule) -> None:
        self.module = module
        self.leaves: dict[str, nn.Module] = dict(module.named_modules(remove_duplicate=False))
        self.ledger = Ledger()
        self.sizes = Sizes()
        self.axes: dict[fx.Node, Value] = {}
        self.slots: list[Slot] = []
        self.changes: list[Change] = []
        self.contractions: list[Contraction] = []
        self.normalized: list[Normalized] = []
        self.inner: dict[fx.Node, Any] = {}
        self.lost: list[str] = []
        self._bound: dict[tuple[int, int], Labels] = {}
        self._slots: set[tuple[str, int]] = set()
        self._position = {node: i for i, node in enumerate(module.graph.nodes)}

    def shape(self, node: fx.Node) -> tuple[int, ...]:
        """Shape of a node's result; symbolic sizes as `Sizes` has them."""
        return tuple(self.sizes(size) for size in node.meta["val"].shape)

    def of(self, node: Any) -> Axes:
        """Axes of an operand that is a tensor."""
        value = self.axes[node]
        if not isinstance(value, tuple):
            raise TypeError(f"{node} is no tensor")
        return value

    def tensors(self, node: fx.Node) -> list[fx.Node]:
        """The operands that are tensors."""
        return [n for n in node.all_input_nodes if isinstance(self.axes.get(n), tuple)]

    def blank(self, node: fx.Node) -> Value:
        """Axes without channels for whatever a node returns."""
        return self._blank(node.meta.get("val"))

    def _blank(self, value: Any) -> Value:
        if isinstance(value, torch.Tensor):
            return tuple(plain(self.sizes(size)) for size in value.shape)
        if isinstance(value, (tuple, list)):
            return [self._blank(v) for v in value]
        return None

    def flat(self, node: fx.Node, operand: fx.Node, axis: int) -> Labels | None:
        """One label for each position on an operand's axis; None without channels."""
        return self.ledger.flatten(self.of(operand)[axis], self.where(node))

    def freeze_operands(self, node: fx.Node, reason: Reason) -> None:
        """No channel that goes into this node can be removed."""
        for operand in node.all_input_nodes:
            self.freeze_value(self.axes.get(operand), reason)

    def freeze_value(self, value: Value, reason: Reason) -> None:
        """No channel on any axis of this value can be removed."""
        if isinstance(value, list):
            for part in value:
                self.freeze_value(part, reason)
        elif value is not None:
            for axis in value:
                self.ledger.freeze_axis(axis, reason)

    def normalize(self, node: fx.Node, where: str, axes: Axes) -> None:
        """A norm takes its mean over these axes: over what is left of them."""
        if not any(has_labels(axis) for axis in axes):
            return
        if any(factor.size >= SYMBOLIC for axis in axes for factor in axis):
            reason = Reason(f"{self.where(node)} normalizes them with an axis of varying size.")
            self.freeze_value(axes, reason)
        else:
            self.normalized.append(Normalized(where, axes))

    def labelled(self, node: fx.Node) -> bool:
        """Whether channels lie on any axis of this node's operands."""
        return any(has_labels(axis) for n in self.tensors(node) for axis in self.of(n))

    def where(self, node: fx.Node) -> str:
        """The operation as a message names it: `'softmax' in blocks.0.attn`."""
        if node.op == "call_module":
            return f"Layer {node.target}"
        stack = node.meta.get("nn_module_stack") or {}
        path = list(stack.values())[-1][0] if stack else ""
        path = path.removeprefix("L['self']").removeprefix("L__self__").strip(".")
        return f"'{operation(node)}' in {path}" if path else f"'{operation(node)}' ({node.name})"

    def bind(
        self, node: fx.Node, leaf: str, axis: int, labels: Labels | None, role: Role
    ) -> Labels | None:
        """Say which channels lie on an axis of a parameter; tied ones are united.

        Args:
            node: The leaf's call, or the `get_attr` of a free parameter.
            leaf: Name of the parameter within the layer; empty for a free one.
            axis: Of the parameter.
            labels: One for each position; None where no channels lie on it.
            role: What the axis is to the layer.

        Returns:
            The labels of the parameter's axis.
        """
        path = f"{node.target}.{leaf}" if leaf else str(node.target)
        owner, _, name = path.rpartition(".")
        tensor = getattr(self.leaves[owner], name)
        if labels is None or tensor is None:
            return labels
        known = self._bound.setdefault((id(tensor), axis), labels)
        self.ledger.unite(known, labels)
        if (path, axis) not in self._slots:
            self._slots.add((path, axis))
            self.slots.append(Slot(str(node.target), path, axis, known, role, self._position[node]))
        return known


def operation(node: fx.Node) -> str:
    """Name of an operation: aten's, without overload and the underscore of in-place forms."""
    target = node.target
    if isinstance(target, torch._ops.OpOverload):
        name = target._opname
    else:
        name = getattr(target, "__name__", str(target))
    return name.rstrip("_") if not name.startswith("__") else name


def argument(node: fx.Node, index: int, name: str, default: Any = None) -> Any:
    """An argument, however it was passed."""
    if len(node.args) > index:
        return node.args[index]
    return node.kwargs.get(name, default)


def dimension(value: int, rank: int) -> int:
    """An axis counted from the front."""
    return value % rank if rank else 0


def dimensions(value: Any, rank: int) -> tuple[int, ...]:
    """Axes counted from the front; None and an empty list mean all."""
    if value is None or (isinstance(value, (list, tuple)) and not value):
        return tuple(range(rank))
    return tuple(v % rank for v in (value if isinstance(value, (list, tuple)) else [value]))


def replaced(axes: Axes, index: int, axis: Axis) -> Axes:
    """The axes with one of them replaced."""
    return (*axes[:index], axis, *axes[index + 1 :])
