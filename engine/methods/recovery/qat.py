"""Declares `qat`: training a quantized network together with the steps of its grids."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.registry import Kind, Method, Needs, Scope, Stage, Tag, register
from engine.training.options import (
    Losses,
    LossParams,
    Optimizer,
    SoftTargets,
    needs_of_losses,
)


class QatParams(LossParams):
    """Settings of `qat`."""

    losses: Losses = (SoftTargets(),)
    optimizer: Annotated[
        Optimizer,
        Field(
            title="Optimizer",
            description="How weights follow their gradients; Adam's steps suit networks whose "
            "batch norms are folded.",
        ),
    ] = Optimizer.ADAMW
    learn_steps: Annotated[
        bool,
        Field(
            title="Learn the steps",
            description="Train the distance between two values of each grid too; else only the "
            "weights, on the grids as they are.",
        ),
    ] = True


QAT = register(
    Method(
        kind=Kind.RECOVERY,
        name="qat",
        title="Quantization-aware training",
        summary="Trains a network that an earlier step has quantized: weights and activations "
        "are rounded in every pass, and the steps of their grids are learned with the weights.",
        params=QatParams,
        run="engine.methods.recovery.run_qat:run",
        reference="Esser et al. 2020, arXiv:1902.08153",
        needs=Needs.TRAINING,
        tags=(Tag.BACK_END,),
        scope=Scope.NETWORK,
        stage=Stage.QUANTIZE,
        needs_for=needs_of_losses,
    )
)
