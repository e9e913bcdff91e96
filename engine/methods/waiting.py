"""Long calls that cannot be interrupted, in jobs that can."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import torch

from engine.jobs.job import Job

Result = TypeVar("Result")
_LOOK_S = 0.05


def wait_for(work: Callable[[], Result], job: Job) -> Result:
    """What `work` returns, without gradients; it runs beside while this thread looks at the job.

    When the job is canceled this ends at once, and the result is dropped when it is there.

    Raises:
        Cancelled: By the job; or whatever `work` raises.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with torch.no_grad():
                results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again on the thread that waits
            errors.append(error)

    thread = threading.Thread(target=run, name="linear algebra", daemon=True)
    thread.start()
    while thread.is_alive():
        job.checkpoint()
        thread.join(_LOOK_S)
    if errors:
        raise errors[0]
    return results[0]
