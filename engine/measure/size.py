"""Exact bytes: of parameters in memory, and of files on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import onnx_ir as ir
import torch

from engine.errors import ModelError
from engine.frozen import FrozenMap
from engine.measure.onnx_file import parse
from engine.network.network import Network


def parameter_bytes(network: Network) -> FrozenMap[int]:
    """Bytes of the distinct parameters and buffers by type (`float32`); tied tensors count once."""
    sizes: dict[str, int] = {}
    seen: set[tuple[int, torch.Size, torch.dtype]] = set()
    tensors = [*network.module.parameters(), *network.module.buffers()]
    for tensor in tensors:
        key = (tensor.data_ptr() or id(tensor), tensor.shape, tensor.dtype)
        if key in seen:
            continue
        seen.add(key)
        name = str(tensor.dtype).removeprefix("torch.")
        sizes[name] = sizes.get(name, 0) + tensor.numel() * tensor.element_size()
    return FrozenMap(sizes)


def file_size(path: str | Path) -> int:
    """Bytes of a model file, with the external data that an ONNX file refers to.

    A data file that several tensors share counts once, and whole: it has to be shipped whole.

    Raises:
        ModelError: A file is missing, or external data lies outside the model's folder.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"There is no file {path}", hint="Choose a model file.")
    size = path.stat().st_size
    if path.suffix.lower() != ".onnx":
        return size
    return size + sum(file.stat().st_size for file in external_files(path))


def external_files(path: Path) -> list[Path]:
    """The files of external data that an ONNX file refers to, each once.

    Raises:
        ModelError: It cannot be parsed; a data file is missing or outside the model's folder.
    """
    locations = dict.fromkeys(_locations(parse(path)))
    folder = path.resolve().parent
    files = []
    for location in locations:
        file = path.parent / location
        pure = PurePosixPath(location.replace("\\", "/"))
        if pure.is_absolute() or ".." in pure.parts or folder not in file.resolve().parents:
            raise ModelError(
                f"{path.name} refers to data outside its folder: {location}",
                hint="It was not read. Put the data beside the model.",
                where=str(path),
            )
        if not file.is_file():
            raise ModelError(
                f"{path.name} needs its data file {location}, which is not there",
                hint="Copy it into the model's folder.",
                where=str(path),
            )
        files.append(file)
    return files


def _locations(model: ir.Model) -> Iterator[str]:
    graphs = [model.graph, *(function.graph for function in model.functions.values())]
    for graph in graphs:
        for value in graph.initializers.values():
            if isinstance(value.const_value, ir.ExternalTensor):
                yield str(value.const_value.location)
        for node in graph.all_nodes():
            for attribute in node.attributes.values():
                if attribute.type is ir.AttributeType.TENSOR and isinstance(
                    attribute.value, ir.ExternalTensor
                ):
                    yield str(attribute.value.location)
                elif attribute.type is ir.AttributeType.GRAPH:
                    for value in attribute.as_graph().initializers.values():
                        if isinstance(value.const_value, ir.ExternalTensor):
                            yield str(value.const_value.location)
