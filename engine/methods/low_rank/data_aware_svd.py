"""Declares `data_aware_svd`: two thin layers whose outputs are nearest to the layer's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo
from engine.methods.low_rank.ranks import SIZES, RankParams
from engine.methods.low_rank.reasons import MATRICES, matrix_reason
from engine.methods.low_rank.shapes import Form, predict_with
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Needs, Tag, register


class DataAwareSvdParams(RankParams):
    """Settings of `data_aware_svd`."""

    sequential: Annotated[
        bool,
        Field(
            title="Layer by layer",
            description="Solve each layer for the inputs that the layers replaced before it give, "
            "with the original's outputs as the target, so that errors do not add up; in front of "
            "an addition the original's sum is the target.",
        ),
    ] = True
    importance: Annotated[
        bool,
        Field(
            title="Weigh outputs",
            description="Weigh errors of a layer's outputs by what they do to the network's "
            "answers (second moments of the gradients).",
        ),
    ] = True
    correct_bias: Annotated[
        bool,
        Field(
            title="Correct bias",
            description="Keep the mean of each output; a layer without a bias gets one.",
        ),
    ] = True


def form_of(params: Params) -> Form:
    """With bias correction the second layer always has a bias."""
    return Form(add_bias=isinstance(params, DataAwareSvdParams) and params.correct_bias)


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions without groups, and dense layers."""
    del params
    return matrix_reason(layer, MATRICES)


def needs_for(params: Params) -> Needs:
    """Input moments where layers are solved by themselves; gradients to weigh outputs."""
    assert isinstance(params, DataAwareSvdParams)
    moments = Needs.NOTHING if params.sequential else Needs.INPUT_MOMENTS
    return moments | (Needs.OUTPUT_GRADIENTS if params.importance else Needs.NOTHING)


register(
    Method(
        kind=Kind.LOW_RANK,
        name="data_aware_svd",
        title="Singular values of the outputs",
        summary="Puts two thin layers in the place of one, so that its outputs on real data, not "
        "its weights, are nearest to the original's.",
        params=DataAwareSvdParams,
        run="engine.methods.low_rank.run_data_aware_svd:run",
        reference="Zhang et al. 2015, arXiv:1505.06798, sec. 3; Wang et al. 2024, arXiv:2403.07378",
        needs=Needs.CALIBRATION,
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        predict=predict_with(form_of),
        applies=applies,
        needs_for=needs_for,
        axis=Axis("size", SIZES),
    )
)
