"""Padding, and cropping to a given size."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import Size, absent, axes_of, scalar
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, op, tensor

_TORCH_MODES = {"reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@op("Pad")
@op("Pad", domain="com.microsoft")
def pad(
    call: Call, x: Value, pads: Value = None, value: Value = None, axes: Value = None
) -> torch.Tensor:
    """Padding by `mode`; pads and value are attributes before opset 11. Negative pads crop."""
    x, mode = tensor(x), call.get("mode", "constant")
    if call.opset < 11 and not call.domain:
        pads, value = tuple(call.get("pads", pads)), call.get("value", 0.0)
    amounts = ints(pads)
    chosen = list(range(x.dim())) if absent(axes) else axes_of(axes, x.dim())
    count = len(chosen)
    before, after = [0] * x.dim(), [0] * x.dim()
    for place, axis in enumerate(chosen):
        before[axis], after[axis] = amounts[place], amounts[place + count]
    if mode == "constant":
        return _constant(x, before, after, scalar(value))
    if mode not in _TORCH_MODES:
        raise UnsupportedOp(f"padding mode {mode} is unknown")
    return _repeated(x, before, after, mode)


def _constant(x: torch.Tensor, before: list[Size], after: list[Size], value: Any) -> torch.Tensor:
    both = [p for pair in zip(reversed(before), reversed(after), strict=True) for p in pair]
    while both and isinstance(both[-1], int) and both[-1] == 0:
        both.pop()
    both += [0] * (len(both) % 2)
    if not isinstance(value, torch.Tensor):
        return F.pad(x, both, value=0 if value is None else value)
    inside = F.pad(torch.ones_like(x, dtype=torch.bool), both)
    return torch.where(inside, F.pad(x, both), value.to(x.dtype))


def _repeated(x: torch.Tensor, before: list[Size], after: list[Size], mode: str) -> torch.Tensor:
    """Padding with the tensor's own values: negative amounts crop first."""
    for axis, (low, high) in enumerate(zip(before, after, strict=True)):
        crop_low, crop_high = max(-low, 0), max(-high, 0)
        if crop_low or crop_high:
            x = x.narrow(axis, crop_low, x.shape[axis] - crop_low - crop_high)
    grown = [
        (axis, max(low, 0), max(high, 0))
        for axis, (low, high) in enumerate(zip(before, after, strict=True))
        if low > 0 or high > 0
    ]
    if _torch_can(x, grown, mode):
        both = [0] * (2 * (x.dim() - grown[0][0]))
        for axis, low, high in grown:
            both[2 * (x.dim() - 1 - axis) : 2 * (x.dim() - axis)] = [low, high]
        return F.pad(x, _spatial(both, x.dim()), _TORCH_MODES[mode])
    for axis, low, high in grown:
        x = x.index_select(axis, _places(x.shape[axis], low, high, mode, x.device))
    return x


def _torch_can(x: torch.Tensor, grown: list[tuple[int, Size, Size]], mode: str) -> bool:
    """Whether torch pads exactly these axes: spatial ones, by less than their size."""
    if not grown or not x.is_floating_point() or x.dim() not in (3, 4, 5) or grown[0][0] < 2:
        return False
    sizes = [(x.shape[axis], max(low, high)) for axis, low, high in grown]
    return mode == "edge" or all(isinstance(s, int) and most < s for s, most in sizes)


def _spatial(both: list[Size], rank: int) -> list[Size]:
    return both + [0] * (2 * (rank - 2) - len(both))


def _places(size: Size, low: Size, high: Size, mode: str, device: torch.device) -> torch.Tensor:
    """Which source element each padded position takes."""
    place = torch.arange(-low, size + high, device=device)
    if mode == "edge":
        return place.clamp(0, size - 1)
    if mode == "wrap":
        return torch.remainder(place, size)
    if isinstance(size, int) and size == 1:
        return torch.zeros_like(place)
    place = place % (2 * (size - 1))
    return torch.minimum(place, 2 * (size - 1) - place)


@op("CenterCropPad")
def center_crop_pad(call: Call, x: Value, shape: Value) -> torch.Tensor:
    """Cropped or zero-padded around the center to `shape`."""
    x, wanted = tensor(x), ints(shape)
    axes = axes_of(tuple(call.get("axes") or range(x.dim())), x.dim())
    before, after = [0] * x.dim(), [0] * x.dim()
    for axis, want in zip(axes, wanted, strict=True):
        have = x.shape[axis]
        if want <= have:
            before[axis] = -((have - want) // 2)
        else:
            before[axis] = (want - have) // 2
        after[axis] = want - have - before[axis]
    return _constant(x, before, after, None)
