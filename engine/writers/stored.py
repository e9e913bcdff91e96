"""What the child process that exports must know about encodings: integers, scales, kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from engine.network.encoding import HalfEncoding, WeightEncoding, quantize
from engine.network.leaves import uses
from engine.network.network import Network

Array = NDArray[Any]
FILE = "encodings.safetensors"
_SMALL_BITS = 8


@dataclass(frozen=True, slots=True, eq=False)
class StoredWeight:
    """A weight as integers, of the weight's shape in the network.

    Attributes:
        integers: `[C_out, …]`, int8, uint8 or int32.
        scale: float32 `[C_out or 1, groups or 1]`.
        zero_point: int32, of the same shape.
        bits: 2 to 8, or 16.
        symmetric: The integers are signed; else unsigned.
        group_size: Neighbors in a row that share a scale; 0: the whole row.
        axis: The weight's axis of output channels.
    """

    integers: Array
    scale: Array
    zero_point: Array
    bits: int
    symmetric: bool
    group_size: int
    axis: int

    @property
    def grouped(self) -> bool:
        """Whether a row has more than one scale."""
        return bool(self.scale.shape[1] > 1)

    def matrix(self) -> Array:
        """The integers as `[C_out, n]`."""
        moved = np.moveaxis(self.integers, self.axis, 0)
        return moved.reshape(moved.shape[0], -1)

    def values(self) -> Array:
        """The weight, float32, of its shape."""
        matrix = self.matrix().astype(np.int32)
        scale, zero_point = self.scale, self.zero_point
        if self.grouped:
            columns = matrix.shape[1]
            scale = np.repeat(scale, self.group_size, axis=1)[:, :columns]
            zero_point = np.repeat(zero_point, self.group_size, axis=1)[:, :columns]
        values = (matrix - zero_point).astype(np.float32) * scale
        shape = np.moveaxis(self.integers, self.axis, 0).shape
        result: Array = np.moveaxis(values.reshape(shape), 0, self.axis)
        return result


Stored = StoredWeight | HalfEncoding


def save_stored(network: Network, folder: Path) -> dict[str, Any]:
    """Write the integers of all encoded layers into the folder; the rest, as plain data."""
    weights = {use.name: use.weight for use in uses(network.module)}
    described: dict[str, Any] = {}
    arrays: dict[str, Array] = {}
    for number, (layer, encoding) in enumerate(network.encodings.items()):
        if layer not in weights:
            continue
        if isinstance(encoding, HalfEncoding):
            described[layer] = {"dtype": encoding.dtype}
            continue
        described[layer] = _description(encoding, number)
        arrays[f"{number}.integers"] = _smallest(encoding, weights[layer])
        arrays[f"{number}.scale"] = _contiguous(encoding.scale.to(torch.float32))
        arrays[f"{number}.zero_point"] = _contiguous(encoding.zero_point.to(torch.int32))
    save_file(arrays, folder / FILE)
    return described


def load_stored(folder: Path, described: Mapping[str, Any]) -> dict[str, Stored]:
    """Layer → how its weight is stored, from what `save_stored` wrote and gave."""
    arrays = load_file(folder / FILE)
    result: dict[str, Stored] = {}
    for layer, entry in described.items():
        if "dtype" in entry:
            result[layer] = HalfEncoding(entry["dtype"])
            continue
        number = entry["number"]
        result[layer] = StoredWeight(
            integers=arrays[f"{number}.integers"],
            scale=arrays[f"{number}.scale"],
            zero_point=arrays[f"{number}.zero_point"],
            bits=entry["bits"],
            symmetric=entry["symmetric"],
            group_size=entry["group_size"],
            axis=entry["axis"],
        )
    return result


def _description(encoding: WeightEncoding, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "bits": encoding.bits,
        "symmetric": encoding.symmetric,
        "group_size": encoding.group_size,
        "axis": encoding.axis,
    }


def _smallest(encoding: WeightEncoding, weight: torch.Tensor) -> Array:
    integers = quantize(weight.cpu(), encoding)
    if encoding.bits <= _SMALL_BITS:
        integers = integers.to(torch.int8 if encoding.symmetric else torch.uint8)
    return _contiguous(integers)


def _contiguous(tensor: torch.Tensor) -> Array:
    result: Array = np.ascontiguousarray(tensor.detach().cpu().numpy())
    return result
