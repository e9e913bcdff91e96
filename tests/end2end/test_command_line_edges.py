"""The command line where it is easily wrong: odd networks, narrow terminals, full disks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console

from engine.cli import console, main, tables
from engine.info import (
    ChannelGroup,
    Format,
    LayerInfo,
    LayerKind,
    LayerLatency,
    NetworkInfo,
    Profile,
    Verdict,
)
from engine.jobs.events import Progress
from engine.paths import RESOURCES

MODEL = str(RESOURCES / "samples" / "digits.pt2")
FLOAT = TensorProto.FLOAT


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of one command in this process."""
    status = main.run(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def save(path: Path, nodes: list, ends: tuple, weights: dict) -> str:
    """An ONNX file; `ends` are inputs and outputs as (name, type, shape)."""
    tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]
    infos = [[helper.make_tensor_value_info(*end) for end in some] for some in ends]
    graph = helper.make_graph(nodes, "graph", *infos, tensors)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 4)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return str(path)


def linear(
    path: Path, batch: object = "batch", inputs: int = 4, weight: float = 1.0, name: str = "x"
) -> str:
    """`y = x W`, whose first class always wins for positive inputs."""
    weights = np.zeros((inputs, 3), np.float32)
    weights[:, 0] = weight
    node = helper.make_node("MatMul", [name, "fc.weight"], ["y"], "fc")
    ends = [(name, FLOAT, [batch, inputs])], [("y", FLOAT, [batch, 3])]
    return save(path, [node], ends, {"fc.weight": weights})


@pytest.fixture
def data(tmp_path: Path) -> str:
    """Ten vectors of four positive numbers, of which eight are of class 0."""
    path = tmp_path / "data.npz"
    values = np.random.default_rng(0).uniform(1, 2, (10, 4)).astype(np.float32)
    np.savez(path, x=values, y=np.array([0] * 8 + [1, 2]))
    return str(path)


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    status, out, err = run(capsys, "evaluate", *arguments, "--json")
    assert (status, err) == (0, "")
    found: dict = json.loads(out)
    return found


# Networks --------------------------------------------------------------------------------------


def test_a_batch_that_the_file_fixes(capsys, tmp_path, data) -> None:
    found = evaluated(capsys, linear(tmp_path / "m.onnx", batch=7), "--data", data)
    assert (found["samples"], found["top1"]) == (10, 0.8)


def test_no_batch_axis_is_one_sentence(capsys, tmp_path, data) -> None:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    ends = [("x", FLOAT, [4])], [("y", FLOAT, [3])]
    path = save(tmp_path / "m.onnx", [node], ends, {"w": np.ones((4, 3), np.float32)})
    status, out, err = run(capsys, "evaluate", path, "--data", data)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "no batch axis" in err


def test_a_number_alone_is_timed(capsys, tmp_path) -> None:
    node = helper.make_node("Mul", ["x", "w"], ["y"])
    ends = [("x", FLOAT, [])], [("y", FLOAT, [])]
    path = save(tmp_path / "m.onnx", [node], ends, {"w": np.float32(2)})
    status, out, _ = run(capsys, "profile", path, "--seconds", "0.1", "--json")
    assert status == 0
    assert json.loads(out)["latency_ms"] > 0


def test_texts_as_input_are_one_sentence(capsys, tmp_path, data) -> None:
    attributes = {"keys_strings": ["a"], "values_int64s": [1], "domain": "ai.onnx.ml"}
    node = helper.make_node("LabelEncoder", ["s"], ["k"], **attributes)
    ends = [("s", TensorProto.STRING, ["n"])], [("k", TensorProto.INT64, ["n"])]
    status, out, err = run(
        capsys, "evaluate", save(tmp_path / "m.onnx", [node], ends, {}), "--data", data
    )
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "of type string" in err


def test_lengths_that_the_file_leaves_open(capsys, tmp_path) -> None:
    """Texts of nine tokens go into a network that says nothing about their length."""
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["e"]),
        helper.make_node("ReduceMean", ["e", "axes"], ["y"], keepdims=0),
    ]
    ends = [("ids", TensorProto.INT64, ["n", "length"])], [("y", FLOAT, ["n", 2])]
    table = np.arange(40, dtype=np.float32).reshape(20, 2) * [1, -1]
    weights = {"table": table.astype(np.float32), "axes": np.array([1])}
    path = save(tmp_path / "m.onnx", nodes, ends, weights)
    np.savez(tmp_path / "d.npz", x=np.full((5, 9), 3), y=np.zeros(5, int))
    assert evaluated(capsys, path, "--data", str(tmp_path / "d.npz"))["top1"] == 1.0
    # without data tokens are made up, of the twenty that the table has
    found = evaluated(capsys, path, "--reference", path)
    assert (found["source"], found["agreement"]) == ("synthetic", 1.0)


