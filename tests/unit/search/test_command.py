"""`espalier sensitivity`: the table and the fields of `--json`."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main
from engine.paths import RESOURCES
from engine.search.sums import Sums

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


def test_measured_entries_stand_beside_what_was_predicted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    csv_file, kept = tmp_path / "costs.csv", tmp_path / "kept"
    files = ("--csv", str(csv_file), "--progress", str(kept))
    text = run(capsys, "--data", DATA, "--measure", "--method", "uniform", "--json", *files)
    found = json.loads(text)
    assert found["measured"] == found["asked"] == len(found["entries"])
    assert found["stopped"] is False
    for entry in found["entries"]:
        assert set(entry) == FIELDS
        assert entry["measured"] is True
        assert entry["predicted_loss"] > 0
        assert entry["interval"][0] <= entry["kl"] <= entry["interval"][1]
        assert -1 <= entry["top1_drop"] <= 1
    rows = list(csv.DictReader(csv_file.read_text().splitlines()))
    assert [row["layer"] for row in rows] == [entry["layer"] for entry in found["entries"]]
    assert [float(row["loss"]) for row in rows] == [entry["kl"] for entry in found["entries"]]
    assert {row["measured"] for row in rows} == {"1"}
    assert {row["latency_ms"] for row in rows} == {""}
    again = json.loads(run(capsys, "--data", DATA, "--progress", str(kept), "--json"))
    assert [entry["kl"] for entry in again["entries"]] == [e["kl"] for e in found["entries"]]


def test_the_time_is_kept_to_and_the_rest_is_predicted(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "--data", DATA, "--time", "10ms", "--method", "uniform")
    assert "0 of 50 settings measured" in text
    assert "block2.conv2" in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--measure",), "--data"),
        (("--data", DATA, "--estimate", "--measure"), "exclude"),
        (("--data", DATA, "--estimate", "--time", "5s"), "exclude"),
        (("--data", DATA, "--exact", "--precision", "5%"), "exclude"),
        (("--data", DATA, "--time", "soon"), "soon"),
        (("--data", DATA, "--time", "0s"), "no time"),
        (("--data", DATA, "--precision", "200%"), "precision"),
        (("--data", DATA, "--measure", "--csv", "/nowhere/costs.csv"), "nowhere"),
        (("--data", DATA, "--progress", DATA), "goes on from"),
    ],
)
def test_what_cannot_be_measured_is_told_at_once(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], said: str
) -> None:
    assert main.run(["sensitivity", MODEL, *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_the_first_interrupt_keeps_what_is_finished(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = 0
    add = Sums.add

    def interrupted(*arguments: Any) -> None:
        nonlocal added
        add(*arguments)
        added += 1
        if added == 30:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Sums, "add", interrupted)
    csv_file = tmp_path / "costs.csv"
    text = run(
        capsys, "--data", DATA, "--exact", "--method", "uniform", "--json", "--csv", str(csv_file)
    )
    found = json.loads(text)
    assert found["stopped"] is True
    assert 0 < found["measured"] < found["asked"]
    rows = list(csv.DictReader(csv_file.read_text().splitlines()))
    assert len(rows) == len(found["entries"])
    assert {row["measured"] for row in rows} == {"0", "1"}
