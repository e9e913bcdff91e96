"""Opens an ONNX file: parsed, checked, its external data confined and mapped, not read."""

from __future__ import annotations

import math
import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

import onnx
import onnx_ir as ir
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it has no types

from engine.errors import ModelError
from engine.readers.limits import NAME_LENGTH

LARGEST = (1 << 31) - 1
"""Bytes that protobuf takes; larger models keep their weights in external data."""
ELEMENTS = 1 << 36
NESTING = 30
"""Graphs within graphs; protobuf itself gives up at 100 messages."""


@dataclass(slots=True)
class Loaded:
    """A model file, opened.

    Attributes:
        model: Weights are mapped; the graph is sorted; functions are still there.
        warnings: One sentence each.
        size_bytes: Of the file and the external data it uses.
    """

    model: ir.Model
    warnings: list[str]
    size_bytes: int


def load_model(path: Path) -> Loaded:
    """Open an ONNX file.

    Raises:
        ModelError: It is cut short or damaged, a tensor does not have the size that it says, the
            graph is a circle, or its external data lies outside its folder.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise _broken(path, "is larger than the 2 GiB an ONNX file can have", "external data")
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(path.read_bytes())
    except (DecodeError, RecursionError) as error:
        raise _broken(path, f"is an ONNX model that is cut short or damaged ({error})") from None
    if not proto.HasField("graph"):
        raise _broken(path, "is an ONNX model without a graph")
    warnings = _check_names(proto.graph, path)
    files = _check_tensors(proto, path)
    try:
        model = ir.serde.deserialize_model(proto)
        ir.external_data.set_base_dir(model.graph, path.parent)
        model.graph.sort()
    except (RecursionError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (onnx-ir raises whatever it likes)
        why = "its nodes form a circle" if "cycle" in str(error).lower() else _first_line(error)
        raise _broken(path, f"is an ONNX model that is damaged: {why}") from None
    _check_defined(model, path)
    return Loaded(model, warnings, size + sum(f.stat().st_size for f in files))


def _broken(path: Path, what: str, hint: str = "") -> ModelError:
    return ModelError(
        f"{path} {what}",
        hint=f"Export it again{f' with {hint}' if hint else ', or copy it again'}.",
        where=str(path),
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


def _check_names(graph: onnx.GraphProto, path: Path) -> list[str]:
    """Refuse a value that two nodes write; warn of names that occur twice."""
    written = Counter(name for node in graph.node for name in node.output if name)
    for name, times in written.items():
        if times > 1:
            raise _broken(path, f"is an ONNX model in which {times} nodes write the value {name!r}")
    warnings = []
    nodes = Counter(node.name for node in graph.node if node.name)
    tensors = Counter(tensor.name for tensor in graph.initializer)
    for what, names in (("nodes", nodes), ("weights", tensors)):
        warnings += [
            f"{name[:200]}: {times} {what} of the file have this name."
            for name, times in names.most_common(5)
            if times > 1
        ]
    return warnings


def _check_tensors(proto: onnx.ModelProto, path: Path) -> set[Path]:
    """Check every tensor of the file; returns the files of external data that it uses."""
    folder = Path(os.path.realpath(path.parent))
    files: set[Path] = set()
    sizes: dict[str, tuple[Path, int]] = {}
    for tensor in _tensors(proto, path):
        expected = _bytes_of(tensor, path)
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            file = _check_external(tensor, folder, expected, path, sizes)
            files.add(file)
        elif expected is not None and tensor.HasField("raw_data"):
            if len(tensor.raw_data) != expected:
                raise _broken(
                    path,
                    f"is an ONNX model whose tensor {_name(tensor)} has {len(tensor.raw_data):,} "
                    f"bytes where its shape {list(tensor.dims)} needs {expected:,}",
                )
        elif expected is not None:
            _check_fields(tensor, path)
    return files


_FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")


def _check_fields(tensor: onnx.TensorProto, path: Path) -> None:
    values = math.prod(tensor.dims)
    have = max(len(getattr(tensor, field)) for field in _FIELDS)
    packed = tensor.data_type in (onnx.TensorProto.COMPLEX64, onnx.TensorProto.COMPLEX128)
    enough = have == values * 2 if packed else have == values or 0 < have < values < have * 5
    if values and not enough:
        raise _broken(
            path,
            f"is an ONNX model whose tensor {_name(tensor)} has {have:,} values where its shape "
            f"{list(tensor.dims)} needs {values:,}",
        )


def _name(tensor: onnx.TensorProto) -> str:
    return repr(tensor.name[:100]) if tensor.name else "without a name"


def _bytes_of(tensor: onnx.TensorProto, path: Path) -> int | None:
    """Bytes that a tensor's shape and type ask for; None for strings."""
    if any(dim < 0 for dim in tensor.dims) or math.prod(tensor.dims) > ELEMENTS:
        raise _broken(
            path,
            f"is an ONNX model whose tensor {_name(tensor)} has the impossible shape "
            f"{list(tensor.dims)[:8]}",
        )
    try:
        kind = ir.DataType(tensor.data_type)
        if kind == ir.DataType.STRING:
            return None
        bits: int = math.prod(tensor.dims) * int(kind.bitwidth)
        return (bits + 7) // 8
    except (ValueError, TypeError):
        raise _broken(
            path, f"is an ONNX model whose tensor {_name(tensor)} has a type that is not known"
        ) from None


