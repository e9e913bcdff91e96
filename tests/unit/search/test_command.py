"""`espalier sensitivity`: the table and the fields of `--json`."""

from __future__ import annotations

import json

import pytest

from engine.cli import main
from engine.paths import RESOURCES

MODEL = str(RESOURCES / "samples" / "digits.pt2")
DATA = str(RESOURCES / "samples" / "digits.npz")
FIELDS = {
    *("layer", "method", "setting", "predicted_loss", "kl", "top1_drop", "size_bytes", "macs"),
    *("latency_ms", "measured", "interval"),
}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main.run(["sensitivity", MODEL, *arguments]) == 0
    return capsys.readouterr().out


def test_entries_have_the_documented_fields(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "--data", DATA, "--estimate", "--method", "uniform", "--json")
    found = json.loads(text)
    assert {"entries", "seconds", "forward_passes", "samples"} <= found.keys()
    assert all(set(entry) == FIELDS for entry in found["entries"])
    first = found["entries"][0]
    assert first["predicted_loss"] > 0
    assert first["interval"][0] < first["predicted_loss"] < first["interval"][1]
    assert first["kl"] is None
    assert first["measured"] is False
    assert found["forward_passes"] > 1


def test_without_data_the_table_shows_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "--method", "uniform", "--method", "weight")
    assert "--data" in text
    assert "Uniform quantization: weight_bits" in text
    assert "block2.conv2" in text
    assert "Channel pruning" not in text


def test_an_unknown_method_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["sensitivity", MODEL, "--method", "magic"]) == 2
    assert "magic" in capsys.readouterr().err
