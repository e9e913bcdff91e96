"""Long linear algebra that can be canceled: it runs beside, and this thread looks at the job."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import torch

from engine.jobs.job import Job

T = TypeVar("T")
_LOOK_S = 0.05


def wait_for(work: Callable[[], T], job: Job) -> T:
    """What `work` returns; without gradients.

    A call into LAPACK takes seconds for a large layer and cannot be interrupted. When the job is
    canceled, this returns at once and the result is dropped as soon as it is there.

    Raises:
        Cancelled: By the job, or whatever `work` raises.
    """
    results: list[T] = []
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
