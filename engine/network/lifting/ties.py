"""Finds weights that were one tensor before a file stored them twice.

Exporters to ONNX fold the transpose of a tied output head into a copy of its own, so that the
embedding and the head no longer share anything but their values.
"""

from __future__ import annotations

import torch

_SAMPLE = 256


class Ties:
    """Gives one tensor for all that are equal and not so by chance."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], list[torch.Tensor]] = {}

    def of(self, value: torch.Tensor) -> torch.Tensor:
        """The first tensor seen that equals this one; itself where there is none.

        Vectors, and matrices that may well have been set to the same values (ones, zeros, a
        bilinear kernel), stay their own.
        """
        if value.dim() < 2 or not value.is_floating_point() or value.device.type != "cpu":
            return value
        sample = _sample(value)
        if len(set(sample)) * 4 < _SAMPLE:
            return value
        key = (value.dtype, tuple(value.shape), sample)
        known = self._known.setdefault(key, [])
        for other in known:
            if torch.equal(value, other):
                return other
        known.append(value)
        return value


def _sample(value: torch.Tensor) -> tuple[float, ...]:
    """Values spread over the whole tensor."""
    flat = value.detach().reshape(-1)
    return tuple(flat[:: max(1, flat.numel() // _SAMPLE)][:_SAMPLE].tolist())
