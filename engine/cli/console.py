"""Running a request from a shell: progress on standard error, one line per error, exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from engine import units
from engine.jobs import events
from engine.jobs.job import Job
from engine.jobs.requests import Request
from engine.jobs.runner import run_inline
from engine.readers import sandbox

USER_MISTAKE = 2
CRASH = 1
INTERRUPTED = 130

_WIDE = 160
"""Columns where nobody looks at a terminal: a file or a pipe shall not fold a table."""

# Names come from files: what looks like markup in them is text.
out = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, markup=False)

_SURE_S = 1.0
"""Seconds of a stage before its end is foretold."""


class Interrupted(Exception):
    """The user pressed Ctrl-C, and the job has ended."""


class Crash(Exception):
    """A mistake of ours; `str(error)` is its traceback."""


def run(request: Request, *, keep: bool = False) -> Any:
    """Run a request here and now, with a progress bar where somebody is watching.

    Args:
        request: What to do.
        keep: The first Ctrl-C ends the job with what is finished, the second drops it.

    Raises:
        EngineError: The job failed for a reason that the user can do something about.
        Interrupted: Ctrl-C.
        Crash: Anything else.
    """
    outcome: list[Any] = []
    with _bar() as bar:
        task = bar.add_task(request.label, total=None, left="")

        def show(event: events.Event) -> None:
            if isinstance(event, events.Progress):
                bar.update(task, **shown(event, request.label))
            elif isinstance(event, events.Stopping) and event.keep:
                tell("Stopping and keeping what is finished; Ctrl-C again drops it.")
            else:
                outcome.append(event)

        with _terminate_as_interrupt():
            run_inline(_handle, request, show, keep=keep)
    return _result(outcome[-1])


def _handle(request: Request, job: Job) -> Any:
    """Import the worker here, where Ctrl-C is heard, and side by side with the child's imports."""
    sandbox.warm()
    from engine.worker import handle

    return handle(request, job)


def _result(event: Any) -> Any:
    match event:
        case events.Finished(result=result):
            return result
        case events.Stopped(result=result) if result is not None:
            return result
        case events.Failed(error=error):
            raise error
        case events.Crashed(traceback=text):
            raise Crash(text)
        case _:
            raise Interrupted


def shown(event: events.Progress, label: str) -> dict[str, Any]:
    """A stage of the work as the bar has it: never full, or rich would stop its clock there."""
    if event.fraction is None:
        return {"description": event.text or label, "completed": 0.0, "total": None, "left": ""}
    left = event.remaining_s
    return {
        "description": event.text or label,
        "completed": min(event.fraction, 0.999),
        "total": 1.0,
        "left": f"{units.format_duration(left)} left" if left and event.elapsed_s > _SURE_S else "",
    }


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """Let a polite kill end child processes and temporary files as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def show(value: RenderableType) -> None:
    """A table on standard output."""
    with out.capture() as captured:
        out.print(value)
    _write(captured.get())


def print_json(value: Any) -> None:
    """One object on standard output, whatever the width of the terminal."""
    _write(json.dumps(value, indent=1, ensure_ascii=not _is_unicode(), allow_nan=False) + "\n")


def _is_unicode() -> bool:
    return (sys.stdout.encoding or "").lower().startswith("utf")


def _write(text: str) -> None:
    """Write at once, so that a full disk is told of here; what cannot be shown is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def tell(text: str) -> None:
    """What happens on the way, on standard error."""
    err.print(text, soft_wrap=True)


def complain(message: str) -> None:
    """The one line of a user's mistake."""
    sys.stderr.write(f"espalier: {message}\n")


def close_output() -> None:
    """Point standard output nowhere, so that Python does not fail to write it again at its end."""
    with contextlib.suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
