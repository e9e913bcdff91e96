"""How much the answers of a network depend on each channel group: measured, with compensation.

Each group is pruned alone to a few sizes, its readers solved anew from their inputs' moments, and
the rest of the network run: the divergence of the answers from the original's, in nats, is the
loss. Between the sizes the predicted loss, scaled, is followed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.methods.context import Context
from engine.methods.pruning.channel import Allocation, ChannelParams
from engine.methods.pruning.channel_least_squares import ridge
from engine.methods.pruning.channel_moments import Spread, Spreads, portions
from engine.methods.pruning.channel_study import Study
from engine.methods.pruning.channel_units import Group, Reader, as_weight, is_transposed
from engine.network.macs import network_macs
from engine.statistics.stepper import Stepper, batches_within
from engine.surgery.copy import as_kind_of

_WORK = 6e11
"""MACs spent on measuring, about."""
_MOST_LEVELS = 8
_FEWEST_SAMPLES, _MOST_SAMPLES = 8, 192
_MOST_BYTES = 1 << 30
_FLOOR = 1e-9
_DEAR = 1e3

Substitutes = Mapping[str, nn.Module]


def measured(
    spreads: Spreads,
    groups: Sequence[Group],
    chosen: Mapping[str, ChannelParams],
    known: Mapping[str, Study],
    context: Context,
) -> dict[str, Study]:
    """The studies of groups whose share follows their sensitivity, with measured losses.

    Args:
        spreads: Of the network, which is not changed.
        groups: All that are pruned, in the order of the network.
        chosen: Their settings.
        known: What scores say of them.
        context: For calibration data and progress.

    Raises:
        DataError: There is no calibration data.
    """
    wanted = [g for g in groups if chosen[g.id].allocation is Allocation.SENSITIVITY]
    samples, levels = _effort(spreads, len(wanted), len(context.samples()))
    calibration = context.samples().first(samples)
    batches = batches_within(spreads.network.module, calibration, _MOST_BYTES)
    stepper = Stepper(spreads.network.module, batches, context.job)
    reference = _answers(stepper.fork({}), context)
    result = {g.id: _unmeasured(known[g.id]) for g in wanted if not g.readers}
    places = {g.id: _first_place(stepper, g) for g in wanted if g.readers}
    wanted = sorted((g for g in wanted if g.readers), key=lambda group: places[group.id])
    done = 0
    for some in portions(wanted):
        moments = spreads.of([reader for group in some for reader in group.readers])
        for group in some:
            context.job.checkpoint("Measuring sensitivity", done, len(wanted))
            losses = {}
            for node in stepper.nodes[: places[group.id]]:
                stepper.compute(node)
            for removed in _sizes(group, levels):
                units = known[group.id].order[:removed]
                leaves = _substitutes(group, units, moments, chosen[group.id].damping)
                answers = _answers(stepper.fork(leaves), context)
                losses[removed] = divergence(reference, answers)
            result[group.id] = _scaled(known[group.id], losses)
            done += 1
    context.job.checkpoint("Measuring sensitivity", done, len(wanted))
    return result


def _effort(spreads: Spreads, groups: int, samples: int) -> tuple[int, int]:
    """How many samples and sizes of each group the work allows."""
    macs = max(network_macs(spreads.network.module) or 1, 1)
    runs = 2 * _WORK / (macs * max(groups, 1))  # half of the network each, on average
    levels = int(min(max(runs / _FEWEST_SAMPLES / 4, 1), _MOST_LEVELS))
    count = int(min(max(runs / levels, _FEWEST_SAMPLES), _MOST_SAMPLES, samples))
    return count, levels


def _sizes(group: Group, levels: int) -> list[int]:
    """How many units to take away: a few numbers between none and all."""
    sizes = np.rint(np.arange(1, levels + 1) * group.count / (levels + 1)).astype(int)
    return sorted({min(max(int(size), 1), group.count - 1) for size in sizes} - {0})


def _first_place(stepper: Stepper, group: Group) -> int:
    """Place in the graph of the first node that reads the group."""
    names = {node for reader in group.readers for node in reader.nodes}
    return next(place for place, node in enumerate(stepper.nodes) if node.name in names)


def _unmeasured(known: Study) -> Study:
    """Losses of a group that only layers read which cannot be solved: it is pruned last."""
    return Study(known.scores, known.order, known.losses * _DEAR)


def _answers(stepper: Stepper, context: Context) -> list[Tensor]:
    """First output of the network, batch by batch."""
    context.job.checkpoint()
    end = stepper.nodes[-1]
    result = []
    for arguments in stepper.arguments(end):
        value: Any = arguments[0]
        while isinstance(value, (tuple, list)):
            value = value[0]
        result.append(value.float())
    return result


def divergence(reference: Sequence[Tensor], answers: Sequence[Tensor]) -> float:
    """Mean KL divergence of class probabilities in nats; else half the relative squared error."""
    total, count, power = 0.0, 0, 0.0
    for old, new in zip(reference, answers, strict=True):
        if old.dim() == 2 and old.shape[1] > 1:
            logs = torch.log_softmax(old, 1)
            total += float((logs.exp() * (logs - torch.log_softmax(new, 1))).sum())
            count += len(old)
        else:
            total += 0.5 * float((new - old).square().sum())
            power += float(old.square().sum())
    if power:
        return _finite(total / power)
    return _finite(total / max(count, 1))


def _finite(value: float) -> float:
    return max(value, 0.0) if np.isfinite(value) else 1e6


def _substitutes(
    group: Group, removed: NDArray[np.int64], moments: Mapping[str, Spread], damping: float
) -> dict[str, nn.Module]:
    """The group's readers without some units, solved anew; same shapes."""
    return {
        reader.layer: _substitute(reader, removed, moments.get(reader.layer), damping)
        for reader in group.readers
    }


