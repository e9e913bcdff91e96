"""Broken and hostile exported programs and TorchScript."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tests.helpers import valid
from tests.helpers.broken_base import RAN, Broken, Runs, rezipped, truncated


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
    return program["graph_module"]["graph"]  # type: ignore[no-any-return]  # JSON


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
