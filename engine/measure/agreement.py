"""Agreement of a network with a reference, where there are no labels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from engine.errors import DataError
from engine.measure.accuracy import (
    Array,
    are_probabilities,
    class_axis,
    class_rows,
    wilson_interval,
)

_SMALLEST = float(np.finfo(np.float32).tiny)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Agreement:
    """How alike two networks answer the same samples.

    Attributes:
        samples: Rows that were compared.
        agreement: Share of positions on which both prefer the same class; None for networks with
            one output value per position.
        interval: 95 % Wilson interval of `agreement`, over positions.
        kl: Mean KL(reference ‖ network) over positions, nats, never negative; None likewise.
        max_abs_difference: Largest absolute difference of a finite output value.
        max_relative_difference: The same, as a part of the reference's largest absolute value.
        nonfinite: Values that are finite in one network alone, or different infinities; they count
            as disagreement.
    """

    samples: int
    agreement: float | None
    interval: tuple[float, float] | None
    kl: float | None
    max_abs_difference: float
    max_relative_difference: float
    nonfinite: int


class AgreementMeter:
    """Compares batches of two networks' outputs; `result()` gives the agreement so far."""

    def __init__(self) -> None:
        self._samples = 0
        self._positions = 0
        self._finite = 0
        self._same = 0
        self._kl_logits = 0.0
        self._kl_probabilities = 0.0
        self._all_probabilities = True
        self._difference = 0.0
        self._largest = 0.0
        self._nonfinite = 0

    def add(self, network: Array, reference: Array, *, classes: bool = True) -> None:
        """Compare one batch.

        Args:
            network: Output of the network, `[N]`, `[N, C]` or `[N, C, ...]`.
            reference: Output of the reference, of the same shape.
            classes: Whether the output holds scores of classes; if not, only values are compared.

        Raises:
            DataError: The shapes differ.
        """
        if network.shape != reference.shape:
            raise DataError(
                f"The network's output has shape {list(network.shape)}, the reference's "
                f"{list(reference.shape)}",
                hint="Compare networks that answer the same question.",
            )
        if network.ndim == 0 or len(network) == 0:
            return
        self._samples += len(network)
        self._add_values(network, reference)
        if classes and network.ndim >= 2 and network.shape[class_axis(network.shape, None)] > 1:
            pairs = zip(class_rows(network), class_rows(reference), strict=True)
            for ours, theirs in pairs:
                self._add_rows(ours, theirs)

    def _add_values(self, network: Array, reference: Array) -> None:
        ours, theirs = network.reshape(-1), reference.reshape(-1)
        for start in range(0, ours.size, _CHUNK):
            a = ours[start : start + _CHUNK].astype(np.float64)
            b = theirs[start : start + _CHUNK].astype(np.float64)
            both = np.isfinite(a) & np.isfinite(b)
            alike = both | (a == b) | (np.isnan(a) & np.isnan(b))
            self._nonfinite += int((~alike).sum())
            if both.any():
                self._difference = max(self._difference, float(np.abs(a - b)[both].max()))
                self._largest = max(self._largest, float(np.abs(b[both]).max()))

    def _add_rows(self, network: Array, reference: Array) -> None:
        """Count rows `[P, C]`."""
        step = max(1, _CHUNK // network.shape[1])
        for start in range(0, len(network), step):
            q = network[start : start + step].astype(np.float64)
            p = reference[start : start + step].astype(np.float64)
            finite = np.isfinite(p).all(axis=1) & np.isfinite(q).all(axis=1)
            self._positions += len(p)
            self._finite += int(finite.sum())
            p, q = p[finite], q[finite]
            self._same += int((p.argmax(axis=1) == q.argmax(axis=1)).sum())
            self._add_kl(p, q)

    def _add_kl(self, p: NDArray[np.float64], q: NDArray[np.float64]) -> None:
        """Add KL(p ‖ q) with both read as logits, and with both read as probabilities."""
        self._kl_logits += _kl_of_logits(p, q)
        if not self._all_probabilities:
            return
        self._all_probabilities = are_probabilities(p) and are_probabilities(q)
        if self._all_probabilities:
            p, q = np.clip(p, _SMALLEST, None), np.clip(q, _SMALLEST, None)
            p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
            self._kl_probabilities += float(special.rel_entr(p, q).sum())

    def result(self) -> Agreement:
        """Everything compared so far.

        Raises:
            DataError: Nothing was compared.
        """
        if self._samples == 0:
            raise DataError("There is not one sample to compare the networks on")
        total = self._kl_probabilities if self._all_probabilities else self._kl_logits
        classes = self._positions > 0
        return Agreement(
            samples=self._samples,
            agreement=self._same / self._positions if classes else None,
            interval=wilson_interval(self._same, self._positions) if classes else None,
            kl=max(0.0, total / self._finite) if self._finite else None,
            max_abs_difference=self._difference,
            max_relative_difference=relative(self._difference, self._largest),
            nonfinite=self._nonfinite,
        )


def relative(difference: float, largest: float) -> float:
    """A difference as a part of the reference's largest value; infinite where that is zero."""
    if difference == 0:
        return 0.0
    return difference / largest if largest > 0 else math.inf


def _kl_of_logits(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Sum over rows of KL(softmax(p) ‖ softmax(q)), nats."""
    log_p, log_q = special.log_softmax(p, axis=1), special.log_softmax(q, axis=1)
    return float((np.exp(log_p) * (log_p - log_q)).sum())
