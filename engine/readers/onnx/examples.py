"""The inputs of an ONNX graph: what they are, fixing one to a constant, and making an example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnx_ir as ir
import torch

from engine.errors import ModelError
from engine.info import Dim, LayerKind, TensorInfo
from engine.readers.onnx.constants import parse_fixed
from engine.readers.onnx.names import Layer
from engine.readers.onnx.ops.values import dtype_of
from engine.readers.onnx.sources import stored
from engine.readers.onnx.table import UnsupportedOp

_TOKENS = (16, 512, 128, 77, 64, 1024, 4096, 8)
_PIXELS = (224, 256, 64, 32, 28, 299, 512, 640)
"""Usual lengths and image sizes: the first is taken, the others where that does not fit."""
_BATCH = 2


def infos(values: Sequence[ir.Value]) -> tuple[TensorInfo, ...]:
    """What the graph says of its inputs or outputs; constants among the inputs left out."""
    return tuple(
        TensorInfo(v.name or "", _dims(v), _numpy_name(v)) for v in values if stored(v) is None
    )


def open_axes(graph: ir.Graph, layers: Sequence[Layer]) -> dict[int, tuple[int, ...]]:
    """Input number → axes beyond the batch whose size neither file nor weights say."""
    values = [v for v in graph.inputs if stored(v) is None]
    found = {}
    for index, value in enumerate(values):
        sizes = list(value.shape) if value.shape is not None else []
        channels = _channels(value, len(sizes), layers)
        said = _batch_axes(value, graph) | (set() if channels is None else {channels[0]})
        axes = tuple(
            axis for axis, n in enumerate(sizes) if axis not in said and not isinstance(n, int)
        )
        if axes:
            found[index] = axes
    return found


def _batch_axes(value: ir.Value, graph: ir.Graph) -> set[int]:
    """Axes as long as the batch: the first, and another of recurrent states."""
    sizes = list(value.shape) if value.shape is not None else []
    if not sizes or not isinstance(sizes[0], int):
        return {0}
    firsts = [v.shape[0] for v in graph.inputs if v.shape is not None and len(v.shape)]
    names = {n.value for n in firsts if isinstance(n, ir.SymbolicDim) and n.value}
    state = len(sizes) == 3 and isinstance(sizes[2], int)  # [layers, batch, hidden]
    return {0} | {
        axis
        for axis, n in enumerate(sizes)
        if isinstance(n, ir.SymbolicDim)
        and (n.value in names or (state and axis == 1 and len(firsts) > 1 and not n.value))
    }


def _dims(value: ir.Value) -> tuple[Dim, ...]:
    dims: list[Dim] = []
    for axis, dim in enumerate(value.shape if value.shape is not None else ()):
        if isinstance(dim, int):
            dims.append(dim)
        else:
            dims.append(dim.value or ("batch" if axis == 0 else f"dim{axis}"))
    return tuple(dims)


def _numpy_name(value: ir.Value) -> str:
    if value.dtype is None or value.dtype in (ir.DataType.UNDEFINED, ir.DataType.STRING):
        return "float32" if value.dtype is not ir.DataType.STRING else "str"
    return value.dtype.numpy().name


def fix_inputs(graph: ir.Graph, fixed: Mapping[str, str]) -> list[str]:
    """Replace inputs by constants; what they feed then folds.

    Raises:
        ModelError: There is no such input, or the text is no value for it.
    """
    inputs = {v.name: v for v in graph.inputs if stored(v) is None}
    for name, text in fixed.items():
        value = inputs.get(name)
        if value is None:
            names = ", ".join(repr(n) for n in inputs) or "none"
            raise ModelError(f"The network has no input {name!r}; it has {names}", where=name)
        shape = tuple(d if isinstance(d, int) else 1 for d in value.shape or ())
        try:
            tensor = parse_fixed(text, _dtype(value), shape)
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"{text!r} is no value for input {name!r} of shape {list(shape)}",
                where=name,
                hint="Give a number, true, false, or as many numbers as it has elements.",
            ) from error
        graph.inputs.remove(value)
        value.const_value = ir.Tensor(tensor.numpy(), name=name)
        graph.register_initializer(value)
    return [f"Input {name!r} is fixed to {text}." for name, text in fixed.items()]


def _dtype(value: ir.Value) -> torch.dtype:
    kind = value.dtype or ir.DataType.FLOAT
    try:
        return dtype_of(kind.value)
    except UnsupportedOp as error:
        raise ModelError(
            f"Input {value.name!r} is of type {kind.name.lower()}, which cannot be computed with",
            where=value.name or "",
        ) from error


def examples(
    graph: ir.Graph, layers: Sequence[Layer], shapes: Mapping[str, str]
) -> list[tuple[torch.Tensor, ...]]:
    """Random inputs of the shapes that the file says, with usual sizes where it leaves them open.

    The first is the likeliest; the others follow where sizes are open that nobody gives.

    Raises:
        ModelError: An input whose shape is not known, or of a type that is no tensor of numbers.
    """
    found: dict[tuple[tuple[int, ...], ...], tuple[torch.Tensor, ...]] = {}
    values = [v for v in graph.inputs if stored(v) is None]
    for sizes in zip(_TOKENS, _PIXELS, strict=True):
        generator = torch.Generator().manual_seed(0)
        wanted = tuple(_example_shape(v, graph, layers, shapes, sizes) for v in values)
        if wanted not in found:
            found[wanted] = tuple(
                _random(shape, _dtype(v), generator)
                for shape, v in zip(wanted, values, strict=True)
            )
    return list(found.values())


def open_hint(graph: ir.Graph, layers: Sequence[Layer], shapes: Mapping[str, str]) -> str:
    """What to do about sizes that are open and that nobody gives; empty where there are none."""
    values = [v for v in graph.inputs if stored(v) is None]
    names = [values[i].name or "" for i in open_axes(graph, layers)]
    missing = [name for name in names if name not in shapes]
    if not missing:
        return ""
    listed = " and ".join(repr(name) for name in missing)
    return (
        f"The file leaves the size of {listed} open, and none of the usual sizes fits: give it "
        f"with --input-shape {missing[0]}=…, without the batch."
    )


def _random(shape: tuple[int, ...], dtype: torch.dtype, generator: torch.Generator) -> torch.Tensor:
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    if dtype.is_complex:
        return torch.randn(shape, generator=generator, dtype=torch.complex64).to(dtype)
    # Valid as an index, a mask and a length alike.
    return torch.ones(shape, dtype=dtype)


def _example_shape(
    value: ir.Value,
    graph: ir.Graph,
    layers: Sequence[Layer],
    shapes: Mapping[str, str],
    usual: tuple[int, int],
) -> tuple[int, ...]:
    name = value.name or ""
    if not isinstance(value.type, (ir.TensorType, type(None))):
        raise ModelError(f"Input {name!r} is a sequence, not a tensor", where=name)
    given = _parse(shapes[name], name) if name in shapes else None
    if value.shape is None:
        if given is None:
            raise ModelError(
                f"The file does not say the shape of input {name!r}",
                where=name,
                hint=f"Give it without the batch, as {name}=3x224x224.",
            )
        return (_BATCH, *given)
    dims = list(value.shape)
    if given is not None and len(given) != len(dims) - 1:
        raise ModelError(
            f"Input {name!r} has {len(dims) - 1} dimensions without the batch, not {len(given)}",
            where=name,
        )
    if any(isinstance(d, int) and d == 0 for d in dims):
        raise ModelError(
            f"Input {name!r} has a dimension of size zero, so the network cannot run", where=name
        )
    if given is not None:
        dims[1:] = [
            n if isinstance(n, int) else size for n, size in zip(dims[1:], given, strict=True)
        ]
    batch = _batch_axes(value, graph)
    return tuple(
        _BATCH
        if axis in batch and not isinstance(size, int)
        else _length(value, axis, dims, layers, usual)
        for axis, size in enumerate(dims)
    )


def _parse(text: str, name: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.lower().replace(",", "x").split("x") if part)
    except ValueError:
        sizes = ()
    if any(size < 1 for size in sizes) or (text.strip() and not sizes):
        raise ModelError(f"{text!r} is no shape for input {name!r}", where=name)
    return sizes


def _length(
    value: ir.Value,
    axis: int,
    dims: list[Any],
    layers: Sequence[Layer],
    usual: tuple[int, int],
) -> int:
    if isinstance(dims[axis], int):
        return int(dims[axis])
    channels = _channels(value, len(dims), layers)
    if channels is not None and axis == channels[0]:
        return channels[1]
    image = len(dims) == 4 and _dtype(value).is_floating_point
    length, pixels = usual
    return 3 if image and axis == 1 else (pixels if image else length)


def _channels(value: ir.Value, rank: int, layers: Sequence[Layer]) -> tuple[int, int] | None:
    """The axis of the channels, and how many a layer right after the input takes."""
    for layer in layers:
        if value in layer.node.inputs and layer.shape is not None and len(layer.shape) > 1:
            if layer.kind is LayerKind.LINEAR:
                return rank - 1, layer.shape[1]
            if layer.kind in (LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D):
                groups = layer.node.attributes.get("group")
                return 1, layer.shape[1] * (groups.as_int() if groups is not None else 1)
    return None
