"""The quick listing of an exported program: from its JSON and the archive's directory alone."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch._export.serde.serialize import deserialize_scalar_type

from engine.errors import ModelError
from engine.info import Dim, Format, LayerKind, TensorInfo
from engine.readers.limits import open_archive, record_offset
from engine.readers.listing import Entry, Sketch
from engine.readers.program_check import Refused
from engine.readers.pt2 import damaged, payload_config, read_program_json, root_of
from engine.readers.stored import Stored, dtype_of

_KINDS = {
    "conv1d": LayerKind.CONV1D,
    "conv2d": LayerKind.CONV2D,
    "conv3d": LayerKind.CONV3D,
    "conv_transpose1d": LayerKind.CONV_TRANSPOSE1D,
    "conv_transpose2d": LayerKind.CONV_TRANSPOSE2D,
    "conv_transpose3d": LayerKind.CONV_TRANSPOSE3D,
    "linear": LayerKind.LINEAR,
    "embedding": LayerKind.EMBEDDING,
    "batch_norm": LayerKind.BATCH_NORM,
    "layer_norm": LayerKind.LAYER_NORM,
    "group_norm": LayerKind.GROUP_NORM,
    "instance_norm": LayerKind.INSTANCE_NORM,
    "rms_norm": LayerKind.RMS_NORM,
    "prelu": LayerKind.PRELU,
    "lstm": LayerKind.LSTM,
    "gru": LayerKind.GRU,
    "rnn_tanh": LayerKind.RNN,
    "rnn_relu": LayerKind.RNN,
}
_CONVOLUTION = {3: LayerKind.CONV1D, 4: LayerKind.CONV2D, 5: LayerKind.CONV3D}
_TRANSPOSED = {
    3: LayerKind.CONV_TRANSPOSE1D,
    4: LayerKind.CONV_TRANSPOSE2D,
    5: LayerKind.CONV_TRANSPOSE3D,
}
_OPS = {*_KINDS, "convolution", "_convolution"}
_PRODUCTS = {
    "addmm": {"weight": "mat2", "bias": "self"},
    "mm": {"weight": "mat2"},
    "matmul": {"weight": "other"},
}
"""Operators that are a dense layer when their right factor is a stored matrix."""
_ROLES = ("weight", "bias", "running_mean", "running_var")


def sketch_pt2(path: Path) -> Sketch:
    """Everything that an exported program's file says about its layers.

    Raises:
        ModelError: It is damaged, or not safe to read.
    """
    with open_archive(path) as archive:
        try:
            data, model = read_program_json(archive)
            return _sketch(path, archive, data, model)
        except ModelError as error:
            raise ModelError(error.message, hint=error.hint, where=str(path)) from None
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise damaged(path, f"{type(error).__name__}: {str(error)[:160]}") from None
        except zipfile.BadZipFile as error:
            raise damaged(path, str(error)[:160]) from None


def _sketch(path: Path, archive: zipfile.ZipFile, data: dict[str, Any], model: str) -> Sketch:
    module = data["graph_module"]
    graph, signature = module["graph"], module["signature"]
    values = graph["tensor_values"]
    table = _Table(path, archive, model)
    program = _Program(table, table.placeholders(signature, values))
    entries: dict[str, Entry] = {}
    for node in _nodes(graph):
        for entry in program.entries(node):
            entries.setdefault(entry.name, entry)
    return Sketch(
        Format.PT2,
        tuple(entries.values()),
        tuple(_info(name, values) for name in _user(signature, "input") if name in values),
        tuple(_info(name, values) for name in _user(signature, "output") if name in values),
    )


def _user(signature: Mapping[str, Any], way: str) -> Iterator[str]:
    """Names of the graph's own inputs or outputs that are tensors."""
    for spec in signature[f"{way}_specs"]:
        argument = spec.get(f"user_{way}", {}).get("arg", {})
        if "as_tensor" in argument:
            yield argument["as_tensor"]["name"]


