"""Removes channels: the tensors really shrink, and the graph is made to fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.fx.passes.fake_tensor_prop import FakeTensorProp

from engine.errors import RecipeError
from engine.network.axes.labels import Mask
from engine.network.axes.trace import Count, Pad, Take
from engine.network.groups import GroupAnalysis
from engine.network.network import Network
from engine.surgery.copy import as_kind_of, copy_network, replace_tensors, tensor_at
from engine.surgery.rewrite import Rewriter

Removal = Mapping[str, Sequence[int]]
"""Group id → numbers of the units to remove."""


def remove_channels(network: Network, analysis: GroupAnalysis, remove: Removal) -> Network:
    """A network without the given units.

    Tensors that lose nothing are shared with the original, which is not changed; so are the names
    of all layers and nodes. The result computes what `zero_channels` with the same arguments
    does.

    Args:
        network: The network that was analyzed.
        analysis: From `channel_groups(network)`.
        remove: Group id → units to remove, each below the group's `channels`.

    Raises:
        RecipeError: A group is unknown or frozen, a unit is not in it, or a layer would be left
            without channels.
    """
    kept = kept_labels(analysis, remove)
    _check_nothing_vanishes(analysis, kept)
    result = copy_network(network)
    module = result.module
    touched = _slice_tensors(module, analysis, kept)
    rewriter = Rewriter(module, kept)
    for change in analysis.changes:
        rewriter.apply(change)
    rewriter.finish()
    for norm in analysis.normalized:
        _resize_norm(module, norm.where, rewriter.sizes(norm.axes))
    for layer in touched:
        _update_attributes(module.get_submodule(layer))
    propagate(result)
    return result


def kept_labels(analysis: GroupAnalysis, remove: Removal) -> Mask:
    """For each label whether its channel stays.

    Raises:
        RecipeError: A group is unknown or frozen, or a unit is not in it.
    """
    gone = np.zeros(len(analysis.strata) + 1, dtype=np.bool_)  # the last: what belongs to no unit
    for group_id, units in remove.items():
        try:
            group = analysis.group(group_id)
        except KeyError:
            raise RecipeError(
                f"There is no channel group {group_id}",
                hint="Groups are named after their first layer; see the layer table",
            ) from None
        chosen = np.unique(np.asarray(units, dtype=np.int64))
        if chosen.size and group.frozen_reason:
            raise RecipeError(
                f"No channels of {group_id} can be removed: {group.frozen_reason}", where=group_id
            )
        if chosen.size and (chosen[0] < 0 or chosen[-1] >= group.channels):
            wrong = chosen[0] if chosen[0] < 0 else chosen[-1]
            raise RecipeError(
                f"Group {group_id} has units 0 to {group.channels - 1}, not {wrong}",
                where=group_id,
            )
        if chosen.size:
            gone[analysis.starts[group_id] + chosen] = True
    return ~gone[analysis.unit_of]


def _check_nothing_vanishes(analysis: GroupAnalysis, kept: Mask) -> None:
    """Every axis, and every part that is taken of one, must keep a channel."""
    for slot in analysis.slots:
        if not kept[slot.labels].any():
            raise RecipeError(
                f"All channels of layer {slot.layer} would be removed",
                hint="Leave at least one",
                where=slot.layer,
            )
    for change in analysis.changes:
        parts = []
        if isinstance(change, Take):
            parts = [change.labels[taken] for taken in change.taken]
        elif isinstance(change, Count):
            parts = [change.labels]
        elif isinstance(change, Pad):
            continue
        if any(part.size and not kept[part].any() for part in parts):
            place = change.node if isinstance(change, Take) else ""
            raise RecipeError(
                f"All channels that {place or 'a layer'} passes on would be removed",
                hint="Leave at least one in each part of the split",
                where=place,
            )


def _slice_tensors(module: nn.Module, analysis: GroupAnalysis, kept: Mask) -> list[str]:
    """Replace every tensor that loses channels; tied ones stay one tensor.

    Returns:
        Leaves that hold such a tensor.
    """
    old: dict[int, Tensor] = {}
    indices: dict[int, dict[int, Tensor]] = {}
    for slot in analysis.slots:
        mask = kept[slot.labels]
        if not mask.all():
            tensor = tensor_at(module, slot.path)
            index = torch.from_numpy(np.flatnonzero(mask)).to(tensor.device)
            indices.setdefault(id(tensor), {})[slot.axis] = index
            old[id(tensor)] = tensor
    touched = [slot for slot in analysis.slots if id(tensor_at(module, slot.path)) in old]
    replace_tensors(
        module, {key: as_kind_of(old[key], _indexed(old[key], indices[key])) for key in old}
    )
    return [layer for layer in dict.fromkeys(s.layer for s in touched) if _is_leaf(module, layer)]


def _indexed(tensor: Tensor, indices: Mapping[int, Tensor]) -> Tensor:
    result = tensor.detach()
    for axis, index in indices.items():
        result = result.index_select(axis, index)
    return result


def _is_leaf(module: nn.Module, layer: str) -> bool:
    try:
        module.get_submodule(layer)
    except AttributeError:
        return False
    return True


def _resize_norm(module: nn.Module, where: str, shape: Sequence[int]) -> None:
    """A layer or RMS norm normalizes over what is left; a node's constant is changed elsewhere."""
    if _is_leaf(module, where):
        norm: Any = module.get_submodule(where)
        if isinstance(norm, (nn.LayerNorm, nn.RMSNorm)):
            norm.normalized_shape = tuple(shape)


