"""Losses that training graphs carry."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import indices, optional_like
from engine.readers.onnx.table import Call, Value, op, tensor

# A label that occurs nowhere: ONNX ignores nothing unless told.
_NONE = -(2**31)


def _nll(call: Call, log_chance: torch.Tensor, target: Value, weight: Value) -> torch.Tensor:
    return F.nll_loss(
        log_chance,
        indices(target, log_chance),
        optional_like(weight, log_chance),
        ignore_index=call.get("ignore_index", _NONE),
        reduction=call.get("reduction", "mean"),
    )


@op("NegativeLogLikelihoodLoss")
def negative_log_likelihood(
    call: Call, x: Value, target: Value, weight: Value = None
) -> torch.Tensor:
    """Negative log-likelihood: x `[N, C, …]` log-probabilities, target `[N, …]` classes."""
    return _nll(call, tensor(x), target, weight)


@op("SoftmaxCrossEntropyLoss")
def softmax_cross_entropy(
    call: Call, x: Value, target: Value, weight: Value = None
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """Cross-entropy of logits `[N, C, …]`; the log-probabilities as second output."""
    log_chance = F.log_softmax(tensor(x), dim=1)
    loss = _nll(call, log_chance, target, weight)
    return loss if call.outputs == 1 else (loss, log_chance)
