"""Fourier transforms, windows and mel filters."""

from __future__ import annotations

import math

import torch

from engine.readers.onnx.ops.values import axis_of, dtype_of, like, number
from engine.readers.onnx.table import Call, Value, ints, op, tensor

_FLOAT = 1

# Coefficients of the cosines of 0, 1, 2 … turns over the window.
_COSINES = {
    "HannWindow": (0.5, -0.5),
    "HammingWindow": (25 / 46, -21 / 46),
    "BlackmanWindow": (0.42, -0.5, 0.08),
}


@op(*_COSINES)
def window(call: Call, size: Value) -> torch.Tensor:
    """A sum of cosines: `[size]`."""
    (length,) = ints(size)
    turns = length if call.get("periodic", 1) else length - 1
    phase = torch.arange(length, dtype=torch.float64) * (2 * math.pi / turns)
    y = torch.zeros_like(phase)
    for order, factor in enumerate(_COSINES[call.op]):
        y = y + factor * torch.cos(order * phase)
    return y.to(dtype_of(call.get("output_datatype", _FLOAT)))


def _as_complex(x: torch.Tensor) -> torch.Tensor:
    """`[…, 1]` or `[…, 2]` (real and imaginary part) → `[…]`."""
    return x.squeeze(-1) if x.shape[-1] == 1 else torch.view_as_complex(x.contiguous())


@op("DFT")
def fourier(call: Call, x: Value, length: Value = None, axis: Value = None) -> torch.Tensor:
    """Discrete Fourier transform; `axis` is an attribute before opset 20, an input since."""
    x = tensor(x)
    at = number(axis, "the axis of a DFT", -2) if call.opset >= 20 else call.get("axis", 1)
    dim = axis_of(int(at), x.dim())
    size = None if length is None else ints(length)[0]
    wide = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    signal, onesided = _as_complex(wide), bool(call.get("onesided", 0))
    if call.get("inverse", 0):
        if onesided:
            real: torch.Tensor = torch.fft.irfft(signal, size, dim)
            return real.unsqueeze(-1).to(x.dtype)
        y = torch.fft.ifft(signal, size, dim)
    elif onesided and not signal.is_complex():
        y = torch.fft.rfft(signal, size, dim)
    else:
        y = torch.fft.fft(signal, size, dim)
        y = y.narrow(dim, 0, y.shape[dim] // 2 + 1) if onesided else y
    return torch.view_as_real(y).to(x.dtype)


@op("STFT")
def short_time_fourier(
    call: Call, x: Value, step: Value, shape: Value = None, length: Value = None
) -> torch.Tensor:
    """Fourier transforms of overlapping frames.

    Args:
        call: Attribute `onesided`.
        x: `[N, samples]`, `[N, samples, 1]`, or complex `[N, samples, 2]`.
        step: Samples between frames.
        shape: The window that each frame is multiplied with; ones if absent.
        length: Samples per frame; the window's if absent.

    Returns:
        `[N, frames, bins, 2]`.
    """
    x = tensor(x)
    signal = x if x.dim() == 2 else _as_complex(x)
    taper = None if shape is None else like(shape, x)
    size = ints(length)[0] if length is not None else None
    if size is None:
        size = signal.shape[1] if taper is None else taper.shape[0]
    frames = signal.unfold(1, size, int(number(step, "the step of an STFT")))
    frames = frames if taper is None else frames * taper
    if not call.get("onesided", 1):
        y = torch.fft.fft(frames, dim=-1)
    elif frames.is_complex():
        y = torch.fft.fft(frames, dim=-1)[..., : size // 2 + 1]
    else:
        y = torch.fft.rfft(frames, dim=-1)
    return torch.view_as_real(y)


@op("MelWeightMatrix")
def mel_weights(
    call: Call, bins: Value, length: Value, rate: Value, low: Value, high: Value
) -> torch.Tensor:
    """Triangular filters, equally spaced in mel: `[length // 2 + 1, bins]`."""
    count, size, samples, lowest, highest = (
        number(v, "a mel filter's parameter") for v in (bins, length, rate, low, high)
    )
    first, last = (2595 * math.log10(1 + hertz / 700) for hertz in (lowest, highest))
    step = (last - first) / (count + 2)
    edges = []
    for place in range(count + 2):
        hertz = 700 * (10 ** ((first + place * step) / 2595) - 1)
        edges.append(math.floor((size + 1) * hertz / samples))
    rows = torch.arange(size // 2 + 1, dtype=torch.float64)
    columns = [_triangle(rows, *edges[i : i + 3]) for i in range(count)]
    return torch.stack(columns, 1).to(dtype_of(call.get("output_datatype", _FLOAT)))


def _triangle(rows: torch.Tensor, left: int, center: int, right: int) -> torch.Tensor:
    """0 at `left`, 1 at `center`, 0 again at `right`."""
    zero = torch.zeros_like(rows)
    rising = (rows >= left) & (rows <= center)
    up = torch.where(rising, (rows - left) / max(center - left, 1), zero)
    if center == left:
        up = (rows == center).to(rows.dtype)
    if right == center:
        return up
    falling = (rows >= center) & (rows < right)
    return torch.where(falling, (right - rows) / (right - center), up)