def _update_attributes(layer: Any) -> None:
    """Make what a layer says about its sizes agree with its tensors."""
    weight: Any = getattr(layer, "weight", None)
    match layer:
        case nn.Linear():
            layer.out_features, layer.in_features = weight.shape
        case nn.Embedding():
            layer.num_embeddings, layer.embedding_dim = weight.shape
        case nn.ConvTranspose1d() | nn.ConvTranspose2d() | nn.ConvTranspose3d():
            layer.in_channels = weight.shape[0]
            layer.out_channels = weight.shape[1] * layer.groups
        case nn.Conv1d() | nn.Conv2d() | nn.Conv3d():
            layer.out_channels = weight.shape[0]
            layer.in_channels = weight.shape[1] * layer.groups
        case nn.GroupNorm() if weight is not None:
            layer.num_channels = len(weight)
        case nn.RNNBase() | nn.RNNCellBase():
            name = "weight_ih_l0" if isinstance(layer, nn.RNNBase) else "weight_ih"
            layer.input_size = getattr(layer, name).shape[1]  # [gates · hidden, input]


def propagate(network: Network) -> None:
    """Compute the shapes of all nodes anew, with the batch as symbolic as it was.

    Raises:
        RuntimeError: The graph does not fit together, which is a mistake of ours.
    """
    module = network.module
    values = [n.meta["val"] for n in module.graph.nodes if n.op == "placeholder"]
    mode = next(v.fake_mode for v in values if isinstance(v, FakeTensor))
    _Shapes(module, mode).propagate_dont_convert_inputs(*values)


class _Shapes(FakeTensorProp):
    """Knows what leaves return where running them, even on fake tensors, would take long."""

    def run_node(self, n: fx.Node) -> Any:
        if n.op == "call_module":
            leaf = self.fetch_attr(str(n.target))
            if isinstance(leaf, (nn.RNNBase, nn.RNNCellBase)):
                return n.meta["val"]  # its hidden size is never changed
            if isinstance(leaf, (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.RMSNorm)):
                with self._mode:
                    n.meta["val"] = torch.empty_like(self.env[n.args[0]])  # type: ignore[index]  # fx lets an argument be anything; this operator's is known
                return n.meta["val"]
        return super().run_node(n)
