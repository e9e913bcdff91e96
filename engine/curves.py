"""Numbers along an axis of settings: monotone, and known between those that were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_MEASURED_WEIGHT = 100.0
"""How much more a measured value counts than an estimate where they disagree on the order."""


@dataclass(frozen=True, slots=True)
class Curves:
    """For each row and quantity a curve that rises, or falls, as the setting gets stronger.

    Attributes:
        positions: `[settings]`, rising: the setting, or its negative for a falling axis.
        sign: 1 for a rising axis, -1 for a falling one.
        values: `[rows, settings, quantities]`; NaN: not known.
        geometric: `[quantities]`: which are interpolated by factors, as losses are.
    """

    positions: Floats
    sign: float
    values: Floats
    geometric: Flags

    @classmethod
    def of(
        cls,
        settings: Sequence[float],
        values: Floats,
        measured: Flags,
        falling: Flags,
        geometric: Flags,
    ) -> Curves:
        """The nearest monotone curves.

        Args:
            settings: Strictly rising or falling, mildest first.
            values: `[rows, settings, quantities]`; NaN: not known.
            measured: Of the same shape: what counts most where values disagree on the order.
            falling: `[quantities]`: which fall as the setting gets stronger.
            geometric: `[quantities]`: which are interpolated by factors.
        """
        positions = np.asarray(settings, np.float64)
        sign = -1.0 if len(positions) > 1 and positions[1] < positions[0] else 1.0
        positions = sign * positions
        turned = np.where(falling, -1.0, 1.0)
        rising = values * turned
        weights = np.where(measured, _MEASURED_WEIGHT, 1.0)
        tidy = (np.diff(rising, axis=1) >= 0).all(axis=1)  # no NaN either
        for row, quantity in np.argwhere(~tidy):
            line = _monotone(rising[row, :, quantity], weights[row, :, quantity])
            rising[row, :, quantity] = _filled(positions, line)
        return cls(positions, sign, rising * turned, geometric)

    def at(self, settings: Floats) -> tuple[Floats, NDArray[np.intp], Floats]:
        """Values at one setting for each row; beyond the ends of the axis the end holds.

        Args:
            settings: `[rows]`; NaN: none.

        Returns:
            Values `[rows, quantities]`, and where they lie: the place of the setting before, and
            the share of the way to the next one.
        """
        rows = np.arange(len(settings))
        last = len(self.positions) - 1
        at = np.clip(self.sign * settings, self.positions[0], self.positions[-1])
        right = np.clip(np.searchsorted(self.positions, at), min(1, last), last)
        left = np.maximum(right - 1, 0)
        width = self.positions[right] - self.positions[left]
        share = np.where(width > 0, (at - self.positions[left]) / np.where(width > 0, width, 1), 0)
        found = self._between(self.values[rows, left], self.values[rows, right], share[:, None])
        return found, left, share

    def _between(self, a: Floats, b: Floats, share: Floats) -> Floats:
        """Interpolate, losses geometrically: they fall by a factor for each bit.

        Where an end is 0 the loss is linear too. An end that the share is at counts alone.
        """
        linear = np.where(share == 0, a, np.where(share == 1, b, a + (b - a) * share))
        inside = self.geometric & (share > 0) & (share < 1) & (a > 0) & (b > 0)
        if not inside.any():
            return linear
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.exp(np.log(a) * (1 - share) + np.log(b) * share)
        return np.where(inside, factors, linear)


def _filled(positions: Floats, line: Floats) -> Floats:
    """With the gaps between known settings closed; beyond the known ones NaN stays."""
    known = ~np.isnan(line)
    if known.all() or not known.any():
        return line
    return np.interp(positions, positions[known], line[known], left=np.nan, right=np.nan)


def _monotone(values: Floats, weights: Floats) -> Floats:
    """The nearest rising sequence (weighted least squares, pool adjacent violators); NaN stays.

    Barlow et al. 1972, *Statistical Inference under Order Restrictions*, sec. 1.2.
    """
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2 or (np.diff(values[known]) >= 0).all():
        return values
    blocks: list[tuple[float, float, int]] = []  # mean, weight, length
    for value, weight in zip(values[known].tolist(), weights[known].tolist(), strict=True):
        mean, total, length = value, weight, 1
        while blocks and blocks[-1][0] > mean:
            before, mass, count = blocks.pop()
            mean = (before * mass + mean * total) / (mass + total)
            total, length = total + mass, length + count
        blocks.append((mean, total, length))
    result = values.copy()
    result[known] = np.repeat([b[0] for b in blocks], [b[2] for b in blocks])
    return result
