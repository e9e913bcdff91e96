"""What recipes can say about single weights that become zero. No torch here."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from engine.info import LayerInfo, LayerKind
from engine.parameters import Params
from engine.registry import Needs

MATRICES = frozenset(
    {
        LayerKind.CONV1D,
        LayerKind.CONV2D,
        LayerKind.CONV3D,
        LayerKind.CONV_TRANSPOSE1D,
        LayerKind.CONV_TRANSPOSE2D,
        LayerKind.CONV_TRANSPOSE3D,
        LayerKind.LINEAR,
    }
)
"""Layers that multiply their input with their weight."""


class Criterion(enum.StrEnum):
    """Which weights go."""

    MAGNITUDE = "magnitude"
    WANDA = "wanda"
    OBS = "obs"


class SparseParams(Params):
    """What all methods that make single weights zero ask for."""

    criterion: Annotated[
        Criterion,
        Field(
            title="Criterion",
            description="Which weights go. magnitude: the smallest, needs no data. wanda: the "
            "smallest product of weight and input. obs: those whose loss the others can best make "
            "up for, one after the other; by far the most accurate.",
        ),
    ] = Criterion.OBS
    compensation: Annotated[
        bool,
        Field(
            title="Compensation",
            description="For obs: the weights that stay are solved anew, so that the layer gives "
            "what it gave in the original network. Otherwise they stay as they are.",
        ),
    ] = True
    damping: Annotated[
        float,
        Field(
            ge=1e-6,
            le=1,
            title="Damping",
            description="For obs: added to the inputs' second moments, as a part of their mean. "
            "More keeps solved weights nearer to the original ones; use it where there are few "
            "samples.",
        ),
    ] = 0.01
    block_size: Annotated[
        int,
        Field(
            ge=16,
            le=4096,
            title="Block size",
            description="For obs in layers too large for exact elimination: columns that are "
            "chosen from at once.",
        ),
    ] = 128
    reestimate_norms: Annotated[
        bool,
        Field(
            title="Re-estimate batch norm",
            description="Means and variances of batch norms are measured again on the calibration "
            "data, where no compensation has taken care of them.",
        ),
    ] = True


def kind_reason(layer: LayerInfo) -> str:
    """Why the weights of a layer cannot be made zero one by one; "" if they can."""
    if layer.kind not in MATRICES:
        return f"The weights of a layer of kind {layer.kind} are not pruned one by one."
    if not layer.verdict.trainable:
        return layer.verdict.reason
    return ""


def sparse_needs(params: SparseParams, *, by_loss: bool) -> Needs:
    """What has to be known of the layers.

    Args:
        params: As the recipe gives them.
        by_loss: Whether layers share what is kept by predicted loss.
    """
    needs = Needs.NOTHING
    if by_loss:
        needs |= Needs.CALIBRATION | Needs.INPUT_MOMENTS | Needs.OUTPUT_GRADIENTS
    if params.criterion is not Criterion.MAGNITUDE:
        needs |= Needs.CALIBRATION | Needs.INPUT_MOMENTS
    if params.criterion is Criterion.OBS:
        needs |= Needs.OUTPUT_GRADIENTS
    return needs
