"""Runs the reading of a file in a child process, with limits, and brings back plain data.

A crash, a hang, a bomb or an attack in the child ends in a `ModelError` here. Nothing that comes
back is trusted: it is JSON of known shape, and a program file that is loaded by the safe loader.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil

import engine
from engine.errors import DataError, EngineError, ModelError, TrustRequired
from engine.jobs.job import Job
from engine.readers.child import LINE, TICK, Watch
from engine.readers.limits import UNCERTAIN, Limits

RESULT_BYTES = 256 << 20
START_SECONDS, START_BYTES = 30.0, 1 << 30
"""What a worker that is not forked may take for its imports, beyond its limits."""
CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "win32"
_KINDS: dict[str, type[EngineError]] = {
    "ModelError": ModelError,
    "TrustRequired": TrustRequired,
    "DataError": DataError,
}


_TRUSTED = "Look at the Python code that it runs, or copy the file again if that is sound."


class Crashed(ModelError):
    """The child ended without a result."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a worker ended: its exit status (negative: the signal), and why if it was made to."""

    code: int
    why: str = ""


class Worker(Protocol):
    """A running child, whichever way it was started."""

    def listen(self, seconds: float) -> list[bytes]:
        """Messages that came in, waiting up to so long for the first."""

    @property
    def ended(self) -> Ended | None:
        """How it ended, once it has."""

    def close(self) -> None:
        """Kill it if it still runs, and let go of it."""


