"""Changes the constants of a graph that follow the number of channels."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import fx

from engine.network.axes.labels import SYMBOLIC, Axes, Axis, Labels, Mask
from engine.network.axes.trace import Change, Count, Pad, Resize, Take, argument, operation
from engine.surgery.copy import free_name

aten = torch.ops.aten

_SIZE_ARGUMENT = {
    **dict.fromkeys(("view", "reshape", "_unsafe_view", "expand", "broadcast_to"), 1),
    **dict.fromkeys(("layer_norm", "rms_norm", "native_layer_norm", "_fused_rms_norm"), 1),
    **dict.fromkeys(("new_zeros", "new_ones", "new_full", "new_empty"), 1),
    **dict.fromkeys(("zeros", "ones", "full", "empty", "rand", "randn"), 0),
    "unflatten": 2,
}


class Rewriter:
    """Applies changes to a graph, given which labels stay."""

    def __init__(self, module: fx.GraphModule, kept: Mask) -> None:
        self.module = module
        self.kept = kept
        self.nodes = {node.name: node for node in module.graph.nodes}

    def apply(self, change: Change) -> None:
        """Make one node or leaf fit."""
        match change:
            case Resize():
                if not all(self._whole(axis) for axis in change.axes):
                    self._resize(self.nodes[change.node], change.axes)
            case Take():
                if not self.kept[change.labels].all():
                    self._take(self.nodes[change.node], change)
            case Pad():
                self._pad(self.nodes[change.node], change)
            case Count():
                count = int(self.kept[change.labels].sum())
                node = self.nodes.get(change.where)
                if node is not None and node.op == "call_function":
                    node.update_arg(1, count)
                else:
                    setattr(self.module.get_submodule(change.where), change.attribute, count)

    def finish(self) -> None:
        """Drop what is no longer used."""
        self.module.graph.eliminate_dead_code()
        self.module.graph.lint()
        self.module.recompile()

    def sizes(self, axes: Axes) -> list[int]:
        """Sizes of axes after the removal."""
        return [self._size(axis) for axis in axes]

    def _size(self, axis: Axis) -> int:
        size = 1
        for factor in axis:
            labels = factor.labels
            size *= factor.size if labels is None else int(self.kept[labels].sum())
        return size

    def _whole(self, axis: Axis) -> bool:
        return all(f.labels is None or bool(self.kept[f.labels].all()) for f in axis)

    def _resize(self, node: fx.Node, axes: Axes) -> None:
        name = operation(node)
        if name == "squeeze":
            self._squeeze(node)
        elif "attention" in name:
            self._keep_scale(node)
        elif name in _SIZE_ARGUMENT:
            place = _SIZE_ARGUMENT[name]
            old = node.args[place]
            assert isinstance(old, (list, tuple))
            offset = 0
            if name == "unflatten":
                offset = int(argument(node, 1, "dim")) % (len(axes) - len(old) + 1)
            changed = [
                self._new_size(node, size, axes[offset + i], old) for i, size in enumerate(old)
            ]
            node.update_arg(place, changed)

    def _new_size(self, node: fx.Node, old: Any, axis: Axis, all_sizes: Sequence[Any]) -> Any:
        """A size argument after the removal: an int, or arithmetic where the batch is in it."""
        if self._whole(axis) or (isinstance(old, int) and old < 0):
            return old
        if all(factor.size < SYMBOLIC for factor in axis):
            return self._size(axis)
        if "view" in operation(node) or "reshape" in operation(node):
            others = [s for s in all_sizes if s is not old]
            if not any(isinstance(s, int) and s < 0 for s in others):
                return -1
        before, after = 1, 1
        for factor in axis:
            if factor.labels is not None:
                before *= factor.size
                after *= int(self.kept[factor.labels].sum())
        graph = self.module.graph
        with graph.inserting_before(node):
            part = graph.call_function(operator.floordiv, (old, before))
            part.meta["val"] = old.meta["val"] // before
            size = graph.call_function(operator.mul, (part, after))
            size.meta["val"] = part.meta["val"] * after
        return size

    def _squeeze(self, node: fx.Node) -> None:
        """Say which axes go: one that pruning brings down to a single channel must not."""
        source: Any = node.args[0]
        shape = source.meta["val"].shape
        dims = argument(node, 1, "dim")
        chosen = range(len(shape)) if dims is None else dims if isinstance(dims, list) else [dims]
        gone = [d for d in chosen if isinstance(shape[d], int) and shape[d] == 1]
        node.target = aten.squeeze.dims
        node.args, node.kwargs = (source, gone), {}

    def _keep_scale(self, node: fx.Node) -> None:
        """The default scale is that of the original width."""
        if node.kwargs.get("scale") is None:
            query: Any = node.args[0]
            width = query.meta["val"].shape[-1]
            node.kwargs = {**node.kwargs, "scale": float(width) ** -0.5}

    def _take(self, node: fx.Node, change: Take) -> None:
        mask = self.kept[change.labels]
        rank = np.cumsum(mask) - 1
        parts = [rank[taken[mask[taken]]] for taken in change.taken]
        name = operation(node)
        if name == "select":
            node.args, node.kwargs = (node.args[0], change.axis, int(parts[0][0])), {}
        elif name in ("slice", "narrow") and _is_range(parts[0]):
            step = int(parts[0][1] - parts[0][0]) if len(parts[0]) > 1 else 1
            start, end = int(parts[0][0]), int(parts[0][-1]) + 1
            node.target = aten.slice.Tensor
            node.args, node.kwargs = (node.args[0], change.axis, start, end, step), {}
        elif len(parts) > 1 or "split" in name or ("chunk" in name and "channel" not in name):
            node.target = aten.split_with_sizes.default
            node.args = (node.args[0], [len(part) for part in parts], change.axis)
            node.kwargs = {}
        else:
            self._gather(node, change.axis, parts[0])

    def _gather(self, node: fx.Node, axis: int, positions: Labels) -> None:
        """Take listed positions: what is left of a shuffle or of a strided slice."""
        source = _before_shuffle(node)
        name = free_name(self.module, f"{node.name}_channels")
        device = source.meta["val"].device
        index = torch.from_numpy(np.ascontiguousarray(positions)).to(device)
        self.module.register_buffer(name, index)
        with self.module.graph.inserting_before(node):
            order = self.module.graph.get_attr(name)
        mode = source.meta["val"].fake_mode
        order.meta = {"val": mode.from_tensor(index, static_shapes=True)}
        node.target = aten.index_select.default
        node.args, node.kwargs = (source, axis, order), {}

    def _pad(self, node: fx.Node, change: Pad) -> None:
        amounts = list(argument(node, 1, "pad"))
        source: Any = node.args[0]
        place = 2 * (source.meta["val"].dim() - 1 - change.axis)
        amounts[place] = int(self.kept[change.before].sum())
        amounts[place + 1] = int(self.kept[change.after].sum())
        node.update_arg(1, amounts)


def _is_range(positions: Labels) -> bool:
    steps = np.diff(positions)
    return bool(len(positions) and (steps == steps[:1]).all() and (steps > 0).all())


def _before_shuffle(node: fx.Node) -> fx.Node:
    """What a chain reshape → transpose → reshape starts from; else the operand."""
    source: Any = node.args[0]
    if operation(node) not in ("view", "reshape", "_unsafe_view"):
        return source  # type: ignore[no-any-return]  # fx lets an argument be anything; this operator's is known
    while operation(source) in ("clone", "contiguous"):
        source = source.args[0]
    return source.args[0].args[0]  # type: ignore[no-any-return]  # fx lets an argument be anything; this operator's is known
