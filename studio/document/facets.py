"""What the layer table lets people set, and which steps of a recipe that is."""

from __future__ import annotations

import enum

from engine.registry import Kind


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
