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

_TOKENS = 16
_PIXELS = 224
_BATCH = 2


def infos(values: Sequence[ir.Value]) -> tuple[TensorInfo, ...]:
    """What the graph says of its inputs or outputs; constants among the inputs left out."""
    return tuple(
        TensorInfo(v.name or "", _dims(v), _numpy_name(v)) for v in values if stored(v) is None
    )


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


def example(
    graph: ir.Graph, layers: Sequence[Layer], shapes: Mapping[str, str]
) -> tuple[torch.Tensor, ...]:
    """Random inputs of the shapes that the file says, with likely sizes where it leaves them open.

    Raises:
        ModelError: An input whose shape is not known, or of a type that is no tensor of numbers.
    """
    generator = torch.Generator().manual_seed(0)
    found = []
    for value in graph.inputs:
        if stored(value) is not None:
            continue
        shape = _example_shape(value, layers, shapes)
        found.append(_random(shape, _dtype(value), generator))
    return tuple(found)


def _random(shape: tuple[int, ...], dtype: torch.dtype, generator: torch.Generator) -> torch.Tensor:
    if dtype.is_floating_point:
        return torch.randn(shape, generator=generator).to(dtype)
    if dtype.is_complex:
        return torch.randn(shape, generator=generator, dtype=torch.complex64).to(dtype)
    # Valid as an index, a mask and a length alike.
    return torch.ones(shape, dtype=dtype)


def _example_shape(
    value: ir.Value, layers: Sequence[Layer], shapes: Mapping[str, str]
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
    return tuple(_length(value, axis, dims, given, layers) for axis in range(len(dims)))


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
    given: tuple[int, ...] | None,
    layers: Sequence[Layer],
) -> int:
    if isinstance(dims[axis], int):
        return int(dims[axis])
    if axis == 0:
        return _BATCH
    if given is not None:
        return given[axis - 1]
    channels = _channels(value, layers)
    if channels is not None and axis == (1 if len(dims) != 3 else len(dims) - 1):
        return channels
    image = len(dims) == 4 and _dtype(value).is_floating_point
    return 3 if image and axis == 1 else (_PIXELS if image else _TOKENS)


def _channels(value: ir.Value, layers: Sequence[Layer]) -> int | None:
    """How many channels a layer right after the input takes."""
    for layer in layers:
        if value in layer.node.inputs and layer.shape is not None and len(layer.shape) > 1:
            if layer.kind is LayerKind.LINEAR:
                return layer.shape[1]
            if layer.kind in (LayerKind.CONV1D, LayerKind.CONV2D, LayerKind.CONV3D):
                groups = layer.node.attributes.get("group")
                return layer.shape[1] * (groups.as_int() if groups is not None else 1)
    return None
