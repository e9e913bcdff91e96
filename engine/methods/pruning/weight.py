"""Declares `weight`: single weights become zero, wherever they stand."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo
from engine.methods.pruning.sparsity import SparseParams, kind_reason, sparse_needs
from engine.parameters import Params
from engine.registry import Axis, Kind, Method, Needs, Tag, register


class Distribution(enum.StrEnum):
    """How layers share what is kept."""

    UNIFORM = "uniform"
    GLOBAL = "global"
    BALANCED = "balanced"


class WeightParams(SparseParams):
    """Settings of `weight`."""

    sparsity: Annotated[
        float,
        Field(ge=0, lt=1, title="Sparsity", description="Share of the weights that become zero."),
    ] = 0.5
    distribution: Annotated[
        Distribution,
        Field(
            title="Distribution",
            description="How layers with the same settings share the zeros. uniform: the same "
            "share in each. global: one threshold of the criterion for all. balanced: where the "
            "predicted loss of the network is least, which needs calibration data.",
        ),
    ] = Distribution.BALANCED


def needs_for(params: Params) -> Needs:
    """Nothing for magnitudes alone; else moments of the inputs, and gradients."""
    assert isinstance(params, WeightParams)
    return sparse_needs(params, by_loss=params.distribution is Distribution.BALANCED)


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions and dense layers."""
    del params
    return kind_reason(layer)


register(
    Method(
        kind=Kind.PRUNING,
        name="weight",
        title="Weight pruning",
        summary="Makes single weights zero: the file gets smaller only where it is stored packed, "
        "and nothing gets faster on a runtime without sparse kernels.",
        params=WeightParams,
        run="engine.methods.pruning.run_weight:run",
        reference="Frantar & Alistarh 2022, arXiv:2208.11580; Frantar & Alistarh 2023, "
        "arXiv:2301.00774; Sun et al. 2023, arXiv:2306.11695; Han et al. 2015, arXiv:1506.02626",
        tags=(Tag.BACK_END,),
        applies=applies,
        needs_for=needs_for,
        axis=Axis("sparsity", (0.3, 0.5, 0.7, 0.8, 0.9), identity=0.0),
    )
)
