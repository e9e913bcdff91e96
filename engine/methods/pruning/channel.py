"""Channel pruning: whole channels go, and the tensors really shrink."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.errors import RecipeError
from engine.info import LayerInfo, LayerKind
from engine.layer_table import LayerTable
from engine.methods.pruning.channel_shapes import Rounding, Shapes, uniform_for_macs, units_kept
from engine.parameters import Params
from engine.registry import Axis, Choices, Kind, Method, Needs, Scope, Stage, Tag, register


class Criterion(enum.StrEnum):
    """What says which channels matter."""

    RANDOM = "random"
    MAGNITUDE = "magnitude"
    BN_SCALE = "bn_scale"
    SYNAPTIC_STRENGTH = "synaptic_strength"
    TAYLOR = "taylor"
    GEOMETRIC_MEDIAN = "geometric_median"
    ACTIVATION_ZEROS = "activation_zeros"
    RECONSTRUCTION = "reconstruction"


NEED_BATCH_NORM = frozenset({Criterion.BN_SCALE, Criterion.SYNAPTIC_STRENGTH})
NEED_DATA = frozenset({Criterion.TAYLOR, Criterion.ACTIVATION_ZEROS, Criterion.RECONSTRUCTION})


class Norm(enum.StrEnum):
    """How the magnitude of a filter is taken."""

    L1 = "l1"
    L2 = "l2"


class Target(enum.StrEnum):
    """What the ratio is a share of."""

    CHANNELS = "channels"
    MACS = "macs"


class Allocation(enum.StrEnum):
    """How the whole is divided among the channel groups."""

    UNIFORM = "uniform"
    GLOBAL = "global"
    SENSITIVITY = "sensitivity"


class ChannelParams(Params):
    """Settings of channel pruning."""

    ratio: Annotated[
        float,
        Field(ge=0, lt=1, title="Pruning ratio", description="Share that is removed, see target."),
    ] = 0.3
    target: Annotated[
        Target,
        Field(
            title="Target",
            description="What the ratio is a share of: the channels of each group, or the "
            "multiply-accumulates (MACs) of the whole network.",
        ),
    ] = Target.CHANNELS
    allocation: Annotated[
        Allocation,
        Field(
            title="Allocation",
            description="uniform: every group loses the same share; global: the lowest scores of "
            "all groups go, wherever they are; sensitivity: groups that the answers depend on "
            "little lose more (measured on calibration data).",
        ),
    ] = Allocation.UNIFORM
    criterion: Annotated[
        Criterion,
        Field(
            title="Criterion",
            description="How channels are scored. reconstruction is the strongest where there is "
            "calibration data: it removes what the next layers can best do without.",
        ),
    ] = Criterion.RECONSTRUCTION
    norm: Annotated[
        Norm,
        Field(title="Norm", description="Of the filters, for the criterion magnitude."),
    ] = Norm.L1
    round_to: Annotated[
        int,
        Field(
            ge=0,
            le=256,
            title="Round to",
            description="Keep a multiple of this many channels. 0: of 16, or in narrow groups 8 or "
            "4: what processors compute at once, so that what is removed is also gained in time.",
        ),
    ] = 0
    min_channels: Annotated[
        int,
        Field(
            ge=1,
            le=65536,
            title="Minimum",
            description="Keep at least this many channels (or heads) of each group.",
        ),
    ] = 1
    compensate: Annotated[
        bool,
        Field(
            title="Compensate",
            description="Solve the layers that read what was removed anew by least squares, so "
            "that they give the original network's outputs on calibration data.",
        ),
    ] = True
    absorb: Annotated[
        bool,
        Field(
            title="Absorb errors",
            description="Solve also the layers after them whose inputs have changed. Only with "
            "compensation.",
        ),
    ] = True
    damping: Annotated[
        float,
        Field(
            gt=0,
            le=10,
            title="Damping",
            description="Ridge of the least squares, as a part of the mean square of the inputs; "
            "raised by itself where there are few samples.",
        ),
    ] = 1e-3
    reestimate_norms: Annotated[
        bool,
        Field(
            title="Re-estimate norms",
            description="Measure the mean and variance of batch norms anew on calibration data, or "
            "without batch norm correct those of each channel. Layers that compensation has "
            "solved anew match the original already and are left alone.",
        ),
    ] = True


def roundings_of(choices: Mapping[str, ChannelParams]) -> dict[str, Rounding]:
    """How each group's number of channels is rounded."""
    return {name: Rounding(p.round_to, p.min_channels) for name, p in choices.items()}


