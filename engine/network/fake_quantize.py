"""Teaches PyTorch the shape of `aten.fake_quantize_per_tensor_affine`, so that it can be traced.

The operator is made of `fake_quantize_per_tensor_affine_cachemask`, which PyTorch 2.13 cannot run
on tensors without values: a network with quantized activations could then be traced for one batch
size only, and not be decomposed. Importing this module adds what is missing.
"""

from __future__ import annotations

import torch
from torch import Tensor

FAKE_QUANTIZE = torch.ops.aten.fake_quantize_per_tensor_affine.default
"""`(x, scale, zero_point, quant_min, quant_max)`: rounds to a grid and stays float."""
_MISSING = "aten::fake_quantize_per_tensor_affine_cachemask"


def _shapes(
    x: Tensor, scale: float, zero_point: int, quant_min: int, quant_max: int
) -> tuple[Tensor, Tensor]:
    del scale, zero_point, quant_min, quant_max
    return torch.empty_like(x), torch.empty_like(x, dtype=torch.bool)


_library = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]  # torch has no types there
if not torch._C._dispatch_has_kernel_for_dispatch_key(_MISSING, "Meta"):
    _library.impl(_MISSING.partition("::")[2], _shapes, "Meta")  # type: ignore[no-untyped-call]  # torch has no types there
