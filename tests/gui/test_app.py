"""The program as a whole, before anything is loaded."""

from __future__ import annotations

import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.app import App
from studio.settings import Settings


def test_the_window_does_not_wait_long_for_the_engines_threads(
    qapp, qtbot: QtBot, tmp_path: Path
) -> None:
    before = sys.getswitchinterval()
    program = App(qapp, Settings(tmp_path / "settings.ini"), tmp_path / "home")
    try:
        assert sys.getswitchinterval() <= 0.001
    finally:
        sys.setswitchinterval(before)
        program.destroy()