def _tensors(proto: onnx.ModelProto, path: Path) -> Iterator[onnx.TensorProto]:
    """All tensors: weights, sparse ones, constants, in subgraphs and functions too."""
    pending = [(proto.graph, 0)]
    nodes = [(node, 0) for function in proto.functions for node in function.node]
    while pending or nodes:
        if nodes:
            node, depth = nodes.pop()
            for attribute in node.attribute:
                yield from attribute.tensors
                if attribute.HasField("t"):
                    yield attribute.t
                for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    yield from _sparse(sparse, path)
                if attribute.HasField("g"):
                    pending.append((attribute.g, depth + 1))
                pending += [(graph, depth + 1) for graph in attribute.graphs]
            continue
        graph, depth = pending.pop()
        if depth > NESTING:
            raise _broken(path, f"is an ONNX model with graphs nested more than {NESTING} deep")
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from _sparse(sparse, path)
        nodes += [(node, depth) for node in graph.node]


def _sparse(sparse: onnx.SparseTensorProto, path: Path) -> Iterator[onnx.TensorProto]:
    if any(dim < 0 for dim in sparse.dims) or math.prod(sparse.dims) > ELEMENTS:
        raise _broken(path, "is an ONNX model with a sparse tensor of an impossible shape")
    if sparse.HasField("values"):
        yield sparse.values
        yield sparse.indices


def _check_external(
    tensor: onnx.TensorProto,
    folder: Path,
    expected: int | None,
    path: Path,
    sizes: dict[str, tuple[Path, int]],
) -> Path:
    """Check one tensor's external data: inside the folder, a plain file, long enough."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if location not in sizes:
        sizes[location] = confined(location, folder, path)
    file, size = sizes[location]
    try:
        offset = int(entries.get("offset") or 0)
        length = int(entries.get("length") or (expected or 0))
    except ValueError:
        offset = length = -1
    if expected is None or offset < 0 or length != expected or offset + length > size:
        raise ModelError(
            f"{path} keeps the tensor {_name(tensor)} in {location[:200]!r}, where its "
            f"{expected or 0:,} bytes do not fit (offset {str(entries.get('offset', 0))[:40]}, "
            f"length {str(entries.get('length', ''))[:40]}, file of {size:,} bytes)",
            hint="Copy the model and its data file again, together.",
            where=str(path),
        )
    return file


def confined(location: str, folder: Path, path: Path) -> tuple[Path, int]:
    """A file of external data that lies in the model's folder, and its size.

    Raises:
        ModelError: The location leads elsewhere (`..`, absolute, a link), or there is no such file.
    """
    shown = f"{location[:200]!r}"
    parts = PurePosixPath(location.replace("\\", "/")).parts
    bad = (
        not location
        or len(location) > NAME_LENGTH
        or "\0" in location
        or ".." in parts
        or PurePosixPath(location).is_absolute()
        or PureWindowsPath(location).drive
        or PureWindowsPath(location).root
    )
    if bad:
        raise _outside(path, f"names its data file {shown}, which is not inside its folder")
    file = folder / location
    try:
        status = file.lstat()
    except OSError:
        raise ModelError(
            f"{path} keeps weights in {shown}, but there is no such file beside it",
            hint="Copy the data file into the model's folder.",
            where=str(path),
        ) from None
    if not stat.S_ISREG(status.st_mode) or os.path.realpath(file) != str(file):
        raise _outside(path, f"keeps weights in {shown}, which is a link or no plain file")
    if status.st_nlink > 1:
        raise _outside(path, f"keeps weights in {shown}, which is a hard link to another file")
    return file, status.st_size


def _outside(path: Path, what: str) -> ModelError:
    return ModelError(
        f"{path} {what}; it was refused",
        hint="Copy the data file itself into the model's folder.",
        where=str(path),
    )


def _check_defined(model: ir.Model, path: Path) -> None:
    """Refuse a graph that uses or returns values which nothing makes."""
    known = set(model.graph.inputs) | set(model.graph.initializers.values())
    for output in model.graph.outputs:
        if output not in known and output.producer() is None:
            raise _broken(path, f"is an ONNX model whose output {output.name!r} nothing makes")
    for node in model.graph.all_nodes():
        for value in node.inputs:
            if value is None or value in known or value.producer() is not None:
                continue
            if value.graph is None:
                raise _broken(
                    path,
                    f"is an ONNX model whose node {node.name or node.op_type!r} uses the value "
                    f"{value.name!r}, which nothing makes",
                )
