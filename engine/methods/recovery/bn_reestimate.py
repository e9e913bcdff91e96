"""Declares `bn_reestimate`: batch norms see what is before them anew."""

from __future__ import annotations

from engine.parameters import Params
from engine.registry import Kind, Method, Needs, Scope, register


class BnReestimateParams(Params):
    """`bn_reestimate` has no settings."""


BN_REESTIMATE = register(
    Method(
        kind=Kind.RECOVERY,
        name="bn_reestimate",
        title="Re-estimate batch norm",
        summary="Measures mean and variance of every batch norm anew on the calibration samples, "
        "after pruning or rounding has changed what it sees; without batch norms, gives channels "
        "the mean and variance that they have in the original. Takes seconds, needs no labels.",
        params=BnReestimateParams,
        run="engine.methods.recovery.run_bn_reestimate:run",
        reference="Li et al. 2020 (EagleEye), arXiv:2007.02491, sec. 3",
        needs=Needs.CALIBRATION | Needs.ORIGINAL,
        scope=Scope.NETWORK,
    )
)
