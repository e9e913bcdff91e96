"""How far a rounded network is from its original."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

_TINY = 1e-12


def relative_error(found: Tensor, wanted: Tensor) -> Tensor:
    """Squared error as a share of the wanted tensor's variance."""
    wanted = wanted.to(found.dtype)
    spread = (wanted - wanted.mean()).square().mean()
    return (found - wanted).square().mean() / (spread + _TINY)


def answer_error(found: Any, wanted: Any) -> Tensor:
    """Distance of what two networks return.

    For outputs `[N, classes]` the KL divergence from the original's answers (Hinton et al. 2015,
    arXiv:1503.02531, at temperature 1), and for all the relative error, so that outputs which are
    no logits count as well.
    """
    total = torch.zeros(())
    for one, other in zip(_floats(found), _floats(wanted), strict=True):
        total = total.to(one.device) + _ANSWER_SHARE * relative_error(one, other)
        if one.dim() == 2 and one.shape[1] > 1:
            logs = log_softmax(one.float(), dim=1)
            target = log_softmax(other.float(), dim=1)
            total = total + kl_div(logs, target, log_target=True, reduction="batchmean")
    return total


_ANSWER_SHARE = 0.1


def _floats(outputs: Any) -> list[Tensor]:
    found = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    return [one for one in found if isinstance(one, Tensor) and one.is_floating_point()]
