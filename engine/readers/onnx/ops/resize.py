"""Resize and Upsample: every mode, axis by axis, differentiable.

Each axis becomes a weighted sum of a few gathered slices, with ONNX's own formulas for the
positions. Where torch's `interpolate` computes exactly the same, that is used: it is faster, and
stays recognizable in the graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch.fx.experimental.symbolic_shapes import statically_known_true

from engine.readers.onnx.ops.values import Size, absent, axes_of, floats
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, op, tensor


@dataclass(frozen=True, slots=True)
class Axis:
    """How one axis is resized.

    Attributes:
        axis: Which.
        size: Its size now.
        new: Its size afterwards.
        scale: New ÷ old, as given; sizes are rounded, this is not.
        start: Of the region of interest, as a share of the axis.
        end: Likewise.
    """

    axis: int
    size: Size
    new: Size
    scale: Any
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """The attributes that say how values between the samples are made."""

    mode: str
    transform: str
    nearest: str
    cubic: float
    exclude_outside: bool
    antialias: bool
    outside: float

    @classmethod
    def of(cls, call: Call) -> Style:
        """The style that a Resize or Upsample node asks for."""
        simple = call.op == "Upsample" or call.opset < 11
        mode = call.get("mode", "nearest")
        if mode not in ("nearest", "linear", "cubic"):
            raise UnsupportedOp(f"resize mode {mode} is unknown")
        return cls(
            mode=mode,
            transform="asymmetric"
            if simple
            else call.get("coordinate_transformation_mode", "half_pixel"),
            nearest="simple" if simple else call.get("nearest_mode", "round_prefer_floor"),
            cubic=call.get("cubic_coeff_a", -0.75),
            exclude_outside=bool(call.get("exclude_outside", 0)),
            antialias=bool(call.get("antialias", 0)),
            outside=call.get("extrapolation_value", 0.0),
        )


@op("Upsample")
def upsample(call: Call, x: Value, scales: Value = None) -> torch.Tensor:
    """Resize of opset 9 and before: asymmetric, rounding down."""
    x = tensor(x)
    given = scales if scales is not None else tuple(call.get("scales", ()))
    return _resized(x, _by_scales(x, given, list(range(x.dim()))), Style.of(call))


@op("Resize")
def resize(call: Call, x: Value, *inputs: Value) -> torch.Tensor:
    """Resize to `sizes` or by `scales`; opset 10 has scales alone."""
    x = tensor(x)
    roi, scales, sizes = (
        (*inputs, None, None, None)[:3]
        if call.opset > 10
        else (
            None,
            inputs[0],
            None,
        )
    )
    axes = axes_of(tuple(call.get("axes") or range(x.dim())), x.dim())
    if absent(sizes):
        plan = _by_scales(x, scales, axes)
    else:
        plan = _by_sizes(x, ints(sizes), axes, call.get("keep_aspect_ratio_policy", "stretch"))
    style = Style.of(call)
    if style.transform == "tf_crop_and_resize":
        plan = _with_region(plan, floats(roi, "the region of a Resize"))
    return _resized(x, plan, style)


def _by_scales(x: torch.Tensor, scales: Value, axes: list[int]) -> list[Axis]:
    factors = floats(scales, "the scale of a Resize")
    plan = []
    for axis, factor in zip(axes, factors, strict=True):
        size = x.shape[axis]
        plan.append(Axis(axis, size, _times(size, factor), factor))
    return plan


def _times(size: Size, factor: float) -> Size:
    """A scaled size, rounded down after single-precision rounding, as in the runtime."""
    if factor == int(factor):
        return size * int(factor)
    if isinstance(size, int):
        return int(np.float32(size) * np.float32(factor))
    return math.floor(size * factor)


def _by_sizes(x: torch.Tensor, sizes: list[Size], axes: list[int], policy: str) -> list[Axis]:
    old = [x.shape[a] for a in axes]
    if policy == "stretch":
        steps = zip(axes, old, sizes, strict=True)
        return [
            Axis(a, have, want, 1.0 if statically_known_true(want == have) else want / have)
            for a, have, want in steps
        ]
    choose = min if policy == "not_larger" else max
    scale = choose(want / have for want, have in zip(sizes, old, strict=True))
    return [
        Axis(a, have, math.floor(scale * have + 0.5), scale)
        for a, have in zip(axes, old, strict=True)
    ]


def _with_region(plan: list[Axis], roi: list[float]) -> list[Axis]:
    count = len(plan)
    return [
        Axis(p.axis, p.size, p.new, p.scale, roi[i], roi[count + i]) for i, p in enumerate(plan)
    ]


def _resized(x: torch.Tensor, plan: list[Axis], style: Style) -> torch.Tensor:
    crops = style.transform == "tf_crop_and_resize"
    todo = [p for p in plan if crops or not _unchanged(p)]
    if not todo:
        return x
    y = _by_torch(x, todo, style)
    if y is not None:
        return y
    wide = x if x.dtype in (torch.float32, torch.float64) else x.float()
    inside: torch.Tensor | None = None
    for step in todo:
        place = _positions(step, style, wide)
        if crops:
            within = (place >= 0) & (place <= step.size - 1)
            shape = [1] * x.dim()
            shape[step.axis] = -1
            within = within.reshape(shape)
            inside = within if inside is None else inside & within
        wide = _along(wide, step, place, style)
    if inside is not None:
        wide = torch.where(inside, wide, style.outside)
    if not x.is_floating_point():
        wide = _saturated(wide, x.dtype)
    return wide.to(x.dtype)


def _unchanged(step: Axis) -> bool:
    return isinstance(step.scale, float) and step.scale == 1.0


def _saturated(x: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    bounds = torch.iinfo(dtype)
    return x.clamp(bounds.min, bounds.max)


def _by_torch(x: torch.Tensor, plan: list[Axis], style: Style) -> torch.Tensor | None:
    """`F.interpolate`, if it gives exactly ONNX's result; else None."""
    rank = x.dim() - 2
    spatial = {p.axis: p for p in plan}
    if rank not in (1, 2, 3) or min(spatial) < 2 or style.antialias or not x.is_floating_point():
        return None
    if not all(isinstance(p.size, int) and p.new == p.size * p.scale for p in plan):
        return None
    sizes = [spatial[a].new if a in spatial else x.shape[a] for a in range(2, x.dim())]
    whole = all(p.new % p.size == 0 for p in plan)
    mode = ("linear", "bilinear", "trilinear")[rank - 1]
    if style.mode == "nearest":
        exact = whole and style.transform == "asymmetric" and style.nearest in ("floor", "simple")
        return F.interpolate(x, sizes, mode="nearest") if exact else None
    if style.mode == "cubic":
        if rank != 2 or len(plan) != 2 or style.cubic != -0.75 or style.exclude_outside:
            return None
        mode = "bicubic"
    if style.transform == "align_corners" and all(p.new > 1 for p in plan):
        return F.interpolate(x, sizes, mode=mode, align_corners=True)
    half = style.transform == "half_pixel" or (
        style.transform == "pytorch_half_pixel" and all(p.new > 1 for p in plan)
    )
    return F.interpolate(x, sizes, mode=mode, align_corners=False) if half else None


