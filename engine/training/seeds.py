"""Seeds for each purpose and step of a training, so that nothing depends on what came before."""

from __future__ import annotations

import enum

import numpy as np


class Purpose(enum.IntEnum):
    """What is drawn."""

    ORDER = 1
    AUGMENTATION = 2
    DROPOUT = 3


def seed_of(seed: int, purpose: Purpose, number: int) -> int:
    """A seed of 63 bits for one draw: the epoch's order, the step's augmentation."""
    sequence = np.random.SeedSequence([seed % (1 << 63), int(purpose), number])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))
