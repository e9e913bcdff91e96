"""Declares `tucker2`: a convolution as 1 × 1, small k × k and 1 × 1 convolutions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo
from engine.methods.low_rank.ranks import SIZES, RankParams
from engine.methods.low_rank.reasons import matrix_reason
from engine.methods.low_rank.shapes import CONVOLUTIONS, CORE, Form, U, V, predict_with
from engine.registry import Axis, Kind, Method, Params, Tag, register


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
        reference="Kim et al. 2016, arXiv:1511.06530",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        predict=predict_with(lambda params: Form((V, CORE, U))),
        applies=applies,
        axis=Axis("size", SIZES),
    )
)
