"""Settings of the methods that make outputs, not weights, nearest to the original's."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.methods.low_rank.ranks import RankParams
from engine.parameters import Params
from engine.registry import Needs


class ResponseParams(RankParams):
    """How layers are fitted to the original's outputs."""

    sequential: Annotated[
        bool,
        Field(
            title="Layer by layer",
            description="Solve each layer for the inputs that the layers replaced before it give, "
            "with the original's outputs as the target, so that errors do not add up; in front of "
            "an addition the original's sum is the target.",
        ),
    ] = True
    importance: Annotated[
        bool,
        Field(
            title="Weigh outputs",
            description="Weigh errors of a layer's outputs by what they do to the network's "
            "answers (second moments of the gradients).",
        ),
    ] = True
    correct_bias: Annotated[
        bool,
        Field(
            title="Correct bias",
            description="Keep the mean of each output; a layer without a bias gets one.",
        ),
    ] = True


def needs_for(params: Params) -> Needs:
    """Input moments where layers are solved by themselves; gradients to weigh outputs."""
    assert isinstance(params, ResponseParams)
    moments = Needs.NOTHING if params.sequential else Needs.INPUT_MOMENTS
    return moments | (Needs.OUTPUT_GRADIENTS if params.importance else Needs.NOTHING)
