"""How the learning rate changes over a training: pure numbers."""

from __future__ import annotations

import math

from engine.training.options import Schedule

STEP_AT = (0.5, 0.75)
"""Shares of a training after which the stepped schedule goes down."""
STEP_FACTOR = 0.1
ONE_CYCLE_RISE = 0.3
"""Share of a training in which one cycle's rate rises, from a tenth."""


def factor(schedule: Schedule, step: int, total: int, warmup: float = 0.0) -> float:
    """What the learning rate is multiplied by at a step.

    Args:
        schedule: Its form. One cycle after Smith, Topin 2017 (arXiv:1708.07120), cosine after
            Loshchilov, Hutter 2017 (arXiv:1608.03983), without restarts.
        step: From 0.
        total: Of the training; the schedules that end at zero would reach it after the last step.
        warmup: Share of the steps in which it rises linearly; one cycle has a rise of its own.

    Returns:
        Above 0, at most 1.
    """
    if schedule is Schedule.ONE_CYCLE:
        return _one_cycle((step + 0.5) / total)
    rising = math.ceil(warmup * total)
    if step < rising:
        return (step + 1) / (rising + 1)
    share = (step - rising) / max(1, total - rising)
    match schedule:
        case Schedule.COSINE:
            return 0.5 * (1 + math.cos(math.pi * share))
        case Schedule.LINEAR:
            return 1 - share
        case Schedule.STEP:
            return STEP_FACTOR ** sum(step >= at * total for at in STEP_AT)
        case _:
            return 1.0


def _one_cycle(share: float) -> float:
    if share < ONE_CYCLE_RISE:
        return 0.1 + 0.9 * 0.5 * (1 - math.cos(math.pi * share / ONE_CYCLE_RISE))
    return 0.5 * (1 + math.cos(math.pi * (share - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE)))