def test_profile_takes_the_sizes_that_the_file_leaves_open(capsys, tmp_path) -> None:
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Equal", ["s", "wanted"], ["same"]),
        helper.make_node("Cast", ["same"], ["ones"], to=FLOAT),
        helper.make_node("ReduceMin", ["ones"], ["all"], keepdims=0),
        helper.make_node("Sub", ["w", "all"], ["wrong"]),
        helper.make_node("Cast", ["wrong"], ["index"], to=TensorProto.INT64),
        helper.make_node("Gather", ["w", "index"], ["y"]),  # fails at any other size
    ]
    ends = [("x", FLOAT, ["n", 3, "h", None])], [("y", FLOAT, [1])]
    weights = {"wanted": np.array([1, 3, 20, 30]), "w": np.ones(1, np.float32)}
    path = save(tmp_path / "m.onnx", nodes, ends, weights)
    status, _, err = run(
        capsys, "profile", path, "--input-shape", "3x20x30", "--seconds", "0.1", "--json"
    )
    assert (status, err) == (0, "")
    for shape in ("3x20x31", "4x20x30"):
        status, _, err = run(capsys, "profile", path, "--input-shape", shape)
        assert (status, err.count("\n")) == (2, 1)


def test_infinite_weights_warn_once_and_in_the_right_place(capsys, tmp_path, data) -> None:
    path = linear(tmp_path / "m.onnx", weight=np.inf)
    status, out, err = run(capsys, "inspect", path)
    assert (status, err) == (0, "")
    assert "NaN or infinity" in out
    status, out, err = run(capsys, "evaluate", path, "--data", data)
    assert (status, err) == (0, "")
    assert "10 answers are NaN or infinite" in out


def test_a_reference_that_takes_other_data_is_named(capsys, tmp_path, data) -> None:
    model, other = linear(tmp_path / "m.onnx"), linear(tmp_path / "o.onnx", inputs=5)
    status, out, err = run(capsys, "evaluate", model, "--data", data, "--reference", other)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "The reference does not run" in err


def test_several_outputs_are_noted(capsys, tmp_path, data) -> None:
    nodes = [helper.make_node("MatMul", ["x", w], [y]) for w, y in (("v", "a"), ("w", "b"))]
    ends = [("x", FLOAT, ["n", 4])], [("a", FLOAT, ["n", 3]), ("b", FLOAT, ["n", 3])]
    weights = {name: np.eye(4, 3, dtype=np.float32) for name in "vw"}
    found = evaluated(capsys, save(tmp_path / "m.onnx", nodes, ends, weights), "--data", data)
    assert any("first of 2 outputs" in note for note in found["notes"])


# Names -----------------------------------------------------------------------------------------


def test_what_looks_like_markup_is_text(capsys, tmp_path) -> None:
    path = linear(tmp_path / "a[bold] \u00e9 b[bold].onnx", name="x[red]")
    status, out, err = run(capsys, "inspect", path)
    assert (status, err) == (0, "")
    assert "a[bold] \u00e9 b[bold]" in out
    assert "x[red] batch×4" in out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems forbid such names")
