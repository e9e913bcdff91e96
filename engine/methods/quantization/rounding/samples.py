"""Draws batches of calibration samples, shifted and mirrored where they are images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

_SHIFT = 8
"""Images are shifted by up to an eighth of their size."""
_SMALLEST = 8


class Draws:
    """An endless stream of batches; each sample comes once before any comes again.

    Args:
        inputs: One tensor `[N, ...]` for each input.
        batch: Samples in a batch.
        generator: On the CPU.
        augment: Shift and mirror what looks like images: a single float input `[N, C, H, W]`.
    """

    def __init__(
        self,
        inputs: Sequence[Tensor],
        batch: int,
        generator: torch.Generator,
        *,
        augment: bool = False,
    ) -> None:
        self._inputs = inputs
        self._batch = min(batch, len(inputs[0]))
        self._generator = generator
        self._augment = augment and is_image(inputs)
        self._order = torch.empty(0, dtype=torch.int64)

    def indices(self) -> Tensor:
        """Numbers of the next samples."""
        if len(self._order) < self._batch:
            self._order = torch.randperm(len(self._inputs[0]), generator=self._generator)
        drawn, self._order = self._order[: self._batch], self._order[self._batch :]
        return drawn

    def draw(self) -> tuple[Tensor, ...]:
        """The next batch."""
        drawn = self.indices()
        batch = tuple(tensor[drawn] for tensor in self._inputs)
        if self._augment:
            return (varied(batch[0], self._generator),)
        return batch


def is_image(inputs: Sequence[Tensor]) -> bool:
    """Whether an input looks like images: a few channels of two dimensions."""
    if len(inputs) != 1 or not inputs[0].is_floating_point() or inputs[0].dim() != 4:
        return False
    _, channels, height, width = inputs[0].shape
    return channels in (1, 3) and min(height, width) >= _SMALLEST


def varied(images: Tensor, generator: torch.Generator) -> Tensor:
    """Images `[N, C, H, W]`, each shifted by a few pixels and every other one mirrored."""
    count, _, height, width = images.shape
    rows, columns = height // _SHIFT, width // _SHIFT
    padded = pad(images, (columns, columns, rows, rows))
    down = torch.randint(0, 2 * rows + 1, (count,), generator=generator).tolist()
    right = torch.randint(0, 2 * columns + 1, (count,), generator=generator).tolist()
    mirror = (torch.rand(count, generator=generator) < 0.5).tolist()
    result = torch.empty_like(images)
    for one, (y, x, flip) in enumerate(zip(down, right, mirror, strict=True)):
        shifted = padded[one, :, y : y + height, x : x + width]
        result[one] = shifted.flip(-1) if flip else shifted
    return result
