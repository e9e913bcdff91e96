"""What is known of channel groups before anything is removed: scores, and what removal costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.methods.context import Context
from engine.methods.pruning.channel import Allocation, ChannelParams, Criterion
from engine.methods.pruning.channel_elimination import Problem, eliminate
from engine.methods.pruning.channel_moments import Spreads, output_scales, portions
from engine.methods.pruning.channel_scores import activation_scores, random_scores, weight_scores
from engine.methods.pruning.channel_units import Group, Reader, Scores, is_transposed
from engine.network.network import Network

_SMALL = 1e-30


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What is known of one group.

    Attributes:
        scores: One for each unit; higher = keep.
        order: Units by score, the first to go first.
        losses: After each of these removals the loss that it adds up to, in units that groups
            share: predicted, of scores that were normalized.
    """

    scores: Scores
    order: np.ndarray[Any, np.dtype[np.int64]]
    losses: np.ndarray[Any, np.dtype[np.float64]]


def study(
    spreads: Spreads,
    groups: Sequence[Group],
    chosen: Mapping[str, ChannelParams],
    plan: Mapping[str, int],
    context: Context,
) -> dict[str, Study]:
    """Score the units of groups.

    Args:
        spreads: Of the network, which is not changed.
        groups: Those that are pruned.
        chosen: Their settings.
        plan: Units kept if all lose the same share; the search ends there where it may.
        context: For calibration data and the seed.

    Returns:
        Group id → what is known.
    """
    found: dict[str, Study] = {}
    for criterion in dict.fromkeys(chosen[group.id].criterion for group in groups):
        mine = [group for group in groups if chosen[group.id].criterion is criterion]
        if criterion is Criterion.RECONSTRUCTION:
            found |= _reconstruction(spreads, mine, chosen, plan, context)
        else:
            found |= _scored(spreads.network, mine, chosen, context)
    return found


def _scored(
    network: Network,
    groups: Sequence[Group],
    chosen: Mapping[str, ChannelParams],
    context: Context,
) -> dict[str, Study]:
    criterion = chosen[groups[0].id].criterion
    measured: Mapping[str, Scores] = {}
    if criterion in (Criterion.TAYLOR, Criterion.ACTIVATION_ZEROS):
        measured = activation_scores(network, groups, criterion, context)
    found = {}
    for number, group in enumerate(groups):
        if criterion is Criterion.RANDOM:
            scores = random_scores(group, (context.seed, context.step, number))
        elif group.id in measured:
            scores = measured[group.id]
        else:
            scores = weight_scores(network, group, chosen[group.id])
            if criterion in (Criterion.TAYLOR, Criterion.ACTIVATION_ZEROS):
                context.note(
                    f"{group.id}: no layer with weights reads these channels; scored by magnitude."
                )
        scores = np.nan_to_num(scores, nan=0.0, posinf=0.0, neginf=0.0)
        found[group.id] = from_scores(scores)
    return found


def from_scores(scores: Scores) -> Study:
    """A study of which the losses are sums of scores, with a mean of one per unit."""
    order = np.argsort(scores, kind="stable").astype(np.int64)
    values = np.clip(scores[order], 0.0, None)
    mean = float(values.mean())
    return Study(scores, order, np.cumsum(values / mean if mean > 0 else values))


def _reconstruction(
    spreads: Spreads,
    groups: Sequence[Group],
    chosen: Mapping[str, ChannelParams],
    plan: Mapping[str, int],
    context: Context,
) -> dict[str, Study]:
    found = {}
    done = 0
    for some in portions(groups):
        readers = {reader.layer: reader for group in some for reader in group.readers}
        moments = spreads.of(list(readers.values()))
        scales = output_scales(spreads.network, [r.layer for r in readers.values()])
        for group in some:
            context.job.checkpoint("Choosing channels", done, len(groups))
            done += 1
            params = chosen[group.id]
            problems = [
                problem
                for reader in group.readers
                if reader.layer in moments
                for problem in _problems(
                    reader, moments[reader.layer].covariance, scales, params.damping
                )
            ]
            if problems:
                uniform = params.allocation is Allocation.UNIFORM
                least = plan[group.id] if uniform and int(group.strata.max()) == 0 else 1
                result = eliminate(problems, group.count, least, context.job)
                found[group.id] = Study(result.scores(), result.order, result.losses)
            else:
                scores = _contributions(spreads.network, group, context)
                found[group.id] = from_scores(scores)
    context.job.checkpoint("Choosing channels", done, len(groups))
    return found


def _problems(
    reader: Reader, moments: Tensor, scales: Mapping[str, Tensor], damping: float
) -> Iterator[Problem]:
    """One for each group of a layer; their losses are parts of the variance of its outputs."""
    matrix = reader.matrix()
    scale = scales.get(reader.layer)
    if scale is not None and not is_transposed(reader.leaf):
        matrix = matrix * scale.reshape(len(matrix), 1, -1)
    whole = float(((moments @ matrix) * matrix).sum())
    if not np.isfinite(whole) or whole <= _SMALL:
        return
    units = reader.rows()
    for second, part in zip(moments, matrix, strict=True):
        ridge = damping * float(second.diagonal().mean())
        if ridge > 0 and (units >= 0).any():
            eye = torch.eye(len(second))
            yield Problem(second + ridge * eye, part * (2 / whole) ** 0.5, units)


def _contributions(network: Network, group: Group, context: Context) -> Scores:
    """Norm of the weights that read each unit: for matrices too large to be solved."""
    scores = np.zeros(group.count)
    for reader in group.readers:
        rows = reader.matrix().square().sum((0, 2)).double().numpy()
        units = reader.rows()
        scores += np.bincount(units[units >= 0], rows[units >= 0], minlength=group.count)
    if not group.readers:
        context.note(
            f"{group.id}: no layer with weights reads these channels; scored by magnitude."
        )
        return weight_scores(network, group, ChannelParams(criterion=Criterion.MAGNITUDE))
    return scores
