"""Which change of the preprocessing would make data fit."""

from __future__ import annotations

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
from engine.data.dataset import Samples, Split
from engine.errors import DataError
from engine.preprocessing import ChannelOrder, Offer, Preprocessing, Resize, apply_offer

Array = np.ndarray[Any, Any]
Change = tuple[str, Any]
EIGHT_BITS = 1 / 255


class Look:
    """A few samples of a split, as they are stored.

    Attributes:
        split: Where they are from.
        samples: Arrays.
        stored: Shape of the first.
    """

    def __init__(self, split: Split, samples: Samples) -> None:
        assert not isinstance(samples.inputs, dict)
        self.split = split
        self.samples: list[Array] = [np.asarray(sample) for sample in samples.inputs]
        self.stored: tuple[int, ...] = self.samples[0].shape
        self._indices = samples.indices

    def readings(self, preprocessing: Preprocessing) -> list[Arrangement]:
        """Readings that suit all of them, as `prepare_pixels` will see them."""
        if self.split.decodes:
            try:
                decoded = self.split.read(self._indices, preprocessing).inputs
            except DataError:
                return []
            shapes = {np.shape(image) for image in decoded}
            plain = network_axes(preprocessing) == "HW" and {s[2] for s in shapes} == {1}
            shapes = {shape[:2] for shape in shapes} if plain else shapes
            axes = "HW" if plain else "HWC"
            preprocessing = preprocessing.model_copy(update={"data_layout": axes})
        else:
            shapes = {sample.shape for sample in self.samples}
        if len(shapes) > 1 and (self.split.decodes or not preprocessing.resize):
            return []
        found = [arrangements(shape, preprocessing) for shape in shapes]
        return min(found, key=len, default=[])


def mending(look: Look, preprocessing: Preprocessing) -> Iterator[Offer]:
    """The fewest changes after which the samples fit."""
    groups = [list(_orders_to_try(preprocessing)), list(_sizes_to_try(preprocessing))]
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


def _sizes_to_try(preprocessing: Preprocessing) -> Iterator[Offer]:
    axes, shape = network_axes(preprocessing), preprocessing.sample_shape
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


def odd_values(look: Look, preprocessing: Preprocessing, notes: list[str]) -> list[Offer]:
    """Values that fit in form, and do not look as if they were meant this way."""
    flat = np.concatenate([np.ravel(sample) for sample in look.samples]).astype(np.float64)
    broken = int((~np.isfinite(flat)).sum())
    if broken:
        notes.append(f"{broken} of the {flat.size} values looked at are not finite numbers (NaN).")
        flat = flat[np.isfinite(flat)]
    if look.split.prepared or not flat.size:
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
    if high > 2 and scale == 1.0 and small_mean and look.samples[0].dtype.kind in "iu":
        notes.append(f"Pixels go up to {high:.0f}, and scale is 1 with a mean below 1.")
        return [Offer("Multiply pixels by 1/255", (("scale", EIGHT_BITS),))]
    return []
