"""Encoded images → pixels: decoding with limits, channel order, resizing and cropping."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from engine.preprocessing import ChannelOrder, Interpolation, Preprocessing, Resize

Array = np.ndarray[Any, Any]
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What is decoded; the others of Pillow's formats have no place in a data set, and EPS would start
another program."""
EXTENSIONS = (
    *(".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"),
)
MOST_PIXELS = 64_000_000
FILTERS = {
    Interpolation.NEAREST: Image.Resampling.NEAREST,
    Interpolation.BILINEAR: Image.Resampling.BILINEAR,
    Interpolation.BICUBIC: Image.Resampling.BICUBIC,
    Interpolation.LANCZOS: Image.Resampling.LANCZOS,
}
LUMA = np.array([299, 587, 114], np.float32) / 1000
"""ITU-R 601-2: what Pillow makes gray of color with."""

# Pillow warns above its limit and refuses above twice that: a warning nobody sees helps nobody.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class Unreadable(Exception):
    """An image that cannot be decoded; the text ends a sentence that starts with its name."""


def is_image(name: str) -> bool:
    """Whether a file's ending says so."""
    return name.lower().endswith(EXTENSIONS)


def decode(source: Path | bytes, preprocessing: Preprocessing | None = None) -> Array:
    """Decode one image: uint8 `[H, W, C]`, C 1 for gray and 3 for RGB (or BGR, if that is asked).

    Args:
        source: A file, or the bytes of one.
        preprocessing: What to bring it to; None: as it is.

    Raises:
        Unreadable: Damaged, too large, or not an image.
    """
    try:
        opened = source if isinstance(source, Path) else io.BytesIO(source)
        with Image.open(opened, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable(f"has {image.width}×{image.height} pixels, which is too many.")
            image.load()
            return _pixels(image, preprocessing)
    except Unreadable:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unreadable("has far too many pixels.") from None
    except UnidentifiedImageError:
        raise Unreadable("is not an image that can be decoded.") from None
    except OSError as error:
        text = error.strerror or "it is damaged or cut short"
        raise Unreadable(f"cannot be decoded: {text}.") from None
    except Exception:  # noqa: BLE001  (Pillow's decoders raise anything on damaged files)
        raise Unreadable("cannot be decoded: it is damaged.") from None


def _pixels(image: Image.Image, preprocessing: Preprocessing | None) -> Array:
    wanted = preprocessing.channel_order if preprocessing else None
    gray = image.mode in ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")
    if image.mode.startswith("I"):
        # Pillow would clip 16 bits at 255
        wide = np.asarray(image).astype(np.int64)
        image = Image.fromarray((wide.clip(0, 65535) >> 8).astype(np.uint8))
    mode = "L" if wanted is ChannelOrder.GRAY or (wanted is None and gray) else "RGB"
    image = image.convert(mode)
    if preprocessing and preprocessing.resize:
        image = _resized(image, preprocessing.resize)
    pixels = np.asarray(image)
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    return np.ascontiguousarray(pixels[:, :, ::-1]) if wanted is ChannelOrder.BGR else pixels


def _resized(image: Image.Image, resize: Resize) -> Image.Image:
    """Stretch, or scale the shorter side and crop the center, rounding as torchvision does."""
    chosen = FILTERS[resize.interpolation]
    if resize.size:
        height, width = resize.size
        same = (width, height) == image.size
        return image if same else image.resize((width, height), chosen)
    short, long = sorted(image.size)
    shorter = resize.shorter or short
    longer = max(int(shorter * long / short), shorter)
    if longer * shorter > MOST_PIXELS:
        raise Unreadable(f"is {image.width}×{image.height}, too long and thin to be resized.")
    size = (shorter, longer) if image.width <= image.height else (longer, shorter)
    image = image if size == image.size else image.resize(size, chosen)
    height, width = resize.result
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def reshaped(pixels: Array, preprocessing: Preprocessing) -> Array:
    """The same for one image that is an array already: `[H, W, C]` of any type → `[H', W', C']`.

    Color is taken to be RGB.
    """
    order = preprocessing.channel_order
    channels = pixels.shape[2]
    if order is ChannelOrder.GRAY and channels == 3:
        gray = pixels.astype(np.float32) @ LUMA
        whole = np.issubdtype(pixels.dtype, np.integer)
        pixels = (gray.round() if whole else gray).astype(pixels.dtype)[:, :, None]
    elif order in (ChannelOrder.RGB, ChannelOrder.BGR) and channels == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    elif order is ChannelOrder.BGR and channels == 3:
        pixels = pixels[:, :, ::-1]
    resize = preprocessing.resize
    if resize is None:
        return pixels
    planes = [np.asarray(_resized(_plane(pixels[:, :, c]), resize)) for c in range(pixels.shape[2])]
    return np.stack(planes, axis=2).astype(pixels.dtype, copy=False)


def _plane(values: Array) -> Image.Image:
    """One channel as an image that Pillow can resize: 8 bits, or float."""
    kept = values if values.dtype == np.uint8 else values.astype(np.float32)
    return Image.fromarray(np.ascontiguousarray(kept))
