"""Running a request from a shell: progress on standard error, one line per error, exit codes."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from engine.errors import EngineError
from engine.jobs import events
from engine.jobs.requests import Request
from engine.jobs.runner import run_inline

USER_MISTAKE = 2
CRASH = 1
INTERRUPTED = 130

_WIDE = 160
"""Columns where nobody looks at a terminal: a file or a pipe shall not fold a table."""

out = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False)


class Interrupted(Exception):
    """The user pressed Ctrl-C, and the job has ended."""


class Crash(Exception):
    """A mistake of ours; `str(error)` is its traceback."""


def run(request: Request) -> Any:
    """Run a request here and now, with a progress bar where somebody is watching.

    Raises:
        EngineError: The job failed for a reason that the user can do something about.
        Interrupted: Ctrl-C.
        Crash: Anything else.
    """
    from engine.worker import handle

    outcome: list[Any] = []
    with _bar() as bar:
        task = bar.add_task(request.label, total=None)

        def show(event: events.Event) -> None:
            if isinstance(event, events.Progress):
                known = event.fraction is not None
                bar.update(
                    task,
                    description=event.text or request.label,
                    completed=event.fraction or 0.0,
                    total=1.0 if known else None,
                )
            else:
                outcome.append(event)

        with _terminate_as_interrupt():
            run_inline(handle, request, show)
    return _result(outcome[-1])


def _result(event: Any) -> Any:
    match event:
        case events.Finished(result=result):
            return result
        case events.Failed(error=error):
            raise error
        case events.Crashed(traceback=text):
            raise Crash(text)
        case _:
            raise Interrupted


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
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


def print_json(value: Any) -> None:
    """One object on standard output, whatever the width of the terminal."""
    sys.stdout.write(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def complain(error: EngineError) -> None:
    """The one line of a user's mistake."""
    sys.stderr.write(f"espalier: {error.one_line()}\n")
