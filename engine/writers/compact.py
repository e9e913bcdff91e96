"""Networks whose leaves hold integers (or halves) and compute their float weights from them.

Nothing but PyTorch's own operators is used, so that an exported program of such a network runs
wherever PyTorch does. Reading it here gives the float weights back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.network.encoding import Encoding, HalfEncoding, WeightEncoding, as_matrix, quantize
from engine.network.leaves import uses
from engine.network.network import Network
from engine.surgery.copy import copy_network

_HALVES = {"float16": torch.float16, "bfloat16": torch.bfloat16}


def compacted(network: Network) -> Network:
    """The same network with what its encodings describe stored in as few bytes.

    Parameters that stand free in the graph, and weights that several leaves share, stay float.
    """
    result = copy_network(network)
    found = [use for use in uses(result.module) if use.name in network.encodings]
    weights = [id(p) for m in result.module.modules() for p in m._parameters.values()]
    for use in found:
        leaf = use.module
        if leaf is None or not isinstance(leaf._parameters.get("weight"), nn.Parameter):
            continue
        if leaf._parameters["weight"] is use.weight and weights.count(id(use.weight)) == 1:
            _compact(leaf, use.weight.detach(), network.encodings[use.name])
    return result


@dataclass(frozen=True, slots=True)
class _Layout:
    """How integers lie in their buffer: `count` to a byte, from the lowest bits on."""

    shape: tuple[int, ...]
    axis: int
    group_size: int
    count: int
    lowest: int


def _compact(leaf: nn.Module, weight: Tensor, encoding: Encoding) -> None:
    """Take a leaf's weight away, and let it compute it from buffers instead."""
    if isinstance(encoding, HalfEncoding):
        buffers = {"weight_half": weight.to(_HALVES[encoding.dtype])}
        layout = None
    else:
        buffers, layout = _integers(weight, encoding)
    del leaf._parameters["weight"]
    for name, value in buffers.items():
        if value.is_floating_point():
            # As a parameter, so that whoever reads the program knows a trained weight in it.
            leaf.register_parameter(name, nn.Parameter(value, requires_grad=False))
        else:
            leaf.register_buffer(name, value)
    leaf.weight_layout = layout  # type: ignore[assignment]  # an attribute of a module, whose kind is known here
    usual = type(leaf)
    members = {"weight": property(_weight), "__module__": usual.__module__}
    leaf.__class__ = type(usual.__name__, (usual,), {**members, "__qualname__": usual.__qualname__})


def _integers(weight: Tensor, encoding: WeightEncoding) -> tuple[dict[str, Tensor], _Layout]:
    matrix = as_matrix(quantize(weight, encoding), encoding.axis)
    buffers = {"weight_scale": encoding.scale.to(torch.float32)}
    if not encoding.symmetric:
        buffers["weight_zero_point"] = encoding.zero_point.to(torch.int32)
    lowest = encoding.quant_min if encoding.symmetric else 0
    count = 4 if encoding.bits <= 2 else 2 if encoding.bits <= 4 else 1
    if encoding.bits > 8:
        kind, count = torch.int16 if encoding.symmetric else torch.int32, 0
        buffers["weight_integers"] = matrix.to(kind)
    else:
        buffers["weight_integers"] = _packed((matrix - lowest).to(torch.uint8), count)
    moved = weight.movedim(encoding.axis, 0).shape
    layout = _Layout(tuple(moved), encoding.axis, encoding.group_size, count, lowest)
    return buffers, layout


def _packed(matrix: Tensor, count: int) -> Tensor:
    """`[rows, columns]` of small numbers, `count` to a byte."""
    missing = -matrix.shape[1] % count
    parts = nn.functional.pad(matrix, (0, missing)).reshape(len(matrix), -1, count)
    shifts = torch.arange(count, dtype=torch.uint8) * (8 // count)
    packed: Tensor = (parts << shifts).sum(dim=2, dtype=torch.int32).to(torch.uint8)
    return packed


def _weight(leaf: Any) -> Tensor:
    """A leaf's float weight, from its buffers."""
    layout: _Layout | None = leaf.weight_layout
    if layout is None:
        half: Tensor = leaf.weight_half
        return half.to(torch.float32)
    integers: Tensor = leaf.weight_integers
    if layout.count > 1:
        width = 8 // layout.count
        parts = [(integers >> (width * i)) & ((1 << width) - 1) for i in range(layout.count)]
        integers = torch.stack(parts, dim=2).flatten(1)
    columns = 1
    for size in layout.shape[1:]:
        columns *= size
    values = integers[:, :columns].to(torch.float32)
    if layout.count:
        values = values + float(layout.lowest)
    if hasattr(leaf, "weight_zero_point"):
        values = values - _spread(leaf.weight_zero_point.to(torch.float32), layout, columns)
    values = values * _spread(leaf.weight_scale, layout, columns)
    return values.reshape(layout.shape).movedim(0, layout.axis)


def _spread(values: Tensor, layout: _Layout, columns: int) -> Tensor:
    if values.shape[1] == 1:
        return values
    return values.repeat_interleave(layout.group_size, dim=1)[:, :columns]
