"""News of jobs, and the answers of looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.frozen import FrozenMap
from engine.jobs.events import (
    Crashed,
    Failed,
    Finished,
    Metric,
    Paused,
    Progress,
    Resumed,
    Started,
    Stopped,
    Stopping,
)
from studio.document import messages as m
from studio.document.looks import key_of
from studio.document.state import (
    JOBS_KEPT,
    LOOKS_KEPT,
    DocumentState,
    JobState,
    JobStatus,
    Look,
)


def _job_added(state: DocumentState, news: m.JobAdded) -> DocumentState:
    if state.job(news.job.number) is not None:
        return state
    jobs = (*state.jobs, news.job)
    over = [job.number for job in jobs if job.status.is_over]
    drop = frozenset(over[: max(len(over) - JOBS_KEPT, 0)])
    return replace(state, jobs=tuple(job for job in jobs if job.number not in drop))


def _job_news(state: DocumentState, news: m.JobNews) -> DocumentState:
    number = news.event.job
    for index, job in enumerate(state.jobs):
        if job.number == number:
            new = _after_event(job, news.event)
            if new is job:
                return state
            return replace(state, jobs=(*state.jobs[:index], new, *state.jobs[index + 1 :]))
    return state


def _after_event(job: JobState, event: Any) -> JobState:
    match event:
        case Started():
            return replace(job, status=JobStatus.RUNNING)
        case Progress():
            return replace(
                job,
                text=event.text or job.text,
                done=event.done,
                total=event.total,
                elapsed_s=event.elapsed_s,
            )
        case Metric():
            return replace(job, chunks=(*job.chunks, event.points))
        case Paused():
            return replace(job, status=JobStatus.PAUSED)
        case Resumed():
            return replace(job, status=JobStatus.RUNNING)
        case Stopping():
            return replace(job, status=JobStatus.STOPPING)
        case Finished():
            return replace(job, status=JobStatus.FINISHED)
        case Stopped():
            return replace(job, status=JobStatus.STOPPED)
        case Failed():
            return replace(job, status=JobStatus.FAILED, error=event.error)
        case Crashed():
            return replace(
                job, status=JobStatus.CRASHED, text=event.summary, traceback=event.traceback
            )
    return job


def _clear_jobs(state: DocumentState, wish: m.ClearJobs) -> DocumentState:
    del wish
    return replace(state, jobs=tuple(job for job in state.jobs if not job.status.is_over))


def _ask(state: DocumentState, wish: m.Ask) -> DocumentState:
    key = key_of(wish.request)
    known = state.looks.get(key)
    if known is not None and (known.pending or known.error is None):
        return state
    return _with_look(state, key, Look(wish.request))


def _answered(state: DocumentState, news: m.LookAnswered) -> DocumentState:
    known = state.looks.get(news.key)
    if known is None:
        return state
    if news.result is None and news.error is None:  # dropped: it may be asked again
        rest = {key: look for key, look in state.looks.items() if key != news.key}
        return replace(state, looks=FrozenMap(rest))
    done = replace(known, result=news.result, error=news.error, pending=False)
    return _with_look(state, news.key, done)


def _with_look(state: DocumentState, key: str, look: Look) -> DocumentState:
    """The newest last; the oldest answers go."""
    looks = {name: one for name, one in state.looks.items() if name != key}
    spare = [name for name, one in looks.items() if not one.pending]
    for name in spare[: max(len(looks) + 1 - LOOKS_KEPT, 0)]:
        del looks[name]
    looks[key] = look
    return replace(state, looks=FrozenMap(looks))


def _engine_ready(state: DocumentState, news: m.EngineReady) -> DocumentState:
    return replace(state, engine_ready=True, versions=FrozenMap(dict(news.versions)))


HANDLERS: m.Handlers = {
    m.JobAdded: _job_added,
    m.JobNews: _job_news,
    m.ClearJobs: _clear_jobs,
    m.Ask: _ask,
    m.LookAnswered: _answered,
    m.EngineReady: _engine_ready,
}
