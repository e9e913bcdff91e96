"""Which change of the preprocessing would make data fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from engine.data.arrangement import (
    COLORS,
    Arrangement,
    arrangements,
    natural_axes,
    network_axes,
)
from engine.data.dataset import Split
from engine.data_info import Offer, apply_offer
from engine.errors import DataError
from engine.preprocessing import ChannelOrder, Preprocessing, Resize

Array = np.ndarray[Any, Any]
Change = tuple[str, Any]
EIGHT_BITS = 1 / 255
LOOKED_AT = 32
LOOKED_AT_IMAGES = 8
"""Samples that are read to see what they are like."""
CORNER = 64


class Look:
    """The first samples of a split, as they are stored.

    Attributes:
        split: Where they are from.
        samples: Arrays; of images a corner alone, since large ones are not kept together.
        stored: Shape of the first.
    """

    def __init__(self, split: Split) -> None:
        self.split = split
        self.samples: list[Array] = []
        shapes = []
        self._indices: list[int] = []
        for index in range(min(LOOKED_AT_IMAGES if split.decodes else LOOKED_AT, len(split))):
            read = split.read(np.array([index]))
            assert not isinstance(read.inputs, dict)
            for sample in map(np.asarray, read.inputs):
                shapes.append(sample.shape)
                self._indices.append(index)
                self.samples.append(sample[:CORNER, :CORNER].copy() if split.decodes else sample)
        self.stored: tuple[int, ...] = shapes[0] if shapes else ()
        self._shapes = set(shapes)

    def readings(self, preprocessing: Preprocessing) -> list[Arrangement]:
        """Readings that suit all of them, as `prepare_pixels` will see them."""
        if self.split.decodes:
            shapes = self._shapes
            if preprocessing.resize or preprocessing.channel_order:
                try:
                    shapes = self._decoded(preprocessing)
                except DataError:
                    return []
            plain = network_axes(preprocessing) == "HW" and {s[2] for s in shapes} == {1}
            shapes = {shape[:2] for shape in shapes} if plain else shapes
            axes = "HW" if plain else "HWC"
            preprocessing = preprocessing.model_copy(update={"data_layout": axes})
        else:
            shapes = self._shapes
        if len(shapes) > 1 and (self.split.decodes or not preprocessing.resize):
            return []
        found = [arrangements(shape, preprocessing) for shape in shapes]
        return min(found, key=len, default=[])

    def _decoded(self, preprocessing: Preprocessing) -> set[tuple[int, ...]]:
        shapes = set()
        for index in self._indices:
            read = self.split.read(np.array([index]), preprocessing)
            shapes |= {np.shape(image) for image in read.inputs}
        return shapes


def mending(look: Look, preprocessing: Preprocessing) -> Iterator[Offer]:
    """The fewest changes after which the samples fit."""
    groups = [list(_orders_to_try(preprocessing)), list(_sizes_to_try(look, preprocessing))]
    groups.append(list(_layouts_to_try(look, preprocessing)))
    singles = [offer for group in groups for offer in group]
    working = [o for o in singles if _works(look, preprocessing, o)]
    if not working:
        pairs = [
            Offer(f"{a.title}, {b.title[:1].lower()}{b.title[1:]}", a.changes + b.changes)
            for one, other in ((0, 1), (1, 2), (0, 2))
            for a, b in product(groups[one], groups[other])
        ]
        working = [o for o in pairs if _works(look, preprocessing, o)]
    yield from working[:6]


def _works(look: Look, preprocessing: Preprocessing, offer: Offer) -> bool:
    try:
        return bool(look.readings(apply_offer(preprocessing, offer)))
    except ValueError:  # a combination that the fields themselves forbid
        return False


def _orders_to_try(preprocessing: Preprocessing) -> Iterator[Offer]:
    axes, shape = network_axes(preprocessing), preprocessing.sample_shape
    if "W" not in axes or len(shape) != len(axes):
        return
    wanted = shape[axes.index("C")] if "C" in axes else 1
    if wanted == 3:
        yield Offer("Repeat gray on three channels", (("channel_order", ChannelOrder.RGB),))
    if wanted == 1:
        yield Offer("Convert color to gray", (("channel_order", ChannelOrder.GRAY),))


def _squares_to_try(shape: tuple[int | str, ...]) -> Iterator[Offer]:
    """Square images that flatten to a vector of this length."""
    for channels, order in ((1, ChannelOrder.GRAY), (3, ChannelOrder.RGB)):
        side = math.isqrt(shape[0] // channels) if isinstance(shape[0], int) else 0
        if side and side * side * channels == shape[0]:
            resize = Resize(size=(side, side))
            title = f"Stretch images to {side}×{side} {order} and flatten them"
            yield Offer(title, (("channel_order", order), ("resize", resize)))


def _sizes_to_try(look: Look, preprocessing: Preprocessing) -> Iterator[Offer]:
    axes, shape = network_axes(preprocessing), preprocessing.sample_shape
    if axes == "C" and look.split.decodes:
        yield from _squares_to_try(shape)
    lengths = dict(zip(axes, shape, strict=True)) if len(axes) == len(shape) else {}
    size = (lengths.get("H"), lengths.get("W"))
    if "D" in axes or not all(isinstance(side, int) for side in size):
        return
    resize = Resize.model_validate({"size": size})
    yield Offer(f"Stretch images to {size[0]}×{size[1]}", (("resize", resize),))
    cropped = Resize.model_validate({"shorter": max(int(s) for s in size if s), "crop": size})
    yield Offer(f"Scale the shorter side and crop to {size[0]}×{size[1]}", (("resize", cropped),))


def _layouts_to_try(look: Look, preprocessing: Preprocessing) -> Iterator[Offer]:
    stored = look.stored
    shape = preprocessing.sample_shape
    for axes in ("HWC", "CHW") if len(stored) == 3 else ("LC", "CL") if len(stored) == 2 else ():
        if axes != preprocessing.data_layout:
            yield Offer(f"Read each sample as {axes}", (("data_layout", axes),))
    if preprocessing.data_layout:
        yield Offer("Find the axes of the samples by their lengths", (("data_layout", ""),))
    if len(shape) == 3:
        layout = "NHWC" if shape[-1] in COLORS else "NCHW"
        if layout != preprocessing.layout:
            yield Offer(f"Take the network's input as {layout}", (("layout", layout),))
    if natural_axes(shape) == "HW":
        yield Offer("Take the network's input as NHW", (("layout", "NHW"),))


def odd_values(
    look: Look, preprocessing: Preprocessing, notes: list[str], *, whole: bool = False
) -> list[Offer]:
    """Values that fit in form, and do not look as if they were meant this way.

    Args:
        look: At the data.
        preprocessing: As it would be applied.
        notes: What is found is added.
        whole: The network takes whole numbers, so that pixels need no scale.
    """
    flat = np.concatenate([np.ravel(sample) for sample in look.samples]).astype(np.float64)
    broken = int((~np.isfinite(flat)).sum())
    if broken:
        notes.append(f"{broken} of the {flat.size} values looked at are not finite numbers (NaN).")
        flat = flat[np.isfinite(flat)]
    if look.split.prepared or whole or not flat.size:
        return []
    scale = 1.0 if preprocessing.scale is None else preprocessing.scale
    low, high = float(flat.min()), float(flat.max())
    if look.samples[0].dtype.kind == "f" and high <= 1.0 and 0 < scale < 0.1:
        notes.append(f"Stored values are {low:.3g}…{high:.3g} already, and scale is {scale:.4g}.")
        if low < 0:
            plain: tuple[Change, ...] = (("scale", 1.0), ("mean", ()), ("std", ()))
            return [Offer("Take the values as prepared already", plain)]
        return [Offer("Leave the scale of the values alone", (("scale", 1.0),))]
    small_mean = bool(preprocessing.mean) and max(preprocessing.mean) <= 1
    eight_bits = low >= 0 and 2 < high <= 255 and bool((flat == np.floor(flat)).all())
    pixels = small_mean or (preprocessing.scale is None and "W" in network_axes(preprocessing))
    if eight_bits and pixels and scale == 1.0:
        notes.append(f"Values are whole numbers up to {high:.0f}, and they are not scaled.")
        return [Offer("Multiply pixels by 1/255", (("scale", EIGHT_BITS),))]
    return []
