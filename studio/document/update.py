"""The next state from a message: pure, total, and quick enough for a slider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.frozen import FrozenMap
from engine.info import Metrics
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
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.recipe.model import Recipe
from engine.recipe.resolve import examine
from studio.document import editing
from studio.document import messages as m
from studio.document.looks import key_of
from studio.document.selectors import layer_table
from studio.document.state import (
    JOBS_KEPT,
    LOOKS_KEPT,
    UNMEASURED,
    CostFacts,
    DataState,
    DocumentState,
    JobState,
    JobStatus,
    Look,
    ModelState,
    Opening,
    ProjectState,
    Trial,
)

DETAILS_KEPT = 8


def update(state: DocumentState, message: m.Message) -> DocumentState:
    """What the document becomes. A message that changes nothing gives the same object back."""
    handler = _HANDLERS.get(type(message))
    if handler is None:
        return state
    new: DocumentState = handler(state, message)
    return _resolved(state, new)


def _resolved(old: DocumentState, new: DocumentState) -> DocumentState:
    """With the plan of the recipe, worked out from the first step that differs."""
    table = layer_table(new)
    if table is None:
        return new if new.resolution is None else replace(new, resolution=None)
    same_table = layer_table(old) is table and old.resolution is not None
    if same_table and new.recipe is old.recipe and new.resolution is not None:
        return new
    previous = old.resolution if same_table else None
    resolution = examine(new.recipe, table, previous=previous)
    step = new.step
    if step is not None and step >= len(new.recipe.steps):
        step = len(new.recipe.steps) - 1 if new.recipe.steps else None
    return replace(new, resolution=resolution, step=step)


# Editing --------------------------------------------------------------------------------------


def _pushed(
    state: DocumentState, label: str, recipe: Recipe, merge_key: str, *, final: bool = True
) -> DocumentState:
    history = state.history.push(label, recipe, merge_key)
    return replace(state, history=history.seal() if final else history)


def _edit(state: DocumentState, wish: m.EditRecipe) -> DocumentState:
    return _pushed(state, wish.label, wish.recipe, wish.merge_key, final=not wish.merge_key)


def _set_facet(state: DocumentState, wish: m.SetFacet) -> DocumentState:
    if state.resolution is None or not wish.layers:
        return state
    recipe, step = editing.set_facet(state, wish)
    key = f"{wish.facet}:{','.join(wish.layers)}"
    label = f"{FACET_LABELS[wish.facet]}: {_some(wish.layers)}"
    return replace(_pushed(state, label, recipe, key, final=wish.final), step=step)


FACET_LABELS = {
    "prune": "Set pruning",
    "weight_bits": "Set weight bits",
    "activation_bits": "Set activation bits",
    "rank": "Set rank",
}


def _set_fields(state: DocumentState, wish: m.SetFields) -> DocumentState:
    if not 0 <= wish.step < len(state.recipe.steps):
        return state
    recipe, step = editing.set_fields(state, wish)
    names = ", ".join(name for name, _ in wish.values)
    key = f"{wish.step}:{names}:{','.join(wish.layers)}"
    whose = _some(wish.layers) if wish.layers else state.recipe.steps[wish.step].method
    return replace(
        _pushed(state, f"Set {names}: {whose}", recipe, key, final=wish.final), step=step
    )


def _set_global(state: DocumentState, wish: m.SetGlobal) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, step = editing.set_global(state, wish)
    label = f"{FACET_LABELS[wish.facet]}: all layers"
    return replace(
        _pushed(state, label, recipe, f"global:{wish.facet}", final=wish.final), step=step
    )


def _reset(state: DocumentState, wish: m.ResetLayers) -> DocumentState:
    recipe, _ = editing.reset_layers(state, wish)
    return _pushed(state, f"Reset: {_some(wish.layers)}", recipe, "")


def _similar(state: DocumentState, wish: m.ApplyToSimilar) -> DocumentState:
    if state.resolution is None:
        return state
    recipe, _ = editing.apply_to_similar(state, wish)
    return _pushed(state, f"Apply to similar: {wish.layer}", recipe, "")


def _lock(state: DocumentState, wish: m.Lock) -> DocumentState:
    names = frozenset(wish.layers)
    return replace(state, locks=state.locks | names if wish.locked else state.locks - names)


def _undo(state: DocumentState, wish: m.Undo) -> DocumentState:
    del wish
    return replace(state, history=state.history.undo())


def _redo(state: DocumentState, wish: m.Redo) -> DocumentState:
    del wish
    return replace(state, history=state.history.redo())


def _go_to(state: DocumentState, wish: m.GoTo) -> DocumentState:
    if not 0 <= wish.index < len(state.history.edits):
        return state
    return replace(state, history=replace(state.history.seal(), cursor=wish.index))


def _select_step(state: DocumentState, wish: m.SelectStep) -> DocumentState:
    inside = wish.step is None or 0 <= wish.step < len(state.recipe.steps)
    return replace(state, step=wish.step) if inside and wish.step != state.step else state


def _select(state: DocumentState, wish: m.Select) -> DocumentState:
    known = () if state.info is None else tuple(layer.name for layer in state.info.layers)
    wanted = set(wish.layers)
    names = tuple(name for name in known if name in wanted)
    current = wish.current if wish.current in names else (names[-1] if names else "")
    if (names, current) == (state.selection, state.current):
        return state
    return replace(state, selection=names, current=current)


def _some(layers: tuple[str, ...]) -> str:
    return layers[0] if len(layers) == 1 else f"{len(layers)} layers"


# Files ----------------------------------------------------------------------------------------


def _open_model(state: DocumentState, wish: m.OpenModel) -> DocumentState:
    """Another model: what was measured of the last one goes, the recipe and the data stay.

    With another file another project begins.
    """
    old = state.model.source
    if old is not None and old.path != wish.source.path and not wish.moved:
        state = replace(
            state, trials=(), base=None, project=ProjectState(), budget=None, fitted=None
        )
    return replace(
        state,
        model=ModelState(wish.source, Opening.READING),
        resolution=None,
        selection=(),
        current="",
        locks=frozenset(),
        original=UNMEASURED,
        evaluation=None,
        profile=None,
        cost=None,
        cost_facts=CostFacts(),
        looks=FrozenMap(),
        details=FrozenMap(),
        chosen=(),
        data=replace(state.data, pending=state.data.source is not None),
    )


def _listed(state: DocumentState, news: m.Listed) -> DocumentState:
    if state.model.opening is not Opening.READING:
        return state
    return replace(state, model=replace(state.model, opening=Opening.LISTED, info=news.info))


def _opened(state: DocumentState, news: m.Opened) -> DocumentState:
    info = news.info
    original = Metrics(info.size_bytes, info.parameters, info.macs, info.activation_bytes)
    known = {layer.name for layer in info.layers}
    return replace(
        state,
        model=replace(state.model, opening=Opening.READY, info=info, error=None),
        original=original,
        selection=tuple(name for name in state.selection if name in known),
        current=state.current if state.current in known else "",
        locks=frozenset(state.locks & known),
    )


def _open_failed(state: DocumentState, news: m.OpenFailed) -> DocumentState:
    return replace(state, model=replace(state.model, opening=Opening.FAILED, error=news.error))


def _open_data(state: DocumentState, wish: m.OpenData) -> DocumentState:
    if wish.source != state.data.source:
        state = replace(state, cost=None, cost_facts=CostFacts())
    if wish.source is None:
        return replace(state, data=DataState(), evaluation=None)
    return replace(state, data=DataState(wish.source, pending=True), evaluation=None)


def _data_seen(state: DocumentState, news: m.DataSeen) -> DocumentState:
    if news.source != state.data.source:
        return state
    return replace(state, data=DataState(news.source, news.preview, news.error))


def _evaluated(state: DocumentState, news: m.Evaluated) -> DocumentState:
    found = news.evaluation
    original = replace(
        state.original,
        top1=found.top1,
        source=found.source,
        samples=found.samples,
        interval=found.interval,
    )
    return replace(state, evaluation=found, original=original)


def _profiled(state: DocumentState, news: m.Profiled) -> DocumentState:
    original = replace(state.original, latency_ms=news.profile.latency_ms)
    return replace(state, profile=news.profile, original=original)


def _cost(state: DocumentState, news: m.CostKnown) -> DocumentState:
    facts = news.facts or (state.cost_facts if news.table is not None else CostFacts())
    return replace(state, cost=news.table, cost_facts=facts)


def _budget(state: DocumentState, wish: m.AskBudget) -> DocumentState:
    return state if wish.wanted == state.budget else replace(state, budget=wish.wanted)


def _use_fit(state: DocumentState, wish: m.UseFit) -> DocumentState:
    new = _pushed(state, "Fit to budget", wish.recipe, "")
    return replace(new, fitted=wish.recipe, step=0 if wish.recipe.steps else None)


def _history(state: DocumentState, news: m.HistoryRead) -> DocumentState:
    steps = len(news.history.recipe.steps)
    return replace(state, history=news.history, step=0 if steps else None)


def _loaded(state: DocumentState, news: m.Loaded) -> DocumentState:
    """Another project; what is not the project's stays."""
    return replace(
        news.state,
        engine_ready=state.engine_ready,
        versions=state.versions,
        trusted=state.trusted | news.state.trusted,
        jobs=state.jobs,
    )


