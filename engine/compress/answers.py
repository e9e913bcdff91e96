"""What the original and the compressed network say to each evaluation sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.roles import Subset
from engine.measure.accuracy import Predictions
from engine.trials import UNKNOWN, Answers, save_answers

NO_ANSWERS = (
    "Answers to single samples are not kept: the network does not give one class for each, or "
    "there is no data."
)


def answers_of(
    subset: Subset,
    original: Predictions | None,
    compressed: Predictions | None,
    classes: tuple[str, ...],
) -> Answers | None:
    """Both networks' answers to the samples that both were given.

    None where they give none, and for noise, which nobody wants to look at.
    """
    if original is None or compressed is None or subset.dataset.synthetic:
        return None
    if not len(original.predicted) or not len(compressed.predicted):
        return None
    common, a, b = np.intersect1d(original.indices, compressed.indices, return_indices=True)
    labels: NDArray[np.int32] = np.full(len(common), UNKNOWN, np.int32)
    if len(original.labels):
        labels = original.labels[a]
    return Answers(
        split=subset.split.name,
        indices=common,
        labels=labels,
        original=original.predicted[a],
        compressed=compressed.predicted[b],
        original_confidence=original.confidence[a],
        compressed_confidence=compressed.confidence[b],
        classes=classes,
    )


def keep_answers(answers: Answers | None, path: str) -> tuple[str, tuple[str, ...]]:
    """Write them where they are wanted.

    Returns:
        Where they are (empty: nowhere), and what there is to say.
    """
    if path and answers is not None:
        save_answers(answers, Path(path))
        return path, ()
    return "", (NO_ANSWERS,) if path else ()
