"""Random numbers, and dropout, which is none here.

Torch's global generator draws them: a network's `seed` attributes are not ours to obey, since a
recipe has one seed for everything.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import dtype_of, number
from engine.readers.onnx.table import Call, UnsupportedOp, Value, op, tensor

_FLOAT = 1


def _empty(call: Call, x: Value) -> torch.Tensor:
    """A tensor of the shape and type that is asked for."""
    code = call.get("dtype")
    if x is None:
        return torch.empty(tuple(call.get("shape")), dtype=dtype_of(code or _FLOAT))
    x = tensor(x)
    return torch.empty_like(x, dtype=x.dtype if code is None else dtype_of(code))


@op("RandomNormal", "RandomNormalLike")
def normal(call: Call, x: Value = None) -> torch.Tensor:
    """Normally distributed numbers."""
    scale, mean = float(call.get("scale", 1.0)), float(call.get("mean", 0.0))
    return torch.randn_like(_empty(call, x)) * scale + mean


@op("RandomUniform", "RandomUniformLike")
def uniform(call: Call, x: Value = None) -> torch.Tensor:
    """Uniformly distributed numbers."""
    low, high = float(call.get("low", 0.0)), float(call.get("high", 1.0))
    return torch.rand_like(_empty(call, x)) * (high - low) + low


@op("Bernoulli")
def bernoulli(call: Call, x: Value) -> torch.Tensor:
    """1 with the probability that each element says."""
    x = tensor(x)
    return torch.bernoulli(x).to(_empty(call, x).dtype)


@op("Multinomial")
def multinomial(call: Call, x: Value) -> torch.Tensor:
    """Classes drawn from unnormalized log-probabilities: `[N, sample_size]`."""
    chances = F.softmax(tensor(x).float(), dim=-1)
    drawn = torch.multinomial(chances, call.get("sample_size", 1), replacement=True)
    return drawn.to(dtype_of(call.get("dtype", 6)))


@op("Dropout")
def dropout(
    call: Call, x: Value, ratio: Value = None, training: Value = None
) -> torch.Tensor | tuple[torch.Tensor, torch.Tensor]:
    """The input itself, unless `training_mode` is a constant true; the mask as second output."""
    x = tensor(x)
    share = number(ratio, "a dropout ratio", 0.5) if call.opset >= 12 else 0.0
    if training is None or not number(training, "a dropout's training mode") or share == 0:
        kept = call.opset >= 12  # before, the runtime leaves the mask false
        mask = torch.full_like(x, kept, dtype=torch.bool)
        return x if call.outputs == 1 else (x, mask)
    if not 0 <= share < 1:
        raise UnsupportedOp(f"a dropout ratio of {share} leaves nothing")
    mask = torch.rand_like(x) >= share
    y = torch.where(mask, x / (1 - share), torch.zeros_like(x))
    return y if call.outputs == 1 else (y, mask)
