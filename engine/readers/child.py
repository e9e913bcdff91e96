"""The other end of `sandbox`: a process that reads files, so that the window's does not have to.

`python -m engine.readers.child serve` imports what reading needs, once, and then, for each request,
forks a *minder*, which forks the *worker* that reads the file. The worker is confined; the minder
watches its time and memory, kills it when the parent hangs up, and tells how it ended. A fork takes
some 20 ms where a start takes 4 s. Where there is no fork, `python -m engine.readers.child once`
is the worker, and the parent is its minder.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from engine.errors import Cancelled, EngineError
from engine.readers.confine import adopt_orphans, confine, die_with_parent, limit_resources
from engine.readers.limits import Limits

PRELOAD = ("engine.readers.inside", "torch._dynamo", "torch._export.converter")
LINE = 1 << 16
"""Longest message; a worker that says more is not listened to."""
TICK = 0.03
"""Seconds between two looks at the worker."""


def main() -> None:
    """Run as `serve` or as `once`."""
    if sys.argv[1:] == ["serve"]:
        serve(socket.socket(fileno=os.dup(0)))
    elif sys.argv[1:] == ["once"]:
        request = json.loads(sys.stdin.buffer.readline())
        out = os.dup(1)
        _silence()
        work(request, lambda message: _tell(out, message))


def _silence() -> None:
    """Point the standard streams nowhere; libraries print there what they like."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)


def _tell(handle: int, message: dict[str, Any]) -> None:
    os.write(handle, json.dumps(message).encode()[: LINE - 1] + b"\n")


def preload() -> None:
    """Import what every worker needs, before the first fork."""
    import warnings

    warnings.simplefilter("ignore")
    for name in PRELOAD:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()


def serve(requests: socket.socket) -> None:
    """Fork a minder for each socket that comes in; end when the parent hangs up.

    A signal at the parent's death would come when the *thread* that started this process ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # minders are not waited for
    _silence()
    preload()
    while True:
        data, handles, _, _ = socket.recv_fds(requests, 1, 1)
        if not data:
            return
        with socket.socket(fileno=handles[0]) as line:
            if os.fork() == 0:
                requests.close()
                with contextlib.suppress(BaseException):
                    mind(line)
                os._exit(0)


def mind(line: socket.socket) -> None:
    """Start a worker for the request that comes over `line`, watch it, and say how it ended.

    Once started, a minder needs nobody: it goes on when `serve` is killed, and where the parent has
    hung up, dead or not, it removes the folder that is left.
    """
    adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = json.loads(line.makefile("rb").readline())
    reading, writing = os.pipe()
    worker = os.fork()
    if worker == 0:
        with contextlib.suppress(BaseException):
            die_with_parent()
            os.setpgid(0, 0)
            line.close()
            os.close(reading)
            work(request, lambda message: _tell(writing, message))
        os._exit(0)
    os.close(writing)
    limits = Limits(request["seconds"], request["memory_bytes"])
    why = _attend(line, reading, worker, Watch(worker, limits))
    with contextlib.suppress(OSError):
        os.killpg(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    code = os.waitstatus_to_exitcode(status)
    _end_orphans()
    if why == "cancelled":
        shutil.rmtree(request["folder"], ignore_errors=True)
        return
    line.sendall(json.dumps({"ended": code, "why": why}).encode() + b"\n")


def _attend(line: socket.socket, reading: int, worker: int, watch: Watch) -> str:
    """Pass the worker's messages on until it ends or has to be ended; returns why ("" = itself)."""
    kept = b""
    while True:
        # before the last look at its messages; what it started may keep the pipe open
        ended = os.waitid(os.P_PID, worker, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        ready = select.select([line.fileno(), reading], [], [], 0 if ended else TICK)[0]
        if line.fileno() in ready:
            return "cancelled"  # the parent says nothing after its request: it has hung up
        if reading in ready:
            data = os.read(reading, LINE)
            if not data:
                return ""
            *whole, kept = (kept + data).split(b"\n")
            kept = kept[-LINE:]
            for message in whole:
                line.sendall(message + b"\n")
        elif ended:
            return ""
        if why := watch.look():
            return why


def _end_orphans() -> None:
    """Kill what the worker started and left behind, where the system made it this process's."""
    for _ in range(10):  # a child may fork once more while it is being killed
        left = psutil.Process().children(recursive=True)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not left:
            return
        psutil.wait_procs(left, timeout=1)


class Watch:
    """Compares one process with its limits."""

    def __init__(self, pid: int, limits: Limits) -> None:
        self._process = psutil.Process(pid)
        self._limits = limits
        self._until = time.monotonic() + limits.seconds
        self._base = self._memory()
        self._next = 0.0

    def _memory(self) -> int:
        return int(self._process.memory_info().rss)

    def look(self) -> str:
        """Which limit it is over: `time`, `memory` or none."""
        now = time.monotonic()
        if now > self._until:
            return "time"
        if now < self._next:
            return ""
        self._next = now + TICK
        with contextlib.suppress(psutil.Error):
            if self._memory() - self._base > self._limits.memory_bytes:
                return "memory"
        return ""


class Reporter:
    """The worker's job: what it reports goes up the pipe. It is cancelled by being killed."""

    stopping = False

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._next = 0.0

    def checkpoint(self, text: str = "", done: int = 0, total: int = 0) -> None:
        """Report, at most 20 times a second."""
        now = time.monotonic()
        if now >= self._next or done == total:
            self._next = now + 0.05
            self._tell({"text": text[:500], "done": done, "total": total})

    def metric(self, name: str, step: int, value: float) -> None:
        """Reading has no curves."""

    def partial(self, value: Any) -> None:
        """Nor has it results on the way."""


def work(request: dict[str, Any], tell: Callable[[dict[str, Any]], None]) -> None:
    """Do what a request asks for and leave the result in its folder, as `result.json`."""
    if hasattr(os, "register_at_fork"):
        _silence()
    folder = Path(request["folder"])
    os.chdir(folder)
    limit_resources(request["memory_bytes"], request["seconds"])
    task = task_of(request["task"])
    if not request["trusted"]:
        confine(folder)
    result = attempt(task, request["arguments"], folder, Reporter(tell))
    unfinished = folder / "result.part"
    unfinished.write_text(json.dumps(result))
    unfinished.rename(folder / "result.json")


def task_of(name: str) -> Callable[..., dict[str, Any]]:
    """A task of `engine.readers.inside` by its name, or any `module:function` of the engine.

    Import it before the process is confined: what a module opens for writing is none of the file's.
    """
    module, _, function = name.rpartition(":")
    task: Callable[..., dict[str, Any]]
    if module:
        task = getattr(importlib.import_module(module), function)
    else:
        task = importlib.import_module("engine.readers.inside").TASKS[name]
    return task


def attempt(
    task: Callable[..., dict[str, Any]], arguments: dict[str, Any], folder: Path, job: Reporter
) -> dict[str, Any]:
    """Run a task; its result, or the error as plain text."""
    try:
        return {"ok": task(arguments, folder, job)}
    except EngineError as error:
        return {
            "error": {
                "kind": type(error).__name__,
                "message": error.message,
                "hint": error.hint,
                "where": error.where,
            }
        }
    except (MemoryError, RecursionError) as error:
        return {"broke": type(error).__name__}
    except Cancelled:
        return {"broke": "Cancelled"}
    except BaseException as error:  # noqa: BLE001  (the file may have made anything happen)
        lines = str(error).strip().splitlines()
        return {"broke": f"{type(error).__name__}: {lines[0][:200] if lines else ''}"}


if __name__ == "__main__":
    main()
