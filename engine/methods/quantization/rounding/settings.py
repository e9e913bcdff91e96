"""Settings of the ways to round: what a recipe can say about them. No torch here."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from engine.parameters import Params


class Rounding(enum.StrEnum):
    """How weights are put on their grids."""

    NEAREST = "nearest"
    GPTQ = "gptq"
    ADAROUND = "adaround"


class GptqSettings(Params):
    """Of rounding one column after the other, the rest making up for the error."""

    damping: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            title="Damping",
            description="Added to the inputs' second moment, as a share of its mean diagonal.",
        ),
    ] = 0.01
    act_order: Annotated[
        bool,
        Field(
            title="Largest inputs first",
            description="Round the columns of the strongest inputs first, while all others can "
            "still make up for their error.",
        ),
    ] = True


class ReconstructionSettings(Params):
    """Of rounding that is learned block by block from what the original computes."""

    block_steps: Annotated[
        int,
        Field(
            ge=0,
            le=100_000,
            title="Steps per block",
            description="Optimizer steps for each block alone, before all are learned together: "
            "worth it where the whole network takes too long.",
        ),
    ] = 0
    network_steps: Annotated[
        int | None,
        Field(
            ge=0,
            le=100_000,
            title="Steps on the whole network",
            description="Optimizer steps that bring the results of all blocks, and the answers, "
            "back to the original's; empty: by the number of bits.",
        ),
    ] = None
    batch: Annotated[
        int,
        Field(ge=1, le=4096, title="Batch", description="Calibration samples in each step."),
    ] = 32
    learn_scales: Annotated[
        bool,
        Field(
            title="Learn weight scales",
            description="Refine the step size of each channel together with the rounding.",
        ),
    ] = True
    learn_activations: Annotated[
        bool,
        Field(
            title="Learn activation ranges",
            description="Refine the step size of each quantized activation as well.",
        ),
    ] = True
    learn_biases: Annotated[
        bool,
        Field(title="Learn biases", description="Let the biases follow the rounded weights."),
    ] = True
    augment: Annotated[
        bool,
        Field(
            title="Shift and flip images",
            description="Draw shifted and mirrored versions of the calibration images; the "
            "original network says what is right for them, so no labels are needed.",
        ),
    ] = True
    drop: Annotated[
        float,
        Field(
            ge=0,
            lt=1,
            title="Float share of activations",
            description="Share of a block's quantized inputs that are left as the original has "
            "them, at random, while the block is learned.",
        ),
    ] = 0.5


class RoundingSettings(Params):
    """Of all ways to round."""

    gptq: Annotated[
        GptqSettings,
        Field(title="GPTQ", description="Settings of rounding by columns."),
    ] = GptqSettings()
    reconstruction: Annotated[
        ReconstructionSettings,
        Field(title="Adaptive rounding", description="Settings of learned rounding."),
    ] = ReconstructionSettings()
