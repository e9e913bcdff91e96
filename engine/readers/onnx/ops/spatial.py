"""Windows that slide over the spatial axes: what pooling and convolution share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812

from engine.readers.onnx.ops.values import Size, larger
from engine.readers.onnx.table import Call


@dataclass(frozen=True, slots=True)
class Window:
    """A sliding window over n spatial axes; each field has n entries.

    Attributes:
        kernel: Elements per window.
        strides: Steps between windows.
        dilations: Steps between the elements of one window.
        head: Padding before the first element.
        tail: Padding after the last.
        extra: More of it that `ceil_mode` asks for; counted neither as data nor as padding.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    head: tuple[Size, ...]
    tail: tuple[Size, ...]
    extra: tuple[Size, ...]

    @property
    def symmetric(self) -> bool:
        """Whether torch's own padding can express this one; symbolic sizes are not asked."""
        pads = (*self.head, *self.tail, *self.extra)
        if not all(isinstance(p, int) for p in pads):
            return False
        return self.head == self.tail and not any(self.extra)

    def padding(self) -> list[Size]:
        """All the padding, in the order of `F.pad`: last axis first."""
        pairs = zip(self.head, self.tail, self.extra, strict=True)
        return [p for head, tail, extra in reversed(list(pairs)) for p in (head, tail + extra)]


def window(call: Call, sizes: Sequence[Size], kernel: Sequence[int]) -> Window:
    """The window of a pooling or convolution over spatial axes of these sizes."""
    n = len(kernel)
    strides = tuple(call.get("strides") or (1,) * n)
    dilations = tuple(call.get("dilations") or (1,) * n)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    head, tail = _padding(call, sizes, spans, strides)
    extra: tuple[Size, ...] = (0,) * n
    if call.get("ceil_mode", 0):
        axes = zip(sizes, head, tail, spans, strides, strict=True)
        extra = tuple(_ceil_extra(*axis) for axis in axes)
    return Window(tuple(kernel), strides, dilations, head, tail, extra)


def _padding(
    call: Call, sizes: Sequence[Size], spans: Sequence[int], strides: Sequence[int]
) -> tuple[tuple[Size, ...], tuple[Size, ...]]:
    n, auto = len(spans), call.get("auto_pad", "NOTSET")
    if auto == "VALID":
        return (0,) * n, (0,) * n
    if auto == "NOTSET":
        pads = tuple(call.get("pads") or (0,) * (2 * n))
        return pads[:n], pads[n:]
    head, tail = [], []
    for size, span, stride in zip(sizes, spans, strides, strict=True):
        windows = (size + stride - 1) // stride
        total = larger((windows - 1) * stride + span - size, 0)
        less = total // 2
        head.append(less if auto == "SAME_UPPER" else total - less)
        tail.append(total - less if auto == "SAME_UPPER" else less)
    return tuple(head), tuple(tail)


def _ceil_extra(size: Size, head: Size, tail: Size, span: int, stride: int) -> Size:
    """Padding that makes room for the last, incomplete window, if it starts on data."""
    last = -((size + head + tail - span) // -stride)  # index of the last window, rounded up
    beyond = last * stride >= size + head
    last = torch.sym_ite(beyond, last - 1, last)  # type: ignore[no-untyped-call]  # torch has no types there
    return larger(last * stride + span - (size + head + tail), 0)


def padded(x: torch.Tensor, shape: Window, value: float = 0.0) -> torch.Tensor:
    """`x` with the window's padding around it."""
    pads = shape.padding()
    return F.pad(x, pads, value=value) if any(not _is_zero(p) for p in pads) else x


def _is_zero(size: Size) -> bool:
    return isinstance(size, int) and size == 0


def windows(x: torch.Tensor, shape: Window) -> torch.Tensor:
    """Every window of an already padded tensor.

    Args:
        x: `[N, C, *spatial]`.
        shape: The window.

    Returns:
        `[N, C, *windows, *kernel]`.
    """
    axes = zip(shape.kernel, shape.strides, shape.dilations, strict=True)
    for dim, (kernel, stride, dilation) in enumerate(axes, start=2):
        x = x.unfold(dim, (kernel - 1) * dilation + 1, stride)[..., ::dilation]
    return x
