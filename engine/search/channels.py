"""What fewer channels make of the layers that read them."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.layer_table import LayerTable
from engine.methods.context import Context
from engine.methods.pruning.channel import ChannelParams, uniform_plan
from engine.methods.pruning.channel_least_squares import ridge
from engine.methods.pruning.channel_moments import Spread, Spreads, portions
from engine.methods.pruning.channel_shapes import Rounding, Shapes
from engine.methods.pruning.channel_study import study
from engine.methods.pruning.channel_units import (
    Reader,
    as_weight,
    groups_of,
    is_transposed,
    to_remove,
)
from engine.methods.waiting import wait_for
from engine.network.groups import channel_groups
from engine.network.layers import describe
from engine.network.network import Network
from engine.search.changes import Change, about_mean, with_weight
from engine.statistics.moments import Moments

_ROUNDING = Rounding()
_DAMPING: float = ChannelParams().damping


def without_channels(
    network: Network,
    wanted: Sequence[str],
    ratios: Sequence[float],
    known_moments: Mapping[str, Moments],
    context: Context,
) -> Iterator[Change]:
    """Groups without the channels that `channel` would remove, their readers solved anew.

    Args:
        network: As it is.
        wanted: Names of the layers whose groups are looked at.
        ratios: Settings of `channel`.
        known_moments: Layer → moments of its inputs, of those that have been collected.
        context: With calibration data.

    Yields:
        Changes whose rows are the group's layers; readers that are too large to be solved lose
        their inputs.
    """
    analysis = channel_groups(network)
    layers = describe(network, name="", size_bytes=0, groups=analysis.groups).layers
    table = LayerTable(layers, analysis.groups)
    infos = {
        group.id: group
        for group in analysis.groups
        if not group.frozen_reason and set(group.layers) & set(wanted)
    }
    shapes = Shapes(table, dict.fromkeys(infos, _ROUNDING))
    plans = {
        ratio: uniform_plan(shapes, dict.fromkeys(infos, ChannelParams(ratio=ratio)))
        for ratio in ratios
    }
    chosen = dict.fromkeys(infos, ChannelParams(ratio=max(ratios)))
    spreads = _Spreads(network, known_moments, context)
    groups = [group for group in groups_of(network, analysis, tuple(infos)) if group.readers]
    for some in portions(groups):
        known = study(spreads, some, chosen, plans[max(ratios)], context)
        for group in some:
            moments = spreads.of(group.readers)
            for ratio in ratios:
                context.job.checkpoint()
                keep = plans[ratio][group.id]
                units = to_remove(group, keep, known[group.id].scores, _ROUNDING)
                leaves = {
                    reader.layer: wait_for(
                        partial(_without, reader, units, moments.get(reader.layer)), context.job
                    )
                    for reader in group.readers
                }
                yield Change(infos[group.id].layers, "channel", ratio, leaves)


class _Spreads(Spreads):
    """Spreads that take what has been collected, and measure only the rest."""

    def __init__(
        self, network: Network, known_moments: Mapping[str, Moments], context: Context
    ) -> None:
        super().__init__(network, context)
        self._given = known_moments

    def of(self, readers: Sequence[Reader]) -> Mapping[str, Spread]:
        """Layer → spread."""
        given = {
            reader.layer: Spread(about_mean(moments), moments.mean)
            for reader in readers
            if (moments := self._given.get(reader.layer)) is not None
        }
        rest = [reader for reader in readers if reader.layer not in given]
        return {**given, **super().of(rest)}


def _without(reader: Reader, units: NDArray[np.int64], spread: Spread | None) -> nn.Module:
    """A reader that does not look at some units; what it still reads makes up for them."""
    matrix = reader.matrix()  # [groups, K, outputs]
    gone = np.isin(reader.rows(), units)
    if not gone.any():
        return copy.copy(reader.leaf)
    stay = torch.from_numpy(np.flatnonzero(~gone))
    new = torch.zeros_like(matrix)
    new[:, stay] = matrix[:, stay]
    shift = None
    if spread is not None and len(stay):
        second = spread.covariance[:, stay][:, :, stay]
        scale = float(second.diagonal(dim1=-2, dim2=-1).mean())
        if scale > 0:
            cross = spread.covariance[:, stay] @ matrix
            new[:, stay] = ridge(second, cross, new[:, stay], _DAMPING * scale).float()
        if not is_transposed(reader.leaf):
            shift = (spread.mean[:, None] @ (matrix - new)).flatten()
    leaf: Any = reader.leaf
    return with_weight(leaf, as_weight(leaf, new, leaf.weight), shift)
