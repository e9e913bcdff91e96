"""Broken and hostile model files, made on the spot: `CASES` says what each must be answered with.

What would run code creates the file `RAN` in the folder; no test may ever find it.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from tests.helpers import valid

RAN = "it-ran"


@dataclass(frozen=True)
class Broken:
    """One file.

    Attributes:
        name: Of the case.
        make: Writes it into a folder and returns its path.
        words: What the answer must contain, in lower case.
        outcome: `refused` (ModelError), `trust` (TrustRequired), `inspection` (a table, no network;
            `words` in the reason) or `opens` (`words` in the warnings).
        architecture: For weights; made in the folder.
    """

    name: str
    make: Callable[[Path], Path]
    words: tuple[str, ...]
    outcome: str = "refused"
    architecture: str = ""
    shapes: Mapping[str, str] = field(default_factory=dict)


class Runs:
    """Unpickling it creates the file."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / RAN)

    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (self.path, "w"))


def written(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return make


def zipped(name: str, entries: Mapping[str, bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        with zipfile.ZipFile(path, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return path

    return make


def truncated(write: Callable[[Path], Path], part: float) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = write(folder)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * part)])
        return path

    return make


def rezipped(
    path: Path,
    change: Callable[[str, bytes], bytes | None],
    extra: Iterable[tuple[str, bytes]] = (),
) -> Path:
    """Rewrite an archive's entries; those for which `change` gives None are left out."""
    with zipfile.ZipFile(path) as old:
        entries = [(info.filename, old.read(info)) for info in old.infolist()]
    root = entries[0][0].partition("/")[0]
    with zipfile.ZipFile(path, "w") as new:
        for name, content in entries:
            changed = change(name, content)
            if changed is not None:
                new.writestr(name, changed)
        for name, content in extra:
            new.writestr(f"{root}/{name}", content)
    return path


# ------------------------------------------------------------------------------ not files at all


def _missing(folder: Path) -> Path:
    return folder / "nothing.onnx"


def _folder(folder: Path) -> Path:
    path = folder / "folder.onnx"
    path.mkdir()
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe.onnx"
    os.mkfifo(path)
    return path


def _link_loop(folder: Path) -> Path:
    path = folder / "loop.onnx"
    path.symlink_to(path)
    return path


NOT_FILES = [
    Broken("missing", _missing, ("there is no file",)),
    Broken("folder", _folder, ("is a folder",)),
    Broken("pipe", _pipe, ("is a pipe",)),
    Broken("device", lambda _: Path("/dev/zero"), ("is a device",)),
    Broken("link_loop", _link_loop, ("leads back to itself",)),
    Broken("long_name", lambda folder: folder / ("n" * 5_000), ("too long",)),
    Broken("empty", written("empty.onnx", b""), ("is empty",)),
]

# -------------------------------------------------------------------------------- something else

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OTHER_FORMS = [
    Broken(name, written(file, content), words)
    for name, file, content, words in [
        ("png", "model.onnx", _PNG, ("png image", "espalier reads")),
        ("jpeg", "model.pt", b"\xff\xd8\xff\xe0" + bytes(100), ("jpeg",)),
        ("web_page", "model.onnx", b"<!DOCTYPE html><html>404", ("web page", "download")),
        ("xml", "model.xml", b"<?xml version='1.0'?><net/>", ("xml",)),
        (
            *("git_lfs", "model.safetensors"),
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 99\n",
            ("git lfs", "pull"),
        ),
        ("text", "model.pt2", b"this is my model\nreally\n", ("plain text",)),
        ("json", "model.onnx", b'{"layers": []}', ("json",)),
        ("zeros", "model.onnx", bytes(4_096), ("zeros", "download")),
        ("hdf5", "model.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), ("hdf5", "tf2onnx")),
        ("tflite", "model.tflite", b"\x1c\0\0\0TFL3" + bytes(100), ("tensorflow lite",)),
        ("gguf", "model.gguf", b"GGUF\x03\0\0\0" + bytes(100), ("gguf",)),
        ("numpy", "model.npy", b"\x93NUMPY\x01\0" + bytes(100), ("numpy",)),
        ("gzip", "model.onnx.gz", b"\x1f\x8b\x08" + bytes(100), ("gzip", "unpack")),
        (
            "tar",
            "model.pt",
            bytes(
                1,
            )
            + b"x" * 256
            + b"ustar"
            + bytes(300),
            ("tar",),
        ),
        ("program", "model.onnx", b"\x7fELF" + bytes(100), ("program",)),
        ("pickle", "model.pkl", pickle.dumps({"a": 1}), ("pickle that torch.save did not",)),
        ("noise", "model.onnx", bytes(range(128, 256)) * 8, ("nothing that is known",)),
    ]
] + [
    Broken("zip", zipped("model.zip", {"readme.txt": b"hello"}), ("zip archive",)),
    Broken("npz", zipped("model.npz", {"x.npy": b"\x93NUMPY"}), ("numpy",)),
    Broken(
        "keras",
        zipped("model.keras", {"config.json": b"{}", "model.weights.h5": b""}),
        ("keras",),
    ),
    Broken("office", zipped("model.docx", {"[Content_Types].xml": b""}), ("office",)),
]

# ------------------------------------------------------------------------------------------ ONNX


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

# --------------------------------------------------------------------------------- external data


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

# -------------------------------------------------------------------------------------- archives


def _bomb(folder: Path) -> Path:
    path = folder / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", pickle.dumps({}))
        with archive.open("bomb/data/0", "w") as entry:
            for _ in range(200):
                entry.write(bytes(1 << 20))
    return path


def _many_entries(folder: Path) -> Path:
    path = folder / "many.pt"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *(20, 20, 0, 0, 0, 0), 0, 0, 0, 1, *(0,) * 6)
    count = 200_000
    directory = (entry + b"x") * count
    end64 = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *(count,) * 2, len(directory), 4
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 4 + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(b"PK\x03\x04" + directory + end64 + locator + end)
    return path


def _overlapping(folder: Path) -> Path:
    """Every entry of the directory points at the same bytes."""
    path = folder / "overlap.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", bytes(10_000))
        first = archive.infolist()[0]
        for number in range(50):
            twin = zipfile.ZipInfo(f"a/data/{number}")
            twin.file_size, twin.compress_size, twin.CRC = 10_000, 10_000, first.CRC
            twin.header_offset = first.header_offset
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    return path


