"""Runs a writer's work in a child process, which can be killed and holds no lock of this one."""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.jobs.job import Job
from engine.readers import sandbox
from engine.readers.child import TICK
from engine.readers.limits import Limits


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """A private folder that parent and child both use; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="espalier-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def run_task(
    task: str, arguments: dict[str, Any], folder: Path, limits: Limits, job: Job
) -> dict[str, Any]:
    """Have a child do `task` in `folder`; its result.

    `job.checkpoint` is called at least every 50 ms; a cancelled job kills the child at once.

    Args:
        task: `package.module:function`, called as `function(arguments, folder, job)`.
        arguments: Plain data.
        folder: Where the child may write, and finds what it needs.
        limits: Bounds on time and memory.
        job: Gets the child's progress.

    Raises:
        EngineError: The child failed, crashed, or went over a limit.
        Cancelled: By the job.
    """
    request = {
        "task": task,
        "arguments": arguments,
        "folder": str(folder),
        "trusted": False,
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
    }
    return _result(folder, _attend(sandbox.start(request), job), limits)


def _attend(worker: sandbox.Worker, job: Job) -> sandbox.Ended:
    """Pass the child's progress on until it ends."""
    text, done, total = "Exporting", 0, 0
    try:
        while worker.ended is None:
            for line in worker.listen(TICK):
                with contextlib.suppress(ValueError, TypeError, KeyError):
                    message = json.loads(line)
                    text, done, total = message["text"], message["done"], message["total"]
            job.checkpoint(text, done, total)
        return worker.ended
    finally:
        worker.close()


def _result(folder: Path, ended: sandbox.Ended, limits: Limits) -> dict[str, Any]:
    if ended.why == "time":
        raise EngineError(
            f"Exporting took longer than {limits.seconds:.0f} seconds and was stopped",
            hint="Close other programs, and try again.",
        )
    if ended.why == "memory":
        raise _too_large(limits)
    try:
        result: dict[str, Any] = json.loads((folder / "result.json").read_bytes())
    except (OSError, ValueError) as error:
        how = signal.Signals(-ended.code).name if ended.code < 0 else f"status {ended.code}"
        raise EngineError(
            f"Exporting ended without a result ({how}); nothing was written",
            hint="Try again; if it happens again, this network meets a fault of the exporter.",
        ) from error
    if "error" in result:
        told = result["error"]
        raise EngineError(told["message"], hint=told["hint"], where=told["where"])
    if "broke" in result:
        if result["broke"] == "MemoryError":
            raise _too_large(limits)
        raise EngineError(
            f"The network cannot be written as ONNX: {result['broke']}",
            hint="Write it as .pt2 or .safetensors, which hold any network.",
        )
    ok: dict[str, Any] = result["ok"]
    return ok


def _too_large(limits: Limits) -> EngineError:
    return EngineError(
        f"Exporting took more than {limits.memory_bytes / (1 << 30):.1f} GiB of memory and was "
        "stopped",
        hint="Close other programs, or write it as .pt2 or .safetensors.",
    )
