"""Declares `tucker2`: a convolution as 1 × 1, small k × k and 1 × 1 convolutions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo
from engine.methods.low_rank.ranks import SIZES, RankParams
from engine.methods.low_rank.reasons import matrix_reason
from engine.methods.low_rank.shapes import CONVOLUTIONS, CORE, Form, U, V, predict_with
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Needs, Tag, register


class Tucker2Params(RankParams):
    """Settings of `tucker2`: with rank by number there are two numbers."""

    input_rank: Annotated[
        int,
        Field(
            ge=0,
            le=1_000_000,
            title="Rank of the inputs",
            description="With rank by number: how many channels the first of the three layers "
            "gives; 0 takes the rank, which is what the second gives.",
        ),
    ] = 0
    refit: Annotated[
        bool,
        Field(
            title="Fit to outputs",
            description="Solve the last of the three layers anew, by least squares on the "
            "original's outputs, layer by layer; a layer without a bias gets one.",
        ),
    ] = True


def form_of(params: Params) -> Form:
    """With a fit to the outputs the last layer always has a bias."""
    return Form((V, CORE, U), add_bias=isinstance(params, Tucker2Params) and params.refit)


def needs_for(params: Params) -> Needs:
    """Data for the fit."""
    assert isinstance(params, Tucker2Params)
    return Needs.CALIBRATION if params.refit else Needs.NOTHING


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions without groups and with more than a point for a kernel."""
    del params
    reason = matrix_reason(layer, CONVOLUTIONS)
    if reason:
        return reason
    if all(size == 1 for size in layer.shape[2:]):
        return "A 1 × 1 convolution has no core to keep: svd is the same with a layer less."
    if min(layer.shape[:2]) < 2:
        return "It has a single input or output channel: there is nothing to reduce."
    return ""


register(
    Method(
        kind=Kind.LOW_RANK,
        name="tucker2",
        title="Tucker decomposition",
        summary="Puts a small convolution between two 1 × 1 convolutions in the place of a large "
        "one.",
        params=Tucker2Params,
        run="engine.methods.low_rank.run_tucker2:run",
        reference="Kim et al. 2016, arXiv:1511.06530; Zhang et al. 2015, arXiv:1505.06798",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        predict=predict_with(form_of),
        applies=applies,
        needs_for=needs_for,
        axis=Axis("size", SIZES),
    )
)
