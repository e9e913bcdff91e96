"""Is a written file what was shown? It is loaded again and run beside the network in memory.

A float file must give the network's numbers. One whose layers run in integers cannot: a value that
lies between two steps may be rounded the other way, and all that follows moves a little. What it
must keep is the answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import EngineError
from engine.jobs.job import Job
from engine.measure.agreement import relative
from engine.measure.compare import Difference
from engine.measure.predict import Predictor, TorchPredictor
from engine.measure.runtime import Array
from engine.measure.samples import index_limits, make_inputs
from engine.network.network import Network
from engine.network.signature import example_sizes
from engine.statistics.calibration import Calibration

FLOAT_TOLERANCE = 1e-3
"""Largest difference of a float file, as a part of an output's largest value."""
ROUNDED_TOLERANCE = 0.1
"""Root mean square of a quantized file's differences, as a part of that of the outputs."""
_SHARE = 0.001
_FEW = 2
"""Answers that may differ: 0.1 point of them, or two."""
_TIE = 0.02
"""Classes whose scores lie nearer than this, as a part of the sample's range, are a tie; for
samples without labels, of which nobody knows what is right."""
_SYNTHETIC = 64
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Verification:
    """How a written file compares with the network in memory.

    Attributes:
        difference: The largest, over all samples and outputs.
        rms: Root mean square of the differences, as a part of that of the outputs.
        samples: How many were run.
        synthetic: They were made up, for want of data.
        changed: Samples that get another class (ties aside); None for what does not classify.
        correct: Samples that the file and the network get right; None without labels.
    """

    difference: Difference
    rms: float
    samples: int
    synthetic: bool
    changed: int | None = None
    correct: tuple[int, int] | None = None


def _allowed(samples: int) -> float:
    return max(_SHARE * samples, _FEW)


def verify(
    network: Network,
    file: Predictor,
    job: Job,
    *,
    rounded: bool,
    samples: Calibration | None = None,
) -> Verification:
    """Compare a file that was loaded again with the network that it was made from.

    Args:
        network: In memory, as it was shown.
        file: The written file, ready to run, with all optimizations on.
        job: For progress and cancelling.
        rounded: Some of it is computed in integers.
        samples: Held-out ones, with labels or without; None makes some up.

    Raises:
        EngineError: The file does not run, or does not agree; the sentence says what differs.
        Cancelled: By the job.
    """
    tally = _Tally(samples.labels.numpy() if samples and samples.labels is not None else None)
    ours = TorchPredictor(network)
    for arrays, total in _batches(network, samples):
        job.checkpoint("Checking the file", tally.samples, total)
        tally.add(ours(arrays, job), file(arrays, job))
    job.checkpoint("Checking the file", tally.samples, tally.samples)
    result = tally.result(synthetic=samples is None)
    why = _objection(result, rounded=rounded)
    if why:
        raise EngineError(
            f"The written file does not agree with the network, so it was dropped: {why}",
            hint="Write it for another --target, or as .pt2; an older file is as it was.",
        )
    return result


def _objection(found: Verification, *, rounded: bool) -> str:
    """What differs too much; nothing if all is well."""
    largest = found.difference
    if not rounded:
        # Outputs that are all but zero have no meaningful relative difference.
        if largest.max_relative > FLOAT_TOLERANCE and largest.max_abs > FLOAT_TOLERANCE:
            return f"outputs differ by {largest.max_relative:.1e} of the largest one"
        return ""
    allowed = _allowed(found.samples)
    if found.correct is not None:
        file, network = found.correct
        if abs(file - network) > allowed:
            n = found.samples
            return f"it gets {file / n:.2%} of {n} samples right, the network {network / n:.2%}"
    elif found.changed is not None and found.changed > allowed:
        return f"{found.changed} of {found.samples} samples get another class"
    if not found.rms <= ROUNDED_TOLERANCE:
        return f"outputs differ by {found.rms:.1%} of their size (root mean square)"
    return ""


class _Tally:
    """Adds up what two forms of a network answer."""

    def __init__(self, labels: Array | None) -> None:
        self.labels = labels
        self.samples = 0
        self.batches: list[int] = []
        self.max_abs = self.max_relative = 0.0
        self.squares = [0.0, 0.0]
        self.changed = 0
        self.correct = [0, 0]
        self.classifies = True

    def add(self, ours: Sequence[Array], theirs: Sequence[Array]) -> None:
        if len(ours) != len(theirs):
            raise EngineError(
                f"The written file has {len(theirs)} outputs, the network {len(ours)}"
            )
        for a, b in zip(ours, theirs, strict=True):
            if a.shape != b.shape:
                raise EngineError(
                    f"The written file gives an output of shape {list(b.shape)}, the network "
                    f"{list(a.shape)}"
                )
            self._differences(a.astype(np.float64), b.astype(np.float64))
        count = len(ours[0]) if ours and ours[0].ndim else 1
        self._answers(ours, theirs, count)
        self.samples += count
        self.batches.append(count)

    def _differences(self, a: Array, b: Array) -> None:
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        finite = np.isfinite(a) & np.isfinite(b)
        if not (same | finite).all():
            self.max_abs = self.max_relative = self.squares[0] = math.inf
            return
        if not finite.any():
            return
        a, b = a[finite], b[finite]
        largest = float(np.abs(a - b).max())
        self.max_abs = max(self.max_abs, largest)
        self.max_relative = max(self.max_relative, relative(largest, float(np.abs(a).max())))
        self.squares[0] += float(((a - b) ** 2).sum())
        self.squares[1] += float((a**2).sum())

    def _answers(self, ours: Sequence[Array], theirs: Sequence[Array], count: int) -> None:
        a, b = (ours[0], theirs[0]) if len(ours) == 1 else (np.zeros(0), np.zeros(0))
        if a.ndim != 2 or a.shape[1] < 2 or a.dtype.kind != "f":
            self.classifies = False
            return
        mine, other = a.argmax(axis=1), b.argmax(axis=1)
        rows = np.arange(count)
        near = _TIE * (a.max(axis=1) - a.min(axis=1))
        clear = a[rows, mine] - a[rows, other] > near
        self.changed += int(clear.sum())
        if self.labels is not None and self.labels.ndim == 1:
            labels = self.labels[self.samples : self.samples + count]
            self.correct[0] += int((other == labels).sum())
            self.correct[1] += int((mine == labels).sum())

    def result(self, *, synthetic: bool) -> Verification:
        labeled = self.classifies and self.labels is not None and self.labels.ndim == 1
        noise, size = self.squares
        return Verification(
            difference=Difference(self.max_abs, self.max_relative, tuple(set(self.batches))),
            rms=math.sqrt(noise / size) if size else (0.0 if noise == 0 else math.inf),
            samples=self.samples,
            synthetic=synthetic,
            changed=self.changed if self.classifies else None,
            correct=(self.correct[0], self.correct[1]) if labeled else None,
        )


def _batches(network: Network, samples: Calibration | None) -> Iterator[tuple[list[Array], int]]:
    """Batches of inputs, and how many samples there are in all."""
    if samples is not None:
        for batch in samples.batches():
            yield [tensor.numpy() for tensor in batch], len(samples)
        return
    limits, sizes = index_limits(network), example_sizes(network.module)
    for seed, size in enumerate([1, _BATCH - 1] + [_BATCH] * (_SYNTHETIC // _BATCH - 1)):
        arrays = make_inputs(network.inputs, size, limits=limits, sizes=sizes, seed=seed)
        yield arrays, _SYNTHETIC
