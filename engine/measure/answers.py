"""Each sample's answer: the class with the highest score, and its probability."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from engine.measure.accuracy import Predictions, are_probabilities

Array = NDArray[Any]


class AnswerMeter:
    """Collects the answers of a network that gives one class per sample.

    Scores may be logits or probabilities: what they are is seen from all of them together.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[Array, Array, Array, Array]] = []
        self._samples = 0
        self._all_probabilities = True

    @staticmethod
    def fits(scores: Array) -> bool:
        """Whether there is one class per sample: floating-point scores `[N, C]`, C above 1."""
        return scores.ndim == 2 and scores.dtype.kind == "f" and scores.shape[1] > 1

    def add(self, scores: Array, indices: Array | None = None) -> None:
        """Take in one batch of scores `[N, C]`; samples are counted where they have no numbers."""
        if indices is None:
            indices = np.arange(self._samples, self._samples + len(scores))
        self._samples += len(scores)
        rows = scores.astype(np.float64)
        finite = np.isfinite(rows).all(axis=1)
        rows[~finite] = 0.0
        self._all_probabilities = self._all_probabilities and are_probabilities(rows[finite])
        best = rows.argmax(axis=1)
        at = np.arange(len(rows))
        as_logits = np.exp(special.log_softmax(rows, axis=1)[at, best])
        self._parts.append(
            (
                indices.astype(np.int64),
                np.where(finite, best, -1).astype(np.int32),
                np.where(finite, as_logits, np.nan).astype(np.float32),
                np.where(finite, rows[at, best], np.nan).astype(np.float32),
            )
        )

    def result(self) -> Predictions | None:
        """The answers so far; None without any."""
        if not self._parts:
            return None
        indices, predicted, as_logits, as_probabilities = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        confidence = as_probabilities if self._all_probabilities else as_logits
        return Predictions(indices, predicted, confidence, np.empty(0, np.bool_))
