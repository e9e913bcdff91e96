"""Looks at files before anything is opened: the listing of a model, and what a file would run."""

from __future__ import annotations

from pathlib import Path

from engine.details import ImportsDetail
from engine.info import NetworkInfo
from engine.jobs.job import Job
from engine.jobs.looks import ImportsLook, ListModel
from engine.readers.imports import TASK
from engine.readers.limits import check_file, limits_for
from engine.readers.open import list_model
from engine.readers.sandbox import reading
from engine.readers.wire import checked, texts


def look_at_listing(request: ListModel, job: Job) -> NetworkInfo:
    """Answer a `ListModel`."""
    return list_model(request.model, job)


def look_at_imports(request: ImportsLook, job: Job) -> ImportsDetail:
    """Answer an `ImportsLook`."""
    size = check_file(request.path)
    path = str(Path(request.path).absolute())
    with reading(TASK, {"path": path}, limits_for(size, listing=True), job) as (result, _):
        return ImportsDetail(
            request.path,
            runs_code=result.get("runs_code") is True,
            imports=tuple(checked(texts, result.get("imports"))),
            foreign=tuple(checked(texts, result.get("foreign"))),
        )
