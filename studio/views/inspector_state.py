"""What the inspector reads out of the state, and the wishes it makes of a drag. No widgets."""

from __future__ import annotations

import math
from typing import Any

from engine.details import SpectrumDetail
from engine.info import ChannelGroup, LayerInfo
from engine.methods.low_rank.ranks import RankBy, RankParams
from engine.methods.pruning.channel import ChannelParams
from engine.recipe.edit import make_rule, make_step, with_step_in_order
from engine.recipe.plan import Assignment
from studio.document.deeds import set_label
from studio.document.facets import Facet, facet_step
from studio.document.messages import EditRecipe, SetFacet, SetFields
from studio.document.selectors import LayerRow, group_of, rows
from studio.document.state import DocumentState

CHANNEL = "channel"
UNIFORM = "uniform"
MOST_OVERLAID = 8
"""Layers whose histograms are shown over each other."""


def current_row(state: DocumentState) -> LayerRow | None:
    """The row of the layer that is inspected."""
    return next((row for row in rows(state) if row.layer.name == state.current), None)


def current_layer(state: DocumentState) -> LayerInfo | None:
    """The layer that is inspected."""
    row = current_row(state)
    return None if row is None else row.layer


def targets(state: DocumentState) -> tuple[str, ...]:
    """The layers that an edit is for: the selection, where the inspected layer is one of it."""
    return state.selection if state.current in state.selection else (state.current,)


def step_of(state: DocumentState, method: str) -> int | None:
    """The step that runs a method: the selected one, else the last."""
    found = [i for i, step in enumerate(state.recipe.steps) if step.method == method]
    return state.step if state.step in found else max(found, default=None)


def assignment(state: DocumentState, step: int | None, layer: str) -> Assignment | None:
    """What a step does to a layer or to the first of the parts that it has become."""
    if step is None or state.resolution is None:
        return None
    plan = state.resolution.plan
    found = plan.find(step, layer)
    if found is not None:
        return found
    parts = (a for a in plan.of_step(step) if any(n.startswith(f"{layer}.") for n in a.layers))
    return next(parts, None)


# Channels


def channel_params(state: DocumentState, layer: str) -> ChannelParams:
    """The settings by which a layer's channels are pruned, or would be by default."""
    found = assignment(state, step_of(state, CHANNEL), layer)
    if found is not None and isinstance(found.params, ChannelParams):
        return found.params
    return ChannelParams()


def removed_share(state: DocumentState, layer: str) -> float:
    """The ratio that the recipe gives a layer's channel group; 0 where it does nothing."""
    step = step_of(state, CHANNEL)
    found = assignment(state, step, layer)
    if found is None or not found.active or not _enabled(state, step):
        return 0.0
    return found.params.ratio if isinstance(found.params, ChannelParams) else 0.0


def shares_are_divided(state: DocumentState, layer: str) -> bool:
    """Whether the step itself decides how much each group loses."""
    params = channel_params(state, layer)
    return params.target != "channels" or params.allocation != "uniform"


def kept_channels(state: DocumentState, layer: str) -> tuple[int, int] | None:
    """Channels that the step leaves of a layer's group, predicted, and how many there were."""
    step = step_of(state, CHANNEL)
    if step is None or state.resolution is None:
        return None
    tables = state.resolution.plan.tables
    before, after = (_group_in(tables[at].groups, layer) for at in (step, step + 1))
    if before is None or after is None:
        return None
    return after.channels, before.channels


def _group_in(groups: tuple[ChannelGroup, ...], layer: str) -> ChannelGroup | None:
    return next((group for group in groups if layer in group.layers), None)


def _enabled(state: DocumentState, step: int | None) -> bool:
    return step is not None and state.recipe.steps[step].enabled


def frozen_reason(state: DocumentState, layer: str) -> str:
    """Why a layer's channels cannot be removed; empty where they can."""
    group = group_of(state.info, layer)
    return "" if group is None else group.frozen_reason


def ratio_wish(
    state: DocumentState, layers: tuple[str, ...], ratio: float, *, final: bool
) -> SetFacet | SetFields | EditRecipe:
    """Give layers a pruning ratio in the channel step, whatever other pruning there is."""
    facet, step = facet_step(state, Facet.PRUNE), step_of(state, CHANNEL)
    if facet == step:  # both None: the facet makes the step
        return SetFacet(Facet.PRUNE, layers, ratio, final)
    if step is not None:
        values: list[tuple[str, Any]] = [("ratio", ratio), ("target", "channels")]
        if any(rule.skip for rule in state.recipe.steps[step].rules):
            values.append(("skip", False))
        return SetFields(step, tuple(values), layers, final)
    rule = make_rule(layers, ratio=ratio, target="channels")
    recipe, _ = with_step_in_order(state.recipe, make_step(CHANNEL, [rule], ratio=0.0))
    return EditRecipe(set_label(CHANNEL, "ratio", ratio, layers), recipe)


# Rank


def kept_rank(state: DocumentState, detail: SpectrumDetail) -> int | None:
    """The rank that the recipe leaves a layer; None where it leaves it whole."""
    step = facet_step(state, Facet.RANK)
    found = assignment(state, step, detail.layer)
    if found is None or not found.active or not _enabled(state, step):
        return None
    params = found.params
    if not isinstance(params, RankParams) or not len(detail.values):
        return None
    match params.rank_by:
        case RankBy.NUMBER:
            rank = params.rank
        case RankBy.RATIO:
            rank = round(params.ratio * detail.full_rank)
        case RankBy.ENERGY:
            rank = detail.rank_for(params.energy)
        case RankBy.VBMF:
            rank = detail.vbmf_rank
        case _:
            room = params.size * detail.dense_bytes - detail.fixed_bytes
            rank = math.floor(room / detail.rank_bytes) if detail.rank_bytes else detail.full_rank
    return min(max(rank, 1), detail.full_rank)


def rank_wish(
    detail: SpectrumDetail, layers: tuple[str, ...], rank: int, *, final: bool
) -> SetFacet:
    """Give layers the share of their bytes that a rank takes; too high a rank leaves them whole.

    The share lies in the middle between this rank and the next, so that rounding finds this one.
    """
    if rank > detail.break_even_rank:
        return SetFacet(Facet.RANK, layers, None, final)
    size = (detail.fixed_bytes + (rank + 0.5) * detail.rank_bytes) / detail.dense_bytes
    return SetFacet(Facet.RANK, layers, min(round(size, 6), 0.999999), final)


# Bits


def uniform_settings(state: DocumentState, layer: str) -> dict[str, Any]:
    """The settings of uniform quantization in force for a layer; empty: there is no such step."""
    found = assignment(state, step_of(state, UNIFORM), layer)
    return {} if found is None else found.params.model_dump(mode="json")


def weight_bits(row: LayerRow) -> int | None:
    """Bits of the layer's weights; None: they stay as they are."""
    cell = row.cells[Facet.WEIGHT_BITS]
    known = cell.method == UNIFORM and cell.value is not None
    return int(cell.value) if known and cell.value is not None else None
