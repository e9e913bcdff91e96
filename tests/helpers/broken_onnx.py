"""Broken ONNX files, and external data that leads elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from tests.helpers import valid
from tests.helpers.broken_base import Broken, truncated


def onnx_with(change: Callable[[onnx.ModelProto], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        model = valid.onnx_model()
        change(model)
        path = folder / "broken.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    return make


def _tensor(model: onnx.ModelProto, name: str = "conv1.weight") -> onnx.TensorProto:
    return next(t for t in model.graph.initializer if t.name == name)


def _no_graph(model: onnx.ModelProto) -> None:
    model.ClearField("graph")


def _cycle(model: onnx.ModelProto) -> None:
    model.graph.node[1].input[0] = "c"


def _written_twice(model: onnx.ModelProto) -> None:
    model.graph.node[2].output[0] = "b"


def _undefined(model: onnx.ModelProto) -> None:
    model.graph.node[1].input[0] = "nowhere"


def _same_node_names(model: onnx.ModelProto) -> None:
    model.graph.node[1].name = model.graph.node[2].name = "twin"


def _same_weight_names(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(_tensor(model, "fc.bias"))


def _nan(model: onnx.ModelProto) -> None:
    values = np.full((4, 3, 3, 3), np.nan, np.float32)
    _tensor(model).CopyFrom(numpy_helper.from_array(values, "conv1.weight"))


def _infinite_bias(model: onnx.ModelProto) -> None:
    values = np.array([np.inf, 0, 0, 0, 1], np.float32)
    _tensor(model, "fc.bias").CopyFrom(numpy_helper.from_array(values, "fc.bias"))


def _zero_size(model: onnx.ModelProto) -> None:
    _tensor(model, "fc.weight").CopyFrom(
        numpy_helper.from_array(np.zeros((0, 4), np.float32), "fc.weight")
    )


def _negative(model: onnx.ModelProto) -> None:
    _tensor(model).dims[0] = -4


def _another_length(model: onnx.ModelProto) -> None:
    _tensor(model).dims[0] = 400


def _billion(model: onnx.ModelProto) -> None:
    tensor = _tensor(model)
    tensor.dims[0] = 10**9


def _overflow(model: onnx.ModelProto) -> None:
    tensor = _tensor(model)
    del tensor.dims[:]
    tensor.dims.extend([1 << 62, 1 << 62, 4])


def _unknown_type(model: onnx.ModelProto) -> None:
    _tensor(model).data_type = 77


def _few_values(model: onnx.ModelProto) -> None:
    tensor = _tensor(model, "fc.bias")
    tensor.ClearField("raw_data")
    tensor.float_data.extend([1.0])
    tensor.dims[0] = 500


def _unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[1].op_type = "Wonder"
    model.graph.node[1].domain = "com.example"
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def _shape_bomb(model: onnx.ModelProto) -> None:
    """A graph that asks for a tensor of 2⁴⁰ numbers."""
    shape = numpy_helper.from_array(np.array([1 << 20, 1 << 20], np.int64), "huge")
    model.graph.initializer.append(shape)
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["huge"], ["vast"], "bomb"))
    model.graph.node.insert(1, helper.make_node("ReduceSum", ["vast"], ["one"], "sum"))
    model.graph.node.append(helper.make_node("Add", ["z", "one"], ["y"], "add"))
    next(n for n in model.graph.node if n.name == "dense").output[0] = "z"


def _nested(depth: int) -> Callable[[Path], Path]:
    """A conditional within a conditional within …, as bytes: protobuf itself would not write it."""

    def field_(number: int, content: bytes) -> bytes:
        length, size = b"", len(content)
        while size > 127:
            length += bytes([size & 127 | 128])
            size >>= 7
        return bytes([number << 3 | 2]) + length + bytes([size]) + content

    def make(folder: Path) -> Path:
        graph = b""
        for _ in range(depth):
            attribute = field_(1, b"then_branch") + field_(6, graph)
            graph = field_(1, field_(4, b"If") + field_(5, attribute))
        path = folder / "nested.onnx"
        path.write_bytes(b"\x08\x08" + field_(7, graph) + b"\x42\x04\x0a\x00\x10\x11")
        return path

    return make


ONNX = [
    Broken("onnx_cut_half", truncated(valid.write_onnx, 0.5), ("cut short",)),
    Broken("onnx_cut_end", truncated(valid.write_onnx, 0.99), ("cut short",)),
    Broken("onnx_no_graph", onnx_with(_no_graph), ("onnx model",)),
    Broken("onnx_cycle", onnx_with(_cycle), ("circle",)),
    Broken("onnx_written_twice", onnx_with(_written_twice), ("2 nodes write the value 'b'",)),
    Broken("onnx_undefined", onnx_with(_undefined), ("'nowhere'", "nothing makes")),
    Broken("onnx_negative", onnx_with(_negative), ("impossible shape", "conv1.weight")),
    Broken("onnx_length", onnx_with(_another_length), ("conv1.weight", "needs")),
    Broken("onnx_billion", onnx_with(_billion), ("conv1.weight", "needs")),
    Broken("onnx_overflow", onnx_with(_overflow), ("impossible shape",)),
    Broken("onnx_type", onnx_with(_unknown_type), ("type that is not known",)),
    Broken("onnx_values", onnx_with(_few_values), ("fc.bias", "needs 500")),
    Broken("onnx_nested", _nested(40), ("onnx model",)),
    Broken("onnx_nested_deep", _nested(3_000), ("onnx model",)),
    Broken("onnx_node_names", onnx_with(_same_node_names), ("twin",), "opens"),
    Broken("onnx_weight_names", onnx_with(_same_weight_names), ("fc.bias",), "opens"),
    Broken("onnx_nan", onnx_with(_nan), ("conv1", "nan"), "opens"),
    Broken("onnx_infinite_bias", onnx_with(_infinite_bias), ("fc", "infinity"), "opens"),
    Broken("onnx_operator", onnx_with(_unknown_operator), ("wonder",), "inspection"),
    Broken("onnx_zero_size", onnx_with(_zero_size), ("fc", "zero"), "listed"),
    Broken("onnx_shape_bomb", onnx_with(_shape_bomb), (), "bounded"),
]


def external_at(**entries: str) -> Callable[[Path], Path]:
    """An ONNX file whose first weight says that its bytes are somewhere else."""

    def make(folder: Path) -> Path:
        path = valid.write_external(folder)
        model = onnx.load(path, load_external_data=False)
        data = model.graph.initializer[0].external_data
        kept = {entry.key: entry.value for entry in data} | entries
        del data[:]
        for key, value in kept.items():
            data.add(key=key, value=value)
        path.write_bytes(model.SerializeToString())
        return path

    return make


def _data_is(kind: str) -> Callable[[Path], Path]:
    """The data file is a link, or no file."""

    def make(folder: Path) -> Path:
        path = valid.write_external(folder)
        data = folder / "small.data"
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        secret = elsewhere / "secret"
        data.rename(secret)
        if kind == "link":
            data.symlink_to(secret)
        elif kind == "hard_link":
            os.link(secret, data)
        elif kind == "pipe":
            os.mkfifo(data)
        elif kind == "folder":
            data.mkdir()
        return path

    return make


def _linked_folder(folder: Path) -> Path:
    path = external_at(location="sub/small.data")(folder)
    outside = folder.parent / f"{folder.name}-outside"
    outside.mkdir()
    (folder / "small.data").rename(outside / "small.data")
    (folder / "sub").symlink_to(outside)
    return path


EXTERNAL = [
    Broken("data_parent", external_at(location="../secret"), ("'../secret'", "not inside")),
    Broken("data_absolute", external_at(location="/etc/passwd"), ("'/etc/passwd'", "not inside")),
    Broken("data_drive", external_at(location="C:\\secret"), ("not inside its folder",)),
    Broken("data_backslash", external_at(location="..\\secret"), ("not inside its folder",)),
    Broken("data_nameless", external_at(location=""), ("not inside its folder",)),
    Broken("data_long_name", external_at(location="d" * 5_000), ("not inside its folder",)),
    Broken("data_missing", _data_is("missing"), ("no such file",)),
    Broken("data_link", _data_is("link"), ("is a link", "'small.data'")),
    Broken("data_hard_link", _data_is("hard_link"), ("hard link",)),
    Broken("data_pipe", _data_is("pipe"), ("no plain file",)),
    Broken("data_folder", _data_is("folder"), ("no plain file",)),
    Broken("data_linked_folder", _linked_folder, ("is a link",)),
    Broken("data_offset", external_at(offset="99999999"), ("do not fit",)),
    Broken("data_length", external_at(length=str(1 << 60)), ("do not fit",)),
    Broken("data_negative", external_at(offset="-8"), ("do not fit",)),
    Broken("data_no_number", external_at(offset="four"), ("do not fit",)),
]