def _twins(folder: Path) -> Path:
    path = folder / "twins.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"1")
        archive.writestr("a/data.pkX", b"2")
    path.write_bytes(path.read_bytes().replace(b"a/data.pkX", b"a/data.pkl"))
    return path


ARCHIVES = [
    Broken("zip_cut", truncated(valid.write_state_dict, 0.6), ("zip archive", "cut short")),
    Broken("zip_bomb", _bomb, ("zip bombs",)),
    Broken("zip_many", _many_entries, ("200,000 entries",)),
    Broken("zip_overlap", _overlapping, ("overlap",)),
    Broken("zip_twins", _twins, ("two entries named",)),
    Broken("zip_parent", zipped("a.pt", {"a/data.pkl": b"", "../x": b""}), ("leads outside",)),
    Broken("zip_absolute", zipped("a.pt", {"a/data.pkl": b"", "/etc/x": b""}), ("leads outside",)),
    Broken("zip_empty", written("a.pt", b"PK\x05\x06" + bytes(18)), ("empty zip",)),
]

# --------------------------------------------------------------------------------------- pickles


def _pickled(content: Callable[[Path], Any], legacy: bool = False) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "hostile.pt"
        torch.save(content(folder), path, _use_new_zipfile_serialization=not legacy)
        return path

    return make


