"""Declares `spatial`: a convolution as a column of its kernel after a row."""

from __future__ import annotations

from engine.info import LayerInfo, LayerKind
from engine.methods.low_rank.ranks import SIZES
from engine.methods.low_rank.reasons import matrix_reason
from engine.methods.low_rank.responses import ResponseParams, needs_for
from engine.methods.low_rank.shapes import Form, predict_with
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Needs, Tag, register


class SpatialParams(ResponseParams):
    """Settings of `spatial`."""


def form_of(params: Params) -> Form:
    """With bias correction the second layer always has a bias."""
    assert isinstance(params, SpatialParams)
    return Form(add_bias=params.correct_bias, spatial=True)


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions of images, without groups, whose kernels have rows and columns."""
    del params
    reason = matrix_reason(layer, frozenset({LayerKind.CONV2D}))
    if reason:
        return reason
    if min(layer.shape[2:]) < 2:
        return "Its kernel is a point, a single row or a single column: there is nothing to divide."
    return ""


register(
    Method(
        kind=Kind.LOW_RANK,
        name="spatial",
        title="Spatial decomposition",
        summary="Puts a k × 1 and a 1 × k convolution in the place of a k × k one, so that its "
        "outputs on real data are nearest to the original's.",
        params=SpatialParams,
        run="engine.methods.low_rank.run_spatial:run",
        reference="Jaderberg et al. 2014, arXiv:1405.3866, sec. 2.2; Zhang et al. 2015, "
        "arXiv:1505.06798, sec. 3.1",
        needs=Needs.CALIBRATION,
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        predict=predict_with(form_of),
        applies=applies,
        needs_for=needs_for,
        axis=Axis("size", SIZES),
    )
)
