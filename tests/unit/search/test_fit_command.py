"""`espalier fit`: its table, the fields of `--json`, the recipe that it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main
from engine.paths import RESOURCES
from engine.recipe.files import read_file

MODEL = str(RESOURCES / "samples" / "digits.pt2")
DATA = str(RESOURCES / "samples" / "digits.npz")
FIELDS = {
    *("recipe", "file", "predicted", "original", "targets", "met", "choices", "curve", "steps"),
    *("trials", "solver", "gap", "seconds", "solver_seconds", "notes"),
}


def test_the_recipe_is_written_and_its_fields_are_documented(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "recipe.yaml"
    asked = ["--weights", "20%", "--max-drop", "5pt", "--method", "uniform"]
    assert main.run(["fit", MODEL, "--data", DATA, *asked, "-o", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == FIELDS
    assert found["met"]
    assert [one["name"] for one in found["targets"]] == ["weight_bytes", "accuracy_drop"]
    assert all(one["reached"] <= one["wanted"] for one in found["targets"])
    recipe = read_file(out).recipe
    assert recipe.to_data() == found["recipe"]
    assert [step.method for step in recipe.steps] == ["uniform"]


def test_what_cannot_be_met_and_the_steps_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--weights", "1%", "--greedy", "--method", "uniform"]
    assert main.run(["fit", MODEL, "--data", DATA, *asked]) == 0
    text = capsys.readouterr().out
    assert "not met" in text
    assert "cannot be reached; the least is" in text
    assert "method: uniform" in text


def test_runs_are_shown_with_what_they_lost(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--macs", "50%", "--method", "spatial", "--method", "channel", "--rounds", "3"]
    assert main.run(["fit", MODEL, "--data", DATA, *asked]) == 0
    text = capsys.readouterr().out
    runs = text.partition("measured loss")[2].splitlines()[1:3]
    assert [line.split()[0] for line in runs] == ["1", "2"]
    assert all("pt" in line for line in runs)
    assert text.count("← this recipe") <= 1


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ([], "nothing to fit to"),
        (["--size", "small"], "small"),
        (["--size", "25%", "--method", "magic"], "magic"),
        (["--size", "25%"], "--data"),
    ],
)
def test_mistakes_are_one_line(
    capsys: pytest.CaptureFixture[str], asked: list[str], word: str
) -> None:
    assert main.run(["fit", MODEL, *asked]) == 2
    error = capsys.readouterr().err
    assert word in error
    assert len(error.strip().splitlines()) == 1
