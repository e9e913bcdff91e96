"""Optimizers: which weights decay, and their state as plain tensors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.training.options import Optimizer, TrainingParams

USUAL_RATE = {Optimizer.SGD: 0.02, Optimizer.ADAM: 1e-3, Optimizer.ADAMW: 1e-3}
"""Learning rates where the user gives none."""
WITHOUT_NORMS = 0.1
"""Factor of SGD's usual rate where no batch norm keeps gradients in bounds (folded networks)."""


def make_optimizer(
    params: TrainingParams, weights: Iterable[nn.Parameter], steps: Iterable[nn.Parameter]
) -> torch.optim.Optimizer:
    """An optimizer in whose groups matrices decay, and biases, norms and learned steps do not.

    Args:
        params: Of the training.
        weights: To be trained.
        steps: Learned steps of quantizers.
    """
    all_weights = list(weights)
    decaying = [p for p in all_weights if p.dim() > 1]
    others = [p for p in all_weights if p.dim() <= 1] + list(steps)
    groups: list[dict[str, Any]] = [
        {"params": group, "weight_decay": decay}
        for group, decay in ((decaying, params.weight_decay), (others, 0.0))
        if group
    ]
    rate = rate_of(params)
    if params.optimizer is Optimizer.SGD:
        nesterov = params.nesterov and params.momentum > 0
        return torch.optim.SGD(groups, lr=rate, momentum=params.momentum, nesterov=nesterov)
    kind = torch.optim.Adam if params.optimizer is Optimizer.ADAM else torch.optim.AdamW
    return kind(groups, lr=rate, betas=(params.momentum, 0.999))


def rate_of(params: TrainingParams, *, normalized: bool = True) -> float:
    """The learning rate of full steps.

    Args:
        params: Of the training.
        normalized: The network has batch norms.
    """
    if params.learning_rate is not None:
        return params.learning_rate
    folded = params.optimizer is Optimizer.SGD and not normalized
    return USUAL_RATE[params.optimizer] * (WITHOUT_NORMS if folded else 1.0)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Use this learning rate from now on."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def state_of(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Moments and counters by `number of the parameter/name`."""
    found: dict[str, Tensor] = {}
    for number, parameter in enumerate(_parameters(optimizer)):
        for name, value in optimizer.state.get(parameter, {}).items():
            if isinstance(value, Tensor):
                found[f"{number}/{name}"] = value
    return found


def load_state(optimizer: torch.optim.Optimizer, state: Mapping[str, Tensor]) -> None:
    """Go on with moments that were kept, laid out in memory as their parameters are."""
    parameters = list(_parameters(optimizer))
    for key, value in state.items():
        number, _, name = key.partition("/")
        parameter = parameters[int(number)]
        if value.shape == parameter.shape:
            kept = torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)
        else:
            kept = value.clone()
        optimizer.state[parameter][name] = kept


def _parameters(optimizer: torch.optim.Optimizer) -> Iterable[nn.Parameter]:
    for group in optimizer.param_groups:
        yield from group["params"]
