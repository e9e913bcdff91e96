"""Declares `data_aware_svd`: two thin layers whose outputs are nearest to the layer's own."""

from __future__ import annotations

from engine.info import LayerInfo
from engine.methods.low_rank.ranks import SIZES
from engine.methods.low_rank.reasons import MATRICES, matrix_reason
from engine.methods.low_rank.responses import ResponseParams, needs_for
from engine.methods.low_rank.shapes import Form, predict_with
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Needs, Tag, register


class DataAwareSvdParams(ResponseParams):
    """Settings of `data_aware_svd`."""


def form_of(params: Params) -> Form:
    """With bias correction the second layer always has a bias."""
    return Form(add_bias=isinstance(params, DataAwareSvdParams) and params.correct_bias)


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions without groups, and dense layers."""
    del params
    return matrix_reason(layer, MATRICES)


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
