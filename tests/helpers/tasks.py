"""What a child process can be asked to do, for tests of those who ask."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.jobs.job import Job


def echo(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Report, and give back what came."""
    job.checkpoint("Half", 1, 2)
    (folder / "made").write_text("here")
    return {"arguments": arguments}


def refuse(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Fail as the engine does."""
    raise EngineError("It does not work", hint="Do something else.", where="conv1")


def stumble(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Fail as nothing should."""
    raise KeyError("missing")


def crash(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """End at once."""
    os.abort()


def hang(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Never end."""
    job.checkpoint(f"pid {os.getpid()}", 0, 1)
    time.sleep(600)
    return {}


def hoard(arguments: dict[str, Any], folder: Path, job: Job) -> dict[str, Any]:
    """Take ever more memory."""
    kept = []
    while True:
        kept.append(os.urandom(1 << 20) * 16)
        time.sleep(0.01)
