"""Settings that all low-rank methods share: how the rank of a layer is chosen."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from engine.parameters import Params


class RankBy(enum.StrEnum):
    """What decides on a layer's rank."""

    SIZE = "size"
    RATIO = "ratio"
    NUMBER = "number"
    ENERGY = "energy"
    VBMF = "vbmf"


class RankParams(Params):
    """Each way to choose the rank has its own field, which counts only with that way."""

    rank_by: Annotated[
        RankBy,
        Field(
            title="Rank by",
            description="What decides on the rank of a layer: size, the share of its bytes to "
            "keep; ratio, a share of the full rank; number, the rank itself; energy, the share of "
            "the squared singular values to keep; vbmf, variational Bayes, which tells the signal "
            "in the weights from noise and needs no setting.",
        ),
    ] = RankBy.SIZE
    size: Annotated[
        float,
        Field(
            gt=0,
            lt=1,
            title="Size",
            description="Share of the layer's bytes to keep, with rank by size; about the same "
            "share of its MACs is kept.",
        ),
    ] = 0.5
    ratio: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            title="Rank ratio",
            description="Share of the full rank to keep, with rank by ratio.",
        ),
    ] = 0.25
    rank: Annotated[
        int,
        Field(
            ge=1,
            le=1_000_000,
            title="Rank",
            description="How many terms to keep, with rank by number.",
        ),
    ] = 16
    energy: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            title="Energy",
            description="Share of the squared singular values to keep, with rank by energy.",
        ),
    ] = 0.9
    round_to: Annotated[
        int,
        Field(
            ge=1,
            le=256,
            title="Round to",
            description="Keep a multiple of this many terms where there are as many; fewer, never "
            "more. Processors compute 8 or 16 at once, and other numbers have to be packed anew "
            "between layers.",
        ),
    ] = 1


def rounded(rank: int, params: RankParams) -> int:
    """A rank as the settings round it."""
    return rank - rank % params.round_to if rank > params.round_to else rank


SIZES = (0.75, 0.5, 0.35, 0.25, 0.15, 0.1)
"""Shares of a layer's bytes that sensitivity looks at."""
