"""Moves scales between neighboring layers until their channels have similar ranges."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.network.leaves import uses
from engine.network.network import Network
from engine.surgery.copy import copy_network

_HOMOGENEOUS = frozenset(
    {
        "alias", "clone", "contiguous", "detach", "dropout", "relu", "leaky_relu", "threshold",
        "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
        "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
        "adaptive_max_pool1d", "adaptive_max_pool2d", "upsample_nearest1d", "upsample_nearest2d",
    }
)  # fmt: skip
"""Operators f of one tensor, channel by channel, with f(s·x) = s·f(x) for s > 0."""

_FLATTEN = frozenset({"flatten", "view", "reshape", "_unsafe_view"})
_HOMOGENEOUS_LEAVES = (nn.PReLU, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d)
_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
_ROUNDS = 20
_ENOUGH = 1e-3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two layers with nothing between them that minds a scale.

    Attributes:
        first: Gives the channels.
        second: The only one that reads them.
        block: Neighboring inputs of the second that one channel becomes (positions of an image
            that is flattened); 1 otherwise.
    """

    first: str
    second: str
    block: int = 1


def equalize(network: Network, layers: Collection[str]) -> tuple[Network, dict[str, Tensor]]:
    """A network that computes the same, its channels' ranges alike on both sides of each pair.

    With r₁, r₂ the largest weights of a channel in the layer that makes it and the one that reads
    it, its outputs are divided by s = √(r₁ / r₂) and its columns multiplied (Nagel et al. 2019,
    arXiv:1906.04721, sec. 4.1), in turns until nothing moves. A channel without weights on either
    side stays as it is. Factors are powers of two, so that the result is the same to the last bit
    but for overflow.

    Args:
        network: Batch norms folded; not changed.
        layers: Those that may be changed.

    Returns:
        The network, and for each layer whose input changed `[groups, K]`: what its input rows (in
        the order of `weight.flatten(1)`) were divided by.
    """
    pairs = [p for p in find_pairs(network.module) if p.first in layers and p.second in layers]
    if not pairs:
        return network, {}
    result = copy_network(network)
    weights = {
        name: _Pieces(result.module.get_submodule(name))
        for pair in pairs
        for name in (pair.first, pair.second)
    }
    factors = {pair: torch.ones(weights[pair.first].channels) for pair in pairs}
    for _ in range(_ROUNDS):
        moved = 0.0
        for pair in pairs:
            step = _balance(weights[pair.first], weights[pair.second], pair.block)
            factors[pair] *= step
            moved = max(moved, float((step - 1).abs().max()))
        if moved < _ENOUGH:
            break
    divided = {}
    for pair, factor in factors.items():
        rounded = torch.exp2(torch.round(torch.log2(factor)))
        divided[pair.second] = _apply(result.module, pair, rounded)
    return result, divided


class _Pieces:
    """The largest weight of each channel of a layer, on both sides, while scales move."""

    def __init__(self, leaf: Any) -> None:
        weight = torch.nan_to_num(leaf.weight.detach().double().abs(), 0.0, 0.0, 0.0)
        self.depthwise = _is_depthwise(leaf)
        matrix = weight.reshape(*weight.shape[:2], -1).amax(-1)  # [C_out, C_in / groups]
        self.matrix = matrix
        self.channels = matrix.shape[0]

    def outputs(self) -> Tensor:
        return self.matrix.amax(1)

    def inputs(self, block: int) -> Tensor:
        if self.depthwise:
            return self.matrix.amax(1)
        return self.matrix.amax(0).reshape(-1, block).amax(1)

    def scale_outputs(self, factor: Tensor) -> None:
        self.matrix = self.matrix * factor[:, None]

    def scale_inputs(self, factor: Tensor, block: int) -> None:
        if self.depthwise:
            self.matrix = self.matrix * factor[:, None]
        else:
            self.matrix = self.matrix * factor.repeat_interleave(block)


def _balance(first: _Pieces, second: _Pieces, block: int) -> Tensor:
    """Scale both; what the outputs of the first were divided by."""
    r1, r2 = first.outputs(), second.inputs(block)
    alive = (r1 > 0) & (r2 > 0)
    step = torch.where(alive, torch.sqrt(r1 / r2.clamp_min(1e-300)), 1.0).float()
    first.scale_outputs(1 / step)
    second.scale_inputs(step, block)
    return step