def _raw_pickle(data: bytes) -> Callable[[Path], Path]:
    return zipped("raw.pt", {"raw/data.pkl": data, "raw/version": b"3"})


def _hostile_module(folder: Path) -> Any:
    module = valid.sequential()
    module.hook = Runs(folder)
    return module


def _with_state(folder: Path) -> Any:
    return {"state_dict": valid.net().state_dict(), "args": Runs(folder)}


def _no_values(folder: Path) -> Path:
    return rezipped(
        valid.write_state_dict(folder), lambda name, data: None if "/data/" in name else data
    )


def _called_safetensors(folder: Path) -> Path:
    path = folder / "model.safetensors"
    return _pickled(_hostile_module)(folder).rename(path)


MEMO_BOMB = b"\x80\x02}r\xff\xff\xff\xffq\x00."
"""Puts one object into slot 4,294,967,295 of a table that would need 64 GiB."""
DEEP = b"\x80\x02" + b"(" * 100_000 + b"l" + b"t" * 99_999 + b"."
PICKLES = [
    Broken("pickle_runs", _pickled(Runs), ("no tensors",)),
    Broken("pickle_runs_legacy", _pickled(Runs, legacy=True), ("no tensors",)),
    Broken("pickle_module", _pickled(_hostile_module), ("would import", "open"), "trust"),
    Broken("pickle_module_legacy", _pickled(_hostile_module, True), ("would import",), "trust"),
    Broken("pickle_as_safetensors", _called_safetensors, ("would import",), "trust"),
    Broken("pickle_beside_state", _pickled(_with_state), ("without a graph",), "inspection"),
    Broken("pickle_no_values", _no_values, ("values", "missing"), architecture="Net"),
    Broken("pickle_memo", _raw_pickle(MEMO_BOMB), ()),
    Broken("pickle_deep", _raw_pickle(DEEP), ()),
    Broken("pickle_garbage", _raw_pickle(b"\x80\x02garbage"), ("cut short or damaged",)),
    Broken("pickle_tensor", _pickled(lambda _: torch.ones(3)), ("a tensor, but no network",)),
    Broken("pickle_numbers", _pickled(lambda _: {"epoch": 3}), ("no tensors",)),
    Broken("legacy_cut", truncated(valid.write_legacy, 0.7), ("cut short",)),
    Broken("legacy_cut_early", truncated(valid.write_legacy, 0.1), ("cut short",)),
]

# ----------------------------------------------------------------------------------- state dicts


def _wrong_names(folder: Path) -> Path:
    path = folder / "other.pth"
    torch.save({f"other.{k}": v for k, v in valid.net().state_dict().items()}, path)
    return path


STATE_DICTS = [
    Broken(
        "state_missing", valid.write_state_dict, ("extra.weight", "missing"), architecture="wider"
    ),
    Broken("state_names", _wrong_names, ("8 are missing", "have no place"), architecture="Net"),
    Broken("factory_text", valid.write_state_dict, ("returns a str",), architecture="text"),
    Broken("factory_fails", valid.write_state_dict, ("no such luck", "line"), architecture="fails"),
    Broken(
        "factory_unknown", valid.write_state_dict, ("no function 'no'", "it has"), architecture="no"
    ),
]

# ----------------------------------------------------------------------------------- safetensors


def _safetensors(header: Any, data: bytes = bytes(16)) -> Callable[[Path], Path]:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return written("broken.safetensors", len(text).to_bytes(8, "little") + text + data)


def _entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


