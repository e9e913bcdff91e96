"""A network's outputs kept, so that another one is compared with them without running it again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.jobs.job import Job
from engine.measure.predict import Predictor
from engine.measure.runtime import Array

MOST_BYTES = 64 << 20
"""Of outputs that are kept; of more nothing is."""


class Recorder:
    """Runs a network and keeps its outputs, batch by batch, as long as they are few.

    Args:
        run: The network.
        most_bytes: That are kept.

    Attributes:
        batches: What it gave for each batch, in order; None: it was too much.
    """

    def __init__(self, run: Predictor, most_bytes: int = MOST_BYTES) -> None:
        self.inputs, self.outputs, self.runtime = run.inputs, run.outputs, run.runtime
        self.batches: list[list[Array]] | None = []
        self._run = run
        self._left = most_bytes

    def __call__(self, arrays: Sequence[Array], job: Job | None = None) -> list[Array]:
        """All outputs for one batch (see `Predictor`)."""
        outputs = self._run(arrays, job)
        if self.batches is not None:
            self._left -= sum(one.nbytes for one in outputs)
            self.batches.append([np.array(one) for one in outputs])
            if self._left < 0:
                self.batches = None
        return outputs


class Replay:
    """Gives what was recorded, for the same batches in the same order.

    Args:
        recorded: A recorder that has run over all of them, and kept them.
    """

    def __init__(self, recorded: Recorder) -> None:
        self.inputs, self.outputs = recorded.inputs, recorded.outputs
        self.runtime = recorded.runtime
        self._batches = iter(recorded.batches or ())

    def __call__(self, arrays: Sequence[Array], job: Job | None = None) -> list[Array]:
        """The outputs for the next batch.

        Raises:
            ValueError: The batches are not those that were recorded.
        """
        del job
        outputs = next(self._batches, None)
        if outputs is None or len(outputs[0]) != len(arrays[0]):
            raise ValueError("The batches are not those that were recorded")
        return outputs
