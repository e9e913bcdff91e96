"""Two trials over the samples that both have answered."""

from __future__ import annotations

from engine.jobs.job import Job
from engine.jobs.looks import VersusLook
from engine.trials import Versus, load_answers, versus


def look_at_answers(request: VersusLook, job: Job) -> Versus:
    """Answer a `VersusLook`."""
    job.checkpoint("Reading answers")
    first = load_answers(request.first)
    return versus(first, load_answers(request.second) if request.second else None)