SAFETENSORS = [
    Broken(f"safetensors_{name}", make, ("safetensors file that is damaged",))
    for name, make in [
        ("cut_data", truncated(valid.write_safetensors, 0.8)),
        ("cut_header", truncated(valid.write_safetensors, 0.1)),
        ("no_json", _safetensors(b"{not json at all}")),
        ("list", _safetensors(b"{}")),
        ("header_length", written("h.safetensors", (1 << 36).to_bytes(8, "little") + b"{}")),
        ("beyond", _safetensors({"w": _entry([100], 0, 400)})),
        ("backwards", _safetensors({"w": _entry([4], 16, 0)})),
        ("length", _safetensors({"w": _entry([4, 4], 0, 16)})),
        ("negative", _safetensors({"w": _entry([-4], 0, 16)})),
        ("type", _safetensors({"w": _entry([4], 0, 16, "F99")})),
        ("deep", _safetensors(b"{" + b'"a":{' * 50_000)),
    ]
]

# ------------------------------------------------------------------------------ exported programs


def pt2_with(change: Callable[[dict[str, Any], Path], None]) -> Callable[[Path], Path]:
    """An exported program whose JSON is changed."""

    def make(folder: Path) -> Path:
        def edit(name: str, data: bytes) -> bytes:
            if not name.endswith("models/model.json"):
                return data
            program = json.loads(data)
            change(program, folder)
            return json.dumps(program).encode()

        return rezipped(valid.write_pt2(folder), edit)

    return make


def _graph(program: dict[str, Any]) -> dict[str, Any]:
    return program["graph_module"]["graph"]  # type: ignore[no-any-return]


def _code(folder: Path) -> str:
    return f"__import__('pathlib').Path({str(folder / RAN)!r}).touch()"


def _expression(program: dict[str, Any], folder: Path) -> None:
    sizes = next(iter(v for k, v in _graph(program)["tensor_values"].items() if k == "x"))["sizes"]
    sizes[0]["as_expr"]["expr_str"] = _code(folder)


def _guard(program: dict[str, Any], folder: Path) -> None:
    program["guards_code"] = [f"({_code(folder)} is None)"]


def _rename(old: str, new: Callable[[Path], str]) -> Callable[[dict[str, Any], Path], None]:
    def change(program: dict[str, Any], folder: Path) -> None:
        text = json.dumps(program).replace(f'"{old}"', json.dumps(new(folder)))
        program.clear()
        program.update(json.loads(text))

    return change


def _target(name: str) -> Callable[[dict[str, Any], Path], None]:
    def change(program: dict[str, Any], folder: Path) -> None:
        node = _graph(program)["nodes"][0]
        node["target"] = name
        node["inputs"] = [
            {"name": "", "arg": {"as_string": f"touch {folder / RAN}"}, "kind": 1},
        ]

    return change


def _output_class(program: dict[str, Any], folder: Path) -> None:
    call = program["graph_module"]["module_call_graph"][0]["signature"]
    call["out_spec"] = call["out_spec"].replace('"type": null', '"type": "os.system"')