def _substitute(
    reader: Reader, removed: NDArray[np.int64], spread: Spread | None, damping: float
) -> nn.Module:
    matrix = reader.matrix()
    gone = np.isin(reader.rows(), removed)
    stay = torch.from_numpy(np.flatnonzero(~gone))
    new = torch.zeros_like(matrix)
    new[:, stay] = matrix[:, stay]
    leaf: Any = copy.copy(reader.leaf)
    leaf._parameters = dict(leaf._parameters)
    if spread is not None and len(stay):
        second = spread.covariance[:, stay][:, :, stay]
        cross = spread.covariance[:, stay] @ matrix
        scale = float(second.diagonal(dim1=-2, dim2=-1).mean())
        if scale > 0:
            new[:, stay] = ridge(second, cross, new[:, stay], damping * scale).float()
        if not is_transposed(leaf):
            offset = (spread.mean[:, None] @ (matrix - new)).flatten()
            bias = 0.0 if leaf.bias is None else leaf.bias.detach()
            leaf.bias = nn.Parameter(bias + offset, requires_grad=False)
    leaf.weight = as_kind_of(leaf.weight, as_weight(leaf, new, leaf.weight))
    return leaf  # type: ignore[no-any-return]  # Any by its copy; it is the kind that it was


def _scaled(known: Study, losses: Mapping[int, float]) -> Study:
    """The predicted losses, scaled so that they go through the measured ones."""
    if not losses:
        return known
    predicted = np.maximum(known.losses, _FLOOR)
    places = sorted(losses)
    factors = [np.log(max(losses[n], _FLOOR) / predicted[n - 1]) for n in places]
    at = np.log(predicted[[n - 1 for n in places]])
    increasing = np.maximum.accumulate(at + np.arange(len(at)) * 1e-9)
    scale = np.exp(np.interp(np.log(predicted), increasing, factors))
    return Study(known.scores, known.order, np.maximum.accumulate(predicted * scale))