def _positions(step: Axis, style: Style, x: torch.Tensor) -> torch.Tensor:
    """Where each new sample lies among the old ones; float, in samples."""
    place = torch.arange(step.new, dtype=x.dtype, device=x.device)
    y: torch.Tensor = _moved(step, style.transform, place)
    return y


def _moved(step: Axis, kind: str, place: Any) -> Any:
    """The coordinate transformation `kind`; `Any`, since sizes may be symbolic."""
    size, new, scale = step.size, step.new, step.scale
    if kind == "asymmetric":
        return place / scale
    if kind == "align_corners":
        return place * (size - 1) / (new - 1) if new != 1 else place * 0
    if kind == "tf_half_pixel_for_nn":
        return (place + 0.5) / scale
    if kind == "tf_crop_and_resize":
        if new == 1:
            return place + 0.5 * (step.start + step.end) * (size - 1)
        span = float(np.float32(step.end) - np.float32(step.start))
        return step.start * (size - 1) + place * span * (size - 1) / (new - 1)
    if kind == "pytorch_half_pixel" and new == 1:
        return place * 0
    if kind == "half_pixel_symmetric":
        shift = size / 2 * (1 - new / (scale * size))
        return shift + (place + 0.5) / scale - 0.5
    if kind not in ("half_pixel", "pytorch_half_pixel"):
        raise UnsupportedOp(f"coordinate transformation {kind} is unknown")
    return (place + 0.5) / scale - 0.5


def _along(x: torch.Tensor, step: Axis, place: torch.Tensor, style: Style) -> torch.Tensor:
    """One axis resized: a weighted sum over the taps of its filter."""
    if style.mode == "nearest":
        index = _nearest(place, style.nearest, shrinks=step.new < step.size).clamp(0, step.size - 1)
        return x.index_select(step.axis, index.to(torch.int64))
    taps, weights = _filter(step, place, style)
    shape = [1] * x.dim()
    shape[step.axis] = -1
    total: torch.Tensor | None = None
    for tap, weight in zip(taps, weights, strict=True):
        part = x.index_select(step.axis, tap) * weight.reshape(shape)
        total = part if total is None else total + part
    assert total is not None
    return total


def _nearest(place: torch.Tensor, mode: str, *, shrinks: bool) -> torch.Tensor:
    if mode == "round_prefer_floor":
        return torch.ceil(place - 0.5)
    if mode == "round_prefer_ceil":
        return torch.floor(place + 0.5)
    if mode == "floor":
        return torch.floor(place)
    if mode == "ceil":
        return torch.ceil(place)
    if mode == "simple":  # before opset 11: not in the standard, but so does the runtime
        return torch.ceil(place) if shrinks else torch.floor(place)
    raise UnsupportedOp(f"nearest mode {mode} is unknown")


def _filter(
    step: Axis, place: torch.Tensor, style: Style
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """The filter's taps (indices) and weights, each of the axis' new size."""
    squeeze = min(step.scale, 1.0) if style.antialias else 1.0  # a wider filter when it shrinks
    reach = 1 if style.mode == "linear" else 2
    span = math.ceil(reach / squeeze)
    base = torch.floor(place)
    taps, weights = [], []
    for offset in range(1 - span, span + 1):
        tap = base + offset
        distance = (tap - place).abs() * squeeze
        weight = _kernel(distance, style)
        outside = (tap < 0) | (tap > step.size - 1)
        if style.exclude_outside:
            weight = torch.where(outside, torch.zeros_like(weight), weight)
        taps.append(tap.clamp(0, step.size - 1).to(torch.int64))
        weights.append(weight)
    if style.exclude_outside or style.antialias:
        total = torch.stack(weights).sum(0)
        weights = [w / total for w in weights]
    return taps, weights


def _kernel(distance: torch.Tensor, style: Style) -> torch.Tensor:
    """The filter's weight at a distance ≥ 0, in samples."""
    zero = torch.zeros_like(distance)
    if style.mode == "linear":
        return torch.maximum(1 - distance, zero)
    a, d = style.cubic, distance
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return torch.where(d <= 1, near, torch.where(d < 2, far, zero))