def _weights(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        def edit(name: str, data: bytes) -> bytes | None:
            if name.endswith("model_weights_config.json"):
                table = json.loads(data)
                change(table["config"]["conv1.weight"])
                return json.dumps(table).encode()
            return data

        return rezipped(valid.write_pt2(folder), edit)

    return make


def _pickled_weight(folder: Path) -> Path:
    path = _weights(lambda entry: entry.update(use_pickle=True))(folder)
    hostile = pickle.dumps(Runs(folder))
    return rezipped(path, lambda name, data: hostile if name.endswith("/weight_0") else data)


def _custom_object(kind: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        entry = {
            "path_name": f"{kind}_0",
            "is_param": False,
            "use_pickle": True,
            "tensor_meta": None,
        }

        def edit(name: str, data: bytes) -> bytes:
            if name.endswith("model_constants_config.json"):
                return json.dumps({"config": {"thing": entry}}).encode()
            return data

        hostile = pickle.dumps(Runs(folder))
        return rezipped(valid.write_pt2(folder), edit, [(f"data/constants/{kind}_0", hostile)])

    return make


def _sample_inputs(folder: Path) -> Path:
    hostile = pickle.dumps(Runs(folder))
    return rezipped(
        valid.write_pt2(folder), lambda name, data: hostile if "sample_inputs" in name else data
    )


def _compiled(folder: Path) -> Path:
    library = [("data/aotinductor/model/evil.so", b"\x7fELF")]
    return rezipped(
        valid.write_pt2(folder), lambda name, data: None if "models/" in name else data, library
    )


def _no_weight(folder: Path) -> Path:
    return rezipped(
        valid.write_pt2(folder), lambda name, data: None if name.endswith("/weight_0") else data
    )


def _huge_weight(entry: dict[str, Any]) -> None:
    entry["tensor_meta"]["sizes"][0] = {"as_int": 1 << 33}


def _other_shape(entry: dict[str, Any]) -> None:
    entry["tensor_meta"]["sizes"] = [{"as_int": 4}, {"as_int": 27}]
    entry["tensor_meta"]["strides"] = [{"as_int": 27}, {"as_int": 1}]


def _default(folder: Path) -> str:
    return f"x={_code(folder)}"


def _path(folder: Path) -> str:
    return f'fc.w"), {_code(folder)}, ("'


PT2 = [
    Broken("pt2_expression", pt2_with(_expression), ("no plain arithmetic",)),
    Broken("pt2_input_name", pt2_with(_rename("x", _default)), ("name that is none",)),
    Broken("pt2_weight_name", pt2_with(_rename("fc.weight", _path)), ("impossible name",)),
    Broken("pt2_system", pt2_with(_target("torch.os.system")), ("'torch.os.system'",)),
    Broken("pt2_load", pt2_with(_target("torch.load")), ("not a network operator",)),
    Broken("pt2_operator", pt2_with(_target("_operator.call")), ("not a network operator",)),
    Broken(
        "pt2_from_file",
        pt2_with(_target("torch.ops.aten.from_file.default")),
        ("not a network operator",),
    ),
    Broken("pt2_output_class", pt2_with(_output_class), ("'os.system'",)),
    Broken("pt2_pickled_weight", _pickled_weight, ("pickle that would run code",)),
    Broken("pt2_custom_object", _custom_object("custom_obj"), ("brings its own code",)),
    Broken("pt2_opaque_object", _custom_object("opaque_obj"), ("brings its own code",)),
    Broken("pt2_compiled", _compiled, ("has no graph",)),
    Broken("pt2_no_weight", _no_weight, ("lacks the bytes",)),
    Broken("pt2_huge_weight", _weights(_huge_weight), ("lacks the bytes",)),
    Broken("pt2_other_shape", _weights(_other_shape), ("conv1.weight", "graph expects")),
    Broken("pt2_cut", truncated(valid.write_pt2, 0.7), ("cut short",)),
    Broken("pt2_guard", pt2_with(_guard), (), "opens"),
    Broken("pt2_sample_inputs", _sample_inputs, (), "opens"),
]

# ----------------------------------------------------------------------------------- TorchScript


class Saves(torch.nn.Module):
    """Compiles to TorchScript that reads a file."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + torch.from_file("/tmp/none", False, 1)


def _script_with_files(folder: Path) -> Path:
    path = folder / "files.pt"
    torch.jit.save(torch.jit.script(Saves()), path)
    return path


TORCHSCRIPT = [
    Broken("script_cut", truncated(valid.write_torchscript, 0.5), ("cut short",)),
    Broken("script_files", _script_with_files, ("open files",), shapes={"x": "3"}),
    Broken("script_shape", valid.write_torchscript, ("shape its input has",), "inspection"),
    Broken(
        "script_wrong_shape",
        valid.write_torchscript,
        ("does not run",),
        "inspection",
        shapes={"x": "7x8x8"},
    ),
]

CASES = [
    *(*NOT_FILES, *OTHER_FORMS, *ONNX, *EXTERNAL, *ARCHIVES, *PICKLES, *STATE_DICTS),
    *(*SAFETENSORS, *PT2, *TORCHSCRIPT),
]