def _saved(state: DocumentState, news: m.Saved) -> DocumentState:
    return replace(state, project=ProjectState(news.folder, news.titled, news.at))


def _trusted(state: DocumentState, news: m.Trusted) -> DocumentState:
    return replace(state, trusted=state.trusted | {news.path})


# Jobs and looks -------------------------------------------------------------------------------


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


# Trials ---------------------------------------------------------------------------------------


def _trial_done(state: DocumentState, news: m.TrialDone) -> DocumentState:
    trials = (*(one for one in state.trials if one.id != news.trial.id), news.trial)
    original = _merged(state.original, news.trial.original)
    state = replace(state, trials=trials, base=news.trial.id, original=original)
    return _with_details(state, news.trial.id, news.result)


def _merged(known: Metrics, fresh: Metrics) -> Metrics:
    """What is known of the original, with what a run has measured where it was not."""
    if known.latency_ms is None:
        known = replace(known, latency_ms=fresh.latency_ms)
    if known.top1 is not None:
        return known
    return replace(
        known,
        top1=fresh.top1,
        source=fresh.source,
        samples=fresh.samples,
        interval=fresh.interval,
    )


def _details(state: DocumentState, news: m.DetailsRead) -> DocumentState:
    return _with_details(state, news.trial, news.result)


