"""Declares `n_m`: of every m consecutive inputs' weights only n stay, as sparse kernels want it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from engine.info import LayerInfo
from engine.methods.pruning.sparsity import SparseParams, kind_reason, sparse_needs
from engine.parameters import Params
from engine.registry import Kind, Method, Needs, Tag, register


class NMParams(SparseParams):
    """Settings of `n_m`."""

    n: Annotated[
        int, Field(ge=1, le=63, title="Kept", description="Weights that stay in each group.")
    ] = 2
    m: Annotated[
        int,
        Field(
            ge=2,
            le=64,
            title="Group",
            description="Neighboring input channels that form a group, at each position of the "
            "kernel. Graphics processors from NVIDIA have kernels for 2 of 4.",
        ),
    ] = 4

    @model_validator(mode="after")
    def _some_go(self) -> NMParams:
        if self.n >= self.m:
            raise ValueError(f"n must be below m, not {self.n} of {self.m}.")
        return self


def needs_for(params: Params) -> Needs:
    """Nothing for magnitudes; else moments of the inputs, and gradients."""
    assert isinstance(params, NMParams)
    return sparse_needs(params, by_loss=False)


def applies(layer: LayerInfo, params: Params) -> str:
    """Convolutions and dense layers whose input channels the groups divide."""
    assert isinstance(params, NMParams)
    reason = kind_reason(layer)
    if reason:
        return reason
    groups = int(layer.attributes.get("groups", 1))
    channels = layer.shape[0] // groups if "transpose" in layer.kind else layer.shape[1]
    if channels % params.m:
        of_group = " of each of its groups" if groups > 1 else ""
        noun = "channel" if channels == 1 else "channels"
        return f"Groups of {params.m} do not divide the {channels} input {noun}{of_group}."
    return ""


register(
    Method(
        kind=Kind.PRUNING,
        name="n_m",
        title="N:M pruning",
        summary="Keeps n of every m neighboring weights, as sparse tensor cores want it; on other "
        "runtimes the zeros save nothing.",
        params=NMParams,
        run="engine.methods.pruning.run_n_m:run",
        reference="Mishra et al. 2021, arXiv:2104.08378; Frantar & Alistarh 2022, "
        "arXiv:2208.11580; Sun et al. 2023, arXiv:2306.11695",
        tags=(Tag.BACK_END,),
        applies=applies,
        needs_for=needs_for,
    )
)
