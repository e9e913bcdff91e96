"""What the layer table lets people set, and which steps of a recipe that is."""

from __future__ import annotations

import enum

from engine.recipe.edit import find_step
from engine.registry import REGISTRY, Kind, Method
from studio.document.state import DocumentState


class Facet(enum.StrEnum):
    """What the layer table lets people set, one column each."""

    PRUNE = "prune"
    WEIGHT_BITS = "weight_bits"
    ACTIVATION_BITS = "activation_bits"
    RANK = "rank"


FACET_KINDS: dict[Facet, tuple[Kind, ...]] = {
    Facet.PRUNE: (Kind.PRUNING,),
    Facet.WEIGHT_BITS: (Kind.QUANTIZATION, Kind.SHARING),
    Facet.ACTIVATION_BITS: (Kind.QUANTIZATION,),
    Facet.RANK: (Kind.LOW_RANK,),
}
"""Families of methods whose step a facet edits."""

FACET_METHODS = {
    Facet.PRUNE: "channel",
    Facet.WEIGHT_BITS: "uniform",
    Facet.ACTIVATION_BITS: "uniform",
    Facet.RANK: "data_aware_svd",
}
"""The method of a step that a facet has to make."""


def facet_field(facet: Facet, method: Method) -> str:
    """The parameter that a facet sets; empty if the method has none."""
    if facet in (Facet.WEIGHT_BITS, Facet.ACTIVATION_BITS):
        return facet.value if facet.value in method.fields() else ""
    return method.axis.field if method.axis is not None else ""


def facet_step(state: DocumentState, facet: Facet) -> int | None:
    """The step that a facet edits: the selected one of its family, else the last."""
    found = None
    for kind in FACET_KINDS[facet]:
        index = find_step(state.recipe, kind, state.step)
        if index is not None and (
            found is None or index == state.step or (found != state.step and index > found)
        ):
            method = REGISTRY.step(state.recipe.steps[index].method)
            if method is not None and facet_field(facet, method):
                found = index
    return found
