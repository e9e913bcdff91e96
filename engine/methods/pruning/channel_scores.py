"""Scores of the units of a channel group under each criterion; higher = keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, fx, nn

from engine.methods.context import Context
from engine.methods.pruning.channel import ChannelParams, Criterion, Norm
from engine.methods.pruning.channel_units import (
    Group,
    Reader,
    Scores,
    batch_norms,
    combined,
    is_transposed,
    unit_means,
)
from engine.network.groups import Member
from engine.network.macs import network_macs
from engine.network.network import Network
from engine.statistics.moments import likelihood_loss
from engine.statistics.run import Walker
from engine.surgery.copy import tensor_at

_GRADIENT_BATCH = 8
_GRADIENT_WORK = 2e11
"""MACs spent on gradients, about; more samples make the ranking no better."""


def weight_scores(network: Network, group: Group, params: ChannelParams) -> Scores:
    """Scores that need the weights alone.

    `magnitude`: Li et al. 2017, arXiv:1608.08710; `bn_scale`: Liu et al. 2017, arXiv:1708.06519;
    `synaptic_strength`: |γ| · ‖filter‖ (Lin et al. 2018, arXiv:1811.02454); `geometric_median`: He
    et al. 2019, arXiv:1811.00250, eq. 7.
    """
    match params.criterion:
        case Criterion.BN_SCALE:
            parts = _norm_scales(network, group)
        case Criterion.SYNAPTIC_STRENGTH:
            parts = _synaptic_strengths(network, group)
        case Criterion.GEOMETRIC_MEDIAN:
            parts = [_distances(network, group, member) for member in group.makers()]
        case _:
            parts = [_norms(network, group, m, params.norm) for m in group.makers()]
    return combined(parts, group.count)


def random_scores(group: Group, seed: Sequence[int]) -> Scores:
    """A random order."""
    return np.random.default_rng(list(seed)).random(group.count)


def _filters(network: Network, member: Member) -> Tensor:
    """The weight with its output channels first, `[channels, everything else]`."""
    weight = tensor_at(network.module, member.path).detach().float()
    return weight.movedim(member.axis, 0).flatten(1)


def _norms(network: Network, group: Group, member: Member, norm: Norm) -> Scores:
    order = 1 if norm is Norm.L1 else 2
    values = torch.linalg.vector_norm(_filters(network, member), ord=order, dim=1)
    return unit_means(_numpy(values), member, group.count)


def _distances(network: Network, group: Group, member: Member) -> Scores:
    """Sum of each filter's distances to the others: small for what the others can stand in for."""
    filters = _filters(network, member)
    squares = filters.square().sum(1)
    distances = squares[:, None] + squares[None] - 2 * filters @ filters.T
    return unit_means(_numpy(distances.clamp_min(0).sqrt().sum(1)), member, group.count)


def _norm_scales(network: Network, group: Group) -> list[Scores]:
    norms = batch_norms(network)
    return [
        unit_means(_numpy(_scale_of(norms[member.layer])), member, group.count)
        for member in group.members
        if member.layer in norms and member.path.endswith("running_mean")
    ]


def _scale_of(norm: nn.Module) -> Tensor:
    module: Any = norm
    if module.weight is None:
        return torch.ones(int(module.num_features))
    return cast(Tensor, module.weight).detach().float().abs()


def _synaptic_strengths(network: Network, group: Group) -> list[Scores]:
    """Of layers that a batch norm follows: its scale times the filter's Frobenius norm."""
    norms = batch_norms(network)
    after: dict[str, nn.Module] = {}
    for node in network.module.graph.nodes:
        if node.op == "call_module" and str(node.target) in norms:
            source = node.args[0]
            if isinstance(source, fx.Node) and source.op == "call_module":
                after[str(source.target)] = norms[str(node.target)]
    parts = []
    for member in group.makers():
        if member.layer in after:
            lengths = torch.linalg.vector_norm(_filters(network, member), dim=1)
            scale = _scale_of(after[member.layer])
            if len(scale) == len(lengths):
                parts.append(unit_means(_numpy(lengths * scale), member, group.count))
    return parts or _norm_scales(network, group)


def activation_scores(
    network: Network, groups: Sequence[Group], criterion: Criterion, context: Context
) -> Mapping[str, Scores]:
    """Scores from what the network computes on calibration data.

    `activation_zeros`: share of values that are not zero where the channels are read (Hu et al.
    2016, arXiv:1607.03250); `taylor`: squared change of the loss when a channel is silenced, to
    first order (Molchanov et al. 2019, arXiv:1906.10771, eq. 8), the loss being that of the labels
    where there are any, else of answers drawn from the network's own.

    Returns:
        Group id → scores; groups that no weighted layer reads are left out.
    """
    collect = _nonzero if criterion is Criterion.ACTIVATION_ZEROS else _taylor
    readers: dict[str, list[tuple[Group, Reader]]] = {}
    for group in groups:
        for reader in group.readers:
            for node in reader.nodes:
                readers.setdefault(node, []).append((group, reader))
    sums: dict[str, Scores] = {}

    def add(group: Group, values: Scores) -> None:
        sums[group.id] = sums.get(group.id, np.zeros(group.count)) + values

    collect(network, readers, context, add)
    return sums


