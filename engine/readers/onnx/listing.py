"""The quick listing of an ONNX file: the same layer names as the converter, no weight read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx_ir as ir

from engine.info import Dim, Format, LayerKind, TensorInfo
from engine.readers.listing import Entry, Sketch
from engine.readers.onnx.load import Loaded, load_model
from engine.readers.onnx.names import Layer, find_layers
from engine.readers.onnx.opset import prepared
from engine.readers.stored import Stored

_NORM_ROLES = ("weight", "bias", "running_mean", "running_var")


def sketch_onnx(path: Path) -> Sketch:
    """Everything that an ONNX file says about its layers.

    Raises:
        ModelError: It is damaged, or reaches outside its folder.
    """
    return sketch_loaded(load_model(path))


def sketch_loaded(loaded: Loaded) -> Sketch:
    """The same of a model that is open."""
    model = prepared(loaded.model)
    entries: dict[str, Entry] = {}
    for layer in find_layers(model.graph):
        if layer.name not in entries:
            entries[layer.name] = _entry(layer)
    initializers = set(model.graph.initializers.values())
    return Sketch(
        Format.ONNX,
        tuple(entries.values()),
        tuple(_tensor(v) for v in model.graph.inputs if v not in initializers),
        tuple(_tensor(v) for v in model.graph.outputs),
        tuple(loaded.warnings) + _odd_inputs(model),
        size_bytes=loaded.size_bytes,
    )


def _entry(layer: Layer) -> Entry:
    tensors = {}
    for index, value in enumerate(layer.tensors):
        role = f"part{index}"
        if index < (4 if layer.kind is LayerKind.BATCH_NORM else 2):
            role = _NORM_ROLES[index]
        tensors[role] = _stored(value)
    reason = "its weights are already quantized" if layer.quantized else ""
    return Entry(
        layer.name,
        layer.kind,
        tensors,
        layer.shape,
        source_name=layer.node_name,
        tied_to=layer.tied_to,
        reason=reason,
    )


def _stored(value: ir.Value) -> Stored:
    tensor = ir.convenience.get_const_tensor(value)
    name = value.name or ""
    if tensor is None:
        return Stored("float32", (), name)
    shape = tuple(int(str(n)) for n in tensor.shape)
    kind = tensor.dtype.name.lower()
    dtype = {"float": "float32", "double": "float64"}.get(kind, kind)
    identity = f"{name}#{id(value)}"
    if isinstance(tensor, ir.ExternalTensor):
        identity = f"{tensor.location}@{tensor.offset}"
        if tensor.dtype.bitwidth >= 8:
            return Stored(dtype, shape, identity, Path(tensor.path), tensor.offset or 0)

    def load() -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        return np.asarray(tensor.numpy())

    return Stored(dtype, shape, identity, load=load, stored_bytes=tensor.nbytes)


def _tensor(value: ir.Value) -> TensorInfo:
    dims: list[Dim] = []
    for axis, dim in enumerate(value.shape if value.shape is not None else ()):
        if isinstance(dim, int):
            dims.append(dim)
        else:
            dims.append(str(dim.value) if dim.value is not None else f"dim{axis}")
    kind = value.dtype.name.lower() if value.dtype is not None else "float32"
    return TensorInfo(value.name or "", tuple(dims), {"float": "float32"}.get(kind, kind))


def _odd_inputs(model: ir.Model) -> tuple[str, ...]:
    return tuple(
        f"{value.name}: this input has a dimension of size zero."
        for value in model.graph.inputs
        if value.shape is not None and any(dim == 0 for dim in value.shape)
    )
