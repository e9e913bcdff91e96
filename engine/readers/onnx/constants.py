"""Constants of an ONNX graph: reading them, and giving each use the form it needs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import onnx_ir as ir
import torch

from engine.readers.onnx.ops.shape import MAX_TUPLE
from engine.readers.onnx.table import UnsupportedOp, Value

SETTINGS: dict[str, frozenset[int]] = {
    "AffineGrid": frozenset({1}),
    "CenterCropPad": frozenset({1}),
    "Clip": frozenset({1, 2}),
    "Col2Im": frozenset({1, 2}),
    "ConstantOfShape": frozenset({0}),
    "CumSum": frozenset({1}),
    "DFT": frozenset({1, 2}),
    "Dropout": frozenset({1, 2}),
    "Expand": frozenset({1}),
    "If": frozenset({0}),
    "Loop": frozenset({0, 1}),
    "MaxUnpool": frozenset({2}),
    "MelWeightMatrix": frozenset(range(5)),
    "OneHot": frozenset({1, 2}),
    "Pad": frozenset({1, 2, 3}),
    "Range": frozenset({0, 1, 2}),
    "Reshape": frozenset({1}),
    "Resize": frozenset({1, 2, 3}),
    "STFT": frozenset({1, 3}),
    "SequenceAt": frozenset({1}),
    "SequenceErase": frozenset({1}),
    "SequenceInsert": frozenset({2}),
    "Slice": frozenset({1, 2, 3, 4}),
    "Split": frozenset({1}),
    "SplitToSequence": frozenset({1}),
    "Squeeze": frozenset({1}),
    "Tile": frozenset({1}),
    "TopK": frozenset({1}),
    "Trilu": frozenset({1}),
    "Unsqueeze": frozenset({1}),
    "Upsample": frozenset({1}),
    "HammingWindow": frozenset({0}),
    "HannWindow": frozenset({0}),
    "BlackmanWindow": frozenset({0}),
}
"""Operator → inputs that are settings: a constant there is given as Python numbers."""

_PYTHON_INTEGERS = (torch.int64, torch.bool)
_TORCH_ONLY = {  # ONNX types that numpy lacks → same-width integers, torch type
    ir.DataType.BFLOAT16: (np.int16, torch.bfloat16),
    ir.DataType.FLOAT8E4M3FN: (np.uint8, torch.float8_e4m3fn),
    ir.DataType.FLOAT8E4M3FNUZ: (np.uint8, torch.float8_e4m3fnuz),
    ir.DataType.FLOAT8E5M2: (np.uint8, torch.float8_e5m2),
    ir.DataType.FLOAT8E5M2FNUZ: (np.uint8, torch.float8_e5m2fnuz),
}
_WIDENED = {
    ir.DataType.INT4: np.int8,
    ir.DataType.UINT4: np.uint8,
    ir.DataType.INT2: np.int8,
    ir.DataType.UINT2: np.uint8,
    ir.DataType.FLOAT4E2M1: np.float32,
}
"""Types narrower than a byte, and the one their values are read into."""


def is_setting(op_type: str, slot: int) -> bool:
    """Whether a node wants this input as Python numbers."""
    if op_type.startswith("Reduce"):
        return slot == 1
    return slot in SETTINGS.get(op_type, ())


def read(stored: ir.TensorProtocol) -> torch.Tensor:
    """A copy of a stored tensor; the file's memory map is read-only, and training writes.

    Raises:
        UnsupportedOp: The type is one that torch does not have.
    """
    if stored.dtype is ir.DataType.STRING:
        raise UnsupportedOp("text cannot be computed with")
    array = stored.numpy()
    if stored.dtype in _TORCH_ONLY:
        bits, dtype = _TORCH_ONLY[stored.dtype]
        return torch.from_numpy(np.array(array).view(bits)).view(dtype)
    if stored.dtype in _WIDENED:
        return torch.from_numpy(array.astype(_WIDENED[stored.dtype]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # byte order and layout are numpy's business here
        copy = np.array(array, order="C").reshape(array.shape)
    if copy.dtype.byteorder == ">":
        copy = copy.astype(copy.dtype.newbyteorder("="))
    try:
        return torch.from_numpy(copy)
    except TypeError as error:
        raise UnsupportedOp(f"type {stored.dtype.name} has no counterpart in torch") from error


def natural(value: torch.Tensor) -> Value:
    """A constant's Python form wherever it may go; None for one that stays a tensor."""
    if value.dtype in _PYTHON_INTEGERS:
        if value.dim() == 0:
            return value.item()
        if value.dim() == 1 and value.shape[0] <= MAX_TUPLE:
            return tuple(value.tolist())
    if value.dtype is torch.float32 and value.dim() == 0:
        return value.item()
    return None


def as_setting(value: torch.Tensor) -> Value:
    """A constant's Python form where a node wants a setting; None for one of rank 2 or more."""
    if value.dim() > 1 or value.numel() > 4096:
        return None
    plain: Any = value.tolist()
    return tuple(plain) if isinstance(plain, list) else plain


def parse_fixed(text: str, dtype: torch.dtype, shape: tuple[int, ...]) -> torch.Tensor:
    """A fixed input from what the user typed: `true`, `0.5`, or `1,2,3`.

    Raises:
        ValueError: It is not that many numbers.
    """
    words = {"true": 1.0, "false": 0.0}
    numbers = [words.get(w.strip().lower()) for w in text.split(",")]
    values = [float(w) if n is None else n for w, n in zip(text.split(","), numbers, strict=True)]
    tensor = torch.tensor(values, dtype=torch.float64).to(dtype)
    return tensor[0].expand(shape).clone() if len(values) == 1 else tensor.reshape(shape)