_Readers = Mapping[str, Sequence[tuple[Group, Reader]]]
_Add = Callable[[Group, Scores], None]


def _channel_axis(reader: Reader, x: Tensor) -> int:
    kernel = getattr(reader.leaf, "kernel_size", None)
    return x.dim() - 1 if kernel is None else x.dim() - 1 - len(kernel)


def _per_unit(reader: Reader, group: Group, values: Tensor) -> Scores:
    """Values `[..., C_in]` of a reader's input channels summed over each unit, `[..., units]`."""
    units = reader.units
    if not is_transposed(reader.leaf):
        units = np.tile(units, values.shape[-1] // len(units))  # of grouped convolutions
    index = torch.from_numpy(np.where(units >= 0, units, group.count))
    shape = (*values.shape[:-1], group.count + 1)
    sums = torch.zeros(shape).index_add_(-1, index, values.float())
    return _numpy(sums[..., : group.count])


def _nonzero(network: Network, readers: _Readers, context: Context, add: _Add) -> None:
    samples = context.samples()

    def look(node: fx.Node, args: tuple[Any, ...], _result: Any) -> None:
        x: Tensor = args[0]
        axis = _channel_axis(readers[node.name][0][1], x)
        alive = (x != 0).float().movedim(axis, -1).flatten(0, -2).mean(0)
        for group, reader in readers[node.name]:
            add(group, _per_unit(reader, group, alive) * len(x))

    walker = Walker(network.module, look, readers, context.job)
    total = -(-len(samples) // samples.batch)
    with torch.inference_mode():
        for number, batch in enumerate(samples.batches()):
            context.job.checkpoint("Looking at activations", number, total)
            walker.run(*batch)
    context.job.checkpoint("Looking at activations", total, total)


def _taylor(network: Network, readers: _Readers, context: Context, add: _Add) -> None:
    samples = context.samples()
    count = min(
        len(samples), max(32, int(_GRADIENT_WORK / max(network_macs(network.module) or 1, 1)))
    )
    generator = torch.Generator().manual_seed(context.seed)
    found: dict[str, tuple[Tensor, Tensor]] = {}

    def keep(node: fx.Node, args: tuple[Any, ...], result: Any) -> None:
        found[node.name] = (args[0].detach(), result)

    walker = Walker(network.module, keep, readers, context.job)
    for start in range(0, count, _GRADIENT_BATCH):
        context.job.checkpoint("Looking at gradients", start, count)
        chosen = slice(start, min(start + _GRADIENT_BATCH, count))
        found.clear()
        with torch.enable_grad():
            inputs = tuple(
                x[chosen].clone().requires_grad_() if x.is_floating_point() else x[chosen]
                for x in samples.inputs
            )
            labels = None if samples.labels is None else samples.labels[chosen]
            loss = _loss(walker.run(*inputs), labels, generator)
        names = [name for name, (_, y) in found.items() if y.requires_grad]
        if not names:
            return
        gradients: Any = torch.autograd.grad(loss, [found[n][1] for n in names], allow_unused=True)
        per_group: dict[str, Scores] = {}
        by_id: dict[str, Group] = {}
        for name, gradient in zip(names, gradients, strict=True):
            context.job.checkpoint()
            if gradient is None:
                continue
            change = _first_order(readers[name][0][1], found[name][0], gradient)
            change = _per_sample(change, chosen.stop - chosen.start)  # [N, C_in]
            for group, reader in readers[name]:
                by_id[group.id] = group
                values = _per_unit(reader, group, change)
                per_group[group.id] = per_group.get(group.id, np.zeros(1)) + values
        for name, values in per_group.items():
            add(by_id[name], np.square(values).sum(0))
    context.job.checkpoint("Looking at gradients", count, count)


def _per_sample(change: Tensor, samples: int) -> Tensor:
    """Sums over what belongs to one sample, where a network has folded positions into the batch."""
    if len(change) % samples:
        return change.sum(0, keepdim=True).expand(samples, -1) / samples
    return change.reshape(samples, -1, change.shape[-1]).sum(1)


def _first_order(reader: Reader, x: Tensor, gradient: Tensor) -> Tensor:
    """For each sample and input channel Σ over positions of x · ∂loss/∂x through this layer."""
    with torch.enable_grad():
        x = x.requires_grad_()
        y = reader.leaf(x)
        slope = torch.autograd.grad(y, x, gradient)[0]
    axis = _channel_axis(reader, x)
    product = (x.detach() * slope).movedim(axis, -1)
    return product.reshape(len(product), -1, product.shape[-1]).sum(1)


def _loss(outputs: Any, labels: Tensor | None, generator: torch.Generator) -> Tensor:
    first: Tensor = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
    if labels is not None and _are_classes(labels, first):
        return nn.functional.cross_entropy(first.float(), labels, reduction="sum")
    return likelihood_loss(outputs, generator)


def _are_classes(labels: Tensor, outputs: Tensor) -> bool:
    if outputs.dim() != 2 or labels.dim() != 1 or labels.is_floating_point():
        return False
    return bool(((labels >= 0) & (labels < outputs.shape[1])).all())


def _numpy(values: Tensor) -> Scores:
    return values.detach().double().cpu().numpy()
