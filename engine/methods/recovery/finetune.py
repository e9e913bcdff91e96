"""Declares `finetune`: training what is left of a network."""

from __future__ import annotations

from engine.registry import Kind, Method, Needs, Scope, register
from engine.training.options import LossParams, needs_of_losses


class FinetuneParams(LossParams):
    """Settings of `finetune`."""


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
        needs_for=needs_of_losses,
    )
)