@contextlib.contextmanager
def reading(
    task: str,
    arguments: dict[str, Any],
    limits: Limits,
    job: Job,
    *,
    trusted: bool = False,
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Have a child do `task`; yields its result and the private folder with what it wrote.

    The folder is gone afterwards. `job.checkpoint` is called at least every 50 ms, so a cancelled
    job kills the child at once.

    Args:
        task: A name in `engine.readers.inside.TASKS`.
        arguments: Plain data for it; `path` names the file in messages.
        limits: Bounds on time and memory.
        job: Gets the child's progress; may raise `Cancelled`.
        trusted: The user has said that the file may run code, so the child is not confined.

    Raises:
        ModelError: The file cannot be read, or reading it crashed or went over a limit.
    """
    where = str(arguments.get("path", ""))
    with _temporary_folder() as name:
        folder = Path(name)
        request = {
            "task": task,
            "arguments": arguments,
            "folder": name,
            "trusted": trusted,
            "seconds": limits.seconds,
            "memory_bytes": limits.memory_bytes,
        }
        ended = _run(request, job)
        yield _result(folder, ended, limits, where, trusted=trusted), folder


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="espalier-", ignore_cleanup_errors=True)
    except OSError as error:
        raise ModelError(
            f"A file is read through a temporary folder, and none can be made ({error})",
            hint="Make room, or set TMPDIR to a folder that may be written to.",
        ) from None


def _run(request: dict[str, Any], job: Job) -> Ended:
    worker = start(request)
    progress = ("Opening", 0, 0)
    try:
        while True:
            for line in worker.listen(TICK):
                if (said := _progress(line)) is not None:
                    progress = said
                    job.checkpoint(*progress)
            job.checkpoint(*progress)
            if worker.ended is not None:
                return worker.ended
    finally:
        worker.close()


def _progress(line: bytes) -> tuple[str, int, int] | None:
    """A worker's message, if it is one."""
    try:
        message = json.loads(line)
        return str(message["text"])[:500], int(message["done"]), int(message["total"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _result(
    folder: Path, ended: Ended, limits: Limits, where: str, *, trusted: bool = False
) -> dict[str, Any]:
    if ended.why == "time":
        raise ModelError(
            f"Reading {where} took longer than {limits.seconds:.0f} seconds and was stopped",
            hint=_TRUSTED if trusted else "The file is damaged, or made to overwhelm its reader.",
            where=where,
        )
    if ended.why == "memory":
        raise _too_large(where, limits, trusted)
    try:
        path = folder / "result.json"
        if path.stat().st_size > RESULT_BYTES:
            raise ValueError
        result = json.loads(path.read_bytes())
        if not isinstance(result, dict):
            raise ValueError
    except (OSError, ValueError, RecursionError):
        raise _crashed(ended.code, where, trusted) from None
    if isinstance(error := result.get("error"), dict):
        kind = _KINDS.get(str(error.get("kind")), ModelError)
        texts = [str(error.get(key, ""))[:4_000] for key in ("message", "hint", "where")]
        raise kind(texts[0], hint=texts[1], where=texts[2] or where)
    if isinstance(broke := result.get("broke"), str):
        if broke == "MemoryError":
            raise _too_large(where, limits, trusted)
        raise ModelError(
            f"{where} cannot be read: it is damaged, or uses what is not known here "
            f"({broke[:250]})",
            hint=_TRUSTED if trusted else UNCERTAIN,
            where=where,
        )
    ok = result.get("ok")
    if not isinstance(ok, dict):
        raise _crashed(ended.code, where, trusted)
    return ok


def _too_large(where: str, limits: Limits, trusted: bool) -> ModelError:
    return ModelError(
        f"Reading {where} took more than {limits.memory_bytes / (1 << 30):.1f} GiB of memory and "
        "was stopped",
        hint=_TRUSTED
        if trusted
        else "The file is damaged, made to overwhelm its reader, or too large for this machine.",
        where=where,
    )


def _crashed(code: int, where: str, trusted: bool) -> Crashed:
    how = "ended without a result"
    if code < 0:
        names = {s.value: s.name for s in signal.Signals}
        how = f"crashed ({names.get(-code, f'signal {-code}')})"
    return Crashed(
        f"Reading {where} {how}; nothing else was affected",
        hint=_TRUSTED if trusted else UNCERTAIN,
        where=where,
    )


def command(mode: str) -> list[str]:
    """How the child is started; a frozen program starts itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--espalier-reader", mode]
    # -P: a torch.py in the current folder must not be imported
    return [sys.executable, "-P", "-m", "engine.readers.child", mode]


def _environment() -> dict[str, str]:
    root = str(Path(next(iter(engine.__path__))).parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)}


def start(request: dict[str, Any]) -> Worker:
    """Start a worker for a request."""
    return _NURSERY.fork(request) if CAN_FORK else Started(request)


def warm() -> None:
    """Start the process that workers are forked from, so that the first file need not wait."""
    if CAN_FORK:
        _NURSERY.start()


class _Nursery:
    """The process that workers are forked from; one for the whole program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def start(self) -> socket.socket:
        with self._lock:
            if self._socket is None or self._process is None or self._process.poll() is not None:
                self._stop()
                ours, theirs = socket.socketpair()
                with theirs:
                    self._process = subprocess.Popen(
                        command("serve"),
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        env=_environment(),
                        cwd=tempfile.gettempdir(),
                        start_new_session=True,
                    )
                self._socket = ours
            return self._socket

    def fork(self, request: dict[str, Any]) -> Forked:
        for _ in range(3):
            requests = self.start()
            ours, theirs = socket.socketpair()
            with theirs:
                try:
                    with self._lock:
                        socket.send_fds(requests, [b"!"], [theirs.fileno()])
                    ours.sendall(json.dumps(request).encode() + b"\n")
                except OSError:  # it has died, though it may take a while to be gone
                    ours.close()
                    self._drop(requests)
                    continue
            return Forked(ours)
        raise ModelError(
            "The process that reads files ends as soon as it starts",
            hint="Free some memory, then try again.",
        )

    def _drop(self, requests: socket.socket) -> None:
        with self._lock:
            if self._socket is requests:
                self._stop()

    def _stop(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill()
            self._process.wait()
        self._socket = self._process = None

    def stop(self) -> None:
        with self._lock:
            self._stop()


_NURSERY = _Nursery()
atexit.register(_NURSERY.stop)


class Forked:
    """A worker forked from the nursery; its minder is at the other end of the line."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._kept = b""
        self.ended: Ended | None = None

    def listen(self, seconds: float) -> list[bytes]:
        """Messages of the worker; the minder's last one says how it ended."""
        if not select.select([self._line], [], [], seconds)[0]:
            return []
        try:
            data = self._line.recv(LINE)
        except OSError:
            data = b""
        if not data:
            self.ended = self.ended or Ended(-signal.SIGKILL)
            return []
        *whole, self._kept = (self._kept + data).split(b"\n")
        messages = []
        for line in whole:
            if line.startswith(b'{"ended"'):
                self._end(line)
            else:
                messages.append(line)
        return messages

    def _end(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            self.ended = Ended(int(message["ended"]), str(message["why"]))
        except (ValueError, KeyError, TypeError):
            self.ended = Ended(1)

    def close(self) -> None:
        """Hang up; the minder then kills the worker."""
        self._line.close()


class Started:
    """A worker started from scratch, where there is no fork; this process is its minder."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            command("once"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=tempfile.gettempdir(),
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._watch = Watch(
            self._process.pid,
            Limits(request["seconds"] + START_SECONDS, request["memory_bytes"] + START_BYTES),
        )
        self.ended: Ended | None = None
        threading.Thread(target=self._read, daemon=True).start()
        assert self._process.stdin is not None
        with contextlib.suppress(OSError), self._process.stdin as stdin:
            stdin.write(json.dumps(request).encode() + b"\n")

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as stdout:
            for line in iter(lambda: stdout.readline(LINE), b""):
                self._lines.put(line)
        self._lines.put(None)

    def listen(self, seconds: float) -> list[bytes]:
        """Messages of the worker; looks at its limits too."""
        messages = []
        with contextlib.suppress(queue.Empty):
            while (line := self._lines.get(timeout=seconds)) is not None:
                messages.append(line)
                seconds = 0
            self.ended = Ended(self._process.wait())
        with contextlib.suppress(psutil.Error):
            if self.ended is None and (why := self._watch.look()):
                self._process.kill()
                self.ended = Ended(self._process.wait(), why)
        return messages

    def close(self) -> None:
        """Kill it if it still runs."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
