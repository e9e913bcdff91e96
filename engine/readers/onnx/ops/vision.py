"""Operators on images and their regions."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.spatial import padded, window
from engine.readers.onnx.ops.values import Size, indices, like, optional_like
from engine.readers.onnx.table import Call, UnsupportedOp, Value, ints, op, tensor


@op("DepthToSpace")
def depth_to_space(call: Call, x: Value) -> torch.Tensor:
    """Blocks of channels to blocks of pixels; CRD is torch's pixel shuffle."""
    x, block = tensor(x), call.get("blocksize")
    if call.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, block)
    n, channels, height, width = x.shape
    parts = x.reshape(n, block, block, channels // block**2, height, width)
    parts = parts.permute(0, 3, 4, 1, 5, 2)  # [N, C, H, block, W, block]
    return parts.reshape(n, channels // block**2, height * block, width * block)


@op("SpaceToDepth")
def space_to_depth(call: Call, x: Value) -> torch.Tensor:
    """Blocks of pixels to blocks of channels, the block's position first, or last (CRD)."""
    x, block = tensor(x), call.get("blocksize")
    if call.get("mode", "DCR") == "CRD":
        return F.pixel_unshuffle(x, block)
    n, channels, height, width = x.shape
    parts = x.reshape(n, channels, height // block, block, width // block, block)
    parts = parts.permute(0, 3, 5, 1, 2, 4)  # [N, block, block, C, H, W]
    return parts.reshape(n, channels * block**2, height // block, width // block)


_GRID_MODES = {
    "bilinear": "bilinear",
    "linear": "bilinear",
    "nearest": "nearest",
    "bicubic": "bicubic",
    "cubic": "bicubic",
}


@op("GridSample")
@op("GridSample", domain="com.microsoft")
def grid_sample(call: Call, x: Value, grid: Value) -> torch.Tensor:
    """Values of x at the positions of a grid."""
    x = tensor(x)
    mode = _GRID_MODES[call.get("mode", "linear")]
    if x.dim() not in (4, 5) or (mode == "bicubic" and x.dim() == 5):
        raise UnsupportedOp(f"{mode} grid sampling of a rank {x.dim()} tensor")
    return F.grid_sample(
        x,
        like(grid, x),
        mode=mode,
        padding_mode=call.get("padding_mode", "zeros"),
        align_corners=bool(call.get("align_corners", 0)),
    )


@op("AffineGrid")
def affine_grid(call: Call, theta: Value, size: Value) -> torch.Tensor:
    """A grid of positions under affine maps, one for each sample."""
    return F.affine_grid(tensor(theta), ints(size), bool(call.get("align_corners", 0)))


@op("Col2Im")
def col2im(call: Call, x: Value, image_shape: Value, block_shape: Value) -> torch.Tensor:
    """Sums of overlapping blocks: x `[N, C·∏block, L]` → `[N, C, *image]`."""
    x, image, block = tensor(x), ints(image_shape), ints(block_shape)
    rank = len(image)
    shape = window(call, image, block)
    whole = [size + h + t for size, h, t in zip(image, shape.head, shape.tail, strict=True)]
    place = torch.zeros([1] * (2 * rank), dtype=torch.int64, device=x.device)
    for axis in range(rank):
        span = (block[axis] - 1) * shape.dilations[axis] + 1
        starts = torch.arange(0, whole[axis] - span + 1, shape.strides[axis], device=x.device)
        steps = torch.arange(block[axis], device=x.device) * shape.dilations[axis]
        form = [1] * (2 * rank)
        form[axis], form[rank + axis] = block[axis], starts.shape[0]
        place = place * whole[axis] + (steps[:, None] + starts).reshape(form)
    flat = x.reshape(x.shape[0], -1, math.prod(block) * x.shape[2])  # [N, C, ∏block · L]
    canvas = x.new_zeros(flat.shape[0], flat.shape[1], math.prod(whole))
    canvas = canvas.index_add(2, place.reshape(-1), flat)
    y = canvas.reshape(flat.shape[0], flat.shape[1], *whole)
    for axis in range(rank):
        y = y.narrow(2 + axis, shape.head[axis], image[axis])
    return y


@op("RoiAlign")
def roi_align(call: Call, x: Value, rois: Value, batch: Value) -> torch.Tensor:
    """Regions, sampled bilinearly into a fixed grid (He et al. 2017, arXiv:1703.06870).

    Args:
        call: Attributes as in ONNX; `sampling_ratio` must be given, since 0 lets the number of
            samples depend on the region.
        x: `[N, C, H, W]`.
        rois: `[R, 4]`: x1, y1, x2, y2 in input pixels.
        batch: `[R]`: the sample of each region.

    Returns:
        `[R, C, output_height, output_width]`.
    """
    x = tensor(x)
    boxes, ratio = like(rois, x) * call.get("spatial_scale", 1.0), call.get("sampling_ratio", 0)
    if ratio <= 0:
        raise UnsupportedOp("RoiAlign's number of samples depends on the regions' sizes")
    default = "half_pixel" if call.opset >= 16 else "output_half_pixel"
    half = call.get("coordinate_transformation_mode", default) == "half_pixel"
    boxes = boxes - 0.5 if half else boxes
    extent = boxes[:, 2:] - boxes[:, :2]
    extent = extent if half else extent.clamp(min=1.0)
    out = (call.get("output_height", 1), call.get("output_width", 1))
    rows, columns = (
        boxes[:, 1 - i, None]
        + (torch.arange(n * ratio, device=x.device, dtype=x.dtype) + 0.5)
        * (extent[:, 1 - i, None] / (n * ratio))
        for i, n in enumerate(out)
    )  # [R, output · ratio]
    picked = x.index_select(0, indices(batch, x))  # [R, C, H, W]
    low_h, high_h, low_w, high_w = (*_edges(rows, x.shape[2]), *_edges(columns, x.shape[3]))
    form = (*boxes.shape[:1], x.shape[1], out[0], ratio, out[1], ratio)
    corners = [
        (_pick(picked, ih, iw) * (wh[:, :, None] * ww[:, None, :])[:, None]).reshape(form)
        for ih, wh in (low_h, high_h)
        for iw, ww in (low_w, high_w)
    ]
    if call.get("mode", "avg") == "avg":
        return torch.stack(corners).sum(0).mean((3, 5))
    return torch.stack(corners).amax((0, 4, 6))  # ONNX takes the largest weighted corner


def _edges(
    place: torch.Tensor, size: Size
) -> tuple[tuple[torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]]:
    """The two neighbors of each position and their weights, 0 outside the image."""
    inside = ((place >= -1) & (place <= size)).to(place.dtype)
    place = place.clamp(min=0)
    low = place.floor().to(torch.int64).clamp(max=size - 1)
    high = (low + 1).clamp(max=size - 1)
    share = torch.where(low >= size - 1, torch.zeros_like(place), place - low)
    return (low, (1 - share) * inside), (high, share * inside)


def _pick(x: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """`x[r, :, rows[r], columns[r]]` for every pair: `[R, C, rows, columns]`."""
    channels, width = x.shape[1], x.shape[3]
    at_rows = rows[:, None, :, None].expand(-1, channels, -1, width)
    lines = x.gather(2, at_rows)
    return lines.gather(3, columns[:, None, None, :].expand(-1, channels, rows.shape[1], -1))


@op("DeformConv")
def deform_conv(
    call: Call, x: Value, weight: Value, offset: Value, bias: Value = None, mask: Value = None
) -> torch.Tensor:
    """Deformable convolution (Dai et al. 2017, arXiv:1703.06211; mask: Zhu et al. 2019).

    Args:
        call: Attributes as in ONNX.
        x: `[N, C_in, H, W]`.
        weight: `[C_out, C_in/group, kH, kW]`.
        offset: `[N, offset_group·kH·kW·2, oH, oW]`: row and column of each tap.
        bias: `[C_out]`.
        mask: `[N, offset_group·kH·kW, oH, oW]`, multiplied onto the taps.

    Returns:
        `[N, C_out, oH, oW]`.
    """
    x = tensor(x)
    kernel, moves = like(weight, x), like(offset, x)
    if x.dim() != 4:
        raise UnsupportedOp(f"deformable convolution of a rank {x.dim()} tensor")
    shape = window(call, x.shape[2:], tuple(kernel.shape[2:]))
    field, groups = padded(x, shape), call.get("offset_group", 1)
    n, channels, height, width = field.shape
    out_h, out_w = moves.shape[2:]
    taps = shape.kernel[0] * shape.kernel[1]
    moves = moves.reshape(n * groups, taps, 2, out_h, out_w)
    rows = _grid(shape.kernel, shape.strides, shape.dilations, (out_h, out_w), moves)
    sampled = _bilinear(field.reshape(n * groups, channels // groups, height, width), rows)
    factor = optional_like(mask, x)
    if factor is not None:
        sampled = sampled * factor.reshape(n * groups, 1, taps, out_h, out_w)
    group = call.get("group", 1)
    columns = sampled.reshape(n, group, channels // group * taps, out_h * out_w)
    filters = kernel.reshape(group, kernel.shape[0] // group, -1)
    y = torch.einsum("ngkl,gok->ngol", columns, filters)
    y = y.reshape(n, kernel.shape[0], out_h, out_w)
    added = optional_like(bias, x)
    return y if added is None else y + added[:, None, None]


def _grid(
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    out: tuple[Size, ...],
    moves: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows and columns of every tap, in padded pixels: each `[N·groups, taps, oH, oW]`."""
    places = []
    for axis in range(2):
        steps = torch.arange(kernel[axis], device=moves.device) * dilations[axis]
        starts = torch.arange(out[axis], device=moves.device) * strides[axis]
        taps = steps.repeat_interleave(kernel[1]) if axis == 0 else steps.repeat(kernel[0])
        form = (1, 1, -1, 1) if axis == 0 else (1, 1, 1, -1)
        places.append(taps.reshape(1, -1, 1, 1) + starts.reshape(form) + moves[:, :, axis])
    return places[0], places[1]


def _bilinear(x: torch.Tensor, places: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """X `[B, C, H, W]` at rows and columns `[B, *at]`, zero outside: `[B, C, *at]`."""
    rows, columns = places
    height, width = x.shape[2:]
    flat, total = x.flatten(2), torch.zeros_like(x[:, :, 0, 0])
    result = total.reshape(*total.shape, *[1] * (rows.dim() - 1))
    for row in (rows.floor(), rows.floor() + 1):
        for column in (columns.floor(), columns.floor() + 1):
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            weight = (1 - (rows - row).abs()) * (1 - (columns - column).abs()) * inside
            at = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
            index = at.to(torch.int64).flatten(1)[:, None].expand(-1, x.shape[1], -1)
            values = flat.gather(2, index).reshape(*x.shape[:2], *rows.shape[1:])
            result = result + values * weight[:, None]
    return result
