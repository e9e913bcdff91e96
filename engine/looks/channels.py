"""How the channels that a layer makes are scored, by the same code that prunes them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from engine.details import ChannelDetail
from engine.errors import RecipeError
from engine.jobs.job import Job
from engine.jobs.looks import ChannelLook
from engine.looks.material import calibration_samples, samples_for
from engine.methods.context import Context
from engine.methods.pruning.channel import (
    CHANNEL,
    NEED_BATCH_NORM,
    NEED_DATA,
    ChannelParams,
    Criterion,
)
from engine.methods.pruning.channel_moments import Spreads
from engine.methods.pruning.channel_scores import random_scores, weight_scores
from engine.methods.pruning.channel_study import study
from engine.methods.pruning.channel_units import Group, batch_norms, groups_of
from engine.methods.waiting import wait_for
from engine.network.axes.trace import Role
from engine.network.layers import NO_CHANNELS_REASON
from engine.opened import OpenModel, open_model

MOST_SAMPLES = 64
_WORK = 3e10
"""MACs of the passes over calibration data."""
_NO_DATA = "This criterion looks at what the network computes, and there is no data."
_NO_NORM = (
    "This criterion scores channels by their batch norm, and these have none (most ONNX files "
    "arrive with it folded into the layers before)."
)

Scores = NDArray[np.float64]


def look_at_channels(request: ChannelLook, job: Job) -> ChannelDetail:
    """Answer a `ChannelLook`."""
    params = _params(request)
    model = open_model(request.model, job)
    plain = _plain(model, request)
    if plain.reason:
        return plain
    group = _group(model, plain.group)
    plain = replace(plain, unit_of=_units_of(group, request.layer), unfit=_unfit(model, group))
    if params.criterion.value in plain.unfit:
        return replace(plain, reason=_NO_NORM)
    if params.criterion in NEED_DATA and request.data is None:
        return replace(plain, reason=_NO_DATA)
    return _scored(model, group, params, plain, request, job)


def _params(request: ChannelLook) -> ChannelParams:
    """The method's settings.

    Raises:
        RecipeError: There is no such criterion or norm.
    """
    found = CHANNEL.parse({"criterion": request.criterion, "norm": request.norm})
    if isinstance(found, tuple):
        place = ".".join(str(part) for part in found[0].path)
        raise RecipeError(f"{place} {found[0].message}".strip(), where=place)
    return cast("ChannelParams", found)


def _plain(model: OpenModel, request: ChannelLook) -> ChannelDetail:
    """What is known without scores; its `reason` says why there can be none."""
    name = model.row(request.layer).group
    detail = ChannelDetail(
        request.layer, request.criterion, need_data=tuple(one.value for one in sorted(NEED_DATA))
    )
    if name is None:
        return replace(detail, frozen_reason=NO_CHANNELS_REASON, reason=NO_CHANNELS_REASON)
    info = model.groups.group(name)
    return replace(
        detail,
        group=info.id,
        layers=info.layers,
        consumers=info.consumers,
        channels=info.channels,
        unit=info.unit,
        frozen_reason=info.frozen_reason,
        reason=info.frozen_reason,
    )


def _group(model: OpenModel, name: str) -> Group:
    def find() -> Group:
        (group,) = groups_of(model.network, model.groups, (name,))
        return group

    return model.fact(("group", name), find)


def _units_of(group: Group, layer: str) -> NDArray[np.int64]:
    """For each output channel of a layer its unit."""
    mine = [m for m in group.members if m.layer == layer and m.role is not Role.IN]
    return mine[0].units if mine else np.zeros(0, np.int64)


def _unfit(model: OpenModel, group: Group) -> tuple[str, ...]:
    norms = batch_norms(model.network)
    if any(m.layer in norms and m.path.endswith("running_mean") for m in group.members):
        return ()
    return tuple(one.value for one in sorted(NEED_BATCH_NORM))


def _scored(
    model: OpenModel,
    group: Group,
    params: ChannelParams,
    plain: ChannelDetail,
    request: ChannelLook,
    job: Job,
) -> ChannelDetail:
    notes: list[str] = []
    context = Context(job=job, original=model.network, seed=request.seed, note=notes.append)
    known: Hashable = None
    if params.criterion in NEED_DATA:
        count = samples_for(model.network, MOST_SAMPLES, _WORK)
        looked = calibration_samples(model, request.data, count, request.seed, job)
        context = replace(context, calibration=looked.samples)
        plain, known = replace(plain, samples=len(looked.samples)), looked.key
    find = _Scoring(model, group, params, context)
    key = ("scores", group.id, params, request.seed, known)
    scores, told = model.fact(key, lambda: (find.scores(), tuple(notes)))
    return replace(plain, scores=scores, notes=told)


class _Scoring:
    def __init__(
        self, model: OpenModel, group: Group, params: ChannelParams, context: Context
    ) -> None:
        self.model = model
        self.group = group
        self.params = params
        self.context = context

    def scores(self) -> Scores:
        """One for each unit, as a step that prunes all groups would have them."""
        network, group, context = self.model.network, self.group, self.context
        if self.params.criterion is Criterion.RANDOM:
            free = [one.id for one in self.model.groups.groups if not one.frozen_reason]
            return random_scores(group, (context.seed, context.step, free.index(group.id)))
        context.job.checkpoint("Scoring channels")
        if self.params.criterion not in NEED_DATA:
            found = wait_for(lambda: weight_scores(network, group, self.params), context.job)
            return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
        spreads = Spreads(network, context)
        chosen = {group.id: self.params}
        return study(spreads, (group,), chosen, {group.id: 1}, context)[group.id].scores