def test_a_name_that_is_no_text(capsys, tmp_path, data) -> None:
    path = os.fsdecode(os.fsencode(tmp_path) + b"/m\xff.onnx")
    Path(linear(tmp_path / "m.onnx")).rename(path)
    status, out, err = run(capsys, "inspect", path)
    assert (status, err) == (0, "")
    assert "Rename the file" in out
    status, out, err = run(capsys, "evaluate", path, "--data", data)
    assert (status, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("option", ["--data", "--tokenizer", "--preprocessing"])
def test_a_file_that_is_not_there_is_told_before_anything_is_loaded(option) -> None:
    check = (
        "import sys; from engine.cli import main; "
        f"status = main.run(['evaluate', {MODEL!r}, {option!r}, 'absent']); "
        "sys.exit(100 if 'torch' in sys.modules else status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "espalier: absent does not exist. Check the path.\n"


# Tables ----------------------------------------------------------------------------------------

_NAMES = ("encoder.layers.10.attention.project", "stem.batch_norm", "encoder.layers.10.mlp")


def _network() -> NetworkInfo:
    held = Verdict(prunable=False, reason="The channels reach the network's output.")
    kinds = (LayerKind.CONV_TRANSPOSE2D, LayerKind.BATCH_NORM, LayerKind.LINEAR)
    layers = tuple(
        LayerInfo(name, kind, (2048, 512, 3, 3), "float32", 9_437_184, 37_748_736, 1_234_567_890)
        for name, kind in zip(_NAMES, kinds, strict=True)
    )
    layers = (
        *layers,
        LayerInfo("head", LayerKind.LINEAR, (10, 4), "float32", 40, 160, verdict=held),
    )
    groups = (
        ChannelGroup("alone", _NAMES[:2], 2048),
        ChannelGroup("coupled", _NAMES, 2048),
        ChannelGroup("told", ("head",), 10, frozen_reason=held.reason),
        ChannelGroup("untold", (_NAMES[0],), 64, frozen_reason="A loop reads them."),
    )
    return NetworkInfo("n", Format.ONNX, (), (), layers, groups, 1, 1)


def _printed(value: object, width: int) -> list[str]:
    out = Console(file=io.StringIO(), width=width, highlight=False, markup=False)
    out.print(value)
    lines: list[str] = out.file.getvalue().splitlines()  # type: ignore[attr-defined]  # its kind is known here
    return lines


@pytest.mark.parametrize("width", [50, 80, 100, 160])
def test_nothing_is_cut_off(width) -> None:
    lines = _printed(tables.network(_network()), width)
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    start = next(i for i, line in enumerate(lines) if line.startswith("Layers")) + 1
    first = "".join(line.split()[0] for line in lines[start:] if line.strip())
    assert _NAMES[0][:8] in first


@pytest.mark.parametrize(("width", "whole"), [(80, False), (105, True), (160, True)])
def test_a_row_is_one_line_where_there_is_room(width, whole) -> None:
    lines = _printed(tables.network(_network()), width)
    row = [line for line in lines if line.startswith(_NAMES[0])]
    assert any("37.7 MB" in line and "1.23 G" in line for line in row) == whole


def test_groups_of_a_layer_and_its_norm_are_no_news() -> None:
    lines = _printed(tables.network(_network()), 160)
    start = next(i for i, line in enumerate(lines) if line.startswith("Channel groups"))
    rows = [line.split()[0] for line in lines[start + 2 :] if line[:1].strip()]
    assert rows == ["coupled", "untold"]
    assert any("A loop reads them." in line for line in lines)
    assert any("head" in line and "reach the network's output" in line for line in lines)


@pytest.mark.parametrize("width", [40, 80])
def test_times_are_never_cut_off(width) -> None:
    layers = (LayerLatency(_NAMES[0], 0.0123, 0.75), LayerLatency("other: Softmax", 0.0041, 0.25))
    lines = _printed(tables.profile(Profile(0.0164, 0.001, 1, 1, 9, layers, "r", "p")), width)
    text = "\n".join(lines)
    assert "12.3 µs" in text
    assert "75.00 %" in text
    assert ("█" in text) == (width == 80)


def test_a_network_without_layers_says_so() -> None:
    info = NetworkInfo("n", Format.ONNX, (), (), (), (), 0, 1)
    assert "It has no layers with weights." in _printed(tables.network(info), 80)


# Output ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["methods"], ["methods", "--json"], ["--help"]])
def test_output_that_cannot_be_written(arguments) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "engine.cli.main", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr


def test_a_reader_that_has_gone_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli.main", "methods"],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal(monkeypatch, encoding) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    console.print_json({"name": "3×3 █ \udcff"})
    first = raw.getvalue()
    assert json.loads(first.decode(encoding)) == {"name": "3×3 █ \udcff"}
    console.show("3×3 █")
    assert len(raw.getvalue()) > len(first)


def test_the_bar_is_never_full_and_foretells_what_it_can() -> None:
    begun = console.shown(Progress(1, "Reading", 1, 100, 0.1), "Open")
    assert begun == {"description": "Reading", "completed": 0.01, "total": 1.0, "left": ""}
    half = console.shown(Progress(1, "", 50, 100, 30.0), "Open")
    assert (half["description"], half["left"]) == ("Open", "30 s left")
    assert console.shown(Progress(1, "Reading", 100, 100, 30.0), "Open")["completed"] < 1
    assert console.shown(Progress(1, "Reading"), "Open")["total"] is None