def _apply(module: fx.GraphModule, pair: Pair, factor: Tensor) -> Tensor:
    first: Any = module.get_submodule(pair.first)
    second: Any = module.get_submodule(pair.second)
    weight = first.weight.detach()
    _set(first, "weight", weight / factor.to(weight).reshape(-1, *[1] * (weight.dim() - 1)))
    if first.bias is not None:
        _set(first, "bias", first.bias.detach() / factor.to(weight))
    weight = second.weight.detach()
    each = factor.to(weight).repeat_interleave(pair.block)
    leading = (-1, 1) if _is_depthwise(second) else (1, -1)
    columns = each.reshape(*leading, *[1] * (weight.dim() - 2)).expand_as(weight)
    _set(second, "weight", weight * columns)
    groups = int(getattr(second, "groups", 1))
    return columns.flatten(1)[:: max(1, len(weight) // groups)]


def _set(leaf: nn.Module, name: str, values: Tensor) -> None:
    old = getattr(leaf, name)
    setattr(leaf, name, nn.Parameter(values, requires_grad=old.requires_grad))


def find_pairs(module: fx.GraphModule) -> tuple[Pair, ...]:
    """All pairs of a network, in execution order.

    Both layers are convolutions or dense, called once, with weights of their own; the second is
    depthwise or reads all channels.
    """
    alone: Mapping[str, fx.Node] = _called_once(module)
    found = []
    for name, node in alone.items():
        pair = _pair_from(module, name, node)
        if pair is not None and pair.second in alone:
            found.append(pair)
    return tuple(found)


def _called_once(module: fx.GraphModule) -> dict[str, fx.Node]:
    everything = uses(module)
    owners: dict[int, int] = {}
    for use in everything:
        owners[id(use.weight)] = owners.get(id(use.weight), 0) + 1
    return {
        use.name: use.nodes[0]
        for use in everything
        if isinstance(use.module, (nn.Linear, *_CONVOLUTIONS))
        and len(use.nodes) == 1
        and owners[id(use.weight)] == 1
    }


def _pair_from(module: fx.GraphModule, name: str, node: fx.Node) -> Pair | None:
    """Follow a layer's output through operators that do not mind a scale."""
    first: Any = module.get_submodule(name)
    channels = first.weight.shape[0]
    linear = isinstance(first, nn.Linear)
    block = 1
    while len(node.users) == 1:
        node = next(iter(node.users))
        if node.op == "call_module":
            leaf: Any = module.get_submodule(str(node.target))
            if isinstance(leaf, _HOMOGENEOUS_LEAVES):
                continue
            if linear and not isinstance(leaf, nn.Linear):
                return None
            return _reads(leaf, str(node.target), name, channels, block)
        operation = _operation(node)
        if operation in _FLATTEN and _is_flattened(node, channels):
            block *= node.meta["val"].shape[1] // channels
        elif (linear and "pool" in operation) or not _is_homogeneous(node, operation):
            return None  # behind a dense layer, pooling goes over its channels
    return None


def _reads(leaf: Any, name: str, first: str, channels: int, block: int) -> Pair | None:
    if isinstance(leaf, nn.Linear):
        fits = leaf.in_features == channels * block
    elif isinstance(leaf, _CONVOLUTIONS):
        reads_all = leaf.groups == 1 and leaf.in_channels == channels
        fits = block == 1 and (reads_all or (_is_depthwise(leaf) and leaf.groups == channels))
        fits = fits and leaf.padding_mode in ("zeros", "reflect", "replicate", "circular")
    else:
        return None
    return Pair(first, name, block) if fits else None


def _is_flattened(node: fx.Node, channels: int) -> bool:
    """Whether `[N, C, ...]` becomes `[N, C · ...]`."""
    source: Any = node.args[0]
    before, after = source.meta["val"].shape, node.meta["val"].shape
    if len(after) != 2 or not isinstance(after[1], int) or before[1] != channels:
        return False
    return bool(after[0] == before[0]) and after[1] % channels == 0


def _is_homogeneous(node: fx.Node, operation: str) -> bool:
    """A threshold is so at zero alone."""
    return operation in _HOMOGENEOUS and (operation != "threshold" or node.args[1:] == (0, 0))


def _is_depthwise(leaf: Any) -> bool:
    return (
        isinstance(leaf, _CONVOLUTIONS)
        and leaf.groups > 1
        and leaf.groups == leaf.in_channels == leaf.out_channels
    )


def _operation(node: fx.Node) -> str:
    target: Any = node.target
    if target is operator.getitem or not isinstance(target, torch._ops.OpOverload):
        return ""
    return str(target._schema.name.partition("::")[2])
