"""`espalier compress` on the shipped sample: the file, the numbers, the errors, a stop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from engine.cli import main
from engine.compress.compression import CACHE, compress
from engine.errors import EngineError
from engine.jobs.job import Quiet
from engine.jobs.requests import Compress, DataSource, ModelSource
from engine.paths import RESOURCES

SAMPLES = RESOURCES / "samples"
MODEL = str(SAMPLES / "digits.pt2")
DATA = str(SAMPLES / "digits.npz")
PRUNE = "{method: channel, ratio: 0.3, criterion: magnitude}"
BITS = "{method: uniform, weight_bits: 8, activation_bits: 8}"
RECIPE = f"espalier: 1\nsteps:\n  - {PRUNE}\n  - {BITS}\n"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of one command in this process."""
    status = main.run(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def recipe_file(tmp_path: Path, text: str = RECIPE) -> str:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def request(tmp_path: Path, recipe: str = RECIPE, name: str = "small.onnx", **more) -> Compress:
    more = {"data": DataSource((DATA,)), "limit": 100, "threads": 1, **more}
    return Compress(ModelSource(MODEL), recipe, str(tmp_path / name), **more)


def test_the_documented_fields_and_a_file_that_runs(capsys, tmp_path: Path) -> None:
    out, report = tmp_path / "small.onnx", tmp_path / "report.html"
    arguments = ["--data", DATA, "--recipe", recipe_file(tmp_path), "-o", str(out), "--json"]
    status, text, err = run(capsys, "compress", MODEL, *arguments, "--report", str(report))
    assert (status, err) == (0, "")
    found = json.loads(text)
    assert found["file"] == str(out)
    assert found["verified"] is True
    measured, original = found["measured"], found["original"]
    assert measured["size_bytes"] == out.stat().st_size < 0.5 * original["size_bytes"]
    assert measured["macs"] < 0.8 * original["macs"]
    assert measured["parameters"] == found["predicted"]["parameters"]
    assert found["predicted"]["macs"] == measured["macs"]
    assert measured["source"] == "labels"
    assert measured["samples"] == 500
    assert original["top1"] == pytest.approx(0.994)
    assert measured["top1"] > 0.9
    assert measured["latency_ms"] > 0
    assert [step["method"] for step in found["steps"]] == ["channel", "uniform"]
    assert all(step["metrics"]["top1"] > 0.8 for step in found["steps"])
    assert report.read_text(encoding="utf-8").startswith("<!")
    session = onnxruntime.InferenceSession(out)
    x = np.zeros((3, 1, 8, 8), np.float32)
    assert session.run(None, {"x": x})[0].shape == (3, 10)
    assert json.loads(out.with_suffix(".json").read_text())["input_shape"][1:] == [1, 8, 8]


def test_the_same_recipe_gives_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("a.onnx", "b.onnx"):
        CACHE.clear()
        compress(request(tmp_path, name=name), Quiet())
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]


def test_editing_the_last_step_runs_only_that_step(tmp_path: Path) -> None:
    CACHE.clear()
    first = compress(request(tmp_path), Quiet())
    edited = RECIPE.replace("weight_bits: 8", "weight_bits: 4")
    second = compress(request(tmp_path, edited), Quiet())
    assert [step.cached for step in first.steps] == [False, False]
    assert [step.cached for step in second.steps] == [True, False]
    assert second.measured.size_bytes < first.measured.size_bytes


@pytest.mark.parametrize("name", ["small.pt2", "small.safetensors"])
def test_other_formats(tmp_path: Path, name: str) -> None:
    recipe = f"espalier: 1\nsteps:\n  - {PRUNE}\n"
    result = compress(request(tmp_path, recipe, name), Quiet())
    assert result.verified
    assert result.measured.size_bytes == (tmp_path / name).stat().st_size
    assert result.measured.size_bytes < result.original.size_bytes
    assert result.measured.latency_ms is not None


def test_without_data_accuracy_is_agreement_on_noise(tmp_path: Path) -> None:
    result = compress(request(tmp_path, data=None), Quiet())
    assert result.measured.source == "synthetic"
    assert result.original.top1 == 1.0
    assert any("noise" in note for note in result.notes)


MISTAKES = {
    "no such method": ("  - {method: channels}", ("line 3", "channels", "“channel”?")),
    "no such parameter": ("  - {method: channel, ration: 0.5}", ("line 3", "ration")),
    "no such value": ("  - {method: channel, ratio: 2}", ("line 3", "ratio")),
    "no such layer": (
        "  - method: channel\n    rules:\n      - {layers: cnv1, skip: true}",
        ("line 5", "cnv1"),
    ),
}


@pytest.mark.parametrize(("steps", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_recipe_is_one_line(capsys, tmp_path, steps, words) -> None:
    recipe = recipe_file(tmp_path, f"espalier: 1\nsteps:\n{steps}\n")
    arguments = ("--data", DATA, "--recipe", recipe, "-o", str(tmp_path / "x.onnx"))
    status, out, err = run(capsys, "compress", MODEL, *arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    for word in words:
        assert word in err
    assert not (tmp_path / "x.onnx").exists()


def test_nowhere_to_write_is_said_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="format"):
        compress(request(tmp_path, name="small.bin"), Quiet())
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError):
        compress(request(tmp_path, name="file/small.onnx"), Quiet())


def test_training_without_data_is_refused(tmp_path: Path) -> None:
    recipe = "espalier: 1\nsteps:\n  - {method: finetune, epochs: 1}\n"
    with pytest.raises(EngineError, match="there is no data"):
        compress(request(tmp_path, recipe, data=None), Quiet())


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no device called tpu"):
        compress(request(tmp_path, device="tpu"), Quiet())


def test_an_older_file_stays_when_a_step_fails(tmp_path: Path) -> None:
    path = tmp_path / "small.onnx"
    path.write_bytes(b"older")
    recipe = "espalier: 1\nsteps:\n  - {method: qat}\n"
    with pytest.raises(EngineError):
        compress(request(tmp_path, recipe), Quiet())
    assert path.read_bytes() == b"older"


def test_a_stop_writes_the_steps_that_are_finished(tmp_path: Path) -> None:
    class StopsInFirstStep(Quiet):
        stopping = False

        def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
            self.stopping = self.stopping or text == "Channel pruning"

    CACHE.clear()
    result = compress(request(tmp_path), StopsInFirstStep())
    assert [step.method for step in result.steps] == ["channel"]
    assert any("Stopped early" in note for note in result.notes)
    assert (tmp_path / "small.onnx").exists()
