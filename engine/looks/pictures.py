"""Stored samples as pictures and texts for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.arrangement import arrangements, natural_axes, network_axes
from engine.data.dataset import Raw, Split
from engine.preprocessing import ChannelOrder, Preprocessing

Array = NDArray[Any]
Picture = NDArray[np.uint8]
SIDE = 256
"""Longest side of a picture."""
TEXT = 400
"""Letters of a text."""
_NUMBERS = 12
_DARK = 32
"""Whole numbers that never go above this are not pixels of 0 to 255."""


def stored_pictures(raw: Raw, split: Split, preprocessing: Preprocessing) -> list[Picture | None]:
    """`[h, w, 3]` of each sample, RGB; None for what is no picture."""
    if isinstance(raw, dict) or split.dtype == "text":
        return [None] * len(next(iter(raw.values())) if isinstance(raw, dict) else raw)
    images = [_as_image(np.asarray(one), split, preprocessing) for one in raw]
    known = [one for one in images if one is not None]
    low, high = _brightness(known)
    return [None if one is None else _shown(one, low, high) for one in images]


def prepared_pictures(
    inputs: dict[str, Array], preprocessing: Preprocessing
) -> list[Picture | None]:
    """What the network gets, each sample from its lowest value to its highest."""
    first = next(iter(inputs.values()))
    axes = network_axes(preprocessing)
    if len(inputs) > 1 or not _is_picture(axes, first.shape[1:]) or first.dtype.kind != "f":
        return [None] * len(first)
    pictures = []
    for one in first:
        image = _channels_last(one.astype(np.float32), axes)
        if preprocessing.channel_order is ChannelOrder.BGR:
            image = image[:, :, ::-1]
        pictures.append(_shown(image, *_ends(image)))
    return list(pictures)


def described(raw: Raw, split: Split) -> list[str]:
    """A few words on each sample that is no picture."""
    if isinstance(raw, dict):
        count = len(next(iter(raw.values())))
        return [
            "; ".join(f"{name}: {_numbers(array[i])}" for name, array in raw.items())
            for i in range(count)
        ]
    if split.dtype == "text":
        return [str(text)[:TEXT] for text in raw]
    return [_numbers(np.asarray(one)) for one in raw]


def _numbers(array: Array) -> str:
    flat = array.reshape(-1)
    shown = ", ".join(f"{value:.4g}" for value in flat[:_NUMBERS].tolist())
    return f"{shown}, …" if flat.size > _NUMBERS else shown


def _as_image(sample: Array, split: Split, preprocessing: Preprocessing) -> Array | None:
    """`[h, w, channels]`, values as stored."""
    if split.decodes:
        return sample if sample.ndim == 3 else sample[:, :, None]
    readings = arrangements(sample.shape, preprocessing)
    axes = readings[0].source if readings else natural_axes(sample.shape)
    if readings and readings[0].unflatten:
        lengths = dict(zip(readings[0].target, readings[0].shape, strict=True))
        sides = [lengths[axis] for axis in axes]
        if all(isinstance(side, int) for side in sides):
            sample = sample.reshape([int(side) for side in sides])
    if not _is_picture(axes, sample.shape) or sample.dtype.kind not in "buif":
        return None
    return _channels_last(sample, axes)


def _is_picture(axes: str, shape: Sequence[int]) -> bool:
    """Height, width and perhaps a few channels, neither of them tiny."""
    if len(axes) != len(shape) or not {"H", "W"} <= set(axes) or set(axes) - set("HWC"):
        return False
    return min(shape[axes.index("H")], shape[axes.index("W")]) > 1


def _channels_last(sample: Array, axes: str) -> Array:
    if "C" not in axes:
        sample, axes = sample[..., None], f"{axes}C"
    return sample.transpose([axes.index(axis) for axis in "HWC"])


def _brightness(images: Sequence[Array]) -> tuple[float, float]:
    """The values that are black and white in all of these: 0 and 255, 0 and 1, or their ends."""
    ends = [_ends(image) for image in images]
    low = min((one[0] for one in ends), default=0.0)
    high = max((one[1] for one in ends), default=0.0)
    whole = bool(images) and images[0].dtype.kind in "bui"
    if whole and images[0].dtype == np.uint8 and high > _DARK:
        return 0.0, 255.0
    if not whole and low >= 0 and high <= 1:
        return 0.0, 1.0
    return min(low, 0.0) if low >= 0 else low, high


def _ends(image: Array) -> tuple[float, float]:
    finite = image[np.isfinite(image)] if image.dtype.kind == "f" else image
    if not finite.size:
        return 0.0, 0.0
    return float(finite.min()), float(finite.max())


def _shown(image: Array, low: float, high: float) -> Picture:
    """`[h, w, 3]`, not larger than `SIDE`."""
    step = max(1, min(image.shape[:2]) // (4 * SIDE))
    image = image[::step, ::step]
    if image.dtype != np.uint8 or (low, high) != (0.0, 255.0):
        span = high - low
        scaled = (image.astype(np.float32) - low) * (255 / span if span > 0 else 0)
        image = np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255)
        image = image.round().astype(np.uint8)
    colored = image.shape[2] >= 3
    pixels = image[:, :, :3] if colored else np.repeat(image[:, :, :1], 3, axis=2)
    if max(pixels.shape[:2]) > SIDE:
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        picture.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        return np.array(picture)
    return np.array(pixels, np.uint8, order="C")
