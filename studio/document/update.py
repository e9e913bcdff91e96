"""The next state from a message: pure, total, and quick enough for a slider."""

from __future__ import annotations

from dataclasses import replace

from engine.frozen import FrozenMap
from engine.info import Evaluation, Metrics
from engine.jobs.requests import DataSource
from engine.methods import catalog as _catalog  # noqa: F401 - fills the registry
from engine.recipe.resolve import examine
from studio.document import messages as m
from studio.document import update_edits, update_jobs, update_trials
from studio.document.learned import KEPT
from studio.document.selectors import layer_table
from studio.document.state import (
    CostFacts,
    DataState,
    DocumentState,
    ModelState,
    Opening,
    ProjectState,
)
from studio.document.trial import UNMEASURED


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


# Files ----------------------------------------------------------------------------------------


def _open_model(state: DocumentState, wish: m.OpenModel) -> DocumentState:
    """Another model: what was measured of the last one goes, the recipe and the data stay.

    With another file another project begins.
    """
    old = state.model.source
    if old is not None and old.path != wish.source.path and not wish.moved:
        state = replace(
            state,
            trials=(),
            base=None,
            project=ProjectState(),
            budget=None,
            fitted=None,
            fitted_time=None,
            learned=(),
            notices=tuple(one for one in state.notices if not one.action),  # of the other model
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
        best=None,
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
    if state.evaluation is not None:  # a project's
        original = _with_accuracy(original, state.evaluation)
    if state.profile is not None:
        original = replace(original, latency_ms=state.profile.latency_ms)
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
        state = replace(state, cost=None, cost_facts=CostFacts(), best=None)
    if not _are_the_same(wish.source, state.data.source):
        state = replace(state, learned=())
    if wish.source is None:
        return replace(state, data=DataState(), evaluation=None)
    return replace(state, data=DataState(wish.source, pending=True), evaluation=None)


def _are_the_same(one: DataSource | None, other: DataSource | None) -> bool:
    """Whether two sources give the same samples: that one is trusted by now changes none."""
    if one is None or other is None:
        return one is other
    return replace(one, trusted=other.trusted) == other


def _data_seen(state: DocumentState, news: m.DataSeen) -> DocumentState:
    if news.source != state.data.source:
        return state
    return replace(state, data=DataState(news.source, news.preview, news.error))


def _evaluated(state: DocumentState, news: m.Evaluated) -> DocumentState:
    original = _with_accuracy(state.original, news.evaluation)
    return replace(state, evaluation=news.evaluation, original=original)


def _with_accuracy(metrics: Metrics, found: Evaluation) -> Metrics:
    return replace(
        metrics,
        top1=found.top1,
        source=found.source,
        samples=found.samples,
        interval=found.interval,
    )


def _profiled(state: DocumentState, news: m.Profiled) -> DocumentState:
    original = replace(state.original, latency_ms=news.profile.latency_ms)
    return replace(state, profile=news.profile, original=original)


def _cost(state: DocumentState, news: m.CostKnown) -> DocumentState:
    facts = news.facts or (state.cost_facts if news.table is not None else CostFacts())
    return replace(state, cost=news.table, cost_facts=facts)


def _budget(state: DocumentState, wish: m.AskBudget) -> DocumentState:
    return state if wish.wanted == state.budget else replace(state, budget=wish.wanted)


def _fit_learned(state: DocumentState, news: m.FitLearned) -> DocumentState:
    return replace(state, learned=(*state.learned, *news.runs)[-KEPT:], best=news.best)


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


# Notices --------------------------------------------------------------------------------------

_NOTICES_KEPT = 20


def _told(state: DocumentState, news: m.Told) -> DocumentState:
    same = (news.notice.text, news.notice.hint)
    rest = tuple(one for one in state.notices if (one.text, one.hint) != same)
    return replace(state, notices=(*rest, news.notice)[-_NOTICES_KEPT:])


def _dismiss(state: DocumentState, wish: m.Dismiss) -> DocumentState:
    return replace(state, notices=tuple(one for one in state.notices if one.id != wish.id))


_HANDLERS: m.Handlers = {
    **update_edits.HANDLERS,
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
    m.FitLearned: _fit_learned,
    m.HistoryRead: _history,
    m.Loaded: _loaded,
    m.Saved: _saved,
    m.Trusted: _trusted,
    m.Told: _told,
    m.Dismiss: _dismiss,
    **update_jobs.HANDLERS,
    **update_trials.HANDLERS,
}
