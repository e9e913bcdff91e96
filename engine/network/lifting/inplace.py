"""Operators that change their input, turned into ones that do not where that changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch
from torch import fx

_ALIASING = {torch.ops.aten.dropout.default, torch.ops.aten.feature_dropout.default}
"""Operators that in eval mode return their input itself, although their schema does not say so."""


class Aliases:
    """Which nodes of a graph may share memory; `held` are those that stand for stored tensors."""

    def __init__(self, graph: fx.Graph, held: Collection[fx.Node] = ()) -> None:
        self._held = set(held)
        self._order = {node: index for index, node in enumerate(graph.nodes)}
        self._root: dict[fx.Node, fx.Node] = {}
        self._members: dict[fx.Node, list[fx.Node]] = {}
        for node in graph.nodes:
            root = node
            source = _aliased(node)
            if source is not None:
                root = self._root.get(source, source)
            self._root[node] = root
            self._members.setdefault(root, []).append(node)

    def functional(self, node: fx.Node) -> Any | None:
        """The operator that computes what this in-place one does, or None.

        None where the operator does not work in place, or where the change would be seen through
        another name: by a later use of the input, or of a view of it, or in a stored tensor.
        """
        target: Any = node.target
        if not is_inplace(target) or torch.Tag.nondeterministic_seeded in target.tags:
            return None
        return None if self.seen_elsewhere(node) else _counterpart(node)

    def seen_elsewhere(self, node: fx.Node) -> bool:
        """Whether anything later can tell that an in-place operator changed its input."""
        changed = node.args[0]
        if not isinstance(changed, fx.Node) or self._root[changed] in self._held:
            return True
        now = self._order[node]
        return any(
            self._order[user] > now
            for member in self._members[self._root[changed]]
            if self._order[member] < now
            for user in member.users
        )


def is_inplace(target: Any) -> bool:
    """Whether an operator writes to its first argument and returns it."""
    if not isinstance(target, torch._ops.OpOverload) or not target._schema.arguments:
        return False
    first = target._schema.arguments[0].alias_info
    return first is not None and first.is_write and len(target._schema.returns) == 1


def _aliased(node: fx.Node) -> fx.Node | None:
    """The argument whose memory a node's result may share."""
    if node.op != "call_function" or not node.args:
        return None
    source = node.args[0]
    target: Any = node.target
    if not isinstance(source, fx.Node):
        return None
    if getattr(target, "__name__", "") == "getitem" or target in _ALIASING:
        return source
    if isinstance(target, torch._ops.OpOverload):
        shared = any(returned.alias_info is not None for returned in target._schema.returns)
        return source if shared else None
    return None


def _counterpart(node: fx.Node) -> Any | None:
    """`add` for `add_`, if it takes the same arguments and gives the same type and shape."""
    target: Any = node.target
    name = target._schema.name.split("::")[1].removesuffix("_")
    packet = getattr(getattr(torch.ops, target.namespace), name, None)
    found = getattr(packet, target._overloadname, None)
    if found is None:
        return None
    if [a.name for a in found._schema.arguments] != [a.name for a in target._schema.arguments]:
        return None
    own = node.args[0].meta["val"]  # type: ignore[union-attr]  # fx lets an argument be anything; this operator's is known
    others = [
        value
        for argument in node.all_input_nodes
        if isinstance(value := argument.meta.get("val"), torch.Tensor)
    ]
    return found if all(value.dtype == own.dtype for value in others) else None
