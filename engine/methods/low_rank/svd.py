"""Declares `svd`: two thin layers in the place of one, by the singular values of its weight."""

from __future__ import annotations

from engine.info import LayerInfo, LayerKind
from engine.methods.low_rank.ranks import SIZES, RankParams
from engine.methods.low_rank.reasons import MATRICES, matrix_reason
from engine.methods.low_rank.shapes import Form, predict_with
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Tag, register

KINDS = MATRICES | {LayerKind.EMBEDDING}


class SvdParams(RankParams):
    """Settings of `svd`."""


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions without groups, dense layers, and tables of vectors."""
    del params
    return matrix_reason(layer, KINDS)


register(
    Method(
        kind=Kind.LOW_RANK,
        name="svd",
        title="Singular values",
        summary="Puts two thin layers in the place of one: the nearest product of low rank.",
        params=SvdParams,
        run="engine.methods.low_rank.run_svd:run",
        reference="Denton et al. 2014, arXiv:1404.0736; Zhang et al. 2015, arXiv:1505.06798",
        tags=(Tag.FRONT_END, Tag.SIZE, Tag.MACS, Tag.LATENCY),
        predict=predict_with(lambda params: Form()),
        applies=applies,
        axis=Axis("size", SIZES),
    )
)
