"""The commands that open the window, where there is no display, or one that cannot be used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import run
from engine.cli.window import has_display, run_window
from engine.errors import EngineError
from engine.paths import RESOURCES

SAMPLE = RESOURCES / "samples" / "digits.pt2"


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.usefixtures("no_display")
def test_without_a_display_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert not has_display()
    assert run([]) == 0
    assert "compress" in capsys.readouterr().out


@pytest.mark.usefixtures("no_display")
def test_open_needs_a_display(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["open", str(SAMPLE)]) == 2
    complaint = capsys.readouterr().err
    assert "no display" in complaint
    assert complaint.count("\n") == 1


def test_open_names_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["open", "gone.onnx"]) == 2
    assert "gone.onnx is not there" in capsys.readouterr().err


def test_a_display_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":9999")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    with pytest.raises(EngineError, match="cannot be used"):
        run_window(())


def test_what_is_opened_reaches_the_window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def take(command: list[str], *, check: bool) -> subprocess.CompletedProcess[bytes]:
        del check
        asked.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", take)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    data = tmp_path / "-data.npz"
    data.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    assert run(["open", str(SAMPLE), "--data", "./-data.npz", "--trust"]) == 0
    assert asked[0][1:] == ["-m", "studio", "--trust", "--", str(SAMPLE), str(data)]


def test_the_window_says_what_it_takes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "studio", "--help"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--sample" in done.stdout


def test_the_sample_runs_without_a_window_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ran: list[Path] = []

    def sample_run(out: Path) -> None:
        ran.append(out)

    monkeypatch.setenv("DISPLAY", ":9999")
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setattr("engine.cli.sample.run", sample_run)
    monkeypatch.setattr("engine.cli.main._print_compressed", lambda *_all, **_more: None)
    assert run(["sample", "--out", str(tmp_path)]) == 0
    assert ran == [tmp_path]
    assert "without one" in capfd.readouterr().err
