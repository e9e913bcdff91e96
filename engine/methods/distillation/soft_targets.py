"""Declares `soft_targets`: learning from a teacher's answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.parameters import Params
from engine.registry import Kind, Method, Needs, Scope, register
from engine.training.options import (
    TeacherFile,
    Temperature,
    TrainingParams,
)


class SoftTargetsParams(TrainingParams):
    """Settings of `soft_targets`."""

    temperature: Temperature = 4.0
    weight: Annotated[
        float,
        Field(
            gt=0,
            le=1,
            title="Weight",
            description="Of the teacher; labels, where there are any, get what is left of 1.",
        ),
    ] = 1.0
    hints: Annotated[
        float | None,
        Field(
            ge=0,
            le=1000,
            title="Weight of hints",
            description="Of the loss on what the teacher computes inside, where both networks have "
            "values of the same shape; it comes on top of the others. Empty: the usual one with "
            "the original as the teacher, 0 with a file, whose channels may mean other things.",
        ),
    ] = None
    teacher: TeacherFile = ""


def needs(params: Params) -> Needs:
    """The original, if it is the teacher."""
    assert isinstance(params, SoftTargetsParams)
    return Needs.NOTHING if params.teacher else Needs.ORIGINAL


SOFT_TARGETS = register(
    Method(
        kind=Kind.DISTILLATION,
        name="soft_targets",
        title="Distil from soft targets",
        summary="Trains the network to answer as a teacher does: the original, or a larger "
        "network from a file. Needs no labels.",
        params=SoftTargetsParams,
        run="engine.methods.distillation.run_soft_targets:run",
        reference="Hinton et al. 2015, arXiv:1503.02531",
        needs=Needs.TRAINING,
        scope=Scope.NETWORK,
        needs_for=needs,
    )
)