def _with_details(state: DocumentState, trial: int, result: Any) -> DocumentState:
    kept = {key: value for key, value in state.details.items() if key != str(trial)}
    while len(kept) >= DETAILS_KEPT:
        del kept[next(iter(kept))]
    return replace(state, details=FrozenMap({**kept, str(trial): result}))


def _choose(state: DocumentState, wish: m.ChooseTrials) -> DocumentState:
    known = {0, *(one.id for one in state.trials if not one.deleted)}
    return replace(state, chosen=tuple(dict.fromkeys(one for one in wish.ids if one in known)))


def _restore(state: DocumentState, wish: m.RestoreTrial) -> DocumentState:
    trial = state.trial(wish.id)
    if trial is None:
        return state
    new = _pushed(state, f"Back to {trial.name}", trial.recipe, "")
    return replace(new, base=trial.id)


_CHANGEABLE = frozenset({"name", "pinned", "remark", "deleted"})


def _change_trial(state: DocumentState, wish: m.ChangeTrial) -> DocumentState:
    changes = {name: value for name, value in wish.changes if name in _CHANGEABLE}

    def change(one: Trial) -> Trial:
        return replace(one, **changes) if one.id == wish.id else one

    trials = tuple(change(one) for one in state.trials)
    alive = {0, *(one.id for one in trials if not one.deleted)}
    return replace(state, trials=trials, chosen=tuple(one for one in state.chosen if one in alive))


# Notices --------------------------------------------------------------------------------------

_NOTICES_KEPT = 20


def _told(state: DocumentState, news: m.Told) -> DocumentState:
    same = (news.notice.text, news.notice.hint)
    rest = tuple(one for one in state.notices if (one.text, one.hint) != same)
    return replace(state, notices=(*rest, news.notice)[-_NOTICES_KEPT:])


def _dismiss(state: DocumentState, wish: m.Dismiss) -> DocumentState:
    return replace(state, notices=tuple(one for one in state.notices if one.id != wish.id))


_HANDLERS: dict[type, Callable[[DocumentState, Any], DocumentState]] = {
    m.EditRecipe: _edit,
    m.SetFacet: _set_facet,
    m.SetFields: _set_fields,
    m.SetGlobal: _set_global,
    m.ResetLayers: _reset,
    m.ApplyToSimilar: _similar,
    m.Lock: _lock,
    m.Undo: _undo,
    m.Redo: _redo,
    m.GoTo: _go_to,
    m.SelectStep: _select_step,
    m.Select: _select,
    m.OpenModel: _open_model,
    m.Listed: _listed,
    m.Opened: _opened,
    m.OpenFailed: _open_failed,
    m.OpenData: _open_data,
    m.DataSeen: _data_seen,
    m.Evaluated: _evaluated,
    m.Profiled: _profiled,
    m.CostKnown: _cost,
    m.AskBudget: _budget,
    m.UseFit: _use_fit,
    m.HistoryRead: _history,
    m.Loaded: _loaded,
    m.Saved: _saved,
    m.Trusted: _trusted,
    m.JobAdded: _job_added,
    m.JobNews: _job_news,
    m.ClearJobs: _clear_jobs,
    m.Ask: _ask,
    m.LookAnswered: _answered,
    m.EngineReady: _engine_ready,
    m.TrialDone: _trial_done,
    m.DetailsRead: _details,
    m.ChooseTrials: _choose,
    m.RestoreTrial: _restore,
    m.ChangeTrial: _change_trial,
    m.Told: _told,
    m.Dismiss: _dismiss,
}
