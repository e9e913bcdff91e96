"""The command line on the shipped sample: fields of `--json`, tables, errors, exit status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.cli import main
from engine.paths import RESOURCES

SAMPLES = RESOURCES / "samples"
MODEL = str(SAMPLES / "digits.pt2")
WEIGHTS = str(SAMPLES / "digits.safetensors")
DATA = str(SAMPLES / "digits.npz")
FACTORY = f"{SAMPLES / 'digits_net.py'}:build"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of one command in this process."""
    status = main.run(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def one_object(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    status, out, err = run(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_inspect_prints_the_documented_fields(capsys) -> None:
    found = one_object(capsys, "inspect", MODEL)
    assert found["format"] == "pt2"
    assert found["runnable"] is True
    assert found["inputs"] == [{"name": "x", "shape": ["batch", 1, 8, 8], "dtype": "float32"}]
    assert found["outputs"][0]["shape"] == ["batch", 10]
    assert found["parameters"] == 26_714
    assert found["size_bytes"] == Path(MODEL).stat().st_size
    assert found["activation_bytes"] > 0
    assert found["warnings"] == []
    layers = {layer["name"]: layer for layer in found["layers"]}
    stem = layers["stem"]
    assert {key: stem[key] for key in ("kind", "shape", "parameters", "macs", "group")} == {
        "kind": "conv2d",
        "shape": [16, 1, 3, 3],
        "parameters": 144,
        "macs": 9 * 16 * 64,
        "group": "stem",
    }
    assert stem["size_bytes"] == 4 * 144
    assert stem["verdict"] == "ok"
    assert stem["multiplications"]["direct"] == stem["macs"]
    assert layers["block3.depthwise"]["attributes"]["groups"] == 32
    assert layers["output"]["prunable"] is False
    assert "output" in layers["output"]["verdict"]
    assert found["macs"] == sum(layer["macs"] for layer in found["layers"])
    groups = {group["id"]: group for group in found["groups"]}
    assert groups["stem"]["layers"] == ["stem", "bn", "block1.conv2", "block1.bn2"]
    assert groups["stem"]["channels"] == 16
    assert groups["stem"]["frozen_reason"] == ""
    assert groups["output"]["frozen_reason"] != ""


def test_inspect_gives_the_same_layers_for_every_form(capsys, tmp_path) -> None:
    exported = tmp_path / "digits.onnx"
    from engine.jobs.job import Quiet
    from engine.jobs.requests import ExportOnnx, ModelSource
    from engine.worker import handle

    written = handle(ExportOnnx(ModelSource(MODEL), str(exported)), Quiet())
    assert written.max_relative_difference < 1e-4
    assert (tmp_path / "digits.json").is_file()  # how to prepare a value travels with the file
    original = one_object(capsys, "inspect", MODEL)
    by_factory = one_object(capsys, "inspect", WEIGHTS, "--architecture", FACTORY, "--trust")
    folded = one_object(capsys, "inspect", str(exported))
    for key in ("layers", "groups", "macs", "parameters"):
        if key == "layers":
            for one in (original, by_factory):
                for layer in one["layers"]:
                    layer.pop("source_name")
        assert by_factory[key] == original[key], key
    weighted = [one for one in original["layers"] if one["kind"] != "batch_norm"]
    assert [one["name"] for one in folded["layers"]] == [one["name"] for one in weighted]
    assert [one["macs"] for one in folded["layers"]] == [one["macs"] for one in weighted]
    assert folded["warnings"] == []
    accuracy = one_object(capsys, "evaluate", str(exported), "--data", DATA)
    assert accuracy["top1"] == pytest.approx(0.994)
    assert accuracy["runtime"].startswith("ONNX Runtime")


def test_evaluate_measures_the_test_split(capsys) -> None:
    found = one_object(capsys, "evaluate", MODEL, "--data", DATA)
    described = json.loads((SAMPLES / "digits.json").read_text(encoding="utf-8"))
    assert found["samples"] == 500
    assert found["source"] == "labels"
    assert found["top1"] == pytest.approx(described["measured_test_accuracy"])
    assert found["interval"][0] < found["top1"] < found["interval"][1]
    assert found["top5"] >= found["top1"]
    assert len(found["per_class"]) == 10
    confusion = np.array(found["confusion"])
    assert confusion.sum() == 500
    assert confusion.trace() / 500 == pytest.approx(found["top1"])
    assert found["runtime"].startswith("PyTorch")


def test_evaluate_against_a_reference_without_labels(capsys) -> None:
    found = one_object(capsys, "evaluate", MODEL, "--reference", MODEL)
    assert found["source"] == "synthetic"
    assert found["agreement"] == 1.0
    assert found["kl"] == pytest.approx(0.0, abs=1e-9)
    assert found["max_abs_difference"] == 0.0


def test_evaluate_a_part_of_a_split(capsys) -> None:
    found = one_object(
        capsys, "evaluate", MODEL, "--data", DATA, "--split", "train", "--limit", "64"
    )
    assert found["samples"] == 64


def test_profile_adds_up(capsys) -> None:
    found = one_object(capsys, "profile", MODEL, "--seconds", "0.2", "--batch", "4")
    assert found["batch"] == 4
    assert found["latency_ms"] > 0
    assert sum(layer["share"] for layer in found["layers"]) == pytest.approx(1.0)
    total = sum(layer["latency_ms"] for layer in found["layers"])
    assert total == pytest.approx(found["latency_ms"], rel=1e-6)
    names = {layer["name"] for layer in found["layers"]}
    assert {"stem", "block1.conv1", "hidden", "output"} <= names


def test_tables_are_for_people(capsys) -> None:
    status, out, _ = run(capsys, "inspect", MODEL)
    assert status == 0
    assert "block2.shortcut.0" in out
    assert "reach the network's output" in out
    status, out, _ = run(capsys, "evaluate", MODEL, "--data", DATA)
    assert status == 0
    assert "99.40 %" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["inspect", "absent.onnx"], ["absent.onnx"]),
        (["inspect", __file__], ["not a model", "test_command_line.py"]),
        (["inspect", WEIGHTS, "--architecture", FACTORY], ["trust"]),
        (["inspect"], ["MODEL"]),
        (["prune"], ["No such command"]),
        (["evaluate", MODEL], ["--data", "--reference"]),
        (["evaluate", MODEL, "--data", "absent"], ["absent"]),
        (["evaluate", MODEL, "--data", DATA, "--split", "dev"], ["dev", "train, test"]),
        (["evaluate", MODEL, "--data", DATA, "--limit", "-1"], ["--limit"]),
        (["profile", WEIGHTS], ["FILE.py:FACTORY"]),
        (["inspect", MODEL, "--fix", "x"], ["NAME=VALUE"]),
        (["methods", "no_such_method"], ["no_such_method"]),
    ],
)
def test_a_mistake_gets_one_line_and_status_2(capsys, arguments, words) -> None:
    status, out, err = run(capsys, *arguments)
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert all(word in err for word in words), err


