"""Lets samples speak for others that a network is about as sure of.

To second order a change loses on a sample its doubt, the trace of the Hessian diag(p) - p pᵀ, times
how far the change moves the answers. Doubts are known without any change, and of well-trained
networks they lie in a few samples of a hundred; how far answers move differs little. So doubts are
those of all samples, and moves those of neighbors in the order of doubts (a local average: Nadaraya
1964, Theory Probab. Appl. 9, 141), over a width that leaves as many samples as half of them are
worth. A mean that hung on five samples then hangs on a hundred.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]
_WORTH = 0.5
"""Part of the samples that means should be worth."""
_WIDTHS = (0.0, *(0.05 * number for number in range(1, 11)), 1.0)
"""Standard deviations of a neighborhood, as a part of all samples."""
_NEAREST = 2.0
"""Samples that a neighborhood is wide at least."""
_FAR = 1e-300
"""Weight of samples that are far off, where no other is near."""
_SUREST = -60.0
"""Logarithm of a probability that counts as none."""


class Alike:
    """Samples in the order of how unsure a network is of them.

    Args:
        answers: Logarithms of probabilities, `[samples, classes]`.
    """

    def __init__(self, answers: Tensor) -> None:
        self.answers = answers.double()
        self.doubts: Floats = doubts_of(self.answers).numpy()
        count = len(self.doubts)
        order = np.argsort(self.doubts, kind="stable")
        self._ranks = np.empty(count)
        self._ranks[order] = np.arange(count) / count
        self._width = next(
            (width for width in _WIDTHS if self._worth(width) >= _WORTH * count), _WIDTHS[-1]
        )

    def weights(self, first: int = 0) -> Floats:
        """What the moves of each sample from `first` on count, `[samples - first]`.

        Their mean with these weights is the mean over all samples of doubt times move.
        """
        if not self._width and not first:
            return self.doubts.copy()
        places = np.arange(first, len(self.doubts))
        return self.among(places, np.ones(len(places))).weights * len(places)

    def among(self, places: NDArray[np.int64], counts: Floats) -> Pairs:
        """All samples with some of them.

        Args:
            places: Of the few.
            counts: What each of them stands for.
        """
        width = max(self._width, _NEAREST / len(places))
        return Pairs(self.answers, self.doubts, self._near(places, width, counts))

    def noise(self) -> float:
        """Variance of the logarithm of the mean doubt, from one lot of samples to another."""
        mean = float(self.doubts.mean())
        return float(self.doubts.var()) / len(self.doubts) / mean**2 if mean > 0 else 0.0

    def _near(self, places: NDArray[np.int64], width: float, counts: Floats) -> Floats:
        """Shares of some samples in what is said of each, `[samples, some]`."""
        far = (self._ranks[:, None] - self._ranks[places]) / width
        near = (np.exp(-0.5 * far**2) + _FAR) * counts
        shares: Floats = near / near.sum(1, keepdims=True)
        return shares

    def _worth(self, width: float) -> float:
        """Samples that a mean of doubts of neighbors is worth."""
        weights = self.doubts
        if width:
            every = np.arange(len(weights))
            weights = weights @ self._near(every, width, np.ones(len(weights)))
        return float(weights.sum() ** 2 / max(np.square(weights).sum(), _FAR))


class Pairs:
    """All samples, each with its share in the moves of a few.

    Args:
        answers: Logarithms of probabilities, `[samples, classes]`.
        doubts: `[samples]`.
        shares: `[samples, few]`, of which each row adds up to one.
    """

    def __init__(self, answers: Tensor, doubts: Floats, shares: Floats) -> None:
        self.weights: Floats = doubts @ shares / len(doubts)
        self._probabilities = answers.exp()
        self._shares = torch.from_numpy(shares / len(doubts)).T  # [few, samples]

    def losses(self, old: Tensor, new: Tensor) -> Tensor:
        """What each of the few adds to the mean divergence over all samples.

        The answers of each sample move as those of the few do: the divergence of p from
        softmax(log p + d) is log Σ p exp(d) - Σ p d.

        Args:
            old: Outputs of the few, `[few, classes]`.
            new: Those of the changed network.
        """
        moves = new.double() - old.double()
        moves -= moves.amax(1, keepdim=True)
        found = (moves.exp() @ self._probabilities.T).log() - moves @ self._probabilities.T
        return (self._shares * found).sum(1)


def log_probabilities(outputs: Tensor) -> Tensor:
    """Of classes, `[samples, classes]`, in double precision."""
    return torch.log_softmax(outputs.double(), 1).clamp_min(_SUREST)


def doubts_of(answers: Tensor) -> Tensor:
    """How unsure answers are: 1 - Σ p², `[samples]`; right for very sure ones too.

    Args:
        answers: Logarithms of probabilities, `[samples, classes]`, in double precision.
    """
    chances = answers.exp()
    top = chances.argmax(1, keepdim=True)
    others = chances.scatter(1, top, 0.0)
    rest = others.sum(1)
    return rest * (1 - rest) + (others * (1 - others)).sum(1)
