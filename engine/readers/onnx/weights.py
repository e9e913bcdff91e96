"""Nodes that carry weights as `nn.Module` leaves: convolutions and dense layers.

Each builder gives a module that holds the weights under PyTorch's names, and a function that runs
it as the ONNX node asks (uneven padding, say, happens outside of the module).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from engine.readers.onnx.table import Call, UnsupportedOp, Value, tensor

Run = Callable[..., Any]
"""`run(module, call, *inputs)`; the inputs that the module holds come as None."""


class Weights(Protocol):
    """The constants of one node, by input slot."""

    def tensor(self, slot: int) -> torch.Tensor | None:
        """A copy of its own, computed through casts and the like; None for an absent input."""

    def matrix(self, slot: int, *, transposed: bool = False) -> nn.Parameter:
        """A parameter that is shared with the other users of the same stored matrix."""

    def bias(self) -> torch.Tensor | None:
        """The constant of the `Add` that became this node's bias."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A module and how to run it.

    Attributes:
        module: Holds the weights under PyTorch's names.
        run: See `Run`.
        outside: Input slots that the module does not hold after all.
        restriction: One sentence on what holds the layer back, if anything does.
    """

    module: nn.Module
    run: Run
    outside: tuple[int, ...] = ()
    restriction: str = ""


Builder = Callable[[Call, Weights], Leaf]
BUILDERS: dict[str, Builder] = {}


def builds(*names: str) -> Callable[[Builder], Builder]:
    """Register the decorated builder for these operators."""

    def add(builder: Builder) -> Builder:
        BUILDERS.update(dict.fromkeys(names, builder))
        return builder

    return add


def as_parameter(value: torch.Tensor | None) -> nn.Parameter | None:
    """A parameter of its own; None stays None."""
    return None if value is None else nn.Parameter(value.contiguous())


def required(value: torch.Tensor | None, what: str) -> torch.Tensor:
    """The value.

    Raises:
        UnsupportedOp: It is absent.
    """
    if value is None:
        raise UnsupportedOp(f"its {what} is missing")
    return value


@builds("Conv")
def convolution(call: Call, weights: Weights) -> Leaf:
    """Conv in one, two or three dimensions."""
    weight = weights.matrix(1)
    return conv_leaf(call, weight, weights.tensor(2))


def conv_leaf(call: Call, weight: nn.Parameter, bias: torch.Tensor | None) -> Leaf:
    """A convolution with this weight `[C_out, C_in / groups, …]`."""
    rank = weight.dim() - 2
    stride, dilation = spatial(call, "strides", rank), spatial(call, "dilations", rank)
    kernel = tuple(weight.shape[2:])
    pads = conv_pads(call, kernel, stride, dilation)
    even = pads is not None and pads[:rank] == pads[rank:] and min(pads, default=0) >= 0
    groups = int(call.get("group", 1))
    module = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1](
        weight.shape[1] * groups,
        weight.shape[0],
        kernel,  # type: ignore[arg-type]  # numbers, of one for each axis
        stride,  # type: ignore[arg-type]  # numbers, of one for each axis
        pads[:rank] if pads is not None and even else 0,  # type: ignore[arg-type]  # numbers, of one for each axis
        dilation,  # type: ignore[arg-type]  # numbers, of one for each axis
        groups,
        bias is not None,
        device="meta",
    )
    module.weight = weight
    module.bias = as_parameter(bias)
    if even:
        return Leaf(module, run_plain)
    upper = call.get("auto_pad") == "SAME_UPPER"

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> torch.Tensor:
        data = tensor(x)
        margins = pads or _same_pads(tuple(data.shape[2:]), kernel, stride, dilation, upper)
        out: torch.Tensor = module(F.pad(data, _torch_pads(margins)))
        return out

    return Leaf(module, run)


def run_plain(module: nn.Module, call: Call, x: Value, *_: Value) -> Any:
    """The module applied to the first input."""
    return module(tensor(x))


def spatial(call: Call, key: str, rank: int, default: int = 1) -> tuple[int, ...]:
    """An attribute with a number for each spatial axis."""
    found = tuple(call.get(key) or (default,) * rank)
    if len(found) != rank:
        raise UnsupportedOp(f"{key} has {len(found)} numbers for {rank} axes")
    return found


def conv_pads(
    call: Call, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[int, ...] | None:
    """Padding, beginnings then ends; None where it depends on the size of the input."""
    rank = len(kernel)
    mode = call.get("auto_pad", "NOTSET") or "NOTSET"
    if mode == "NOTSET":
        pads: tuple[int, ...] = tuple(call.get("pads") or (0,) * (2 * rank))
        if len(pads) != 2 * rank:
            raise UnsupportedOp(f"pads has {len(pads)} numbers for {rank} axes")
        return pads
    if mode == "VALID":
        return (0,) * (2 * rank)
    if any(s != 1 for s in stride):
        return None
    totals = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return _shared_out(totals, upper=mode == "SAME_UPPER")


def _shared_out(totals: list[Any], *, upper: bool) -> tuple[Any, ...]:
    begins = [t // 2 if upper else t - t // 2 for t in totals]
    return (*begins, *(t - b for t, b in zip(totals, begins, strict=True)))


def _same_pads(
    size: tuple[Any, ...],
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    upper: bool,
) -> tuple[Any, ...]:
    totals = []
    for n, k, s, d in zip(size, kernel, stride, dilation, strict=True):
        total = (-(-n // s) - 1) * s + d * (k - 1) + 1 - n
        totals.append(max(total, 0) if isinstance(total, int) else torch.sym_max(total, 0))  # type: ignore[no-untyped-call]  # torch has no types there
    return _shared_out(totals, upper=upper)


def _torch_pads(pads: tuple[Any, ...]) -> list[Any]:
    """ONNX's order (begins, then ends) in torch's (last axis first, begin and end together)."""
    rank = len(pads) // 2
    return [p for axis in reversed(range(rank)) for p in (pads[axis], pads[axis + rank])]


@builds("ConvTranspose")
def transposed_convolution(call: Call, weights: Weights) -> Leaf:
    """ConvTranspose; what `pads` or `output_shape` cut unevenly is cut outside of the module."""
    weight, bias = weights.matrix(1), weights.tensor(2)
    rank = weight.dim() - 2
    stride, dilation = spatial(call, "strides", rank), spatial(call, "dilations", rank)
    extra = spatial(call, "output_padding", rank, 0)
    kernel = tuple(weight.shape[2:])
    mode = call.get("auto_pad", "NOTSET") or "NOTSET"
    pads: tuple[int, ...] | None = (0,) * (2 * rank)
    if call.get("output_shape") or mode.startswith("SAME"):
        pads = None
    elif mode == "NOTSET":
        pads = tuple(call.get("pads") or (0,) * (2 * rank))
    even = pads is not None and pads[:rank] == pads[rank:]
    groups = int(call.get("group", 1))
    module = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1](
        weight.shape[0],
        weight.shape[1] * groups,
        kernel,  # type: ignore[arg-type]  # numbers, of one for each axis
        stride,  # type: ignore[arg-type]  # numbers, of one for each axis
        pads[:rank] if pads is not None and even else 0,  # type: ignore[arg-type]  # numbers, of one for each axis
        extra,  # type: ignore[arg-type]  # numbers, of one for each axis
        groups,
        bias is not None,
        dilation,  # type: ignore[arg-type]  # numbers, of one for each axis
        device="meta",
    )
    module.weight = weight
    module.bias = as_parameter(bias)
    if even:
        return Leaf(module, run_plain)
    given = call.get("output_shape")

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> torch.Tensor:
        data = tensor(x)
        full: torch.Tensor = module(data)
        size = given[-rank:] if given else None
        if size is None and pads is None:
            size = [n * s for n, s in zip(data.shape[2:], stride, strict=True)]
        margins = pads
        if size is not None:
            totals = [have - want for have, want in zip(full.shape[2:], size, strict=True)]
            margins = _shared_out(totals, upper=mode == "SAME_UPPER")
        return F.pad(full, [-p for p in _torch_pads(margins or ())])

    return Leaf(module, run)


@builds("Gemm")
def gemm(call: Call, weights: Weights) -> Leaf:
    """Gemm with a constant matrix, as a linear layer; alpha and beta go into the weights."""
    weight = weights.matrix(1, transposed=not call.get("transB", 0))
    alpha, beta = float(call.get("alpha", 1.0)), float(call.get("beta", 1.0))
    if alpha != 1.0:
        weight = nn.Parameter(weight.detach() * alpha)
    bias = weights.tensor(2)
    columns = weight.shape[0]
    outside = bias is not None and not (
        bias.numel() == 1 or (bias.numel() == columns and bias.shape[-1] == columns)
    )
    if bias is not None and not outside:
        bias = (bias.reshape(-1) * beta).expand(columns)
    module = linear(weight, None if outside else bias)

    def run(module: nn.Module, call: Call, x: Value, _: Value, c: Value = None) -> torch.Tensor:
        data = tensor(x)
        out: torch.Tensor = module(data.t() if call.get("transA", 0) else data)
        return out if c is None else out + tensor(c) * beta

    return Leaf(module, run, outside=(2,) if outside else ())


def linear(weight: nn.Parameter, bias: torch.Tensor | None) -> nn.Linear:
    """A linear layer with this weight `[out, in]`."""
    module = nn.Linear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    module.weight = weight
    module.bias = as_parameter(bias)  # type: ignore[assignment]  # an attribute of a module, whose kind is known here
    return module


@builds("MatMul")
def matmul(call: Call, weights: Weights) -> Leaf:
    """MatMul with a constant matrix on the right, and the `Add` after it if there is one."""
    bias = weights.bias()
    lifts = bias is not None and bias.dim() == 2
    flat = None if bias is None else bias.reshape(-1)
    module = linear(weights.matrix(1, transposed=True), flat)

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> torch.Tensor:
        out: torch.Tensor = module(tensor(x))
        return out.unsqueeze(0) if lifts and out.dim() == 1 else out

    return Leaf(module, run)


@builds("Gather")
def embedding(call: Call, weights: Weights) -> Leaf:
    """Gather of rows of a constant matrix."""
    weight = weights.matrix(0)
    module = nn.Embedding(weight.shape[0], weight.shape[1], device="meta")
    module.weight = weight
    rows = weight.shape[0]

    def run(module: nn.Module, call: Call, _: Value, indices: Value) -> Any:
        if isinstance(indices, tuple):
            indices = tuple(i + rows if i < 0 else i for i in indices)
        return module(tensor(indices))

    return Leaf(module, run)


@builds("PRelu")
def prelu(call: Call, weights: Weights) -> Leaf:
    """PRelu with one slope, or one for each channel."""
    slope = required(weights.tensor(1), "slope")
    module = nn.PReLU(slope.numel(), device="meta")
    module.weight = nn.Parameter(slope.reshape(-1))
    shape = tuple(slope.shape)

    def run(module: nn.Module, call: Call, x: Value, *_: Value) -> Any:
        data = tensor(x)
        channels = math.prod(shape)
        aligned = (1,) * (data.dim() - len(shape)) + shape
        if channels == 1 or (data.dim() > 1 and aligned[1] == channels):
            return module(data)
        weight: Any = module.weight
        return torch.where(data < 0, data * weight.reshape(shape), data)

    return Leaf(module, run)