def test_weights_alone_open_for_inspection(capsys) -> None:
    found = one_object(capsys, "inspect", WEIGHTS)
    assert found["runnable"] is False
    assert {layer["name"] for layer in found["layers"]} >= {"stem", "output"}
    assert any("FILE.py:FACTORY" in warning for warning in found["warnings"])


def test_sample_leaves_a_checked_file(tmp_path) -> None:
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "engine.cli.main", "sample", "--headless", "--out", out, "--json"],
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    found = json.loads(done.stdout)
    measured, original = found["measured"], found["original"]
    assert found["verified"] is True
    assert [step["method"] for step in found["steps"]] == ["channel", "finetune", "uniform"]
    assert measured["size_bytes"] == (out / "digits.onnx").stat().st_size
    assert measured["size_bytes"] < 0.2 * original["size_bytes"]
    assert measured["macs"] < 0.5 * original["macs"]
    assert original["top1"] == pytest.approx(0.994)
    assert measured["top1"] > 0.97
    assert measured["latency_ms"] > 0
    assert (out / "report.html").is_file()
    assert (out / "recipe.yaml").read_text().startswith("# The sample's recipe")


def test_interrupt_ends_the_command_and_its_children() -> None:
    command = [sys.executable, "-m", "engine.cli.main", "profile", MODEL, "--seconds", "120"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 100
    while not children and time.monotonic() < deadline:
        time.sleep(0.1)
        children = psutil.Process(process.pid).children(recursive=True)
    assert children, "the file is read in a child process"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "espalier: stopped"
    _, alive = psutil.wait_procs(children, timeout=20)
    assert alive == []
