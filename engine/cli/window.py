"""The window, as a process of its own: the engine knows nothing of it but its name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from engine.errors import EngineError

_NO_START = -6
"""What Qt ends with when the display that the environment names cannot be used."""


def has_display() -> bool:
    """Whether the system says that there is a screen."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_window(arguments: Sequence[str], *, real: bool = False) -> int:
    """Run the window until it is closed; its exit status.

    Args:
        arguments: Of `python -m studio`.
        real: A window that nobody would see (`QT_QPA_PLATFORM=offscreen`) is not wanted.

    Raises:
        EngineError: There is no display, or it cannot be used.
    """
    if not has_display() and (real or not os.environ.get("QT_QPA_PLATFORM")):
        raise EngineError(
            "There is no display for a window", hint="Use the other commands, see espalier --help."
        )
    status = subprocess.run([sys.executable, "-m", "studio", *arguments], check=False).returncode
    if status == _NO_START:
        raise EngineError(
            "The display cannot be used for a window", hint="Use the other commands instead."
        )
    return status
