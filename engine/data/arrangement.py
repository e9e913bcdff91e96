"""Which axis of a stored sample is which axis of the network's input.

Axes are letters: a stored sample `HWC` goes into a network `CHW`; a vector `C` may hold either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.preprocessing import ChannelOrder, Preprocessing

Dims = tuple[int | str, ...]
COLORS = (3, 1, 4)
"""Numbers of channels that an image has, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """One reading of the stored samples that fits the network.

    Attributes:
        source: Axes of a stored sample; for a flat one the axes that it is flattened from.
        target: Axes of the network's sample.
        shape: Of the network's sample; names where it varies.
        unflatten: Stored samples are vectors that hold `source`.
        flatten: The network takes a vector of what is stored.
    """

    source: str
    target: str
    shape: Dims
    unflatten: bool = False
    flatten: bool = False


def natural_axes(shape: Dims) -> str:
    """What the axes of a sample most likely are, by their number and lengths."""
    if len(shape) == 3:
        channels = next((c for c in COLORS if c in (shape[0], shape[2])), None)
        return "HWC" if shape[2] == channels and shape[0] != channels else "CHW"
    return {0: "", 1: "C", 2: "HW", 4: "CDHW"}.get(len(shape), "")


def network_axes(preprocessing: Preprocessing) -> str:
    """Axes of the network's sample, without N: as said, else by the shape."""
    if preprocessing.layout:
        return preprocessing.layout[1:]
    shape = preprocessing.sample_shape
    return "CL" if len(shape) == 2 else natural_axes(shape)


def arrangements(stored: tuple[int, ...], preprocessing: Preprocessing) -> list[Arrangement]:
    """All readings of a stored sample that fit the network's input, the likeliest first.

    Args:
        stored: Shape of one stored sample.
        preprocessing: Layout and shape of the network's input; `data_layout`, if it is known.
    """
    target = network_axes(preprocessing)
    shape = preprocessing.sample_shape
    if not target and not shape:
        axes = natural_axes(stored)
        return [Arrangement(axes, axes, stored)]
    if len(shape) != len(target):
        shape = shape or tuple(axis.lower() for axis in target)
        if len(shape) != len(target):
            return [Arrangement("", "", shape)] if _agree(stored, shape) else []
    said = preprocessing.data_layout
    size = _size(shape)
    if len(stored) == len(target):
        sources = [said] if said else _orders(target)
        found = [s for s in sources if _fits(s, stored, target, shape, preprocessing)]
        return [Arrangement(s, target, shape) for s in found]
    if len(stored) == len(target) - 1 and "C" in target and len(target) > 1:
        source = said or target.replace("C", "")
        if _fits(source, stored, target, shape, preprocessing):
            return [Arrangement(source, target, shape)]
    if target == "C" and size in (None, math.prod(stored)):
        return [Arrangement(said or natural_axes(stored), target, shape, flatten=True)]
    if len(stored) == 1 and size == stored[0] and not preprocessing.resize:
        channels = shape[target.index("C")] if "C" in target else 1
        sources = [said] if said else ([target] if channels == 1 else _orders(target))
        return [Arrangement(s, target, shape, unflatten=True) for s in sources]
    return []


def _orders(target: str) -> list[str]:
    """Channels last, first, and as the network has them; images are mostly stored channels-last."""
    rest = target.replace("C", "")
    if "C" not in target:
        return [target]
    last, first = f"{rest}C", f"C{rest}"
    likely = (last, target, first) if "W" in rest else (target, last, first)
    return list(dict.fromkeys(likely))


def _size(shape: Dims) -> int | None:
    numbers = [dim for dim in shape if isinstance(dim, int)]
    return math.prod(numbers) if len(numbers) == len(shape) else None


def _agree(stored: tuple[int, ...], shape: Dims) -> bool:
    return len(stored) == len(shape) and all(
        isinstance(want, str) or have == want for have, want in zip(stored, shape, strict=True)
    )


def _fits(
    source: str, stored: tuple[int, ...], target: str, shape: Dims, preprocessing: Preprocessing
) -> bool:
    if len(source) != len(stored) or not set(source) <= set(target):
        return False
    have = dict(zip(source, stored, strict=True))
    for axis, want in zip(target, shape, strict=True):
        if axis == "C" and "W" in target:
            if not _channels_fit(have.get("C", 1), want, preprocessing.channel_order):
                return False
        elif axis in "HW" and preprocessing.resize:
            result = dict(zip("HW", preprocessing.resize.result, strict=True))
            if want not in (result[axis], str(want)):
                return False
        elif isinstance(want, int) and have.get(axis, 1) != want:
            return False
    return True


def _channels_fit(have: int, want: int | str, order: ChannelOrder | None) -> bool:
    """Gray becomes color and the other way round only where the channel order says so."""
    if order is ChannelOrder.GRAY and have in (1, 3):
        have = 1
    elif order is not None and have in (1, 3):
        have = 3
    return isinstance(want, str) or have == want
