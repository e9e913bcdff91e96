"""Loads what the first jobs need, before anybody waits for it."""

from __future__ import annotations

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from engine.compress.measuring import versions
from engine.details import Ready
from engine.jobs.job import Job
from engine.jobs.requests import ModelSource, WarmUp
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.opened import OpenModels
from engine.paths import RESOURCES
from engine.readers import sandbox
from engine.registry import REGISTRY

_LATE = ("torch._dynamo", "torch.export", "onnxruntime", "onnxscript", "scipy.optimize")
"""What the modules above import only when it is first used."""


def warm_up(request: WarmUp, job: Job) -> Ready:
    """Answer a `WarmUp`.

    The first optimizer imports hundreds of modules, and while they load nothing else runs for
    tenths of a second: better before the user has begun to work.
    """
    sandbox.warm()
    with _no_garbage():
        _load(job)
    threads = request.threads or max(cores() - 1, 1)
    torch.set_num_threads(threads)
    return Ready(versions(), threads, devices())


@contextmanager
def _no_garbage() -> Iterator[None]:
    """What is loaded meanwhile stays: nobody looks through all of it for garbage, ever.

    That would stop every thread for tenths of a second, time and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if was_enabled:
            gc.enable()


def _load(job: Job) -> None:
    methods = [method for method in REGISTRY if isinstance(method.run, str)]
    total = len(_LATE) + len(methods) + 2
    for done, name in enumerate(_LATE):
        job.checkpoint("Loading libraries", done, total)
        importlib.import_module(name)
    for done, method in enumerate(methods, start=len(_LATE)):
        job.checkpoint("Loading methods", done, total)
        method.load_run()
    job.checkpoint("Trying a training step", total - 2, total)
    _train_a_step()
    job.checkpoint("Opening the sample", total - 1, total)
    _open_the_sample(job)
    job.checkpoint("Ready", total, total)


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def devices() -> tuple[str, ...]:
    """Where networks can be trained."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return ("cpu", *(name for name, is_there in there.items() if is_there))


def _train_a_step() -> None:
    """Forward, backward, optimizer: each loads something at its first use."""
    layer = nn.Conv2d(1, 2, 3)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, momentum=0.9)
    layer(torch.zeros(1, 1, 4, 4)).sum().backward()
    optimizer.step()


def _open_the_sample(job: Job) -> None:
    """Reading, lifting and describing load much at their first use, too."""
    sample = RESOURCES / "samples" / "digits.pt2"
    if sample.is_file():
        _ = OpenModels().open(ModelSource(str(sample)), job).info
