"""Error measures for networks that predict numbers, summed batch by batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.measure.accuracy import Array


@dataclass(frozen=True, slots=True)
class Regression:
    """How far the network's numbers are from the targets.

    Attributes:
        samples: Rows that were counted.
        mse: Mean squared error over all finite values.
        mae: Mean absolute error.
        psnr_db: 10 log10(range² / mse), `range` the targets' largest minus smallest value; None
            without any error or range.
        snr_db: 10 log10(Σ target² / Σ error²); None without any error or signal.
        r2: 1 − Σ error² / Σ (target − its mean per output)², as scikit-learn's `r2_score` has it
            with `variance_weighted`; None for constant targets.
        nonfinite: Predicted values that are NaN or infinite; no measure counts them.
    """

    samples: int
    mse: float
    mae: float
    psnr_db: float | None
    snr_db: float | None
    r2: float | None
    nonfinite: int


class RegressionMeter:
    """Sums errors of batches of outputs and targets; `result()` gives the measures so far."""

    def __init__(self) -> None:
        self._samples = 0
        self._values = 0
        self._nonfinite = 0
        self._squared = 0.0
        self._absolute = 0.0
        self._power = 0.0
        self._low, self._high = math.inf, -math.inf
        self._mean: NDArray[np.float64] | None = None
        self._around_mean: NDArray[np.float64] | None = None
        self._seen: NDArray[np.int64] | None = None

    def add(self, outputs: Array, targets: Array) -> None:
        """Count one batch.

        Args:
            outputs: `[N, ...]`.
            targets: Of the same shape; axes of size one may be missing.

        Raises:
            DataError: The shapes do not fit.
        """
        if len(outputs) == 0:
            return
        if _squeezed(outputs.shape) != _squeezed(targets.shape):
            raise DataError(
                f"Targets of shape {list(targets.shape)} do not fit an output of shape "
                f"{list(outputs.shape)}",
                hint="A network that predicts numbers wants one target per output value.",
            )
        y = targets.reshape(len(outputs), -1).astype(np.float64)
        error = outputs.reshape(y.shape).astype(np.float64) - y
        finite = np.isfinite(error)
        error, counted = np.where(finite, error, 0.0), np.where(finite, y, 0.0)
        self._samples += len(y)
        self._values += int(finite.sum())
        self._nonfinite += int((~finite).sum())
        self._squared += float(np.square(error).sum())
        self._absolute += float(np.abs(error).sum())
        self._power += float(np.square(counted).sum())
        if finite.any():
            self._low = min(self._low, float(y[finite].min()))
            self._high = max(self._high, float(y[finite].max()))
        self._add_moments(counted, finite)

    def _add_moments(self, y: NDArray[np.float64], finite: NDArray[np.bool_]) -> None:
        """Update mean and squared deviation of each output (Chan et al. 1983)."""
        if self._mean is None or self._around_mean is None or self._seen is None:
            self._mean, self._around_mean = np.zeros(y.shape[1]), np.zeros(y.shape[1])
            self._seen = np.zeros(y.shape[1], np.int64)
        if self._mean.shape[0] != y.shape[1]:
            raise DataError("The number of outputs differs from one batch to the next")
        count = finite.sum(axis=0)
        mean = y.sum(axis=0) / np.maximum(count, 1)
        around = np.where(finite, np.square(y - mean), 0.0).sum(axis=0)
        total = np.maximum(self._seen + count, 1)
        shift = np.where(count > 0, mean - self._mean, 0.0)
        self._around_mean += around + np.square(shift) * self._seen * count / total
        self._mean += shift * count / total
        self._seen += count

    def result(self) -> Regression:
        """Everything counted so far.

        Raises:
            DataError: Nothing was counted.
        """
        if self._values == 0:
            if self._nonfinite:
                raise DataError("Every value that the network predicts is NaN or infinite")
            raise DataError("There is not one sample to measure the error on")
        mse = self._squared / self._values
        variation = float(self._around_mean.sum()) if self._around_mean is not None else 0.0
        return Regression(
            samples=self._samples,
            mse=mse,
            mae=self._absolute / self._values,
            psnr_db=_decibels((self._high - self._low) ** 2, mse),
            snr_db=_decibels(self._power, self._squared),
            r2=1 - self._squared / variation if variation > 0 else None,
            nonfinite=self._nonfinite,
        )


def _decibels(signal: float, noise: float) -> float | None:
    return 10 * math.log10(signal / noise) if signal > 0 and noise > 0 else None


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], *(n for n in shape[1:] if n != 1))