def macs_share(choices: Mapping[str, ChannelParams]) -> tuple[float, list[str]]:
    """The share of the MACs that is to go, and the groups that are to bring it about.

    Raises:
        RecipeError: Several shares are given.
    """
    chosen = [name for name, p in choices.items() if p.target is Target.MACS]
    shares = sorted({choices[name].ratio for name in chosen})
    if len(shares) > 1:
        listed = " and ".join(f"{100 * share:g} %" for share in shares)
        raise RecipeError(
            f"A share of the network's MACs is one number, but rules give it as {listed}",
            hint="Say “target: channels” in rules that give a group a ratio of its own.",
        )
    return (shares[0] if shares else 0.0), chosen


def uniform_plan(shapes: Shapes, choices: Mapping[str, ChannelParams]) -> dict[str, int]:
    """Units kept of each group if all that share a target lose the same share.

    Raises:
        RecipeError: A target cannot be reached.
    """
    groups = {group.id: group for group in shapes.table.groups}
    share, pool = macs_share(choices)
    kept = {
        name: units_kept(groups[name], params.ratio, shapes.roundings[name])
        for name, params in choices.items()
        if params.target is Target.CHANNELS
    }
    if pool and share > 0:
        kept |= uniform_for_macs(shapes, pool, share, kept)
    return kept


def chosen_params(table: LayerTable, choices: Choices) -> dict[str, ChannelParams]:
    """The settings of groups that there are and that can shrink."""
    free = {group.id for group in table.groups if not group.frozen_reason}
    return {
        name: params
        for name, params in choices.items()
        if isinstance(params, ChannelParams) and name in free
    }


def predict(table: LayerTable, choices: Choices) -> LayerTable:
    """Outputs of the members shrink, inputs of the consumers too.

    Exact for uniform ratios; where the data decides (global, sensitivity) as if they were uniform.
    """
    chosen = chosen_params(table, choices)
    if not chosen:
        return table
    shapes = Shapes(table, roundings_of(chosen))
    return shapes.after(uniform_plan(shapes, chosen))


def applies(layer: LayerInfo, params: Params) -> str:
    """Layers with channels; some criteria need a batch norm in the group."""
    if not isinstance(params, ChannelParams):
        return ""
    if params.criterion in NEED_BATCH_NORM and layer.kind is not LayerKind.BATCH_NORM:
        return (
            f"{params.criterion.value} scores channels by their batch norm, and these have none "
            "(most ONNX files arrive with it folded into the layers before)."
        )
    return "" if layer.verdict.prunable else layer.verdict.reason


def needs_for(params: Params) -> Needs:
    """Calibration data, unless only weights are looked at and nothing is solved."""
    if not isinstance(params, ChannelParams):
        return Needs.NOTHING
    needs = Needs.NOTHING
    if (
        params.compensate
        or params.reestimate_norms
        or params.criterion in NEED_DATA
        or params.allocation is Allocation.SENSITIVITY
    ):
        needs |= Needs.CALIBRATION
    if params.criterion in NEED_BATCH_NORM:
        needs |= Needs.BATCH_NORM
    return needs


CHANNEL = register(
    Method(
        kind=Kind.PRUNING,
        name="channel",
        title="Channel pruning",
        summary="Removes whole channels, neurons and attention heads, so that the network gets "
        "smaller and faster everywhere.",
        params=ChannelParams,
        run="engine.methods.pruning.run_channel:run",
        reference="He et al. 2017, arXiv:1707.06168; Li et al. 2017, arXiv:1608.08710; Luo et al. "
        "2017, arXiv:1707.06342; Liu et al. 2017, arXiv:1708.06519; Molchanov et al. 2019, "
        "arXiv:1906.10771; He et al. 2019, arXiv:1811.00250; Hu et al. 2016, arXiv:1607.03250",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY, Tag.MEMORY),
        scope=Scope.GROUP,
        stage=Stage.CHANNEL,
        predict=predict,
        applies=applies,
        needs_for=needs_for,
        axis=Axis("ratio", (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), identity=0.0),
    )
)