def _info(name: str, values: Mapping[str, Any]) -> TensorInfo:
    meta = values[name]
    shape: list[Dim] = []
    for axis, size in enumerate(meta["sizes"]):
        fixed = size.get("as_int")
        shape.append(fixed if isinstance(fixed, int) else "batch" if axis == 0 else f"dim{axis}")
    return TensorInfo(name, tuple(shape), _dtype(meta))


def _dtype(meta: Mapping[str, Any]) -> str:
    return str(deserialize_scalar_type(meta["dtype"])).removeprefix("torch.")


def _nodes(graph: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All nodes, those of subgraphs where they are called."""
    for node in graph["nodes"]:
        yield node
        for argument in node["inputs"]:
            if "as_graph" in argument["arg"]:
                yield from _nodes(argument["arg"]["as_graph"]["graph"])


class _Table:
    """The tensors of an archive, by full name."""

    def __init__(self, path: Path, archive: zipfile.ZipFile, model: str) -> None:
        self._path = path
        self.tensors: dict[str, Stored] = {}
        names = set(archive.namelist())
        for kind in ("weights", "constants"):
            for name, entry in payload_config(archive, kind, model).items():
                if not isinstance(entry.get("tensor_meta"), dict):
                    raise Refused(f"holds an object that brings its own code ({name!r})")
                record = f"{root_of(archive)}data/{kind}/{entry['path_name']}"
                if record not in names:
                    raise Refused(f"lacks the bytes of the weight {name!r}")
                self.tensors[name] = self._stored(archive, record, entry)

    def _stored(self, archive: zipfile.ZipFile, record: str, entry: Mapping[str, Any]) -> Stored:
        meta = entry["tensor_meta"]
        shape = tuple(int(size["as_int"]) for size in meta["sizes"])
        strides = tuple(int(size["as_int"]) for size in meta["strides"])
        first = int(meta["storage_offset"]["as_int"])
        stored = Stored(_dtype(meta), shape, f"{record}@{first}", strides=strides)
        member = archive.getinfo(record)
        kind = dtype_of(stored.dtype)
        if entry.get("use_pickle") or kind is None:
            return stored
        if min((0, first, *shape, *strides)) < 0 or (
            stored.values and (first + stored.extent) * kind.itemsize > member.file_size
        ):
            raise Refused(f"lacks the bytes of a weight ({record})")
        start = record_offset(archive, member)
        if start is None:
            return stored
        return replace(stored, path=self._path, offset=start + first * kind.itemsize)

    def placeholders(
        self, signature: Mapping[str, Any], values: Mapping[str, Any]
    ) -> dict[str, _Used]:
        """Placeholder → the tensor it stands for; of old files only the shape is known."""
        used = {}
        for spec in signature["input_specs"]:
            for kind in ("parameter", "buffer", "tensor_constant"):
                if kind not in spec:
                    continue
                name = spec[kind][f"{kind}_name"]
                placeholder = spec[kind]["arg"]["name"]
                if name not in self.tensors:
                    meta = values[placeholder]
                    shape = tuple(int(size["as_int"]) for size in meta["sizes"])
                    self.tensors[name] = Stored(_dtype(meta), shape, name)
                used[placeholder] = _Used(name, kind == "parameter")
        return used


@dataclass(frozen=True, slots=True)
class _Used:
    """A tensor as a node sees it."""

    name: str
    trainable: bool
    transposed: bool = False


class _Program:
    """Finds the layers; the names are those that `lift` gives."""

    def __init__(self, table: _Table, used: dict[str, _Used]) -> None:
        self._tensors = table.tensors
        self._used = used

    def entries(self, node: Mapping[str, Any]) -> Iterator[Entry]:
        """The layer that a node is, or the free parameters that it reads."""
        op = node["target"].removeprefix("torch.ops.aten.").partition(".")[0]
        arguments = {item["name"]: item["arg"] for item in node["inputs"]}
        if op in ("t", "transpose", "permute", "detach", "alias") and self._alias(op, node):
            return
        tensors = self._layer_tensors(op, arguments)
        if tensors:
            kind = self._kind(op, tensors, arguments)
            weight = tensors["weight" if "weight" in tensors else next(iter(tensors))]
            shape = self._tensors[weight.name].shape
            yield Entry(
                self._name(op, tensors, _scope(node)),
                kind,
                {role: self._tensors[used.name] for role, used in tensors.items()},
                shape[::-1] if op in _PRODUCTS and not weight.transposed else None,
            )
            return
        for name in _tensor_names(arguments):
            if (used := self._used.get(name)) is not None and used.trainable:
                yield Entry(used.name, LayerKind.PARAMETER, {"weight": self._tensors[used.name]})

    def _alias(self, op: str, node: Mapping[str, Any]) -> bool:
        """Follow a matrix through a transposition."""
        used = self._used.get(node["inputs"][0]["arg"].get("as_tensor", {}).get("name", ""))
        if used is None or len(self._tensors[used.name].shape) != 2:
            return False
        turned = used.transposed ^ (op in ("t", "transpose", "permute"))
        self._used[node["outputs"][0]["as_tensor"]["name"]] = replace(used, transposed=turned)
        return True

    def _layer_tensors(self, op: str, arguments: Mapping[str, Any]) -> dict[str, _Used]:
        """Role → tensor, of an operator that is a layer and whose weights are stored ones."""
        if op in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
            names = [item["name"] for item in arguments.get("params", {}).get("as_tensors", [])]
            members = [self._used[name] for name in names if name in self._used]
            return {used.name.rpartition(".")[2]: used for used in members}
        roles = _PRODUCTS.get(op) or (dict(zip(_ROLES, _ROLES, strict=True)) if op in _OPS else {})
        found = {}
        for role, argument in roles.items():
            value = arguments.get(argument, {})
            name = (value.get("as_tensor") or value.get("as_optional_tensor", {})).get("name", "")
            if name in self._used:
                found[role] = self._used[name]
        if "weight" not in found or (op in _PRODUCTS and not self._is_dense(op, found)):
            return {}
        return found

    def _is_dense(self, op: str, found: Mapping[str, _Used]) -> bool:
        return (
            len(self._tensors[found["weight"].name].shape) == 2
            and found["weight"].trainable
            and (op != "addmm" or "bias" in found)
        )

    def _kind(
        self, op: str, tensors: Mapping[str, _Used], arguments: Mapping[str, Any]
    ) -> LayerKind:
        if op in ("convolution", "_convolution"):
            transposed = arguments.get("transposed", {}).get("as_bool")
            rank = len(self._tensors[tensors["weight"].name].shape)
            return (_TRANSPOSED if transposed else _CONVOLUTION).get(rank, LayerKind.PARAMETER)
        return _KINDS.get(op, LayerKind.LINEAR)

    def _name(self, op: str, tensors: Mapping[str, _Used], scope: str) -> str:
        """The module that the tensors are members of under the right names, or an invented name."""
        first = next(iter(tensors.values()))
        owner, _, local = first.name.rpartition(".")
        for place in (scope, owner):
            if place and not first.transposed ^ (op in _PRODUCTS) and self._fits(tensors, place):
                return place
        stem = local.removesuffix("_weight")
        if stem == "weight":
            if op in _PRODUCTS:
                return owner or "linear"
            stem = "conv" if op.startswith("conv") else op
        return f"{owner}.{stem}" if owner else stem

    def _fits(self, tensors: Mapping[str, _Used], place: str) -> bool:
        for role, used in tensors.items():
            member = self._tensors.get(f"{place}.{role}")
            if member is None or member.identity != self._tensors[used.name].identity:
                return False
        return True


def _scope(node: Mapping[str, Any]) -> str:
    """Path of the innermost module that a node belongs to."""
    last = node.get("metadata", {}).get("nn_module_stack", "").rpartition(";")[2]
    parts = last.split(",")
    return parts[1].partition("@")[0] if len(parts) > 2 else ""


def _tensor_names(arguments: Mapping[str, Any]) -> Iterator[str]:
    for argument in arguments.values():
        for kind, value in argument.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and kind.startswith(("as_tensor", "as_optional_tensor")):
                    yield str(item.get("name") or item.get("as_tensor", {}).get("name", ""))
