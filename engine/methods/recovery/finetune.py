"""Declares `finetune`: training what is left of a network."""

from __future__ import annotations

from engine.registry import Kind, Method, Needs, Params, Scope, register
from engine.training.options import LossParams, SoftTargets


class FinetuneParams(LossParams):
    """Settings of `finetune`."""


def needs(params: Params) -> Needs:
    """Labels, unless a teacher can take their place; the original, if it is the teacher."""
    assert isinstance(params, FinetuneParams)
    teachers = [loss for loss in params.losses if isinstance(loss, SoftTargets)]
    found = Needs.NOTHING if teachers else Needs.LABELS
    if any(not loss.teacher for loss in teachers):
        found |= Needs.ORIGINAL
    return found


FINETUNE = register(
    Method(
        kind=Kind.RECOVERY,
        name="finetune",
        title="Fine-tune",
        summary="Trains the network on the data, from labels, from a teacher or from both. "
        "What was pruned stays zero, what was quantized stays on its grid, and the best state by "
        "validation is kept.",
        params=FinetuneParams,
        run="engine.methods.recovery.run_finetune:run",
        reference="Han et al. 2015, arXiv:1506.02626, sec. 3",
        needs=Needs.TRAINING,
        scope=Scope.NETWORK,
        needs_for=needs,
    )
)
