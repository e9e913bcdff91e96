"""Random shifts and mirror images of a whole batch at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.training.options import Augmentation

Images = Callable[[Tensor, int], Tensor]
SMALLEST_SIDE = 8
"""Pixels; smaller "images" are tables of something else."""
COLOR_CHANNELS = 3


@dataclass(frozen=True, slots=True)
class Augmenter:
    """Shifts and mirrors images.

    Attributes:
        height_axis: Of a batch; the width is the axis after it.
        padding: Pixels of the largest shift; 0: none.
        flip: Whether every other image, by chance, is mirrored.
        fill: What a shift brings in, one value or one per channel, as the network reads it.
        channel_axis: Of a batch; -1 where there is none.
    """

    height_axis: int
    padding: int
    flip: bool
    fill: tuple[float, ...] = (0.0,)
    channel_axis: int = -1

    def __call__(self, images: Tensor, seed: int) -> Tensor:
        """Augment a batch.

        Args:
            images: `[N, ..., H, W, ...]` float.
            seed: Draws shifts and mirrors; the same gives the same.

        Returns:
            New images of the same shape and memory format.
        """
        generator = torch.Generator().manual_seed(seed)
        count = len(images)
        moved = images.movedim((self.height_axis, self.height_axis + 1), (1, 2))  # [N, H, W, ...]
        height, width = moved.shape[1:3]
        shifts = torch.zeros(2, count, dtype=torch.int64)
        if self.padding:
            top = 2 * self.padding + 1
            shifts = torch.randint(top, (2, count), generator=generator) - self.padding
        rows = torch.arange(height) + shifts[0][:, None]  # [N, H]
        columns = torch.arange(width) + shifts[1][:, None]  # [N, W]
        if self.flip:
            mirrored = torch.rand(count, generator=generator) < 0.5
            columns = torch.where(mirrored[:, None], columns.flip(1), columns)
        taken = _take(moved, rows.to(images.device), columns.to(images.device))
        inside = _inside(rows, height)[:, :, None] & _inside(columns, width)[:, None, :]
        result = taken.movedim((1, 2), (self.height_axis, self.height_axis + 1))
        if self.padding:
            result = self._filled(result, inside.to(images.device))
        return result.contiguous()

    def _filled(self, images: Tensor, inside: Tensor) -> Tensor:
        """Put the fill where a shift looked beyond the image."""
        shape = [len(images)] + [1] * (images.dim() - 1)
        shape[self.height_axis] = images.shape[self.height_axis]
        shape[self.height_axis + 1] = images.shape[self.height_axis + 1]
        fill = torch.tensor(self.fill, dtype=images.dtype, device=images.device)
        if len(fill) > 1:
            along = [1] * images.dim()
            along[self.channel_axis] = len(fill)
            fill = fill.reshape(along)
        return torch.where(inside.reshape(shape), images, fill)


def _take(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """`[N, H, W, ...]` at rows `[N, H]` and columns `[N, W]`; outside, the nearest."""
    count, height, width = images.shape[:3]
    rows = rows.clamp(0, height - 1)
    columns = columns.clamp(0, width - 1)
    sample = torch.arange(count, device=images.device)[:, None, None]
    return images[sample, rows[:, :, None], columns[:, None, :]]


def _inside(positions: Tensor, size: int) -> Tensor:
    return (positions >= 0) & (positions < size)


def augmenter(
    chosen: Augmentation,
    padding: int | None,
    shape: Sequence[int],
    layout: str,
    fill: tuple[float, ...],
) -> Augmenter | None:
    """What to do to batches of this shape; None: nothing.

    Args:
        chosen: By the user.
        padding: By the user, if at all.
        shape: Of a batch.
        layout: Of a batch, `NCHW`; empty: by the shape.
        fill: See `Augmenter`.
    """
    layout = layout or _usual_layout(shape)
    if len(layout) != len(shape) or "HW" not in layout or chosen is Augmentation.NONE:
        return None
    height_axis = layout.index("H")
    channel_axis = layout.find("C")
    smallest = min(shape[height_axis : height_axis + 2])
    channels = shape[channel_axis] if channel_axis >= 0 else 1
    automatic = chosen is Augmentation.AUTO
    if automatic and (smallest < SMALLEST_SIDE or channels not in (1, COLOR_CHANNELS)):
        return None
    crop = automatic or chosen in (Augmentation.CROP, Augmentation.CROP_AND_FLIP)
    flip = chosen in (Augmentation.FLIP, Augmentation.CROP_AND_FLIP)
    flip = flip or (automatic and channels == COLOR_CHANNELS)
    pixels = padding or max(1, round(smallest / 8))
    if len(fill) not in (1, channels):
        fill = (0.0,)
    return Augmenter(height_axis, pixels if crop else 0, flip, fill, channel_axis)


def _usual_layout(shape: Sequence[int]) -> str:
    if len(shape) == 4:
        return "NCHW" if shape[1] <= 4 or shape[-1] > 4 else "NHWC"
    return ""
