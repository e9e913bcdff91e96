"""Weights as matrices: one row for each output, one column for each thing that it is summed over.

Groups of a convolution are matrices of their own, side by side: `[groups, R, K]`. The columns are
those of `engine.statistics.unfold.unfold_input`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from engine.methods.pruning.elimination import Quota
from engine.network.leaves import uses
from engine.network.network import Network
from engine.statistics.unfold import has_rows
from engine.surgery.copy import as_kind_of, replace_tensors

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A layer whose weights are pruned, together with all that share them.

    Attributes:
        name: Of the first in execution order.
        names: Of all that share the weight.
        leaf: The module of the first.
        calls: Every node that multiplies with the weight.
    """

    name: str
    names: tuple[str, ...]
    leaf: nn.Module
    calls: tuple[fx.Node, ...]

    @property
    def weight(self) -> Tensor:
        """As it was."""
        weight = self.leaf.weight
        assert isinstance(weight, Tensor)
        return weight.detach()

    @property
    def matrix(self) -> Tensor:
        """As it was, `[groups, R, K]` float32 on the CPU."""
        return as_matrices(self.leaf, self.weight.float().cpu())


def layers_of(network: Network, names: Iterable[str]) -> tuple[Layer, ...]:
    """The layers among some names that have matrices, in execution order."""
    wanted = set(names)
    owners: dict[int, list[str]] = {}
    calls: dict[int, list[fx.Node]] = {}
    for use in uses(network.module):
        if use.module is not None and has_rows(use.module):
            owners.setdefault(id(use.weight), []).append(use.name)
            calls.setdefault(id(use.weight), []).extend(use.nodes)
    found = []
    for key, shared in owners.items():
        if wanted.intersection(shared):
            leaf = network.module.get_submodule(shared[0])
            found.append(Layer(shared[0], tuple(shared), leaf, tuple(calls[key])))
    return tuple(found)


def as_matrices(leaf: nn.Module, weight: Tensor) -> Tensor:
    """A weight, or anything of its shape, as `[groups, R, K]`."""
    groups = _groups(leaf)
    if isinstance(leaf, TRANSPOSED):
        parts = weight.reshape(groups, weight.shape[0] // groups, -1)
        return parts.transpose(1, 2)  # R = C_out / groups · kH · kW, K = C_in / groups
    return weight.reshape(groups, weight.shape[0] // groups, -1)


def from_matrices(leaf: nn.Module, matrices: Tensor) -> Tensor:
    """The inverse of `as_matrices`."""
    shape = leaf.weight.shape
    assert isinstance(shape, torch.Size)
    if isinstance(leaf, TRANSPOSED):
        matrices = matrices.transpose(1, 2)
    return matrices.reshape(shape)


def row_weights(leaf: nn.Module, gradients: Tensor | None) -> Tensor:
    """What an error of each row costs, `[groups, R]`: the second moment of its gradient.

    Args:
        leaf: The layer.
        gradients: `[C_out, C_out]`; without it all rows cost the same.
    """
    groups = _groups(leaf)
    weight = leaf.weight
    assert isinstance(weight, Tensor)
    if not isinstance(leaf, TRANSPOSED):
        count = weight.shape[0]
        repeats = 1
    else:
        count = weight.shape[1] * groups
        repeats = weight[0, 0].numel()
    diagonal = torch.ones(count) if gradients is None else gradients.diagonal().float()
    diagonal = diagonal.clamp_min(max(float(diagonal.max()) * 1e-6, 1e-12))
    return diagonal.repeat_interleave(repeats).reshape(groups, -1)


def input_quota(leaf: nn.Module, n: int, m: int) -> Quota:
    """Columns in groups of m consecutive input channels at the same position of the kernel."""
    weight = leaf.weight
    assert isinstance(weight, Tensor)
    if isinstance(leaf, TRANSPOSED):
        channels, positions = weight.shape[0] // _groups(leaf), 1
    else:
        channels, positions = weight.shape[1], weight[0, 0].numel()
    channel = torch.arange(channels).repeat_interleave(positions)
    position = torch.arange(positions).repeat(channels)
    return Quota(channel // m * positions + position, m - n)


def put(network: Network, layer: Layer, matrices: Tensor) -> None:
    """Give a layer, and all that share its weight, new values; the network is changed."""
    old = network.module.get_submodule(layer.name).weight
    assert isinstance(old, Tensor)
    values = from_matrices(layer.leaf, matrices).to(old.device, old.dtype).contiguous()
    replace_tensors(network.module, {id(old): as_kind_of(old, values)})


def _groups(leaf: nn.Module) -> int:
    return int(getattr(leaf, "groups", 1))
